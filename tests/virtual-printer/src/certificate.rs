//! Certificates shaped like the printers' (RFC 5280): RSA-2048, `CN=<serial>`, signed by a private CA called "BBL CA",
//! by default X.509 version 1, which has neither extensions nor a SAN. Written in DER here, because the libraries
//! that make certificates make version 3 only.

use crate::behaviour::{Chain, Key, TlsManners, X509};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

const CA_KEY: &[u8] = include_bytes!("../keys/ca.der");
const FIRST_KEY: &[u8] = include_bytes!("../keys/first.der");
const SECOND_KEY: &[u8] = include_bytes!("../keys/second.der");

// Object identifiers, in DER.
const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0A];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];

// DER tags.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0C;
const PRINTABLE_STRING: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;

/// The chain and the key that the printer with this serial shows under these manners. The same arguments give the same
/// bytes, so that a client's pin holds across restarts.
pub(crate) fn certified_key(serial: &str, manners: &TlsManners) -> Result<CertifiedKey, CertificateError> {
    let leaf = leaf(serial, manners)?;
    let chain = match manners.chain {
        Chain::LeafAndCa => vec![leaf, ca()?],
        Chain::LeafOnly => vec![leaf],
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key_of(manners.key)));
    let key = any_supported_type(&key).map_err(|_| CertificateError)?;
    Ok(CertifiedKey::new(chain, key))
}

/// The printer's own certificate.
pub(crate) fn leaf(serial: &str, manners: &TlsManners) -> Result<CertificateDer<'static>, CertificateError> {
    let name = manners.common_name.as_deref().unwrap_or(serial);
    let subject = der(SEQUENCE, &[&attribute(COMMON_NAME, UTF8_STRING, name)]);
    // Any number does; this one is positive, and differs where the names differ.
    let number = [&[0x14][..], name.as_bytes()].concat();
    let is_ca = match manners.x509 {
        X509::V1 => None,
        X509::V3 => Some(false),
    };
    certificate(&number, &subject, key_of(manners.key), is_ca)
}

/// The CA's certificate, self-signed, version 3.
pub(crate) fn ca() -> Result<CertificateDer<'static>, CertificateError> {
    certificate(&[0x57, 0x51], &ca_name(), CA_KEY, Some(true))
}

/// A key or a name from which no certificate can be made.
#[derive(Debug)]
pub(crate) struct CertificateError;

fn key_of(key: Key) -> &'static [u8] {
    match key {
        Key::First => FIRST_KEY,
        Key::Second => SECOND_KEY,
    }
}

fn ca_name() -> Vec<u8> {
    der(
        SEQUENCE,
        &[
            &attribute(COUNTRY, PRINTABLE_STRING, "CN"),
            &attribute(ORGANIZATION, UTF8_STRING, "Virtual BBL Technologies"),
            &attribute(COMMON_NAME, UTF8_STRING, "BBL CA"),
        ],
    )
}

/// `is_ca` of `None` makes version 1: no version field, no extensions.
fn certificate(
    number: &[u8],
    subject: &[u8],
    subject_key: &[u8],
    is_ca: Option<bool>,
) -> Result<CertificateDer<'static>, CertificateError> {
    let algorithm = der(SEQUENCE, &[&der(OBJECT_ID, &[SHA256_WITH_RSA]), &[0x05, 0x00]]);
    // To the last year UTCTime can say: these are fixtures, and no test is about their age.
    let validity = der(SEQUENCE, &[&der(UTC_TIME, &[b"240325000000Z"]), &der(UTC_TIME, &[b"491231235959Z"])]);
    let version = is_ca.map(|_| der(VERSION, &[&der(INTEGER, &[&[2]])])).unwrap_or_default();
    let extensions = is_ca.map(basic_constraints).unwrap_or_default();
    let unsigned = der(
        SEQUENCE,
        &[
            &version,
            &der(INTEGER, &[number]),
            &algorithm,
            &ca_name(),
            &validity,
            subject,
            &public_key(subject_key)?,
            &extensions,
        ],
    );
    let signer = RsaKeyPair::from_pkcs8(CA_KEY).map_err(|_| CertificateError)?;
    let mut signature = vec![0; signer.public().modulus_len()];
    signer.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &unsigned, &mut signature).map_err(|_| CertificateError)?;
    let whole = der(SEQUENCE, &[&unsigned, &algorithm, &der(BIT_STRING, &[&[0], &signature])]);
    Ok(CertificateDer::from(whole))
}

