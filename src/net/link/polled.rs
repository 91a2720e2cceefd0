//! A TLS link that never blocks, for an owner that also watches another socket.

use super::Read;
use super::error::{Failure, LinkError};
use super::session::Session;
use mio::net::TcpStream;
use socket2::SockRef;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::time::Duration;

/// After this long without acknowledgement, the kernel ends the connection and discards the data. Without this, a
/// command sent into a dead Wi-Fi would arrive when the Wi-Fi is back.
const USER_TIMEOUT: Duration = Duration::from_secs(4);

/// A non-blocking TLS link. The owner polls [`Polled::socket`] for reading and writing.
#[derive(Debug)]
pub struct Polled {
    at: String,
    socket: TcpStream,
    session: Box<Session>,
}

impl Polled {
    pub(super) fn new(at: String, socket: std::net::TcpStream, session: Box<Session>) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        SockRef::from(&socket).set_tcp_user_timeout(Some(USER_TIMEOUT))?;
        socket.set_nonblocking(true)?;
        Ok(Self { at, socket: TcpStream::from_std(socket), session })
    }

    /// Returns the socket, to register it with a poll.
    pub fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Reads available data, or returns at once if there is none.
    ///
    /// # Errors
    /// Fails if the connection has ended for any reason.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<Read, LinkError> {
        self.take(buf).map_err(|failure| self.error(failure))
    }

    /// Encrypts all of `bytes`, and sends as much as the socket accepts.
    ///
    /// # Errors
    /// Fails if the connection has ended.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let sent = self.session.write(bytes).and_then(|()| self.send());
        sent.map(|_| ()).map_err(|failure| self.error(failure))
    }

    /// Sends more of the written data, and returns whether all of it is out. An owner that keeps writing before that
    /// makes the memory grow.
    ///
    /// # Errors
    /// Fails if the connection has ended.
    pub fn flush(&mut self) -> Result<bool, LinkError> {
        self.send().map_err(|failure| self.error(failure))
    }

    /// Sends `close_notify` and ends the connection. Data that the socket does not accept at once is lost.
    pub fn close(mut self) {
        self.session.close();
        // Errors do not matter here: the connection is over.
        let _ = self.send();
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    fn take(&mut self, buf: &mut [u8]) -> Result<Read, Failure> {
        loop {
            let taken = self.session.read(buf);
            self.send()?;
            match taken? {
                0 => {}
                n => return Ok(Read::Bytes(n)),
            }
            match self.socket.read(self.session.space()?) {
                Ok(0) => return Err(Failure::Closed),
                Ok(n) => self.session.filled(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Read::Idle),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn send(&mut self) -> Result<bool, Failure> {
        while !self.session.outgoing().is_empty() {
            match self.socket.write(self.session.outgoing()) {
                Ok(n) => self.session.sent_part(n),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn error(&self, failure: Failure) -> LinkError {
        LinkError { at: self.at.clone(), failure }
    }
}
