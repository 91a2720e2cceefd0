//! Faults of a camera that sends pictures, each as a situation: the real threads with a virtual printer. A fault is told in
//! its words, a picture is back within one gap and 8 s of the heal, no second connection is made while one is
//! outstanding, and the printer beside is not affected.

use crate::camera::{Farm, draft, ports};
use crate::diagnosis::test;
use crate::status::{Bench, setup};
use crate::status_http::Served;
use crate::told::Told;
use platecast::base::clock;
use platecast::base::secret::Secret;
use platecast::fleet::Ports;
use platecast::printer::model::CameraKind;
use platecast::printer::{Draft, PrinterId};
use serde_json::json;
use std::time::Duration;
use virtual_printer::{
    Behaviour, Camera, Dirt, JpegService, Model, Rhythm, Setup, Stall, Update, VirtualPrinter, picture_number,
};

/// One picture so often, so that gaps do not make the tests long.
const GAP: Duration = Duration::from_millis(300);

/// Back within one gap and this.
const BACK: Duration = Duration::from_secs(8);

const FIRST: Duration = Duration::from_secs(8);

/// The printer beside: its pictures may be this old at most, on a busy machine.
const UNDISTURBED_MS: u64 = 5_000;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn behaviour(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    behaviour.jpeg.rhythm = Rhythm::Steady(GAP);
    change(&mut behaviour);
    behaviour
}

/// An A1 with this behaviour, and a P1S beside.
struct Pair(Farm);

impl Pair {
    fn started(change: impl FnOnce(&mut Behaviour)) -> Self {
        Self::linked(true, change)
    }

    /// With `linked`, status comes from their brokers.
    fn linked(linked: bool, change: impl FnOnce(&mut Behaviour)) -> Self {
        let of = |(model, behaviour)| VirtualPrinter::start(Setup { behaviour, ..setup(model) }).expect("a printer");
        let printers: Vec<_> =
            [(Model::A1, behaviour(change)), (Model::P1S, behaviour(|_| {}))].into_iter().map(of).collect();
        let brokers = if linked { ports(&printers, VirtualPrinter::mqtt_port) } else { Ports::same(9) };
        let own = |printer: &VirtualPrinter| Draft { rtsp_url: None, ..draft(printer) };
        Self(Farm::with(printers, brokers, own))
    }

    /// Both cameras live.
    fn live() -> Self {
        let pair = Self::started(|_| {});
        pair.wait("both live", FIRST, |_| [1, 2].iter().all(|id| pair.0.is_live(*id)));
        pair
    }

    fn camera(&self) -> &Camera {
        self.0.camera()
    }

    fn report(&self) -> Told {
        self.0.report(1)
    }

    /// Waits for a report; meanwhile the printer beside has to go on. A state that changes wakes it.
    fn wait(&self, what: &str, within: Duration, arrived: impl Fn(&Told) -> bool) -> Told {
        let (bell, deadline) = (self.0.fleet.listen(None), clock::now() + within);
        let beside_was_live = self.0.is_live(2);
        loop {
            let report = self.report();
            if arrived(&report) {
                return report;
            }
            assert!(clock::now() < deadline, "{what}: not within {within:?}; {report:?}");
            let age = self.0.report(2).last_frame_age_ms.unwrap_or(0);
            assert!(!beside_was_live || age < UNDISTURBED_MS, "{what}: the printer beside had no picture for {age} ms");
            let _ = bell.recv_timeout(Duration::from_millis(50));
        }
    }

    /// From a fault, which must be told with these words, to the heal and a new picture.
    fn goes_through(&self, within: Duration, fault: impl FnOnce(&Camera), words: &str) {
        let before = self.report();
        fault(self.camera());
        self.wait("told", within, |report| {
            let last = report.last_error.clone().unwrap_or_default();
            report.sentence.contains(words) || (report.reconnects > before.reconnects && last.contains(words))
        });
        self.camera().heal();
        self.is_back();
    }

