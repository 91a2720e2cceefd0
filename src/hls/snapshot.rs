//! Everything that a viewer can request from one camera at one moment; immutable and shared by all viewers.

use super::playlist::Rendered;
use super::restore::RestoredSegment;
use super::{Edge, Geometry, Segment};
use std::sync::Arc;

/// One of the two playlists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Playlist {
    /// `stream.m3u8`, with complete segments.
    Standard,
    /// `stream_ll.m3u8`, with parts as well.
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
    /// All retired, listed and open segments, in ascending order.
    pub(super) segments: Vec<Arc<Segment>>,
}

impl Snapshot {
    /// Returns when the frame that caused it was handed in, in Unix milliseconds.
    #[must_use]
    pub fn published_unix_ms(&self) -> i64 {
        self.published_unix_ms
    }

    /// Returns TARGETDURATION and PART-TARGET.
    #[must_use]
    pub fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// Returns a playlist, or `None` while there is no complete segment to list in it. That is so before the first
    /// segment. It is also so after TARGETDURATION has fallen below what was listed, when nobody watches.
    #[must_use]
    pub fn playlist(&self, playlist: Playlist) -> Option<&Rendered> {
        match playlist {
            Playlist::Standard => self.standard.as_deref(),
            Playlist::LowLatency => self.low_latency.as_ref(),
        }
    }

    /// Whether this playlist exists at all, now or soon.
    #[must_use]
    pub fn offers(&self, playlist: Playlist) -> bool {
        playlist == Playlist::Standard || self.offers_low_latency
    }

    /// Returns the end of the low-latency playlist.
    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Returns where the next part is expected: its segment and its first byte there.
    #[must_use]
    pub fn hint(&self) -> (u64, usize) {
        self.hint
    }

    /// Returns the segments that the standard playlist lists, in ascending order. A gap has no bytes.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.segments.iter().filter(|segment| segment.complete && segment.msn >= self.edge.first_msn)
    }

    /// Returns the listed segments, as if they had been read back from a mirror.
    pub(super) fn restorable(&self) -> Vec<RestoredSegment> {
        self.listed().map(|segment| RestoredSegment::from(&**segment)).collect()
    }

    /// Returns a segment with bytes: a listed or growing one, or one that was retired a while ago.
    #[must_use]
    pub fn segment(&self, msn: u64) -> Option<&Arc<Segment>> {
        let index = self.segments.binary_search_by_key(&msn, |segment| segment.msn).ok()?;
        self.segments.get(index).filter(|segment| !segment.gap)
    }
}