fn public_key(pkcs8: &[u8]) -> Result<Vec<u8>, CertificateError> {
    let key = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| CertificateError)?;
    let algorithm = der(SEQUENCE, &[&der(OBJECT_ID, &[RSA_ENCRYPTION]), &[0x05, 0x00]]);
    Ok(der(SEQUENCE, &[&algorithm, &der(BIT_STRING, &[&[0], key.public_key().as_ref()])]))
}

fn basic_constraints(is_ca: bool) -> Vec<u8> {
    // FALSE is the default, and DER leaves defaults out.
    let constraints = if is_ca { der(SEQUENCE, &[&[0x01, 0x01, 0xFF]]) } else { der(SEQUENCE, &[]) };
    let extension = der(
        SEQUENCE,
        &[&der(OBJECT_ID, &[BASIC_CONSTRAINTS]), &[0x01, 0x01, 0xFF], &der(OCTET_STRING, &[&constraints])],
    );
    der(EXTENSIONS, &[&der(SEQUENCE, &[&extension])])
}

fn attribute(kind: &[u8], tag: u8, text: &str) -> Vec<u8> {
    der(SET, &[&der(SEQUENCE, &[&der(OBJECT_ID, &[kind]), &der(tag, &[text.as_bytes()])])])
}

/// Tag, length, the parts one after the other.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..=0x7F => out.push(length as u8),
        0x80..=0xFF => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// What OpenSSL, a foreign judge, reads in a certificate.
    fn openssl_reads(certificate: &CertificateDer<'_>) -> String {
        let mut openssl = Command::new("openssl")
            .args(["x509", "-inform", "DER", "-noout", "-text", "-nameopt", "RFC2253"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        openssl.stdin.take().unwrap().write_all(certificate).unwrap();
        String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap()
    }

    fn check(manners: &TlsManners, version: &str, subject: &str) {
        let text = openssl_reads(&leaf("00M09A000000001", manners).unwrap());
        for expected in [version, subject, "Issuer: CN=BBL CA,O=Virtual BBL Technologies,C=CN", "(2048 bit)"] {
            assert!(text.contains(expected), "no `{expected}` in {text}");
        }
        assert!(!text.contains("Alternative Name"), "{text}");
    }

    #[test]
    fn openssl_reads_the_leaf_like_a_printers() {
        check(&TlsManners::default(), "Version: 1 (0x0)", "Subject: CN=00M09A000000001");
        let v3 = TlsManners { x509: X509::V3, ..TlsManners::default() };
        check(&v3, "Version: 3 (0x2)", "Subject: CN=00M09A000000001");
        let other = TlsManners { common_name: Some("01P00A000000002".into()), ..TlsManners::default() };
        check(&other, "Version: 1 (0x0)", "Subject: CN=01P00A000000002");
    }

    #[test]
    fn the_ca_signed_the_leaf() {
        let directory = std::env::temp_dir().join(format!("virtual-printer-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("ca.der"), ca().unwrap()).unwrap();
        std::fs::write(directory.join("leaf.der"), leaf("00M09A000000001", &TlsManners::default()).unwrap()).unwrap();
        let openssl = |arguments: &str| {
            Command::new("openssl").args(arguments.split(' ')).current_dir(&directory).output().unwrap()
        };
        openssl("x509 -inform DER -in ca.der -out ca.pem");
        let verdict = openssl("verify -CAfile ca.pem leaf.der");
        std::fs::remove_dir_all(&directory).unwrap();
        assert!(verdict.status.success(), "{verdict:?}");
    }

    #[test]
    fn the_same_printer_shows_the_same_certificate_and_an_impostor_another() {
        let manners = TlsManners::default();
        let second = TlsManners { key: Key::Second, ..manners.clone() };
        assert_eq!(leaf("A", &manners).unwrap(), leaf("A", &manners).unwrap());
        assert_ne!(leaf("A", &manners).unwrap(), leaf("B", &manners).unwrap());
        assert_ne!(leaf("A", &manners).unwrap(), leaf("A", &second).unwrap());
    }
}
