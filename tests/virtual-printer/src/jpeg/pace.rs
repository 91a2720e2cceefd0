//! When the next picture is due.

use super::manners::Rhythm;
use crate::noise::Noise;
use std::time::{Duration, Instant};

/// What a connection has been sent so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    sent: u32,
    last: Option<Instant>,
}

impl Pace {
    pub(super) fn note(&mut self, sent: Instant) {
        self.sent += 1;
        self.last = Some(sent);
    }

    pub(super) fn is_first(&self) -> bool {
        self.sent == 0
    }

    /// `None` where no picture will come. The rhythm may be another one each time.
    pub(super) fn due(&self, rhythm: Rhythm, now: Instant) -> Option<Instant> {
        match (self.last, rhythm) {
            (_, Rhythm::Never) => None,
            (None, _) => Some(now),
            (Some(_), Rhythm::Once) => None,
            (Some(last), _) => Some(last + gap(rhythm, self.sent)),
        }
    }
}

/// Between picture `nth` and the one after it, counted from 1.
fn gap(rhythm: Rhythm, nth: u32) -> Duration {
    match rhythm {
        Rhythm::Burst { pictures, apart, .. } if nth < pictures => apart,
        Rhythm::Burst { then, .. } => then,
        Rhythm::Steady(gap) => gap,
        Rhythm::Uneven { rare, .. } if nth.is_multiple_of(8) => rare,
        Rhythm::Uneven { shortest, longest, .. } => {
            shortest + longest.saturating_sub(shortest).mul_f64(Noise::new(nth.into()).unit())
        }
        Rhythm::Once | Rhythm::Never => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farms_gaps_lie_where_they_were_measured() {
        let gaps: Vec<_> = (1..=80).map(|nth| gap(Rhythm::of_a_farm(), nth).as_secs_f64()).collect();
        assert_eq!(gaps.iter().filter(|gap| **gap == 21.0).count(), 10);
        assert!(gaps.iter().all(|gap| *gap == 21.0 || (3.0..8.0).contains(gap)), "{gaps:?}");
        let usual = gaps.iter().filter(|gap| **gap < 8.0).sum::<f64>() / 70.0;
        assert!((4.5..6.5).contains(&usual), "{usual}");
    }

    #[test]
    fn a_burst_comes_first() {
        let gaps = [1, 2, 3, 4].map(|nth| gap(Rhythm::default(), nth).as_millis());
        assert_eq!(gaps, [250, 250, 1000, 1000]);
    }
}
