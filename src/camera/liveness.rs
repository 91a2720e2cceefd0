//! What the packets of a session that plays say: whether it goes on, and what a person is told of it.
//!
//! **While pictures come, nothing is torn down.** A session ends when packets stop, when packets come of which no
//! picture is made, or when no key frame has come for so long that a new session is the better hope. Times only: what a
//! picture is, `media` knows.

use super::error::CameraError;
use crate::camera::state::Step;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The first packet may be this late after PLAY (a P2S needs more than 10 s on a cold start).
pub const FIRST_PACKET: Duration = Duration::from_secs(20);

/// A camera that has sent video is taken for dead after this much silence; TCP would not notice for minutes.
pub const SILENCE: Duration = Duration::from_secs(4);

/// A slow camera gets three of its intervals, but not more than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Behind a whole first picture the second one may be this late: the camera's pace is not known yet.
const SECOND_PICTURE: Duration = Duration::from_secs(12);

/// Packets of which no picture is made for this long are no H.264, or not for us to read.
const NO_PICTURE: Duration = Duration::from_secs(30);

/// Cameras were seen to send a key frame every 20 s and the first one after more than 20 s; the longest interval that
/// their menus offer is some hundred pictures, which a slow one makes in minutes. After this, PLAY is the better hope:
/// most cameras begin with a key frame.
const NO_KEY_FRAME: Duration = Duration::from_secs(300);

/// Or after three of the intervals that were measured.
const KEY_FRAME_INTERVALS: f64 = 3.0;

/// A person is told that a key frame is waited for when none has come for this long, or for one and a half of the
/// camera's intervals; when those are not known, for as long as a segment may be: then the picture stands still.
const KEY_FRAME_OVERDUE: Duration = Duration::from_secs(5);
const KEY_FRAME_OVERDUE_UNKNOWN: Duration = Duration::from_secs(30);
const OVERDUE_INTERVALS: f64 = 1.5;

/// A camera changes its parameter sets when a person chooses another resolution. One that does so more often than
/// [`CHANGES`] times within this time has lost itself.
const CHANGES_WITHIN: Duration = Duration::from_secs(10);
/// See [`CHANGES_WITHIN`].
pub const CHANGES: usize = 3;

/// After a change a session is not called live before it has stayed as it is for so long.
const SETTLED: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Pulse {
    /// When PLAY was granted.
    playing: Instant,
    /// When the last packet came, and whether it was a picture's last.
    packet: Option<(Instant, bool)>,
    /// When the last picture came, whole or torn, and how many there have been.
    picture: Option<Instant>,
    pictures: u64,
    /// About the longest distance of the last few pictures.
    interval: Duration,
    /// When the last one came that a player may begin with, and the last one that it gets at all.
    key_frame: Option<Instant>,
    passed: Option<Instant>,
    /// When the camera became another one, the last few times.
    changes: VecDeque<Instant>,
}

impl Pulse {
    /// Of a session that begins to play.
    pub fn new(now: Instant) -> Self {
        Self {
            playing: now,
            packet: None,
            picture: None,
            pictures: 0,
            interval: Duration::ZERO,
            key_frame: None,
            passed: None,
            changes: VecDeque::new(),
        }
    }

    /// A packet has come; it `ends` a picture by its own word (the marker bit).
    pub fn packet(&mut self, ends: bool, now: Instant) {
        self.packet = Some((now, ends));
    }

    /// A picture has come, whole or torn, whether anybody gets to see it or not.
    pub fn picture(&mut self, now: Instant) {
        if let Some(last) = self.picture.replace(now) {
            // Quickly up and slowly down, since some cameras send two pictures at once and then pause.
            self.interval = (self.interval * 3 / 4).max(now.saturating_duration_since(last));
        }
        self.pictures += 1;
    }

    /// The camera has changed its parameter sets, or begun its packets anew.
    pub fn changed(&mut self, now: Instant) {
        if self.changes.len() > CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(now);
    }

