//! How much of what is of no use a camera may send. Each RTSP message that nobody asked for may cost a digest and an
//! answer, each tiny packet a look, and a hostile camera sends as many of them as the network takes.

use super::error::{Flood, RtspError};
use crate::base::bucket::Bucket;
use std::time::Instant;

/// RTSP messages. We ask once in four seconds, and a camera may ask as often.
pub(super) const MESSAGES_PER_S: u32 = 10;
const MESSAGES_AT_ONCE: u32 = 100;

/// Interleaved frames of fewer than [`SCRAP_BYTES`]. A picture of 1080 lines in one slice for each row of macroblocks, in
/// which nothing moves, has 68 of them: about 4,000 a second at 60 pictures.
pub(super) const SCRAPS_PER_S: u32 = 8_000;
const SCRAPS_AT_ONCE: u32 = 24_000;
const SCRAP_BYTES: usize = 128;

/// Bytes between messages and frames. A lost or torn packet of a live555 that was late leaves some kilobytes.
pub(super) const NOISE_PER_S: u32 = 64 * 1024;
const NOISE_AT_ONCE: u32 = 512 * 1024;

/// See the module.
pub(super) struct Limits {
    messages: Bucket,
    scraps: Bucket,
    noise: Bucket,
    /// Bytes skipped so far.
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

    /// A message has come.
    pub(super) fn message(&mut self, now: Instant) -> Result<(), RtspError> {
        allow(self.messages.spend(1, now), Flood::Messages)
    }

    /// A frame with so many bytes of content has come.
    pub(super) fn frame(&mut self, bytes: usize, now: Instant) -> Result<(), RtspError> {
        allow(bytes >= SCRAP_BYTES || self.scraps.spend(1, now), Flood::Scraps)
    }

    /// So many bytes have been skipped in all.
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
