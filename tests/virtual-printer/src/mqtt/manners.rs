//! How the broker behaves: what lasts until it is changed again. What happens once is a method of
//! [`Broker`](crate::Broker); the socket under it has the same faults as the camera's ([`Behaviour`](crate::Behaviour)).

use std::time::Duration;

/// MQTT.
#[derive(Debug, Clone)]
pub struct MqttManners {
    /// The access code; changing it makes the client's a wrong one.
    pub code: String,
    /// What every CONNECT is answered with, where it is neither "accepted" nor "wrong code".
    pub connack: Option<u8>,
    /// How many clients may be connected, where it is not the model's number: 4 on P1 and A1, 16 else. One more is
    /// cut off without an answer.
    pub clients: Option<usize>,
    /// What comes of a subscription to another printer's reports.
    pub foreign_topic: ForeignTopic,
    /// What comes of a subscription to the requests of others.
    pub request_topic: RequestTopic,
    /// No reports, while everything else is answered.
    pub stalled: bool,
    /// Ten small reports each 10 ms besides the usual ones, as fast as a client that reads all of them gets them.
    pub floods: bool,
    /// Requests are taken and nothing comes of them, while reports go on.
    pub deaf: bool,
    /// PINGREQ is not answered.
    pub mute_pings: bool,
    /// How a request with QoS 1 is acknowledged.
    pub puback: Acknowledgement,
    /// How a command that was obeyed or refused is answered.
    pub reply: Acknowledgement,
}

impl Default for MqttManners {
    fn default() -> Self {
        Self {
            code: "12345678".to_owned(),
            connack: None,
            clients: None,
            foreign_topic: ForeignTopic::default(),
            request_topic: RequestTopic::default(),
            stalled: false,
            floods: false,
            deaf: false,
            mute_pings: false,
            puback: Acknowledgement::default(),
            reply: Acknowledgement::default(),
        }
    }
}

/// What comes of a subscription to another printer's reports: a wrong serial, for instance in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForeignTopic {
    /// It is granted, and nothing ever comes.
    #[default]
    Silence,
    /// The connection is cut.
    Closes,
}

/// What comes of a subscription to `…/request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RequestTopic {
    /// P1 and A1 cut the connection, the others grant it.
    #[default]
    AsModel,
    /// It is granted.
    Granted,
    /// The connection is cut.
    Closes,
}

/// How something is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledgement {
    /// Now.
    #[default]
    AtOnce,
    /// Later.
    After(Duration),
    /// Never; it is done all the same.
    Lost,
}
