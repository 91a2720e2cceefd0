//! How a link fails: for the log with its chain, for the person in a sentence.

use crate::net::dial::DialError;
use crate::printer::identity::Refusal;
use rustls::AlertDescription;
use rustls::unbuffered::{EncodeError, EncryptError};
use std::io::{self, ErrorKind};
use std::time::Duration;

/// Which link failed, and how.
#[derive(Debug, thiserror::Error)]
#[error("link to {at}")]
pub struct LinkError {
    /// Host and port.
    pub at: String,
    /// What happened.
    #[source]
    pub failure: Failure,
}

/// Everything that can happen to a link.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There was no connection at all.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Somebody else answered.
    #[error(transparent)]
    Certificate(#[from] Refusal),
    /// The peer answered the ClientHello with something else.
    #[error("the peer does not speak TLS")]
    NotTls(#[source] rustls::Error),
    /// The peer ended TLS with an alert.
    #[error("the peer sent the TLS alert {0:?}")]
    Alert(AlertDescription),
    /// The peer accepted the connection and ended it before the handshake was done.
    #[error("the peer closed the connection in the TLS handshake")]
    ClosedInHandshake,
    /// The peer did not end the handshake.
    #[error("the TLS handshake took more than {0:?}")]
    HandshakeDeadline(Duration),
    /// A handshake message of more than 64 KiB.
    #[error("the peer sent a TLS message too long to be one")]
    LongMessage,
    /// Neither serial nor host can be a TLS server name.
    #[error("the host cannot be a TLS server name")]
    NoServerName,
    /// Any other TLS mistake.
    #[error("TLS failed")]
    Tls(#[source] rustls::Error),
    /// rustls had nothing to encode.
    #[error("TLS could not encode")]
    Encode(#[source] EncodeError),
    /// The keys are used up.
    #[error("TLS could not encrypt")]
    Encrypt(#[source] EncryptError),
    /// The peer did not take our bytes.
    #[error("the peer took nothing for {0:?}")]
    WriteDeadline(Duration),
    /// The peer ended the connection.
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
    /// The same end means something else before the handshake is done.
    pub(super) fn in_handshake(self) -> Self {
        match self {
            Self::Closed => Self::ClosedInHandshake,
            Self::Tls(error @ rustls::Error::InvalidMessage(_)) => Self::NotTls(error),
            Self::Broken(error) if error.kind() == ErrorKind::ConnectionReset => Self::ClosedInHandshake,
            other => other,
        }
    }
}

/// The port of a printer's camera.
const CAMERA_PORT: &str = ":322";
const LIVEVIEW_HINT: &str = "on the printer's screen, turn on Settings > LAN Only Liveview";

impl LinkError {
    /// Whether it ended because it was told to.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.failure, Failure::Stopped | Failure::Dial(DialError::Stopped))
    }

    /// Whether the printer shows another certificate than the one seen first.
    #[must_use]
    pub fn is_changed_certificate(&self) -> bool {
        matches!(&self.failure, Failure::Certificate(refusal) if refusal.is_changed_certificate())
    }

    /// What happened and what to do, for the person.
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
