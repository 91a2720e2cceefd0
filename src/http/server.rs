//! Connections and requests on `tiny_http_fork`, fenced. The only file that names the crate; what it cannot do, and
//! what was measured, stands in `docs/adr/0002-tiny-http-fork.md`.
//!
//! The crate accepts, reads and parses; the threads are ours. Its own `Server` is not used: that one ends for good
//! when `accept` fails once, loses connections of a burst, queues a pipeliner's requests without bound and cannot
//! close a connection. Its parts do not have these faults: [`Connections`](tiny_http::Server::accept_connection)
//! are iterators of requests, and each is driven here by one thread of its own. So
//!
//! - a connection has one request in progress, and the next is not even read before the answer is out;
//! - a held request, an endless stream, a stalled body or a viewer that does not read occupies its own thread and
//!   nobody else's; there is no pool to exhaust, only a number of seats;
//! - dropping the iterator closes the connection.
//!
//! Left over, and watched by `watch`: a head of any length is read, a head that drips is waited for, and an HTTP/2
//! preface strands its thread inside the crate for ever.
//!
//! | thread | blocks on, at most | ends when |
//! |---|---|---|
//! | `http-accept` | `accept`, 120 s; a free seat, 200 ms | the listener is shut |
//! | `http-<n>` | a read, 120 s; a write, 10 s; news for its hold, 500 ms; its stream's next piece | its connection ends |
//! | `http-watch` | stop, 500 ms | stop |

mod fence;
mod hold;
mod listen;
mod seats;
mod traffic;
mod watch;
mod write;

pub use listen::StartError;
pub use traffic::Traffic;
pub use watch::Fault;

use super::problem::Problem;
use super::{Answer, Reply, Request, Serve};
use crate::base::stop::Stop;
use crate::base::thread::{self, Thread};
use crate::base::{clock, thread::panic_text};
use crossbeam_channel::{Receiver, bounded};
use fence::{Head, RawHead};
use seats::{Doing, Permits, Seat, Seats};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use write::Ending;

/// A body arrives within this, or 408.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// After a failed `accept` (no files, no memory) the next one is tried after this.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// After the stop, answers that are being written have this long.
const GRACE: Duration = Duration::from_secs(1);

/// Of a repeated header field so many are read; two decide already.
const REPEATS_SEEN: usize = 4;

/// Endless streams at once.
const STREAMS: usize = 256;

/// The server's threads.
#[derive(Debug)]
pub struct Running {
    local_addr: SocketAddr,
    seats: Arc<Seats>,
    fault: Receiver<Fault>,
    threads: Vec<Thread>,
}

/// What every connection's thread needs.
struct Shared<S: Serve> {
    site: S,
    holds: Permits,
    streams: Permits,
    traffic: Arc<Traffic>,
    stop: Stop,
}

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    KeepAlive,
    Close,
}

/// Listens on `bind` and serves `site` until `stop`.
///
/// # Errors
/// When the address cannot be taken or there are no threads.
pub fn start<S: Serve>(bind: SocketAddr, max_connections: usize, site: S, stop: &Stop) -> Result<Running, StartError> {
    let listener = listen::listen(bind)?;
    let local_addr = listener.local_addr().map_err(|source| StartError::Listen { bind, source })?;
    let doorstop = listener.try_clone().map_err(|source| StartError::Listen { bind, source })?;
    let seats = Arc::new(Seats::new(listen::affordable_connections(max_connections)));
    let traffic = Arc::new(Traffic::new(Arc::clone(&seats)));
    site.meet(&traffic);
    let streams = Permits::new(STREAMS, STREAMS);
    let shared = Arc::new(Shared { site, holds: hold::permits(), streams, traffic, stop: stop.clone() });
    let (alarm, fault) = bounded(1);

    let mut threads = Vec::new();
    let watch = watch::Watch::new(Arc::clone(&seats), alarm.clone(), stop.clone(), doorstop.into());
    threads.push(guarded("http-watch", &alarm, stop, move || watch.run())?);
    let accepting = Arc::clone(&seats);
    threads.push(guarded("http-accept", &alarm, stop, move || accept(listener, &accepting, &shared))?);
    log::info!("listening on http://{local_addr}, for {} connections at once", seats.limit());
    Ok(Running { local_addr, seats, fault, threads })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Says at most once why the process should end and be started anew.
    #[must_use]
    pub fn fault(&self) -> Receiver<Fault> {
        self.fault.clone()
    }

    /// After the stop: waits for answers being written, a second at most. Threads whose connection waits for its
    /// client stay behind, blocked in the crate's read; the end of the process ends them.
    pub fn join(self) {
        self.seats.wait_until_idle(GRACE);
        for thread in self.threads {
            thread.join();
        }
    }
}

