//! The handle on a printer's camera: what its threads share, what a test tells it and asks it.

use crate::behaviour::{Behaviour, Door};
use crate::clock;
use crate::jpeg::Dirt;
use crate::machine::Model;
use crate::mqtt::Hub;
use crate::seen::{FrameSent, Seen, WaitedInVain};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Opening and closing the port is over in no time; a test that waits longer is told so.
const DOOR_DEADLINE: Duration = Duration::from_secs(5);

/// The camera of a running [`VirtualPrinter`](crate::VirtualPrinter). Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Camera(pub(crate) Arc<Shared>);

/// What is put into the stream once, between two pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Injection {
    /// These bytes, as they are.
    Bytes(Vec<u8>),
    /// Bytes that are neither an interleaved frame nor RTSP.
    Garbage(usize),
    /// A NAL unit of this size, in sound FU-A packets.
    HugeNal(usize),
}

/// What happens to single packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is not sent.
    Lose,
    /// It is sent after its successor.
    Swap,
    /// It is sent twice.
    Repeat,
}

impl Camera {
    /// Changes how the camera behaves from now on. Where the port is to be opened or closed, that is done on return.
    pub fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        let mut state = self.0.lock();
        change(Arc::make_mut(&mut state.behaviour));
        let door = state.behaviour.door;
        let must_close = door == Door::Refused && state.seen.listening;
        drop(state);
        self.0.notify();
        if must_close {
            self.0.wake_door();
        }
        // Only a panicked door thread could break this; then the test's next step tells.
        let _ = self.wait_until(|seen| seen.listening == (door != Door::Refused), DOOR_DEADLINE);
    }

    /// How the camera behaves, now.
    #[must_use]
    pub fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.0.lock().behaviour)
    }

    /// Behaves as it was set up; damage that was not done yet is called off, and orphans are reset.
    pub fn heal(&self) {
        let mut state = self.0.lock();
        state.owed = Owed::default();
        for connection in state.connections.values_mut().filter(|connection| connection.end == Some(End::Silence)) {
            connection.end = Some(End::Reset);
        }
        drop(state);
        let healthy = Behaviour::clone(&self.0.healthy);
        self.change(|behaviour| *behaviour = healthy);
    }

    /// Closes the port. Connections stay: see [`Camera::hang_up`] and [`Camera::reset`].
    pub fn refuse(&self) {
        self.change(|behaviour| behaviour.door = Door::Refused);
    }

    /// Opens the port again, the same one.
    pub fn open(&self) {
        self.change(|behaviour| behaviour.door = Door::Open);
    }

    /// Ends every connection with a TLS goodbye and FIN.
    pub fn hang_up(&self) {
        self.end_all(End::HangUp);
    }

    /// Ends every connection with RST.
    pub fn reset(&self) {
        self.end_all(End::Reset);
    }

    /// Makes orphans of the connections that there are: nothing is said or heard on them any more, and they keep their
    /// slots, as where a client's FIN was lost. Until [`Camera::reset`] or [`Camera::heal`].
    pub fn orphan(&self) {
        self.end_all(End::Silence);
    }

    /// Does this to the next `count` pictures on port 6000.
    pub fn soil(&self, dirt: Dirt, count: usize) {
        self.0.lock().owed.dirt.extend(std::iter::repeat_n(dirt, count));
    }

    /// Does this to the next `count` RTP packets.
    pub fn damage(&self, damage: Damage, count: u32) {
        let mut state = self.0.lock();
        match damage {
            Damage::Lose => state.owed.lose += count,
            Damage::Swap => state.owed.swap += count,
            Damage::Repeat => state.owed.repeat += count,
        }
    }

    /// Moves the RTP clock by so many ticks of 90 kHz; pictures go on at their pace.
    pub fn jump(&self, ticks_90k: i64) {
        let mut state = self.0.lock();
        state.owed.jump_90k = state.owed.jump_90k.wrapping_add(ticks_90k);
    }

    /// Puts something into the stream before the next picture.
    pub fn inject(&self, injection: Injection) {
        self.0.lock().owed.injections.push_back(injection);
    }

    /// What was seen and done so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.0.lock().seen.clone()
    }

    /// Waits until `arrived` holds, at most for `deadline`.
    ///
    /// # Errors
    /// When it did not come to hold.
    pub fn wait_until(&self, mut arrived: impl FnMut(&Seen) -> bool, deadline: Duration) -> Result<Seen, WaitedInVain> {
        let end = clock::now() + deadline;
        let mut state = self.0.lock();
        while !arrived(&state.seen) {
            let left = end.saturating_duration_since(clock::now());
            if left.is_zero() {
                return Err(WaitedInVain { waited: deadline, seen: Box::new(state.seen.clone()) });
            }
            state = self.0.wait(state, left);
        }
        Ok(state.seen.clone())
    }

    /// Moves the port to this address; connections end so. Done on return where the port is open and the address is there.
    pub(crate) fn move_to(&self, ip: IpAddr, end: End) {
        let mut state = self.0.lock();
        state.address.set_ip(ip);
        let (old, new) = (state.seen.address, state.address);
        drop(state);
        self.end_all(end);
        if let Some(old) = old {
            knock_at(old);
            // As in `change`.
            let _ = self.wait_until(|seen| seen.address == Some(new), DOOR_DEADLINE);
        }
    }

    fn end_all(&self, end: End) {
        let mut state = self.0.lock();
        for connection in state.connections.values_mut() {
            connection.end = Some(end);
        }
        drop(state);
        self.0.notify();
    }
}

