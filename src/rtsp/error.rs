//! The errors that end a session. None contains a byte that the camera wrote, an address or a secret.

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
}

fn noise(skipped: u64) -> String {
    if skipped == 0 { String::new() } else { format!(" ({skipped} bytes came that were not RTSP)") }
}
