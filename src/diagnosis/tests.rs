//! What is published, and what the stages make of it.

use super::camera::{self, CameraSeen};
use super::findings::{Judgement, Next, Span};
use super::link::{self, LinkSeen};
use super::report::Outcome;
use crate::base::clock;
use crate::camera::{CameraError, Ended, Place, Step, Trouble, Unready};
use crate::mqtt::state::{LinkStep, Status};
use crate::mqtt::{Attempt, MqttError};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::printer::Serial;
use crate::printer::address::UrlError;
use crate::printer::identity::Refusal;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Returns the span of a test that begins in a minute, so that there is a time before it.
fn span() -> Span {
    let begun = clock::now() + Duration::from_secs(60);
    Span { begun, end: begun + Duration::from_secs(58) }
}

fn after(seconds: u64) -> impl Fn(Span) -> Instant {
    move |span| span.begun + Duration::from_secs(seconds)
}

/// Returns the states of the stages (`r` is running), whether a duration is given, and what follows.
fn told(Judgement { findings, next }: &Judgement) -> (String, String, Next) {
    let state = |outcome| match outcome {
        None => 'r',
        Some(Outcome::Skipped) => 's',
        Some(Outcome::Passed) => 'p',
        Some(Outcome::Warned) => 'w',
        Some(Outcome::Failed) => 'f',
    };
    let states = findings.iter().map(|finding| state(finding.outcome)).collect();
    let took = |took: Option<Duration>| took.map_or("-".to_owned(), |took| took.as_secs().to_string());
    let times: Vec<String> = findings.iter().map(|finding| took(finding.took)).collect();
    (states, times.join(" "), *next)
}

const CAMERA: Next = Next::Over { camera_may_be_tried: true };
const NO_CAMERA: Next = Next::Over { camera_may_be_tried: false };

fn serial() -> Serial {
    Serial::parse("00M09A000000001").unwrap()
}

fn peer() -> std::net::SocketAddr {
    "10.0.0.5:8883".parse().unwrap()
}

/// A link that took a second to each of these: reached, trusted, signed in, reported, complete.
fn link(steps: u64) -> (LinkSeen, Span) {
    let span = span();
    let at = |step: u64| (steps >= step).then(|| after(step)(span));
    let attempt = Attempt {
        begun: Some(span.begun),
        reached: at(1).map(|at| (peer(), at)),
        trusted: at(2),
        signed_in: at(3),
        reported: at(4),
        complete: at(5),
        ended: None,
    };
    let (at_work, removed, floods) = (false, false, false);
    (LinkSeen { at_work, removed, attempt, status: Status::unknown(&serial()), floods }, span)
}

#[track_caller]
fn check_link((seen, span): &(LinkSeen, Span), second: u64, states: &str, times: &str, next: Next) -> Judgement {
    let judgement = link::judge(seen, &serial(), *span, after(second)(*span));
    assert_eq!(told(&judgement), (states.to_owned(), times.to_owned(), next), "{judgement:#?}");
    judgement
}

#[track_caller]
fn says(judgement: &Judgement, words: &str) {
    let last =
        judgement.findings.last().and_then(|finding| finding.advice.as_ref()).map_or("", |advice| &advice.sentence);
    assert!(last.contains(words), "{last}");
}

#[test]
fn each_step_of_a_link_ends_a_stage_however_late_it_is_seen() {
    let until = |second| move |(_, span): &(LinkSeen, Span)| Next::Wait(after(second)(*span));
    let check = |steps, states: &str, times: &str, next: &dyn Fn(&(LinkSeen, Span)) -> Next| {
        let link = link(steps);
        check_link(&link, steps, states, times, next(&link));
    };
    check(0, "r", "-", &until(58));
    check(1, "ppr", "1 1 -", &until(58));
    check(2, "pppr", "1 1 1 -", &until(58));
    check(3, "ppppr", "1 1 1 1 -", &until(3 + 15));
    check(4, "pppppr", "1 1 1 1 1 -", &until(4 + 5));
    check(5, "ppppps", "1 1 1 1 1 1", &|_| CAMERA);
    check_link(&link(5), 50, "ppppps", "1 1 1 1 1 1", CAMERA);
}

#[test]
fn a_link_that_comes_no_further_fails_at_its_limit() {
    says(&check_link(&link(0), 58, "f", "58", NO_CAMERA), "takes too long: the test was ended after 58 s");
    says(&check_link(&link(2), 58, "pppf", "1 1 1 56", NO_CAMERA), "takes too long");
    says(&check_link(&link(3), 18, "ppppf", "1 1 1 1 15", CAMERA), "reports nothing");
    // A partial report is used.
    check_link(&link(4), 9, "ppppps", "1 1 1 1 1 5", CAMERA);
}

