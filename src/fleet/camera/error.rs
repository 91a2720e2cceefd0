//! Why a connection to a camera ended, in words for the log (Display and its chain) and for a person
//! ([`CameraError::sentence`]).

use super::pace::{Ending, LASTED};
use super::pulse::FIRST_PACKET;
use crate::media::MediaError;
use crate::net::link::{Failure, LinkError};
use crate::rtsp::{RtspError, Step};
use std::time::Duration;

/// What a person is told when the picture was cut short and the one before it as well.
pub(super) const CUT_SHORT_AGAIN: &str = "The picture breaks off after a few seconds, again and again. Most printers serve \
    one viewer at a time: close other programs that show this camera (Bambu Studio, Bambu Handy, Home Assistant). If \
    there are none, check the printer's Wi-Fi.";

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// Nobody answers, somebody else does, or the connection broke.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The conversation did not come about.
    #[error(transparent)]
    Rtsp(#[from] RtspError),
    /// What arrives is no video.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// It accepts and sends nothing.
    #[error("no packet within {} s of PLAY", FIRST_PACKET.as_secs())]
    NoFirstPacket,
    /// It has sent, and sends no more.
    #[error("no packet for {0} s, the connection still open")]
    Silent(u64),
    /// It sends, and no picture.
    #[error("no picture in the packets of {0} s")]
    NoPicture(u64),
    /// It sends nothing that a player could begin with.
    #[error("no key frame for {0} s")]
    NoKeyFrame(u64),
    /// A mistake of ours.
    #[error("the camera thread panicked: {0}")]
    Panic(String),
}

impl CameraError {
    /// Whether somebody has taken the connection.
    #[must_use]
    pub fn reached(&self) -> bool {
        !matches!(self, Self::Link(LinkError { failure: Failure::Dial(_), .. }))
    }

    /// Whether the printer shows another certificate than the one seen first.
    pub(super) fn is_changed_certificate(&self) -> bool {
        matches!(self, Self::Link(error) if error.is_changed_certificate())
    }

    /// What happened and what to do, for the person.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Link(error) => error.sentence(),
            Self::Rtsp(error) => error.sentence(),
            Self::Media(error) => error.sentence(),
            Self::NoFirstPacket => {
                "The camera accepts but sends no picture. If this lasts, switch LAN Only Liveview off and on again on the printer.".into()
            }
            Self::Silent(_) => "The camera has stopped sending; reconnecting.".into(),
            Self::NoPicture(_) => {
                "The camera sends something of which no picture can be made. If this stays so, choose H.264 in its \
                 settings, or restart it."
                    .into()
            }
            Self::NoKeyFrame(_) => {
                "The camera has sent no key frame for minutes, and without one there is nothing to begin with; \
                 reconnecting. If this stays so, restart it, or set a shorter key-frame interval (GOP) in its settings."
                    .into()
            }
            Self::Panic(_) => "The camera's program failed here; it starts again by itself. Please report it with the log.".into(),
        }
    }

    /// What this means for the next attempt, if the camera had shown a picture for so long.
    pub(super) fn ending(&self, picture: Option<Duration>) -> Ending {
        match (self, picture) {
            (Self::Link(LinkError { failure: Failure::Certificate(_), .. }), _) => Ending::Refused,
            (Self::Rtsp(error), _) if error.is_refused_credentials() => Ending::Refused,
            (_, Some(span)) => {
                if span >= LASTED {
                    Ending::Lasted
                } else {
                    Ending::CutShort
                }
            }
            (Self::Link(error), None) => match error.failure {
                // A printer whose live view is off refuses the connection, or takes it and hangs up at once.
                Failure::Dial(_) | Failure::ClosedInHandshake => Ending::Absent,
                Failure::HandshakeDeadline(_) | Failure::WriteDeadline(_) => Ending::Mute,
                Failure::NotTls(_) | Failure::LongMessage => Ending::Unfit,
                _ => Ending::TurnedAway,
            },
            (Self::Rtsp(error), None) => match error {
                RtspError::Closed { step: Step::Options } => Ending::Absent,
                RtspError::Overdue { .. } => Ending::Mute,
                RtspError::Description(_)
                | RtspError::NotInterleaved
                | RtspError::Login { .. }
                | RtspError::Redirected(_)
                | RtspError::Framing(_) => Ending::Unfit,
                _ => Ending::TurnedAway,
            },
            (Self::NoFirstPacket | Self::Silent(_), None) => Ending::Mute,
            (Self::Media(_) | Self::NoPicture(_) | Self::NoKeyFrame(_), None) => Ending::Unfit,
            (Self::Panic(_), None) => Ending::TurnedAway,
        }
    }
}
