//! Decides where to cut: what ends before a frame, where the frame goes, and what is full after it. It handles only
//! times.
//!
//! A segment begins with an IDR picture and ends before one, as soon as it has reached its target. It is never longer
//! than TARGETDURATION allows. If no IDR comes in time, it ends without one, and frames that cannot begin a segment are
//! left out until the next IDR. A frame that would begin a segment too soon after the last is left out as well.
//!
//! A part ends as soon as the next frame would make it longer than PART-TARGET. This is predicted from the length of
//! the present frame. The part is therefore out when its last frame has come, and not one frame later.

use super::geometry::{Anew, Decision, PICTURE_MAX_90K, Reason, SEGMENT_PICTURES_MIN};
use super::spacing::Spacing;
use super::{Geometry, Settings};
use crate::media::AccessUnit;

/// A part of at least this much of PART-TARGET may precede another one in the same segment (rfc8216bis §4.4.4.9).
const PART_MIN_PERCENT: i64 = 85;
/// After this many on-time segments, a late key frame is forgiven.
const FORGIVEN_AFTER: u32 = 10;

/// The time in which frames only lengthen the open part. No frame in this span completes anything that could be
/// requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Where the next frame is expected, if it begins a part.
    from_90k: Option<i64>,
    /// The latest end that a frame may have, plus one more frame like it.
    until_90k: i64,
}

impl Quiet {
    /// Covers no frame.
    pub const NEVER: Self = Self { from_90k: None, until_90k: i64::MIN };

    /// Whether this covers a frame, if it covers all frames before it.
    #[must_use]
    pub fn covers(self, unit: &AccessUnit) -> bool {
        let picture = Picture::of(unit);
        // A part that begins earlier than predicted also ends earlier than predicted.
        let early = self.from_90k.is_some_and(|from_90k| picture.begins_after(from_90k) < from_90k);
        !unit.idr && !unit.discontinuity && !early && picture.next_end_90k() <= self.until_90k
    }
}

/// The treatment of a frame, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Placement {
    /// The part or segment that ends before the frame.
    pub(super) ends: Option<Ends>,
    /// The frame's place in the stream; `None` leaves it out.
    pub(super) goes: Option<Goes>,
    /// The part's duration, if the frame completes it.
    pub(super) fills_part_90k: Option<i64>,
}

/// The part or segment that ends before a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// The open part.
    Part {
        /// How long it lasts.
        part_90k: i64,
    },
    /// The segment, together with its open part if there is one.
    Segment(End),
}

/// The end of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// The duration of its last part, unless that part has ended before.
    pub(super) part_90k: Option<i64>,
    /// How long it lasts.
    pub(super) segment_90k: i64,
}

/// The place of a frame in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    /// Into the open part.
    IntoPart,
    /// Into a new part of the open segment.
    NewPart,
    /// Into a new segment.
    NewSegment {
        /// Whether the timeline breaks after the segment before.
        discontinuity: bool,
    },
}

/// How much the open segment may still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Another group of pictures like the last one.
    Group,
    /// This frame.
    Picture,
    /// Nothing.
    None,
}

/// The times of the open segment.
#[derive(Debug)]
struct Open {
    start_90k: i64,
    /// Where the open part began; `None` between parts.
    part_start_90k: Option<i64>,
    /// Where the last part was declared to end.
    parts_end_90k: i64,
    last_90k: i64,
    last_idr_90k: i64,
    /// The predicted end of the last frame.
    end_90k: i64,
}

/// Cuts one camera's stream.
#[derive(Debug)]
pub(super) struct Segmenter {
    settings: Settings,
    geometry: Geometry,
    open: Option<Open>,
    /// The time of the last key frame, if no segment is open because the next one did not come in time.
    late_since_90k: Option<i64>,
    late: u32,
    in_time: u32,
    /// The time between the last two key frames.
    idr_interval_90k: Option<i64>,
    /// Limits how often segments begin.
    spacing: Spacing,
    /// Watches the camera while nobody watches the stream.
    anew: Option<Anew>,
    /// The last decision on the geometry, until it is fetched.
    decided: Option<Decision>,
}

