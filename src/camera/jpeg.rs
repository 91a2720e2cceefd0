//! Cameras that send JPEG pictures: A1, A1 mini, A2L, P1P and P1S. [`Jpeg`] keeps what lasts longer than a connection.
//!
//! Such a printer has about two places for viewers. The next viewer's TLS handshake stays unanswered until one of them
//! leaves, and an abandoned connection keeps its place in that queue (packet log of a P1S). So there is never more than
//! one connection, and it has patience.

mod error;
mod timing;

pub use error::JpegError;

use super::Camera;
use super::error::CameraError;
use super::opening;
use super::output::Output;
use super::retry::Pauses;
use super::rtsp::{PICTURES_AT_ONCE, PICTURES_PER_S};
use super::source::Source;
use super::state::CameraState;
use super::step::{Lull, Step};
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::failure_log::Allowance;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::base::watch::Watch;
use crate::media::Stats;
use crate::media::jpeg::{Arrived, PictureFramer, login};
use crate::net::link::{Failure, Link, LinkError, LinkLimits, Read};
use crate::printer::ipcam::Said;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::stream::Still;
use crossbeam_channel::select;
use std::time::{Duration, Instant};
use timing::PictureTiming;

/// The handshake waits for a place. The Wi-Fi of these printers may acknowledge late, and gaps of 20 s are usual.
const LIMITS: LinkLimits = LinkLimits { handshake: Duration::from_secs(20), unacknowledged: Duration::from_secs(18) };

/// The printer needs a moment to free the place of a connection: with the jitter, at least 2 s. A closed port has no
/// places, so it is tried more often.
pub const PAUSES: Pauses = Pauses {
    brisk: &[Duration::from_millis(2_500), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(16)],
    absent: Duration::from_secs(4),
    longest: Duration::from_secs(16),
    long: super::retry::PAUSES.long,
};

/// So long after the end of a connection there is none, also where an edit asks for one at once.
const PLACE_FREED: Duration = Duration::from_secs(2);

/// A connection that ends later than this after the login is no answer to it.
const REFUSED_WITHIN: Duration = Duration::from_secs(10);

/// One TLS record.
const READ_BYTES: usize = 16 * 1024;

/// Makes connections to one camera that sends pictures.
#[derive(Debug)]
pub(super) struct Jpeg<'a> {
    source: &'a Source,
    board: &'a CameraState,
    pin: &'a Pin,
    said: &'a Watch<Said>,
    timing: PictureTiming,
    lines: Lines,
}

impl<'a> Jpeg<'a> {
    pub(super) fn new(camera: &'a Camera, said: &'a Watch<Said>) -> Self {
        let Camera { owner, source, board, pin, .. } = camera;
        let lines = Lines { owner: *owner, allowance: Allowance::default(), size: None };
        Self { source, board, pin, said, timing: PictureTiming::new(clock::now()), lines }
    }

    /// Makes one connection and serves it; see [`super::Connector::run`].
    pub(super) fn run(&mut self, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        if !self.await_place(stop) {
            return Ok(());
        }
        let target = self.source.pictures_target(self.pin.get());
        let Some(mut link) = opening::open(self.lines.owner, &target, LIMITS, self.pin, stop)? else { return Ok(()) };
        output.enter(Step::SigningIn);
        let ended = self.sign_in(&mut link).and_then(|()| self.watch(&mut link, output, stop));
        // The printer frees the place soon when it is told.
        link.close();
        self.board.part(clock::now());
        match ended {
            Err(CameraError::Link(error)) if error.is_stopped() => Ok(()),
            ended => ended,
        }
    }

    /// Waits until the place of the previous connection is free; returns `false` at the stop.
    fn await_place(&self, stop: &Stop) -> bool {
        let Some(due) = self.board.parted().map(|at| at + PLACE_FREED) else { return true };
        waits_for("the place of its last connection", Some(due));
        select! {
            recv(stop.channel()) -> _ => false,
            default(due.saturating_duration_since(clock::now())) => true,
        }
    }

