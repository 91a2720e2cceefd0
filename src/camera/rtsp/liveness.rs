//! Judges a playing session by its packets: whether it goes on, and which step people are shown.
//!
//! **While frames come, no session is ended.** A session ends when packets stop, or when they form no frame. It also
//! ends when the wait for a key frame is so long that a new session is more promising. This module only looks at times;
//! `media` knows what a frame is.

use crate::camera::error::CameraError;
use crate::camera::step::Step;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Longest wait for the first packet after PLAY (a P2S needs more than 10 s on a cold start).
pub const FIRST_PACKET: Duration = Duration::from_secs(20);

/// A camera that has sent video counts as dead after this much silence. TCP would not notice for minutes.
pub const SILENCE: Duration = Duration::from_secs(4);

/// A slow camera may be silent for three of its frame intervals, but not longer than this.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Longest wait for the second frame after a complete first one. The camera's frame rate is not known yet.
const SECOND_PICTURE: Duration = Duration::from_secs(12);

/// Packets that form no frame for this long are no H.264, or H.264 that we cannot read.
const NO_PICTURE: Duration = Duration::from_secs(30);

/// Some cameras send a key frame every 20 s, and the first one after more than 20 s. The longest interval in their
/// menus is a few hundred frames, which takes a slow camera minutes. After this, a new PLAY is more promising: most
/// cameras begin with a key frame.
const NO_KEY_FRAME: Duration = Duration::from_secs(300);

/// If the measured key frame interval is long, the wait lasts for this many intervals instead.
const KEY_FRAME_INTERVALS: f64 = 3.0;

/// "Waiting for a key frame" is shown after this long, or after one and a half of the camera's intervals if that is
/// longer. While the intervals are unknown, the limit is the longest segment: then the live view freezes.
const KEY_FRAME_OVERDUE: Duration = Duration::from_secs(5);
const KEY_FRAME_OVERDUE_UNKNOWN: Duration = Duration::from_secs(30);
const OVERDUE_INTERVALS: f64 = 1.5;

/// A camera changes its parameter sets when a person chooses another resolution. More than [`CHANGES`] changes within
/// this time mean that the camera malfunctions.
const CHANGES_WITHIN: Duration = Duration::from_secs(10);
/// See [`CHANGES_WITHIN`].
pub const CHANGES: usize = 3;

/// After a change, a session counts as live only once it has been unchanged for this long.
const SETTLED: Duration = Duration::from_secs(2);

/// The packet timing of a playing session; see the module.
#[derive(Debug)]
pub struct PacketTiming {
    /// When PLAY was granted.
    playing: Instant,
    /// When the last packet came, and whether it ended a frame.
    packet: Option<(Instant, bool)>,
    /// When the last frame came, whole or damaged, and the number of frames.
    picture: Option<Instant>,
    pictures: u64,
    /// Roughly the longest interval between the last few frames.
    interval: Duration,
    /// When the last key frame was passed on, and when the last frame of any kind was.
    key_frame: Option<Instant>,
    passed: Option<Instant>,
    /// The times of the latest changes of the stream.
    changes: VecDeque<Instant>,
}

impl PacketTiming {
    /// Returns the timing of a session that begins to play.
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

    /// Records a packet; `ends` is its marker bit, which ends a frame.
    pub fn packet(&mut self, ends: bool, now: Instant) {
        self.packet = Some((now, ends));
    }

    /// Records a frame, whole or damaged, whether or not it is passed on.
    pub fn picture(&mut self, now: Instant) {
        if let Some(last) = self.picture.replace(now) {
            // The estimate rises at once and falls slowly, because some cameras send two frames together and then
            // pause.
            self.interval = (self.interval * 3 / 4).max(now.saturating_duration_since(last));
        }
        self.pictures += 1;
    }

    /// Records that the camera changed its parameter sets or restarted its packets.
    pub fn changed(&mut self, now: Instant) {
        if self.changes.len() > CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(now);
    }

    /// Whether the stream has been unchanged for a while.
    pub fn is_settled(&self, now: Instant) -> bool {
        self.changes.back().is_none_or(|last| now.saturating_duration_since(*last) > SETTLED)
    }

