//! The little RTCP that a viewer of one camera needs (RFC 3550 §6). It sends a receiver report, which keeps a live555
//! session alive, and reads the camera's sender report and goodbye. It reads no other report and keeps no interval.

use super::sequence::Figures;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// The name that every receiver must give itself; it reveals nothing about the machine or the person.
const CNAME: &[u8; 9] = b"platecast";

/// The clocks of the source, as its sender report states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport {
    /// The SSRC of the source.
    pub ssrc: u32,
    /// The source's wall clock as an NTP timestamp: seconds since 1900 above, fraction below. Cameras often have it
    /// unset or wrong.
    pub ntp: u64,
    /// The same moment in the RTP clock.
    pub rtp_timestamp: u32,
}

impl SenderReport {
    /// Returns the middle 32 bits of the NTP timestamp, by which a receiver report refers to this report.
    #[must_use]
    pub fn short_ntp(&self) -> u32 {
        (self.ntp >> 16) as u32
    }
}

/// When the last sender report came, in the form of a receiver report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastSenderReport {
    /// [`SenderReport::short_ntp`], or 0 if none came.
    pub short_ntp: u32,
    /// The time since then, in 65,536ths of a second.
    pub delay: u32,
}

/// Builds a compound packet of a receiver report and our CNAME. Without `figures`, before the first packet, the report
/// is empty, as it should be.
#[must_use]
pub fn receiver_report(figures: Option<Figures>, last: LastSenderReport) -> Vec<u8> {
    // Any number but the camera's own works: there are two parties and no mixers.
    let ssrc = figures.map_or(1, |figures| !figures.ssrc);
    let mut packet = Vec::with_capacity(64);
    let (blocks, words) = if figures.is_some() { (1, 7) } else { (0, 1) };
    packet.extend_from_slice(&[0x80 | blocks, RECEIVER_REPORT, 0, words]);
    packet.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(figures) = figures {
        packet.extend_from_slice(&figures.ssrc.to_be_bytes());
        packet.extend_from_slice(&(u32::from(figures.fraction_lost) << 24 | figures.lost & 0xFF_FFFF).to_be_bytes());
        packet.extend_from_slice(&figures.highest.to_be_bytes());
        packet.extend_from_slice(&figures.jitter_90k.to_be_bytes());
        packet.extend_from_slice(&last.short_ntp.to_be_bytes());
        packet.extend_from_slice(&last.delay.to_be_bytes());
    }
    // One chunk: SSRC, item 1 (CNAME), its length, the name, and zeros up to a word boundary that end the list: 4 + 2 +
    // 9 + 1.
    packet.extend_from_slice(&[0x81, SOURCE_DESCRIPTION, 0, 4]);
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend_from_slice(&[1, CNAME.len() as u8]);
    packet.extend_from_slice(CNAME);
    packet.push(0);
    packet
}

/// Whether a compound packet ends the stream.
#[must_use]
pub fn says_goodbye(compound: &[u8]) -> bool {
    packets(compound).any(|(kind, _)| kind == GOODBYE)
}

/// Returns the first sender report in a compound packet.
#[must_use]
pub fn sender_report(compound: &[u8]) -> Option<SenderReport> {
    let (_, body) = packets(compound).find(|&(kind, _)| kind == SENDER_REPORT)?;
    let (&[s0, s1, s2, s3, n0, n1, n2, n3, n4, n5, n6, n7, t0, t1, t2, t3], _) = body.split_first_chunk::<16>()?;
    Some(SenderReport {
        ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
        ntp: u64::from_be_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
        rtp_timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
    })
}

/// Returns the type of each packet and the bytes after its first word. It stops at the first packet that does not fit.
fn packets(compound: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        let (&[flags, kind, high, low], tail) = rest.split_first_chunk::<4>()?;
        if flags >> 6 != 2 {
            return None;
        }
        let (body, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([high, low])) * 4)?;
        rest = tail;
        Some((kind, body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: Figures =
        Figures { ssrc: 0x0102_0304, fraction_lost: 51, lost: 7, highest: 0x1_0002, jitter_90k: 900 };

    #[test]
    fn a_receiver_report_has_the_standards_layout() {
        let last = LastSenderReport { short_ntp: 0xAABB_CCDD, delay: 0x1_0000 };
        #[rustfmt::skip]
        let expected = [
            0x81, 201, 0, 7, 0xFE, 0xFD, 0xFC, 0xFB,
            1, 2, 3, 4, 51, 0, 0, 7, 0, 1, 0, 2, 0, 0, 3, 132, 0xAA, 0xBB, 0xCC, 0xDD, 0, 1, 0, 0,
            0x81, 202, 0, 4, 0xFE, 0xFD, 0xFC, 0xFB, 1, 9, b'p', b'l', b'a', b't', b'e', b'c', b'a', b's', b't', 0,
        ];
        assert_eq!(receiver_report(Some(FIGURES), last), expected);
    }

    #[test]
    fn every_report_is_a_compound_packet_that_fits_exactly() {
        for figures in [None, Some(FIGURES)] {
            let report = receiver_report(figures, LastSenderReport::default());
            let kinds: Vec<u8> = packets(&report).map(|(kind, _)| kind).collect();
            assert_eq!(kinds, [RECEIVER_REPORT, SOURCE_DESCRIPTION]);
            assert_eq!(packets(&report).map(|(_, body)| body.len() + 4).sum::<usize>(), report.len());
        }
    }

    #[test]
    fn a_goodbye_is_found_anywhere_in_a_compound_packet() {
        let goodbye = [0x81, 203, 0, 1, 1, 2, 3, 4];
        let report = receiver_report(Some(FIGURES), LastSenderReport::default());
        let check = |packet: &[u8], expected: bool| assert_eq!(says_goodbye(packet), expected, "{packet:?}");
        check(&goodbye, true);
        check(&[&report[..], &goodbye[..]].concat(), true);
        check(&report, false);
        check(&[], false);
        check(&goodbye[..7], false);
        check(&[0x41, 203, 0, 1, 1, 2, 3, 4], false);
        check(&[&[0x80, 201, 0xFF, 0xFF][..], &goodbye[..]].concat(), false);
    }

    #[test]
    fn a_sender_report_gives_both_clocks() {
        let body: Vec<u8> = (1..=24).collect();
        let packet = [&[0x80, 200, 0, 6][..], &body[..]].concat();
        let report = sender_report(&packet).unwrap();
        assert_eq!(report, SenderReport { ssrc: 0x0102_0304, ntp: 0x0506_0708_090A_0B0C, rtp_timestamp: 0x0D0E_0F10 });
        assert_eq!(report.short_ntp(), 0x0708_090A);
        assert_eq!(sender_report(&packet[..24]), None);
    }
}
