//! H.264 (ITU-T H.264) as far as a remuxer needs it: NAL unit types, where a picture begins, and the sequence
//! parameter set.

use std::ops::Range;

/// A slice of a picture that is not an IDR picture.
pub const SLICE: u8 = 1;
/// A slice of an IDR picture.
pub const IDR_SLICE: u8 = 5;
/// Sequence parameter set.
pub const SPS: u8 = 7;
/// Picture parameter set.
pub const PPS: u8 = 8;

/// The type in a NAL unit's first byte (§7.4.1).
#[must_use]
pub fn nal_unit_type(header: u8) -> u8 {
    header & 0x1F
}

/// Whether a NAL unit of this type holds coded picture data (§7.4.1, VCL).
#[must_use]
pub fn is_vcl(kind: u8) -> bool {
    (SLICE..=IDR_SLICE).contains(&kind)
}

/// Whether a NAL unit of this type, coming after a picture's data, begins the next access unit (§7.4.1.2.3).
#[must_use]
pub fn begins_access_unit(kind: u8) -> bool {
    matches!(kind, 6..=9 | 14..=18)
}

/// Whether a slice is the first one of its picture: `first_mb_in_slice` is ue(v), and 0 is coded as a single 1 bit.
/// `slice` begins with the NAL unit's header; `None` when it is too short to tell.
#[must_use]
pub fn is_first_slice(slice: &[u8]) -> Option<bool> {
    slice.get(1).map(|byte| byte & 0x80 != 0)
}

/// Whether a slice is a B slice (§7.4.3: types 1 and 6).
#[must_use]
pub fn is_b_slice(slice: &[u8]) -> bool {
    let mut bits = Bits::new(slice.get(1..12.min(slice.len())).unwrap_or_default());
    bits.ue().is_some() && matches!(bits.ue(), Some(1 | 6))
}

/// The number by which slices name a picture parameter set (§7.3.2.2).
#[must_use]
pub fn picture_parameter_set_id(nal_unit: &[u8]) -> Option<u32> {
    let (header, body) = nal_unit.split_first()?;
    let id = Bits::new(body.get(..4.min(body.len()))?).ue()?;
    (nal_unit_type(*header) == PPS && id < 256).then_some(id)
}

/// What a sequence parameter set says about the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceParameters {
    /// `profile_idc`, the constraint flags, `level_idc`: the three bytes of an RFC 6381 codec string.
    pub profile: [u8; 3],
    /// Pixels, after cropping.
    pub width: u32,
    /// Pixels, after cropping.
    pub height: u32,
    /// How many pictures may precede another one in decoding order and follow it in output order.
    pub reorder_depth: u8,
}

/// No level of H.264 has larger pictures.
const LARGEST_SIDE: u32 = 16_384;

impl SequenceParameters {
    /// Reads an SPS NAL unit, header included. What follows the fields is not looked at: cameras append bytes.
    /// `None` when it is none or says nonsense.
    #[must_use]
    pub fn parse(nal_unit: &[u8]) -> Option<Self> {
        let (header, body) = nal_unit.split_first()?;
        if nal_unit_type(*header) != SPS {
            return None;
        }
        let plain = without_emulation_prevention(body);
        let mut bits = Bits::new(&plain);
        let profile = [bits.take(8)? as u8, bits.take(8)? as u8, bits.take(8)? as u8];
        bits.ue()?; // seq_parameter_set_id
        let chroma = if has_chroma_format(profile[0]) { Chroma::parse(&mut bits)? } else { Chroma::YUV_420 };
        bits.ue()?; // log2_max_frame_num_minus4
        let order_type = bits.ue()?;
        skip_picture_order(&mut bits, order_type)?;
        bits.ue()?; // max_num_ref_frames
        bits.take(1)?; // gaps_in_frame_num_value_allowed_flag
        let width_mbs = bits.ue()?.checked_add(1)?;
        let height_units = bits.ue()?.checked_add(1)?;
        let frame_mbs_only = bits.take(1)?;
        if frame_mbs_only == 0 {
            bits.take(1)?; // mb_adaptive_frame_field_flag
        }
        bits.take(1)?; // direct_8x8_inference_flag
        let crop = if bits.take(1)? == 1 { [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?] } else { [0; 4] };
        let (unit_x, unit_y) = (chroma.crop_x, chroma.crop_y * (2 - frame_mbs_only));
        let side = |full: u32, before: u32, after: u32, unit: u32| {
            full.checked_sub(before.checked_add(after)?.checked_mul(unit)?)
                .filter(|side| (1..=LARGEST_SIDE).contains(side))
        };
        let height_mbs = height_units.checked_mul(2 - frame_mbs_only)?;
        let width = side(width_mbs.checked_mul(16)?, crop[0], crop[1], unit_x)?;
        let height = side(height_mbs.checked_mul(16)?, crop[2], crop[3], unit_y)?;
        // A damaged VUI must not cost the size; without it the pictures are taken to come in output order.
        let announced = if bits.take(1) == Some(1) { reorder_frames(&mut bits) } else { None };
        let reorder_depth = if order_type == 2 { 0 } else { announced.unwrap_or(0).min(16) as u8 };
        Some(Self { profile, width, height, reorder_depth })
    }

