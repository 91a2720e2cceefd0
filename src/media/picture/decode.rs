//! Decodes one key frame, behind a gate. The decoder is young, and a stream comes from the network:
//!
//! - it trusts the size in the SPS, and one of 16,384 × 16,384 ends the process for want of memory;
//! - it swallows the error of a slice after the first, and leaves a green band;
//! - it copies the picture for each slice after the first, so 8,000 tiny slices take seconds.

use super::{Colour, Planes, Range, Undecodable};
use rust_h264::decoder::{ChromaFormat, Decoder, Frame};
use rust_h264::error::DecodeError;
use rust_h264::nal::{NalUnitType, SpsInfo, parse_annex_b, parse_sps_info};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most pixels of a coded picture, before anything is cut off: level 5.1 of H.264 (table A-1).
const MOST_PIXELS: u32 = 4096 * 2304;

/// The most slices: each after the first costs a copy of the picture. x264 and live555's cameras have one to eight.
const MOST_SLICES: usize = 64;

/// The most bytes of a key frame. The decoder cannot be interrupted within a slice; 3.9 MB took 0.45 s.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The side of a macroblock.
const MACROBLOCK: usize = 16;

/// A decoded key frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The picture, as it is to be shown: what the SPS cuts off is gone.
    pub planes: Planes,
    /// What the samples mean.
    pub colour: Colour,
}

/// Decodes the first key frame in `nals`: NAL units of one whole access unit, without start codes. `go_on` is asked
/// between them. It must be whole: where CABAC is used, no decoder notices missing bytes.
///
/// # Errors
/// Why it cannot be decoded.
pub fn decode<'a>(nals: impl Iterator<Item = &'a [u8]>, go_on: &dyn Fn() -> bool) -> Result<Decoded, Undecodable> {
    // A belt: no input was found that makes the decoder panic, but it has a hundred places that could.
    catch_unwind(AssertUnwindSafe(|| unguarded(nals, go_on))).unwrap_or(Err(Undecodable::Damaged))
}

fn unguarded<'a>(nals: impl Iterator<Item = &'a [u8]>, go_on: &dyn Fn() -> bool) -> Result<Decoded, Undecodable> {
    let mut decoder = Decoder::new();
    let mut passed = Passed::default();
    let mut bytes = Vec::new();
    for nal in nals {
        if !go_on() {
            return Err(Undecodable::TooSlow);
        }
        passed.bytes += nal.len();
        if passed.bytes > MOST_BYTES {
            return Err(Undecodable::TooLarge);
        }
        bytes.clear();
        bytes.extend_from_slice(&[0, 0, 1]);
        bytes.extend_from_slice(nal);
        let units = parse_annex_b(&bytes);
        let [unit] = units.as_slice() else { return Err(Undecodable::Damaged) };
        match unit.nal_unit_type {
            NalUnitType::Sps if passed.sps.is_none() => passed.sps = Some(acceptable(parse_sps_info(unit))?),
            // The gate has looked at the first one alone.
            NalUnitType::Sps => continue,
            NalUnitType::Pps => {}
            NalUnitType::SliceIdr => {
                let is_first = unit.rbsp.first().is_some_and(|byte| byte & 0x80 != 0);
                match (is_first, passed.slices) {
                    (true, 0) => {}
                    (false, 0) => return Err(Undecodable::Damaged),
                    // Another picture begins.
                    (true, _) => break,
                    (false, slices) if slices >= MOST_SLICES => return Err(Undecodable::TooLarge),
                    (false, _) => {}
                }
                passed.slices += 1;
            }
            _ => continue,
        }
        if passed.sps.is_none() {
            return Err(Undecodable::Damaged);
        }
        decoder.decode_nal(unit).map_err(|error| refusal(&error))?;
    }
    if !go_on() {
        return Err(Undecodable::TooSlow);
    }
    // The decoder gives a picture only when the next one begins, or here.
    let (frame, sps) = decoder.flush().zip(passed.sps).ok_or(Undecodable::Damaged)?;
    shown(frame, &sps)
}

/// What has passed the gate.
#[derive(Debug, Default)]
struct Passed {
    sps: Option<SpsInfo>,
    slices: usize,
    bytes: usize,
}

/// Refuses what a decoder of bounded memory must not see.
fn acceptable(sps: Result<SpsInfo, DecodeError>) -> Result<SpsInfo, Undecodable> {
    let sps = sps.map_err(|error| refusal(&error))?;
    // The coded size: a huge picture may be cut to a small one.
    let pixels = sps.coded_width.checked_mul(sps.coded_height);
    if pixels.is_none_or(|pixels| pixels > MOST_PIXELS) {
        return Err(Undecodable::TooLarge);
    }
    let is_plain = sps.progressive
        && sps.chroma_format <= 1
        && (sps.bit_depth_luma, sps.bit_depth_chroma) == (8, 8)
        && colour(&sps).is_some();
    if is_plain { Ok(sps) } else { Err(Undecodable::Unsupported) }
}

fn colour(sps: &SpsInfo) -> Option<Colour> {
    Colour::new(if sps.full_range { Range::Full } else { Range::Limited }, sps.matrix)
}

fn refusal(error: &DecodeError) -> Undecodable {
    match error {
        DecodeError::Unsupported(_) => Undecodable::Unsupported,
        DecodeError::UnexpectedEof | DecodeError::InvalidSyntax(_) => Undecodable::Damaged,
    }
}

/// Checks the decoder's picture.
fn shown(frame: Frame, sps: &SpsInfo) -> Result<Decoded, Undecodable> {
    let is_expected = frame.bit_depth == 8
        && frame.chroma_format == ChromaFormat::Yuv420
        && (frame.width, frame.height) == (sps.width, sps.height);
    let size = u16::try_from(frame.width).ok().zip(u16::try_from(frame.height).ok());
    let ((width, height), colour) = size.filter(|_| is_expected).zip(colour(sps)).ok_or(Undecodable::Damaged)?;
    let planes = Planes { width, height, y: frame.y, cb: frame.u, cr: frame.v };
    if !planes.is_whole() || has_hole(&planes) {
        return Err(Undecodable::Damaged);
    }
    Ok(Decoded { planes, colour })
}

/// Whether a macroblock was never decoded. The decoder leaves such a one as zeros, a green that no camera sends: one
/// sample of each macroblock shows it.
fn has_hole(planes: &Planes) -> bool {
    let (width, height) = (usize::from(planes.width), usize::from(planes.height));
    let chroma_width = planes.chroma_size().0;
    let places = |length: usize| (MACROBLOCK / 2..length).step_by(MACROBLOCK).chain([length - 1]);
    places(height).any(|y| {
        places(width).any(|x| {
            let at = y / 2 * chroma_width + x / 2;
            planes.y.get(y * width + x) == Some(&0) && planes.cb.get(at) == Some(&0) && planes.cr.get(at) == Some(&0)
        })
    })
}
