//! Layer 8: requests in, answers out.
//!
//! ```text
//! socket ─► server (tiny_http, head) ─► Request ─► dispatch (policy, table) ─► api, hls, …
//!        ─► Answer ─► server ─► socket
//! ```
//!
//! `server` knows connections and no printers; `dispatch` knows printers and no sockets. Nothing here touches a
//! printer's socket.

pub mod endpoints;
mod entity;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod problem;
mod range;
pub mod routing;
pub mod server;
mod view;

pub use problem::Problem;
pub use server::{Fault, StartError};
pub use view::AccessCodes;

pub use routing::embed::EmbedOrigins;

use crate::base::stop::Stop;
use crate::diagnosis::Tests;
use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::hls::Slice;
use crossbeam_channel::Receiver;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The operator's settings for HTTP.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on. `[::]` accepts IPv4 as well.
    pub bind: SocketAddr,
    /// Public host names accepted beside IP literals, `localhost`, single-label and `*.local` names.
    pub allowed_hosts: Vec<String>,
    /// Whether answers contain the printers' access codes.
    pub access_codes: AccessCodes,
    /// Reverse proxies that are trusted to name their client.
    pub trusted_proxies: server::Proxies,
    /// Origins whose pages may show video, stills and the page.
    pub embed_origins: EmbedOrigins,
    /// The directory of the built page; `None` serves a page that explains how to build it.
    pub frontend_dir: Option<PathBuf>,
    /// The most open connections; fewer if the process may not open two files for each.
    pub max_connections: usize,
}

/// The running HTTP server of this process.
#[derive(Debug)]
pub struct Server {
    running: server::Running,
    tests: Arc<Tests>,
}

/// How long ended tests may take to close their connections.
const GOODBYES: Duration = Duration::from_millis(600);

impl Server {
    /// Listens and serves until `stop`.
    ///
    /// # Errors
    /// If the address cannot be bound, the page cannot be read, or no thread can be started.
    pub fn start(
        settings: &Settings,
        fleet: Arc<Fleet>,
        finding: Arc<Finding>,
        stop: &Stop,
    ) -> Result<Self, StartError> {
        let files = match &settings.frontend_dir {
            Some(dir) => endpoints::files::Files::load(dir)?,
            None => endpoints::files::Files::missing(),
        };
        let listen = server::Listen {
            bind: settings.bind,
            max_connections: settings.max_connections,
            proxies: settings.trusted_proxies.clone(),
        };
        let tests = Arc::new(Tests::default());
        let for_endpoints = Arc::clone(&tests);
        let handler = |traffic| {
            Box::new(routing::dispatch::Dispatch::new(settings, files, fleet, for_endpoints, finding, traffic))
                as Box<dyn Handler>
        };
        server::start(listen, stop, handler).map(|running| Self { running, tests })
    }

    /// Returns the address where it listens, with the actual port if the settings said 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.running.local_addr()
    }

    /// Receives, at most once, why the process should end and be restarted.
    #[must_use]
    pub fn fault(&self) -> Receiver<Fault> {
        self.running.fault()
    }

    /// Waits after the stop for tests to close their connections, and for answers that are being written, for at most a
    /// second and a half.
    pub fn join(self) {
        self.tests.wait_until_none(GOODBYES);
        self.running.join();
    }
}

/// The methods that are answered; `server::head` refuses all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// OPTIONS, only for the preflight of a browser before a page of another origin may read.
    Options,
}

impl Method {
    /// The methods that some address takes.
    pub const ALL: &[Self] = &[Self::Get, Self::Head, Self::Post, Self::Put, Self::Delete];

    /// Returns the name in a request line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Whether it only reads what is at an address (RFC 9110 §9.2.1).
    #[must_use]
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// A request whose head has been checked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, `/`-separated, without query; no `%`, no `..`, printable ASCII.
    pub path: String,
    /// The text after `?`.
    pub query: Option<String>,
    /// Header fields in order: lower-case name, value.
    pub headers: Vec<(String, String)>,
    /// The whole body, within its bound.
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the first value of a header field; `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, ready to be written.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header fields. The server adds `Content-Length`, `Date`, a missing `Cache-Control` and the security headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body. For HEAD the server omits it and keeps its length.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// Bytes made for this answer.
    Bytes(Vec<u8>),
    /// Bytes shared by many answers.
    Shared(Arc<[u8]>),
    /// Pieces of shared buffers, in order.
    Slices(Vec<Slice>),
}

impl Body {
    /// Returns its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces().iter().map(|piece| piece.len()).sum()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes, in order.
    #[must_use]
    pub fn pieces(&self) -> Vec<&[u8]> {
        match self {
            Self::Empty => Vec::new(),
            Self::Bytes(bytes) => vec![bytes],
            Self::Shared(bytes) => vec![bytes],
            Self::Slices(slices) => slices.iter().map(Slice::as_bytes).collect(),
        }
    }
}

/// The form of an answer.
pub enum Answer {
    /// Whole, in one piece.
    Whole(Reply),
    /// One piece at a time from the iterator, until it ends or the viewer leaves: server-sent events. `next` may block,
    /// and returns `None` at the stop.
    Stream(Box<dyn Iterator<Item = Vec<u8>>>),
    /// In the same manner, pictures after this head.
    Pictures(Reply, Box<dyn Iterator<Item = Vec<u8>>>),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Whole(reply)
    }
}

/// Answers the server's requests. The program has one implementation, `Dispatch`; the tests have another.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request. It runs on the thread of the request's connection and may block there. An answer that waits
    /// for something new calls [`server::Context::hold`] first.
    fn answer(&self, request: &Request, context: &server::Context<'_>) -> Answer;

    /// Returns the methods to name when a request for this path has an unknown method (RFC 9110 §10.2.1).
    fn methods(&self, path: &str) -> Vec<Method>;
}
