//! NAL units to access units (H.264 §7.4.1.2.3, RFC 6184 §5.1).
//!
//! A picture begins where the bits say so: at a slice whose `first_mb_in_slice` is 0, or at an AUD, SPS, PPS or SEI
//! after a slice. The RTP timestamp decides nothing: P2S freezes it, others change it in mid-picture, and wherever it
//! rightly changes a first slice follows. The marker bit decides nothing either, but wins a frame of latency: a camera
//! whose markers have proved right has its pictures closed at the marker. live555 sets it on every slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Instant;

use super::MAX_ACCESS_UNIT_BYTES;
use crate::media::h264::{Learned, Nal, ParameterSets, Slice, Sps, split_annex_b};

/// More NAL units than this are no picture: the smallest slices in use give about 70 for 1080p.
const MAX_NAL_UNITS: usize = 256;

/// Up to this a picture may have as much room to spare as it has bytes.
const SLACK_BYTES: usize = 64 * 1024;

/// When a packet came and what its RTP timestamp was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) rtp_timestamp: u32,
    pub(super) instant: Instant,
    pub(super) unix_ms: i64,
}

/// An access unit that has ended, whole or not.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) bytes: Vec<u8>,
    pub(super) nal_units: Vec<Range<u32>>,
    /// Of its first slice's first packet.
    pub(super) at: Arrival,
    /// Something of it is missing; `bytes` is empty.
    pub(super) torn: bool,
    /// Its slices are those of an IDR picture.
    pub(super) idr: bool,
    /// What the picture's SPS says, when it is one that decoding can begin with: an IDR picture whose parameter sets
    /// are known and were not lost just before it.
    pub(super) entry: Option<Sps>,
}

/// Collects NAL units; [`Assembler::pop`] gives the units that have ended.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    sets: ParameterSets,
    open: Option<Open>,
    ended: VecDeque<Assembled>,
    marker: Marker,
    /// The last unit was closed at its marker and nothing has come since.
    closed_at_marker: bool,
    /// Packets are missing right before what comes next.
    after_gap: bool,
    bidirectional: bool,
    /// Sizes of the last delta and IDR pictures: what to reserve for the next.
    usual_bytes: [usize; 2],
}

#[derive(Debug)]
struct Open {
    unit: Assembled,
    /// It has a slice.
    coded: bool,
    /// It begins after a gap, in the middle for all we know: parameter sets may have been lost.
    doubtful: bool,
    /// Its last packet so far had the marker bit.
    marked: bool,
}

/// What this camera's marker bits are worth. Outlives the connection: it is the camera's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    /// So many pictures in a row ended where the marker said, an IDR picture among them or not.
    Proving {
        right: u8,
        idr: bool,
    },
    Trusted,
    /// A slice of the same picture followed a marker once. Never again: where only large pictures have several slices,
    /// trust won back would cost the next key frame.
    Refuted,
}

impl Default for Marker {
    fn default() -> Self {
        Self::Proving { right: 0, idr: false }
    }
}

impl Marker {
    const PROOFS: u8 = 4;

    fn proved(&mut self, is_idr: bool) {
        if let Self::Proving { right, idr } = *self {
            let (right, idr) = (right.saturating_add(1), idr | is_idr);
            // Key frames are the pictures most likely to have several slices: without one it is no proof.
            *self = if right >= Self::PROOFS && idr { Self::Trusted } else { Self::Proving { right, idr } };
        }
    }
}

impl Assembler {
    /// A new connection: nothing that was begun goes on.
    pub(super) fn restart(&mut self, sets: ParameterSets) {
        self.sets = sets;
        self.open = None;
        self.ended.clear();
        self.closed_at_marker = false;
        self.after_gap = false;
    }

    pub(super) fn pop(&mut self) -> Option<Assembled> {
        self.ended.pop_front()
    }

    /// How many pictures may be sent before one that is shown before them. Where the SPS leaves it open, which many
    /// cameras without B slices do, seeing one decides: half the reference pictures, at least one.
    pub(super) fn reorder_depth(&self, sps: &Sps) -> u8 {
        let seen = if self.bidirectional { (sps.max_num_ref_frames / 2).clamp(1, 2) } else { 0 };
        sps.reorder_depth.unwrap_or(seen)
    }

    /// Takes a whole NAL unit, or several where a camera left start codes between them.
    pub(super) fn nal(&mut self, payload: &[u8], at: Arrival) {
        for nal in split_annex_b(payload) {
            match Nal::of(nal) {
                Some(Nal::Slice(slice)) => self.slice(nal, slice, at),
                Some(Nal::Sps) => {
                    self.boundary(at, true);
                    // Kept for the next IDR picture; no other may activate it.
                    self.sets.learn(nal);
                }
                Some(Nal::Pps) => {
                    self.boundary(at, false);
                    if self.sets.learn(nal) == Learned::New {
                        // Delta pictures may use a new PPS at once. Known ones would be a waste: IDR pictures get all.
                        self.append(nal);
                    }
                }
                // Not passed on: the muxer writes its own delimiters.
                Some(Nal::AccessUnitDelimiter) => self.boundary(at, true),
                // Not passed on: SEI's picture timing would contradict our smoothed clock, its buffering periods a
                // bit rate that is not ours to promise, and players show nothing of it.
                Some(Nal::Preamble) => self.boundary(at, false),
                // Filler (Wi-Fi cameras at a constant bit rate) is nothing but bytes.
                Some(Nal::Other) => {}
                None => self.tear(nal.first().copied().unwrap_or(0), at),
            }
        }
    }

