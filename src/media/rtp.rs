//! Parses one RTP packet (RFC 3550 §5.1), but not its payload.

use thiserror::Error;

/// A packet's fixed header and its payload, without CSRCs, header extension and padding.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                             SSRC                              |
/// |          CSRC × CC, then with X: profile, length, words       |
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// For video, marks the last packet of a frame, if the camera can be trusted.
    pub marker: bool,
    /// The payload type of seven bits; the SDP defines its meaning.
    pub payload_type: u8,
    /// Counts packets, wraps at 2^16.
    pub sequence: u16,
    /// Sampling time in the payload's clock, wraps at 2^32.
    pub timestamp: u32,
    /// The source of the packet within the session.
    pub ssrc: u32,
    /// The remaining bytes; they may be empty.
    pub payload: &'a [u8],
}

/// Why bytes are not an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The header, CSRC list or extension runs past the end.
    #[error("RTP packet ends inside its header")]
    Truncated,
    /// Not version 2.
    #[error("RTP version {0} instead of 2")]
    Version(u8),
    /// The padding count is zero or exceeds the remaining bytes.
    #[error("RTP padding of {0} bytes does not fit")]
    Padding(u8),
}

/// Returns the marker bit of a packet, even if other fields are malformed.
#[must_use]
pub fn has_marker(packet: &[u8]) -> bool {
    packet.get(1).is_some_and(|byte| byte & 0x80 != 0)
}

impl<'a> Packet<'a> {
    /// Parses a whole packet.
    ///
    /// # Errors
    /// [`Malformed`] if a length does not fit or the version is not 2.
    pub fn parse(packet: &'a [u8]) -> Result<Self, Malformed> {
        let (header, mut payload) = packet.split_first_chunk::<12>().ok_or(Malformed::Truncated)?;
        let [flags, marker_and_type, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *header;
        if flags >> 6 != 2 {
            return Err(Malformed::Version(flags >> 6));
        }
        let csrcs = usize::from(flags & 0x0F);
        payload = payload.get(csrcs * 4..).ok_or(Malformed::Truncated)?;
        if flags & 0x10 != 0 {
            let (extension, rest) = payload.split_first_chunk::<4>().ok_or(Malformed::Truncated)?;
            let words = usize::from(u16::from_be_bytes([extension[2], extension[3]]));
            payload = rest.get(words * 4..).ok_or(Malformed::Truncated)?;
        }
        if flags & 0x20 != 0 {
            let padding = payload.last().copied().ok_or(Malformed::Padding(0))?;
            let kept = payload.len().checked_sub(usize::from(padding)).ok_or(Malformed::Padding(padding))?;
            if padding == 0 {
                return Err(Malformed::Padding(0));
            }
            payload = payload.get(..kept).unwrap_or_default();
        }
        Ok(Self {
            marker: marker_and_type & 0x80 != 0,
            payload_type: marker_and_type & 0x7F,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet with `flags` and `rest` around an otherwise fixed header: marker, payload type 96, sequence 0x0102.
    fn packet(flags: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![flags, 0xE0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        packet.extend_from_slice(rest);
        packet
    }

    #[test]
    fn the_payload_excludes_csrcs_extension_and_padding() {
        let check = |flags: u8, rest: &[u8], expected: Result<&[u8], Malformed>| {
            let bytes = packet(flags, rest);
            assert_eq!(Packet::parse(&bytes).map(|packet| packet.payload), expected, "{flags:#x} {rest:?}");
        };
        check(0x80, b"abc", Ok(b"abc"));
        check(0x80, b"", Ok(b""));
        check(0x82, b"csrccsrcabc", Ok(b"abc"));
        check(0x82, b"csrccsr", Err(Malformed::Truncated));
        check(0x90, &[0xBE, 0xDE, 0, 1, 1, 2, 3, 4, b'a'], Ok(b"a"));
        check(0x90, &[0xBE, 0xDE, 0, 0, b'a'], Ok(b"a"));
        check(0x90, &[0xBE, 0xDE, 0, 2, 1, 2, 3, 4], Err(Malformed::Truncated));
        check(0x90, &[0xBE, 0xDE, 0xFF], Err(Malformed::Truncated));
        check(0xA0, b"abc\x00\x00\x03", Ok(b"abc"));
        check(0xA0, b"\x01", Ok(b""));
        check(0xA0, b"ab\x04", Err(Malformed::Padding(4)));
        check(0xA0, b"ab\x00", Err(Malformed::Padding(0)));
        check(0xA0, b"", Err(Malformed::Padding(0)));
        check(0x40, b"abc", Err(Malformed::Version(1)));
        check(0xC0, b"abc", Err(Malformed::Version(3)));
        assert_eq!(Packet::parse(&[0x80; 11]), Err(Malformed::Truncated));
    }

    #[test]
    fn the_fields_of_the_fixed_header_are_read_big_endian() {
        let bytes = packet(0x80, b"");
        let packet = Packet::parse(&bytes).unwrap();
        assert!(packet.marker);
        assert_eq!((packet.payload_type, packet.sequence), (96, 0x0102));
        assert_eq!((packet.timestamp, packet.ssrc), (0x0304_0506, 0x0708_090A));
    }
}
