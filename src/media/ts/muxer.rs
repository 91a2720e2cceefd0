//! Writes access units as packets: H.264 in a transport stream (H.222.0 §2.14), in the byte stream format of H.264
//! Annex B.

use super::packet::{self, Adaptation, BODY_LEN, Counter, Gather, PACKET_LEN};
use super::pes;
use super::psi::{Tables, VIDEO_PID};
use crate::media::AccessUnit;

/// How far the clock runs ahead of decoding: PCR = DTS − this. Other muxers use 50 to 700 ms. It is added to PTS and
/// DTS, not subtracted from the PCR, so that a timeline from 0 does not start with a wrapped clock.
const CLOCK_LEAD_90K: i64 = 9_000;
/// The longest step between two clock references (H.222.0 §2.7.2).
const CLOCK_STEP_MAX_90K: i64 = 9_000;
/// A frame carries the clock if the next one, slightly late, would exceed [`CLOCK_STEP_MAX_90K`].
const CLOCK_STEP_AIM_90K: i64 = 8_000;
/// At most this many packets of pure clock precede a frame: 10 s of silence. Longer holes break the timeline.
const CLOCK_FILL_MAX: i64 = 100;

/// NAL unit type 9, for any slice types. Safari, QuickTime and video.js want it first in every access unit.
const ACCESS_UNIT_DELIMITER: [u8; 6] = [0, 0, 0, 1, 0x09, 0xf0];

/// The state that continues over all segments of one camera: continuity counters and clock.
#[derive(Debug, Default)]
pub struct Muxer {
    tables: Tables,
    video: Counter,
    /// The last clock reference of the current timeline.
    pcr_90k: Option<i64>,
}

impl Muxer {
    /// Returns a muxer whose first access unit begins its timeline.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins another timeline with the next access unit, and marks it in that unit's packet.
    pub fn break_timeline(&mut self) {
        self.pcr_90k = None;
    }

    /// Writes PAT and PMT: the first two packets of every segment.
    pub fn write_tables(&mut self, out: &mut Vec<u8>) {
        self.tables.write(out);
    }

    /// Writes one access unit as one PES packet in whole transport packets.
    pub fn write_access_unit(&mut self, unit: &AccessUnit, out: &mut Vec<u8>) {
        let len = ACCESS_UNIT_DELIMITER.len() + unit.nals().map(|nal| start_code(nal).len() + nal.len()).sum::<usize>();
        let pts_90k = unit.pts_90k.saturating_add(CLOCK_LEAD_90K);
        let dts_90k = unit.dts_90k.saturating_add(CLOCK_LEAD_90K);
        let head = pes::Head::new(pts_90k, dts_90k, len);
        let len = head.as_bytes().len() + len;
        out.reserve((len / BODY_LEN + 3) * PACKET_LEN);

        let mut adaptation = self.clock(unit, out);
        let pieces = [head.as_bytes(), &ACCESS_UNIT_DELIMITER]
            .into_iter()
            .chain(unit.nals().flat_map(|nal| [start_code(nal), nal]));
        let mut payload = Gather::new(pieces, len);
        let mut starts_unit = true;
        while !payload.is_empty() {
            packet::write(VIDEO_PID, starts_unit, &mut self.video, adaptation, &mut payload, out);
            (starts_unit, adaptation) = (false, Adaptation::default());
        }
    }

    /// Returns the adaptation field of the access unit's first packet. It first writes as many packets of pure clock as
    /// the time since the last reference needs. Below 10 frames a second, one reference per frame is too few.
    fn clock(&mut self, unit: &AccessUnit, out: &mut Vec<u8>) -> Adaptation {
        let now_90k = unit.dts_90k;
        let Some(last_90k) = self.pcr_90k else {
            self.pcr_90k = Some(now_90k);
            return Adaptation { discontinuity: true, random_access: unit.idr, pcr_90k: Some(now_90k) };
        };

        let elapsed_90k = now_90k.saturating_sub(last_90k);
        let steps = (elapsed_90k.saturating_add(CLOCK_STEP_MAX_90K - 1) / CLOCK_STEP_MAX_90K).min(CLOCK_FILL_MAX);
        for step in 1..steps {
            let pcr_90k = Some(last_90k.saturating_add(elapsed_90k.saturating_mul(step) / steps));
            let mut nothing = Gather::new(std::iter::empty(), 0);
            let clock = Adaptation { pcr_90k, ..Adaptation::default() };
            packet::write(VIDEO_PID, false, &mut self.video, clock, &mut nothing, out);
            self.pcr_90k = pcr_90k;
        }

        let since_90k = now_90k.saturating_sub(self.pcr_90k.unwrap_or(last_90k));
        let due = unit.idr || since_90k.saturating_add(unit.duration_90k) > CLOCK_STEP_AIM_90K;
        let pcr_90k = due.then_some(now_90k);
        self.pcr_90k = pcr_90k.or(self.pcr_90k);
        Adaptation { discontinuity: false, random_access: unit.idr, pcr_90k }
    }
}