    /// The codec string of RFC 6381, for instance `avc1.64C029`.
    #[must_use]
    pub fn codec(&self) -> String {
        let [profile, constraints, level] = self.profile;
        format!("avc1.{profile:02X}{constraints:02X}{level:02X}")
    }
}

/// Profiles that carry `chroma_format_idc` (§7.3.2.1.1).
fn has_chroma_format(profile_idc: u8) -> bool {
    matches!(profile_idc, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135)
}

struct Chroma {
    crop_x: u32,
    crop_y: u32,
}

impl Chroma {
    const YUV_420: Self = Self { crop_x: 2, crop_y: 2 };

    fn parse(bits: &mut Bits<'_>) -> Option<Self> {
        let format = bits.ue()?;
        if format == 3 {
            bits.take(1)?; // separate_colour_plane_flag
        }
        bits.ue()?; // bit_depth_luma_minus8
        bits.ue()?; // bit_depth_chroma_minus8
        bits.take(1)?; // qpprime_y_zero_transform_bypass_flag
        if bits.take(1)? == 1 {
            for list in 0..if format == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Some(match format {
            1 => Self::YUV_420,
            2 => Self { crop_x: 2, crop_y: 1 },
            0 | 3 => Self { crop_x: 1, crop_y: 1 },
            _ => return None,
        })
    }
}

fn skip_scaling_list(bits: &mut Bits<'_>, size: usize) -> Option<()> {
    let (mut last, mut next) = (8_i64, 8_i64);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.se()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

fn skip_picture_order(bits: &mut Bits<'_>, order_type: u32) -> Option<()> {
    match order_type {
        0 => {
            bits.ue()?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            bits.take(1)?;
            bits.se()?;
            bits.se()?;
            for _ in 0..bits.ue().filter(|count| *count <= 255)? {
                bits.se()?;
            }
        }
        2 => {}
        _ => return None,
    }
    Some(())
}

/// `max_num_reorder_frames` of the VUI (§E.1.1), if it is said.
fn reorder_frames(bits: &mut Bits<'_>) -> Option<u32> {
    if bits.take(1)? == 1 && bits.take(8)? == 255 {
        bits.take(32)?; // sar_width, sar_height
    }
    if bits.take(1)? == 1 {
        bits.take(1)?; // overscan_appropriate_flag
    }
    if bits.take(1)? == 1 {
        bits.take(4)?; // video_format, video_full_range_flag
        if bits.take(1)? == 1 {
            bits.take(24)?; // colour_primaries, transfer_characteristics, matrix_coefficients
        }
    }
    if bits.take(1)? == 1 {
        bits.ue()?; // chroma_sample_loc_type_top_field
        bits.ue()?; // chroma_sample_loc_type_bottom_field
    }
    if bits.take(1)? == 1 {
        bits.take(32)?; // num_units_in_tick
        bits.take(32)?; // time_scale
        bits.take(1)?; // fixed_frame_rate_flag
    }
    let nal_hrd = bits.take(1)? == 1;
    if nal_hrd {
        skip_hrd(bits)?;
    }
    let vcl_hrd = bits.take(1)? == 1;
    if vcl_hrd {
        skip_hrd(bits)?;
    }
    if nal_hrd || vcl_hrd {
        bits.take(1)?; // low_delay_hrd_flag
    }
    bits.take(1)?; // pic_struct_present_flag
    if bits.take(1)? == 0 {
        return None;
    }
    bits.take(1)?; // motion_vectors_over_pic_boundaries_flag
    for _ in 0..4 {
        bits.ue()?; // max_bytes_per_pic_denom … log2_max_mv_length_vertical
    }
    bits.ue()
}

fn skip_hrd(bits: &mut Bits<'_>) -> Option<()> {
    let count = bits.ue().filter(|count| *count < 32)? + 1;
    bits.take(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..count {
        bits.ue()?;
        bits.ue()?;
        bits.take(1)?;
    }
    bits.take(20).map(|_| ())
}

/// The payload without the 0x03 that keeps start codes out of it (§7.4.1.1).
fn without_emulation_prevention(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        plain.push(*byte);
    }
    plain
}

/// The NAL units of a payload in which somebody has left Annex B start codes (V380 and its kin). Trailing zero
/// bytes belong to no NAL unit.
pub fn split_at_start_codes(payload: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        while !done {
            let code = payload.get(from..).and_then(|rest| rest.windows(3).position(|window| window == [0, 0, 1]));
            let (end, next) = match code {
                Some(at) => (from + at, from + at + 3),
                None => (payload.len(), payload.len()),
            };
            let found = from..end;
            from = next;
            done = code.is_none();
            let kept = payload.get(found.clone())?.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if kept > 0 {
                return Some(found.start..found.start + kept);
            }
        }
        None
    })
}