#[test]
fn the_end_of_an_attempt_fails_the_stage_where_it_came() {
    let of = |failure| MqttError::Link(LinkError { at: "10.0.0.5:8883".to_owned(), failure });
    let check = |steps, error, states: &str, times: &str, next| {
        let (mut seen, span) = link(steps);
        seen.attempt.ended = Some((Arc::new(error), after(steps + 1)(span)));
        check_link(&(seen, span), 9, states, times, next)
    };
    let refused = || of(DialError::Refused(ErrorKind::ConnectionRefused.into()).into());
    let closed = check(0, refused(), "pf", "1 1", CAMERA);
    let address = closed.findings[0].advice.as_ref().map(|advice| advice.sentence.as_str());
    assert_eq!(address, Some("10.0.0.5 answers."));
    says(&closed, "turn on LAN Only Mode");
    check(0, of(DialError::NoAnswer(ErrorKind::TimedOut.into()).into()), "f", "1", NO_CAMERA);
    let seen = Some("00M09A000000002".to_owned());
    let other = Refusal::OtherSerial { expected: serial(), seen, fingerprint: crate::printer::Fingerprint([7; 32]) };
    let other = check(1, of(other.into()), "ppf", "1 1 1", NO_CAMERA);
    assert!(other.findings[2].found_serial.is_some() && other.findings[1].found_serial.is_none(), "{other:#?}");
    let at = || "10.0.0.5:8883".to_owned();
    check(2, MqttError::CodeRefused { at: at() }, "pppf", "1 1 1 1", NO_CAMERA);
    let silent = check(2, MqttError::NoAnswer { at: at() }, "pppf", "1 1 1 1", CAMERA);
    says(&silent, "says nothing. If this stays");
    check(4, MqttError::NoAnswer { at: at() }, "pppppf", "1 1 1 1 1 1", CAMERA);
    // What came before the end counts.
    check(5, MqttError::NoAnswer { at: at() }, "ppppps", "1 1 1 1 1 1", CAMERA);
}

/// The link of a registered printer, which signed in half a minute before the test.
fn link_at_work(reported_after: Option<u64>) -> (LinkSeen, Span) {
    let (mut seen, span) = link(0);
    let before = span.begun - Duration::from_secs(30);
    seen.at_work = true;
    seen.status.link.enter(LinkStep::WaitingForReport);
    let reported = reported_after.map(|second| before + Duration::from_secs(second));
    seen.attempt =
        Attempt { signed_in: Some(before), reported, complete: reported, reached: None, ..Attempt::default() };
    (seen, span)
}

#[test]
fn a_link_at_work_has_passed_its_first_stages_before_the_test() {
    check_link(&link_at_work(Some(1)), 0, "ppppps", "- - - - - -", CAMERA);
    let waits = link_at_work(None);
    check_link(&waits, 0, "ppppr", "- - - - -", Next::Wait(after(15)(waits.1)));
    check_link(&link_at_work(Some(32)), 2, "ppppps", "- - - - 2 0", CAMERA);
    says(&check_link(&link_at_work(None), 15, "ppppf", "- - - - 15", CAMERA), "reports nothing");
    let (mut lost, span) = link_at_work(None);
    lost.status.link.enter(LinkStep::Retrying);
    says(&check_link(&(lost, span), 1, "ppppf", "- - - - 1", CAMERA), "The printer is away");
    let (mut removed, span) = link_at_work(None);
    removed.removed = true;
    says(&check_link(&(removed, span), 1, "ppppf", "- - - - 1", NO_CAMERA), "removed here");
}

#[test]
fn a_link_that_floods_or_pauses_works_with_a_limit() {
    let (mut floods, span) = link(5);
    floods.floods = true;
    check_link(&(floods, span), 5, "ppppws", "1 1 1 1 1 1", CAMERA);
    let (mut quiet, span) = link_at_work(Some(1));
    quiet.status.link.enter(LinkStep::Quiet);
    check_link(&(quiet, span), 0, "ppppws", "- - - - - -", CAMERA);
}

/// A camera that took a second to each of these: begun, opened, live.
fn camera(step: Step, steps: u64) -> (CameraSeen, Span) {
    let span = span();
    let at = |number: u64| (steps >= number).then(|| after(number)(span));
    let attempt = crate::camera::Attempt { begun: at(1), opened: at(2), live: at(3), ended: None };
    let seen = CameraSeen {
        at_work: false,
        removed: false,
        attempt,
        kind: None,
        step,
        trouble: None,
        picture_size: Some((1920, 1080)),
    };
    (seen, span)
}

