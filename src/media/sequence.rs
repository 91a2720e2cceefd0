//! Follows the sequence numbers of one RTP source: missing packets, duplicates, and the figures of a receiver report
//! (RFC 3550 §6.4.1, appendices A.1, A.3 and A.8).
//!
//! Packets are not reordered here. Over RTSP's TCP connection they cannot overtake each other, so a late packet is as
//! lost as one that never comes.

use std::time::{Duration, Instant};

use super::TICKS_PER_SECOND;

/// A jump forward of at most this many packets is a loss; a larger one is a source that restarted its numbering.
const MAX_DROPOUT: u16 = 3000;
/// A step back of at most this many packets is a duplicate or a late packet.
const MAX_MISORDER: u16 = 100;

/// The meaning of a packet's sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It is the first of its source, or the expected one.
    Next,
    /// This many packets are missing before it.
    Gap(u16),
    /// It was seen already, or missed and given up; it must not be used.
    Old,
    /// It is from another source, or the same one restarted its numbering: what came before has no end.
    Restarted,
}

/// The reception of one source, from its first packet on.
#[derive(Debug, Clone, Default)]
pub struct Reception {
    source: Option<Source>,
}

/// The four figures that a receiver report gives about a source, and its SSRC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The SSRC of the source.
    pub ssrc: u32,
    /// Packets lost since the last figures, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the source began, limited to 24 bits.
    pub lost: u32,
    /// The highest sequence number, with the count of its wraps above it.
    pub highest: u32,
    /// The jitter of the arrivals, in ticks of the 90 kHz clock.
    pub jitter_90k: u32,
}

#[derive(Debug, Clone)]
struct Source {
    ssrc: u32,
    first: u64,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    arrival: (Instant, u32),
    jitter_90k: f64,
}

impl Reception {
    /// Records a packet.
    pub fn packet(&mut self, ssrc: u32, sequence: u16, timestamp: u32, arrived: Instant) -> Order {
        let Some(source) = self.source.as_mut() else {
            self.source = Some(Source::new(ssrc, sequence, timestamp, arrived));
            return Order::Next;
        };
        let ahead = sequence.wrapping_sub(source.highest as u16);
        let back = ahead.wrapping_neg();
        if source.ssrc != ssrc || (ahead > MAX_DROPOUT && back > MAX_MISORDER) {
            *source = Source::new(ssrc, sequence, timestamp, arrived);
            return Order::Restarted;
        }
        source.received += 1;
        if ahead == 0 || ahead > MAX_DROPOUT {
            return Order::Old;
        }
        source.highest += u64::from(ahead);
        source.measure_jitter(timestamp, arrived);
        if ahead == 1 { Order::Next } else { Order::Gap(ahead - 1) }
    }

    /// Returns the figures for a receiver report and restarts the fraction lost. Returns `None` before the first
    /// packet.
    pub fn figures(&mut self) -> Option<Figures> {
        let source = self.source.as_mut()?;
        let expected = source.highest - source.first + 1;
        let expected_now = expected - source.expected_before;
        let lost_now = expected_now.saturating_sub(source.received - source.received_before);
        source.expected_before = expected;
        source.received_before = source.received;
        let fraction = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255);
        Some(Figures {
            ssrc: source.ssrc,
            fraction_lost: fraction as u8,
            lost: expected.saturating_sub(source.received).min(0x7F_FFFF) as u32,
            highest: source.highest as u32,
            jitter_90k: source.jitter_90k as u32,
        })
    }
}

impl Source {
    fn new(ssrc: u32, sequence: u16, timestamp: u32, arrived: Instant) -> Self {
        let first = u64::from(sequence);
        Self {
            ssrc,
            first,
            highest: first,
            received: 1,
            expected_before: 0,
            received_before: 0,
            arrival: (arrived, timestamp),
            jitter_90k: 0.0,
        }
    }

    /// RFC 3550 §6.4.1: adds a sixteenth of each new difference between the two clocks.
    fn measure_jitter(&mut self, timestamp: u32, arrived: Instant) {
        let (last_arrived, last_timestamp) = self.arrival;
        let waited = arrived.saturating_duration_since(last_arrived).min(Duration::from_secs(60));
        let sent_90k = f64::from(timestamp.wrapping_sub(last_timestamp).cast_signed());
        let difference = (waited.as_secs_f64() * TICKS_PER_SECOND as f64 - sent_90k).abs();
        self.jitter_90k += (difference - self.jitter_90k) / 16.0;
        self.arrival = (arrived, timestamp);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an Instant to count from")]
mod tests {
    use super::Order::{Gap, Next, Old, Restarted};
    use super::*;

    #[test]
    fn a_sequence_number_is_next_late_or_after_a_gap_or_restart() {
        let check = |packets: &[(u32, u16, Order)]| {
            let mut reception = Reception::default();
            let now = Instant::now();
            for &(ssrc, sequence, expected) in packets {
                assert_eq!(reception.packet(ssrc, sequence, 0, now), expected, "{sequence} of {packets:?}");
            }
        };
        check(&[(1, 7, Next), (1, 8, Next), (1, 9, Next)]);
        check(&[(1, 65_535, Next), (1, 0, Next), (1, 1, Next)]);
        check(&[(1, 65_534, Next), (1, 1, Gap(2)), (1, 65_535, Old), (1, 2, Next)]);
        check(&[(1, 7, Next), (1, 7, Old), (1, 8, Next), (1, 7, Old), (1, 9, Next)]);
        check(&[(1, 7, Next), (1, 3007, Gap(2999)), (1, 6008, Restarted), (1, 6009, Next)]);
        check(&[(1, 200, Next), (1, 100, Old), (1, 99, Restarted), (1, 100, Next)]);
        check(&[(1, 7, Next), (2, 8, Restarted), (2, 9, Next), (1, 10, Restarted)]);
    }

    #[test]
    fn figures_count_wraps_and_losses() {
        let mut reception = Reception::default();
        assert_eq!(reception.figures(), None);
        let now = Instant::now();
        for sequence in [65_534u16, 65_535, 0, 2] {
            reception.packet(9, sequence, 0, now);
        }
        let figures = reception.figures().unwrap();
        assert_eq!((figures.ssrc, figures.highest, figures.lost), (9, 0x1_0002, 1));
        assert_eq!(figures.fraction_lost, 51, "one of five");
        reception.packet(9, 3, 0, now);
        let figures = reception.figures().unwrap();
        assert_eq!((figures.fraction_lost, figures.lost), (0, 1), "nothing since, one in all");
    }

    #[test]
    fn jitter_is_zero_for_steady_packets_and_grows_with_late_ones() {
        let mut reception = Reception::default();
        let start = Instant::now();
        let at = |n: u32, late_ms: u64| start + Duration::from_millis(u64::from(n) * 40 + late_ms);
        for n in 0..50u16 {
            reception.packet(9, n, u32::from(n) * 3600, at(u32::from(n), 0));
        }
        assert_eq!(reception.figures().unwrap().jitter_90k, 0);
        for n in 50..100u16 {
            reception.packet(9, n, u32::from(n) * 3600, at(u32::from(n), u64::from(n % 2) * 10));
        }
        let jitter = reception.figures().unwrap().jitter_90k;
        assert!((800..=900).contains(&jitter), "10 ms up and down is 900 ticks, not {jitter}");
    }
}