impl Segmenter {
    pub(super) fn new(settings: Settings, geometry: Geometry) -> Self {
        Self {
            settings,
            geometry,
            open: None,
            late_since_90k: None,
            late: 0,
            in_time: 0,
            idr_interval_90k: None,
            spacing: Spacing::new(),
            anew: None,
            decided: None,
        }
    }

    /// Starts with a geometry that was decided just now.
    pub(super) fn decided(settings: Settings, decision: Decision) -> Self {
        Self { decided: Some(decision), ..Self::new(settings, decision.geometry) }
    }

    /// Returns the decision on the geometry since the last call.
    pub(super) fn take_decision(&mut self) -> Option<Decision> {
        self.decided.take()
    }

    fn decide(&mut self, decision: Decision) {
        if decision.geometry != self.geometry {
            self.geometry = decision.geometry;
            self.decided = Some(decision);
        }
    }

    /// Sets whether anybody watches. While nobody does, the geometry may become shorter.
    pub(super) fn set_watched(&mut self, watched: bool) {
        if watched {
            self.anew = None;
        } else {
            self.anew.get_or_insert_default();
        }
    }

    pub(super) fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// Decides on a frame. `room` is what the open segment may still take.
    pub(super) fn place(&mut self, unit: &AccessUnit, room: Room) -> Placement {
        let picture = Picture::of(unit);
        self.spacing.pass(unit.captured_unix_ms);
        if unit.discontinuity {
            // Its times are unrelated to the ones before, so there is no interval.
            self.late_since_90k = None;
        }
        let Some(open) = &self.open else { return self.begin(picture, None, true) };

        if unit.discontinuity || picture.at_90k <= open.last_90k {
            return self.begin(picture, Some(open.end()), true);
        }
        let fits = picture.at_90k.saturating_sub(open.start_90k) <= self.geometry.segment_limit_90k();
        if let Some(anew) = &mut self.anew {
            anew.see(picture.duration_90k);
        }
        if picture.idr {
            let interval_90k = picture.at_90k.saturating_sub(open.last_idr_90k);
            if let Some(anew) = &mut self.anew {
                anew.see_group(interval_90k);
            }
            self.idr_interval_90k = Some(interval_90k);
            let due = room != Room::Group || self.cuts(open, picture, interval_90k);
            if due && self.spacing.allows() {
                let end = if fits { open.end_at(picture.at_90k) } else { open.end() };
                self.note_in_time();
                return self.begin(picture, Some(end), !fits);
            }
        }
        let crosses = picture.end_90k().saturating_sub(open.start_90k) > self.geometry.segment_limit_90k();
        if crosses || room == Room::None {
            let end = if fits { open.end_at(picture.at_90k) } else { open.end() };
            self.late_since_90k = crosses.then_some(open.last_idr_90k);
            return self.begin(picture, Some(end), true);
        }
        self.go_on(picture)
    }

    /// Returns the quiet time from now on.
    pub(super) fn quiet(&self) -> Quiet {
        let Some(open) = &self.open else { return Quiet::NEVER };
        let part_start_90k = open.part_start_90k.unwrap_or(open.parts_end_90k);
        let part_end_90k = part_start_90k.saturating_add(self.part_limit_90k());
        let segment_end_90k = open.start_90k.saturating_add(self.geometry.segment_limit_90k());
        let from_90k = open.part_start_90k.is_none().then_some(open.parts_end_90k);
        Quiet { from_90k, until_90k: part_end_90k.min(segment_end_90k) }
    }

    /// Ends the open segment, because the camera is away.
    pub(super) fn interrupt(&mut self) -> Option<End> {
        self.late_since_90k = None;
        let open = self.open.take()?;
        Some(self.within_limits(open.end()))
    }

