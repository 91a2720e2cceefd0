//! The state of a camera. Its camera thread writes it; HTTP reads it.

use super::attempt::{Attempt, Ended};
use super::error::CameraError;
use super::source::{Place, Unready};
use super::step::Step;
use crate::base::failure_log::{Allowance, FailureLog};
use crate::base::watch::{Subscribers, Watch};
use crate::base::{clock, error_chain};
use crate::media::Stats;
use crate::printer::PrinterId;
use crate::printer::label::Label;
use crate::printer::model::CameraKind;
use crate::stream::packager::Shortages;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What keeps a camera from being live.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// An attempt failed, or a connection was lost.
    Failed {
        /// Why.
        error: Arc<CameraError>,
        /// Where the camera is.
        place: Place,
    },
    /// The live view was cut short twice in a row.
    CutShortAgain,
    /// There is nothing to connect to.
    Unready(Unready),
}

/// For the log.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { error, .. } => f.write_str(&error_chain(&**error)),
            Self::CutShortAgain => f.write_str("the live view was cut short again"),
            Self::Unready(unready) => unready.fmt(f),
        }
    }
}

/// The state of a camera, as people are told it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition<'a> {
    /// The step that it has reached.
    Step(Step),
    /// Why it is not live.
    Trouble(&'a Trouble),
    /// It is live, and sends more than the memory for it holds.
    TooLarge {
        /// The memory in MiB.
        mebibytes: usize,
    },
}

/// The body of `GET /api/printers/:id/camera`.
#[derive(Debug, Clone)]
pub struct CameraReport {
    /// What the camera sends; `None` while that is unknown.
    pub kind: Option<CameraKind>,
    /// The current step.
    pub step: Step,
    /// The last trouble, kept until the camera has been live for a while.
    pub trouble: Option<Trouble>,
    /// The memory in MiB that a live camera's stream exceeds.
    pub exceeds_mebibytes: Option<usize>,
    /// The printer shows another certificate than the pinned one. It is sent nothing until a person accepts the new
    /// one.
    pub certificate_changed: bool,
    /// When the step began. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Measured frames per second.
    pub frames_per_second: Option<f64>,
    /// Measured kilobits per second.
    pub kilobits_per_second: Option<f64>,
    /// Width and height in pixels, from the SPS or the picture.
    pub picture_size: Option<(u32, u32)>,
    /// Measured seconds between key frames.
    pub key_frame_interval_s: Option<f64>,
    /// Measured seconds between the pictures of a camera that sends no video.
    pub picture_interval_s: Option<f64>,
    /// Connections lost after they had delivered frames.
    pub reconnects: u64,
    /// Milliseconds since the last complete frame arrived.
    pub last_frame_age_ms: Option<u64>,
}

impl CameraReport {
    /// Returns what to tell a person of the camera.
    #[must_use]
    pub fn condition(&self) -> Condition<'_> {
        match (&self.trouble, self.step, self.exceeds_mebibytes) {
            (Some(trouble), Step::Retrying | Step::Refused | Step::Stalled, _) => Condition::Trouble(trouble),
            (_, Step::Live, Some(mebibytes)) => Condition::TooLarge { mebibytes },
            _ => Condition::Step(self.step),
        }
    }
}

/// The figures of the pictures of a camera that sends no video.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pictures {
    /// How many have come.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The usual time between two of them, if it has been measured.
    pub interval_s: Option<f64>,
}

/// The state of one camera behind a short lock.
#[derive(Debug)]
pub struct CameraState {
    owner: Label,
    subscribers: Arc<Subscribers<PrinterId>>,
    state: Mutex<State>,
    attempt: Watch<Attempt>,
}

#[derive(Debug)]
struct State {
    /// Grows with each published change. Measured figures are not published; readers ask for them.
    version: u64,
    kind: Option<CameraKind>,
    step: Step,
    since_unix_ms: i64,
    trouble: Option<Trouble>,
    certificate_changed: bool,
    stats: Stats,
    reconnects: u64,
    last_frame: Option<Instant>,
    arrived: u64,
    pictures: Pictures,
    /// When the last connection was closed, if its camera frees a place then.
    parted: Option<Instant>,
    /// The memory in MiB that the stream exceeds, if it does.
    exceeds_mebibytes: Option<usize>,
    failure_log: FailureLog<&'static str>,
    lines: Allowance,
}

impl State {
    fn is_failing(&self) -> bool {
        matches!(self.step, Step::Retrying | Step::Refused | Step::NoCamera | Step::Updating)
    }

