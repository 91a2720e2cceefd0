//! The format of segments. The rest of `hls` decides where to cut; only this module knows what is written there.
//!
//! A second format is another variant here. It keeps what its parts need until they end: a fragment of MP4 begins with
//! the sizes of all its frames, so its writer holds frames where this one holds packets.

use crate::media::AccessUnit;
use crate::media::ts::{Muxer, PACKET_LEN};

/// The largest buffer of an open part that is kept for the next part.
const BUFFER_KEPT: usize = 1 << 20;

/// A format of segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// MPEG transport stream.
    Ts,
}

impl Container {
    /// The format of all streams of this program.
    pub const OURS: Self = Self::Ts;

    /// Returns the end of a segment's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Ts => ".ts",
        }
    }

    /// Returns the media type of a segment (RFC 8216 §3.2 has both of HLS).
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Ts => "video/mp2t",
        }
    }

    /// Returns the name of the file that a player needs before any segment, for EXT-X-MAP. A TS segment has its tables
    /// within.
    #[must_use]
    pub(super) const fn init_section(self) -> Option<&'static str> {
        match self {
            Self::Ts => None,
        }
    }

    /// Returns about how many bytes a frame of `bytes` takes.
    #[must_use]
    pub(super) const fn size_of_frame(self, bytes: usize) -> usize {
        match self {
            Self::Ts => bytes.saturating_add(bytes / 32).saturating_add(8 * PACKET_LEN),
        }
    }

    /// Whether a segment of `bytes` may be whole. One that was cut off on disk mostly is not.
    #[must_use]
    pub(super) const fn may_be_whole(self, bytes: usize) -> bool {
        match self {
            Self::Ts => bytes.is_multiple_of(PACKET_LEN),
        }
    }

    /// Begins a stream.
    pub(super) fn writer(self) -> Writer {
        match self {
            Self::Ts => Writer { muxer: Muxer::new(), open: Vec::new() },
        }
    }
}

/// Writes the parts of one stream.
#[derive(Debug)]
pub(super) struct Writer {
    muxer: Muxer,
    /// The bytes of the open part.
    open: Vec<u8>,
}

impl Writer {
    /// Begins a segment, and its first part.
    pub(super) fn begin_segment(&mut self, discontinuity: bool) {
        if discontinuity {
            self.muxer.break_timeline();
        }
        self.muxer.write_tables(&mut self.open);
    }

    /// Begins a part within a segment. A player may start at any INDEPENDENT part. hls.js looks for the tables in that
    /// part; if there are none, it fetches the rest of the segment over and over.
    pub(super) fn begin_part(&mut self, is_independent: bool) {
        if is_independent {
            self.muxer.write_tables(&mut self.open);
        }
    }

    /// Adds a frame to the open part.
    pub(super) fn push(&mut self, unit: &AccessUnit) {
        let bytes = Container::OURS.size_of_frame(unit.bytes.len());
        if self.open.capacity() - self.open.len() < bytes && self.open.len() + bytes > BUFFER_KEPT {
            // A large buffer grows exactly; doubling would waste memory.
            self.open.reserve_exact(bytes);
        }
        self.muxer.write_access_unit(unit, &mut self.open);
    }

    /// Ends the open part, and passes its bytes to `take`.
    pub(super) fn finish_part(&mut self, take: impl FnOnce(&[u8])) {
        take(&self.open);
        self.open.clear();
        self.open.shrink_to(BUFFER_KEPT);
    }

    /// Returns the size of the open part so far.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Returns the memory of the open part.
    pub(super) fn held_bytes(&self) -> usize {
        self.open.capacity()
    }
}
