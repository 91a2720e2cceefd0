//! The control thread of a printer. It turns the printer's messages into its status, and people's commands into
//! messages to the printer. It owns all knowledge of the printer and blocks only on its channels.

mod camera;
mod orders;

use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::error_chain;
use crate::base::failure_log::Allowance;
use crate::base::stop::Stop;
use crate::base::thread::{panic_text, waits_for};
use crate::mqtt::command::{CommandRequest, CommandResult, NoAnswer, NotConnected, PendingCommand};
use crate::mqtt::report_watch::{ReportState, ReportWatch};
use crate::mqtt::state::{LinkFacts, LinkStep, PrinterStatus, Status};
use crate::mqtt::{Attempt, Deafness, FromMqtt, MqttError, Patience, Session};
use crate::printer::command::{Request, Sequence};
use crate::printer::label::Label;
use crate::printer::merged::MergedReport;
use crate::printer::report::{self, Message};
use crate::printer::state::State;
use crate::printer::{Serial, display};
use crossbeam_channel::{Receiver, never, select};
use log::Level;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The clock is checked this often when nothing else happens.
const TICK: Duration = Duration::from_secs(1);

/// A healthy session brings at least the answer to a ping every 5 s. After this much silence it is dead.
const SILENCE: Duration = Duration::from_secs(8);

/// Minimum time between two notifications for one printer. A report that changes nothing but its time is published at
/// the second, longer interval.
const NEWS_APART: Duration = Duration::from_millis(250);
const REPORT_TIMES_APART: Duration = Duration::from_secs(5);

/// This many consecutive commands without any reaction from the printer mark a session as deaf.
const SILENT_COMMANDS: u32 = 2;

/// Some printers lose acknowledgements, and rumqttc stops sending when 100 are missing. Messages that wait then would
/// be sent late.
const UNACKNOWLEDGED: u32 = 40;

/// The inputs of the thread, apart from the stop.
#[derive(Debug)]
pub struct Control {
    /// The printer, or the test of one.
    pub owner: Label,
    /// Implies the model until the printer reports it.
    pub serial: Serial,
    /// Events from the MQTT thread.
    pub events: Receiver<FromMqtt>,
    /// Orders from HTTP.
    pub orders: Receiver<CommandRequest>,
    /// Receives the status.
    pub board: Arc<PrinterStatus>,
}

/// Runs until the stop.
pub fn run(control: Control, stop: &Stop) {
    let Control { owner, serial, mut events, orders, board } = control;
    let mut control = ControlThread::new(owner, serial, board);
    loop {
        let now = clock::now();
        let wait = control.next_due().saturating_duration_since(now).min(TICK);
        waits_for("an event of the link or a command", Some(now + wait));
        select! {
            recv(events) -> event => match event {
                Ok(event) => control.guarded(|control| control.hear(event)),
                Err(_) => events = never(),
            },
            recv(orders) -> order => if let Ok(order) = order {
                control.guarded(|control| control.take(order));
            },
            recv(stop.channel()) -> _ => break,
            default(wait) => {}
        }
        control.guarded(ControlThread::advance);
    }
    // The printer may have accepted the session around the time of the stop.
    events.try_iter().for_each(FromMqtt::decline);
    control.close();
}

/// The state of the control thread.
struct ControlThread {
    owner: Label,
    serial: Serial,
    board: Arc<PrinterStatus>,
    known: MergedReport,
    state: Arc<State>,
    online: Option<Online>,
    flight: Option<PendingCommand>,
    link: LinkFacts,
    /// How far the newest attempt has come, and whether a step of it is still unpublished.
    attempt: Attempt,
    untold_attempt: bool,
    /// The log level at which the return of reports is announced: the level at which their end was announced.
    announced_at: Level,
    /// When the last session that had brought reports was lost, also in unix milliseconds.
    lost: Option<(Instant, i64)>,
    /// The last published status, when it was published, and whether a change is still unpublished.
    told: Status,
    told_at: Instant,
    untold: bool,
    /// Limits the log lines that the printer can cause at will.
    lines: Allowance,
    nudges: Bucket,
    /// Its camera has not heard of the newest word about it.
    camera_waits: bool,
}

