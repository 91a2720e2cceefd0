//! Cameras that speak RTSP. [`Rtsp`] keeps what lasts longer than a connection.

pub(super) mod lines;
pub(super) mod liveness;

use super::error::CameraError;
use super::output::Output;
use super::step::Step;
use super::{Camera, Source, opening};
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::media::{Depacketizer, rtcp, rtp};
use crate::net::link::{Failure, Link, LinkError, Read, USUAL_LIMITS};
use crate::printer::RtspUrl;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crate::rtsp::{self, Event, Session};
use lines::Lines;
use liveness::PacketTiming;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// RTCP receiver reports keep live555 and other makers' cameras from ending the session.
const RECEIVER_REPORT: Duration = Duration::from_secs(5);

/// More frames a second than any known camera sends. The burst is larger, because a stalled network delivers many at
/// once: a receive buffer of 6 MB holds 48 s of 1 Mbit/s.
pub const PICTURES_PER_S: u32 = 250;
pub(super) const PICTURES_AT_ONCE: u32 = 2_500;

/// Makes RTSP connections to one camera.
#[derive(Debug)]
pub(super) struct Rtsp<'a> {
    owner: Label,
    source: &'a Source,
    pin: &'a Pin,
    /// All connections share one depacketizer, so that its timeline and the measured key frame interval continue.
    depacketizer: Depacketizer,
    lines: Lines,
    seed: u64,
}

impl<'a> Rtsp<'a> {
    pub(super) fn new(camera: &'a Camera) -> Self {
        Self {
            owner: camera.owner,
            source: &camera.source,
            pin: &camera.pin,
            depacketizer: Depacketizer::default(),
            lines: Lines::new(camera.owner),
            seed: camera.owner.seed(),
        }
    }

    /// Makes one connection and serves it; see [`super::Connector::run`].
    pub(super) fn run(&mut self, url: &RtspUrl, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        let target = self.source.target(url, self.pin.get());
        let Some(mut link) = opening::open(self.owner, &target, USUAL_LIMITS, self.pin, stop)? else { return Ok(()) };
        let (user, password) = self.source.login();
        // Digest needs a nonce that is used once; the random seed of a hash map is one.
        let seed = RandomState::new().hash_one(self.seed);
        let mut session = Session::new(self.source.rtsp_target(url), user, password, seed, clock::now());
        self.lines.begin_session();
        let mut connection = Connection::new(&mut self.depacketizer, &mut self.lines, output);
        let ended = connection.converse(&mut link, &mut session, stop);
        let hung_up = matches!(&ended, Err(CameraError::Link(error)) if !error.is_stopped());
        let ended = match ended {
            Err(CameraError::Link(error)) if error.is_stopped() => Ok(()),
            // The session knows best what a hang-up at this point means.
            Err(CameraError::Link(LinkError { failure: Failure::Closed, .. })) => Err(session.closed().into()),
            ended => ended,
        };
        self.lines.exchanges(&mut session);
        self.lines.media(&mut self.depacketizer, clock::now());
        // TEARDOWN frees the camera's only viewer slot at once. Without it, some cameras keep the slot for a minute. A
        // camera that has hung up would not read it.
        let mut says_goodbye = !hung_up && session.teardown();
        while let Some(bytes) = session.output().filter(|_| !hung_up) {
            if link.write_all(&bytes).is_err() {
                says_goodbye = false;
                break;
            }
        }
        if says_goodbye {
            self.lines.goodbye(ended.as_ref().err());
        }
        link.close();
        ended
    }
}

/// One RTSP session.
struct Connection<'a, 'o> {
    depacketizer: &'a mut Depacketizer,
    lines: &'a mut Lines,
    output: &'a mut Output<'o>,
    /// The session step last recorded for the thread dump, with its deadline.
    noted: Option<(rtsp::Step, Option<Instant>)>,
    /// Set once the session plays.
    pulse: Option<PacketTiming>,
    report_due: Option<Instant>,
    /// Limits the frame rate.
    pictures: Bucket,
    /// Whether the camera has announced the end of the stream (BYE).
    said_goodbye: bool,
}

impl<'a, 'o> Connection<'a, 'o> {
    fn new(depacketizer: &'a mut Depacketizer, lines: &'a mut Lines, output: &'a mut Output<'o>) -> Self {
        Self {
            depacketizer,
            lines,
            output,
            noted: None,
            pulse: None,
            report_due: None,
            pictures: Bucket::new(PICTURES_AT_ONCE.into(), PICTURES_PER_S.into()),
            said_goodbye: false,
        }
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
                self.pulse.get_or_insert_with(|| PacketTiming::new(now));
                self.report_due = Some(now + RECEIVER_REPORT);
            }
            Event::Rtp(packet) => {
                let (pictures, changes) = (self.depacketizer.pictures(), self.depacketizer.changes());
                self.depacketizer.push(packet, now, clock::unix_ms())?;
                let pulse = self.pulse.get_or_insert_with(|| PacketTiming::new(now));
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
                    log::info!("{}: the camera said BYE", self.output.owner());
                }
            }
        }
        Ok(())
    }

    /// Passes complete frames on.
    fn forward(&mut self, now: Instant) {
        while let Some(unit) = self.depacketizer.pop() {
            if let Some(pulse) = &mut self.pulse {
                pulse.passed(unit.idr, now);
            }
            self.output.unit(unit, self.depacketizer.stats(), now);
        }
        self.lines.media(self.depacketizer, now);
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
        self.output.enter(step);
        Ok(())
    }

    /// Whether viewers see frames of this connection. Frames of a camera that keeps restarting are not shown yet.
    fn is_shown(&self, pulse: &PacketTiming) -> bool {
        self.output.was_live() || (self.output.is_shown() && pulse.is_settled(clock::now()))
    }
}
