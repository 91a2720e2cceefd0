//! Layer 1 turns access units into playlists, segments and parts. It implements HLS as of
//! draft-pantos-hls-rfc8216bis-22, ordinary and low-latency, with one container in both. A part is a byte range of its
//! segment.
//!
//! Nothing here has a clock, a socket or a file. Nothing is ever rewritten: what a [`Snapshot`] shows stays true as
//! long as it is held. The path of one frame:
//!
//! ```text
//! AccessUnit ─► geometry: how long are segments and parts of this camera?   once per camera
//!            ─► segmenter: what ends before this frame, what after it?      times only
//!            ─► container: its bytes, into the open part
//!            ─► window: parts and segments, numbered, listed, retired
//!            ─► playlist: text, once per part ─► Snapshot ─► http, which asks reload what to wait for
//! ```
//!
//! Deliberately not offered: delta updates (with six segments they save nothing), ENDLIST (a camera that is away is
//! expected back), rendition reports (there is one rendition) and START (HOLD-BACK says it).

mod container;
mod geometry;
mod packager;
mod playlist;
pub mod reload;
mod restore;
mod segment;
mod segmenter;
mod snapshot;
mod spacing;
mod window;

pub use container::Container;
pub use geometry::{Decision, Geometry, Reason};
pub use packager::{LeftOut, Made, OutOfPlace, Packager};
pub use playlist::Rendered;
pub use reload::{BadDirective, Directives, Edge, Reload};
pub use restore::{Listed, RestoredSegment};
pub use segment::{Part, Segment, Slice};
pub use segmenter::Quiet;
pub use snapshot::{Playlist, Snapshot};

/// The operator's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A segment ends at the first key frame after this.
    pub segment_target_ms: u32,
    /// About how long a part is; the camera's frames decide the exact PART-TARGET.
    pub part_target_ms: u32,
    /// How many segments a playlist lists: 6 to 10; other values are clamped.
    pub window_segments: usize,
    /// Whether there is a low-latency playlist beside the standard one.
    pub low_latency: bool,
    /// The memory that one camera may fill in all: see [`Settings::queue_bytes`] and [`Settings::stream_bytes`].
    pub memory_bytes: usize,
}

/// The least memory for frames that wait for the packager: two batches, each with a key frame of 4 MiB and the other
/// frames of a second.
const QUEUE_BYTES_MIN: usize = 12 << 20;

impl Settings {
    /// The share of `memory_bytes` for frames that wait for the packager.
    #[must_use]
    pub fn queue_bytes(&self) -> usize {
        (self.memory_bytes / 8).max(QUEUE_BYTES_MIN)
    }

    /// The share for what the packager holds: frames that are being measured, the still, the open segment, the listed
    /// segments, and those that have left the list.
    #[must_use]
    pub fn stream_bytes(&self) -> usize {
        self.memory_bytes.saturating_sub(self.queue_bytes())
    }

    /// A segment ends at this size, whatever its duration. At 96 MiB this is half a minute at 4 Mbit/s.
    #[must_use]
    pub fn segment_bytes(&self) -> usize {
        self.memory_bytes / 6
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            segment_target_ms: 2_000,
            part_target_ms: 333,
            window_segments: 6,
            low_latency: true,
            memory_bytes: 96 << 20,
        }
    }
}

/// The part of a camera's stream that must survive a restart. Its numbers continue at exactly the next one (a larger
/// jump freezes hls.js for good), and its constants stay the same. Store it whenever it has changed, before anybody is
/// shown the snapshot that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamMemory {
    /// One more than the highest media sequence number ever listed, complete or not. At least 1.
    pub next_media_sequence: u64,
    /// The discontinuity sequence number of the newest listed segment. It counts every DISCONTINUITY so far.
    pub discontinuity_sequence: u64,
    /// EXT-X-TARGETDURATION; 0 until it is decided.
    pub target_duration_s: u32,
    /// PART-TARGET; 0 until it is decided.
    pub part_target_ms: u32,
}
