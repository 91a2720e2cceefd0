//! One client's connection, from its first byte to its end: TLS, requests, pictures, all on one thread.

use crate::behaviour::{Behaviour, Door, Stall, TlsManners, TlsVersion};
use crate::camera::{End, Leash, Service, Stage};
use crate::digest::Gate;
use crate::noise::Noise;
use crate::rtsp::{self, Incoming};
use crate::seen::{FrameSent, Seen};
use crate::stream::Stream;
use crate::wire::{Input, Wire};
use crate::{certificate, clock, hello, jpeg, mqtt, rtp};
use rustls::ServerConfig;
use rustls::server::{Accepted, Acceptor};
use rustls::sign::SingleCertAndKey;
use std::io::{self, ErrorKind, Read};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing is looked at while nothing arrives and nothing is due.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// Pictures that are sent, if so many are due, before the client is listened to.
const PICTURES_AT_A_TIME: usize = 16;

/// Handshake to end, when the client does not go on with it.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(30);

/// Serves a connection until one side ends it. The socket is closed before the leash, by which others see that.
pub(crate) fn serve(leash: &Leash, tcp: TcpStream) {
    // An RST is sent where the last handle on a socket is closed: here.
    let Ok(handle) = tcp.try_clone() else { return };
    let result = match leash.behaviour().door {
        Door::ClosesAtOnce | Door::Refused => return,
        Door::Silent => be_silent(&tcp, leash),
        Door::Open => match &leash.shared.service {
            Service::Mqtt(hub) => mqtt::serve(tcp, leash, hub),
            Service::Jpeg => jpeg::serve(tcp, leash),
            Service::Rtsp => Client::open(tcp, leash).and_then(|mut client| {
                let result = client.run();
                if result.is_err() && !leash.is_pulled() {
                    client.hear_last_words();
                }
                if leash.parts_politely() {
                    client.wire.close();
                }
                result
            }),
        },
    };
    leash.keep_silence();
    if leash.end() == Some(End::Reset) {
        let _ = socket2::SockRef::from(&handle).set_linger(Some(Duration::ZERO));
    }
    match result {
        Ok(()) => log::debug!("{}: connection {} ended", leash.shared.serial, leash.id),
        Err(error) => log::debug!("{}: connection {} ended: {error}", leash.shared.serial, leash.id),
    }
}

