//! Floor 1: access units in, playlists and segments out. Pure; owned by the HLS helper (stub for the others to compile).
use std::ops::Range;
use std::sync::Arc;

/// A piece of a shared buffer: what a byte-range answer is made of, without a copy.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The buffer.
    pub bytes: Arc<[u8]>,
    /// Which part of it.
    pub range: Range<usize>,
}

impl Slice {
    /// The bytes meant.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }
}

/// Everything a viewer can ask of one camera at one moment; immutable.
#[derive(Debug)]
pub struct Snapshot {}
