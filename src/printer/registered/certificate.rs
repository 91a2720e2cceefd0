//! Reads three parts of a certificate (RFC 5280 section 4.1): the subject's common name, the public key, and the key's
//! algorithm.
//!
//! X1, P1 and A1 printers present X.509 **version 1** certificates, which webpki refuses to read at all. This parser
//! therefore needs no version, extension or date. It does not check who signed the certificate.

/// Far above real certificates: RSA-4096 with extensions has 1.6 KB.
const CERTIFICATE_BYTES: usize = 16 * 1024;
/// X.520's upper bound for a common name.
const COMMON_NAME_BYTES: usize = 64;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0] EXPLICIT`: the version, absent in version 1.
const VERSION: u8 = 0xa0;

/// 2.5.4.3
const ID_AT_COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The contents of a certificate, borrowed from its DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// The whole SubjectPublicKeyInfo.
    pub spki: &'a [u8],
    /// The content of its AlgorithmIdentifier.
    pub key_algorithm: &'a [u8],
    /// The bits of the key.
    pub key: &'a [u8],
    /// The last common name of the subject, if it is plain text.
    pub common_name: Option<&'a str>,
}

impl<'a> Certificate<'a> {
    /// Parses a certificate; returns `None` if it is not one.
    pub fn parse(der: &'a [u8]) -> Option<Self> {
        if der.len() > CERTIFICATE_BYTES {
            return None;
        }
        // Certificate ::= SEQUENCE { TBSCertificate, signatureAlgorithm, signature }
        // TBSCertificate ::= SEQUENCE { [0] version?, serial, signature, issuer, validity, subject, spki, … }
        let mut tbs = Der(Der(Der(der).take(SEQUENCE)?.content).take(SEQUENCE)?.content);
        let _version = tbs.take(VERSION);
        tbs.take(INTEGER)?;
        for _signature_issuer_validity in 0..3 {
            tbs.take(SEQUENCE)?;
        }
        let subject = tbs.take(SEQUENCE)?;
        let spki = tbs.take(SEQUENCE)?;
        let mut info = Der(spki.content);
        let key_algorithm = info.take(SEQUENCE)?.content;
        let (unused_bits, key) = info.take(BIT_STRING)?.content.split_first()?;
        let common_name = common_name(subject.content)?;
        (*unused_bits == 0).then_some(Self { spki: spki.whole, key_algorithm, key, common_name })
    }

    /// Returns the length of the modulus in bits if the key is RSA.
    pub fn rsa_bits(&self) -> Option<usize> {
        if Der(self.key_algorithm).take(OID)?.content != RSA_ENCRYPTION {
            return None;
        }
        // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
        let modulus = Der(Der(self.key).take(SEQUENCE)?.content).take(INTEGER)?.content;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let first = modulus.get(zeros)?;
        Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
    }
}

/// Name ::= SEQUENCE OF SET OF SEQUENCE { type OID, value }. The outer `None` means malformed, the inner one no common
/// name.
fn common_name(subject: &[u8]) -> Option<Option<&str>> {
    let mut names = Der(subject);
    let mut found = None;
    while !names.0.is_empty() {
        let mut attributes = Der(names.take(SET)?.content);
        while !attributes.0.is_empty() {
            let mut attribute = Der(attributes.take(SEQUENCE)?.content);
            let is_common_name = attribute.take(OID)?.content == ID_AT_COMMON_NAME;
            let value = attribute.any()?.1.content;
            if is_common_name {
                found = plain_text(value);
            }
        }
    }
    Some(found)
}

/// Accepts only text that can be logged unchanged.
fn plain_text(value: &[u8]) -> Option<&str> {
    let plain = value.len() <= COMMON_NAME_BYTES && value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    std::str::from_utf8(value).ok().filter(|_| plain)
}

/// One element: `whole` includes tag and length, `content` does not.
struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

/// The rest of a DER text (X.690). Only low tag numbers and definite lengths are supported.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Takes the next element if it has this tag; otherwise consumes nothing.
    fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.any().map(|(_, element)| element) } else { None }
    }

    fn any(&mut self) -> Option<(u8, Element<'a>)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // 0x80 is BER's indefinite length; four length bytes would exceed our size limit.
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - rest.len())?;
        self.0 = rest;
        Some((tag, Element { whole, content }))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut der = match length {
            0..128 => vec![tag, u8::try_from(length).unwrap()],
            _ => vec![tag, 0x82, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 0xff).unwrap()],
        };
        der.extend_from_slice(content);
        der
    }

    fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
        element(SEQUENCE, &elements.concat())
    }

    fn name(common_names: &[&str]) -> Vec<u8> {
        let attribute =
            |text: &&str| element(SET, &sequence(&[element(OID, ID_AT_COMMON_NAME), element(0x0c, text.as_bytes())]));
        let country = element(SET, &sequence(&[element(OID, &[0x55, 4, 6]), element(0x13, b"CN")]));
        sequence(&[vec![country], common_names.iter().map(attribute).collect()].concat())
    }

    /// Returns a certificate with an RSA key of `rsa_bits` bits. Its signature is never checked.
    pub fn certificate(version: Option<u8>, common_names: &[&str], rsa_bits: usize) -> Vec<u8> {
        let mut modulus = vec![0xff; rsa_bits / 8];
        modulus.insert(0, 0);
        let key = sequence(&[element(INTEGER, &modulus), element(INTEGER, &[1, 0, 1])]);
        let rsa = sequence(&[element(OID, RSA_ENCRYPTION), element(5, &[])]);
        let spki = sequence(&[rsa.clone(), element(BIT_STRING, &[vec![0], key].concat())]);
        let validity = sequence(&[element(0x17, b"240325000000Z"), element(0x17, b"340323000000Z")]);
        let mut tbs =
            vec![element(INTEGER, &[0x80, 1]), rsa.clone(), name(&["BBL CA"]), validity, name(common_names), spki];
        if let Some(version) = version {
            tbs.insert(0, element(VERSION, &element(INTEGER, &[version])));
        }
        sequence(&[sequence(&tbs), rsa, element(BIT_STRING, &[0; 257])])
    }

    #[test]
    fn name_and_key_are_read_from_version_1_and_3() {
        for version in [None, Some(2)] {
            let der = certificate(version, &["00M09A000000001"], 2048);
            let read = Certificate::parse(&der).expect("sound");
            assert_eq!((read.common_name, read.rsa_bits()), (Some("00M09A000000001"), Some(2048)));
        }
    }

    #[test]
    fn the_last_common_name_counts_and_an_unreadable_one_does_not() {
        let check = |names: &[&str], expected| {
            assert_eq!(Certificate::parse(&certificate(None, names, 1024)).expect("sound").common_name, expected);
        };
        check(&["first", "last"], Some("last"));
        check(&[], None);
        check(&["a\nb"], None);
        check(&["00M09A000000001", "\u{202e}"], None);
        check(&["a".repeat(65).as_str()], None);
    }

    #[test]
    fn other_bytes_are_no_certificate() {
        let sound = certificate(Some(2), &["00M09A000000001"], 2048);
        assert!(Certificate::parse(&[]).is_none());
        assert!(Certificate::parse(&[SEQUENCE, 0x80, 0, 0]).is_none());
        assert!(Certificate::parse(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]).is_none());
        assert!(Certificate::parse(&element(SEQUENCE, &vec![0; CERTIFICATE_BYTES])).is_none());
        for end in 0..sound.len() {
            assert!(Certificate::parse(&sound[..end]).is_none(), "cut after {end} bytes");
        }
    }

    proptest! {
        #[test]
        fn a_flipped_byte_never_causes_a_panic(at in 0usize..800, with in any::<u8>()) {
            let mut der = certificate(None, &["00M09A000000001"], 2048);
            if let Some(byte) = der.get_mut(at) {
                *byte = with;
            }
            if let Some(read) = Certificate::parse(&der) {
                let _ = read.rsa_bits();
            }
        }
    }
}
