//! Status, events and commands as a browser meets them: the real server and threads against a virtual printer.

use crate::http_client::{Client, Got, PATIENCE, now};
use crate::status::Bench;
use platecast::base::stop::{Stopper, stop};
use platecast::finding::{self, Finding};
use platecast::http::{self, AccessCodes, Server};
use platecast::printer::{Draft, PrinterId};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use virtual_printer::{Model, Print, Refusal};

/// A printer that prints, and the server.
pub struct Served {
    bench: Bench,
    pub finding: Arc<Finding>,
    server: Option<Server>,
    stopper: Option<Stopper>,
}

impl Deref for Served {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
    }
}

impl Served {
    pub fn new(bench: Bench) -> Self {
        Self::with_codes(bench, AccessCodes::Show)
    }

    pub fn with_codes(bench: Bench, access_codes: AccessCodes) -> Self {
        Self::with(bench, access_codes, finding::Settings::listening(false))
    }

    /// It listens for printers as these settings say.
    pub fn finding(bench: Bench, finding: finding::Settings) -> Self {
        Self::with(bench, AccessCodes::Show, finding)
    }

    fn with(bench: Bench, access_codes: AccessCodes, finding: finding::Settings) -> Self {
        let (stopper, stop) = stop();
        let settings = http::Settings {
            bind: "127.0.0.1:0".parse().expect("an address"),
            allowed_hosts: Vec::new(),
            access_codes,
            trusted_proxies: http::server::Proxies::default(),
            embed_origins: http::EmbedOrigins::default(),
            frontend_dir: None,
            max_connections: 512,
        };
        let finding = Arc::new(Finding::start(finding, Arc::clone(&bench.fleet)).expect("threads"));
        let server = Server::start(&settings, Arc::clone(&bench.fleet), Arc::clone(&finding), &stop);
        Self { bench, finding, server: Some(server.expect("a server")), stopper: Some(stopper) }
    }

    pub fn client(&self) -> Client {
        Client::connect(self.server.as_ref().expect("running").local_addr())
    }

    pub fn get(&self, path: &str) -> Value {
        let got = self.client().get(path);
        assert_eq!(got.status, 200, "{path}: {got:?}");
        serde_json::from_slice(&got.body).expect("JSON")
    }

    /// A connection on which JSON has been posted.
    pub fn post(&self, path: &str, body: &str) -> Client {
        self.send("POST", path, body)
    }

    /// A connection on which JSON has been sent.
    pub fn send(&self, method: &str, path: &str, body: &str) -> Client {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Cf-Access-Authenticated-User-Email: ann@example.com\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut client = self.client();
        client.send(&(head + body));
        client
    }

    fn post_command(&self, body: &str) -> Got {
        self.post("/api/printers/1/command", body).answer().expect("an answer")
    }

    pub fn listen(&self, path: &str) -> Listener {
        let mut client = self.client();
        client.ask(path);
        Listener::new(client)
    }
}

impl Listener {
    /// Of a stream that has been asked for.
    pub fn new(mut client: Client) -> Self {
        let head = client.head().expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        for field in
            ["Content-Type: text/event-stream", "Cache-Control: no-store, no-transform", "X-Accel-Buffering: no"]
        {
            assert!(head.contains(field), "{field} in {head}");
        }
        let unread = client.rest_so_far();
        Listener { lines: BufReader::new(client.socket), unread }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stopper = None;
        if let Some(server) = self.server.take() {
            server.join();
        }
        self.finding.close();
    }
}

/// An event.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub id: u64,
    pub data: Value,
}

/// A browser's EventSource.
pub struct Listener {
    lines: BufReader<TcpStream>,
    unread: Vec<u8>,
}

impl Listener {
    fn line(&mut self) -> String {
        let mut line = String::new();
        let mut unread = &self.unread[..];
        let n = unread.read_line(&mut line).expect("text");
        self.unread.drain(..n);
        if !line.ends_with('\n') {
            self.lines.read_line(&mut line).expect("a line in time");
        }
        assert!(line.ends_with('\n'), "the stream has ended");
        line.trim_end().to_owned()
    }

    pub fn next(&mut self) -> Event {
        let (mut name, mut id) = (String::new(), 0);
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("id", value)) => id = value.parse().expect("a number"),
                Some(("data", value)) => return Event { name, id, data: serde_json::from_str(value).expect("JSON") },
                _ => {}
            }
        }
    }

    /// Reads on until the server ends the stream.
    pub fn ends(mut self) {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.lines, &mut rest).expect("the end of the stream");
    }

    pub fn until(&mut self, what: &str, arrived: impl Fn(&Event) -> bool) -> Event {
        let deadline = now() + PATIENCE;
        loop {
            let event = self.next();
            if arrived(&event) {
                return event;
            }
            assert!(now() < deadline, "{what}: {event:?}");
        }
    }
}

