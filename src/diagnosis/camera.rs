//! Tests the camera's port and its first key frame.

use super::Attempt;
use super::report::{Outcome, Stage};
use super::subject::AtWork;
use crate::advice::{self, Advice, Tries};
use crate::base::clock;
use crate::base::stop::stop;
use crate::base::thread::spawn;
use crate::base::watch::Bells;
use crate::camera::source::{Place, Unready};
use crate::camera::state::{CameraBoard, Ended, Step};
use crate::camera::{self, Camera, CameraError};
use crate::net::link::{Failure, LinkError};
use crate::printer::RtspUrl;
use crate::printer::ipcam::LiveView;
use crate::stream::Fanout;
use crossbeam_channel::{Receiver, bounded, select};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limit for both stages. A P2S needs more than 10 s for its first packet on a cold start. Some cameras send their
/// first key frame after more than 20 s.
const CAMERA_WITHIN: Duration = Duration::from_secs(30);

/// Interval at which the camera's state is checked anyway: a repeated failure of the same kind sends no
/// notification.
const LOOK: Duration = Duration::from_millis(250);

impl Attempt<'_> {
    pub fn camera(&mut self, live_view: &LiveView) {
        self.report.skip_to(Stage::CameraPort);
        let end = self.end.min(clock::now() + CAMERA_WITHIN);
        let url = self.subject.source.url(live_view);
        // Platecast itself connects to no camera without a configured certificate, so the test may open a connection.
        let source = &self.subject.source;
        let at_work = self.subject.at_work.as_ref().filter(|work| work.has_camera_of(source, live_view));
        match (at_work, url) {
            (_, Err(Unready::Stranger(url))) => self.camera_of_its_own(&url, end),
            (Some(work), _) => self.camera_at_work(work, end),
            (None, Ok(url)) => self.camera_of_its_own(&url, end),
            (None, Err(Unready::SwitchedOff)) => self.no_video(Step::SwitchedOff),
            (None, Err(Unready::NotSupported)) => self.no_video(Step::NotSupported),
            (None, Err(Unready::Forbidden(why))) => {
                self.report.end(Outcome::Failed, Some(advice::field::of_url(why)));
            }
        }
    }

    /// Ends the stage for a printer without video: this is not a fault, and there is nothing to test.
    fn no_video(&mut self, step: Step) {
        self.report.end(Outcome::Warned, Some(advice::of_camera_step(step)));
    }

    /// Tests by reading the running camera's state, since a second connection could end the first.
    fn camera_at_work(&mut self, work: &AtWork, end: Instant) {
        let board = &work.camera;
        let bell = work.bells.listen(Some(work.id));
        let (failures_before, _) = board.failures();
        if board.step() != Step::Live {
            self.report.begin();
            // The next attempt may be a minute away, so one is requested now. A failure after this belongs to a new
            // attempt.
            work.status.live_view().wake();
        }
        loop {
            let step = board.step();
            let (failures, ended) = board.failures();
            let said = || {
                let report = board.report(clock::now());
                let trouble = report.trouble.as_ref().map(advice::of_camera_trouble);
                trouble.unwrap_or_else(|| advice::of_camera(&report.condition()))
            };
            if work.live.has_ended() {
                return self.camera_failed(false, advice::test::REMOVED.plain());
            }
            match step {
                Step::SwitchedOff | Step::NotSupported => return self.no_video(step),
                Step::Live => {
                    if self.report.stage() == Some(Stage::CameraPort) {
                        self.report.pass(Some(advice::test::CAMERA_AT_WORK.plain()));
                    }
                    return self.key_frame(board);
                }
                _ if failures > failures_before => {
                    let reached = ended.is_none_or(|Ended { reached, .. }| reached);
                    return self.camera_failed(reached, said());
                }
                Step::Starting | Step::Connecting | Step::Retrying | Step::Refused => {}
                _ => self.port_is_open(),
            }
            let left = end.saturating_duration_since(clock::now());
            if left.is_zero() {
                self.report.end(Outcome::Failed, Some(said()));
                return;
            }
            select! {
                recv(bell) -> _ => {}
                recv(self.stop.channel()) -> _ => return,
                default(left.min(LOOK)) => {}
            }
        }
    }

    /// Tests with a separate connection, which is closed at the first key frame.
    fn camera_of_its_own(&mut self, url: &RtspUrl, end: Instant) {
        let bells = Arc::new(Bells::default());
        let bell = bells.listen(None);
        let board = Arc::new(CameraBoard::new(self.owner, bells));
        let camera = Camera {
            owner: self.owner,
            source: self.subject.source.clone(),
            // One frame ends the test, and nobody watches it.
            units: Arc::new(Fanout::new(self.owner, 0)),
            live: None,
            board: Arc::clone(&board),
            pin: Arc::clone(&self.pin),
        };
        let (stopper, camera_stop) = stop();
        let (ending, ended) = bounded(1);
        self.report.begin();
        let dialled = url.clone();
        let thread = spawn(format!("{}-camera", self.owner), move || {
            // Nobody receives this after a stop.
            let _ = ending.send(camera::run_once(&camera, &dialled, &camera_stop));
        });
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => return self.report.end(Outcome::Failed, Some(advice::test::no_room(&error))),
        };
        self.watch(&board, &bell, &ended, self.subject.source.place(url), end);
        drop(stopper);
        thread.join();
    }

    fn watch(
        &mut self,
        board: &CameraBoard,
        bell: &Receiver<()>,
        ended: &Receiver<Result<(), CameraError>>,
        place: Place,
        end: Instant,
    ) {
        loop {
            let step = board.step();
            if !matches!(step, Step::Starting | Step::Connecting) {
                self.port_is_open();
            }
            if step == Step::Live {
                return self.key_frame(board);
            }
            select! {
                recv(ended) -> result => {
                    if let Ok(Err(error)) = result {
                        if error.reached() {
                            self.port_is_open();
                        }
                        if let CameraError::Link(LinkError { failure: Failure::Certificate(refusal), .. }) = &error {
                            self.report.found(refusal);
                        }
                        self.report.end(Outcome::Failed, Some(advice::of_camera_error(&error, place, Tries::Single)));
                    }
                    return;
                }
                recv(bell) -> _ => {}
                recv(self.stop.channel()) -> _ => return,
                default(end.saturating_duration_since(clock::now())) => {
                    let stuck = advice::test::stuck_at(board.step(), CAMERA_WITHIN);
                    return self.report.end(Outcome::Failed, Some(stuck));
                }
            }
        }
    }

    /// Passes the port's stage, once.
    fn port_is_open(&mut self) {
        if self.report.stage() == Some(Stage::CameraPort) {
            self.report.pass(None);
            self.report.begin();
        }
    }

    fn key_frame(&mut self, board: &CameraBoard) {
        let size = board.report(clock::now()).picture_size;
        self.report.pass(size.map(advice::test::picture_size));
    }

    fn camera_failed(&mut self, reached: bool, why: Advice) {
        if reached {
            self.port_is_open();
        }
        self.report.end(Outcome::Failed, Some(why));
    }
}
