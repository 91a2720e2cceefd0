//! The findings about a printer's link or camera, as they are built up stage by stage.

use super::report::{Finding, Outcome, Stage};
use crate::advice::{Advice, test};
use crate::printer::Serial;
use crate::printer::identity::Refusal;
use std::time::{Duration, Instant};

/// When the stages of a link or camera began to be tested, and when the whole test is given up.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub begun: Instant,
    pub end: Instant,
}

/// What can be said by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The stages that are over, in order, and the one that is being tested.
    pub findings: Vec<Finding>,
    pub next: Next,
}

impl Judgement {
    /// Names the serial number that was read from the certificate, in the finding about that.
    pub fn with_serial(mut self, serial: &Serial) -> Self {
        let passed =
            |finding: &&mut Finding| finding.stage == Stage::Certificate && finding.outcome == Some(Outcome::Passed);
        if let Some(finding) = self.findings.iter_mut().find(passed) {
            finding.advice.get_or_insert_with(|| test::certificate(serial));
            finding.found_serial = Some(serial.clone());
        }
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// To be judged again when something is published, and at this time at the latest.
    Wait(Instant),
    /// Everything is decided, as far as it can be.
    Over {
        /// Whether the peer is reachable, is the printer, and has not refused the code.
        camera_may_be_tried: bool,
    },
}

/// Builds a judgement. A stage begins when the one before it ends, or when the test begins. A stage that was over before
/// the test has no duration.
#[derive(Debug)]
pub struct Findings {
    list: Vec<Finding>,
    /// The stages that are not over yet.
    left: &'static [Stage],
    test_begun: Instant,
    begun: Instant,
}

impl Findings {
    /// Begins with these stages.
    pub fn new(stages: &'static [Stage], span: Span) -> Self {
        Self { list: Vec::new(), left: stages, test_begun: span.begun, begun: span.begun }
    }

    /// Returns the current stage.
    pub fn stage(&self) -> Option<Stage> {
        self.left.first().copied()
    }

    /// Ends the current stage, at this time.
    pub fn end(&mut self, outcome: Outcome, at: Instant, advice: Option<Advice>) {
        let took = (at >= self.test_begun).then(|| at.saturating_duration_since(self.begun));
        self.begun = at.max(self.test_begun);
        self.push(Some(outcome), took, advice);
    }

    /// Ends the current stage as passed, at this time.
    pub fn pass(&mut self, at: Instant, advice: Option<Advice>) {
        self.end(Outcome::Passed, at, advice);
    }

    /// Ends the current stage without testing it.
    pub fn know(&mut self, outcome: Outcome, advice: Option<Advice>) {
        self.push(Some(outcome), None, advice);
    }

    /// Ends the current stage, which the previous one has decided too.
    pub fn end_as_well(&mut self, outcome: Outcome, advice: Option<Advice>) {
        let took = self.list.last().and_then(|finding| finding.took);
        self.push(Some(outcome), took, advice);
    }

    /// Names the device that was found instead of the expected one, in the finding of the last stage.
    pub fn found(&mut self, refusal: &Refusal) {
        if let Some(finding) = self.list.last_mut() {
            finding.found_serial = refusal.found_serial();
            finding.found_fingerprint = refusal.found_fingerprint();
        }
    }

    /// The current stage is being tested, until this time at the latest.
    pub fn wait(mut self, until: Instant) -> Judgement {
        self.push(None, None, None);
        Judgement { findings: self.list, next: Next::Wait(until) }
    }

    /// The current stage will be tested; it has not begun.
    pub fn wait_to_begin(self, until: Instant) -> Judgement {
        Judgement { findings: self.list, next: Next::Wait(until) }
    }

    /// Nothing more can be found out.
    pub fn over(self, camera_may_be_tried: bool) -> Judgement {
        Judgement { findings: self.list, next: Next::Over { camera_may_be_tried } }
    }

    fn push(&mut self, outcome: Option<Outcome>, took: Option<Duration>, advice: Option<Advice>) {
        let Some((stage, left)) = self.left.split_first() else { return };
        self.left = left;
        self.list.push(Finding::of(*stage, outcome, took, advice));
    }
}
