//! Which certificate is this printer's.
//!
//! Printers have no name that a public authority could sign. Their certificates say `CN=<serial>`, signed by private
//! roots of which not all are published, and some printers do not send the chain. So, in this order:
//!
//! 1. A pinned certificate (the one seen at the first connection) must come again, byte for byte.
//! 2. Without a pin, the common name must be the serial. The caller pins what was accepted.
//! 3. A plain camera has no serial: its certificate is accepted by its fingerprint alone. Without one it is looked at,
//!    so that a person can be told the fingerprint, and refused.
//!
//! Not looked at: dates (a Raspberry Pi starts in 1970, printers are not renewed) and the chain. That the peer holds
//! the certificate's key is checked where the handshake is, in `net::tls`.

use crate::printer::{Serial, certificate::Certificate};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of a certificate's DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of this certificate.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Reads 64 hex digits in either case, with or without colons, as browsers and openssl print them.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut digits = typed.trim().chars().filter(|c| *c != ':').map(|c| c.to_digit(16));
        let mut bytes = [0; 32];
        for byte in &mut bytes {
            *byte = u8::try_from(digits.next()?? << 4 | digits.next()??).ok()?;
        }
        digits.next().is_none().then_some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whom we expect at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The printer of this serial, with the certificate it showed the first time.
    Printer {
        /// Also the server name in the ClientHello.
        serial: Serial,
        /// `None` before the first connection.
        pin: Option<Fingerprint>,
    },
    /// A camera that is known by its certificate only.
    Camera {
        /// As configured.
        fingerprint: Fingerprint,
    },
    /// A camera for whose certificate nobody has vouched.
    Stranger,
}

/// Why a certificate was not accepted. Nothing but a ClientHello has left by then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("the certificate is not readable")]
    Unreadable,
    /// Its RSA key is shorter than TLS libraries take, or absurdly long.
    #[error("the certificate's RSA key has {bits} bits")]
    KeySize {
        /// As presented.
        bits: usize,
    },
    /// The peer showed it but could not sign with its key.
    #[error("the peer does not hold the certificate's key")]
    KeyNotHeld,
    /// First contact, and it names somebody else.
    #[error("the certificate names {}, not {expected}", name_or_none(.seen.as_ref()))]
    OtherSerial {
        /// The printer's.
        expected: Serial,
        /// The certificate's common name.
        seen: Option<String>,
        /// What would allow it as a plain camera's.
        fingerprint: Fingerprint,
    },
    /// Not the certificate that was pinned.
    #[error("the certificate (of {}) is not the pinned one of {serial}", name_or_none(.seen.as_ref()))]
    Changed {
        /// The printer's.
        serial: Serial,
        /// The certificate's common name.
        seen: Option<String>,
    },
    /// Not the camera's certificate.
    #[error("the certificate's SHA-256 is {seen}, not {expected}")]
    OtherFingerprint {
        /// As configured.
        expected: Fingerprint,
        /// As presented.
        seen: Fingerprint,
    },
    /// A camera's certificate, and no fingerprint to compare it with.
    #[error("the certificate's SHA-256 is {seen}, and nobody has vouched for it")]
    Stranger {
        /// As presented.
        seen: Fingerprint,
    },
}

/// RSA key sizes that TLS (and `ring`) take.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

impl Identity {
    /// Decides about the certificate `der`; gives its fingerprint, which is to be pinned if none is yet.
    ///
    /// # Errors
    /// When it is somebody else's, or not fit to be anybody's.
    pub fn accept(&self, der: &[u8]) -> Result<Fingerprint, Refusal> {
        let certificate = Certificate::parse(der).ok_or(Refusal::Unreadable)?;
        let fingerprint = Fingerprint::of(der);
        let name = certificate.common_name;
        match self {
            Self::Camera { fingerprint: expected } if *expected != fingerprint => {
                return Err(Refusal::OtherFingerprint { expected: *expected, seen: fingerprint });
            }
            Self::Printer { serial, pin: Some(pin) } if *pin != fingerprint => {
                return Err(Refusal::Changed { serial: serial.clone(), seen: name.map(str::to_owned) });
            }
            Self::Printer { serial, pin: None } if name != Some(serial.as_str()) => {
                return Err(Refusal::OtherSerial {
                    expected: serial.clone(),
                    seen: name.map(str::to_owned),
                    fingerprint,
                });
            }
            Self::Stranger => return Err(Refusal::Stranger { seen: fingerprint }),
            Self::Camera { .. } | Self::Printer { .. } => {}
        }
        match certificate.rsa_bits() {
            Some(bits) if !RSA_BITS.contains(&bits) => Err(Refusal::KeySize { bits }),
            _ => Ok(fingerprint),
        }
    }
}

impl Refusal {
    /// The serial number of the printer that has answered, where it is another one.
    #[must_use]
    pub fn found_serial(&self) -> Option<Serial> {
        match self {
            Self::OtherSerial { expected: ours, seen: Some(name), .. }
            | Self::Changed { serial: ours, seen: Some(name) } => {
                Serial::parse(name).filter(|serial| serial.as_str() == name && serial != ours)
            }
            _ => None,
        }
    }

