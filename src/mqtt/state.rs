//! What is known of a printer, for those who ask: written by its control thread, read by HTTP and by its camera.

use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::watch::{Bells, Stamped, Watch};
use crate::mqtt::flood::Flood;
use crate::printer::display::Display;
use crate::printer::heat::Heat;
use crate::printer::history::{History, Reading};
use crate::printer::ipcam::LiveView;
use crate::printer::state::State;
use crate::printer::{PrinterId, Serial, display, known::Known};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Where the MQTT link is on its way to reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStep {
    /// The threads have begun.
    Starting,
    /// TCP and TLS.
    Connecting,
    /// MQTT CONNECT: here the access code is checked.
    SigningIn,
    /// Subscribed; the first report is due.
    WaitingForReport,
    /// Reports come.
    Live,
    /// The printer has reported and answers pings, but reports nothing now.
    Quiet,
    /// The link stands and no report has come.
    Silent,
    /// An attempt has failed or the link was lost; the next attempt is due.
    Retrying,
    /// The printer refuses the access code or shows another identity: trying again soon would not help.
    Refused,
}

impl LinkStep {
    /// All of them.
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

    /// The word for it in JSON.
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

    /// One sentence for a person, as long as no failure has a better one.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Starting => "The link to the printer is being started.",
            Self::Connecting => "Connecting to the printer.",
            Self::SigningIn => "Connected; signing in to the printer with the access code.",
            Self::WaitingForReport => "Signed in; waiting for the printer's first report.",
            Self::Live => "The printer is connected.",
            Self::Quiet => {
                "The printer answers, but has reported nothing for a while. A printer that unpacks a large print does so \
                 for minutes."
            }
            Self::Silent => {
                "The printer takes the access code but reports nothing; check the serial number, or restart the \
                 printer."
            }
            Self::Retrying => "The printer is away; trying again.",
            Self::Refused => "The printer refuses; trying again in a few minutes, or at once when it is saved.",
        }
    }
}

/// How the MQTT link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFacts {
    /// Where it is on its way.
    pub step: LinkStep,
    /// One sentence: what is happening and, after a failure, what to do.
    pub sentence: String,
    /// Since when the step lasts. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Links that were lost after they had brought a report.
    pub reconnects: u64,
    /// The last failure in words, until reports come again.
    pub last_error: Option<String>,
    /// The printer shows another certificate than the one seen first, and gets nothing until a person accepts it.
    pub certificate_changed: bool,
}

impl LinkFacts {
    /// The link is at `step` now; `false` where that is no news.
    pub fn enter(&mut self, step: LinkStep) -> bool {
        // The next attempt of a link that fails says nothing new until somebody answers: a printer that is off is tried
        // twenty times a minute, and each open page would be told.
        if self.step == step || (step == LinkStep::Connecting && self.is_failing()) {
            return false;
        }
        self.step = step;
        self.since_unix_ms = clock::unix_ms();
        // On its way to the next attempt, the reason for it says more than that it is on its way.
        let failed = matches!(step, LinkStep::SigningIn | LinkStep::Retrying | LinkStep::Refused);
        let error = self.last_error.clone().filter(|_| failed);
        self.sentence = error.unwrap_or_else(|| step.sentence().to_owned());
        // Until a certificate is accepted, the next attempt may find it changed still.
        self.certificate_changed &= matches!(step, LinkStep::Retrying | LinkStep::Refused);
        true
    }

    /// Whether attempts fail, one after the other.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        matches!(self.step, LinkStep::Retrying | LinkStep::Refused)
    }

    /// Whether nobody has shown a certificate yet in this attempt.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.step, LinkStep::Starting | LinkStep::Connecting)
    }
}

/// What `GET /api/printers/:id/status` tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Reports of this session stand behind what is told; otherwise it is of an earlier one, if there was any.
    pub connected: bool,
    /// The link.
    pub link: LinkFacts,
    /// When the last report came, whatever was in it. Unix milliseconds.
    pub last_update_unix_ms: Option<i64>,
    /// Since when the printer has been away, where it had been there. Unix milliseconds.
    pub lost_unix_ms: Option<i64>,
    /// The printer.
    pub state: Arc<State>,
    /// The word and the sentence to show first.
    pub display: Display,
}

