//! How far a session has come, and how long each of its requests may remain unanswered.

use super::message::Method;
use std::fmt;
use std::time::Duration;

/// Every server answers OPTIONS immediately, so this is where a hanging camera is noticed.
const OPTIONS_REPLY: Duration = Duration::from_secs(4);
/// live555 starts the encoder and waits for its first parameter sets before it answers.
const DESCRIBE_REPLY: Duration = Duration::from_secs(10);
const SETUP_REPLY: Duration = Duration::from_secs(5);
const PLAY_REPLY: Duration = Duration::from_secs(10);

/// How far the session has come: the request that is outstanding, or the state that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The first request is outstanding.
    Options,
    /// The camera was asked to describe its stream.
    Describe,
    /// The track is being opened.
    Setup,
    /// The stream was requested.
    Play,
    /// The stream plays, according to the camera.
    Playing,
    /// We have sent TEARDOWN.
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
    /// Returns this step's request, and how long its answer may take.
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
