//! The errors that end a session, in words for the log (Display and its chain) and for a person
//! ([`RtspError::sentence`]). Neither contains a byte that the camera wrote, an address or a secret.

use super::framer::FramingError;
use super::limits::{MESSAGES_PER_S, NOISE_PER_S, SCRAPS_PER_S};
use super::sdp::SdpError;
use super::step::Step;
use super::target::Redirect;
use std::time::Duration;

/// Why a session could not start, or ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RtspError {
    /// A reply did not come before its deadline.
    #[error("the camera did not answer {step} within {} s{}", within.as_secs(), noise(*skipped))]
    Overdue {
        /// The step whose request was not answered.
        step: Step,
        /// The deadline.
        within: Duration,
        /// How many bytes came that made no sense.
        skipped: u64,
    },
    /// The connection ended. The caller reports this, because it owns the connection.
    #[error("the camera closed the connection at {step}")]
    Closed {
        /// How far the session had come.
        step: Step,
    },
    /// The camera sent TEARDOWN or REDIRECT.
    #[error("the camera ended the session with {by}")]
    Ended {
        /// The name of the request.
        by: &'static str,
    },
    /// The user or the access code is wrong.
    #[error("the camera refused the user or the access code at {step}")]
    Credentials {
        /// The step at which they were refused.
        step: Step,
    },
    /// The camera wants a login, but offers neither Digest nor, inside TLS, Basic.
    #[error("the camera asked at {step} for a login that is not spoken here, or for Basic outside TLS")]
    Login {
        /// The step at which it asked.
        step: Step,
    },
    /// The camera wants a login, and none is configured.
    #[error("the camera asked at {step} for a login, and none is set")]
    NoLogin {
        /// The step at which it asked.
        step: Step,
    },
    /// Any other refusal.
    #[error("the camera answered {step} with status {status}")]
    Status {
        /// The step whose request was refused.
        step: Step,
        /// The status of the answer.
        status: u16,
    },
    /// A redirect that is not followed.
    #[error("the camera redirects {0}")]
    Redirected(Redirect),
    /// SETUP was granted only over UDP.
    #[error("the camera does not send interleaved over TCP")]
    NotInterleaved,
    /// The description has no track that can be opened.
    #[error("the camera's description cannot be used")]
    Description(#[from] SdpError),
    /// The bytes make no sense.
    #[error("what the camera sends cannot be followed")]
    Framing(#[from] FramingError),
    /// The camera sends too much of something useless.
    #[error("the camera sends more than {0}")]
    Flood(Flood),
}

/// Useless data that a camera may send in excess. Each piece costs work, however small it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flood {
    /// Requests, and responses to no request.
    #[error("{MESSAGES_PER_S} RTSP messages a second")]
    Messages,
    /// Interleaved frames that are almost empty.
    #[error("{SCRAPS_PER_S} tiny packets a second")]
    Scraps,
    /// Bytes between messages and frames.
    #[error("{NOISE_PER_S} bytes a second that are neither RTSP nor interleaved RTP")]
    Noise,
}

impl RtspError {
    /// Whether the login was refused: an early retry is useless and may lock us out.
    #[must_use]
    pub fn is_refused_credentials(&self) -> bool {
        matches!(self, Self::Credentials { .. } | Self::NoLogin { .. })
    }

    /// Returns what happened and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Overdue { step: Step::Options, skipped: 1.., .. } | Self::Framing(FramingError::Garbage) => {
                "What answers at this address does not speak RTSP: check the host, the port and the RTSP URL."
            }
            Self::Overdue { step, within, .. } => {
                return format!(
                    "The camera took the connection but did not answer {step} within {} seconds. If this stays so, \
                     restart the printer.",
                    within.as_secs()
                );
            }
            Self::Closed { step: Step::Options } => {
                "The camera closed the connection at once. On the printer's screen, turn on LAN Only Liveview in the \
                 network settings."
            }
            Self::Closed { .. } | Self::Ended { .. } | Self::Status { status: 454, .. } => {
                "The camera ended the session. If this repeats, close other programs that show this camera: most \
                 printers serve one viewer at a time."
            }
            Self::Credentials { .. } => {
                "The camera refused the access code. It is on the printer's screen in the network (LAN Only) \
                 settings and changes when it is renewed there: type it in again here."
            }
            Self::NoLogin { .. } => "The camera asks for a login; give it the camera's user and password.",
            Self::Login { .. } => {
                "The camera asks for a kind of login that is not supported, or for a plain password without \
                 encryption, which is not sent."
            }
            Self::Status { status: 403, .. } => {
                "The camera forbids access to its stream: turn on LAN Only Liveview on the printer's screen."
            }
            Self::Status { status: 404, .. } => {
                "The camera has no stream at this path: turn on LAN Only Liveview on the printer's screen, and check \
                 the path if an RTSP URL is set."
            }
            Self::Status { status: 453 | 503, .. } => {
                "The camera serves no further viewer now: close other programs that show it (Bambu Studio, Bambu \
                 Handy, Home Assistant)."
            }
            Self::NotInterleaved | Self::Status { status: 461, .. } => {
                "The camera does not send its video over the connection itself (RTP over TCP), which is needed here."
            }
            Self::Status { step, status } => {
                return format!(
                    "The camera refused {step} with status {status}. If this stays so, restart the printer."
                );
            }
            Self::Redirected(Redirect::Scheme) => {
                "The camera wants the other kind of connection: write rtsps:// instead of rtsp:// in the RTSP URL, \
                 or the other way round."
            }
            Self::Redirected(_) => {
                "The camera sends us to another address, which is not followed: set its RTSP URL to that address if \
                 it is right."
            }
            Self::Description(SdpError::H265) => {
                "The camera sends H.265 video; only H.264 is supported. Change it in the camera's settings."
            }
            Self::Description(_) => "The camera offers no H.264 video that could be shown.",
            Self::Flood(Flood::Messages) => {
                "The camera sends requests and answers that nobody asked for, again and again, so the connection was \
                 given up. If this stays so, restart the camera."
            }
            Self::Flood(Flood::Scraps) => {
                "The camera sends a flood of packets with next to nothing in them, so the connection was given up. If \
                 this stays so, restart the camera."
            }
            Self::Flood(Flood::Noise) => {
                "The camera sends much that is no video between its packets, so the connection was given up. If this \
                 stays so, restart the camera."
            }
            Self::Framing(_) => "The camera sent something without an end, and the connection was given up.",
        }
        .to_owned()
    }
}

fn noise(skipped: u64) -> String {
    if skipped == 0 { String::new() } else { format!(" ({skipped} bytes came that were not RTSP)") }
}
