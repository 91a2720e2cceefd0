//! The MQTT thread of a printer: attempt after attempt, one rumqttc client for each, and what it says passed on to
//! the control thread. The only place that names the crate; what it is kept from, and why, is in [`wire`].
//!
//! [`run`] is the thread's life, `run_once` one session. While a session lasts, the thread waits in
//! `Connection::recv`, where `recv_timeout` would abort what it is in the middle of, and where a printer floods in [`pace`].

pub mod command;
pub mod control;
mod error;
pub mod flood;
/// Of the wire, what `fuzz/checks` needs, which stands outside of the crate.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::wire::ends_between_packets;
}
mod pace;
mod relay;
pub mod report_watch;
pub mod state;
mod wire;

pub use error::{Deafness, MqttError, Patience};

use crate::base::backoff::Backoff;
use crate::base::clock;
use crate::base::complaints::{self, Complaints};
use crate::base::error_chain;
use crate::base::secret::Secret;
use crate::base::stop::Stop;
use crate::base::thread::{Thread, panic_text, spawn, waits_for};
use crate::net::link::{Link, Target};
use crate::printer::label::Label;
use crate::printer::{Identity, Serial};
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

/// The user of every Bambu printer.
const USER: &str = "bblp";

/// A ping this often, besides all else; what comes of it is heard by the control thread.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// CONNACK comes within this, in whole seconds, as rumqttc wants it. TCP and TLS stand by then.
const CONNACK_WITHIN_S: u64 = 8;

/// The largest report seen has 36 KB, the largest that is read 1 MiB, and its topic comes on top.
const INCOMING_BYTES: usize = 1024 * 1024 + 1024;
const OUTGOING_BYTES: usize = 64 * 1024;

/// Messages on their way to rumqttc: a sign-in sends three, a light switch two.
const REQUESTS: usize = 16;

/// Events on their way to the control thread, each with a message of 1 MiB at most. When it is late, rumqttc waits, and
/// with it the printer.
pub const QUEUE_EVENTS: usize = 8;

/// A session that lasted this long was a good one: the waits begin anew.
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

/// What the thread needs besides the stop.
#[derive(Debug)]
pub struct Mqtt {
    /// Whose it is.
    pub owner: Label,
    /// A name or an IP address.
    pub host: String,
    /// Its MQTT port.
    pub port: u16,
    /// Names the topics and the certificate.
    pub serial: Serial,
    /// The password.
    pub access_code: Secret,
    /// The same at each connection, so that a broker replaces a session that was left behind.
    pub client_id: String,
    /// The certificate seen first.
    pub pin: Arc<Pin>,
    /// Takes what happens.
    pub events: Sender<FromMqtt>,
}

/// What the control thread is told.
#[derive(Debug)]
pub enum FromMqtt {
    /// An attempt begins.
    Connecting,
    /// Somebody has taken the connection, at this address.
    Reached(SocketAddr),
    /// The certificate was the printer's; the access code goes out.
    SigningIn,
    /// CONNACK says yes.
    SignedIn(Session),
    /// SUBACK says yes: reports may come.
    Subscribed,
    /// Something that was not a report: the printer is there.
    Heard,
    /// PUBACK: a request has been taken.
    Taken,
    /// The answer to a ping.
    Pong,
    /// A message on the report topic.
    Message(Vec<u8>),
    /// The printer sends more than is read: how long it had to wait since the last such event.
    HeldBack(Duration),
    /// The attempt or session is over.
    Lost {
        /// Why, in a sentence.
        sentence: String,
        /// How loudly the log has been told, and will be when reports come again.
        announced_at: Level,
        /// Only a person can mend it.
        refused: bool,
        /// The printer shows another certificate than the one seen first.
        certificate_changed: bool,
    },
}

/// A session, for whoever has something to say. All of it returns at once; dropping it leaves the session alone.
pub struct Session {
    client: Client,
    wire: WireHandle,
    topics: Topics,
    verdict: Verdict,
}

/// Why the control thread ended a session, where it was that thread.
type Verdict = Arc<Mutex<Option<MqttError>>>;

/// The queue to rumqttc is full or closed: the message is not sent and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session takes no further message")]
pub struct NotTaken;

