//! Splits RTP payloads into NAL units (RFC 6184 §5.6 to §5.8): single, aggregated (STAP-A), fragmented (FU-A). The
//! packets of interleaved mode (STAP-B, MTAP, FU-B) are refused: no camera sends them, and packetization-mode 2 is not
//! negotiated.

use super::assembler::{Arrival, Assembler};
use super::{MAX_ACCESS_UNIT_BYTES, MediaError};

/// A buffer that a large key frame has grown beyond this is freed.
pub(super) const KEEP_BYTES: usize = 512 * 1024;

/// Takes payloads apart and holds at most one incomplete NAL unit.
#[derive(Debug, Default)]
pub(super) struct Unpacker {
    /// The fragments of an incomplete NAL unit, header byte first.
    fragments: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Idle,
    /// Between the first and the last fragment of a NAL unit that began to arrive then.
    Open(Arrival),
    /// Between fragments of a NAL unit that is too large: the rest is dropped.
    Discarding,
}

impl Unpacker {
    /// Hands each NAL unit that this payload completes to the assembler, and reports torn ones.
    pub(super) fn unpack(&mut self, payload: &[u8], at: Arrival, into: &mut Assembler) -> Result<(), MediaError> {
        const FU_A: u8 = 28;
        // Some cameras send keep-alive packets without a payload.
        let Some(&header) = payload.first() else { return Ok(()) };
        let nal_type = header & 0x1F;
        if nal_type != FU_A {
            self.tear_open_one(into);
        }
        match nal_type {
            1..=23 => into.nal(payload, at),
            24 => unpack_aggregate(payload.get(1..).unwrap_or_default(), at, into),
            FU_A => self.fragment(payload, at, into),
            25..=27 | 29 => return Err(MediaError::InterleavedMode { nal_type }),
            // No NAL unit begins with a zero, but a start code that a camera failed to remove does.
            0 if payload.starts_with(&[0, 0, 1]) || payload.starts_with(&[0, 0, 0, 1]) => into.nal(payload, at),
            _ => {}
        }
        Ok(())
    }

    /// Whether there is no incomplete NAL unit.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Returns the capacity of the buffer.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.fragments.capacity()
    }

    /// Drops the incomplete NAL unit, because packets are missing.
    pub(super) fn reset(&mut self) {
        self.fragments.clear();
        self.fragments.shrink_to(KEEP_BYTES);
        self.state = State::Idle;
    }

    /// ```text
    /// |F|NRI|  28  |   |S|E|R|  type  |   fragment …
    /// ```
    fn fragment(&mut self, payload: &[u8], at: Arrival, into: &mut Assembler) {
        let Some((&[indicator, fu], fragment)) = payload.split_first_chunk::<2>() else { return };
        let (starts, ends) = (fu & 0x80 != 0, fu & 0x40 != 0);
        if starts {
            self.tear_open_one(into);
            self.fragments.push(indicator & 0xE0 | fu & 0x1F);
            self.state = State::Open(at);
        }
        match self.state {
            // The type may differ from the first fragment's (Tiandy); the first fragment's counts.
            State::Open(began) => {
                if self.fragments.len() + fragment.len() > MAX_ACCESS_UNIT_BYTES {
                    into.tear(fu & 0x1F, began);
                    self.reset();
                    self.state = State::Discarding;
                } else {
                    self.fragments.extend_from_slice(fragment);
                }
            }
            State::Discarding => {}
            State::Idle => into.tear(fu & 0x1F, at),
        }
        match self.state {
            // Both bits are set on one packet (CostarHD): it holds a whole NAL unit in the form of a fragment.
            State::Open(began) if ends => {
                into.nal(&self.fragments, began);
                self.reset();
            }
            State::Open(began) if starts => into.expect(&self.fragments, began),
            _ if ends => self.reset(),
            _ => {}
        }
    }

    /// Tears the open NAL unit. Another packet came in place of the next fragment, so the camera dropped the end.
    fn tear_open_one(&mut self, into: &mut Assembler) {
        if let State::Open(began) = self.state {
            into.tear(self.fragments.first().copied().unwrap_or(0), began);
        }
        self.reset();
    }
}

/// STAP-A has a 16-bit size before each NAL unit. Sizes of zero and padding at the end are tolerated.
fn unpack_aggregate(mut rest: &[u8], at: Arrival, into: &mut Assembler) {
    while let Some((&size, tail)) = rest.split_first_chunk::<2>() {
        let size = usize::from(u16::from_be_bytes(size));
        let Some((nal, tail)) = tail.split_at_checked(size) else {
            return into.tear(tail.first().copied().unwrap_or(0), at);
        };
        into.nal(nal, at);
        rest = tail;
    }
}
