//! The relay between rumqttc and the printer. rumqttc speaks plain MQTT to a socket of this process. This thread
//! forwards the bytes over the link.
//!
//! rumqttc opens its own connection and hides its socket. Used directly, it would be a second way to dial, with its own
//! TLS and certificate check beside `net::link`. A connect to an unresponsive address would outlast the stop. Above
//! all, a command written into a dead Wi-Fi would arrive when the Wi-Fi is back (measured: 6.5 s after the click,
//! `docs/adr/0007-mqtt-wire.md`). Here the kernel gives up after 4 s. A ping can also be sent on demand; rumqttc only
//! sends them on its own schedule.

use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::net::link::{LinkError, Polled, Read as Taken};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// rumqttc connects at once or not at all.
const ACCEPT_DEADLINE: Duration = Duration::from_secs(2);

/// Interval at which the stop is checked.
const SLICE: Duration = Duration::from_millis(500);

/// After the stop, or after rumqttc has hung up, remaining data has this long to leave.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// The most that is read at once in each direction.
const PIECE_BYTES: usize = 16 * 1024;

/// MQTT 3.1.1 §3.12: PINGREQ.
const PING: [u8; 2] = [0xC0, 0];

const PRINTER: Token = Token(0);
const DOOR: Token = Token(1);
const LOCAL: Token = Token(2);
const ORDER: Token = Token(3);

/// Why the wire has ended.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The link to the printer failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The system failed.
    #[error("the wire between MQTT and the link failed")]
    System(#[from] io::Error),
}

/// Controls the wire from another thread; cheap to clone.
#[derive(Debug, Clone)]
pub struct WireHandle {
    orders: Arc<Orders>,
    waker: Arc<Waker>,
}

#[derive(Debug, Default)]
struct Orders {
    ping: AtomicBool,
    cut: AtomicBool,
}

/// The forwarding side, which runs on its own thread.
#[derive(Debug)]
pub struct Wire {
    link: Polled,
    door: TcpListener,
    poll: Poll,
    orders: Arc<Orders>,
}

impl WireHandle {
    /// Requests a PINGREQ, sent as soon as rumqttc is not in the middle of a packet. rumqttc reports the answer as
    /// usual.
    pub fn ping(&self) {
        self.orders.ping.store(true, Ordering::Release);
        // If waking fails, the next slice sees the order.
        let _ = self.waker.wake();
    }

    /// Ends the wire at once.
    pub fn cut(&self) {
        self.orders.cut.store(true, Ordering::Release);
        let _ = self.waker.wake();
    }
}

