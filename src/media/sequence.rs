//! RTP sequence numbers: what is next, what is missing, what has been there already.

/// A number this far ahead is no loss but a new start.
const FARTHEST: u16 = 3000;

/// The sequence numbers of one source.
#[derive(Debug, Default, Clone)]
pub struct Sequence {
    /// The last number taken, with the wraps in the upper half.
    last: Option<u32>,
    lost: u64,
    stale: u64,
}

/// How a packet follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// As it should, or the first one.
    Next,
    /// Packets before it are missing.
    AfterGap,
    /// It, or one after it, has been there already: nothing to take.
    Stale,
}

impl Sequence {
    /// Takes the number of a packet that has arrived.
    pub fn arrive(&mut self, number: u16) -> Arrival {
        let Some(last) = self.last else {
            self.last = Some(u32::from(number));
            return Arrival::Next;
        };
        let ahead = number.wrapping_sub(last as u16);
        match ahead {
            1..=FARTHEST => {
                self.last = Some(last.wrapping_add(u32::from(ahead)));
                self.lost += u64::from(ahead - 1);
                if ahead == 1 { Arrival::Next } else { Arrival::AfterGap }
            }
            // Far away in either direction: the camera counts anew.
            _ if ahead < 0u16.wrapping_sub(FARTHEST) && ahead != 0 => {
                self.last = Some(last.wrapping_add(u32::from(ahead)));
                Arrival::AfterGap
            }
            _ => {
                self.stale += 1;
                Arrival::Stale
            }
        }
    }

    /// Packets that never came.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Packets that came twice or too late.
    #[must_use]
    pub fn stale(&self) -> u64 {
        self.stale
    }

    /// The highest number taken, with the count of wraps in the upper half (RFC 3550 §6.4.1).
    #[must_use]
    pub fn extended(&self) -> u32 {
        self.last.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Arrival::*;
    use super::*;

    #[test]
    fn gaps_duplicates_wraps_and_new_starts_are_told_apart() {
        let mut sequence = Sequence::default();
        let numbers = [
            (65_530, Next),
            (65_531, Next),
            (65_531, Stale),
            (65_535, AfterGap),
            (0, Next),
            (65_533, Stale),
            (2, AfterGap),
            (1, Stale),
            (20_000, AfterGap),
            (20_001, Next),
        ];
        for (number, expected) in numbers {
            assert_eq!(sequence.arrive(number), expected, "{number}");
        }
        assert_eq!((sequence.lost(), sequence.stale()), (4, 3));
        assert_eq!(sequence.extended(), 0x1_0000 + 20_001);
    }
}
