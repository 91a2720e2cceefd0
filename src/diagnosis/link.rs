//! Tests the MQTT link: from the address to whether the printer accepts commands.

use super::report::{Outcome, Stage};
use super::subject::AtWork;
use super::{Attempt, WHOLE_TEST};
use crate::advice::{self, Tries, test};
use crate::base::clock;
use crate::base::stop::stop;
use crate::base::thread::spawn;
use crate::mqtt::report_watch::FIRST_REPORT;
use crate::mqtt::state::LinkStep;
use crate::mqtt::{FromMqtt, Mqtt, MqttError, QUEUE_EVENTS, Session};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::printer::command::Sequence;
use crate::printer::ipcam::LiveView;
use crate::printer::known::Known;
use crate::printer::label::Label;
use crate::printer::model::Model;
use crate::printer::report::{self, Message};
use crate::printer::state::{State, TakesCommands};
use crossbeam_channel::{Receiver, bounded, select};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait after the first report for the rest of the printer's data.
const FULL_REPORT: Duration = Duration::from_secs(5);

/// How long DISCONNECT may take to leave; after that the connection is closed without it.
const GOODBYE: Duration = Duration::from_secs(1);

/// Results that the camera's stages need.
pub struct Found {
    pub live_view: LiveView,
    /// Whether the peer is reachable, is the printer, and has not refused the code.
    pub camera_may_be_tried: bool,
}

impl Found {
    fn nothing(camera_may_be_tried: bool) -> Self {
        Self { live_view: LiveView::Unsaid, camera_may_be_tried }
    }
}

