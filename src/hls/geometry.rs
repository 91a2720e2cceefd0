//! The lengths of one camera's segments and parts: EXT-X-TARGETDURATION and PART-TARGET.
//!
//! Neither may change while anybody watches (rfc8216bis §4.4.3.1; Safari stalls, iOS refuses). They are therefore
//! decided once, from the camera's first group of pictures, and remembered. Two exceptions avoid losing video for ever:
//! key frames that keep coming too late for TARGETDURATION, and frames that have become longer than a part. While
//! nobody watches, both are decided anew every few minutes ([`Anew`]), so that a raised value can fall.

use super::{Settings, StreamMemory};
use crate::media::{AccessUnit, TICKS_PER_SECOND};
use std::fmt;

const TICKS_PER_MS: i64 = TICKS_PER_SECOND / 1_000;
/// The duration of a segment is rounded to the nearest second before it is compared with TARGETDURATION.
const ROUNDING_MS: i64 = 499;
/// Above this the stream is useless to a viewer: HOLD-BACK is three times as long.
const TARGET_DURATION_MAX_S: i64 = 30;
/// Group lengths vary, so the target allows for segments this much longer than the measured ones.
const SEGMENT_MARGIN_PERCENT: i64 = 15;
/// Measured durations come from the camera; a longer one is clamped to this.
pub(super) const PICTURE_MAX_90K: i64 = 10 * TICKS_PER_SECOND;
/// TS does not state how long the last frame of a segment lasts. A player infers it from the frame before. For a frame
/// that it has only seen alone, hls.js assumes a thirtieth of a second, and stalls again and again.
pub(super) const SEGMENT_PICTURES_MIN: i64 = 2;
/// The same holds for a part, but the second frame in each costs its own latency. With one frame a second and one per
/// part, hls.js 1.7.4 plays, and stalls for 2 s at some starts. With one frame every two seconds it stalled for 10 s at
/// every third start.
const LONG_PICTURE_90K: i64 = TICKS_PER_SECOND * 6 / 5;
/// In a part of at least this many frames, one frame fewer still makes 85 % of it.
const STEADY_PART_PICTURES: i64 = 7;
/// Parts of fewer frames get this much room, so that a slower frame does not cost a whole frame of the part.
const PART_MARGIN_PERCENT: i64 = 10;
/// PART-TARGET is lowered only if the new value is at most this much of the old one.
const PART_WORTH_PERCENT: u64 = 85;
/// Browsers that hold back less than this cannot catch up.
const PART_HOLD_BACK_MIN_MS: u32 = 1_200;

/// TARGETDURATION and PART-TARGET of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// EXT-X-TARGETDURATION.
    pub target_duration_s: u32,
    /// PART-TARGET.
    pub part_target_ms: u32,
}

/// A decision on the geometry with its inputs, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The geometry that was decided.
    pub geometry: Geometry,
    /// Why it was decided now.
    pub why: Reason,
    /// The time from key frame to key frame.
    pub group_90k: i64,
    /// The time from frame to frame.
    pub period_90k: i64,
}

/// Why a geometry was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The camera's first group of frames was measured.
    Measured,
    /// Key frames keep coming too late for TARGETDURATION.
    LateKeyFrames,
    /// Frames have become longer than a part.
    LongFrames,
    /// Nobody watches, and the camera needs less.
    Unwatched,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { geometry: Geometry { target_duration_s, part_target_ms }, why, group_90k, period_90k } = self;
        let why = match why {
            Reason::Measured => "measured",
            Reason::LateKeyFrames => "raised for key frames that come late, which puts viewers further behind",
            Reason::LongFrames => "raised for frames that have become longer",
            Reason::Unwatched => "lowered while nobody watches",
        };
        let [group_s, period_s] = [group_90k, period_90k].map(|span| *span as f64 / TICKS_PER_SECOND as f64);
        write!(f, "TARGETDURATION {target_duration_s} s, PART-TARGET {part_target_ms} ms: {why}, ")?;
        write!(f, "a key frame every {group_s:.2} s, a frame every {period_s:.3} s")
    }
}

