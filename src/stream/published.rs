//! The published video of one printer: the newest snapshot, for which viewers wait here, and the newest still.

use crate::base::watch::Watch;
use crate::hls::Snapshot;
use crate::stream::still::Still;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Who has asked for nothing for so long has gone. A player asks once a target duration, 30 s at most; a page in a
/// background tab of Chromium, whose timers run once a minute, does so a little later.
const WATCHED_FOR: Duration = Duration::from_secs(90);

/// Where the packager puts each new snapshot and where HTTP takes it from.
#[derive(Debug, Default)]
pub struct Live {
    newest: Watch<Option<Arc<Snapshot>>>,
    still: Watch<Option<Arc<Still>>>,
    asked: Mutex<Option<Instant>>,
    parts: AtomicU64,
    segments: AtomicU64,
    /// The memory of the stream, without the still.
    stream_bytes: AtomicUsize,
}

impl Live {
    /// Returns the newest snapshot. Its bytes stay valid for whoever holds it.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.newest.get().value.clone()
    }

    /// The printer is gone: nobody waits here any more.
    pub fn end(&self) {
        self.newest.end();
    }

    /// Whether the printer is gone.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.newest.has_ended()
    }

    /// Waits until the newest snapshot is another one than `seen`, or the printer is gone, for `at_most`. The caller
    /// checks which of them it was.
    pub fn await_other(&self, seen: Option<&Arc<Snapshot>>, at_most: Duration) {
        let seen = seen.map(Arc::as_ptr);
        self.newest.wait_while(at_most, |newest| newest.as_ref().map(Arc::as_ptr) == seen);
    }

    /// Replaces the newest snapshot and wakes all who wait for it.
    pub fn publish(&self, snapshot: Arc<Snapshot>) {
        self.newest.set(Some(snapshot));
    }

    /// Somebody asks for a playlist or a segment.
    pub fn asked(&self, now: Instant) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether anybody is still watching.
    #[must_use]
    pub fn is_watched(&self, now: Instant) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| now.saturating_duration_since(asked) < WATCHED_FOR)
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

    /// Notes the memory of the stream.
    pub fn weigh(&self, stream_bytes: usize) {
        self.stream_bytes.store(stream_bytes, Ordering::Relaxed);
    }

    /// The memory of the stream and of the still.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let still = self.still().map_or(0, |still| still.held_bytes());
        self.stream_bytes.load(Ordering::Relaxed) + still
    }

    /// Returns the newest key frame there has been.
    #[must_use]
    pub fn still(&self) -> Option<Arc<Still>> {
        self.still.get().value.clone()
    }

    /// Replaces the still.
    pub fn show(&self, still: Still) {
        self.still.set(Some(Arc::new(still)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn nobody_watches_until_somebody_asks_and_some_time_after() {
        let (live, now) = (Live::default(), clock::now());
        assert!(!live.is_watched(now));
        live.asked(now);
        assert!(live.is_watched(now + WATCHED_FOR - Duration::from_secs(1)));
        assert!(!live.is_watched(now + WATCHED_FOR));
    }
}
