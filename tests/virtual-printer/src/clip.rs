//! A clip of H.264 in Annex B (ITU-T H.264, annex B and 7.4.1.2), cut into access units and played in a loop.
//! Not a decoder: it knows NAL types and the first bit of a slice header, nothing else.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const SLICE: u8 = 1;
const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;

/// H.264 pictures in memory.
pub struct Clip {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
    fps: f64,
    sps: Range<usize>,
    pps: Range<usize>,
}

struct Frame {
    nals: Vec<Range<usize>>,
    idr: bool,
}

/// Why bytes are no clip.
#[derive(Debug)]
pub enum ClipError {
    /// The file could not be read.
    Unreadable(std::io::Error),
    /// It does not begin with SPS, PPS and an IDR picture, which a loop needs.
    NoStart,
}

impl fmt::Display for ClipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "the clip cannot be read: {error}"),
            Self::NoStart => {
                f.write_str("the clip is not H.264 (Annex B) that begins with SPS, PPS and an IDR picture")
            }
        }
    }
}

impl std::error::Error for ClipError {}

impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clip({} frames, {} bytes)", self.frames.len(), self.bytes.len())
    }
}

impl Clip {
    /// 1920×1080, High, 30 fps, an IDR every second: as a P2S is set up.
    #[must_use]
    pub fn chamber_1080p30() -> Arc<Self> {
        static CLIP: LazyLock<Arc<Clip>> =
            LazyLock::new(|| Clip::committed(include_bytes!("../clips/chamber1080.h264"), 30.0));
        Arc::clone(&CLIP)
    }

    /// 1168×720, Constrained Baseline, full range, 9 fps, an IDR every 3.6 s: as an X1C's 720p and an X2D's pace.
    #[must_use]
    pub fn chamber_720p9() -> Arc<Self> {
        static CLIP: LazyLock<Arc<Clip>> =
            LazyLock::new(|| Clip::committed(include_bytes!("../clips/chamber720.h264"), 9.0));
        Arc::clone(&CLIP)
    }

    /// 960×540, High, 15 fps, an IDR every 4 s: another picture size to change to.
    #[must_use]
    pub fn chamber_540p15() -> Arc<Self> {
        static CLIP: LazyLock<Arc<Clip>> =
            LazyLock::new(|| Clip::committed(include_bytes!("../clips/chamber540.h264"), 15.0));
        Arc::clone(&CLIP)
    }

    /// Cuts `bytes` into access units.
    ///
    /// # Errors
    /// When it does not begin as a decodable stream.
    pub fn new(bytes: Vec<u8>, fps: f64) -> Result<Self, ClipError> {
        let (mut frames, mut open) = (Vec::new(), Frame { nals: Vec::new(), idr: false });
        let (mut sps, mut pps) = (None, None);
        let mut coded = false;
        for nal in nal_units(&bytes) {
            let kind = bytes[nal.start] & 31;
            let is_slice = (SLICE..=IDR).contains(&kind);
            // first_mb_in_slice is 0 where its Exp-Golomb code is the single bit 1.
            let first_slice = is_slice && bytes.get(nal.start + 1).is_some_and(|byte| byte & 0x80 != 0);
            if coded && (first_slice || (6..=9).contains(&kind)) {
                frames.push(std::mem::replace(&mut open, Frame { nals: Vec::new(), idr: false }));
                coded = false;
            }
            match kind {
                SPS => _ = sps.get_or_insert(nal.clone()),
                PPS => _ = pps.get_or_insert(nal.clone()),
                _ => {}
            }
            coded |= is_slice;
            open.idr |= kind == IDR;
            open.nals.push(nal);
        }
        if coded {
            frames.push(open);
        }
        match (sps, pps, frames.first()) {
            (Some(sps), Some(pps), Some(Frame { idr: true, .. })) if sps.len() >= 4 => {
                Ok(Self { bytes, frames, fps, sps, pps })
            }
            _ => Err(ClipError::NoStart),
        }
    }

    /// The clip in a file, as `ffmpeg -c copy -bsf:v h264_mp4toannexb -f h264` writes it.
    ///
    /// # Errors
    /// When the file cannot be read, or is no clip.
    pub fn from_file(path: &Path, fps: f64) -> Result<Arc<Self>, ClipError> {
        let bytes = std::fs::read(path).map_err(ClipError::Unreadable)?;
        Self::new(bytes, fps).map(Arc::new)
    }

    /// How many pictures there are before it begins again.
    #[must_use]
    pub fn frame_count(&self) -> usize {
        self.frames.len()
    }

    /// Pictures a second, as they are delivered (what the SPS claims is another matter).
    #[must_use]
    pub fn fps(&self) -> f64 {
        self.fps
    }

    /// Whether picture `index` is an IDR picture.
    #[must_use]
    pub fn is_idr(&self, index: usize) -> bool {
        self.frames[index % self.frames.len()].idr
    }

    /// The IDR picture at or before `index`.
    #[must_use]
    pub fn gop_start(&self, index: usize) -> usize {
        let index = index % self.frames.len();
        (0..=index).rev().find(|&i| self.frames[i].idr).unwrap_or(0)
    }

