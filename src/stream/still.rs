//! The newest key frame of a camera, for those who want a picture and no video. It stays while the camera is away.
//!
//! It is kept as it came, which costs no copy, and made into a file when somebody asks for the first time: of the key
//! frames that 64 cameras send each second a wall looks at one in ten. The file then takes the place of the picture, so
//! that a still costs one key frame of memory either way, and many viewers of one share it.

use crate::media::{AccessUnit, mp4};
use std::sync::{Arc, Mutex, PoisonError};

/// One picture.
#[derive(Debug)]
pub struct Still {
    /// When it was captured. Unix milliseconds.
    pub captured_unix_ms: i64,
    /// Bytes of the picture as it came: with the time it tells one still of a camera from any other.
    pub coded_bytes: usize,
    form: Mutex<Form>,
}

#[derive(Debug)]
enum Form {
    Coded(Box<AccessUnit>),
    Mp4(Arc<[u8]>),
}

impl Still {
    /// Of a key frame.
    #[must_use]
    pub fn new(unit: Box<AccessUnit>) -> Self {
        let (captured_unix_ms, coded_bytes) = (unit.captured_unix_ms, unit.bytes.len());
        Self { captured_unix_ms, coded_bytes, form: Mutex::new(Form::Coded(unit)) }
    }

    /// The memory that it takes.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &*self.form.lock().unwrap_or_else(PoisonError::into_inner) {
            Form::Coded(unit) => unit.held_bytes(),
            Form::Mp4(file) => file.len(),
        }
    }

    /// As an MP4 file; empty where the picture is none that could be one, which the depacketizer lets nobody see.
    #[must_use]
    pub fn mp4(&self) -> Arc<[u8]> {
        let mut form = self.form.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &*form {
            Form::Coded(unit) => Arc::from(mp4::still(unit).unwrap_or_default()),
            Form::Mp4(file) => return Arc::clone(file),
        };
        *form = Form::Mp4(Arc::clone(&file));
        file
    }
}
