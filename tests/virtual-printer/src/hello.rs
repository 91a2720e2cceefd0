//! The one thing about a ClientHello (RFC 8446, 4.1.2) that rustls does not tell: whether TLS 1.3 is in its
//! supported_versions. The cipher suites do not say so: a rustls client for TLS 1.2 only lists those of 1.3 as well.

const SUPPORTED_VERSIONS: u16 = 43;
const TLS13: [u8; 2] = [0x03, 0x04];

/// Whether the ClientHello in this TLS record offers TLS 1.3.
pub(crate) fn offers_tls13(record: &[u8]) -> bool {
    versions(record).is_some_and(|versions| versions.chunks_exact(2).any(|version| version == TLS13))
}

fn versions(record: &[u8]) -> Option<&[u8]> {
    // Record header, handshake header, legacy version, random.
    let mut rest = record.get(5 + 4 + 2 + 32..)?;
    vector(&mut rest, 1)?; // session id
    vector(&mut rest, 2)?; // cipher suites
    vector(&mut rest, 1)?; // compression methods
    let mut extensions = vector(&mut rest, 2)?;
    loop {
        let (kind, after) = extensions.split_first_chunk::<2>()?;
        extensions = after;
        let mut body = vector(&mut extensions, 2)?;
        if u16::from_be_bytes(*kind) == SUPPORTED_VERSIONS {
            return vector(&mut body, 1);
        }
    }
}

/// Takes a vector whose length is written before it in so many bytes.
fn vector<'a>(rest: &mut &'a [u8], length_bytes: usize) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(length_bytes)?;
    let length = length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let (vector, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let head = [0; 5 + 4 + 2 + 32];
        let lists = [1, 0xAB, 0, 2, 0x13, 0x01, 1, 0, 0, extensions.len() as u8];
        [&head[..], &lists, extensions].concat()
    }

    #[test]
    fn only_the_supported_versions_count() {
        for (extensions, offers) in [
            (&[0, 0, 0, 1, 7, 0, 43, 0, 5, 4, 3, 4, 3, 3][..], true),
            (&[0, 43, 0, 3, 2, 3, 3], false),
            (&[0, 51, 0, 2, 3, 4], false),
            (&[], false),
            (&[0, 43, 0, 9, 2, 3, 4], false),
        ] {
            assert_eq!(offers_tls13(&hello(extensions)), offers, "{extensions:?}");
        }
        assert!(!offers_tls13(b"OPTIONS"));
    }
}
