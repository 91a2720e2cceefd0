//! The printer's failure_log: HMS entries and the print error, in the form its own screen shows. Decides which of them
//! require a person at the printer.
//!
//! "Needs you" is a strong claim: the printer waits or has given up. The class of a code is not enough to make it.
//! Firmware lists codes that its own screen never shows: every H2D of 01.03 lists 0500-0600-0002-00A0, a severity 2
//! without a text. Other codes remain through a whole print: 0C00-0100-0002-0017, a dirty lens. So the [`Role`] of a
//! code also depends on what the print does.

use crate::printer::ams;
use crate::printer::codes;
use crate::printer::fields::FieldReader;
use crate::printer::heat;
use crate::printer::job::Phase;
use crate::printer::model::Model;
use crate::printer::past::Past;
use crate::printer::stage;
use crate::printer::words::{self, Context, Words};

/// The severity as reported by the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The printer cannot go on.
    Fatal,
    /// A person has to look.
    Serious,
    /// Worth knowing.
    Common,
    /// For information.
    Info,
    /// The code has no known severity.
    Unknown,
}

/// The meaning of a complaint for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The printer waits for a person, or has given up.
    NeedsYou,
    /// A warning that applies while the printer goes on.
    Note,
    /// A code that the maker does not explain, or the trace of a person's action.
    Detail,
}

/// One complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code as on the screen: `0300-400C`, or `0500-0500-0001-0007` for HMS.
    pub code: String,
    /// The severity.
    pub severity: Severity,
    /// The meaning for a person.
    pub role: Role,
    /// The complaint in words, for common codes; for the others there is the maker's page.
    pub words: Option<Words>,
    /// The maker's page about the code.
    pub wiki: String,
}

/// The HMS entry with which firmware says that it only accepts commands from Bambu's own programs.
const VERIFICATION_FAILED: (u32, u32) = (0x0500_0500, 0x0001_0007);

/// `print_error` and `err_code` for the same reason: the signature of a command is missing or wrong.
const VERIFICATION_ERRORS: std::ops::RangeInclusive<u32> = 0x0502_4007..=0x0502_400C;

/// Print errors that are mere states: no screen shows them.
const STATES: [u32; 2] = [0x0500_8030, 0x0300_8012];

/// The memory card is slow. Only P1 printers have a text for this code.
const SLOW_CARD: u32 = 0x0500_C011;

/// Another print was sent to a printer that already has one.
const BUSY: u32 = 0x0500_4004;

/// Limits for the entries read, and for the entries returned (the worst).
const MOST_READ: usize = 64;
const MOST: usize = 16;

/// The state of the print while the printer complains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    phase: Phase,
    /// Whether a person has paused or ended the print, as far as this is known.
    by_a_person: bool,
    /// Whether the stage says why the printer holds the print.
    has_reason: bool,
}

impl Scene {
    /// Reads the scene from a report.
    #[must_use]
    pub fn read(past: &Past, report: &FieldReader<'_>) -> Self {
        let phase = Phase::read(report);
        let (stage, error) = (report.int(&["stg_cur"]), report.natural(&["print_error"]).unwrap_or(0));
        let by_a_person = match phase {
            Phase::Paused => {
                past.was_paused_by_a_person() || stage == Some(stage::PAUSED_BY_A_PERSON) || error == PAUSED_BY_A_PERSON
            }
            Phase::Failed => past.was_stopped_by_a_person() || is_cancelled(error),
            _ => false,
        };
        let has_reason = class(error) == Class::Waits || stage.is_some_and(stage::is_pause_by_the_printer);
        Self { phase, by_a_person, has_reason }
    }
}

impl Problem {
    /// Whether the printer waits for a person because of it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.role == Role::NeedsYou
    }

    /// Whether it says that a command was refused because Developer Mode is off.
    #[must_use]
    pub fn is_refused_command(&self) -> bool {
        let (attr, code) = VERIFICATION_FAILED;
        self.code == screen_code_of_hms(attr, code)
            || VERIFICATION_ERRORS.into_iter().any(|error| self.code == screen_code(error))
    }

    /// Whether it is an entry of the HMS list, not a print error.
    #[must_use]
    pub fn is_hms(&self) -> bool {
        self.code.len() > "0300-400C".len()
    }

    /// Returns one sentence: what happened.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.words
            .as_ref()
            .map_or_else(|| format!("The printer reports {}.", self.code), |words| words.what.to_string())
    }
}

/// Whether an `err_code` says that the command was refused because Developer Mode is off.
#[must_use]
pub fn is_verification_error(code: u32) -> bool {
    VERIFICATION_ERRORS.contains(&code)
}

