//! The events of a test: the begin and end of each stage, and the overall outcome.

use crate::advice::Advice;
use crate::printer::{Fingerprint, Serial};
use crossbeam_channel::Sender;
use std::time::Duration;

/// The stages, in the order in which they are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Something answers at the address.
    Address,
    /// The port for status and commands is open.
    MqttPort,
    /// TLS works, and the certificate is this printer's.
    Certificate,
    /// MQTT CONNECT: the printer accepts the code.
    AccessCode,
    /// The printer sends a report.
    FirstReport,
    /// The printer accepts our commands.
    Commands,
    /// The camera's port is open.
    CameraPort,
    /// The camera sends a key frame, or its first picture.
    KeyFrame,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::MqttPort,
        Self::Certificate,
        Self::AccessCode,
        Self::FirstReport,
        Self::Commands,
        Self::CameraPort,
        Self::KeyFrame,
    ];

    /// Returns the name of the stage in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::MqttPort => "mqtt-port",
            Self::Certificate => "certificate",
            Self::AccessCode => "access-code",
            Self::FirstReport => "first-report",
            Self::Commands => "commands",
            Self::CameraPort => "camera-port",
            Self::KeyFrame => "key-frame",
        }
    }
}

/// The outcome of a stage, ordered from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The stage could not be tested, or there is nothing to find out.
    Skipped,
    /// Everything is in order.
    Passed,
    /// It works, with a limitation that a person should know.
    Warned,
    /// It does not work.
    Failed,
}

/// The result of a stage so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stage.
    pub stage: Stage,
    /// `None` while the stage is being tested.
    pub outcome: Option<Outcome>,
    /// How long the stage took, if it was tested just now.
    pub took: Option<Duration>,
    /// What was found and, if something is wrong, what to do.
    pub advice: Option<Advice>,
    /// The serial number of the printer found, if it is another one.
    pub found_serial: Option<Serial>,
    /// The fingerprint of the camera's certificate, if it differs from the expected one or none was expected.
    pub found_fingerprint: Option<Fingerprint>,
}

impl Finding {
    /// Returns a finding that names no other device.
    pub fn of(stage: Stage, outcome: Option<Outcome>, took: Option<Duration>, advice: Option<Advice>) -> Self {
        Self { stage, outcome, took, advice, found_serial: None, found_fingerprint: None }
    }
}

/// An event of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A stage begins or ends.
    Stage(Finding),
    /// The test is over; holds the worst outcome.
    Done(Outcome),
}

/// Each stage sends two events, and one event follows at the end.
pub const QUEUE_EVENTS: usize = 2 * Stage::ALL.len() + 1;

/// The sending side. It reports each stage once, in order, and leaves none out.
#[derive(Debug)]
pub struct Report {
    events: Sender<Event>,
    /// The stages that are not over yet.
    left: &'static [Stage],
    /// Whether the first of them has begun.
    has_begun: bool,
    worst: Outcome,
}

impl Report {
    pub fn new(events: Sender<Event>) -> Self {
        const ALL: &[Stage] = &Stage::ALL;
        Self { events, left: ALL, has_begun: false, worst: Outcome::Passed }
    }

    /// Sends what these findings say of the stages that are not over yet.
    pub fn tell_new(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let Some((next, left)) = self.left.split_first() else { return };
            if finding.stage != *next {
                continue;
            }
            // TCP decides the first two stages at once, so the second one is never being tested.
            let is_tested = finding.outcome.is_none() || finding.took.is_some();
            if is_tested && !self.has_begun && *next != Stage::MqttPort {
                self.has_begun = true;
                self.send(Event::Stage(Finding::of(*next, None, None, None)));
            }
            if let Some(outcome) = finding.outcome {
                (self.left, self.has_begun) = (left, false);
                self.worst = self.worst.max(outcome);
                self.send(Event::Stage(finding));
            }
        }
    }

    /// Skips every open stage before `stage`.
    pub fn skip_to(&mut self, stage: Stage) {
        while let Some(next) = self.left.first().filter(|next| **next < stage) {
            self.tell_new(vec![Finding::of(*next, Some(Outcome::Skipped), None, None)]);
        }
    }

    /// Skips the remaining stages and ends the test.
    pub fn close(&mut self) {
        while let Some(next) = self.left.first() {
            self.tell_new(vec![Finding::of(*next, Some(Outcome::Skipped), None, None)]);
        }
        self.send(Event::Done(self.worst));
    }

    fn send(&self, event: Event) {
        // There is room for every event; the receiver may be gone.
        let _ = self.events.try_send(event);
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Failed, Passed, Skipped, Warned};
    use super::*;
    use crossbeam_channel::bounded;

    fn over(stage: Stage, outcome: Outcome) -> Finding {
        Finding::of(stage, Some(outcome), Some(Duration::from_millis(5)), None)
    }

    fn running(stage: Stage) -> Finding {
        Finding::of(stage, None, None, None)
    }

    #[test]
    fn every_stage_is_reported_once_in_order_and_the_worst_counts() {
        let (sender, events) = bounded(QUEUE_EVENTS);
        let mut report = Report::new(sender);
        report.tell_new(vec![running(Stage::Address)]);
        report.tell_new(vec![running(Stage::Address)]);
        // Two are over before anybody looks.
        let link = vec![over(Stage::Address, Passed), over(Stage::MqttPort, Passed), over(Stage::Certificate, Failed)];
        report.tell_new(link.clone());
        report.tell_new(link);
        report.skip_to(Stage::CameraPort);
        report.tell_new(vec![over(Stage::CameraPort, Warned)]);
        report.close();
        let told: Vec<(Stage, Option<Outcome>)> = events
            .try_iter()
            .filter_map(|event| match event {
                Event::Stage(finding) => Some((finding.stage, finding.outcome)),
                Event::Done(worst) => {
                    assert_eq!(worst, Failed);
                    None
                }
            })
            .collect();
        let expected = [
            (Stage::Address, None),
            (Stage::Address, Some(Passed)),
            (Stage::MqttPort, Some(Passed)),
            (Stage::Certificate, None),
            (Stage::Certificate, Some(Failed)),
            (Stage::AccessCode, Some(Skipped)),
            (Stage::FirstReport, Some(Skipped)),
            (Stage::Commands, Some(Skipped)),
            (Stage::CameraPort, None),
            (Stage::CameraPort, Some(Warned)),
            (Stage::KeyFrame, Some(Skipped)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_skipped_makes_nothing_worse() {
        let (sender, events) = bounded(QUEUE_EVENTS);
        Report::new(sender).close();
        assert_eq!(events.try_iter().last(), Some(Event::Done(Passed)));
    }
}
