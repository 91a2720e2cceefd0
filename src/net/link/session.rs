//! A TLS client session without its socket: bytes in, bytes out.
//!
//! It uses rustls' unbuffered interface, because the buffered one reads the socket in pieces of 4 KiB. A camera's key
//! frame is 100 KiB and more; here it needs one or two system calls. Received bytes stay in one buffer, where they are
//! decrypted, and are copied out once.

use super::error::Failure;
use crate::net::tls::{self, Offer, Proof, Proven};
use crate::printer::{Fingerprint, Identity};
use rustls::client::UnbufferedClientConnection;
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus};
use rustls::{Error, client::ClientConnectionData};
use std::fmt;
use std::sync::Arc;

/// Capacity for received data not yet decrypted. A handshake message may span records and must fit as a whole.
const INCOMING_BYTES: usize = 64 * 1024;
/// With less room than this at the end, the remaining data moves to the front. A whole record is slightly more than 16
/// KiB.
const ROOM_BYTES: usize = 32 * 1024;

pub struct Session {
    connection: UnbufferedClientConnection,
    proven: Proven,
    /// Received data; `start..end` is in use.
    incoming: Box<[u8]>,
    start: usize,
    end: usize,
    /// Encrypted data not yet sent.
    outgoing: Vec<u8>,
    /// Data decrypted when the caller's buffer was full; at most what `incoming` can hold.
    spill: Vec<u8>,
    spill_taken: usize,
    closed: bool,
}

/// Why a session cannot proceed without its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pause {
    /// The handshake needs more bytes.
    Handshaking,
    /// The handshake is done; reading needs more bytes.
    Ready,
    /// The peer sent `close_notify`.
    Closed,
}

impl Session {
    pub fn new(identity: &Identity, host: &str, offer: Offer) -> Result<Self, Failure> {
        let name = tls::server_name(identity, host).ok_or(Failure::NoServerName)?;
        let (config, proven) = tls::client_config(identity, offer)?;
        Ok(Self {
            connection: UnbufferedClientConnection::new(Arc::new(config), name)?,
            proven,
            incoming: vec![0; INCOMING_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            outgoing: Vec::new(),
            spill: Vec::new(),
            spill_taken: 0,
            closed: false,
        })
    }

    /// Returns the buffer for the next bytes from the socket.
    pub fn space(&mut self) -> Result<&mut [u8], Failure> {
        if INCOMING_BYTES - self.end < ROOM_BYTES {
            self.incoming.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == INCOMING_BYTES {
            return Err(Failure::LongMessage);
        }
        Ok(self.incoming.get_mut(self.end..).unwrap_or_default())
    }

    /// Records that `n` bytes were received into the buffer.
    pub fn filled(&mut self, n: usize) {
        self.end = (self.end + n).min(INCOMING_BYTES);
    }

    /// Returns the data to send now.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// Records that all outgoing data was sent.
    pub fn sent(&mut self) {
        self.outgoing.clear();
    }

    /// Records that the first `n` outgoing bytes were sent.
    pub fn sent_part(&mut self, n: usize) {
        self.outgoing.drain(..n.min(self.outgoing.len()));
    }

    /// Continues the handshake, and returns whether it is done.
    pub fn shake_hands(&mut self) -> Result<bool, Failure> {
        match self.advance(&mut []).map_err(Failure::in_handshake)?.1 {
            Pause::Handshaking => Ok(false),
            Pause::Ready => Ok(true),
            Pause::Closed => Err(Failure::ClosedInHandshake),
        }
    }

    /// Returns the fingerprint of the certificate that the peer showed.
    pub fn leaf(&self) -> Option<Fingerprint> {
        self.connection.peer_certificates()?.first().map(|leaf| Fingerprint::of(leaf))
    }

    /// Returns the accepted certificate, once the peer has shown that it holds the key.
    pub fn proof(&self) -> Option<&Proof> {
        self.proven.get()
    }

    /// Decrypts available data into `buf`. Returns 0 if more must be received first.
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize, Failure> {
        let left = self.spill.get(self.spill_taken..).unwrap_or_default();
        if !left.is_empty() {
            let n = copy(left, buf);
            self.spill_taken += n;
            return Ok(n);
        }
        self.spill.clear();
        self.spill_taken = 0;
        match self.advance(buf)? {
            (0, Pause::Closed) => Err(Failure::Closed),
            (n, _) => Ok(n),
        }
    }

    /// Encrypts `bytes` into the outgoing data.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // Received data is decrypted first: the connection only writes when nothing is left to read.
        self.advance(&mut [])?;
        let incoming = self.incoming.get_mut(self.start..self.end).unwrap_or_default();
        match self.connection.process_tls_records(incoming).state? {
            ConnectionState::WriteTraffic(mut traffic) => {
                append(&mut self.outgoing, |space| traffic.encrypt(bytes, space)).map_err(Failure::Encrypt)
            }
            _ => Err(Failure::Closed),
        }
    }

    /// Encrypts a `close_notify` into the outgoing data, if the session still allows it.
    pub fn close(&mut self) {
        if self.advance(&mut []).is_err() {
            return;
        }
        let incoming = self.incoming.get_mut(self.start..self.end).unwrap_or_default();
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) = self.connection.process_tls_records(incoming).state {
            let _ = append(&mut self.outgoing, |space| traffic.queue_close_notify(space));
        }
    }

