//! RTCP (RFC 3550 §6): the receiver report that keeps a session alive, and the camera's BYE.

use super::sequence::Sequence;

const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const CNAME: u8 = 1;

/// Our own source; nothing is ever sent from it but reports.
const OUR_SSRC: u32 = 0x504C_4154;

/// A compound packet: a receiver report about `ssrc` and a source description with our name, as §6.1 wants.
#[must_use]
pub fn receiver_report(ssrc: u32, sequence: &Sequence) -> Vec<u8> {
    let mut packet = Vec::with_capacity(52);
    packet.extend_from_slice(&[0x81, RECEIVER_REPORT, 0, 7]);
    packet.extend_from_slice(&OUR_SSRC.to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    let lost = sequence.lost().min(0x7F_FFFF) as u32;
    packet.extend_from_slice(&lost.to_be_bytes());
    packet.extend_from_slice(&sequence.extended().to_be_bytes());
    // Jitter, last sender report and the delay since it: not measured, and nobody adapts to them over TCP.
    packet.extend_from_slice(&[0; 12]);
    let name = b"platecast";
    packet.extend_from_slice(&[0x81, SOURCE_DESCRIPTION, 0, 4]);
    packet.extend_from_slice(&OUR_SSRC.to_be_bytes());
    packet.extend_from_slice(&[CNAME, name.len() as u8]);
    packet.extend_from_slice(name);
    packet.push(0);
    packet
}

/// Whether a compound packet holds a BYE.
#[must_use]
pub fn says_goodbye(mut compound: &[u8]) -> bool {
    while let Some(([flags, kind, l0, l1], _)) = compound.split_first_chunk::<4>() {
        if flags >> 6 != 2 {
            return false;
        }
        if *kind == GOODBYE {
            return true;
        }
        let length = 4 * (usize::from(u16::from_be_bytes([*l0, *l1])) + 1);
        let Some(rest) = compound.get(length..) else { return false };
        compound = rest;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_compound_of_whole_words_about_the_camera() {
        let mut sequence = Sequence::default();
        for number in [65_534, 65_535, 0, 3] {
            sequence.arrive(number);
        }
        let report = receiver_report(0xAABB_CCDD, &sequence);
        assert_eq!(report.len(), 4 * 8 + 4 * 5);
        assert_eq!(report[8..12], [0xAA, 0xBB, 0xCC, 0xDD]);
        assert_eq!(report[12..20], [0, 0, 0, 2, 0, 1, 0, 3]);
        assert_eq!(report[32..36], [0x81, 202, 0, 4]);
        assert!(!says_goodbye(&report));
    }

    #[test]
    fn a_goodbye_is_found_behind_other_packets_and_junk_is_none() {
        assert!(says_goodbye(&[0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1, 1, 2, 3, 4]));
        for none in [&[][..], &[0x80, 201], &[0x80, 201, 0, 9, 0, 0, 0, 0], &[0x00, 203, 0, 0]] {
            assert!(!says_goodbye(none), "{none:02x?}");
        }
    }
}
