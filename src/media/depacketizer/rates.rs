//! Measures what a stream does, not what it promises: frames and bits per second and the distance of key frames. The
//! clock is their arrival time.

use std::time::{Duration, Instant};

/// Long enough for 8 fps and a key frame's burst, short enough to see a change.
const WINDOW: Duration = Duration::from_secs(2);

/// Rates over the last whole window.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates {
    began: Option<Instant>,
    pictures: u32,
    bytes: u64,
    last_key_frame: Option<Instant>,
    pub(super) frames_per_second: Option<f64>,
    pub(super) kilobits_per_second: Option<f64>,
    pub(super) key_frame_interval_s: Option<f64>,
}

impl Rates {
    pub(super) fn packet(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Counts a whole frame that began to arrive at `arrived`.
    pub(super) fn picture(&mut self, arrived: Instant, idr: bool) {
        if idr {
            let interval = self.last_key_frame.map(|last| arrived.saturating_duration_since(last).as_secs_f64());
            self.key_frame_interval_s = interval.or(self.key_frame_interval_s);
            self.last_key_frame = Some(arrived);
        }
        let Some(began) = self.began else {
            self.begin(arrived);
            return;
        };
        self.pictures += 1;
        let elapsed = arrived.saturating_duration_since(began);
        if elapsed >= WINDOW {
            self.frames_per_second = Some(f64::from(self.pictures) / elapsed.as_secs_f64());
            self.kilobits_per_second = Some(self.bytes as f64 * 8.0 / 1000.0 / elapsed.as_secs_f64());
            self.begin(arrived);
        }
    }

    /// Records a lost frame. If it was a key frame, the next measured distance would be doubled.
    pub(super) fn loss(&mut self) {
        self.last_key_frame = None;
    }

    /// Starts over for a new connection. The last rates stay until there are new ones.
    pub(super) fn restart(&mut self) {
        self.began = None;
        self.last_key_frame = None;
    }

    fn begin(&mut self, arrived: Instant) {
        self.began = Some(arrived);
        self.pictures = 0;
        self.bytes = 0;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an Instant to count from")]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_two_seconds() {
        let mut rates = Rates::default();
        let start = Instant::now();
        for n in 0..40u32 {
            rates.packet(5000);
            rates.picture(start + Duration::from_millis(100) * n, n % 20 == 0);
        }
        assert!((rates.frames_per_second.unwrap() - 10.0).abs() < 0.01, "{rates:?}");
        assert!((rates.kilobits_per_second.unwrap() - 400.0).abs() < 0.01, "{rates:?}");
        assert!((rates.key_frame_interval_s.unwrap() - 2.0).abs() < 0.001, "{rates:?}");
    }

    #[test]
    fn a_lost_key_frame_does_not_double_the_interval() {
        let mut rates = Rates::default();
        let start = Instant::now();
        rates.picture(start, true);
        rates.picture(start + Duration::from_secs(1), true);
        rates.loss();
        rates.picture(start + Duration::from_secs(3), true);
        assert_eq!(rates.key_frame_interval_s, Some(1.0));
    }
}
