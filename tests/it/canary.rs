//! A planted access code is found nowhere but where the contract puts it: the program itself, at its most talkative.

use crate::http_client::{Client, PATIENCE, now, pause};
use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use virtual_printer::{Behaviour, Model, MqttManners, Print, RtspManners, Setup, VirtualPrinter};

const CANARY: &str = "Kq7xWv2z";

/// The program, and everything it says.
struct Program {
    child: Child,
    address: SocketAddr,
    directory: PathBuf,
}

impl Program {
    fn start(mqtt_port: u16) -> Self {
        let directory = std::env::temp_dir().join(format!("platecast-canary-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let said = fs::File::create(directory.join("said")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_platecast"))
            .env("BIND_ADDR", address.to_string())
            .env("DB_PATH", directory.join("printers.db"))
            .env("MQTT_PORT", mqtt_port.to_string())
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let begun = now();
        while TcpStream::connect_timeout(&address, PATIENCE).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the program does not listen");
            pause();
        }
        Self { child, address, directory }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let got = Client::connect(self.address).send(&(head + body)).answer().unwrap();
        (got.status, got.head + &String::from_utf8_lossy(&got.body))
    }

    /// What an endless answer says within a moment.
    fn overhear(&self, path: &str) -> String {
        let mut client = Client::connect(self.address);
        client.ask(path);
        client.socket.set_read_timeout(Some(Duration::from_millis(1200))).unwrap();
        let mut heard = Vec::new();
        let _ = client.socket.read_to_end(&mut heard);
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Asks until the answer is as it should be.
    fn wait(&self, what: &str, path: &str, words: &str) {
        let begun = now();
        while !self.ask("GET", path, "").1.contains(words) {
            assert!(begun.elapsed() < Duration::from_secs(15), "{what}: {:?}", self.ask("GET", path, ""));
            pause();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn assert_clean(what: &str, text: &str) {
    assert!(!text.contains(CANARY), "the access code is in {what}");
    // As base64 it stands in Basic credentials: `bblp:` and the code.
    assert!(!text.contains("YmJscDpLcTd4V3Yyeg"), "the access code is in {what}, as base64");
}

#[test]
fn an_access_code_appears_only_in_the_printers_own_json() {
    let rtsp = RtspManners { code: CANARY.into(), ..RtspManners::default() };
    let mqtt = MqttManners { code: CANARY.into(), ..MqttManners::default() };
    let behaviour = Behaviour { rtsp, mqtt, ..Behaviour::default() };
    let setup = Setup { model: Model::X1C, behaviour, ..Setup::default() };
    let printer = VirtualPrinter::start(setup).unwrap();
    printer.machine(|machine| machine.start_at(Print::default(), 40));
    let program = Program::start(printer.mqtt_address().port());
    let draft = |code: &str| {
        format!(r#"{{"name":"X","host":"127.0.0.1","serial":"{}","accessCode":"{code}"}}"#, printer.serial())
    };
    let (status, own) = program.ask("POST", "/api/printers", &draft(CANARY));
    assert!(status == 201 && own.contains(CANARY), "the one place where it belongs: {own}");
    program.wait("live", "/api/printers/1/status", r#""connected":true"#);
    program.wait("a picture", "/api/printers/1/camera", r#""step":"live""#);

    // Refused, and refused as typed.
    printer.broker().change(|behaviour| behaviour.mqtt.code = "another1".into());
    printer.camera().change(|behaviour| behaviour.rtsp.code = "another1".into());
    printer.broker().reset();
    printer.camera().reset();
    program.wait("refused", "/api/printers/1/status", "refuses the access code");
    program.wait("refused", "/api/printers/1/camera", r#""step":"refused""#);
    assert_clean("the answer to a draft", &program.ask("POST", "/api/printers", &draft(&format!("{CANARY}\\n"))).1);
    let in_url = format!(
        r#"{{"name":"Y","host":"h","serial":"00M09A000000009","accessCode":"1","rtspUrl":"rtsps://bblp:{CANARY}@h/"}}"#
    );
    assert_clean("the answer to a URL", &program.ask("POST", "/api/printers", &in_url).1);

    for path in ["/api/printers/1/status", "/api/printers/1/camera", "/api/openapi.json", "/healthz", "/"] {
        assert_clean(path, &program.ask("GET", path, "").1);
    }
    assert_clean("a command's answer", &program.ask("POST", "/api/printers/1/command", r#"{"type":"pause"}"#).1);
    for path in ["/api/events", "/api/printers/1/status/stream"] {
        let heard = program.overhear(path);
        assert!(heard.contains("event: "), "{heard}");
        assert_clean(path, &heard);
    }
    // The same as the password of a camera's own login, which nobody is ever told.
    let url = printer.rtsp_url();
    let own_login = draft("another1").replacen(
        '{',
        &format!(r#"{{"rtspUrl":"{url}","cameraUser":"viewer","cameraPassword":"{CANARY}","#),
        1,
    );
    let (status, answer) = program.ask("PUT", "/api/printers/1", &own_login);
    assert!(status == 200 && answer.contains(r#""cameraUser":"viewer""#), "{answer}");
    assert_clean("the answer to a login", &answer);
    program.wait("refused", "/api/printers/1/camera", "refused the user or the password");
    for path in ["/api/printers", "/api/printers/1", "/api/printers/1/camera"] {
        assert_clean(path, &program.ask("GET", path, "").1);
    }
    let no_user = own_login.replace("viewer", "");
    assert_clean("the answer to half a login", &program.ask("PUT", "/api/printers/1", &no_user).1);

    for file in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{file}", program.child.id())).unwrap();
        assert_clean(file, &String::from_utf8_lossy(&text));
    }
    let signal = |pid: u32| Command::new("kill").arg("-USR1").arg(pid.to_string()).status().unwrap().success();
    assert!(signal(program.child.id()));
    let begun = now();
    let said = loop {
        let said = String::from_utf8_lossy(&fs::read(program.directory.join("said")).unwrap()).into_owned();
        if said.contains("thread p1-packager: ") {
            break said;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no thread dump in {said}");
        pause();
    };
    for line in [
        "p1: camera: starting -> connecting after ",
        "p1: camera: TLS is up and the certificate accepted",
        "p1: camera: OPTIONS (CSeq 1) is answered with 200",
        "p1: camera: the SDP's track 1 is chosen: H.264",
        "p1: camera: parameter sets: H.264 ",
        "p1: camera: signing-in -> refused after ",
        "p1: stream: TARGETDURATION ",
        "p1: mqtt: CONNECT as the client platecast",
        "p1: mqtt: CONNACK, signed in",
        "p1: mqtt: SUBACK, reports may come",
        "p1: link: waiting-for-report -> live after ",
        "p1: link: signing-in -> refused after ",
    ] {
        assert!(said.contains(line), "not in the log: {line}");
    }
    assert!(said.contains("TRACE") && said.contains("camera live"), "the log is not at its most talkative");
    assert_clean("the log", &said);
}
