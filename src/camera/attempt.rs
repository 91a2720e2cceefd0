//! Records how far an attempt of a camera has come. [`Step`] says where a camera is; this also says when it got there, and what
//! stopped it. Whoever looks late misses no step.

use super::error::CameraError;
use super::step::Step;
use std::sync::Arc;
use std::time::Instant;

/// The newest attempt of a camera, and the connection that came of it.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// When it began; `None` before the first one.
    pub begun: Option<Instant>,
    /// TCP and TLS were open, and the certificate was accepted.
    pub opened: Option<Instant>,
    /// The first frames came that viewers are shown.
    pub live: Option<Instant>,
    /// How it failed.
    pub ended: Option<Ended>,
}

impl Attempt {
    /// Takes in a step of the camera. Returns whether the attempt has got further.
    pub(super) fn enter(&mut self, step: Step, now: Instant) -> bool {
        match step {
            Step::Connecting => *self = Self { begun: Some(now), ..Self::default() },
            Step::Starting | Step::Retrying | Step::Refused | Step::SwitchedOff => return false,
            Step::NoCamera | Step::Updating => return false,
            _ => _ = self.opened.get_or_insert(now),
        }
        if step == Step::Live {
            self.live.get_or_insert(now);
        }
        true
    }
}

/// How a failed attempt ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// When it ended.
    pub at: Instant,
    /// Why it ended.
    pub error: Arc<CameraError>,
    /// Whether frames had come.
    pub had_picture: bool,
}
