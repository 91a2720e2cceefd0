//! The thread that announces a printer and answers searches.

use super::manners::{Announcing, Audience};
use super::notice::{Notice, SEARCH_PORT};
use crate::{clock, door};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often searches are looked for.
const SLICE: Duration = Duration::from_millis(100);

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

/// What was said and heard, counted since the printer was started.
#[derive(Debug, Clone, Copy, Default)]
pub struct AirSeen {
    /// Announcements sent, one for each address.
    pub announced: u64,
    /// Searches heard on port 1990.
    pub searches: u64,
    /// Those that were answered.
    pub answered: u64,
}

/// What the speaker and its printer share.
pub(crate) struct Air {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    notice: Notice,
    /// Whether it announces itself at all.
    speaks: bool,
    /// A printer that is switched off says nothing.
    away: bool,
    stopping: bool,
    /// Counts the changes after which sockets are to be opened again and the announcement is due.
    turn: u64,
    seen: AirSeen,
}

impl Air {
    pub(crate) fn new(notice: Notice, speaks: bool) -> Self {
        let state = State { notice, speaks, away: false, stopping: false, turn: 0, seen: AirSeen::default() };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(crate) fn announce(&self, manners: Option<Announcing>) {
        self.change(|state| {
            state.speaks = manners.is_some();
            state.notice.manners = manners.unwrap_or_default();
        });
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.change(|state| state.away = away);
    }

    pub(crate) fn move_to(&self, location: IpAddr) {
        self.change(|state| state.notice.location = location);
    }

    pub(crate) fn manners(&self) -> Option<Announcing> {
        let state = self.lock();
        state.speaks.then(|| state.notice.manners.clone())
    }

    pub(crate) fn notice(&self) -> Notice {
        self.lock().notice.clone()
    }

    pub(crate) fn seen(&self) -> AirSeen {
        self.lock().seen
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        state.turn += 1;
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, note: impl FnOnce(&mut AirSeen)) {
        note(&mut self.lock().seen);
    }
}

/// The running thread; dropping it ends it.
pub(crate) struct Speaker {
    air: Arc<Air>,
    thread: Option<JoinHandle<()>>,
}

impl Speaker {
    pub(crate) fn start(air: &Arc<Air>) -> io::Result<Self> {
        let shared = Arc::clone(air);
        let thread = door::spawn("vp-air", move || run(&shared))?;
        Ok(Self { air: Arc::clone(air), thread: Some(thread) })
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.air.change(|state| state.stopping = true);
        if let Some(thread) = self.thread.take() {
            // A panic in it was printed where it happened.
            let _ = thread.join();
        }
    }
}

fn run(air: &Air) {
    let mut state = air.lock();
    while !state.stopping {
        if !state.speaks || state.away {
            state = air.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        let (notice, turn) = (state.notice.clone(), state.turn);
        drop(state);
        speak(air, &notice, turn);
        state = air.lock();
    }
}

/// Announces this until something changes.
fn speak(air: &Air, notice: &Notice, turn: u64) {
    let (model, manners) = (notice.model, &notice.manners);
    let audience = match &manners.to {
        Audience::AsModel => model.audience(),
        Audience::Only(addresses) => addresses.clone(),
    };
    let every = manners.every.unwrap_or(model.announces_every());
    // On the listener's own address, its packets would come back to this printer's ports.
    let shares_address = audience.iter().any(|address| address.ip() == notice.location);
    let mouth = mouth(notice, shares_address);
    let answers = manners.answers.unwrap_or(model.answers_searches()) && !shares_address;
    let ears = if answers { ears(notice.location) } else { Vec::new() };
    let mut due = clock::now();
    loop {
        if clock::now() >= due {
            due += every;
            announce(air, &mouth, notice, &audience);
        }
        for ear in &ears {
            answer(air, ear, &mouth, notice);
        }
        if !air.rests(turn, due.min(clock::now() + SLICE)) {
            return;
        }
    }
}

impl Air {
    /// Waits until then; `false` where something changed.
    fn rests(&self, turn: u64, until: Instant) -> bool {
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(clock::now());
            if state.turn != turn {
                return false;
            }
            if left.is_zero() {
                return true;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn announce(air: &Air, mouth: &io::Result<UdpSocket>, notice: &Notice, audience: &[SocketAddr]) {
    let text = notice.notify();
    for address in audience {
        let Ok(mouth) = mouth.as_ref().inspect_err(|error| log::debug!("{}: {error}", notice.serial)) else { return };
        // Counted first: who hears it may look at once.
        air.note(|seen| seen.announced += 1);
        if let Err(error) = mouth.send_to(text.as_bytes(), address) {
            log::debug!("{}: {address} cannot be told: {error}", notice.serial);
        }
    }
}

fn answer(air: &Air, ear: &UdpSocket, mouth: &io::Result<UdpSocket>, notice: &Notice) {
    let mut packet = [0; 2048];
    while let Ok((count, from)) = ear.recv_from(&mut packet) {
        if !packet[..count].starts_with(b"M-SEARCH ") {
            continue;
        }
        air.note(|seen| {
            seen.searches += 1;
            seen.answered += u64::from(mouth.is_ok());
        });
        if let Ok(mouth) = mouth {
            let _ = mouth.send_to(notice.answer().as_bytes(), from);
        }
    }
}

/// From the model's own port, where that can be had.
fn mouth(notice: &Notice, shares_address: bool) -> io::Result<UdpSocket> {
    let port = if shares_address { 0 } else { notice.model.speaks_from() };
    let open = |port| socket(SocketAddr::new(notice.location, port));
    let socket = open(port).or_else(|_| open(0))?;
    socket.set_broadcast(true)?;
    if let IpAddr::V4(own) = notice.location {
        socket2::SockRef::from(&socket).set_multicast_if_v4(&own)?;
    }
    Ok(socket)
}

/// For searches that were sent to this printer, to everybody and to the group. A socket for each, since one for all would
/// take what other programs on this machine are sent.
fn ears(own: IpAddr) -> Vec<UdpSocket> {
    let IpAddr::V4(own) = own else { return Vec::new() };
    let open = |address: Ipv4Addr| {
        let socket = socket(SocketAddr::new(address.into(), SEARCH_PORT))?;
        if address == GROUP {
            socket.join_multicast_v4(&GROUP, &own)?;
        }
        Ok(socket)
    };
    let said = |error: &io::Error| log::debug!("{own} hears less: {error}");
    [own, Ipv4Addr::BROADCAST, GROUP].into_iter().filter_map(|address| open(address).inspect_err(said).ok()).collect()
}

/// Others may have the same port: programs that listen, and other printers on this machine.
fn socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
