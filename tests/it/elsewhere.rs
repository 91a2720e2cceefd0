//! A camera URL that names another host than the printer's: the camera is there, with a login and a certificate of its
//! own, and the printer's access code never is.

use crate::diagnosis::{Came, test};
use crate::http_client::now;
use crate::status::{Bench, setup};
use crate::status_http::Served;
use crate::told::Told;
use platecast::base::secret::Secret;
use platecast::printer::{Draft, Fingerprint, PrinterId, RtspUrl, Rules, validate};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use virtual_printer::{Behaviour, Model, RtspManners, Setup, TlsManners, TlsVersion, VirtualPrinter};

const ID: PrinterId = PrinterId(1);
const LIVE_WITHIN: Duration = Duration::from_secs(12);
const USER: &str = "viewer";
const PASSWORD: &str = "garage door";

/// A camera of another maker, at an address of its own.
fn camera_with(change: impl FnOnce(&mut Behaviour)) -> VirtualPrinter {
    let rtsp = RtspManners { user: USER.into(), code: PASSWORD.into(), ..RtspManners::default() };
    let tls = TlsManners { common_name: Some("Garage".into()), ..TlsManners::default() };
    let mut behaviour = Behaviour { rtsp, tls, ..Behaviour::default() };
    change(&mut behaviour);
    let host = |text: &str| -> SocketAddr { text.parse().expect("an address") };
    let (address, mqtt_address) = (host("127.0.0.2:0"), host("127.0.0.2:0"));
    let setup = Setup { serial: "CAMERA0000001".into(), address, mqtt_address, behaviour, ..Setup::default() };
    VirtualPrinter::start(setup).expect("a camera")
}

fn camera() -> VirtualPrinter {
    camera_with(|_| {})
}

/// A printer whose own camera sends single pictures.
fn a1() -> VirtualPrinter {
    VirtualPrinter::start(setup(Model::A1)).expect("a printer")
}

fn fingerprint(camera: &VirtualPrinter) -> Fingerprint {
    Fingerprint::of(&camera.certificate().expect("a certificate"))
}

/// What a person types to give the printer this camera.
fn typed(served: &Served, camera: &VirtualPrinter) -> Value {
    json!({
        "name": "A1", "host": "127.0.0.1", "serial": served.printer.serial(), "accessCode": "12345678",
        "rtspUrl": camera.rtsp_url(), "cameraUser": USER, "cameraPassword": PASSWORD,
        "cameraFingerprint": fingerprint(camera).to_string(),
    })
}

impl Served {
    fn report(&self) -> Told {
        Told::of(&self.fleet, ID)
    }

    fn save(&self, method: &str, path: &str, printer: &Value) -> (u16, Value) {
        let got = self.send(method, path, &printer.to_string()).answer().expect("an answer");
        (got.status, serde_json::from_slice(&got.body).expect("JSON"))
    }

    fn wait_camera(&self, what: &str, arrived: impl Fn(&Told) -> bool) -> Told {
        let (bell, deadline) = (self.fleet.listen(Some(ID)), now() + LIVE_WITHIN);
        loop {
            let report = self.report();
            if arrived(&report) {
                return report;
            }
            assert!(now() < deadline, "{what}: {report:?}");
            let _ = bell.recv_timeout(Duration::from_millis(100));
        }
    }
}

/// Nothing but a TLS greeting has been said to it.
fn assert_told_nothing(camera: &VirtualPrinter) {
    let seen = camera.camera().seen();
    assert_eq!((seen.requests, seen.credentials), (0, 0), "something was said to {}", camera.serial());
}

#[test]
fn an_a1_with_another_camera_shows_it_without_sending_its_code() {
    let (camera, served) = (camera(), Served::new(Bench::unregistered(a1())));
    let draft = typed(&served, &camera);
    // Without the fingerprint a test finds it out, says nothing else to the camera, and saving asks for it.
    let mut unknown = draft.clone();
    unknown["cameraFingerprint"] = Value::Null;
    let came: Came = test(&served, &unknown);
    came.check("pppppspf", "failed", "key-frame", "set the camera fingerprint");
    assert_eq!(came.stages[7]["foundFingerprint"], draft["cameraFingerprint"]);
    assert_told_nothing(&camera);
    let (status, refused) = served.save("POST", "/api/printers", &unknown);
    assert_eq!(status, 400);
    assert!(refused["fields"]["cameraFingerprint"].is_string(), "{refused}");
    // With it, the test and the printer have a picture.
    test(&served, &draft).check("pppppspp", "passed", "key-frame", "1920 × 1080");
    let (status, saved) = served.save("POST", "/api/printers", &draft);
    assert_eq!((status, &saved["cameraUser"], &saved["rtspUrl"]), (201, &json!(USER), &json!(camera.rtsp_url())));
    assert!(saved.get("cameraPassword").is_none(), "{saved}");
    served.wait_camera("live", |report| report.step == "live");
    assert_eq!(camera.camera().seen().credentials_refused, 0, "the printer's code went to the camera");
    assert_eq!(served.printer.camera().seen().accepted, 0);
    // Put back as it was got, without the password, it goes on.
    let accepted = camera.camera().seen().accepted;
    let (status, same) = served.save("PUT", "/api/printers/1", &saved);
    assert_eq!((status, &same), (200, &saved));
    // Nothing of the printer concerns it, its code least of all.
    let mut other = saved.clone();
    other["accessCode"] = json!("87654321");
    assert_eq!(served.save("PUT", "/api/printers/1", &other).0, 200);
    let parts = || served.fleet.live(ID).expect("a printer").made().parts;
    let before = parts();
    served.wait_camera("going on", |_| parts() > before + 4);
    assert_eq!((camera.camera().seen().accepted, served.report().reconnects), (accepted, 0));
    // Diagnosed, the live one answers, whatever the printer says of its own camera.
    let came = Came::of(crate::status_http::Listener::new(served.post("/api/printers/1/test", "{}")));
    assert_eq!(&came.states()[6..], "pp", "{came:#?}");
    assert!(came.sentence("camera-port").contains("no second connection"), "{came:#?}");
}

