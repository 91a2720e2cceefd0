//! Any bytes as an RTP and as an RTCP packet: a payload lies within its packet, a compound packet is read up to the
//! first piece that does not fit.

use platecast::media::{rtcp, rtp};

/// See the file's head.
pub fn check(packet: &[u8]) {
    if let Ok(read) = rtp::Packet::parse(packet) {
        assert!(packet.len() >= 12 + read.payload.len());
        assert!(read.payload_type < 128 && read.marker == rtp::has_marker(packet));
        let end = read.payload.as_ptr_range().end;
        assert!(read.payload.is_empty() || packet.as_ptr_range().end >= end);
    }
    let told = rtcp::sender_report(packet);
    // What follows the first piece that does not fit says nothing more.
    let longer = [packet, &[0x3F]].concat();
    if packet.len().is_multiple_of(4) {
        assert_eq!(rtcp::sender_report(&longer), told);
        assert_eq!(rtcp::says_goodbye(&longer), rtcp::says_goodbye(packet));
    }
    if let Some(report) = told {
        assert_eq!(u64::from(report.short_ntp()), report.ntp >> 16 & 0xFFFF_FFFF);
    }
}
