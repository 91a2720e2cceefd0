//! The known state of a printer. Its control thread writes it; HTTP and the printer's camera read it.

use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::watch::{Subscribers, Versioned, Watch};
use crate::mqtt::flood::Flood;
use crate::mqtt::{Attempt, MqttError};
use crate::printer::display::Display;
use crate::printer::heat::Heat;
use crate::printer::history::{History, Reading};
use crate::printer::ipcam::Said;
use crate::printer::state::State;
use crate::printer::{PrinterId, Serial, display, merged::MergedReport};
use crate::registry::Moved;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The stages of the MQTT link on the way to reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStep {
    /// The threads have started.
    Starting,
    /// Opening TCP and TLS.
    Connecting,
    /// MQTT CONNECT, which checks the access code.
    SigningIn,
    /// Subscribed; the first report is due.
    WaitingForReport,
    /// Reports come.
    Live,
    /// The printer has reported and answers pings, but reports nothing now.
    Quiet,
    /// The session is up, but no report has come.
    Silent,
    /// An attempt has failed or the session was lost; the next attempt is due.
    Retrying,
    /// The printer refuses the access code or shows another identity. Retrying soon would not help.
    Refused,
}

impl LinkStep {
    /// Every step.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Connecting,
        Self::SigningIn,
        Self::WaitingForReport,
        Self::Live,
        Self::Quiet,
        Self::Silent,
        Self::Retrying,
        Self::Refused,
    ];

    /// Returns the name of the step in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connecting => "connecting",
            Self::SigningIn => "signing-in",
            Self::WaitingForReport => "waiting-for-report",
            Self::Live => "live",
            Self::Quiet => "quiet",
            Self::Silent => "silent",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
        }
    }
}

/// The state of the MQTT link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkFacts {
    /// The current step.
    pub step: LinkStep,
    /// When the step began. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Sessions lost after they had brought a report.
    pub reconnects: u64,
    /// The last failure, kept until reports come again.
    pub last_error: Option<Arc<MqttError>>,
    /// The printer shows another certificate than the pinned one. It is sent nothing until a person accepts the new
    /// one.
    pub certificate_changed: bool,
}

impl LinkFacts {
    /// Enters `step`. Returns `false` if nothing changes for a reader.
    pub fn enter(&mut self, step: LinkStep) -> bool {
        // A retry is no change until something answers. A printer that is off is tried twenty times a minute, and each
        // retry would notify every open page.
        if self.step == step || (step == LinkStep::Connecting && self.is_failing()) {
            return false;
        }
        self.step = step;
        self.since_unix_ms = clock::unix_ms();
        // Until a certificate is accepted, the next attempt may still find it changed.
        self.certificate_changed &= matches!(step, LinkStep::Retrying | LinkStep::Refused);
        true
    }

    /// Returns what to tell a person of the link.
    #[must_use]
    pub fn condition(&self) -> Condition<'_> {
        match &self.last_error {
            // During a retry, the last failure says more than the current step.
            Some(error) if self.is_failing() || self.step == LinkStep::SigningIn => Condition::Failed(error),
            _ => Condition::Step(self.step),
        }
    }

    /// Whether the last attempt failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        matches!(self.step, LinkStep::Retrying | LinkStep::Refused)
    }

    /// Whether no certificate has been seen yet in this attempt.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.step, LinkStep::Starting | LinkStep::Connecting)
    }
}

/// The state of a link, as people are told it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition<'a> {
    /// The step that it has reached.
    Step(LinkStep),
    /// Why it is not live.
    Failed(&'a MqttError),
}

/// The body of `GET /api/printers/:id/status`.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Whether a report has come in this session. Otherwise the state is from an earlier session, if there was one.
    pub connected: bool,
    /// The state of the link.
    pub link: LinkFacts,
    /// When the last report of any kind came. Unix milliseconds.
    pub last_update_unix_ms: Option<i64>,
    /// When a printer that had been connected was lost. Unix milliseconds.
    pub lost_unix_ms: Option<i64>,
    /// The state of the printer.
    pub state: Arc<State>,
    /// The word to show first, and the reason for it.
    pub display: Display,
    /// The printer was followed to another address lately.
    pub moved: Option<Moved>,
}

impl Status {
    /// Returns the status of a printer that has not been heard from yet.
    #[must_use]
    pub fn unknown(serial: &Serial) -> Self {
        let state = State::read(&MergedReport::default(), serial.as_str());
        let link = display::Link { has_trouble: true, ..display::Link::default() };
        let display = display::display(&state, &link);
        let link = LinkFacts {
            step: LinkStep::Starting,
            since_unix_ms: clock::unix_ms(),
            reconnects: 0,
            last_error: None,
            certificate_changed: false,
        };
        Self {
            connected: false,
            link,
            last_update_unix_ms: None,
            lost_unix_ms: None,
            state: Arc::new(state),
            display,
            moved: None,
        }
    }
}

/// The status of one printer, and data that outlives the threads that write it.
#[derive(Debug)]
pub struct PrinterStatus {
    id: PrinterId,
    newest: Watch<Status>,
    subscribers: Arc<Subscribers<PrinterId>>,
    said: Watch<Said>,
    attempt: Watch<Attempt>,
    flood: Flood,
    full_reports: Mutex<Bucket>,
    history: Mutex<History>,
    moved: Mutex<Option<Moved>>,
}

