//! A small RTSP client for the tests. It takes any certificate, unless told to refuse it.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};
use virtual_printer::{TlsVersion, VirtualPrinter};

pub const DEADLINE: Duration = Duration::from_secs(10);

/// Long enough for a local peer to have answered.
pub const SILENCE: Duration = Duration::from_millis(300);

pub struct Viewer {
    socket: Socket,
    tcp: TcpStream,
    inbox: Vec<u8>,
    code: &'static str,
    url: String,
    challenge: Option<String>,
    session: Option<String>,
    cseq: u32,
}

enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }
}

/// One RTP packet.
pub struct Rtp {
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

impl Rtp {
    /// The NAL unit's type, the fragmented one's for FU-A.
    pub fn kind(&self) -> u8 {
        match self.payload[0] & 31 {
            28 => self.payload[1] & 31,
            kind => kind,
        }
    }
}

/// What arrives between replies.
pub enum Interleaved {
    Rtp(Rtp),
    Rtcp,
    Reply(Reply),
}

impl Viewer {
    pub fn connect(printer: &VirtualPrinter) -> io::Result<Self> {
        Self::connect_with(printer, &[&rustls::version::TLS12, &rustls::version::TLS13], DEADLINE)
    }

    pub fn connect_with(
        printer: &VirtualPrinter,
        versions: &[&'static rustls::SupportedProtocolVersion],
        patience: Duration,
    ) -> io::Result<Self> {
        Self::open(printer, versions, patience, Believes::Everybody)
    }

    /// Refuses the certificate, and tells what came of it.
    pub fn refuse_certificate(printer: &VirtualPrinter) -> io::Error {
        Self::open(printer, &[&rustls::version::TLS12], DEADLINE, Believes::Nobody).err().unwrap()
    }

    fn open(
        printer: &VirtualPrinter,
        versions: &[&'static rustls::SupportedProtocolVersion],
        patience: Duration,
        believes: Believes,
    ) -> io::Result<Self> {
        let tcp = TcpStream::connect_timeout(&printer.address(), DEADLINE)?;
        tcp.set_read_timeout(Some(patience))?;
        let handle = tcp.try_clone()?;
        let socket = if printer.camera().behaviour().tls.version == TlsVersion::Plain {
            Socket::Plain(tcp)
        } else {
            let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
                .with_protocol_versions(versions)
                .unwrap()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(believes))
                .with_no_client_auth();
            let name = ServerName::try_from(printer.serial().to_owned()).unwrap();
            let tls = ClientConnection::new(Arc::new(config), name).unwrap();
            let mut socket = StreamOwned::new(tls, tcp);
            while socket.conn.is_handshaking() {
                socket.conn.complete_io(&mut socket.sock)?;
            }
            Socket::Tls(Box::new(socket))
        };
        let url = printer.rtsp_url();
        Ok(Self {
            socket,
            tcp: handle,
            inbox: Vec::new(),
            code: "12345678",
            url,
            challenge: None,
            session: None,
            cseq: 0,
        })
    }

    /// Connects and presses play.
    pub fn play(printer: &VirtualPrinter) -> Self {
        let mut viewer = Self::connect(printer).unwrap();
        viewer.describe();
        viewer.set_up();
        assert_eq!(viewer.ask("PLAY", "").status, 200);
        viewer
    }

    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    pub fn describe(&mut self) -> Reply {
        let reply = self.ask("DESCRIBE", "Accept: application/sdp\r\n");
        assert_eq!(reply.status, 200, "{}", reply.head);
        reply
    }

    pub fn set_up(&mut self) {
        let reply = self.request(
            "SETUP",
            &format!("{}/track1", self.url),
            "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
        );
        assert_eq!(reply.status, 200, "{}", reply.head);
        self.session = Some(reply.header("Session").split(';').next().unwrap().to_owned());
    }

    pub fn ask(&mut self, method: &str, headers: &str) -> Reply {
        self.request(method, &self.url.clone(), headers)
    }

    /// Sends a request, answers one challenge, and skips what is interleaved.
    pub fn request(&mut self, method: &str, uri: &str, headers: &str) -> Reply {
        for _ in 0..2 {
            self.send(method, uri, headers);
            let reply = self.reply();
            if reply.status != 401 {
                return reply;
            }
            let again = reply.head.contains("stale=true") || self.challenge.is_none();
            self.challenge = Some(reply.header("WWW-Authenticate").to_owned());
            if !again {
                return reply;
            }
        }
        Reply { status: 401, head: String::new(), body: String::new() }
    }

    pub fn send(&mut self, method: &str, uri: &str, headers: &str) {
        self.cseq += 1;
        let session = self.session.as_ref().map(|id| format!("Session: {id}\r\n")).unwrap_or_default();
        let proof = self.challenge.as_ref().map(|challenge| self.proof(challenge, method, uri)).unwrap_or_default();
        let text = format!("{method} {uri} RTSP/1.0\r\nCSeq: {}\r\n{session}{proof}{headers}\r\n", self.cseq);
        self.write(text.as_bytes()).unwrap();
    }

    pub fn reply(&mut self) -> Reply {
        loop {
            if let Interleaved::Reply(reply) = self.next().unwrap() {
                return reply;
            }
        }
    }

    /// The next RTP packet.
    pub fn rtp(&mut self) -> Rtp {
        loop {
            if let Interleaved::Rtp(rtp) = self.next().unwrap() {
                return rtp;
            }
        }
    }

    /// The packets of the next whole picture.
    pub fn picture(&mut self) -> Vec<Rtp> {
        let mut packets = Vec::new();
        loop {
            packets.push(self.rtp());
            if packets.last().is_some_and(|packet| packet.marker) {
                return packets;
            }
        }
    }

    pub fn next(&mut self) -> io::Result<Interleaved> {
        if self.peek()? == b'$' {
            let head = self.take(4)?;
            let frame = self.take(usize::from(u16::from_be_bytes([head[2], head[3]])))?;
            if head[1] != 0 {
                return Ok(Interleaved::Rtcp);
            }
            return Ok(Interleaved::Rtp(Rtp {
                marker: frame[1] & 0x80 != 0,
                sequence: u16::from_be_bytes([frame[2], frame[3]]),
                timestamp: u32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]),
                payload: frame[12..].to_vec(),
            }));
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.take(1)?);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")?.parse::<usize>().ok());
        let body = match length {
            // Four gigabytes are not waited for.
            Some(length) if length < 100_000 => String::from_utf8(self.take(length)?).unwrap(),
            _ => String::new(),
        };
        Ok(Interleaved::Reply(Reply { status, head, body }))
    }

