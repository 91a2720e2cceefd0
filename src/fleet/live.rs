//! The published video of one printer: the newest snapshot, a bell for those who wait for the next, and the newest
//! still.

use super::still::Still;
use crate::hls::Snapshot;
use crossbeam_channel::Sender;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the packager puts each new snapshot and where HTTP takes it from.
#[derive(Debug)]
pub struct Live {
    newest: Mutex<Option<Arc<Snapshot>>>,
    still: Mutex<Option<Arc<Still>>>,
    bell: Sender<()>,
    parts: AtomicU64,
    segments: AtomicU64,
}

impl Live {
    /// Nothing published yet. `bell` is rung after each publish and never waits: a full bell has been rung already.
    #[must_use]
    pub fn new(bell: Sender<()>) -> Self {
        let count = || AtomicU64::new(0);
        Self { newest: Mutex::default(), still: Mutex::default(), bell, parts: count(), segments: count() }
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

    /// Notes how many parts and segments the packager has made.
    pub fn count(&self, (parts, segments): (u64, u64)) {
        self.parts.store(parts, Ordering::Relaxed);
        self.segments.store(segments, Ordering::Relaxed);
    }

    /// How many there are.
    #[must_use]
    pub fn made(&self) -> (u64, u64) {
        (self.parts.load(Ordering::Relaxed), self.segments.load(Ordering::Relaxed))
    }

    /// The newest key frame there has been.
    #[must_use]
    pub fn still(&self) -> Option<Arc<Still>> {
        self.still.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces it.
    pub fn show(&self, still: Still) {
        let before = self.still.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(still));
        // Freed here, outside the lock.
        drop(before);
    }
}
