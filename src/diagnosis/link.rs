//! Reads the stages of a link from its published state. Pure: the time is an argument.

use super::WHOLE_TEST;
use super::findings::{Findings, Judgement, Span};
use super::report::{Finding, Outcome, Stage};
use crate::advice::{self, Tries, test};
use crate::mqtt::report_watch::FIRST_REPORT;
use crate::mqtt::state::{LinkStep, Status};
use crate::mqtt::{Attempt, MqttError};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::printer::Serial;
use crate::printer::state::TakesCommands;
use std::time::{Duration, Instant};

const STAGES: &[Stage] = Stage::ALL.split_at(6).0;

/// How long to wait after the first report for the rest of the printer's data.
const FULL_REPORT: Duration = Duration::from_secs(5);

/// What is published about a link.
#[derive(Debug, Clone)]
pub struct LinkSeen {
    /// The link of a registered printer was up when the test began. Otherwise the link is the test's own.
    pub at_work: bool,
    /// The registered printer is no longer registered.
    pub removed: bool,
    pub attempt: Attempt,
    pub status: Status,
    /// Whether the printer sends more than is read.
    pub floods: bool,
}

/// Whether the printer has accepted the link. A quiet printer counts: a second client could interrupt its work.
pub fn stands(step: LinkStep) -> bool {
    matches!(step, LinkStep::WaitingForReport | LinkStep::Silent | LinkStep::Live | LinkStep::Quiet)
}

/// Returns the findings by now.
pub fn judge(seen: &LinkSeen, serial: &Serial, span: Span, now: Instant) -> Judgement {
    let LinkSeen { attempt, status, .. } = seen;
    let mut findings = Findings::new(STAGES, span);
    if seen.at_work {
        // The session shows that these have been passed.
        findings.know(Outcome::Passed, Some(test::LINK_AT_WORK.plain()));
        while findings.stage() < Some(Stage::FirstReport) {
            findings.know(Outcome::Passed, None);
        }
    } else {
        let Some((peer, at)) = attempt.reached else { return missing(seen, findings, span, now) };
        findings.pass(at, Some(test::answers(&peer.ip().to_string())));
        findings.end_as_well(Outcome::Passed, Some(test::port_open(peer.port())));
        let Some(at) = attempt.trusted else { return missing(seen, findings, span, now) };
        findings.pass(at, Some(test::certificate(serial)));
        let Some(at) = attempt.signed_in else { return missing(seen, findings, span, now) };
        findings.pass(at, None);
    }
    let Some(reported) = attempt.reported else { return missing(seen, findings, span, now) };
    let warning = match status.link.step {
        LinkStep::Quiet => Some(advice::of_link(status.link.condition())),
        _ => seen.floods.then(|| test::FLOOD.plain()),
    };
    match warning {
        Some(_) => findings.end(Outcome::Warned, reported, warning),
        None => findings.pass(reported, status.state.model.map(test::reports)),
    }
    // A report that stays partial is used as it is.
    let due = (reported + FULL_REPORT).min(span.end);
    let is_cut_off = !seen.at_work && attempt.ended.as_ref().is_some_and(|(_, at)| *at < due);
    let Some(at) = attempt.complete.or_else(|| (now >= due && !is_cut_off).then_some(due)) else {
        return missing(seen, findings, Span { end: due, ..span }, now);
    };
    let takes = status.state.takes_commands;
    let outcome = match takes {
        TakesCommands::Yes => Outcome::Passed,
        TakesCommands::No => Outcome::Warned,
        // Only a command would show this, and a test sends none.
        TakesCommands::Unknown => Outcome::Skipped,
    };
    findings.end(outcome, at, advice::of_commands_taken(takes));
    findings.over(true)
}

/// Returns the findings about a device that was asked for its serial number, and did not tell it.
pub fn judge_nameless(error: LinkError, span: Span, at: Instant) -> Vec<Finding> {
    let mut findings = Findings::new(STAGES, span);
    if !matches!(error.failure, Failure::Dial(_))
        && let Some((host, port)) = error.at.rsplit_once(':')
    {
        findings.pass(at, Some(test::answers(host)));
        findings.end_as_well(Outcome::Passed, port.parse().ok().map(test::port_open));
    }
    fail(findings, &MqttError::Link(error), at).findings
}

/// Judges the current stage, which has not been passed.
fn missing(seen: &LinkSeen, mut findings: Findings, span: Span, now: Instant) -> Judgement {
    let is_of_report = findings.stage() == Some(Stage::FirstReport);
    let signed_in = seen.attempt.signed_in.unwrap_or(span.begun).max(span.begun);
    let end = if is_of_report { span.end.min(signed_in + FIRST_REPORT) } else { span.end };
    if seen.at_work {
        let failed = (!stands(seen.status.link.step)).then(|| advice::of_link(seen.status.link.condition()));
        if seen.removed || failed.is_some() {
            findings.end(Outcome::Failed, now, if seen.removed { Some(test::REMOVED.plain()) } else { failed });
            return findings.over(!seen.removed);
        }
    } else if let Some((error, at)) = &seen.attempt.ended {
        return fail(findings, error, *at);
    }
    if now < end {
        return findings.wait(end);
    }
    let why = match is_of_report {
        true => advice::of_link_step(LinkStep::Silent),
        false => test::too_long(WHOLE_TEST),
    };
    findings.end(Outcome::Failed, end, Some(why));
    findings.over(is_of_report)
}

/// Ends the current stage with the failure of the test's own link.
fn fail(mut findings: Findings, error: &MqttError, at: Instant) -> Judgement {
    if let MqttError::Link(LinkError { at: peer, failure: Failure::Dial(DialError::Refused(_)) }) = error {
        let host = peer.rsplit_once(':').map_or(peer.as_str(), |(host, _)| host);
        findings.pass(at, Some(test::answers(host)));
        findings.end_as_well(Outcome::Failed, Some(advice::of_mqtt_error(error, Tries::Single)));
        return findings.over(true);
    }
    let is_the_printer = findings.stage() > Some(Stage::Certificate);
    findings.end(Outcome::Failed, at, Some(advice::of_mqtt_error(error, Tries::Single)));
    if let MqttError::Link(LinkError { failure: Failure::Certificate(refusal), .. }) = error {
        findings.found(refusal);
    }
    findings.over(is_the_printer && !matches!(error, MqttError::CodeRefused { .. }))
}
