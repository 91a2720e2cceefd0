//! What one connection gives out: its steps to the camera's state, its frames to the viewers.

use super::Camera;
use super::retry::LASTED;
use super::state::Step;
use crate::base::clock;
use crate::base::complaints::Allowance;
use crate::media::{AccessUnit, Stats};
use crate::printer::label::Label;
use crate::stream::queue::{Batch, Full};
use log::Level;
use std::time::{Duration, Instant};

/// The destination of everything that one connection sees.
#[derive(Debug)]
pub struct Output<'a> {
    camera: &'a Camera,
    first_picture: Option<Instant>,
    /// The log level for "live": no louder than the loss was logged. `None` once it has been logged.
    announced_at: Option<Level>,
    /// Frames not yet handed to the packager.
    waiting: Batch,
    /// The number of frames given to the packager before this connection.
    given_before: u64,
    /// Whether the packager was full: no frame is handed over until the next key frame.
    dropping: bool,
    /// The number of frames dropped in this overrun.
    overrun: u64,
    lines: Allowance,
}

impl<'a> Output<'a> {
    pub(super) fn new(camera: &'a Camera, announced_at: Level) -> Self {
        Self {
            camera,
            first_picture: None,
            announced_at: Some(announced_at),
            waiting: camera.units.batch(),
            given_before: camera.units.given(),
            dropping: false,
            overrun: 0,
            lines: Allowance::default(),
        }
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
    /// frames that are not shown yet.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.camera.units.has_shown_since(self.given_before)
    }

    /// Returns how long this connection has delivered frames, if it has.
    #[must_use]
    pub fn live_for(&self) -> Option<Duration> {
        self.first_picture.map(|since| clock::now().saturating_duration_since(since))
    }

    /// Passes an access unit on, without ever blocking.
    pub fn unit(&mut self, mut unit: AccessUnit, stats: Stats, now: Instant) {
        self.first_picture.get_or_insert(now);
        self.camera.board.picture(stats, now);
        if self.dropping && !unit.idr {
            self.overrun += 1;
            return self.camera.board.dropped(1, false);
        }
        unit.discontinuity |= self.dropping;
        if self.camera.units.add(unit, &mut self.waiting) {
            self.give();
        }
    }

    /// Gives the waiting frames to the packager.
    pub(super) fn give(&mut self) {
        let batch = std::mem::replace(&mut self.waiting, self.camera.units.batch());
        let count = batch.pictures.len();
        let given = if count > 0 { self.camera.units.give(batch) } else { Ok(()) };
        let was_dropping = std::mem::replace(&mut self.dropping, given == Err(Full));
        if self.dropping {
            self.camera.board.dropped(count as u64, !was_dropping);
            self.overrun += count as u64;
            if !was_dropping {
                self.complain_of_dropping();
            }
        } else if was_dropping && count > 0 {
            let dropped = std::mem::take(&mut self.overrun);
            if let Some(more) = self.lines.take(clock::now()) {
                let owner = self.camera.owner;
                log::debug!("{owner}: camera: the packager has room again; {dropped} frames were dropped{more}");
            }
        }
    }

    /// Warns at once and then hourly, because a camera can cause this many times a second.
    fn complain_of_dropping(&self) {
        let camera = self.camera;
        match camera.board.complain("dropping", clock::now()) {
            None => log::debug!("{}: the packager is late; dropping to the next key frame", camera.owner),
            Some(0) => log::warn!("{}: the packager is late; dropping to the next key frame", camera.owner),
            Some(more) => log::warn!(
                "{}: the packager is late; dropping to the next key frame, {more} more times since the last warning",
                camera.owner
            ),
        }
    }
}
