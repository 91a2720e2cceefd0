//! A test of a printer, stage by stage, from its address to its camera's first key frame. Nothing is saved by it.
//!
//! ```text
//! test-4 ─ link:   address ─► mqtt-port ─► certificate ─► access-code ─► first-report ─► commands   (test-4-mqtt)
//!        └ camera: camera-port ─► key-frame                                                       (test-4-camera)
//! ```
//!
//! It opens connections of its own, by the code that printers at work use. Where the printer is at work here and its
//! link or camera stands, the boards of those answer instead: brokers take about four clients, cameras often one.

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

/// For all stages together.
const WHOLE_TEST: Duration = Duration::from_secs(58);

/// A test under way. Dropping it ends it, and waits until its connections are closed: a second at most.
#[derive(Debug)]
pub struct Trial {
    told: Receiver<Told>,
    stopper: Option<Stopper>,
    thread: Option<Thread>,
}

impl Trial {
    fn start(subject: Subject, seat: Seat) -> io::Result<Self> {
        // Room for all that is ever told, so that nobody waits for a browser.
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

    /// What is found, in order; closed behind [`Told::Done`].
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
    /// The certificate seen first, by either link.
    pin: Arc<Pin>,
    stop: &'a Stop,
    /// When all of it is given up.
    end: Instant,
}

fn run(subject: &Subject, owner: Label, report: Report, stop: &Stop) {
    let pin = Arc::new(Pin::unsaved(subject.pin));
    let mut attempt = Attempt { subject, owner, report, pin, stop, end: clock::now() + WHOLE_TEST };
    let found = attempt.link();
    if stop.is_stopped() {
        return;
    }
    // A camera elsewhere has nothing to do with how the printer is.
    if found.camera_may_be_tried || subject.source.is_elsewhere() {
        attempt.camera(&found.live_view);
    }
    if !stop.is_stopped() {
        attempt.report.close();
    }
}

/// The end of a test whose printer has been removed meanwhile.
const REMOVED: &str = "This printer has been removed here.";

impl Attempt<'_> {
    fn too_long(&self) -> String {
        format!("This takes too long: the test was ended after {} s.", WHOLE_TEST.as_secs())
    }
}

/// What is said of a link that goes on trying is not true of a single attempt.
fn of_one_attempt(sentence: &str) -> String {
    sentence.replace("; it is tried again", "").replace("; reconnecting", "")
}
