//! One client on port 6000: the login, then pictures until one side ends it.

use super::manners::{Dirt, JpegService};
use super::pace::Pace;
use super::{login, picture};
use crate::behaviour::{Behaviour, Stall};
use crate::camera::{End, Leash};
use crate::client::{self, SLICE};
use crate::clock;
use crate::noise::Noise;
use crate::seen::FrameSent;
use crate::wire::{Input, Wire};
use std::io;
use std::net::TcpStream;
use std::time::Duration;

/// A printer writes no longer records.
const RECORD: usize = 4096;

/// A client that takes nothing keeps its slot for so long, as field reports have it.
const ORPHANED_AFTER: Duration = Duration::from_secs(20 * 60);

/// A client that does not log in keeps its slot for so long; this number is ours.
const LOGIN_DEADLINE: Duration = Duration::from_secs(30);

/// Between the two records of a header that is cut.
const CUT: Duration = Duration::from_millis(50);

/// What X1, X2, P2 and H2 printers answer: a header, and eight bytes in a record of their own.
const NOT_SERVED_HERE: [&[u8]; 2] =
    [&[8, 0, 0, 0, 0x3F, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]];

/// Serves a connection until one side ends it.
pub(crate) fn serve(tcp: TcpStream, leash: &Leash) -> io::Result<()> {
    let mut inbox = Vec::new();
    let mut wire = client::shake_hands(tcp, &mut inbox, leash)?;
    wire.endure(ORPHANED_AFTER);
    let mut session = Session { wire, inbox, leash, pace: Pace::default() };
    let result = session.run();
    if leash.parts_politely() {
        session.wire.close();
    }
    result
}

struct Session<'a> {
    wire: Wire,
    inbox: Vec<u8>,
    leash: &'a Leash,
    pace: Pace,
}

