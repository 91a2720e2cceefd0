//! Layer 7: tests a printer stage by stage, from its address to its camera's first key frame. A test saves nothing.
//!
//! ```text
//! test-4 ─ link:   address ─► mqtt-port ─► certificate ─► access-code ─► first-report ─► commands
//!        └ camera: camera-port ─► key-frame
//! ```
//!
//! A test only observes. It starts the link and then the camera of a temporary printer, with the code of the registered
//! ones, one attempt each. [`link`] and [`camera`] are pure: they turn what was published into findings. If the printer
//! is running here and its link or camera is up, the same functions look at that state instead. Brokers accept about
//! four clients, and cameras often only one.

mod camera;
mod findings;
mod limit;
mod link;
mod observed;
mod report;
mod subject;

pub use limit::{Tests, TooMany};
pub use report::{Event, Finding, Outcome, Stage};
pub use subject::TestError;

use crate::advice;
use crate::base::clock;
use crate::base::stop::{Stop, Stopper, stop};
use crate::base::thread::{Thread, spawn, waits_for};
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crossbeam_channel::{Receiver, bounded, select};
use findings::{Judgement, Next, Span};
use limit::Seat;
use observed::Observed;
use report::{QUEUE_EVENTS, Report};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use subject::{Nameless, Subject};

/// Limit for all stages together.
const WHOLE_TEST: Duration = Duration::from_secs(58);

/// A running test. Dropping it ends it and waits until its connections are closed: a second at most.
#[derive(Debug)]
pub struct Test {
    events: Receiver<Event>,
    stopper: Option<Stopper>,
    thread: Option<Thread>,
}

impl Test {
    fn start(subject: Subject, seat: Seat) -> io::Result<Self> {
        Self::run(seat, move |owner, report, stop| run(&subject, owner, report, clock::now(), stop))
    }

    /// Starts the test of a printer that is first asked for its serial number.
    fn start_nameless(nameless: Nameless, seat: Seat) -> io::Result<Self> {
        Self::run(seat, move |owner, mut report, stop| {
            let begun = clock::now();
            report.tell_new(vec![Finding::of(Stage::Address, None, None, None)]);
            match nameless.ask(stop) {
                Ok(subject) => run(&subject, owner, report, begun, stop),
                Err(error) if error.is_stopped() => {}
                Err(error) => {
                    let span = Span { begun, end: begun + WHOLE_TEST };
                    report.tell_new(link::judge_nameless(error, span, clock::now()));
                    report.close();
                }
            }
        })
    }

    fn run(seat: Seat, stages: impl FnOnce(Label, Report, &Stop) + Send + 'static) -> io::Result<Self> {
        // The queue has room for every event, so the test never waits for a browser.
        let (report, events) = bounded(QUEUE_EVENTS);
        let (stopper, stop) = stop();
        let owner = Label::Test(seat.number());
        let thread = spawn(owner.to_string(), move || {
            waits_for("the stages of its test", Some(clock::now() + WHOLE_TEST));
            stages(owner, Report::new(report), &stop);
            drop(seat);
        })?;
        Ok(Self { events, stopper: Some(stopper), thread: Some(thread) })
    }

    /// Returns the events in order; the channel is closed after [`Event::Done`].
    #[must_use]
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}

impl Drop for Test {
    fn drop(&mut self) {
        self.stopper = None;
        if let Some(thread) = self.thread.take() {
            thread.join();
        }
    }
}

fn run(subject: &Subject, owner: Label, mut report: Report, begun: Instant, stop: &Stop) {
    let span = Span { begun, end: begun + WHOLE_TEST };
    // The certificate seen first is expected on either connection.
    let pin = Arc::new(Pin::unsaved(subject.certificate));
    let link = Observed::link(subject, owner, &pin);
    let serial = &subject.printer.serial;
    let judge = |now| {
        let judgement = link::judge(&link.seen(now), serial, span, now);
        if subject.serial_was_read { judgement.with_serial(serial) } else { judgement }
    };
    let next = follow(&mut report, stop, link.news(), judge);
    let status = link.end();
    // A camera elsewhere does not depend on the printer.
    let next = next.filter(|camera_may_be_tried| *camera_may_be_tried || subject.source.is_elsewhere());
    if next.is_some() {
        report.skip_to(Stage::CameraPort);
        let span = Span { begun: clock::now(), ..span };
        match Observed::camera(subject, owner, &pin, &status) {
            Ok(camera) => {
                follow(&mut report, stop, camera.news(), |now| camera::judge(&camera.seen(now), span, now));
                camera.end();
            }
            Err(error) => {
                let advice = Some(advice::test::no_room(&error));
                report.tell_new(vec![Finding::of(Stage::CameraPort, Some(Outcome::Failed), None, advice)]);
            }
        }
    }
    if !stop.is_stopped() {
        report.close();
    }
}

/// Judges whenever something is published, and reports what is new, until it is decided. Returns whether the camera may
/// be tried; `None` at the stop.
fn follow(
    report: &mut Report,
    stop: &Stop,
    [state, attempt]: [Receiver<()>; 2],
    judge: impl Fn(Instant) -> Judgement,
) -> Option<bool> {
    loop {
        let Judgement { findings, next } = judge(clock::now());
        report.tell_new(findings);
        let due = match next {
            Next::Over { camera_may_be_tried } => return Some(camera_may_be_tried),
            Next::Wait(due) => due,
        };
        select! {
            recv(state) -> _ => {}
            recv(attempt) -> _ => {}
            recv(stop.channel()) -> _ => return None,
            default(due.saturating_duration_since(clock::now())) => {}
        }
    }
}

#[cfg(test)]
mod tests;
