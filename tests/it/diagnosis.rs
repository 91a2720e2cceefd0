//! Tests of a printer, stage by stage: each way in which one can fail, as a person would bring it about.

use crate::http_client::{Got, now};
use crate::status::{Bench, setup};
use crate::status_http::{Listener, Served};
use crate::told;
use serde_json::{Value, json};
use socket2::{Domain, SockAddr, Socket, Type};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use virtual_printer::{Behaviour, Model, Setup, VirtualPrinter};

const STAGES: [&str; 8] =
    ["address", "mqtt-port", "certificate", "access-code", "first-report", "commands", "camera-port", "key-frame"];

/// What a test came to.
#[derive(Debug)]
pub struct Came {
    /// Of each stage, its end.
    pub stages: Vec<Value>,
    done: String,
}

impl Came {
    pub fn of(mut listener: Listener) -> Self {
        let first = listener.next();
        assert_eq!((first.name.as_str(), &first.data), ("stages", &json!({ "stages": STAGES })));
        let (mut stages, mut running) = (Vec::new(), None);
        loop {
            let event = listener.next();
            match event.name.as_str() {
                "stage" if event.data["state"] == "running" => {
                    assert_eq!(event.data["ms"], Value::Null);
                    running = Some(event.data["stage"].clone());
                }
                "stage" => {
                    if let Some(running) = running.take() {
                        assert_eq!(running, event.data["stage"], "another stage ends than has begun");
                        assert!(event.data["ms"].is_number(), "{}", event.data);
                    }
                    stages.push(event.data);
                }
                "done" => {
                    let names: Vec<&Value> = stages.iter().map(|stage| &stage["stage"]).collect();
                    assert_eq!(names, STAGES, "each stage once, in order");
                    return Self { stages, done: event.data["state"].as_str().expect("a state").to_owned() };
                }
                other => panic!("event {other}"),
            }
        }
    }

    /// The states in order, `p`assed, `w`arned, `f`ailed, `s`kipped.
    pub fn states(&self) -> String {
        self.stages.iter().map(|stage| &stage["state"].as_str().expect("a state")[..1]).collect()
    }

