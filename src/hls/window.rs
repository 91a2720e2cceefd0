//! The segments of a stream: the one that grows, the listed ones, and those that have left the list. The last may still
//! be requested (rfc8216bis §6.2.2: for their own duration plus that of the longest playlist that showed them).

use super::restore::RestoredSegment;
use super::segment::{Part, Segment};
use super::{Geometry, StreamMemory};
use crate::media::TICKS_PER_SECOND;
use std::collections::VecDeque;
use std::sync::Arc;

/// The most segments that a playlist lists, whatever their lengths. A timeline that breaks again and again makes short
/// ones, and a list shorter than three target durations is not allowed.
const LISTED_MAX: usize = 64;
/// A larger difference between two segments means that the wall clock was set. Players accept no larger step without a
/// discontinuity.
const CLOCK_STEP_MAX_MS: i64 = 1_000;

#[derive(Debug)]
pub(super) struct Window {
    capacity: usize,
    listed: VecDeque<Arc<Segment>>,
    /// For each listed segment, the length of the longest list that contained it, or may have contained it before a
    /// restart.
    longest_90k: VecDeque<i64>,
    retired: VecDeque<Retired>,
    open: Option<Segment>,
    open_crc: flate2::Crc,
    /// The number of the next segment to begin.
    next_msn: u64,
    /// The discontinuity sequence number of the newest segment, open or not.
    discontinuity_sequence: u64,
    /// Whether anything was ever published for this stream, before or after a restart.
    known: bool,
    /// Media time: the sum of the durations of all segments completed here.
    clock_90k: i64,
    /// The first segment whose parts are listed. It only rises: a dropped part does not come back.
    parts_from: u64,
    /// The memory of all segments but the open one.
    closed_bytes: usize,
}

/// The segments that were dropped because memory was short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shed {
    Nothing,
    /// Segments that had left the list.
    Retired,
    /// Segments that were listed.
    Listed,
}

#[derive(Debug)]
struct Retired {
    segment: Arc<Segment>,
    until_90k: i64,
}

impl Window {
    /// Continues where `memory` ends, with the segments that were read back.
    pub(super) fn new(capacity: usize, memory: Option<&StreamMemory>, restored: Vec<RestoredSegment>) -> Self {
        let listed = memory.map(|memory| super::restore::continued(memory, restored, LISTED_MAX)).unwrap_or_default();
        let next_msn = memory.map_or(1, |memory| memory.next_media_sequence.max(1));
        let geometry = memory.and_then(Geometry::remembered);
        let longest_90k = geometry.map_or(0, |geometry| longest_possible_90k(capacity, geometry));
        let mut window = Self {
            capacity,
            longest_90k: listed.iter().map(|_| longest_90k).collect(),
            listed,
            retired: VecDeque::new(),
            open: None,
            open_crc: flate2::Crc::new(),
            next_msn,
            discontinuity_sequence: memory.map_or(0, |memory| memory.discontinuity_sequence),
            known: next_msn > 1,
            clock_90k: 0,
            parts_from: next_msn,
            closed_bytes: 0,
        };
        if let Some(geometry) = geometry {
            window.retire(geometry);
        }
        window
    }

    /// The memory of all segments, including the open one.
    pub(super) fn held_bytes(&self) -> usize {
        self.closed_bytes + self.open.as_ref().map_or(0, Segment::held_bytes)
    }

    /// Drops segments, the oldest first, until all take at most `limit_bytes`. Listed segments may leave the list
    /// early, even below three target durations. A short list still plays; a program without memory does not.
    pub(super) fn make_room(&mut self, limit_bytes: usize) -> Shed {
        let mut shed = Shed::Nothing;
        while self.held_bytes() > limit_bytes {
            let gone = if let Some(retired) = self.retired.pop_front() {
                shed = shed.max(Shed::Retired);
                retired.segment
            } else if let Some(oldest) = self.listed.pop_front() {
                self.longest_90k.pop_front();
                shed = Shed::Listed;
                oldest
            } else {
                break;
            };
            self.closed_bytes = self.closed_bytes.saturating_sub(gone.held_bytes());
        }
        shed
    }

    fn weigh(&mut self) {
        self.closed_bytes = self.retired().chain(&self.listed).map(|segment| segment.held_bytes()).sum();
    }

    pub(super) fn listed(&self) -> &VecDeque<Arc<Segment>> {
        &self.listed
    }

    pub(super) fn retired(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.retired.iter().map(|retired| &retired.segment)
    }

    /// Returns the segment that grows, once it has a part.
    pub(super) fn open(&self) -> Option<&Segment> {
        self.open.as_ref().filter(|open| !open.parts.is_empty())
    }

    /// Returns the number of the segment that grows or that begins next.
    pub(super) fn open_msn(&self) -> u64 {
        self.open.as_ref().map_or(self.next_msn, |open| open.msn)
    }

    pub(super) fn parts_from(&self) -> u64 {
        self.parts_from
    }

    /// Returns what to remember: the number after the newest listed segment, and the discontinuities up to that one.
    pub(super) fn numbers(&self, parts_are_listed: bool) -> (u64, u64) {
        match &self.open {
            None => (self.next_msn, self.discontinuity_sequence),
            // Before the first complete segment nothing is listed at all.
            Some(open) if parts_are_listed && !self.listed.is_empty() && !open.parts.is_empty() => {
                (self.next_msn, self.discontinuity_sequence)
            }
            Some(open) => (open.msn, open.discontinuity_sequence.saturating_sub(u64::from(open.discontinuity))),
        }
    }

