//! The camera thread of a printer: holds exactly one connection to the camera and turns it into access units.
//!
//! [`run`] is its life: attempt after attempt until the stop. `run_once` is one connection.

use super::board::{CameraBoard, Ended, Step};
use super::feed::{Feed, Full};
use super::live_view::LiveViewWatch;
use super::owner::Owner;
use super::pin::Pin;
use crate::base::backoff::Backoff;
use crate::base::stop::Stop;
use crate::base::thread::panic_text;
use crate::base::{clock, error_chain};
use crate::media::{AccessUnit, Depacketizer, MediaError, rtcp};
use crate::net::link::{Failure, Link, LinkError, Read, Target};
use crate::printer::ipcam::LiveView;
use crate::printer::{Identity, Printer, RtspUrl};
use crate::rtsp::{self, Event, RtspError, Session};
use crossbeam_channel::select;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Waits between attempts. The cap is what "picture back within 8 s of the heal" leaves after a handshake and the
/// wait for a key frame.
const RETRY: &[Duration] =
    &[Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];

/// Waits after a refusal: printers may lock out who knocks with a wrong code, and only a person can mend it.
const RETRY_REFUSED: &[Duration] = &[Duration::from_secs(60), Duration::from_secs(300)];

/// A connection that has given pictures for this long was a good one: its loss is retried at once.
const GOOD_AFTER: Duration = Duration::from_secs(5);

/// A camera that has sent video is taken for dead after this much silence; TCP would not notice for minutes.
const SILENCE: Duration = Duration::from_secs(4);

/// The first packet may be this late after PLAY (a P2S needs more than 10 s on a cold start).
const FIRST_PACKET: Duration = Duration::from_secs(20);

/// A key frame may be this late, as a floor: the slowest cameras send one every 10 s.
const KEY_FRAME: Duration = Duration::from_secs(15);

/// After this long without a key frame the person is told what is being waited for.
const KEY_FRAME_OVERDUE: Duration = Duration::from_secs(5);

/// RTCP receiver reports keep live555 and cameras of other makers from ending the session.
const RECEIVER_REPORT: Duration = Duration::from_secs(5);

/// Where a camera is and how to get in.
#[derive(Debug, Clone)]
pub struct Source {
    /// Host, access code, and whom to expect.
    pub printer: Printer,
    /// The URL that a person has set, over what the printer says.
    pub chosen: Option<RtspUrl>,
    /// User of the RTSP login; its password is the access code.
    pub user: &'static str,
}

impl Source {
    /// The camera's URL: a person's word, then the printer's, then what printers do by themselves; or why there is
    /// nothing to connect to.
    ///
    /// # Errors
    /// [`Step::SwitchedOff`] or [`Step::NotSupported`].
    pub fn url(&self, said: &LiveView) -> Result<RtspUrl, Step> {
        match (&self.chosen, said) {
            (Some(url), _) | (None, LiveView::Url(url)) => Ok(url.clone()),
            (None, LiveView::Unsaid) => Ok(RtspUrl::of_printers(&self.printer.host)),
            (None, LiveView::Disabled) => Err(Step::SwitchedOff),
            (None, LiveView::NotOnModel) => Err(Step::NotSupported),
        }
    }
}

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

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// Nobody answers, somebody else does, or the connection broke.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The conversation did not come about.
    #[error(transparent)]
    Rtsp(#[from] RtspError),
    /// What arrives is no video.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// It accepts and sends nothing.
    #[error("no packet within {} s of PLAY", FIRST_PACKET.as_secs())]
    NoFirstPacket,
    /// It has sent, and sends no more.
    #[error("no packet for {} s, the connection still open", SILENCE.as_secs())]
    Silent,
    /// It sends nothing that a player could begin with.
    #[error("no key frame for {0} s")]
    NoKeyFrame(u64),
    /// A mistake of ours.
    #[error("the camera thread panicked: {0}")]
    Panic(String),
}

impl CameraError {
    /// Whether somebody has taken the connection.
    #[must_use]
    pub fn reached(&self) -> bool {
        !matches!(self, Self::Link(LinkError { failure: Failure::Dial(_), .. }))
    }

    /// What happened and what to do, for the person.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Link(error) => error.sentence(),
            Self::Rtsp(error) => error.sentence(),
            Self::Media(error) => error.sentence(),
            Self::NoFirstPacket => {
                "The camera accepts but sends no picture. If this lasts, switch LAN Only Liveview off and on again on the printer.".into()
            }
            Self::Silent => "The camera has stopped sending; reconnecting.".into(),
            Self::NoKeyFrame(_) => "The camera sends no key frame to begin with; reconnecting.".into(),
            Self::Panic(_) => "The camera's program failed here; it starts again by itself. Please report it with the log.".into(),
        }
    }

    /// Only a person can mend it; knocking on may lock us out.
    fn is_refusal(&self) -> bool {
        match self {
            Self::Link(error) => matches!(error.failure, Failure::Certificate(_)),
            Self::Rtsp(error) => error.is_refused_credentials(),
            _ => false,
        }
    }
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
        let ended = Ended { reached: error.reached(), had_picture: live_for.is_some() };
        camera.board.fail(step, &error.sentence(), ended);
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
                Err(step) => {
                    self.board.enter(step);
                    self.board.forget_error();
                }
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

/// One connection to the camera.
struct Connection<'a> {
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
    fn new(camera: &'a Camera, url: &'a RtspUrl, depacketizer: &'a mut Depacketizer) -> Self {
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

    fn live_for(&self) -> Option<Duration> {
        self.first_picture.map(|since| clock::now().saturating_duration_since(since))
    }

    /// Returns `Ok` at the stop and the reason otherwise.
    fn run_once(&mut self, stop: &Stop) -> Result<(), CameraError> {
        let camera = self.camera;
        camera.board.enter(Step::Connecting);
        let target = self.target();
        let (mut link, leaf) = match Link::open(&target, stop) {
            Err(error) if error.is_stopped() => return Ok(()),
            opened => opened?,
        };
        // The first certificate that proved to be this printer's is the one expected from now on.
        camera.pin.claim(&target, leaf)?;
        let (user, password) = (camera.source.user, camera.source.printer.access_code.clone());
        // Digest wants a number used once; the seed of a hash map is one.
        let seed = RandomState::new().hash_one(camera.owner.seed());
        let mut session = Session::new(self.rtsp_target(), user, password, seed, clock::now());
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
    fn give(&mut self) {
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

    fn target(&self) -> Target {
        let Source { printer, .. } = &self.camera.source;
        let identity = || Identity::of_camera(printer, self.camera.pin.get());
        Target { host: printer.host.clone(), port: self.url.port(), tls: self.url.tls().then(identity) }
    }

    fn rtsp_target(&self) -> rtsp::Target {
        rtsp::Target::new(self.url.tls(), &self.camera.source.printer.host, self.url.port(), self.url.path())
    }
}
