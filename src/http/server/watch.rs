//! Watches the memory of the process. Beyond a bound the process ends in order and its supervisor restarts it: this
//! costs seconds, and comes before it hurts.
//!
//! Connections are not watched: each of their waits has a deadline, and the number of slots bounds their files.

use crate::base::process;
use crate::base::stop::Stop;
use crossbeam_channel::Sender;
use socket2::Socket;
use std::net::Shutdown;
use std::time::Duration;

/// How often the memory is checked.
const TICK: Duration = Duration::from_millis(500);

/// Why the process should end and be restarted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The process has grown to a size at which the system may end it.
    #[error("{resident_mib} MiB are in use and {bound_mib} MiB are allowed; a restart frees them")]
    Memory {
        /// Resident memory, in MiB.
        resident_mib: u64,
        /// Three quarters of the memory of the machine or the container.
        bound_mib: u64,
    },
    /// A thread that the server needs has ended.
    #[error("thread {name} has ended")]
    ThreadEnded {
        /// The name of the thread.
        name: &'static str,
    },
}

/// The watching thread's state.
#[derive(Debug)]
pub struct Watch {
    alarm: Sender<Fault>,
    stop: Stop,
    doorstop: Socket,
    memory_bound_kib: u64,
}

impl Watch {
    /// Creates the watch. `doorstop` is the listening socket: shutting it wakes `accept` at the stop.
    pub fn new(alarm: Sender<Fault>, stop: Stop, doorstop: Socket) -> Self {
        Self { alarm, stop, doorstop, memory_bound_kib: process::memory_bound_kib() }
    }

    /// Runs until the stop.
    pub fn run(self) {
        while !self.stop.wait(TICK) {
            if let Some(fault) = swollen(process::resident_kib().unwrap_or(0), self.memory_bound_kib)
                && self.alarm.try_send(fault.clone()).is_ok()
            {
                log::error!("{fault}");
            }
        }
        let _ = self.doorstop.shutdown(Shutdown::Both);
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
    fn memory_use_is_compared_with_the_limit() {
        assert!(swollen(process::resident_kib().unwrap(), process::memory_bound_kib()).is_none());
        assert_eq!(swollen(4096, 2048), Some(Fault::Memory { resident_mib: 4, bound_mib: 2 }));
    }
}
