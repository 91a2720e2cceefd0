//! The camera thread of a printer. It holds at most one connection to the camera and turns it into access units.
//!
//! [`run`] is the life of the thread: one attempt after another until the stop. `run_once` is one connection.

mod error;
mod retry;
mod rtsp;
pub mod source;
pub mod state;

pub use error::CameraError;
use rtsp::lines::Lines;
pub use rtsp::PICTURES_PER_S;
pub use source::{Place, Source, Unready};
pub use state::{CameraBoard, CameraReport, Condition, Ended, Step, Trouble};

use crate::base::complaints::{self, Complaints};
use crate::base::stop::Stop;
use crate::base::thread::{panic_text, waits_for};
use crate::base::watch::Watch;
use crate::base::{clock, error_chain};
use crate::media::Depacketizer;
use crate::printer::RtspUrl;
use crate::printer::ipcam::LiveView;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::stream::queue::Feed;
use crossbeam_channel::{Receiver, select};
use log::Level;
use retry::{Ending, Pace};
use rtsp::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// The inputs of the thread, apart from the stop.
#[derive(Debug)]
pub struct Camera {
    /// The printer, or the test of one.
    pub owner: Label,
    /// The address and login of the camera.
    pub source: Source,
    /// Receives the access units.
    pub units: Feed,
    /// Publishes the camera's state.
    pub board: Arc<CameraBoard>,
    /// The certificate pinned at first contact.
    pub pin: Arc<Pin>,
}

/// Runs the camera until the stop.
pub fn run(camera: &Camera, live_view: &Watch<LiveView>, stop: &Stop) {
    let bell = live_view.listen();
    let news = bell.rung();
    let mut pace = Pace::new(camera.owner.seed());
    let mut complaints = Complaints::default();
    let mut announced_at = Level::Info;
    let mut before = Ending::Lasted;
    // All connections share one depacketizer, so that its timeline and the measured key frame interval continue.
    let mut depacketizer = Depacketizer::default();
    let mut lines = Lines::new(camera.owner);
    while !stop.is_stopped() {
        let Some(url) = camera.await_url(live_view, news, stop) else { return };
        let (ended, picture) = attempt(camera, &url, (&mut depacketizer, &mut lines), announced_at, stop);
        if picture.is_some() {
            // The packager ends the current segment: viewers can use a finished segment sooner than an open one.
            camera.units.away();
            // A notification from while it played is stale.
            let _ = news.try_recv();
        }
        let Err(error) = ended else { return };
        let (ending, now) = (error.ending(picture), clock::now());
        let cut_short_again = ending == Ending::CutShort && std::mem::replace(&mut before, ending) == ending;
        let error = Arc::new(error);
        let trouble = match cut_short_again {
            true => Trouble::CutShortAgain,
            false => Trouble::Failed { error: Arc::clone(&error), place: camera.source.place(&url) },
        };
        let pause = pace.pause(ending, now);
        complaints.well_for(picture.unwrap_or_default());
        let due = complaints.note(trouble.clone(), now);
        announced_at = complaints::tell(camera.owner, "camera", &error_chain(&*error), due, pause);
        let step = if ending == Ending::Refused { Step::Refused } else { Step::Retrying };
        let certificate_changed = error.is_changed_certificate();
        let ended = Ended { reached: error.reached(), had_picture: picture.is_some(), certificate_changed };
        camera.board.fail(step, trouble, ended);
        if hears(news, pause, stop) {
            pace.begin_anew();
        }
    }
}

/// Makes a single connection, for a test.
///
/// # Errors
/// Returns why it ended, unless that was the stop.
pub fn run_once(camera: &Camera, url: &RtspUrl, stop: &Stop) -> Result<(), CameraError> {
    attempt(camera, url, (&mut Depacketizer::default(), &mut Lines::new(camera.owner)), Level::Info, stop).0
}

/// Makes one connection. Also returns how long it delivered frames, if it did.
fn attempt(
    camera: &Camera,
    url: &RtspUrl,
    lasting: (&mut Depacketizer, &mut Lines),
    announced_at: Level,
    stop: &Stop,
) -> (Result<(), CameraError>, Option<Duration>) {
    let mut connection = Connection::new(camera, url, lasting, announced_at);
    let ended = catch_unwind(AssertUnwindSafe(|| connection.run_once(stop)))
        .unwrap_or_else(|panic| Err(CameraError::Panic(panic_text(&*panic).to_owned())));
    connection.give();
    (ended, connection.live_for())
}

impl Camera {
    /// Waits until there is a URL to connect to; returns `None` at the stop.
    fn await_url(&self, live_view: &Watch<LiveView>, news: &Receiver<()>, stop: &Stop) -> Option<RtspUrl> {
        // The state is read now, so earlier notifications are stale.
        let _ = news.try_recv();
        while !stop.is_stopped() {
            match self.source.url(&live_view.get().value) {
                Ok(url) => return Some(url),
                Err(unready) => unready.tell(self.owner, &self.board),
            }
            waits_for("another word of the printer or a person about its camera", None);
            select! {
                recv(news) -> _ => {}
                recv(stop.channel()) -> _ => {}
            }
        }
        None
    }
}

/// Waits before the next attempt. A notification ends the wait: the printer names another address or shows a sign of
/// life, or a person asks. Returns whether one came.
fn hears(news: &Receiver<()>, pause: Duration, stop: &Stop) -> bool {
    waits_for("the next attempt", Some(clock::now() + pause));
    select! {
        recv(news) -> _ => true,
        recv(stop.channel()) -> _ => false,
        default(pause) => false,
    }
}
