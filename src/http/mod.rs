//! Layer 6: requests in, answers out.
//!
//! ```text
//! socket ─► server (tiny_http, head) ─► Request ─► dispatch (policy, table) ─► api, hls, … ─► Answer ─► server ─► socket
//! ```
//!
//! `server` knows connections and no printers; `dispatch` knows printers and no sockets. Nothing here touches a
//! printer's socket.

mod api;
mod dispatch;
pub mod embed;
mod endpoint;
mod entity;
mod events;
mod files;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod hls;
mod metrics;
mod openapi;
mod policy;
mod problem;
mod range;
mod route;
pub mod server;
mod still;
mod table;
mod trial;
mod view;

pub use problem::Problem;
pub use server::{Fault, StartError};
pub use view::AccessCodes;

pub use embed::EmbedOrigins;

use crate::base::stop::Stop;
use crate::fleet::Fleet;
use crate::hls::Slice;
use crossbeam_channel::Receiver;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What the person who installs may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen. `[::]` takes IPv4 as well.
    pub bind: SocketAddr,
    /// Public host names accepted beside IP literals, `localhost`, single-label and `*.local` names.
    pub allowed_hosts: Vec<String>,
    /// Whether the printers' access codes are told.
    pub access_codes: AccessCodes,
    /// Reverse proxies that are believed when they name their client.
    pub trusted_proxies: server::Proxies,
    /// Origins whose pages may show video, stills and the page.
    pub embed_origins: EmbedOrigins,
    /// Where the built page lies; `None` serves a page that tells how to build it.
    pub frontend_dir: Option<PathBuf>,
    /// Connections open at once; fewer when the process may not open two files for each.
    pub max_connections: usize,
}

/// The running HTTP server of this process.
#[derive(Debug)]
pub struct Server(server::Running);

impl Server {
    /// Listens and serves until `stop`.
    ///
    /// # Errors
    /// When the address cannot be taken, the page cannot be read, or there are no threads.
    pub fn start(settings: &Settings, fleet: Arc<Fleet>, stop: &Stop) -> Result<Self, StartError> {
        let files = match &settings.frontend_dir {
            Some(dir) => files::Files::load(dir)?,
            None => files::Files::missing(),
        };
        let listen = server::Listen {
            bind: settings.bind,
            max_connections: settings.max_connections,
            proxies: settings.trusted_proxies.clone(),
        };
        let handler = |traffic| Box::new(dispatch::Dispatch::new(settings, files, fleet, traffic)) as Box<dyn Handler>;
        server::start(listen, stop, handler).map(Self)
    }

    /// Where it listens: tells the port when the settings said 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    /// Says at most once why the process should end and be started anew.
    #[must_use]
    pub fn fault(&self) -> Receiver<Fault> {
        self.0.fault()
    }

    /// After the stop: waits for answers being written, a second at most.
    pub fn join(self) {
        self.0.join();
    }
}

/// The methods we answer; anything else is refused by `server::head`.
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
    /// OPTIONS: only what a browser asks before it lets a page of another origin read.
    Options,
}

impl Method {
    /// Those that some address takes.
    pub const ALL: &[Self] = &[Self::Get, Self::Head, Self::Post, Self::Put, Self::Delete];

    /// As it stands on the wire.
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

    /// Whether it reads what is at an address, and only reads (RFC 9110 §9.2.1).
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
    /// What follows the `?`.
    pub query: Option<String>,
    /// Header fields in order: lower-case name, value.
    pub headers: Vec<(String, String)>,
    /// The whole body, within its bound.
    pub body: Vec<u8>,
}

impl Request {
    /// The first value of a header field; `name` in lower case.
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
    /// Header fields; `Content-Length`, `Date`, a `Cache-Control` that is missing and the security headers are
    /// added by the server.
    pub headers: Vec<(&'static str, String)>,
    /// The body. For HEAD the server leaves it out and keeps its length.
    pub body: Body,
}

/// What an answer carries.
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
    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces().iter().map(|piece| piece.len()).sum()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, in order.
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

/// How a request is answered.
pub enum Answer {
    /// Whole, in one piece.
    Whole(Reply),
    /// With each piece that the iterator gives, until it ends or the viewer leaves: server-sent events. `next` may block,
    /// and ends at the stop.
    Stream(Box<dyn Iterator<Item = Vec<u8>>>),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Whole(reply)
    }
}

/// What the server serves. The program has one implementation, `Dispatch`; the tests have another.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request. It runs on the thread of the request's connection and may block there; one that waits for
    /// something new asks [`server::Context::hold`] first.
    fn answer(&self, request: &Request, context: &server::Context<'_>) -> Answer;

    /// Returns the methods to name when a request for this path has one that is not known anywhere (RFC 9110 §10.2.1).
    fn methods(&self, path: &str) -> Vec<Method>;
}
