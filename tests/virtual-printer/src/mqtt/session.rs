//! One client's MQTT session, from CONNECT to its end, on the thread of its connection.

use super::hub::{Cut, Hub, Turned};
use super::packet::{self, Connect, Incoming, Publish, code};
use super::seen::MqttSeen;
use crate::behaviour::{Behaviour, Stall};
use crate::camera::Leash;
use crate::client::{self, SLICE};
use crate::clock;
use crate::wire::{Input, Wire};
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Serves a connection until one side ends it.
pub(crate) fn serve(tcp: TcpStream, leash: &Leash, hub: &Mutex<Hub>) -> io::Result<()> {
    let mut inbox = Vec::new();
    let wire = client::shake_hands(tcp, &mut inbox, leash)?;
    let mut session = Session { wire, inbox, leash, hub, joined: false, said_goodbye: false };
    let result = session.run();
    session.leave();
    if leash.parts_politely() {
        session.wire.close();
    }
    result
}

struct Session<'a> {
    wire: Wire,
    inbox: Vec<u8>,
    leash: &'a Leash,
    hub: &'a Mutex<Hub>,
    joined: bool,
    said_goodbye: bool,
}

impl Session<'_> {
    fn run(&mut self) -> io::Result<()> {
        while !self.leash.is_pulled() {
            let behaviour = self.leash.behaviour();
            if behaviour.stall == Some(Stall::Everything) {
                self.leash.pause(SLICE);
                continue;
            }
            while let Some(packet) = packet::take(&mut self.inbox).map_err(|_| malformed())? {
                self.answer(packet, &behaviour)?;
                if self.said_goodbye {
                    return Ok(());
                }
            }
            let look_again = self.send_due(&behaviour)?.min(clock::now() + SLICE);
            if let Input::Closed = self.wire.read(&mut self.inbox, look_again)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn answer(&mut self, packet: Incoming, behaviour: &Behaviour) -> io::Result<()> {
        let manners = &behaviour.mqtt;
        match packet {
            Incoming::Connect(connect) if !self.joined => self.join(connect, behaviour),
            _ if !self.joined => Err(malformed()),
            Incoming::Connect(_) => Err(malformed()),
            Incoming::Publish(publish) => {
                self.hear(&publish, behaviour);
                Ok(())
            }
            Incoming::Subscribe { id, filters } => self.subscribe(id, filters, behaviour),
            Incoming::Unsubscribe { id, filters } => {
                filters.iter().for_each(|filter| self.hub().unsubscribe(self.leash.id, filter));
                self.send(&packet::unsuback(id))
            }
            Incoming::PingReq => {
                self.note(|seen| seen.pings += 1);
                if manners.mute_pings { Ok(()) } else { self.send(&packet::pingresp()) }
            }
            Incoming::Disconnect => {
                self.said_goodbye = true;
                Ok(())
            }
            Incoming::PubAck => Ok(()),
        }
    }

    fn join(&mut self, connect: Connect, behaviour: &Behaviour) -> io::Result<()> {
        let client_id = connect.client_id.clone();
        let result = self.hub().join(self.leash.id, connect, &behaviour.mqtt);
        self.note(|seen| {
            seen.note_connect(&client_id);
            match result {
                Err(Turned::Away(code::NOT_AUTHORISED)) => seen.refused += 1,
                Err(Turned::Out) => seen.turned_away += 1,
                Ok(()) | Err(Turned::Away(_)) => {}
            }
        });
        match result {
            Ok(()) => {
                self.joined = true;
                let count = self.hub().count();
                self.note(|seen| seen.sessions = count);
                self.send(&packet::connack(code::ACCEPTED))
            }
            Err(Turned::Away(code)) => {
                self.send(&packet::connack(code))?;
                Err(io::Error::new(ErrorKind::PermissionDenied, format!("refused with code {code}")))
            }
            Err(Turned::Out) => Err(io::Error::new(ErrorKind::ConnectionRefused, "too many clients")),
        }
    }

    fn subscribe(&mut self, id: u16, filters: Vec<(String, u8)>, behaviour: &Behaviour) -> io::Result<()> {
        let granted: Vec<u8> = filters.iter().map(|(_, qos)| (*qos).min(1)).collect();
        for (filter, _) in filters {
            let result = self.hub().subscribe(self.leash.id, filter, &behaviour.mqtt);
            self.note(|seen| match result {
                Ok(()) => seen.subscriptions += 1,
                Err(Cut) => seen.cut_for_topic += 1,
            });
            result.map_err(|Cut| io::Error::new(ErrorKind::PermissionDenied, "topic"))?;
        }
        self.send(&packet::suback(id, &granted))
    }

    fn hear(&mut self, publish: &Publish, behaviour: &Behaviour) {
        let (id, manners) = (self.leash.id, &behaviour.mqtt);
        let mut hub = self.hub();
        if let Some(packet_id) = publish.id {
            hub.acknowledge(id, packet::puback(packet_id), manners.puback);
        }
        self.note(|seen| hub.hear(id, publish, manners, seen));
    }

    /// Sends what is due, and tells when to look again.
    fn send_due(&mut self, behaviour: &Behaviour) -> io::Result<std::time::Instant> {
        let (packets, look_again) = {
            let mut hub = self.hub();
            if hub.is_due() {
                self.note(|seen| hub.tick(&behaviour.mqtt, seen));
            }
            hub.collect(self.leash.id)
        };
        if !packets.is_empty() {
            self.wire.write(packets.iter().map(|packet| &**packet), self.leash)?;
        }
        Ok(look_again)
    }

    fn leave(&mut self) {
        if !self.joined {
            return;
        }
        let mut hub = self.hub();
        hub.leave(self.leash.id);
        let (count, clean) = (hub.count(), self.said_goodbye);
        drop(hub);
        self.note(|seen| {
            seen.sessions = count;
            seen.disconnects_clean += u64::from(clean);
            seen.disconnects_unclean += u64::from(!clean);
        });
    }

    fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        self.wire.write([packet], self.leash)
    }

    /// The hub is locked before what was seen, never after.
    fn note(&self, note: impl FnOnce(&mut MqttSeen)) {
        self.leash.shared.note(|seen| note(&mut seen.mqtt));
    }

    fn hub<'h>(&self) -> MutexGuard<'h, Hub>
    where
        Self: 'h,
    {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn malformed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "not MQTT as it is spoken here")
}
