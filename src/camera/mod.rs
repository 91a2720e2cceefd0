//! The camera thread of a printer. It holds at most one connection to the camera.
//!
//! `life` is the life of the thread: one attempt after another until the stop. It knows no protocol. A [`Connector`]
//! knows one, and makes the connections; `rtsp` is the connector of this printer's live view. What a connection sees goes
//! to its [`Output`]: steps, access units and stills.

mod attempt;
mod error;
mod life;
mod output;
mod retry;
mod rtsp;
pub mod source;
pub mod state;

pub use attempt::{Attempt, Ended};
pub use error::CameraError;
pub use life::Connector;
pub use output::Output;
pub use retry::Pauses;
pub use rtsp::PICTURES_PER_S;
pub use source::{Place, Source, Unready};
pub use state::{CameraReport, CameraState, Condition, Step, Trouble};

use crate::base::backoff::Attempts;
use crate::base::stop::Stop;
use crate::base::watch::Watch;
use crate::printer::ipcam::LiveView;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::stream::{Fanout, Live};
use rtsp::Rtsp;
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
pub fn run(camera: &Camera, live_view: &Watch<LiveView>, stop: &Stop) {
    // A notification means that the printer names another address or shows a sign of life, or that a person asks.
    let bell = live_view.listen();
    life::run(camera, &mut Rtsp::new(camera, live_view), bell.changed(), stop);
}
