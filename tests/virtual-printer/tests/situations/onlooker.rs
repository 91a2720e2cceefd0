//! A small client of port 6000 for the tests. It believes any certificate, and reads TLS records one by one.

use crate::viewer::{Believes, DEADLINE, SILENCE};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use virtual_printer::{VirtualPrinter, picture_number};

pub struct Onlooker {
    tls: ClientConnection,
    pub tcp: TcpStream,
}

/// A header's four numbers, and what follows it.
pub struct Picture {
    pub head: [u32; 4],
    pub file: Vec<u8>,
}

impl Picture {
    pub fn number(&self) -> u64 {
        picture_number(&self.file).unwrap()
    }
}

pub fn config() -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Believes::Everybody))
        .with_no_client_auth();
    Arc::new(config)
}

/// The client's only message.
pub fn login(code: &str) -> [u8; 80] {
    let mut login = [0; 80];
    login[0] = 64;
    login[5] = 0x30;
    login[16..20].copy_from_slice(b"bblp");
    login[48..48 + code.len()].copy_from_slice(code.as_bytes());
    login
}

impl Onlooker {
    /// Connects and shakes hands.
    pub fn greet(printer: &VirtualPrinter) -> io::Result<Self> {
        Self::greet_with(printer, config())
    }

    pub fn greet_with(printer: &VirtualPrinter, config: Arc<ClientConfig>) -> io::Result<Self> {
        let mut onlooker = Self::knock(printer, config)?;
        onlooker.shake_hands()?;
        Ok(onlooker)
    }

    /// Connects and says hello; the answer is still to be read.
    pub fn knock(printer: &VirtualPrinter, config: Arc<ClientConfig>) -> io::Result<Self> {
        let tcp = TcpStream::connect_timeout(&printer.jpeg_address(), DEADLINE)?;
        tcp.set_read_timeout(Some(DEADLINE))?;
        let name = ServerName::try_from(printer.serial().to_owned()).unwrap();
        let mut onlooker = Self { tls: ClientConnection::new(config, name).unwrap(), tcp };
        onlooker.flush()?;
        Ok(onlooker)
    }

    pub fn shake_hands(&mut self) -> io::Result<()> {
        while self.tls.is_handshaking() {
            self.tls.complete_io(&mut self.tcp)?;
        }
        assert_eq!(self.tls.protocol_version(), Some(ProtocolVersion::TLSv1_2));
        Ok(())
    }

    pub fn is_resumed(&self) -> bool {
        self.tls.handshake_kind() != Some(HandshakeKind::Full)
    }

    pub fn certificate(&self) -> Vec<u8> {
        self.tls.peer_certificates().unwrap()[0].to_vec()
    }

    /// Connects and logs in.
    pub fn watch(printer: &VirtualPrinter) -> Self {
        let mut onlooker = Self::greet(printer).unwrap();
        onlooker.say(&login("12345678")).unwrap();
        onlooker
    }

    pub fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tls.writer().write_all(bytes)?;
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.tcp)?;
        }
        Ok(())
    }

    /// What is in the next record; empty at the end of the connection.
    pub fn record(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let mut head = [0; 5];
            match self.tcp.read_exact(&mut head) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Vec::new()),
                result => result?,
            }
            let mut record = head.to_vec();
            record.resize(5 + usize::from(u16::from_be_bytes([head[3], head[4]])), 0);
            self.tcp.read_exact(&mut record[5..])?;
            let mut rest = &record[..];
            while !rest.is_empty() {
                self.tls.read_tls(&mut rest)?;
            }
            let state = self.tls.process_new_packets().map_err(io::Error::other)?;
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            self.tls.reader().read_exact(&mut plain)?;
            if !plain.is_empty() || state.peer_has_closed() {
                return Ok(plain);
            }
        }
    }

    /// The next picture, of as many bytes as its header says.
    pub fn picture(&mut self) -> Picture {
        self.try_picture().unwrap()
    }

    pub fn try_picture(&mut self) -> io::Result<Picture> {
        let head = self.head()?;
        let mut file = Vec::new();
        while file.len() < head[0] as usize {
            let record = self.record()?;
            if record.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            assert!(record.len() <= 4096, "{}", record.len());
            file.extend(record);
        }
        assert_eq!(file.len(), head[0] as usize);
        Ok(Picture { head, file })
    }

    /// A header, in a record of its own.
    pub fn head(&mut self) -> io::Result<[u32; 4]> {
        let record = self.record()?;
        if record.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let record: [u8; 16] = record.try_into().unwrap_or_else(|record| panic!("no header: {record:?}"));
        Ok(numbers(&record))
    }

    /// Whether nothing at all arrives for a while.
    pub fn is_silent(&mut self) -> bool {
        self.tcp.set_read_timeout(Some(SILENCE)).unwrap();
        let silent =
            self.tcp.peek(&mut [0]).is_err_and(|e| matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        self.tcp.set_read_timeout(Some(DEADLINE)).unwrap();
        silent
    }
}

pub fn numbers(head: &[u8; 16]) -> [u32; 4] {
    std::array::from_fn(|at| u32::from_le_bytes(std::array::from_fn(|byte| head[4 * at + byte])))
}
