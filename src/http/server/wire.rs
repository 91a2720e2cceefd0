//! Reads a connection's bytes without the crate: a head is bounded in bytes and in time before it is parsed. Bytes
//! after it are kept for the body and for the next request.

use super::head;
use super::listen::READ_WITHIN;
use crate::base::clock;
use crate::http::problem::Problem;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest head. Cloudflare Access puts some 10 KiB of tokens into one; browsers send 1 KiB.
const HEAD_LIMIT: usize = 64 * 1024;

/// How long a head may take, from its first byte.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// How long a new client may be silent.
pub const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(20);

/// How long a body may take before it is refused with 408.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// The size of one read.
const PIECE: usize = 8 * 1024;

/// After a refusal the rest of the request is read and dropped for this long, and up to this much. A connection that is
/// closed with unread bytes is reset, and the reset can overtake the answer (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 16 * 1024 * 1024;

/// An accepted connection.
#[derive(Debug)]
pub struct Wire {
    socket: Arc<TcpStream>,
    /// Bytes that were read and are not yet part of a request.
    unread: Vec<u8>,
    /// The current SO_RCVTIMEO.
    patience: Duration,
}

/// Why there is no head.
#[derive(Debug)]
pub enum NoHead {
    /// The client has left, or was silent for too long.
    Gone,
    /// The bytes cannot become a head.
    Refused(Problem),
}

impl Wire {
    /// Takes a connection that has inherited the listener's options.
    pub fn new(socket: Arc<TcpStream>) -> Self {
        Self { socket, unread: Vec::new(), patience: READ_WITHIN }
    }

    /// Returns the socket for writing answers.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Reads the next head, up to its empty line.
    ///
    /// # Errors
    /// If none comes, or if it is too long, too slow or malformed.
    pub fn head(&mut self, first_byte_within: Duration) -> Result<Vec<u8>, NoHead> {
        let mut seen = 0;
        let mut until = None;
        loop {
            let end = head::end_of_head(&self.unread, seen).map_err(NoHead::Refused)?;
            if end.unwrap_or(self.unread.len()) > HEAD_LIMIT {
                return Err(NoHead::Refused(Problem::HeadTooLarge));
            }
            if let Some(end) = end {
                let rest = self.unread.split_off(end);
                return Ok(std::mem::replace(&mut self.unread, rest));
            }
            seen = self.unread.len();
            let has_begun = seen > 0;
            let left = match has_begun {
                false => first_byte_within,
                true => left_until(*until.get_or_insert_with(|| clock::now() + HEAD_WITHIN)),
            };
            let mut piece = [0; PIECE];
            match self.read(&mut piece, left) {
                Ok(0) => return Err(NoHead::Gone),
                Ok(n) => self.unread.extend_from_slice(piece.get(..n).unwrap_or_default()),
                Err(error) if has_begun && is_timeout(&error) => return Err(NoHead::Refused(Problem::HeadTimeout)),
                Err(_) => return Err(NoHead::Gone),
            }
        }
    }

    /// Reads a body of known, bounded length. A client that waits for permission to send it (`Expect: 100-continue`)
    /// gets it, unless the body has come already (RFC 9110 §10.1.1).
    ///
    /// # Errors
    /// If it is late or cut short.
    pub fn body(&mut self, length: usize, awaits_leave: bool) -> Result<Vec<u8>, Problem> {
        let rest = self.unread.split_off(length.min(self.unread.len()));
        let mut body = std::mem::replace(&mut self.unread, rest);
        let mut have = body.len();
        if have == length {
            return Ok(body);
        }
        if awaits_leave && have == 0 {
            self.socket().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| Problem::BodyTimeout)?;
        }
        body.resize(length, 0);
        let until = clock::now() + BODY_WITHIN;
        while let Some(rest) = body.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match self.read(rest, left_until(until)) {
                Ok(0) => {
                    return Err(Problem::BadRequest("The body of the request is shorter than its Content-Length."));
                }
                Ok(n) => have += n,
                Err(_) => return Err(Problem::BodyTimeout),
            }
        }
        Ok(body)
    }

    /// Closes the writing side, and drops what the client is still sending for a short while.
    pub fn linger(mut self) {
        let _ = self.socket.shutdown(Shutdown::Write);
        let until = clock::now() + LINGER;
        let (mut dropped, mut piece) = (0, [0; PIECE]);
        while dropped < LINGER_BYTES {
            match self.read(&mut piece, left_until(until)) {
                Ok(0) | Err(_) => return,
                Ok(n) => dropped += n,
            }
        }
    }

    /// Makes one read that waits for `at_most`.
    fn read(&mut self, into: &mut [u8], at_most: Duration) -> io::Result<usize> {
        // Zero would mean no limit.
        if at_most.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        if self.patience != at_most {
            self.socket.set_read_timeout(Some(at_most))?;
            self.patience = at_most;
        }
        loop {
            match (&*self.socket).read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

fn left_until(until: Instant) -> Duration {
    until.saturating_duration_since(clock::now())
}

/// SO_RCVTIMEO is reported as EAGAIN.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
