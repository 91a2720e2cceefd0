//! Chooses what a person sees first of a printer: one word and one sentence, in order of importance.
//!
//! Old data is never shown as the printer's present state: an old "printing" is a lie, and so is an old "needs you".
//! The earlier state is shown beside it.

use crate::printer::job::{Ending, Phase};
use crate::printer::problem::{Problem, Role, Severity};
use crate::printer::stage;
use crate::printer::state::State;

/// A connection lost for less than this is still shown as connected.
const BLIP_MS: u64 = 8_000;

/// A printer that answers but reports nothing for this long may be doing anything. A P1P that unpacked a print was
/// silent for 135 s.
const SILENCE_MS: u64 = 600_000;

/// A nozzle or bed held at this temperature (°C) after a print is heated on purpose or by mistake. An H2D keeps its
/// other nozzle at 40 °C while it prints.
const HOT_NOZZLE_C: f64 = 100.0;
const HOT_BED_C: f64 = 45.0;

/// The state of the link to the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link<'a> {
    /// Whether a report has come in this session.
    pub connected: bool,
    /// How long ago the last report came, in this session or an earlier one.
    pub last_report_age_ms: Option<u64>,
    /// How long ago the last session that had brought reports was lost, if there was one.
    pub lost_ms: Option<u64>,
    /// What is wrong with the link, in a sentence.
    pub trouble: Option<&'a str>,
}

/// The words shown on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person has to go to the printer: it waits or has given up.
    NeedsYou,
    /// There is no connection.
    Offline,
    /// The printer is connected, but no reports come.
    NoData,
    /// A person paused the print.
    Paused,
    /// The printer heats, calibrates or loads.
    Preparing,
    /// The printer prints.
    Printing,
    /// The print is finished, and the plate may be full.
    Finished,
    /// A person ended the print.
    Stopped,
    /// The print failed, and a person has since dismissed the error on the printer.
    Failed,
    /// The printer has nothing to do.
    Idle,
}

/// The word and sentences to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The word.
    pub kind: Kind,
    /// The reason for the word.
    pub sentence: String,
    /// A warning that applies while the printer goes on.
    pub note: Option<String>,
    /// The state when it was last known, if it is not known now.
    pub before: Option<Before>,
    /// Whether a print was going on at the last report. Without a connection, this matters most.
    pub was_printing: bool,
}

/// An earlier state of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The word.
    pub kind: Kind,
    /// The reason for the word.
    pub sentence: String,
}

/// Returns the first display state that applies.
#[must_use]
pub fn display(state: &State, link: &Link<'_>) -> Display {
    let was_printing = state.job.phase.has_job();
    let live = || needs_you(state).map_or_else(|| of_job(state), |reason| (Kind::NeedsYou, because(state, reason)));
    let unheard = offline(link).map(|trouble| (Kind::Offline, trouble));
    let unheard = unheard.or_else(|| no_data(state, link).map(|trouble| (Kind::NoData, trouble)));
    if let Some((kind, trouble)) = unheard {
        let before = (state.job.phase != Phase::Unknown).then(live).map(|(kind, sentence)| Before { kind, sentence });
        let sentence = match &before {
            Some(Before { kind: Kind::NeedsYou, sentence }) => format!("{trouble} It needed you then: {sentence}"),
            _ => trouble,
        };
        return Display { kind, sentence, note: None, before, was_printing };
    }
    let (kind, sentence) = live();
    let note = note(state).filter(|_| kind != Kind::NeedsYou);
    Display { kind, sentence, note, before: None, was_printing }
}

/// Says whether the print failed: a paused print can go on, a failed one cannot.
fn because(state: &State, reason: String) -> String {
    if state.job.ending == Some(Ending::Failed) { format!("The print failed. {reason}") } else { reason }
}

fn needs_you(state: &State) -> Option<String> {
    let first = state.problems.iter().find(|problem| problem.needs_a_person());
    let in_words = || first.filter(|problem| problem.words.is_some()).map(Problem::sentence);
    // A code without words says less than the stage in which the printer is paused.
    in_words().or_else(|| pause_by_the_printer(state)).or_else(|| first.map(Problem::sentence))
}

fn pause_by_the_printer(state: &State) -> Option<String> {
    let code = state.job.stage_code.filter(|code| stage::is_pause_by_the_printer(*code))?;
    let words = stage::words(code).filter(|_| state.job.phase == Phase::Paused)?;
    Some(format!("{words}."))
}

/// Returns the worst warning. Maintenance reminders remain for weeks, so they are listed but not shown first.
fn note(state: &State) -> Option<String> {
    let is_reminder = |problem: &Problem| problem.is_hms() && problem.severity > Severity::Serious;
    let mut notes = state.problems.iter().filter(|problem| problem.role == Role::Note && !is_reminder(problem));
    notes.next().map(Problem::sentence)
}

fn offline(link: &Link<'_>) -> Option<String> {
    let is_blip = link.lost_ms.is_some_and(|ms| ms < BLIP_MS);
    (!link.connected && !is_blip).then(|| link.trouble.unwrap_or("There is no connection to the printer.").to_owned())
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
        // Before the first layer, a named stage is shown as preparation; later it is part of the print.
        Phase::Running if job.layer.unwrap_or(0) == 0 && stage != stage::PRINTING => {
            (Kind::Preparing, format!("{stage}."))
        }
        Phase::Running => (Kind::Printing, format!("{stage}.")),
        Phase::Finished => (Kind::Finished, at_rest(state, "The print is finished")),
        Phase::Failed if job.ending == Some(Ending::Failed) => (Kind::Failed, at_rest(state, "The last print failed")),
        Phase::Failed => (Kind::Stopped, at_rest(state, "The last print was stopped before its end")),
        Phase::Idle | Phase::Unknown if job.changes_filament => {
            (Kind::Idle, "No print is under way; the filament is being changed.".to_owned())
        }
        Phase::Idle | Phase::Unknown => (Kind::Idle, at_rest(state, "The printer has nothing to do")),
    }
}

/// Adds to the sentence what is still hot: a P2S (01.02.00.00) was seen to hold its nozzle at 255 °C after a print.
fn at_rest(state: &State, sentence: &str) -> String {
    let heat = &state.heat;
    let nozzles = heat.nozzles.iter().map(|nozzle| nozzle.temperature).chain([heat.nozzle]);
    let nozzle = nozzles.filter_map(|nozzle| nozzle.target_c).fold(0.0, f64::max);
    let bed = heat.bed.target_c.unwrap_or(0.0);
    let hot = match (nozzle >= HOT_NOZZLE_C, bed >= HOT_BED_C) {
        (true, true) => format!(", and the printer still heats its nozzle to {nozzle} °C and its bed to {bed} °C"),
        (true, false) => format!(", and the printer still heats its nozzle to {nozzle} °C"),
        (false, true) => format!(", and the printer still heats its bed to {bed} °C"),
        (false, false) => String::new(),
    };
    format!("{sentence}{hot}.")
}

#[cfg(test)]
mod tests;
