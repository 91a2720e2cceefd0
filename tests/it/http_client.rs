//! A raw HTTP client that can misbehave, and a small site for the server to serve.

use platecast::base::stop::{Stop, Stopper, stop};
use platecast::http::server::{self, Context, Listen, Proxies, Running};
use platecast::http::{Answer, Body, Handler, Method, Problem, Reply, Request};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here should take, so that a failure is a failure and no hang.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// Runs the long form of a test when `PLATECAST_FULL=1` is set.
#[expect(clippy::disallowed_methods, reason = "the tests have no configuration of their own")]
pub fn rounds(short: usize, full: usize) -> usize {
    if std::env::var("PLATECAST_FULL").is_ok_and(|value| value == "1") { full } else { short }
}

#[expect(clippy::disallowed_methods, reason = "a test measures")]
pub fn now() -> Instant {
    Instant::now()
}

/// Between two looks at a state that somebody else changes.
pub fn pause() {
    let _ = crossbeam_channel::never::<()>().recv_timeout(Duration::from_millis(10));
}

/// A connection.
#[derive(Debug)]
pub struct Client {
    pub socket: TcpStream,
    /// Whom it says it asks for, as a reverse proxy does.
    named: Option<String>,
    unread: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    /// The value of a header field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (have, value) = line.split_once(": ")?;
            have.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { socket, named: None, unread: Vec::new() }
    }

    /// The same connection, as that of the reverse proxy on this machine, for the visitor at this address.
    pub fn named(self, address: &str) -> Self {
        Self { named: Some(address.to_owned()), ..self }
    }

    pub fn send(&mut self, text: &str) -> &mut Self {
        self.socket.write_all(text.as_bytes()).unwrap();
        self
    }

    pub fn ask(&mut self, path: &str) -> &mut Self {
        let named = self.named.as_ref().map_or(String::new(), |named| format!("X-Forwarded-For: {named}\r\n"));
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{named}\r\n"))
    }

    pub fn get(&mut self, path: &str) -> Got {
        self.ask(path).answer().unwrap()
    }

    /// The next answer, with its body by Content-Length.
    pub fn answer(&mut self) -> io::Result<Got> {
        let head = self.head()?;
        self.body_of(Got { status: head[9..12].parse().unwrap(), head, body: Vec::new() })
    }

    /// The next part of a multipart answer.
    pub fn part(&mut self) -> io::Result<Got> {
        let head = self.head()?;
        self.body_of(Got { status: 200, head, body: Vec::new() })
    }

    fn body_of(&mut self, mut got: Got) -> io::Result<Got> {
        let length: usize = got.field("content-length").map_or(0, |value| value.parse().unwrap());
        while self.unread.len() < length {
            self.more()?;
        }
        got.body = self.unread.drain(..length).collect();
        Ok(got)
    }

    /// The next head, without what follows it.
    pub fn head(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(String::from_utf8(self.unread.drain(..end + 4).collect()).unwrap());
            }
            self.more()?;
        }
    }

    /// What has come and not been read, for whoever goes on with the socket.
    pub fn rest_so_far(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> String {
        // A reset after the answer ends it as well: the server closed with something of ours unread.
        while self.more().is_ok() {}
        String::from_utf8_lossy(&std::mem::take(&mut self.unread)).into_owned()
    }

    fn more(&mut self) -> io::Result<()> {
        let mut piece = [0; 65_536];
        match self.socket.read(&mut piece)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                self.unread.extend_from_slice(&piece[..n]);
                Ok(())
            }
        }
    }
}

/// A server with the site below. Dropping it stops it.
pub struct Bench {
    pub address: SocketAddr,
    published: Arc<Published>,
    stopper: Option<Stopper>,
    running: Option<Running>,
}

/// `/healthz`, `/echo` (the body's length), `/` (4 MB), `/panic`, `/stream`, and `/hold/<group>`, which is answered
/// at the next [`Bench::publish`] or after `held_for`.
struct Site {
    published: Arc<Published>,
    big: Arc<[u8]>,
    held_for: Duration,
}

