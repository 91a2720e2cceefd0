//! What the fleet counts of itself, for `/metrics`.

use super::{Fleet, Running};
use crate::camera::state::Step;
use crate::camera::state::Units;
use crate::mqtt::state::LinkStep;
use crate::printer::PrinterId;
use crate::stream::rhythm::Rhythm;
use std::time::Duration;

/// One printer.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Its number.
    pub id: PrinterId,
    /// The name its owner gave it.
    pub name: String,
    /// Where its link is, and whether reports stand behind what is told.
    pub link: LinkStep,
    /// See [`super::Status`].
    pub connected: bool,
    /// Links that were lost after they had brought a report.
    pub link_reconnects: u64,
    /// For how long it had to wait, because it sends more than is read.
    pub held_back: Duration,
    /// Where its camera is.
    pub camera: Step,
    /// Connections that were lost after they had given a picture.
    pub camera_reconnects: u64,
    /// What went through its camera thread.
    pub units: Units,
    /// What its packager made.
    pub parts: u64,
    /// Of them, whole ones.
    pub segments: u64,
    /// The memory of all that its camera has sent: segments, the still, and pictures that wait.
    pub memory_bytes: usize,
}

impl Fleet {
    /// Every printer, by id.
    #[must_use]
    pub fn tallies(&self) -> Vec<Tally> {
        self.lock().values().map(Running::tally).collect()
    }

    /// The rhythm of all streams.
    #[must_use]
    pub fn rhythm(&self) -> &Rhythm {
        &self.common.rhythm
    }
}