#[test]
fn the_contracts_fields_exist_in_their_units() {
    let served = Served::new(Bench::printing(Model::X1C));
    let status = served.get("/api/printers/1/status");
    assert_eq!(status["connected"], json!(true));
    assert_eq!((&status["jobState"], &status["percent"]), (&json!("RUNNING"), &json!(40)));
    for field in ["remainingMinutes", "nozzleC", "bedC", "chamberC"] {
        assert!(status[field].is_number(), "{field}: {}", status[field]);
    }
    assert!(["on", "off"].iter().any(|light| status["light"] == *light), "{}", status["light"]);
    let time = status["lastUpdate"].as_str().expect("a time");
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    assert_eq!(served.client().get("/api/printers/2/status").status, 404);
}

#[test]
fn missing_sensors_are_null_and_a_new_printer_is_not_connected() {
    let served = Served::new(Bench::live(Model::P1S));
    assert_eq!(served.get("/api/printers/1/status")["chamberC"], Value::Null);
    served.bench.broker().refuse();
    let away = Draft {
        name: Some("Away".into()),
        host: Some("127.0.0.1".into()),
        serial: Some("00M09A000000077".into()),
        access_code: Some(platecast::base::secret::Secret::new("12345678")),
        ..Draft::default()
    };
    served.fleet.add(away).expect("a printer");
    let status = served.get("/api/printers/2/status");
    let contract = ["jobState", "percent", "remainingMinutes", "nozzleC", "bedC", "chamberC", "light", "lastUpdate"];
    assert!(contract.iter().all(|field| status[field].is_null()), "{status}");
    assert_eq!(status["connected"], json!(false));
}

#[test]
fn a_stream_begins_with_the_state_and_goes_on_with_its_changes() {
    let served = Served::new(Bench::printing(Model::X1C));
    let mut listener = served.listen("/api/printers/1/status/stream");
    assert_eq!(listener.line(), "retry: 2000");
    let first = listener.next();
    assert_eq!((first.name.as_str(), &first.data["percent"]), ("status", &json!(40)));
    assert_eq!(first.data, served.get("/api/printers/1/status"));
    served.printer.machine(|machine| machine.start_at(Print::default(), 80));
    let changed = listener.until("80 %", |event| event.data["percent"] == json!(80));
    assert!(changed.id > first.id);
    served.fleet.remove(PrinterId(1)).expect("removed");
    listener.ends();
}

#[test]
fn one_stream_covers_all_printers() {
    let served = Served::new(Bench::printing(Model::X1C));
    let mut listener = served.listen("/api/events");
    let snapshot = listener.next();
    assert_eq!((snapshot.name.as_str(), snapshot.id), ("snapshot", 1));
    let first = &snapshot.data["printers"][0];
    assert_eq!((&first["id"], &first["status"]["percent"]), (&json!(1), &json!(40)));
    assert!(first["camera"]["step"].is_string() && first["name"] == "Bench");
    assert_eq!(snapshot.data.get("build"), Some(&Value::Null), "this service has no page");
    served.printer.machine(|machine| machine.start_at(Print::default(), 80));
    listener.until("a change", |event| event.name == "printer" && event.data["status"]["percent"] == 80);
    served.printer.camera().reset();
    listener.until("a camera's step", |event| event.name == "camera" && event.data["id"] == 1);
    let draft = |serial: &str| Draft {
        name: Some("Another".into()),
        host: Some("127.0.0.9".into()),
        serial: Some(serial.into()),
        access_code: Some(platecast::base::secret::Secret::new("12345678")),
        ..Draft::default()
    };
    served.fleet.add(draft("00M09A000000077")).expect("a printer");
    let added = listener.until("added", |event| event.name == "added");
    assert_eq!((&added.data["id"], &added.data["name"]), (&json!(2), &json!("Another")));
    served
        .fleet
        .edit(PrinterId(2), Draft { name: Some("Renamed".into()), ..draft("00M09A000000077") })
        .expect("an edit");
    listener.until("renamed", |event| event.name == "added" && event.data["name"] == "Renamed");
    served.fleet.remove(PrinterId(2)).expect("removed");
    listener.until("removed", |event| event.name == "removed" && event.data["id"] == 2);
}

#[test]
fn one_listener_too_many_gets_503_with_retry_after() {
    let served = Served::new(Bench::live(Model::X1C));
    let listen = |n| {
        let mut client = served.client().named(&format!("198.51.100.{}", n % 8));
        client.ask("/api/events");
        Listener::new(client)
    };
    let _listeners: Vec<Listener> = (0..256).map(listen).collect();
    let got = served.client().get("/api/events");
    assert_eq!((got.status, got.field("retry-after")), (503, Some("2")));
}

