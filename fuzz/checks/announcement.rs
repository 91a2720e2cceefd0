//! Any bytes as an announcement of a printer, from the address that it names or from another: read or ignored. What is
//! read names the sender alone, and its texts can stand in a line of the log.

use platecast::net::range::{MOST_ADDRESSES, Range};
use platecast::printer::announcement::{Announcement, Ignored, PACKET_BYTES};
use platecast::printer::{Serial, text};
use std::net::{IpAddr, Ipv4Addr};

/// The address that the first inputs name.
const NAMED: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);

/// See the file's head.
pub fn check(packet: &[u8]) {
    for source in [NAMED, Ipv4Addr::LOCALHOST] {
        match Announcement::parse(packet, IpAddr::V4(source)) {
            Ok(read) => {
                assert_eq!(read.host, source);
                assert!(packet.len() <= PACKET_BYTES);
                assert_eq!(Serial::parse(read.serial.as_str()), Some(read.serial));
                let sound = |name: &String| {
                    name.chars().count() <= 100 && text::is_visible(name) && !name.chars().any(text::is_disruptive)
                };
                assert!(read.name.as_ref().is_none_or(sound), "{:?}", read.name);
                assert!(read.firmware.is_none_or(|version| version.len() <= 24));
            }
            Err(why) => assert!(packet.len() <= PACKET_BYTES || why == Ignored::TooLong),
        }
    }
    if let Ok(range) = std::str::from_utf8(packet).map_or(Err(()), |typed| Range::parse(typed).map_err(drop)) {
        assert!((1..=MOST_ADDRESSES).contains(&range.count()));
        assert!((0..range.count()).all(|place| range.address(place).is_some_and(|address| range.contains(address))));
    }
}