impl Geometry {
    /// Returns the geometry for a camera that sends a frame every `period_90k` and a key frame every `gop_90k`.
    #[must_use]
    pub fn for_camera(settings: &Settings, gop_90k: i64, period_90k: i64) -> Self {
        let period_90k = period_90k.clamp(1, PICTURE_MAX_90K);
        let pictures = part_pictures(settings, period_90k);
        let exact_90k = pictures * period_90k;
        let margin_percent = if pictures < STEADY_PART_PICTURES { PART_MARGIN_PERCENT } else { 0 };
        let part_90k = exact_90k + exact_90k * margin_percent / 100;
        // Always rounded up to the next millisecond: rounding away one tick must not make an exactly full part too
        // long.
        let part_target_ms = u32::try_from(part_90k / TICKS_PER_MS + 1).unwrap_or(u32::MAX);
        let target_duration_s = target_duration_s(segment_of(settings, gop_90k, period_90k));
        Self { target_duration_s: target_duration_s.max(part_target_ms.div_ceil(1_000)), part_target_ms }
    }

    /// Returns what an earlier process decided. Returns `None` if there is no decision, or if it is not one of ours.
    #[must_use]
    pub fn remembered(memory: &StreamMemory) -> Option<Self> {
        let Self { target_duration_s, part_target_ms } =
            Self { target_duration_s: memory.target_duration_s, part_target_ms: memory.part_target_ms };
        let target_fits = (1..=TARGET_DURATION_MAX_S).contains(&i64::from(target_duration_s));
        let part_fits = (1..=target_duration_s.saturating_mul(1_000)).contains(&part_target_ms);
        (target_fits && part_fits).then_some(Self { target_duration_s, part_target_ms })
    }

    /// Returns the same with a TARGETDURATION that has room for the group of `gop_90k`, for a camera whose key frames
    /// keep coming too late. Otherwise every group would be truncated for ever. Since the playlist changes anyway,
    /// parts of few frames get the room for a slower one that they would have had from the start. Example: 9 frames a
    /// second after 30. Its parts last 0.22 s under a PART-TARGET of 0.334 s whenever the third frame is a little late.
    #[must_use]
    pub fn raised_for(self, settings: &Settings, gop_90k: i64, period_90k: i64) -> Self {
        let fitting = Self::for_camera(settings, gop_90k, period_90k);
        let few = part_pictures(settings, period_90k) < STEADY_PART_PICTURES;
        Self {
            target_duration_s: fitting.target_duration_s.max(self.target_duration_s),
            part_target_ms: if few { fitting.part_target_ms.max(self.part_target_ms) } else { self.part_target_ms },
        }
    }

    /// Whether it makes viewers wait longer than `fitting` would. A few milliseconds of PART-TARGET do not count, since
    /// no two measurements are the same.
    fn is_longer_than(self, fitting: Self) -> bool {
        self.target_duration_s > fitting.target_duration_s
            || u64::from(self.part_target_ms) * PART_WORTH_PERCENT > u64::from(fitting.part_target_ms) * 100
    }

    /// Whether a part has room for frames of `period_90k`.
    #[must_use]
    pub fn has_room_for(self, period_90k: i64) -> bool {
        part_pictures_min(period_90k).saturating_mul(period_90k) <= self.part_limit_90k()
    }

    /// Returns the same with a PART-TARGET that has room for frames of `period_90k`.
    #[must_use]
    pub fn with_room_for(self, settings: &Settings, gop_90k: i64, period_90k: i64) -> Self {
        let fitting = Self::for_camera(settings, gop_90k.max(period_90k), period_90k);
        Self {
            target_duration_s: fitting.target_duration_s.max(self.target_duration_s),
            part_target_ms: fitting.part_target_ms.max(self.part_target_ms),
        }
    }