/// Whether an HMS entry, `attr` and `code`, says that a command was refused because Developer Mode is off.
pub(super) fn is_refusal(hms: (u32, u32)) -> bool {
    hms == VERIFICATION_FAILED
}

/// Whether a `print_error` says that a person paused or stopped the print.
#[must_use]
pub fn is_by_a_person(code: u32) -> bool {
    code == PAUSED_BY_A_PERSON || is_cancelled(code)
}

/// Whether a `FAILED` print with this `print_error` and these HMS entries failed without a person's action.
#[must_use]
pub fn ends_a_print(print_error: u32, mut hms: impl Iterator<Item = (u32, u32)>) -> bool {
    let by_error = matches!(class(print_error), Class::Waits | Class::GivesUp);
    by_error || hms.any(|(attr, code)| is_fatal(attr, code))
}

/// Returns all failure_log, each once: first those that need a person, then the worst. `hms` are the visible entries.
#[must_use]
pub fn read(
    report: &FieldReader<'_>,
    hms: impl Iterator<Item = (u32, u32)>,
    model: Option<Model>,
    scene: Scene,
) -> Vec<Problem> {
    let hms: Vec<(u32, u32)> = hms.take(MOST_READ).collect();
    let context = context(report, &hms);
    let error = report.natural(&["print_error"]).and_then(|code| print_error(code, model, scene, &context));
    let mut listed: Vec<Problem> =
        hms.iter().map(|(attr, code)| of_hms(*attr, *code, model, scene, &context)).collect();
    listed.sort_by_key(|problem| problem.severity);
    // The print error concerns the present, so it comes before the list.
    let mut problems: Vec<Problem> = error.into_iter().chain(listed).collect();
    problems.sort_by_key(|problem| problem.role);
    problems.truncate(MOST);
    problems
}

/// Collects facts that the words of a complaint may need besides its code.
fn context(report: &FieldReader<'_>, hms: &[(u32, u32)]) -> Context {
    let place = |place| match place {
        ams::Place::Slot { unit, slot } => words::Place::Slot { unit, slot },
        ams::Place::External(which) => words::Place::External { left: which == Some(ams::LEFT_HOLDER) },
    };
    Context {
        waits_for: ams::target(report).map(place),
        ran_out: hms.iter().filter(|hms| is_runout(**hms)).find_map(|(attr, _)| words::place_of_hms(*attr)),
        two_nozzles: heat::extruders(report).count() > 1,
    }
}

/// Whether an HMS entry says that a slot or a holder is empty: 0701-2200-0002-0001 is the third slot of AMS B.
fn is_runout((attr, code): (u32, u32)) -> bool {
    attr >> 12 & 0xF == 2 && code == 0x0002_0001
}

/// Returns the HMS entries of a report: `attr` and `code`.
pub(super) fn listed_hms<'a>(report: &FieldReader<'a>) -> impl Iterator<Item = (u32, u32)> + use<'a> {
    let entries = report.objects(&["hms"], MOST_READ);
    entries.filter_map(|entry| Some((entry.natural(&["attr"])?, entry.natural(&["code"])?)))
}

/// Interprets a `print_error` or an `err_code` independently of the print; returns `None` if it is no error.
#[must_use]
pub fn of_error_code(code: u32) -> Option<Problem> {
    let scene = Scene { phase: Phase::Unknown, by_a_person: false, has_reason: false };
    print_error(code, None, scene, &Context::default())
}

fn print_error(code: u32, model: Option<Model>, scene: Scene, context: &Context) -> Option<Problem> {
    let class = class(code);
    if class == Class::State {
        return None;
    }
    let on_p1 = matches!(model, Some(Model::P1P | Model::P1S));
    let role = match (class, scene.phase) {
        (Class::Unexplained | Class::Person | Class::Refusal, _) => Role::Detail,
        (_, Phase::Paused) if scene.by_a_person && code == PAUSED_BY_THE_G_CODE => Role::Detail,
        (Class::Notice, _) if code == SLOW_CARD && !on_p1 => Role::Detail,
        // The code of a print that a person has stopped remains for a while.
        (Class::Waits | Class::GivesUp, Phase::Failed) if scene.by_a_person => Role::Note,
        (Class::Prompt | Class::Waits, _) => Role::NeedsYou,
        // If the printer gives up something in the middle of a print, it is another print or a secondary task.
        (Class::GivesUp, Phase::Preparing | Phase::Running | Phase::Paused) => Role::Note,
        (Class::GivesUp, Phase::Failed) => Role::NeedsYou,
        // Codes of the mainboard concern the network, or prints that did not begin.
        (Class::GivesUp, _) if code >> 24 == 0x05 => Role::Note,
        (Class::GivesUp, _) => Role::NeedsYou,
        (Class::Notice, _) => Role::Note,
        (Class::State, _) => return None,
    };
    let severity = match class {
        Class::Prompt | Class::Waits | Class::GivesUp => Severity::Serious,
        Class::Notice => Severity::Common,
        Class::Person | Class::Refusal => Severity::Info,
        Class::Unexplained | Class::State => Severity::Unknown,
    };
    let wiki = search_page(&format!("{code:08X}"), "device_error");
    let mut words = words::of_error(code, context);
    // Advice about a pause does not help with a print that is over.
    if let (Class::Waits, Phase::Failed, Some(words)) = (class, scene.phase, &mut words) {
        words.todo = Some("Look at the printer and clear the plate, then start the print again.".to_owned());
    }
    Some(Problem { code: screen_code(code), severity, role, words, wiki })
}

