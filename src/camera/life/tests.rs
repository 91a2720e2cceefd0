use super::*;
use crate::base::stop::stop;
use crate::base::watch::Subscribers;
use crate::camera::CameraState;
use crate::camera::source::Source;
use crate::camera::state::Condition;
use crate::media::{AccessUnit, Stats};
use crate::net::link::LinkError;
use crate::printer::identity::Refusal;
use crate::printer::label::Label;
use crate::printer::{Printer, PrinterId, RtspOverrides, Rules, Serial};
use crate::registry::pin::Pin;
use crate::stream::{Fanout, Live, Still};
use crossbeam_channel::{Sender, bounded};
use std::sync::{Arc, Mutex};

/// A connector whose connections do what a test has written down.
struct Scripted<'a> {
    /// What [`Connector::prepare`] returns, one after another, and then `Ok`.
    unready: Vec<Unready>,
    /// One entry for each connection. After the last, a connection lasts until the stop.
    connections: Vec<Connection<'a>>,
    /// Told at the beginning of each connection.
    begun: Sender<()>,
    /// What the printer says.
    lull: &'a Mutex<Option<Lull>>,
}

type Connection<'a> = Box<dyn FnOnce(&mut Output<'_>) -> Result<(), CameraError> + Send + 'a>;

impl Debug for Scripted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} connections", self.connections.len())
    }
}

impl Connector for Scripted<'_> {
    fn prepare(&mut self) -> Result<(), Unready> {
        self.unready.pop().map_or(Ok(()), Err)
    }

    fn place(&self) -> Place {
        Place::UsualPort
    }

    fn lull(&self) -> Option<Lull> {
        *self.lull.lock().unwrap()
    }

    fn run(&mut self, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        self.begun.send(()).unwrap();
        if self.connections.is_empty() {
            let _ = stop.channel().recv();
            return Ok(());
        }
        self.connections.remove(0)(output)
    }

    fn pauses(&self) -> Pauses {
        const HOUR: Duration = Duration::from_secs(3600);
        Pauses { brisk: &[Duration::ZERO], absent: HOUR, longest: Duration::ZERO, long: &[HOUR] }
    }
}

fn camera() -> Camera {
    let printer = Printer {
        id: PrinterId(3),
        name: "Garage".to_owned(),
        host: "192.168.1.10".to_owned(),
        serial: Serial::parse("00M09A000000001").unwrap(),
        access_code: crate::base::secret::Secret::new("12345678"),
        rtsp_url: None,
        camera_login: None,
        camera_fingerprint: None,
    };
    let owner = Label::Printer(printer.id);
    Camera {
        owner,
        source: Source::of(&printer, &RtspOverrides::default(), Rules::default(), 6000),
        units: Arc::new(Fanout::new(owner, 0)),
        live: Some(Arc::new(Live::default())),
        board: Arc::new(CameraState::new(owner, Arc::new(Subscribers::default()))),
        pin: Arc::new(Pin::unsaved(None)),
        attempts: Attempts::UntilStop,
    }
}

/// The steps around a test's part of the life.
struct Life<'a> {
    camera: &'a Camera,
    begun: Receiver<()>,
    news: Sender<()>,
}

impl Life<'_> {
    /// Waits for the beginning of the next connection.
    fn await_connection(&self) {
        self.begun.recv_timeout(Duration::from_secs(20)).expect("another connection");
    }

    /// Waits until the camera is at `step`.
    fn await_step(&self, step: Step) {
        let deadline = clock::now() + Duration::from_secs(20);
        while self.camera.board.step() != step {
            assert!(clock::now() < deadline, "{:?} instead of {step:?}", self.camera.board.step());
            std::thread::yield_now();
        }
    }
}