impl Attempt<'_> {
    pub fn link(&mut self) -> Found {
        let at_work =
            self.subject.at_work.as_ref().filter(|work| work.same_link && stands(work.status.get().value.link.step));
        match at_work {
            Some(work) => self.link_at_work(work),
            None => self.link_of_its_own(),
        }
    }

    /// Tests by reading the running link's state: stages that it has passed need no second try.
    fn link_at_work(&mut self, work: &AtWork) -> Found {
        self.report.pass(Some(test::LINK_AT_WORK.plain()));
        while self.report.stage() < Some(Stage::FirstReport) {
            self.report.pass(None);
        }
        let bell = work.bells.listen(Some(work.id));
        let end = self.end.min(clock::now() + FIRST_REPORT);
        if !work.status.get().value.connected {
            self.report.begin();
        }
        loop {
            let status = work.status.get();
            let status = &status.value;
            if status.connected {
                if status.link.step == LinkStep::Quiet {
                    self.report.end(Outcome::Warned, Some(advice::of_link(status.link.condition())));
                } else if work.status.flood().is_recent(clock::now()) {
                    self.report.end(Outcome::Warned, Some(test::FLOOD.plain()));
                } else {
                    self.reported(status.state.model);
                }
                self.commands(status.state.takes_commands);
                return Found { live_view: status.state.camera.live_view.clone(), camera_may_be_tried: true };
            }
            let left = end.saturating_duration_since(clock::now());
            if work.live.has_ended() {
                self.report.end(Outcome::Failed, Some(test::REMOVED.plain()));
                return Found::nothing(false);
            }
            if left.is_zero() || !stands(status.link.step) {
                let why = match left.is_zero() {
                    true => advice::of_link_step(LinkStep::Silent),
                    false => advice::of_link(status.link.condition()),
                };
                self.report.end(Outcome::Failed, Some(why));
                return Found::nothing(true);
            }
            select! {
                recv(bell) -> _ => {}
                recv(self.stop.channel()) -> _ => return Found::nothing(false),
                default(left) => {}
            }
        }
    }

    /// Tests with a separate session.
    fn link_of_its_own(&mut self) -> Found {
        let subject = self.subject;
        let printer = &subject.printer;
        let (events, happening) = bounded(QUEUE_EVENTS);
        let mqtt = Mqtt {
            owner: self.owner,
            host: printer.host.clone(),
            port: subject.mqtt_port,
            serial: printer.serial.clone(),
            access_code: printer.access_code.clone(),
            client_id: client_id(&subject.installation, self.owner),
            pin: Arc::clone(&self.pin),
            events,
        };
        let (stopper, session_stop) = stop();
        let (ending, ended) = bounded(1);
        self.report.begin();
        let thread = spawn(format!("{}-mqtt", self.owner), move || {
            // Nobody receives this after a stop.
            let _ = ending.send(mqtt.run_once(0, &session_stop));
        });
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => return self.link_failed(&MqttError::System(error)),
        };
        let mut call = Call::new();
        let found = self.converse(&mut call, &happening, &ended);
        if call.session.is_none() {
            // The printer may have accepted the session around the time of the stop.
            call.session = happening.try_iter().find_map(|event| match event {
                FromMqtt::SignedIn(session) => Some(session),
                _ => None,
            });
        }
        if let Some(session) = &call.session {
            session.disconnect();
            // Incoming data must not keep the thread from sending DISCONNECT.
            let end = clock::now() + GOODBYE;
            while ended.is_empty() && happening.recv_deadline(end).is_ok() {}
        }
        drop(stopper);
        drop(happening);
        thread.join();
        found
    }

    fn converse(
        &mut self,
        call: &mut Call,
        happening: &Receiver<FromMqtt>,
        ended: &Receiver<Result<(), MqttError>>,
    ) -> Found {
        loop {
            let due = call.due.map_or(self.end, |due| due.min(self.end));
            select! {
                recv(happening) -> event => if let Ok(event) = event
                    && let Some(found) = self.hear(call, event)
                {
                    return found;
                },
                recv(ended) -> result => {
                    // Events sent before the end are handled first.
                    while let Ok(event) = happening.try_recv() {
                        if let Some(found) = self.hear(call, event) {
                            return found;
                        }
                    }
                    return match result {
                        Ok(Err(error)) => self.link_failed(&error),
                        _ => Found::nothing(false),
                    };
                }
                recv(self.stop.channel()) -> _ => return Found::nothing(false),
                default(due.saturating_duration_since(clock::now())) => return self.link_overdue(call),
            }
        }
    }

    /// Handles an event of the session. Returns the result if the event decides it.
    fn hear(&mut self, call: &mut Call, event: FromMqtt) -> Option<Found> {
        let now = clock::now();
        match event {
            FromMqtt::Reached(peer) if self.report.stage() == Some(Stage::Address) => {
                let took = self.report.took();
                self.report.end_in(Outcome::Passed, took, Some(test::answers(&peer.ip().to_string())));
                self.report.end_in(Outcome::Passed, took, Some(test::port_open(peer.port())));
                self.report.begin();
            }
            FromMqtt::SigningIn => {
                self.report.pass(Some(test::certificate(&self.subject.printer.serial)));
                self.report.begin();
            }
            FromMqtt::SignedIn(session) => {
                self.report.pass(None);
                self.report.begin();
                // The queue cannot be full this early. If it were, the first report would be overdue.
                let _ = session.subscribe();
                call.session = Some(session);
                call.due = Some(now + FIRST_REPORT);
            }
            FromMqtt::Subscribed => call.ask(),
            FromMqtt::Message(payload) => return self.message(call, &payload, now),
            FromMqtt::HeldBack(_) => call.floods = true,
            FromMqtt::Connecting
            | FromMqtt::Reached(_)
            | FromMqtt::Heard
            | FromMqtt::Taken
            | FromMqtt::Pong
            | FromMqtt::Lost { .. } => {}
        }
        None
    }

    fn message(&mut self, call: &mut Call, payload: &[u8], now: Instant) -> Option<Found> {
        let message = report::parse(payload).ok()?;
        let is_report = match message {
            Message::Status { .. } => true,
            Message::Versions(_) => false,
            Message::Reply(_) | Message::Other => return None,
        };
        call.known.hear(message, clock::unix_ms());
        let state = call.state(self.subject.printer.serial.as_str());
        if is_report && self.report.stage() == Some(Stage::FirstReport) {
            match call.floods {
                true => self.report.end(Outcome::Warned, Some(test::FLOOD.plain())),
                false => self.reported(state.model),
            }
            self.report.begin();
            call.due = Some(now + FULL_REPORT);
        }
        let whole = !state.incomplete && !call.known.modules().is_empty();
        (whole && self.report.stage() == Some(Stage::Commands)).then(|| self.found(&state))
    }

    fn reported(&mut self, model: Option<Model>) {
        self.report.pass(model.map(test::reports));
    }

    fn found(&mut self, state: &State) -> Found {
        self.commands(state.takes_commands);
        Found { live_view: state.camera.live_view.clone(), camera_may_be_tried: true }
    }

    fn commands(&mut self, takes: TakesCommands) {
        let outcome = match takes {
            TakesCommands::Yes => Outcome::Passed,
            TakesCommands::No => Outcome::Warned,
            // Only a command would show this, and a test sends none.
            TakesCommands::Unknown => Outcome::Skipped,
        };
        self.report.end(outcome, advice::of_commands_taken(takes));
    }

    /// Handles a timeout. Without any report it is a failure; otherwise the partial report is used.
    fn link_overdue(&mut self, call: &Call) -> Found {
        if self.report.stage() == Some(Stage::Commands) {
            return self.found(&call.state(self.subject.printer.serial.as_str()));
        }
        let why = match self.report.stage() {
            Some(Stage::FirstReport) => advice::of_link_step(LinkStep::Silent),
            _ => test::too_long(WHOLE_TEST),
        };
        self.report.end(Outcome::Failed, Some(why));
        Found::nothing(call.session.is_some())
    }

    fn link_failed(&mut self, error: &MqttError) -> Found {
        if let MqttError::Link(LinkError { at, failure: Failure::Dial(DialError::Refused(_)) }) = error {
            let took = self.report.took();
            let host = at.rsplit_once(':').map_or(at.as_str(), |(host, _)| host);
            self.report.end_in(Outcome::Passed, took, Some(test::answers(host)));
            self.report.end_in(Outcome::Failed, took, Some(advice::of_mqtt_error(error, Tries::Single)));
            return Found::nothing(true);
        }
        if let MqttError::Link(LinkError { failure: Failure::Certificate(refusal), .. }) = error {
            self.report.found(refusal);
        }
        let beyond_certificate = self.report.stage() > Some(Stage::Certificate);
        self.report.end(Outcome::Failed, Some(advice::of_mqtt_error(error, Tries::Single)));
        Found::nothing(beyond_certificate && !matches!(error, MqttError::CodeRefused { .. }))
    }
}

