//! One RTSP connection to a camera: frames go to the packager, and steps to the camera's state.

pub(super) mod lines;
pub(super) mod liveness;

use super::Camera;
use super::error::CameraError;
use super::retry::LASTED;
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::camera::state::Step;
use crate::media::{AccessUnit, Depacketizer, rtcp, rtp};
use crate::net::link::{Failure, Link, LinkError, Read};
use crate::printer::RtspUrl;
use crate::rtsp::{self, Event, Session};
use crate::stream::queue::{Batch, Full};
use lines::Lines;
use liveness::Pulse;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// RTCP receiver reports keep live555 and other makers' cameras from ending the session.
const RECEIVER_REPORT: Duration = Duration::from_secs(5);

/// More frames a second than any known camera sends. The burst is larger, because a stalled network delivers many at
/// once: a receive buffer of 6 MB holds 48 s of 1 Mbit/s.
pub const PICTURES_PER_S: u32 = 250;
const PICTURES_AT_ONCE: u32 = 2_500;

/// One connection to the camera.
pub(super) struct Connection<'a> {
    camera: &'a Camera,
    url: &'a RtspUrl,
    depacketizer: &'a mut Depacketizer,
    lines: &'a mut Lines,
    /// The session step last recorded for the thread dump, with its deadline.
    noted: Option<(rtsp::Step, Option<Instant>)>,
    /// Set once the session plays.
    pulse: Option<Pulse>,
    first_picture: Option<Instant>,
    report_due: Option<Instant>,
    /// The log level for "live": no louder than the loss was logged. `None` once it has been logged.
    announced_at: Option<log::Level>,
    /// Frames not yet handed to the packager.
    waiting: Batch,
    /// The number of frames given to the packager before this connection.
    given_before: u64,
    /// Limits the frame rate.
    pictures: Bucket,
    /// Whether the camera has announced the end of the stream (BYE).
    said_goodbye: bool,
    /// Whether the packager was full: no frame is handed over until the next key frame.
    dropping: bool,
    /// The number of frames dropped in this overrun.
    overrun: u64,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        camera: &'a Camera,
        url: &'a RtspUrl,
        (depacketizer, lines): (&'a mut Depacketizer, &'a mut Lines),
        announced_at: log::Level,
    ) -> Self {
        Self {
            camera,
            url,
            depacketizer,
            lines,
            noted: None,
            pulse: None,
            first_picture: None,
            report_due: None,
            announced_at: Some(announced_at),
            waiting: camera.units.batch(),
            given_before: camera.units.given(),
            pictures: Bucket::new(PICTURES_AT_ONCE.into(), PICTURES_PER_S.into()),
            said_goodbye: false,
            dropping: false,
            overrun: 0,
        }
    }

    pub(super) fn live_for(&self) -> Option<Duration> {
        self.first_picture.map(|since| clock::now().saturating_duration_since(since))
    }

    /// Runs the connection. Returns `Ok` at the stop, and otherwise the reason for its end.
    pub(super) fn run_once(&mut self, stop: &Stop) -> Result<(), CameraError> {
        let camera = self.camera;
        camera.board.enter(Step::Connecting);
        let target = camera.source.target(self.url, camera.pin.get());
        let (begun, lines) = (clock::now(), &*self.lines);
        let (mut link, leaf) = match Link::open_watched(&target, stop, |peer| lines.reached(peer, begun)) {
            Err(error) if error.is_stopped() => return Ok(()),
            opened => opened?,
        };
        // The first certificate that proves to be this printer's is pinned.
        camera.pin.claim(&target, leaf)?;
        self.lines.opened(target.tls.is_some(), begun);
        let (user, password) = camera.source.login();
        // Digest needs a nonce that is used once; the random seed of a hash map is one.
        let seed = RandomState::new().hash_one(camera.owner.seed());
        let mut session = Session::new(camera.source.rtsp_target(self.url), user, password, seed, clock::now());
        self.lines.begin_session();
        let ended = match self.converse(&mut link, &mut session, stop) {
            Err(CameraError::Link(error)) if error.is_stopped() => Ok(()),
            // The session knows best what a hang-up at this point means.
            Err(CameraError::Link(LinkError { failure: Failure::Closed, .. })) => Err(session.closed().into()),
            ended => ended,
        };
        // TEARDOWN frees the camera's only viewer slot at once. Without it, some cameras keep the slot for a minute.
        self.lines.exchanges(&mut session);
        self.lines.media(self.depacketizer, clock::now());
        let mut says_goodbye = session.teardown();
        while let Some(bytes) = session.output() {
            if link.write_all(&bytes).is_err() {
                says_goodbye = false;
                break;
            }
        }
        if says_goodbye {
            self.lines.goodbye();
        }
        link.close();
        ended
    }

    fn converse(&mut self, link: &mut Link, session: &mut Session, stop: &Stop) -> Result<(), CameraError> {
        while !stop.is_stopped() {
            while let Some(bytes) = session.output() {
                link.write_all(&bytes)?;
            }
            self.show_step(session)?;
            self.note_wait(session);
            if let Read::Bytes(count) = link.read(session.space())? {
                session.filled(count);
            }
            let now = clock::now();
            while let Some(event) = session.next(now)? {
                self.take(event, now)?;
            }
            self.lines.exchanges(session);
            session.tick(now)?;
            self.forward(now);
            if self.report_due.is_some_and(|due| now >= due) {
                self.report_due = Some(now + RECEIVER_REPORT);
                session.send_rtcp(&self.depacketizer.receiver_report());
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, now: Instant) -> Result<(), CameraError> {
        match event {
            Event::Described(video) => {
                self.depacketizer.restart(&video.parameter_sets, video.payload_type);
                self.lines.described(video);
            }
            Event::Playing => {
                self.pulse.get_or_insert_with(|| Pulse::new(now));
                self.report_due = Some(now + RECEIVER_REPORT);
            }
            Event::Rtp(packet) => {
                let (pictures, changes) = (self.depacketizer.pictures(), self.depacketizer.changes());
                self.depacketizer.push(packet, now, clock::unix_ms())?;
                let pulse = self.pulse.get_or_insert_with(|| Pulse::new(now));
                pulse.packet(rtp::has_marker(packet), now);
                for _ in pictures..self.depacketizer.pictures() {
                    pulse.picture(now);
                    if !self.pictures.spend(1, now) {
                        return Err(CameraError::TooManyPictures);
                    }
                }
                (changes..self.depacketizer.changes()).for_each(|_| pulse.changed(now));
            }
            Event::Rtcp(packet) => {
                self.depacketizer.hear_rtcp(packet, now);
                if rtcp::says_goodbye(packet) && !std::mem::replace(&mut self.said_goodbye, true) {
                    log::info!("{}: the camera said BYE", self.camera.owner);
                }
            }
        }
        Ok(())
    }

    /// Hands complete frames to the packager, without ever blocking on it.
    fn forward(&mut self, now: Instant) {
        while let Some(unit) = self.depacketizer.pop() {
            if let Some(pulse) = &mut self.pulse {
                pulse.passed(unit.idr, now);
            }
            self.first_picture.get_or_insert(now);
            self.camera.board.picture(self.depacketizer.stats(), now);
            self.hand_over(unit);
        }
        self.lines.media(self.depacketizer, now);
    }

    fn hand_over(&mut self, mut unit: AccessUnit) {
        if self.dropping && !unit.idr {
            self.overrun += 1;
            return self.camera.board.dropped(1, false);
        }
        unit.discontinuity |= self.dropping;
        if self.camera.units.add(unit, &mut self.waiting) {
            self.give();
        }
    }

    /// Gives the waiting frames to the packager.
    pub(super) fn give(&mut self) {
        let batch = std::mem::replace(&mut self.waiting, self.camera.units.batch());
        let count = batch.pictures.len();
        let given = if count > 0 { self.camera.units.give(batch) } else { Ok(()) };
        let was_dropping = std::mem::replace(&mut self.dropping, given == Err(Full));
        if self.dropping {
            self.camera.board.dropped(count as u64, !was_dropping);
            self.overrun += count as u64;
            if !was_dropping {
                self.complain_of_dropping();
            }
        } else if was_dropping && count > 0 {
            self.lines.overrun_is_over(std::mem::take(&mut self.overrun), clock::now());
        }
    }

    /// Records for the thread dump what the thread waits for, if that has changed.
    fn note_wait(&mut self, session: &Session) {
        // A question may be asked again, with another deadline.
        let wait = (session.step(), session.deadline());
        if self.noted.replace(wait) == Some(wait) {
            return;
        }
        let what = match session.step() {
            rtsp::Step::Options => "the answer to OPTIONS",
            rtsp::Step::Describe => "the answer to DESCRIBE",
            rtsp::Step::Setup => "the answer to SETUP",
            rtsp::Step::Play => "the answer to PLAY",
            rtsp::Step::Playing | rtsp::Step::Ended => "packets of the camera (checks for the stop every 500 ms)",
        };
        waits_for(what, session.deadline());
    }

    /// Warns at once and then hourly, because a camera can cause this many times a second.
    fn complain_of_dropping(&self) {
        let camera = self.camera;
        match camera.board.complain("dropping", clock::now()) {
            None => log::debug!("{}: the packager is late; dropping to the next key frame", camera.owner),
            Some(0) => log::warn!("{}: the packager is late; dropping to the next key frame", camera.owner),
            Some(more) => log::warn!(
                "{}: the packager is late; dropping to the next key frame, {more} more times since the last warning",
                camera.owner
            ),
        }
    }

    /// Whether viewers see frames of this connection. A camera whose stream is still being measured, or keeps
    /// restarting, sends frames that are not shown yet.
    fn is_shown(&self, pulse: &Pulse) -> bool {
        self.announced_at.is_none()
            || (self.camera.units.has_shown_since(self.given_before) && pulse.is_settled(clock::now()))
    }

    /// Publishes the step of the session, and ends a session that is of no further use.
    fn show_step(&mut self, session: &Session) -> Result<(), CameraError> {
        let step = match (session.step(), &self.pulse) {
            (rtsp::Step::Options | rtsp::Step::Describe, _) => Step::SigningIn,
            (rtsp::Step::Playing, Some(pulse)) => {
                match pulse.judge(self.depacketizer.stats().key_frame_interval_s, clock::now())? {
                    Step::Live if !self.is_shown(pulse) => Step::WaitingForKeyFrame,
                    step => step,
                }
            }
            _ => Step::SettingUp,
        };
        self.camera.board.enter(step);
        if step == Step::Live
            && let Some(level) = self.announced_at.take()
        {
            log::log!(level, "{}: camera live", self.camera.owner);
        }
        if self.live_for().is_some_and(|span| span > LASTED) {
            self.camera.board.forget_error();
        }
        Ok(())
    }
}
