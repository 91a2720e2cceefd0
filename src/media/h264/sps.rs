//! The sequence parameter set (H.264 §7.3.2.1.1, §7.4.2.1.1, annex E): frame size, frame rate, reordering.
//!
//! Cameras' sets carry trailing bytes and broken VUIs, so the fields after the size may be wrong without harm. A set
//! with an absurd size is refused. These are only an encoder's promises, which it may break: P2S claims 30 fps and
//! sends 9.

use super::bits::Bits;

/// The largest width and height of a frame, in macroblocks: 16,384 pixels. No level of the standard allows more.
const MAX_MACROBLOCKS: u32 = 1024;

/// The fields of a sequence parameter set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sps {
    /// 0..=31.
    pub id: u8,
    /// 66 Baseline, 77 Main, 100 High …
    pub profile_idc: u8,
    /// The six constraint flags, in the bits where the byte has them, from the top.
    pub constraints: u8,
    /// Ten times the level.
    pub level_idc: u8,
    /// 0 no colour, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma_format_idc: u8,
    /// Bit depths of luma and chroma: 8..=14.
    pub bit_depths: [u8; 2],
    /// Shown width in pixels, after cropping.
    pub width: u32,
    /// Shown height in pixels, after cropping.
    pub height: u32,
    /// 0..=2; with 2, frames are shown in the order in which they are sent.
    pub pic_order_cnt_type: u8,
    /// How many frames others may be predicted from.
    pub max_num_ref_frames: u8,
    /// The frame rate in the VUI's timing.
    pub frames_per_second: Option<f64>,
    /// How many frames may be sent before one that is shown before them; `None` if the set leaves it open.
    pub reorder_depth: Option<u8>,
}

impl Sps {
    /// Parses a NAL unit of type 7, including its header byte. Returns `None` if it is not a usable set.
    #[must_use]
    pub fn parse(nal: &[u8]) -> Option<Self> {
        let (header, body) = nal.split_first()?;
        if header & 0x9F != 7 {
            return None;
        }
        let bits = &mut Bits::new(body);
        let profile_idc = bits.bits(8)? as u8;
        let constraints = bits.bits(8)? as u8;
        let level_idc = bits.bits(8)? as u8;
        let id = bits.ue(31)? as u8;
        let format = ChromaFormat::parse(bits, profile_idc)?;
        bits.ue(12)?; // log2_max_frame_num_minus4
        let pic_order_cnt_type = skip_picture_order(bits)?;
        let max_num_ref_frames = bits.ue(16)? as u8;
        bits.flag()?; // gaps_in_frame_num_value_allowed_flag
        let columns = bits.ue(MAX_MACROBLOCKS - 1)? + 1;
        let map_units = bits.ue(MAX_MACROBLOCKS - 1)? + 1;
        let frames_only = bits.flag()?;
        if !frames_only {
            bits.flag()?; // mb_adaptive_frame_field_flag
        }
        bits.flag()?; // direct_8x8_inference_flag
        let field_factor = if frames_only { 1 } else { 2 };
        let (crop_x, crop_y) = if bits.flag()? { format.cropping(bits, field_factor)? } else { (0, 0) };
        let shown = |blocks: u32, crop: u32| (blocks * 16).checked_sub(crop).filter(|&pixels| pixels > 0);
        let mut sps = Self {
            id,
            profile_idc,
            constraints,
            level_idc,
            chroma_format_idc: format.idc,
            bit_depths: format.bit_depths,
            width: shown(columns, crop_x)?,
            height: shown(map_units * field_factor, crop_y)?,
            pic_order_cnt_type,
            max_num_ref_frames,
            frames_per_second: None,
            reorder_depth: None,
        };
        if bits.flag() == Some(true) {
            // A truncated VUI is used up to where it ends.
            let _ = sps.read_vui(bits);
        }
        sps.reorder_depth = if sps.never_reorders() { Some(0) } else { sps.reorder_depth };
        Some(sps)
    }

    /// Baseline has no B slices, and the intra-only profiles (constraint_set3) have nothing to wait for. Picture order
    /// count type 2 forbids reordering.
    fn never_reorders(&self) -> bool {
        let intra_only = self.constraints & 0x10 != 0 && matches!(self.profile_idc, 44 | 86 | 100 | 110 | 122 | 244);
        self.profile_idc == 66 || self.pic_order_cnt_type == 2 || intra_only
    }

