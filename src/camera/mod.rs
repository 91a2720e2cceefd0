//! The camera thread of a printer. It holds at most one connection to the camera.
//!
//! `life` is the life of the thread: one attempt after another until the stop. It knows no protocol. A [`Connector`]
//! makes the connections: `protocol` chooses between `rtsp`, for cameras that send video, and `jpeg`, for those that send
//! pictures. What a connection sees goes to its [`Output`]: steps, access units and stills.

mod attempt;
mod error;
mod jpeg;
mod life;
mod opening;
mod output;
mod protocol;
mod retry;
mod rtsp;
pub mod source;
pub mod state;
mod step;

pub use attempt::{Attempt, Ended};
pub use error::CameraError;
pub use jpeg::JpegError;
pub use life::Connector;
pub use output::Output;
pub use retry::Pauses;
pub use rtsp::PICTURES_PER_S;
pub use source::{Place, Source, Unready};
pub use state::{CameraReport, CameraState, Condition, Pictures, Trouble};
pub use step::{Lull, Step};

use crate::base::backoff::Attempts;
use crate::base::stop::Stop;
use crate::base::watch::Watch;
use crate::printer::ipcam::Said;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::stream::{Fanout, Live};
use protocol::Protocols;
use std::sync::Arc;

/// The inputs of the thread, apart from the stop.
#[derive(Debug)]
pub struct Camera {
    /// The printer, or the test of one.
    pub owner: Label,
    /// The address and login of the camera.
    pub source: Source,
    /// Receives the access units.
    pub units: Arc<Fanout>,
    /// Shows the video to viewers; `None` where nobody watches.
    pub live: Option<Arc<Live>>,
    /// Publishes the camera's state.
    pub board: Arc<CameraState>,
    /// The certificate pinned at first contact.
    pub pin: Arc<Pin>,
    /// How often to connect.
    pub attempts: Attempts,
}

/// Runs the camera until the stop.
pub fn run(camera: &Camera, said: &Watch<Said>, stop: &Stop) {
    // A notification means that the printer says something else of its camera or shows a sign of life, or that a person
    // asks.
    let bell = said.listen();
    life::run(camera, &mut Protocols::new(camera, said), bell.changed(), stop);
}
