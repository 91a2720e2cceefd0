//! One connection to a camera: what its session tells goes to the packager as pictures and to the board as steps.

use super::error::CameraError;
use super::{Camera, GOOD_AFTER};
use crate::base::clock;
use crate::base::stop::Stop;
use crate::fleet::board::Step;
use crate::fleet::feed::Full;
use crate::media::{AccessUnit, Depacketizer, rtcp};
use crate::net::link::{Failure, Link, LinkError, Read};
use crate::printer::RtspUrl;
use crate::rtsp::{self, Event, Session};
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// A camera that has sent video is taken for dead after this much silence; TCP would not notice for minutes.
pub(super) const SILENCE: Duration = Duration::from_secs(4);

/// The first packet may be this late after PLAY (a P2S needs more than 10 s on a cold start).
pub(super) const FIRST_PACKET: Duration = Duration::from_secs(20);

/// A key frame may be this late, as a floor: the slowest cameras send one every 10 s.
const KEY_FRAME: Duration = Duration::from_secs(15);

/// After this long without a key frame the person is told what is being waited for.
const KEY_FRAME_OVERDUE: Duration = Duration::from_secs(5);

/// RTCP receiver reports keep live555 and cameras of other makers from ending the session.
const RECEIVER_REPORT: Duration = Duration::from_secs(5);

/// One connection to the camera.
pub(super) struct Connection<'a> {
    camera: &'a Camera,
    url: &'a RtspUrl,
    depacketizer: &'a mut Depacketizer,
    playing_since: Option<Instant>,
    first_picture: Option<Instant>,
    last_packet: Option<Instant>,
    last_key_frame: Option<Instant>,
    report_due: Option<Instant>,
    /// Pictures that the packager has no use for yet.
    waiting: Vec<AccessUnit>,
    /// The packager was full: nothing goes out until the next key frame.
    dropping: bool,
}

impl<'a> Connection<'a> {
    pub(super) fn new(camera: &'a Camera, url: &'a RtspUrl, depacketizer: &'a mut Depacketizer) -> Self {
        Self {
            camera,
            url,
            depacketizer,
            playing_since: None,
            first_picture: None,
            last_packet: None,
            last_key_frame: None,
            report_due: None,
            waiting: Vec::new(),
            dropping: false,
        }
    }

    pub(super) fn live_for(&self) -> Option<Duration> {
        self.first_picture.map(|since| clock::now().saturating_duration_since(since))
    }

    /// Returns `Ok` at the stop and the reason otherwise.
    pub(super) fn run_once(&mut self, stop: &Stop) -> Result<(), CameraError> {
        let camera = self.camera;
        camera.board.enter(Step::Connecting);
        let target = camera.source.target(self.url, camera.pin.get());
        let (mut link, leaf) = match Link::open(&target, stop) {
            Err(error) if error.is_stopped() => return Ok(()),
            opened => opened?,
        };
        // The first certificate that proved to be this printer's is the one expected from now on.
        camera.pin.claim(&target, leaf)?;
        let (user, password) = camera.source.login();
        // Digest wants a number used once; the seed of a hash map is one.
        let seed = RandomState::new().hash_one(camera.owner.seed());
        let mut session = Session::new(camera.source.rtsp_target(self.url), user, password, seed, clock::now());
        let ended = match self.converse(&mut link, &mut session, stop) {
            Err(CameraError::Link(error)) if error.is_stopped() => Ok(()),
            // The session knows better what it means that the camera hangs up at this point.
            Err(CameraError::Link(LinkError { failure: Failure::Closed, .. })) => Err(session.closed().into()),
            ended => ended,
        };
        // The camera frees its one place for a viewer at TEARDOWN; without it some hold the place for a minute.
        session.teardown();
        while let Some(bytes) = session.output() {
            if link.write_all(&bytes).is_err() {
                break;
            }
        }
        link.close();
        ended
    }

