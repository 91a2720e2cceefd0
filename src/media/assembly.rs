//! From RTP payloads (RFC 6184) to whole coded pictures, in decoding order. A picture of which anything is missing
//! does not come out.
//!
//! Where a picture ends is told by what begins after it: a first slice, a parameter set, an SEI message or a
//! delimiter (H.264 §7.4.1.2.3). Timestamps do not decide: a P2S freezes them, others let pictures share one. The
//! marker bit says it one frame earlier, and is believed as long as it has proved right: live555 sets it on *every*
//! slice, others on parameter sets, some never.

use super::h264;
use super::parameter_sets::{ParameterSets, Taken};
use std::ops::Range;

/// A larger picture is no picture of a printer's camera.
const LARGEST_UNIT: usize = 4 * 1024 * 1024;

/// A picture of more NAL units is none either.
const MOST_NAL_UNITS: usize = 256;

/// So many markers have to be right before one is believed at once.
const MARKERS_PROVED: u8 = 3;

const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// A whole coded picture. NAL units that only carry structure or comment are left out: delimiters, filler, SEI
/// messages (timing that a remuxer replaces, and vendors' private data) and repeated parameter sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// NAL units back to back.
    pub bytes: Vec<u8>,
    /// Where each lies.
    pub nal_units: Vec<Range<u32>>,
    /// RTP timestamp of its first slice.
    pub timestamp: u32,
    /// An IDR picture; SPS and PPS precede its slices.
    pub idr: bool,
}

/// What a payload has led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A picture is complete.
    Complete(Picture),
    /// A picture was damaged and is gone.
    Damaged,
    /// The video changes: another sequence parameter set.
    Changed,
}

/// A payload structure that is not taken; the camera announced packetization-mode 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("NAL unit type {0} belongs to a packetization mode that was not agreed")]
pub struct Unsupported(pub u8);

/// Assembles the pictures of one source.
#[derive(Debug, Default)]
pub struct Assembly {
    sets: ParameterSets,
    picture: Picture,
    /// The open picture has slices.
    has_slices: bool,
    /// The last packet of the open picture so far had the marker.
    marked: bool,
    /// Where the NAL unit begins whose fragments are arriving.
    fragment: Option<usize>,
    /// Something is missing: nothing is taken until a picture's clean beginning.
    torn: bool,
    markers: Markers,
    /// A picture was closed at its marker; the next slice must be a first one.
    closed_at_marker: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markers {
    Proved(u8),
    Wrong,
}

impl Default for Markers {
    fn default() -> Self {
        Self::Proved(0)
    }
}

impl Assembly {
    /// A new connection: the parameter sets stay known, all else begins anew.
    pub fn restart(&mut self, described: &[Vec<u8>]) -> Taken {
        let mut sets = std::mem::take(&mut self.sets);
        let taken = sets.take_described(described);
        *self = Self { sets, ..Self::default() };
        taken
    }

    /// What the sequence parameter set says, once there is one.
    #[must_use]
    pub fn sequence(&self) -> Option<&h264::SequenceParameters> {
        self.sets.sequence()
    }

    /// Packets are missing before the next one.
    pub fn gap(&mut self, outcomes: &mut Vec<Outcome>) {
        self.tear(outcomes);
        self.closed_at_marker = false;
    }

