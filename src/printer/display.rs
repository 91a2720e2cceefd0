//! What a person should see first of a printer: one word and one sentence, in the order in which they matter.
//!
//! What is not live is never shown as a state of the printer: an old "printing" is a lie, and so is an old "needs you".
//! What it was then is told beside it.

use crate::printer::job::{Ending, Phase};
use crate::printer::problem::{Problem, Role, Severity};
use crate::printer::stage;
use crate::printer::state::State;

/// A connection that is back within this is no news.
const BLIP_MS: u64 = 8_000;

/// A printer that answers and reports nothing for this long may be doing anything. A P1P that unpacks a print was silent
/// for 135 s.
const SILENCE_MS: u64 = 600_000;

/// A nozzle or a bed that is held at this after a print is heated on purpose or by mistake, in °C. An H2D keeps its other
/// nozzle at 40 °C while it prints.
const HOT_NOZZLE_C: f64 = 100.0;
const HOT_BED_C: f64 = 45.0;

/// What is known of the link to the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link<'a> {
    /// Whether reports of the present session have come.
    pub connected: bool,
    /// How long ago the last report came, of this session or of an earlier one.
    pub last_report_age_ms: Option<u64>,
    /// How long ago the last session that had brought reports was lost, where there was one.
    pub lost_ms: Option<u64>,
    /// What is wrong with it, in a sentence.
    pub trouble: Option<&'a str>,
}

/// The words of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody has to go there: the printer waits or has given up.
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
    /// Somebody ended the print.
    Stopped,
    /// The print failed, and somebody has dismissed the error on the printer since.
    Failed,
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
    /// A warning that stands while the printer goes on.
    pub note: Option<String>,
    /// What it was when it was last heard, where it is not heard now.
    pub before: Option<Before>,
    /// Whether a print was going on when last heard; without a connection that is what matters most.
    pub was_printing: bool,
}

/// What a printer was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The word.
    pub kind: Kind,
    /// Why.
    pub sentence: String,
}

/// The display state: the first that fits.
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

/// A print that waits can go on; one that failed cannot, and its owner wants to know which of the two it is.
fn because(state: &State, reason: String) -> String {
    if state.job.ending == Some(Ending::Failed) { format!("The print failed. {reason}") } else { reason }
}

fn needs_you(state: &State) -> Option<String> {
    let first = state.problems.iter().find(|problem| problem.needs_a_person());
    let in_words = || first.filter(|problem| problem.words.is_some()).map(Problem::sentence);
    // A code without words says less than the stage in which the printer stands still.
    in_words().or_else(|| pause_by_the_printer(state)).or_else(|| first.map(Problem::sentence))
}

fn pause_by_the_printer(state: &State) -> Option<String> {
    let code = state.job.stage_code.filter(|code| stage::is_pause_by_the_printer(*code))?;
    let words = stage::words(code).filter(|_| state.job.phase == Phase::Paused)?;
    Some(format!("{words}."))
}

/// The worst of the warnings. Reminders of maintenance stand for weeks; they are listed and not shown first.
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
        // Before the first layer, what has a name of its own comes before the print; later it is part of it.
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

/// The sentence, and what is hot all the same: a P2S (01.02.00.00) was seen to hold its nozzle at 255 °C after a print.
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
