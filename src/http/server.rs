//! Connections and requests. `tiny_http_fork` parses the words of a head that `head` has checked. Its limits, and what
//! was measured, are in `docs/adr/0002-tiny-http-fork.md`. Only `parser` names the crate.
//!
//! We accept, read and write ourselves, so that every byte is counted and every wait has a deadline:
//!
//! - a head may take 64 KiB and ten seconds, whatever it contains;
//! - a connection has one request in progress, and the next one is not read before the answer is out;
//! - a held request, an endless stream, a stalled body or a viewer that does not read occupies only its own thread.
//!   There is no pool to exhaust, only a number of slots.
//!
//! Each thread has a longest wait and an end:
//!
//! - `http-accept` waits for `accept`, 120 s, or for a free slot, 200 ms. It ends when the listener is shut.
//! - `http-<n>` waits for a first byte, 20 s; a next request, 120 s; its head, 10 s; its body, 15 s; a write, 10 s;
//!   a change that its held request needs, 500 ms; its stream's next piece. It ends when its connection ends.
//! - `http-watch` waits for the stop, 500 ms, and ends then.

mod context;
mod head;
mod listen;
mod parser;
mod share;
mod slots;
mod traffic;
mod watch;
mod wire;
mod write;

pub use context::{Context, Held};
#[cfg(any(test, fuzzing))]
pub(super) use head::end_of_head;
pub use listen::StartError;
pub use share::Proxies;
pub use traffic::Traffic;
pub use watch::Fault;
pub(super) use write::page_policy;

use super::problem::Problem;
use super::{Answer, Handler, Method, Reply, Request};
use crate::advice::request;
use crate::base::stop::Stop;
use crate::base::thread::{self, Thread};
use crate::base::{clock, thread::panic_text};
use crossbeam_channel::{Receiver, bounded};
use head::Head;
use listen::READ_WITHIN;
use share::{Client, Full, Permit, Permits};
use slots::{Slot, SlotState, Slots};
use std::io::{self, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use wire::{FIRST_BYTE_WITHIN, NoHead, Wire};
use write::Ending;

/// After a failed `accept` (no files, no memory), the pause before the next one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long answers may still be written after the stop.
const GRACE: Duration = Duration::from_secs(1);

/// The most endless streams.
const STREAMS: usize = 256;

/// The server's threads.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    slots: Arc<Slots>,
    fault: Receiver<Fault>,
    threads: Vec<Thread>,
}

/// The settings of the listener.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address. `[::]` accepts IPv4 as well.
    pub bind: SocketAddr,
    /// The most open connections; fewer if the process may not open two files for each.
    pub max_connections: usize,
    /// Reverse proxies that are trusted to name their client.
    pub proxies: Proxies,
}

/// The data that every connection's thread needs.
struct Shared {
    handler: Box<dyn Handler>,
    proxies: Proxies,
    connections: Arc<Permits>,
    holds: Arc<Permits>,
    streams: Arc<Permits>,
    traffic: Arc<Traffic>,
    stop: Stop,
}

/// The next step of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    KeepAlive,
    Close,
}

/// Listens and serves until `stop`. `handler` creates the handler from the server's counters.
///
/// # Errors
/// If the address cannot be bound, or no thread can be started.
pub fn start(
    listen: Listen,
    stop: &Stop,
    handler: impl FnOnce(Arc<Traffic>) -> Box<dyn Handler>,
) -> Result<Running, StartError> {
    let Listen { bind, max_connections, proxies } = listen;
    let listener = listen::listen(bind)?;
    let local_addr = listener.local_addr().map_err(|source| StartError::Listen { bind, source })?;
    let doorstop = listener.try_clone().map_err(|source| StartError::Listen { bind, source })?;
    let slots = Arc::new(Slots::new(listen::affordable_connections(max_connections)));
    let connections = Permits::of_connections(slots.limit());
    let (holds, streams) = (context::permits(), Permits::new("streams", STREAMS, STREAMS));
    let counted = [&connections, &holds, &streams].map(Arc::clone).to_vec();
    let traffic = Arc::new(Traffic::new(Arc::clone(&slots), counted));
    let handler = handler(Arc::clone(&traffic));
    let shared = Arc::new(Shared { handler, proxies, connections, holds, streams, traffic, stop: stop.clone() });
    let (alarm, fault) = bounded(1);

    let mut threads = Vec::new();
    let watch = watch::Watch::new(alarm.clone(), stop.clone(), doorstop.into());
    threads.push(guarded("http-watch", &alarm, stop, move || watch.run())?);
    let accepting = Arc::clone(&slots);
    threads.push(guarded("http-accept", &alarm, stop, move || accept(&listener, &accepting, &shared))?);
    log::info!("listening on http://{local_addr}, for {} connections at once", slots.limit());
    Ok(Running { local_addr, slots, fault, threads })
}

