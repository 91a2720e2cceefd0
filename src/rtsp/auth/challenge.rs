//! The WWW-Authenticate header (RFC 7235 §4.1). Cameras follow its grammar loosely: several challenges in one header,
//! missing commas, spaces around `=`, values with or without quotes.

use md5::{Digest, Md5};
use sha2::Sha256;

/// The most challenges that are read from one header.
const CHALLENGES: usize = 8;

/// A way to authenticate that this client supports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Digest, if the challenge has realm and nonce and a known algorithm.
    Digest(DigestChallenge),
    /// Basic, which sends the password itself.
    Basic,
}

/// A Digest challenge. Values are kept as they were between their quotes, including escapes, because they are sent back
/// that way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    /// The realm that the password is for.
    pub realm: Vec<u8>,
    /// The nonce, which makes an answer valid only once.
    pub nonce: Vec<u8>,
    /// Sent back if it was present.
    pub opaque: Option<Vec<u8>>,
    /// The algorithm as it was written; sent back if it was present.
    pub algorithm: Option<Vec<u8>>,
    /// The algorithm's hash function.
    pub hash: Hash,
    /// Whether it is one of the `-sess` algorithms.
    pub session: bool,
    /// The part of the request that is hashed.
    pub quality: Quality,
    /// Whether the password was right and only the nonce was old.
    pub stale: bool,
}

/// The hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5, which cameras use.
    Md5,
    /// SHA-256, which newer cameras (Dahua) offer first.
    Sha256,
}

/// The quality of protection (`qop`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Not offered.
    None,
    /// `auth`: method and address, with a counter.
    Auth,
}

impl Hash {
    /// Returns the hash in lower-case hexadecimal digits, as Digest chains them.
    pub fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha256 => hex(&Sha256::digest(bytes)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Challenge {
    /// Returns the supported challenges of one header value, in order.
    pub fn parse_all(value: &[u8]) -> Vec<Self> {
        let mut reader = Reader(value);
        let mut found: Vec<(Vec<u8>, Parameters)> = Vec::new();
        while let Some(item) = reader.item() {
            match item {
                Item::Scheme(scheme) if found.len() < CHALLENGES => found.push((scheme, Vec::new())),
                Item::Scheme(_) => break,
                Item::Parameter(name, value) => {
                    if let Some((_, parameters)) = found.last_mut() {
                        parameters.push((name, value));
                    }
                }
            }
        }
        found.into_iter().filter_map(|(scheme, parameters)| Self::of(&scheme, &parameters)).collect()
    }

    fn of(scheme: &[u8], parameters: &Parameters) -> Option<Self> {
        if scheme.eq_ignore_ascii_case(b"Basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case(b"Digest") {
            return None;
        }
        let get = |name: &[u8]| parameters.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, v)| v);
        let algorithm = get(b"algorithm").filter(|name| !name.is_empty());
        let (hash, session) = match algorithm.map(|name| name.to_ascii_uppercase()).as_deref() {
            None | Some(b"MD5") => (Hash::Md5, false),
            Some(b"MD5-SESS") => (Hash::Md5, true),
            Some(b"SHA-256") => (Hash::Sha256, false),
            Some(b"SHA-256-SESS") => (Hash::Sha256, true),
            Some(_) => return None,
        };
        let quality = match get(b"qop").map(|list| list.trim_ascii()) {
            None | Some(b"") => Quality::None,
            Some(list) => {
                let mut words = list.split(|byte| matches!(byte, b',' | b' '));
                words.any(|word| word.eq_ignore_ascii_case(b"auth")).then_some(Quality::Auth)?
            }
        };
        Some(Self::Digest(DigestChallenge {
            realm: get(b"realm").cloned().unwrap_or_default(),
            nonce: get(b"nonce")?.clone(),
            opaque: get(b"opaque").cloned(),
            algorithm: algorithm.cloned(),
            hash,
            session,
            quality,
            stale: get(b"stale").is_some_and(|value| value.eq_ignore_ascii_case(b"true")),
        }))
    }
}

type Parameters = Vec<(Vec<u8>, Vec<u8>)>;

/// Returns the value of a quoted string: a backslash makes the next byte literal. This form is hashed.
pub fn unescaped(quoted: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        plain.extend(if *byte == b'\\' { bytes.next() } else { Some(byte) });
    }
    plain
}

/// A piece of a header value.
enum Item {
    Scheme(Vec<u8>),
    Parameter(Vec<u8>, Vec<u8>),
}

