//! Where the sessions of one broker meet: the machine, who subscribed to what, and what is on its way to whom. It has
//! no thread: whichever session looks first when a report is due makes it for all.

use super::manners::{Acknowledgement, ForeignTopic, MqttManners, RequestTopic};
use super::packet::{self, Connect, Publish, code};
use super::seen::{MqttSeen, ReportSent, Request};
use crate::clock;
use crate::machine::{Machine, Oddity, Pushes};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A change is reported after this time, if its turn does not come sooner.
const PROMPTLY: Duration = Duration::from_millis(300);

/// A printer that floods reports this often, so many at once.
const FLOOD_EVERY: Duration = Duration::from_millis(10);
const FLOOD: usize = 10;

/// Clients, where the model's number is not the small one.
const CLIENTS: usize = 16;
const CLIENTS_OF_SMALL: usize = 4;

/// Messages that wait for one client; more are dropped, as QoS 0 may be.
const OUTBOX: usize = 256;

pub(crate) struct Hub {
    pub(crate) machine: Machine,
    pub(crate) oddities: VecDeque<Oddity>,
    /// Client ids whose requests are ignored until they come no more.
    pub(crate) deafened: BTreeSet<String>,
    /// A message that a new subscriber gets at once, with the retain flag.
    pub(crate) retained: Option<Vec<u8>>,
    pub(crate) pushes: Pushes,
    /// Until then nothing is reported, also where everything is asked for.
    pub(crate) quiet_until: Option<Instant>,
    pushing: bool,
    sessions: BTreeMap<u64, Session>,
    report_topic: String,
    request_topic: String,
    advanced: Instant,
    due: Instant,
}

#[derive(Default)]
struct Session {
    client_id: String,
    filters: Vec<String>,
    outbox: Vec<(Instant, Arc<[u8]>)>,
}

/// Why a CONNECT is not granted.
pub(crate) enum Turned {
    /// With this code in CONNACK.
    Away(u8),
    /// Without a word.
    Out,
}

/// The connection is to be cut.
#[derive(Debug)]
pub(crate) struct Cut;

impl Hub {
    pub(crate) fn new(mut machine: Machine, serial: &str) -> Self {
        let now = clock::now();
        let mut pushes = Pushes::default();
        // A printer has been reporting before anybody listens: the first thing heard is a delta.
        let _ = pushes.full(&mut machine, unix_ms());
        Self {
            machine,
            oddities: VecDeque::new(),
            deafened: BTreeSet::new(),
            retained: None,
            pushes,
            quiet_until: None,
            pushing: true,
            sessions: BTreeMap::new(),
            report_topic: format!("device/{serial}/report"),
            request_topic: format!("device/{serial}/request"),
            advanced: now,
            due: now,
        }
    }

    pub(crate) fn join(&mut self, id: u64, connect: Connect, manners: &MqttManners) -> Result<(), Turned> {
        if connect.level != 4 {
            return Err(Turned::Away(code::UNACCEPTABLE_VERSION));
        }
        if let Some(code) = manners.connack {
            return Err(Turned::Away(code));
        }
        let knows =
            connect.user.as_deref() == Some("bblp") && connect.password.as_deref() == Some(manners.code.as_bytes());
        if !knows {
            return Err(Turned::Away(code::NOT_AUTHORISED));
        }
        let models = if self.machine.model().is_small() { CLIENTS_OF_SMALL } else { CLIENTS };
        if self.sessions.len() >= manners.clients.unwrap_or(models) {
            return Err(Turned::Out);
        }
        // The same client id as another's is nothing to a printer.
        self.sessions.insert(id, Session { client_id: connect.client_id, ..Session::default() });
        Ok(())
    }

    pub(crate) fn leave(&mut self, id: u64) {
        self.sessions.remove(&id);
    }

    pub(crate) fn count(&self) -> usize {
        self.sessions.len()
    }

    pub(crate) fn client_ids(&self) -> impl Iterator<Item = String> {
        self.sessions.values().map(|session| session.client_id.clone())
    }

    pub(crate) fn subscribe(&mut self, id: u64, filter: String, manners: &MqttManners) -> Result<(), Cut> {
        let listens_in = !filter.contains(['#', '+']) && filter == self.request_topic;
        let is_granted = match manners.request_topic {
            RequestTopic::AsModel => !self.machine.model().is_small(),
            RequestTopic::Granted => true,
            RequestTopic::Closes => false,
        };
        let is_ours = [&self.report_topic, &self.request_topic].iter().any(|topic| packet::covers(&filter, topic));
        if listens_in && !is_granted || !is_ours && manners.foreign_topic == ForeignTopic::Closes {
            return Err(Cut);
        }
        let retained = self.retained.clone().filter(|_| packet::covers(&filter, &self.report_topic));
        if let Some(session) = self.sessions.get_mut(&id) {
            session.filters.retain(|other| *other != filter);
            session.filters.push(filter);
            if let Some(message) = retained {
                session.post(clock::now(), packet::publish(&self.report_topic, &message, true).into());
            }
        }
        Ok(())
    }

