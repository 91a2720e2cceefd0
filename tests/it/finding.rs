//! Printers that are found: by what they announce, by a scan and by a greeting, each with real sockets on loopback
//! addresses.

use crate::http_client::{Got, now, pause};
use crate::status::{Bench, setup};
use crate::status_http::{Listener, Served};
use platecast::finding::Settings;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, UdpSocket};
use std::time::Duration;
use virtual_printer::{Model, Setup, VirtualPrinter};

const SOON: Duration = Duration::from_secs(5);

/// Listens at free ports, and searches nowhere.
pub fn settings() -> Settings {
    Settings { ports: vec![0, 0], search: Some(Vec::new()) }
}

/// A service that listens, beside a printer that is not registered.
fn listening(settings: Settings) -> Served {
    let printer = VirtualPrinter::start(setup(Model::P1S)).expect("a virtual printer");
    Served::finding(Bench::unregistered(printer), settings)
}

/// What a printer sends to the port at which it is heard.
pub struct Announcer {
    socket: UdpSocket,
    packet: String,
}

impl Announcer {
    /// Of the P1 and A1 models.
    pub fn esp32(host: [u8; 4], serial: &str) -> Self {
        let at = Ipv4Addr::from(host);
        let packet = format!(
            "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nServer: UPnP/1.0\r\nLocation: {at}\r\n\
             NT: urn:bambulab-com:device:3dprinter:1\r\nUSN: {serial}\r\nDevModel.bambu.com: C12\r\n\
             DevName.bambu.com: Workshop\r\nDevVersion.bambu.com: 01.10.00.00\r\n\r\n"
        );
        Self { socket: UdpSocket::bind((at, 0)).expect("a socket"), packet }
    }

    pub fn send(&self, port: u16) {
        self.socket.send_to(self.packet.as_bytes(), (Ipv4Addr::LOCALHOST, port)).expect("sent");
    }
}

/// Waits until what was found is as expected.
pub fn wait_found(served: &Served, what: &str, within: Duration, arrived: impl Fn(&Value) -> bool) -> Value {
    let begun = now();
    loop {
        let found = served.get("/api/found");
        if arrived(&found) {
            return found;
        }
        assert!(begun.elapsed() < within, "{what}: not within {within:?}: {found:#}");
        pause();
    }
}