    /// Records that a frame was passed on.
    pub fn passed(&mut self, is_key_frame: bool, now: Instant) {
        self.passed = Some(now);
        if is_key_frame {
            self.key_frame = Some(now);
        }
    }

    /// Returns the camera's step, or an error if the session should end. `usual_s` is its usual key frame interval.
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
            // After a loss, nothing is passed on until the next key frame.
            Some(passed) if since(passed) > slow.max(KEY_FRAME_OVERDUE) => Step::WaitingForKeyFrame,
            Some(_) if without_key_frame > overdue => Step::WaitingForKeyFrame,
            Some(_) => Step::Live,
        })
    }

    /// Returns the longest allowed silence between packets.
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

    /// A scripted camera, judged twice a second. Records each change of the judgement with its second.
    struct Life {
        start: Instant,
        at_s: f64,
        pulse: PacketTiming,
        usual_s: Option<f64>,
        told: Vec<String>,
        over: bool,
    }

    impl Life {
        fn new(usual_s: Option<f64>) -> Self {
            let start = clock::now();
            Self { start, at_s: 0.0, pulse: PacketTiming::new(start), usual_s, told: Vec::new(), over: false }
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

        /// Nothing arrives.
        fn nothing(mut self, seconds: f64) -> Self {
            let until = self.at_s + seconds;
            while self.at_s < until {
                self.at_s += 0.5;
                self.judge();
            }
            self
        }

        /// Packets arrive that form no frame.
        fn packets(mut self, seconds: f64) -> Self {
            let until = self.at_s + seconds;
            while self.at_s < until {
                self.pulse.packet(false, self.now());
                self.judge();
                self.at_s += 0.5;
            }
            self
        }

        /// Frames arrive at this interval; each `key`th is a key frame. Those before the first key frame are not passed
        /// on.
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
    fn a_session_stays_while_frames_come_however_rare_key_frames_are() {
        // 15 frames a second and a key frame every 20 s: first for two intervals, then for an hour with the interval
        // known.
        Life::new(None).pictures(60.0, 1.0 / 15.0, 300).was(&["0 waiting-for-key-frame", "20 live"]);
        Life::new(Some(20.0)).pictures(3600.0, 1.0 / 15.0, 300).was(&["0 waiting-for-key-frame", "20 live"]);
        // The first key frame comes after 22 s, then one each second.
        Life::new(None).pictures(22.0, 0.1, 0).pictures(60.0, 0.1, 10).was(&["0 waiting-for-key-frame", "23 live"]);
        // A camera with one frame a second and a key frame every 250 s.
        Life::new(Some(250.0)).pictures(1500.0, 1.0, 250).was(&["0 waiting-for-key-frame", "249 live"]);
    }

    #[test]
    fn waiting_for_a_key_frame_is_shown_once_it_is_overdue() {
        let of = |usual_s| Life::new(usual_s).pictures(1.0, 0.1, 1).pictures(60.0, 0.1, 0).told;
        assert_eq!(of(Some(1.0)), ["0 live", "6 waiting-for-key-frame"]);
        assert_eq!(of(Some(20.0)), ["0 live", "31 waiting-for-key-frame"]);
        assert_eq!(of(None), ["0 live", "31 waiting-for-key-frame"], "nobody knows how many are usual");
        // After a loss, frames come, and none of them is passed on.
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
    fn a_session_ends_when_packets_stop_or_form_no_frame() {
        Life::new(None).nothing(21.0).was(&["1 waiting-for-video", "21 no packet within 20 s of PLAY"]);
        Life::new(None).packets(31.0).was(&["0 waiting-for-key-frame", "31 no picture in the packets of 30 s"]);
        // Packets stop in the middle of the first key frame, as live555 does when its client was late.
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
    fn only_frequent_changes_of_parameter_sets_end_a_session() {
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
    fn a_slow_camera_may_be_silent_longer() {
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
        // Two frames come together, and the next two five seconds later.
        let mut pairs = Life::new(Some(5.0)).pictures(11.0, 5.0, 1);
        for _ in 0..20 {
            pairs = pairs.pictures(0.04, 0.04, 1);
            pairs = pairs.nothing(4.9);
        }
        assert!(pairs.told.iter().all(|told| !told.contains("no packet")), "{:?}", pairs.told);
    }
}
