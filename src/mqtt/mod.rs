//! The MQTT thread of a printer. It makes one attempt after another, each with a new rumqttc client, and passes the
//! client's events on to the control thread. Only this module names the crate. [`wire`] says what the crate is kept
//! away from, and why.
//!
//! [`run`] is the life of the thread, `run_once` one session. During a session the thread blocks in `Connection::recv`,
//! because `recv_timeout` would abort work in progress. When a printer floods, it waits in [`pace`].

mod attempt;
pub mod command;
pub mod control;
mod error;
pub mod flood;
/// The parts of the wire that `fuzz/checks`, a separate crate, needs.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::wire::ends_between_packets;
}
mod pace;
mod relay;
pub mod report_watch;
pub mod state;
pub mod threads;
mod wire;

pub use attempt::Attempt;
pub use error::{Deafness, MqttError, Patience};

use crate::base::backoff::{Attempts, Backoff};
use crate::base::clock;
use crate::base::error_chain;
use crate::base::failure_log::{self, FailureLog};
use crate::base::secret::Secret;
use crate::base::stop::Stop;
use crate::base::thread::{Thread, panic_text, spawn, waits_for};
use crate::net::link::{Link, Target};
use crate::printer::label::Label;
use crate::printer::{Identity, Serial, USER};
use crate::registry::pin::Pin;
use crossbeam_channel::{Receiver, Sender, bounded};
use log::Level;
use relay::Relay;
use rumqttc::{Client, MqttOptions, NetworkOptions, QoS};
use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wire::{Wire, WireError, WireHandle};

/// Interval of keep-alive pings, sent whatever else is sent. The control thread sees the answers.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// CONNACK must come within this after TCP and TLS are up. rumqttc takes whole seconds.
const CONNACK_WITHIN_S: u64 = 8;

/// The largest report seen is 36 KB. Reports of up to 1 MiB are read, plus their topic.
const INCOMING_BYTES: usize = 1024 * 1024 + 1024;
const OUTGOING_BYTES: usize = 64 * 1024;

/// Messages queued for rumqttc: a sign-in sends three, a light switch two.
const REQUESTS: usize = 16;

/// Events queued for the control thread, each with a message of at most 1 MiB. When that thread is late, rumqttc waits,
/// and so does the printer.
const QUEUE_EVENTS: usize = 8;

/// After a session of at least this length, the pauses between attempts begin anew.
const GOOD_AFTER: Duration = Duration::from_secs(30);

