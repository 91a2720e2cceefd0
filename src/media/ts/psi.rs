//! The two tables of a single-program stream: PAT (H.222.0 §2.4.4.3) and PMT (§2.4.4.8). They never change, so they are
//! made at compile time. Only the continuity counter advances, and it continues over all segments. A counter that
//! restarts with each segment is the classic bug of segmenters.

use super::packet::{self, Adaptation, BODY_LEN, Counter, Gather};

/// The PID of the program map table.
pub(super) const PMT_PID: u16 = 0x1000;
/// The PID of the one video stream, which also carries the clock.
pub(super) const VIDEO_PID: u16 = 0x0100;
const PAT_PID: u16 = 0x0000;
const PROGRAM: u8 = 1;
const H264: u8 = 0x1b;

/// Both tables, one packet each.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pat: Counter,
    pmt: Counter,
}

impl Tables {
    pub(super) fn write(&mut self, out: &mut Vec<u8>) {
        for (pid, counter, body) in [(PAT_PID, &mut self.pat, &PAT), (PMT_PID, &mut self.pmt, &PMT)] {
            let mut payload = Gather::new(std::iter::once(body.as_slice()), BODY_LEN);
            packet::write(pid, true, counter, Adaptation::default(), &mut payload, out);
        }
    }
}

/// Table id · section syntax, length of what follows · transport stream id · version 0, current, section 0 of 0 ·
/// program and the PID of its map.
#[rustfmt::skip]
const PAT: [u8; BODY_LEN] = body(&[
    0x00, 0xb0, 13,
    0x00, 0x01,
    0xc1, 0x00, 0x00,
    0x00, PROGRAM, 0xe0 | PMT_PID.to_be_bytes()[0], PMT_PID.to_be_bytes()[1],
]);

/// Table id · section syntax, length of what follows · program · version 0, current, section 0 of 0 · PID of the clock,
/// no program descriptors · stream type, its PID, no stream descriptors.
#[rustfmt::skip]
const PMT: [u8; BODY_LEN] = body(&[
    0x02, 0xb0, 18,
    0x00, PROGRAM,
    0xc1, 0x00, 0x00,
    0xe0 | VIDEO_PID.to_be_bytes()[0], VIDEO_PID.to_be_bytes()[1], 0xf0, 0x00,
    H264, 0xe0 | VIDEO_PID.to_be_bytes()[0], VIDEO_PID.to_be_bytes()[1], 0xf0, 0x00,
]);

/// Builds a packet's payload: pointer field 0, the section with its CRC, and 0xFF to the end.
const fn body(section: &[u8]) -> [u8; BODY_LEN] {
    let mut body = [0xff; BODY_LEN];
    body[0] = 0;
    let mut at = 0;
    while at < section.len() {
        body[1 + at] = section[at];
        at += 1;
    }
    let crc = crc32(section).to_be_bytes();
    let mut byte = 0;
    while byte < crc.len() {
        body[1 + at + byte] = crc[byte];
        byte += 1;
    }
    body
}

/// CRC-32/MPEG-2 (H.222.0 Annex A): polynomial 0x04C11DB7, initially all ones, nothing reflected or inverted.
const fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    let mut at = 0;
    while at < bytes.len() {
        crc ^= (bytes[at] as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x04c1_1db7 };
            bit += 1;
        }
        at += 1;
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_published_one() {
        assert_eq!(crc32(b"123456789"), 0x0376_e6e7);
    }

    #[test]
    fn a_section_with_its_crc_leaves_no_residue() {
        for body in [PAT, PMT] {
            let len = 3 + usize::from(body[3]);
            assert_eq!(crc32(&body[1..=len]), 0);
            assert!(body[1 + len..].iter().all(|byte| *byte == 0xff));
        }
    }

    #[test]
    fn both_counters_run_on_from_segment_to_segment() {
        let (mut tables, mut out) = (Tables::default(), Vec::new());
        for _ in 0..17 {
            tables.write(&mut out);
        }
        let counters: Vec<u8> = out.chunks(188).skip(30).map(|packet| packet[3]).collect();
        assert_eq!(counters, [0x1f, 0x1f, 0x10, 0x10]);
    }
}
