//! The parameter sets a stream has sent so far, by their ids, and which of them a picture needs (H.264 §7.4.1.2.1).

use super::bits::Bits;
use super::{Nal, Sps, split_annex_b};

/// A set above this is no set: the largest real ones have a few hundred bytes, scaling matrices included.
pub const MAX_PARAMETER_SET_BYTES: usize = 4096;
/// The ids of the standard allow 32 and 256; no camera uses more than two or three. The oldest gives way.
const MAX_SPS: usize = 4;
const MAX_PPS: usize = 16;

/// Sets from the SDP and from the stream itself.
#[derive(Debug, Clone, Default)]
pub struct ParameterSets {
    sps: Vec<(Sps, Vec<u8>)>,
    pps: Vec<Pps>,
}

#[derive(Debug, Clone)]
struct Pps {
    id: u32,
    sps_id: u32,
    nal: Vec<u8>,
}

/// What a set that came was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// New, or another under a known id.
    New,
    /// Byte for byte the one that was there.
    Known,
    /// Not a set, too large, or absurd: the last good one stays.
    Refused,
}

/// The sets a picture is coded with.
pub struct Activated<'a> {
    /// What the sequence parameter set says.
    pub sps: Sps,
    sps_nal: &'a [u8],
    pps: &'a [Pps],
}

impl<'a> Activated<'a> {
    /// The NAL units to send before the picture: its SPS, then every PPS that goes with it, as later pictures may use
    /// another one than this.
    pub fn nals(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let sps_id = u32::from(self.sps.id);
        let pps = self.pps.iter().filter(move |pps| pps.sps_id == sps_id).map(|pps| pps.nal.as_slice());
        std::iter::once(self.sps_nal).chain(pps)
    }
}

impl ParameterSets {
    /// Starts with what an SDP's `sprop-parameter-sets` gave: any number of sets, with or without start codes.
    #[must_use]
    pub fn from_sdp(sets: &[Vec<u8>]) -> Self {
        let mut known = Self::default();
        for nal in sets.iter().flat_map(|set| split_annex_b(set)) {
            known.learn(nal);
        }
        known
    }

    /// Takes a NAL unit of type 7 or 8.
    pub fn learn(&mut self, nal: &[u8]) -> Learned {
        if nal.len() > MAX_PARAMETER_SET_BYTES {
            return Learned::Refused;
        }
        match Nal::of(nal) {
            Some(Nal::Sps) => self.learn_sps(nal),
            Some(Nal::Pps) => self.learn_pps(nal),
            _ => Learned::Refused,
        }
    }

    /// The sets that an IDR picture's first slice activates; `None` while one of them has not come.
    #[must_use]
    pub fn activated_by(&self, slice: &[u8]) -> Option<Activated<'_>> {
        let mut bits = Bits::new(slice.get(1..)?);
        bits.ue(u32::MAX)?; // first_mb_in_slice
        bits.ue(9)?; // slice_type
        let pps_id = bits.ue(255)?;
        let pps = self.pps.iter().find(|pps| pps.id == pps_id)?;
        let (sps, sps_nal) = self.sps.iter().find(|(sps, _)| u32::from(sps.id) == pps.sps_id)?;
        Some(Activated { sps: *sps, sps_nal, pps: &self.pps })
    }

    fn learn_sps(&mut self, nal: &[u8]) -> Learned {
        // The same SPS comes with every key frame: do not read it again.
        if self.sps.iter().any(|(_, known)| known == nal) {
            return Learned::Known;
        }
        let Some(sps) = Sps::parse(nal) else { return Learned::Refused };
        match self.sps.iter_mut().find(|(known, _)| known.id == sps.id) {
            Some(known) => *known = (sps, nal.to_vec()),
            None => push_bounded(&mut self.sps, MAX_SPS, (sps, nal.to_vec())),
        }
        Learned::New
    }

    fn learn_pps(&mut self, nal: &[u8]) -> Learned {
        if self.pps.iter().any(|known| known.nal == nal) {
            return Learned::Known;
        }
        let mut bits = Bits::new(nal.get(1..).unwrap_or_default());
        let (Some(id), Some(sps_id)) = (bits.ue(255), bits.ue(31)) else { return Learned::Refused };
        let pps = Pps { id, sps_id, nal: nal.to_vec() };
        match self.pps.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = pps,
            None => push_bounded(&mut self.pps, MAX_PPS, pps),
        }
        Learned::New
    }
}

fn push_bounded<T>(list: &mut Vec<T>, max: usize, item: T) {
    if list.len() >= max {
        list.remove(0);
    }
    list.push(item);
}