/// The class of a `print_error`, independent of the print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The code is no error.
    State,
    /// The code is in no table.
    Unexplained,
    /// A person paused or stopped the print.
    Person,
    /// A command was refused because Developer Mode is off.
    Refusal,
    /// The printer asks a person to do something, also while the print is `RUNNING`.
    Prompt,
    /// The printer waits: the first digit of the low half is 8.
    Waits,
    /// The printer gives up what it was about to do: the digit is 4.
    GivesUp,
    /// The printer reports something and goes on: the digit is C, or the code comes from the G-code.
    Notice,
}

fn class(code: u32) -> Class {
    const EXTERNAL: [u32; 5] = [0x07FE, 0x07FF, 0x12FF, 0x18FE, 0x18FF];
    let (module, number) = (code >> 16, code & 0xFFFF);
    match number >> 12 {
        // A low half below 0x4000 is a status.
        0..=3 => Class::State,
        _ if STATES.contains(&code) => Class::State,
        _ if is_by_a_person(code) => Class::Person,
        _ if is_verification_error(code) => Class::Refusal,
        _ if !codes::explains_error(code) => Class::Unexplained,
        // The slicer writes these into the G-code: 1000-C001, 1001-8003.
        _ if module >> 8 == 0x10 => Class::Notice,
        // Asks to push filament into the external feeder, while a person is about to do so.
        _ if EXTERNAL.contains(&module) && number == 0x8007 => Class::Notice,
        0xC if EXTERNAL.contains(&module) => Class::Prompt,
        8 => Class::Waits,
        4 if code != BUSY => Class::GivesUp,
        _ => Class::Notice,
    }
}

fn of_hms(attr: u32, code: u32, model: Option<Model>, scene: Scene, context: &Context) -> Problem {
    let severity = match code >> 16 {
        1 => Severity::Fatal,
        2 => Severity::Serious,
        3 => Severity::Common,
        4 => Severity::Info,
        _ => Severity::Unknown,
    };
    // Only failure_log about mechanics and feeding stop a print; those of the camera and the mainboard do not.
    let can_hold = matches!(attr >> 24, 0x03 | 0x07 | 0x12 | 0x18);
    let held_by_a_person = scene.phase == Phase::Paused && scene.by_a_person;
    let holds = scene.phase == Phase::Paused && can_hold && !scene.by_a_person && !scene.has_reason;
    let role = match severity {
        _ if is_refusal((attr, code)) || !codes::explains_hms(attr, code) => Role::Detail,
        Severity::Fatal if !held_by_a_person => Role::NeedsYou,
        Severity::Serious if holds => Role::NeedsYou,
        Severity::Fatal | Severity::Serious | Severity::Common => Role::Note,
        Severity::Info | Severity::Unknown => Role::Detail,
    };
    let groups = hms_groups(attr, code);
    let wiki = match model.and_then(Model::wiki_series) {
        Some(series) => format!("https://wiki.bambulab.com/en/{series}/troubleshooting/hmscode/{}", groups.join("_")),
        None => search_page(&groups.concat(), "device_hms"),
    };
    Problem { code: groups.join("-"), severity, role, words: words::of_hms(attr, code, context), wiki }
}

fn is_fatal(attr: u32, code: u32) -> bool {
    code >> 16 == 1 && !is_refusal((attr, code)) && codes::explains_hms(attr, code)
}

fn hms_groups(attr: u32, code: u32) -> [String; 4] {
    [attr >> 16, attr & 0xFFFF, code >> 16, code & 0xFFFF].map(|group| format!("{group:04X}"))
}

fn screen_code_of_hms(attr: u32, code: u32) -> String {
    hms_groups(attr, code).join("-")
}

fn screen_code(code: u32) -> String {
    format!("{:04X}-{:04X}", code >> 16, code & 0xFFFF)
}

