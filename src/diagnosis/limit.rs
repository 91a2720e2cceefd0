//! Limits the number of tests. Each test dials an address that a person has typed, so only a few may run at once and
//! per minute.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most tests at once.
const AT_ONCE: usize = 4;

/// The most tests begun within [`WITHIN`].
const IN_A_ROW: usize = 20;
const WITHIN: Duration = Duration::from_secs(60);

/// No test may start now; try again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tests")]
pub struct TooMany {
    /// When there will probably be room.
    pub retry_after: Duration,
}

/// The tests of this process.
#[derive(Debug, Default)]
pub struct Tests {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    /// The start times of the latest tests.
    begun: VecDeque<Instant>,
    count: u8,
}

/// The permission to run one test; dropping it releases the permission.
#[derive(Debug)]
pub struct Seat {
    number: u8,
    tests: Arc<Tests>,
}

impl Tests {
    /// Takes the permission to run a test.
    ///
    /// # Errors
    /// Fails if too many tests are running or were started recently.
    pub fn take(self: &Arc<Self>, now: Instant) -> Result<Seat, TooMany> {
        let mut state = self.lock();
        while state.begun.front().is_some_and(|begun| now.saturating_duration_since(*begun) >= WITHIN) {
            state.begun.pop_front();
        }
        let oldest = state.begun.front().copied().filter(|_| state.begun.len() >= IN_A_ROW);
        if let Some(oldest) = oldest {
            return Err(TooMany { retry_after: (oldest + WITHIN).saturating_duration_since(now) });
        }
        if state.running >= AT_ONCE {
            return Err(TooMany { retry_after: Duration::from_secs(10) });
        }
        state.begun.push_back(now);
        state.running += 1;
        // Two digits at most, because the number is part of thread names.
        state.count = state.count % 99 + 1;
        Ok(Seat { number: state.count, tests: Arc::clone(self) })
    }

    /// Waits until no test is running, for `at_most`.
    pub fn wait_until_none(&self, at_most: Duration) {
        // The caller proceeds in either case.
        let _ = self.changed.wait_timeout_while(self.lock(), at_most, |state| state.running > 0);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Returns the number of the test, which cycles from 1 to 99.
    pub fn number(&self) -> u8 {
        self.number
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.tests.lock().running -= 1;
        self.tests.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn four_run_at_once_and_twenty_begin_in_a_minute() {
        let tests = Arc::new(Tests::default());
        let start = clock::now();
        let running: Vec<Seat> = (0..4).map(|_| tests.take(start).expect("room")).collect();
        assert_eq!(running.iter().map(Seat::number).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(tests.take(start).map(|seat| seat.number()), Err(TooMany { retry_after: Duration::from_secs(10) }));
        drop(running);
        for _ in 4..20 {
            drop(tests.take(start + Duration::from_secs(5)).expect("room"));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(tests.take(later).map(|_| ()), Err(TooMany { retry_after: Duration::from_secs(40) }));
        assert!(tests.take(start + Duration::from_secs(60)).is_ok());
        tests.wait_until_none(Duration::ZERO);
    }
}
