//! RTP packets (RFC 3550 §5.1).
//!
//! ```text
//!  0                   1                   2                   3
//! |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//! |                           timestamp                           |
//! |                             SSRC                              |
//! ```

/// One packet; its payload is borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// By convention the last packet of a picture; see `assembly` for how far it is believed.
    pub marker: bool,
    /// Which format, as the SDP maps it.
    pub payload_type: u8,
    /// Rises by one with each packet, modulo 2^16.
    pub sequence: u16,
    /// Sampling instant, 90 kHz for video.
    pub timestamp: u32,
    /// The source; a new one means a new start of the camera's encoder.
    pub ssrc: u32,
    /// What remains without CSRCs, extension and padding.
    pub payload: &'a [u8],
}

const HEADER_BYTES: usize = 12;

impl<'a> Packet<'a> {
    /// Reads a packet; `None` for anything that is none.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, mut rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let [flags, marker_and_type, s0, s1, t0, t1, t2, t3, r0, r1, r2, r3] = *header;
        if flags >> 6 != 2 {
            return None;
        }
        rest = rest.get(4 * usize::from(flags & 0x0F)..)?;
        if flags & 0x10 != 0 {
            let ([_, _, l0, l1], after) = rest.split_first_chunk::<4>()?;
            rest = after.get(4 * usize::from(u16::from_be_bytes([*l0, *l1]))..)?;
        }
        if flags & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.get(..rest.len().checked_sub(padding.max(1))?)?;
        }
        Some(Self {
            marker: marker_and_type & 0x80 != 0,
            payload_type: marker_and_type & 0x7F,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([r0, r1, r2, r3]),
            payload: rest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], payload: Option<&[u8]>) {
        assert_eq!(Packet::parse(bytes).map(|packet| packet.payload), payload, "{bytes:02x?}");
    }

    #[test]
    fn the_payload_is_what_csrcs_extension_and_padding_leave() {
        let fixed = [0x80, 0xE0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5];
        let with = |flags: u8, rest: &[u8]| [&[flags], &fixed[1..], rest].concat();
        check(&with(0x80, &[1, 2, 3]), Some(&[1, 2, 3]));
        check(&with(0x80, &[]), Some(&[]));
        check(&with(0x81, &[0, 0, 0, 1, 9]), Some(&[9]));
        check(&with(0x90, &[0xBE, 0xDE, 0, 1, 0, 0, 0, 0, 9]), Some(&[9]));
        check(&with(0xA0, &[9, 9, 0, 2]), Some(&[9, 9]));
        let packet = with(0x80, &[]);
        let packet = Packet::parse(&packet).expect("a packet");
        assert_eq!(
            (packet.marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc),
            (true, 96, 7, 9, 5)
        );
    }

    #[test]
    fn what_does_not_add_up_is_no_packet() {
        let fixed = [0x80, 0x60, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5];
        let with = |flags: u8, rest: &[u8]| [&[flags], &fixed[1..], rest].concat();
        check(&[], None);
        check(&fixed[..11], None);
        check(&with(0x40, &[]), None);
        check(&with(0x8F, &[0; 59]), None);
        check(&with(0x90, &[0, 0, 0xFF, 0xFF]), None);
        check(&with(0xA0, &[9, 4]), None);
        check(&with(0xA0, &[]), None);
    }
}
