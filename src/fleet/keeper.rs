//! Writes down where each stream's numbering stands, so that a restart goes on from there.
//!
//! One thread for all printers. What waits to be written is the newest memory of each printer, so the queue is
//! bounded by their number and a slow disk costs nobody a wait: it only makes the note a little older.

use crate::base::thread::{Thread, spawn};
use crate::hls::StreamMemory;
use crate::printer::PrinterId;
use crate::registry::Registry;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// The side of those who have something to be kept; cheap to clone. When the last one is dropped, the thread
/// writes what is left and ends.
#[derive(Debug, Clone)]
pub struct Keeper {
    pending: Arc<Mutex<BTreeMap<PrinterId, StreamMemory>>>,
    bell: Sender<()>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(registry: Arc<Registry>) -> io::Result<(Self, Thread)> {
        let (bell, rung) = bounded(1);
        let keeper = Self { pending: Arc::default(), bell };
        let pending = Arc::clone(&keeper.pending);
        let thread = spawn("keeper", move || write_down(&registry, &pending, &rung))?;
        Ok((keeper, thread))
    }

    /// Notes where the stream of `id` stands; an older note that is not yet written is replaced.
    pub fn keep(&self, id: PrinterId, memory: StreamMemory) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(id, memory);
        let _ = self.bell.try_send(());
    }
}

fn write_down(registry: &Registry, pending: &Mutex<BTreeMap<PrinterId, StreamMemory>>, rung: &Receiver<()>) {
    let mut failing = false;
    let mut open = true;
    while open {
        open = rung.recv().is_ok();
        let notes = std::mem::take(&mut *pending.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, memory) in notes {
            match registry.remember_stream(id, &memory) {
                Ok(()) => failing = false,
                // Said once, not once a segment: a full disk would fill the log as well.
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
