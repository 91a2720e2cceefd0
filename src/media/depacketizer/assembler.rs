//! Assembles NAL units into access units (H.264 §7.4.1.2.3, RFC 6184 §5.1).
//!
//! The bits alone decide where a frame begins: at a slice whose `first_mb_in_slice` is 0, or at an AUD, SPS, PPS or SEI
//! after a slice. The RTP timestamp decides nothing. P2S freezes it, other cameras change it in the middle of a frame,
//! and wherever it changes correctly a first slice follows. The marker bit decides nothing either, but saves a frame of
//! latency. If a camera's markers have proved correct, its frames are closed at the marker. live555 sets it on every
//! slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Instant;

use super::MAX_ACCESS_UNIT_BYTES;
use crate::media::h264::{Learned, Nal, ParameterSets, Slice, Sps, split_annex_b};

/// More NAL units than this are not a frame: the smallest slices in use give about 70 for 1080p.
const MAX_NAL_UNITS: usize = 256;

/// A frame of up to this size may have as much room to spare as it has bytes.
const SLACK_BYTES: usize = 64 * 1024;

/// When a packet arrived, and its RTP timestamp.
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
    /// The arrival of its first slice's first packet.
    pub(super) at: Arrival,
    /// Whether something is missing; `bytes` is then empty.
    pub(super) torn: bool,
    /// Whether its slices are those of an IDR picture.
    pub(super) idr: bool,
    /// The frame's SPS, if decoding can begin here: at an IDR picture whose parameter sets are known and were not lost
    /// just before it.
    pub(super) entry: Option<Sps>,
}

/// Collects NAL units; [`Assembler::pop`] returns the units that have ended.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    sets: ParameterSets,
    open: Option<Open>,
    ended: VecDeque<Assembled>,
    marker: Marker,
    /// Whether the last unit was closed at its marker and nothing has come since.
    closed_at_marker: bool,
    /// Whether packets are missing right before what comes next.
    after_gap: bool,
    bidirectional: bool,
    /// Sizes of the last delta frame and IDR picture: how much to reserve for the next.
    usual_bytes: [usize; 2],
}

#[derive(Debug)]
struct Open {
    unit: Assembled,
    /// Whether it has a slice.
    coded: bool,
    /// Whether it begins after a gap, possibly in the middle: parameter sets may have been lost.
    doubtful: bool,
    /// Whether its last packet so far had the marker bit.
    marked: bool,
}

/// How far this camera's marker bits can be trusted. This outlives the connection, since it is the camera's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    /// How many frames in a row ended where the marker said, and whether an IDR picture was among them.
    Proving {
        right: u8,
        idr: bool,
    },
    Trusted,
    /// A slice of the same frame followed a marker once. Trust never returns. Where only large frames have several
    /// slices, regaining it would cost the next key frame.
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
            // Key frames are the most likely to have several slices, so there is no proof without one.
            *self = if right >= Self::PROOFS && idr { Self::Trusted } else { Self::Proving { right, idr } };
        }
    }
}

impl Assembler {
    /// Starts over for a new connection: no open unit continues.
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

    /// Returns how many frames may be sent before one that is shown before them. The SPS may leave it open, as with
    /// many cameras without B slices. Then seeing a B slice decides: half the reference frames, at least one.
    pub(super) fn reorder_depth(&self, sps: &Sps) -> u8 {
        let seen = if self.bidirectional { (sps.max_num_ref_frames / 2).clamp(1, 2) } else { 0 };
        sps.reorder_depth.unwrap_or(seen)
    }

    /// Takes a whole NAL unit, or several if a camera left start codes between them.
    pub(super) fn nal(&mut self, payload: &[u8], at: Arrival) {
        for nal in split_annex_b(payload) {
            match Nal::of(nal) {
                Some(Nal::Slice(slice)) => self.slice(nal, slice, at),
                Some(Nal::Sps) => {
                    self.boundary(at, true);
                    // Kept for the next IDR picture; no other frame may activate it.
                    self.sets.learn(nal);
                }
                Some(Nal::Pps) => {
                    self.boundary(at, false);
                    if self.sets.learn(nal) == Learned::New {
                        // Delta frames may use a new PPS at once. Known sets are not repeated here: IDR pictures get
                        // all of them.
                        self.append(nal);
                    }
                }
                // Dropped: the muxer writes its own delimiters.
                Some(Nal::AccessUnitDelimiter) => self.boundary(at, true),
                // Dropped: SEI's picture timing would contradict our smoothed clock, and its buffering periods promise
                // a bit rate that we cannot keep. Players show nothing of it.
                Some(Nal::Preamble) => self.boundary(at, false),
                // Filler (sent by Wi-Fi cameras at a constant bit rate) carries no information.
                Some(Nal::Other) => {}
                None => self.tear(nal.first().copied().unwrap_or(0), at),
            }
        }
    }

    /// Takes the first fragment of a NAL unit. If it begins a frame, the last frame need not wait for the rest.
    pub(super) fn expect(&mut self, beginning: &[u8], at: Arrival) {
        if let Some(Nal::Slice(Slice { first: true, .. })) = Nal::of(beginning) {
            self.boundary(at, false);
        }
    }

    /// Records that something of the current unit is lost. `header` tells whether it was a slice.
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

    /// Records that packets are missing. The open unit may not be whole, and neither may the next one, unless it begins
    /// with the SPS or AUD that open a unit.
    pub(super) fn gap(&mut self) {
        self.after_gap = true;
        self.closed_at_marker = false;
        self.open = self.open.take().filter(|open| open.coded);
        if let Some(open) = &mut self.open {
            open.unit.tear();
            open.marked = false;
        }
    }

    /// Handles the marker bit of the packet whose NAL units were just handed over. On SPS, PPS or SEI (Tapo, Reolink)
    /// it means nothing.
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

    /// Every IDR picture carries its parameter sets, whatever the camera sends with it: a player may begin here.
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

    /// A slice that continues the last frame shows that a marker before it was wrong.
    fn refute_marker(&mut self) {
        if self.closed_at_marker || self.open.as_ref().is_some_and(|open| open.marked) {
            self.marker = Marker::Refuted;
        }
        self.closed_at_marker = false;
        if let Some(open) = &mut self.open {
            open.marked = false;
        }
    }

    /// The next NAL unit begins an access unit, or belongs to one whose first slice has not come yet.
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
                // A buffer that had to grow is up to twice as large as the frame, which may wait and be kept.
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
    /// Beyond the bounds the unit is torn: no real frame is that large.
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
