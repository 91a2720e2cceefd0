//! TLS as printers speak it: the client configuration and the check of the peer.
//!
//! webpki, which rustls brings, refuses X.509 version 1. Even rustls' own helpers for custom verifiers use it.
//! Therefore [`Identity`] judges the certificate. This module verifies the handshake signature (RFC 5246 section 7.4.3,
//! RFC 8446 section 4.4.3) against the certificate's raw public key. Without that check, anybody could show a printer's
//! certificate, which is no secret. Dates and chain are not checked; `printer::identity` says why.

use crate::printer::certificate::Certificate;
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Identity, address};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
    SupportedProtocolVersion,
};
use std::sync::{Arc, OnceLock};

/// The versions that the ClientHello offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// TLS 1.2 alone, for the first try: the P2S (firmware 01.02.00.00) never answers a hello that offers 1.3.
    Tls12,
    /// Both versions, for a peer that refused 1.2.
    Both,
}

impl Offer {
    fn versions(self) -> &'static [&'static SupportedProtocolVersion] {
        static TLS12_ALONE: &[&SupportedProtocolVersion] = &[&TLS12];
        static BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
        match self {
            Self::Tls12 => TLS12_ALONE,
            Self::Both => BOTH,
        }
    }
}

/// An accepted certificate whose key the peer has shown to hold, by a signature over both sides' random numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The certificate's common name.
    pub name: Option<String>,
    /// The certificate's fingerprint.
    pub fingerprint: Fingerprint,
}

/// Where the proof of one connection appears. It does so before the client's second message is sent.
pub type Proven = Arc<OnceLock<Proof>>;

/// Returns the configuration for one connection to the peer that `identity` describes, and the place of its proof.
///
/// # Errors
/// Fails if the crypto provider lacks the versions, which would be a bug of the build.
pub fn client_config(identity: &Identity, offer: Offer) -> Result<(ClientConfig, Proven), Error> {
    let provider = Arc::new(ring::default_provider());
    let proven = Proven::default();
    let verifier = Verifier::new(identity.clone(), &provider, Arc::clone(&proven));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(offer.versions())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // A resumed session would skip the certificate check, and thus miss a pin that changed in between.
    config.resumption = Resumption::disabled();
    Ok((config, proven))
}

/// Returns the server name for the ClientHello: a printer's serial, or a camera's host. An IP address is not sent (RFC
/// 6066 section 3). Returns `None` if neither can be a server name.
#[must_use]
pub fn server_name(identity: &Identity, host: &str) -> Option<ServerName<'static>> {
    let serial = match identity {
        Identity::Printer { serial, .. } => ServerName::try_from(serial.as_str().to_owned()).ok(),
        Identity::Camera { .. } | Identity::Stranger | Identity::AnyPrinter => None,
    };
    serial.or_else(|| ServerName::try_from(address::without_zone(host).to_owned()).ok())
}

/// Returns why our own verifier refused, if it did.
#[must_use]
pub fn refusal(error: &Error) -> Option<&Refusal> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(why))) => why.downcast_ref(),
        _ => None,
    }
}

/// Whether the peer's alert may mean that it wants another version than the one offered.
#[must_use]
pub fn wants_another_version(alert: AlertDescription) -> bool {
    matches!(alert, AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure)
}

#[derive(Debug)]
struct Verifier {
    identity: Identity,
    algorithms: WebPkiSupportedAlgorithms,
    proven: Proven,
}

impl Verifier {
    fn new(identity: Identity, provider: &CryptoProvider, proven: Proven) -> Self {
        Self { identity, algorithms: provider.signature_verification_algorithms, proven }
    }

    /// Records that the peer holds the key of the certificate, which was accepted before.
    fn record(&self, der: &[u8], leaf: &Certificate<'_>) {
        let name = leaf.common_name.map(str::to_owned);
        // There is one handshake for each verifier.
        let _ = self.proven.set(Proof { name, fingerprint: Fingerprint::of(der) });
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.identity.accept(leaf).map(|_| ServerCertVerified::assertion()).map_err(refuse)
    }

    /// TLS 1.2 names hash and key type but not the curve. Every algorithm of the scheme that fits the key is tried.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        der: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let leaf = Certificate::parse(der).ok_or_else(|| refuse(Refusal::Unreadable))?;
        let of_the_scheme = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let holds = of_the_scheme
            .flat_map(|(_, algorithms)| algorithms.iter())
            .filter(|algorithm| algorithm.public_key_alg_id().as_ref() == leaf.key_algorithm)
            .any(|algorithm| algorithm.verify_signature(leaf.key, message, signed.signature()).is_ok());
        if !holds {
            return Err(refuse(Refusal::KeyNotHeld));
        }
        self.record(der, &leaf);
        Ok(HandshakeSignatureValid::assertion())
    }

    /// TLS 1.3 also names the curve, and rustls can check a bare key there.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        der: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let leaf = Certificate::parse(der).ok_or_else(|| refuse(Refusal::Unreadable))?;
        let key = SubjectPublicKeyInfoDer::from(leaf.spki);
        let verified = verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms);
        verified.inspect(|_| self.record(der, &leaf)).map_err(|error| match error {
            Error::InvalidCertificate(_) => refuse(Refusal::KeyNotHeld),
            misbehaved => misbehaved,
        })
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn refuse(why: Refusal) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{Fingerprint, Serial};

    #[test]
    fn the_server_name_is_a_printers_serial_or_a_cameras_host() {
        let printer = |serial| Identity::Printer { serial: Serial::parse(serial).unwrap(), pin: None };
        let camera = Identity::Camera { fingerprint: Fingerprint([0; 32]) };
        let check = |identity: &Identity, host: &str, expected: &str| {
            assert_eq!(server_name(identity, host).map(|name| name.to_str().into_owned()).as_deref(), Some(expected));
        };
        check(&printer("00M09A000000001"), "192.168.1.10", "00M09A000000001");
        // A name of digits only is not valid in DNS.
        check(&printer("123456789012345"), "192.168.1.10", "192.168.1.10");
        check(&camera, "fd00::1", "fd00::1");
        check(&camera, "fe80::1%eth0", "fe80::1");
        check(&camera, "cam.local", "cam.local");
    }
}
