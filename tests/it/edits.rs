//! Edits over HTTP: what is saved as it was disturbs nothing, what fails is tried again, a new certificate is accepted
//! by that word alone, and whoever waits for a printer that is removed is told at once.

use crate::http_client::{Client, Got, now, pause};
use crate::status::{Bench, setup};
use crate::status_http::{Listener, Served};
use crate::told::{self, Told};
use platecast::hls::Playlist;
use platecast::http::AccessCodes;
use platecast::mqtt::state::LinkStep;
use platecast::printer::PrinterId;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use virtual_printer::{Behaviour, Key, Model, Setup, VirtualPrinter};

const ID: PrinterId = PrinterId(1);
const PATH: &str = "/api/printers/1";
const LIVE_WITHIN: Duration = Duration::from_secs(12);

/// Long before the next attempt of a link that was refused, which is due after a minute.
const AT_ONCE: Duration = Duration::from_secs(5);

impl Served {
    fn camera(&self) -> Told {
        Told::of(&self.fleet, ID)
    }

    fn put(&self, printer: &Value) -> Got {
        self.send("PUT", PATH, &printer.to_string()).answer().expect("an answer")
    }

    /// Puts what was got, with these fields changed.
    fn edit(&self, changes: &Value) -> Value {
        let mut printer = self.get(PATH);
        for (name, value) in changes.as_object().expect("fields") {
            printer[name] = value.clone();
        }
        let got = self.put(&printer);
        assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
        serde_json::from_slice(&got.body).expect("JSON")
    }

    /// Status and camera live, and a playlist.
    fn all_live() -> Self {
        let served = Self::new(Bench::printing(Model::X1C));
        served.wait("the camera live", LIVE_WITHIN, |_| served.is_playing());
        served
    }

    fn is_playing(&self) -> bool {
        let snapshot = self.fleet.live(ID).expect("a printer").snapshot();
        self.camera().step == "live" && snapshot.is_some_and(|now| now.playlist(Playlist::Standard).is_some())
    }

    /// Waits until the picture has gone on for a while.
    fn goes_on(&self) {
        let parts = || self.fleet.live(ID).expect("a printer").made().parts;
        let before = parts();
        self.wait("going on", LIVE_WITHIN, |status| status.connected && parts() > before + 4);
    }

    fn discontinuities(&self) -> usize {
        let snapshot = self.fleet.live(ID).expect("a printer").snapshot().expect("a snapshot");
        let playlist = snapshot.playlist(Playlist::Standard).expect("a playlist").plain.to_vec();
        String::from_utf8(playlist).expect("text").matches("#EXT-X-DISCONTINUITY\n").count()
    }

    /// Waits until so many requests are held.
    fn holds(&self, count: usize) {
        let (begun, held) = (now(), format!("platecast_http_held_requests {count}\n"));
        while !String::from_utf8_lossy(&self.client().get("/metrics").body).contains(&held) {
            assert!(begun.elapsed() < AT_ONCE, "{count} requests are not held");
            pause();
        }
    }

    /// How often anybody has connected to the printer.
    fn connections(&self) -> (u64, u64) {
        (self.broker().seen().accepted, self.printer.camera().seen().accepted)
    }
}

#[test]
fn an_unchanged_printer_that_is_put_back_changes_nothing() {
    let served = Served::all_live();
    served.edit(&json!({ "rtspUrl": served.printer.rtsp_url() }));
    served.wait("the camera live", LIVE_WITHIN, |_| served.is_playing());
    // The segment with which the new connection began is complete, and its discontinuity counted.
    served.wait("its first segment", LIVE_WITHIN, |_| served.discontinuities() == 1);
    let raw = |served: &Served| served.client().get(PATH).body;
    let edition = || served.fleet.overview()[&ID].edition;
    let before = (raw(&served), served.connections(), edition(), served.discontinuities(), served.camera().reconnects);
    for _ in 0..5 {
        let printer: Value = serde_json::from_slice(&raw(&served)).expect("JSON");
        assert_eq!(printer["accessCode"], "12345678");
        assert_eq!(served.put(&printer).body, before.0, "the answer is another one");
    }
    served.goes_on();
    let after = (raw(&served), served.connections(), edition(), served.discontinuities(), served.camera().reconnects);
    assert_eq!(after, before);
    // The pin is where it was: another certificate is refused.
    served.broker().change(|behaviour| behaviour.tls.key = Key::Second);
    served.broker().reset();
    served.wait("refused", LIVE_WITHIN, |status| status.link.certificate_changed);
}

