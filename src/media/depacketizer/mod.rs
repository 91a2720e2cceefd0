//! Turns RTP packets into access units: H.264 over RTP (RFC 6184), packetization modes 0 and 1.
//!
//! Only whole frames come out. After a loss, nothing comes out until the next IDR picture. Frames that were predicted
//! from a lost one show garbage, and a torn NAL unit ends some players. Frames are neither decoded nor reordered.

mod assembler;
mod happened;
mod payload;
mod rates;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use thiserror::Error;

use self::assembler::{Arrival, Assembled, Assembler};
use self::happened::News;
pub use self::happened::{Break, Closing, Happened, Loss};
use self::payload::Unpacker;
use self::rates::Rates;
use super::AccessUnit;
use super::h264::{ParameterSets, Sps};
use super::rtcp::{self, LastSenderReport};
use super::rtp::Packet;
use super::sequence::{Order, Reception};
use super::timeline::Timeline;

/// A 4K key frame has about 1 MB. A larger unit is a fault, and the memory is shared by all cameras.
const MAX_ACCESS_UNIT_BYTES: usize = 4 * 1024 * 1024;
/// The caller pops after each packet. If more units wait than this, they are dropped up to the next IDR picture.
const MAX_QUEUED_UNITS: usize = 64;
/// Players bridge a shorter hole on their own; a longer one is better marked.
const MAX_SILENT_GAP: Duration = Duration::from_millis(500);

/// An error that ends the session: waiting does not change the camera's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MediaError {
    /// A packet of interleaved mode.
    #[error("payload of type {nal_type} belongs to H.264's interleaved mode (RFC 6184 §5.5)")]
    InterleavedMode {
        /// 25 to 27 or 29.
        nal_type: u8,
    },
}

/// Figures of the stream for the operator. Counts never decrease.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stats {
    /// Whole frames that arrived, per second.
    pub frames_per_second: Option<f64>,
    /// RTP payload that arrived.
    pub kilobits_per_second: Option<f64>,
    /// Width and height as shown.
    pub picture_size: Option<(u32, u32)>,
    /// The time between the last two key frames.
    pub key_frame_interval_s: Option<f64>,
    /// The usual time between the pictures of a camera that sends no video.
    pub picture_interval_s: Option<f64>,
    /// Frames that arrived, whole or torn, passed on or not.
    pub pictures: u64,
    /// RTP packets of our payload type.
    pub packets: u64,
    /// Missing sequence numbers.
    pub lost_packets: u64,
    /// Packets that came twice, or after they were given up.
    pub duplicate_packets: u64,
    /// Packets that were not RTP or had another payload type.
    pub ignored_packets: u64,
    /// How often the camera changed its parameter sets, or restarted its packet numbering without a new connection.
    pub changes: u64,
    /// Frames with a missing part.
    pub damaged_units: u64,
    /// Whole frames that were not passed on because the frame they are predicted from is missing.
    pub dropped_units: u64,
}

/// Turns one camera's packets into stamped access units. It lives as long as the camera is wanted;
/// [`Depacketizer::restart`] begins each connection.
#[derive(Debug, Default)]
pub struct Depacketizer {
    payload_type: u8,
    reception: Reception,
    unpacker: Unpacker,
    assembler: Assembler,
    timeline: Timeline,
    gate: Gate,
    /// Why the next IDR picture must be marked as a discontinuity, however short the hole.
    broken: Option<Break>,
    /// Whether the camera has restarted its packet numbering since the last IDR picture that passed.
    renewed: bool,
    /// The SPS of the frames that now go out; `None` before the first.
    sps: Option<(Sps, Vec<u8>)>,
    /// Whether a unit has ended since the connection began. Before that, a torn unit only means that we joined in its
    /// middle.
    joined: bool,
    ready: VecDeque<AccessUnit>,
    rates: Rates,
    stats: Stats,
    last_sender_report: Option<(u32, Instant)>,
    last_packet: Option<Instant>,
    news: News,
    /// The losses when frames last passed.
    when_open: Lost,
}

/// Losses, as counted in [`Stats`].
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    dropped: u64,
    damaged: u64,
    packets: u64,
}

/// Whether frames pass.
#[derive(Debug, Default, Clone, Copy)]
enum Gate {
    /// Nothing was lost, because nothing came before.
    #[default]
    Beginning,
    Open,
    /// Closed until the next IDR picture, because something was lost then.
    ClosedSince(Instant),
}

