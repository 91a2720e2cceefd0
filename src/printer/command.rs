//! Commands to the printer: a person's request as messages, and the outcome of a command.
//!
//! `result: success` only means that the printer accepted a command. A field of its state confirms that the command
//! took effect ([`Command::happened`]). This module never repeats or stores a command.

use crate::printer::job::Phase;
use crate::printer::machine::{LightMode, chamber_lights};
use crate::printer::problem::{self, Problem};
use crate::printer::report::{Outcome, Reply};
use crate::printer::state::{State, TakesCommands};
use serde::Serialize;
use std::fmt;

/// A command that a person can give to a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Pauses the print.
    Pause,
    /// Resumes the print.
    Resume,
    /// Ends the print for good.
    Stop,
    /// Switches the chamber light.
    Light {
        /// Whether to switch it on.
        on: bool,
    },
}

/// A message to `device/<serial>/request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The printer repeats this in its answer.
    pub sequence_id: String,
    /// The JSON text.
    pub payload: String,
}

/// Numbers the messages of one connection.
///
/// All clients see the same answers, so each should use its own range: Bambu Studio treats 20000–29999 as its own. All
/// numbers stay within 31 bits.
#[derive(Debug)]
pub struct Sequence(u32);

/// The printer's answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The printer accepts the command.
    Accepted,
    /// The printer refuses the command.
    Refused(Refusal),
    /// The printer echoed the command without a result, and only its state will show the outcome. A P1S of 01.10.00.00
    /// refuses in this way.
    Undecided,
}

/// Why the printer refuses a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The printer would have accepted the command with Developer Mode on.
    DeveloperMode,
    /// It answers with the code of a complaint.
    Problem(Problem),
    /// It gives a reason in its own words.
    Reason(String),
    /// It gives no reason.
    Unexplained,
}

/// Why a command makes no sense in the printer's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointless {
    /// There is no print.
    NothingPrinted,
    /// The print to be paused is paused.
    PausedAlready,
    /// The print to be resumed is not paused.
    NotPaused,
}

/// What may be the reason that a command had neither answer nor effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// Developer Mode is off. An A1 mini without it stays silent.
    DeveloperModeOff,
    /// Developer Mode may be off; this model does not tell.
    MaybeDeveloperMode,
    /// Nothing is known.
    Unexplained,
}

impl Sequence {
    /// Returns the sequence of a connection; `seed` should differ between installations and connections.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self(1_000_000_000 + seed % 1_000_000_000)
    }

    fn next(&mut self) -> String {
        self.0 = self.0.saturating_add(1);
        self.0.to_string()
    }

    /// Requests a full report.
    #[must_use]
    pub fn pushall(&mut self) -> Request {
        self.request(|sequence_id| {
            Body::Pushing(Pushall { sequence_id, command: "pushall", version: 1, push_target: 1 })
        })
    }

    /// Requests the modules and their firmware versions.
    #[must_use]
    pub fn get_version(&mut self) -> Request {
        self.request(|sequence_id| Body::Info(Plain { sequence_id, command: "get_version" }))
    }

    fn request<'a>(&mut self, body: impl FnOnce(String) -> Body<'a>) -> Request {
        let sequence_id = self.next();
        let envelope = Envelope { user_id: "1", body: body(sequence_id.clone()) };
        // Numbers and texts can always be written as JSON.
        Request { sequence_id, payload: serde_json::to_string(&envelope).unwrap_or_default() }
    }
}

impl Command {
    /// Returns the messages of the command: one, or one for each light.
    #[must_use]
    pub fn requests(self, state: &State, sequence: &mut Sequence) -> Vec<Request> {
        let mut print =
            |command| vec![sequence.request(|sequence_id| Body::Print(Print { sequence_id, command, param: "" }))];
        match self {
            Self::Pause => print("pause"),
            Self::Resume => print("resume"),
            Self::Stop => print("stop"),
            Self::Light { on } => {
                let mut nodes: Vec<&str> = chamber_lights(&state.lights).map(|light| light.node.as_str()).collect();
                nodes.dedup();
                if nodes.is_empty() {
                    nodes.push("chamber_light");
                }
                let led = |sequence_id, led_node| Body::System(Led::new(sequence_id, led_node, on));
                nodes.into_iter().map(|node| sequence.request(|sequence_id| led(sequence_id, node))).collect()
            }
        }
    }

