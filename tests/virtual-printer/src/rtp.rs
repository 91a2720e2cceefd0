//! Pictures to RTP packets (RFC 3550, 5.1; RFC 6184, 5.6 to 5.8), framed for the RTSP connection (RFC 2326, 10.12),
//! and the RTCP sender report (RFC 3550, 6.4.1). Like live555: packets of at most 1452 bytes, single NAL units and
//! FU-A; STAP-A only when asked for.

use crate::Clip;
use crate::behaviour::{Marker, ParameterSets, VideoManners};
use crate::clip;
use std::time::Duration;

/// live555's largest RTP packet.
const PACKET_BYTES: usize = 1452;
const HEADER_BYTES: usize = 12;
const PAYLOAD_BYTES: usize = PACKET_BYTES - HEADER_BYTES;
const PAYLOAD_TYPE: u8 = 96;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// The header's running fields.
#[derive(Debug, Clone)]
pub(crate) struct Rtp {
    pub(crate) channel: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) packets: u32,
    pub(crate) payload_bytes: u32,
}

/// One interleaved frame: `$`, channel, length, RTP packet.
pub(crate) type Packet = Vec<u8>;

impl Rtp {
    /// The packets of picture `index`.
    pub(crate) fn picture(&mut self, clip: &Clip, index: usize, manners: &VideoManners) -> Vec<Packet> {
        let (sets, rest): (Vec<&[u8]>, Vec<&[u8]>) = clip.nals(index).partition(|nal| clip::is_parameter_set(nal));
        let mut packets = Vec::new();
        if manners.parameter_sets != ParameterSets::Sdp && !sets.is_empty() {
            if manners.aggregated {
                let payload = aggregate(&sets);
                packets.push(self.packet(&[&payload], false));
            } else {
                packets.extend(sets.iter().map(|set| self.packet(&[set], false)));
            }
        }
        for (i, nal) in rest.iter().enumerate() {
            let every = manners.marker == Marker::EverySlice && clip::is_slice(nal);
            self.nal(nal, every || i + 1 == rest.len(), &mut packets);
        }
        packets
    }

    /// One NAL unit, in fragments where it does not fit.
    pub(crate) fn nal(&mut self, nal: &[u8], marker: bool, packets: &mut Vec<Packet>) {
        let Some((&header, body)) = nal.split_first() else { return };
        if nal.len() <= PAYLOAD_BYTES {
            packets.push(self.packet(&[nal], marker));
            return;
        }
        let mut fragments = body.chunks(PAYLOAD_BYTES - 2).peekable();
        let mut start = 0x80;
        while let Some(fragment) = fragments.next() {
            let last = fragments.peek().is_none();
            let end = if last { 0x40 } else { 0 };
            let indicator = [header & 0xE0 | FU_A, start | end | header & 0x1F];
            packets.push(self.packet(&[&indicator, fragment], marker && last));
            start = 0;
        }
    }