impl Depacketizer {
    /// Begins a new connection with the parameter sets of its SDP and its payload type. No sets will do; start codes
    /// and trailing bytes are tolerated. The timeline continues. The next unit is an IDR picture and, unless it is the
    /// very first, a discontinuity.
    pub fn restart(&mut self, parameter_sets: &[Vec<u8>], payload_type: u8) {
        self.payload_type = payload_type;
        self.reception = Reception::default();
        self.unpacker.reset();
        self.assembler.restart(ParameterSets::from_sdp(parameter_sets));
        self.timeline.restart();
        self.gate = Gate::Beginning;
        self.when_open = self.lost();
        self.broken = Some(Break::Connection);
        self.renewed = false;
        self.joined = false;
        self.rates.restart();
        self.last_sender_report = None;
    }

    /// Takes an RTP packet and its arrival time. [`Depacketizer::pop`] then returns what it completed.
    ///
    /// # Errors
    /// Only if the session must end: [`MediaError`]. All other faults are counted and tolerated.
    pub fn push(&mut self, rtp: &[u8], arrived: Instant, arrived_unix_ms: i64) -> Result<(), MediaError> {
        let packet = match Packet::parse(rtp) {
            Ok(packet) if packet.payload_type == self.payload_type => packet,
            _ => {
                self.stats.ignored_packets += 1;
                return Ok(());
            }
        };
        self.stats.packets += 1;
        self.last_packet = Some(arrived);
        self.rates.packet(packet.payload.len());
        match self.reception.packet(packet.ssrc, packet.sequence, packet.timestamp, arrived) {
            Order::Next => {}
            Order::Gap(missing) => {
                self.lose_packets(Loss::Packets(missing), arrived);
                self.stats.lost_packets += u64::from(missing);
            }
            Order::Old => {
                self.stats.duplicate_packets += 1;
                return Ok(());
            }
            Order::Restarted => {
                self.lose_packets(Loss::Renewed, arrived);
                self.timeline.restart();
                self.broken.get_or_insert(Break::Renewed);
                self.renewed = true;
            }
        }
        let at = Arrival { rtp_timestamp: packet.timestamp, instant: arrived, unix_ms: arrived_unix_ms };
        self.unpacker.unpack(packet.payload, at, &mut self.assembler)?;
        if packet.marker && self.unpacker.is_idle() {
            self.assembler.marker();
        }
        while let Some(unit) = self.assembler.pop() {
            self.pass(unit);
        }
        Ok(())
    }

    /// Returns the next whole, stamped access unit. Call until `None` after each packet.
    pub fn pop(&mut self) -> Option<AccessUnit> {
        self.ready.pop_front()
    }

    /// Returns the changes since the last call, one at a time until `None`.
    pub fn happened(&mut self) -> Option<Happened> {
        self.news.pop()
    }

    /// Takes a compound packet from the camera's RTCP channel. The receiver report then refers to its sender report.
    pub fn hear_rtcp(&mut self, compound: &[u8], arrived: Instant) {
        if let Some(report) = rtcp::sender_report(compound) {
            self.last_sender_report = Some((report.short_ntp(), arrived));
        }
    }

    /// Returns the packet to send on the RTCP channel every few seconds.
    pub fn receiver_report(&mut self) -> Vec<u8> {
        let last = self.last_sender_report.map_or_else(LastSenderReport::default, |(short_ntp, heard)| {
            // Nothing here asks for the time; the last packet's is close enough in a stream of video.
            let delay = self.last_packet.map_or(Duration::ZERO, |last| last.saturating_duration_since(heard));
            LastSenderReport { short_ntp, delay: (delay.as_secs_f64() * 65_536.0) as u32 }
        });
        rtcp::receiver_report(self.reception.figures(), last)
    }

    /// Returns how many frames have arrived, as in [`Stats::pictures`].
    #[must_use]
    pub fn pictures(&self) -> u64 {
        self.stats.pictures
    }

