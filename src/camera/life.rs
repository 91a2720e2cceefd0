//! The life of a camera: attempt, classify the failure, pause, publish the state. It knows no protocol.

use super::Camera;
use super::attempt::Ended;
use super::error::CameraError;
use super::output::Output;
use super::retry::{Ending, Pace, Pauses};
use super::source::{Place, Unready};
use super::state::Trouble;
use super::step::{Lull, Step};
use crate::base::backoff::Attempts;
use crate::base::failure_log::{self, FailureLog};
use crate::base::stop::Stop;
use crate::base::thread::{panic_text, waits_for};
use crate::base::{clock, error_chain};
use crossbeam_channel::{Receiver, select};
use log::Level;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Makes connections to one camera. It lives as long as the camera, so it keeps what must survive a connection.
pub trait Connector: Debug {
    /// Finds out where the next connection leads, from what is known now.
    ///
    /// # Errors
    /// Returns why there is nothing to connect to.
    fn prepare(&mut self) -> Result<(), Unready>;

    /// Makes one connection to where [`Connector::prepare`] has found, and serves it. The connection has a patience of
    /// its own, and tells its steps itself. Returns `Ok` at the stop.
    ///
    /// # Errors
    /// Returns why the connection ended. The life decides from this when the next attempt is due.
    fn run(&mut self, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError>;

    /// Returns where the newest connection led, as far as it matters for what a person can do about it.
    fn place(&self) -> Place;

    /// Returns why no picture is to be expected at present, if the printer says so.
    fn lull(&self) -> Option<Lull>;

    /// Returns the pauses after the newest connection.
    fn pauses(&self) -> Pauses;
}

/// Runs the camera until the stop. `news` ends a pause, and a wait for something to connect to.
pub(super) fn run(camera: &Camera, connector: &mut dyn Connector, news: &Receiver<()>, stop: &Stop) {
    let mut pace = Pace::new(connector.pauses(), camera.owner.seed());
    let mut failure_log = FailureLog::default();
    let mut announced_at = Level::Info;
    let mut before = Ending::Lasted;
    while await_ready(camera, connector, news, stop) {
        let (ended, picture) = attempt(camera, connector, announced_at, stop);
        if picture.is_some() {
            // The packager ends the current segment: viewers can use a finished segment sooner than an open one.
            camera.units.away();
            // A notification from while it played is stale.
            let _ = news.try_recv();
        }
        let Err(error) = ended else { return };
        let (ending, now, place) = (error.ending(picture), clock::now(), connector.place());
        let lull = connector.lull().filter(|_| ending != Ending::Refused);
        let cut_short_again = ending == Ending::CutShort && std::mem::replace(&mut before, ending) == ending;
        let error = Arc::new(error);
        let trouble = match cut_short_again {
            true => Trouble::CutShortAgain,
            false => Trouble::Failed { error: Arc::clone(&error), place },
        };
        let step = match lull {
            Some(lull) => lull.step(),
            None if ending == Ending::Refused => Step::Refused,
            None => Step::Retrying,
        };
        let why = error_chain(&*error);
        let ended = Ended { at: now, error, had_picture: picture.is_some() };
        if camera.attempts == Attempts::One {
            log::debug!("{}: camera: {why}; there is no other attempt", camera.owner);
            return camera.board.fail(step, trouble, ended);
        }
        pace.keep_to(connector.pauses());
        let pause = match lull {
            Some(lull) => pace.spread(lull.pause()),
            None => pace.pause(ending, now),
        };
        failure_log.well_for(picture.unwrap_or_default());
        let due = failure_log.occurrence(trouble.clone(), now, picture.is_some());
        announced_at = failure_log::log_failure("platecast::camera", camera.owner, &why, due, pause);
        camera.board.fail(step, trouble, ended);
        // Signs of life do not end a lull: the camera is not there because its printer is.
        if hears(news, pause, stop, || lull.is_some() && connector.lull() == lull) {
            pace.begin_anew();
        }
    }
}

/// Makes one connection. Also returns how long it delivered frames, if it did.
fn attempt(
    camera: &Camera,
    connector: &mut dyn Connector,
    announced_at: Level,
    stop: &Stop,
) -> (Result<(), CameraError>, Option<Duration>) {
    let mut output = Output::new(camera, announced_at);
    output.enter(Step::Connecting);
    let ended = catch_unwind(AssertUnwindSafe(|| connector.run(&mut output, stop)))
        .unwrap_or_else(|panic| Err(CameraError::Panic(panic_text(&*panic).to_owned())));
    (ended, output.live_for())
}

/// Waits until there is something to connect to; returns `false` at the stop.
fn await_ready(camera: &Camera, connector: &mut dyn Connector, news: &Receiver<()>, stop: &Stop) -> bool {
    // The state is read now, so earlier notifications are stale.
    let _ = news.try_recv();
    while !stop.is_stopped() {
        match connector.prepare() {
            Ok(()) => return true,
            Err(unready) => unready.tell(camera.owner, &camera.board),
        }
        waits_for("another word of the printer or a person about its camera", None);
        select! {
            recv(news) -> _ => {}
            recv(stop.channel()) -> _ => {}
        }
    }
    false
}

/// Waits before the next attempt. A notification ends the wait, unless it changes nothing. Returns whether one did.
fn hears(news: &Receiver<()>, pause: Duration, stop: &Stop, changes_nothing: impl Fn() -> bool) -> bool {
    let due = clock::now() + pause;
    waits_for("the next attempt", Some(due));
    loop {
        select! {
            recv(news) -> _ => if !changes_nothing() { return true },
            recv(stop.channel()) -> _ => return false,
            default(due.saturating_duration_since(clock::now())) => return false,
        }
    }
}

#[cfg(test)]
mod tests;