    /// A new picture comes, and it is the newest that the printer has drawn, or the one before.
    fn is_back(&self) {
        let before = self.camera().seen().jpeg.drawn;
        self.wait("back", GAP + BACK, |report| report.step == "live" && self.number().is_some_and(|now| now > before));
    }

    /// The number in the newest picture that viewers are given.
    fn number(&self) -> Option<u64> {
        let still = self.0.fleet.live(PrinterId(1))?.still()?;
        assert_eq!(still.mp4(), None, "it is no key frame");
        let file = still.jpeg()?;
        picture_number(&file)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for printer in &self.0.printers {
                let seen = printer.camera().seen();
                // The printer answers an abandoned connection while the next one waits, and counts both then.
                let abandoned = seen.handshakes_failed as usize;
                assert!(seen.most_outstanding <= 1 + abandoned, "two connections at once: {seen:?}");
                assert_eq!(seen.jpeg.bytes_after_login, 0);
                assert!(seen.jpeg.logins == 0 || seen.jpeg.login_pieces == 1, "the login is one write: {seen:?}");
            }
        }
    }
}

#[test]
fn pictures_arrive_as_they_were_sent() {
    let pair = Pair::live();
    let report = pair.wait("measured", s(5), |report| report.picture_interval_s.is_some());
    assert_eq!((report.kind, report.picture_size), (Some(CameraKind::Jpeg), Some((1280, 720))));
    let interval_s = report.picture_interval_s.unwrap();
    assert!((0.2..0.6).contains(&interval_s), "{interval_s}");
    assert_eq!((report.frames_per_second, report.key_frame_interval_s), (None, None));
    let first = pair.number().unwrap();
    pair.wait("the next ones", s(5), |_| pair.number().unwrap() > first + 2);
    let tally = &pair.0.fleet.tallies()[0];
    assert!(tally.pictures.count > 3 && tally.pictures.bytes / tally.pictures.count > 50_000, "{tally:?}");
    assert_eq!((tally.segments, tally.units.dropped), (0, 0));
    let seen = pair.camera().seen();
    assert_eq!((seen.accepted, seen.jpeg.logins), (1, 1));
}

#[test]
fn a_wrong_code_is_told_and_rarely_tried_again() {
    // Without MQTT, nothing else says whether the code is right.
    let pair = Pair::linked(false, |behaviour| behaviour.jpeg.code = "87654321".into());
    let report = pair.wait("refused", FIRST, |report| report.step == "refused");
    assert!(report.sentence.contains("refused the access code"), "{}", report.sentence);
    assert!(pair.camera().wait_until(|seen| seen.accepted > 1, s(4)).is_err(), "it is tried again");
    let corrected = Draft { access_code: Some(Secret::new("87654321")), ..draft(&pair.0.printers[0]) };
    pair.0.fleet.edit(PrinterId(1), Draft { rtsp_url: None, ..corrected }).expect("an edit");
    pair.wait("live", FIRST, |report| report.step == "live");
}

#[test]
fn an_edited_printer_gets_2_s_before_it_is_asked_again_and_may_refuse_the_new_code() {
    let pair = Pair::live();
    let edited = Draft { access_code: Some(Secret::new("87654321")), ..draft(&pair.0.printers[0]) };
    pair.0.fleet.edit(PrinterId(1), Draft { rtsp_url: None, ..edited }).expect("an edit");
    pair.camera().wait_until(|seen| seen.connected == 0, s(4)).expect("the end of the first connection");
    let ended = clock::now();
    pair.camera().wait_until(|seen| seen.accepted == 2, s(5)).expect("a second connection");
    assert!(clock::now().saturating_duration_since(ended) > Duration::from_millis(1_800));
    // MQTT stood with the code before.
    pair.wait("refused", s(5), |report| report.step == "refused" && report.sentence.contains("access code"));
}