#[derive(Debug, Clone)]
struct Topics {
    at: String,
    report: String,
    request: String,
}

impl Session {
    /// Asks for the printer's reports.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn subscribe(&self) -> Result<(), NotTaken> {
        self.client.try_subscribe(self.topics.report.as_str(), QoS::AtMostOnce).map_err(|_| NotTaken)
    }

    /// Sends a request, at QoS 1: busy printers were seen to ignore those at QoS 0.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn publish(&self, payload: String) -> Result<(), NotTaken> {
        self.client.try_publish(self.topics.request.as_str(), QoS::AtLeastOnce, false, payload).map_err(|_| NotTaken)
    }

    /// Has the printer say something: [`FromMqtt::Pong`].
    pub fn ping(&self) {
        self.wire.ping();
    }

    /// Says goodbye; the session ends when that has been sent.
    pub fn disconnect(&self) {
        // A full queue: the stop cuts the wire a moment later.
        let _ = self.client.try_disconnect();
    }

    /// Ends a session to which goodbye cannot be said any more, because of its silence.
    pub fn give_up(&self, silence: Duration) {
        self.note(MqttError::Silent { at: self.topics.at.clone(), silence });
        self.wire.cut();
    }

    /// Ends a session that comes to nothing; the next one has another client id.
    pub fn start_afresh(&self, what: Deafness) {
        self.note(MqttError::Deaf { at: self.topics.at.clone(), what });
        self.disconnect();
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
    let mut complaints = Complaints::default();
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
        let sentence = error.sentence();
        complaints.well_for(lasted);
        let due = complaints.note(&sentence, clock::now());
        let announced_at = complaints::tell(owner, "mqtt", &error_chain(&error), due, wait);
        let lost = FromMqtt::Lost {
            sentence,
            announced_at,
            refused: error.patience() == Patience::Long,
            certificate_changed: error.is_changed_certificate(),
        };
        waits_for("the next attempt", Some(clock::now() + wait));
        if mqtt.events.send(lost).is_err() || stop.wait(wait) {
            return;
        }
    }
}

impl Mqtt {
    /// One session, from the dial to its end. `Ok` after our own goodbye, and when nobody listens any more.
    ///
    /// # Errors
    /// Why it did not come about, or ended.
    pub fn run_once(&self, deaf_sessions: u32, stop: &Stop) -> Result<(), MqttError> {
        if self.events.send(FromMqtt::Connecting).is_err() {
            return Ok(());
        }
        let tls = Identity::Printer { serial: self.serial.clone(), pin: self.pin.get() };
        let target = Target { host: self.host.clone(), port: self.port, tls: Some(tls) };
        // Should nobody listen any more, the next event tells.
        let begun = clock::now();
        let seconds = || clock::now().saturating_duration_since(begun).as_secs_f64();
        let reached = |peer| {
            log::debug!("{}: mqtt: a TCP connection to {peer} is up after {:.3} s", self.owner, seconds());
            let _ = self.events.send(FromMqtt::Reached(peer));
        };
        let (link, leaf) = Link::open_watched(&target, stop, reached)?;
        self.pin.claim(&target, leaf)?;
        log::debug!("{}: mqtt: TLS is up and the certificate accepted after {:.3} s", self.owner, seconds());
        // Opened with TLS, so it has a polled form.
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
        // Dropping it hangs up, and with that ends the wire.
        drop(connection);
        if ended.is_err() {
            wire.cut();
        }
        let of_control = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
        let of_wire = wire_ended.recv().ok().and_then(Result::err);
        relay.judge(ended, of_control, of_wire.map(MqttError::from))
    }

    fn options(&self, port: u16, deaf_sessions: u32) -> MqttOptions {
        // BBY: a session that has gone deaf stays so under the same client id.
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

/// Starts the carrying thread, which tells at its end why.
fn carry(owner: Label, wire: Wire, stop: &Stop) -> Result<(Thread, Receiver<Result<(), WireError>>), MqttError> {
    let (ended, why) = bounded(1);
    let stop = stop.clone();
    let thread = spawn(format!("{owner}-wire"), move || {
        // Nobody reads it when the MQTT side panicked.
        let _ = ended.send(wire.run(&stop));
    })?;
    Ok((thread, why))
}