/// A reader of bits, most significant first; `None` at the end.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// Exp-Golomb, unsigned (§9.1).
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        self.take(zeros)?.checked_add((1 << zeros) - 1)
    }

    /// Exp-Golomb, signed (§9.1.1).
    fn se(&mut self) -> Option<i64> {
        let code = i64::from(self.ue()?);
        Some(if code % 2 == 1 { (code + 1) / 2 } else { -code / 2 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("hex")).collect()
    }

    fn check(sps: &str, width: u32, height: u32, reorder_depth: u8, codec: &str) {
        let parsed = SequenceParameters::parse(&unhex(sps)).expect("an SPS");
        assert_eq!(
            (parsed.width, parsed.height, parsed.reorder_depth, parsed.codec().as_str()),
            (width, height, reorder_depth, codec)
        );
    }

    #[test]
    fn sizes_and_depths_of_real_parameter_sets() {
        // An X1C at 720p and a P2S, as their SDPs give them; the latter also with bytes of no meaning behind it.
        check("6742c01f8d8d502482d93640000003004000000f23c2211a80", 1168, 720, 0, "avc1.42C01F");
        check("67641029ac1b1aa0780227e584000003000400000300f23c2010a8", 1920, 1080, 0, "avc1.641029");
        check("67641029ac1b1aa0780227e584000003000400000300f23c2010a80000aa55", 1920, 1080, 0, "avc1.641029");
        // Cut within the VUI: the size is known all the same.
        check("67641029ac1b1aa0780227e584000003", 1920, 1080, 0, "avc1.641029");
    }

    #[test]
    fn a_slice_says_whether_it_is_the_first_and_whether_it_is_a_b_slice() {
        assert_eq!(is_first_slice(&[0x65, 0x88]), Some(true));
        assert_eq!(is_first_slice(&[0x65, 0x40]), Some(false));
        assert_eq!(is_first_slice(&[0x65]), None);
        // first_mb_in_slice 0, slice_type 6 (B), then 5 (P).
        assert!(is_b_slice(&[0x01, 0b1001_1100, 0]));
        assert!(!is_b_slice(&[0x01, 0b1001_1000, 0]));
    }

    #[test]
    fn another_reader_sees_the_same_sizes() {
        let sets = [
            "6742c01f8d8d502482d93640000003004000000f23c2211a80",
            "67641029ac1b1aa0780227e584000003000400000300f23c2010a8",
        ];
        for sps in sets {
            let bytes = unhex(sps);
            let body = h264_reader::rbsp::decode_nal(&bytes).expect("a NAL unit");
            let other = h264_reader::nal::sps::SeqParameterSet::from_bits(h264_reader::rbsp::BitReader::new(&body[..]))
                .expect("an SPS");
            let ours = SequenceParameters::parse(&bytes).expect("an SPS");
            assert_eq!(other.pixel_dimensions().expect("a size"), (ours.width, ours.height));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut sps = vec![0x67];
            sps.extend(bytes);
            let _ = SequenceParameters::parse(&sps);
            let _ = is_b_slice(&sps);
        }

        #[test]
        fn start_codes_split_and_nothing_is_invented(bytes in prop::collection::vec(0u8..3, 0..60)) {
            let mut last = 0;
            for span in split_at_start_codes(&bytes) {
                prop_assert!(span.start >= last && span.end > span.start && span.end <= bytes.len());
                prop_assert!(bytes[span.end - 1] != 0);
                last = span.end;
            }
        }
    }
}
