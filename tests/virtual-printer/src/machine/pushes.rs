//! Reports as messages: whole ones and deltas, counted.

use super::Machine;
use super::firmware::Tells;
use super::job::JobState;
use crate::json::{Json, Object, Style, object};

/// What was told, so that a delta tells the rest.
#[derive(Debug, Default)]
pub(crate) struct Pushes {
    sequence: u64,
    told: Option<Json>,
    /// So many of the next full reports lack `ams`.
    holes: u32,
    last: Last,
}

/// Whether the delta that ends the job is lost.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    #[default]
    Arrives,
    WillBeLost,
    /// Since then only the Wi-Fi has been told.
    WasLost,
}

/// Something odd about one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// A byte that is not UTF-8 in the file's name, as an A1 mini sent.
    InvalidUtf8,
    /// So many bytes of nothing in a field nobody knows.
    Huge(usize),
    /// Its end is missing.
    CutOff,
    /// Numbers as text, text as numbers, a list where an object was.
    WrongTypes,
}

impl Pushes {
    /// Everything, `msg` 0.
    pub(crate) fn full(&mut self, machine: &mut Machine, unix_ms: i64) -> Vec<u8> {
        let mut report = machine.report(unix_ms);
        self.told = Some(Json::Object(report.clone()));
        self.last = Last::Arrives;
        if self.holes > 0 {
            self.holes -= 1;
            report.retain(|(name, _)| name != "ams");
        }
        let msg = machine.profile.says_full.then_some(0);
        self.message(report, msg, machine.profile.style).into_bytes()
    }

    /// What has changed, `msg` 1; `None` where nothing has.
    pub(crate) fn delta(&mut self, machine: &mut Machine, unix_ms: i64, oddity: Option<Oddity>) -> Option<Vec<u8>> {
        if machine.firmware.tells == Tells::Everything && oddity.is_none() {
            return Some(self.full(machine, unix_ms));
        }
        let report = Json::Object(machine.report(unix_ms));
        let Some(told) = &self.told else { return Some(self.full(machine, unix_ms)) };
        let mut changed = match report.since(told) {
            Some(Json::Object(changed)) => changed,
            _ => Object::new(),
        };
        self.told = Some(report);
        if machine.omits_empty {
            changed.retain(|(_, value)| !value.is_empty());
        }
        self.lose(&mut changed, machine);
        if let Some(oddity) = oddity {
            oddity.put_into(&mut changed);
        } else if changed.is_empty() && machine.firmware.tells == Tells::ChangesOrNothing {
            return None;
        }
        let text = self.message(changed, Some(1), machine.profile.style);
        Some(match oddity {
            Some(oddity) => oddity.spoil(text),
            None => text.into_bytes(),
        })
    }

    /// The next full report lacks `ams`, though there is one.
    pub(crate) fn make_hole(&mut self) {
        self.holes += 1;
    }

    /// The delta with which the job ends is not sent, and after it only the Wi-Fi is told, until somebody asks for
    /// everything.
    pub(crate) fn lose_last(&mut self) {
        self.last = Last::WillBeLost;
    }

    /// Nothing is missing any more.
    pub(crate) fn heal(&mut self) {
        self.holes = 0;
        self.last = Last::Arrives;
    }

    fn lose(&mut self, changed: &mut Object, machine: &Machine) {
        let ends = matches!(machine.state(), JobState::Finish | JobState::Failed);
        if self.last == Last::WillBeLost && ends && changed.iter().any(|(name, _)| name == "gcode_state") {
            self.last = Last::WasLost;
        }
        if self.last == Last::WasLost {
            changed.retain(|(name, _)| name == "wifi_signal");
        }
    }

    /// The last report's number.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// With what says that it is a report, and its number.
    fn message(&mut self, mut report: Object, msg: Option<i32>, style: Style) -> String {
        self.sequence += 1;
        report.push(("command".into(), "push_status".into()));
        report.extend(msg.map(|msg| ("msg".into(), msg.into())));
        report.push(("sequence_id".into(), self.sequence.to_string().into()));
        object([("print", Json::Object(report))]).write(style)
    }
}

impl Oddity {
    fn put_into(self, report: &mut Object) {
        match self {
            Self::InvalidUtf8 => {
                report.retain(|(name, _)| name != "gcode_file");
                report.push(("gcode_file".into(), "K\u{FFFD}che.gcode".into()));
            }
            Self::Huge(bytes) => report.push(("padding".into(), "x".repeat(bytes).into())),
            Self::WrongTypes => {
                let wrong: Object = vec![
                    ("mc_percent".into(), "17".into()),
                    ("subtask_name".into(), 17.into()),
                    ("hms".into(), object([("attr", "0".into())])),
                    ("lights_report".into(), Json::Null),
                    ("nozzle_temper".into(), "hot".into()),
                ];
                report.retain(|(name, _)| wrong.iter().all(|(other, _)| other != name));
                report.extend(wrong);
            }
            Self::CutOff => {}
        }
    }

    fn spoil(self, text: String) -> Vec<u8> {
        const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();
        let mut bytes = text.into_bytes();
        match self {
            Self::InvalidUtf8 => {
                let at = bytes.windows(REPLACEMENT.len()).position(|window| window == REPLACEMENT);
                if let Some(at) = at {
                    bytes.splice(at..at + REPLACEMENT.len(), [0xFC]);
                }
            }
            Self::CutOff => bytes.truncate(bytes.len() / 2),
            Self::Huge(_) | Self::WrongTypes => {}
        }
        bytes
    }
}
