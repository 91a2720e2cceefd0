use super::*;
use md5::{Digest, Md5};
use proptest::prelude::*;
use std::cell::Cell;
use std::fmt::Write as _;
use std::iter;

const CHAMBER_1080: &[u8] = include_bytes!("../../../tests/virtual-printer/clips/chamber1080.h264");
const CHAMBER_720: &[u8] = include_bytes!("../../../tests/virtual-printer/clips/chamber720.h264");
const CHAMBER_540: &[u8] = include_bytes!("../../../tests/virtual-printer/clips/chamber540.h264");
/// 178 × 146, High, four slices, by x264.
const FOUR_SLICES: &[u8] = include_bytes!("tests/four-slices.h264");

/// The NAL units of the first access unit.
fn first_picture(annex_b: &[u8]) -> Vec<&[u8]> {
    let mut idrs = 0;
    crate::media::h264::split_annex_b(annex_b)
        .take_while(|nal| {
            idrs += usize::from(nal[0] & 31 == 5);
            nal[0] & 31 != 1 && (nal[0] & 31 == 5 || idrs == 0)
        })
        .collect()
}

fn decoded(nals: &[&[u8]]) -> Result<Decoded, Undecodable> {
    decode(nals.iter().copied(), &|| true)
}

fn md5(planes: &Planes) -> String {
    let mut digest = Md5::new();
    [&planes.y, &planes.cb, &planes.cr].iter().for_each(|plane| digest.update(plane));
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn planes_are_those_that_ffmpeg_decodes() {
    // ffmpeg -i CLIP -frames:v 1 -f rawvideo - | md5sum
    let check = |clip: &[u8], size: (u16, u16), range: Range, expected: &str| {
        let Decoded { planes, colour } = decoded(&first_picture(clip)).unwrap();
        assert_eq!(((planes.width, planes.height), &*md5(&planes)), (size, expected));
        assert_eq!(colour, Colour::new(range, 2).unwrap());
    };
    check(CHAMBER_1080, (1920, 1080), Range::Limited, "cfe9a26a2c9c5fd9ff97867c277d2fbe");
    check(CHAMBER_720, (1168, 720), Range::Full, "a21f071291d1d4e156bd44d69243751b");
    check(CHAMBER_540, (960, 540), Range::Limited, "f8b08c31589d1c53652a82988b4e847f");
    check(FOUR_SLICES, (178, 146), Range::Limited, "5b3cbcf63c8751607bf1df2851287673");
}

#[test]
fn a_lost_slice_is_damage_and_not_a_green_band() {
    let whole = first_picture(FOUR_SLICES);
    assert_eq!(whole.len(), 6);
    for lost in 2..6 {
        let rest: Vec<&[u8]> = whole.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, nal)| *nal).collect();
        assert_eq!(decoded(&rest), Err(Undecodable::Damaged), "slice {lost}");
    }
}

#[test]
fn without_parameter_sets_or_slices_there_is_no_picture() {
    let whole = first_picture(FOUR_SLICES);
    for nals in [&whole[..0], &whole[..1], &whole[..2], &whole[1..], &[whole[0], whole[2]], &[&[][..]], &[&[0x67][..]]]
    {
        assert_eq!(decoded(nals), Err(Undecodable::Damaged), "{} NAL units", nals.len());
    }
}

#[test]
fn a_second_picture_is_left_out() {
    let whole = first_picture(FOUR_SLICES);
    let twice: Vec<&[u8]> = whole.iter().chain(&whole).copied().collect();
    assert_eq!(decoded(&twice), decoded(&whole));
}

/// Writes an SPS of High profile, progressive or not, with this many macroblocks across and map units down.
fn sps(width_mbs: u32, height_units: u32, chroma_format: u32, depth: u32, is_progressive: bool) -> Vec<u8> {
    let mut bits = String::new();
    let ue = |bits: &mut String, value: u32| {
        let code = format!("{:b}", value + 1);
        bits.extend(iter::repeat_n('0', code.len() - 1));
        bits.push_str(&code);
    };
    ue(&mut bits, 0); // seq_parameter_set_id
    ue(&mut bits, chroma_format);
    ue(&mut bits, depth - 8);
    ue(&mut bits, depth - 8);
    bits.push_str("00"); // no bypass, no scaling matrices
    ue(&mut bits, 0); // log2_max_frame_num
    ue(&mut bits, 2); // pic_order_cnt_type
    ue(&mut bits, 1); // max_num_ref_frames
    bits.push('0');
    ue(&mut bits, width_mbs - 1);
    ue(&mut bits, height_units - 1);
    bits.push_str(if is_progressive { "1" } else { "00" });
    bits.push_str("100"); // direct_8x8_inference, no cropping, no VUI
    bits.push('1');
    while !bits.len().is_multiple_of(8) {
        bits.push('0');
    }
    let bytes =
        bits.as_bytes().chunks(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap());
    [0x67, 100, 0, 51].into_iter().chain(bytes).collect()
}