impl Running {
    /// Returns the address where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Receives, at most once, why the process should end and be restarted.
    #[must_use]
    pub fn fault(&self) -> Receiver<Fault> {
        self.fault.clone()
    }

    /// Waits after the stop for answers that are being written, for at most a second. Threads whose connection waits
    /// for its client stay blocked in a read; the end of the process ends them.
    pub fn join(self) {
        self.slots.wait_until_idle(GRACE);
        for thread in self.threads {
            thread.join();
        }
    }
}

/// Runs a thread that the server needs: if it ends before the stop, that is a fault.
fn guarded(
    name: &'static str,
    alarm: &crossbeam_channel::Sender<Fault>,
    stop: &Stop,
    body: impl FnOnce() + Send + 'static,
) -> Result<Thread, StartError> {
    let (alarm, stop) = (alarm.clone(), stop.clone());
    let whole = move || {
        let ended = catch_unwind(AssertUnwindSafe(body));
        if let Err(panic) = &ended {
            log::error!("thread {name} panicked: {}", panic_text(&**panic));
        }
        if ended.is_err() || !stop.is_stopped() {
            let _ = alarm.try_send(Fault::ThreadEnded { name });
        }
    };
    thread::spawn(name, whole).map_err(StartError::Thread)
}

fn accept(listener: &TcpListener, slots: &Arc<Slots>, shared: &Arc<Shared>) {
    let mut failing = false;
    while !shared.stop.is_stopped() {
        let Some(slot) = slots.take(&shared.stop) else { return };
        thread::waits_for("a connection", None);
        let problem = match listener.accept() {
            Ok((socket, peer)) => admit(socket, peer.ip(), slot, shared).err(),
            Err(error) if is_passing(&error) => None,
            Err(error) => Some(error),
        };
        if let Some(error) = &problem {
            if !failing && !shared.stop.is_stopped() {
                log::warn!("cannot take new connections: {error}; trying again");
            }
            let _ = shared.stop.wait(ACCEPT_PAUSE);
        } else if failing {
            log::info!("taking new connections again");
        }
        failing = problem.is_some();
    }
}

/// Starts a new connection's thread, unless the client has its share of connections.
fn admit(socket: TcpStream, peer: IpAddr, slot: Slot, shared: &Arc<Shared>) -> io::Result<()> {
    // A proxy serves many clients, so they are counted by request.
    let permit = match shared.proxies.trusts(peer) {
        true => None,
        false => match shared.connections.take(0, Client::of(peer)) {
            Ok(permit) => Some(permit),
            Err(full) => {
                turn_away(&socket, full, &shared.traffic);
                return Ok(());
            }
        },
    };
    let (socket, shared) = (Arc::new(socket), Arc::clone(shared));
    slot.belongs_to(&socket);
    let name = format!("http-{}", slot.number());
    // A failed start drops the socket, which closes the connection.
    thread::spawn(name, move || converse(Wire::new(socket), peer, permit.as_ref(), &slot, &shared)).map(drop)
}

/// Refuses a connection before its first request. Nobody waits for that, so it takes no slot.
fn turn_away(socket: &TcpStream, full: Full, traffic: &Arc<Traffic>) {
    if socket.set_nonblocking(true).is_ok() {
        let ending = Ending { head_only: false, close: true };
        send(&mut &*socket, &no_connection(full).reply(), ending, traffic);
        let _ = socket.shutdown(Shutdown::Write);
    }
}

fn no_connection(full: Full) -> Problem {
    let code = match full {
        Full::Everybody => request::TOO_MANY_CONNECTIONS,
        Full::Client => request::TOO_MANY_OF_YOURS,
    };
    Problem::Unavailable(code.plain())
}

/// Whether a failed `accept` says nothing about the next one: no client came within SO_RCVTIMEO, or one left.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | TimedOut | WouldBlock)
}

