//! Decides whether a certificate belongs to the expected printer.
//!
//! Printers have no name that a public authority could sign. Their certificates say `CN=<serial>`, signed by private
//! roots. Not all of these roots are published, and some printers do not send the chain. The rules, in this order:
//!
//!  1. A pinned certificate (the one seen at the first connection) must come again, byte for byte.
//!  2. Without a pin, the common name must be the serial. The caller pins what was accepted.
//!  3. A plain camera has no serial: its certificate is accepted by its fingerprint alone. Without a configured
//!     fingerprint it is refused, after reading the fingerprint to show it to a person.
//!
//!  4. Somebody who only wants to know who is there accepts every certificate whose common name is a serial number.
//!
//! Two things are not checked: dates, because a Raspberry Pi starts in 1970 and printers' certificates are not renewed,
//! and the chain. `net::tls` checks during the handshake that the peer holds the certificate's key.

use crate::printer::{Serial, certificate::Certificate};
use sha2::{Digest, Sha256};
use std::fmt;

/// SHA-256 of a certificate's DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Computes the fingerprint of a certificate.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }

    /// Parses 64 hex digits in either case, with or without colons, as browsers and openssl print them.
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

/// The expected peer of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The printer with this serial, and its pinned certificate.
    Printer {
        /// Also the server name in the ClientHello.
        serial: Serial,
        /// `None` before the first connection.
        pin: Option<Fingerprint>,
    },
    /// A camera that is identified by its certificate only.
    Camera {
        /// The fingerprint as configured.
        fingerprint: Fingerprint,
    },
    /// A camera without a configured fingerprint.
    Stranger,
    /// Any printer. It is asked who it is, and gets nothing beyond the ClientHello.
    AnyPrinter,
}

/// Why a certificate was not accepted. Only a ClientHello has been sent by then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The certificate cannot be parsed.
    #[error("the certificate is not readable")]
    Unreadable,
    /// The RSA key is shorter than TLS libraries accept, or absurdly long.
    #[error("the certificate's RSA key has {bits} bits")]
    KeySize {
        /// The size of the presented key.
        bits: usize,
    },
    /// The peer showed the certificate but could not sign with its key.
    #[error("the peer does not hold the certificate's key")]
    KeyNotHeld,
    /// At first contact, the certificate names another printer.
    #[error("the certificate names {}, not {expected}", name_or_none(.seen.as_ref()))]
    OtherSerial {
        /// The serial of the expected printer.
        expected: Serial,
        /// The certificate's common name.
        seen: Option<String>,
        /// The fingerprint that would allow it as a plain camera's certificate.
        fingerprint: Fingerprint,
    },
    /// The certificate is not the pinned one.
    #[error("the certificate (of {}) is not the pinned one of {serial}", name_or_none(.seen.as_ref()))]
    Changed {
        /// The serial of the expected printer.
        serial: Serial,
        /// The certificate's common name.
        seen: Option<String>,
    },
    /// The certificate is not the configured one of the camera.
    #[error("the certificate's SHA-256 is {seen}, not {expected}")]
    OtherFingerprint {
        /// The fingerprint as configured.
        expected: Fingerprint,
        /// The fingerprint as presented.
        seen: Fingerprint,
    },
    /// The certificate's common name is no serial number, so it is not a printer's.
    #[error("the certificate names {}, which is no serial number", name_or_none(.seen.as_ref()))]
    NotAPrinter {
        /// The certificate's common name.
        seen: Option<String>,
    },
    /// A camera showed a certificate, and no fingerprint is configured.
    #[error("the certificate's SHA-256 is {seen}, and nobody has vouched for it")]
    Stranger {
        /// The fingerprint as presented.
        seen: Fingerprint,
    },
}

/// RSA key sizes that TLS (and `ring`) accept.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

impl Identity {
    /// Decides whether to accept the certificate `der`. Returns its fingerprint, to be pinned if there is no pin yet.
    ///
    /// # Errors
    /// Returns why the certificate is not the expected one, or not fit for use at all.
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
            Self::AnyPrinter if name.and_then(serial_in_a_certificate).is_none() => {
                return Err(Refusal::NotAPrinter { seen: name.map(str::to_owned) });
            }
            Self::Camera { .. } | Self::Printer { .. } | Self::AnyPrinter => {}
        }
        match certificate.rsa_bits() {
            Some(bits) if !RSA_BITS.contains(&bits) => Err(Refusal::KeySize { bits }),
            _ => Ok(fingerprint),
        }
    }
}

/// Parses a common name as a printer's serial number. Unlike a typed one, it has no other spelling.
#[must_use]
pub fn serial_in_a_certificate(name: &str) -> Option<Serial> {
    Serial::parse(name).filter(|serial| serial.as_str() == name)
}

impl Refusal {
    /// Returns the serial number of the printer that answered, if it is another one.
    #[must_use]
    pub fn found_serial(&self) -> Option<Serial> {
        match self {
            Self::OtherSerial { expected: ours, seen: Some(name), .. }
            | Self::Changed { serial: ours, seen: Some(name) } => {
                serial_in_a_certificate(name).filter(|serial| serial != ours)
            }
            _ => None,
        }
    }

    /// Returns the fingerprint of the camera's certificate, if it differs from the expected one or none was expected.
    #[must_use]
    pub fn found_fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::OtherFingerprint { seen, .. } | Self::Stranger { seen } => Some(*seen),
            _ => None,
        }
    }

    /// Whether the printer shows another certificate than the pinned one: a person has to accept it.
    #[must_use]
    pub fn is_changed_certificate(&self) -> bool {
        matches!(self, Self::Changed { .. })
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
    fn the_common_name_decides_first_and_then_only_the_pin() {
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
    fn an_unconfirmed_camera_is_refused_with_its_fingerprint() {
        let der = certificate(Some(2), &["Unifi"], 2048);
        let refused = Identity::Stranger.accept(&der).unwrap_err();
        let fingerprint = Fingerprint::of(&der);
        assert_eq!(refused, Refusal::Stranger { seen: fingerprint });
        assert_eq!(refused.found_fingerprint(), Some(fingerprint));
    }

    #[test]
    fn an_invalid_certificate_is_refused_whatever_its_name() {
        let short = certificate(None, &[SERIAL], 1024);
        assert_eq!(printer(None).accept(&short), Err(Refusal::KeySize { bits: 1024 }));
        assert_eq!(printer(None).accept(b"garbage"), Err(Refusal::Unreadable));
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