    fn converse(&mut self, link: &mut Link, session: &mut Session, stop: &Stop) -> Result<(), CameraError> {
        while !stop.is_stopped() {
            while let Some(bytes) = session.output() {
                link.write_all(&bytes)?;
            }
            self.show_step(session);
            if let Read::Bytes(count) = link.read(session.space())? {
                session.filled(count);
            }
            let now = clock::now();
            while let Some(event) = session.next(now)? {
                self.take(event, now)?;
            }
            session.tick(now)?;
            self.forward(now);
            self.check_liveness(now)?;
            if self.report_due.is_some_and(|due| now >= due) {
                self.report_due = Some(now + RECEIVER_REPORT);
                session.send_rtcp(&self.depacketizer.receiver_report());
            }
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, now: Instant) -> Result<(), CameraError> {
        match event {
            Event::Described(video) => self.depacketizer.restart(&video.parameter_sets, video.payload_type),
            Event::Playing => {
                self.playing_since = Some(now);
                self.last_key_frame = Some(now);
                self.report_due = Some(now + RECEIVER_REPORT);
            }
            Event::Rtp(packet) => {
                self.last_packet = Some(now);
                self.depacketizer.push(packet, now, clock::unix_ms())?;
            }
            Event::Rtcp(packet) => {
                self.depacketizer.hear_rtcp(packet, now);
                if rtcp::says_goodbye(packet) {
                    log::info!("{}: the camera said BYE", self.camera.owner);
                }
            }
        }
        Ok(())
    }

    /// Hands whole pictures to the packager and never waits for it.
    fn forward(&mut self, now: Instant) {
        while let Some(unit) = self.depacketizer.pop() {
            if unit.idr {
                self.last_key_frame = Some(now);
            }
            if self.first_picture.is_none() {
                self.first_picture = Some(now);
                log::info!("{}: camera live", self.camera.owner);
            }
            self.camera.board.picture(self.depacketizer.stats(), now);
            self.hand_over(unit);
        }
    }

    fn hand_over(&mut self, mut unit: AccessUnit) {
        if self.dropping && !unit.idr {
            return self.camera.board.dropped(1, false);
        }
        unit.discontinuity |= self.dropping;
        if self.camera.units.add(unit, &mut self.waiting) {
            self.give();
        }
    }

    /// Gives the packager what waits.
    pub(super) fn give(&mut self) {
        let pictures = std::mem::take(&mut self.waiting);
        let count = pictures.len();
        let given = if count > 0 { self.camera.units.give(pictures) } else { Ok(()) };
        let was_dropping = std::mem::replace(&mut self.dropping, given == Err(Full));
        if self.dropping {
            self.camera.board.dropped(count as u64, !was_dropping);
            if !was_dropping {
                log::warn!("{}: the packager is late; dropping to the next key frame", self.camera.owner);
            }
        }
    }

    fn check_liveness(&self, now: Instant) -> Result<(), CameraError> {
        let Some(playing) = self.playing_since else { return Ok(()) };
        let since = |at: Instant| now.saturating_duration_since(at);
        match self.last_packet {
            None if since(playing) > FIRST_PACKET => return Err(CameraError::NoFirstPacket),
            Some(at) if since(at) > SILENCE => return Err(CameraError::Silent),
            _ => {}
        }
        if let (Some(_), Some(key)) = (self.last_packet, self.last_key_frame) {
            let usual = self.depacketizer.stats().key_frame_interval_s.unwrap_or(0.0).min(60.0);
            if since(key) > KEY_FRAME.max(Duration::from_secs_f64(usual * 2.0)) {
                return Err(CameraError::NoKeyFrame(since(key).as_secs()));
            }
        }
        Ok(())
    }

    fn show_step(&self, session: &Session) {
        let now = clock::now();
        let overdue =
            |at: Option<Instant>, limit: Duration| at.is_some_and(|at| now.saturating_duration_since(at) > limit);
        let step = match session.step() {
            rtsp::Step::Options | rtsp::Step::Describe => Step::SigningIn,
            rtsp::Step::Setup | rtsp::Step::Play => Step::SettingUp,
            _ if self.last_packet.is_none() => Step::WaitingForVideo,
            _ if overdue(self.last_packet, SILENCE / 2) => Step::Stalled,
            _ if self.first_picture.is_none() || overdue(self.last_key_frame, self.key_frame_patience()) => {
                Step::WaitingForKeyFrame
            }
            _ => Step::Live,
        };
        self.camera.board.enter(step);
        if self.live_for().is_some_and(|span| span > GOOD_AFTER) {
            self.camera.board.forget_error();
        }
    }

    fn key_frame_patience(&self) -> Duration {
        let usual = self.depacketizer.stats().key_frame_interval_s.unwrap_or(0.0).min(60.0);
        KEY_FRAME_OVERDUE.max(Duration::from_secs_f64(usual * 1.5))
    }
}