    /// Whether it has been the same camera for a while.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.changes.back().is_none_or(|last| now.saturating_duration_since(*last) > SETTLED)
    }

    /// A picture has been passed on.
    pub fn passed(&mut self, is_key_frame: bool, now: Instant) {
        self.passed = Some(now);
        if is_key_frame {
            self.key_frame = Some(now);
        }
    }

    /// How the camera is; the error when the session is of no further use. `usual_s`: its usual distance of key frames.
    pub fn judge(&self, usual_s: Option<f64>, now: Instant) -> Result<Step, CameraError> {
        let since = |at: Instant| now.saturating_duration_since(at);
        if self.changes.len() > CHANGES && self.changes.front().is_some_and(|first| since(*first) <= CHANGES_WITHIN) {
            return Err(CameraError::Restless);
        }
        let Some((packet, _)) = self.packet else {
            let waited = since(self.playing);
            return if waited > FIRST_PACKET { Err(CameraError::NoFirstPacket) } else { Ok(Step::WaitingForVideo) };
        };
        if since(packet) > self.silence() {
            return Err(CameraError::Silent(since(packet).as_secs()));
        }
        let without_picture = since(self.picture.unwrap_or(self.playing));
        if without_picture > NO_PICTURE.max(self.silence()) {
            return Err(CameraError::NoPicture(without_picture.as_secs()));
        }
        let without_key_frame = since(self.key_frame.unwrap_or(self.playing));
        let usual =
            |intervals: f64| usual_s.map(|seconds| Duration::from_secs_f64((seconds * intervals).clamp(0.0, 3600.0)));
        if without_key_frame > NO_KEY_FRAME.max(usual(KEY_FRAME_INTERVALS).unwrap_or_default()) {
            return Err(CameraError::NoKeyFrame(without_key_frame.as_secs()));
        }

        let overdue = usual(OVERDUE_INTERVALS).map_or(KEY_FRAME_OVERDUE_UNKNOWN, |usual| usual.max(KEY_FRAME_OVERDUE));
        let slow = self.interval.mul_f64(OVERDUE_INTERVALS);
        Ok(match self.passed {
            _ if since(packet) > slow.max(SILENCE / 2) => Step::Stalled,
            None => Step::WaitingForKeyFrame,
            // After a loss nothing passes up to the next key frame.
            Some(passed) if since(passed) > slow.max(KEY_FRAME_OVERDUE) => Step::WaitingForKeyFrame,
            Some(_) if without_key_frame > overdue => Step::WaitingForKeyFrame,
            Some(_) => Step::Live,
        })
    }

    /// How long packets may stay away.
    fn silence(&self) -> Duration {
        match (self.pictures, self.packet) {
            (0 | 1, Some((_, true))) => SECOND_PICTURE,
            _ => (self.interval * 3).clamp(SILENCE, LONGEST_SILENCE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    /// A camera's life in words, judged twice a second: what it was each time that this changed, with the second.
    struct Life {
        start: Instant,
        at_s: f64,
        pulse: Pulse,
        usual_s: Option<f64>,
        told: Vec<String>,
        over: bool,
    }

    impl Life {
        fn new(usual_s: Option<f64>) -> Self {
            let start = clock::now();
            Self { start, at_s: 0.0, pulse: Pulse::new(start), usual_s, told: Vec::new(), over: false }
        }

        fn now(&self) -> Instant {
            self.start + Duration::from_secs_f64(self.at_s)
        }

        fn judge(&mut self) {
            if self.over {
                return;
            }
            let judged = self.pulse.judge(self.usual_s, self.now());
            self.over = judged.is_err();
            let word = judged.map_or_else(|error| error.to_string(), |step| step.word().to_owned());
            if self.told.last().is_none_or(|told| !told.ends_with(&word)) {
                self.told.push(format!("{} {word}", self.at_s.round()));
            }
        }

        /// Nothing comes.
        fn nothing(mut self, seconds: f64) -> Self {
            let until = self.at_s + seconds;
            while self.at_s < until {
                self.at_s += 0.5;
                self.judge();
            }
            self
        }

        /// Packets, of which no picture is made.
        fn packets(mut self, seconds: f64) -> Self {
            let until = self.at_s + seconds;
            while self.at_s < until {
                self.pulse.packet(false, self.now());
                self.judge();
                self.at_s += 0.5;
            }
            self
        }

        /// Pictures at this distance, of which each `key`th is a key frame; those before the first are not passed on.
        fn pictures(mut self, seconds: f64, distance_s: f64, key: usize) -> Self {
            let until = self.at_s + seconds;
            for picture in 1.. {
                self.pulse.packet(true, self.now());
                self.pulse.picture(self.now());
                let is_key = key > 0 && picture % key == 0;
                if is_key || self.pulse.passed.is_some() {
                    let now = self.now();
                    self.pulse.passed(is_key, now);
                }
                self.judge();
                let next_s = self.at_s + distance_s;
                if next_s > until {
                    return self;
                }
                while self.at_s + 0.5 < next_s {
                    self.at_s += 0.5;
                    self.judge();
                }
                self.at_s = next_s;
            }
            self
        }

        #[track_caller]
        fn was(&self, expected: &[&str]) {
            assert_eq!(self.told, expected);
        }
    }

    #[test]
    fn a_session_stays_while_pictures_come_however_rare_key_frames_are() {
        // 15 pictures a second and a key frame each 20 s: twice, then with the interval known, over an hour.
        Life::new(None).pictures(60.0, 1.0 / 15.0, 300).was(&["0 waiting-for-key-frame", "20 live"]);
        Life::new(Some(20.0)).pictures(3600.0, 1.0 / 15.0, 300).was(&["0 waiting-for-key-frame", "20 live"]);
        // The first one after 22 s, and then one each second.
        Life::new(None).pictures(22.0, 0.1, 0).pictures(60.0, 0.1, 10).was(&["0 waiting-for-key-frame", "23 live"]);
        // One each 250 s, of a camera with one picture a second.
        Life::new(Some(250.0)).pictures(1500.0, 1.0, 250).was(&["0 waiting-for-key-frame", "249 live"]);
    }

    #[test]
    fn a_person_is_told_that_a_key_frame_is_waited_for_when_this_is_so() {
        let of = |usual_s| Life::new(usual_s).pictures(1.0, 0.1, 1).pictures(60.0, 0.1, 0).told;
        assert_eq!(of(Some(1.0)), ["0 live", "6 waiting-for-key-frame"]);
        assert_eq!(of(Some(20.0)), ["0 live", "31 waiting-for-key-frame"]);
        assert_eq!(of(None), ["0 live", "31 waiting-for-key-frame"], "nobody knows how many are usual");
        // A loss: pictures come, and none of them passes.
        let mut lossy = Life::new(Some(20.0)).pictures(1.0, 0.1, 1);
        for _ in 0..100 {
            lossy.at_s += 0.1;
            let now = lossy.now();
            lossy.pulse.packet(true, now);
            lossy.pulse.picture(now);
            lossy.judge();
        }
        lossy.was(&["0 live", "6 waiting-for-key-frame"]);
    }

    #[test]
    fn a_session_ends_when_key_frames_stay_away_for_minutes() {
        let told = Life::new(Some(1.0)).pictures(1.0, 0.1, 1).pictures(310.0, 0.5, 0).told;
        assert_eq!(told.last().map(String::as_str), Some("302 no key frame for 300 s"), "{told:?}");
        let told = Life::new(None).pictures(310.0, 0.5, 0).told;
        assert_eq!(told, ["0 waiting-for-key-frame", "301 no key frame for 300 s"]);
    }

    #[test]
    fn a_session_ends_when_packets_stop_or_make_no_picture() {
        Life::new(None).nothing(21.0).was(&["1 waiting-for-video", "21 no packet within 20 s of PLAY"]);
        Life::new(None).packets(31.0).was(&["0 waiting-for-key-frame", "31 no picture in the packets of 30 s"]);
        // In the middle of the first key frame, as live555 does when its client was late.
        Life::new(None).packets(1.0).nothing(5.0).was(&[
            "0 waiting-for-key-frame",
            "3 stalled",
            "5 no packet for 4 s, the connection still open",
        ]);
        let live = || Life::new(Some(1.0)).pictures(10.0, 0.1, 10);
        live().nothing(5.0).was(&[
            "0 waiting-for-key-frame",
            "1 live",
            "12 stalled",
            "14 no packet for 4 s, the connection still open",
        ]);
        assert!(
            live().packets(31.0).told.last().is_some_and(|last| last.ends_with("no picture in the packets of 30 s"))
        );
    }

    #[test]
    fn a_session_ends_when_the_camera_changes_again_and_again_and_not_when_it_changes_now_and_then() {
        let changing = |changes: usize, each_s: f64| {
            let mut life = Life::new(Some(1.0)).pictures(20.0, 0.1, 10);
            for _ in 0..changes {
                life.pulse.changed(life.now());
                assert!(!life.pulse.is_settled(life.now()));
                life = life.pictures(each_s, 0.1, 10);
            }
            life.told
        };
        assert_eq!(changing(20, 4.0).last().map(String::as_str), Some("1 live"));
        assert_eq!(changing(3, 0.5).last().map(String::as_str), Some("1 live"));
        let told = changing(4, 0.5);
        assert!(told.last().is_some_and(|last| last.contains("more than 3 times within 10 s")), "{told:?}");
    }

    #[test]
    fn a_slow_camera_is_given_its_time() {
        for distance_s in [1.0, 2.0, 3.0, 5.0, 8.0, 10.0] {
            let life = Life::new(Some(distance_s)).pictures(200.0, distance_s, 1);
            assert_eq!(
                life.told.last().map(|told| told.ends_with(" live")),
                Some(true),
                "{distance_s} s: {:?}",
                life.told
            );
            assert!(life.told.len() <= 3, "{distance_s} s: {:?}", life.told);
            let silent = life.nothing(40.0).told;
            assert!(silent.last().is_some_and(|last| last.contains("no packet for")), "{distance_s} s: {silent:?}");
        }
        // Two pictures at once, and five seconds until the next two.
        let mut pairs = Life::new(Some(5.0)).pictures(11.0, 5.0, 1);
        for _ in 0..20 {
            pairs = pairs.pictures(0.04, 0.04, 1);
            pairs = pairs.nothing(4.9);
        }
        assert!(pairs.told.iter().all(|told| !told.contains("no packet")), "{:?}", pairs.told);
    }
}
