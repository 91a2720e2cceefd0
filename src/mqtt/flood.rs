//! Counts how long a printer that sends too much was held back (see `mqtt::pace`), and logs it once an hour.

use crate::base::failure_log::FailureLog;
use crate::printer::label::Label;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A flood counts as current for this long.
const RECENT: Duration = Duration::from_secs(60);

/// The flood record of one printer.
#[derive(Debug, Default)]
pub struct Flood(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waited: Duration,
    last: Option<Instant>,
    failure_log: FailureLog<()>,
}

impl Flood {
    /// Records that the printer had to wait for `waited`.
    pub fn held_back(&self, owner: Label, waited: Duration, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waited += waited;
        state.last = Some(now);
        if state.failure_log.note((), now).is_some() {
            log::warn!(
                "{owner}: mqtt: the printer sends more than 50 packets or 1 MiB a second; what is over that is read later"
            );
        }
    }

    /// Returns how long the printer was held back in total.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).waited
    }

    /// Whether the printer was held back within the last minute.
    #[must_use]
    pub fn is_recent(&self, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).last;
        last.is_some_and(|last| now.saturating_duration_since(last) < RECENT)
    }
}
