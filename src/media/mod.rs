//! Layer 1 handles video as bytes and times. RTP packets become access units, and access units become MPEG-TS packets.
//! A key frame becomes an MP4 of one frame, or is decoded to a JPEG (`picture`, the only place that decodes). The JPEG
//! pictures of cameras without video are found and checked. Nothing here knows where bytes come from or go, and nothing
//! reads the clock.

pub mod depacketizer;
pub mod h264;
pub mod jpeg;
pub mod mp4;
pub mod picture;
pub mod rtcp;
pub mod rtp;
pub mod sequence;
pub mod timeline;
pub mod ts;

use std::ops::Range;

pub use depacketizer::{Depacketizer, MediaError, Stats};

/// Ticks per second of the 90 kHz clock: that of H.264 over RTP (RFC 6184 §8.2.1) and of MPEG-TS PTS and DTS.
pub const TICKS_PER_SECOND: i64 = 90_000;

/// One whole, undamaged coded frame with all its slices, stamped on the smoothed output timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessUnit {
    /// The payload of every NAL unit (header byte included, no start codes, no length fields), back to back.
    pub bytes: Vec<u8>,
    /// Where each NAL unit lies in `bytes`. Parameter sets precede every IDR slice; no AUD, no filler data.
    pub nal_units: Vec<Range<u32>>,
    /// Presentation time, 90 kHz, unwrapped: it does not wrap at 33 bits here.
    pub pts_90k: i64,
    /// Decoding time, 90 kHz: strictly rising within a timeline, at most `pts_90k`.
    pub dts_90k: i64,
    /// How long this frame is expected to last, 90 kHz: the estimated frame period.
    pub duration_90k: i64,
    /// Whether it holds an IDR picture (NAL unit type 5), preceded by SPS and PPS.
    pub idr: bool,
    /// Whether the timeline or the parameter sets broke before this access unit. Reasons are a new connection, a jump,
    /// a new SPS, or a loss that lasted longer than a moment. It is only set together with `idr`.
    pub discontinuity: bool,
    /// The wall clock of the frame's capture, in Unix milliseconds. The best estimate is its arrival, smoothed.
    pub captured_unix_ms: i64,
}

impl AccessUnit {
    /// Returns the memory that it takes, including its own fields, which count in a flood of tiny frames.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let spans = self.nal_units.capacity() * size_of::<Range<u32>>();
        size_of::<Self>() + self.bytes.capacity() + spans
    }

    /// Returns the NAL units in order.
    pub fn nals(&self) -> impl Iterator<Item = &[u8]> {
        self.nal_units.iter().filter_map(|span| self.bytes.get(span.start as usize..span.end as usize))
    }
}