const SHORT: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];
const GROWING: &[Duration] = &[
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
const LONG: &[Duration] = &[Duration::from_secs(60), Duration::from_secs(300)];

/// The inputs of the thread, apart from the stop.
#[derive(Debug)]
pub struct Mqtt {
    /// The printer.
    pub owner: Label,
    /// A name or an IP address.
    pub host: String,
    /// The MQTT port.
    pub port: u16,
    /// Occurs in the topics and the certificate.
    pub serial: Serial,
    /// The password of the MQTT sign-in.
    pub access_code: Secret,
    /// Stays the same across connections, so that a broker replaces a session that was left behind.
    pub client_id: String,
    /// The certificate pinned at first contact.
    pub pin: Arc<Pin>,
    /// Receives the events.
    pub events: Sender<FromMqtt>,
    /// How often to connect.
    pub attempts: Attempts,
}

/// An event for the control thread.
#[derive(Debug)]
pub enum FromMqtt {
    /// An attempt begins.
    Connecting,
    /// The TCP connection to this address is open.
    Reached(SocketAddr),
    /// The certificate is the printer's; the access code is sent now.
    SigningIn,
    /// CONNACK accepts the sign-in.
    SignedIn(Session),
    /// SUBACK accepts the subscription: reports may come.
    Subscribed,
    /// Something other than a report came, which shows that the printer is there.
    Heard,
    /// PUBACK: the printer's broker has received a request.
    Taken,
    /// A ping was answered.
    Pong,
    /// A message came on the report topic.
    Message(Vec<u8>),
    /// The printer sends faster than we read. Holds how long it was held back since the last such event.
    HeldBack(Duration),
    /// The attempt or session is over.
    Lost {
        /// The reason.
        error: Arc<MqttError>,
        /// The log level of this failure; the return of reports is logged at the same level.
        announced_at: Level,
    },
}

impl FromMqtt {
    /// Ends the session that this event brings, if it does.
    fn decline(self) {
        if let Self::SignedIn(session) = self {
            session.disconnect();
        }
    }
}

/// A handle to a session. Its methods never block, and dropping it does not end the session.
pub struct Session {
    client: Client,
    wire: WireHandle,
    topics: Topics,
    verdict: Verdict,
}

/// Why the control thread ended a session, if it did.
type Verdict = Arc<Mutex<Option<MqttError>>>;

/// The queue to rumqttc is full or closed. The message is not sent, now or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session takes no further message")]
pub struct QueueFull;

#[derive(Debug, Clone)]
struct Topics {
    at: String,
    report: String,
    request: String,
}

impl Session {
    /// Subscribes to the printer's reports.
    ///
    /// # Errors
    /// Returns [`QueueFull`] if the queue is full or closed.
    pub fn subscribe(&self) -> Result<(), QueueFull> {
        self.client.try_subscribe(self.topics.report.as_str(), QoS::AtMostOnce).map_err(|_| QueueFull)
    }

    /// Sends a request at QoS 1: some busy printers ignore requests at QoS 0.
    ///
    /// # Errors
    /// Returns [`QueueFull`] if the queue is full or closed.
    pub fn publish(&self, payload: String) -> Result<(), QueueFull> {
        self.client.try_publish(self.topics.request.as_str(), QoS::AtLeastOnce, false, payload).map_err(|_| QueueFull)
    }

    /// Pings the printer; the answer arrives as [`FromMqtt::Pong`].
    pub fn ping(&self) {
        self.wire.ping();
    }

    /// Sends DISCONNECT; the session ends when it has been sent.
    pub fn disconnect(&self) {
        // If the queue is full, the stop cuts the wire a moment later.
        let _ = self.client.try_disconnect();
    }

    /// Ends a silent session, to which DISCONNECT can no longer be sent. Returns why it ended.
    pub fn give_up(&self, silence: Duration) -> MqttError {
        let why = || MqttError::Silent { at: self.topics.at.clone(), silence };
        self.note(why());
        self.wire.cut();
        why()
    }

    /// Ends a deaf session; the next one uses another client id. Returns why it ended.
    pub fn start_afresh(&self, what: Deafness) -> MqttError {
        let why = || MqttError::Deaf { at: self.topics.at.clone(), what };
        self.note(why());
        self.disconnect();
        why()
    }

    fn note(&self, error: MqttError) {
        self.verdict.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Session").field(&self.topics.at).finish()
    }
}

/// Runs until the stop.
pub fn run(mqtt: &Mqtt, stop: &Stop) {
    let owner = mqtt.owner;
    let seed = owner.seed().wrapping_add(0x4d51_5454);
    let [mut short, mut growing, mut long] = [SHORT, GROWING, LONG].map(|steps| Backoff::new(steps, seed));
    let mut failure_log = FailureLog::default();
    let mut deaf_sessions = 0;
    while !stop.is_stopped() {
        let started = clock::now();
        let ended = catch_unwind(AssertUnwindSafe(|| mqtt.run_once(deaf_sessions, stop)))
            .unwrap_or_else(|panic| Err(MqttError::Panic(panic_text(&*panic).to_owned())));
        let Err(error) = ended else { return };
        if error.is_stopped() || stop.is_stopped() {
            return;
        }
        let lasted = clock::now().saturating_duration_since(started);
        if lasted >= GOOD_AFTER {
            [&mut short, &mut growing, &mut long].into_iter().for_each(Backoff::reset);
        }
        if matches!(error, MqttError::Deaf { .. }) {
            deaf_sessions += 1;
        }
        let wait = match error.patience() {
            Patience::Short => short.next_delay(),
            Patience::Growing => growing.next_delay(),
            Patience::Long => long.next_delay(),
        };
        let (error, is_last) = (Arc::new(error), mqtt.attempts == Attempts::One);
        let announced_at = if is_last {
            log::debug!("{owner}: mqtt: {}; there is no other attempt", error_chain(&*error));
            Level::Debug
        } else {
            failure_log.well_for(lasted);
            let due = failure_log.occurrence(Arc::clone(&error), clock::now(), lasted >= GOOD_AFTER);
            failure_log::log_failure("platecast::mqtt", owner, &error_chain(&*error), due, wait)
        };
        let lost = FromMqtt::Lost { error, announced_at };
        if is_last {
            // If the control thread is gone, nobody asks.
            let _ = mqtt.events.send(lost);
            return;
        }
        waits_for("the next attempt", Some(clock::now() + wait));
        if mqtt.events.send(lost).is_err() || stop.wait(wait) {
            return;
        }
    }
}

impl Mqtt {
    /// Runs one session, from the dial to its end. Returns `Ok` after our own DISCONNECT, or when the control thread is
    /// gone.
    ///
    /// # Errors
    /// Returns why the session failed to start or ended.
    fn run_once(&self, deaf_sessions: u32, stop: &Stop) -> Result<(), MqttError> {
        if self.events.send(FromMqtt::Connecting).is_err() {
            return Ok(());
        }
        let tls = Identity::Printer { serial: self.serial.clone(), pin: self.pin.get() };
        let target = Target { host: self.host.clone(), port: self.port, tls: Some(tls) };
        // If the control thread is gone, the next event shows it.
        let begun = clock::now();
        let seconds = || clock::now().saturating_duration_since(begun).as_secs_f64();
        let reached = |peer| {
            log::debug!("{}: mqtt: a TCP connection to {peer} is up after {:.3} s", self.owner, seconds());
            let _ = self.events.send(FromMqtt::Reached(peer));
        };
        let (link, leaf) = Link::open(&target, stop, reached)?;
        self.pin.claim(&target, leaf)?;
        log::debug!("{}: mqtt: TLS is up and the certificate accepted after {:.3} s", self.owner, seconds());
        // A link opened with TLS always has a polled form.
        let Some(link) = link.into_polled()? else { return Ok(()) };
        let (wire, handle, port) = Wire::new(link)?;
        let (thread, wire_ended) = carry(self.owner, wire, stop)?;
        let ended = self.converse(target.at(), &handle, port, deaf_sessions, &wire_ended, stop);
        waits_for("the end of its wire", None);
        thread.join();
        ended
    }

    fn converse(
        &self,
        at: String,
        wire: &WireHandle,
        port: u16,
        deaf_sessions: u32,
        wire_ended: &Receiver<Result<(), WireError>>,
        stop: &Stop,
    ) -> Result<(), MqttError> {
        if self.events.send(FromMqtt::SigningIn).is_err() {
            wire.cut();
            return Ok(());
        }
        let options = self.options(port, deaf_sessions);
        log::debug!("{}: mqtt: CONNECT as the client {}", self.owner, options.client_id());
        let (client, mut connection) = Client::new(options, REQUESTS);
        let mut network = NetworkOptions::new();
        network.set_connection_timeout(CONNACK_WITHIN_S).set_tcp_nodelay(true);
        connection.eventloop.set_network_options(network);
        let topic = |way| format!("device/{}/{way}", self.serial);
        let topics = Topics { at, report: topic("report"), request: topic("request") };
        let verdict = Verdict::default();
        let session = Session { client, wire: wire.clone(), topics: topics.clone(), verdict: Arc::clone(&verdict) };
        let mut relay = Relay { topics, events: &self.events, session: Some(session), accepted: None };
        let ended = relay.until_end(&mut connection, stop);
        // Dropping it closes the local socket, which ends the wire.
        drop(connection);
        if ended.is_err() {
            wire.cut();
        }
        let of_control = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
        let of_wire = wire_ended.recv().ok().and_then(Result::err);
        relay.judge(ended, of_control, of_wire.map(MqttError::from))
    }

    fn options(&self, port: u16, deaf_sessions: u32) -> MqttOptions {
        // BBY: a session that has gone deaf stays deaf under the same client id.
        let client_id = match deaf_sessions {
            0 => self.client_id.clone(),
            n => format!("{}-{n}", self.client_id),
        };
        let mut options = MqttOptions::new(client_id, "127.0.0.1", port);
        options
            .set_credentials(USER, self.access_code.expose())
            .set_keep_alive(KEEP_ALIVE)
            .set_clean_session(true)
            .set_max_packet_size(INCOMING_BYTES, OUTGOING_BYTES);
        options
    }
}

/// Starts the carrying thread, which reports its result when it ends.
fn carry(owner: Label, wire: Wire, stop: &Stop) -> Result<(Thread, Receiver<Result<(), WireError>>), MqttError> {
    let (ended, why) = bounded(1);
    let stop = stop.clone();
    let thread = spawn(format!("{owner}-wire"), move || {
        // Nobody receives this if the MQTT thread panicked.
        let _ = ended.send(wire.run(&stop));
    })?;
    Ok((thread, why))
}