    /// The first fragment of a NAL unit has come: if it begins a picture, the last one need not wait for the rest.
    pub(super) fn expect(&mut self, beginning: &[u8], at: Arrival) {
        if let Some(Nal::Slice(Slice { first: true, .. })) = Nal::of(beginning) {
            self.boundary(at, false);
        }
    }

    /// Something of the unit at hand is lost. `header` tells whether of a slice.
    pub(super) fn tear(&mut self, header: u8, at: Arrival) {
        let of_slice = matches!(header & 0x1F, 1..=5);
        self.closed_at_marker = false;
        let open = self.open.get_or_insert_with(|| Open::new(at, false));
        open.unit.tear();
        open.coded |= of_slice;
        if of_slice {
            self.after_gap = false;
        }
    }

    /// Packets are missing. What is open cannot be known to be whole, and neither can what comes next, unless it
    /// begins with the SPS or AUD that open a unit.
    pub(super) fn gap(&mut self) {
        self.after_gap = true;
        self.closed_at_marker = false;
        self.open = self.open.take().filter(|open| open.coded);
        if let Some(open) = &mut self.open {
            open.unit.tear();
            open.marked = false;
        }
    }

    /// The packet whose NAL units were just handed over had its marker bit set. On SPS, PPS or SEI (Tapo, Reolink) it
    /// means nothing.
    pub(super) fn marker(&mut self) {
        let Some(open) = self.open.as_mut().filter(|open| open.coded) else { return };
        open.marked = true;
        if self.marker == Marker::Trusted {
            self.close();
            self.closed_at_marker = true;
        }
    }

    fn slice(&mut self, nal: &[u8], slice: Slice, at: Arrival) {
        self.bidirectional |= slice.bidirectional;
        if slice.first {
            self.boundary(at, false);
        } else {
            self.refute_marker();
            if self.open.as_ref().is_none_or(|open| !open.coded) {
                return self.tear(nal.first().copied().unwrap_or(0), at);
            }
        }
        self.after_gap = false;
        let Some(open) = &mut self.open else { return };
        if !open.coded {
            open.coded = true;
            open.unit.at = at;
            open.unit.idr = slice.idr;
            open.unit.bytes.reserve(self.usual_bytes[usize::from(slice.idr)].max(nal.len()));
            if slice.idr {
                self.put_parameter_sets(nal);
            }
        }
        self.append(nal);
    }

    /// Every IDR picture carries its sets, whatever the camera sends with it: a player may begin here.
    fn put_parameter_sets(&mut self, slice: &[u8]) {
        let Some(open) = &mut self.open else { return };
        open.unit.bytes.clear();
        open.unit.nal_units.clear();
        let Some(activated) = self.sets.activated_by(slice) else { return };
        for nal in activated.nals() {
            open.unit.append(nal);
        }
        open.unit.entry = (!open.doubtful).then_some(activated.sps);
    }

    /// A slice that goes on with the last picture shows what a marker before it was worth.
    fn refute_marker(&mut self) {
        if self.closed_at_marker || self.open.as_ref().is_some_and(|open| open.marked) {
            self.marker = Marker::Refuted;
        }
        self.closed_at_marker = false;
        if let Some(open) = &mut self.open {
            open.marked = false;
        }
    }

    /// What comes now begins an access unit, or belongs to the one whose first slice has not come yet.
    fn boundary(&mut self, at: Arrival, opens_unit: bool) {
        if self.open.as_ref().is_some_and(|open| open.coded) {
            self.close();
        }
        self.closed_at_marker = false;
        if self.open.is_none() {
            self.open = Some(Open::new(at, self.after_gap && !opens_unit));
            self.after_gap = false;
        }
    }

    fn append(&mut self, nal: &[u8]) {
        if let Some(open) = &mut self.open {
            open.unit.append(nal);
        }
    }

    fn close(&mut self) {
        let Some(Open { mut unit, marked, .. }) = self.open.take() else { return };
        if !unit.torn {
            if unit.bytes.len() > SLACK_BYTES {
                // A buffer that had to grow is up to twice as large as the picture, which may wait and be kept.
                unit.bytes.shrink_to(unit.bytes.len() + unit.bytes.len() / 8);
            }
            self.usual_bytes[usize::from(unit.idr)] = unit.bytes.len() + unit.bytes.len() / 8;
            if marked {
                self.marker.proved(unit.idr);
            }
        }
        self.ended.push_back(unit);
    }
}

impl Open {
    fn new(at: Arrival, doubtful: bool) -> Self {
        let unit = Assembled { bytes: Vec::new(), nal_units: Vec::new(), at, torn: false, idr: false, entry: None };
        Self { unit, coded: false, doubtful, marked: false }
    }
}

impl Assembled {
    /// Past the bounds the unit is torn: nobody's picture is that large.
    fn append(&mut self, nal: &[u8]) {
        if self.torn {
            return;
        }
        let start = self.bytes.len();
        let end = start + nal.len();
        if end > MAX_ACCESS_UNIT_BYTES || self.nal_units.len() >= MAX_NAL_UNITS {
            return self.tear();
        }
        self.bytes.extend_from_slice(nal);
        self.nal_units.push(start as u32..end as u32);
    }

    fn tear(&mut self) {
        self.torn = true;
        self.bytes = Vec::new();
        self.nal_units = Vec::new();
    }
}
