//! The client's only message: 80 bytes, right after the handshake. Numbers are little-endian.

pub(super) const LENGTH: usize = 80;

/// The length of what follows the first 16 bytes, and the kind of message.
const HEAD: [u8; 16] = [64, 0, 0, 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Whether these bytes are a login as `bblp` with this code.
pub(super) fn is_right(login: &[u8; LENGTH], code: &str) -> bool {
    let (head, names) = login.split_at(HEAD.len());
    let (user, password) = names.split_at(32);
    head == HEAD && text(user) == b"bblp" && text(password) == code.as_bytes()
}

/// Without the NULs behind it.
fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_message_is_right() {
        let mut login = [0; LENGTH];
        login[..16].copy_from_slice(&HEAD);
        login[16..20].copy_from_slice(b"bblp");
        login[48..56].copy_from_slice(b"12345678");
        assert!(is_right(&login, "12345678") && !is_right(&login, "1234567") && !is_right(&login, ""));
        for at in [0, 5, 15, 16, 19, 48, 56] {
            let mut other = login;
            other[at] ^= 1;
            assert!(!is_right(&other, "12345678"), "{at}");
        }
    }
}