#[test]
fn a_wrong_or_missing_camera_login_is_reported() {
    let (camera, served) = (camera(), Served::new(Bench::unregistered(a1())));
    let mut draft = typed(&served, &camera);
    draft["cameraPassword"] = json!("wrong");
    test(&served, &draft).check("pppppspf", "failed", "key-frame", "refused the user or the password");
    assert_eq!(served.save("POST", "/api/printers", &draft).0, 201);
    served.wait_camera("refused", |report| {
        report.step == "refused" && report.sentence.contains("refused the user or the password")
    });
    draft["cameraUser"] = Value::Null;
    draft["cameraPassword"] = Value::Null;
    assert_eq!(served.save("PUT", "/api/printers/1", &draft).0, 200);
    let asks = |report: &Told| report.step == "refused" && report.sentence.contains("asks for a login");
    served.wait_camera("asked", asks);
    // Only now has the last attempt with the wrong password ended.
    let before = camera.camera().seen();
    assert_eq!(served.save("PUT", "/api/printers/1", &draft).0, 200);
    served.wait_camera("asked again", |report| asks(report) && camera.camera().seen().accepted > before.accepted);
    let credentials = before.credentials;
    assert_eq!(camera.camera().seen().credentials, credentials, "a login was offered where there is none");
    draft["cameraUser"] = json!(USER);
    draft["cameraPassword"] = json!(PASSWORD);
    assert_eq!(served.save("PUT", "/api/printers/1", &draft).0, 200);
    served.wait_camera("live", |report| report.step == "live");
}

#[test]
fn a_password_goes_only_to_the_host_it_was_typed_for() {
    let (camera, other) = (camera(), camera());
    let served = Served::new(Bench::unregistered(a1()));
    assert_eq!(served.save("POST", "/api/printers", &typed(&served, &camera)).0, 201);
    let mut draft = typed(&served, &other);
    draft["rtspUrl"] = json!(other.rtsp_url().replace("127.0.0.2", "127.0.0.3"));
    draft["cameraPassword"] = Value::Null;
    let (status, refused) = served.save("PUT", "/api/printers/1", &draft);
    assert_eq!(status, 400);
    assert!(refused["fields"]["cameraPassword"].is_string(), "{refused}");
    draft["id"] = json!(1);
    let refused = served.post("/api/printers/test", &draft.to_string()).answer().expect("an answer");
    assert_eq!(refused.status, 400);
    assert_told_nothing(&other);
}

#[test]
fn a_host_with_another_certificate_gets_nothing() {
    let (camera, served) = (camera(), Served::new(Bench::unregistered(a1())));
    let mut draft = typed(&served, &camera);
    draft["cameraFingerprint"] = json!("ab".repeat(32));
    assert_eq!(served.save("POST", "/api/printers", &draft).0, 201);
    let words = fingerprint(&camera).to_string();
    let report = served.wait_camera("refused", |report| report.step == "refused" && report.sentence.contains(&words));
    assert!(!report.certificate_changed, "it is no printer's");
    assert_told_nothing(&camera);
}

#[test]
fn a_plain_camera_elsewhere_is_used_where_that_is_allowed() {
    let camera = camera_with(|behaviour| behaviour.tls.version = TlsVersion::Plain);
    let allowed = Bench::configured(a1(), |settings, _| settings.rules.allow_plain_rtsp = true);
    let served = Served::new(allowed);
    let mut draft = typed(&served, &camera);
    draft["cameraFingerprint"] = Value::Null;
    draft["rtspUrl"] = json!(camera.rtsp_url().replace("rtsps://", "rtsp://"));
    assert_eq!(served.save("POST", "/api/printers", &draft).0, 201);
    served.wait_camera("live", |report| report.step == "live");
    assert_eq!(camera.camera().seen().credentials_refused, 0, "the printer's code went to the camera");
}