    /// Returns why the command makes no sense now. If the printer's state is unknown, the printer decides.
    #[must_use]
    pub fn pointless(self, state: &State) -> Option<Pointless> {
        let phase = state.job.phase;
        match (self, phase) {
            (_, Phase::Unknown) | (Self::Light { .. }, _) => None,
            _ if !phase.has_job() => Some(Pointless::NothingPrinted),
            (Self::Pause, Phase::Paused) => Some(Pointless::PausedAlready),
            (Self::Resume, Phase::Running | Phase::Preparing) => Some(Pointless::NotPaused),
            _ => None,
        }
    }

    /// Whether the printer's state shows that the command took effect.
    #[must_use]
    pub fn happened(self, state: &State) -> bool {
        let phase = state.job.phase;
        match self {
            Self::Pause => phase == Phase::Paused,
            Self::Resume => matches!(phase, Phase::Running | Phase::Preparing),
            Self::Stop => matches!(phase, Phase::Failed | Phase::Finished | Phase::Idle),
            Self::Light { on } => {
                let wanted = if on { LightMode::On } else { LightMode::Off };
                let mut lights = chamber_lights(&state.lights).peekable();
                match lights.peek() {
                    Some(_) => lights.all(|light| light.mode == wanted),
                    None => state.light == Some(on),
                }
            }
        }
    }

    /// Interprets an answer to one of our messages; `state` is the state known when it arrives.
    #[must_use]
    pub fn answered(self, reply: &Reply, state: &State) -> Answer {
        let verification = reply.error_code.is_some_and(problem::is_verification_error)
            || reply.reason.as_deref().is_some_and(|reason| reason.contains("verify failed"));
        match reply.outcome {
            Outcome::Accepted => Answer::Accepted,
            Outcome::Refused if verification => Answer::Refused(Refusal::DeveloperMode),
            Outcome::Refused => Answer::Refused(Refusal::other(reply)),
            Outcome::Echoed if self.is_guarded() && complains(state) => Answer::Refused(Refusal::DeveloperMode),
            Outcome::Echoed => Answer::Undecided,
        }
    }

    /// Detects a refusal without an answer: a complaint that was not there when the command was sent.
    #[must_use]
    pub fn refused_by_report(self, sent: &State, now: &State) -> Option<Refusal> {
        (self.is_guarded() && complains(now) && !complains(sent)).then_some(Refusal::DeveloperMode)
    }

    /// Returns what may be the reason for a command without answer and effect.
    #[must_use]
    pub fn unanswered(self, state: &State) -> Unanswered {
        match state.takes_commands {
            TakesCommands::No if self.is_guarded() => Unanswered::DeveloperModeOff,
            TakesCommands::Unknown if self.is_guarded() => Unanswered::MaybeDeveloperMode,
            _ => Unanswered::Unexplained,
        }
    }

    /// Whether the firmware requires Developer Mode for the command: everything sent to `print`.
    #[must_use]
    pub fn is_guarded(self) -> bool {
        !matches!(self, Self::Light { .. })
    }
}

/// Whether the printer is on another job than the one that was shown.
#[must_use]
pub fn is_other_job(state: &State, shown: &str) -> bool {
    state.job.id.as_deref() != Some(shown)
}

fn complains(state: &State) -> bool {
    state.problems.iter().any(Problem::is_refused_command)
}

impl Refusal {
    fn other(reply: &Reply) -> Self {
        match (&reply.reason, reply.error_code.and_then(problem::of_error_code)) {
            (_, Some(problem)) => Self::Problem(problem),
            (Some(reason), None) => Self::Reason(reason.clone()),
            (None, None) => Self::Unexplained,
        }
    }
}

/// For the log.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeveloperMode => f.write_str("it wants Developer Mode"),
            Self::Problem(problem) => write!(f, "with the code {}", problem.code),
            Self::Reason(reason) => f.write_str(reason),
            Self::Unexplained => f.write_str("without a reason"),
        }
    }
}

/// The envelope of every message. No printer is known to read the user id, and LAN clients have none.
#[derive(Serialize)]
struct Envelope<'a> {
    user_id: &'static str,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Body<'a> {
    Print(Print),
    System(Led<'a>),
    Pushing(Pushall),
    Info(Plain),
}

#[derive(Serialize)]
struct Print {
    sequence_id: String,
    command: &'static str,
    param: &'static str,
}

#[derive(Serialize)]
struct Plain {
    sequence_id: String,
    command: &'static str,
}

#[derive(Serialize)]
struct Pushall {
    sequence_id: String,
    command: &'static str,
    version: u8,
    push_target: u8,
}

/// The times only matter to a flashing light, but the fields are required.
#[derive(Serialize)]
struct Led<'a> {
    sequence_id: String,
    command: &'static str,
    led_node: &'a str,
    led_mode: &'static str,
    led_on_time: u16,
    led_off_time: u16,
    loop_times: u8,
    interval_time: u16,
}

