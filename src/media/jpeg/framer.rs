//! Finds pictures in the bytes of the connection, cut at any byte.
//!
//! A picture that cannot be shown is dropped with its reason, and the connection goes on. It holds at most one picture:
//! no more than twice the bytes that have come of it, and no more than its header announces.

use super::{Picture, size};
use std::sync::Arc;

/// The length of the header before each picture.
const HEADER_BYTES: usize = 16;

/// The least and the most bytes of a picture. An A2L sends 61 to 176 KB, P1 and A1 printers up to 60 KB.
const LEAST_BYTES: u32 = 512;
const MOST_BYTES: u32 = 8 * 1024 * 1024;

/// A picture begins within this many bytes: some firmware was seen with four stray bytes before it.
const BEGINS_WITHIN: usize = 16;

/// This many unusable pictures in a row end the connection.
const FLAWS_IN_A_ROW: u32 = 10;

/// Marks the beginning and the end of a JPEG file.
const SOI: &[u8] = &[0xFF, 0xD8];
const EOI: &[u8] = &[0xFF, 0xD9];

/// Something that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// The header of a picture.
    Header,
    /// A whole picture.
    Picture(Picture),
    /// A picture that cannot be shown.
    Dropped(Flaw),
}

/// Why a picture cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Its length is none of a picture.
    #[error("it has only {0} bytes")]
    Short(u32),
    /// It does not begin as a JPEG file.
    #[error("its beginning (SOI) is missing")]
    NoBeginning,
    /// It does not end as a JPEG file.
    #[error("its end (EOI) is missing")]
    NoEnd,
    /// It has no frame header, or none that tells its size.
    #[error("its size (SOF0) is missing")]
    NoSize,
}

/// Why the bytes cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The printer sends video instead: X1, X2, P2 and H2 printers answer the login with 24 bytes, of which the third
    /// number is not 1.
    #[error("the printer serves no pictures at this port")]
    NotServed,
    /// A picture would be larger than any known camera's. Where the next one begins is unknown.
    #[error("a picture of {0} bytes is announced")]
    Long(u32),
    /// No picture could be shown for too long.
    #[error("{FLAWS_IN_A_ROW} pictures in a row could not be shown; of the last one, {0}")]
    Flawed(Flaw),
}

/// The reader of one connection's bytes.
#[derive(Debug, Default)]
pub struct PictureFramer {
    header: [u8; HEADER_BYTES],
    header_taken: usize,
    /// What has come of the current picture.
    body: Vec<u8>,
    /// How many bytes of it are still to come; `None` between two pictures.
    missing: Option<u32>,
    /// Whether anything but a header has been taken.
    is_begun: bool,
    flaws: u32,
}

impl PictureFramer {
    /// Takes bytes from the front of `bytes` up to the next thing that has come. Returns `None` once all are taken.
    ///
    /// # Errors
    /// Returns why the connection is of no further use.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Arrived>, PictureError> {
        match self.missing {
            None => self.take_header(bytes),
            Some(missing) => self.take_body(missing, bytes),
        }
    }

    /// Returns the memory that it takes.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.body.capacity()
    }

    fn take_header(&mut self, bytes: &mut &[u8]) -> Result<Option<Arrived>, PictureError> {
        let room = self.header.get_mut(self.header_taken..).unwrap_or_default();
        let taken = split(bytes, room.len());
        for (place, byte) in room.iter_mut().zip(taken) {
            *place = *byte;
        }
        self.header_taken += taken.len();
        if self.header_taken < HEADER_BYTES {
            return Ok(None);
        }
        self.header_taken = 0;
        let length = self.number(0);
        if length < LEAST_BYTES && self.is_refusal() {
            return Err(PictureError::NotServed);
        }
        if length > MOST_BYTES {
            return Err(PictureError::Long(length));
        }
        self.missing = Some(length);
        Ok(Some(Arrived::Header))
    }

    fn take_body(&mut self, missing: u32, bytes: &mut &[u8]) -> Result<Option<Arrived>, PictureError> {
        let (missing, have) = (missing as usize, self.body.len());
        let taken = split(bytes, missing);
        // As much again as has come: a picture that is only announced takes no memory.
        let room = have.max(taken.len()).min(missing);
        if self.body.capacity() - have < taken.len() {
            self.body.reserve_exact(room);
        }
        self.body.extend_from_slice(taken);
        let missing = missing - taken.len();
        if missing > 0 {
            self.missing = u32::try_from(missing).ok();
            return Ok(None);
        }
        self.missing = None;
        let body = std::mem::take(&mut self.body);
        let picture = picture(&body);
        if picture == Err(Flaw::NoBeginning) && self.is_refusal() {
            return Err(PictureError::NotServed);
        }
        self.is_begun = true;
        match picture {
            Ok(picture) => {
                self.flaws = 0;
                Ok(Some(Arrived::Picture(picture)))
            }
            Err(flaw) => {
                self.flaws += 1;
                if self.flaws == FLAWS_IN_A_ROW {
                    Err(PictureError::Flawed(flaw))
                } else {
                    Ok(Some(Arrived::Dropped(flaw)))
                }
            }
        }
    }

    /// Whether the header is that of the answer "not here", which only comes first. One client's author reports zeros in
    /// place of the 1 (P1S, firmware 01.10.00.00), so the number alone decides nothing.
    fn is_refusal(&self) -> bool {
        !self.is_begun && self.number(2) != 1
    }

    fn number(&self, index: usize) -> u32 {
        let number = self.header.chunks_exact(4).nth(index).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(number.unwrap_or_default())
    }
}

/// Takes at most `most` bytes from the front.
fn split<'a>(bytes: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(bytes.len().min(most));
    *bytes = rest;
    taken
}

/// Checks a whole picture. What precedes its beginning is left out.
fn picture(body: &[u8]) -> Result<Picture, Flaw> {
    if body.len() < LEAST_BYTES as usize {
        return Err(Flaw::Short(u32::try_from(body.len()).unwrap_or(u32::MAX)));
    }
    let front = body.get(..BEGINS_WITHIN).unwrap_or(body);
    let begins = front.windows(SOI.len()).position(|bytes| bytes == SOI).ok_or(Flaw::NoBeginning)?;
    let file = body.get(begins..).filter(|file| file.ends_with(EOI)).ok_or(Flaw::NoEnd)?;
    let size = size::size(file).ok_or(Flaw::NoSize)?;
    Ok(Picture { file: Arc::from(file), size })
}

#[cfg(test)]
mod tests;
