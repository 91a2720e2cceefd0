//! Layer 1: access units in; playlists, segments and parts out. HLS as draft-pantos-hls-rfc8216bis-22 has it, in its
//! ordinary and its low-latency form, MPEG-TS in both; a part is a byte range of its segment.
//!
//! Nothing here has a clock, a socket or a file, and nothing is ever rewritten: what a [`Snapshot`] shows stays true
//! for whoever holds it. The way of one picture:
//!
//! ```text
//! AccessUnit ─► geometry: how long are segments and parts of this camera?   once per camera
//!            ─► segmenter: what ends before this picture, what after it?    times only
//!            ─► muxer: its bytes, into the open part
//!            ─► window: parts and segments, numbered, listed, retired
//!            ─► playlist: text, once per part ─► Snapshot ─► http, which asks reload what to wait for
//! ```
//!
//! Not offered, on purpose: delta updates (with six segments they save nothing), ENDLIST (a camera that is away is
//! expected back), rendition reports (there is one rendition), START (HOLD-BACK says it).

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

pub use geometry::{Decision, Geometry, Reason};
pub use packager::{LeftOut, OutOfPlace, Packager};
pub use playlist::Rendered;
pub use reload::{BadDirective, Directives, Edge, Reload};
pub use restore::{Listed, RestoredSegment};
pub use segment::{Part, Segment, Slice};
pub use segmenter::Quiet;
pub use snapshot::{Playlist, Snapshot};

/// What the operator chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A segment ends at the first key picture after this.
    pub segment_target_ms: u32,
    /// About how long a part is; a camera's pictures decide the exact PART-TARGET.
    pub part_target_ms: u32,
    /// How many segments a playlist lists: 6 to 10, values outside are taken to the nearest.
    pub window_segments: usize,
    /// Whether there is a low-latency playlist beside the standard one.
    pub low_latency: bool,
    /// What one camera may fill in all: see [`Settings::queue_bytes`] and [`Settings::stream_bytes`].
    pub memory_bytes: usize,
}

/// The least that waits for the packager: two batches of a second's rest and a key frame of 4 MiB each.
const QUEUE_BYTES_MIN: usize = 12 << 20;

impl Settings {
    /// The share of `memory_bytes` for pictures on their way to the packager.
    #[must_use]
    pub fn queue_bytes(&self) -> usize {
        (self.memory_bytes / 8).max(QUEUE_BYTES_MIN)
    }

    /// The share for what the packager holds: pictures that are being measured, the still, the open segment, those
    /// that are listed and those that have left the list.
    #[must_use]
    pub fn stream_bytes(&self) -> usize {
        self.memory_bytes.saturating_sub(self.queue_bytes())
    }

    /// A segment of more bytes ends, whatever its duration. At 96 MiB this is half a minute at 4 Mbit/s.
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

/// What a camera's stream must not forget over a restart: its numbers go on at exactly the next one (a larger jump
/// freezes hls.js for good), and what never changes does not. To be stored whenever it has changed, before the
/// snapshot that goes with it is shown to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamMemory {
    /// One more than the highest media sequence number ever listed, complete or not. At least 1.
    pub next_media_sequence: u64,
    /// The discontinuity sequence number of the newest listed segment: every DISCONTINUITY there ever was.
    pub discontinuity_sequence: u64,
    /// EXT-X-TARGETDURATION; 0 until it is decided.
    pub target_duration_s: u32,
    /// PART-TARGET; 0 until it is decided.
    pub part_target_ms: u32,
}