fn printers(found: &Value) -> Vec<(&str, &str)> {
    found["printers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|printer| (printer["serial"].as_str().expect("a serial"), printer["host"].as_str().expect("a host")))
        .collect()
}

fn body(got: &Got) -> Value {
    serde_json::from_slice(&got.body).unwrap_or_else(|_| panic!("{got:?}"))
}

#[test]
fn a_printer_that_announces_itself_is_found_on_either_port() {
    let served = listening(settings());
    let nothing = served.get("/api/found");
    assert_eq!((&nothing["listening"], &nothing["scan"]), (&json!(true), &Value::Null));
    assert_eq!(nothing["printers"], json!([]));
    let mut listener = served.listen("/api/found/stream");
    assert_eq!(listener.next().data["printers"], json!([]));

    let ports = served.finding.ports().to_vec();
    Announcer::esp32([127, 0, 5, 1], "01P00A000000011").send(ports[0]);
    let event =
        listener.until("the first", |event| event.data["printers"].as_array().is_some_and(|all| all.len() == 1));
    let printer = &event.data["printers"][0];
    assert_eq!((&printer["model"], &printer["camera"]), (&json!("P1S"), &json!("pictures")));
    assert_eq!((&printer["name"], &printer["firmware"]), (&json!("Workshop"), &json!("01.10.00.00")));
    assert_eq!((&printer["printerId"], &printer["heard"]), (&Value::Null, &json!(["announcement"])));

    Announcer::esp32([127, 0, 5, 2], "01P00A000000012").send(ports[1]);
    let found = wait_found(&served, "the second", SOON, |found| printers(found).len() == 2);
    assert_eq!(printers(&found), [("01P00A000000011", "127.0.5.1"), ("01P00A000000012", "127.0.5.2")]);
    // Another address than the sender's counts for nothing, nor do other bytes.
    let liar = Announcer { packet: "x".repeat(3000), ..Announcer::esp32([127, 0, 5, 3], "01P00A000000013") };
    liar.send(ports[0]);
    let liar = Announcer::esp32([127, 0, 5, 4], "01P00A000000014");
    let other = UdpSocket::bind("127.0.5.5:0").expect("a socket");
    other.send_to(liar.packet.as_bytes(), (Ipv4Addr::LOCALHOST, ports[0])).expect("sent");
    Announcer::esp32([127, 0, 5, 6], "01P00A000000016").send(ports[0]);
    let found = wait_found(&served, "the last", SOON, |found| printers(found).len() == 3);
    assert_eq!(printers(&found)[2], ("01P00A000000016", "127.0.5.6"));
}

#[test]
fn printers_are_asked_to_announce_themselves_while_somebody_looks() {
    let asked = UdpSocket::bind("127.0.5.20:0").expect("a socket");
    asked.set_read_timeout(Some(Duration::from_secs(8))).expect("a socket");
    let SocketAddr::V4(address) = asked.local_addr().expect("an address") else { panic!("IPv4") };
    let search: Vec<SocketAddrV4> = vec![address];
    let served = listening(Settings { search: Some(search), ..settings() });
    let mut bytes = [0; 2048];
    asked.set_nonblocking(true).expect("a socket");
    assert!(asked.recv_from(&mut bytes).is_err(), "nobody looks");
    asked.set_nonblocking(false).expect("a socket");

    let mut listener = served.listen("/api/found/stream");
    let (length, from) = asked.recv_from(&mut bytes).expect("a search");
    let search = String::from_utf8_lossy(&bytes[..length]).into_owned();
    assert!(search.starts_with("M-SEARCH * HTTP/1.1\r\n"), "{search}");
    assert!(search.contains("\r\nST: urn:bambulab-com:device:3dprinter:1\r\n"), "{search}");
    let answer = "HTTP/1.1 200 OK\r\nServer: Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8\r\nLocation: 127.0.5.20\r\n\
                  ST: urn:bambulab-com:device:3dprinter:1\r\nUSN: 00M00A000000020\r\n\
                  DevModel.bambu.com: 3DPrinter-X1-Carbon\r\n\r\n";
    asked.send_to(answer.as_bytes(), (Ipv4Addr::LOCALHOST, from.port())).expect("sent");
    let event = listener.until("the answer", |event| event.data["printers"][0]["serial"] == "00M00A000000020");
    assert_eq!(event.data["printers"][0]["model"], "X1 Carbon");
}

#[test]
fn a_scan_finds_the_printers_of_a_range_and_marks_those_already_here() {
    let at = |host: &str, port: u16| format!("{host}:{port}").parse::<SocketAddr>().expect("an address");
    let start = |host: &str, port, serial: &str| {
        let here = Setup { serial: serial.into(), mqtt_address: at(host, port), ..setup(Model::A1) };
        VirtualPrinter::start(here).expect("a virtual printer")
    };
    let first = start("127.0.7.1", 0, "03900A000000001");
    let port = first.mqtt_port();
    let second = start("127.0.7.9", port, "03900A000000009");
    // Neither answers as a printer does: one is silent, one hangs up.
    let _silent = TcpListener::bind(at("127.0.7.3", port)).expect("a listener");
    let served = Served::finding(Bench::unregistered(first), Settings::listening(false));
    let draft = json!({ "name": "A1", "host": "127.0.7.9", "serial": second.serial(), "accessCode": "12345678" });
    assert_eq!(served.post("/api/printers", &draft.to_string()).answer().expect("an answer").status, 201);

    let got = served.post("/api/found/scan", r#"{"range":"127.0.7.0/28"}"#).answer().expect("an answer");
    assert_eq!((got.status, body(&got)["addresses"].clone()), (202, json!(14)));
    let again = served.post("/api/found/scan", r#"{"range":"127.0.7.0/28"}"#).answer().expect("an answer");
    assert_eq!((again.status, body(&again)["code"].clone()), (409, json!("found.scan-running")));
    let found = wait_found(&served, "both", SOON, |found| printers(found).len() == 2);
    assert_eq!(printers(&found), [("03900A000000001", "127.0.7.1"), ("03900A000000009", "127.0.7.9")]);
    let ids = [0, 1].map(|place| found["printers"][place]["printerId"].clone());
    assert_eq!(ids, [Value::Null, json!(1)]);
    assert_eq!((&found["printers"][0]["heard"], &found["printers"][0]["model"]), (&json!(["greeting"]), &json!("A1")));
    assert_eq!((&found["deaf"]["code"], &found["listening"]), (&json!("found.off"), &json!(false)));
    // The silent one is still waited for.
    wait_found(&served, "the others", SOON, |found| {
        found["scan"]["asked"] == 13 && found["scan"]["state"] == "running"
    });
    assert_eq!(served.send("DELETE", "/api/found/scan", "").answer().expect("an answer").status, 204);
    let scan = served.get("/api/found")["scan"].clone();
    assert_eq!(scan, json!({ "range": "127.0.7.0/28", "addresses": 14, "asked": 13, "found": 2, "state": "stopped" }));
    // The printers have seen one hello each, and no handshake was completed for it.
    let broker = served.broker().seen();
    assert_eq!((broker.accepted, broker.handshakes, broker.mqtt.connects), (1, 0, 0));
    assert_eq!(broker.server_name, None, "nobody is expected");
}

#[test]
fn a_range_that_is_not_scanned_is_refused_in_words() {
    let served = listening(Settings::listening(false));
    let check = |body: &str, status, code: &str| {
        let got = served.post("/api/found/scan", body).answer().expect("an answer");
        assert_eq!((got.status, self::body(&got)["code"].as_str()), (status, Some(code)), "{body}");
    };
    check("{}", 400, "http.bad-request");
    check(r#"{"range":"somewhere"}"#, 400, "found.range-malformed");
    check(r#"{"range":"fd00::/64"}"#, 400, "found.range-v6");
    check(r#"{"range":"10.0.0.0/16"}"#, 400, "found.range-too-large");
    check(r#"{"range":"8.8.8.0/24"}"#, 400, "found.range-not-private");
    assert_eq!(served.get("/api/found")["scan"], Value::Null);
}

#[test]
fn a_hostile_page_starts_neither_a_scan_nor_a_greeting() {
    let served = listening(Settings::listening(false));
    let address = served.printer.mqtt_address();
    for (path, body) in [("scan", r#"{"range":"127.0.0.1"}"#), ("greet", r#"{"host":"127.0.0.1"}"#)] {
        for (fields, status) in [
            ("Origin: http://evil.test\r\nContent-Type: application/json\r\n", 403),
            ("Sec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n", 403),
            ("Content-Type: text/plain\r\n", 415),
        ] {
            let mut client = served.client();
            client.send(&format!(
                "POST /api/found/{path} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {}\r\n\r\n{body}",
                body.len()
            ));
            assert_eq!(client.answer().expect("an answer").status, status, "{path} {fields}");
        }
    }
    assert_eq!(served.broker().seen().accepted, 0, "{address}");
}

#[test]
fn a_greeting_tells_who_is_there_and_sends_a_hello_alone() {
    let served = listening(Settings::listening(false));
    let greet = |host: &str| {
        let got = served.post("/api/found/greet", &json!({ "host": host }).to_string()).answer().expect("an answer");
        (got.status, body(&got))
    };
    let (status, greeted) = greet(" 127.0.0.1 ");
    let expected = json!({ "host": "127.0.0.1", "serial": served.printer.serial(), "model": greeted["model"], "camera": greeted["camera"] });
    assert_eq!((status, greeted), (200, expected));
    let seen = served.broker().seen();
    assert_eq!((seen.handshakes, seen.mqtt.connects), (0, 0));
    // Somebody else's certificate.
    served.broker().change(|behaviour| behaviour.tls.common_name = Some("unifi.local".into()));
    let (status, problem) = greet("127.0.0.1");
    assert_eq!((status, &problem["code"]), (409, &json!("certificate.not-a-printer")));
    assert!(problem["error"].as_str().is_some_and(|words| words.contains("unifi.local")), "{problem}");
    let (status, problem) = greet("127.0.5.99");
    assert_eq!((status, &problem["code"]), (409, &json!("found.no-printer")));
    let (status, problem) = greet("http://127.0.0.1");
    assert_eq!((status, problem["fieldsAdvice"]["host"]["code"].as_str()), (400, Some("field.host-malformed")));
}

#[test]
fn a_printer_is_added_without_its_serial_number() {
    let served = listening(Settings::listening(false));
    let add = |draft: &Value| {
        let got = served.post("/api/printers", &draft.to_string()).answer().expect("an answer");
        (got.status, body(&got))
    };
    // Everything else is checked before a device is disturbed.
    let (status, problem) = add(&json!({ "name": "Mine", "host": "127.0.0.1", "serial": " " }));
    assert_eq!(
        (status, problem["fields"].as_object().map(|fields| fields.keys().cloned().collect())),
        (400, Some(vec!["accessCode".to_owned()]))
    );
    assert_eq!(served.broker().seen().accepted, 0);
    let draft = json!({ "name": "Mine", "host": "127.0.0.1", "accessCode": "12345678" });
    let (status, printer) = add(&draft);
    assert_eq!((status, &printer["serial"]), (201, &json!(served.printer.serial())));
    served.wait("live", SOON, |status| status.connected);
    let (status, problem) = add(&draft);
    assert_eq!((status, &problem["code"]), (409, &json!("printers.duplicate-serial")));
    let (status, problem) = add(&json!({ "name": "Mine", "host": "127.0.5.99", "accessCode": "12345678" }));
    assert_eq!((status, &problem["code"]), (409, &json!("found.no-printer")));
}

#[test]
fn a_printer_is_tested_without_its_serial_number() {
    let served = listening(Settings::listening(false));
    let test = |draft: &Value| {
        let mut listener = Listener::new(served.post("/api/printers/test", &draft.to_string()));
        let mut stages = Vec::new();
        loop {
            let event = listener.next();
            match event.name.as_str() {
                "stage" if event.data["state"] != "running" => stages.push(event.data),
                "done" => return stages,
                _ => {}
            }
        }
    };
    let stages = test(&json!({ "host": "127.0.0.1", "accessCode": "12345678" }));
    assert_eq!((&stages[2]["state"], &stages[2]["foundSerial"]), (&json!("passed"), &json!(served.printer.serial())));
    assert!(stages[2]["sentence"].as_str().is_some_and(|words| words.contains(served.printer.serial())), "{stages:?}");
    assert_eq!(stages[3]["state"], "passed", "{stages:?}");
    let stages = test(&json!({ "host": "127.0.5.99", "accessCode": "12345678" }));
    let states: String = stages.iter().map(|stage| &stage["state"].as_str().expect("a state")[..1]).collect();
    assert_eq!((states.as_str(), &stages[1]["code"]), ("pfssssss", &json!("mqtt.port-closed")));
    served.broker().change(|behaviour| behaviour.tls.common_name = Some("unifi.local".into()));
    let stages = test(&json!({ "host": "127.0.0.1", "serial": "", "accessCode": "12345678" }));
    let states: String = stages.iter().map(|stage| &stage["state"].as_str().expect("a state")[..1]).collect();
    assert_eq!((states.as_str(), &stages[2]["code"]), ("ppfsssss", &json!("certificate.not-a-printer")));
}