#[test]
fn a_new_name_is_shown_and_disturbs_nothing() {
    let served = Served::all_live();
    let (connections, discontinuities) = (served.connections(), served.discontinuities());
    let mut listener = served.listen("/api/events");
    assert_eq!(served.edit(&json!({ "name": "Another" }))["name"], "Another");
    listener.until("the name", |event| event.name == "added" && event.data["name"] == "Another");
    served.goes_on();
    assert_eq!((served.connections(), served.discontinuities()), (connections, discontinuities));
}

#[test]
fn a_new_code_reconnects_and_accepts_no_certificate() {
    let served = Served::all_live();
    let connections = served.connections();
    served.broker().change(|behaviour| {
        behaviour.mqtt.code = "87654321".into();
        behaviour.tls.key = Key::Second;
    });
    served.printer.camera().change(|behaviour| behaviour.rtsp.code = "87654321".into());
    served.edit(&json!({ "accessCode": "87654321" }));
    let status = served.wait("refused", LIVE_WITHIN, |status| status.link.step == LinkStep::Refused);
    assert!(status.link.certificate_changed && told::of_link(&status).contains("identity"), "{:?}", status.link);
    served.wait("the camera live", LIVE_WITHIN, |_| {
        served.is_playing() && served.printer.camera().seen().accepted > connections.1
    });
    assert_eq!(served.broker().seen().mqtt.connects, 1, "the code went to a changed identity");
}

#[test]
fn of_two_concurrent_edits_neither_restores_the_old_code() {
    let served = Served::new(Bench::start(setup(Model::X1C)));
    let printer = served.get(PATH);
    let with_code = |code: Option<&str>| {
        let mut body = printer.clone();
        body["accessCode"] = json!(code);
        body["name"] = json!(if code.is_some() { "With a new code" } else { "As it was" });
        body.to_string()
    };
    // The broker does not take these codes, and the link waits; what is stored counts here.
    for round in 10_000_000..10_000_040 {
        let code = round.to_string();
        let (keeps, sets) = (with_code(None), with_code(Some(&code)));
        let mut clients = [served.send("PUT", PATH, &keeps), served.send("PUT", PATH, &sets)];
        assert!(clients.iter_mut().all(|client| client.answer().expect("an answer").status == 200));
        assert_eq!(served.get(PATH)["accessCode"], code);
        assert_eq!(served.fleet.printer(ID).expect("a printer").access_code.expose(), code);
    }
}

#[test]
fn the_stored_code_goes_nowhere_it_was_not_given_for() {
    let served = Served::new(Bench::printing(Model::X1C));
    let elsewhere = |port| SocketAddr::from(([127, 0, 77, 6], port));
    let stranger = VirtualPrinter::start(Setup {
        address: elsewhere(0),
        mqtt_address: elsewhere(served.printer.mqtt_port()),
        ..setup(Model::X1C)
    });
    let stranger = stranger.expect("a stranger");
    let mut moved = served.get(PATH);
    moved["host"] = json!("127.0.77.6");
    let refused = |method: &str, path: &str, body: &Value| {
        let got = served.send(method, path, &body.to_string()).answer().expect("an answer");
        let told: Value = serde_json::from_slice(&got.body).expect("JSON");
        assert_eq!(got.status, 400, "{told}");
        assert!(told["fields"]["accessCode"].as_str().is_some_and(|words| words.contains("type it again")), "{told}");
    };
    for code in [Value::Null, json!(""), json!("  ")] {
        moved["accessCode"] = code;
        refused("PUT", PATH, &moved);
        refused("POST", "/api/printers/test", &moved);
    }
    let mut renumbered = served.get(PATH);
    renumbered["accessCode"] = Value::Null;
    renumbered["serial"] = json!("00M09A000000099");
    refused("PUT", PATH, &renumbered);
    refused("POST", "/api/printers/test", &renumbered);
    assert_eq!((stranger.broker().seen().accepted, stranger.camera().seen().accepted), (0, 0));
    // Given once more, it is a person's word.
    moved["accessCode"] = json!("12345678");
    assert_eq!(served.put(&moved).status, 200);
}