    /// Whether the next frame is expected to begin a new segment.
    pub(super) fn expects_cut(&self) -> bool {
        let Some(open) = &self.open else { return true };
        let Some(interval_90k) = self.idr_interval_90k else { return false };
        let next = Picture { at_90k: open.end_90k, duration_90k: open.end_90k - open.last_90k, idr: true };
        let since_idr_90k = next.at_90k.saturating_sub(open.last_idr_90k);
        let key_picture_is_due = since_idr_90k.saturating_add(next.duration_90k / 2) >= interval_90k;
        key_picture_is_due && self.spacing.allows() && self.cuts(open, next, interval_90k)
    }

    /// Whether a segment ends before this key frame.
    fn cuts(&self, open: &Open, picture: Picture, interval_90k: i64) -> bool {
        let target_90k =
            self.geometry.segment_target_90k(&self.settings).max(SEGMENT_PICTURES_MIN * picture.duration_90k);
        let elapsed_90k = picture.at_90k.saturating_sub(open.start_90k);
        let reached = elapsed_90k.saturating_add(picture.duration_90k / 2) >= target_90k;
        // The camera has changed its interval: with one more group of this length the segment would be too long.
        let last_chance = elapsed_90k.saturating_add(interval_90k) > self.geometry.segment_limit_90k();
        reached || (last_chance && elapsed_90k >= target_90k / 2)
    }

    /// Ends the segment `end` and begins one with the frame, if possible.
    fn begin(&mut self, picture: Picture, end: Option<End>, discontinuity: bool) -> Placement {
        let ends = end.map(|end| Ends::Segment(self.within_limits(end)));
        self.open = None;
        if !picture.idr || !self.spacing.take() {
            return Placement { ends, ..Placement::default() };
        }
        if let Some(decision) = self.anew.as_mut().and_then(|anew| anew.decide(self.geometry, &self.settings)) {
            self.decide(decision);
        }
        self.note_late(picture);
        self.note_slow(picture);
        self.open = Some(Open {
            start_90k: picture.at_90k,
            part_start_90k: None,
            parts_end_90k: picture.at_90k,
            last_90k: picture.at_90k,
            last_idr_90k: picture.at_90k,
            end_90k: picture.end_90k(),
        });
        Placement { ends, goes: Some(Goes::NewSegment { discontinuity }), fills_part_90k: self.part_filled(picture) }
    }

    /// Puts the frame into the open segment.
    fn go_on(&mut self, picture: Picture) -> Placement {
        let limit_90k = self.part_limit_90k();
        let Some(open) = &mut self.open else { return Placement::default() };
        let mut ends = None;
        let mut goes = Goes::NewPart;
        if let Some(start_90k) = open.part_start_90k {
            let so_far_90k = picture.at_90k.saturating_sub(start_90k);
            let crosses = picture.end_90k().saturating_sub(start_90k) > limit_90k;
            // A key frame begins a part of its own, unless the part before it would be shorter than the standard
            // allows.
            let may_end = picture.idr && so_far_90k.saturating_mul(100) >= limit_90k.saturating_mul(PART_MIN_PERCENT);
            if crosses || may_end {
                ends = Some(Ends::Part { part_90k: open.end_part(picture.at_90k, limit_90k) });
            } else {
                goes = Goes::IntoPart;
            }
        }
        open.last_90k = picture.at_90k;
        open.end_90k = picture.end_90k();
        if picture.idr {
            open.last_idr_90k = picture.at_90k;
        }
        Placement { ends, goes: Some(goes), fills_part_90k: self.part_filled(picture) }
    }

    /// Adds the frame to the open part. Returns the part's duration if the next frame would make it too long.
    fn part_filled(&mut self, picture: Picture) -> Option<i64> {
        let limit_90k = self.part_limit_90k();
        let open = self.open.as_mut()?;
        let start_90k = *open.part_start_90k.get_or_insert(picture.begins_after(open.parts_end_90k));
        let full = picture.next_end_90k().saturating_sub(start_90k) > limit_90k;
        full.then(|| open.end_part(picture.end_90k(), limit_90k))
    }

