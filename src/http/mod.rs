//! Floor 4: requests in, answers out. `server` alone names `tiny_http`.

pub mod hls;

use crate::fleet::Live;
use crate::hls::Slice;
use std::sync::Arc;
use std::time::Instant;

/// The methods we answer; anything else is refused by the fence.
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
}

/// A request that has passed the fence and the guard.
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
    /// Header fields; `Content-Length`, `Date` and the security headers are added by the server.
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

/// What a handler decides.
#[derive(Debug)]
pub enum Answer {
    /// Answer now.
    Now(Reply),
    /// Hold the request until the camera has published what it asks for.
    Hold(Hold),
}

/// A held request: parked with its writer, never on a worker thread.
#[derive(Debug)]
pub struct Hold {
    /// The camera it waits for.
    pub live: Arc<Live>,
    /// What it wants.
    pub request: hls::HlsRequest,
    /// When it is answered all the same.
    pub deadline: Instant,
}
