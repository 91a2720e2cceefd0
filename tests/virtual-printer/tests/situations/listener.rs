//! A small MQTT client for the tests, byte by byte. It believes any certificate.

use crate::viewer::{Believes, DEADLINE, SILENCE, now};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use virtual_printer::VirtualPrinter;

pub struct Listener {
    tls: StreamOwned<ClientConnection, TcpStream>,
    serial: String,
}

/// A packet's first byte and what follows its length.
#[derive(Debug)]
pub struct Packet(pub u8, pub Vec<u8>);

impl Listener {
    /// Connects, and says CONNECT. The answer is still to be read.
    pub fn greet(printer: &VirtualPrinter, client_id: &str, code: &str) -> io::Result<Self> {
        let tcp = TcpStream::connect_timeout(&printer.mqtt_address(), DEADLINE)?;
        tcp.set_read_timeout(Some(DEADLINE))?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Believes::Everybody))
            .with_no_client_auth();
        let name = ServerName::try_from(printer.serial().to_owned()).unwrap();
        let tls = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), tcp);
        let mut listener = Self { tls, serial: printer.serial().to_owned() };
        let body = [b"\0\x04MQTT\x04\xC2\0\x01", &text(client_id)[..], &text("bblp"), &text(code)].concat();
        listener.send(0x10, &body)?;
        Ok(listener)
    }

    /// Connects and is accepted.
    pub fn connect(printer: &VirtualPrinter, client_id: &str) -> Self {
        let mut listener = Self::greet(printer, client_id, "12345678").unwrap();
        let answer = listener.next().unwrap();
        assert_eq!((answer.0, &answer.1[..]), (0x20, &[0, 0][..]));
        listener
    }

    /// Connects and listens to the printer's reports.
    pub fn listen(printer: &VirtualPrinter) -> Self {
        let mut listener = Self::connect(printer, "test");
        let topic = format!("device/{}/report", listener.serial);
        listener.subscribe(&topic).unwrap();
        listener
    }

    pub fn subscribe(&mut self, filter: &str) -> io::Result<()> {
        self.send(0x82, &[b"\0\x01", &text(filter)[..], &[0]].concat())?;
        let answer = self.next()?;
        assert_eq!((answer.0, &answer.1[..]), (0x90, &[0, 1, 0][..]));
        Ok(())
    }

    /// Sends a request; with a packet id at QoS 1.
    pub fn request(&mut self, message: &str, id: Option<u16>) {
        let topic = text(&format!("device/{}/request", self.serial));
        let id_bytes = id.map(u16::to_be_bytes);
        let body = [&topic[..], id_bytes.as_ref().map_or(&[], |id| &id[..]), message.as_bytes()].concat();
        self.send(if id.is_some() { 0x32 } else { 0x30 }, &body).unwrap();
    }

    /// Sends a packet.
    pub fn send(&mut self, first: u8, body: &[u8]) -> io::Result<()> {
        assert!(body.len() < 0x4000);
        let length = [(body.len() & 0x7F) as u8 | 0x80, (body.len() >> 7) as u8];
        self.tls.write_all(&[&[first][..], &length, body].concat())
    }

    /// The next packet.
    pub fn next(&mut self) -> io::Result<Packet> {
        let [first] = self.take()?;
        let (mut length, mut shift) = (0, 0);
        loop {
            let [byte] = self.take()?;
            length |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.tls.read_exact(&mut body)?;
        Ok(Packet(first, body))
    }

    /// The next message's payload.
    pub fn message(&mut self) -> Vec<u8> {
        loop {
            let Packet(first, body) = self.next().unwrap();
            if first >> 4 == 3 {
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                return body[2 + topic..].to_vec();
            }
        }
    }

    /// The first message of which this is true, as JSON.
    pub fn wait_for(&mut self, mut is_it: impl FnMut(&Value) -> bool) -> Value {
        let started = now();
        while started.elapsed() < DEADLINE {
            let message = serde_json::from_slice(&self.message()).unwrap_or(Value::Null);
            if is_it(&message) {
                return message;
            }
        }
        panic!("it did not come within {DEADLINE:?}");
    }

    /// Whether nothing at all arrives for longer than any model waits between two reports that are due.
    pub fn stays_silent(&mut self) -> bool {
        (0..8).all(|_| self.is_silent())
    }

    /// Whether nothing at all arrives for a while.
    pub fn is_silent(&mut self) -> bool {
        self.tls.sock.set_read_timeout(Some(SILENCE)).unwrap();
        let silent = self.next().is_err_and(|e| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        self.tls.sock.set_read_timeout(Some(DEADLINE)).unwrap();
        silent
    }

    /// Reads to the connection's end, and tells how it ended.
    pub fn end(&mut self) -> ErrorKind {
        loop {
            if let Err(error) = self.next() {
                return error.kind();
            }
        }
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.tls.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}
