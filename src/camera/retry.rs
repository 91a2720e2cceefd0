//! How long a camera is left alone after an attempt. Only this module decides that.
//!
//! | the attempt ended            | the next one comes                                                          |
//! |------------------------------|-----------------------------------------------------------------------------|
//! | absent: not accepted         | after 0.3, 1, 2, 3, 3 … s: this disturbs nobody                             |
//! | mute, turned away, cut short, unfit | the same at first, then a quarter of the trouble's duration, 60 s at most |
//! | after frames that lasted     | after 0.3 s: an accident                                                    |
//! | refused                      | after 60, 300, 300 … s: repeating a wrong login may lock us out             |
//! | barren                       | after the longest pause of its kind of camera at once                       |
//!
//! These are the pauses of cameras that send video. `camera::jpeg` has longer ones.
//!
//! Why a quarter: after half a minute of trouble, the live view is back within 8 s of the repair. An X1C whose
//! connections are all taken answers no greeting until it is restarted; such a camera is left alone more and more. Two
//! programs that compete for the only connection slow each other down, instead of retrying at full speed for ever.

use crate::base::backoff::{Backoff, JITTER};
use std::time::{Duration, Instant};

/// The pauses of a kind of camera. The last of each is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After the first attempts of a series.
    pub brisk: &'static [Duration],
    /// The longest pause after attempts that disturb nobody.
    pub absent: Duration,
    /// The longest pause after any attempt that was not refused.
    pub longest: Duration,
    /// After a refusal.
    pub long: &'static [Duration],
}

/// The pauses of most cameras.
pub const PAUSES: Pauses =
    Pauses { brisk: BRISK, absent: Duration::from_secs(3), longest: Duration::from_secs(60), long: LONG };

/// The cap leaves time for a handshake and a key frame within the goal "picture back within 8 s of the heal".
const BRISK: &[Duration] =
    &[Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];

/// Printers may lock out a client that repeats a wrong code, and only a person can fix it.
const LONG: &[Duration] = &[Duration::from_secs(60), Duration::from_secs(300)];

/// The pause is the trouble's duration divided by this, up to [`Pauses::longest`].
const QUARTER: u32 = 4;

/// A live view of at least this length counts as a success. Programs that compete for a printer's only connection were
/// seen to interrupt each other every 5 to 20 s.
pub const LASTED: Duration = Duration::from_secs(30);

/// How an attempt ended, as far as it matters for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection was not accepted, or closed before any data: the printer or its live view is off.
    Absent,
    /// The connection was accepted, and the camera did not answer or stopped answering.
    Mute,
    /// The camera answered, but delivered no frame.
    TurnedAway,
    /// Frames came for less than [`LASTED`].
    CutShort,
    /// The camera's stream cannot be shown.
    Unfit,
    /// The camera sends nothing at present, and says so.
    Barren,
    /// Frames came for [`LASTED`] or longer.
    Lasted,
    /// Only a person can fix it.
    Refused,
}

/// Chooses the pauses between attempts; see the module.
#[derive(Debug)]
pub struct Pace {
    pauses: Pauses,
    seed: u64,
    brisk: Backoff,
    long: Backoff,
    /// When the current series of unsuccessful attempts began.
    trouble: Option<Instant>,
}

impl Pace {
    /// Returns the shortest pauses. `seed` spreads the pauses of different printers.
    #[must_use]
    pub fn new(pauses: Pauses, seed: u64) -> Self {
        let Pauses { brisk, long, .. } = pauses;
        Self { pauses, seed, brisk: Backoff::new(brisk, seed), long: Backoff::new(long, seed), trouble: None }
    }

    /// Keeps to these pauses from now on. If they are others, they begin anew.
    pub fn keep_to(&mut self, pauses: Pauses) {
        if self.pauses != pauses {
            *self = Self::new(pauses, self.seed);
        }
    }

    /// Adds jitter to a pause that the printer itself has given a reason for.
    pub fn spread(&mut self, pause: Duration) -> Duration {
        self.brisk.spread(pause)
    }

    /// Returns how long to wait after an attempt with this ending.
    pub fn pause(&mut self, ending: Ending, now: Instant) -> Duration {
        match ending {
            Ending::Refused => return self.long.next_delay(),
            Ending::Barren => return self.brisk.spread(self.pauses.longest),
            // The device that answered before is gone, so its trouble no longer counts.
            Ending::Absent => self.trouble = None,
            Ending::Lasted => self.begin_anew(),
            Ending::CutShort => {
                self.brisk.reset();
                self.long.reset();
            }
            Ending::Mute | Ending::TurnedAway | Ending::Unfit => {}
        }
        let brisk = self.brisk.next_delay();
        match ending {
            Ending::Absent if brisk > self.pauses.absent.mul_f64(JITTER) => {
                return self.brisk.spread(self.pauses.absent);
            }
            Ending::Absent => return brisk,
            Ending::Lasted => return brisk,
            _ => {}
        }
        let since = *self.trouble.get_or_insert(now);
        let quarter = (now.saturating_duration_since(since) / QUARTER).min(self.pauses.longest);
        brisk.max(self.brisk.spread(quarter))
    }