    /// Processes received data until more is needed. Decrypted data goes to `buf`, and to `spill` once that is full.
    /// Returns how much went to `buf`.
    fn advance(&mut self, buf: &mut [u8]) -> Result<(usize, Pause), Failure> {
        let mut taken = 0;
        loop {
            if self.closed {
                return Ok((taken, Pause::Closed));
            }
            let incoming = self.incoming.get_mut(self.start..self.end).unwrap_or_default();
            let UnbufferedStatus { mut discard, state } = self.connection.process_tls_records(incoming);
            let mut pause = None;
            match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let record = record?;
                        discard += record.discard;
                        let n = copy(record.payload, buf.get_mut(taken..).unwrap_or_default());
                        self.spill.extend_from_slice(record.payload.get(n..).unwrap_or_default());
                        taken += n;
                    }
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    append(&mut self.outgoing, |space| data.encode(space)).map_err(Failure::Encode)?;
                }
                // The owner sends outgoing data after each call, before it waits for anything.
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                Ok(ConnectionState::BlockedHandshake) => pause = Some(Pause::Handshaking),
                Ok(ConnectionState::WriteTraffic(_)) => pause = Some(Pause::Ready),
                // Closed by the peer, or a state of a later rustls that we do not expect.
                Ok(_) => self.closed = true,
                Err(error) => {
                    self.start += discard;
                    self.take_alert();
                    return Err(error.into());
                }
            }
            self.start += discard;
            if self.start == self.end {
                (self.start, self.end) = (0, 0);
            }
            if let Some(pause) = pause {
                return Ok((taken, pause));
            }
        }
    }

    /// Takes the alert that rustls has for the peer after an error.
    fn take_alert(&mut self) {
        let status: UnbufferedStatus<'_, '_, ClientConnectionData> = self.connection.process_tls_records(&mut []);
        if let Ok(ConnectionState::EncodeTlsData(mut alert)) = status.state {
            let _ = append(&mut self.outgoing, |space| alert.encode(space));
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("incoming", &(self.end - self.start)).finish_non_exhaustive()
    }
}

/// Copies as much as fits.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let n = from.len().min(to.len());
    if let (Some(to), Some(from)) = (to.get_mut(..n), from.get(..n)) {
        to.copy_from_slice(from);
    }
    n
}

/// An error that states how much room would be enough.
trait TooSmall {
    fn required(&self) -> Option<usize>;
}

impl TooSmall for EncodeError {
    fn required(&self) -> Option<usize> {
        match self {
            Self::InsufficientSize(InsufficientSizeError { required_size }) => Some(*required_size),
            Self::AlreadyEncoded => None,
        }
    }
}

impl TooSmall for EncryptError {
    fn required(&self) -> Option<usize> {
        match self {
            Self::InsufficientSize(InsufficientSizeError { required_size }) => Some(*required_size),
            Self::EncryptExhausted => None,
        }
    }
}

/// Appends the output of `encode`, after asking it how much room it needs.
fn append<E: TooSmall>(out: &mut Vec<u8>, mut encode: impl FnMut(&mut [u8]) -> Result<usize, E>) -> Result<(), E> {
    let before = out.len();
    let mut written = encode(&mut []);
    if let Err(Some(required)) = written.as_ref().map_err(TooSmall::required) {
        out.resize(before + required, 0);
        written = encode(out.get_mut(before..).unwrap_or_default());
    }
    let written = written.inspect_err(|_| out.truncate(before))?;
    out.truncate(before + written);
    Ok(())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::AlertReceived(alert) => Self::Alert(alert),
            other => match tls::refusal(&other) {
                Some(refusal) => Self::Certificate(refusal.clone()),
                None => Self::Tls(other),
            },
        }
    }
}
