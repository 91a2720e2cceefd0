//! The published video of one printer: the newest snapshot, for which viewers wait here, and the newest still.

use super::still::Still;
use crate::hls::Snapshot;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Where the packager puts each new snapshot and where HTTP takes it from.
#[derive(Debug, Default)]
pub struct Live {
    newest: Mutex<Option<Arc<Snapshot>>>,
    published: Condvar,
    still: Mutex<Option<Arc<Still>>>,
    parts: AtomicU64,
    segments: AtomicU64,
}

impl Live {
    /// The newest snapshot. Its bytes stay valid for whoever holds it.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the newest snapshot is another one than `seen`, for `at_most`.
    pub fn await_other(&self, seen: Option<&Arc<Snapshot>>, at_most: Duration) {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_seen = |newest: &mut Option<Arc<Snapshot>>| newest.as_ref().map(Arc::as_ptr) == seen.map(Arc::as_ptr);
        // Whether it came to that or not, the caller looks.
        let _ = self.published.wait_timeout_while(newest, at_most, is_seen);
    }

    /// Replaces the newest snapshot and wakes all who wait for it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
        self.published.notify_all();
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