    /// The longest part. Without a low-latency playlist a segment is one piece.
    fn part_limit_90k(&self) -> i64 {
        if self.settings.low_latency { self.geometry.part_limit_90k() } else { i64::MAX }
    }

    fn within_limits(&self, end: End) -> End {
        End {
            part_90k: end.part_90k.map(|part_90k| part_90k.clamp(1, self.part_limit_90k())),
            segment_90k: end.segment_90k.clamp(1, self.geometry.segment_limit_90k()),
        }
    }

    fn note_in_time(&mut self) {
        self.in_time = self.in_time.saturating_add(1);
        if self.in_time >= FORGIVEN_AFTER {
            self.late = 0;
        }
    }

    /// Handles the first key frame after a segment that had to end without one. A second such case within a while shows
    /// that the camera's groups are longer than when TARGETDURATION was decided.
    fn note_late(&mut self, picture: Picture) {
        let Some(since_90k) = self.late_since_90k.take() else { return };
        let interval_90k = picture.at_90k.saturating_sub(since_90k);
        self.idr_interval_90k = Some(interval_90k);
        if let Some(anew) = &mut self.anew {
            anew.see_group(interval_90k);
        }
        self.in_time = 0;
        self.late += 1;
        if self.late >= 2 {
            self.late = 0;
            let (group_90k, period_90k) = (interval_90k, picture.duration_90k);
            let geometry = self.geometry.raised_for(&self.settings, group_90k, period_90k);
            self.decide(Decision { geometry, why: Reason::LateKeyFrames, group_90k, period_90k });
        }
    }

    /// Raises PART-TARGET if frames are longer than it. Otherwise most of a segment would be in no part, and a
    /// low-latency player would show nothing.
    fn note_slow(&mut self, picture: Picture) {
        if self.settings.low_latency && !self.geometry.has_room_for(picture.duration_90k) {
            let (group_90k, period_90k) = (self.idr_interval_90k.unwrap_or(picture.duration_90k), picture.duration_90k);
            let geometry = self.geometry.with_room_for(&self.settings, group_90k, period_90k);
            self.decide(Decision { geometry, why: Reason::LongFrames, group_90k, period_90k });
        }
    }
}

impl Open {
    /// Ends the open part at `end_90k` and returns its duration.
    fn end_part(&mut self, end_90k: i64, limit_90k: i64) -> i64 {
        let start_90k = self.part_start_90k.take().unwrap_or(self.parts_end_90k);
        let part_90k = end_90k.saturating_sub(start_90k).clamp(1, limit_90k);
        self.parts_end_90k = start_90k.saturating_add(part_90k);
        part_90k
    }

    /// The predicted end of the segment.
    fn end(&self) -> End {
        self.end_at(self.end_90k)
    }

    fn end_at(&self, end_90k: i64) -> End {
        End {
            part_90k: self.part_start_90k.map(|start_90k| end_90k.saturating_sub(start_90k)),
            segment_90k: end_90k.saturating_sub(self.start_90k),
        }
    }
}

/// The times of one frame.
#[derive(Debug, Clone, Copy)]
struct Picture {
    at_90k: i64,
    duration_90k: i64,
    idr: bool,
}

impl Picture {
    fn of(unit: &AccessUnit) -> Self {
        Self { at_90k: unit.dts_90k, duration_90k: unit.duration_90k.clamp(1, PICTURE_MAX_90K), idr: unit.idr }
    }

    fn end_90k(self) -> i64 {
        self.at_90k.saturating_add(self.duration_90k)
    }

    /// The end of the next frame, if it is like this one.
    fn next_end_90k(self) -> i64 {
        self.end_90k().saturating_add(self.duration_90k)
    }

    /// Where a part that begins with this frame begins. It is the predicted end of the part before, so that the parts
    /// of a segment add up to the segment. After a hole it is the frame's own time.
    fn begins_after(self, end_90k: i64) -> i64 {
        if self.at_90k.abs_diff(end_90k) <= self.duration_90k.unsigned_abs() / 2 { end_90k } else { self.at_90k }
    }
}

#[cfg(test)]
mod tests;