    /// The fingerprint that the camera's certificate has, where another one was expected or none.
    #[must_use]
    pub fn found_fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::OtherFingerprint { seen, .. } | Self::Stranger { seen } => Some(*seen),
            _ => None,
        }
    }

    /// Whether the printer shows another certificate than the one seen first: a person has to accept it.
    #[must_use]
    pub fn is_changed_certificate(&self) -> bool {
        matches!(self, Self::Changed { .. })
    }

    /// One sentence or two for the person: what happened, what to do. `at` is where it answered.
    #[must_use]
    pub fn sentence(&self, at: &str) -> String {
        match self {
            Self::Unreadable => {
                format!("What answers at {at} has no readable certificate, so it is not a printer; check the address.")
            }
            Self::KeySize { bits } => format!(
                "The certificate at {at} has an RSA key of {bits} bits, which cannot be trusted; a newer firmware of \
                 the device may bring a better one."
            ),
            Self::KeyNotHeld => format!(
                "The device at {at} shows a certificate whose key it does not have: it is not the printer, or \
                 somebody stands in between. Nothing was sent to it."
            ),
            Self::OtherSerial { expected, seen: Some(seen), .. } if Serial::parse(seen).is_some() => format!(
                "The device at {at} says it is {seen}, not {expected}; correct the address or the serial number."
            ),
            Self::OtherSerial { expected, fingerprint, .. } => format!(
                "The device at {at} does not say that it is {expected}; check the address, or, if it is a camera and \
                 no printer, set its camera fingerprint to {fingerprint}."
            ),
            Self::Changed { serial, seen } => {
                let named = seen.as_ref().filter(|seen| *seen != serial.as_str());
                let named = named.map_or_else(String::new, |seen| format!(" (it says it is {seen})"));
                format!(
                    "The printer's identity changed: a new mainboard, or another device{named}, answers at {at}. \
                     Nothing was sent to it. If this is right, accept the new certificate; the page has a button for that."
                )
            }
            Self::Stranger { seen } => format!(
                "The camera at {at} shows a certificate that is not known here; nothing was sent to it. If it is this \
                 camera's, set the camera fingerprint to {seen}."
            ),
            Self::OtherFingerprint { seen, .. } => format!(
                "The camera at {at} has another certificate than the one allowed; if this is right, set the camera \
                 fingerprint to {seen}."
            ),
        }
    }
}

fn name_or_none(name: Option<&String>) -> &str {
    name.map_or("nobody", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::certificate::tests::certificate;

    const SERIAL: &str = "00M09A000000001";

    fn printer(pin: Option<Fingerprint>) -> Identity {
        Identity::Printer { serial: Serial::parse(SERIAL).unwrap(), pin }
    }

    #[test]
    fn at_first_the_common_name_decides_and_later_the_pin_alone() {
        let own = certificate(None, &[SERIAL], 2048);
        let renewed = certificate(Some(2), &[SERIAL], 2048);
        let other = certificate(None, &["01P00A000000009"], 2048);
        let pin = printer(None).accept(&own).expect("its own");
        assert_eq!(pin, Fingerprint::of(&own));
        assert_eq!(printer(Some(pin)).accept(&own), Ok(pin));
        assert!(matches!(printer(Some(pin)).accept(&renewed), Err(Refusal::Changed { .. })));
        assert!(matches!(printer(Some(pin)).accept(&other), Err(Refusal::Changed { .. })));
        assert!(matches!(printer(None).accept(&other), Err(Refusal::OtherSerial { seen: Some(_), .. })));
        assert!(matches!(printer(None).accept(&certificate(None, &[], 2048)), Err(Refusal::OtherSerial { .. })));
        assert!(printer(None).accept(&certificate(None, &["00m09a000000001"], 2048)).is_err());
    }

    #[test]
    fn a_plain_camera_is_known_by_its_fingerprint_whatever_its_name() {
        let der = certificate(Some(2), &["Unifi"], 2048);
        let fingerprint = Fingerprint::of(&der);
        assert_eq!(Identity::Camera { fingerprint }.accept(&der), Ok(fingerprint));
        let stranger = Identity::Camera { fingerprint: Fingerprint([1; 32]) };
        let refused = stranger.accept(&der).unwrap_err();
        assert!(matches!(refused, Refusal::OtherFingerprint { .. }));
        assert_eq!(refused.found_fingerprint(), Some(fingerprint));
    }

    #[test]
    fn a_camera_that_nobody_has_vouched_for_is_refused_with_its_fingerprint() {
        let der = certificate(Some(2), &["Unifi"], 2048);
        let refused = Identity::Stranger.accept(&der).unwrap_err();
        let fingerprint = Fingerprint::of(&der);
        assert_eq!(refused, Refusal::Stranger { seen: fingerprint });
        let sentence = refused.sentence("cam.local:322");
        assert!(sentence.contains(&fingerprint.to_string()) && sentence.contains("cam.local:322"), "{sentence}");
    }

    #[test]
    fn a_certificate_that_cannot_be_trusted_is_refused_whoever_it_names() {
        let short = certificate(None, &[SERIAL], 1024);
        assert_eq!(printer(None).accept(&short), Err(Refusal::KeySize { bits: 1024 }));
        assert_eq!(printer(None).accept(b"garbage"), Err(Refusal::Unreadable));
    }

    #[test]
    fn the_sentence_for_a_changed_identity_tells_how_to_accept_it() {
        let refusal = Refusal::Changed { serial: Serial::parse(SERIAL).unwrap(), seen: Some("01P00A000000009".into()) };
        let sentence = refusal.sentence("192.168.1.10");
        for part in
            ["identity changed", "new mainboard", "01P00A000000009", "192.168.1.10", "accept the new certificate"]
        {
            assert!(sentence.contains(part), "{sentence}");
        }
    }

    #[test]
    fn a_fingerprint_is_read_with_and_without_colons() {
        let own = Fingerprint([0xab; 32]);
        assert_eq!(Fingerprint::parse(&own.to_string()), Some(own));
        assert_eq!(Fingerprint::parse(&vec!["AB"; 32].join(":")), Some(own));
        for wrong in ["", "ab", &"ab".repeat(33), &"gg".repeat(32), &"ab".repeat(31)] {
            assert_eq!(Fingerprint::parse(wrong), None);
        }
    }
}
