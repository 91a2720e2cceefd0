//! The fleet's figures for `/metrics`.

use super::{Fleet, PrinterThreads};
use crate::camera::{Pictures, Step};
use crate::mqtt::state::LinkStep;
use crate::printer::PrinterId;
use crate::stream::rhythm::Rhythm;
use std::time::Duration;

/// Counts of one camera's access units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Complete access units that arrived.
    pub arrived: u64,
    /// Access units that were dropped because the packager was late.
    pub dropped: u64,
    /// How often a series of drops began.
    pub overflows: u64,
}

/// The figures of one printer.
#[derive(Debug, Clone)]
pub struct PrinterMetrics {
    /// The printer's id.
    pub id: PrinterId,
    /// The name that its owner gave it.
    pub name: String,
    /// The step of its MQTT link.
    pub link: LinkStep,
    /// Whether a report has come in this session; see [`super::Status`].
    pub connected: bool,
    /// Sessions lost after they had brought a report.
    pub link_reconnects: u64,
    /// How long the printer was held back in total, because it sends more than is read.
    pub held_back: Duration,
    /// The step of its camera.
    pub camera: Step,
    /// Connections lost after they had delivered frames.
    pub camera_reconnects: u64,
    /// The counts of its camera's access units.
    pub units: Units,
    /// The figures of its camera's pictures, if it sends no video.
    pub pictures: Pictures,
    /// The number of parts that its packager made.
    pub parts: u64,
    /// The number of segments that its packager finished.
    pub segments: u64,
    /// The memory used for its camera's data: segments, the still, and queued frames.
    pub memory_bytes: usize,
}

impl Fleet {
    /// Returns the figures of every printer, by id.
    #[must_use]
    pub fn tallies(&self) -> Vec<PrinterMetrics> {
        self.lock().values().map(PrinterThreads::tally).collect()
    }

    /// Returns the publishing rhythm of all streams.
    #[must_use]
    pub fn rhythm(&self) -> &Rhythm {
        &self.common.rhythm
    }
}