#[test]
fn old_camera_urls_with_another_host_wait_for_a_person() {
    let (camera, printer) = (camera(), VirtualPrinter::start(setup(Model::X1C)).expect("a printer"));
    let draft = Draft {
        name: Some("Old".into()),
        host: Some("127.0.0.1".into()),
        serial: Some(printer.serial().into()),
        access_code: Some(Secret::new("12345678")),
        rtsp_url: Some(camera.rtsp_url()),
        ..Draft::default()
    };
    let rules = Rules { allow_unknown_camera: true, ..Rules::default() };
    let details = validate(draft, None, rules).expect("stored in its time");
    let served = Served::new(Bench::configured(printer, |_, registry| drop(registry.add(&details))));
    let report = served.wait_camera("told", |report| report.step == "refused");
    assert!(report.sentence.contains("names another host (127.0.0.2)"), "{report:?}");
    served.wait("the status goes on", LIVE_WITHIN, |status| status.connected);
    // It can be renamed, and a diagnosis shows what the camera is.
    let mut printer = served.get("/api/printers/1");
    printer["name"] = json!("Renamed");
    assert_eq!(served.save("PUT", "/api/printers/1", &printer).0, 200);
    let came = Came::of(crate::status_http::Listener::new(served.post("/api/printers/1/test", "{}")));
    assert_eq!(came.stages[7]["foundFingerprint"], json!(fingerprint(&camera).to_string()));
    assert_told_nothing(&camera);
    assert_eq!((camera.camera().seen().accepted, served.printer.camera().seen().accepted), (1, 0));
    // Without the URL it is the printer's own again.
    printer["rtspUrl"] = Value::Null;
    assert_eq!(served.save("PUT", "/api/printers/1", &printer).0, 200);
    served.wait_camera("live", |report| report.step == "live");
}

#[test]
fn an_override_goes_to_its_host_without_the_code() {
    let camera = camera();
    let override_of = |url: &str| RtspUrl::parse_override(url, false).expect("a URL");
    let there = override_of(&camera.rtsp_url());
    let foreign = Bench::configured(VirtualPrinter::start(setup(Model::X1C)).expect("a printer"), |settings, _| {
        settings.rtsp.all = Some(there);
    });
    foreign.fleet.add(foreign.draft()).expect("a printer");
    let served = Served::new(foreign);
    served.wait_camera("told", |report| report.sentence.contains("names another host (127.0.0.2)"));
    let with_certificate = Draft { camera_fingerprint: Some(fingerprint(&camera).to_string()), ..served.draft() };
    served.fleet.edit(ID, with_certificate).expect("an edit");
    served.wait_camera("asked", |report| report.sentence.contains("asks for a login"));
    assert_eq!(camera.camera().seen().credentials, 0, "a login was offered to a host that nobody gave one for");
    drop(served);

    let printer = VirtualPrinter::start(setup(Model::X1C)).expect("a printer");
    let own = override_of(&printer.rtsp_url().replace("127.0.0.1", ""));
    let bench = Bench::configured(printer, |settings, _| settings.rtsp.all = Some(own));
    bench.fleet.add(bench.draft()).expect("a printer");
    Served::new(bench).wait_camera("live", |report| report.step == "live");
}

/// A link-local address of this machine with its zone.
fn link_local() -> Option<String> {
    let table = std::fs::read_to_string("/proc/net/if_inet6").ok()?;
    let row = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| row[3] == "20")?;
    let groups: Vec<&str> = (0..8).filter_map(|group| row[0].get(group * 4..group * 4 + 4)).collect();
    Some(format!("{}%{}", groups.join(":"), row[5]))
}

#[test]
fn a_printer_at_a_link_local_address_is_reached_through_its_zone() {
    let Some(host) = link_local() else {
        eprintln!("SKIPPED: no interface of this machine has a link-local address");
        return;
    };
    let any: SocketAddr = "[::]:0".parse().expect("an address");
    let printer = Setup { address: any, mqtt_address: any, ..setup(Model::X1C) };
    let bench = Bench::unregistered(VirtualPrinter::start(printer).expect("a printer"));
    let url = format!("rtsps://[{}]:{}/streaming/live/1", host.replace('%', "%25"), bench.printer.address().port());
    let typed = Draft { host: Some(host), rtsp_url: Some(url), ..bench.draft() };
    bench.fleet.add(typed).expect("a printer");
    let served = Served::new(bench);
    served.wait("connected", LIVE_WITHIN, |status| status.connected);
    served.wait_camera("live", |report| report.step == "live");
    let seen = served.printer.camera().seen();
    assert!(seen.last_requests.iter().all(|request| !request.contains('%')), "{:?}", seen.last_requests);
    let saved = served.get("/api/printers/1");
    assert!(saved["host"].as_str().is_some_and(|host| host.contains('%')), "{saved}");
    let accepted = seen.accepted;
    assert_eq!(served.save("PUT", "/api/printers/1", &saved), (200, saved.clone()));
    assert_eq!(served.printer.camera().seen().accepted, accepted);
}