impl<'a> Led<'a> {
    fn new(sequence_id: String, led_node: &'a str, on: bool) -> Self {
        Self {
            sequence_id,
            command: "ledctrl",
            led_node,
            led_mode: if on { "on" } else { "off" },
            led_on_time: 500,
            led_off_time: 500,
            loop_times: 1,
            interval_time: 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::merged::MergedReport;
    use crate::printer::report::{Message, parse};
    use serde_json::{Value, json};

    const PAUSED: &str = r#"{"gcode_state": "PAUSE", "job_id": "7"}"#;
    const RUNNING: &str = r#"{"gcode_state": "RUNNING", "job_id": "7"}"#;
    const COMPLAINING: &str = r#"{"gcode_state": "RUNNING", "hms": [{"attr": 83887360, "code": 65543}]}"#;
    const ALL: [Command; 5] =
        [Command::Pause, Command::Resume, Command::Stop, Command::Light { on: true }, Command::Light { on: false }];

    fn state(print: &str) -> State {
        let mut print: Value = serde_json::from_str(print).expect("JSON");
        print["command"] = json!("push_status");
        print["msg"] = json!(0);
        let mut known = MergedReport::default();
        known.hear(parse(json!({ "print": print }).to_string().as_bytes()).expect("a message"), 0);
        State::read(&known, "01P00A000000000")
    }

    fn reply(text: &str) -> Reply {
        match parse(text.as_bytes()) {
            Ok(Message::Reply(reply)) => reply,
            other => panic!("no reply: {other:?}"),
        }
    }

    #[test]
    fn each_command_has_the_message_that_printers_accept() {
        let check = |command: Command, state: &State, payloads: &[&str]| {
            let sent: Vec<String> =
                command.requests(state, &mut Sequence::new(3)).into_iter().map(|r| r.payload).collect();
            assert_eq!(sent, payloads, "{command:?}");
        };
        let none = state("{}");
        let print = |command: &str| {
            format!(r#"{{"user_id":"1","print":{{"sequence_id":"1000000004","command":"{command}","param":""}}}}"#)
        };
        check(Command::Pause, &none, &[&print("pause")]);
        check(Command::Resume, &none, &[&print("resume")]);
        check(Command::Stop, &none, &[&print("stop")]);
        let led = |id: u32, node: &str, mode: &str| {
            format!(
                r#"{{"user_id":"1","system":{{"sequence_id":"{id}","command":"ledctrl","led_node":"{node}","led_mode":"{mode}","led_on_time":500,"led_off_time":500,"loop_times":1,"interval_time":1000}}}}"#
            )
        };
        check(Command::Light { on: true }, &none, &[&led(1_000_000_004, "chamber_light", "on")]);
        let two = state(
            r#"{"lights_report": [{"node": "chamber_light", "mode": "on"}, {"node": "work_light", "mode": "flashing"},
            {"node": "chamber_light2", "mode": "on"}]}"#,
        );
        let off = [led(1_000_000_004, "chamber_light", "off"), led(1_000_000_005, "chamber_light2", "off")];
        check(Command::Light { on: false }, &two, &[&off[0], &off[1]]);
        let mut sequence = Sequence::new(u32::MAX);
        assert_eq!(
            sequence.pushall().payload,
            r#"{"user_id":"1","pushing":{"sequence_id":"1294967296","command":"pushall","version":1,"push_target":1}}"#
        );
        assert_eq!(
            sequence.get_version().payload,
            r#"{"user_id":"1","info":{"sequence_id":"1294967297","command":"get_version"}}"#
        );
    }

    #[test]
    fn sequence_ids_grow_and_are_unlike_other_programs() {
        for seed in [0, 1, 20_000, 29_999, 999_999_999, u32::MAX] {
            let mut sequence = Sequence::new(seed);
            let numbers: Vec<u32> =
                (0..100).map(|_| sequence.pushall().sequence_id.parse().expect("a number")).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b));
            assert!(numbers.iter().all(|number| (1_000_000_000..1 << 31).contains(number)));
        }
    }

    #[test]
    fn a_command_without_a_point_is_not_sent() {
        let check = |word: &str, pointless: [bool; 5]| {
            let state = state(&json!({ "gcode_state": word }).to_string());
            assert_eq!(ALL.map(|command| command.pointless(&state).is_some()), pointless, "{word}");
        };
        check("RUNNING", [false, true, false, false, false]);
        check("PREPARE", [false, true, false, false, false]);
        check("PAUSE", [true, false, false, false, false]);
        for over in ["IDLE", "FINISH", "FAILED"] {
            check(over, [true, true, true, false, false]);
        }
        check("DANCING", [false; 5]);
        check("", [false; 5]);
    }

    #[test]
    fn the_state_shows_whether_a_command_happened() {
        let check = |print: &str, happened: [bool; 5]| {
            assert_eq!(ALL.map(|command| command.happened(&state(print))), happened, "{print}");
        };
        check(PAUSED, [true, false, false, false, false]);
        check(RUNNING, [false, true, false, false, false]);
        check(r#"{"gcode_state": "FAILED"}"#, [false, false, true, false, false]);
        let lights = |first: &str, second: &str| {
            json!({"lights_report": [{"node": "chamber_light", "mode": first}, {"node": "work_light", "mode": "on"},
                {"node": "chamber_light2", "mode": second}]})
            .to_string()
        };
        check(&lights("on", "on"), [false, false, false, true, false]);
        check(&lights("off", "off"), [false, false, false, false, true]);
        check(&lights("off", "on"), [false; 5]);
        check(r#"{"cfg": "80"}"#, [false, false, false, true, false]);
    }

    #[test]
    fn the_four_kinds_of_refusal_differ_from_an_acceptance() {
        let check = |command: Command, text: &str, state: &State, expected: &Answer| {
            assert_eq!(command.answered(&reply(text), state), *expected, "{command:?} {text}");
        };
        let (running, complaining) = (state(RUNNING), state(COMPLAINING));
        let developer_mode = Answer::Refused(Refusal::DeveloperMode);
        let ok = r#"{"print":{"command":"pause","sequence_id":"1","result":"SUCCESS","reason":"success"}}"#;
        check(Command::Pause, ok, &running, &Answer::Accepted);
        let failed = r#"{"print":{"command":"pause","sequence_id":"1","result":"failed","reason":"mqtt message verify failed"}}"#;
        check(Command::Pause, failed, &running, &developer_mode);
        for code in [84_033_543, 0x0502_4009] {
            let failed = json!({"print": {"command": "stop", "sequence_id": "1", "err_code": code}}).to_string();
            check(Command::Stop, &failed, &running, &developer_mode);
        }
        let echo = r#"{"print":{"command":"pause","sequence_id":"1"}}"#;
        check(Command::Pause, echo, &running, &Answer::Undecided);
        check(Command::Pause, echo, &complaining, &developer_mode);
        check(
            Command::Light { on: true },
            r#"{"system":{"command":"ledctrl","sequence_id":"1"}}"#,
            &complaining,
            &Answer::Undecided,
        );
        let busy = json!({"print": {"sequence_id": "1", "result": "fail", "err_code": 0x0500_4004}}).to_string();
        let answer = Command::Stop.answered(&reply(&busy), &running);
        let Answer::Refused(Refusal::Problem(problem)) = &answer else { panic!("{answer:?}") };
        assert_eq!(problem.sentence(), "The printer is busy.");
        let unsupported = r#"{"system":{"sequence_id":"1","reason":"unsupport common","result":"FAILURE"}}"#;
        check(
            Command::Light { on: true },
            unsupported,
            &running,
            &Answer::Refused(Refusal::Reason("unsupport common".to_owned())),
        );
        let mute = r#"{"print":{"sequence_id":"1","result":"fail"}}"#;
        check(Command::Stop, mute, &running, &Answer::Refused(Refusal::Unexplained));
    }

    #[test]
    fn a_complaint_or_silence_is_an_answer_too() {
        let (running, complaining) = (state(RUNNING), state(COMPLAINING));
        assert_eq!(Command::Pause.refused_by_report(&running, &complaining), Some(Refusal::DeveloperMode));
        assert_eq!(Command::Pause.refused_by_report(&complaining, &complaining), None);
        assert_eq!(Command::Pause.refused_by_report(&running, &running), None);
        assert_eq!(Command::Light { on: true }.refused_by_report(&running, &complaining), None);
        assert_eq!(Command::Stop.unanswered(&running), Unanswered::MaybeDeveloperMode);
        assert_eq!(Command::Stop.unanswered(&complaining), Unanswered::DeveloperModeOff);
        assert_eq!(Command::Light { on: true }.unanswered(&complaining), Unanswered::Unexplained);
    }

    #[test]
    fn a_stop_applies_only_to_the_shown_job() {
        assert!(!is_other_job(&state(RUNNING), "7"));
        assert!(is_other_job(&state(RUNNING), "8"));
        assert!(is_other_job(&state("{}"), "7"));
    }
}
