//! Reports over MQTT: [`message`] parses one report, [`merged`] merges reports, and [`state`] reads from them what
//! matters to a person.

pub mod ams;
pub(super) mod fields;
pub mod heat;
pub mod history;
pub mod ipcam;
pub mod job;
pub mod machine;
pub mod merged;
mod message;
pub mod model;
pub(super) mod past;
pub mod problem;
pub mod stage;
pub mod state;

pub use message::*;
