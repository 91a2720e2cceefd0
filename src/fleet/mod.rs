//! Floor 3: the threads of each printer and their handles. (Signatures for the other floors; bodies follow.)

pub mod live;

pub use live::Live;

use crate::printer::{Draft, FieldError, Printer, PrinterId};
use crate::registry::RegistryError;
use crossbeam_channel::Receiver;
use std::sync::Arc;

/// Why a printer could not be added or edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A field is missing or wrong; one sentence each.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// The registry refused or failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// What `GET /api/printers/:id/camera` tells.
#[derive(Debug, Clone)]
pub struct CameraReport {
    /// Where the camera is on its way to a picture: a short word, for instance `connecting` or `live`.
    pub step: &'static str,
    /// One sentence for a person: what is happening and, after a failure, what to do.
    pub sentence: String,
    /// The last failure in words, kept until the picture has been live for a while.
    pub last_error: Option<String>,
    /// Since when the step lasts. Unix milliseconds.
    pub since_unix_ms: i64,
    /// Pictures per second, measured.
    pub frames_per_second: Option<f64>,
    /// Kilobits per second, measured.
    pub kilobits_per_second: Option<f64>,
    /// Width and height in pixels, from the SPS.
    pub picture_size: Option<(u32, u32)>,
    /// Seconds between key frames, measured.
    pub key_frame_interval_s: Option<f64>,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Milliseconds since the last whole picture arrived.
    pub last_frame_age_ms: Option<u64>,
}

/// All printers of this process.
#[derive(Debug)]
pub struct Fleet {}

impl Fleet {
    /// Every printer, by id.
    #[must_use]
    pub fn printers(&self) -> Vec<Printer> {
        unimplemented!()
    }
    /// One printer.
    #[must_use]
    pub fn printer(&self, _id: PrinterId) -> Option<Printer> {
        unimplemented!()
    }
    /// Validates, stores and starts a printer.
    ///
    /// # Errors
    /// When a field is wrong, the serial is taken, or the registry cannot store.
    pub fn add(&self, _draft: Draft) -> Result<Printer, EditError> {
        unimplemented!()
    }
    /// Validates, stores and restarts a printer; an absent access code keeps the present one.
    ///
    /// # Errors
    /// As [`Fleet::add`], and when there is no such printer.
    pub fn edit(&self, _id: PrinterId, _draft: Draft) -> Result<Printer, EditError> {
        unimplemented!()
    }
    /// Stops and forgets a printer.
    ///
    /// # Errors
    /// When there is no such printer or the registry fails.
    pub fn remove(&self, _id: PrinterId) -> Result<(), EditError> {
        unimplemented!()
    }
    /// The published video of a printer; `None` when there is no such printer.
    #[must_use]
    pub fn live(&self, _id: PrinterId) -> Option<Arc<Live>> {
        unimplemented!()
    }
    /// How the camera of a printer is; `None` when there is no such printer.
    #[must_use]
    pub fn camera(&self, _id: PrinterId) -> Option<CameraReport> {
        unimplemented!()
    }
    /// Rung after each publish of any printer; bounded(1): whoever listens looks at all it waits for.
    #[must_use]
    pub fn bell(&self) -> Receiver<()> {
        unimplemented!()
    }
}
