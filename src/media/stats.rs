//! What a camera's stream measures, for the people who look at it.

use super::TICKS_PER_SECOND;
use super::sequence::Sequence;
use std::time::{Duration, Instant};

/// Rates are means over this.
const WINDOW: Duration = Duration::from_secs(2);

/// The measures of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Pictures per second.
    pub frames_per_second: Option<f64>,
    /// Kilobits per second, RTP headers included.
    pub kilobits_per_second: Option<f64>,
    /// Width and height in pixels.
    pub picture_size: Option<(u32, u32)>,
    /// Seconds between the last two key frames.
    pub key_frame_interval_s: Option<f64>,
    /// Packets that never came.
    pub lost_packets: u64,
    /// Packets that came twice or late.
    pub stale_packets: u64,
    /// Pictures of which something was missing.
    pub damaged_pictures: u64,
    /// Whole pictures that were left out up to the next key frame.
    pub dropped_pictures: u64,
}

/// Measures.
#[derive(Debug, Default)]
pub struct Meter {
    since: Option<Instant>,
    pictures: u32,
    bytes: usize,
    rates: Option<(f64, f64)>,
    last_key_frame_90k: Option<i64>,
    key_frame_interval_90k: Option<i64>,
    damaged: u64,
    dropped: u64,
}

impl Meter {
    /// A new connection: rates begin anew, counts go on.
    pub fn restart(&mut self) {
        *self = Self {
            damaged: self.damaged,
            dropped: self.dropped,
            key_frame_interval_90k: self.key_frame_interval_90k,
            ..Self::default()
        };
    }

    /// A packet has arrived.
    pub fn packet(&mut self, bytes: usize, arrived: Instant) {
        self.bytes += bytes;
        let since = *self.since.get_or_insert(arrived);
        let elapsed = arrived.saturating_duration_since(since);
        if elapsed >= WINDOW {
            let seconds = elapsed.as_secs_f64();
            self.rates = Some((f64::from(self.pictures) / seconds, self.bytes as f64 * 8.0 / 1000.0 / seconds));
            (self.since, self.pictures, self.bytes) = (Some(arrived), 0, 0);
        }
    }

    /// A picture has come out.
    pub fn picture(&mut self, idr: bool, dts_90k: i64) {
        self.pictures += 1;
        if idr {
            self.key_frame_interval_90k =
                self.last_key_frame_90k.map(|last| dts_90k - last).or(self.key_frame_interval_90k);
            self.last_key_frame_90k = Some(dts_90k);
        }
    }

    /// A picture was damaged.
    pub fn damaged(&mut self) {
        self.damaged += 1;
    }

    /// A picture was left out.
    pub fn dropped(&mut self) {
        self.dropped += 1;
    }

    /// All of it.
    #[must_use]
    pub fn stats(&self, picture_size: Option<(u32, u32)>, sequence: &Sequence) -> Stats {
        Stats {
            frames_per_second: self.rates.map(|(frames, _)| frames),
            kilobits_per_second: self.rates.map(|(_, kilobits)| kilobits),
            picture_size,
            key_frame_interval_s: self.key_frame_interval_90k.map(|ticks| ticks as f64 / TICKS_PER_SECOND as f64),
            lost_packets: sequence.lost(),
            stale_packets: sequence.stale(),
            damaged_pictures: self.damaged,
            dropped_pictures: self.dropped,
        }
    }
}
