//! Tests a printer stage by stage, from its address to its camera's first key frame. A test saves nothing.
//!
//! ```text
//! test-4 ─ link:   address ─► mqtt-port ─► certificate ─► access-code ─► first-report ─► commands   (test-4-mqtt)
//!        └ camera: camera-port ─► key-frame                                                       (test-4-camera)
//! ```
//!
//! A test opens its own connections, with the code that running printers use. If the printer is running here and its
//! link or camera is up, the test reads that state instead. Brokers accept about four clients, and cameras often only
//! one.

mod camera;
mod limit;
mod link;
mod report;
mod subject;

pub use limit::{TooMany, Trials};
pub use report::{Finding, Outcome, Stage, Told};
pub use subject::TrialError;

use crate::base::clock;
use crate::base::stop::{Stop, Stopper, stop};
use crate::base::thread::{Thread, spawn, waits_for};
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crossbeam_channel::{Receiver, bounded};
use limit::Seat;
use report::{QUEUE_TOLD, Report};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use subject::Subject;

/// Limit for all stages together.
const WHOLE_TEST: Duration = Duration::from_secs(58);

/// A running test. Dropping it ends it and waits until its connections are closed: a second at most.
#[derive(Debug)]
pub struct Trial {
    told: Receiver<Told>,
    stopper: Option<Stopper>,
    thread: Option<Thread>,
}

impl Trial {
    fn start(subject: Subject, seat: Seat) -> io::Result<Self> {
        // The queue has room for every event, so the test never waits for a browser.
        let (told, telling) = bounded(QUEUE_TOLD);
        let (stopper, stop) = stop();
        let owner = Label::Test(seat.number());
        let thread = spawn(owner.to_string(), move || {
            waits_for("the stages of its test", Some(clock::now() + WHOLE_TEST));
            run(&subject, owner, Report::new(told), &stop);
            drop(seat);
        })?;
        Ok(Self { told: telling, stopper: Some(stopper), thread: Some(thread) })
    }

    /// Returns the findings in order; the channel is closed after [`Told::Done`].
    #[must_use]
    pub fn told(&self) -> &Receiver<Told> {
        &self.told
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.stopper = None;
        if let Some(thread) = self.thread.take() {
            thread.join();
        }
    }
}

/// The stages of one test.
struct Attempt<'a> {
    subject: &'a Subject,
    owner: Label,
    report: Report,
    /// The certificate seen first, on either connection.
    pin: Arc<Pin>,
    stop: &'a Stop,
    /// When the whole test is given up.
    end: Instant,
}

fn run(subject: &Subject, owner: Label, report: Report, stop: &Stop) {
    let pin = Arc::new(Pin::unsaved(subject.pin));
    let mut attempt = Attempt { subject, owner, report, pin, stop, end: clock::now() + WHOLE_TEST };
    let found = attempt.link();
    if stop.is_stopped() {
        return;
    }
    // A camera elsewhere does not depend on the printer.
    if found.camera_may_be_tried || subject.source.is_elsewhere() {
        attempt.camera(&found.live_view);
    }
    if !stop.is_stopped() {
        attempt.report.close();
    }
}