impl Bench {
    pub fn start() -> Self {
        Self::with(2048, Duration::from_secs(60))
    }

    pub fn with(max_connections: usize, held_for: Duration) -> Self {
        let (stopper, stop) = stop();
        let published = Arc::<Published>::default();
        let big = (0..4_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let site = Site { published: Arc::clone(&published), big, held_for };
        let bind = "127.0.0.1:0".parse().unwrap();
        let listen = Listen { bind, max_connections, proxies: Proxies::default() };
        let running = server::start(listen, &stop, |_| Box::new(site)).unwrap();
        Self { address: running.local_addr(), published, stopper: Some(stopper), running: Some(running) }
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// A connection of the reverse proxy on this machine, for the visitor at this address.
    pub fn visitor(&self, address: &str) -> Client {
        self.client().named(address)
    }

    /// Answers all held requests.
    pub fn publish(&self) {
        *self.published.times.lock().unwrap() += 1;
        self.published.again.notify_all();
    }

    /// The server's own opinion that it should be started anew.
    pub fn faulted(&self) -> bool {
        self.running.as_ref().unwrap().fault().try_recv().is_ok()
    }

    /// Stops; tells how long that took.
    pub fn stop(&mut self) -> Duration {
        let begun = now();
        self.stopper = None;
        if let Some(running) = self.running.take() {
            running.join();
        }
        now() - begun
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Handler for Site {
    fn answer(&self, request: &Request, context: &Context<'_>) -> Answer {
        let text =
            |text: String| Reply { status: 200, headers: Vec::new(), body: Body::Bytes(text.into_bytes()) }.into();
        match request.path.as_str() {
            "/healthz" => text("now".to_owned()),
            "/echo" => text(request.body.len().to_string()),
            "/" => Reply { status: 200, headers: Vec::new(), body: Body::Shared(Arc::clone(&self.big)) }.into(),
            "/panic" => panic!("a handler's bug"),
            "/stream" => Answer::Stream(Box::new(Ticks { stop: context.stop().clone(), opened: false })),
            path => match path.strip_prefix("/hold/").and_then(|group| group.parse().ok()) {
                Some(group) => self.hold(context, group).unwrap_or_else(|problem| problem.reply()).into(),
                None => Reply::empty(404).into(),
            },
        }
    }

    fn methods(&self, path: &str) -> Vec<Method> {
        if path == "/healthz" { vec![Method::Get, Method::Head] } else { Method::ALL.to_vec() }
    }
}

impl Site {
    /// Waits for the next [`Bench::publish`], as a handler does: in pieces, and with a look at the stop after each.
    fn hold(&self, context: &Context<'_>, group: i64) -> Result<Reply, Problem> {
        let deadline = now() + self.held_for;
        let seen = *self.published.times.lock().unwrap();
        let _held = context.hold(group)?;
        loop {
            let left = deadline.saturating_duration_since(now()).min(Duration::from_millis(500));
            let times = self.published.times.lock().unwrap();
            let (times, _) = self.published.again.wait_timeout_while(times, left, |times| *times == seen).unwrap();
            if *times > seen {
                return Ok(Reply { status: 200, headers: Vec::new(), body: Body::Bytes(b"new".to_vec()) });
            }
            if context.stop().is_stopped() || now() >= deadline {
                return Ok(Reply::empty(503));
            }
        }
    }
}

/// How often [`Bench::publish`] was called.
#[derive(Default)]
struct Published {
    times: Mutex<u64>,
    again: Condvar,
}

/// One event at once, then one each second.
struct Ticks {
    stop: Stop,
    opened: bool,
}

impl Iterator for Ticks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let stopped = std::mem::replace(&mut self.opened, true) && self.stop.wait(Duration::from_secs(1));
        (!stopped).then(|| b"data: tick\n\n".to_vec())
    }
}
