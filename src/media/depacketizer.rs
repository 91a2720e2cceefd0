//! From a camera's RTP packets to access units: whole, undamaged, in a timeline that only rises.
//!
//! ```text
//! packet ─► rtp ─► sequence: anything missing? ─► assembly: pictures ─► timeline: stamps ─► AccessUnit
//! ```
//!
//! After a damaged or lost picture nothing comes out until the next IDR picture, since what refers to it would be
//! torn. Only IDR pictures count as a beginning: recovery points are not enough to cut a segment at.

use super::assembly::{Assembly, Outcome, Picture, Unsupported};
use super::h264;
use super::parameter_sets::Taken;
use super::rtcp;
use super::rtp::Packet;
use super::sequence::{Arrival, Sequence};
use super::stats::{Meter, Stats};
use super::timeline::Timeline;
use super::{AccessUnit, TICKS_PER_SECOND};
use std::collections::VecDeque;
use std::time::Instant;

/// Pictures missing for longer than this are a hole: parts of low-latency HLS cannot span it.
const HOLE_90K: i64 = TICKS_PER_SECOND / 2;

/// Pictures that nobody has taken. The owner pops after each push, so there are one or two.
const MOST_WAITING: usize = 64;

/// Reordering that is assumed when there are B slices and the camera does not say how deep.
const USUAL_REORDER_DEPTH: u8 = 2;

/// What ends a session.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The camera packs its video in a way that was not agreed.
    #[error("the camera's RTP payload cannot be used")]
    Unsupported(#[from] Unsupported),
}

impl MediaError {
    /// What happened and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        "The camera packs its video in an interleaved mode that is not supported; choose another stream of it.".into()
    }
}

/// The pictures of one camera, over all its connections.
#[derive(Debug, Default)]
pub struct Depacketizer {
    payload_type: u8,
    source: Option<u32>,
    sequence: Sequence,
    assembly: Assembly,
    timeline: Timeline,
    /// What a packet has led to; kept for its allocation.
    outcomes: Vec<Outcome>,
    ready: VecDeque<AccessUnit>,
    /// Nothing comes out before the next IDR picture.
    wants_idr: bool,
    /// The next IDR picture begins a new stretch.
    discontinuity: bool,
    /// When the last picture that came out ends. `None` before the first.
    end_90k: Option<i64>,
    has_b_slices: bool,
    meter: Meter,
}

impl Depacketizer {
    /// A new connection. The timeline keeps rising; what comes next is an IDR picture with a discontinuity, unless
    /// it is the first of all.
    pub fn restart(&mut self, parameter_sets: &[Vec<u8>], payload_type: u8) {
        let _: Taken = self.assembly.restart(parameter_sets);
        self.payload_type = payload_type;
        self.source = None;
        self.sequence = Sequence::default();
        self.timeline.restart();
        self.wants_idr = true;
        self.discontinuity = self.end_90k.is_some();
        self.has_b_slices = false;
        self.meter.restart();
    }

    /// Takes one RTP packet. What is no packet of this stream is passed over.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub fn push(&mut self, rtp: &[u8], arrived: Instant, arrived_unix_ms: i64) -> Result<(), MediaError> {
        let Some(packet) = Packet::parse(rtp).filter(|packet| packet.payload_type == self.payload_type) else {
            return Ok(());
        };
        self.meter.packet(rtp.len(), arrived);
        if self.source.replace(packet.ssrc).is_some_and(|source| source != packet.ssrc) {
            // The camera's encoder has started anew; its numbers too.
            self.sequence = Sequence::default();
            self.assembly.gap(&mut self.outcomes);
        }
        match self.sequence.arrive(packet.sequence) {
            Arrival::Stale => return Ok(()),
            Arrival::AfterGap => self.assembly.gap(&mut self.outcomes),
            Arrival::Next => {}
        }
        let pushed = self.assembly.push(packet.payload, packet.timestamp, packet.marker, &mut self.outcomes);
        let mut outcomes = std::mem::take(&mut self.outcomes);
        for outcome in outcomes.drain(..) {
            match outcome {
                Outcome::Complete(picture) => self.complete(picture, arrived, arrived_unix_ms),
                Outcome::Damaged => {
                    self.wants_idr = true;
                    self.meter.damaged();
                }
                Outcome::Changed => {
                    self.wants_idr = true;
                    self.discontinuity = self.end_90k.is_some();
                }
            }
        }
        self.outcomes = outcomes;
        Ok(pushed?)
    }

    /// The next access unit, in decoding order.
    pub fn pop(&mut self) -> Option<AccessUnit> {
        self.ready.pop_front()
    }

    /// What has been measured so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let picture_size = self.assembly.sequence().map(|sequence| (sequence.width, sequence.height));
        self.meter.stats(picture_size, &self.sequence)
    }

    /// A receiver report, ready to be sent (RFC 3550 §6.4.2).
    #[must_use]
    pub fn receiver_report(&self) -> Vec<u8> {
        rtcp::receiver_report(self.source.unwrap_or(0), &self.sequence)
    }

    fn complete(&mut self, picture: Picture, arrived: Instant, arrived_unix_ms: i64) {
        let first_slice =
            picture.nal_units.last().and_then(|span| picture.bytes.get(span.start as usize..span.end as usize));
        self.has_b_slices |= !picture.idr && first_slice.is_some_and(h264::is_b_slice);
        let announced = self.assembly.sequence().map_or(0, |sequence| sequence.reorder_depth);
        let depth = if announced == 0 && self.has_b_slices { USUAL_REORDER_DEPTH } else { announced };
        let stamp = self.timeline.stamp(picture.timestamp, arrived, arrived_unix_ms, depth);
        if stamp.broken {
            self.wants_idr = true;
            self.discontinuity = self.end_90k.is_some();
        }
        if self.wants_idr && !picture.idr {
            self.meter.dropped();
            return;
        }
        if self.wants_idr && self.end_90k.is_some_and(|end| stamp.dts_90k - end > HOLE_90K) {
            self.discontinuity = true;
        }
        self.wants_idr = false;
        self.end_90k = Some(stamp.dts_90k + stamp.duration_90k);
        self.meter.picture(picture.idr, stamp.dts_90k);
        if self.ready.len() >= MOST_WAITING {
            self.ready.clear();
            self.wants_idr = true;
            return;
        }
        let Picture { bytes, nal_units, idr, .. } = picture;
        self.ready.push_back(AccessUnit {
            bytes,
            nal_units,
            pts_90k: stamp.pts_90k,
            dts_90k: stamp.dts_90k,
            duration_90k: stamp.duration_90k,
            idr,
            discontinuity: idr && std::mem::take(&mut self.discontinuity),
            captured_unix_ms: stamp.captured_unix_ms,
        });
    }
}
