//! Any bytes as payloads of a camera, with losses and new connections in between. What comes out are access units: of
//! bounded size, in rising time, beginning with an IDR picture and its parameter sets.

use std::time::Duration;

use platecast::base::clock;
use platecast::media::Depacketizer;

const SPS: &[u8] =
    b"\x67\x42\xc0\x1f\x8d\x8d\x50\x24\x82\xd9\x36\x40\x00\x00\x03\x00\x40\x00\x00\x0f\x23\xc2\x21\x1a\x80";
const PPS: &[u8] = b"\x68\xce\x31\xb2";

/// Each packet of the input: what to do, a length, the payload.
pub fn check(data: &[u8]) {
    let sets = [SPS.to_vec(), PPS.to_vec()];
    let mut depacketizer = Depacketizer::default();
    depacketizer.restart(&sets, 96);
    let start = clock::now();
    let (mut ms, mut timestamp, mut sequence) = (0u64, 0u32, 65_500u16);
    let (mut last_dts, mut begun) = (i64::MIN, false);
    let mut rest = data;
    while let Some((&[what, length], tail)) = rest.split_first_chunk::<2>() {
        let (payload, tail) = tail.split_at(usize::from(length).min(tail.len()));
        rest = tail;
        match what & 0x0F {
            0 => depacketizer.restart(&sets, 96),
            1 => sequence = sequence.wrapping_add(u16::from(what)),
            2 => sequence = sequence.wrapping_sub(1),
            3 => timestamp = timestamp.wrapping_add(u32::from(what) << 24),
            4 => ms += 1000,
            _ => {
                ms += 10;
                timestamp = timestamp.wrapping_add(900);
            }
        }
        let mut rtp = vec![0x80, 96 | what & 0x80];
        rtp.extend_from_slice(&sequence.to_be_bytes());
        rtp.extend_from_slice(&timestamp.to_be_bytes());
        rtp.extend_from_slice(&[0, 0, 0, 1 + u8::from(what & 0x7F == 0x75)]);
        rtp.extend_from_slice(payload);
        sequence = sequence.wrapping_add(1);
        let _ = depacketizer.push(&rtp, start + Duration::from_millis(ms), ms as i64);
        while let Some(unit) = depacketizer.pop() {
            assert!(unit.bytes.len() <= 4 << 20 && unit.nal_units.len() <= 256);
            assert_eq!(unit.nals().map(<[u8]>::len).sum::<usize>(), unit.bytes.len());
            assert!(unit.dts_90k > last_dts && unit.pts_90k >= unit.dts_90k);
            assert!(unit.idr || begun && !unit.discontinuity);
            assert!(!unit.idr || unit.nals().next().is_some_and(|nal| nal[0] & 0x1F == 7));
            assert!(unit.nals().all(|nal| !nal.windows(3).any(|bytes| bytes == [0, 0, 1])));
            last_dts = unit.dts_90k;
            begun = true;
        }
    }
    let _ = depacketizer.receiver_report();
    // The same bytes as whole packets.
    let _ = depacketizer.push(data, start, 0);
}
