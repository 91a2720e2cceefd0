//! Chooses what a person sees first of a printer: one word and the reason for it, in order of importance.
//!
//! Old data is never shown as the printer's present state: an old "printing" is a lie, and so is an old "needs you".
//! The earlier state is shown beside it.

use crate::printer::job::{Ending, Phase};
use crate::printer::problem::{Problem, Role, Severity};
use crate::printer::stage;
use crate::printer::state::State;
use std::fmt;

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
pub struct Link {
    /// Whether a report has come in this session.
    pub connected: bool,
    /// How long ago the last report came, in this session or an earlier one.
    pub last_report_age_ms: Option<u64>,
    /// How long ago the last session that had brought reports was lost, if there was one.
    pub lost_ms: Option<u64>,
    /// Whether the link has something to say about itself: it is not live.
    pub has_trouble: bool,
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

/// The word to show, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    /// The word.
    pub kind: Kind,
    /// The reason for the word.
    pub reason: Reason,
    /// A warning that applies while the printer goes on.
    pub note: Option<Problem>,
    /// The state when it was last known, if it is not known now.
    pub before: Option<Before>,
    /// Whether a print was going on at the last report. Without a connection, this matters most.
    pub was_printing: bool,
}

/// An earlier state of the printer.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// The word.
    pub kind: Kind,
    /// The reason for the word.
    pub reason: Reason,
}

/// Why a printer is shown with a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// The state of the link says why.
    Link,
    /// There is no connection, and the link does not say why.
    NoConnection,
    /// The printer has sent no report since it is connected.
    NotReportedYet,
    /// The printer has sent no report for too long.
    ReportsStopped,
    /// The printer's own word for its state is not known.
    UnknownState(String),
    /// The printer has not told its state.
    StateUntold,
    /// A complaint of the printer.
    Problem {
        /// The complaint.
        problem: Problem,
        /// Whether it ended the print.
        failed: bool,
    },
    /// The printer holds the print in this stage.
    Holds {
        /// The code of the stage.
        stage: i64,
        /// Whether the print has failed.
        failed: bool,
    },
    /// A person paused the print.
    Paused,
    /// The printer prepares a print, and names no stage.
    Preparing,
    /// The stage of the print, in words.
    Stage(&'static str),
    /// The print is finished.
    Finished(Hot),
    /// The last print failed.
    Failed(Hot),
    /// A person ended the last print.
    Stopped(Hot),
    /// There is no print, and the filament is being changed.
    ChangingFilament,
    /// The printer has nothing to do.
    Idle(Hot),
}

/// What a printer at rest still heats: a P2S (01.02.00.00) was seen to hold its nozzle at 255 °C after a print.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hot {
    /// The target of the hotter nozzle, if it is hot.
    pub nozzle_c: Option<f64>,
    /// The target of the bed, if it is hot.
    pub bed_c: Option<f64>,
}

/// Returns the first display state that applies.
#[must_use]
pub fn display(state: &State, link: &Link) -> Display {
    let was_printing = state.job.phase.has_job();
    let live = || needs_you(state).map_or_else(|| of_job(state), |reason| (Kind::NeedsYou, reason));
    let unheard = offline(link).map(|reason| (Kind::Offline, reason));
    let unheard = unheard.or_else(|| no_data(state, link).map(|reason| (Kind::NoData, reason)));
    if let Some((kind, reason)) = unheard {
        let before = (state.job.phase != Phase::Unknown).then(live).map(|(kind, reason)| Before { kind, reason });
        return Display { kind, reason, note: None, before, was_printing };
    }
    let (kind, reason) = live();
    let note = note(state).filter(|_| kind != Kind::NeedsYou).cloned();
    Display { kind, reason, note, before: None, was_printing }
}

fn needs_you(state: &State) -> Option<Reason> {
    let failed = state.job.ending == Some(Ending::Failed);
    let first = state.problems.iter().find(|problem| problem.needs_a_person());
    let of = |problem: &Problem| Reason::Problem { problem: problem.clone(), failed };
    let in_words = first.filter(|problem| problem.words.is_some()).map(of);
    let holds = || pause_by_the_printer(state).map(|stage| Reason::Holds { stage, failed });
    // A code without words says less than the stage in which the printer is paused.
    in_words.or_else(holds).or_else(|| first.map(of))
}