    /// Begins a segment whose first frame was captured at `captured_unix_ms`.
    pub(super) fn begin(&mut self, discontinuity: bool, captured_unix_ms: i64) {
        // Nobody has seen anything before the very first segment.
        let discontinuity = self.known && (discontinuity || self.clock_was_set(captured_unix_ms));
        self.known = true;
        self.discontinuity_sequence = self.discontinuity_sequence.saturating_add(u64::from(discontinuity));
        self.open_crc.reset();
        self.open = Some(Segment {
            msn: self.next_msn,
            complete: false,
            gap: false,
            discontinuity,
            discontinuity_sequence: self.discontinuity_sequence,
            program_date_time_unix_ms: captured_unix_ms,
            duration_90k: 0,
            parts: Vec::new(),
            has_parts: true,
            crc: 0,
        });
        self.next_msn = self.next_msn.saturating_add(1);
    }

    /// Adds a part to the open segment.
    pub(super) fn add_part(&mut self, bytes: &[u8], duration_90k: i64, independent: bool) {
        let Some(open) = &mut self.open else { return };
        self.open_crc.update(bytes);
        open.crc = self.open_crc.sum();
        let part = Part { bytes: Arc::from(bytes), offset: open.len(), duration_90k, independent };
        open.duration_90k = open.duration_90k.saturating_add(duration_90k);
        open.parts.push(part);
    }

    /// Completes the open segment, if there is one, and lists it. The oldest segments leave the list.
    pub(super) fn complete(&mut self, duration_90k: i64, geometry: Geometry) -> bool {
        let Some(open) = self.open.take() else { return false };
        self.listed.push_back(Arc::new(Segment { complete: true, duration_90k, ..open }));
        self.longest_90k.push_back(0);
        self.clock_90k = self.clock_90k.saturating_add(duration_90k);
        self.retire(geometry);
        true
    }

    /// Stops listing the parts before the segment that is about to begin: they were cut for another PART-TARGET.
    pub(super) fn drop_parts_so_far(&mut self) {
        self.parts_from = self.next_msn;
    }

    /// Stops listing parts that are further than three target durations from the end.
    pub(super) fn drop_old_parts(&mut self, geometry: Geometry) {
        let reach_90k = three_targets_90k(geometry);
        let mut from_end_90k = self.open().map_or(0, |open| open.duration_90k);
        let mut first = self.open_msn();
        for segment in self.listed.iter().rev() {
            from_end_90k = from_end_90k.saturating_add(segment.duration_90k);
            if from_end_90k > reach_90k {
                break;
            }
            first = segment.msn;
        }
        self.parts_from = self.parts_from.max(first);
    }

    /// Stops listing segments that are too long for the present TARGETDURATION, and all segments before them.
    pub(super) fn drop_longer(&mut self, geometry: Geometry) {
        let limit_90k = geometry.segment_limit_90k();
        while self.listed.iter().any(|segment| segment.duration_90k > limit_90k) {
            self.retire_oldest();
        }
    }

    fn retire_oldest(&mut self) {
        if let (Some(segment), Some(longest_90k)) = (self.listed.pop_front(), self.longest_90k.pop_front()) {
            let until_90k = self.clock_90k.saturating_add(segment.duration_90k).saturating_add(longest_90k);
            self.retired.push_back(Retired { segment, until_90k });
        }
    }

    fn clock_was_set(&self, captured_unix_ms: i64) -> bool {
        let Some(last) = self.listed.back() else { return false };
        let expected_ms = last.program_date_time_unix_ms.saturating_add(last.duration_90k * 1_000 / TICKS_PER_SECOND);
        captured_unix_ms.abs_diff(expected_ms) > CLOCK_STEP_MAX_MS.unsigned_abs()
    }

    fn retire(&mut self, geometry: Geometry) {
        let mut listed_90k: i64 = self.listed.iter().map(|segment| segment.duration_90k).sum();
        for longest_90k in &mut self.longest_90k {
            *longest_90k = listed_90k.max(*longest_90k);
        }
        while let Some(oldest) = self.listed.front() {
            let left_90k = listed_90k - oldest.duration_90k;
            let short = left_90k < three_targets_90k(geometry) && self.listed.len() <= LISTED_MAX;
            if self.listed.len() <= self.capacity || short {
                break;
            }
            listed_90k = left_90k;
            self.retire_oldest();
        }

        let now_90k = self.clock_90k;
        self.retired.retain(|retired| retired.until_90k > now_90k);
        self.weigh();
    }
}

/// The longest that a list of `capacity` segments and the growing one can have been. Three target durations and two
/// segments are less, since a window has at least six segments.
fn longest_possible_90k(capacity: usize, geometry: Geometry) -> i64 {
    let segments = i64::try_from(capacity).unwrap_or(i64::MAX).saturating_add(1);
    geometry.segment_limit_90k().saturating_mul(segments)
}

fn three_targets_90k(geometry: Geometry) -> i64 {
    i64::from(geometry.hold_back_s()) * TICKS_PER_SECOND
}
