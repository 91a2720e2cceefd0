//! Says how a command ended, and whether a printer accepts commands at all.

use super::code::words;
use super::{Advice, mqtt};
use crate::mqtt::command::{CommandResult, NoAnswer, NotConnected};
use crate::printer::command::{Pointless, Refusal, Unanswered};
use crate::printer::state::TakesCommands;

words! {
    DEVELOPER_MODE_OFF "command.developer-mode-off" "The printer takes this from Bambu's own programs only. Turn \
        Developer Mode on, on the printer's screen under LAN Only Mode. The light works without it."
    MAY_NOT_BE_TAKEN "command.may-not-be-taken" "This model does not tell whether it takes commands. If it does not \
        react, turn Developer Mode on, on the printer's screen under LAN Only Mode."
    REFUSED_PROBLEM "command.refused-problem" ""
    REFUSED_REASON "command.refused-reason" "The printer refused: {reason}."
    REFUSED "command.refused" "The printer refused and did not say why."
    NOTHING_PRINTED "command.nothing-printed" "Nothing is being printed."
    PAUSED_ALREADY "command.paused-already" "The print is paused already."
    NOT_PAUSED "command.not-paused" "The print is not paused."
    OTHER_JOB "command.other-job" "This printer is now on a different print, so nothing was sent; look again."
    BUSY "command.busy" "Another command is on its way to this printer; wait for it."
    LINK_STARTING "command.link-starting" "The link to this printer is being started; try again."
    LINK_CLOSING "command.link-closing" "The link to this printer is being closed."
    NO_SIGN_OF_LIFE "command.no-sign-of-life" "The printer gives no sign of life at the moment, so the command was not \
        sent. Try again."
    UNANSWERED "command.unanswered" "The printer did not answer; look at it before you try again."
    UNANSWERED_MAYBE_MODE "command.unanswered-maybe-mode" "The printer did not answer; look at it before you try again. \
        If it never reacts, turn Developer Mode on, on its screen under LAN Only Mode."
    CONNECTION_BROKE "command.connection-broke" "The connection broke after the command was sent; look at the printer \
        before you try again."
    PANICKED "command.panicked" "Platecast failed at this command; its log says where."
    OUTCOME_UNKNOWN "command.outcome-unknown" "Nobody knows what became of the command; look at the printer."
}

/// Returns the words for a command; `None` if the printer has accepted it.
#[must_use]
pub fn of_command(result: &CommandResult) -> Option<Advice> {
    let advice = match result {
        CommandResult::Accepted { .. } => return None,
        CommandResult::Refused(refusal) => of_refusal(refusal),
        CommandResult::Pointless(Pointless::NothingPrinted) => NOTHING_PRINTED.plain(),
        CommandResult::Pointless(Pointless::PausedAlready) => PAUSED_ALREADY.plain(),
        CommandResult::Pointless(Pointless::NotPaused) => NOT_PAUSED.plain(),
        CommandResult::OtherJob => OTHER_JOB.plain(),
        CommandResult::Busy => BUSY.plain(),
        CommandResult::NotConnected(NotConnected::Link(link)) => mqtt::of_link(link.condition()),
        CommandResult::NotConnected(NotConnected::Starting) => LINK_STARTING.plain(),
        CommandResult::NotConnected(NotConnected::Closing) => LINK_CLOSING.plain(),
        CommandResult::NotConnected(NotConnected::NoSignOfLife) => NO_SIGN_OF_LIFE.plain(),
        CommandResult::NoAnswer(NoAnswer::Printer(Unanswered::DeveloperModeOff)) => DEVELOPER_MODE_OFF.plain(),
        CommandResult::NoAnswer(NoAnswer::Printer(Unanswered::MaybeDeveloperMode)) => UNANSWERED_MAYBE_MODE.plain(),
        CommandResult::NoAnswer(NoAnswer::Printer(Unanswered::Unexplained)) => UNANSWERED.plain(),
        CommandResult::NoAnswer(NoAnswer::ConnectionBroke) => CONNECTION_BROKE.plain(),
        CommandResult::NoAnswer(NoAnswer::Panicked) => PANICKED.plain(),
        CommandResult::NoAnswer(NoAnswer::Unknown) => OUTCOME_UNKNOWN.plain(),
    };
    Some(advice)
}

fn of_refusal(refusal: &Refusal) -> Advice {
    match refusal {
        Refusal::DeveloperMode => DEVELOPER_MODE_OFF.plain(),
        Refusal::Problem(problem) => REFUSED_PROBLEM
            .worded([("code", problem.code.as_str().into())], format!("The printer refused. {}", problem.sentence())),
        Refusal::Reason(reason) => REFUSED_REASON.with([("reason", reason.trim_end_matches('.').into())]),
        Refusal::Unexplained => REFUSED.plain(),
    }
}

/// Returns what prevents commands and what to do, if anything does.
#[must_use]
pub fn of_commands_taken(takes: TakesCommands) -> Option<Advice> {
    match takes {
        TakesCommands::Yes => None,
        TakesCommands::No => Some(DEVELOPER_MODE_OFF.plain()),
        TakesCommands::Unknown => Some(MAY_NOT_BE_TAKEN.plain()),
    }
}
