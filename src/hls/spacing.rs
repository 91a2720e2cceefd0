//! The shortest distance between segments. Each segment costs a write to disk and a new playlist for every viewer, so a
//! camera must not be able to cause thousands.
//!
//! The arrival times of the frames count. Their media time cannot be trusted: it runs ahead of the clock when a camera
//! sends faster than it says. Some segments may begin close to each other. A network that has stalled delivers several
//! at once, and a camera that comes back may break off again.

/// On average, segments begin at least this far apart. A camera of 100 Mbit/s fills a segment of 16 MiB in 1.3 s.
const DISTANCE_MS: i64 = 500;
/// This many segments may begin at once.
const AT_ONCE: i64 = 4;
/// Corrections set the capture times of [`crate::media::AccessUnit`] back by a second. Only a change of the wall clock
/// sets them back by more.
const CLOCK_SET_MS: i64 = 2_000;

/// Limits how often segments begin; see the module.
#[derive(Debug)]
pub(super) struct Spacing {
    /// Time that has passed and that no segment has used.
    left_ms: i64,
    /// The latest capture time so far, in Unix milliseconds.
    latest_ms: Option<i64>,
}

impl Spacing {
    pub(super) fn new() -> Self {
        Self { left_ms: DISTANCE_MS * AT_ONCE, latest_ms: None }
    }

    /// Takes the capture time of a frame.
    pub(super) fn pass(&mut self, captured_unix_ms: i64) {
        let latest_ms = *self.latest_ms.get_or_insert(captured_unix_ms);
        let passed_ms = captured_unix_ms.saturating_sub(latest_ms);
        if !(-CLOCK_SET_MS..=0).contains(&passed_ms) {
            self.latest_ms = Some(captured_unix_ms);
            self.left_ms = self.left_ms.saturating_add(passed_ms.max(0)).min(DISTANCE_MS * AT_ONCE);
        }
    }

    /// Whether a segment may begin.
    pub(super) fn allows(&self) -> bool {
        self.left_ms >= DISTANCE_MS
    }

    /// Begins a segment if one may begin; returns whether it did.
    pub(super) fn take(&mut self) -> bool {
        let allowed = self.allows();
        if allowed {
            self.left_ms -= DISTANCE_MS;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many segments begin if each frame wants to begin one. The frames were captured at these times.
    fn begun(captured_ms: impl IntoIterator<Item = i64>) -> usize {
        let mut spacing = Spacing::new();
        let wanted = captured_ms.into_iter().map(|at_ms| {
            spacing.pass(at_ms);
            spacing.take()
        });
        wanted.filter(|begins| *begins).count()
    }

    #[test]
    fn segments_begin_twice_a_second_at_most_and_four_at_once() {
        assert_eq!(begun((0..300).map(|number| number * 100 / 3)), 4 + 19, "ten seconds of 30 pictures each");
        assert_eq!(begun((0..10).map(|number| number * 2_000)), 10, "a healthy camera");
        assert_eq!(begun([0; 100]), 4, "a burst");
    }

    #[test]
    fn no_clock_jump_allows_more_segments() {
        // Capture times run ahead by a second and are set back, again and again, for ten seconds in all.
        let sawtooth = (0..10_000).map(|ms| ms + ms % 100 * 10);
        assert!(begun(sawtooth) <= 4 + 22, "a sawtooth");
        // The wall clock goes back by a day, and segments continue to begin.
        let set_back = (0..20).map(|number| number * 1_000 - if number < 10 { 0 } else { 86_400_000 });
        assert_eq!(begun(set_back), 20);
        assert_eq!(begun([0, 0, 0, 0, i64::MAX, i64::MIN, i64::MAX, i64::MIN]), 8, "no overflow");
    }
}
