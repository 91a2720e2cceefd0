//! How many connections are open and what each of them is doing; and small counted limits.

use crate::base::clock;
use crate::base::stop::Stop;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a full house is asked whether it should stop.
const FULL_HOUSE_TICK: Duration = Duration::from_millis(200);

/// How often those who are still answering at the stop are looked at.
const IDLE_TICK: Duration = Duration::from_millis(5);

/// What a connection's thread does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Waits for the first request.
    AwaitingFirst,
    /// Waits for another request.
    AwaitingNext,
    /// Reads a request's body.
    ReadingBody,
    /// Makes or writes an answer.
    Answering,
    /// Waits for what a held request asks for.
    Holding,
    /// Writes an endless answer.
    Streaming,
}

/// The connections that are open, of a fixed number.
#[derive(Debug)]
pub struct Seats {
    limit: usize,
    taken: Mutex<Taken>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    last_number: u64,
    rows: BTreeMap<u64, Arc<Row>>,
}

/// A lock of its own for each: what fifty connections do at once, none of them waits for.
type Row = Mutex<(Doing, Instant)>;

/// One connection's; dropping it frees the seat.
#[derive(Debug)]
pub struct Seat {
    number: u64,
    row: Arc<Row>,
    seats: Arc<Seats>,
}

impl Seats {
    /// None taken.
    pub fn new(limit: usize) -> Self {
        Self { limit, taken: Mutex::default(), freed: Condvar::new() }
    }

    /// How many there are.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a seat; waits for one when all are taken, until the stop.
    pub fn take(self: &Arc<Self>, stop: &Stop) -> Option<Seat> {
        let mut taken = self.lock();
        while taken.rows.len() >= self.limit {
            taken = self.freed.wait_timeout(taken, FULL_HOUSE_TICK).unwrap_or_else(PoisonError::into_inner).0;
            if stop.is_stopped() {
                return None;
            }
        }
        taken.last_number += 1;
        let (number, row) = (taken.last_number, Arc::new(Mutex::new((Doing::AwaitingFirst, clock::now()))));
        taken.rows.insert(number, Arc::clone(&row));
        Some(Seat { number, row, seats: Arc::clone(self) })
    }

    /// How many have been taken since the start.
    pub fn count(&self) -> u64 {
        self.lock().last_number
    }

    /// What every open connection does, and since when.
    pub fn look(&self) -> Vec<(Doing, Instant)> {
        self.lock().rows.values().map(|row| *row.lock().unwrap_or_else(PoisonError::into_inner)).collect()
    }

    /// Waits until no answer is being made or written, for `at_most`.
    pub fn wait_until_idle(&self, at_most: Duration) {
        let until = clock::now() + at_most;
        let is_busy = |(doing, _): &(Doing, Instant)| matches!(doing, Doing::Answering | Doing::Holding);
        while self.look().iter().any(is_busy) && clock::now() < until {
            // Whether one has left or not, all are looked at again.
            let _ = self.freed.wait_timeout(self.lock(), IDLE_TICK);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Counts connections since the start: the number in the thread's name.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Notes what the connection does from now on.
    pub fn is(&self, doing: Doing) {
        *self.row.lock().unwrap_or_else(PoisonError::into_inner) = (doing, clock::now());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().rows.remove(&self.number);
        self.seats.freed.notify_all();
    }
}

/// A limit for all and one for each group.
#[derive(Debug)]
pub struct Permits {
    in_total: usize,
    per_group: usize,
    taken: Mutex<BTreeMap<i64, usize>>,
}

/// One permit; dropping it gives it back.
#[derive(Debug)]
pub struct Permit<'a> {
    group: i64,
    permits: &'a Permits,
}

impl Permits {
    /// None taken.
    pub fn new(in_total: usize, per_group: usize) -> Self {
        Self { in_total, per_group, taken: Mutex::default() }
    }

    /// Takes one, unless one of the limits is reached.
    pub fn take(&self, group: i64) -> Option<Permit<'_>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let in_total: usize = taken.values().sum();
        let in_group = taken.entry(group).or_default();
        if in_total >= self.in_total || *in_group >= self.per_group {
            return None;
        }
        *in_group += 1;
        Some(Permit { group, permits: self })
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut taken = self.permits.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.group) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stop::stop;

    #[test]
    fn a_full_house_waits_for_a_seat_and_for_the_stop() {
        let (stopper, stop) = stop();
        let seats = Arc::new(Seats::new(1));
        let first = seats.take(&stop).unwrap();
        let waiting = {
            let (seats, stop) = (Arc::clone(&seats), stop.clone());
            std::thread::Builder::new().spawn(move || seats.take(&stop).map(|seat| seat.number())).unwrap()
        };
        drop(first);
        assert_eq!(waiting.join().unwrap(), Some(2));
        let _second = seats.take(&stop).unwrap();
        drop(stopper);
        assert!(seats.take(&stop).is_none());
    }

    #[test]
    fn a_permit_is_refused_past_either_limit_and_comes_back_when_dropped() {
        let permits = Permits::new(3, 2);
        let first = permits.take(1);
        let _second = permits.take(1);
        assert!(permits.take(1).is_none(), "the group's limit");
        let _third = permits.take(2);
        assert!(permits.take(3).is_none(), "the limit of all");
        drop(first);
        assert!(permits.take(3).is_some());
        assert!(permits.take(1).is_some(), "a dropped permit is not counted");
    }
}