/// State that lasts for one session.
struct Online {
    session: Session,
    sequence: Sequence,
    heard: Instant,
    reports: ReportWatch,
    silent_commands: u32,
    unacknowledged: u32,
}

impl Online {
    /// Sends a request; `what` names its subject in the log.
    fn send(&mut self, owner: Label, what: &str, request: Request) {
        match self.session.publish(request.payload) {
            Ok(()) => {
                log::debug!("{owner}: mqtt: asks for {what} with request {}", request.sequence_id);
                self.unacknowledged += 1;
            }
            Err(error) => log::warn!("{owner}: a request is not sent: {error}"),
        }
    }
}

impl ControlThread {
    fn new(owner: Label, serial: Serial, board: Arc<PrinterStatus>) -> Self {
        board.forget_code();
        let told = Status::unknown(&serial);
        let state = Arc::clone(&told.state);
        let mut link = told.link.clone();
        link.reconnects = board.get().value.link.reconnects;
        let (known, told_at) = (MergedReport::default(), clock::now());
        Self {
            owner,
            serial,
            board,
            known,
            state,
            online: None,
            flight: None,
            link,
            attempt: Attempt::default(),
            untold_attempt: false,
            announced_at: Level::Info,
            lost: None,
            told,
            told_at,
            untold: true,
            lines: Allowance::default(),
            nudges: camera::nudges(),
            camera_waits: false,
        }
    }