    fn sign_in(&mut self, link: &mut Link) -> Result<(), CameraError> {
        let (user, code) = self.source.login();
        link.write_all(&login(user, &code))?;
        log::debug!("{}: camera: the login is sent", self.lines.owner);
        self.timing.begin(clock::now());
        Ok(())
    }

    /// Takes pictures until the connection ends.
    fn watch(&mut self, link: &mut Link, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        let (mut framer, mut buffer) = (PictureFramer::default(), vec![0; READ_BYTES]);
        // Each picture wakes everybody who looks.
        let mut pictures = Bucket::new(PICTURES_AT_ONCE.into(), PICTURES_PER_S.into());
        let (signed_in, mut noted, mut is_heard) = (clock::now(), None, false);
        while !stop.is_stopped() {
            let step = self.timing.judge(clock::now())?;
            output.enter(lull(&self.said.get().value).filter(|_| step != Step::Live).map_or(step, Lull::step));
            let wait = self.timing.wait();
            if noted.replace(wait) != Some(wait) {
                waits_for(wait.0, wait.1);
            }
            let mut bytes = match link.read(&mut buffer) {
                Ok(Read::Idle) => continue,
                Ok(Read::Bytes(count)) => buffer.get(..count).unwrap_or_default(),
                Err(LinkError { failure: Failure::Closed | Failure::Broken(_), .. }) if !is_heard => {
                    return Err(self.closed_at_once(signed_in).into());
                }
                Err(error) => return Err(error.into()),
            };
            is_heard = true;
            while let Some(arrived) = framer.next(&mut bytes).map_err(JpegError::from)? {
                let now = clock::now();
                if matches!(arrived, Arrived::Picture(_)) && !pictures.spend(1, now) {
                    return Err(CameraError::TooManyPictures);
                }
                self.take(arrived, output, now);
            }
        }
        Ok(())
    }

    fn take(&mut self, arrived: Arrived, output: &mut Output<'_>, now: Instant) {
        match arrived {
            Arrived::Header => self.timing.header(now),
            Arrived::Dropped(flaw) => {
                self.timing.dropped(now);
                self.lines.write(now, format_args!("a picture is dropped: {flaw}"));
            }
            Arrived::Picture(picture) => {
                self.timing.picture(picture.file.len(), now);
                if self.lines.size.replace(picture.size) != Some(picture.size) {
                    let (width, height) = picture.size;
                    self.lines.write(now, format_args!("pictures of {width} x {height} pixels"));
                }
                let stats = Stats {
                    kilobits_per_second: self.timing.kilobits_per_second(),
                    picture_size: Some(picture.size),
                    picture_interval_s: self.timing.interval_s(),
                    ..Stats::default()
                };
                output.still(Still::of_jpeg(picture.file, clock::unix_ms()), stats, now);
            }
        }
    }

    /// Returns what it means that the connection ended without a byte. A wrong code is answered so (A2L, and other
    /// projects), but a camera without pictures may do the same; MQTT tells them apart.
    fn closed_at_once(&self, signed_in: Instant) -> JpegError {
        let soon = clock::now().saturating_duration_since(signed_in) < REFUSED_WITHIN;
        match self.said.get().value.takes_code {
            false if soon => JpegError::CodeRefused,
            _ => JpegError::GivesNothing,
        }
    }
}

/// Returns why no picture is to be expected, if the printer says so.
pub(super) fn lull(said: &Said) -> Option<Lull> {
    match said {
        Said { updating: true, .. } => Some(Lull::Updating),
        Said { present: Some(false), .. } => Some(Lull::NoCamera),
        _ => None,
    }
}

/// The `debug` log lines that the camera can cause at will.
#[derive(Debug)]
struct Lines {
    owner: Label,
    allowance: Allowance,
    /// The size of the last picture. A repetition is not logged.
    size: Option<(u32, u32)>,
}

impl Lines {
    fn write(&mut self, now: Instant, what: std::fmt::Arguments<'_>) {
        if let Some(more) = self.allowance.take(now) {
            log::debug!("{}: camera: {what}{more}", self.owner);
        }
    }
}
