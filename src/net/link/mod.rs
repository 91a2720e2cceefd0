//! A byte stream to a printer, plain or TLS, with a deadline on everything.
//!
//! One thread owns a link: it reads with a short slice and writes between two reads. After an error the link is
//! unusable. [`Link::open`] sends only a ClientHello before the certificate is accepted.

mod error;
mod greet;
mod polled;
mod session;

pub use error::{Failure, LinkError};
pub use greet::{Greeting, Patience, greet};
pub use polled::Polled;

use super::dial::{USER_TIMEOUT, dial_patiently};
use super::tls::{self, Offer};
use crate::base::clock::now;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::printer::{Fingerprint, Identity, address};
use session::Session;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long to wait for an answer to the first SYN.
const DIAL_DEADLINE: Duration = Duration::from_secs(5);
/// Limit for the TLS handshake of most peers. An X2D was seen to take 5.7 s.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(15);
/// How long the peer may take to accept written data.
const WRITE_DEADLINE: Duration = Duration::from_secs(5);
/// The longest single wait for the socket, so that the stop and the caller's deadlines are checked.
const SLICE: Duration = Duration::from_millis(500);
/// Limit for sending the final `close_notify`.
const CLOSE_DEADLINE: Duration = Duration::from_millis(200);

/// The address of a peer and its expected identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name, or an IP address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The expected TLS peer; `None` means plain TCP.
    pub tls: Option<Identity>,
}

impl Target {
    /// Returns host and port, for logs and sentences.
    #[must_use]
    pub fn at(&self) -> String {
        format!("{}:{}", address::in_brackets(&self.host), self.port)
    }
}

/// How long a peer may take while it is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLimits {
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For the acknowledgement of data (TCP_USER_TIMEOUT).
    pub unacknowledged: Duration,
}

/// The limits of most peers.
pub const USUAL_LIMITS: LinkLimits = LinkLimits { handshake: HANDSHAKE_DEADLINE, unacknowledged: USER_TIMEOUT };

/// The result of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// The number of bytes read, at least one.
    Bytes(usize),
    /// No data came within at most 500 ms.
    Idle,
}

/// A connection to a printer; see the module.
#[derive(Debug)]
pub struct Link {
    at: String,
    socket: TcpStream,
    session: Option<Box<Session>>,
    stop: Stop,
}

impl Link {
    /// Connects and, with TLS, does the handshake. With TLS, also returns the fingerprint of the accepted certificate,
    /// to be pinned if `target` had no pin. Calls `reached` for each TCP connection: once, or twice if TLS needs a second
    /// one.
    ///
    /// # Errors
    /// Fails if the peer does not answer in time, or is not the expected one.
    pub fn open(
        target: &Target,
        stop: &Stop,
        reached: impl Fn(SocketAddr),
    ) -> Result<(Self, Option<Fingerprint>), LinkError> {
        Self::open_within(USUAL_LIMITS, target, stop, reached)
    }

    /// Connects as [`Link::open`] does, within other limits.
    ///
    /// # Errors
    /// Fails as [`Link::open`] does.
    pub fn open_within(
        limits: LinkLimits,
        target: &Target,
        stop: &Stop,
        reached: impl Fn(SocketAddr),
    ) -> Result<(Self, Option<Fingerprint>), LinkError> {
        let at = target.at();
        let connect = || {
            let link = Self::connect(target, &at, limits, stop)?;
            reached(link.socket.peer_addr()?);
            Ok(link)
        };
        let opened = match &target.tls {
            None => connect().map(|link| (link, None)),
            Some(identity) => {
                let connect_tls = |offer| {
                    let session = Box::new(Session::new(identity, &target.host, offer)?);
                    Self::connect_tls(session, limits, connect, stop)
                };
                match connect_tls(Offer::Tls12) {
                    Err(Failure::Alert(alert)) if tls::wants_another_version(alert) => connect_tls(Offer::Both),
                    other => other,
                }
            }
        };
        opened.map_err(|failure| LinkError { at, failure })
    }

