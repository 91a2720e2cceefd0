//! The reasons why there is no MQTT session with a printer.

use super::wire::WireError;
use crate::net::link::{Failure, LinkError};
use std::io;
use std::mem::discriminant;
use std::time::Duration;

/// Any failure that ends an attempt or a session.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// The connection failed, broke, or reached something other than the printer.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// CONNACK 4 or 5.
    #[error("{at} refuses the access code")]
    CodeRefused {
        /// Host and port.
        at: String,
    },
    /// Any other CONNACK than "accepted".
    #[error("{at} refuses the connection: {why}")]
    TurnedAway {
        /// Host and port.
        at: String,
        /// The return code in words (MQTT 3.1.1 §3.2.2.3).
        why: &'static str,
    },
    /// TLS was up, and the printer hung up before accepting or right after.
    #[error("{at} hung up at sign-in")]
    HungUpAtSignIn {
        /// Host and port.
        at: String,
    },
    /// No CONNACK came.
    #[error("{at} did not answer the sign-in")]
    NoAnswer {
        /// Host and port.
        at: String,
    },
    /// The peer does not speak MQTT, or sent a packet over the size limit.
    #[error("{at} broke the protocol: {what}")]
    Protocol {
        /// Host and port.
        at: String,
        /// How the protocol was broken.
        what: &'static str,
    },
    /// The connection is open and silent; not even a ping is answered.
    #[error("{at} has been silent for {} s", .silence.as_secs())]
    Silent {
        /// Host and port.
        at: String,
        /// How long nothing came.
        silence: Duration,
    },
    /// The connection is alive, but the session does not work.
    #[error("{at} {what}")]
    Deaf {
        /// Host and port.
        at: String,
        /// How the session fails.
        what: Deafness,
    },
    /// The system has no thread, socket or memory left.
    #[error("the system refuses")]
    System(#[from] io::Error),
    /// A bug of ours.
    #[error("the MQTT thread panicked: {0}")]
    Panic(String),
}

/// Two errors are equal if they are of one kind: the link never leads to another printer.
impl PartialEq for MqttError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Link(error), Self::Link(other)) => error == other,
            (Self::Deaf { what, .. }, Self::Deaf { what: other, .. }) => what == other,
            _ => discriminant(self) == discriminant(other),
        }
    }
}

impl From<WireError> for MqttError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::Link(error) => Self::Link(error),
            WireError::System(error) => Self::System(error),
        }
    }
}

/// How a session fails although its connection is alive. A new client id fixes it; with the same one, P1S and A1 stay
/// deaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Deafness {
    /// Commands are not answered, though reports come.
    #[error("answers no command any more")]
    NoAnswers,
    /// No report comes, though pings are answered.
    #[error("reports nothing any more")]
    NoReports,
    /// Requests are not acknowledged, so rumqttc would soon stop sending.
    #[error("acknowledges nothing any more")]
    NoAcknowledgements,
}

/// How long to leave the printer alone after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// The printer was not reached, so it was not disturbed. Retrying soon notices its return at once.
    Short,
    /// The printer answered and turned us away: the pauses grow.
    Growing,
    /// Only a person can fix it, and printers may lock out a client that repeats a wrong code.
    Long,
}

impl MqttError {
    /// Returns how long to wait before the next attempt.
    #[must_use]
    pub fn patience(&self) -> Patience {
        match self {
            Self::Link(error) => match &error.failure {
                Failure::Certificate(_) => Patience::Long,
                Failure::Dial(_) | Failure::Broken(_) | Failure::Closed | Failure::WriteDeadline(_) => Patience::Short,
                _ => Patience::Growing,
            },
            Self::CodeRefused { .. } => Patience::Long,
            Self::Silent { .. } | Self::Deaf { .. } => Patience::Short,
            Self::TurnedAway { .. }
            | Self::HungUpAtSignIn { .. }
            | Self::NoAnswer { .. }
            | Self::Protocol { .. }
            | Self::System(_)
            | Self::Panic(_) => Patience::Growing,
        }
    }

    /// Whether it ended because of the stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Link(error) if error.is_stopped())
    }

    /// Whether the printer shows another certificate than the one pinned at first contact.
    #[must_use]
    pub fn is_changed_certificate(&self) -> bool {
        matches!(self, Self::Link(error) if error.is_changed_certificate())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::dial::DialError;

    #[test]
    fn the_retry_pause_depends_on_who_can_fix_the_failure() {
        let link = |failure| MqttError::Link(LinkError { at: "10.0.0.5:8883".into(), failure });
        let at = || "10.0.0.5:8883".to_owned();
        let check = |error: MqttError, patience| assert_eq!(error.patience(), patience, "{error:?}");
        let refused = || DialError::Refused(io::ErrorKind::ConnectionRefused.into());
        check(link(refused().into()), Patience::Short);
        check(link(DialError::NoAnswer(io::ErrorKind::TimedOut.into()).into()), Patience::Short);
        check(link(Failure::ClosedInHandshake), Patience::Growing);
        check(MqttError::CodeRefused { at: at() }, Patience::Long);
        check(MqttError::TurnedAway { at: at(), why: "unavailable" }, Patience::Growing);
        check(MqttError::Silent { at: at(), silence: Duration::from_secs(8) }, Patience::Short);
    }
}
