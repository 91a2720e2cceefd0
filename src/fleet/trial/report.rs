//! What a test tells: each stage when it begins and when it is over, and what all of it came to.

use crate::base::clock;
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Serial};
use crossbeam_channel::Sender;
use std::time::{Duration, Instant};

/// What is tried, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Somebody is there.
    Address,
    /// The port for status and commands is open.
    MqttPort,
    /// TLS, and the certificate is this printer's.
    Certificate,
    /// MQTT CONNECT: the printer takes the code.
    AccessCode,
    /// It reports.
    FirstReport,
    /// It takes commands from here.
    Commands,
    /// The camera's port is open.
    CameraPort,
    /// The camera sends a picture to begin with.
    KeyFrame,
}

impl Stage {
    /// All of them.
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

    /// The word for it in JSON.
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

/// What a stage came to. The later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It could not be tried, or there is nothing to find out.
    Skipped,
    /// As it should be.
    Passed,
    /// It works with a limit that a person should know.
    Warned,
    /// It does not work.
    Failed,
}

/// What is known of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub stage: Stage,
    /// `None`: it is being tried.
    pub outcome: Option<Outcome>,
    /// How long it took, where it was tried just now.
    pub took: Option<Duration>,
    /// What was found and, where something is wrong, what to do.
    pub sentence: Option<String>,
    /// The serial number of the printer that is there, where it is another one.
    pub found_serial: Option<Serial>,
    /// The fingerprint of the camera's certificate, where it is another one, or none was expected.
    pub found_fingerprint: Option<Fingerprint>,
}

/// What whoever listens is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A stage begins or is over.
    Stage(Finding),
    /// The end, with the worst there was.
    Done(Outcome),
}

/// Each stage is told twice, and then the end.
pub const QUEUE_TOLD: usize = 2 * Stage::ALL.len() + 1;

/// What is there instead of what was expected.
#[derive(Debug, Default)]
struct Found {
    serial: Option<Serial>,
    fingerprint: Option<Fingerprint>,
}

/// The telling side: stage after stage, none twice, none left out.
#[derive(Debug)]
pub struct Report {
    told: Sender<Told>,
    /// Those that are not over yet.
    left: &'static [Stage],
    begun: Option<Instant>,
    /// To be told with the end of the stage under way.
    found: Found,
    worst: Outcome,
}

impl Report {
    pub fn new(told: Sender<Told>) -> Self {
        const ALL: &[Stage] = &Stage::ALL;
        Self { told, left: ALL, begun: None, found: Found::default(), worst: Outcome::Passed }
    }

    /// The stage that is next or under way.
    pub fn stage(&self) -> Option<Stage> {
        self.left.first().copied()
    }

    /// The next stage is being tried.
    pub fn begin(&mut self) {
        self.begun = Some(clock::now());
        if let Some(stage) = self.stage() {
            let (found_serial, found_fingerprint) = (None, None);
            let begun = Finding { stage, outcome: None, took: None, sentence: None, found_serial, found_fingerprint };
            self.tell(Told::Stage(begun));
        }
    }

    /// It is over.
    pub fn end(&mut self, outcome: Outcome, sentence: Option<String>) {
        let took = self.took();
        self.end_in(outcome, took, sentence);
    }

    /// The next one is over already: what showed the one before has shown this one too.
    pub fn end_in(&mut self, outcome: Outcome, took: Option<Duration>, sentence: Option<String>) {
        let Some((stage, left)) = self.left.split_first() else { return };
        self.left = left;
        self.worst = self.worst.max(outcome);
        let Found { serial: found_serial, fingerprint: found_fingerprint } = std::mem::take(&mut self.found);
        let stage = *stage;
        self.tell(Told::Stage(Finding {
            stage,
            outcome: Some(outcome),
            took,
            sentence,
            found_serial,
            found_fingerprint,
        }));
    }

    /// It is over and as it should be.
    pub fn pass(&mut self, sentence: Option<String>) {
        self.end(Outcome::Passed, sentence);
    }

    /// Another printer is there, or a camera with another certificate.
    pub fn found(&mut self, refusal: &Refusal) {
        self.found = Found { serial: refusal.found_serial(), fingerprint: refusal.found_fingerprint() };
    }

    /// How long the stage under way has taken, once.
    pub fn took(&mut self) -> Option<Duration> {
        self.begun.take().map(|begun| clock::now().saturating_duration_since(begun))
    }

    /// Every stage before this one that is not over cannot be tried.
    pub fn skip_to(&mut self, stage: Stage) {
        while self.stage().is_some_and(|next| next < stage) {
            self.end(Outcome::Skipped, None);
        }
    }

    /// What is left cannot be tried, and that is all.
    pub fn close(&mut self) {
        while self.stage().is_some() {
            self.end(Outcome::Skipped, None);
        }
        self.tell(Told::Done(self.worst));
    }

    fn tell(&self, told: Told) {
        // There is room for all of them; whoever listened may have gone.
        let _ = self.told.try_send(told);
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Failed, Passed, Skipped, Warned};
    use super::*;
    use crossbeam_channel::bounded;

    #[test]
    fn every_stage_is_told_once_in_order_and_the_worst_is_the_end() {
        let (told, telling) = bounded(QUEUE_TOLD);
        let mut report = Report::new(told);
        report.begin();
        report.pass(None);
        report.begin();
        report.end(Failed, Some("Closed.".to_owned()));
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
