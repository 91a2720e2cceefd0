//! Turns one key frame into a JPEG, for whoever cannot show an MP4. This is the only place where anything is decoded.
//!
//! ```text
//! NAL units ─► decode (the gate, rust_h264) ─► Planes ─► shrink ─► colour (JFIF) ─► jpeg
//! ```
//!
//! `docs/adr/0010-decoding.md` has the choice of the libraries and what was measured. This folder names no other module of
//! ours, so that `tests/judges/picture` can build it alone, for another processor too.

mod colour;
mod decode;
mod jpeg;
mod planes;

pub use colour::{Colour, Range};
pub use decode::{Decoded, decode};
pub use jpeg::{QUALITY, encode};
pub use planes::Planes;

/// The narrowest picture that can be asked for.
pub const NARROWEST: u16 = 16;

/// Why there is no picture of a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// It is larger than what is decoded here: in pixels, slices or bytes.
    TooLarge,
    /// It is interlaced, has more than 8 bits or other chroma than 4:2:0, or uses a rare tool of H.264.
    Unsupported,
    /// It violates H.264, or parts of it are missing.
    Damaged,
    /// It took too long.
    TooSlow,
}

/// Returns a JPEG of the key frame in `nals`, at most `width` pixels wide. `go_on` is asked between NAL units whether
/// there is time left.
///
/// # Errors
/// Why the key frame cannot be decoded.
pub fn of_key_frame<'a>(
    nals: impl Iterator<Item = &'a [u8]>,
    width: Option<u16>,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<u8>, Undecodable> {
    let Decoded { planes, colour } = decode(nals, go_on)?;
    let planes = match width {
        Some(width) => planes.shrink(width),
        None => planes,
    };
    encode(&colour.to_jfif(planes), QUALITY)
}

#[cfg(test)]
mod tests;