    /// Resets the pauses, because a person asks or the printer shows a sign of life.
    pub fn begin_anew(&mut self) {
        self.brisk.reset();
        self.long.reset();
        self.trouble = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    /// Returns the pauses within `seconds` if every attempt takes `lasting` seconds and ends the same way.
    fn pauses(ending: Ending, lasting: f64, seconds: f64) -> Vec<f64> {
        let (start, mut pace) = (clock::now(), Pace::new(PAUSES, 3));
        let (mut at, mut pauses) = (lasting, Vec::new());
        while at < seconds {
            let pause = pace.pause(ending, start + Duration::from_secs_f64(at)).as_secs_f64();
            pauses.push(pause);
            at += pause + lasting;
        }
        pauses
    }

    /// Checks the number of attempts in ten minutes, and the last pause within its spread.
    fn check(what: &str, ending: Ending, lasting: f64, attempts: usize, last: f64) {
        let pauses = pauses(ending, lasting, 600.0);
        assert!(pauses.len().abs_diff(attempts) <= 1, "{what}: {} attempts, {pauses:.1?}", pauses.len());
        assert!((last * 0.8..=last * 1.2).contains(&pauses[pauses.len() - 1]), "{what}: {pauses:.1?}");
        // The first retry is always quick, except after a refusal.
        assert!(pauses[0] < 0.37 || ending == Ending::Refused, "{what}: {pauses:.1?}");
    }

    #[test]
    fn attempts_within_ten_minutes_of_each_failure() {
        check("a closed port", Ending::Absent, 0.0, 204, 3.0);
        check("an address where nobody answers for 5 s", Ending::Absent, 5.0, 76, 3.0);
        check("a handshake that takes 15 s and comes to nothing", Ending::Mute, 15.0, 12, 60.0);
        check("OPTIONS without an answer for 4 s", Ending::Mute, 4.0, 17, 60.0);
        check("another program that takes the place after 6 s", Ending::CutShort, 6.0, 17, 60.0);
        check("no place for another viewer", Ending::TurnedAway, 0.2, 25, 60.0);
        check("H.265", Ending::Unfit, 0.1, 25, 60.0);
        check("a picture each time for a while", Ending::Lasted, 40.0, 14, 0.3);
        check("a wrong code", Ending::Refused, 0.1, 3, 300.0);
    }

    #[test]
    fn cameras_that_send_pictures_are_left_alone_for_2_s_at_least_and_16_s_at_most() {
        let (start, mut pace) = (clock::now(), Pace::new(crate::camera::jpeg::PAUSES, 3));
        let mut pauses = |ending, count: u64| -> Vec<f64> {
            (0..count).map(|at| pace.pause(ending, start + Duration::from_secs(40 * at)).as_secs_f64()).collect()
        };
        let check = |pauses: &[f64], expected: &[f64]| {
            assert_eq!(pauses.len(), expected.len());
            let close = |(pause, expected): (&f64, &f64)| (expected * 0.8..=expected * 1.2).contains(pause);
            assert!(pauses.iter().zip(expected).all(close), "{pauses:.1?}");
            assert!(pauses.iter().all(|pause| *pause >= 2.0), "{pauses:.1?}");
        };
        check(&pauses(Ending::Mute, 6), &[2.5, 10.0, 16.0, 16.0, 16.0, 16.0]);
        check(&pauses(Ending::Barren, 3), &[16.0, 16.0, 16.0]);
        check(&pauses(Ending::Lasted, 1), &[2.5]);
        check(&pauses(Ending::Absent, 4), &[4.0, 4.0, 4.0, 4.0]);
        check(&pauses(Ending::Refused, 3), &[60.0, 300.0, 300.0]);
    }

    #[test]
    fn after_a_short_fault_the_next_attempt_comes_within_8_s() {
        for (ending, lasting) in [(Ending::CutShort, 5.0), (Ending::TurnedAway, 0.1), (Ending::Mute, 4.0)] {
            let pauses = pauses(ending, lasting, 25.0);
            assert!(pauses.iter().all(|pause| *pause < 7.0), "{ending:?}: {pauses:.1?}");
        }
    }

    #[test]
    fn the_end_of_a_fault_resets_the_pauses() {
        let start = clock::now();
        let after = |end: fn(&mut Pace, Instant)| {
            let mut pace = Pace::new(PAUSES, 3);
            for seconds in [0, 100, 300] {
                pace.pause(Ending::Mute, start + Duration::from_secs(seconds));
            }
            let now = start + Duration::from_secs(301);
            end(&mut pace, now);
            pace.pause(Ending::Mute, now + Duration::from_secs(1)).as_secs_f64()
        };
        assert!(after(|_, _| {}) > 45.0);
        assert!(after(|pace, _| pace.begin_anew()) < 1.0, "somebody asks");
        assert!(after(|pace, now| _ = pace.pause(Ending::Lasted, now)) < 2.0, "a picture that lasted");
        assert!(after(|pace, now| _ = pace.pause(Ending::Absent, now)) < 4.0, "the printer was off");
        assert!(after(|pace, now| _ = pace.pause(Ending::CutShort, now)) > 45.0, "a picture for a few seconds");
        assert!(after(|pace, now| _ = pace.pause(Ending::Refused, now)) > 45.0);
    }
}
