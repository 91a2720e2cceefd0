//! How a camera is, for the people who ask: written by its camera thread, read by HTTP.

use crate::base::clock;
use crate::base::complaints::{Allowance, Complaints};
use crate::base::watch::Bells;
use crate::media::Stats;
use crate::printer::PrinterId;
use crate::printer::label::Label;
use crate::stream::packager::Shortages;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Access units of one camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Whole ones that arrived.
    pub arrived: u64,
    /// Those that the packager did not get, because it was late.
    pub dropped: u64,
    /// How often that began.
    pub overflows: u64,
}

/// Where a camera is on its way to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The thread has begun.
    Starting,
    /// TCP and TLS.
    Connecting,
    /// RTSP up to the reply to DESCRIBE: here the access code is checked.
    SigningIn,
    /// RTSP SETUP and PLAY.
    SettingUp,
    /// PLAY is accepted, nothing has arrived.
    WaitingForVideo,
    /// Video arrives, but none that a player could begin with.
    WaitingForKeyFrame,
    /// Whole pictures arrive.
    Live,
    /// The connection stands, the pictures have stopped.
    Stalled,
    /// An attempt has failed; the next one is due in a moment.
    Retrying,
    /// The camera refuses the access code or shows another identity: knocking again soon would not help.
    Refused,
    /// The printer says that its live view is off: nobody knocks until it says otherwise.
    SwitchedOff,
    /// The model has no RTSP.
    NotSupported,
}

impl Step {
    /// All of them.
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

    /// The word for it in JSON.
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

    /// One sentence for the person who looks at an empty tile. After a failure its own sentence is used instead.
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

/// How an attempt ended that has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Somebody had taken the connection.
    pub reached: bool,
    /// There had been a picture.
    pub had_picture: bool,
    /// The printer shows another certificate than the one seen first.
    pub certificate_changed: bool,
}

/// What `GET /api/printers/:id/camera` tells.
#[derive(Debug, Clone)]
pub struct CameraReport {
    /// Where the camera is on its way to a picture: a short word, for instance `connecting` or `live`.
    pub step: &'static str,
    /// One sentence for a person: what is happening and, after a failure, what to do.
    pub sentence: String,
    /// The last failure in words, kept until the picture has been live for a while.
    pub last_error: Option<String>,
    /// The printer shows another certificate than the one seen first, and gets nothing until a person accepts it.
    pub certificate_changed: bool,
    /// Since when the step lasts. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Pictures per second, measured.
    pub frames_per_second: Option<f64>,
    /// Kilobits per second, measured.
    pub kilobits_per_second: Option<f64>,
    /// Width and height in pixels, from the SPS.
    pub picture_size: Option<(u32, u32)>,
    /// Seconds between key frames, measured.
    pub key_frame_interval_s: Option<f64>,
    /// Connections that were lost after they had given a picture.
    pub reconnects: u64,
    /// Milliseconds since the last whole picture arrived.
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
    /// Grows with each change of what is said; measured numbers are not said, they are asked for.
    version: u64,
    step: Step,
    since_unix_ms: i64,
    last_error: Option<String>,
    certificate_changed: bool,
    stats: Stats,
    reconnects: u64,
    /// Attempts that have failed, and how the last of them did.
    failures: u64,
    ended: Option<Ended>,
    last_frame: Option<Instant>,
    units: Units,
    /// What is said of a camera that is live and sends more than there is memory for.
    shortage: Option<String>,
    complaints: Complaints,
    lines: Allowance,
}

impl State {
    fn is_failing(&self) -> bool {
        matches!(self.step, Step::Retrying | Step::Refused)
    }

    /// Goes to another step. Returns the one before and how many seconds it lasted.
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
    /// A camera whose thread is about to start.
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

    /// The camera is at `step` now.
    pub fn enter(&self, step: Step) {
        self.enter_because(step, step.sentence());
    }