impl Status {
    /// Of a printer nobody has heard of yet.
    #[must_use]
    pub fn unknown(serial: &Serial) -> Self {
        let state = State::read(&Known::default(), serial.as_str());
        let sentence = LinkStep::Starting.sentence();
        let link = display::Link { trouble: Some(sentence), ..display::Link::default() };
        let display = display::display(&state, &link);
        let link = LinkFacts {
            step: LinkStep::Starting,
            sentence: sentence.to_owned(),
            since_unix_ms: clock::unix_ms(),
            reconnects: 0,
            last_error: None,
            certificate_changed: false,
        };
        Self { connected: false, link, last_update_unix_ms: None, lost_unix_ms: None, state: Arc::new(state), display }
    }
}

/// The status of one printer, and what outlives the threads that write it.
#[derive(Debug)]
pub struct StatusBoard {
    id: PrinterId,
    newest: Watch<Status>,
    bells: Arc<Bells<PrinterId>>,
    live_view: Watch<LiveView>,
    flood: Flood,
    full_reports: Mutex<Bucket>,
    history: Mutex<History>,
}

impl StatusBoard {
    /// Of a printer nobody has heard of yet.
    #[must_use]
    pub fn new(id: PrinterId, serial: &Serial, bells: Arc<Bells<PrinterId>>) -> Self {
        Self {
            id,
            newest: Watch::new(Status::unknown(serial)),
            bells,
            live_view: Watch::default(),
            flood: Flood::default(),
            full_reports: Mutex::new(full_reports()),
            history: Mutex::new(History::new(clock::now())),
        }
    }

    /// The newest status.
    #[must_use]
    pub fn get(&self) -> Arc<Stamped<Status>> {
        self.newest.get()
    }

    /// Replaces it; listeners are told when it is news.
    pub fn put(&self, status: Status, is_news: bool) {
        self.newest.put(status, is_news);
        if is_news {
            self.bells.ring(self.id);
        }
    }

    /// Where the printer says its camera is. It wakes the camera's thread as well when the printer shows a sign of life,
    /// or a person asks: a camera that waits for its next attempt then makes it at once, and its pauses begin anew.
    #[must_use]
    pub fn live_view(&self) -> &Watch<LiveView> {
        &self.live_view
    }

    /// Whether it sends more than is read.
    #[must_use]
    pub fn flood(&self) -> &Flood {
        &self.flood
    }

    /// Notes the temperatures for the history, where they are of now.
    pub fn note_heat(&self, heat: Option<&Heat>, now: Instant) {
        let reading = heat.map(Reading::from).unwrap_or_default();
        self.history().note(reading, now);
    }

    /// The temperatures of the last half hour, oldest first, and when the last of them was read. Unix milliseconds.
    #[must_use]
    pub fn heat_history(&self, now: Instant, now_unix_ms: i64) -> (Vec<Reading>, i64) {
        let mut history = self.history();
        let (readings, age) = history.read(now);
        (readings.collect(), now_unix_ms - i64::try_from(age.as_millis()).unwrap_or(0))
    }

    /// It is another machine now.
    pub fn forget_heat(&self, now: Instant) {
        *self.history() = History::new(now);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the permission to ask for a full report, or tells when there will be one.
    ///
    /// # Errors
    /// The time from which it is worth asking again.
    pub fn ask_for_full_report(&self, now: Instant) -> Result<(), Instant> {
        let taken = self.full_reports.lock().unwrap_or_else(PoisonError::into_inner).try_take(now);
        taken.map_err(|wait| now + wait)
    }
}

/// A full report makes a P1 stutter, so on the whole there is one every five minutes at most. A new session needs one
/// at once all the same, since what was known before is no longer true; a few of them may come close together, and a
/// link that keeps breaking has to wait.
fn full_reports() -> Bucket {
    Bucket::new(FULL_REPORTS_TOGETHER, 1.0 / FULL_REPORT_EVERY.as_secs_f64())
}

const FULL_REPORT_EVERY: Duration = Duration::from_secs(300);
const FULL_REPORTS_TOGETHER: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_reports_come_three_together_and_then_every_five_minutes() {
        let board = StatusBoard::new(PrinterId(1), &Serial::parse("00M09A000000001").unwrap(), Arc::default());
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