fn pause_by_the_printer(state: &State) -> Option<i64> {
    let is_pause = |code: &i64| stage::is_pause_by_the_printer(*code) && stage::words(*code).is_some();
    state.job.stage_code.filter(is_pause).filter(|_| state.job.phase == Phase::Paused)
}

/// Returns the worst warning. Maintenance reminders remain for weeks, so they are listed but not shown first.
fn note(state: &State) -> Option<&Problem> {
    let is_reminder = |problem: &Problem| problem.is_hms() && problem.severity > Severity::Serious;
    state.problems.iter().find(|problem| problem.role == Role::Note && !is_reminder(problem))
}

fn offline(link: &Link) -> Option<Reason> {
    let is_blip = link.lost_ms.is_some_and(|ms| ms < BLIP_MS);
    (!link.connected && !is_blip).then_some(if link.has_trouble { Reason::Link } else { Reason::NoConnection })
}

fn no_data(state: &State, link: &Link) -> Option<Reason> {
    let silent = match link.last_report_age_ms {
        None => Some(Reason::NotReportedYet),
        Some(age) if age > SILENCE_MS => Some(Reason::ReportsStopped),
        Some(_) => None,
    };
    match (silent, &state.job.word, state.job.phase) {
        (Some(_), ..) if link.has_trouble => Some(Reason::Link),
        (Some(silent), ..) => Some(silent),
        (None, Some(word), Phase::Unknown) => Some(Reason::UnknownState(word.clone())),
        (None, None, Phase::Unknown) => Some(Reason::StateUntold),
        _ => None,
    }
}

fn of_job(state: &State) -> (Kind, Reason) {
    let job = &state.job;
    let stage = job.stage.map_or(Reason::Preparing, Reason::Stage);
    match job.phase {
        Phase::Paused => (Kind::Paused, Reason::Paused),
        Phase::Preparing => (Kind::Preparing, stage),
        // Before the first layer, a named stage is shown as preparation; later it is part of the print.
        Phase::Running if job.layer.unwrap_or(0) == 0 && job.stage != Some(stage::PRINTING) => (Kind::Preparing, stage),
        Phase::Running => (Kind::Printing, stage),
        Phase::Finished => (Kind::Finished, Reason::Finished(hot(state))),
        Phase::Failed if job.ending == Some(Ending::Failed) => (Kind::Failed, Reason::Failed(hot(state))),
        Phase::Failed => (Kind::Stopped, Reason::Stopped(hot(state))),
        Phase::Idle | Phase::Unknown if job.changes_filament => (Kind::Idle, Reason::ChangingFilament),
        Phase::Idle | Phase::Unknown => (Kind::Idle, Reason::Idle(hot(state))),
    }
}

fn hot(state: &State) -> Hot {
    let heat = &state.heat;
    let nozzles = heat.nozzles.iter().map(|nozzle| nozzle.temperature).chain([heat.nozzle]);
    let nozzle_c = nozzles.filter_map(|nozzle| nozzle.target_c).fold(0.0, f64::max);
    let bed_c = heat.bed.target_c.unwrap_or(0.0);
    Hot { nozzle_c: (nozzle_c >= HOT_NOZZLE_C).then_some(nozzle_c), bed_c: (bed_c >= HOT_BED_C).then_some(bed_c) }
}

/// For the log.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("the link is not live"),
            Self::NoConnection => f.write_str("there is no connection"),
            Self::NotReportedYet => f.write_str("no report has come yet"),
            Self::ReportsStopped => f.write_str("reports have stopped"),
            Self::UnknownState(word) => write!(f, "its state is {word:?}"),
            Self::StateUntold => f.write_str("its state is not told"),
            Self::Problem { problem, failed: false } => write!(f, "it complains of {}", problem.code),
            Self::Problem { problem, failed: true } => write!(f, "the print failed with {}", problem.code),
            Self::Holds { stage, .. } => write!(f, "it holds the print in stage {stage}"),
            Self::Paused => f.write_str("a person paused the print"),
            Self::Preparing => f.write_str("no stage is named"),
            Self::Stage(words) => f.write_str(words),
            Self::Finished(_) => f.write_str("the print is finished"),
            Self::Failed(_) => f.write_str("the print failed"),
            Self::Stopped(_) => f.write_str("a person ended the print"),
            Self::ChangingFilament => f.write_str("the filament is being changed"),
            Self::Idle(_) => f.write_str("there is no print"),
        }
    }
}
