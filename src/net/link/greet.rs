//! Asks who is at an address, with nothing but a TLS hello.
//!
//! A printer shows its certificate and signs both sides' random numbers in its first answer. That is all that is needed,
//! so the connection is closed then: no second message, no alert and no credential is sent. (After an alert that asks for
//! another version of TLS, there is a second hello on a connection of its own.) It costs a P1S a second of its processor
//! all the same, so callers limit how often they ask.

use super::session::Session;
use super::{Failure, LinkError, SLICE, Target, flush, receive};
use crate::base::clock::now;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::net::dial::dial;
use crate::net::tls::{self, Offer, Proof};
use crate::printer::identity::{Refusal, serial_in_a_certificate};
use crate::printer::{Fingerprint, Identity, Serial};
use std::net::TcpStream;
use std::time::Duration;

/// How long the peer may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until the TCP connection is up.
    pub connect: Duration,
    /// From then on, until the certificate is there and proven.
    pub handshake: Duration,
}

/// What a printer has proved: this is its certificate, and it holds the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Its serial number, the certificate's common name.
    pub serial: Serial,
    /// The certificate.
    pub fingerprint: Fingerprint,
}

/// Greets what is at `target`. Its `tls` says whom to expect: `AnyPrinter`, or one printer with its pin.
///
/// # Errors
/// Fails if nothing answers in time, or what answers is not expected.
pub fn greet(target: &Target, patience: Patience, stop: &Stop) -> Result<Greeting, LinkError> {
    let identity = target.tls.as_ref().unwrap_or(&Identity::AnyPrinter);
    let proof = match prove(target, identity, Offer::Tls12, patience, stop) {
        Err(Failure::Alert(alert)) if tls::wants_another_version(alert) => {
            prove(target, identity, Offer::Both, patience, stop)
        }
        other => other,
    };
    let greeting = proof.and_then(|Proof { name, fingerprint }| {
        // A pinned certificate is known byte for byte, so its name counts here too.
        let serial = name.as_deref().and_then(serial_in_a_certificate);
        let serial = serial.filter(|serial| match identity {
            Identity::Printer { serial: expected, .. } => serial == expected,
            _ => true,
        });
        Ok(Greeting { serial: serial.ok_or(Refusal::NotAPrinter { seen: name })?, fingerprint })
    });
    greeting.map_err(|failure| LinkError { at: target.at(), failure })
}

fn prove(
    target: &Target,
    identity: &Identity,
    offer: Offer,
    patience: Patience,
    stop: &Stop,
) -> Result<Proof, Failure> {
    let mut session = Session::new(identity, &target.host, offer)?;
    let socket = dial(&target.host, target.port, patience.connect, stop)?;
    socket.set_read_timeout(Some(SLICE))?;
    socket.set_write_timeout(Some(SLICE))?;
    wait_for_proof(&socket, &mut session, patience.handshake, stop)
}

fn wait_for_proof(
    socket: &TcpStream,
    session: &mut Session,
    patience: Duration,
    stop: &Stop,
) -> Result<Proof, Failure> {
    let deadline = now() + patience;
    waits_for("a printer's certificate", Some(deadline));
    loop {
        let advanced = session.shake_hands();
        // Neither the next message after a proof nor the alert after a refusal is sent.
        if let Some(proof) = session.proof() {
            return Ok(proof.clone());
        }
        advanced?;
        flush(socket, session, stop)?;
        if stop.is_stopped() {
            return Err(Failure::Stopped);
        }
        if now() >= deadline {
            return Err(Failure::HandshakeDeadline(patience));
        }
        let n = receive(socket, session.space()?).map_err(Failure::in_handshake)?;
        session.filled(n);
    }
}