/// Serves one connection, from its first request to its end.
fn converse(mut wire: Wire, peer: IpAddr, permit: Option<&Permit>, slot: &Slot, shared: &Shared) {
    let mut first_byte_within = FIRST_BYTE_WITHIN;
    loop {
        slot.set_state(SlotState::Waiting);
        let refused = match wire.head(first_byte_within) {
            Ok(head) => match respond(&mut wire, &head, (peer, permit), slot, shared) {
                Ok(Then::KeepAlive) => None,
                Ok(Then::Close) => return,
                Err(problem) => Some((problem, head.starts_with(b"HEAD "))),
            },
            Err(NoHead::Refused(problem)) => Some((problem, false)),
            Err(NoHead::Gone) => return,
        };
        // The beginning of the next request cannot be known.
        if let Some((problem, head_only)) = refused {
            slot.set_state(SlotState::Answering);
            send(&mut wire.socket(), &problem.reply(), Ending { head_only, close: true }, &shared.traffic);
            slot.set_state(SlotState::Waiting);
            return wire.linger();
        }
        first_byte_within = READ_WITHIN;
    }
}

/// Parses a whole head. `methods` returns those of a path.
///
/// # Errors
/// Returns what is wrong with it.
pub(super) fn read_head(head: &[u8], methods: impl FnOnce(&str) -> Vec<Method>) -> Result<Head, Problem> {
    head::inspect(parser::parse(&head::scan(head)?)?, methods)
}

/// Serves one request, from its head to the end of its answer. Returns an error if there is no whole request.
fn respond(
    wire: &mut Wire,
    head: &[u8],
    (peer, permit): (IpAddr, Option<&Permit>),
    slot: &Slot,
    shared: &Shared,
) -> Result<Then, Problem> {
    slot.set_state(SlotState::ReadingBody);
    let head = read_head(head, |path| shared.handler.methods(path))?;
    let client = shared.proxies.client(peer, |name| head.header(name));
    let _permit = match permit {
        Some(_) => None,
        None => Some(shared.connections.take(0, client).map_err(no_connection)?),
    };
    let body = wire.body(head.body_length, head.awaits_leave)?;
    slot.set_state(SlotState::Answering);
    let Head { method, path, query, headers, close, .. } = head;
    let ending = Ending { head_only: method == Method::Head, close: close || shared.stop.is_stopped() };
    let request = Request { method, path, query, headers, body };
    let context = Context::new(client, slot, &shared.holds, &shared.stop);
    let answer = catch_unwind(AssertUnwindSafe(|| shared.handler.answer(&request, &context))).unwrap_or_else(|panic| {
        log::error!("{} {} panicked: {}", method.name(), request.path, panic_text(&*panic));
        Problem::Internal.reply().into()
    });
    let (traffic, mut writer) = (&shared.traffic, wire.socket());
    let (head, stream) = match answer {
        Answer::Whole(reply) => return Ok(send(&mut writer, &reply, ending, traffic)),
        Answer::Stream(stream) => (write::events(), stream),
        Answer::Pictures(head, stream) => (head, stream),
    };
    let _permit = match shared.streams.take(0, client) {
        Ok(permit) => permit,
        Err(full) => return Ok(send(&mut writer, &no_stream(full).reply(), ending, traffic)),
    };
    slot.set_state(SlotState::Streaming);
    pour(&mut writer, head, stream, ending, traffic);
    Ok(Then::Close)
}

fn no_stream(full: Full) -> Problem {
    let code = match full {
        Full::Everybody => request::TOO_MANY_PAGES,
        Full::Client => request::TOO_MANY_PAGES_OF_YOURS,
    };
    Problem::Unavailable(code.plain())
}

/// Writes an answer.
fn send(writer: impl Write, reply: &Reply, ending: Ending, traffic: &Arc<Traffic>) -> Then {
    traffic.answered(reply.status);
    match write::reply(&mut traffic.counted(writer), reply, ending, clock::unix_ms()) {
        Ok(()) if !ending.close => Then::KeepAlive,
        // The viewer has left, or reads too slowly: the connection can only be closed.
        _ => Then::Close,
    }
}

/// Writes an endless answer until the stream ends or the viewer is gone.
fn pour(
    writer: impl Write,
    head: Reply,
    stream: impl Iterator<Item = Vec<u8>>,
    ending: Ending,
    traffic: &Arc<Traffic>,
) {
    traffic.answered(200);
    let mut writer = traffic.counted(writer);
    let mut result = write::stream_head(&mut writer, head, clock::unix_ms());
    if ending.head_only {
        return;
    }
    for piece in stream {
        result = result.and_then(|()| write::piece(&mut writer, &piece));
        if result.is_err() {
            return;
        }
        traffic.streamed(piece.len());
    }
}