/// Returns the maker's search page, which covers all models.
fn search_page(code: &str, kind: &str) -> String {
    format!("https://e.bambulab.com/index.php?e={code}&s={kind}&lang=en")
}

/// The meaning of these two codes depends on the model: the tables of an H2D and a P2S swap them compared to an X1C.
/// The second code only implies a person together with the stage.
const PAUSED_BY_A_PERSON: u32 = 0x0300_8001;
const PAUSED_BY_THE_G_CODE: u32 = 0x0300_8013;

fn is_cancelled(code: u32) -> bool {
    matches!(code, 0x0300_400C | 0x0500_400E)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use serde_json::{Value, json};

    fn problems(report: &Value, model: Option<Model>) -> Vec<Problem> {
        let odd = UnreadFields::default();
        let report = FieldReader::new(report.as_object().expect("an object"), &odd);
        let mut past = Past::default();
        past.note(report.fields(), 0);
        read(&report, past.hms(), model, Scene::read(&past, &report))
    }

    #[test]
    fn an_hms_entry_is_shown_as_the_screen_shows_it() {
        let report = json!({"hms": [{"attr": 83_887_360, "code": 65543}, {"attr": "x"}, 3, {"attr": 83_887_360, "code": 65543}]});
        let [problem] = &problems(&report, Some(Model::X1C))[..] else { panic!("one problem") };
        assert_eq!((problem.code.as_str(), problem.severity), ("0500-0500-0001-0007", Severity::Fatal));
        assert_eq!(problem.wiki, "https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0500_0500_0001_0007");
        assert!(problem.is_refused_command() && !problem.needs_a_person());
        let elsewhere = &problems(&report, Some(Model::A1))[0];
        assert_eq!(elsewhere.wiki, "https://e.bambulab.com/index.php?e=0500050000010007&s=device_hms&lang=en");
    }

    #[test]
    fn problems_that_need_a_person_come_first_and_unexplained_codes_last() {
        let report = json!({"gcode_state": "RUNNING", "print_error": 0x0500_4004, "hms": [
            {"attr": 1, "code": 9}, {"attr": 0x0700_2200, "code": 0x0002_0001}, {"attr": 0x0300_0100, "code": 0x0001_0001}]});
        let shown: Vec<_> = problems(&report, None).into_iter().map(|p| (p.role, p.severity, p.code)).collect();
        let row = |role, severity, code: &str| (role, severity, code.to_owned());
        assert_eq!(
            shown,
            [
                row(Role::NeedsYou, Severity::Fatal, "0300-0100-0001-0001"),
                row(Role::Note, Severity::Common, "0500-4004"),
                row(Role::Note, Severity::Serious, "0700-2200-0002-0001"),
                row(Role::Detail, Severity::Unknown, "0000-0001-0000-0009"),
            ]
        );
    }

    #[test]
    fn the_role_of_a_print_error_depends_on_code_and_print() {
        let check = |state: &str, code: u32, role: Option<Role>| {
            let found = problems(&json!({"gcode_state": state, "print_error": code}), Some(Model::P2S));
            assert_eq!(found.first().map(|problem| problem.role), role, "{state} {code:08X}");
        };
        for state in ["IDLE", "PREPARE", "RUNNING", "PAUSE", "FINISH", "FAILED"] {
            check(state, 0, None);
            check(state, 0x0500_8030, None);
            check(state, 0x0300_0001, None);
            check(state, 0x0C00_8002, Some(Role::Detail));
            check(state, 0x0300_400C, Some(Role::Detail));
            check(state, 0x0500_C011, Some(Role::Detail));
            check(state, 0x0702_8011, Some(Role::NeedsYou));
            check(state, 0x0500_8051, Some(Role::NeedsYou));
            check(state, 0x1000_C001, Some(Role::Note));
            for refusal in VERIFICATION_ERRORS {
                check(state, refusal, Some(Role::Detail));
            }
        }
        for (state, role) in
            [("RUNNING", Role::Note), ("PAUSE", Role::Note), ("IDLE", Role::NeedsYou), ("FAILED", Role::NeedsYou)]
        {
            check(state, 0x0300_4000, Some(role));
        }
        for (state, role) in [("RUNNING", Role::Note), ("IDLE", Role::Note), ("FAILED", Role::NeedsYou)] {
            check(state, 0x0500_4003, Some(role));
        }
        let card =
            |model| problems(&json!({"gcode_state": "RUNNING", "print_error": 0x0500_C011}), Some(model))[0].role;
        assert_eq!([card(Model::P1S), card(Model::P1P), card(Model::X1C)], [Role::Note, Role::Note, Role::Detail]);
    }
}
