//! The state of a camera. Its camera thread writes it; HTTP reads it.

use crate::base::clock;
use crate::base::complaints::{Allowance, Complaints};
use crate::base::watch::Bells;
use crate::media::Stats;
use crate::printer::PrinterId;
use crate::printer::label::Label;
use crate::stream::packager::Shortages;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Counts of one camera's access units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Complete access units that arrived.
    pub arrived: u64,
    /// Access units that were dropped because the packager was late.
    pub dropped: u64,
    /// How often a series of drops began.
    pub overflows: u64,
}

/// The stages of a camera on the way to a live view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The thread has started.
    Starting,
    /// Opening TCP and TLS.
    Connecting,
    /// RTSP up to the reply to DESCRIBE, which checks the access code.
    SigningIn,
    /// RTSP SETUP and PLAY.
    SettingUp,
    /// PLAY is accepted; nothing has arrived yet.
    WaitingForVideo,
    /// Video arrives, but no key frame to begin with.
    WaitingForKeyFrame,
    /// Complete frames arrive.
    Live,
    /// The connection is open, but no frames come any more.
    Stalled,
    /// An attempt has failed; the next one is due shortly.
    Retrying,
    /// The camera refuses the access code or shows another identity. Retrying soon would not help.
    Refused,
    /// The printer says that its live view is off. No attempt is made until it says otherwise.
    SwitchedOff,
    /// The model has no RTSP.
    NotSupported,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 12] = [
        Self::Starting,
        Self::Connecting,
        Self::SigningIn,
        Self::SettingUp,
        Self::WaitingForVideo,
        Self::WaitingForKeyFrame,
        Self::Live,
        Self::Stalled,
        Self::Retrying,
        Self::Refused,
        Self::SwitchedOff,
        Self::NotSupported,
    ];

    /// Returns the name of the step in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connecting => "connecting",
            Self::SigningIn => "signing-in",
            Self::SettingUp => "setting-up",
            Self::WaitingForVideo => "waiting-for-video",
            Self::WaitingForKeyFrame => "waiting-for-key-frame",
            Self::Live => "live",
            Self::Stalled => "stalled",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
            Self::SwitchedOff => "switched-off",
            Self::NotSupported => "not-supported",
        }
    }

    /// Returns one sentence for a person who looks at an empty tile. After a failure, the failure's sentence is used
    /// instead.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Starting => "The camera is being started.",
            Self::Connecting => "Connecting to the camera.",
            Self::SigningIn => "Connected; signing in to the camera.",
            Self::SettingUp => "Signed in; asking the camera for its video.",
            Self::WaitingForVideo => "The camera has accepted; waiting for its first picture.",
            Self::WaitingForKeyFrame => "Video arrives; waiting for a key frame to begin with.",
            Self::Live => "The camera is live.",
            Self::Stalled => "The camera has stopped sending; reconnecting.",
            Self::Retrying => "The camera is away; trying again.",
            Self::Refused => "The camera refuses; trying again in a few minutes, or at once when the printer is saved.",
            Self::SwitchedOff => {
                "Live view is switched off on the printer; on its screen, turn on Settings > LAN Only Liveview."
            }
            Self::NotSupported => {
                "This model's camera sends single pictures instead of a video stream, which is not supported yet."
            }
        }
    }
}

/// How a failed attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Whether the TCP connection was accepted.
    pub reached: bool,
    /// Whether frames had come.
    pub had_picture: bool,
    /// Whether the printer shows another certificate than the pinned one.
    pub certificate_changed: bool,
}

/// The body of `GET /api/printers/:id/camera`.
#[derive(Debug, Clone)]
pub struct CameraReport {
    /// The current step in a word, for instance `connecting` or `live`.
    pub step: &'static str,
    /// One sentence for a person: what is happening and, after a failure, what to do.
    pub sentence: String,
    /// The last failure in words, kept until the camera has been live for a while.
    pub last_error: Option<String>,
    /// The printer shows another certificate than the pinned one. It is sent nothing until a person accepts the new
    /// one.
    pub certificate_changed: bool,
    /// When the step began. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Measured frames per second.
    pub frames_per_second: Option<f64>,
    /// Measured kilobits per second.
    pub kilobits_per_second: Option<f64>,
    /// Width and height in pixels, from the SPS.
    pub picture_size: Option<(u32, u32)>,
    /// Measured seconds between key frames.
    pub key_frame_interval_s: Option<f64>,
    /// Connections lost after they had delivered frames.
    pub reconnects: u64,
    /// Milliseconds since the last complete frame arrived.
    pub last_frame_age_ms: Option<u64>,
}

/// The state of one camera behind a short lock.
#[derive(Debug)]
pub struct CameraBoard {
    owner: Label,
    bells: Arc<Bells<PrinterId>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Grows with each published change. Measured figures are not published; readers ask for them.
    version: u64,
    step: Step,
    since_unix_ms: i64,
    last_error: Option<String>,
    certificate_changed: bool,
    stats: Stats,
    reconnects: u64,
    /// The number of failed attempts, and how the last of them ended.
    failures: u64,
    ended: Option<Ended>,
    last_frame: Option<Instant>,
    units: Units,
    /// The sentence for a live camera whose stream exceeds the memory limits.
    shortage: Option<String>,
    complaints: Complaints,
    lines: Allowance,
}

impl State {
    fn is_failing(&self) -> bool {
        matches!(self.step, Step::Retrying | Step::Refused)
    }

