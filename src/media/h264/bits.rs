//! Reads the bits of a NAL unit's payload, most significant first, and skips emulation prevention (H.264 §7.4.1, §9.1).
//! Every read past the end is `None`.

/// A reader over the bytes that follow the NAL unit's header byte.
pub(super) struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    /// Zero bytes seen in a row: after two of them, a 3 is not data.
    zeros: u8,
    byte: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), zeros: 0, byte: 0, left: 0 }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.byte = self.next_byte()?;
            self.left = 8;
        }
        self.left -= 1;
        Some(self.byte >> self.left & 1 == 1)
    }

    /// u(n), n at most 32.
    pub(super) fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// ue(v) up to `max`; more is `None`.
    pub(super) fn ue(&mut self, max: u32) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let value = ((1u32 << zeros) - 1).checked_add(self.bits(zeros)?)?;
        (value <= max).then_some(value)
    }

    /// se(v).
    pub(super) fn se(&mut self) -> Option<i32> {
        let code = self.ue(u32::MAX - 1)?;
        let magnitude = code.div_ceil(2).cast_signed();
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }

    fn next_byte(&mut self) -> Option<u8> {
        let mut byte = *self.bytes.next()?;
        if self.zeros >= 2 && byte == 3 {
            self.zeros = 0;
            byte = *self.bytes.next()?;
        }
        self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_match_the_standards_table() {
        // 1 010 011 00100 00101 as ue, then the same codes as se.
        let bytes = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut bits = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| bits.ue(9)), [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        let mut bits = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| bits.se()), [Some(0), Some(1), Some(-1), Some(2), Some(-2)]);
    }

    #[test]
    fn codes_too_large_or_cut_off_return_none() {
        assert_eq!(Bits::new(&[0b0010_0000]).ue(2), None, "3 is above 2");
        assert_eq!(Bits::new(&[0, 0, 0, 0, 1]).ue(u32::MAX), None, "39 zeros");
        assert_eq!(Bits::new(&[0b0000_1000]).ue(u32::MAX), None, "ends inside");
        assert_eq!(Bits::new(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]).ue(u32::MAX), Some(0xFFFF_FFFE));
    }

    #[test]
    fn emulation_prevention_bytes_are_skipped() {
        let mut bits = Bits::new(&[0, 0, 3, 1, 0, 0, 3]);
        assert_eq!(bits.bits(24), Some(1));
        assert_eq!(bits.bits(16), Some(0));
        assert_eq!(bits.flag(), None, "the last 3 protects nothing");
    }
}