/// A thread without which the server is not one: its end before the stop is a fault.
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

fn accept<S: Serve>(listener: TcpListener, seats: &Arc<Seats>, shared: &Arc<Shared<S>>) {
    let Ok(no_tls) = tiny_http::SslContextWrap::build_ssl_capabilities(None) else { return };
    let listener = tiny_http::Listener::Tcp(listener);
    let mut failing = false;
    while !shared.stop.is_stopped() {
        let Some(seat) = seats.take(&shared.stop) else { return };
        // The crate unwraps a `dup` of the socket, which fails when the process has no file left.
        let accepted = catch_unwind(AssertUnwindSafe(|| tiny_http::Server::accept_connection(&listener, &no_tls)));
        let problem = match accepted {
            Ok(Ok(Some(client))) => {
                let shared = Arc::clone(shared);
                // A failed start drops the client, which closes its connection.
                thread::spawn(format!("http-{}", seat.number()), move || converse(client, &seat, &shared)).err()
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) if is_passing(&error) => None,
            Ok(Err(error)) => Some(error),
            Err(_) => Some(io::Error::other("the crate panicked in accept")),
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

/// Whether a failed `accept` says nothing about the next one: nobody came within SO_RCVTIMEO, or somebody left.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | TimedOut | WouldBlock)
}

/// One connection, from its first request to its end.
fn converse<S: Serve, E>(client: impl Iterator<Item = Result<tiny_http::Request, E>>, seat: &Seat, shared: &Shared<S>) {
    let mut doing = Doing::AwaitingFirst;
    let mut client = client;
    loop {
        seat.is(doing);
        // The crate has answered a head it could not read, and reads no more from this connection.
        let Some(Ok(raw)) = client.next() else { return };
        if respond(raw, seat, shared) == Then::Close {
            return;
        }
        doing = Doing::AwaitingNext;
    }
}

/// One request, from its head to the end of its answer.
fn respond<S: Serve>(mut raw: tiny_http::Request, seat: &Seat, shared: &Shared<S>) -> Then {
    seat.is(Doing::ReadingBody);
    let request = fence::inspect(raw_head(&raw)).and_then(|head| {
        let body = read_body(raw.as_reader(), head.body_length)?;
        Ok((head, body))
    });
    let (head, body) = match request {
        Ok(whole) => whole,
        Err(problem) => return refuse(raw, &problem, &shared.traffic),
    };
    seat.is(Doing::Answering);
    let Head { method, path, query, headers, close, .. } = head;
    let ending = Ending { head_only: method == super::Method::Head, close: close || shared.stop.is_stopped() };
    let request = Request { method, path, query, headers, body };
    let answer = catch_unwind(AssertUnwindSafe(|| shared.site.answer(&request))).unwrap_or_else(|panic| {
        log::error!("{} {} panicked: {}", method.name(), request.path, panic_text(&*panic));
        Answer::Now(Problem::Internal.reply())
    });
    // The whole body has been read, so this does not wait for more of it.
    let (traffic, writer) = (&shared.traffic, raw.into_writer());
    match answer {
        Answer::Now(reply) => send(writer, &reply, ending, traffic),
        Answer::Hold(hold) => {
            seat.is(Doing::Holding);
            let reply = hold::wait(&shared.site, &shared.holds, hold, &shared.stop);
            seat.is(Doing::Answering);
            send(writer, &reply, ending, traffic)
        }
        Answer::Stream(stream) => {
            let Some(_permit) = shared.streams.take(0) else {
                let busy = Problem::Unavailable("Too many pages listen for events; close some of them.".to_owned());
                return send(writer, &busy.reply(), ending, traffic);
            };
            seat.is(Doing::Streaming);
            pour(writer, stream, ending, traffic);
            Then::Close
        }
    }
}

/// Writes an answer.
fn send(writer: impl Write, reply: &Reply, ending: Ending, traffic: &Arc<Traffic>) -> Then {
    traffic.answered(reply.status);
    match write::reply(&mut traffic.counted(writer), reply, ending, clock::unix_ms()) {
        Ok(()) if !ending.close => Then::KeepAlive,
        // A viewer that left, or reads too slowly: closing is all that can be said.
        _ => Then::Close,
    }
}

/// Writes an endless answer until the stream ends or the viewer is gone.
fn pour(writer: impl Write, stream: impl Iterator<Item = Vec<u8>>, ending: Ending, traffic: &Arc<Traffic>) {
    traffic.answered(200);
    let mut writer = traffic.counted(writer);
    let mut result = write::event_stream_head(&mut writer, clock::unix_ms());
    if ending.head_only {
        return;
    }
    for piece in stream {
        result = result.and_then(|()| write::piece(&mut writer, &piece));
        if result.is_err() {
            return;
        }
    }
}

/// Answers a request that did not pass the fence, and closes its connection: where it ends cannot be known.
fn refuse(raw: tiny_http::Request, problem: &Problem, traffic: &Arc<Traffic>) -> Then {
    let reply = problem.reply();
    if raw.body_length().unwrap_or(0) == 0 {
        let head_only = *raw.method() == tiny_http::Method::Head;
        return send(raw.into_writer(), &reply, Ending { head_only, close: true }, traffic);
    }
    traffic.answered(reply.status);
    // A request with an unread body: the crate reads all that is left of it when the request is dropped, which
    // `into_writer` does before it gives the writer. Only its `respond` answers first; slow, and good enough here.
    let bytes = reply.body.pieces().concat();
    let mut response =
        tiny_http::Response::from_data(bytes).with_status_code(reply.status).with_chunked_threshold(usize::MAX);
    for (name, value) in write::fields(&reply, clock::unix_ms()) {
        if let Ok(field) = tiny_http::Header::from_bytes(name, &*value) {
            response.add_header(field);
        }
    }
    let _ = raw.respond(response);
    Then::Close
}

fn raw_head(raw: &tiny_http::Request) -> RawHead<'_> {
    let version = raw.http_version();
    let (method, target) = (raw.method().as_str(), raw.url());
    RawHead { method, target, version: (version.0, version.1), fields: fields(raw) }
}

/// The crate tells the first field of a name and no more: each one that was read is overwritten in a copy, and the
/// name asked for again.
fn fields(raw: &tiny_http::Request) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let Ok(read) = tiny_http::Header::from_bytes("read", "") else { return found };
    let mut left = raw.headers().clone();
    for name in fence::FIELDS {
        for _ in 0..REPEATS_SEEN {
            let Some(field) = left.get_header_mut(name) else { break };
            found.push((*name, field.value.as_str().to_owned()));
            *field = read.clone();
        }
    }
    found
}

/// Reads a body of known, bounded length. Each read waits for SO_RCVTIMEO at most, all of them for [`BODY_WITHIN`]
/// and one read more.
fn read_body(reader: &mut dyn Read, length: usize) -> Result<Vec<u8>, Problem> {
    let started: Instant = clock::now();
    let mut body = vec![0; length];
    let mut have = 0;
    while let Some(rest) = body.get_mut(have..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => return Err(Problem::BadRequest("The body of the request is shorter than its Content-Length.")),
            Ok(n) => have += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Problem::BodyTimeout),
        }
        if have < length && clock::now().duration_since(started) > BODY_WITHIN {
            return Err(Problem::BodyTimeout);
        }
    }
    Ok(body)
}