    /// A segment ends at the first key frame after this. It is the configured length, but at least half of
    /// TARGETDURATION. Otherwise a camera whose groups have become much shorter would fill the window with less than
    /// three target durations.
    #[must_use]
    pub fn segment_target_90k(self, settings: &Settings) -> i64 {
        ms_to_90k(settings.segment_target_ms).max(i64::from(self.target_duration_s) * TICKS_PER_SECOND / 2)
    }

    /// The longest that a segment may be.
    #[must_use]
    pub fn segment_limit_90k(self) -> i64 {
        i64::from(self.target_duration_s) * TICKS_PER_SECOND + ROUNDING_MS * TICKS_PER_MS
    }

    /// The longest that a part may be.
    #[must_use]
    pub fn part_limit_90k(self) -> i64 {
        ms_to_90k(self.part_target_ms)
    }

    /// HOLD-BACK: how far from the end an ordinary player stays.
    #[must_use]
    pub fn hold_back_s(self) -> u32 {
        self.target_duration_s.saturating_mul(3)
    }

    /// PART-HOLD-BACK: how far from the end a low-latency player stays.
    #[must_use]
    pub fn part_hold_back_ms(self) -> u32 {
        self.part_target_ms.saturating_mul(3).max(PART_HOLD_BACK_MIN_MS)
    }

    /// How many parts ahead of the list a reload may request (rfc8216bis §6.2.5.2).
    #[must_use]
    pub fn advance_part_limit(self) -> u64 {
        if self.part_target_ms < 1_000 { u64::from(3_000_u32.div_ceil(self.part_target_ms.max(1))) } else { 3 }
    }
}

/// The number of frames in a part.
fn part_pictures(settings: &Settings, period_90k: i64) -> i64 {
    let period_90k = period_90k.clamp(1, PICTURE_MAX_90K);
    ((ms_to_90k(settings.part_target_ms) + period_90k / 2) / period_90k).max(part_pictures_min(period_90k))
}

/// The smallest number of frames in a part.
fn part_pictures_min(period_90k: i64) -> i64 {
    if period_90k > LONG_PICTURE_90K { 2 } else { 1 }
}

/// The shortest run of whole groups that reaches the target and has [`SEGMENT_PICTURES_MIN`] frames. The target counts
/// as reached if less than half a frame is missing.
fn segment_of(settings: &Settings, gop_90k: i64, period_90k: i64) -> i64 {
    let gop_90k = gop_90k.clamp(1, TARGET_DURATION_MAX_S * TICKS_PER_SECOND);
    let period_90k = period_90k.clamp(1, PICTURE_MAX_90K);
    let reached_90k = ms_to_90k(settings.segment_target_ms).max(SEGMENT_PICTURES_MIN * period_90k) - period_90k / 2;
    let groups = (reached_90k + gop_90k - 1) / gop_90k;
    groups.max(1) * gop_90k
}

