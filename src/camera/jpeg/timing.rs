//! Judges a connection by the times of its pictures: whether it goes on, and which step people are shown.
//!
//! No fixed rate holds: P1 and A1 printers were measured at one picture a second and at one in 21 s, with a faster burst
//! just after connecting. So the gaps of each camera decide, and they are remembered over connections.

use super::error::JpegError;
use crate::camera::step::Step;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// After this long without a first picture, people are told that none comes.
const TOLD: Duration = Duration::from_secs(10);

/// Longest wait for the first picture. A camera that is missing takes the login and never sends one.
pub const FIRST_PICTURE: Duration = Duration::from_secs(40);

/// Longest wait for the rest of a picture whose header has come.
pub const WHOLE_PICTURE: Duration = Duration::from_secs(30);

/// How many of the last gaps between pictures are remembered.
const GAPS: usize = 8;

/// A camera counts as dead after one and a half of its longest remembered gap, within these bounds. A printer's next
/// handshake costs it a second of CPU time, so none is made early.
const SILENCE_GAPS: f64 = 1.5;
const SILENCE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(60));

/// "Stalled" is shown after twice the longest gap, but not sooner than this, and well before the end.
const STALLED_GAPS: u32 = 2;
const STALLED: Duration = Duration::from_secs(10);
const WELL_BEFORE: f64 = 2.0 / 3.0;

/// The time from one picture to the next, and that picture's bytes.
#[derive(Debug, Clone, Copy)]
struct Gap {
    span: Duration,
    bytes: usize,
}

/// The times of a camera's pictures; see the module.
#[derive(Debug)]
pub struct PictureTiming {
    gaps: VecDeque<Gap>,
    /// When the login was sent.
    begun: Instant,
    /// When the header of the present picture came; `None` between two pictures.
    header: Option<Instant>,
    /// When the last picture came, whole or damaged.
    heard: Option<Instant>,
    /// When the last picture came that can be shown.
    picture: Option<Instant>,
}

impl PictureTiming {
    /// Returns the timing of a camera that is not known yet.
    pub fn new(now: Instant) -> Self {
        Self { gaps: VecDeque::new(), begun: now, header: None, heard: None, picture: None }
    }

    /// Begins a connection on which the login was sent.
    pub fn begin(&mut self, now: Instant) {
        *self = Self { gaps: std::mem::take(&mut self.gaps), ..Self::new(now) };
    }

    /// Records the header of a picture.
    pub fn header(&mut self, now: Instant) {
        self.header = Some(now);
    }

    /// Records a picture that cannot be shown.
    pub fn dropped(&mut self, now: Instant) {
        self.header = None;
        self.heard = Some(now);
    }

    /// Records a picture.
    pub fn picture(&mut self, bytes: usize, now: Instant) {
        self.dropped(now);
        if let Some(before) = self.picture.replace(now) {
            if self.gaps.len() == GAPS {
                self.gaps.pop_front();
            }
            self.gaps.push_back(Gap { span: now.saturating_duration_since(before), bytes });
        }
    }

    /// Returns the camera's step, or an error if the connection should end.
    pub fn judge(&self, now: Instant) -> Result<Step, JpegError> {
        let since = |at: Instant| now.saturating_duration_since(at);
        match (self.header, self.heard) {
            (Some(header), _) if since(header) > WHOLE_PICTURE => return Err(JpegError::Slow(since(header).as_secs())),
            (None, None) if since(self.begun) > FIRST_PICTURE => {
                return Err(JpegError::NoFirstPicture(since(self.begun).as_secs()));
            }
            (None, Some(heard)) if since(heard) > self.silence() => {
                return Err(JpegError::Silent(since(heard).as_secs()));
            }
            _ => {}
        }
        Ok(match self.picture {
            None if since(self.begun) > TOLD => Step::WaitingForPicture,
            None => Step::SigningIn,
            Some(picture) if since(picture) > self.stalled() => Step::Stalled,
            Some(_) => Step::Live,
        })
    }

