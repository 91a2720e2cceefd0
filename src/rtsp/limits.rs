//! Limits the useless data that a camera may send. Each unsolicited RTSP message may cost a digest and an answer, and
//! each tiny packet must be parsed. A hostile camera sends as many of them as the network can carry.

use super::error::{Flood, RtspError};
use crate::base::bucket::Bucket;
use std::time::Instant;

/// RTSP messages. We ask once every four seconds, and a camera may ask as often.
pub(super) const MESSAGES_PER_S: u32 = 10;
const MESSAGES_AT_ONCE: u32 = 100;

/// Interleaved frames of fewer than [`SCRAP_BYTES`]. A video frame of 1080 lines without motion has 68 of them if each
/// row of macroblocks is a slice. At 60 video frames a second that is about 4,000.
pub(super) const SCRAPS_PER_S: u32 = 8_000;
const SCRAPS_AT_ONCE: u32 = 24_000;
const SCRAP_BYTES: usize = 128;

/// Bytes between messages and frames. After a delay, a lost or torn packet of live555 leaves some kilobytes.
pub(super) const NOISE_PER_S: u32 = 64 * 1024;
const NOISE_AT_ONCE: u32 = 512 * 1024;

/// The limits of one session; see the module.
pub(super) struct Limits {
    messages: Bucket,
    scraps: Bucket,
    noise: Bucket,
    /// The number of bytes skipped so far.
    skipped: u64,
}

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            messages: bucket(MESSAGES_PER_S, MESSAGES_AT_ONCE),
            scraps: bucket(SCRAPS_PER_S, SCRAPS_AT_ONCE),
            noise: bucket(NOISE_PER_S, NOISE_AT_ONCE),
            skipped: 0,
        }
    }

    /// Counts a message.
    pub(super) fn message(&mut self, now: Instant) -> Result<(), RtspError> {
        allow(self.messages.spend(1, now), Flood::Messages)
    }

    /// Counts a frame with `bytes` of content.
    pub(super) fn frame(&mut self, bytes: usize, now: Instant) -> Result<(), RtspError> {
        allow(bytes >= SCRAP_BYTES || self.scraps.spend(1, now), Flood::Scraps)
    }

    /// Counts skipped bytes; `skipped` is their total.
    pub(super) fn skipped(&mut self, skipped: u64, now: Instant) -> Result<(), RtspError> {
        let more = skipped.saturating_sub(std::mem::replace(&mut self.skipped, skipped));
        allow(more == 0 || self.noise.spend(u32::try_from(more).unwrap_or(u32::MAX), now), Flood::Noise)
    }
}

fn bucket(per_second: u32, at_once: u32) -> Bucket {
    Bucket::new(at_once.into(), per_second.into())
}

fn allow(allowed: bool, flood: Flood) -> Result<(), RtspError> {
    if allowed { Ok(()) } else { Err(RtspError::Flood(flood)) }
}
