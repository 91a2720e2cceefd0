//! Translates rumqttc's events for the control thread, and decides why a session ended.

use super::error::MqttError;
use super::pace::Pace;
use super::{CONNACK_WITHIN_S, FromMqtt, KEEP_ALIVE, Session, Topics};
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::net::link::{Failure, LinkError};
use crossbeam_channel::Sender;
use rumqttc::{
    ConnectReturnCode, Connection, ConnectionError, Event, Outgoing, Packet, Publish, StateError, SubscribeReasonCode,
    mqttbytes,
};
use std::time::{Duration, Instant};

/// A printer that hangs up this soon after accepting has no room for another client.
const AT_SIGN_IN: Duration = Duration::from_secs(3);

/// Passes on rumqttc's events.
pub(super) struct Relay<'a> {
    pub(super) topics: Topics,
    pub(super) events: &'a Sender<FromMqtt>,
    /// Held until CONNACK, then handed to the control thread.
    pub(super) session: Option<Session>,
    pub(super) accepted: Option<Instant>,
}

impl Relay<'_> {
    /// Relays events until the session ends. Returns `Ok` after our own DISCONNECT and when the control thread is gone.
    pub(super) fn until_end(&mut self, connection: &mut Connection, stop: &Stop) -> Result<(), MqttError> {
        let mut pace = Pace::new();
        waits_for("the printer's answer to CONNECT", Some(clock::now() + Duration::from_secs(CONNACK_WITHIN_S)));
        loop {
            let event = match connection.recv() {
                Ok(Ok(event)) => event,
                Ok(Err(error)) => return Err(self.error(&error)),
                Err(_) => return Ok(()),
            };
            let message = match event {
                Event::Incoming(Packet::ConnAck(_)) => {
                    self.accepted = Some(clock::now());
                    waits_for("what the printer publishes", None);
                    let Some(session) = self.session.take() else { continue };
                    FromMqtt::SignedIn(session)
                }
                Event::Incoming(Packet::SubAck(ack)) => {
                    if ack.return_codes.contains(&SubscribeReasonCode::Failure) {
                        return Err(self.protocol("it refuses the subscription"));
                    }
                    FromMqtt::Subscribed
                }
                Event::Incoming(Packet::Publish(message)) => self.message(&message),
                Event::Incoming(Packet::PingResp) => FromMqtt::Pong,
                Event::Incoming(Packet::PubAck(_)) => FromMqtt::Taken,
                Event::Incoming(_) => FromMqtt::Heard,
                Event::Outgoing(Outgoing::Disconnect) => return Ok(()),
                Event::Outgoing(_) => continue,
            };
            let bytes = if let FromMqtt::Message(payload) = &message { payload.len() } else { 0 };
            if self.events.send(message).is_err() {
                return Ok(());
            }
            let pause = pace.heard(bytes, clock::now());
            if !pause.is_zero() {
                if let Some(waited) = pace.news(clock::now())
                    && self.events.send(FromMqtt::HeldBack(waited)).is_err()
                {
                    return Ok(());
                }
                // After the stop, DISCONNECT still has to be sent.
                let _ = stop.wait(pause);
            }
        }
    }

    /// A retained message is old, so it is not treated as a report.
    fn message(&self, message: &Publish) -> FromMqtt {
        if message.retain || message.topic != self.topics.report {
            return FromMqtt::Heard;
        }
        FromMqtt::Message(message.payload.to_vec())
    }

    /// Picks the most informative reason: the control thread's, then the link's, then rumqttc's. rumqttc only sees that
    /// its socket is gone.
    pub(super) fn judge(
        &self,
        ended: Result<(), MqttError>,
        of_control: Option<MqttError>,
        of_wire: Option<MqttError>,
    ) -> Result<(), MqttError> {
        if let Some(error) = of_control {
            return Err(error);
        }
        let error = match (ended, of_wire) {
            (Ok(()), _) => return Ok(()),
            (Err(MqttError::NoAnswer { .. }), Some(wire)) => wire,
            (Err(error), _) => return Err(error),
        };
        let soon = self.accepted.is_none_or(|at| clock::now().saturating_duration_since(at) < AT_SIGN_IN);
        match &error {
            MqttError::Link(LinkError { failure: Failure::Closed, .. }) if soon => {
                Err(MqttError::HungUpAtSignIn { at: self.topics.at.clone() })
            }
            _ => Err(error),
        }
    }

    /// Maps every rumqttc error to one of ours. Text from the peer is never repeated.
    fn error(&self, error: &ConnectionError) -> MqttError {
        let at = || self.topics.at.clone();
        match error {
            ConnectionError::ConnectionRefused(code) => match code {
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized => {
                    MqttError::CodeRefused { at: at() }
                }
                ConnectReturnCode::RefusedProtocolVersion => {
                    MqttError::TurnedAway { at: at(), why: "unacceptable protocol version" }
                }
                ConnectReturnCode::BadClientId => MqttError::TurnedAway { at: at(), why: "identifier rejected" },
                ConnectReturnCode::ServiceUnavailable => MqttError::TurnedAway { at: at(), why: "server unavailable" },
                ConnectReturnCode::Success => self.protocol("it accepts and refuses"),
            },
            ConnectionError::MqttState(StateError::AwaitPingResp) => {
                MqttError::Silent { at: at(), silence: KEEP_ALIVE }
            }
            ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(_))) => {
                self.protocol("a packet larger than any report")
            }
            ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::Io(_)))
            | ConnectionError::MqttState(StateError::ConnectionAborted | StateError::Io(_))
            | ConnectionError::NetworkTimeout
            | ConnectionError::FlushTimeout
            | ConnectionError::Io(_)
            | ConnectionError::RequestsDone => MqttError::NoAnswer { at: at() },
            ConnectionError::MqttState(StateError::Unsolicited(_) | StateError::CollisionTimeout) => {
                self.protocol("an acknowledgement of nothing")
            }
            ConnectionError::MqttState(StateError::Deserialization(_)) => self.protocol("what it sends is not MQTT"),
            ConnectionError::MqttState(_) | ConnectionError::NotConnAck(_) => self.protocol("an unexpected packet"),
        }
    }

    fn protocol(&self, what: &'static str) -> MqttError {
        MqttError::Protocol { at: self.topics.at.clone(), what }
    }
}
