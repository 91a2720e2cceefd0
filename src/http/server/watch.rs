//! Watches what the crate cannot be kept from: threads it strands and memory it lets a client fill. Past a bound
//! the process ends in order and its supervisor starts it anew: seconds, before it hurts.
//!
//! Files are not counted: each seat has its two, so that the seats' number bounds them, and the accept loop lives
//! through their absence.

use super::listen::READ_WITHIN;
use super::seats::{Doing, Seats};
use crate::base::clock;
use crate::base::process;
use crate::base::stop::Stop;
use crossbeam_channel::Sender;
use socket2::Socket;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it looks.
const TICK: Duration = Duration::from_millis(500);

/// A client has said what it wants within this.
const FIRST_HEAD_WITHIN: Duration = Duration::from_secs(20);

/// A body has come, or has been given up, within this.
const BODY_GIVEN_UP_WITHIN: Duration = Duration::from_secs(30);

/// Why the process should end and be started anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Clients that never finish a request hold most of the connections, and few are left for others.
    #[error("{overdue} of {limit} connections never finish their request; a restart frees them")]
    Connections {
        /// So many of them.
        overdue: usize,
        /// Of so many.
        limit: usize,
    },
    /// The process has grown to a size at which the system may end it.
    #[error("{resident_mib} MiB are in use and {bound_mib} MiB are allowed; a restart frees them")]
    Memory {
        /// Resident, in MiB.
        resident_mib: u64,
        /// Three quarters of what the machine or the container has.
        bound_mib: u64,
    },
    /// A thread without which the server does not serve has ended.
    #[error("thread {name} has ended")]
    ThreadEnded {
        /// Which.
        name: &'static str,
    },
}

/// The watching thread's state.
#[derive(Debug)]
pub struct Watch {
    seats: Arc<Seats>,
    alarm: Sender<Fault>,
    stop: Stop,
    doorstop: Socket,
    memory_bound_kib: u64,
}

impl Watch {
    /// `doorstop` is the listening socket: shutting it is what wakes `accept` at the stop.
    pub fn new(seats: Arc<Seats>, alarm: Sender<Fault>, stop: Stop, doorstop: Socket) -> Self {
        Self { seats, alarm, stop, doorstop, memory_bound_kib: process::memory_bound_kib() }
    }

    /// Runs until the stop.
    pub fn run(self) {
        while !self.stop.wait(TICK) {
            let fault = crowded(&self.seats.look(), self.seats.limit(), clock::now())
                .or_else(|| swollen(process::resident_kib().unwrap_or(0), self.memory_bound_kib));
            if let Some(fault) = fault
                && self.alarm.try_send(fault.clone()).is_ok()
            {
                log::error!("{fault}");
            }
        }
        let _ = self.doorstop.shutdown(Shutdown::Both);
    }
}

/// Whether clients that never finish a request hold half of the seats while fewer than an eighth are free.
fn crowded(open: &[(Doing, Instant)], limit: usize, now: Instant) -> Option<Fault> {
    let overdue = open.iter().filter(|(doing, since)| is_overdue(*doing, now.duration_since(*since))).count();
    let free = limit.saturating_sub(open.len());
    (overdue * 2 >= limit && free * 8 < limit).then_some(Fault::Connections { overdue, limit })
}

fn is_overdue(doing: Doing, lasted: Duration) -> bool {
    match doing {
        Doing::AwaitingFirst => lasted > FIRST_HEAD_WITHIN,
        // The crate has given up an idle connection by then; what is left drips, or is stranded.
        Doing::AwaitingNext => lasted > READ_WITHIN + Duration::from_secs(10),
        Doing::ReadingBody => lasted > BODY_GIVEN_UP_WITHIN,
        Doing::Answering | Doing::Holding | Doing::Streaming => false,
    }
}

fn swollen(resident_kib: u64, bound_kib: u64) -> Option<Fault> {
    (resident_kib > bound_kib)
        .then_some(Fault::Memory { resident_mib: resident_kib / 1024, bound_mib: bound_kib / 1024 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_needs_half_of_the_seats_overdue_and_hardly_any_free() {
        let now = clock::now() + Duration::from_secs(1000);
        let ago = |seconds| now.checked_sub(Duration::from_secs(seconds)).unwrap();
        let check = |overdue: usize, fine: usize, expected: bool| {
            let mut open = vec![(Doing::AwaitingFirst, ago(21)); overdue];
            open.extend(vec![(Doing::Streaming, ago(900)); fine]);
            assert_eq!(crowded(&open, 80, now).is_some(), expected, "{overdue} overdue, {fine} fine");
        };
        check(0, 80, false);
        check(39, 41, false);
        check(70, 0, false);
        check(40, 31, true);
        check(80, 0, true);
    }

    #[test]
    fn a_connection_is_overdue_when_its_client_owes_us_something() {
        let check = |doing, seconds, expected| {
            assert_eq!(is_overdue(doing, Duration::from_secs(seconds)), expected, "{doing:?} for {seconds} s");
        };
        check(Doing::AwaitingFirst, 19, false);
        check(Doing::AwaitingFirst, 21, true);
        check(Doing::AwaitingNext, 121, false);
        check(Doing::AwaitingNext, 131, true);
        check(Doing::ReadingBody, 31, true);
        check(Doing::Streaming, 86_400, false);
    }

    #[test]
    fn memory_is_compared_with_what_may_be_used() {
        assert!(swollen(process::resident_kib().unwrap(), process::memory_bound_kib()).is_none());
        assert_eq!(swollen(4096, 2048), Some(Fault::Memory { resident_mib: 4, bound_mib: 2 }));
    }
}
