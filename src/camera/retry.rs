//! How long a camera is left alone after an attempt: the one place that decides on it.
//!
//! | the attempt ended            | the next one comes                                                          |
//! |------------------------------|-----------------------------------------------------------------------------|
//! | absent: nobody took it       | after 0.3, 1, 2, 3, 3 … s: this costs nobody anything                       |
//! | mute, turned away, cut short, unfit | as quickly at first, then after a quarter of the time that this has lasted, a minute at most |
//! | after a picture that lasted  | after 0.3 s: an accident                                                    |
//! | refused                      | after 60, 300, 300 … s: knocking on may lock us out                         |
//!
//! A quarter: the picture is back within 8 s of the heal if the trouble has lasted for half a minute, and a camera whose
//! connections are all taken (an X1C then answers no greeting until it is restarted) is left alone more and more. Two
//! programs that take the one place from each other do not go on for ever at full speed.

use crate::base::backoff::Backoff;
use std::time::{Duration, Instant};

/// The cap is what "picture back within 8 s of the heal" leaves after a handshake and the wait for a key frame.
const BRISK: &[Duration] =
    &[Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];

/// Printers may lock out who knocks with a wrong code, and only a person can mend it.
const LONG: &[Duration] = &[Duration::from_secs(60), Duration::from_secs(300)];

/// The part of the trouble's duration that is waited for its end.
const QUARTER: u32 = 4;
const LONGEST: Duration = Duration::from_secs(60);

/// A picture that lasted this long is a good one. Programs that take a printer's one place from each other were seen to
/// do so every 5 to 20 s.
pub const LASTED: Duration = Duration::from_secs(30);

/// How an attempt ended, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nobody took the connection, or it was closed before a word was said: the printer is off, or its live view is.
    Absent,
    /// The connection was taken, and the camera did not answer or does not answer any more.
    Mute,
    /// It answered, but not with a picture.
    TurnedAway,
    /// There was a picture, for less than [`LASTED`].
    CutShort,
    /// What the camera offers cannot be shown.
    Unfit,
    /// There was a picture for [`LASTED`] or longer.
    Lasted,
    /// Only a person can mend it.
    Refused,
}

/// See the module.
#[derive(Debug)]
pub struct Pace {
    brisk: Backoff,
    long: Backoff,
    /// Since when every attempt has come to little or nothing.
    trouble: Option<Instant>,
}

impl Pace {
    /// At its quickest. `seed` spreads the waits of different printers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { brisk: Backoff::new(BRISK, seed), long: Backoff::new(LONG, seed), trouble: None }
    }

    /// How long to wait after an attempt that ended so.
    pub fn pause(&mut self, ending: Ending, now: Instant) -> Duration {
        match ending {
            Ending::Refused => return self.long.next_delay(),
            // What answered before is gone; what comes next is something else.
            Ending::Absent => self.trouble = None,
            Ending::Lasted => self.begin_anew(),
            Ending::CutShort => {
                self.brisk.reset();
                self.long.reset();
            }
            Ending::Mute | Ending::TurnedAway | Ending::Unfit => {}
        }
        let brisk = self.brisk.next_delay();
        if matches!(ending, Ending::Absent | Ending::Lasted) {
            return brisk;
        }
        let since = *self.trouble.get_or_insert(now);
        let quarter = (now.saturating_duration_since(since) / QUARTER).min(LONGEST);
        brisk.max(self.brisk.spread(quarter))
    }

    /// Something has changed: a person asks, or the printer shows another sign of life.
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

    /// The pauses of so many seconds of a camera whose attempts all end so, each after `lasting` seconds.
    fn pauses(ending: Ending, lasting: f64, seconds: f64) -> Vec<f64> {
        let (start, mut pace) = (clock::now(), Pace::new(3));
        let (mut at, mut pauses) = (lasting, Vec::new());
        while at < seconds {
            let pause = pace.pause(ending, start + Duration::from_secs_f64(at)).as_secs_f64();
            pauses.push(pause);
            at += pause + lasting;
        }
        pauses
    }

    /// In ten minutes about so many attempts; the last pause, give or take its spread.
    fn check(what: &str, ending: Ending, lasting: f64, attempts: usize, last: f64) {
        let pauses = pauses(ending, lasting, 600.0);
        assert!(pauses.len().abs_diff(attempts) <= 1, "{what}: {} attempts, {pauses:.1?}", pauses.len());
        assert!((last * 0.8..=last * 1.2).contains(&pauses[pauses.len() - 1]), "{what}: {pauses:.1?}");
        // The first try again is a quick one, whatever has happened.
        assert!(pauses[0] < 0.37 || ending == Ending::Refused, "{what}: {pauses:.1?}");
    }

    #[test]
    fn ten_minutes_of_each_kind() {
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
    fn while_the_trouble_is_young_the_picture_is_back_within_8_s_of_its_end() {
        for (ending, lasting) in [(Ending::CutShort, 5.0), (Ending::TurnedAway, 0.1), (Ending::Mute, 4.0)] {
            let pauses = pauses(ending, lasting, 25.0);
            assert!(pauses.iter().all(|pause| *pause < 7.0), "{ending:?}: {pauses:.1?}");
        }
    }

    #[test]
    fn what_ends_a_trouble_ends_its_pauses() {
        let start = clock::now();
        let after = |end: fn(&mut Pace, Instant)| {
            let mut pace = Pace::new(3);
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