    /// Annex E.1.1, up to `max_num_reorder_frames`.
    fn read_vui(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        const EXTENDED_SAR: u32 = 255;
        if bits.flag()? && bits.bits(8)? == EXTENDED_SAR {
            bits.bits(32)?; // sar_width, sar_height
        }
        if bits.flag()? {
            bits.flag()?; // overscan_appropriate_flag
        }
        if bits.flag()? {
            bits.bits(4)?; // video_format, video_full_range_flag
            if bits.flag()? {
                bits.bits(24)?; // colour_primaries, transfer_characteristics, matrix_coefficients
            }
        }
        if bits.flag()? {
            bits.ue(5)?; // chroma_sample_loc_type_top_field
            bits.ue(5)?; // … and bottom
        }
        if bits.flag()? {
            let (tick, scale) = (bits.bits(32)?, bits.bits(32)?);
            bits.flag()?; // fixed_frame_rate_flag
            // A frame takes two ticks, since annex E counts fields.
            let rate = f64::from(scale) / (2.0 * f64::from(tick));
            self.frames_per_second = Some(rate).filter(|rate| (0.1..=1000.0).contains(rate));
        }
        let nal_hrd = bits.flag()?;
        if nal_hrd {
            skip_hrd(bits)?;
        }
        let vcl_hrd = bits.flag()?;
        if vcl_hrd {
            skip_hrd(bits)?;
        }
        if nal_hrd || vcl_hrd {
            bits.flag()?; // low_delay_hrd_flag
        }
        bits.flag()?; // pic_struct_present_flag
        if bits.flag()? {
            bits.flag()?; // motion_vectors_over_pic_boundaries_flag
            for max in [16, 16, 32, 32] {
                bits.ue(max)?; // bytes per picture, bits per macroblock, two motion vector lengths
            }
            let reorder = bits.ue(16)?;
            let buffered = bits.ue(16)?;
            self.reorder_depth = (reorder <= buffered).then_some(reorder as u8);
        }
        Some(())
    }
}

/// The layout of chroma beside luma; it decides the unit of cropping (table 6-1).
struct ChromaFormat {
    idc: u8,
    bit_depths: [u8; 2],
    crop_unit_x: u32,
    crop_unit_y: u32,
}

