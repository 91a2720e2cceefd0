//! How far a session has come, and how long each of its questions may go unanswered.

use super::message::Method;
use std::fmt;
use std::time::Duration;

/// Any server answers OPTIONS from its hand: this is where a camera that hangs is noticed.
const OPTIONS_REPLY: Duration = Duration::from_secs(4);
/// live555 starts the encoder and waits for its first parameter sets before it describes it.
const DESCRIBE_REPLY: Duration = Duration::from_secs(10);
const SETUP_REPLY: Duration = Duration::from_secs(5);
const PLAY_REPLY: Duration = Duration::from_secs(10);

/// How far the session has come: what is being asked, or what is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The first question is on its way.
    Options,
    /// The camera is asked what it sends.
    Describe,
    /// The track is being opened.
    Setup,
    /// The stream is asked for.
    Play,
    /// The stream plays, as far as the camera says.
    Playing,
    /// We said goodbye.
    Ended,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.question() {
            Some((method, _)) => method.fmt(f),
            None if *self == Self::Playing => f.write_str("playing"),
            None => f.write_str("TEARDOWN"),
        }
    }
}

impl Step {
    /// What is asked at this step, and how long its answer may take.
    pub(super) fn question(self) -> Option<(Method, Duration)> {
        match self {
            Self::Options => Some((Method::Options, OPTIONS_REPLY)),
            Self::Describe => Some((Method::Describe, DESCRIBE_REPLY)),
            Self::Setup => Some((Method::Setup, SETUP_REPLY)),
            Self::Play => Some((Method::Play, PLAY_REPLY)),
            Self::Playing | Self::Ended => None,
        }
    }
}