/// What the threads of one port share.
pub(crate) struct Shared {
    pub(crate) serial: String,
    pub(crate) name: String,
    pub(crate) healthy: Behaviour,
    pub(crate) booted: Duration,
    pub(crate) born: Instant,
    pub(crate) frame_log: Option<Arc<Mutex<File>>>,
    pub(crate) service: Service,
    pub(crate) model: Model,
    state: Mutex<State>,
    changed: Condvar,
}

/// What is spoken behind a port.
pub(crate) enum Service {
    Rtsp,
    Jpeg,
    Mqtt(Arc<Mutex<Hub>>),
}

pub(crate) struct State {
    /// Where it listens, when it does.
    pub(crate) address: SocketAddr,
    pub(crate) behaviour: Arc<Behaviour>,
    pub(crate) seen: Seen,
    pub(crate) owed: Owed,
    pub(crate) connections: BTreeMap<u64, Connection>,
    pub(crate) stopping: bool,
}

/// One client's, as others see it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub(crate) end: Option<End>,
    pub(crate) stage: Stage,
    /// Since the how-manieth PLAY it has been playing.
    pub(crate) playing: Option<u64>,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    /// It is accepted.
    #[default]
    Knocking,
    /// It has said hello, and waits for a slot.
    Queued,
    /// It waits although its client has left.
    Corpse,
    /// It is answered.
    Answered,
    /// Its handshake is done.
    Greeted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    HangUp,
    Reset,
    /// Nothing more is said or heard, and the socket stays.
    Silence,
}

/// Damage that is still to be done.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    pub(crate) lose: u32,
    pub(crate) swap: u32,
    pub(crate) repeat: u32,
    pub(crate) jump_90k: i64,
    pub(crate) injections: VecDeque<Injection>,
    pub(crate) dirt: VecDeque<Dirt>,
}

impl State {
    /// Brings the counters of what is now up to date.
    pub(crate) fn recount(&mut self) {
        self.seen.connected = self.connections.len();
        self.seen.playing = self.connections.values().filter(|connection| connection.playing.is_some()).count();
        let count = |stages: &[Stage]| {
            self.connections.values().filter(|connection| stages.contains(&connection.stage)).count()
        };
        self.seen.outstanding = count(&[Stage::Knocking, Stage::Queued, Stage::Answered]);
        self.seen.most_outstanding = self.seen.most_outstanding.max(self.seen.outstanding);
        self.seen.queued = count(&[Stage::Queued, Stage::Corpse]);
        self.seen.corpses = count(&[Stage::Corpse]);
    }

    /// Whether it is this connection's turn: a slot is free, and nobody waited longer.
    fn has_slot_for(&self, id: u64) -> bool {
        let taken = self.connections.values().filter(|connection| connection.has_slot()).count();
        let first = self.connections.iter().find(|(_, connection)| connection.is_queued()).map(|(id, _)| *id);
        taken < self.behaviour.jpeg.slots && first == Some(id)
    }

    /// Client `id` gets pictures from now on.
    pub(crate) fn seat(&mut self, id: u64) {
        self.seen.plays += 1;
        let order = self.seen.plays;
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.playing = Some(order);
        }
        self.recount();
    }

    /// Lets client `id` play, at the price of the oldest where there are too many.
    pub(crate) fn admit(&mut self, id: u64) {
        self.seen.plays += 1;
        let order = self.seen.plays;
        let mut others: Vec<_> = self
            .connections
            .iter_mut()
            .filter(|(other, connection)| **other != id && connection.is_playing())
            .collect();
        others.sort_by_key(|(_, connection)| connection.playing);
        let room = self.behaviour.rtsp.clients.saturating_sub(1);
        let too_many = others.len().saturating_sub(room);
        for (_, connection) in others.into_iter().take(too_many) {
            connection.end = Some(End::HangUp);
            self.seen.kicked += 1;
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.playing = Some(order);
        }
        self.recount();
    }
}

impl Connection {
    fn is_playing(&self) -> bool {
        self.playing.is_some() && self.end.is_none()
    }

    fn is_queued(&self) -> bool {
        matches!(self.stage, Stage::Queued | Stage::Corpse)
    }