/// Annex B requires the long start code before parameter sets and the delimiter; slices save a byte with the short one.
fn start_code(nal: &[u8]) -> &'static [u8] {
    const LONG: &[u8] = &[0, 0, 0, 1];
    const SHORT: &[u8] = &[0, 0, 1];
    match nal.first().map(|header| header & 0x1f) {
        Some(7 | 8) => LONG,
        _ => SHORT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(dts_90k: i64, duration_90k: i64, nals: &[&[u8]]) -> AccessUnit {
        let mut unit = AccessUnit {
            bytes: Vec::new(),
            nal_units: Vec::new(),
            pts_90k: dts_90k,
            dts_90k,
            duration_90k,
            idr: nals.iter().any(|nal| nal[0] & 0x1f == 5),
            discontinuity: false,
            captured_unix_ms: 0,
        };
        for nal in nals {
            let start = unit.bytes.len() as u32;
            unit.bytes.extend_from_slice(nal);
            unit.nal_units.push(start..unit.bytes.len() as u32);
        }
        unit
    }

    #[test]
    fn a_key_frame_is_marked_and_has_pcr_and_parameter_sets() {
        let mut out = Vec::new();
        Muxer::new().write_access_unit(&unit(90_000, 3_000, &[&[0x67, 1], &[0x68, 2], &[0x65, 3, 4]]), &mut out);
        let payload = [
            &[0, 0, 1, 0xe0, 0, 32, 0x84, 0x80, 5, 0x21, 0, 0x07, 0x05, 0x71][..],
            &[0, 0, 0, 1, 0x09, 0xf0],
            &[0, 0, 0, 1, 0x67, 1],
            &[0, 0, 0, 1, 0x68, 2],
            &[0, 0, 1, 0x65, 3, 4],
        ]
        .concat();
        let field_len = 184 - payload.len();
        let head = [0x47, 0x41, 0x00, 0x30, field_len as u8 - 1, 0xd0, 0x00, 0x00, 0xaf, 0xc8, 0x7e, 0x00];
        let stuffing = vec![0xff; field_len - 8];
        assert_eq!(out, [head.as_slice(), &stuffing, &payload].concat());
    }

    /// Returns the clock references of frames `step_90k` apart: the distance to the previous one, and whether with
    /// payload.
    fn clock_of(step_90k: i64, pictures: i64) -> Vec<i64> {
        let (mut muxer, mut out) = (Muxer::new(), Vec::new());
        for n in 0..pictures {
            muxer.write_access_unit(&unit(n * step_90k, step_90k, &[&[0x41, 0]]), &mut out);
        }
        let pcr = |packet: &[u8]| {
            let has = packet[3] & 0x20 != 0 && packet[4] > 0 && packet[5] & 0x10 != 0;
            has.then(|| i64::from_be_bytes([0, 0, packet[6], packet[7], packet[8], packet[9], packet[10], 0]) >> 15)
        };
        let references: Vec<i64> = out.chunks(PACKET_LEN).filter_map(pcr).collect();
        references.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn at_30_fps_every_second_frame_has_a_pcr() {
        assert_eq!(clock_of(3_000, 7), [6_000, 6_000, 6_000]);
    }

    #[test]
    fn at_9_fps_there_are_pcrs_between_frames() {
        assert_eq!(clock_of(10_000, 3), [5_000, 5_000, 5_000, 5_000]);
        assert_eq!(clock_of(89_999, 2), [8_999, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000]);
    }

    #[test]
    fn a_gap_is_filled_with_pcrs_up_to_a_bound() {
        assert_eq!(clock_of(90_000, 2), [9_000; 10]);
        assert_eq!(clock_of(90_000_000, 2).len(), 100);
    }
}