#[test]
fn a_listener_that_does_not_read_delays_nobody_and_skips_old_values() {
    let served = Served::new(Bench::printing(Model::X1C));
    let mut slow = served.client();
    slow.ask("/api/events");
    let mut quick = served.listen("/api/events");
    for percent in 41..=44 {
        served.printer.machine(|machine| machine.start_at(Print::default(), percent));
        quick.until("each", |event| event.data["status"]["percent"] == percent);
    }
    let head = slow.head().expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"));
    let unread = slow.rest_so_far();
    let mut slow = Listener { lines: BufReader::new(slow.socket), unread };
    let mut seen = Vec::new();
    while seen.last() != Some(&44) {
        let event = slow.next();
        seen.extend(event.data["status"]["percent"].as_u64());
    }
    assert!(seen.is_sorted(), "{seen:?}");
}

#[test]
fn a_command_is_answered_with_its_result() {
    let served = Served::new(Bench::printing(Model::X1C));
    let check = |body: &str, status: u16, words: &str| {
        let got = served.post_command(body);
        let text = String::from_utf8(got.body.clone()).expect("text");
        assert_eq!(got.status, status, "{body}: {text}");
        assert!(text.contains(words), "{body}: {text}");
    };
    check(r#"{"type":"light","on":false}"#, 200, r#"{"ok":true,"accepted":true,"happened":"#);
    check(
        r#"{"type":"resume"}"#,
        409,
        r#"{"ok":false,"error":"The print is not paused.","code":"command.not-paused","params":{}}"#,
    );
    check(r#"{"type":"stop","jobId":"nobody's"}"#, 409, "different print");
    for wrong in ["", "{}", "[]", r#"{"type":"explode"}"#, r#"{"type":"light"}"#, r#"{"type":"light","on":"yes"}"#] {
        check(wrong, 400, r#"{"ok":false,"error":"The body must be like"#);
    }
    served.printer.machine(|machine| {
        machine.set_developer_mode(false);
        machine.set_refusal(Refusal::Reply);
    });
    check(r#"{"type":"pause"}"#, 409, "Developer Mode");
    served.broker().change(|behaviour| behaviour.mqtt.deaf = true);
    let asked = now();
    check(r#"{"type":"light","on":true}"#, 504, "look at it before you try again");
    assert!((4..7).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    served.broker().refuse();
    served.broker().reset();
    served.wait("away", Duration::from_secs(10), |status| !status.connected);
    check(r#"{"type":"pause"}"#, 503, r#"{"ok":false,"error":""#);
}

#[test]
fn the_history_starts_at_the_first_report_with_null_without_sensor() {
    let served = Served::new(Bench::printing(Model::P1S));
    let history = served.get("/api/printers/1/history");
    assert_eq!(history["everySeconds"], json!(10));
    assert!(history["until"].as_str().is_some_and(|until| until.ends_with('Z')), "{history}");
    let list = |name: &str| history[name].as_array().expect("a list").clone();
    let (nozzle, bed, chamber) = (list("nozzleC"), list("bedC"), list("chamberC"));
    assert!(nozzle.len() == bed.len() && bed.len() == chamber.len() && (1..=2).contains(&nozzle.len()), "{history}");
    assert!(nozzle[0].is_number() && bed[0].is_number() && chamber.iter().all(Value::is_null), "{history}");
    assert_eq!(served.client().get("/api/printers/2/history").status, 404);
}

/// At SIGTERM the printers' threads end before the last request is answered.
#[test]
fn during_shutdown_an_existing_printer_is_not_404() {
    let served = Served::new(Bench::live(Model::P1S));
    served.fleet.close();
    let said = |got: Got| (got.status, serde_json::from_slice::<Value>(&got.body).expect("JSON")["error"].clone());
    let stopping = (503, json!("Platecast is stopping."));
    for path in [
        "/hls/1/stream.m3u8",
        "/hls/1/stream_ll.m3u8",
        "/hls/1/seg000001.ts",
        "/api/printers",
        "/api/printers/1",
        "/api/printers/1/camera",
        "/api/printers/1/status",
        "/api/printers/1/status/stream",
        "/api/printers/1/history",
        "/api/printers/1/still.mp4",
        "/api/events",
        "/metrics",
    ] {
        assert_eq!(said(served.client().get(path)), stopping, "{path}");
    }
    assert_eq!(said(served.post_command(r#"{"type":"pause"}"#)), stopping);
    let edit = served.send("PUT", "/api/printers/1", r#"{"name":"Other"}"#).answer().expect("an answer");
    assert_eq!(said(edit), stopping);
    assert_eq!(served.client().get("/api/nothing").status, 404);
    assert_eq!(served.client().get("/healthz").status, 200);
}