    /// Bytes as they come, framed or not.
    pub fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.inbox.len() < count {
            self.fill()?;
        }
        Ok(self.inbox.drain(..count).collect())
    }

    /// Whether nothing at all arrives for a while.
    pub fn is_silent(&mut self) -> bool {
        self.tcp.set_read_timeout(Some(SILENCE)).unwrap();
        let silent = self.inbox.is_empty()
            && self.fill().is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        self.tcp.set_read_timeout(Some(DEADLINE)).unwrap();
        silent
    }

    /// Reads to the connection's end, and tells how it ended.
    pub fn end(&mut self) -> ErrorKind {
        loop {
            match self.fill() {
                Ok(()) => self.inbox.clear(),
                Err(error) => return error.kind(),
            }
        }
    }

    pub fn certificate(&self) -> Vec<u8> {
        match &self.socket {
            Socket::Tls(socket) => socket.conn.peer_certificates().unwrap()[0].to_vec(),
            Socket::Plain(_) => Vec::new(),
        }
    }

    pub fn chain_length(&self) -> usize {
        match &self.socket {
            Socket::Tls(socket) => socket.conn.peer_certificates().unwrap().len(),
            Socket::Plain(_) => 0,
        }
    }

    /// The next byte, left where it is.
    pub fn peek(&mut self) -> io::Result<u8> {
        while self.inbox.is_empty() {
            self.fill()?;
        }
        Ok(self.inbox[0])
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16_384];
        let count = match &mut self.socket {
            Socket::Plain(tcp) => tcp.read(&mut buffer)?,
            Socket::Tls(tls) => tls.read(&mut buffer)?,
        };
        self.inbox.extend_from_slice(&buffer[..count]);
        if count == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.socket {
            Socket::Plain(tcp) => tcp.write_all(bytes),
            Socket::Tls(tls) => tls.write_all(bytes),
        }
    }

    fn proof(&self, challenge: &str, method: &str, uri: &str) -> String {
        if challenge.starts_with("Basic ") {
            // printf bblp:12345678 | base64
            return "Authorization: Basic YmJscDoxMjM0NTY3OA==\r\n".to_owned();
        }
        let field = |name: &str| challenge.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let (realm, nonce) = (field("realm").unwrap(), field("nonce").unwrap());
        let secret = md5(&format!("bblp:{realm}:{}", self.code));
        let action = md5(&format!("{method}:{uri}"));
        let start =
            format!("Authorization: Digest username=\"bblp\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\"");
        if field("qop").is_some() {
            let response = md5(&format!("{secret}:{nonce}:00000001:c0ffee:auth:{action}"));
            return format!("{start}, qop=auth, nc=00000001, cnonce=\"c0ffee\", response=\"{response}\"\r\n");
        }
        format!("{start}, response=\"{}\"\r\n", md5(&format!("{secret}:{nonce}:{action}")))
    }
}

fn md5(text: &str) -> String {
    use md5::{Digest, Md5};
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "the tests' one place of it")]
pub fn now() -> Instant {
    Instant::now()
}

/// Whose certificates it takes.
#[derive(Debug, Clone, Copy)]
pub enum Believes {
    Everybody,
    Nobody,
}

impl ServerCertVerifier for Believes {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self {
            Self::Everybody => Ok(ServerCertVerified::assertion()),
            Self::Nobody => Err(Error::General("not this one".to_owned())),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
