//! Reads the stages of a camera from its published state. Pure: the time is an argument.

use super::findings::{Findings, Judgement, Span};
use super::report::{Outcome, Stage};
use crate::advice::{self, Advice, Tries, test};
use crate::camera::{Attempt, CameraError, Ended, Step, Trouble};
use crate::net::link::{Failure, LinkError};
use crate::printer::model::CameraKind;
use std::time::{Duration, Instant};

const STAGES: &[Stage] = Stage::ALL.split_at(6).1;

/// Limit for both stages. A P2S needs more than 10 s for its first packet on a cold start. Some cameras send their
/// first key frame after more than 20 s.
const CAMERA_WITHIN: Duration = Duration::from_secs(30);

/// The same for a camera that sends pictures: a connection to it has 40 s for the first one.
const PICTURES_WITHIN: Duration = Duration::from_secs(45);

/// What is published about a camera.
#[derive(Debug, Clone)]
pub struct CameraSeen {
    /// It is the camera of a registered printer. Otherwise the connection is the test's own.
    pub at_work: bool,
    /// The registered printer is no longer registered.
    pub removed: bool,
    pub attempt: Attempt,
    /// What it sends, if that is known.
    pub kind: Option<CameraKind>,
    pub step: Step,
    /// What keeps it from being live, if anything does.
    pub trouble: Option<Trouble>,
    pub picture_size: Option<(u32, u32)>,
}

/// Returns the findings by now.
pub fn judge(seen: &CameraSeen, span: Span, now: Instant) -> Judgement {
    let CameraSeen { attempt, step, .. } = seen;
    let mut findings = Findings::new(STAGES, span);
    // A failure before the test is no finding of it.
    let tested = |at: &Instant| !seen.at_work || *at >= span.begun;
    let size = seen.picture_size.map(test::picture_size);
    let was_live = seen.at_work && attempt.live.is_some_and(|at| at < span.begun);
    if was_live && *step == Step::Live && !seen.removed {
        findings.know(Outcome::Passed, Some(test::CAMERA_AT_WORK.plain()));
        findings.know(Outcome::Passed, size);
        return findings.over(true);
    }
    let within = if seen.kind == Some(CameraKind::Jpeg) { PICTURES_WITHIN } else { CAMERA_WITHIN };
    let end = span.end.min(span.begun + within);
    let ended = attempt.ended.as_ref().filter(|ended| tested(&ended.at));
    let opened = attempt.opened.filter(|_| ended.is_some() || attempt.ended.is_none());
    if let Some(at) = opened.or(ended.filter(|ended| ended.error.reached()).map(|ended| ended.at)) {
        findings.pass(at.max(span.begun), None);
    }
    let is_live = if seen.at_work { *step == Step::Live } else { attempt.live.is_some() };
    if seen.removed {
        findings.end(Outcome::Failed, now, Some(test::REMOVED.plain()));
    } else if matches!(step, Step::SwitchedOff | Step::NoCamera | Step::Updating) {
        // Not a fault, and there is nothing to test.
        let words = Some(advice::of_camera_step(*step));
        match seen.at_work || opened.is_some() {
            true => findings.end(Outcome::Warned, now, words),
            false => findings.know(Outcome::Warned, words),
        }
    } else if is_live && opened.is_some() {
        findings.pass(attempt.live.filter(tested).unwrap_or(now), size);
    } else if let Some(Ended { at, error, .. }) = ended {
        fail(&mut findings, seen, error, *at);
    } else if *step == Step::Refused && !seen.at_work && attempt.begun.is_none() {
        // The URL is not allowed, so nothing was dialled.
        findings.know(Outcome::Failed, Some(said(seen)));
    } else if now >= end {
        findings.end(Outcome::Failed, end, Some(overdue(seen, within)));
    } else if seen.at_work || attempt.begun.is_some() {
        return findings.wait(end);
    } else {
        return findings.wait_to_begin(end);
    }
    findings.over(true)
}

fn fail(findings: &mut Findings, seen: &CameraSeen, error: &CameraError, at: Instant) {
    let why = match &seen.trouble {
        Some(Trouble::Failed { error, place }) if !seen.at_work => {
            advice::of_camera_error(error, *place, Tries::Single)
        }
        _ => said(seen),
    };
    findings.end(Outcome::Failed, at, Some(why));
    if let CameraError::Link(LinkError { failure: Failure::Certificate(refusal), .. }) = error
        && !seen.at_work
    {
        findings.found(refusal);
    }
}

/// Returns the words for the last trouble or, if there is none, for what is happening.
fn said(seen: &CameraSeen) -> Advice {
    seen.trouble.as_ref().map_or_else(|| advice::of_camera_step(seen.step), advice::of_camera_trouble)
}

fn overdue(seen: &CameraSeen, within: Duration) -> Advice {
    if seen.at_work { said(seen) } else { test::stuck_at(seen.step, within) }
}