/// While the service stopped, an edit was stored and answered 404.
#[test]
fn an_edit_during_shutdown_is_refused_and_changes_nothing() {
    let served = Served::new(Bench::start(setup(Model::X1C)));
    let mut printer = served.get(PATH);
    printer["name"] = json!("Renamed");
    served.fleet.close();
    for (method, path) in [("PUT", PATH), ("DELETE", PATH), ("POST", "/api/printers")] {
        let got = served.send(method, path, &printer.to_string()).answer().expect("an answer");
        assert_eq!(got.status, 503, "{method}: {got:?}");
    }
}

/// With the tester, which has its own bound, this was a port scanner in the hands of any viewer.
#[test]
fn changes_of_address_are_rate_limited_and_names_are_not() {
    let served = Served::new(Bench::start(setup(Model::X1C)));
    let (begun, mut printer) = (now(), served.get(PATH));
    let refused = (0..200).find_map(|number| {
        printer["host"] = json!(format!("127.0.78.{number}"));
        let got = served.put(&printer);
        (got.status != 200).then_some((number, got))
    });
    // One was taken by the printer itself, and one comes back every three seconds.
    let (number, got) = refused.expect("a bound");
    let back = begun.elapsed().as_secs() / 3 + 1;
    assert!((127..=127 + back).contains(&number) && got.status == 503, "{number} after {:?}: {got:?}", begun.elapsed());
    assert!(got.field("retry-after").is_some_and(|seconds| (1..=4).contains(&seconds.parse().unwrap_or(0))), "{got:?}");
    let mut renamed = served.get(PATH);
    renamed["name"] = json!("Renamed");
    assert_eq!(served.put(&renamed).status, 200);
    let refused = (10..20).any(|number| {
        renamed["serial"] = json!(format!("00M09A0000000{number}"));
        served.post("/api/printers", &renamed.to_string()).answer().expect("an answer").status == 503
    });
    assert!(refused, "a new printer is dialled as well");
}

#[test]
fn hidden_codes_are_nowhere_and_survive_an_unchanged_edit() {
    let served = Served::with_codes(Bench::printing(Model::X1C), AccessCodes::Hide);
    served.wait("connected", LIVE_WITHIN, |status| status.connected);
    let connects = served.broker().seen().mqtt.connects;
    let mut printer = served.get(PATH);
    assert_eq!((&printer["accessCode"], &served.get("/api/printers")[0]), (&json!(""), &printer));
    printer["name"] = json!("Renamed");
    let put = served.put(&printer);
    assert_eq!((put.status, serde_json::from_slice::<Value>(&put.body).expect("JSON")), (200, printer.clone()));
    assert_eq!(served.fleet.printer(ID).expect("a printer").access_code.expose(), "12345678");
    printer["accessCode"] = json!("12345678");
    let put = served.put(&printer);
    let mut second = printer.clone();
    second["serial"] = json!("00M09A000000098");
    let posted = served.post("/api/printers", &second.to_string()).answer().expect("an answer");
    assert_eq!((put.status, posted.status), (200, 201));
    for got in [put, posted, served.client().get("/api/printers")] {
        assert!(!String::from_utf8_lossy(&got.body).contains("12345678"));
    }
    assert_eq!(served.broker().seen().mqtt.connects, connects, "what was written back disturbed the link");
}