/// The rest of a header value.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the next item. A word is a parameter if `=` follows it, otherwise the scheme of a new challenge. This
    /// allows missing commas.
    fn item(&mut self) -> Option<Item> {
        self.while_any(|byte| matches!(byte, b' ' | b',' | b'=' | b'"'));
        let word = self.token();
        if word.is_empty() {
            return None;
        }
        self.spaces();
        let Some(rest) = self.0.strip_prefix(b"=") else { return Some(Item::Scheme(word.to_vec())) };
        self.0 = rest;
        self.spaces();
        let value = match self.0.strip_prefix(b"\"") {
            Some(rest) => {
                self.0 = rest;
                self.quoted()
            }
            None => self.token(),
        };
        Some(Item::Parameter(word.to_vec(), value.to_vec()))
    }

    fn token(&mut self) -> &'a [u8] {
        self.while_any(|byte| !matches!(byte, b' ' | b',' | b'=' | b'"'))
    }

    fn spaces(&mut self) {
        self.while_any(|byte| byte == b' ');
    }

    /// Reads up to the closing quote and consumes it. If it is missing, reads to the end.
    fn quoted(&mut self) -> &'a [u8] {
        let mut escaped = false;
        let value = self.while_any(|byte| {
            let inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            inside
        });
        self.0 = self.0.get(1..).unwrap_or_default();
        // A backslash that escapes nothing would escape our own closing quote.
        if escaped { value.get(..value.len().saturating_sub(1)).unwrap_or_default() } else { value }
    }

    fn while_any(&mut self, mut wanted: impl FnMut(u8) -> bool) -> &'a [u8] {
        let length = self.0.iter().position(|byte| !wanted(*byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(value: &str) -> DigestChallenge {
        match Challenge::parse_all(value.as_bytes()).into_iter().next() {
            Some(Challenge::Digest(digest)) => digest,
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn the_challenges_of_three_servers_are_read() {
        let live555 = digest(r#"Digest realm="LIVE555 Streaming Media", nonce="0123456789abcdef0123456789abcdef""#);
        assert_eq!(live555.realm, b"LIVE555 Streaming Media");
        assert_eq!(live555.nonce, b"0123456789abcdef0123456789abcdef");
        assert_eq!((live555.hash, live555.session, live555.quality), (Hash::Md5, false, Quality::None));
        assert_eq!((live555.opaque, live555.algorithm, live555.stale), (None, None, false));
        assert_eq!(digest(r#"Digest realm="GStreamer RTSP Server", nonce="0123456789abcdef""#).quality, Quality::None);
        assert_eq!(digest(r#"Digest realm="ipcam", nonce="00", algorithm="MD5""#).algorithm, Some(b"MD5".to_vec()));
    }

    #[test]
    fn loosely_written_challenges_are_read_too() {
        for value in [
            r#"Digest realm="a, b=c", nonce="n", opaque="o", qop="auth,auth-int", stale=TRUE, algorithm=md5-sess"#,
            r#"digest Realm="a, b=c" NONCE="n" opaque="o" qop="auth-int, auth" Stale="true" algorithm="md5-sess""#,
            r#"Digest realm = "a, b=c" ,, nonce = n , opaque=o, qop=auth, stale=true, algorithm=md5-sess,"#,
            r#"Digest qop="auth", algorithm=md5-sess, stale=true, opaque="o", nonce="n", realm="a, b=c"#,
        ] {
            let read = digest(value);
            assert_eq!((read.realm.as_slice(), read.nonce.as_slice()), (&b"a, b=c"[..], &b"n"[..]), "{value}");
            assert_eq!((read.opaque.as_deref(), read.algorithm.as_deref()), (Some(&b"o"[..]), Some(&b"md5-sess"[..])));
            assert_eq!((read.quality, read.session, read.stale), (Quality::Auth, true, true), "{value}");
        }
    }

    #[test]
    fn several_challenges_in_one_header_are_separated() {
        let all =
            r#"Basic realm="x", Digest realm="a" nonce="1" algorithm=SHA-256, Negotiate dG9rZW4=, Digest nonce=2"#;
        let read = Challenge::parse_all(all.as_bytes());
        let [Challenge::Basic, Challenge::Digest(first), Challenge::Digest(second)] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!((first.nonce.as_slice(), first.hash), (&b"1"[..], Hash::Sha256));
        assert_eq!((second.nonce.as_slice(), second.hash, second.realm.len()), (&b"2"[..], Hash::Md5, 0));
    }

    #[test]
    fn unsupported_schemes_are_ignored() {
        for value in [
            "",
            "Bearer",
            r#"Digest realm="no nonce""#,
            r#"Digest nonce="1", qop="auth-int""#,
            r#"Digest nonce="1", algorithm=SHA-512-256"#,
            "=\"=,\"",
        ] {
            assert_eq!(Challenge::parse_all(value.as_bytes()), [], "{value}");
        }
    }

    #[test]
    fn escapes_are_sent_back_as_received_and_resolved_for_the_hash() {
        let read = digest(r#"Digest realm="a \"b\" \\c", nonce="n\"#);
        assert_eq!(read.realm, br#"a \"b\" \\c"#);
        assert_eq!(unescaped(&read.realm), br#"a "b" \c"#);
        assert_eq!(read.nonce, b"n", "a lone backslash at the end cannot escape our own quote");
    }

    #[test]
    fn a_header_full_of_challenges_is_read_to_a_bound() {
        assert_eq!(Challenge::parse_all(&b"Basic ".repeat(2000)).len(), CHALLENGES);
    }
}