    pub(crate) fn unsubscribe(&mut self, id: u64, filter: &str) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.filters.retain(|other| other != filter);
        }
    }

    /// Takes a request: notes it, lets the machine do it, and sends what comes of it.
    pub(crate) fn hear(&mut self, id: u64, publish: &Publish, manners: &MqttManners, seen: &mut MqttSeen) {
        if publish.topic != self.request_topic {
            return;
        }
        let now = clock::now();
        self.advance(now);
        // Some slicers end the text with a NUL.
        let end = publish.payload.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let message = serde_json::from_slice(&publish.payload[..end]).unwrap_or(Value::Null);
        let client_id = self.sessions.get(&id).map(|session| session.client_id.clone()).unwrap_or_default();
        let heard = !manners.deaf && !self.deafened.contains(&client_id);
        let answer = if heard { self.machine.hear(&message) } else { Default::default() };
        seen.note_request(Request { arrived: now, client_id, heard, qos1: publish.id.is_some(), message });
        let echo = packet::publish(&publish.topic, &publish.payload, false);
        self.post_all(now, &echo, &publish.topic);
        for reply in answer.replies {
            let text = reply.write(self.machine.style());
            if let Some(at) = manners.reply.at(now) {
                seen.replies += 1;
                self.report(at, text.as_bytes());
            }
        }
        self.pushing = answer.pushing.unwrap_or(self.pushing);
        if answer.full && !manners.stalled && !self.is_quiet(now) {
            let full = self.pushes.full(&mut self.machine, unix_ms());
            self.note_report(seen);
            self.report(now, &full);
        }
        if answer.acted {
            self.hasten();
        }
    }

    /// Whether it is time for a report.
    pub(crate) fn is_due(&self) -> bool {
        clock::now() >= self.due
    }

    /// Makes the report that is due.
    pub(crate) fn tick(&mut self, manners: &MqttManners, seen: &mut MqttSeen) {
        let now = clock::now();
        self.advance(now);
        let cadence = if manners.floods { FLOOD_EVERY } else { self.machine.model().cadence() };
        // In step, unless the step was missed.
        self.due = if now < self.due + cadence { self.due + cadence } else { now + cadence };
        if manners.stalled || !self.pushing || self.is_quiet(now) {
            return;
        }
        for _ in 0..if manners.floods { FLOOD } else { 0 } {
            self.report(now, br#"{"print":{"command":"push_status","wifi_signal":"-44dBm"}}"#);
        }
        let oddity = self.oddities.pop_front();
        if let Some(delta) = self.pushes.delta(&mut self.machine, unix_ms(), oddity) {
            self.note_report(seen);
            self.report(now, &delta);
        }
    }

    fn is_quiet(&mut self, now: Instant) -> bool {
        self.quiet_until.take_if(|until| *until <= now);
        self.quiet_until.is_some() || self.machine.is_unpacking_silently()
    }

    /// What may leave to this client now, and when to look again.
    pub(crate) fn collect(&mut self, id: u64) -> (Vec<Arc<[u8]>>, Instant) {
        let now = clock::now();
        let Some(session) = self.sessions.get_mut(&id) else { return (Vec::new(), self.due) };
        let ready = session.outbox.extract_if(.., |(at, _)| *at <= now).map(|(_, packet)| packet).collect();
        let next = session.outbox.iter().map(|(at, _)| *at).chain([self.due]).min();
        (ready, next.unwrap_or(self.due))
    }

    /// Sends this to one client, when its time has come.
    pub(crate) fn acknowledge(&mut self, id: u64, packet: Vec<u8>, how: Acknowledgement) {
        if let (Some(session), Some(at)) = (self.sessions.get_mut(&id), how.at(clock::now())) {
            session.post(at, packet.into());
        }
    }

    /// A full report, made now; it is not sent.
    pub(crate) fn snapshot(&mut self) -> Vec<u8> {
        self.advance(clock::now());
        Pushes::default().full(&mut self.machine, unix_ms())
    }

    /// Brings the machine to the present.
    pub(crate) fn advance(&mut self, now: Instant) {
        self.machine.advance(now.saturating_duration_since(self.advanced));
        self.advanced = now;
    }

    /// Something changed: the next report comes promptly.
    pub(crate) fn hasten(&mut self) {
        self.due = self.due.min(clock::now() + PROMPTLY);
    }

    fn note_report(&self, seen: &mut MqttSeen) {
        seen.note_report(ReportSent { sequence: self.pushes.sequence(), unix_s: clock::unix().as_secs_f64() });
    }

    /// Sends this to everyone who subscribed to the reports.
    fn report(&mut self, at: Instant, message: &[u8]) {
        let topic = self.report_topic.clone();
        self.post_all(at, &packet::publish(&topic, message, false), &topic);
    }

    fn post_all(&mut self, at: Instant, packet: &[u8], topic: &str) {
        let packet: Arc<[u8]> = packet.into();
        for session in self.sessions.values_mut() {
            if session.filters.iter().any(|filter| packet::covers(filter, topic)) {
                session.post(at, Arc::clone(&packet));
            }
        }
    }
}

impl Session {
    fn post(&mut self, at: Instant, packet: Arc<[u8]>) {
        if self.outbox.len() < OUTBOX {
            self.outbox.push((at, packet));
        }
    }
}

impl Acknowledgement {
    fn at(self, now: Instant) -> Option<Instant> {
        match self {
            Self::AtOnce => Some(now),
            Self::After(delay) => Some(now + delay),
            Self::Lost => None,
        }
    }
}

fn unix_ms() -> i64 {
    i64::try_from(clock::unix().as_millis()).unwrap_or(i64::MAX)
}
