//! The link and the camera that a test looks at: those of the printer at work, or of a temporary printer.

use super::camera::CameraSeen;
use super::link::{LinkSeen, stands};
use super::subject::{AtWork, Subject};
use crate::base::backoff::Attempts;
use crate::base::clock;
use crate::base::stop::stop;
use crate::base::thread::{Stoppable, Thread, spawn};
use crate::base::watch::Subscription;
use crate::camera::{self, Camera, CameraState, Step};
use crate::mqtt::state::PrinterStatus;
use crate::mqtt::threads::{LinkSettings, LinkThreads};
use crate::mqtt::{Attempt, MqttError};
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::stream::Fanout;
use crossbeam_channel::{Receiver, never};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// What publishes its state on a `board`.
#[derive(Debug)]
pub struct Observed<'a, Board> {
    board: Arc<Board>,
    attempt: Subscription,
    /// `None` if the threads are the test's own.
    at_work: Option<&'a AtWork>,
    own: Option<Stoppable>,
}

impl<Board> Observed<'_, Board> {
    /// Returns what rings when something else is published.
    pub fn news(&self) -> [Receiver<()>; 2] {
        [self.at_work.map_or_else(never, |work| work.bell.clone()), self.attempt.changed().clone()]
    }

    /// Whether the printer at work is no longer registered.
    fn is_removed(&self) -> bool {
        self.at_work.is_some_and(|work| work.published.live.has_ended())
    }

    /// Ends the test's own threads, so that no connection is left. Returns the board.
    pub fn end(self) -> Arc<Board> {
        self.own.map(Stoppable::stop).into_iter().flatten().for_each(Thread::join);
        self.board
    }
}

impl<'a> Observed<'a, PrinterStatus> {
    /// Looks at the link at work if it is up, or starts a temporary one.
    pub fn link(subject: &'a Subject, owner: Label, pin: &Arc<Pin>) -> Self {
        let is_up = |work: &&AtWork| work.same_link && stands(work.published.status.get().value.link.step);
        if let Some(work) = subject.at_work.as_ref().filter(is_up) {
            let board = Arc::clone(&work.published.status);
            return Self { attempt: board.attempt().listen(), board, at_work: Some(work), own: None };
        }
        let board = Arc::new(PrinterStatus::new(subject.printer.id, &subject.printer.serial, Arc::default()));
        let attempt = board.attempt().listen();
        let settings = LinkSettings {
            owner,
            printer: &subject.printer,
            port: subject.mqtt_port,
            installation: &subject.installation,
            pin: Arc::clone(pin),
            board: Arc::clone(&board),
            attempts: Attempts::One,
        };
        let own = LinkThreads::start(settings, Vec::new()).map_err(|error| {
            let ended = Some((Arc::new(MqttError::System(error)), clock::now()));
            board.attempt().set(Attempt { ended, ..Attempt::default() });
        });
        Self { board, attempt, at_work: None, own: own.ok().map(|link| link.threads) }
    }

    /// Returns what is published now.
    pub fn seen(&self, now: Instant) -> LinkSeen {
        // The status is published first, so it is at least as new as the attempt.
        let attempt = self.board.attempt().get().value.clone();
        LinkSeen {
            at_work: self.at_work.is_some(),
            removed: self.is_removed(),
            attempt,
            status: self.board.get().value.clone(),
            floods: self.board.flood().is_recent(now),
        }
    }
}

impl<'a> Observed<'a, CameraState> {
    /// Looks at the camera at work if it is the same, or starts a temporary one. `status` holds what the printer says
    /// about its camera.
    ///
    /// # Errors
    /// Fails if the system has no thread left.
    pub fn camera(subject: &'a Subject, owner: Label, pin: &Arc<Pin>, status: &Arc<PrinterStatus>) -> io::Result<Self> {
        let is_same = |work: &&AtWork| {
            let (theirs, ours) = (work.published.status.said().get(), status.said().get());
            work.published.source.meets(&theirs.value, &subject.source, &ours.value)
        };
        if let Some(work) = subject.at_work.as_ref().filter(is_same) {
            let board = Arc::clone(&work.published.camera);
            let attempt = board.attempt().listen();
            if board.step() != Step::Live {
                // The next attempt may be a minute away, so one is requested now.
                work.published.status.said().wake();
            }
            return Ok(Self { board, attempt, at_work: Some(work), own: None });
        }
        let board = Arc::new(CameraState::new(owner, Arc::default()));
        let attempt = board.attempt().listen();
        let camera = Camera {
            owner,
            source: subject.source.clone(),
            // One frame ends the test, and nobody watches it.
            units: Arc::new(Fanout::new(owner, 0)),
            live: None,
            board: Arc::clone(&board),
            pin: Arc::clone(pin),
            attempts: Attempts::One,
        };
        let (stopper, stop) = stop();
        let status = Arc::clone(status);
        let thread = spawn(format!("{owner}-camera"), move || {
            camera::run(&camera, status.said(), &stop);
        })?;
        let own = Some(Stoppable { stopper, threads: vec![thread] });
        Ok(Self { board, attempt, at_work: None, own })
    }

    /// Returns what is published now.
    pub fn seen(&self, now: Instant) -> CameraSeen {
        // The state is published first, so it is at least as new as the attempt.
        let attempt = self.board.attempt().get().value.clone();
        let report = self.board.report(now);
        CameraSeen {
            at_work: self.at_work.is_some(),
            removed: self.is_removed(),
            attempt,
            kind: report.kind,
            step: report.step,
            trouble: report.trouble,
            picture_size: report.picture_size,
        }
    }
}