/// The smallest TARGETDURATION for segments of about this length. It is at least 2, so that segments of two seconds
/// always fit.
fn target_duration_s(segment_90k: i64) -> u32 {
    let needed_90k = segment_90k + segment_90k * SEGMENT_MARGIN_PERCENT / 100 - ROUNDING_MS * TICKS_PER_MS;
    let seconds = (needed_90k + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND;
    u32::try_from(seconds.clamp(2, TARGET_DURATION_MAX_S)).unwrap_or(2)
}

fn ms_to_90k(ms: u32) -> i64 {
    i64::from(ms) * TICKS_PER_MS
}

/// Watches a camera whose stream nobody watches, and decides the geometry again from what it sends now.
#[derive(Debug, Default)]
pub(super) struct Anew {
    elapsed_90k: i64,
    pictures: i64,
    longest_group_90k: i64,
    groups: u32,
}

impl Anew {
    /// Long enough for a camera's slow minute to end, and for a viewer who only lost the connection to return.
    const SPAN_90K: i64 = 180 * TICKS_PER_SECOND;
    const GROUPS_SEEN: u32 = 3;

    /// Takes the next frame's usual length, not the step to it: lost frames do not make a camera slow.
    pub(super) fn see(&mut self, duration_90k: i64) {
        self.elapsed_90k = self.elapsed_90k.saturating_add(duration_90k);
        self.pictures += 1;
    }

    /// Takes the next key frame, which comes `group_90k` after the one before it.
    pub(super) fn see_group(&mut self, group_90k: i64) {
        self.longest_group_90k = self.longest_group_90k.max(group_90k);
        self.groups += 1;
    }

    /// Decides what should replace `present`, if enough was seen and the result is shorter. Each span is judged on its
    /// own.
    pub(super) fn decide(&mut self, present: Geometry, settings: &Settings) -> Option<Decision> {
        if self.elapsed_90k < Self::SPAN_90K || self.groups < Self::GROUPS_SEEN {
            return None;
        }
        let seen = std::mem::take(self);
        let (group_90k, period_90k) = (seen.longest_group_90k, seen.elapsed_90k / seen.pictures.max(1));
        let geometry = Geometry::for_camera(settings, group_90k, period_90k);
        let decision = Decision { geometry, why: Reason::Unwatched, group_90k, period_90k };
        present.is_longer_than(geometry).then_some(decision)
    }
}

/// Watches an unknown camera until its geometry can be decided, and keeps its frames until then.
#[derive(Debug, Default)]
pub(super) struct Measure {
    held: Vec<AccessUnit>,
    bytes: usize,
}

impl Measure {
    /// If no second key frame has come by then, the geometry is decided without it: a viewer is waiting. The group is
    /// then assumed to be half over.
    const PATIENCE_90K: i64 = 12 * TICKS_PER_SECOND;
    /// Fewer frames do not show a period, since some cameras begin with an extra key frame …
    const PICTURES_SEEN: usize = 9;
    /// … unless they took a while: with a slow camera nobody wants to wait for nine.
    const SLOW_PICTURES_SEEN: usize = 3;
    const SLOW_90K: i64 = 4 * TICKS_PER_SECOND;

    /// Takes the next frame. Returns the decision and the held frames once the geometry is decided.
    pub(super) fn push(&mut self, unit: &AccessUnit, settings: &Settings) -> Option<(Decision, Vec<AccessUnit>)> {
        let breaks = unit.discontinuity || self.held.last().is_some_and(|last| unit.dts_90k <= last.dts_90k);
        if breaks {
            self.forget();
        }
        if self.held.is_empty() && !unit.idr {
            return None;
        }
        let unit = unit.clone();
        self.bytes += unit.held_bytes();
        let (idr, at_90k) = (unit.idr, unit.dts_90k);
        self.held.push(unit);

        let start_90k = self.held.first().map_or(0, |first| first.dts_90k);
        let elapsed_90k = at_90k.saturating_sub(start_90k);
        let slow = elapsed_90k >= Self::SLOW_90K && self.held.len() >= Self::SLOW_PICTURES_SEEN;
        let seen = idr && (slow || self.held.len() >= Self::PICTURES_SEEN);
        if !seen && elapsed_90k < Self::PATIENCE_90K && self.bytes < settings.segment_bytes() {
            return None;
        }

        let periods = i64::try_from(self.held.len()).unwrap_or(i64::MAX).saturating_sub(1).max(1);
        let (group_90k, period_90k) = (self.longest_group_90k(), elapsed_90k / periods);
        let geometry = Geometry::for_camera(settings, group_90k, period_90k);
        let decision = Decision { geometry, why: Reason::Measured, group_90k, period_90k };
        self.bytes = 0;
        Some((decision, std::mem::take(&mut self.held)))
    }

    /// Returns the memory that it takes.
    pub(super) fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// Drops the held frames: the camera has gone before anything was decided.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The longest step from one key frame to the next. If there is only one key frame, twice the time seen.
    fn longest_group_90k(&self) -> i64 {
        let keys: Vec<i64> = self.held.iter().filter(|unit| unit.idr).map(|unit| unit.dts_90k).collect();
        let longest = keys.iter().zip(keys.iter().skip(1)).map(|(one, next)| next.saturating_sub(*one)).max();
        let open = || Some(self.held.last()?.dts_90k.saturating_sub(self.held.first()?.dts_90k).saturating_mul(2));
        longest.or_else(open).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks TARGETDURATION and PART-TARGET for a frame rate and a key frame interval.
    fn check(pictures_per_s: f64, gop_s: f64, target_duration_s: u32, part_target_ms: u32) {
        let (gop, period) = ((gop_s * 90_000.0).round() as i64, (90_000.0 / pictures_per_s).round() as i64);
        let geometry = Geometry::for_camera(&Settings::default(), gop, period);
        assert_eq!(geometry, Geometry { target_duration_s, part_target_ms }, "{pictures_per_s} fps, GOP {gop_s} s");
    }

    #[test]
    fn usual_cameras_get_2_s_segments_and_third_second_parts() {
        check(30.0, 1.0, 2, 334);
        check(30.0, 2.0, 2, 334);
        check(25.0, 2.0, 2, 321);
        check(60.0, 0.5, 2, 334);
    }

    #[test]
    fn slow_cameras_get_durations_that_fit_their_groups_and_frames() {
        check(9.0, 3.6, 4, 367);
        check(8.0, 10.0, 12, 413);
        check(15.0, 1.5, 3, 367);
    }

    #[test]
    fn a_segment_and_a_part_hold_two_frames_if_long() {
        check(2.0, 1.0, 2, 551);
        check(1.0, 1.0, 2, 1_101);
        check(0.5, 2.0, 5, 4_401);
        check(0.5, 20.0, 23, 4_401);
        check(0.2, 5.0, 12, 11_001);
    }

    #[test]
    fn durations_of_an_absurd_camera_are_bounded() {
        check(0.1, 1_000.0, 30, 22_001);
        assert_eq!(Geometry::for_camera(&Settings::default(), i64::MAX, i64::MAX).target_duration_s, 30);
        assert_eq!(Geometry::for_camera(&Settings::default(), i64::MIN, i64::MIN).target_duration_s, 2);
    }

    #[test]
    fn impossible_remembered_durations_are_not_used() {
        let memory = |target_duration_s, part_target_ms| StreamMemory {
            next_media_sequence: 9,
            discontinuity_sequence: 0,
            target_duration_s,
            part_target_ms,
        };
        assert!(Geometry::remembered(&memory(2, 334)).is_some());
        for (target, part) in [(0, 334), (2, 0), (2, 2_001), (31, 334)] {
            assert_eq!(Geometry::remembered(&memory(target, part)), None, "{target} {part}");
        }
    }

    #[test]
    fn a_camera_is_measured_after_its_first_group_or_a_timeout() {
        let unit = |n: i64, idr| AccessUnit {
            bytes: vec![0; 10],
            nal_units: Vec::new(),
            pts_90k: n * 10_000,
            dts_90k: n * 10_000,
            duration_90k: 10_000,
            idr,
            discontinuity: false,
            captured_unix_ms: 0,
        };
        let decided = |gop: i64| {
            let mut measure = Measure::default();
            assert!(measure.push(&unit(-1, false), &Settings::default()).is_none(), "before a key picture");
            (0..).find_map(|n| {
                let (decision, held) = measure.push(&unit(n, n % gop == 0), &Settings::default())?;
                assert_eq!(held.len() as i64, n + 1, "nothing is lost");
                Some((n, decision.geometry.target_duration_s))
            })
        };
        assert_eq!(decided(32), Some((32, 4)));
        assert_eq!(decided(1_000), Some((108, 28)), "a group that is half over after 12 s");
        assert_eq!(decided(3), Some((9, 2)));
    }

    #[test]
    fn a_slow_camera_is_measured_at_its_third_frame() {
        let mut measure = Measure::default();
        let decided = (0..).find_map(|n| {
            let unit = AccessUnit { dts_90k: n * 180_000, idr: true, ..AccessUnit::default() };
            Some((n, measure.push(&unit, &Settings::default())?.0.geometry))
        });
        assert_eq!(decided, Some((2, Geometry { target_duration_s: 5, part_target_ms: 4_401 })));
    }
}