impl ChromaFormat {
    /// Parses the fields that only the High profiles have, up to and including the scaling matrices.
    fn parse(bits: &mut Bits<'_>, profile_idc: u8) -> Option<Self> {
        if !matches!(profile_idc, 44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244) {
            return Some(Self { idc: 1, bit_depths: [8; 2], crop_unit_x: 2, crop_unit_y: 2 });
        }
        let idc = bits.ue(3)?;
        if idc == 3 {
            bits.flag()?; // separate_colour_plane_flag
        }
        let bit_depths = [8 + bits.ue(6)? as u8, 8 + bits.ue(6)? as u8];
        bits.flag()?; // qpprime_y_zero_transform_bypass_flag
        if bits.flag()? {
            for list in 0..if idc == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        let (crop_unit_x, crop_unit_y) = match idc {
            1 => (2, 2),
            2 => (2, 1),
            _ => (1, 1),
        };
        Some(Self { idc: idc as u8, bit_depths, crop_unit_x, crop_unit_y })
    }

    /// Returns the pixels that are cropped horizontally and vertically.
    fn cropping(&self, bits: &mut Bits<'_>, field_factor: u32) -> Option<(u32, u32)> {
        const MAX: u32 = MAX_MACROBLOCKS * 32;
        let (left, right) = (bits.ue(MAX)?, bits.ue(MAX)?);
        let (top, bottom) = (bits.ue(MAX)?, bits.ue(MAX)?);
        Some(((left + right) * self.crop_unit_x, (top + bottom) * self.crop_unit_y * field_factor))
    }
}

/// Skips a scaling list (§7.3.2.1.1.1). A list ends early when the next scale comes out as 0.
fn skip_scaling_list(bits: &mut Bits<'_>, size: u32) -> Option<()> {
    let mut scale = 8;
    for _ in 0..size {
        let delta = bits.se()?;
        if !(-128..=127).contains(&delta) {
            return None;
        }
        scale = (scale + delta).rem_euclid(256);
        if scale == 0 {
            break;
        }
    }
    Some(())
}

/// Skips `pic_order_cnt_type` and the fields that depend on it.
fn skip_picture_order(bits: &mut Bits<'_>) -> Option<u8> {
    let kind = bits.ue(2)?;
    match kind {
        0 => {
            bits.ue(12)?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            bits.flag()?; // delta_pic_order_always_zero_flag
            bits.se()?; // offset_for_non_ref_pic
            bits.se()?; // offset_for_top_to_bottom_field
            for _ in 0..bits.ue(255)? {
                bits.se()?; // offset_for_ref_frame
            }
        }
        _ => {}
    }
    Some(kind as u8)
}

/// Annex E.1.2.
fn skip_hrd(bits: &mut Bits<'_>) -> Option<()> {
    let schedules = bits.ue(31)? + 1;
    bits.bits(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..schedules {
        bits.ue(u32::MAX)?; // bit_rate_value_minus1
        bits.ue(u32::MAX)?; // cpb_size_value_minus1
        bits.flag()?; // cbr_flag
    }
    bits.bits(20).map(|_| ()) // four lengths of five bits
}

#[cfg(test)]
pub(in crate::media) mod tests {
    use h264_reader::nal::sps::SeqParameterSet;
    use h264_reader::rbsp;
    use proptest::prelude::*;

    use super::*;

    /// X1C at 720p: Constrained Baseline 3.1, full range, no B frames.
    pub const X1C: &str = "6742c01f8d8d502482d93640000003004000000f23c2211a80";
    /// P2S: High 4.1, coded 1088 high and cropped.
    pub const P2S: &str = "67641029ac1b1aa0780227e584000003000400000300f23c2010a8";

    pub fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap()).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    #[test]
    fn size_rate_and_reordering_are_read_from_real_cameras_sps() {
        let check = |hex: &str, size: (u32, u32), fps: Option<f64>, reorder: Option<u8>| {
            let sps = Sps::parse(&bytes(hex)).expect(hex);
            assert_eq!((sps.width, sps.height), size, "{hex}");
            assert_eq!((sps.frames_per_second, sps.reorder_depth), (fps, reorder), "{hex}");
        };
        check(X1C, (1168, 720), Some(30.0), Some(0));
        check(P2S, (1920, 1080), Some(30.0), Some(0));
        // x264, Main, three B frames, 25 fps, bitstream restriction present.
        check(X264_B, (320, 240), Some(25.0), Some(2));
    }

    /// Written by x264 for 320×240 with B frames.
    pub const X264_B: &str = "674d400deca0a0fd80880000030008000003019078a14cb0";

    #[test]
    fn trailing_bytes_and_a_broken_vui_do_no_harm() {
        let whole = bytes(P2S);
        let size = |nal: &[u8]| Sps::parse(nal).map(|sps| (sps.width, sps.height));
        assert_eq!(size(&[&whole[..], &[0, 0, 0x80, 0xFF]].concat()), Some((1920, 1080)));
        assert_eq!(size(&whole[..14]), Some((1920, 1080)), "ends inside its VUI");
        assert_eq!(size(&whole[..10]), None, "ends before its size");
        assert_eq!(size(&[]), None);
        assert_eq!(size(&[0x68, 0xCE]), None, "not a sequence parameter set");
    }

    proptest! {
        /// h264-reader is stricter in some places and laxer in others. If both accept a set, they read the same.
        #[test]
        fn mutated_sps_match_an_independent_parser(
            which in 0usize..3,
            flips in prop::collection::vec((3usize..30, any::<u8>()), 0..4),
        ) {
            let mut nal = bytes([X1C, P2S, X264_B][which]);
            for (at, mask) in flips {
                if let Some(byte) = nal.get_mut(at) {
                    *byte ^= mask;
                }
            }
            let oracle = SeqParameterSet::from_bits(rbsp::BitReader::new(rbsp::ByteReader::skipping_h264_header(&nal[..])));
            if let (Some(ours), Ok(theirs)) = (Sps::parse(&nal), oracle) {
                prop_assert_eq!(Some((ours.width, ours.height)), theirs.pixel_dimensions().ok());
                let chroma = &theirs.chroma_info;
                let depths = [chroma.bit_depth_luma_minus8, chroma.bit_depth_chroma_minus8].map(|depth| depth + 8);
                prop_assert_eq!(ours.bit_depths, depths);
                let restriction = theirs.vui_parameters.as_ref().and_then(|vui| vui.bitstream_restrictions.as_ref());
                if let Some(restriction) = restriction
                    && !ours.never_reorders()
                    && let Some(depth) = ours.reorder_depth
                {
                    prop_assert_eq!(u32::from(depth), restriction.max_num_reorder_frames);
                }
            }
        }

        #[test]
        fn no_bytes_cause_a_panic(body in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Sps::parse(&[&[0x67][..], &body[..]].concat());
        }
    }
}