#[test]
fn what_the_decoder_must_not_see_is_refused_at_the_sps() {
    let whole = first_picture(FOUR_SLICES);
    let check = |sps: &[u8], expected: Undecodable| {
        let nals: Vec<&[u8]> = iter::once(sps).chain(whole[1..].iter().copied()).collect();
        assert_eq!(decoded(&nals).err(), Some(expected), "{sps:02x?}");
    };
    check(&sps(1024, 1024, 1, 8, true), Undecodable::TooLarge);
    check(&sps(257, 144, 1, 8, true), Undecodable::TooLarge);
    check(&sps(65_000, 65_000, 1, 8, true), Undecodable::TooLarge);
    check(&sps(12, 10, 2, 8, true), Undecodable::Unsupported);
    check(&sps(12, 10, 1, 10, true), Undecodable::Unsupported);
    check(&sps(12, 5, 1, 8, false), Undecodable::Unsupported);
}

#[test]
fn many_slices_or_bytes_are_refused() {
    let whole = first_picture(FOUR_SLICES);
    let slices: Vec<&[u8]> = whole[..3].iter().copied().chain(iter::repeat_n(whole[3], 64)).collect();
    assert_eq!(decoded(&slices), Err(Undecodable::TooLarge));
    let large = [whole[2], &vec![0x55; 2 << 20]].concat();
    assert_eq!(decoded(&[whole[0], whole[1], &large]), Err(Undecodable::TooLarge));
}

#[test]
fn the_decode_ends_when_there_is_no_time_left() {
    let whole = first_picture(FOUR_SLICES);
    for asked in 0..=whole.len() {
        let left = Cell::new(asked);
        let go_on = || left.replace(left.get().saturating_sub(1)) > 0;
        assert_eq!(decode(whole.iter().copied(), &go_on), Err(Undecodable::TooSlow), "after {asked}");
    }
}

#[test]
fn a_servers_thread_has_stack_enough() {
    let of_server = std::thread::Builder::new().stack_size(512 * 1024);
    let nals = || first_picture(CHAMBER_1080).into_iter();
    let made = of_server.spawn(move || of_key_frame(nals(), None, &|| true).map(|file| file.len())).unwrap();
    assert!(made.join().unwrap().is_ok());
}

#[test]
fn a_width_makes_a_smaller_file_of_the_same_shape() {
    let size = |width| {
        let file = of_key_frame(first_picture(CHAMBER_1080).into_iter(), width, &|| true).unwrap();
        assert!(file.starts_with(b"\xFF\xD8\xFF\xE0") && file.ends_with(b"\xFF\xD9"));
        size_in(&file)
    };
    assert_eq!(size(None), (1920, 1080));
    assert_eq!(size(Some(640)), (640, 360));
    assert_eq!(size(Some(333)), (333, 187));
    assert_eq!(size(Some(1920)), (1920, 1080));
    assert_eq!(size(Some(u16::MAX)), (1920, 1080));
    assert_eq!(size(Some(1)), (16, 9));
}

/// Width and height in SOF0.
fn size_in(file: &[u8]) -> (u16, u16) {
    let mut at = 2;
    while file[at + 1] != 0xC0 {
        at += 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
    }
    let half = |at: usize| u16::from_be_bytes([file[at], file[at + 1]]);
    (half(at + 7), half(at + 5))
}

/// One colour, all over a picture.
fn plain(width: u16, height: u16, [y, cb, cr]: [u8; 3]) -> Planes {
    let luma = usize::from(width) * usize::from(height);
    let chroma = usize::from(width).div_ceil(2) * usize::from(height).div_ceil(2);
    Planes { width, height, y: vec![y; luma], cb: vec![cb; chroma], cr: vec![cr; chroma] }
}

/// The colours of one sample, in 0 to 1, by H.264 E.2.1; the tests' own arithmetic.
fn rgb([y, cb, cr]: [u8; 3], range: Range, kr: f64, kb: f64) -> [f64; 3] {
    let [y, cb, cr] = [y, cb, cr].map(f64::from);
    let (y, cb, cr) = match range {
        Range::Full => (y / 255.0, (cb - 128.0) / 255.0, (cr - 128.0) / 255.0),
        Range::Limited => ((y - 16.0) / 219.0, (cb - 128.0) / 224.0, (cr - 128.0) / 224.0),
    };
    let (red, blue) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
    [red, (y - kr * red - kb * blue) / (1.0 - kr - kb), blue]
}