    /// Returns what the thread waits for, and until when.
    pub fn wait(&self) -> (&'static str, Option<Instant>) {
        match (self.header, self.heard) {
            (Some(header), _) => ("the rest of a picture", Some(header + WHOLE_PICTURE)),
            (None, None) => ("the camera's first picture", Some(self.begun + FIRST_PICTURE)),
            (None, Some(heard)) => ("the camera's next picture", Some(heard + self.silence())),
        }
    }

    /// Returns the median of the last gaps, in seconds.
    pub fn interval_s(&self) -> Option<f64> {
        let mut spans: Vec<Duration> = self.gaps.iter().map(|gap| gap.span).collect();
        spans.sort_unstable();
        spans.get(spans.len() / 2).map(Duration::as_secs_f64)
    }

    /// Returns the mean rate over the last gaps.
    pub fn kilobits_per_second(&self) -> Option<f64> {
        let seconds = self.gaps.iter().map(|gap| gap.span).sum::<Duration>().as_secs_f64();
        let bytes = self.gaps.iter().map(|gap| gap.bytes).sum::<usize>() as f64;
        (seconds > 0.0).then(|| bytes * 8.0 / 1000.0 / seconds)
    }

    /// Returns the longest allowed silence between pictures.
    fn silence(&self) -> Duration {
        self.longest().mul_f64(SILENCE_GAPS).clamp(SILENCE.0, SILENCE.1)
    }

    /// Returns the silence after which the camera is shown as stalled.
    fn stalled(&self) -> Duration {
        (self.longest() * STALLED_GAPS).clamp(STALLED, self.silence().mul_f64(WELL_BEFORE))
    }