/// Takes what comes, and says nothing.
fn be_silent(mut tcp: &TcpStream, leash: &Leash) -> io::Result<()> {
    tcp.set_read_timeout(Some(SLICE))?;
    while !leash.is_pulled() {
        match tcp.read(&mut [0; 4096]) {
            Ok(0) => return Ok(()),
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

pub(crate) struct Client<'a> {
    pub(crate) wire: Wire,
    pub(crate) leash: &'a Leash,
    inbox: Vec<u8>,
    pub(crate) gate: Gate,
    pub(crate) local: IpAddr,
    pub(crate) peer: IpAddr,
    pub(crate) session: Option<Session>,
    pub(crate) noise: Noise,
}

/// What SETUP made.
pub(crate) struct Session {
    pub(crate) id: u32,
    pub(crate) channel: u8,
    /// The client's last sign of life.
    pub(crate) alive: Instant,
    pub(crate) plays_since: Option<Instant>,
    pub(crate) stream: Option<Stream>,
}

impl<'a> Client<'a> {
    fn open(tcp: TcpStream, leash: &'a Leash) -> io::Result<Self> {
        let (local, peer) = (tcp.local_addr()?.ip(), tcp.peer_addr()?.ip());
        let mut noise = Noise::new(clock::unix().as_nanos() as u64 ^ leash.id << 48);
        let mut inbox = Vec::new();
        let wire = shake_hands(tcp, &mut inbox, leash)?;
        let gate = Gate::new(noise.next());
        Ok(Self { wire, leash, inbox, gate, local, peer, session: None, noise })
    }

    fn run(&mut self) -> io::Result<()> {
        self.answer_all(&self.leash.behaviour())?;
        while !self.leash.is_pulled() {
            let behaviour = self.leash.behaviour();
            if behaviour.stall == Some(Stall::Everything) {
                self.leash.pause(SLICE);
                continue;
            }
            self.expire(&behaviour);
            if self.has_played_enough(&behaviour) {
                self.leash.shared.note(|seen| seen.cut_short += 1);
                return Ok(());
            }
            let mut look_again = self.send_due(&behaviour)?;
            // More than one at a time where the clock of the socket's timeout is too coarse for the pace.
            for _ in 0..PICTURES_AT_A_TIME {
                if look_again > clock::now() {
                    break;
                }
                look_again = self.send_due(&behaviour)?;
            }
            match self.wire.read(&mut self.inbox, look_again)? {
                Input::Closed => return Ok(()),
                Input::Idle => {}
                Input::Bytes => self.answer_all(&behaviour)?,
            }
        }
        Ok(())
    }

    /// A client that says TEARDOWN and leaves makes the next picture fail; what it said is still there to be read.
    fn hear_last_words(&mut self) {
        let behaviour = self.leash.behaviour();
        while let Ok(Input::Bytes) = self.wire.read(&mut self.inbox, clock::now()) {
            let _ = self.answer_all(&behaviour);
        }
    }

    fn answer_all(&mut self, behaviour: &Behaviour) -> io::Result<()> {
        loop {
            match rtsp::take(&mut self.inbox) {
                Ok(None) => return Ok(()),
                Ok(Some(Incoming::Request(request))) => self.answer(&request, behaviour)?,
                Ok(Some(Incoming::Interleaved(rtcp))) => {
                    let answers = rtp::answers_a_sender_report(&rtcp);
                    self.leash.shared.note(|seen| seen.sender_reports_answered += u64::from(answers));
                    if let Some(session) = &mut self.session {
                        session.alive = clock::now();
                    }
                }
                Err(rtsp::Malformed) => {
                    self.send(&rtsp::bad_request(clock::unix()))?;
                    return Err(ErrorKind::InvalidData.into());
                }
            }
        }
    }

    /// Drops the session that nobody keeps alive. The socket stays, as with live555.
    fn expire(&mut self, behaviour: &Behaviour) {
        let timeout = behaviour.rtsp.session_timeout;
        if self.session.take_if(|session| session.alive.elapsed() > timeout).is_some() {
            self.stopped_playing(|seen| seen.sessions_expired += 1);
        }
    }

    fn has_played_enough(&self, behaviour: &Behaviour) -> bool {
        let since = self.session.as_ref().and_then(|session| session.plays_since);
        behaviour.rtsp.play_limit.zip(since).is_some_and(|(limit, since)| since.elapsed() > limit)
    }

    pub(crate) fn stopped_playing(&self, note: impl FnOnce(&mut Seen)) {
        let mut state = self.leash.shared.lock();
        if let Some(connection) = state.connections.get_mut(&self.leash.id) {
            connection.playing = None;
        }
        state.recount();
        note(&mut state.seen);
        drop(state);
        self.leash.shared.notify();
    }

    /// Sends what is due, and tells when to look again.
    fn send_due(&mut self, behaviour: &Behaviour) -> io::Result<Instant> {
        let now = clock::now();
        let idle = now + SLICE;
        let Some(stream) = self.session.as_mut().and_then(|session| session.stream.as_mut()) else { return Ok(idle) };
        if behaviour.stall == Some(Stall::Picture) {
            return Ok(idle);
        }
        let shared = &self.leash.shared;
        let mut out: Vec<_> = stream.report(&behaviour.video, now).into_iter().collect();
        if now >= stream.due() {
            let mut state = shared.lock();
            stream.jump(std::mem::take(&mut state.owed.jump_90k));
            let injections = std::mem::take(&mut state.owed.injections);
            state.seen.injections += injections.len() as u64;
            drop(state);
            shared.notify();
            out.extend(injections.into_iter().flat_map(|injection| stream.injection(injection)));
        }
        let picture = stream.picture(&behaviour.video, now);
        let frame = picture.map(|picture| {
            out.extend(stream.spoil(picture.packets, &mut shared.lock()));
            (FrameSent { index: picture.index, unix_s: clock::unix().as_secs_f64() }, picture.key)
        });
        let due = stream.due().min(idle);
        if !out.is_empty() {
            self.wire.write(out.iter().map(Vec::as_slice), self.leash)?;
        }
        if let Some((frame, key)) = frame {
            shared.log_frame(frame);
            shared.note(|seen| seen.note_frame(frame, key));
        }
        Ok(due)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.wire.write([bytes], self.leash)
    }
}

/// What arrives right behind the handshake's end is put into `inbox`.
pub(crate) fn shake_hands(tcp: TcpStream, inbox: &mut Vec<u8>, leash: &Leash) -> io::Result<Wire> {
    let manners = &leash.behaviour().tls;
    if manners.version == TlsVersion::Plain {
        return Wire::plain(tcp);
    }
    let result = greet(&tcp, leash).and_then(|(accepted, offers_tls13)| {
        if offers_tls13 && manners.version == TlsVersion::Tls12HangsOn13 {
            be_silent(&tcp, leash)?;
            return Err(ErrorKind::ConnectionAborted.into());
        }
        match leash.shared.service {
            Service::Jpeg => queue(&tcp, leash)?,
            Service::Rtsp | Service::Mqtt(_) => leash.advance(Stage::Answered),
        }
        answer_hello(tcp, accepted, manners, inbox, leash)
    });
    if result.is_ok() {
        leash.advance(Stage::Greeted);
    }
    leash.shared.note(|seen| match &result {
        Ok(_) => seen.handshakes += 1,
        Err(_) => seen.handshakes_failed += 1,
    });
    result
}

/// Reads the ClientHello, and tells whether it offers TLS 1.3.
fn greet(mut tcp: &TcpStream, leash: &Leash) -> io::Result<(Accepted, bool)> {
    const HANDSHAKE_RECORD: u8 = 22;
    tcp.set_read_timeout(Some(SLICE))?;
    let mut acceptor = Acceptor::default();
    let mut hello = Vec::new();
    let started = clock::now();
    while !leash.is_pulled() && started.elapsed() < HANDSHAKE_DEADLINE {
        let mut buffer = [0; 4096];
        let bytes = match tcp.read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => &buffer[..count],
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(error) => return Err(error),
        };
        if hello.is_empty() && bytes[0] != HANDSHAKE_RECORD {
            leash.shared.note(|seen| seen.plain_greetings += 1);
        }
        hello.extend_from_slice(bytes);
        acceptor.read_tls(&mut &*bytes)?;
        match acceptor.accept() {
            Ok(None) => {}
            Ok(Some(accepted)) => return Ok((accepted, hello::offers_tls13(&hello))),
            Err((error, mut alert)) => {
                alert.write_all(&mut tcp)?;
                return Err(io::Error::new(ErrorKind::InvalidData, error));
            }
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// Waits for a slot, also where the client has left meanwhile (BBY#2757: a P1S answered the hello of a client that had
/// said FIN long before).
fn queue(tcp: &TcpStream, leash: &Leash) -> io::Result<()> {
    leash.advance(Stage::Queued);
    let mut is_there = true;
    while !leash.takes_slot(SLICE) {
        if leash.is_pulled() {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        if is_there && has_left(tcp) {
            is_there = false;
            leash.advance(Stage::Corpse);
        }
    }
    Ok(())
}

fn has_left(tcp: &TcpStream) -> bool {
    let _ = tcp.set_nonblocking(true);
    let peeked = tcp.peek(&mut [0]);
    let _ = tcp.set_nonblocking(false);
    match peeked {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

fn answer_hello(
    tcp: TcpStream,
    accepted: Accepted,
    manners: &TlsManners,
    inbox: &mut Vec<u8>,
    leash: &Leash,
) -> io::Result<Wire> {
    let name = accepted.client_hello().server_name().map(str::to_owned);
    leash.shared.note(|seen| seen.server_name = name);
    leash.pause(manners.handshake_delay);
    let tls = accepted.into_connection(config(leash, manners)?).map_err(|(error, mut alert)| {
        let _ = alert.write_all(&mut &tcp);
        io::Error::new(ErrorKind::InvalidData, error)
    })?;
    let mut wire = Wire::tls(tcp, tls)?;
    let started = clock::now();
    while wire.is_handshaking() {
        wire.flush(leash)?;
        if let Input::Closed = wire.read(inbox, clock::now() + SLICE)? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if started.elapsed() > HANDSHAKE_DEADLINE {
            return Err(ErrorKind::TimedOut.into());
        }
    }
    wire.flush(leash)?;
    Ok(wire)
}

fn config(leash: &Leash, manners: &TlsManners) -> io::Result<Arc<ServerConfig>> {
    let versions: &[_] = match manners.version {
        TlsVersion::Tls13 => &[&rustls::version::TLS13],
        TlsVersion::Tls12 | TlsVersion::Tls12HangsOn13 | TlsVersion::Plain => &[&rustls::version::TLS12],
    };
    let key = certificate::certified_key(&leash.shared.serial, manners)
        .map_err(|_| io::Error::new(ErrorKind::InvalidInput, "no certificate can be made of this name"))?;
    let is_small = !leash.shared.model.has_rtsp();
    let mut provider = rustls::crypto::ring::default_provider();
    if is_small {
        // As a P1S does, which offers no resumption either.
        provider.kx_groups = vec![rustls::crypto::ring::kx_group::SECP256R1];
    }
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .map_err(io::Error::other)?
        .with_no_client_auth()
        // Not with_single_cert: it reads the certificate, and refuses X.509 v1.
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    if is_small {
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    }
    Ok(Arc::new(config))
}
