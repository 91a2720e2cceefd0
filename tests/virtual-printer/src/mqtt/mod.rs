//! The MQTT half: a broker over TLS, as printers have one, with a machine behind it.

mod broker;
mod hub;
mod manners;
pub(crate) mod packet;
mod seen;
mod session;

pub use broker::Broker;
pub use manners::{Acknowledgement, ForeignTopic, MqttManners, RequestTopic};
pub use seen::{MqttSeen, ReportSent, Request};

pub(crate) use hub::Hub;
pub(crate) use session::serve;