impl PrinterStatus {
    /// Returns the status of a printer that has not been heard from yet.
    #[must_use]
    pub fn new(id: PrinterId, serial: &Serial, subscribers: Arc<Subscribers<PrinterId>>) -> Self {
        let unknown = Status::unknown(serial);
        let said = said_at_first(&unknown);
        Self {
            id,
            newest: Watch::new(unknown),
            subscribers,
            said: Watch::new(said),
            attempt: Watch::default(),
            flood: Flood::default(),
            full_reports: Mutex::new(full_reports()),
            history: Mutex::new(History::new(clock::now())),
            moved: Mutex::default(),
        }
    }

    /// Returns the newest status.
    #[must_use]
    pub fn get(&self) -> Arc<Versioned<Status>> {
        self.newest.get()
    }

    /// Replaces the status, except for what is known of a change of address, and notifies subscribers if `is_news`.
    pub fn put(&self, mut status: Status, is_news: bool) {
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner).clone();
        status.moved = moved.filter(|moved| clock::unix_ms().saturating_sub(moved.unix_ms) < MOVED_IS_TOLD_MS);
        self.newest.put(status, is_news);
        if is_news {
            self.subscribers.ring(self.id);
        }
    }

    /// Sets the change of address that people are told of for a day; `None` after an edit. The next status has it.
    pub fn set_moved(&self, moved: Option<Moved>) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = moved;
    }

    /// Returns what the printer says that concerns its camera. A sign of life from the printer, or a person's request,
    /// also wakes the camera's thread. A waiting camera then retries at once, and its pauses begin anew.
    #[must_use]
    pub fn said(&self) -> &Watch<Said> {
        &self.said
    }

    /// Forgets that the printer has accepted the access code, because another code may be tried.
    pub fn forget_code(&self) {
        self.said.put(Said { takes_code: false, ..self.said.get().value.clone() }, false);
    }

    /// Forgets what was said about the camera, since the printer is another machine now.
    pub fn forget_camera(&self, serial: &Serial) {
        self.said.put(said_at_first(&Status::unknown(serial)), false);
    }

    /// Returns how far the newest attempt of the link has come. Its steps are published at once, and the status that
    /// belongs to them before.
    #[must_use]
    pub fn attempt(&self) -> &Watch<Attempt> {
        &self.attempt
    }

    /// Returns the record of how long the printer was held back.
    #[must_use]
    pub fn flood(&self) -> &Flood {
        &self.flood
    }

    /// Records the temperatures in the history; `None` if they are not from the current session.
    pub fn note_heat(&self, heat: Option<&Heat>, now: Instant) {
        let reading = heat.map(Reading::from).unwrap_or_default();
        self.history().note(reading, now);
    }

    /// Returns the temperatures of the last half hour, oldest first, and the unix milliseconds of the last reading.
    #[must_use]
    pub fn heat_history(&self, now: Instant, now_unix_ms: i64) -> (Vec<Reading>, i64) {
        let mut history = self.history();
        let (readings, age) = history.read(now);
        (readings.collect(), now_unix_ms - i64::try_from(age.as_millis()).unwrap_or(0))
    }

    /// Clears the temperature history, since the printer is another machine now.
    pub fn forget_heat(&self, now: Instant) {
        *self.history() = History::new(now);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the permission to request a full report.
    ///
    /// # Errors
    /// Returns the time at which to try again.
    pub fn ask_for_full_report(&self, now: Instant) -> Result<(), Instant> {
        let taken = self.full_reports.lock().unwrap_or_else(PoisonError::into_inner).try_take(now);
        taken.map_err(|wait| now + wait)
    }
}

/// The serial number tells the model, and with it the kind of camera, before the first report.
fn said_at_first(unknown: &Status) -> Said {
    Said { kind: unknown.state.camera.kind, ..Said::default() }
}

/// For how long people are told that a printer has another address.
const MOVED_IS_TOLD_MS: i64 = 24 * 3600 * 1000;

/// A full report makes a P1 stutter, so the average is one per five minutes at most. Each new session needs one at
/// once, because the earlier state is no longer valid. A few may therefore come close together, and a link that keeps
/// breaking has to wait.
fn full_reports() -> Bucket {
    Bucket::new(FULL_REPORTS_TOGETHER, 1.0 / FULL_REPORT_EVERY.as_secs_f64())
}

const FULL_REPORT_EVERY: Duration = Duration::from_secs(300);
const FULL_REPORTS_TOGETHER: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_reports_are_requested_three_times_then_every_five_minutes() {
        let board = PrinterStatus::new(PrinterId(1), &Serial::parse("00M09A000000001").unwrap(), Arc::default());
        let start = clock::now();
        let granted: Vec<u64> = (0..3600)
            .filter(|second| board.ask_for_full_report(start + Duration::from_secs(*second)).is_ok())
            .collect();
        assert_eq!(granted[..3], [0, 1, 2]);
        assert!((298..=301).contains(&granted[3]), "{granted:?}");
        assert!((14..=15).contains(&granted.len()), "an hour of a link that breaks all the time: {granted:?}");
        let later = start + Duration::from_secs(3600 + 900);
        let after_a_quiet_time = (0..4).map(|_| board.ask_for_full_report(later).map_err(|at| at > later));
        assert_eq!(after_a_quiet_time.collect::<Vec<_>>(), [Ok(()), Ok(()), Ok(()), Err(true)]);
    }
}
