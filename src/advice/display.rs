//! Says what a person sees first of a printer.

use super::code::words;
use super::{Advice, Code, mqtt};
use crate::mqtt::state::Condition;
use crate::printer::display::{Before, Display, Hot, Kind, Reason};
use crate::printer::problem::Problem;
use crate::printer::stage;
use serde_json::Value;

words! {
    NO_CONNECTION "printer.no-connection" "There is no connection to the printer."
    NOT_REPORTED_YET "printer.not-reported-yet" "The printer is connected and has not reported yet."
    REPORTS_STOPPED "printer.reports-stopped" "The printer is connected, but its reports have stopped."
    UNKNOWN_STATE "printer.unknown-state" "The printer says it is in the state “{state}”, which is not known here."
    STATE_UNTOLD "printer.state-untold" "The printer has not told what it is doing yet."
    NEEDED_YOU_THEN "printer.needed-you-then" ""
    PROBLEM "printer.problem" ""
    HOLDS "printer.holds" ""
    PAUSED "printer.paused" "The print is paused."
    PREPARING "printer.preparing" "Preparing the print."
    PRINTING "printer.printing" "Printing."
    STAGE "printer.stage" ""
    FINISHED "printer.finished" "The print is finished."
    FAILED "printer.failed" "The last print failed."
    PRINT_STOPPED "printer.stopped" "The last print was stopped before its end."
    CHANGING_FILAMENT "printer.changing-filament" "No print is under way; the filament is being changed."
    IDLE "printer.idle" "The printer has nothing to do."
}

/// Returns the words for what is shown first. `link` is the state of the link, which may be the reason.
#[must_use]
pub fn of_display(display: &Display, link: Condition<'_>) -> Advice {
    let now = of_reason(&display.reason, link);
    match &display.before {
        Some(before) if before.kind == Kind::NeedsYou => {
            let then = of_before(before, link);
            let sentence = format!("{} It needed you then: {}", now.sentence, then.sentence);
            NEEDED_YOU_THEN.worded([("now", now.code.word().into()), ("then", then.code.word().into())], sentence)
        }
        _ => now,
    }
}

/// Returns the words for what the printer was when it was last heard.
#[must_use]
pub fn of_before(before: &Before, link: Condition<'_>) -> Advice {
    of_reason(&before.reason, link)
}

/// Returns the words for a warning.
#[must_use]
pub fn of_note(problem: &Problem) -> Advice {
    of_problem(problem, false)
}

fn of_reason(reason: &Reason, link: Condition<'_>) -> Advice {
    match reason {
        Reason::Link => mqtt::of_link(link),
        Reason::NoConnection => NO_CONNECTION.plain(),
        Reason::NotReportedYet => NOT_REPORTED_YET.plain(),
        Reason::ReportsStopped => REPORTS_STOPPED.plain(),
        Reason::UnknownState(word) => UNKNOWN_STATE.with([("state", word.as_str().into())]),
        Reason::StateUntold => STATE_UNTOLD.plain(),
        Reason::Problem { problem, failed } => of_problem(problem, *failed),
        Reason::Holds { stage, failed } => {
            let words = stage::words(*stage).unwrap_or_default();
            HOLDS.worded(
                [("stage", (*stage).into()), ("failed", (*failed).into())],
                after_failure(*failed, format!("{words}.")),
            )
        }
        Reason::Paused => PAUSED.plain(),
        Reason::Preparing => PREPARING.plain(),
        Reason::Stage(stage::PRINTING) => PRINTING.plain(),
        Reason::Stage(words) => match stage::number(words) {
            Some(number) => STAGE.worded([("stage", number.into())], format!("{words}.")),
            None => STAGE.worded([], format!("{words}.")),
        },
        Reason::Finished(hot) => at_rest(FINISHED, *hot),
        Reason::Failed(hot) => at_rest(FAILED, *hot),
        Reason::Stopped(hot) => at_rest(PRINT_STOPPED, *hot),
        Reason::ChangingFilament => CHANGING_FILAMENT.plain(),
        Reason::Idle(hot) => at_rest(IDLE, *hot),
    }
}

fn of_problem(problem: &Problem, failed: bool) -> Advice {
    let params = [("code", problem.code.as_str().into()), ("failed", failed.into())];
    PROBLEM.worded(params, after_failure(failed, problem.sentence()))
}

/// A paused print can go on, a failed one cannot.
fn after_failure(failed: bool, reason: String) -> String {
    if failed { format!("The print failed. {reason}") } else { reason }
}

/// Adds what is still hot.
fn at_rest(code: Code, Hot { nozzle_c, bed_c }: Hot) -> Advice {
    let hot = match (nozzle_c, bed_c) {
        (Some(nozzle), Some(bed)) => {
            format!(", and the printer still heats its nozzle to {nozzle} °C and its bed to {bed} °C.")
        }
        (Some(nozzle), None) => format!(", and the printer still heats its nozzle to {nozzle} °C."),
        (None, Some(bed)) => format!(", and the printer still heats its bed to {bed} °C."),
        (None, None) => return code.plain(),
    };
    let mut advice = code.plain();
    let temperatures = [("nozzleC", nozzle_c), ("bedC", bed_c)];
    advice.params.extend(temperatures.into_iter().filter_map(|(name, value)| Some((name, Value::from(value?)))));
    advice.sentence.truncate(advice.sentence.trim_end_matches('.').len());
    advice.sentence.push_str(&hot);
    advice
}