#[test]
fn a_camera_that_closes_without_a_byte_has_not_refused_a_code_that_mqtt_takes() {
    let pair = Pair::live();
    pair.camera().change(|behaviour| behaviour.jpeg.code = "87654321".into());
    pair.camera().reset();
    let report = pair.wait("told", s(10), |report| report.sentence.contains("although the printer accepts"));
    assert_eq!(report.step, "retrying");
    let accepted = pair.camera().seen().accepted;
    assert!(pair.camera().wait_until(|seen| seen.accepted > accepted, s(4)).is_err(), "the pause is a long one");
}

#[test]
fn a_closed_port_is_told_and_pictures_return_when_it_opens() {
    Pair::live().goes_through(
        s(8),
        |camera| {
            camera.refuse();
            camera.reset();
        },
        "has its camera port closed. It opens a while after",
    );
}

#[test]
fn where_all_places_are_taken_one_connection_waits_in_the_queue() {
    let pair = Pair::live();
    pair.camera().change(|behaviour| behaviour.jpeg.slots = 0);
    pair.camera().reset();
    pair.camera().wait_until(|seen| seen.queued == 1, s(8)).expect("a client in the queue");
    let report = pair.wait("told", s(24), |report| report.sentence.contains("places for viewers"));
    assert!(report.sentence.contains("within 20 s"), "{}", report.sentence);
    let seen =
        pair.camera().wait_until(|seen| seen.outstanding == 1 && seen.corpses == 1, s(10)).expect("a second one");
    assert_eq!(seen.most_outstanding, 1);
    // The abandoned connection is answered first, and then the one that waits.
    pair.camera().heal();
    pair.is_back();
}

#[test]
fn silence_is_told_before_the_connection_is_given_up() {
    let pair = Pair::live();
    let begun = clock::now();
    pair.camera().change(|behaviour| behaviour.stall = Some(Stall::Picture));
    let report = pair.wait("stalled", s(14), |report| report.step == "stalled");
    assert!(report.sentence.contains("has stopped sending"), "{}", report.sentence);
    assert_eq!((report.reconnects, pair.camera().seen().accepted), (0, 1));
    pair.wait("given up", s(25), |report| report.reconnects == 1);
    assert!(clock::now().saturating_duration_since(begun) > s(29));
    pair.camera().heal();
    pair.is_back();
}

#[test]
fn one_picture_and_then_silence_is_told() {
    let pair = Pair::started(|behaviour| behaviour.jpeg.rhythm = Rhythm::Once);
    pair.wait("live", FIRST, |report| report.step == "live");
    let report = pair.wait("stalled", s(14), |report| report.step == "stalled");
    assert_eq!((report.reconnects, report.picture_interval_s), (0, None));
    assert!(pair.number().is_some(), "the picture stays");
    pair.camera().change(|behaviour| behaviour.jpeg.rhythm = Rhythm::Steady(GAP));
    pair.is_back();
}

#[test]
fn gaps_of_21_s_keep_the_connection() {
    let pair = Pair::started(|behaviour| behaviour.jpeg.rhythm = Rhythm::Steady(s(21)));
    pair.wait("live", FIRST, |report| report.step == "live");
    let first = pair.number();
    pair.wait("the second picture", s(25), |_| pair.number() > first);
    let report = pair.wait("live", s(1), |report| report.step == "live");
    assert_eq!((report.reconnects, pair.camera().seen().accepted), (0, 1));
    let interval_s = report.picture_interval_s.unwrap();
    assert!((20.0..23.0).contains(&interval_s), "{interval_s}");
}

#[test]
fn a_slow_picture_arrives_whole() {
    let pair = Pair::started(|behaviour| behaviour.jpeg.body = s(5));
    pair.wait("signing in", FIRST, |report| report.step == "signing-in");
    pair.wait("live", s(9), |report| report.step == "live");
    assert_eq!((pair.number(), pair.camera().seen().accepted), (Some(1), 1));
}

