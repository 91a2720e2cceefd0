//! What a person should see first of a printer: one word and one sentence, in the order in which they matter.
//!
//! A problem stays in sight when the printer is gone. Apart from that, what is not live is never shown as a state of
//! the printer: an old "printing" is a lie.

use super::job::Phase;
use super::problem::Problem;
use super::stage;
use super::state::State;

/// A connection that is gone for less than this after the last report is no news.
const BLIP_MS: u64 = 8_000;

/// A printer reports every second or two; after this span nobody knows what it does.
const SILENCE_MS: u64 = 90_000;

/// What is known of the link to the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link<'a> {
    /// Whether there is one.
    pub connected: bool,
    /// How long ago the last report came, of this session or of an earlier one.
    pub last_report_age_ms: Option<u64>,
    /// What is wrong with it, in a sentence.
    pub trouble: Option<&'a str>,
}

/// The words of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody has to go there.
    NeedsYou,
    /// There is no connection.
    Offline,
    /// There is one, and nothing comes.
    NoData,
    /// Somebody paused it.
    Paused,
    /// It heats, calibrates, loads.
    Preparing,
    /// It prints.
    Printing,
    /// It is done, and the plate may be full.
    Finished,
    /// It has nothing to do.
    Idle,
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The word.
    pub kind: Kind,
    /// Why.
    pub sentence: String,
    /// Whether a print was going on when last heard; without a connection that is what matters most.
    pub was_printing: bool,
}

/// The display state: the first that fits.
#[must_use]
pub fn display(state: &State, link: &Link<'_>) -> Display {
    let (kind, sentence) = needs_you(state)
        .map(|sentence| (Kind::NeedsYou, sentence))
        .or_else(|| offline(link).map(|sentence| (Kind::Offline, sentence)))
        .or_else(|| no_data(state, link).map(|sentence| (Kind::NoData, sentence)))
        .unwrap_or_else(|| of_job(state));
    Display { kind, sentence, was_printing: state.job.phase.has_job() }
}

fn needs_you(state: &State) -> Option<String> {
    let waiting = || state.problems.iter().filter(|problem| problem.needs_a_person());
    let said = waiting().find_map(|problem| problem.words).map(str::to_owned);
    // A code without words says less than the stage in which the printer stands still.
    said.or_else(|| pause_by_the_printer(state)).or_else(|| waiting().next().map(Problem::sentence))
}

fn pause_by_the_printer(state: &State) -> Option<String> {
    let code = state.job.stage_code.filter(|code| stage::is_pause_by_the_printer(*code))?;
    let words = stage::words(code).filter(|_| state.job.phase == Phase::Paused)?;
    Some(format!("{words}."))
}

fn offline(link: &Link<'_>) -> Option<String> {
    let blip = link.last_report_age_ms.is_some_and(|age| age < BLIP_MS);
    (!link.connected && !blip).then(|| link.trouble.unwrap_or("There is no connection to the printer.").to_owned())
}

fn no_data(state: &State, link: &Link<'_>) -> Option<String> {
    let silent = match link.last_report_age_ms {
        None => Some("The printer is connected and has not reported yet."),
        Some(age) if age > SILENCE_MS => Some("The printer is connected, but its reports have stopped."),
        Some(_) => None,
    };
    if let Some(silent) = silent {
        return Some(link.trouble.unwrap_or(silent).to_owned());
    }
    match (&state.job.word, state.job.phase) {
        (Some(word), Phase::Unknown) => {
            Some(format!("The printer says it is in the state “{word}”, which is not known here."))
        }
        (None, Phase::Unknown) => Some("The printer has not told what it is doing yet.".to_owned()),
        _ => None,
    }
}

