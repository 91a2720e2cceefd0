//! The rhythm of all streams together, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How evenly parts are published. From one part to the next, the clock should advance as much as the video. A player
/// has to buffer the deviation.
#[derive(Debug, Default)]
pub struct Rhythm {
    counts: [AtomicU64; BOUNDS.len()],
    beyond: AtomicU64,
    sum_us: AtomicU64,
}

/// The upper bounds of the histogram's buckets.
pub const BOUNDS: [Duration; 8] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

impl Rhythm {
    fn note(&self, deviation: Duration) {
        let class = BOUNDS.iter().position(|bound| deviation <= *bound);
        let count = class.and_then(|class| self.counts.get(class)).unwrap_or(&self.beyond);
        count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(u64::try_from(deviation.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Returns how many deviations were within each of [`BOUNDS`], how many there were in all, and their sum.
    #[must_use]
    pub fn read(&self) -> ([u64; BOUNDS.len()], u64, Duration) {
        let mut within = 0;
        let cumulative = self.counts.each_ref().map(|count| {
            within += count.load(Ordering::Relaxed);
            within
        });
        let sum = Duration::from_micros(self.sum_us.load(Ordering::Relaxed));
        (cumulative, within + self.beyond.load(Ordering::Relaxed), sum)
    }
}

/// The last publication of one stream.
#[derive(Debug, Default)]
pub struct Beat(Option<(Instant, i64)>);

impl Beat {
    /// Records a publication at `now`, up to the frame of `dts_90k`.
    pub fn published(&mut self, now: Instant, dts_90k: i64, rhythm: &Rhythm) {
        if let Some((before, dts_before_90k)) = self.0.replace((now, dts_90k)) {
            let video = Duration::from_micros((dts_90k - dts_before_90k).unsigned_abs() * 100 / 9);
            rhythm.note(now.saturating_duration_since(before).abs_diff(video));
        }
    }

    /// Starts over at the next publication, because the camera is away or its timeline has broken.
    pub fn rest(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn a_punctual_part_deviates_by_zero_and_a_pause_does_not_count() {
        let (rhythm, mut beat) = (Rhythm::default(), Beat::default());
        let start = clock::now();
        let mut publish = |at_ms: u64, dts_ms: i64| {
            beat.published(start + Duration::from_millis(at_ms), dts_ms * 90, &rhythm);
        };
        publish(0, 1000);
        publish(333, 1333);
        publish(706, 1666);
        publish(2706, 1999);
        let (within, count, sum) = rhythm.read();
        assert_eq!((within, count), ([1, 1, 1, 2, 2, 2, 2, 2], 3));
        assert_eq!(sum.as_millis(), 40 + 1667);
        beat.rest();
        beat.published(start + Duration::from_secs(60), 0, &rhythm);
        assert_eq!(rhythm.read().1, 3);
    }
}
