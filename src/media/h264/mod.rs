//! The part of H.264 (ITU-T H.264 §7) that forwarding a stream needs: types of NAL units, boundaries of frames, and the
//! sequence parameter set. Nothing is decoded here.

mod bits;
mod parameter_sets;
mod sps;

pub use parameter_sets::{Activated, Learned, ParameterSets};
pub use sps::Sps;
#[cfg(test)]
pub(super) use sps::tests as sps_samples;

/// The role of a NAL unit for an assembler of access units (H.264 table 7-1, §7.4.1.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nal {
    /// A coded slice.
    Slice(Slice),
    /// Sequence parameter set.
    Sps,
    /// Picture parameter set.
    Pps,
    /// Marks the beginning of an access unit.
    AccessUnitDelimiter,
    /// SEI, and the reserved or scalable kinds that may also come only before a frame's first slice.
    Preamble,
    /// Filler, ends of sequence and stream, auxiliary pictures and unknown kinds. They say nothing about boundaries.
    Other,
}

/// The first bits of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Whether it belongs to an IDR picture.
    pub idr: bool,
    /// Whether `first_mb_in_slice` is 0: the first slice of its frame.
    pub first: bool,
    /// Whether it is a first slice that may be predicted from later frames: the stream sends frames out of order.
    pub bidirectional: bool,
}

impl Nal {
    /// Classifies a NAL unit by its first two bytes. Returns `None` if it is empty or its forbidden bit is set.
    #[must_use]
    pub fn of(nal: &[u8]) -> Option<Self> {
        let header = nal.first().filter(|&header| header & 0x80 == 0)?;
        // ue(v) 0 is a single 1, so the top bit alone shows first_mb_in_slice == 0; then slice_type B is 1 or 6.
        let head = nal.get(1).copied().unwrap_or(0);
        let first = head & 0x80 != 0;
        let bidirectional = head & 0xF0 == 0b1010_0000 || head & 0xFC == 0b1001_1100;
        Some(match header & 0x1F {
            1 | 2 => Self::Slice(Slice { idr: false, first, bidirectional }),
            // Data partitions B and C begin with a slice id and always follow a partition A.
            3 | 4 => Self::Slice(Slice { idr: false, first: false, bidirectional: false }),
            5 => Self::Slice(Slice { idr: true, first, bidirectional: false }),
            7 => Self::Sps,
            8 => Self::Pps,
            9 => Self::AccessUnitDelimiter,
            6 | 14..=18 => Self::Preamble,
            _ => Self::Other,
        })
    }
}

/// Returns the NAL units in a piece of payload: usually one, more if a camera (V380) left Annex B start codes in it. A
/// well-formed NAL unit cannot contain a start code, so none is split by mistake. No NAL unit ends with zeros, so
/// trailing zeros are cut off (Reolink pads its SPS). Empty units are left out.
pub fn split_annex_b(payload: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(payload);
    std::iter::from_fn(move || {
        loop {
            let bytes = rest?;
            let nal = match find_start_code(bytes) {
                Some(at) => {
                    rest = bytes.get(at + 3..);
                    bytes.get(..at).unwrap_or_default()
                }
                None => {
                    rest = None;
                    bytes
                }
            };
            let nal = trim_zeros(nal);
            if !nal.is_empty() {
                return Some(nal);
            }
        }
    })
}

/// Finds the next `00 00 01`. Every byte of video passes here, so it checks only every third byte where possible.
fn find_start_code(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match bytes.get(at)? {
            0 => at += 1,
            1 if bytes.get(at - 2..at) == Some(&[0, 0]) => return Some(at - 2),
            _ => at += 3,
        }
    }
}

fn trim_zeros(nal: &[u8]) -> &[u8] {
    let len = nal.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    nal.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nal_unit_is_known_by_its_first_two_bytes() {
        let check = |nal: &[u8], expected: Option<Nal>| assert_eq!(Nal::of(nal), expected, "{nal:x?}");
        let slice = |idr, first, bidirectional| Some(Nal::Slice(Slice { idr, first, bidirectional }));
        check(&[0x65, 0x88], slice(true, true, false));
        check(&[0x65, 0x7F], slice(true, false, false));
        check(&[0x41, 0b1110_0000], slice(false, true, false));
        check(&[0x01, 0b1010_0000], slice(false, true, true));
        check(&[0x01, 0b1001_1100], slice(false, true, true));
        check(&[0x01, 0b1001_1000], slice(false, true, false));
        check(&[0x01, 0b0010_0000], slice(false, false, false));
        check(&[0x43, 0x80], slice(false, false, false));
        check(&[0x41], slice(false, false, false));
        check(&[0x67], Some(Nal::Sps));
        check(&[0x68], Some(Nal::Pps));
        check(&[0x09, 0xF0], Some(Nal::AccessUnitDelimiter));
        check(&[0x06], Some(Nal::Preamble));
        check(&[0x0C, 0xFF], Some(Nal::Other));
        check(&[0xE5, 0x80], None);
        check(&[], None);
    }

    #[test]
    fn start_codes_inside_a_payload_split_it() {
        let check = |payload: &[u8], expected: &[&[u8]]| {
            assert_eq!(split_annex_b(payload).collect::<Vec<_>>(), expected, "{payload:x?}");
        };
        check(&[0x65, 1, 2], &[&[0x65, 1, 2]]);
        check(&[0, 0, 1, 0x65, 1, 2], &[&[0x65, 1, 2]]);
        check(&[0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 0, 0, 1, 0x65], &[&[0x67, 1], &[0x68], &[0x65]]);
        check(&[0x67, 1, 0, 0], &[&[0x67, 1]]);
        check(&[0x67, 0, 0, 3, 1, 0, 1, 0, 0, 2], &[&[0x67, 0, 0, 3, 1, 0, 1, 0, 0, 2]]);
        check(&[0, 0, 1, 0, 0, 1], &[]);
        check(&[0, 0], &[]);
        check(&[], &[]);
    }

    proptest! {
        #[test]
        fn a_start_code_is_found_where_a_plain_search_finds_it(bytes in prop::collection::vec(0u8..3, 0..40)) {
            let plain = bytes.windows(3).position(|window| window == [0, 0, 1]);
            prop_assert_eq!(find_start_code(&bytes), plain);
        }
    }
}
