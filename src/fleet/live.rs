//! The published video of one printer: the newest snapshot, and a bell for those who wait for the next.

use crate::hls::Snapshot;
use crossbeam_channel::Sender;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the packager puts each new snapshot and where HTTP takes it from.
#[derive(Debug)]
pub struct Live {
    newest: Mutex<Option<Arc<Snapshot>>>,
    bell: Sender<()>,
}

impl Live {
    /// Nothing published yet. `bell` is rung after each publish and never waits: a full bell has been rung already.
    #[must_use]
    pub fn new(bell: Sender<()>) -> Self {
        Self { newest: Mutex::new(None), bell }
    }

    /// The newest snapshot. Its bytes stay valid for whoever holds it.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the newest snapshot and rings the bell.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
        let _ = self.bell.try_send(());
    }
}