    /// Reads available data, or waits one slice for it. Plain data goes from the socket to `buf`; TLS data is decrypted
    /// in place first.
    ///
    /// # Errors
    /// Fails if the connection has ended for any reason.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<Read, LinkError> {
        self.take(buf).map_err(|failure| self.error(failure))
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// Fails if the connection ended, or if the peer did not accept the data within 5 s. After the stop, the limit is
    /// one slice.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let sent = match &mut self.session {
            None => send(&self.socket, bytes, &self.stop),
            Some(session) => session.write(bytes).and_then(|()| flush(&self.socket, session, &self.stop)),
        };
        sent.map_err(|failure| self.error(failure))
    }

    /// Sends `close_notify` and ends the connection. Best effort: it does not wait for a peer that does not read.
    pub fn close(&mut self) {
        // Errors do not matter here: the connection is over.
        let _ = self.socket.set_write_timeout(Some(CLOSE_DEADLINE));
        if let Some(session) = &mut self.session {
            session.close();
            let _ = (&self.socket).write(session.outgoing());
        }
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Converts the link for an owner that watches more than one socket. Returns `None` for plain TCP.
    ///
    /// # Errors
    /// Fails if the system refuses.
    pub fn into_polled(self) -> Result<Option<Polled>, LinkError> {
        let Self { at, socket, session, .. } = self;
        let Some(session) = session else { return Ok(None) };
        match Polled::new(at.clone(), socket, session) {
            Ok(polled) => Ok(Some(polled)),
            Err(error) => Err(LinkError { at, failure: error.into() }),
        }
    }

    fn connect(target: &Target, at: &str, limits: LinkLimits, stop: &Stop) -> Result<Self, Failure> {
        let socket = dial_patiently(&target.host, target.port, DIAL_DEADLINE, limits.unacknowledged, stop)?;
        socket.set_read_timeout(Some(SLICE))?;
        socket.set_write_timeout(Some(SLICE))?;
        Ok(Self { at: at.to_owned(), socket, session: None, stop: stop.clone() })
    }

    fn connect_tls(
        mut session: Box<Session>,
        limits: LinkLimits,
        connect: impl FnOnce() -> Result<Self, Failure>,
        stop: &Stop,
    ) -> Result<(Self, Option<Fingerprint>), Failure> {
        let mut link = connect()?;
        shake_hands(&link.socket, &mut session, limits.handshake, stop)?;
        let leaf = session.leaf();
        link.session = Some(session);
        Ok((link, leaf))
    }

    fn take(&mut self, buf: &mut [u8]) -> Result<Read, Failure> {
        let Some(session) = &mut self.session else {
            return match receive(&self.socket, buf)? {
                0 => Ok(Read::Idle),
                n => Ok(Read::Bytes(n)),
            };
        };
        let n = decrypt(&self.socket, session, buf, &self.stop)?;
        if n > 0 {
            return Ok(Read::Bytes(n));
        }
        // Only one read of the socket: a peer that sends a record byte by byte must not hold the caller here.
        let n = receive(&self.socket, session.space()?)?;
        session.filled(n);
        match decrypt(&self.socket, session, buf, &self.stop)? {
            0 => Ok(Read::Idle),
            n => Ok(Read::Bytes(n)),
        }
    }

    fn error(&self, failure: Failure) -> LinkError {
        LinkError { at: self.at.clone(), failure }
    }
}

/// Decrypts what has been received, and sends TLS's own replies.
fn decrypt(socket: &TcpStream, session: &mut Session, buf: &mut [u8], stop: &Stop) -> Result<usize, Failure> {
    let taken = session.read(buf);
    let flushed = flush(socket, session, stop);
    let n = taken?;
    flushed?;
    Ok(n)
}

fn shake_hands(socket: &TcpStream, session: &mut Session, within: Duration, stop: &Stop) -> Result<(), Failure> {
    let deadline = now() + within;
    waits_for("the TLS handshake", Some(deadline));
    loop {
        let done = session.shake_hands();
        // Flushed after a failure too, because it left an alert for the peer. The failure matters more than whether the
        // alert was sent.
        let flushed = flush(socket, session, stop);
        if done? {
            return flushed;
        }
        flushed?;
        if stop.is_stopped() {
            return Err(Failure::Stopped);
        }
        if now() >= deadline {
            return Err(Failure::HandshakeDeadline(within));
        }
        let n = receive(socket, session.space()?).map_err(Failure::in_handshake)?;
        session.filled(n);
    }
}

/// Reads the socket once. Returns 0 if the slice passed without a byte.
fn receive(socket: &TcpStream, buf: &mut [u8]) -> Result<usize, Failure> {
    match (&*socket).read(buf) {
        Ok(0) => Err(Failure::Closed),
        Ok(n) => Ok(n),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn flush(socket: &TcpStream, session: &mut Session, stop: &Stop) -> Result<(), Failure> {
    if session.outgoing().is_empty() {
        return Ok(());
    }
    let sent = send(socket, session.outgoing(), stop);
    session.sent();
    sent
}

fn send(mut socket: &TcpStream, mut bytes: &[u8], stop: &Stop) -> Result<(), Failure> {
    let deadline = now() + WRITE_DEADLINE;
    loop {
        match socket.write(bytes) {
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error.into()),
        }
        if bytes.is_empty() {
            return Ok(());
        }
        // Checked after progress too: a peer that accepts one byte a second is no better than a dead one.
        if stop.is_stopped() {
            return Err(Failure::Stopped);
        }
        if now() >= deadline {
            return Err(Failure::WriteDeadline(WRITE_DEADLINE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stop::stop;
    use std::net::TcpListener;

    fn plain(listener: &TcpListener, stop: &Stop) -> Link {
        let port = listener.local_addr().unwrap().port();
        Link::open(&Target { host: "127.0.0.1".into(), port, tls: None }, stop, |_| {}).unwrap().0
    }

    #[test]
    fn a_plain_link_carries_bytes_both_ways_and_tells_idle_from_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (_stopper, stop) = stop();
        let mut link = plain(&listener, &stop);
        let mut peer = listener.accept().unwrap().0;
        let mut buf = [0; 16];
        assert_eq!(link.read(&mut buf).unwrap(), Read::Idle);
        peer.write_all(b"hello").unwrap();
        assert_eq!(link.read(&mut buf).unwrap(), Read::Bytes(5));
        link.write_all(b"world").unwrap();
        peer.read_exact(&mut buf[..5]).unwrap();
        assert_eq!(&buf[..5], b"world");
        drop(peer);
        assert!(matches!(link.read(&mut buf).unwrap_err().failure, Failure::Closed));
    }

    #[test]
    fn a_stop_ends_the_write_to_a_peer_that_reads_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (stopper, stop) = stop();
        let mut link = plain(&listener, &stop);
        drop(stopper);
        let endless = vec![0; 64 * 1024 * 1024];
        let error = link.write_all(&endless).unwrap_err();
        assert!(error.is_stopped(), "{error:?}");
    }
}