    pub(crate) fn nals(&self, index: usize) -> impl Iterator<Item = &[u8]> {
        self.frames[index % self.frames.len()].nals.iter().map(|nal| &self.bytes[nal.clone()])
    }

    /// The picture after `index`.
    pub(crate) fn after(&self, index: usize) -> usize {
        (index + 1) % self.frames.len()
    }

    /// The picture after `index` where no IDR picture may come: the last 16 of a GOP are repeated, because x264 counts
    /// `frame_num` modulo 16, so that the bitstream stays a legal one.
    pub(crate) fn after_without_idr(&self, index: usize) -> usize {
        let next = self.after(index);
        if self.is_idr(next) { (self.gop_start(index) + 1).max((index + 1).saturating_sub(16)) } else { next }
    }

    /// The first IDR picture behind `index`.
    pub(crate) fn next_idr(&self, index: usize) -> usize {
        let mut next = self.after(index);
        while !self.is_idr(next) {
            next = self.after(next);
        }
        next
    }

    pub(crate) fn sps(&self) -> &[u8] {
        &self.bytes[self.sps.clone()]
    }

    pub(crate) fn pps(&self) -> &[u8] {
        &self.bytes[self.pps.clone()]
    }

    fn committed(bytes: &[u8], fps: f64) -> Arc<Self> {
        #[expect(clippy::expect_used, reason = "committed bytes; a test opens each of them")]
        Arc::new(Self::new(bytes.to_vec(), fps).expect("a committed clip"))
    }
}

/// The NAL units between the start codes, without empty ones and without the zeros that trail them.
fn nal_units(bytes: &[u8]) -> Vec<Range<usize>> {
    let codes: Vec<usize> = (0..bytes.len().saturating_sub(2)).filter(|&i| bytes[i..i + 3] == [0, 0, 1]).collect();
    let ends = codes.iter().skip(1).copied().chain([bytes.len()]);
    let mut nals = Vec::with_capacity(codes.len());
    for (code, end) in codes.iter().zip(ends) {
        let start = code + 3;
        let zeros = bytes[start..end].iter().rev().take_while(|&&byte| byte == 0).count();
        if start < end - zeros {
            nals.push(start..end - zeros);
        }
    }
    nals
}

/// Whether a NAL unit is part of a picture, not a parameter set or a message.
pub(crate) fn is_slice(nal: &[u8]) -> bool {
    nal.first().is_some_and(|byte| (SLICE..=IDR).contains(&(byte & 31)))
}

/// Whether a NAL unit is a sequence or picture parameter set.
pub(crate) fn is_parameter_set(nal: &[u8]) -> bool {
    nal.first().is_some_and(|byte| matches!(byte & 31, SPS | PPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(clip: &Clip, frames: usize, idr_every: usize, profile: [u8; 3]) {
        assert_eq!(clip.frame_count(), frames);
        for index in 0..frames {
            assert_eq!(clip.is_idr(index), index % idr_every == 0, "picture {index}");
            let sets = clip.nals(index).filter(|nal| is_parameter_set(nal)).count();
            assert_eq!(sets, if clip.is_idr(index) { 2 } else { 0 }, "picture {index}");
        }
        assert_eq!(clip.sps()[1..4], profile);
    }

    #[test]
    fn the_committed_clips_have_the_shapes_of_printers() {
        check(&Clip::chamber_1080p30(), 300, 30, [0x64, 0x00, 0x29]);
        check(&Clip::chamber_720p9(), 96, 32, [0x42, 0xC0, 0x1F]);
        check(&Clip::chamber_540p15(), 120, 60, [0x64, 0x00, 0x1F]);
    }

    #[test]
    fn slices_of_a_frame_stay_together_and_trailing_zeros_are_removed() {
        let bytes = [
            &[0, 0, 0, 1, 0x67, 1, 2, 3, 0, 0, 0, 1, 0x68, 4, 0, 0, 1, 0x65, 0x88, 1][..],
            &[0, 0, 1, 0x65, 0x40, 2, 0, 0, 0, 1, 0x41, 0x9A, 0, 0, 1, 0x41, 0x40],
        ]
        .concat();
        let clip = Clip::new(bytes, 30.0).unwrap();
        assert_eq!(clip.frame_count(), 2);
        assert_eq!(clip.nals(0).map(<[u8]>::len).collect::<Vec<_>>(), [4, 2, 3, 3]);
        assert_eq!(clip.nals(1).map(<[u8]>::len).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn bytes_that_cannot_be_looped_are_refused() {
        for bytes in [&b"not a clip"[..], &[0, 0, 1], &[0, 0, 1, 0x41, 0x9A], &[0, 0, 1, 0x67, 1, 2, 3]] {
            assert!(matches!(Clip::new(bytes.to_vec(), 30.0), Err(ClipError::NoStart)));
        }
    }

    #[test]
    fn without_idr_pictures_the_end_of_a_gop_repeats() {
        let clip = Clip::chamber_1080p30();
        let mut index = 3;
        for _ in 0..200 {
            let next = clip.after_without_idr(index);
            assert!(!clip.is_idr(next) && (next + 16 - index) % 16 == 1, "{index} then {next}");
            index = next;
        }
    }
}
