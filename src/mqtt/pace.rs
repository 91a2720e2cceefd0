//! How much a printer may say in a second. The busiest one known sends some five reports a second, of 36 KB at most; one
//! that floods would otherwise keep a core of this machine busy for ever. What is over the bound is read later: the
//! socket fills, and the printer has to wait.

use crate::base::bucket::Bucket;
use std::time::{Duration, Instant};

/// Packets of any kind, in a row and for each second.
const PACKETS: (f64, f64) = (500.0, 50.0);

/// Bytes of their payloads.
const BYTES: (f64, f64) = (4_194_304.0, 1_048_576.0);

/// The control thread hears this often that the printer is held back.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Of one session.
#[derive(Debug)]
pub struct Pace {
    packets: Bucket,
    bytes: Bucket,
    /// What has been waited since the last report of it, and when that was.
    waited: Duration,
    told: Option<Instant>,
}

impl Pace {
    /// Of a session that begins.
    #[must_use]
    pub fn new() -> Self {
        let of = |(burst, per_second)| Bucket::new(burst, per_second);
        Self { packets: of(PACKETS), bytes: of(BYTES), waited: Duration::ZERO, told: None }
    }

    /// A packet has come. Returns how long to wait before the next is read.
    #[must_use]
    pub fn heard(&mut self, bytes: usize, now: Instant) -> Duration {
        let pause = self.packets.take(1.0, now).max(self.bytes.take(bytes as f64, now));
        self.waited += pause;
        pause
    }

    /// Returns how long the printer has been held back since the last call that returned something; `None` within a
    /// second of it, and when it was not held back.
    pub fn news(&mut self, now: Instant) -> Option<Duration> {
        let due = self.told.is_none_or(|told| now.saturating_duration_since(told) >= TOLD_EVERY);
        if self.waited.is_zero() || !due {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.waited))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    /// How many packets of this size are read in a minute from a printer that sends without end, and how often that is
    /// told.
    fn read_in_a_minute(bytes: usize) -> (u32, u32) {
        let start = clock::now();
        let (mut pace, mut at, mut read, mut told) = (Pace::new(), start, 0, 0);
        while at < start + Duration::from_secs(60) {
            // A message of 1 MiB takes a millisecond, a small one none.
            at += pace.heard(bytes, at) + Duration::from_nanos(bytes as u64);
            told += u32::from(pace.news(at).is_some());
            read += 1;
        }
        (read, told)
    }

    #[test]
    fn a_flood_is_read_at_fifty_packets_or_a_mebibyte_a_second() {
        let (small, told) = read_in_a_minute(20);
        assert!((3_450..=3_510).contains(&small), "{small}");
        assert!((45..=61).contains(&told), "{told}");
        let (large, _) = read_in_a_minute(1 << 20);
        assert!((60..=70).contains(&large), "{large}");
    }

    #[test]
    fn the_busiest_printer_is_never_held_back() {
        let start = clock::now();
        let mut pace = Pace::new();
        for tenth in 0..6_000_u32 {
            let now = start + Duration::from_millis(100) * tenth;
            assert_eq!(pace.heard(36_000, now), Duration::ZERO);
            assert_eq!(pace.news(now), None);
        }
    }
}
