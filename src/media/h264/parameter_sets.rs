//! The parameter sets that a stream has sent so far, by id, and which of them a frame needs (H.264 §7.4.1.2.1).

use super::bits::Bits;
use super::{Nal, Sps, split_annex_b};

/// Larger sets are refused: the largest real ones have a few hundred bytes, including scaling matrices.
pub const MAX_PARAMETER_SET_BYTES: usize = 4096;
/// The standard's ids allow 32 and 256; no camera uses more than two or three. The oldest is dropped.
const MAX_SPS: usize = 4;
const MAX_PPS: usize = 16;

/// The parameter sets from the SDP and from the stream.
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

/// The result of taking a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// It is new, or differs from the known set with its id.
    New,
    /// It equals the known set byte for byte.
    Known,
    /// It is not a set, too large, or absurd; the last good one stays.
    Refused,
}

/// The parameter sets that a frame is coded with.
pub struct Activated<'a> {
    /// The fields of the sequence parameter set.
    pub sps: Sps,
    sps_nal: &'a [u8],
    pps: &'a [Pps],
}

impl<'a> Activated<'a> {
    /// Returns the NAL units to send before the frame: its SPS, then every PPS that refers to it, since later frames
    /// may use another PPS.
    pub fn nals(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let sps_id = u32::from(self.sps.id);
        let pps = self.pps.iter().filter(move |pps| pps.sps_id == sps_id).map(|pps| pps.nal.as_slice());
        std::iter::once(self.sps_nal).chain(pps)
    }
}

impl ParameterSets {
    /// Starts with the sets of an SDP's `sprop-parameter-sets`: any number of sets, with or without start codes.
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

    /// Returns the sets that an IDR picture's first slice activates, or `None` while one of them is missing.
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
        // The same SPS comes with every key frame; it is not parsed again.
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