    /// A bug in reading one message must not end the thread: all knowledge is dropped and a new session begins.
    fn guarded(&mut self, step: impl FnOnce(&mut Self)) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| step(self))) else { return };
        log::error!("{}: the control thread panicked: {}", self.owner, panic_text(&*panic));
        self.known = MergedReport::default();
        self.finish(CommandResult::NoAnswer(NoAnswer::Panicked));
        if let Some(online) = self.online.take() {
            online.session.start_afresh(Deafness::NoAnswers);
        }
    }

    fn hear(&mut self, event: FromMqtt) {
        let now = clock::now();
        if let Some(online) = &mut self.online {
            online.heard = now;
        }
        self.untold_attempt |= self.attempt.hear(&event, now);
        match event {
            FromMqtt::Connecting => self.enter(LinkStep::Connecting),
            FromMqtt::SigningIn => self.enter(LinkStep::SigningIn),
            FromMqtt::SignedIn(session) => self.sign_in(session, now),
            FromMqtt::Subscribed => self.subscribed(now),
            FromMqtt::Reached(_) | FromMqtt::Heard => {}
            FromMqtt::HeldBack(waited) => self.board.flood().held_back(self.owner, waited, now),
            FromMqtt::Taken => {
                if let Some(online) = &mut self.online {
                    online.unacknowledged = online.unacknowledged.saturating_sub(1);
                }
            }
            FromMqtt::Pong => self.pong(now),
            FromMqtt::Message(payload) => self.message(&payload, now),
            FromMqtt::Lost { error, announced_at } => {
                self.announced_at = announced_at;
                self.link.certificate_changed = error.is_changed_certificate();
                self.lost(error);
            }
        }
    }

    fn sign_in(&mut self, session: Session, now: Instant) {
        // Random start, so that no other connection of ours uses the same sequence numbers.
        let seed = RandomState::new().hash_one(self.owner.seed());
        let sequence = Sequence::new((seed >> 32) as u32);
        self.known.begin_session();
        self.read_state();
        self.enter(LinkStep::WaitingForReport);
        match session.subscribe() {
            Ok(()) => log::debug!("{}: mqtt: CONNACK, signed in; SUBSCRIBE to the printer's reports", self.owner),
            Err(error) => log::warn!("{}: reports cannot be asked for: {error}", self.owner),
        }
        self.online = Some(Online {
            session,
            sequence,
            heard: now,
            reports: ReportWatch::default(),
            silent_commands: 0,
            unacknowledged: 0,
        });
        self.tell_camera_of_code();
    }

    fn subscribed(&mut self, now: Instant) {
        let Some(online) = &mut self.online else { return };
        if !online.reports.subscribed(now) {
            return;
        }
        let versions = online.sequence.get_version();
        log::debug!("{}: mqtt: SUBACK, reports may come", self.owner);
        online.send(self.owner, "the versions", versions);
    }

    fn message(&mut self, payload: &[u8], now: Instant) {
        // A leftover message of a session that has ended.
        if self.online.is_none() {
            return;
        }
        let message = match report::parse(payload) {
            Ok(message) => message,
            Err(error) => {
                if let Some(more) = self.lines.take(now) {
                    log::debug!("{}: mqtt: a message is ignored: {}{more}", self.owner, error_chain(&error));
                }
                return;
            }
        };
        match &message {
            Message::Reply(reply) => {
                let answer = self.flight.as_mut().and_then(|flight| flight.answered(reply, &self.state, now));
                if let Some(answer) = answer {
                    self.log_answer(reply, &answer);
                    self.answered(answer);
                }
            }
            Message::Other => return,
            Message::Versions(_) => {}
            Message::Status { full, .. } => self.reported(*full, now),
        }
        self.known.hear(message, clock::unix_ms());
        self.read_state();
        if self.online.as_ref().is_some_and(|online| online.reports.has_reported()) {
            self.untold_attempt |= self.attempt.report(&self.known, &self.state, now);
        }
        self.ask_for_ams(now);
    }

    fn reported(&mut self, full: bool, now: Instant) {
        let Some(online) = &mut self.online else { return };
        if !online.reports.has_reported() {
            log::log!(self.announced_at, "{}: status live", self.owner);
            self.camera_waits = true;
        }
        online.reports.reported(full, now);
        self.lost = None;
        self.link.last_error = None;
        self.enter(LinkStep::Live);
    }

    fn ask_for_ams(&mut self, now: Instant) {
        let lacks_ams = self.known.is_whole() && self.known.lacks_ams();
        let Some(online) = self.online.as_mut().filter(|_| lacks_ams) else { return };
        if online.reports.lacks_ams(now) {
            log::debug!("{}: mqtt: the full report leaves out the AMS; it is asked for once more", self.owner);
        }
    }

    fn read_state(&mut self) {
        let state = State::read(&self.known, self.serial.as_str());
        if *self.state != state {
            self.state = Arc::new(state);
            self.tell_camera();
        }
    }

    fn lost(&mut self, error: Arc<MqttError>) {
        let was_live = self.online.take().is_some_and(|online| online.reports.has_reported());
        self.tell_camera_of_code();
        self.link.reconnects += u64::from(was_live);
        if was_live {
            self.lost.get_or_insert((clock::now(), clock::unix_ms()));
        }
        let refused = error.patience() == Patience::Long;
        let step = if refused { LinkStep::Refused } else { LinkStep::Retrying };
        self.enter_because(step, format_args!(": {}", error_chain(&*error)));
        self.link.last_error = Some(error);
        self.fail_command(NotConnected::Link(self.link.clone()));
    }

    fn enter(&mut self, step: LinkStep) {
        self.enter_because(step, format_args!(""));
    }

    fn enter_because(&mut self, step: LinkStep, why: fmt::Arguments<'_>) {
        let (before, since_unix_ms) = (self.link.step, self.link.since_unix_ms);
        if self.link.enter(step) {
            let seconds = self.link.since_unix_ms.saturating_sub(since_unix_ms).max(0) as f64 / 1000.0;
            let (owner, before, step) = (self.owner, before.word(), step.word());
            log::debug!("{owner}: link: {before} -> {step} after {seconds:.1} s{why}");
        }
    }

    /// Handles everything that is due by time.
    fn advance(&mut self) {
        let now = clock::now();
        if self.known.pass(clock::unix_ms()) {
            self.read_state();
        }
        self.watch_session(now);
        self.watch_flight(now);
        self.nudge_camera(now);
        self.tell(now);
        let connected = self.online.as_ref().is_some_and(|online| online.reports.has_reported());
        self.board.note_heat(connected.then_some(&self.state.heat), now);
    }

    fn watch_session(&mut self, now: Instant) {
        let Some(online) = &mut self.online else { return };
        let silence = now.saturating_duration_since(online.heard);
        if silence > SILENCE {
            let error = online.session.give_up(silence);
            return self.lost(Arc::new(error));
        }
        if online.unacknowledged > UNACKNOWLEDGED && self.flight.is_none() {
            return self.start_afresh(Deafness::NoAcknowledgements);
        }
        let look = online.reports.look(self.known.has_job(), now);
        if look != ReportState::Over && online.reports.asks(now, || self.board.ask_for_full_report(now)) {
            let request = online.sequence.pushall();
            let silent = online.reports.silent_for(now).map(|span| format!(" (silent for {} s)", span.as_secs()));
            online.send(self.owner, &format!("a full report{}", silent.unwrap_or_default()), request);
        }
        let silent_s = online.reports.silent_for(now).unwrap_or_default().as_secs();
        match look {
            ReportState::Well => {}
            ReportState::Quiet => self.enter_because(LinkStep::Quiet, format_args!(": no report for {silent_s} s")),
            ReportState::Silent => self.enter(LinkStep::Silent),
            ReportState::Over => self.start_afresh(Deafness::NoReports),
        }
    }

    fn start_afresh(&mut self, what: Deafness) {
        if let Some(online) = &self.online {
            let error = online.session.start_afresh(what);
            self.lost(Arc::new(error));
        }
    }

    /// Publishes changes, no faster than the notification intervals allow.
    fn tell(&mut self, now: Instant) {
        let status = self.status();
        let apart = now.saturating_duration_since(self.told_at);
        let same_but_time =
            Status { last_update_unix_ms: self.told.last_update_unix_ms, ..status.clone() } == self.told;
        let newer = status.last_update_unix_ms != self.told.last_update_unix_ms;
        self.untold |= !same_but_time;
        if (self.untold && apart >= NEWS_APART) || (newer && apart >= REPORT_TIMES_APART) {
            if status.display.kind != self.told.display.kind
                && let Some(more) = self.lines.take(now)
            {
                let (before, display) = (self.told.display.kind, &status.display);
                log::debug!("{}: printer: {before:?} -> {:?}: {}{more}", self.owner, display.kind, display.reason);
            }
            self.told = status.clone();
            (self.told_at, self.untold) = (now, false);
            self.board.put(status, true);
        } else if newer || !same_but_time {
            // Readers see the status at once; subscribers are notified a moment later.
            self.board.put(status, false);
        }
        if std::mem::take(&mut self.untold_attempt) {
            self.board.attempt().set(self.attempt.clone());
        }
    }

    fn status(&self) -> Status {
        let connected = self.online.as_ref().is_some_and(|online| online.reports.has_reported());
        let last_update_unix_ms = self.known.reported_unix_ms();
        let age_ms = last_update_unix_ms.map(|at| u64::try_from(clock::unix_ms().saturating_sub(at)).unwrap_or(0));
        let has_trouble = self.link.step != LinkStep::Live;
        let ms_since = |at| u64::try_from(clock::now().saturating_duration_since(at).as_millis()).unwrap_or(u64::MAX);
        let lost_ms = self.lost.map(|(at, _)| ms_since(at));
        let link = display::Link { connected, last_report_age_ms: age_ms, lost_ms, has_trouble };
        Status {
            connected,
            display: display::display(&self.state, &link),
            link: self.link.clone(),
            last_update_unix_ms,
            lost_unix_ms: self.lost.map(|(_, unix_ms)| unix_ms),
            state: Arc::clone(&self.state),
            moved: None,
        }
    }

    fn next_due(&self) -> Instant {
        let now = clock::now();
        let flight = self.flight.as_ref().map(PendingCommand::due);
        let news = self.untold.then(|| self.told_at + NEWS_APART);
        flight.into_iter().chain(news).min().unwrap_or(now + TICK)
    }

    /// Ends the thread's work at the stop.
    fn close(mut self) {
        self.fail_command(NotConnected::Closing);
        if let Some(online) = self.online {
            online.session.disconnect();
        }
    }
}