    /// Enters another step. Returns the previous one and its duration in seconds.
    fn go(&mut self, step: Step) -> (Step, f64) {
        let now_unix_ms = clock::unix_ms();
        let since_unix_ms = std::mem::replace(&mut self.since_unix_ms, now_unix_ms);
        let lasted_ms = now_unix_ms.saturating_sub(since_unix_ms).max(0);
        (std::mem::replace(&mut self.step, step), lasted_ms as f64 / 1000.0)
    }
}

impl Shortages for CameraBoard {
    fn complain(&self, what: &str, now: Instant) -> Option<u32> {
        Self::complain(self, what, now)
    }

    fn shorten(&self, why: Option<&str>) {
        self.say(|state| {
            let changes = state.shortage.as_deref() != why;
            state.shortage = why.map(str::to_owned);
            changes
        });
    }
}

impl CameraBoard {
    /// Returns the state of a camera whose thread is about to start.
    #[must_use]
    pub fn new(owner: Label, bells: Arc<Bells<PrinterId>>) -> Self {
        let state = State {
            version: 0,
            step: Step::Starting,
            since_unix_ms: clock::unix_ms(),
            last_error: None,
            certificate_changed: false,
            stats: Stats::default(),
            reconnects: 0,
            failures: 0,
            ended: None,
            last_frame: None,
            units: Units::default(),
            shortage: None,
            complaints: Complaints::default(),
            lines: Allowance::default(),
        };
        Self { owner, bells, state: Mutex::new(state) }
    }

    /// Publishes that the camera is at `step`.
    pub fn enter(&self, step: Step) {
        self.enter_because(step, step.sentence());
    }

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
        self.log_change(left, step, why);
    }

    /// Logs a change once, outside the lock.
    fn log_change(&self, left: Option<(Step, f64)>, step: Step, why: &str) {
        let Some((before, seconds)) = left else { return };
        let more = self.lock().lines.take(clock::now());
        if let Some(more) = more {
            let (owner, before, step) = (self.owner, before.word(), step.word());
            log::debug!("{owner}: camera: {before} -> {step} after {seconds:.1} s: {why}{more}");
        }
    }

    /// Records a failed attempt. Its sentence stays until [`CameraBoard::forget_error`].
    pub fn fail(&self, step: Step, sentence: &str, ended: Ended) {
        self.enter_because(step, sentence);
        self.say(|state| {
            state.reconnects += u64::from(ended.had_picture);
            state.failures += 1;
            state.ended = Some(ended);
            let other_certificate = state.certificate_changed != ended.certificate_changed;
            state.certificate_changed = ended.certificate_changed;
            state.last_error.replace(sentence.to_owned()).is_none_or(|before| before != sentence) || other_certificate
        });
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

    /// Stops attempts until a person changes something. Returns `true` if the sentence is new.
    pub fn refuse(&self, sentence: &str) -> bool {
        let mut left = None;
        let is_news = self.say(|state| {
            left = (state.step != Step::Refused).then(|| state.go(Step::Refused));
            state.last_error.replace(sentence.to_owned()).is_none_or(|before| before != sentence)
        });
        self.log_change(left, Step::Refused, sentence);
        is_news
    }

    /// Clears the last failure, after the camera has been live for a while.
    pub fn forget_error(&self) {
        self.say(|state| state.last_error.take().is_some());
    }

    /// Returns the current step.
    #[must_use]
    pub fn step(&self) -> Step {
        self.lock().step
    }

    /// Returns the number of failed attempts and how the last of them ended.
    #[must_use]
    pub fn failures(&self) -> (u64, Option<Ended>) {
        let state = self.lock();
        (state.failures, state.ended)
    }

    /// Returns a number that grows with each change of step or sentence.
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
            // A test's board has its own notifications, so the id does not matter.
            self.bells.ring(if let Label::Printer(id) = self.owner { id } else { PrinterId(0) });
        }
        changed
    }

    /// Records that a complete frame has arrived.
    pub fn picture(&self, stats: Stats, now: Instant) {
        let mut state = self.lock();
        state.stats = stats;
        state.last_frame = Some(now);
        state.units.arrived += 1;
    }

    /// Records dropped frames; `first` marks the beginning of an overrun.
    pub fn dropped(&self, count: u64, first: bool) {
        let mut state = self.lock();
        state.units.dropped += count;
        state.units.overflows += u64::from(first);
    }

    /// Records a complaint that may recur. Returns `None` if it was logged within the hour, and otherwise how many like
    /// it were left out since.
    #[must_use]
    pub fn complain(&self, what: &str, now: Instant) -> Option<u32> {
        self.lock().complaints.note(what, now)
    }

    /// Returns the access unit counts since the start.
    #[must_use]
    pub fn units(&self) -> Units {
        self.lock().units
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
        let failed = matches!(state.step, Step::Retrying | Step::Refused | Step::Stalled);
        let measured = matches!(state.step, Step::Live | Step::WaitingForKeyFrame);
        CameraReport {
            step: state.step.word(),
            sentence: match &state.last_error {
                Some(error) if failed => error.clone(),
                _ if state.step == Step::Live && state.shortage.is_some() => state.shortage.clone().unwrap_or_default(),
                _ => state.step.sentence().to_owned(),
            },
            last_error: state.last_error.clone(),
            certificate_changed: state.certificate_changed,
            since_unix_ms: state.since_unix_ms,
            frames_per_second: state.stats.frames_per_second.filter(|_| measured),
            kilobits_per_second: state.stats.kilobits_per_second.filter(|_| measured),
            picture_size: state.stats.picture_size,
            key_frame_interval_s: state.stats.key_frame_interval_s,
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
