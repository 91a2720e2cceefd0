//! Why a connection to a camera ended, in words for the log (Display and its chain) and for a person
//! ([`CameraError::sentence`]).

use super::connection::{FIRST_PACKET, SILENCE};
use crate::media::MediaError;
use crate::net::link::{Failure, LinkError};
use crate::rtsp::RtspError;

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
    #[error("no packet for {} s, the connection still open", SILENCE.as_secs())]
    Silent,
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
            Self::Silent => "The camera has stopped sending; reconnecting.".into(),
            Self::NoKeyFrame(_) => "The camera sends no key frame to begin with; reconnecting.".into(),
            Self::Panic(_) => "The camera's program failed here; it starts again by itself. Please report it with the log.".into(),
        }
    }

    /// Only a person can mend it; knocking on may lock us out.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Link(error) => matches!(error.failure, Failure::Certificate(_)),
            Self::Rtsp(error) => error.is_refused_credentials(),
            _ => false,
        }
    }
}
