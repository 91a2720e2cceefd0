//! The failures of a link.

use crate::net::dial::DialError;
use crate::printer::identity::Refusal;
use rustls::AlertDescription;
use rustls::unbuffered::{EncodeError, EncryptError};
use std::io::{self, ErrorKind};
use std::mem::discriminant;
use std::time::Duration;

/// A failure, with the link it happened to.
#[derive(Debug, PartialEq, thiserror::Error)]
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

/// Two failures are equal if they are of one kind, whatever the system or the peer says about them.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dial(error), Self::Dial(other)) => error == other,
            (Self::Certificate(refusal), Self::Certificate(other)) => refusal == other,
            _ => discriminant(self) == discriminant(other),
        }
    }
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
}