    pub fn sentence(&self, stage: &str) -> &str {
        let place = STAGES.iter().position(|name| *name == stage).expect("a stage");
        self.stages[place]["sentence"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn check(&self, states: &str, done: &str, stage: &str, words: &str) {
        assert_eq!((self.states().as_str(), self.done.as_str()), (states, done), "{self:#?}");
        assert!(self.sentence(stage).contains(words), "{stage}: {}", self.sentence(stage));
    }
}

/// A printer nobody has registered.
fn stranger(setup: Setup) -> Served {
    Served::new(Bench::unregistered(VirtualPrinter::start(setup).expect("a virtual printer")))
}

fn typed(served: &Served) -> Value {
    json!({ "host": "127.0.0.1", "serial": served.printer.serial(), "accessCode": "12345678" })
}

pub fn test(served: &Served, draft: &Value) -> Came {
    Came::of(Listener::new(served.post("/api/printers/test", &draft.to_string())))
}

fn refused(served: &Served, body: &str) -> Got {
    served.post("/api/printers/test", body).answer().expect("an answer")
}

#[test]
fn a_working_printer_passes_every_stage_and_is_left_unchanged() {
    let served = stranger(setup(Model::X1C));
    let came = test(&served, &typed(&served));
    came.check("pppppppp", "passed", "key-frame", "1920 × 1080");
    assert!(came.sentence("first-report").contains("X1 Carbon"), "{came:#?}");
    assert_eq!(served.fleet.printers(), [], "something was saved");
    let gone = |seen: &virtual_printer::Seen| seen.connected == 0;
    let camera = served.printer.camera().wait_until(gone, Duration::from_secs(2)).expect("closed");
    assert_eq!((camera.accepted, camera.plays, camera.teardowns), (1, 1, 1));
    let broker = served.broker().wait_until(gone, Duration::from_secs(2)).expect("closed").mqtt;
    assert_eq!((broker.connects, broker.disconnects_clean, broker.disconnects_unclean), (1, 1, 0));
    // And again at once: nothing of the first is in the way.
    test(&served, &typed(&served)).check("pppppppp", "passed", "address", "127.0.0.1 answers");
}

#[test]
fn a_wrong_code_ends_at_the_code_and_knocks_once() {
    let served = stranger(setup(Model::X1C));
    let mut draft = typed(&served);
    draft["accessCode"] = json!("87654321");
    test(&served, &draft).check("pppfssss", "failed", "access-code", "refuses the access code");
    assert_eq!((served.broker().seen().mqtt.connects, served.printer.camera().seen().accepted), (1, 0));
}

#[test]
fn another_serial_is_named_and_gets_no_code() {
    let served = stranger(setup(Model::X1C));
    let mut draft = typed(&served);
    draft["serial"] = json!("00M09A000000099");
    let came = test(&served, &draft);
    came.check("ppfsssss", "failed", "certificate", served.printer.serial());
    assert_eq!(came.stages[2]["foundSerial"], json!(served.printer.serial()));
    assert!(came.stages.iter().filter(|stage| !stage["foundSerial"].is_null()).count() == 1);
    let seen = (served.broker().seen(), served.printer.camera().seen());
    assert_eq!(
        (seen.0.mqtt.connects, seen.1.credentials, seen.1.accepted),
        (0, 0, 0),
        "something was said to a stranger"
    );
}

#[test]
fn a_closed_port_is_told_from_a_host_that_is_not_there() {
    let served = stranger(setup(Model::X1C));
    served.broker().refuse();
    served.broker().wait_until(|seen| !seen.listening, Duration::from_secs(1)).expect("closed");
    // The camera is tried all the same: where it is, it takes no word over MQTT for it, and its usual port is closed.
    let came = test(&served, &typed(&served));
    came.check("pfssssfs", "failed", "mqtt-port", "turn on LAN Only Mode");
    let mut draft = typed(&served);
    draft["host"] = json!("no-such-printer.invalid");
    test(&served, &draft).check("fsssssss", "failed", "address", "is not known in this network");
}

/// An address whose SYNs nobody answers: a listener with a full backlog.
fn black_hole() -> (TcpListener, Vec<Socket>, u16) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    let fillers = (0..4).map(|_| {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filler.set_nonblocking(true).unwrap();
        let _ = filler.connect(&SockAddr::from(address));
        filler
    });
    let fillers = fillers.collect();
    (listener, fillers, address.port())
}

#[test]
fn a_fifth_test_at_once_is_refused_with_retry_after() {
    let (_listener, _fillers, port) = black_hole();
    let served = Served::new(Bench::unregistered_at(port, VirtualPrinter::start(setup(Model::X1C)).unwrap()));
    let draft = typed(&served);
    let tests: Vec<Listener> =
        (0..4).map(|_| Listener::new(served.post("/api/printers/test", &draft.to_string()))).collect();
    let fifth = refused(&served, &draft.to_string());
    assert_eq!(fifth.status, 503);
    assert!(fifth.field("retry-after").is_some_and(|after| after.parse::<u64>().is_ok()), "{}", fifth.head);
    for test in tests {
        Came::of(test).check("fsssssss", "failed", "address", "Nothing answers at 127.0.0.1");
    }
}

#[test]
fn what_works_with_a_limit_is_a_warning() {
    let served = stranger(setup(Model::X1C));
    served.printer.machine(|machine| machine.set_developer_mode(false));
    test(&served, &typed(&served)).check("pppppwpp", "warned", "commands", "Developer Mode");
    served.printer.machine(|machine| machine.set_developer_mode(true));
    served.printer.set_live_view(false);
    let accepted = served.printer.camera().seen().accepted;
    test(&served, &typed(&served)).check("ppppppws", "warned", "camera-port", "LAN Only Liveview");
    assert_eq!(served.printer.camera().seen().accepted, accepted);
}

#[test]
fn a_printer_that_reports_nothing_still_shows_its_camera() {
    let served = stranger(setup(Model::X1C));
    served.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    let mut draft = typed(&served);
    draft["rtspUrl"] = json!(served.printer.rtsp_url());
    test(&served, &draft).check("ppppfspp", "failed", "first-report", "reports nothing");
}

#[test]
fn a_camera_without_key_frames_fails_at_the_last_stage() {
    let mut behaviour = Behaviour::default();
    behaviour.video.idr_withheld = true;
    let served = stranger(Setup { behaviour, ..setup(Model::X1C) });
    test(&served, &typed(&served)).check("pppppppf", "failed", "key-frame", "no key frame");
    let seen = served.printer.camera().wait_until(|seen| seen.connected == 0, Duration::from_secs(2)).expect("closed");
    assert_eq!(seen.teardowns, 1);
}

#[test]
fn a_connected_printer_is_tested_without_a_second_connection() {
    let served = Served::new(Bench::printing(Model::X1C));
    served.wait("the camera live", Duration::from_secs(10), |_| {
        served.fleet.camera(platecast::printer::PrinterId(1)).is_some_and(|camera| camera.step.word() == "live")
    });
    let diagnose = || Came::of(Listener::new(served.post("/api/printers/1/test", "")));
    diagnose().check("pppppppp", "passed", "camera-port", "no second connection");
    // As typed into the form, with the saved code.
    let saved = json!({ "id": 1, "name": "Bench", "host": "127.0.0.1", "serial": served.printer.serial() });
    test(&served, &saved).check("pppppppp", "passed", "address", "connected to Platecast");
    let seen = (served.broker().seen(), served.printer.camera().seen());
    assert_eq!((seen.0.accepted, seen.1.accepted), (1, 1));

    served.printer.camera().refuse();
    served.printer.camera().reset();
    served.wait("the camera away", Duration::from_secs(5), |_| {
        served.fleet.camera(platecast::printer::PrinterId(1)).is_some_and(|camera| camera.step.word() != "live")
    });
    diagnose().check("ppppppfs", "failed", "camera-port", "port is closed");
    let mut other_code = saved.clone();
    other_code["accessCode"] = json!("87654321");
    test(&served, &other_code).check("pppfssss", "failed", "access-code", "refuses the access code");
    assert_eq!(served.broker().seen().mqtt.sessions, 1, "the printer's own session goes on");
}

#[test]
fn a_printer_that_floods_is_a_warning() {
    let served = Served::new(Bench::printing(Model::X1C));
    served.broker().change(|behaviour| behaviour.mqtt.floods = true);
    served.wait("held back", Duration::from_secs(10), |_| !served.fleet.tallies()[0].held_back.is_zero());
    let came = Came::of(Listener::new(served.post("/api/printers/1/test", "")));
    assert!(came.states().starts_with("ppppw"), "{came:#?}");
    assert!(came.sentence("first-report").contains("far more reports"), "{came:#?}");
}

#[test]
fn a_changed_certificate_gets_no_code_until_it_is_accepted() {
    let served = Served::new(Bench::live(Model::X1C));
    served.broker().change(|behaviour| behaviour.tls.key = virtual_printer::Key::Second);
    served.broker().reset();
    served.wait("refused", Duration::from_secs(10), |status| told::of_link(status).contains("identity"));
    let connects = served.broker().seen().mqtt.connects;
    let diagnose = || Came::of(Listener::new(served.post("/api/printers/1/test", "{}")));
    let came = diagnose();
    assert!(came.states().starts_with("ppfsss") && came.sentence("certificate").contains("identity"), "{came:#?}");
    // The code vouches for no certificate.
    let mut draft = typed(&served);
    assert!(test(&served, &draft).states().starts_with("ppfsss"));
    assert_eq!(served.broker().seen().mqtt.connects, connects, "the code went to a changed identity");
    draft["acceptCertificate"] = json!(true);
    let came = test(&served, &draft);
    assert!(came.states().starts_with("pppppp"), "{came:#?}");
    assert!(diagnose().states().starts_with("ppf"), "a test has pinned something");
}

#[test]
fn a_camera_url_that_is_not_the_saved_one_is_tested_itself() {
    let served = Served::new(Bench::printing(Model::X1C));
    let camera = || served.fleet.camera(platecast::printer::PrinterId(1)).expect("a printer");
    served.wait("the camera live", Duration::from_secs(10), |_| camera().step.word() == "live");
    let saved = json!({ "id": 1, "name": "Bench", "host": "127.0.0.1", "serial": served.printer.serial() });
    let with = |name: &str, value: Value| {
        let mut draft = saved.clone();
        draft[name] = value;
        draft
    };
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = with("rtspUrl", json!(format!("rtsps://127.0.0.1:{}/streaming/live/1", closed.port())));
    test(&served, &url).check("ppppppfs", "failed", "camera-port", "port is closed");
    let path = with("rtspUrl", json!(served.printer.rtsp_url().replace("/live/1", "/live/9")));
    test(&served, &path).check("pppppppf", "failed", "key-frame", "no stream at this path");
    let fingerprint = with("cameraFingerprint", json!("ab".repeat(32)));
    test(&served, &fingerprint).check("pppppppf", "failed", "key-frame", "another certificate");
    let at = |host: &str| {
        let mut draft = with("host", json!(host));
        draft["accessCode"] = json!("12345678");
        draft
    };
    test(&served, &at("no-such-printer.invalid")).check(
        "fsssssss",
        "failed",
        "address",
        "is not known in this network",
    );
    // The port that the printer reports is where it really is; the usual one is closed here.
    assert!(test(&served, &at("127.0.0.7")).states().ends_with("fs"), "another host has another camera");
    // What is live has felt nothing, and the same URL is the live one.
    let mut same = with("rtspUrl", Value::Null);
    same["cameraUser"] = Value::Null;
    test(&served, &same).check("pppppppp", "passed", "camera-port", "no second connection");
    let reported = with("rtspUrl", json!(served.printer.rtsp_url()));
    test(&served, &reported).check("pppppppp", "passed", "camera-port", "no second connection");
    let seen = served.printer.camera().seen();
    assert_eq!((seen.plays, seen.kicked, camera().reconnects), (1, 0, 0));
}

#[test]
fn a_browser_that_leaves_ends_the_test() {
    let served = stranger(setup(Model::X1C));
    served.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    let listener = Listener::new(served.post("/api/printers/test", &typed(&served).to_string()));
    served.broker().wait_until(|seen| seen.mqtt.subscriptions == 1, Duration::from_secs(5)).expect("a session");
    drop(listener);
    let ended = |seen: &virtual_printer::Seen| seen.mqtt.disconnects_clean + seen.mqtt.disconnects_unclean > 0;
    let seen = served.broker().wait_until(ended, Duration::from_secs(5)).expect("closed");
    assert_eq!((seen.mqtt.disconnects_clean, seen.mqtt.disconnects_unclean), (1, 0));
}

#[test]
fn a_running_test_does_not_delay_the_end_of_the_program() {
    let served = stranger(setup(Model::X1C));
    served.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    let _listener = Listener::new(served.post("/api/printers/test", &typed(&served).to_string()));
    served.broker().wait_until(|seen| seen.mqtt.sessions == 1, Duration::from_secs(5)).expect("a session");
    let began = now();
    drop(served);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn what_cannot_be_tested_is_refused_before_anything_is_dialled() {
    let served = Served::new(Bench::live(Model::X1C));
    let check = |body: Value, status: u16, words: &str| {
        let got = refused(&served, &body.to_string());
        let text = String::from_utf8(got.body).expect("text");
        assert_eq!(got.status, status, "{body}: {text}");
        assert!(text.contains(words), "{body}: {text}");
    };
    check(json!([]), 400, "not a JSON object");
    // The serial number of a new printer may be missing, that of an edited one may not.
    check(json!({ "host": "127.0.0.1" }), 400, r#""accessCode":"#);
    check(json!({ "host": "127.0.0.1", "id": 1 }), 400, r#""serial":"#);
    let serial = "00M09A000000077";
    check(json!({ "host": "127.0.0.1", "serial": serial }), 400, r#""accessCode":"#);
    check(json!({ "host": "127.0.0.1", "serial": serial, "id": 7 }), 404, "no printer with this id");
    check(json!({ "host": "127.0.0.1", "serial": serial, "id": "1" }), 400, "whole number");
    let nobody = served.post("/api/printers/7/test", "").answer().expect("an answer");
    assert_eq!(nobody.status, 404);
    let mut plain = served.client();
    plain.send("POST /api/printers/1/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(plain.answer().expect("an answer").status, 415, "a foreign page could send it");
    assert_eq!(served.client().get("/api/printers/test").status, 405);
}