/// Runs a life with these connections, and `follow` beside it.
fn live_through(
    camera: &Camera,
    unready: Vec<Unready>,
    connections: Vec<Connection<'_>>,
    follow: impl FnOnce(&Life<'_>),
) {
    live_through_lulls(camera, unready, connections, &Mutex::new(None), follow);
}

/// The same, while the printer may give a reason why no picture comes.
fn live_through_lulls(
    camera: &Camera,
    unready: Vec<Unready>,
    connections: Vec<Connection<'_>>,
    lull: &Mutex<Option<Lull>>,
    follow: impl FnOnce(&Life<'_>),
) {
    let ((begun, seen), (news, rung), (stopper, stopped)) = (bounded(16), bounded(1), stop());
    let mut connector = Scripted { unready, connections, begun, lull };
    std::thread::scope(|scope| {
        let life = scope.spawn(|| run(camera, &mut connector, &rung, &stopped));
        follow(&Life { camera, begun: seen, news });
        drop(stopper);
        life.join().unwrap();
    });
}

fn key_frame() -> AccessUnit {
    AccessUnit { idr: true, bytes: vec![0x65; 100], ..AccessUnit::default() }
}

#[test]
fn a_failed_attempt_is_told_and_the_next_one_follows() {
    let camera = camera();
    let connections: Vec<Connection<'_>> =
        vec![Box::new(|_| Err(CameraError::NoFirstPacket)), Box::new(|_| panic!("a connection like no other"))];
    live_through(&camera, Vec::new(), connections, |life| {
        (0..3).for_each(|_| life.await_connection());
        let report = camera.board.report(clock::now());
        assert_eq!(camera.board.step(), Step::Retrying);
        let panicked = |error: &CameraError| matches!(error, CameraError::Panic(_));
        let told = matches!(&report.trouble, Some(Trouble::Failed { error, .. }) if panicked(error));
        assert!(told, "{:?}", report.trouble);
    });
}

#[test]
fn a_connection_says_itself_when_it_is_live_and_its_frames_count() {
    let camera = camera();
    let connection: Connection<'_> = Box::new(|output| {
        output.enter(Step::SettingUp);
        output.unit(key_frame(), Stats::default(), clock::now());
        assert!(!output.is_shown() && !output.was_live());
        camera.live.as_ref().unwrap().shows(1);
        assert!(output.is_shown());
        output.enter(Step::Live);
        assert!(output.was_live());
        Err(CameraError::Silent(4))
    });
    live_through(&camera, Vec::new(), vec![connection], |life| {
        (0..2).for_each(|_| life.await_connection());
        assert_eq!((camera.board.arrived(), camera.units.pushed(), camera.board.reconnects()), (1, 1, 1));
    });
}

#[test]
fn a_camera_that_sends_no_video_publishes_stills() {
    let camera = camera();
    let (live, now) = (camera.live.as_ref().unwrap(), clock::now());
    let picture = Arc::new(key_frame());
    let connection: Connection<'_> = Box::new(|output| {
        output.still(Still::of_key_frame(Arc::clone(&picture)), Stats::default(), now);
        output.enter(Step::Live);
        Err(CameraError::Silent(30))
    });
    live_through(&camera, Vec::new(), vec![connection], |life| {
        (0..2).for_each(|_| life.await_connection());
        assert_eq!(live.still().unwrap().coded_bytes, 100);
        assert_eq!((camera.board.arrived(), camera.units.pushed(), camera.board.reconnects()), (1, 0, 1));
        assert_eq!(Arc::strong_count(&picture), 2, "the picture is not copied");
    });
}

#[test]
fn the_newest_key_frame_is_the_still() {
    let camera = camera();
    let mut output = Output::new(&camera, Level::Info);
    for captured_unix_ms in 1..=4 {
        let idr = captured_unix_ms != 4;
        output.unit(AccessUnit { idr, captured_unix_ms, ..key_frame() }, Stats::default(), clock::now());
    }
    let still = camera.live.as_ref().unwrap().still().unwrap();
    assert_eq!(still.captured_unix_ms, 3);
    assert!(still.held_bytes() >= 100, "nobody else holds it");
}

#[test]
fn a_refusal_is_followed_by_a_long_pause_that_news_end() {
    let camera = camera();
    let refused = LinkError { at: "192.168.1.10:6000".to_owned(), failure: Refusal::Unreadable.into() };
    live_through(&camera, Vec::new(), vec![Box::new(|_| Err(refused.into()))], |life| {
        life.await_connection();
        life.await_step(Step::Refused);
        assert!(life.begun.is_empty());
        life.news.send(()).unwrap();
        life.await_connection();
    });
}

#[test]
fn while_there_is_nothing_to_connect_to_no_connection_is_made() {
    let camera = camera();
    let forbidden = Unready::Forbidden(crate::printer::address::UrlError::Plain);
    live_through(&camera, vec![forbidden, Unready::SwitchedOff], Vec::new(), |life| {
        life.await_step(Step::SwitchedOff);
        life.news.send(()).unwrap();
        life.await_step(Step::Refused);
        assert!(life.begun.is_empty());
        life.news.send(()).unwrap();
        life.await_connection();
    });
}

#[test]
fn a_lull_is_shown_and_only_its_end_ends_the_pause() {
    let camera = camera();
    let lull = Mutex::new(Some(Lull::NoCamera));
    let connections: Vec<Connection<'_>> = vec![Box::new(|_| Err(CameraError::NoFirstPacket))];
    live_through_lulls(&camera, Vec::new(), connections, &lull, |life| {
        life.await_connection();
        life.await_step(Step::NoCamera);
        for _ in 0..3 {
            life.news.send(()).unwrap();
        }
        // The last one waits in the bell, so the others have been heard.
        assert!(life.begun.is_empty() && camera.board.step() == Step::NoCamera);
        assert!(matches!(camera.board.report(clock::now()).condition(), Condition::Step(Step::NoCamera)));
        *lull.lock().unwrap() = None;
        life.news.send(()).unwrap();
        life.await_connection();
        assert_eq!(camera.board.step(), Step::NoCamera, "until the connection tells another step");
    });
}
