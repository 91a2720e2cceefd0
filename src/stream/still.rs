//! The newest picture of a camera, for clients that want a picture and no video: a key frame, or the JPEG of a camera that
//! sends no video. It stays while the camera is away.
//!
//! The key frame is kept as received, which needs no copy, and converted to a file on the first request. A wall of 64
//! cameras looks at only one in ten of the key frames that they send each second. The file then replaces the frame, so
//! a still takes the memory of one key frame either way. All its viewers share it.

use crate::media::{AccessUnit, mp4};
use std::sync::{Arc, Mutex, PoisonError};

/// A picture that is served as a file.
#[derive(Debug)]
pub struct Still {
    /// When it was captured, in Unix milliseconds.
    pub captured_unix_ms: i64,
    /// Size of the picture as received. Together with the time it distinguishes this still from any other of the camera.
    pub coded_bytes: usize,
    form: Mutex<Form>,
}

#[derive(Debug)]
enum Form {
    Coded(Arc<AccessUnit>),
    Mp4(Arc<[u8]>),
    /// As the camera sent it.
    Jpeg(Arc<[u8]>),
}

impl Still {
    /// Wraps a key frame.
    #[must_use]
    pub fn of_key_frame(unit: Arc<AccessUnit>) -> Self {
        let (captured_unix_ms, coded_bytes) = (unit.captured_unix_ms, unit.bytes.len());
        Self { captured_unix_ms, coded_bytes, form: Mutex::new(Form::Coded(unit)) }
    }

    /// Wraps a JPEG file that a camera has sent.
    #[must_use]
    pub fn of_jpeg(file: Arc<[u8]>, captured_unix_ms: i64) -> Self {
        Self { captured_unix_ms, coded_bytes: file.len(), form: Mutex::new(Form::Jpeg(file)) }
    }

    /// Returns the memory that it takes. A shared frame is counted by its other holder.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &*self.form.lock().unwrap_or_else(PoisonError::into_inner) {
            Form::Coded(unit) if Arc::strong_count(unit) > 1 => 0,
            Form::Coded(unit) => unit.held_bytes(),
            Form::Mp4(file) | Form::Jpeg(file) => file.len(),
        }
    }

    /// Returns the JPEG file as the camera sent it, or `None` for a key frame.
    #[must_use]
    pub fn jpeg(&self) -> Option<Arc<[u8]>> {
        match &*self.form.lock().unwrap_or_else(PoisonError::into_inner) {
            Form::Jpeg(file) => Some(Arc::clone(file)),
            Form::Coded(_) | Form::Mp4(_) => None,
        }
    }

    /// Returns an MP4 file, or `None` for a picture that is no key frame. The file is empty if the access unit cannot be
    /// muxed; the depacketizer never emits such a unit.
    #[must_use]
    pub fn mp4(&self) -> Option<Arc<[u8]>> {
        let mut form = self.form.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &*form {
            Form::Coded(unit) => Arc::from(mp4::still(unit).unwrap_or_default()),
            Form::Mp4(file) => return Some(Arc::clone(file)),
            Form::Jpeg(_) => return None,
        };
        *form = Form::Mp4(Arc::clone(&file));
        Some(file)
    }
}