    fn longest(&self) -> Duration {
        self.gaps.iter().map(|gap| gap.span).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    /// A scripted camera, judged twice a second. Records each change of the judgement with its second.
    struct Life {
        start: Instant,
        at_s: f64,
        timing: PictureTiming,
        told: Vec<String>,
        over: bool,
    }

    impl Life {
        fn new() -> Self {
            let start = clock::now();
            Self { start, at_s: 0.0, timing: PictureTiming::new(start), told: Vec::new(), over: false }
        }

        fn now(&self) -> Instant {
            self.start + Duration::from_secs_f64(self.at_s)
        }

        fn judge(&mut self) {
            if self.over {
                return;
            }
            let judged = self.timing.judge(self.now());
            self.over = judged.is_err();
            let word = judged.map_or_else(|error| error.to_string(), |step| step.word().to_owned());
            if self.told.last().is_none_or(|told| !told.ends_with(&word)) {
                self.told.push(format!("{} {word}", self.at_s.round()));
            }
        }

        /// Nothing arrives.
        fn nothing(mut self, seconds: f64) -> Self {
            let until = self.at_s + seconds;
            while self.at_s < until {
                self.at_s += 0.5;
                self.judge();
            }
            self
        }

        /// Pictures arrive, each after one of these gaps.
        fn pictures(mut self, gaps: &[f64]) -> Self {
            for gap in gaps {
                self = self.nothing(*gap);
                let now = self.now();
                self.timing.header(now);
                self.timing.picture(60_000, now);
                self.judge();
            }
            self
        }

        fn header(mut self) -> Self {
            let now = self.now();
            self.timing.header(now);
            self
        }

        fn begin(mut self) -> Self {
            let now = self.now();
            self.timing.begin(now);
            self
        }

        #[track_caller]
        fn was(&self, expected: &[&str]) {
            assert_eq!(self.told, expected);
        }
    }

    #[test]
    fn without_a_first_picture_people_are_told_after_10_s_and_the_connection_ends_after_40_s() {
        Life::new().nothing(40.5).was(&[
            "1 signing-in",
            "11 waiting-for-picture",
            "41 no picture within 40 s of the login, the connection still open",
        ]);
        Life::new().nothing(39.0).pictures(&[0.5]).was(&["1 signing-in", "11 waiting-for-picture", "40 live"]);
    }

    #[test]
    fn slow_rhythms_keep_the_connection() {
        Life::new().pictures(&[1.0; 60]).was(&["1 signing-in", "1 live"]);
        Life::new().pictures(&[8.0; 30]).was(&["1 signing-in", "8 live"]);
        // Measured on a fleet of 17 printers: 3 to 8 s with gaps up to 21 s.
        let uneven = [0.5, 0.5, 0.5, 3.0, 8.0, 7.0, 21.0, 6.5, 5.0, 8.0, 21.0, 4.0, 20.0, 7.0, 7.0, 12.0, 21.0];
        let told = Life::new().pictures(&uneven).told;
        assert!(told.iter().all(|told| !told.contains("no picture for")), "{told:?}");
        // Gaps of 40 s, to which the first silence of 30 s gives no chance, are followed once they have been seen.
        Life::new().pictures(&[1.0, 29.0, 40.0, 40.0, 40.0]).was(&[
            "1 signing-in",
            "1 live",
            "12 stalled",
            "30 live",
            "60 stalled",
            "70 live",
        ]);
    }

    #[test]
    fn silence_is_shown_well_before_the_connection_ends() {
        const GROWING: [f64; 8] = [1.0, 29.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0];
        let after = |gaps: &[f64]| Life::new().pictures(gaps).nothing(70.0).told;
        let seconds = |told: &str| told.split_once(' ').and_then(|(seconds, _)| seconds.parse::<f64>().ok()).unwrap();
        for (gaps, stalled, over) in
            [(&[1.0; 8], 10.0, 30.0), (&[8.0; 8], 16.0, 30.0), (&[21.0; 8], 21.0, 31.5), (&GROWING, 40.0, 60.0)]
        {
            let (told, last) = (after(gaps), gaps.iter().sum::<f64>());
            let [.., shown, ended] = told.as_slice() else { panic!("{told:?}") };
            assert!(shown.ends_with("stalled") && ended.contains("no picture for"), "{told:?}");
            assert!((seconds(shown) - last - stalled).abs() < 1.1, "{gaps:?}: {told:?}");
            assert!((seconds(ended) - last - over).abs() < 1.1, "{gaps:?}: {told:?}");
        }
        // One picture, and then nothing.
        let told = after(&[1.0]);
        assert_eq!(told[1..3], ["1 live", "12 stalled"]);
        assert!(told[3].starts_with("32 no picture for 30 s"), "{told:?}");
    }

    #[test]
    fn a_picture_has_30_s_to_come_to_its_end() {
        let slow = Life::new().pictures(&[1.0; 8]).nothing(1.0).header().nothing(29.0);
        let back = slow.pictures(&[0.5]);
        assert_eq!(back.told, ["1 signing-in", "1 live", "19 stalled", "39 live"]);
        let never = Life::new().header().nothing(31.0).told;
        assert_eq!(never.last().map(String::as_str), Some("31 a picture was not whole within 30 s"));
    }

    #[test]
    fn gaps_are_remembered_over_connections_and_measured() {
        let life = Life::new().pictures(&[1.0, 21.0, 3.0, 4.0]).nothing(5.0).begin();
        assert_eq!((life.timing.interval_s(), life.timing.picture), (Some(4.0), None));
        let bits = life.timing.kilobits_per_second().unwrap();
        assert!((bits - 3.0 * 480.0 / 28.0).abs() < 0.01, "{bits}");
        let told = life.pictures(&[1.0]).nothing(31.0).told;
        assert!(told.iter().all(|told| !told.contains("no picture for")), "{told:?}");
        assert_eq!(PictureTiming::new(clock::now()).interval_s(), None);
    }
}
