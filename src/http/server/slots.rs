//! How many connections are open and what each of them is doing.

use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread;
use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How often the stop is checked while all slots are taken.
const FULL_TICK: Duration = Duration::from_millis(200);

/// While all slots are taken, a connection without a request for this long loses its slot.
const IDLE_WHEN_FULL: Duration = Duration::from_secs(5);

/// How often connections that still answer after the stop are checked.
const IDLE_TICK: Duration = Duration::from_millis(5);

/// The activity of a connection's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    /// It waits for a request.
    Waiting,
    /// It reads a request's body.
    ReadingBody,
    /// It makes or writes an answer.
    Answering,
    /// It holds a request.
    Holding,
    /// It writes an endless answer.
    Streaming,
}

impl SlotState {
    /// Returns what the thread waits for in this state, for a thread dump.
    fn waits_for(self) -> &'static str {
        match self {
            Self::Waiting => "a request",
            Self::ReadingBody => "the body of a request",
            Self::Answering => "its answer to be made and written",
            Self::Holding => "what a held request asks for",
            Self::Streaming => "the next piece of an endless answer, or its viewer",
        }
    }
}

/// The open connections, of a fixed number.
#[derive(Debug)]
pub struct Slots {
    limit: usize,
    taken: Mutex<Taken>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    last_number: u64,
    rows: BTreeMap<u64, Arc<Row>>,
}

/// Each row has its own lock, so connections do not contend.
#[derive(Debug)]
struct Row {
    doing: Mutex<(SlotState, Instant)>,
    /// Empty until a client has connected.
    socket: OnceLock<Arc<TcpStream>>,
}

/// The slot of one connection; dropping it frees the slot.
#[derive(Debug)]
pub struct Slot {
    number: u64,
    row: Arc<Row>,
    slots: Arc<Slots>,
}

impl Slots {
    /// Creates free slots.
    pub fn new(limit: usize) -> Self {
        Self { limit, taken: Mutex::default(), freed: Condvar::new() }
    }

    /// Returns the number of slots.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a slot. While all are taken, it waits for one until the stop. Meanwhile it closes the connection that has
    /// waited longest for a next request: an idle connection may be closed at any time, and its client opens another
    /// (RFC 9112 §9.5).
    pub fn take(self: &Arc<Self>, stop: &Stop) -> Option<Slot> {
        let mut taken = self.lock();
        while taken.rows.len() >= self.limit {
            taken = self.freed.wait_timeout(taken, FULL_TICK).unwrap_or_else(PoisonError::into_inner).0;
            if stop.is_stopped() {
                return None;
            }
            taken.show_out(clock::now());
        }
        taken.last_number += 1;
        let doing = Mutex::new((SlotState::Waiting, clock::now()));
        let (number, row) = (taken.last_number, Arc::new(Row { doing, socket: OnceLock::new() }));
        taken.rows.insert(number, Arc::clone(&row));
        Some(Slot { number, row, slots: Arc::clone(self) })
    }

    /// Returns how many have been taken since the start.
    pub fn count(&self) -> u64 {
        self.lock().last_number
    }

    /// Returns what every open connection does, and since when.
    pub fn look(&self) -> Vec<(SlotState, Instant)> {
        self.lock().rows.values().map(|row| row.look()).collect()
    }

    /// Waits for `at_most` until no answer is being made or written.
    pub fn wait_until_idle(&self, at_most: Duration) {
        let until = clock::now() + at_most;
        let is_busy = |(doing, _): &(SlotState, Instant)| matches!(doing, SlotState::Answering | SlotState::Holding);
        while self.look().iter().any(is_busy) && clock::now() < until {
            // All are checked again, whether one was freed or not.
            let _ = self.freed.wait_timeout(self.lock(), IDLE_TICK);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Ends the connection that has been idle longest; its own thread then frees the slot.
    fn show_out(&self, now: Instant) {
        let idle = |row: &&Arc<Row>| {
            let (doing, since) = row.look();
            doing == SlotState::Waiting && now.duration_since(since) > IDLE_WHEN_FULL
        };
        let longest = self.rows.values().filter(idle).min_by_key(|row| row.look().1);
        if let Some(socket) = longest.and_then(|row| row.socket.get()) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Row {
    fn look(&self) -> (SlotState, Instant) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Records the connection that has taken it.
    pub fn belongs_to(&self, socket: &Arc<TcpStream>) {
        let _ = self.row.socket.set(Arc::clone(socket));
    }

    /// Returns the number of the connection since the start, which its thread's name contains.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Records what the connection does from now on. Its own thread calls this.
    pub fn set_state(&self, state: SlotState) {
        thread::waits_for(state.waits_for(), None);
        *self.row.doing.lock().unwrap_or_else(PoisonError::into_inner) = (state, clock::now());
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().rows.remove(&self.number);
        self.slots.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stop::stop;

    #[test]
    fn with_all_slots_taken_accept_waits_for_a_slot_or_stop() {
        let (stopper, stop) = stop();
        let slots = Arc::new(Slots::new(1));
        let first = slots.take(&stop).unwrap();
        let waiting = {
            let (slots, stop) = (Arc::clone(&slots), stop.clone());
            std::thread::Builder::new().spawn(move || slots.take(&stop).map(|slot| slot.number())).unwrap()
        };
        drop(first);
        assert_eq!(waiting.join().unwrap(), Some(2));
        let _second = slots.take(&stop).unwrap();
        drop(stopper);
        assert!(slots.take(&stop).is_none());
    }
}