fn of_job(state: &State) -> (Kind, String) {
    let job = &state.job;
    let stage = job.stage.unwrap_or("Preparing the print");
    match job.phase {
        Phase::Paused => (Kind::Paused, "The print is paused.".to_owned()),
        Phase::Preparing => (Kind::Preparing, format!("{stage}.")),
        // Before the first layer, what has a name of its own comes before the print; later it is part of it.
        Phase::Running if job.layer.unwrap_or(0) == 0 && job.stage_code.and_then(stage::words).is_some() => {
            (Kind::Preparing, format!("{stage}."))
        }
        Phase::Running => (Kind::Printing, format!("{stage}.")),
        Phase::Finished => (Kind::Finished, "The print is finished.".to_owned()),
        // What failed by itself is among the problems, until somebody has dismissed it on the printer.
        Phase::Failed => (Kind::Finished, "The last print was stopped before its end.".to_owned()),
        Phase::Idle | Phase::Unknown => (Kind::Idle, "The printer has nothing to do.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::Known;
    use super::super::report::parse;
    use super::*;
    use serde_json::{Value, json};

    const LIVE: Link<'_> = Link { connected: true, last_report_age_ms: Some(1_000), trouble: None };

    fn state(print: Value) -> State {
        let mut print = print;
        print["command"] = json!("push_status");
        print["msg"] = json!(0);
        let mut known = Known::default();
        known.hear(parse(json!({ "print": print }).to_string().as_bytes()).expect("a message"), 0);
        State::read(&known, "00M00A000000000")
    }

    fn check(print: Value, link: Link<'_>, kind: Kind, sentence: &str) {
        let shown = print.to_string();
        let found = display(&state(print), &link);
        assert_eq!((found.kind, found.sentence.as_str()), (kind, sentence), "{shown} {link:?}");
    }

    #[test]
    fn a_live_printer_shows_what_it_does() {
        check(json!({"gcode_state": "IDLE"}), LIVE, Kind::Idle, "The printer has nothing to do.");
        check(json!({"gcode_state": "FINISH"}), LIVE, Kind::Finished, "The print is finished.");
        check(json!({"gcode_state": "PREPARE"}), LIVE, Kind::Preparing, "Preparing the print.");
        check(json!({"gcode_state": "PREPARE", "stg_cur": 2}), LIVE, Kind::Preparing, "Preheating the bed.");
        let running = |stage, layer| json!({"gcode_state": "RUNNING", "stg_cur": stage, "layer_num": layer, "total_layer_num": 9});
        check(running(0, 0), LIVE, Kind::Printing, "Printing.");
        check(running(14, 0), LIVE, Kind::Preparing, "Wiping the nozzle.");
        check(running(4, 3), LIVE, Kind::Printing, "Changing filament.");
        check(json!({"gcode_state": "PAUSE", "stg_cur": 16}), LIVE, Kind::Paused, "The print is paused.");
        check(json!({"gcode_state": "PAUSE", "print_error": 0x0300_8001}), LIVE, Kind::Paused, "The print is paused.");
    }

    #[test]
    fn what_waits_for_a_person_comes_first_and_stays_when_the_printer_goes() {
        let gone = Link { connected: false, last_report_age_ms: Some(3_600_000), trouble: Some("It does not answer.") };
        for link in [LIVE, gone, Link::default()] {
            let runout = "Paused: the filament ran out.";
            check(json!({"gcode_state": "PAUSE", "stg_cur": 6}), link, Kind::NeedsYou, runout);
            let both = json!({"gcode_state": "PAUSE", "stg_cur": 6, "print_error": 0x0700_4025});
            check(both, link, Kind::NeedsYou, runout);
            let spool = "Filament ran out in the AMS.";
            check(json!({"gcode_state": "PAUSE", "print_error": 0x0700_8011}), link, Kind::NeedsYou, spool);
            let hms = json!({"gcode_state": "RUNNING", "hms": [{"attr": 0x0700_2200, "code": 0x0002_0001}]});
            check(hms, link, Kind::NeedsYou, "The printer reports 0700-2200-0002-0001.");
        }
        check(json!({"gcode_state": "PAUSE", "stg_cur": 30}), LIVE, Kind::NeedsYou, "Paused by the G-code.");
    }

    #[test]
    fn a_print_that_somebody_stopped_needs_nobody() {
        let stopped = "The last print was stopped before its end.";
        check(json!({"gcode_state": "FAILED", "print_error": 50_348_044}), LIVE, Kind::Finished, stopped);
        check(json!({"gcode_state": "FAILED"}), LIVE, Kind::Finished, stopped);
        let failed = json!({"gcode_state": "FAILED", "print_error": 0x0300_8003});
        check(failed, LIVE, Kind::NeedsYou, "The print looks like spaghetti.");
        let refused = json!({"gcode_state": "IDLE", "hms": [{"attr": 83_887_360, "code": 65543}]});
        check(refused, LIVE, Kind::Idle, "The printer has nothing to do.");
    }

    #[test]
    fn what_is_not_live_is_not_shown_as_live() {
        let running = || json!({"gcode_state": "RUNNING"});
        let link = |connected, age| Link { connected, last_report_age_ms: age, trouble: None };
        let no_connection = "There is no connection to the printer.";
        check(running(), link(false, Some(BLIP_MS - 1)), Kind::Printing, "Printing.");
        check(running(), link(false, Some(BLIP_MS)), Kind::Offline, no_connection);
        check(running(), link(false, None), Kind::Offline, no_connection);
        let refused = Link { trouble: Some("The access code is wrong."), ..Link::default() };
        check(json!({}), refused, Kind::Offline, "The access code is wrong.");
        check(running(), link(true, Some(SILENCE_MS)), Kind::Printing, "Printing.");
        let stopped = "The printer is connected, but its reports have stopped.";
        check(running(), link(true, Some(SILENCE_MS + 1)), Kind::NoData, stopped);
        let silent = Link { connected: true, last_report_age_ms: None, trouble: Some("Is the serial number right?") };
        check(json!({}), silent, Kind::NoData, "Is the serial number right?");
        check(json!({}), link(true, None), Kind::NoData, "The printer is connected and has not reported yet.");
        check(json!({}), LIVE, Kind::NoData, "The printer has not told what it is doing yet.");
        let unknown = "The printer says it is in the state “DANCING”, which is not known here.";
        check(json!({"gcode_state": "DANCING"}), LIVE, Kind::NoData, unknown);
        assert!(display(&state(running()), &link(false, None)).was_printing);
        assert!(!display(&state(json!({})), &link(false, None)).was_printing);
    }
}
