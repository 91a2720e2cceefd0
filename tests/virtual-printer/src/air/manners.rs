//! How a printer announces itself.

use std::net::SocketAddr;
use std::time::Duration;

/// Announcements over UDP, and answers to searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcing {
    /// Whom it tells.
    pub to: Audience,
    /// The distance of two announcements, where it is not the model's own.
    pub every: Option<Duration>,
    /// Whether it answers `M-SEARCH` on port 1990, where it is not as its model does. On 2021 nobody answers.
    pub answers: Option<bool>,
    /// `lan` or `cloud`.
    pub connect: &'static str,
    /// `free` or `occupied`.
    pub bind: &'static str,
    /// What is different from the captures of most.
    pub wording: Wording,
}

impl Default for Announcing {
    fn default() -> Self {
        Self {
            to: Audience::default(),
            every: None,
            answers: None,
            connect: "lan",
            bind: "free",
            wording: Wording::default(),
        }
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Audience {
    /// Everybody, as the model does. From a loopback address this stays on this machine.
    #[default]
    AsModel,
    /// These addresses and nobody else.
    Only(Vec<SocketAddr>),
}

/// Wordings that clients have to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wording {
    /// The model's own.
    #[default]
    Usual,
    /// `Location` is a URL.
    Url,
    /// `USN` begins with `uuid:`.
    Uuid,
    /// `ST` stands where `NT` stands usually.
    SearchTarget,
    /// `DevModel` is empty: an A2L was seen so.
    NoModel,
    /// The headers' names are in small letters, and in another order.
    Small,
    /// An answer that nobody asked for: an X1 with old firmware.
    Answer,
}