    /// Enters another step. Returns the previous one and its duration in seconds.
    fn go(&mut self, step: Step) -> (Step, f64) {
        let now_unix_ms = clock::unix_ms();
        let since_unix_ms = std::mem::replace(&mut self.since_unix_ms, now_unix_ms);
        let lasted_ms = now_unix_ms.saturating_sub(since_unix_ms).max(0);
        (std::mem::replace(&mut self.step, step), lasted_ms as f64 / 1000.0)
    }
}

impl Shortages for CameraState {
    fn complain(&self, what: &'static str, now: Instant) -> Option<u32> {
        Self::complain(self, what, now)
    }

    fn shorten(&self, to_mebibytes: Option<usize>) {
        self.say(|state| std::mem::replace(&mut state.exceeds_mebibytes, to_mebibytes) != to_mebibytes);
    }
}

impl CameraState {
    /// Returns the state of a camera whose thread is about to start.
    #[must_use]
    pub fn new(owner: Label, subscribers: Arc<Subscribers<PrinterId>>) -> Self {
        let state = State {
            version: 0,
            kind: None,
            step: Step::Starting,
            since_unix_ms: clock::unix_ms(),
            trouble: None,
            certificate_changed: false,
            stats: Stats::default(),
            reconnects: 0,
            last_frame: None,
            arrived: 0,
            pictures: Pictures::default(),
            parted: None,
            exceeds_mebibytes: None,
            failure_log: FailureLog::default(),
            lines: Allowance::default(),
        };
        Self { owner, subscribers, state: Mutex::new(state), attempt: Watch::default() }
    }

    /// Publishes what the camera sends.
    pub fn set_kind(&self, kind: Option<CameraKind>) {
        self.say(|state| std::mem::replace(&mut state.kind, kind) != kind);
    }

    /// Publishes that the camera is at `step`.
    pub fn enter(&self, step: Step) {
        self.enter_because(step, "");
    }

    /// `why` follows the step in the log.
    fn enter_because(&self, step: Step, why: &str) {
        let mut left = None;
        self.say(|state| {
            // The same rule as in `LinkFacts::enter`.
            if state.step == step || (step == Step::Connecting && state.is_failing()) {
                return false;
            }
            left = Some(state.go(step));
            // Until a certificate is accepted, the next attempt may still find it changed.
            state.certificate_changed &= matches!(step, Step::Retrying | Step::Refused);
            true
        });
        if left.is_some() || step == Step::Connecting {
            self.note_progress(step);
        }
        self.log_change(left, step, why);
    }

    /// Publishes how far the attempt has come. A retry is no change of the camera's state, but it is another attempt.
    fn note_progress(&self, step: Step) {
        let mut attempt = self.attempt.get().value.clone();
        if attempt.enter(step, clock::now()) {
            self.attempt.set(attempt);
        }
    }

    /// Logs a change once, outside the lock.
    fn log_change(&self, left: Option<(Step, f64)>, step: Step, why: &str) {
        let Some((before, seconds)) = left else { return };
        let more = self.lock().lines.take(clock::now());
        if let Some(more) = more {
            let (owner, before, step) = (self.owner, before.word(), step.word());
            log::debug!("{owner}: camera: {before} -> {step} after {seconds:.1} s{why}{more}");
        }
    }

    /// Records a failed attempt. Its trouble stays until [`CameraState::forget_error`].
    pub fn fail(&self, step: Step, trouble: Trouble, ended: Ended) {
        self.enter_because(step, &format!(": {trouble}"));
        self.say(|state| {
            state.reconnects += u64::from(ended.had_picture);
            let certificate_changed = ended.error.is_changed_certificate();
            let other_certificate = state.certificate_changed != certificate_changed;
            state.certificate_changed = certificate_changed;
            let is_news = state.trouble.as_ref() != Some(&trouble);
            state.trouble = Some(trouble);
            is_news || other_certificate
        });
        self.attempt.set(Attempt { ended: Some(ended), ..self.attempt.get().value.clone() });
    }

    /// Restarts the state, because the settings changed or a person asked. Earlier failures are cleared.
    pub fn begin_anew(&self) {
        self.rest(Step::Starting);
        self.lock().certificate_changed = false;
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.lock().is_failing()
    }

