//! Layer 1: video as bytes and times. RTP packets become access units, access units become MPEG-TS packets,
//! and a key frame an MP4 of one picture.
//! Nothing here knows where bytes come from or go, and nothing asks for the time.

pub mod depacketizer;
pub mod h264;
pub mod mp4;
pub mod rtcp;
pub mod rtp;
pub mod sequence;
pub mod timeline;
pub mod ts;

use std::ops::Range;

pub use depacketizer::{Depacketizer, MediaError, Stats};

/// Ticks of the 90 kHz clock per second: the clock of H.264 over RTP (RFC 6184 §8.2.1) and of MPEG-TS PTS and DTS.
pub const TICKS_PER_SECOND: i64 = 90_000;

/// One whole, undamaged coded picture with all its slices, stamped on the smoothed output timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessUnit {
    /// The payload of every NAL unit (header byte included, no start codes, no length fields), back to back.
    pub bytes: Vec<u8>,
    /// Where each NAL unit lies in `bytes`. Parameter sets precede every IDR slice; no AUD, no filler data.
    pub nal_units: Vec<Range<u32>>,
    /// Presentation time, 90 kHz, unwrapped: does not wrap at 33 bits here.
    pub pts_90k: i64,
    /// Decoding time, 90 kHz: strictly rising within a timeline, at most `pts_90k`.
    pub dts_90k: i64,
    /// How long this picture is expected to last until the next one, 90 kHz: the estimated frame period.
    pub duration_90k: i64,
    /// Holds an IDR picture (NAL unit type 5), with SPS and PPS before it.
    pub idr: bool,
    /// The timeline or the parameter sets broke before this access unit: a new connection, a jump, a new SPS, or
    /// a loss that cost more than a moment. Only ever set together with `idr`.
    pub discontinuity: bool,
    /// Wall clock of the picture's capture as well as it can be told: its arrival, smoothed. Unix milliseconds.
    pub captured_unix_ms: i64,
}

impl AccessUnit {
    /// The memory that it takes, its own fields included: a flood of tiny pictures is made of those.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let spans = self.nal_units.capacity() * size_of::<Range<u32>>();
        size_of::<Self>() + self.bytes.capacity() + spans
    }

    /// The NAL units in order.
    pub fn nals(&self) -> impl Iterator<Item = &[u8]> {
        self.nal_units.iter().filter_map(|span| self.bytes.get(span.start as usize..span.end as usize))
    }
}