    fn packet(&mut self, payload: &[&[u8]], marker: bool) -> Packet {
        let length: usize = payload.iter().map(|part| part.len()).sum();
        let mut packet = Vec::with_capacity(4 + HEADER_BYTES + length);
        frame_header(&mut packet, self.channel, HEADER_BYTES + length);
        packet.extend([0x80, PAYLOAD_TYPE | u8::from(marker) << 7]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        payload.iter().for_each(|part| packet.extend_from_slice(part));
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.payload_bytes = self.payload_bytes.wrapping_add(length as u32);
        packet
    }

    /// A sender report and a source description, on the odd channel.
    pub(crate) fn sender_report(&self, unix: Duration) -> Packet {
        const NTP_1970: u64 = 2_208_988_800;
        const CNAME: &[u8] = b"virtual";
        let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
        let mut report = vec![0x80, 200, 0, 6];
        report.extend(self.ssrc.to_be_bytes());
        report.extend(((unix.as_secs() + NTP_1970) as u32).to_be_bytes());
        report.extend((fraction as u32).to_be_bytes());
        for word in [self.timestamp, self.packets, self.payload_bytes] {
            report.extend(word.to_be_bytes());
        }
        report.extend([0x81, 202, 0, 4]);
        report.extend(self.ssrc.to_be_bytes());
        report.extend([1, CNAME.len() as u8]);
        report.extend(CNAME);
        report.extend([0; 3]);
        let mut packet = Vec::with_capacity(4 + report.len());
        frame_header(&mut packet, self.channel.wrapping_add(1), report.len());
        packet.extend(report);
        packet
    }
}

/// Whether RTCP from a viewer is a receiver report whose "last SR" (RFC 3550, 6.4.1) is set.
pub(crate) fn answers_a_sender_report(rtcp: &[u8]) -> bool {
    rtcp.get(1) == Some(&201) && rtcp.get(24..28).is_some_and(|last_sr| last_sr != [0; 4])
}

fn frame_header(packet: &mut Packet, channel: u8, length: usize) {
    packet.extend([b'$', channel, (length >> 8) as u8, length as u8]);
}

/// STAP-A: the highest importance of its NAL units, then each with its length.
fn aggregate(nals: &[&[u8]]) -> Vec<u8> {
    let importance = nals.iter().filter_map(|nal| nal.first()).map(|byte| byte & 0x60).max().unwrap_or(0);
    let mut payload = vec![importance | STAP_A];
    for nal in nals {
        payload.extend((nal.len() as u16).to_be_bytes());
        payload.extend_from_slice(nal);
    }
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtp() -> Rtp {
        Rtp { channel: 0, sequence: 65_534, timestamp: 7, ssrc: 0x0102_0304, packets: 0, payload_bytes: 0 }
    }

    fn payload(packet: &[u8]) -> &[u8] {
        &packet[4 + HEADER_BYTES..]
    }

    #[test]
    fn a_key_frame_is_sps_pps_and_fragments_with_a_final_marker() {
        let mut rtp = rtp();
        let packets = rtp.picture(&Clip::chamber_1080p30(), 0, &VideoManners::default());
        assert!(packets.len() > 4);
        for (i, packet) in packets.iter().enumerate() {
            assert_eq!(packet[..2], [b'$', 0]);
            assert_eq!(usize::from(u16::from_be_bytes([packet[2], packet[3]])), packet.len() - 4);
            assert!(packet.len() - 4 <= PACKET_BYTES);
            let marker = if i + 1 == packets.len() { 0x80 } else { 0 };
            assert_eq!(packet[4..6], [0x80, marker | 96]);
            assert_eq!(packet[6..8], 65_534u16.wrapping_add(i as u16).to_be_bytes());
            assert_eq!(packet[8..16], [0, 0, 0, 7, 1, 2, 3, 4]);
        }
        assert_eq!(packets[..2].iter().map(|packet| payload(packet)[0] & 31).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(packets[2].len() - 4, PACKET_BYTES);
    }

    #[test]
    fn fragments_put_together_are_the_nal_unit() {
        for length in [1, PAYLOAD_BYTES, PAYLOAD_BYTES + 1, 2 * (PAYLOAD_BYTES - 2) + 1, 100_000] {
            let nal: Vec<u8> = [0x65].into_iter().chain((1..length).map(|i| i as u8)).collect();
            let mut packets = Vec::new();
            rtp().nal(&nal, true, &mut packets);
            let whole = match &packets[..] {
                [single] => payload(single).to_vec(),
                many => {
                    let flags: Vec<u8> = many.iter().map(|packet| payload(packet)[1] >> 6).collect();
                    assert_eq!((flags[0], flags[flags.len() - 1]), (2, 1));
                    assert!(flags[1..flags.len() - 1].iter().all(|&flag| flag == 0));
                    let header = payload(&many[0])[0] & 0xE0 | payload(&many[0])[1] & 0x1F;
                    [header].into_iter().chain(many.iter().flat_map(|packet| payload(packet)[2..].to_vec())).collect()
                }
            };
            assert_eq!(whole, nal);
        }
    }

    #[test]
    fn sets_can_travel_together_or_stay_in_the_sdp() {
        let clip = Clip::chamber_720p9();
        let aggregated = VideoManners { aggregated: true, ..VideoManners::default() };
        let packets = rtp().picture(&clip, 0, &aggregated);
        let expected = [&[0x78, 0, clip.sps().len() as u8][..], clip.sps(), &[0, clip.pps().len() as u8], clip.pps()];
        assert_eq!(payload(&packets[0]), expected.concat());
        let in_sdp = VideoManners { parameter_sets: ParameterSets::Sdp, ..VideoManners::default() };
        assert_eq!(payload(&rtp().picture(&clip, 0, &in_sdp)[0])[0] & 31, FU_A);
    }

    #[test]
    fn a_sender_report_says_when_and_how_much() {
        let rtp = Rtp { packets: 5, payload_bytes: 6, ..rtp() };
        let packet = rtp.sender_report(Duration::from_millis(1500));
        assert_eq!(packet[..4], [b'$', 1, 0, 48]);
        assert_eq!(packet.len(), 52);
        let expected =
            [0x80, 200, 0, 6, 1, 2, 3, 4, 0x83, 0xAA, 0x7E, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0, 6];
        assert_eq!(packet[4..32], expected);
        assert_eq!(packet[32..36], [0x81, 202, 0, 4]);
    }
}