    /// Takes the payload of the next packet.
    ///
    /// # Errors
    /// When its structure was not agreed.
    pub fn push(
        &mut self,
        payload: &[u8],
        timestamp: u32,
        marker: bool,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Unsupported> {
        let Some(indicator) = payload.first() else { return Ok(()) };
        match h264::nal_unit_type(*indicator) {
            FU_A => self.fragment(payload, timestamp, outcomes),
            kind => {
                // A fragmented NAL unit whose last fragment never came.
                if self.fragment.is_some() {
                    self.tear(outcomes);
                }
                match kind {
                    1..=23 => self.single(payload, timestamp, outcomes),
                    STAP_A => self.aggregate(payload, timestamp, outcomes),
                    25..=27 | 29 => return Err(Unsupported(kind)),
                    // 0, 30 and 31 have no meaning.
                    _ => return Ok(()),
                }
            }
        }
        self.marked = marker && self.has_slices;
        if self.marked && self.fragment.is_none() && self.markers == Markers::Proved(MARKERS_PROVED) {
            self.close(outcomes);
            self.closed_at_marker = true;
        }
        Ok(())
    }

    fn single(&mut self, payload: &[u8], timestamp: u32, outcomes: &mut Vec<Outcome>) {
        for span in h264::split_at_start_codes(payload) {
            let Some(nal_unit) = payload.get(span) else { continue };
            let Some(header) = nal_unit.first() else { continue };
            let kind = h264::nal_unit_type(*header);
            let first = h264::is_first_slice(nal_unit);
            if self.begin(kind, first, timestamp, outcomes) {
                let from = self.picture.bytes.len();
                self.append(nal_unit, outcomes);
                self.end_nal_unit(from, outcomes);
            } else {
                self.take_set(kind, nal_unit, outcomes);
            }
        }
    }

    /// STAP-A (RFC 6184 §5.7.1). Sizes of zero and a tail too short for a size are padding.
    fn aggregate(&mut self, payload: &[u8], timestamp: u32, outcomes: &mut Vec<Outcome>) {
        let mut rest = payload.get(1..).unwrap_or_default();
        while let Some(([s0, s1], after)) = rest.split_first_chunk::<2>() {
            let size = usize::from(u16::from_be_bytes([*s0, *s1]));
            let Some(nal_unit) = after.get(..size) else {
                return self.tear(outcomes);
            };
            self.single(nal_unit, timestamp, outcomes);
            rest = after.get(size..).unwrap_or_default();
        }
    }

    /// FU-A (RFC 6184 §5.8). The type in later fragments is not compared (Tiandy changes it); an empty fragment is
    /// taken; start and end in one packet (CostarHD) is a whole NAL unit.
    fn fragment(&mut self, payload: &[u8], timestamp: u32, outcomes: &mut Vec<Outcome>) {
        let Some(([indicator, header], data)) = payload.split_first_chunk::<2>() else { return };
        let (start, end) = (header & 0x80 != 0, header & 0x40 != 0);
        if start {
            if self.fragment.is_some() {
                self.tear(outcomes);
            }
            let kind = h264::nal_unit_type(*header);
            let first = data.first().map(|byte| byte & 0x80 != 0);
            if !self.begin(kind, first, timestamp, outcomes) {
                // A parameter set large enough to be fragmented is not believed.
                return;
            }
            self.fragment = Some(self.picture.bytes.len());
            self.append(&[indicator & 0xE0 | kind], outcomes);
        }
        let Some(from) = self.fragment else {
            // Its start was lost, or belongs to what is left out.
            return;
        };
        self.append(data, outcomes);
        if end && self.fragment.is_some() {
            self.fragment = None;
            self.end_nal_unit(from, outcomes);
        }
    }

    /// Prepares for a NAL unit; tells whether its bytes belong into the picture.
    fn begin(&mut self, kind: u8, first: Option<bool>, timestamp: u32, outcomes: &mut Vec<Outcome>) -> bool {
        let vcl = h264::is_vcl(kind);
        let first_slice = vcl && first.unwrap_or(!self.has_slices);
        if self.has_slices && (first_slice || h264::begins_access_unit(kind)) {
            if let (true, Markers::Proved(count)) = (self.marked, self.markers) {
                self.markers = Markers::Proved((count + 1).min(MARKERS_PROVED));
            }
            self.close(outcomes);
        }
        if !vcl {
            if self.torn && h264::begins_access_unit(kind) {
                self.torn = false;
            }
            return false;
        }
        if first_slice {
            self.torn = false;
            self.closed_at_marker = false;
        } else if self.closed_at_marker {
            // The picture before went out without this slice: never again.
            self.markers = Markers::Wrong;
            self.closed_at_marker = false;
            self.tear(outcomes);
            outcomes.push(Outcome::Damaged);
        } else if self.marked {
            self.markers = Markers::Wrong;
        } else if !self.has_slices {
            // The first slice never came, though no number is missing.
            self.tear(outcomes);
        }
        if self.torn {
            return false;
        }
        if !self.has_slices {
            self.picture.timestamp = timestamp;
            self.picture.idr = kind == h264::IDR_SLICE;
            if self.picture.idr {
                self.prepend_sets();
            }
        }
        self.has_slices = true;
        true
    }

    /// An IDR picture without parameter sets cannot be decoded by anyone who begins with it; `close` drops it.
    fn prepend_sets(&mut self) {
        let Some(sets) = self.sets.in_order() else { return };
        for set in sets {
            let from = self.picture.bytes.len() as u32;
            self.picture.bytes.extend_from_slice(set);
            self.picture.nal_units.push(from..self.picture.bytes.len() as u32);
        }
    }

    fn take_set(&mut self, kind: u8, nal_unit: &[u8], outcomes: &mut Vec<Outcome>) {
        if matches!(kind, h264::SPS | h264::PPS) && self.sets.take(nal_unit) == Taken::Changed {
            outcomes.push(Outcome::Changed);
        }
    }

    fn append(&mut self, bytes: &[u8], outcomes: &mut Vec<Outcome>) {
        if self.picture.bytes.len() + bytes.len() > LARGEST_UNIT || self.picture.nal_units.len() >= MOST_NAL_UNITS {
            self.tear(outcomes);
        } else if !self.torn {
            self.picture.bytes.extend_from_slice(bytes);
        }
    }

    fn end_nal_unit(&mut self, from: usize, outcomes: &mut Vec<Outcome>) {
        let to = self.picture.bytes.len();
        if self.torn {
            return;
        }
        if to < from + 2 {
            // A slice of a header only.
            return self.tear(outcomes);
        }
        self.picture.nal_units.push(from as u32..to as u32);
    }

    /// Gives the open picture up.
    fn tear(&mut self, outcomes: &mut Vec<Outcome>) {
        if self.has_slices || !self.torn {
            outcomes.push(Outcome::Damaged);
        }
        self.clear();
        self.torn = true;
    }

    fn close(&mut self, outcomes: &mut Vec<Outcome>) {
        if self.fragment.is_some() {
            return self.tear(outcomes);
        }
        if self.has_slices {
            let decodable = !self.picture.idr || self.sets.in_order().is_some();
            let picture = std::mem::take(&mut self.picture);
            outcomes.push(if decodable { Outcome::Complete(picture) } else { Outcome::Damaged });
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.picture.bytes.clear();
        self.picture.nal_units.clear();
        self.has_slices = false;
        self.marked = false;
        self.fragment = None;
    }
}