#[test]
fn a_new_certificate_is_reported_and_accepted_only_explicitly() {
    let served = Served::all_live();
    assert_eq!(served.get("/api/printers/1/status")["link"]["certificateChanged"], json!(false));
    assert_eq!(served.get("/api/printers/1/camera")["certificateChanged"], json!(false));
    let camera_connections = served.connections().1;
    served.broker().change(|behaviour| behaviour.tls.key = Key::Second);
    served.broker().reset();
    served.wait("refused", LIVE_WITHIN, |status| status.link.step == LinkStep::Refused);
    let told = &served.get("/api/printers/1/status")["link"];
    assert_eq!(told["certificateChanged"], json!(true));
    assert!(told["sentence"].as_str().is_some_and(|words| words.contains("accept the new certificate")), "{told}");
    assert_eq!((&told["code"], &told["lastErrorAdvice"]["code"]), (&json!("certificate.changed"), &told["code"]));
    assert!(told["params"]["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{told}");
    // Saved with its code, it is tried again and refused again.
    let failed = served.broker().seen().handshakes_failed;
    served.edit(&json!({ "acceptCertificate": false }));
    served.wait("tried again", AT_ONCE, |status| {
        served.broker().seen().handshakes_failed > failed && status.link.certificate_changed
    });
    assert_eq!(served.broker().seen().mqtt.connects, 1, "the code went to a changed identity");
    served.edit(&json!({ "acceptCertificate": true }));
    served.wait("accepted", AT_ONCE, |status| status.connected && !status.link.certificate_changed);
    // The camera was live all along, and stayed so.
    assert_eq!(served.connections().1, camera_connections);
    assert_eq!(served.camera().reconnects, 0);
    // Now the new one is the one that is expected, also where the camera comes back with the old.
    served.printer.camera().reset();
    served.wait("the camera refused", LIVE_WITHIN, |_| served.camera().certificate_changed);
    let wrong = served.put(&json!({ "acceptCertificate": "yes" }));
    assert_eq!(wrong.status, 400);
}

#[test]
fn another_serial_forgets_the_pinned_certificate() {
    let served = Served::all_live();
    served.broker().change(|behaviour| {
        behaviour.tls.key = Key::Second;
        behaviour.tls.common_name = Some("00M09A000000099".into());
    });
    served.edit(&json!({ "serial": "00M09A000000099" }));
    served.wait("taken", AT_ONCE, |status| {
        matches!(status.link.step, LinkStep::WaitingForReport | LinkStep::Silent | LinkStep::Live)
            && served.broker().seen().mqtt.connects == 2
    });
}

#[test]
fn saving_retries_failed_connections_at_once() {
    let served = Served::all_live();
    // On the printer the code is another one for a while.
    served.printer.set_code("87654321");
    served.broker().reset();
    served.printer.camera().reset();
    served.wait("both refused", LIVE_WITHIN, |status| {
        status.link.step == LinkStep::Refused && served.camera().step == "refused"
    });
    served.printer.set_code("12345678");
    served.edit(&json!({}));
    served.wait("both live", AT_ONCE, |status| status.connected && served.camera().step == "live");
}

/// A request that is not answered soon.
fn held(served: &Served, path: &str) -> Client {
    let mut client = served.client();
    client.ask(path);
    client
}

#[test]
fn those_who_wait_for_a_removed_printer_are_answered_at_once() {
    let served = Served::all_live();
    let snapshot = served.fleet.live(ID).expect("a printer").snapshot().expect("a snapshot");
    let next = snapshot.edge().open_msn() + 1;
    // The picture stops, so that nothing answers them before.
    served.printer.camera().change(|behaviour| behaviour.stall = Some(virtual_printer::Stall::Picture));
    let paths = [
        format!("/hls/1/stream_ll.m3u8?_HLS_msn={next}&_HLS_part=0"),
        format!("/hls/1/stream_ll.m3u8?_HLS_msn={next}"),
        format!("/hls/1/seg{:06}.ts", snapshot.edge().open_msn()),
    ];
    let mut waiting: Vec<Client> = paths.iter().map(|path| held(&served, path)).collect();
    let mut listener = served.listen("/api/printers/1/status/stream");
    listener.next();
    served.holds(paths.len());
    let removed = now();
    assert_eq!(served.send("DELETE", PATH, "").answer().expect("an answer").status, 204);
    for (client, path) in waiting.iter_mut().zip(&paths) {
        let got = client.answer().expect("an answer");
        assert_eq!(got.status, 404, "{path}: {}", String::from_utf8_lossy(&got.body));
        assert!(String::from_utf8_lossy(&got.body).contains("no printer with this id"));
    }
    listener.ends();
    assert!(removed.elapsed() < Duration::from_secs(2), "{:?}", removed.elapsed());
}

#[test]
fn a_held_viewer_and_a_running_test_end_with_the_printer() {
    let mut behaviour = Behaviour::default();
    behaviour.video.idr_withheld = true;
    let served = Served::new(Bench::start(Setup { behaviour, ..setup(Model::X1C) }));
    served.wait("the camera waits", LIVE_WITHIN, |_| served.camera().step == "waiting-for-key-frame");
    let mut test = Listener::new(served.post("/api/printers/1/test", "{}"));
    test.until("the key frame", |event| event.data["stage"] == "key-frame" && event.data["state"] == "running");
    let mut first_picture = held(&served, "/hls/1/stream.m3u8");
    served.holds(1);
    let removed = now();
    served.fleet.remove(ID).expect("removed");
    let over = test.until("its end", |event| event.data["stage"] == "key-frame" && event.data["state"] == "failed");
    assert!(over.data["sentence"].as_str().is_some_and(|words| words.contains("removed")), "{}", over.data);
    assert_eq!(first_picture.answer().expect("an answer").status, 404);
    assert!(removed.elapsed() < Duration::from_secs(2), "{:?}", removed.elapsed());
}