/// The knowledge about the printer gained in the test's session.
struct Call {
    session: Option<Session>,
    sequence: Sequence,
    known: Known,
    /// Whether the printer sends more than is read.
    floods: bool,
    /// When the awaited event is overdue; `None` while the session itself limits the wait.
    due: Option<Instant>,
}

impl Call {
    fn new() -> Self {
        // Random start, so that no other connection of ours uses the same sequence numbers.
        let seed = RandomState::new().hash_one("test");
        Self {
            session: None,
            sequence: Sequence::new((seed >> 32) as u32),
            known: Known::default(),
            floods: false,
            due: None,
        }
    }

    fn state(&self, serial: &str) -> State {
        State::read(&self.known, serial)
    }

    /// Requests everything that a printer reports about itself.
    fn ask(&mut self) {
        let requests = [self.sequence.get_version(), self.sequence.pushall()];
        for request in requests {
            if let Some(session) = &self.session {
                let _ = session.publish(request.payload);
            }
        }
    }
}

/// Whether the printer has accepted the link. A quiet printer counts: a second client could interrupt its work.
fn stands(step: LinkStep) -> bool {
    matches!(step, LinkStep::WaitingForReport | LinkStep::Silent | LinkStep::Live | LinkStep::Quiet)
}

/// Returns a client id that differs from every printer's, so that a broker ends no running session.
fn client_id(installation: &str, owner: Label) -> String {
    format!("platecast{}t{}", installation.get(..8).unwrap_or(installation), owner.seed())
}
