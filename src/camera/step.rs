//! The steps of a camera, as people are shown them.

use std::time::Duration;

/// The stages of a camera on the way to a live view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The thread has started.
    Starting,
    /// Opening TCP and TLS.
    Connecting,
    /// The access code is sent: RTSP up to the reply to DESCRIBE, or the login of a camera that sends pictures, which is
    /// answered by the first of them.
    SigningIn,
    /// RTSP SETUP and PLAY.
    SettingUp,
    /// PLAY is accepted; nothing has arrived yet.
    WaitingForVideo,
    /// Video arrives, but no key frame to begin with.
    WaitingForKeyFrame,
    /// A camera that sends pictures has taken the login, and has sent none for a while.
    WaitingForPicture,
    /// Complete frames or pictures arrive.
    Live,
    /// The connection is open, but no frames come any more, or no pictures.
    Stalled,
    /// An attempt has failed; the next one is due shortly.
    Retrying,
    /// The camera refuses the access code or shows another identity. Retrying soon would not help.
    Refused,
    /// The printer says that its live view is off. No attempt is made until it says otherwise.
    SwitchedOff,
    /// The printer says that it finds no camera; see [`Lull::NoCamera`].
    NoCamera,
    /// The printer says that it updates its firmware; see [`Lull::Updating`].
    Updating,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 14] = [
        Self::Starting,
        Self::Connecting,
        Self::SigningIn,
        Self::SettingUp,
        Self::WaitingForVideo,
        Self::WaitingForKeyFrame,
        Self::WaitingForPicture,
        Self::Live,
        Self::Stalled,
        Self::Retrying,
        Self::Refused,
        Self::SwitchedOff,
        Self::NoCamera,
        Self::Updating,
    ];

    /// Returns the name of the step in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connecting => "connecting",
            Self::SigningIn => "signing-in",
            Self::SettingUp => "setting-up",
            Self::WaitingForVideo => "waiting-for-video",
            Self::WaitingForKeyFrame => "waiting-for-key-frame",
            Self::WaitingForPicture => "waiting-for-picture",
            Self::Live => "live",
            Self::Stalled => "stalled",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
            Self::SwitchedOff => "switched-off",
            Self::NoCamera => "no-camera",
            Self::Updating => "updating",
        }
    }
}

/// Why no picture is to be expected for a while, as the printer says itself. Attempts go on, but rarely: the printer may
/// be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lull {
    /// It finds no camera. The camera's port takes the login, and no picture follows (A1 mini).
    NoCamera,
    /// It updates its firmware. The camera's port takes connections in vain, and later none (A2L).
    Updating,
}

impl Lull {
    /// Returns the step that people are shown.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::NoCamera => Step::NoCamera,
            Self::Updating => Step::Updating,
        }
    }

    /// Returns the pause before the next attempt.
    #[must_use]
    pub fn pause(self) -> Duration {
        match self {
            Self::NoCamera => Duration::from_secs(300),
            Self::Updating => Duration::from_secs(16),
        }
    }
}
