//! Stores the numbering of each stream, so that a restart continues from it.
//!
//! One thread serves all printers. The queue holds only the newest memory of each printer, so the number of printers
//! bounds it. A slow disk blocks nobody; it only makes the stored numbers a little older.
//!
//! A memory is written at once if the one before it was written more than a second ago. This is so with every camera
//! whose segments last a second or longer: after a crash its numbers continue at exactly the next one. Segments may
//! begin faster after a break, or when the network has stalled. Then the second write waits, and a crash within that
//! second may repeat their numbers. Writing a higher number in advance would be worse, since a jump freezes hls.js for
//! good.

use crate::base::clock;
use crate::base::thread::{Thread, spawn, waits_for};
use crate::hls::StreamMemory;
use crate::printer::PrinterId;
use crate::registry::Registry;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two writes for one printer.
const BETWEEN_NOTES: Duration = Duration::from_secs(1);

/// Hands memories to the thread; cheap to clone. When the last clone is dropped, the thread writes what is left and
/// ends.
#[derive(Debug, Clone)]
pub struct NumberingWriter {
    pending: Arc<Mutex<BTreeMap<PrinterId, StreamMemory>>>,
    bell: Sender<()>,
}

impl NumberingWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system cannot start another thread.
    pub fn start(registry: Arc<Registry>) -> io::Result<(Self, Thread)> {
        let (bell, rung) = bounded(1);
        let keeper = Self { pending: Arc::default(), bell };
        let pending = Arc::clone(&keeper.pending);
        let thread = spawn("keeper", move || {
            write_down(&pending, &rung, |id, memory| registry.remember_stream(id, memory));
        })?;
        Ok((keeper, thread))
    }

    /// Queues the memory of stream `id`; it replaces an older one that is not yet written.
    pub fn keep(&self, id: PrinterId, memory: StreamMemory) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(id, memory);
        let _ = self.bell.try_send(());
    }
}

fn write_down<E: Display>(
    pending: &Mutex<BTreeMap<PrinterId, StreamMemory>>,
    rung: &Receiver<()>,
    mut write: impl FnMut(PrinterId, &StreamMemory) -> Result<(), E>,
) {
    let mut failing = false;
    let mut open = true;
    // When each printer was written, if that was less than a second ago, and when the next write is due.
    let mut written: BTreeMap<PrinterId, Instant> = BTreeMap::new();
    let mut due: Option<Instant> = None;
    while open {
        waits_for("a change of a stream's numbering", due);
        open = match due {
            None => rung.recv().is_ok(),
            Some(due) => rung.recv_deadline(due) != Err(RecvTimeoutError::Disconnected),
        };
        let now = clock::now();
        written.retain(|_, at| now.saturating_duration_since(*at) < BETWEEN_NOTES);
        let notes = {
            let mut pending = pending.lock().unwrap_or_else(PoisonError::into_inner);
            let all = std::mem::take(&mut *pending);
            let (notes, later): (Vec<_>, BTreeMap<_, _>) = match open {
                true => split(all, &written),
                false => (all.into_iter().collect(), BTreeMap::new()),
            };
            due = later.keys().filter_map(|id| written.get(id)).min().map(|at| *at + BETWEEN_NOTES);
            *pending = later;
            notes
        };
        for (id, memory) in notes {
            written.insert(id, now);
            waits_for("the printers' database", None);
            match write(id, &memory) {
                Ok(()) => failing = false,
                // Logged once, not once per segment: a full disk would fill the log as well.
                Err(error) if !failing => {
                    failing = true;
                    log::warn!(
                        "p{id}: the stream's numbering could not be noted, a restart may confuse players: {error}"
                    );
                }
                Err(_) => {}
            }
        }
    }
}

/// Splits the pending memories into those that may be written now and those that must wait.
fn split(
    all: BTreeMap<PrinterId, StreamMemory>,
    written: &BTreeMap<PrinterId, Instant>,
) -> (Vec<(PrinterId, StreamMemory)>, BTreeMap<PrinterId, StreamMemory>) {
    let (later, notes): (BTreeMap<_, _>, BTreeMap<_, _>) =
        all.into_iter().partition(|(id, _)| written.contains_key(id));
    (notes.into_iter().collect(), later)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(next_media_sequence: u64) -> StreamMemory {
        StreamMemory { next_media_sequence, discontinuity_sequence: 0, target_duration_s: 2, part_target_ms: 334 }
    }

    /// Starts a keeper that writes into a channel.
    fn keeper() -> (NumberingWriter, Receiver<(i64, u64, Instant)>, Thread) {
        let (bell, rung) = bounded(1);
        let keeper = NumberingWriter { pending: Arc::default(), bell };
        let pending = Arc::clone(&keeper.pending);
        let (notes, noted) = bounded(1000);
        let thread = spawn("keeper", move || {
            write_down(&pending, &rung, |id, memory| {
                notes.send((id.0, memory.next_media_sequence, clock::now())).map_err(|_| "nobody reads")
            });
        })
        .unwrap();
        (keeper, noted, thread)
    }

    #[test]
    fn the_first_number_is_written_at_once_and_later_ones_each_second() {
        let (keeper, noted, thread) = keeper();
        for number in 1..=100 {
            keeper.keep(PrinterId(3), memory(number));
        }
        keeper.keep(PrinterId(4), memory(7));
        let next = || noted.recv_timeout(Duration::from_secs(5)).unwrap();
        let mut of_3 = Vec::new();
        let mut of_4 = Vec::new();
        while of_4.is_empty() || of_3.last().is_none_or(|(number, _)| *number < 100) {
            match next() {
                (3, number, at) => of_3.push((number, at)),
                (_, number, _) => of_4.push(number),
            }
        }
        assert!(of_3.len() <= 2, "{of_3:?}");
        let apart = of_3.windows(2).all(|pair| pair[1].1.saturating_duration_since(pair[0].1) >= BETWEEN_NOTES);
        assert!(apart, "{of_3:?}");
        assert_eq!(of_4, [7], "one printer does not wait for another");
        drop(keeper);
        thread.join();
    }

    #[test]
    fn the_last_number_is_written_at_once() {
        let (keeper, noted, thread) = keeper();
        keeper.keep(PrinterId(3), memory(1));
        assert_eq!(noted.recv_timeout(Duration::from_secs(5)).unwrap().1, 1);
        keeper.keep(PrinterId(3), memory(2));
        let ended = clock::now();
        drop(keeper);
        thread.join();
        assert_eq!(noted.try_iter().map(|(_, number, _)| number).collect::<Vec<_>>(), [2]);
        assert!(clock::now().saturating_duration_since(ended) < BETWEEN_NOTES / 2);
    }
}
