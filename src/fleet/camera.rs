//! The camera thread of a printer: holds exactly one connection to the camera and turns it into access units.
//!
//! [`run`] is its life: attempt after attempt until the stop. `run_once` is one connection.

mod connection;
mod error;

pub use error::CameraError;

use super::board::{CameraBoard, Ended, Step};
use super::feed::Feed;
use super::live_view::LiveViewWatch;
use super::owner::Owner;
use super::pin::Pin;
use super::source::Source;
use crate::base::backoff::Backoff;
use crate::base::stop::Stop;
use crate::base::thread::panic_text;
use crate::base::{clock, error_chain};
use crate::media::Depacketizer;
use crate::printer::RtspUrl;
use connection::Connection;
use crossbeam_channel::select;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Waits between attempts. The cap is what "picture back within 8 s of the heal" leaves after a handshake and the
/// wait for a key frame.
const RETRY: &[Duration] =
    &[Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];

/// Waits after a refusal: printers may lock out who knocks with a wrong code, and only a person can mend it.
const RETRY_REFUSED: &[Duration] = &[Duration::from_secs(60), Duration::from_secs(300)];

/// A connection that has given pictures for this long was a good one: its loss is retried at once.
const GOOD_AFTER: Duration = Duration::from_secs(5);

/// What the thread needs besides the stop.
#[derive(Debug)]
pub struct Camera {
    /// Whose camera it is.
    pub owner: Owner,
    /// Where it is.
    pub source: Source,
    /// Takes the access units.
    pub units: Feed,
    /// Tells people how it goes.
    pub board: Arc<CameraBoard>,
    /// The certificate seen first.
    pub pin: Arc<Pin>,
}

/// Runs the camera until the stop.
pub fn run(camera: &Camera, live_view: &LiveViewWatch, stop: &Stop) {
    let owner = camera.owner;
    let mut retry = Backoff::new(RETRY, owner.seed());
    let mut refused = Backoff::new(RETRY_REFUSED, owner.seed());
    // One depacketizer for all connections: its timeline keeps rising over them.
    let mut depacketizer = Depacketizer::default();
    while !stop.is_stopped() {
        let Some(url) = camera.await_url(live_view, stop) else { return };
        let (ended, live_for) = attempt(camera, &url, &mut depacketizer, stop);
        if live_for.is_some() {
            // A finished segment is worth more to a viewer than a begun one.
            camera.units.away();
        }
        let Err(error) = ended else { return };
        if live_for.is_some_and(|span| span >= GOOD_AFTER) {
            retry.reset();
            refused.reset();
        }
        let (step, wait) =
            if error.is_refusal() { (Step::Refused, refused.wait()) } else { (Step::Retrying, retry.wait()) };
        log::warn!("{owner}: camera: {}; next attempt in {:.1} s", error_chain(&error), wait.as_secs_f64());
        let certificate_changed = error.is_changed_certificate();
        let ended = Ended { reached: error.reached(), had_picture: live_for.is_some(), certificate_changed };
        camera.board.fail(step, &camera.source.sentence(&error), ended);
        camera.pause(&url, wait, live_view, stop);
    }
}

/// One connection and no second one, for a test.
///
/// # Errors
/// Why it ended, unless that was the stop.
pub fn run_once(camera: &Camera, url: &RtspUrl, stop: &Stop) -> Result<(), CameraError> {
    attempt(camera, url, &mut Depacketizer::default(), stop).0
}

/// One connection; also tells for how long it has given pictures, if it has.
fn attempt(
    camera: &Camera,
    url: &RtspUrl,
    depacketizer: &mut Depacketizer,
    stop: &Stop,
) -> (Result<(), CameraError>, Option<Duration>) {
    let mut connection = Connection::new(camera, url, depacketizer);
    let ended = catch_unwind(AssertUnwindSafe(|| connection.run_once(stop)))
        .unwrap_or_else(|panic| Err(CameraError::Panic(panic_text(&*panic).to_owned())));
    connection.give();
    (ended, connection.live_for())
}

impl Camera {
    /// Waits until there is something to connect to; `None` at the stop.
    fn await_url(&self, live_view: &LiveViewWatch, stop: &Stop) -> Option<RtspUrl> {
        while !stop.is_stopped() {
            match self.source.url(&live_view.get()) {
                Ok(url) => return Some(url),
                Err(unready) => unready.tell(self.owner, &self.board),
            }
            select! {
                recv(live_view.changed()) -> _ => {}
                recv(stop.channel()) -> _ => {}
            }
        }
        None
    }

    /// Waits before the next attempt, unless the printer names another place in the meantime.
    fn pause(&self, tried: &RtspUrl, wait: Duration, live_view: &LiveViewWatch, stop: &Stop) {
        let until = clock::now() + wait;
        while self.source.url(&live_view.get()).is_ok_and(|url| url == *tried) {
            select! {
                recv(live_view.changed()) -> _ => {}
                recv(stop.channel()) -> _ => return,
                default(until.saturating_duration_since(clock::now())) => return,
            }
        }
    }
}
