//! Reports over MQTT: [`message`] parses one report, [`known`] merges reports, and [`state`] reads from them what
//! matters to a person.

pub mod ams;
pub mod heat;
pub mod history;
pub mod ipcam;
pub mod job;
pub mod known;
pub mod machine;
mod message;
pub mod model;
pub(super) mod past;
pub mod problem;
pub(super) mod read;
pub mod stage;
pub mod state;

pub use message::*;
