//! Limits how fast a printer is read. The busiest known printer sends about five reports a second, each of at most 36
//! KB. Without a limit, a flooding printer would keep one of our cores busy for ever. Data over the limit is read
//! later: the socket fills, and the printer has to wait.

use crate::base::bucket::Bucket;
use std::time::{Duration, Instant};

/// Packets of any kind: burst, and rate per second.
const PACKETS: (f64, f64) = (500.0, 50.0);

/// Payload bytes: burst, and rate per second.
const BYTES: (f64, f64) = (4_194_304.0, 1_048_576.0);

/// Interval at which the control thread learns that the printer is held back.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// The limits of one session.
#[derive(Debug)]
pub struct Pace {
    packets: Bucket,
    bytes: Bucket,
    /// How long the printer was held back since this was last reported, and when that was.
    waited: Duration,
    told: Option<Instant>,
}

impl Pace {
    /// Returns fresh limits for a new session.
    #[must_use]
    pub fn new() -> Self {
        let of = |(burst, per_second)| Bucket::new(burst, per_second);
        Self { packets: of(PACKETS), bytes: of(BYTES), waited: Duration::ZERO, told: None }
    }

    /// Counts a packet and returns how long to wait before reading the next.
    #[must_use]
    pub fn heard(&mut self, bytes: usize, now: Instant) -> Duration {
        let pause = self.packets.take(1.0, now).max(self.bytes.take(bytes as f64, now));
        self.waited += pause;
        pause
    }

    /// Returns how long the printer was held back since the last time this returned a value. Returns `None` within a
    /// second of that, and when the printer was not held back.
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

    /// Counts the packets of this size read in a minute from a printer that sends without end, and the reports of it.
    fn read_in_a_minute(bytes: usize) -> (u32, u32) {
        let start = clock::now();
        let (mut pace, mut at, mut read, mut told) = (Pace::new(), start, 0, 0);
        while at < start + Duration::from_secs(60) {
            // Models the transfer: a message of 1 MiB takes a millisecond, a small one no time.
            at += pace.heard(bytes, at) + Duration::from_nanos(bytes as u64);
            told += u32::from(pace.news(at).is_some());
            read += 1;
        }
        (read, told)
    }

    #[test]
    fn a_flood_is_read_at_50_packets_or_1_mib_a_second() {
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
