//! The newest picture of a camera, for clients that want a picture and no video: a key frame, or the JPEG of a camera that
//! sends no video. It stays while the camera is away.
//!
//! The key frame is kept as received, which needs no copy. A wall of 64 cameras looks at only one in ten of the key frames
//! that they send each second, so its files are made when somebody asks:
//!
//! - The MP4 is a copy of the frame with a head, made in microseconds. It lives as long as somebody reads it, and all who
//!   read it at the same time share it.
//! - A JPEG costs a decode, so it is kept: one for each width that was asked for, [`WIDTHS`] at most. That a frame cannot
//!   be decoded is kept too.
//!
//! The decoded planes (3 MB for 1080p) are not kept. So a still takes the memory of one key frame, and of the JPEGs that
//! were asked for.

use crate::media::picture::{self, Undecodable};
use crate::media::{AccessUnit, mp4};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How many JPEGs of one key frame are kept. The oldest one goes when another width is asked for.
pub const WIDTHS: usize = 4;

/// A picture that is served as a file.
#[derive(Debug)]
pub struct Still {
    /// When it was captured, in Unix milliseconds.
    pub captured_unix_ms: i64,
    /// Size of the picture as received. Together with the time it distinguishes this still from any other of the camera.
    pub coded_bytes: usize,
    source: Source,
}

#[derive(Debug)]
enum Source {
    KeyFrame {
        unit: Arc<AccessUnit>,
        made: Mutex<Made>,
    },
    /// As the camera sent it.
    Jpeg(Arc<[u8]>),
}

/// The files that were made of a key frame.
#[derive(Debug, Default)]
struct Made {
    mp4: Option<Weak<[u8]>>,
    /// Oldest first.
    jpegs: VecDeque<(Option<u16>, Arc<[u8]>)>,
    undecodable: Option<Undecodable>,
}

impl Still {
    /// Wraps a key frame. It must be whole; the depacketizer passes on no other.
    #[must_use]
    pub fn of_key_frame(unit: Arc<AccessUnit>) -> Self {
        let (captured_unix_ms, coded_bytes) = (unit.captured_unix_ms, unit.bytes.len());
        Self { captured_unix_ms, coded_bytes, source: Source::KeyFrame { unit, made: Mutex::default() } }
    }

    /// Wraps a JPEG file that a camera has sent.
    #[must_use]
    pub fn of_jpeg(file: Arc<[u8]>, captured_unix_ms: i64) -> Self {
        Self { captured_unix_ms, coded_bytes: file.len(), source: Source::Jpeg(file) }
    }

    /// Returns a text that no other still of the camera has.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{:x}-{:x}", self.captured_unix_ms, self.coded_bytes)
    }

    /// Whether the camera sends pictures and no video.
    #[must_use]
    pub fn is_jpeg(&self) -> bool {
        matches!(self.source, Source::Jpeg(_))
    }

    /// Returns the JPEG file as the camera sent it, or `None` for a key frame.
    #[must_use]
    pub fn jpeg(&self) -> Option<Arc<[u8]>> {
        match &self.source {
            Source::Jpeg(file) => Some(Arc::clone(file)),
            Source::KeyFrame { .. } => None,
        }
    }

    /// Returns the memory that it takes. A shared frame is counted by its other holder.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.source {
            Source::Jpeg(file) => file.len(),
            Source::KeyFrame { unit, made } => {
                let frame = if Arc::strong_count(unit) > 1 { 0 } else { unit.held_bytes() };
                let made = lock(made);
                let mp4 = made.mp4().map_or(0, |file| file.len());
                frame + mp4 + made.jpegs.iter().map(|(_, file)| file.len()).sum::<usize>()
            }
        }
    }

    /// Returns an MP4 file, or `None` for a picture that is no key frame. The file is empty if the access unit cannot be
    /// muxed; the depacketizer never emits such a unit.
    #[must_use]
    pub fn mp4(&self) -> Option<Arc<[u8]>> {
        let Source::KeyFrame { unit, made } = &self.source else { return None };
        let mut made = lock(made);
        Some(made.mp4().unwrap_or_else(|| {
            let file = Arc::from(mp4::still(unit).unwrap_or_default());
            made.mp4 = Some(Arc::downgrade(&file));
            file
        }))
    }

    /// Returns the JPEG of this width if it is there: the camera sent one, or one was made. `None` means that a decode has
    /// to show.
    #[must_use]
    pub fn picture(&self, width: Option<u16>) -> Option<Result<Arc<[u8]>, Undecodable>> {
        match &self.source {
            Source::Jpeg(file) => Some(Ok(Arc::clone(file))),
            Source::KeyFrame { made, .. } => lock(made).picture(width),
        }
    }

    /// Decodes the key frame and keeps the result. Only `stream::picture_maker` may call it, since it takes long.
    pub(super) fn make_jpeg(&self, width: Option<u16>, go_on: &dyn Fn() -> bool) -> Result<Arc<[u8]>, Undecodable> {
        let (unit, made) = match &self.source {
            Source::Jpeg(file) => return Ok(Arc::clone(file)),
            Source::KeyFrame { unit, made } => (unit, made),
        };
        let file = picture::of_key_frame(unit.nals(), width, go_on).map(Arc::<[u8]>::from);
        let mut made = lock(made);
        match &file {
            Ok(file) => {
                if made.jpegs.len() >= WIDTHS {
                    made.jpegs.pop_front();
                }
                made.jpegs.push_back((width, Arc::clone(file)));
            }
            Err(why) => made.undecodable = Some(*why),
        }
        file
    }
}

impl Made {
    fn mp4(&self) -> Option<Arc<[u8]>> {
        self.mp4.as_ref()?.upgrade()
    }

    fn picture(&self, width: Option<u16>) -> Option<Result<Arc<[u8]>, Undecodable>> {
        let file = self.jpegs.iter().find(|(of, _)| *of == width).map(|(_, file)| Ok(Arc::clone(file)));
        file.or_else(|| self.undecodable.map(Err))
    }
}

fn lock(made: &Mutex<Made>) -> MutexGuard<'_, Made> {
    made.lock().unwrap_or_else(PoisonError::into_inner)
}