proptest! {
    /// A colour that a JPEG can have is the same one afterwards, but for the rounding of three numbers.
    #[test]
    fn colours_stay_what_they_are(
        colour in any::<[u8; 3]>(), is_full in any::<bool>(), is_709 in any::<bool>(),
        width in 1_u16..9, height in 1_u16..9,
    ) {
        let range = if is_full { Range::Full } else { Range::Limited };
        let (matrix, kr, kb) = if is_709 { (1, 0.2126, 0.0722) } else { (6, 0.299, 0.114) };
        let converted = Colour::new(range, matrix).unwrap().to_jfif(plain(width, height, colour));
        prop_assert!(converted.is_whole());
        let sample = [converted.y[0], converted.cb[0], converted.cr[0]];
        prop_assert_eq!(&converted, &plain(width, height, sample));
        let (before, after) = (rgb(colour, range, kr, kb), rgb(sample, Range::Full, 0.299, 0.114));
        if before.iter().all(|level| (0.0..=1.0).contains(level)) {
            for (before, after) in iter::zip(before, after) {
                prop_assert!((before - after).abs() < 2.0 / 255.0, "{before} {after}");
            }
        }
    }

    /// No range is brighter or darker than it should be, on the whole.
    #[test]
    fn grey_is_exact(level in 0_u8..=255, is_709 in any::<bool>()) {
        let matrix = if is_709 { 1 } else { 2 };
        let of = |range| Colour::new(range, matrix).unwrap().to_jfif(plain(2, 2, [level, 128, 128]));
        prop_assert_eq!(of(Range::Full), plain(2, 2, [level, 128, 128]));
        let expected = ((f64::from(level) - 16.0) * 255.0 / 219.0).round().clamp(0.0, 255.0) as u8;
        prop_assert_eq!(of(Range::Limited), plain(2, 2, [expected, 128, 128]));
    }

    /// A smaller picture has the shape and the mean of the large one, and one colour stays one colour.
    #[test]
    fn a_smaller_picture_keeps_its_mean(
        width in 17_u16..90, height in 1_u16..70, narrow in 1_u16..90, seed in any::<u32>(), colour in any::<[u8; 3]>(),
    ) {
        prop_assert!(plain(width, height, colour).shrink(narrow).y.iter().all(|y| *y == colour[0]));
        let mut large = plain(width, height, colour);
        let mut state = seed | 1;
        large.y.iter_mut().for_each(|y| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *y = state as u8;
        });
        let small = large.clone().shrink(narrow);
        prop_assert!(small.is_whole());
        prop_assert_eq!(small.width, narrow.max(NARROWEST).min(width));
        let shape = f64::from(height) * f64::from(small.width) / f64::from(width);
        prop_assert!((f64::from(small.height) - shape).abs() <= 0.5 || small.height == 1);
        let mean = |planes: &Planes| planes.y.iter().map(|y| f64::from(*y)).sum::<f64>() / planes.y.len() as f64;
        prop_assert!((mean(&small) - mean(&large)).abs() <= 0.5, "{} {}", mean(&small), mean(&large));
    }

    /// The gate takes any bytes; `fuzz/checks/picture.rs` goes on from here.
    #[test]
    fn damaged_slices_end_in_a_picture_or_a_refusal(at in any::<prop::sample::Index>(), bit in 0_u8..8, nal in 0_usize..6) {
        let whole = first_picture(FOUR_SLICES);
        let mut damaged: Vec<Vec<u8>> = whole.iter().map(|nal| nal.to_vec()).collect();
        let length = damaged[nal].len();
        damaged[nal][at.index(length)] ^= 1 << bit;
        if let Ok(Decoded { planes, .. }) = decode(damaged.iter().map(Vec::as_slice), &|| true) {
            prop_assert!(planes.is_whole());
        }
    }
}

#[test]
fn a_matrix_without_luma_is_refused() {
    for matrix in [0, 3, 8, 10, 255] {
        assert_eq!(Colour::new(Range::Full, matrix), None, "{matrix}");
    }
}

#[test]
fn planes_of_another_size_are_no_file() {
    let mut planes = plain(16, 16, [1, 2, 3]);
    planes.cr.pop();
    assert_eq!(encode(&planes, QUALITY), Err(Undecodable::Damaged));
    assert_eq!(size_in(&encode(&plain(17, 3, [90, 100, 200]), QUALITY).unwrap()), (17, 3));
}
