//! What a printer complains of: HMS entries and the print error, in the form its own screen shows.

use super::model::Model;
use super::report::{Fields, integer};
use serde_json::Value;

/// How bad it is, as the printer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// In words, for the few that everybody meets; the others have their page in the wiki.
    pub words: Option<&'static str>,
    /// The maker's page on it.
    pub wiki: String,
}

/// HMS code with which firmware says that it takes commands from Bambu's own programs only.
pub const VERIFICATION_FAILED: &str = "0500-0500-0001-0007";

/// `err_code` of a refused command: the same reason.
pub const ERROR_VERIFICATION_FAILED: u32 = 0x0502_4007;

/// Print errors without a text of their own: states, not errors.
const BENIGN: &[u32] = &[0x0500_8030, 0x0300_8012, 0x0500_C011, 0x07FF_8007];

/// The list is as long as a printer with everything wrong needs.
const MOST: usize = 64;

/// The entries of `hms`; broken ones are passed over.
#[must_use]
pub fn hms(fields: &Fields, model: Option<Model>) -> Vec<Problem> {
    let Some(Value::Array(entries)) = fields.get("hms") else { return Vec::new() };
    let word = |entry: &Value, name| entry.get(name).and_then(integer).and_then(|value| u32::try_from(value).ok());
    let found = entries.iter().filter_map(|entry| Some((word(entry, "attr")?, word(entry, "code")?)));
    found.take(MOST).map(|(attr, code)| hms_entry(attr, code, model)).collect()
}

fn hms_entry(attr: u32, code: u32, model: Option<Model>) -> Problem {
    let groups = [attr >> 16, attr & 0xFFFF, code >> 16, code & 0xFFFF].map(|group| format!("{group:04X}"));
    let severity = match code >> 16 {
        1 => Severity::Fatal,
        2 => Severity::Serious,
        3 => Severity::Common,
        4 => Severity::Info,
        _ => Severity::Unknown,
    };
    let wiki = match model {
        Some(model) => {
            format!("https://wiki.bambulab.com/en/{}/troubleshooting/hmscode/{}", model.wiki_series(), groups.join("_"))
        }
        None => "https://wiki.bambulab.com/en/hms/home".to_owned(),
    };
    let code = groups.join("-");
    let words = (code == VERIFICATION_FAILED).then_some(
        "The printer takes commands from Bambu's own programs only: turn Developer Mode on to control it from here.",
    );
    Problem { code, severity, words, wiki }
}

/// `print_error`, unless it is none or one that is a state only.
#[must_use]
pub fn print_error(fields: &Fields) -> Option<Problem> {
    let code = fields.get("print_error").and_then(integer).and_then(|code| u32::try_from(code).ok())?;
    // The low half below 0x4000 is a status.
    if code == 0 || code & 0xFFFF < 0x4000 || BENIGN.contains(&code) {
        return None;
    }
    Some(Problem {
        code: format!("{:04X}-{:04X}", code >> 16, code & 0xFFFF),
        severity: if is_cancelled(code) || code == 0x0300_8001 { Severity::Info } else { Severity::Serious },
        words: words(code),
        wiki: format!("https://e.bambulab.com/index.php?e={code:08X}&s=device_error&lang=en"),
    })
}

fn is_cancelled(code: u32) -> bool {
    matches!(code, 0x0300_400C | 0x0500_400E)
}

fn words(code: u32) -> Option<&'static str> {
    Some(match code {
        0x0300_8000 => "Paused for an unknown reason.",
        0x0300_8001 => "Paused by a person.",
        0x0300_8003 => "Paused: the print looks like spaghetti.",
        0x0300_8013 => "Paused by the G-code.",
        0x0300_400C | 0x0500_400E => "The print was cancelled.",
        0x0500_4004 => "The printer is busy.",
        ERROR_VERIFICATION_FAILED => "The printer refused a command: Developer Mode is off.",
        0x0700_8012 => "The filaments of the print do not match the AMS.",
        0x07FF_8011 => "The filament of the external spool ran out.",
        code if matches!(code >> 24, 0x07 | 0x18) && code & 0xFFFF == 0x8011 => "Filament ran out in the AMS.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: &Value) -> Fields {
        value.as_object().expect("object").clone()
    }

    #[test]
    fn an_hms_entry_is_shown_as_the_screen_shows_it() {
        let found = hms(&fields(&json!({"hms": [{"attr": 83_887_360, "code": 65543}, {"attr": "x"}, 3]})), Some(Model::X1C));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].code.as_str(), found[0].severity), (VERIFICATION_FAILED, Severity::Fatal));
        assert_eq!(found[0].wiki, "https://wiki.bambulab.com/en/x1/troubleshooting/hmscode/0500_0500_0001_0007");
        assert!(found[0].words.is_some_and(|words| words.contains("Developer Mode")));
    }

    #[test]
    fn a_print_error_is_shown_unless_it_is_a_state() {
        let code = |value: Value| print_error(&fields(&json!({ "print_error": value }))).map(|problem| problem.code);
        assert_eq!(code(json!(50_348_044)).as_deref(), Some("0300-400C"));
        assert_eq!(code(json!("117456933")).as_deref(), Some("0700-4025"));
        for none in [json!(0), json!(0x0500_8030), json!(0x0300_0001), json!(-4), json!(null), json!([1])] {
            assert_eq!(code(none.clone()), None, "{none}");
        }
    }
}
