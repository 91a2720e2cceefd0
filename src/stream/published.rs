//! The published video of one printer: the newest snapshot, which viewers wait for here, and the newest still.

use crate::base::watch::Watch;
use crate::hls::{Made, Snapshot};
use crate::stream::still::Still;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A viewer that has requested nothing for this long has gone. A player requests once per target duration, at most
/// every 30 s. In a background tab of Chromium timers run once a minute, so a page there requests a little later.
const WATCHED_FOR: Duration = Duration::from_secs(90);

/// The packager publishes each new snapshot here, and HTTP reads it from here.
#[derive(Debug, Default)]
pub struct Live {
    newest: Watch<Option<Arc<Snapshot>>>,
    still: Watch<Option<Arc<Still>>>,
    asked: Mutex<Option<Instant>>,
    parts: AtomicU64,
    /// How many segments have been finished. It has ended when there will be no more.
    finished: Watch<u64>,
    /// The number of the camera's frame with which the newest snapshot was published.
    shown: AtomicU64,
    /// The memory of the stream, without the still.
    stream_bytes: AtomicUsize,
}

impl Live {
    /// Returns the newest snapshot. Its bytes stay valid as long as it is held.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.newest.get().value.clone()
    }

    /// Records that the printer is gone and wakes all who wait.
    pub fn end(&self) {
        self.newest.end();
        self.still.end();
    }

    /// Whether the printer is gone.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.newest.has_ended()
    }

    /// Waits for `at_most` until the newest snapshot differs from `seen` or the printer is gone. The caller checks
    /// which of them it was.
    pub fn wait_for_change(&self, seen: Option<&Arc<Snapshot>>, at_most: Duration) {
        let seen = seen.map(Arc::as_ptr);
        self.newest.wait_while(at_most, |newest| newest.as_ref().map(Arc::as_ptr) == seen);
    }

    /// Replaces the newest snapshot and wakes all who wait for it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        self.newest.set(Some(snapshot));
    }

    /// Records that a snapshot was published with frame `number` of the camera.
    pub fn shows(&self, number: u64) {
        self.shown.store(number, Ordering::Relaxed);
    }

    /// Whether a snapshot was published with a frame after number `number`.
    #[must_use]
    pub fn has_shown_after(&self, number: u64) -> bool {
        self.shown.load(Ordering::Relaxed) > number
    }

    /// Records a request for a playlist or a segment.
    pub fn note_request(&self, now: Instant) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether anybody is still watching.
    #[must_use]
    pub fn is_watched(&self, now: Instant) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| now.saturating_duration_since(asked) < WATCHED_FOR)
    }

    /// Records how many parts and segments the packager has made, and wakes the followers of segments.
    pub fn set_made(&self, Made { parts, segments }: Made) {
        self.parts.store(parts, Ordering::Relaxed);
        if self.finished.get().value != segments {
            self.finished.set(segments);
        }
    }

    /// Returns how many parts and segments the packager has made.
    #[must_use]
    pub fn made(&self) -> Made {
        Made { parts: self.parts.load(Ordering::Relaxed), segments: self.finished.get().value }
    }

    /// Returns the count of finished segments, for their followers.
    pub(super) fn finished(&self) -> &Watch<u64> {
        &self.finished
    }

    /// Records the memory of the stream.
    pub fn weigh(&self, stream_bytes: usize) {
        self.stream_bytes.store(stream_bytes, Ordering::Relaxed);
    }

    /// Returns the memory of the stream and of the still.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let still = self.still().map_or(0, |still| still.held_bytes());
        self.stream_bytes.load(Ordering::Relaxed) + still
    }

    /// Returns the newest key frame so far.
    #[must_use]
    pub fn still(&self) -> Option<Arc<Still>> {
        self.still.get().value.clone()
    }

    /// Waits for `at_most` until the newest still is another one than `seen` or the printer is gone.
    pub fn wait_for_still(&self, seen: &Arc<Still>, at_most: Duration) {
        self.still.wait_while(at_most, |newest| newest.as_ref().is_some_and(|newest| Arc::ptr_eq(newest, seen)));
    }

    /// Replaces the still.
    pub fn set_still(&self, still: Still) {
        self.still.set(Some(Arc::new(still)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn a_frame_is_not_shown_by_what_was_published_before_it() {
        let live = Live::default();
        assert!(!live.has_shown_after(0));
        live.shows(1);
        assert!(live.has_shown_after(0) && !live.has_shown_after(1));
        live.shows(2);
        assert!(live.has_shown_after(1));
    }

    #[test]
    fn nobody_watches_until_somebody_asks_and_some_time_after() {
        let (live, now) = (Live::default(), clock::now());
        assert!(!live.is_watched(now));
        live.note_request(now);
        assert!(live.is_watched(now + WATCHED_FOR - Duration::from_secs(1)));
        assert!(!live.is_watched(now + WATCHED_FOR));
    }
}