    fn has_slot(&self) -> bool {
        matches!(self.stage, Stage::Answered | Stage::Greeted)
    }
}

impl Shared {
    pub(crate) fn new(
        serial: String,
        name: String,
        behaviour: Behaviour,
        address: SocketAddr,
        frame_log: Option<Arc<Mutex<File>>>,
        (service, model): (Service, Model),
    ) -> Self {
        let state = State {
            address,
            behaviour: Arc::new(behaviour.clone()),
            seen: Seen::default(),
            owed: Owed::default(),
            connections: BTreeMap::new(),
            stopping: false,
        };
        Self {
            serial,
            name,
            healthy: behaviour,
            booted: clock::unix(),
            born: clock::now(),
            frame_log,
            service,
            model,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// A thread that panicked has left nothing half done here: every field is whole at any time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, at most for `span`.
    pub(crate) fn wait<'a>(&self, state: MutexGuard<'a, State>, span: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, span).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Changes what was seen, and tells everyone who waits for it.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.lock().seen);
        self.changed.notify_all();
    }

    /// Where it listens, when it does.
    pub(crate) fn address(&self) -> SocketAddr {
        self.lock().address
    }

    pub(crate) fn notify(&self) {
        self.changed.notify_all();
    }

    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        for connection in state.connections.values_mut() {
            if matches!(connection.end, None | Some(End::Silence)) {
                connection.end = Some(End::HangUp);
            }
        }
        drop(state);
        self.changed.notify_all();
        self.wake_door();
    }

    /// The door's thread waits in `accept`; a connection of our own makes it look up.
    fn wake_door(&self) {
        let address = self.lock().seen.address;
        if let Some(address) = address {
            knock_at(address);
        }
    }

    pub(crate) fn log_frame(&self, frame: FrameSent) {
        let Some(log) = &self.frame_log else { return };
        let line = format!("{} {} {:.6}\n", self.name, frame.index, frame.unix_s);
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = log.write_all(line.as_bytes()) {
            log::warn!("frame log: {error}");
        }
    }
}

fn knock_at(address: SocketAddr) {
    let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
}

/// What a connection's thread holds of the camera.
pub(crate) struct Leash {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: u64,
}

impl Leash {
    /// How the connection is to end, if it is.
    pub(crate) fn end(&self) -> Option<End> {
        self.shared.lock().connections.get(&self.id).map_or(Some(End::HangUp), |connection| connection.end)
    }

    /// Whether the client is to be told that it ends.
    pub(crate) fn parts_politely(&self) -> bool {
        matches!(self.end(), None | Some(End::HangUp))
    }

    /// Ends the connection so.
    pub(crate) fn pull(&self, end: End) {
        if let Some(connection) = self.shared.lock().connections.get_mut(&self.id) {
            connection.end = Some(end);
        }
    }

    /// Tells how far the connection has come.
    pub(crate) fn advance(&self, stage: Stage) {
        let mut state = self.shared.lock();
        if let Some(connection) = state.connections.get_mut(&self.id) {
            connection.stage = stage;
        }
        state.recount();
        drop(state);
        self.shared.notify();
    }

    /// Takes a slot if it is this connection's turn; else waits a little for it.
    pub(crate) fn takes_slot(&self, span: Duration) -> bool {
        let mut state = self.shared.lock();
        if !state.has_slot_for(self.id) {
            state = self.shared.wait(state, span);
        }
        let is_its_turn = state.has_slot_for(self.id);
        if let Some(connection) = state.connections.get_mut(&self.id).filter(|_| is_its_turn) {
            connection.stage = Stage::Answered;
        }
        state.recount();
        drop(state);
        self.shared.notify();
        is_its_turn
    }

    /// Stays for as long as there is to be silence.
    pub(crate) fn keep_silence(&self) {
        let mut state = self.shared.lock();
        while state.connections.get(&self.id).is_some_and(|connection| connection.end == Some(End::Silence)) {
            state = self.shared.wait(state, Duration::from_secs(1));
        }
    }

    pub(crate) fn is_pulled(&self) -> bool {
        self.end().is_some()
    }

    pub(crate) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&self.shared.lock().behaviour)
    }

    pub(crate) fn bytes_per_s(&self) -> Option<u32> {
        self.shared.lock().behaviour.bytes_per_s
    }

    /// Waits for `span`, unless the connection is to end sooner.
    pub(crate) fn pause(&self, span: Duration) {
        let end = clock::now() + span;
        let mut state = self.shared.lock();
        while state.connections.get(&self.id).is_some_and(|connection| connection.end.is_none()) {
            let left = end.saturating_duration_since(clock::now());
            if left.is_zero() {
                return;
            }
            state = self.shared.wait(state, left);
        }
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.connections.remove(&self.id);
        state.recount();
        drop(state);
        self.shared.notify();
    }
}
