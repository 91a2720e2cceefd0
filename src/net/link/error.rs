//! The failures of a link. The log gets the error chain, the person a sentence.

use crate::net::dial::DialError;
use crate::printer::identity::Refusal;
use rustls::AlertDescription;
use rustls::unbuffered::{EncodeError, EncryptError};
use std::io::{self, ErrorKind};
use std::time::Duration;

/// A failure, with the link it happened to.
#[derive(Debug, thiserror::Error)]
#[error("link to {at}")]
pub struct LinkError {
    /// Host and port.
    pub at: String,
    /// The failure.
    #[source]
    pub failure: Failure,
}

/// Any failure of a link.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The connection could not be opened.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Another device answered.
    #[error(transparent)]
    Certificate(#[from] Refusal),
    /// The peer answered the ClientHello with something other than TLS.
    #[error("the peer does not speak TLS")]
    NotTls(#[source] rustls::Error),
    /// The peer ended TLS with an alert.
    #[error("the peer sent the TLS alert {0:?}")]
    Alert(AlertDescription),
    /// The peer accepted the connection and closed it before the handshake was done.
    #[error("the peer closed the connection in the TLS handshake")]
    ClosedInHandshake,
    /// The peer did not finish the handshake in time.
    #[error("the TLS handshake took more than {0:?}")]
    HandshakeDeadline(Duration),
    /// The peer sent a handshake message of more than 64 KiB.
    #[error("the peer sent a TLS message too long to be one")]
    LongMessage,
    /// Neither serial nor host can be a TLS server name.
    #[error("the host cannot be a TLS server name")]
    NoServerName,
    /// Any other TLS failure.
    #[error("TLS failed")]
    Tls(#[source] rustls::Error),
    /// rustls had nothing to encode.
    #[error("TLS could not encode")]
    Encode(#[source] EncodeError),
    /// The session's keys are exhausted.
    #[error("TLS could not encrypt")]
    Encrypt(#[source] EncryptError),
    /// The peer did not accept our data in time.
    #[error("the peer took nothing for {0:?}")]
    WriteDeadline(Duration),
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    /// The program or the printer is being stopped.
    #[error("stopped")]
    Stopped,
}

impl Failure {
    /// Reinterprets a failure that happened before the handshake was done.
    pub(super) fn in_handshake(self) -> Self {
        match self {
            Self::Closed => Self::ClosedInHandshake,
            Self::Tls(error @ rustls::Error::InvalidMessage(_)) => Self::NotTls(error),
            Self::Broken(error) if error.kind() == ErrorKind::ConnectionReset => Self::ClosedInHandshake,
            other => other,
        }
    }
}

/// The suffix that marks a printer's camera port.
const CAMERA_PORT: &str = ":322";
const LIVEVIEW_HINT: &str = "on the printer's screen, turn on Settings > LAN Only Liveview";

impl LinkError {
    /// Whether it ended because of the stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.failure, Failure::Stopped | Failure::Dial(DialError::Stopped))
    }

    /// Whether the printer shows another certificate than the one pinned at first contact.
    #[must_use]
    pub fn is_changed_certificate(&self) -> bool {
        matches!(&self.failure, Failure::Certificate(refusal) if refusal.is_changed_certificate())
    }

    /// Returns a sentence for a person: what happened and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        let at = &self.at;
        let camera = at.ends_with(CAMERA_PORT);
        match &self.failure {
            Failure::Dial(dial) => self.no_connection(dial),
            Failure::Certificate(refusal) => refusal.sentence(at),
            Failure::ClosedInHandshake if camera => {
                format!("The printer at {at} closes its camera connection at once; {LIVEVIEW_HINT}.")
            }
            Failure::ClosedInHandshake => {
                format!("The device at {at} closes the connection at once; check that this is the right port.")
            }
            Failure::NotTls(_) | Failure::LongMessage => format!(
                "What answers at {at} does not speak TLS, so nothing was sent to it; check the address and the port."
            ),
            Failure::HandshakeDeadline(waited) if camera => format!(
                "The printer at {at} takes the camera connection and then says nothing (no TLS handshake within {} s); if \
                 this stays, restart the printer.",
                waited.as_secs()
            ),
            Failure::HandshakeDeadline(waited) => format!(
                "The device at {at} did not finish the TLS handshake within {} s; if this stays, restart it.",
                waited.as_secs()
            ),
            Failure::Alert(_) | Failure::Tls(_) | Failure::NoServerName | Failure::Encode(_) | Failure::Encrypt(_) => {
                format!(
                    "The encrypted connection to {at} failed; it is tried again. If this stays, restart the device or \
                     update its firmware."
                )
            }
            Failure::WriteDeadline(_) => {
                format!("The device at {at} stopped listening; it is tried again. If this stays, restart it.")
            }
            Failure::Closed => format!("The device at {at} closed the connection; it is tried again."),
            Failure::Broken(_) => {
                format!("The connection to {at} broke; it is tried again. If this stays, check its Wi-Fi.")
            }
            Failure::Stopped => format!("The connection to {at} was stopped."),
        }
    }

    fn no_connection(&self, dial: &DialError) -> String {
        let at = &self.at;
        match dial {
            DialError::Unresolvable { host, .. } if host.contains('%') => format!(
                "This machine has no network interface for {host}; what stands behind the % is the name of one of its \
                 interfaces."
            ),
            DialError::Unresolvable { host, .. } => {
                format!("The name {host} is not known in this network; check it, or use the printer's IP address.")
            }
            DialError::SelfAssigned { host } => format!(
                "{host} stands for an address that begins with 169.254, which a device gives itself when its network \
                 gives it none; connect the printer to the network, and use the address that it shows then."
            ),
            DialError::NoAnswer(_) => format!(
                "Nothing answers at {at}; check that the device is switched on, in this network, and still has this \
                 address."
            ),
            DialError::Refused(_) if at.ends_with(CAMERA_PORT) => {
                format!("The printer at {at} has its camera port closed; {LIVEVIEW_HINT}.")
            }
            DialError::Refused(_) => format!(
                "The device at {at} is there, but its port is closed; check the port and that the service is on."
            ),
            DialError::System(error) => format!("This machine cannot open a connection to {at}: {error}."),
            DialError::Stopped => format!("The connection to {at} was stopped."),
        }
    }
}