impl Session<'_> {
    fn run(&mut self) -> io::Result<()> {
        let Some(login) = self.await_login()? else { return Ok(()) };
        let manners = &self.leash.behaviour().jpeg;
        let serves = match manners.service {
            JpegService::AsModel => !self.leash.shared.model.has_rtsp(),
            JpegService::Pictures => true,
            JpegService::NotServedHere => false,
        };
        if !serves {
            return self.wire.write(NOT_SERVED_HERE, self.leash);
        }
        if !login::is_right(&login, &manners.code) {
            self.leash.shared.note(|seen| seen.jpeg.logins_refused += 1);
            return Ok(());
        }
        self.leash.shared.lock().seat(self.leash.id);
        self.leash.shared.notify();
        self.send_pictures()
    }

    /// The login, however it is cut; `None` where the client leaves or says nothing.
    fn await_login(&mut self) -> io::Result<Option<[u8; login::LENGTH]>> {
        let end = clock::now() + LOGIN_DEADLINE;
        let mut pieces = u64::from(!self.inbox.is_empty());
        loop {
            if let Some((&login, rest)) = self.inbox.split_first_chunk() {
                let more = rest.len() as u64;
                self.leash.shared.note(|seen| {
                    seen.jpeg.logins += 1;
                    seen.jpeg.login_pieces = pieces;
                    seen.jpeg.bytes_after_login += more;
                });
                self.inbox.clear();
                return Ok(Some(login));
            }
            let now = clock::now();
            if self.leash.is_pulled() || now > end {
                return Ok(None);
            }
            match self.wire.read(&mut self.inbox, now + SLICE)? {
                Input::Closed => return Ok(None),
                Input::Idle => {}
                Input::Bytes => pieces += 1,
            }
        }
    }

    fn send_pictures(&mut self) -> io::Result<()> {
        while !self.leash.is_pulled() {
            let behaviour = self.leash.behaviour();
            match behaviour.stall {
                Some(Stall::Everything) => {
                    self.leash.pause(SLICE);
                    continue;
                }
                Some(Stall::Picture) => {}
                None => self.send_due(&behaviour)?,
            }
            let idle = clock::now() + SLICE;
            let due = self.pace.due(behaviour.jpeg.rhythm, idle).unwrap_or(idle);
            if let Input::Closed = self.wire.read(&mut self.inbox, due.min(idle))? {
                return Ok(());
            }
            let count = self.inbox.len() as u64;
            self.inbox.clear();
            if count > 0 {
                self.leash.shared.note(|seen| seen.jpeg.bytes_after_login += count);
            }
        }
        Ok(())
    }

    fn send_due(&mut self, behaviour: &Behaviour) -> io::Result<()> {
        let now = clock::now();
        if self.pace.due(behaviour.jpeg.rhythm, now).is_none_or(|due| due > now) {
            return Ok(());
        }
        let shared = &self.leash.shared;
        let (number, dirt) = {
            let mut state = shared.lock();
            state.seen.jpeg.drawn += 1;
            (state.seen.jpeg.drawn, state.owed.dirt.pop_front())
        };
        let size = behaviour.jpeg.size.unwrap_or_else(|| shared.model.picture_size());
        let picture = picture::draw(size, number, self.pace.is_first());
        self.pace.note(now);
        let frame = FrameSent { index: (number & 0xFFFF) as usize, unix_s: clock::unix().as_secs_f64() };
        self.send(&picture, dirt, behaviour.jpeg.body)?;
        shared.log_frame(frame);
        shared.note(|seen| {
            seen.note_frame(frame, true);
            seen.jpeg.soiled += u64::from(dirt.is_some());
        });
        Ok(())
    }

    /// The header in a record of its own, then the picture.
    fn send(&mut self, picture: &[u8], dirt: Option<Dirt>, body: Duration) -> io::Result<()> {
        let mut payload = picture.to_vec();
        let mut head = [0, 0, 1, 0];
        let mut said = None;
        match dirt {
            Some(Dirt::StrayBytes) => drop(payload.splice(..0, [0, 1, 2, 3])),
            Some(Dirt::Length(length)) => {
                said = Some(length);
                payload.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            }
            Some(Dirt::NoEnd) => {
                let end = payload.len() - 2;
                payload[end..].fill(0);
            }
            Some(Dirt::Garbage) => payload = Noise::new(payload.len() as u64).bytes(payload.len()),
            Some(Dirt::Tail(tail)) => head[1..].copy_from_slice(&tail),
            Some(Dirt::ResetInside | Dirt::HangUpInside | Dirt::CutHeader) | None => {}
        }
        head[0] = said.unwrap_or(payload.len() as u32);
        let head: Vec<u8> = head.iter().flat_map(|number| number.to_le_bytes()).collect();
        match dirt {
            Some(Dirt::CutHeader) => {
                self.wire.write([&head[..7]], self.leash)?;
                self.leash.pause(CUT);
                self.wire.write([&head[7..]], self.leash)?;
            }
            _ => self.wire.write([&head[..]], self.leash)?,
        }
        match dirt {
            Some(Dirt::ResetInside) => self.end_inside(&payload, End::Reset),
            Some(Dirt::HangUpInside) => self.end_inside(&payload, End::HangUp),
            _ if body.is_zero() => self.wire.write(payload.chunks(RECORD), self.leash),
            _ => self.send_slowly(&payload, body),
        }
    }

    fn end_inside(&mut self, payload: &[u8], end: End) -> io::Result<()> {
        self.wire.write(payload[..payload.len() / 2].chunks(RECORD), self.leash)?;
        self.leash.pull(end);
        Ok(())
    }

    fn send_slowly(&mut self, payload: &[u8], body: Duration) -> io::Result<()> {
        let records = payload.chunks(RECORD);
        let pause = body / u32::try_from(records.len()).unwrap_or(u32::MAX).max(1);
        for record in records {
            self.wire.write([record], self.leash)?;
            self.leash.pause(pause);
        }
        Ok(())
    }
}
