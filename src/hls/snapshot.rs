//! Everything a viewer can ask of one camera at one moment; immutable, shared by all of them.

use super::playlist::Rendered;
use super::restore::RestoredSegment;
use super::{Edge, Geometry, Segment};
use std::sync::Arc;

/// Which of the two playlists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Playlist {
    /// `stream.m3u8`: complete segments.
    Standard,
    /// `stream_ll.m3u8`: parts as well.
    LowLatency,
}

/// One published state of a stream.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) published_unix_ms: i64,
    pub(super) geometry: Geometry,
    pub(super) edge: Edge,
    pub(super) hint: (u64, usize),
    pub(super) offers_low_latency: bool,
    pub(super) standard: Option<Arc<Rendered>>,
    pub(super) low_latency: Option<Rendered>,
    /// All there are, retired, listed and open, by rising number.
    pub(super) segments: Vec<Arc<Segment>>,
}

impl Snapshot {
    /// When the picture that caused it was handed in. Unix milliseconds.
    #[must_use]
    pub fn published_unix_ms(&self) -> i64 {
        self.published_unix_ms
    }

    /// TARGETDURATION and PART-TARGET.
    #[must_use]
    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// A playlist; `None` while there is no complete segment to list in it: before the first, and when nobody watches and
    /// TARGETDURATION has fallen below what was listed.
    #[must_use]
    pub fn playlist(&self, playlist: Playlist) -> Option<&Rendered> {
        match playlist {
            Playlist::Standard => self.standard.as_deref(),
            Playlist::LowLatency => self.low_latency.as_ref(),
        }
    }

    /// Whether there is such a playlist at all, now or soon.
    #[must_use]
    pub fn offers(&self, playlist: Playlist) -> bool {
        playlist == Playlist::Standard || self.offers_low_latency
    }

    /// How far the low-latency playlist has come.
    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Where the next part is expected: its segment and its first byte there.
    #[must_use]
    pub fn hint(&self) -> (u64, usize) {
        self.hint
    }

    /// Returns the segments that the standard playlist lists, by rising number. A gap has no bytes.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.segments.iter().filter(|segment| segment.complete && segment.msn >= self.edge.first_msn)
    }

    /// The listed segments, as if they had been read back from a mirror.
    pub(super) fn restorable(&self) -> Vec<RestoredSegment> {
        self.listed().map(|segment| RestoredSegment::from(&**segment)).collect()
    }

    /// A segment with bytes: listed, grown so far, or retired a while ago.
    #[must_use]
    pub fn segment(&self, msn: u64) -> Option<&Arc<Segment>> {
        let index = self.segments.binary_search_by_key(&msn, |segment| segment.msn).ok()?;
        self.segments.get(index).filter(|segment| !segment.gap)
    }
}