    fn enter_because(&self, step: Step, why: &str) {
        let mut left = None;
        self.say(|state| {
            // As in `LinkFacts::enter`.
            if state.step == step || (step == Step::Connecting && state.is_failing()) {
                return false;
            }
            left = Some(state.go(step));
            // Until then the next attempt may find it changed still.
            state.certificate_changed &= matches!(step, Step::Retrying | Step::Refused);
            true
        });
        self.log_change(left, step, why);
    }

    /// Logs a change once, and not while the state is locked.
    fn log_change(&self, left: Option<(Step, f64)>, step: Step, why: &str) {
        let Some((before, seconds)) = left else { return };
        let more = self.lock().lines.take(clock::now());
        if let Some(more) = more {
            let (owner, before, step) = (self.owner, before.word(), step.word());
            log::debug!("{owner}: camera: {before} -> {step} after {seconds:.1} s: {why}{more}");
        }
    }

    /// An attempt has failed: its sentence stays until [`CameraBoard::forget_error`].
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

    /// It is begun anew, with other settings or because a person wants it: what was is history.
    pub fn begin_anew(&self) {
        self.rest(Step::Starting);
        self.lock().certificate_changed = false;
    }

    /// Whether attempts fail, one after the other.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.lock().is_failing()
    }

    /// Whether nobody has shown a certificate yet in this attempt.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.step(), Step::Starting | Step::Connecting)
    }

    /// Nothing is tried, and nothing is wrong.
    pub fn rest(&self, step: Step) {
        self.enter(step);
        self.forget_error();
    }

    /// Nothing is tried until a person has changed something; `true` when that was not said yet.
    pub fn refuse(&self, sentence: &str) -> bool {
        let mut left = None;
        let is_news = self.say(|state| {
            left = (state.step != Step::Refused).then(|| state.go(Step::Refused));
            state.last_error.replace(sentence.to_owned()).is_none_or(|before| before != sentence)
        });
        self.log_change(left, Step::Refused, sentence);
        is_news
    }

    /// The picture has been live for a while: the last failure is history.
    pub fn forget_error(&self) {
        self.say(|state| state.last_error.take().is_some());
    }

    /// Where the camera is now.
    #[must_use]
    pub fn step(&self) -> Step {
        self.lock().step
    }

    /// How many attempts have failed, and how the last of them ended.
    #[must_use]
    pub fn failures(&self) -> (u64, Option<Ended>) {
        let state = self.lock();
        (state.failures, state.ended)
    }

    /// Grows with each change of step and sentence.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Changes what is said; `change` tells whether it did.
    fn say(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        let mut state = self.lock();
        let changed = change(&mut state);
        if changed {
            state.version += 1;
            drop(state);
            // A test's board has a bell of its own.
            self.bells.ring(if let Label::Printer(id) = self.owner { id } else { PrinterId(0) });
        }
        changed
    }

    /// A whole picture has arrived.
    pub fn picture(&self, stats: Stats, now: Instant) {
        let mut state = self.lock();
        state.stats = stats;
        state.last_frame = Some(now);
        state.units.arrived += 1;
    }

    /// Pictures were not handed on; `first` of those that are dropped together.
    pub fn dropped(&self, count: u64, first: bool) {
        let mut state = self.lock();
        state.units.dropped += count;
        state.units.overflows += u64::from(first);
    }

    /// Notes a complaint that may come again and again. Returns `None` if the log has heard it within the hour, and
    /// otherwise how many like it were left out since.
    #[must_use]
    pub fn complain(&self, what: &str, now: Instant) -> Option<u32> {
        self.lock().complaints.note(what, now)
    }

    /// Pictures since the start.
    #[must_use]
    pub fn units(&self) -> Units {
        self.lock().units
    }

    /// Connections that were lost after they had given a picture.
    #[must_use]
    pub fn reconnects(&self) -> u64 {
        self.lock().reconnects
    }

    /// What a person is told.
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
