//! The head of a PES packet (H.222.0 §2.4.3.6): one PES packet is one access unit.
//!
//! ```text
//! 00 00 01 E0 │ length 16 │ 10 · alignment 1 (0x84) │ PTS, or PTS and DTS │ 5 or 10 │ PTS 5 │ DTS 5
//! ```

use super::packet::CLOCK_MASK;

/// A header of 14 bytes with only a PTS, or 19 with a DTS too.
pub(super) struct Head {
    bytes: [u8; 19],
    len: usize,
}

impl Head {
    /// Builds the header for `payload_len` bytes. DTS is written only if it differs from PTS.
    pub(super) fn new(pts_90k: i64, dts_90k: i64, payload_len: usize) -> Self {
        let reordered = pts_90k != dts_90k;
        let (stamps, stamps_len) = if reordered { (0b11, 10) } else { (0b10, 5) };
        // The length counts what follows its field: three bytes, the stamps, the payload. 0 means "until the next one
        // starts" and is allowed only for video. A player must then guess the end of a part's last frame, so it is used
        // only for frames above 64 KiB.
        let length = u16::try_from(3 + usize::from(stamps_len) + payload_len).unwrap_or(0).to_be_bytes();

        let mut bytes = [0; 19];
        bytes[..6].copy_from_slice(&[0, 0, 1, 0xe0, length[0], length[1]]);
        bytes[6..9].copy_from_slice(&[0x84, stamps << 6, stamps_len]);
        bytes[9..14].copy_from_slice(&stamp(stamps, pts_90k));
        bytes[14..].copy_from_slice(&stamp(0b01, dts_90k));
        Self { bytes, len: 9 + usize::from(stamps_len) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Encodes a time in 33 bits with its marker bits: `prefix 4 · 3 · 1 │ 15 · 1 │ 15 · 1`.
fn stamp(prefix: u8, time_90k: i64) -> [u8; 5] {
    let time = (time_90k & CLOCK_MASK).unsigned_abs();
    let spread = u64::from(prefix) << 36
        | (time >> 30 & 0x7) << 33
        | 1 << 32
        | (time >> 15 & 0x7fff) << 17
        | 1 << 16
        | (time & 0x7fff) << 1
        | 1;
    let [_, _, _, bytes @ ..] = spread.to_be_bytes();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pts_90k: i64, dts_90k: i64, payload_len: usize, expected: &[u8]) {
        assert_eq!(Head::new(pts_90k, dts_90k, payload_len).as_bytes(), expected);
    }

    #[test]
    fn a_frame_in_order_has_only_a_pts() {
        let time = 0x1_2345_6789;
        check(time, time, 100, &[0, 0, 1, 0xe0, 0, 108, 0x84, 0x80, 5, 0x29, 0x8d, 0x15, 0xcf, 0x13]);
    }

    #[test]
    fn a_reordered_frame_has_pts_and_dts() {
        let head = [0, 0, 1, 0xe0, 0, 113, 0x84, 0xc0, 10, 0x31, 0, 1, 0x27, 0x11, 0x11, 0, 1, 0x07, 0xd1];
        check(5_000, 1_000, 100, &head);
    }

    #[test]
    fn the_clock_wraps_at_33_bits() {
        check(1 << 33, 1 << 33, 0, &[0, 0, 1, 0xe0, 0, 8, 0x84, 0x80, 5, 0x21, 0, 1, 0, 1]);
        check(-1, -1, 0, &[0, 0, 1, 0xe0, 0, 8, 0x84, 0x80, 5, 0x2f, 0xff, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn a_frame_too_long_for_the_length_field_has_length_zero() {
        assert_eq!(Head::new(0, 0, 65_527).as_bytes()[4..6], [0xff, 0xff]);
        assert_eq!(Head::new(0, 0, 65_528).as_bytes()[4..6], [0, 0]);
    }
}
