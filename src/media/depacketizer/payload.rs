//! RTP payloads to NAL units (RFC 6184 §5.6 to §5.8): single, aggregated (STAP-A), fragmented (FU-A). What belongs
//! to interleaved mode (STAP-B, MTAP, FU-B) is refused: no camera sends it and packetization-mode 2 is not negotiated.

use super::assembler::{Arrival, Assembler};
use super::{MAX_ACCESS_UNIT_BYTES, MediaError};

/// A buffer that one large key frame has grown beyond this is given back.
pub(super) const KEEP_BYTES: usize = 512 * 1024;

/// Takes payloads apart and holds the one NAL unit that may be half here.
#[derive(Debug, Default)]
pub(super) struct Unpacker {
    /// The NAL unit whose fragments are coming, header byte first.
    fragments: Vec<u8>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Idle,
    /// Between the first and the last fragment of a NAL unit that began to arrive then.
    Open(Arrival),
    /// The same, but it is too large: let the rest pass.
    Discarding,
}

impl Unpacker {
    /// Hands every NAL unit that is whole with this payload to the assembler, and tells it of torn ones.
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
            // No NAL unit begins with a zero, but a start code that a camera forgot to take off does.
            0 if payload.starts_with(&[0, 0, 1]) || payload.starts_with(&[0, 0, 0, 1]) => into.nal(payload, at),
            _ => {}
        }
        Ok(())
    }

    /// No NAL unit is half here.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// What the buffer holds on to.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.fragments.capacity()
    }

    /// Packets are missing: what is half here will not become whole.
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
            // The type may differ from the first fragment's (Tiandy): the first one's counts.
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
            // Both bits set on one packet (CostarHD): a whole NAL unit in a fragment's clothes.
            State::Open(began) if ends => {
                into.nal(&self.fragments, began);
                self.reset();
            }
            State::Open(began) if starts => into.expect(&self.fragments, began),
            _ if ends => self.reset(),
            _ => {}
        }
    }

    /// Something else comes where the next fragment should: the camera dropped the end of a NAL unit.
    fn tear_open_one(&mut self, into: &mut Assembler) {
        if let State::Open(began) = self.state {
            into.tear(self.fragments.first().copied().unwrap_or(0), began);
        }
        self.reset();
    }
}

/// STAP-A: a 16-bit size before each NAL unit. Sizes of zero and padding at the end are tolerated.
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