impl Wire {
    /// Opens a loopback listener for rumqttc, and also returns its port.
    ///
    /// # Errors
    /// Fails if the system has no socket left.
    pub fn new(mut link: Polled) -> io::Result<(Self, WireHandle, u16)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), ORDER)?);
        let mut door = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let port = door.local_addr()?.port();
        poll.registry().register(&mut door, DOOR, Interest::READABLE)?;
        poll.registry().register(link.socket(), PRINTER, Interest::READABLE | Interest::WRITABLE)?;
        let orders = Arc::new(Orders::default());
        Ok((Self { link, door, poll, orders: Arc::clone(&orders) }, WireHandle { orders, waker }, port))
    }

    /// Forwards until rumqttc hangs up, the link fails, the wire is cut, or the stop.
    ///
    /// # Errors
    /// Returns an error if the link ended it.
    pub fn run(mut self, stop: &Stop) -> Result<(), WireError> {
        let Some(local) = self.accept(stop)? else { return Ok(()) };
        let Self { link, poll, orders, .. } = self;
        Carrier { link, local, inward: Vec::new(), framing: Framing::default(), hung_up: None }
            .carry(poll, &orders, stop)
    }

    fn accept(&mut self, stop: &Stop) -> io::Result<Option<TcpStream>> {
        let deadline = clock::now() + ACCEPT_DEADLINE;
        waits_for("rumqttc's connection", Some(deadline));
        let mut events = Events::with_capacity(4);
        while clock::now() < deadline && !stop.is_stopped() && !self.orders.cut.load(Ordering::Acquire) {
            match self.door.accept() {
                Ok((mut local, _)) => {
                    local.set_nodelay(true)?;
                    let interest = Interest::READABLE | Interest::WRITABLE;
                    self.poll.registry().register(&mut local, LOCAL, interest)?;
                    return Ok(Some(local));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait(&mut self.poll, &mut events)?,
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Both sockets, while bytes flow.
struct Carrier {
    link: Polled,
    local: TcpStream,
    /// Bytes from the printer that rumqttc has not read yet.
    inward: Vec<u8>,
    /// Packet boundaries in rumqttc's output.
    framing: Framing,
    /// When rumqttc hung up.
    hung_up: Option<Instant>,
}

impl Carrier {
    fn carry(mut self, mut poll: Poll, orders: &Orders, stop: &Stop) -> Result<(), WireError> {
        waits_for("bytes of the printer or of rumqttc (checks for the stop every 500 ms)", None);
        let mut piece = vec![0; PIECE_BYTES];
        let mut events = Events::with_capacity(8);
        let mut stopped_since: Option<Instant> = None;
        loop {
            // The poll only signals changes, so each direction continues until it would block.
            while self.carry_inward(&mut piece)? | self.carry_outward(&mut piece, orders)? {}
            let now = clock::now();
            if stop.is_stopped() {
                stopped_since.get_or_insert(now);
            }
            let over = |since: Option<Instant>| since.is_some_and(|at| now.duration_since(at) >= LAST_WORDS);
            let said = self.hung_up.is_some() && self.link.flush()?;
            if said || over(self.hung_up) || over(stopped_since) || orders.cut.load(Ordering::Acquire) {
                break;
            }
            wait(&mut poll, &mut events)?;
        }
        self.link.close();
        let _ = self.local.shutdown(Shutdown::Both);
        Ok(())
    }

    /// Forwards once from the printer to rumqttc, and returns whether anything moved. The printer is read only after
    /// rumqttc has taken the previous bytes. A slow rumqttc therefore delays the printer and does not fill our memory.
    fn carry_inward(&mut self, piece: &mut [u8]) -> Result<bool, WireError> {
        if self.hung_up.is_some() {
            return Ok(false);
        }
        if self.inward.is_empty() {
            let Taken::Bytes(n) = self.link.read(piece)? else { return Ok(false) };
            self.inward.extend_from_slice(piece.get(..n).unwrap_or_default());
        }
        match self.local.write(&self.inward) {
            Ok(n) => {
                self.inward.drain(..n.min(self.inward.len()));
                Ok(n > 0)
            }
            Err(error) => self.local_failed(&error),
        }
    }

    /// Forwards once from rumqttc to the printer.
    fn carry_outward(&mut self, piece: &mut [u8], orders: &Orders) -> Result<bool, WireError> {
        if !self.link.flush()? || self.hung_up.is_some() {
            return Ok(false);
        }
        if self.framing.between_packets() && orders.ping.swap(false, Ordering::AcqRel) {
            self.link.write(&PING)?;
        }
        match self.local.read(piece) {
            Ok(0) => {
                self.hung_up = Some(clock::now());
                Ok(false)
            }
            Ok(n) => {
                let said = piece.get(..n).unwrap_or_default();
                self.framing.pass(said);
                self.link.write(said)?;
                Ok(true)
            }
            Err(error) => self.local_failed(&error),
        }
    }

    fn local_failed(&mut self, error: &io::Error) -> Result<bool, WireError> {
        match error.kind() {
            ErrorKind::WouldBlock => Ok(false),
            ErrorKind::Interrupted => Ok(true),
            // rumqttc closed its socket without reading to the end.
            _ => {
                self.hung_up = Some(clock::now());
                Ok(false)
            }
        }
    }
}

fn wait(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    match poll.poll(events, Some(SLICE)) {
        Err(error) if error.kind() != ErrorKind::Interrupted => Err(error),
        _ => Ok(()),
    }
}

/// Finds packet ends in a stream (MQTT 3.1.1 §2.2). A packet is a type byte, the remaining length, and that many bytes.
/// The length takes one to four bytes of seven bits each, low ones first.
#[derive(Debug, Default)]
struct Framing(Place);

#[derive(Debug, Default)]
enum Place {
    #[default]
    Between,
    Length {
        so_far: usize,
        shift: u32,
    },
    Body(usize),
}

impl Framing {
    fn between_packets(&self) -> bool {
        matches!(self.0, Place::Between)
    }

    fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            (self.0, bytes) = match self.0 {
                Place::Between => (Place::Length { so_far: 0, shift: 0 }, rest),
                Place::Length { so_far, shift } => {
                    let length = so_far | usize::from(first & 0x7F) << shift;
                    // A fifth length byte is not valid MQTT; rumqttc never writes one.
                    let more = first & 0x80 != 0 && shift < 21;
                    let place =
                        if more { Place::Length { so_far: length, shift: shift + 7 } } else { Place::of(length) };
                    (place, rest)
                }
                Place::Body(left) => {
                    let n = left.min(bytes.len());
                    (Place::of(left - n), bytes.get(n..).unwrap_or_default())
                }
            };
        }
    }
}

impl Place {
    fn of(left: usize) -> Self {
        if left == 0 { Self::Between } else { Self::Body(left) }
    }
}

/// Whether a stream in these pieces ends at a packet boundary.
#[cfg(any(test, fuzzing))]
pub fn ends_between_packets<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> bool {
    let mut framing = Framing::default();
    pieces.into_iter().for_each(|piece| framing.pass(piece));
    framing.between_packets()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packet_ends_are_found_however_they_are_split(
            lengths in proptest::collection::vec(0..300usize, 1..8), cuts in proptest::collection::vec(1..64usize, 1..20),
        ) {
            let mut stream = Vec::new();
            let mut ends = vec![0];
            for length in lengths {
                stream.push(0x30);
                match length {
                    0..128 => stream.push(length as u8),
                    _ => stream.extend([(length % 128) as u8 | 0x80, (length / 128) as u8]),
                }
                stream.resize(stream.len() + length, 0xC0);
                ends.push(stream.len());
            }
            let (mut framing, mut at, mut cuts) = (Framing::default(), 0, cuts.into_iter().cycle());
            while at < stream.len() {
                let to = stream.len().min(at + cuts.next().unwrap_or(1));
                framing.pass(&stream[at..to]);
                at = to;
                prop_assert_eq!(framing.between_packets(), ends.contains(&at), "at {}", at);
            }
        }
    }
}