#[test]
fn a_camera_without_a_first_picture_is_told() {
    let pair = Pair::started(|behaviour| behaviour.jpeg.rhythm = Rhythm::Never);
    let report = pair.wait("told", s(14), |report| report.step == "waiting-for-picture");
    assert!(report.sentence.contains("has sent no picture yet"), "{}", report.sentence);
    assert_eq!((report.kind, report.last_frame_age_ms), (Some(CameraKind::Jpeg), None));
    pair.camera().change(|behaviour| behaviour.jpeg.rhythm = Rhythm::Steady(GAP));
    pair.is_back();
    assert_eq!(pair.camera().seen().accepted, 1);
}

#[test]
fn a_printer_that_finds_no_camera_is_told_and_its_camera_left_alone() {
    let pair = Pair::live();
    pair.0.printers[0].set_camera(false);
    pair.camera().reset();
    let report = pair.wait("told", s(10), |report| report.step == "no-camera");
    assert!(report.sentence.contains("finds no camera"), "{}", report.sentence);
    // Also while the connection is open that looks whether the printer is right.
    pair.camera().wait_until(|seen| seen.accepted == 2, s(8)).expect("another attempt");
    pair.camera().reset();
    pair.camera().wait_until(|seen| seen.connected == 0, s(2)).expect("an end");
    assert!(pair.camera().wait_until(|seen| seen.accepted > 2, s(5)).is_err(), "it is dialled again");
    assert_eq!(pair.report().step, "no-camera");
    pair.0.printers[0].set_camera(true);
    pair.is_back();
}

#[test]
fn an_update_is_told_and_the_camera_is_back_after_it() {
    let pair = Pair::live();
    let printer = &pair.0.printers[0];
    printer.update(Update::Silent);
    pair.camera().reset();
    let report = pair.wait("told", s(10), |report| report.step == "updating");
    assert!(report.sentence.contains("updating its firmware"), "{}", report.sentence);
    printer.update(Update::Refused);
    pair.camera().wait_until(|seen| !seen.listening && seen.connected == 0, s(5)).expect("a closed port");
    let report = pair.wait("told", s(3), |report| report.last_error.is_some());
    assert_eq!(report.step, "updating", "{report:?}");
    let connected = |id| pair.0.fleet.status(PrinterId(id)).expect("a printer").value.connected;
    assert!(connected(1) && connected(2), "MQTT stays");
    printer.update(Update::No);
    pair.is_back();
}

#[test]
fn dirt_costs_a_picture_and_not_the_connection() {
    let pair = Pair::live();
    for dirt in [
        Dirt::StrayBytes,
        Dirt::NoEnd,
        Dirt::Garbage,
        Dirt::Tail([7, 8, 9]),
        Dirt::Tail([0, 0, 0]),
        Dirt::Length(0),
        Dirt::Length(511),
        Dirt::CutHeader,
    ] {
        pair.camera().soil(dirt, 1);
    }
    pair.camera().wait_until(|seen| seen.jpeg.soiled == 8, s(10)).expect("dirt");
    pair.is_back();
    assert_eq!((pair.report().reconnects, pair.camera().seen().accepted), (0, 1));
}

#[test]
fn nothing_but_damaged_pictures_is_told() {
    Pair::live().goes_through(s(10), |camera| camera.soil(Dirt::NoEnd, 60), "of which no picture can be made");
}

#[test]
fn a_length_beyond_all_bounds_is_told() {
    for length in [(8 << 20) + 1, u32::MAX] {
        let pair = Pair::live();
        pair.goes_through(s(5), |camera| camera.soil(Dirt::Length(length), 1), "of which no picture can be made");
    }
}

#[test]
fn a_connection_that_breaks_inside_a_picture_is_made_anew() {
    for dirt in [Dirt::ResetInside, Dirt::HangUpInside] {
        let pair = Pair::live();
        pair.camera().soil(dirt, 1);
        pair.wait("noticed", s(5), |report| report.reconnects == 1 && report.step != "live");
        pair.is_back();
    }
}

