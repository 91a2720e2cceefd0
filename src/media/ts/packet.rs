//! One packet of 188 bytes (H.222.0 §2.4.3.2) and its adaptation field (§2.4.3.4).
//!
//! ```text
//! 0x47 │ tei 0 · unit start · priority 0 · PID 13 │ scrambling 00 · adaptation · payload · counter 4 │ 184 bytes
//! adaptation field: length │ discontinuity · random access · 0 · PCR · 0000 │ PCR 48 │ stuffing 0xFF…
//! ```

/// The length of a packet.
pub const PACKET_LEN: usize = 188;
const HEADER_LEN: usize = 4;
/// The size of a packet without its header; adaptation field and payload always fill it.
pub(super) const BODY_LEN: usize = PACKET_LEN - HEADER_LEN;

/// The mask of the 33 bits in which PTS, DTS and the PCR base count.
pub(super) const CLOCK_MASK: i64 = (1 << 33) - 1;

/// The continuity counter of one PID. It advances only with packets that carry payload and is never reset.
#[derive(Debug, Default)]
pub(super) struct Counter(u8);

impl Counter {
    fn next(&mut self) -> u8 {
        let this = self.0;
        self.0 = (this + 1) & 0x0f;
        this
    }

    /// Returns the value of the last packet with payload, which a packet without payload repeats.
    fn last(&self) -> u8 {
        self.0.wrapping_sub(1) & 0x0f
    }
}

/// The contents of a packet's adaptation field. An empty one is written only for stuffing.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Adaptation {
    pub(super) discontinuity: bool,
    pub(super) random_access: bool,
    /// The program clock reference on the 90 kHz clock. Its 27 MHz extension is always 0.
    pub(super) pcr_90k: Option<i64>,
}

impl Adaptation {
    fn len(self) -> usize {
        match self.pcr_90k {
            Some(_) => 8,
            None if self.discontinuity || self.random_access => 2,
            None => 0,
        }
    }

    /// Writes a field of exactly `len` bytes, including its own length byte: the contents, then stuffing.
    fn write(self, len: usize, out: &mut Vec<u8>) {
        let end = out.len() + len;
        let Some(rest) = len.checked_sub(1) else { return };
        out.push(u8::try_from(rest).unwrap_or(u8::MAX));
        // A field of one byte is only its length, 0. It stuffs exactly one byte, when 183 bytes of payload are left.
        if rest > 0 {
            let pcr = u8::from(self.pcr_90k.is_some());
            out.push(u8::from(self.discontinuity) << 7 | u8::from(self.random_access) << 6 | pcr << 4);
        }
        if let Some(pcr_90k) = self.pcr_90k {
            // 33 bits of base, 6 reserved ones, 9 bits of extension.
            let base = (pcr_90k & CLOCK_MASK).unsigned_abs();
            let [_, _, bytes @ ..] = (base << 15 | 0x7e00).to_be_bytes();
            out.extend_from_slice(&bytes);
        }
        out.resize(end, 0xff);
    }
}

/// A payload in pieces, copied once, piece by piece, into the packets that carry it.
pub(super) struct Gather<'a, I> {
    piece: &'a [u8],
    pieces: I,
    left: usize,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Gather<'a, I> {
    /// Gathers `pieces`, which have `len` bytes together.
    pub(super) fn new(pieces: I, len: usize) -> Self {
        Self { piece: &[], pieces, left: len }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left == 0
    }

    fn take_into(&mut self, mut count: usize, out: &mut Vec<u8>) {
        self.left = self.left.saturating_sub(count);
        while count > 0 {
            if self.piece.is_empty() {
                let Some(piece) = self.pieces.next() else { return };
                self.piece = piece;
            }
            let (now, later) = self.piece.split_at(count.min(self.piece.len()));
            out.extend_from_slice(now);
            self.piece = later;
            count -= now.len();
        }
    }
}

/// Writes one packet: as much of `payload` as fits after the adaptation field, with stuffing if that is little.
pub(super) fn write<'a, I: Iterator<Item = &'a [u8]>>(
    pid: u16,
    starts_unit: bool,
    counter: &mut Counter,
    adaptation: Adaptation,
    payload: &mut Gather<'a, I>,
    out: &mut Vec<u8>,
) {
    let room = BODY_LEN - adaptation.len();
    let take = payload.left.min(room);
    let field_len = BODY_LEN - take;

    let (has_field, has_payload) = (u8::from(field_len > 0), u8::from(take > 0));
    let counter = if take > 0 { counter.next() } else { counter.last() };
    let [pid_high, pid_low] = pid.to_be_bytes();
    out.extend_from_slice(&[
        0x47,
        u8::from(starts_unit) << 6 | pid_high,
        pid_low,
        has_field << 5 | has_payload << 4 | counter,
    ]);
    adaptation.write(field_len, out);
    payload.take_into(take, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the one packet that carries `len` bytes of 0xAA and `adaptation`.
    fn packet(len: usize, adaptation: Adaptation) -> Vec<u8> {
        let payload = vec![0xaa; len];
        let mut out = Vec::new();
        let pieces = std::iter::once(payload.as_slice());
        write(0x100, true, &mut Counter(5), adaptation, &mut Gather::new(pieces, len), &mut out);
        assert_eq!(out.len(), PACKET_LEN, "payload of {len}");
        out
    }

    #[test]
    fn a_full_packet_has_no_adaptation_field() {
        let full = packet(184, Adaptation::default());
        assert_eq!(full[..5], [0x47, 0x41, 0x00, 0x15, 0xaa]);
    }

    #[test]
    fn one_missing_byte_is_stuffed_by_a_field_of_length_zero() {
        let stuffed = packet(183, Adaptation::default());
        assert_eq!(stuffed[..6], [0x47, 0x41, 0x00, 0x35, 0x00, 0xaa]);
    }

    #[test]
    fn two_and_more_missing_bytes_are_stuffed_after_the_flags() {
        assert_eq!(packet(182, Adaptation::default())[..7], [0x47, 0x41, 0x00, 0x35, 0x01, 0x00, 0xaa]);
        assert_eq!(packet(180, Adaptation::default())[..9], [0x47, 0x41, 0x00, 0x35, 0x03, 0x00, 0xff, 0xff, 0xaa]);
    }

    #[test]
    fn a_clock_reference_has_33_bits_of_base_and_no_extension() {
        let said = Adaptation { discontinuity: true, random_access: true, pcr_90k: Some((1 << 33) + 0x1_2345_6789) };
        let field = [0x07, 0xd0, 0x91, 0xa2, 0xb3, 0xc4, 0xfe, 0x00];
        assert_eq!(packet(300, said)[4..13], [field.as_slice(), &[0xaa]].concat());
    }

    #[test]
    fn a_packet_without_payload_repeats_the_counter() {
        let clock = packet(0, Adaptation { pcr_90k: Some(0), ..Adaptation::default() });
        assert_eq!(clock[..6], [0x47, 0x41, 0x00, 0x24, 183, 0x10]);
        assert!(clock[12..].iter().all(|byte| *byte == 0xff));
    }
}
