//! One client's socket, plain or TLS. Every wait is a slice, so that the one thread that serves a connection also keeps
//! the pace of its pictures and hears when it is to end.

use crate::camera::Leash;
use crate::clock;
use rustls::ServerConnection;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// A blocked write looks up this often, to see whether the connection is to end.
const WRITE_SLICE: Duration = Duration::from_millis(100);

/// A client that takes nothing for so long is gone.
const WRITE_DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Wire {
    tcp: TcpStream,
    tls: Option<Box<ServerConnection>>,
    patience: Duration,
}

/// What a slice of reading brought.
pub(crate) enum Input {
    Bytes,
    Idle,
    Closed,
}

impl Wire {
    pub(crate) fn plain(tcp: TcpStream) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_write_timeout(Some(WRITE_SLICE))?;
        Ok(Self { tcp, tls: None, patience: WRITE_DEADLINE })
    }

    /// A client that takes nothing is gone after this time instead.
    pub(crate) fn endure(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(crate) fn tls(tcp: TcpStream, mut tls: ServerConnection) -> io::Result<Self> {
        // A picture is handed over as a whole.
        tls.set_buffer_limit(None);
        let mut wire = Self::plain(tcp)?;
        wire.tls = Some(Box::new(tls));
        Ok(wire)
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }

    /// Appends to `inbox` what arrives until `until`.
    pub(crate) fn read(&mut self, inbox: &mut Vec<u8>, until: Instant) -> io::Result<Input> {
        let slice = until.saturating_duration_since(clock::now()).max(Duration::from_millis(1));
        self.tcp.set_read_timeout(Some(slice))?;
        let mut buffer = [0; 4096];
        let Some(tls) = &mut self.tls else {
            return match self.tcp.read(&mut buffer) {
                Ok(0) => Ok(Input::Closed),
                Ok(count) => {
                    inbox.extend_from_slice(&buffer[..count]);
                    Ok(Input::Bytes)
                }
                Err(error) if is_slice_over(&error) => Ok(Input::Idle),
                Err(error) => Err(error),
            };
        };
        match tls.read_tls(&mut self.tcp) {
            Ok(0) => return Ok(Input::Closed),
            Ok(_) => {}
            Err(error) if is_slice_over(&error) => return Ok(Input::Idle),
            Err(error) => return Err(error),
        }
        let state = tls.process_new_packets().map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        let before = inbox.len();
        let mut plain = tls.reader();
        while let Ok(count @ 1..) = plain.read(&mut buffer) {
            inbox.extend_from_slice(&buffer[..count]);
        }
        // Its last words come before its goodbye, perhaps in one packet.
        let closed = state.peer_has_closed() && inbox.len() == before;
        Ok(if closed { Input::Closed } else { Input::Bytes })
    }

    /// Writes each message, in a TLS record of its own, as live555 does.
    pub(crate) fn write<'a>(&mut self, messages: impl IntoIterator<Item = &'a [u8]>, leash: &Leash) -> io::Result<()> {
        let Self { tcp, tls, patience } = self;
        let mut sluice = Sluice { tcp, leash, patience: *patience };
        let Some(tls) = tls else {
            return messages.into_iter().try_for_each(|message| sluice.write_all(message));
        };
        for message in messages {
            tls.writer().write_all(message)?;
        }
        while tls.wants_write() {
            tls.write_tls(&mut sluice)?;
        }
        Ok(())
    }

    /// Writes what TLS has to say by itself: its part of the handshake, an alert.
    pub(crate) fn flush(&mut self, leash: &Leash) -> io::Result<()> {
        self.write([], leash)
    }

    /// Says goodbye in TLS and TCP; nobody waits for it.
    pub(crate) fn close(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            let _ = tls.write_tls(&mut self.tcp);
        }
        let _ = self.tcp.shutdown(Shutdown::Both);
    }
}

/// The socket, at a rate, with a deadline, and with an ear for the end.
struct Sluice<'a> {
    tcp: &'a TcpStream,
    leash: &'a Leash,
    patience: Duration,
}

impl Sluice<'_> {
    /// Repeats `write` until it gets something through.
    fn press(&self, mut write: impl FnMut(&TcpStream) -> io::Result<usize>) -> io::Result<usize> {
        let started = clock::now();
        loop {
            if self.leash.is_pulled() {
                return Err(io::Error::new(ErrorKind::ConnectionAborted, "told to end"));
            }
            match write(self.tcp) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Err(error) if is_slice_over(&error) && started.elapsed() < self.patience => {}
                result => return result,
            }
        }
    }
}

impl Write for Sluice<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(rate) = self.leash.bytes_per_s() else { return self.press(|mut tcp| tcp.write(bytes)) };
        // Twenty small pieces a second.
        let piece = (rate as usize / 20).clamp(1, bytes.len().max(1));
        let count = self.press(|mut tcp| tcp.write(&bytes[..piece.min(bytes.len())]))?;
        self.leash.pause(Duration::from_secs_f64(count as f64 / f64::from(rate.max(1))));
        Ok(count)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match (self.leash.bytes_per_s(), pieces.iter().find(|piece| !piece.is_empty())) {
            (None, _) => self.press(|mut tcp| tcp.write_vectored(pieces)),
            (Some(_), Some(piece)) => self.write(piece),
            (Some(_), None) => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Linux says `WouldBlock` when a socket's timeout is over, others `TimedOut`.
fn is_slice_over(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
