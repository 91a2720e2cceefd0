//! The pictures of cameras that send no video: A1, A1 mini, A2L, P1P and P1S, TLS on port 6000.
//!
//! ```text
//! to the camera:    | 64 | 0x3000 | 0 | 0 | user, 32 bytes | access code, 32 bytes |     once
//! from the camera:  | length | 0 | 1 | 0 | length bytes of JPEG |                        again and again
//! ```
//!
//! Each number has four bytes, little-endian. The camera answers a wrong code by closing the connection, and a right one
//! with its first picture; nothing else is ever sent. An A2L was measured to send exactly this.

mod framer;
mod size;

pub use framer::{Arrived, Flaw, PictureError, PictureFramer};

use crate::base::secret::Secret;
use std::sync::Arc;

/// The length of the login.
pub const LOGIN_BYTES: usize = 80;

/// User and access code each have this much room, filled up with zeros.
const FIELD_BYTES: usize = 32;

/// One whole picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The JPEG file.
    pub file: Arc<[u8]>,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// Returns the login, which is sent in one write.
#[must_use]
pub fn login(user: &str, code: &Secret) -> [u8; LOGIN_BYTES] {
    let mut login = [0; LOGIN_BYTES];
    let (head, fields) = login.split_at_mut(LOGIN_BYTES - 2 * FIELD_BYTES);
    for (place, number) in head.chunks_exact_mut(4).zip([64, 0x3000, 0, 0_u32]) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    for (field, text) in fields.chunks_exact_mut(FIELD_BYTES).zip([user, code.expose()]) {
        for (place, byte) in field.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
    }
    login
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_has_80_bytes_and_holds_user_and_code() {
        let login = login("bblp", &Secret::new("12345678"));
        let expected =
            [b"\x40\0\0\0\0\x30\0\0\0\0\0\0\0\0\0\0bblp".as_slice(), &[0; 28], b"12345678", &[0; 24]].concat();
        assert_eq!(login.as_slice(), expected);
        let long = super::login(&"u".repeat(40), &Secret::new("c".repeat(40)));
        assert_eq!(long[16..].to_vec(), [[b'u'; 32], [b'c'; 32]].concat());
    }
}
