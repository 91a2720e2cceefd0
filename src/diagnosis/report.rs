//! The events of a test: the begin and end of each stage, and the overall outcome.

use crate::advice::Advice;
use crate::base::clock;
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Serial};
use crossbeam_channel::Sender;
use std::time::{Duration, Instant};

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
    /// The camera sends a key frame.
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

/// An event of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A stage begins or ends.
    Stage(Finding),
    /// The test is over; holds the worst outcome.
    Done(Outcome),
}

/// Each stage sends two events, and one event follows at the end.
pub const QUEUE_TOLD: usize = 2 * Stage::ALL.len() + 1;

/// The device that was found instead of the expected one.
#[derive(Debug, Default)]
struct Found {
    serial: Option<Serial>,
    fingerprint: Option<Fingerprint>,
}

/// The sending side. It reports each stage once, in order, and leaves none out.
#[derive(Debug)]
pub struct Report {
    told: Sender<Told>,
    /// The stages that are not over yet.
    left: &'static [Stage],
    begun: Option<Instant>,
    /// Sent with the end of the current stage.
    found: Found,
    worst: Outcome,
}

impl Report {
    pub fn new(told: Sender<Told>) -> Self {
        const ALL: &[Stage] = &Stage::ALL;
        Self { told, left: ALL, begun: None, found: Found::default(), worst: Outcome::Passed }
    }

    /// Returns the next or current stage.
    pub fn stage(&self) -> Option<Stage> {
        self.left.first().copied()
    }

    /// Begins the next stage.
    pub fn begin(&mut self) {
        self.begun = Some(clock::now());
        if let Some(stage) = self.stage() {
            let (found_serial, found_fingerprint) = (None, None);
            let begun = Finding { stage, outcome: None, took: None, advice: None, found_serial, found_fingerprint };
            self.tell(Told::Stage(begun));
        }
    }

    /// Ends the current stage.
    pub fn end(&mut self, outcome: Outcome, advice: Option<Advice>) {
        let took = self.took();
        self.end_in(outcome, took, advice);
    }

    /// Ends the next stage without beginning it, because the previous one has decided it too.
    pub fn end_in(&mut self, outcome: Outcome, took: Option<Duration>, advice: Option<Advice>) {
        let Some((stage, left)) = self.left.split_first() else { return };
        self.left = left;
        self.worst = self.worst.max(outcome);
        let Found { serial: found_serial, fingerprint: found_fingerprint } = std::mem::take(&mut self.found);
        let stage = *stage;
        self.tell(Told::Stage(Finding {
            stage,
            outcome: Some(outcome),
            took,
            advice,
            found_serial,
            found_fingerprint,
        }));
    }

    /// Ends the current stage as passed.
    pub fn pass(&mut self, advice: Option<Advice>) {
        self.end(Outcome::Passed, advice);
    }

    /// Records that another printer, or a camera with another certificate, was found.
    pub fn found(&mut self, refusal: &Refusal) {
        self.found = Found { serial: refusal.found_serial(), fingerprint: refusal.found_fingerprint() };
    }

    /// Returns how long the current stage has taken; only the first call returns it.
    pub fn took(&mut self) -> Option<Duration> {
        self.begun.take().map(|begun| clock::now().saturating_duration_since(begun))
    }

    /// Skips every open stage before `stage`.
    pub fn skip_to(&mut self, stage: Stage) {
        while self.stage().is_some_and(|next| next < stage) {
            self.end(Outcome::Skipped, None);
        }
    }

    /// Skips the remaining stages and ends the test.
    pub fn close(&mut self) {
        while self.stage().is_some() {
            self.end(Outcome::Skipped, None);
        }
        self.tell(Told::Done(self.worst));
    }

    fn tell(&self, told: Told) {
        // There is room for every event; the receiver may be gone.
        let _ = self.told.try_send(told);
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Failed, Passed, Skipped, Warned};
    use super::*;
    use crate::advice;
    use crossbeam_channel::bounded;

    #[test]
    fn every_stage_is_reported_once_in_order_and_the_worst_counts() {
        let (told, telling) = bounded(QUEUE_TOLD);
        let mut report = Report::new(told);
        report.begin();
        report.pass(None);
        report.begin();
        report.end(Failed, Some(advice::test::REMOVED.plain()));
        report.skip_to(Stage::CameraPort);
        report.begin();
        report.end(Warned, None);
        report.close();
        let told: Vec<Told> = telling.try_iter().collect();
        let over = |told: &Told| match told {
            Told::Stage(Finding { stage, outcome: Some(outcome), .. }) => Some((*stage, *outcome)),
            _ => None,
        };
        let outcomes: Vec<(Stage, Outcome)> = told.iter().filter_map(over).collect();
        assert_eq!(outcomes.iter().map(|(stage, _)| *stage).collect::<Vec<_>>(), Stage::ALL);
        let expected = [Passed, Failed, Skipped, Skipped, Skipped, Skipped, Warned, Skipped];
        assert_eq!(outcomes.iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), expected);
        assert_eq!(told.last(), Some(&Told::Done(Failed)));
        assert_eq!(told.iter().filter(|told| matches!(told, Told::Stage(Finding { outcome: None, .. }))).count(), 3);
    }

    #[test]
    fn what_is_skipped_makes_nothing_worse() {
        let (told, telling) = bounded(QUEUE_TOLD);
        Report::new(told).close();
        assert_eq!(telling.try_iter().last(), Some(Told::Done(Passed)));
    }
}