    /// Returns how often the stream has changed, as in [`Stats::changes`].
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.stats.changes
    }

    /// Returns the current figures.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let sps = self.sps.as_ref().map(|(sps, _)| sps);
        Stats {
            frames_per_second: self.rates.frames_per_second,
            kilobits_per_second: self.rates.kilobits_per_second,
            key_frame_interval_s: self.rates.key_frame_interval_s,
            picture_size: sps.map(|sps| (sps.width, sps.height)),
            ..self.stats
        }
    }

    fn lose_packets(&mut self, loss: Loss, now: Instant) {
        self.unpacker.reset();
        self.assembler.gap();
        self.rates.loss();
        self.close_gate(loss, now);
    }

    /// Closes the gate at `now`, unless it is closed already.
    fn close_gate(&mut self, loss: Loss, now: Instant) {
        if let Gate::Open = self.gate {
            self.gate = Gate::ClosedSince(now);
            self.when_open = self.lost();
            self.news.push(Happened::Closed(loss));
        }
    }

    fn lost(&self) -> Lost {
        let Stats { dropped_units, damaged_units, lost_packets, .. } = self.stats;
        Lost { dropped: dropped_units, damaged: damaged_units, packets: lost_packets }
    }

    /// Passes a unit on, or drops it.
    fn pass(&mut self, mut unit: Assembled) {
        let joined = std::mem::replace(&mut self.joined, true);
        let arrived = unit.at.instant;
        self.stats.pictures += 1;
        if unit.torn {
            self.rates.loss();
            self.close_gate(Loss::Damaged, arrived);
            self.stats.damaged_units += u64::from(joined);
            return;
        }
        self.rates.picture(arrived, unit.idr);
        let sps = unit.entry.as_ref().or(self.sps.as_ref().map(|(sps, _)| sps));
        let reorder_depth = sps.map_or(0, |sps| self.assembler.reorder_depth(sps));
        let stamp = self.timeline.stamp(unit.at.rtp_timestamp, arrived, unit.at.unix_ms, reorder_depth);
        if stamp.broken {
            self.broken.get_or_insert(Break::Hole);
            self.close_gate(Loss::Hole, arrived);
        }
        // An IDR picture without its parameter sets is as good as lost, and so is one that nobody fetches.
        if unit.idr && unit.entry.is_none() {
            self.close_gate(Loss::NoParameterSets, arrived);
        } else if self.ready.len() >= MAX_QUEUED_UNITS {
            unit.entry = None;
            self.close_gate(Loss::NotFetched, arrived);
        }
        let discontinuity = match (unit.entry, self.gate) {
            (Some(sps), _) => self.open_gate(sps, &unit),
            (None, Gate::Open) => false,
            (None, _) => {
                self.stats.dropped_units += 1;
                return;
            }
        };
        self.ready.push_back(AccessUnit {
            bytes: unit.bytes,
            nal_units: unit.nal_units,
            pts_90k: stamp.pts_90k,
            dts_90k: stamp.dts_90k,
            duration_90k: stamp.duration_90k,
            idr: unit.idr,
            discontinuity,
            captured_unix_ms: stamp.captured_unix_ms,
        });
    }

    /// Lets frames pass from this IDR picture on. Returns whether it is a discontinuity.
    fn open_gate(&mut self, sps: Sps, unit: &Assembled) -> bool {
        let after = match self.gate {
            Gate::ClosedSince(since) => Some(unit.at.instant.saturating_duration_since(since)),
            Gate::Beginning | Gate::Open => None,
        };
        let hole = after.filter(|after| *after > MAX_SILENT_GAP).map(|_| Break::Missing);
        let broken = self.broken.take();
        if !matches!(std::mem::replace(&mut self.gate, Gate::Open), Gate::Open) {
            self.note_opening(after);
        }
        let sps_nal = unit.nal_units.first().and_then(|span| unit.bytes.get(span.start as usize..span.end as usize));
        let sps_nal = sps_nal.unwrap_or_default();
        let renewed = std::mem::replace(&mut self.renewed, false);
        let same = self.sps.as_ref().map(|(_, known)| known == sps_nal);
        if same != Some(true) {
            self.sps = Some((sps, sps_nal.to_vec()));
            self.news.push(Happened::ParameterSets(sps));
        }
        let changed = (same == Some(false)).then_some(Break::ParameterSets);
        self.stats.changes += u64::from(changed.is_some() || renewed);
        let why = changed.or(broken.or(hole).filter(|_| same.is_some()));
        if let Some(why) = why {
            self.news.push(Happened::Discontinuity(why));
        }
        why.is_some()
    }

    fn note_opening(&mut self, after: Option<Duration>) {
        let (before, now) = (self.when_open, self.lost());
        self.news.push(Happened::Opened(Closing {
            after,
            dropped: now.dropped - before.dropped,
            damaged: now.damaged - before.damaged,
            lost_packets: now.packets - before.packets,
        }));
    }
}
