//! Passes on what one connection delivers: its steps to the camera's state, its frames to the viewers.

use super::Camera;
use super::retry::LASTED;
use super::step::Step;
use crate::base::clock;
use crate::media::{AccessUnit, Stats};
use crate::printer::label::Label;
use crate::printer::model::CameraKind;
use crate::stream::Still;
use log::Level;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The destination of everything that one connection sees.
#[derive(Debug)]
pub struct Output<'a> {
    camera: &'a Camera,
    kind: Option<CameraKind>,
    first_picture: Option<Instant>,
    /// The log level for "live": no louder than the loss was logged. `None` once it has been logged.
    announced_at: Option<Level>,
    /// The number of frames before this connection.
    pushed_before: u64,
}

impl<'a> Output<'a> {
    pub(super) fn new(camera: &'a Camera, announced_at: Level) -> Self {
        let pushed_before = camera.units.pushed();
        Self { camera, kind: None, first_picture: None, announced_at: Some(announced_at), pushed_before }
    }

    /// Records what the camera sends, if this connection becomes live.
    pub fn speaks(&mut self, kind: CameraKind) {
        self.kind = Some(kind);
    }

    /// Returns the prefix for log lines.
    #[must_use]
    pub fn owner(&self) -> Label {
        self.camera.owner
    }

    /// Publishes the connection's step.
    pub fn enter(&mut self, step: Step) {
        self.camera.board.enter(step);
        if step == Step::Live
            && let Some(level) = self.announced_at.take()
        {
            self.camera.board.set_kind(self.kind);
            log::log!(level, "{}: camera live", self.camera.owner);
        }
        if self.live_for().is_some_and(|span| span > LASTED) {
            self.camera.board.forget_error();
        }
    }

    /// Whether this connection has been live.
    #[must_use]
    pub fn was_live(&self) -> bool {
        self.announced_at.is_none()
    }

    /// Whether viewers have been shown frames of this connection. A camera whose stream is still being measured sends
    /// frames that are not shown yet. Where nobody watches, each frame counts as shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.camera.live.as_ref().is_none_or(|live| live.has_shown_after(self.pushed_before))
    }

    /// Returns how long this connection has delivered frames, if it has.
    #[must_use]
    pub fn live_for(&self) -> Option<Duration> {
        self.first_picture.map(|since| clock::now().saturating_duration_since(since))
    }

    /// Passes an access unit on. It never waits for a follower.
    ///
    /// A key frame becomes the still as it is, without a copy.
    pub fn unit(&mut self, unit: AccessUnit, stats: Stats, now: Instant) {
        self.first_picture.get_or_insert(now);
        self.camera.board.picture(stats, now);
        let unit = Arc::new(unit);
        self.camera.units.push(&unit);
        if unit.idr {
            self.publish(Still::of_key_frame(unit));
        }
    }

    /// Publishes a still of a camera that sends no video.
    pub fn still(&mut self, still: Still, stats: Stats, now: Instant) {
        self.first_picture.get_or_insert(now);
        self.camera.board.still(still.coded_bytes, stats, now);
        self.publish(still);
        self.camera.board.announce_picture();
    }

    fn publish(&self, still: Still) {
        if let Some(live) = &self.camera.live {
            live.set_still(still);
        }
    }
}
