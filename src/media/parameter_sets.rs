//! The parameter sets a decoder needs before an IDR picture: from the SDP, replaced by what comes in band.

use super::h264::{self, SequenceParameters};

/// A real one has some dozens of bytes.
const LARGEST: usize = 4 * 1024;

/// Cameras use one of each; H.264 allows 32 and 256.
const MOST: usize = 16;

/// The newest sequence and picture parameter sets.
#[derive(Debug, Default)]
pub struct ParameterSets {
    sequence: Option<(Vec<u8>, SequenceParameters)>,
    /// In the order in which they were first seen.
    pictures: Vec<Vec<u8>>,
}

/// What a parameter set that has arrived means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Known already, or of no use.
    Nothing,
    /// The first of its kind, or a picture parameter set.
    New,
    /// Another sequence parameter set than before: the video changes.
    Changed,
}

impl ParameterSets {
    /// Takes a NAL unit of type SPS or PPS.
    pub fn take(&mut self, nal_unit: &[u8]) -> Taken {
        let Some(header) = nal_unit.first().filter(|_| nal_unit.len() <= LARGEST) else { return Taken::Nothing };
        match h264::nal_unit_type(*header) {
            h264::SPS => self.take_sequence(nal_unit),
            h264::PPS => self.take_picture(nal_unit),
            _ => Taken::Nothing,
        }
    }

    /// The parameter sets of an SDP; some cameras leave start codes in them.
    pub fn take_described(&mut self, sets: &[Vec<u8>]) -> Taken {
        let mut taken = Taken::Nothing;
        for set in sets {
            for span in h264::split_at_start_codes(set) {
                if self.take(set.get(span).unwrap_or_default()) == Taken::Changed {
                    taken = Taken::Changed;
                }
            }
        }
        taken
    }

    /// What the sequence parameter set says, once there is one.
    #[must_use]
    pub fn sequence(&self) -> Option<&SequenceParameters> {
        self.sequence.as_ref().map(|(_, parsed)| parsed)
    }

    /// All of them in the order a decoder wants, if a decoder could begin with them.
    pub fn in_order(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let (sequence, _) = self.sequence.as_ref()?;
        let pictures = self.pictures.iter().map(Vec::as_slice);
        (!self.pictures.is_empty()).then(|| std::iter::once(sequence.as_slice()).chain(pictures))
    }

    fn take_sequence(&mut self, nal_unit: &[u8]) -> Taken {
        if self.sequence.as_ref().is_some_and(|(known, _)| known == nal_unit) {
            return Taken::Nothing;
        }
        // The last good one is kept: a damaged one would cost the picture until the next.
        let Some(parsed) = SequenceParameters::parse(nal_unit) else { return Taken::Nothing };
        let before = self.sequence.replace((nal_unit.to_vec(), parsed));
        if before.is_none() {
            return Taken::New;
        }
        // The picture parameter sets of the old one do not go with the new one.
        self.pictures.clear();
        Taken::Changed
    }

    fn take_picture(&mut self, nal_unit: &[u8]) -> Taken {
        let Some(id) = h264::picture_parameter_set_id(nal_unit) else { return Taken::Nothing };
        let room = self.pictures.len() < MOST;
        match self.pictures.iter_mut().find(|known| h264::picture_parameter_set_id(known) == Some(id)) {
            Some(known) if known == nal_unit => return Taken::Nothing,
            Some(known) => *known = nal_unit.to_vec(),
            None if room => self.pictures.push(nal_unit.to_vec()),
            None => return Taken::Nothing,
        }
        Taken::New
    }
}