    /// Whether no certificate has been seen yet in this attempt.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.step(), Step::Starting | Step::Connecting)
    }

    /// Enters a step in which nothing is attempted and nothing is wrong.
    pub fn rest(&self, step: Step) {
        self.enter(step);
        self.forget_error();
    }

    /// Stops attempts until a person changes something. Returns `true` if the trouble is new.
    pub fn refuse(&self, trouble: Trouble) -> bool {
        let mut left = None;
        let why = format!(": {trouble}");
        let is_news = self.say(|state| {
            left = (state.step != Step::Refused).then(|| state.go(Step::Refused));
            let is_news = state.trouble.as_ref() != Some(&trouble);
            state.trouble = Some(trouble);
            is_news
        });
        self.log_change(left, Step::Refused, &why);
        is_news
    }

    /// Clears the last failure, after the camera has been live for a while.
    pub fn forget_error(&self) {
        self.say(|state| state.trouble.take().is_some());
    }

    /// Returns the current step.
    #[must_use]
    pub fn step(&self) -> Step {
        self.lock().step
    }

    /// Returns how far the newest attempt has come. The state that belongs to a step is published before it; every change
    /// of the state wakes those who wait here too.
    #[must_use]
    pub fn attempt(&self) -> &Watch<Attempt> {
        &self.attempt
    }

    /// Returns a number that grows with each change of step, trouble or shortage.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Changes the published state; `change` returns whether it did.
    fn say(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        let mut state = self.lock();
        let changed = change(&mut state);
        if changed {
            state.version += 1;
            drop(state);
            self.ring();
            self.attempt.wake();
        }
        changed
    }

    /// Records that a complete frame has arrived.
    pub fn picture(&self, stats: Stats, now: Instant) {
        let mut state = self.lock();
        state.stats = stats;
        state.last_frame = Some(now);
        state.arrived += 1;
    }

    /// Records a complete picture of a camera that sends no video.
    pub fn still(&self, bytes: usize, stats: Stats, now: Instant) {
        self.picture(stats, now);
        let mut state = self.lock();
        state.pictures.count += 1;
        state.pictures.bytes += bytes as u64;
        state.pictures.interval_s = stats.picture_interval_s;
    }

    /// Records that a connection was closed whose camera frees a place then.
    pub fn part(&self, now: Instant) {
        self.lock().parted = Some(now);
    }

    /// Returns when such a connection was closed last. An edit replaces the camera's thread, but not this.
    #[must_use]
    pub fn parted(&self) -> Option<Instant> {
        self.lock().parted
    }

    /// Returns the figures of the pictures of a camera that sends no video.
    #[must_use]
    pub fn pictures(&self) -> Pictures {
        self.lock().pictures
    }

    /// Wakes those who follow this printer: there is a new picture of a camera that sends no video.
    pub fn announce_picture(&self) {
        self.ring();
    }

    /// A test's board has its own notifications, so the id does not matter.
    fn ring(&self) {
        self.subscribers.ring(if let Label::Printer(id) = self.owner { id } else { PrinterId(0) });
    }

    /// Records a complaint that may recur. Returns `None` if it was logged within the hour, and otherwise how many like
    /// it were left out since.
    #[must_use]
    pub fn complain(&self, what: &'static str, now: Instant) -> Option<u32> {
        self.lock().failure_log.note(what, now)
    }

    /// Returns how many complete access units have arrived since the start.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.lock().arrived
    }

    /// Returns how many connections were lost after they had delivered frames.
    #[must_use]
    pub fn reconnects(&self) -> u64 {
        self.lock().reconnects
    }

    /// Returns the report for a person.
    #[must_use]
    pub fn report(&self, now: Instant) -> CameraReport {
        let state = self.lock();
        let measured = matches!(state.step, Step::Live | Step::WaitingForKeyFrame);
        CameraReport {
            kind: state.kind,
            step: state.step,
            trouble: state.trouble.clone(),
            exceeds_mebibytes: state.exceeds_mebibytes,
            certificate_changed: state.certificate_changed,
            since_unix_ms: state.since_unix_ms,
            frames_per_second: state.stats.frames_per_second.filter(|_| measured),
            kilobits_per_second: state.stats.kilobits_per_second.filter(|_| measured),
            picture_size: state.stats.picture_size,
            key_frame_interval_s: state.stats.key_frame_interval_s,
            picture_interval_s: state.stats.picture_interval_s,
            reconnects: state.reconnects,
            last_frame_age_ms: state
                .last_frame
                .map(|at| u64::try_from(now.saturating_duration_since(at).as_millis()).unwrap_or(u64::MAX)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