#[track_caller]
fn check_camera((seen, span): &(CameraSeen, Span), second: u64, states: &str, times: &str) -> Judgement {
    let judgement = camera::judge(seen, *span, after(second)(*span));
    let (found, took, next) = told(&judgement);
    assert_eq!((found.as_str(), took.as_str()), (states, times), "{judgement:#?}");
    let is_open = found.is_empty() || found.ends_with('r');
    assert_eq!(next, if is_open { Next::Wait(after(30)(*span)) } else { CAMERA });
    judgement
}

fn fails(seen: &mut CameraSeen, failure: Failure, at: Instant) {
    let error = Arc::new(CameraError::Link(LinkError { at: "10.0.0.5:322".to_owned(), failure }));
    seen.step = Step::Retrying;
    seen.trouble = Some(Trouble::Failed { error: Arc::clone(&error), place: Place::UsualPort });
    seen.attempt.ended = Some(Ended { at, error, had_picture: false });
}

#[test]
fn each_step_of_a_camera_ends_a_stage() {
    check_camera(&camera(Step::Starting, 0), 0, "", "");
    check_camera(&camera(Step::Connecting, 1), 1, "r", "-");
    check_camera(&camera(Step::SettingUp, 2), 2, "pr", "2 -");
    says(&check_camera(&camera(Step::Live, 3), 9, "pp", "2 1"), "1920 × 1080");
    says(&check_camera(&camera(Step::WaitingForKeyFrame, 2), 30, "pf", "2 28"), "no key frame to begin with");
    says(&check_camera(&camera(Step::Connecting, 1), 30, "f", "30"), "Nothing more came within 30 s");
    says(&check_camera(&camera(Step::SwitchedOff, 0), 0, "w", "-"), "LAN Only Liveview");
    let (mut forbidden, span) = camera(Step::Refused, 0);
    forbidden.trouble = Some(Trouble::Unready(Unready::Forbidden(UrlError::Plain)));
    says(&check_camera(&(forbidden, span), 0, "f", "-"), "rtsp://");
}

#[test]
fn a_failed_attempt_of_a_camera_fails_its_port_or_its_key_frame() {
    let (mut closed, span) = camera(Step::Connecting, 1);
    fails(&mut closed, DialError::Refused(ErrorKind::ConnectionRefused.into()).into(), after(4)(span));
    says(&check_camera(&(closed, span), 5, "f", "4"), "camera port closed");
    let (mut broken, span) = camera(Step::Connecting, 1);
    fails(&mut broken, Failure::Closed, after(4)(span));
    let judgement = check_camera(&(broken, span), 5, "pf", "4 0");
    let words = judgement.findings[1].advice.as_ref().map_or("", |advice| &advice.sentence);
    assert!(!words.is_empty() && !words.contains("tried again"), "a test does not try again: {words}");
    let (mut stranger, span) = camera(Step::Connecting, 1);
    let seen = crate::printer::Fingerprint([7; 32]);
    fails(&mut stranger, Refusal::Stranger { seen }.into(), after(4)(span));
    let judgement = check_camera(&(stranger, span), 5, "pf", "4 0");
    assert_eq!(judgement.findings[1].found_fingerprint, Some(seen));
}

#[test]
fn a_camera_at_work_is_judged_by_what_happens_after_the_test_began() {
    let (mut live, span) = camera(Step::Live, 3);
    live.at_work = true;
    live.attempt.live = Some(span.begun - Duration::from_secs(1));
    check_camera(&(live, span), 0, "pp", "- -");
    // It failed before the test, and is asked to try again.
    let (mut retrying, span) = camera(Step::Retrying, 0);
    retrying.at_work = true;
    fails(&mut retrying, Failure::Closed, span.begun - Duration::from_secs(3));
    retrying.attempt.opened = Some(span.begun - Duration::from_secs(4));
    check_camera(&(retrying.clone(), span), 0, "r", "-");
    says(&check_camera(&(retrying.clone(), span), 30, "f", "30"), "it is tried again");
    fails(&mut retrying, Failure::Closed, after(2)(span));
    retrying.attempt.opened = None;
    says(&check_camera(&(retrying.clone(), span), 3, "pf", "2 0"), "it is tried again");
    retrying.removed = true;
    says(&check_camera(&(retrying, span), 3, "pf", "2 1"), "removed here");
}
