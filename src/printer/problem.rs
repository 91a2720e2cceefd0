//! What a printer complains of: HMS entries and the print error, in the form its own screen shows.

use super::model::Model;
use super::read::Reader;

/// How bad it is, as the printer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The printer cannot go on.
    Fatal,
    /// Somebody has to look.
    Serious,
    /// Worth knowing.
    Common,
    /// For information.
    Info,
    /// A code of no known severity.
    Unknown,
}

/// One complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As on the screen: `0300-400C`, or `0500-0500-0001-0007` for HMS.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// In words, for the few that everybody meets; the others have their page.
    pub words: Option<&'static str>,
    /// The maker's page on it.
    pub wiki: String,
}

/// HMS code with which firmware says that it takes commands from Bambu's own programs only.
const VERIFICATION_FAILED: &str = "0500-0500-0001-0007";

/// `err_code` of a refused command: the same reason. The second one is for a signature that is malformed.
const VERIFICATION_ERRORS: [u32; 2] = [0x0502_4007, 0x0502_4009];

/// Print errors without a text of their own: states, not errors.
const BENIGN: [u32; 4] = [0x0500_8030, 0x0300_8012, 0x0500_C011, 0x07FF_8007];

/// The list is as long as a printer with everything wrong needs.
const MOST: usize = 64;

impl Problem {
    /// Whether the printer waits for a person because of it. A refused command is no such thing, though the printer
    /// calls it fatal.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.severity <= Severity::Serious && !self.is_refused_command()
    }

    /// Whether it says that a command was refused for want of Developer Mode.
    #[must_use]
    pub fn is_refused_command(&self) -> bool {
        self.code == VERIFICATION_FAILED || VERIFICATION_ERRORS.iter().any(|error| self.code == screen_code(*error))
    }

    /// One sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.words.map_or_else(|| format!("The printer reports {}.", self.code), str::to_owned)
    }
}

/// Whether an `err_code` says that the command was refused for want of Developer Mode.
#[must_use]
pub fn is_verification_error(code: u32) -> bool {
    VERIFICATION_ERRORS.contains(&code)
}

/// Everything the printer complains of, the worst first, each once.
#[must_use]
pub fn read(report: &Reader<'_>, model: Option<Model>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = print_error(report).into_iter().collect();
    for entry in report.objects(&["hms"], MOST) {
        let (Some(attr), Some(code)) = (entry.natural(&["attr"]), entry.natural(&["code"])) else { continue };
        let problem = hms(attr, code, model);
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems.sort_by_key(|problem| problem.severity);
    problems
}

fn hms(attr: u32, code: u32, model: Option<Model>) -> Problem {
    let groups = [attr >> 16, attr & 0xFFFF, code >> 16, code & 0xFFFF].map(|group| format!("{group:04X}"));
    let severity = match code >> 16 {
        1 => Severity::Fatal,
        2 => Severity::Serious,
        3 => Severity::Common,
        4 => Severity::Info,
        _ => Severity::Unknown,
    };
    let wiki = match model.and_then(Model::wiki_series) {
        Some(series) => format!("https://wiki.bambulab.com/en/{series}/troubleshooting/hmscode/{}", groups.join("_")),
        None => search_page(&groups.concat(), "device_hms"),
    };
    let code = groups.join("-");
    let words = (code == VERIFICATION_FAILED).then_some(REFUSED_COMMAND);
    Problem { code, severity, words, wiki }
}

const REFUSED_COMMAND: &str = "The printer refused a command: Developer Mode is off.";

fn print_error(report: &Reader<'_>) -> Option<Problem> {
    of_error_code(report.natural(&["print_error"])?)
}

/// A `print_error` or an `err_code`, unless it is none.
#[must_use]
pub fn of_error_code(code: u32) -> Option<Problem> {
    // The low half below 0x4000 is a status.
    if code & 0xFFFF < 0x4000 || BENIGN.contains(&code) {
        return None;
    }
    let by_a_person = is_cancelled(code) || code == 0x0300_8001;
    let severity = if by_a_person || is_verification_error(code) { Severity::Info } else { Severity::Serious };
    let wiki = search_page(&format!("{code:08X}"), "device_error");
    Some(Problem { code: screen_code(code), severity, words: words(code), wiki })
}

fn screen_code(code: u32) -> String {
    format!("{:04X}-{:04X}", code >> 16, code & 0xFFFF)
}

/// The maker's search, which knows all models.
fn search_page(code: &str, kind: &str) -> String {
    format!("https://e.bambulab.com/index.php?e={code}&s={kind}&lang=en")
}

fn is_cancelled(code: u32) -> bool {
    matches!(code, 0x0300_400C | 0x0500_400E)
}

fn words(code: u32) -> Option<&'static str> {
    Some(match code {
        0x0300_8000 => "The print is paused for an unknown reason.",
        0x0300_8001 => "Somebody paused the print.",
        0x0300_8003 => "The print looks like spaghetti.",
        0x0300_8013 => "The print is paused by its G-code.",
        code if is_cancelled(code) => "The print was cancelled.",
        0x0500_4004 => "The printer is busy.",
        code if is_verification_error(code) => REFUSED_COMMAND,
        0x0700_8012 => "The filaments of the print do not match the AMS.",
        0x07FF_8011 => "The filament of the external spool ran out.",
        code if matches!(code >> 24, 0x07 | 0x18) && code & 0xFFFF == 0x8011 => "Filament ran out in the AMS.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::read::OddFields;
    use super::*;
    use serde_json::{Value, json};

    fn problems(report: &Value, model: Option<Model>) -> Vec<Problem> {
        read(&Reader::new(report.as_object().expect("an object"), &OddFields::default()), model)
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
    fn the_worst_comes_first_and_unknown_codes_are_shown() {
        let report = json!({"print_error": 0x0300_400C, "hms": [
            {"attr": 0x0300_0100, "code": 0x0004_0001}, {"attr": 0x0700_2200, "code": 0x0002_0001}, {"attr": 1, "code": 9}]});
        let shown: Vec<_> =
            problems(&report, None).into_iter().map(|p| (p.severity, p.needs_a_person(), p.sentence())).collect();
        assert_eq!(
            shown,
            [
                (Severity::Serious, true, "The printer reports 0700-2200-0002-0001.".to_owned()),
                (Severity::Info, false, "The print was cancelled.".to_owned()),
                (Severity::Info, false, "The printer reports 0300-0100-0004-0001.".to_owned()),
                (Severity::Unknown, false, "The printer reports 0000-0001-0000-0009.".to_owned()),
            ]
        );
    }

    #[test]
    fn a_print_error_is_shown_unless_it_is_a_state() {
        let check = |value: Value, code: Option<&str>, waits: bool| {
            let found = problems(&json!({ "print_error": value }), None);
            let found = found.first();
            assert_eq!(found.map(|p| p.code.as_str()), code, "{value}");
            assert_eq!(found.is_some_and(Problem::needs_a_person), waits, "{value}");
        };
        check(json!(50_348_044), Some("0300-400C"), false);
        check(json!("117456933"), Some("0700-4025"), true);
        check(json!(0x0702_8011), Some("0702-8011"), true);
        check(json!(84_033_543), Some("0502-4007"), false);
        for none in [json!(0), json!(0x0500_8030), json!(0x0300_0001), json!(-4), json!(null), json!([1])] {
            check(none, None, false);
        }
    }
}