#[test]
fn a_model_that_nobody_knows_is_tried_with_both_protocols() {
    // No link tells its model, and nothing listens on port 322 here.
    let unknown = Setup { serial: "77709A000000001".to_owned(), behaviour: behaviour(|_| {}), ..setup(Model::A1) };
    let printer = VirtualPrinter::start(unknown).expect("a virtual printer");
    let bench = Bench::unregistered_at(9, printer);
    bench.fleet.add(bench.draft()).expect("a printer");
    assert_eq!(Told::of(&bench.fleet, PrinterId(1)).kind, None);
    bench.wait("live", FIRST, |_| Told::of(&bench.fleet, PrinterId(1)).step == "live");
    assert_eq!(Told::of(&bench.fleet, PrinterId(1)).kind, Some(CameraKind::Jpeg));
    assert_eq!(bench.printer.camera().seen().accepted, 1);
}

#[test]
fn a_printer_that_serves_no_pictures_is_asked_for_its_video() {
    let pair = Pair::started(|behaviour| behaviour.jpeg.service = JpegService::NotServedHere);
    // Port 322 is closed here, and the words are those for it.
    let report = pair.wait("told", FIRST, |report| report.sentence.contains(":322 has its camera port closed"));
    assert!(report.sentence.contains("LAN Only Liveview"), "{}", report.sentence);
    pair.camera().change(|behaviour| behaviour.jpeg.service = JpegService::AsModel);
    pair.is_back();
}

#[test]
fn a_persons_camera_url_leads_to_video_on_any_model() {
    let printer = VirtualPrinter::start(setup(Model::X1C)).expect("a virtual printer");
    // Its serial number says P1S, and so does its certificate.
    let common_name = Some("01P09A000000001".to_owned());
    printer.camera().change(|behaviour| behaviour.tls.common_name = common_name);
    let url = printer.rtsp_url();
    let bench = Bench::unregistered_at(9, printer);
    let typed = Draft { serial: Some("01P09A000000001".into()), rtsp_url: Some(url), ..bench.draft() };
    bench.fleet.add(typed).expect("a printer");
    let report = || Told::of(&bench.fleet, PrinterId(1));
    bench.wait("live", s(12), |_| report().step == "live");
    assert_eq!((report().kind, bench.printer.pictures().seen().accepted), (Some(CameraKind::Rtsp), 0));
}

/// Tests a printer that nobody has registered.
fn tested(change: impl FnOnce(&mut Behaviour)) -> (Served, crate::diagnosis::Came) {
    let setup = Setup { behaviour: behaviour(change), ..setup(Model::P1S) };
    let served = Served::new(Bench::unregistered(VirtualPrinter::start(setup).expect("a virtual printer")));
    let typed = json!({ "host": "127.0.0.1", "serial": served.printer.serial(), "accessCode": "12345678" });
    let came = test(&served, &typed);
    (served, came)
}

#[test]
fn a_test_of_a_printer_ends_at_the_first_picture() {
    let (served, came) = tested(|_| {});
    came.check("pppppspp", "passed", "key-frame", "1280 × 720");
    assert!(came.sentence("commands").contains("does not tell"), "{came:#?}");
    let seen = served.printer.camera().wait_until(|seen| seen.connected == 0, s(2)).expect("closed");
    assert_eq!((seen.accepted, seen.jpeg.logins), (1, 1));
}

#[test]
fn a_test_of_a_printer_says_why_its_camera_gives_nothing() {
    let (_served, came) = tested(|behaviour| behaviour.jpeg.code = "87654321".into());
    came.check("pppppspf", "failed", "key-frame", "although the printer accepts the access code");
}

#[test]
fn a_test_of_a_printer_without_a_camera_does_not_wait_for_a_picture() {
    let setup = Setup { behaviour: behaviour(|_| {}), ..setup(Model::A1Mini) };
    let printer = VirtualPrinter::start(setup).expect("a virtual printer");
    printer.set_camera(false);
    let served = Served::new(Bench::unregistered(printer));
    let typed = json!({ "host": "127.0.0.1", "serial": served.printer.serial(), "accessCode": "12345678" });
    test(&served, &typed).check("pppppspw", "warned", "key-frame", "finds no camera");
}
