//! The program itself, as a supervisor starts and stops it.

use crate::http_client::{Client, PATIENCE, now, pause};
use crate::http_crowd::{Attack, good_p99};
use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The running program, with a directory of its own. Dropping it kills it.
struct Program {
    child: Child,
    address: SocketAddr,
    dir: PathBuf,
}

impl Program {
    /// Starts it, with `files` as its hard limit of open files, and waits until it serves.
    fn start(name: &str, files: Option<u32>) -> Self {
        Self::start_with(name, files, |_, _| {})
    }

    /// The same, with further changes to what is started; they get its directory.
    fn start_with(name: &str, files: Option<u32>, change: impl FnOnce(&mut Command, &Path)) -> Self {
        let dir = std::env::temp_dir().join(format!("platecast-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("page/assets")).unwrap();
        fs::write(dir.join("page/index.html"), "<!doctype html><title>the page</title>").unwrap();
        fs::write(dir.join("page/assets/app-1a2b.js"), "let a;".repeat(1000)).unwrap();
        // A port that was free a moment ago; the tests of this file run in one process, so none takes another's.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let limit = files.map_or(String::new(), |files| format!("ulimit -n {files}; "));
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{limit}exec \"$0\""), env!("CARGO_BIN_EXE_platecast")])
            .env("BIND_ADDR", address.to_string())
            .env("DB_PATH", dir.join("printers.db"))
            .env("FRONTEND_DIR", dir.join("page"))
            .env("ALLOWED_HOSTS", "cams.example.com")
            .stdin(Stdio::null());
        change(&mut command, &dir);
        let child = command.spawn().unwrap();
        let mut program = Self { child, address, dir };
        let begun = now();
        while std::net::TcpStream::connect_timeout(&address, PATIENCE).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the program does not listen");
            assert!(program.child.try_wait().unwrap().is_none(), "the program has ended");
            pause();
        }
        program
    }

    fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Sends `request`, whose Host is given, and gives back the answer.
    fn ask(&self, method: &str, path: &str, fields: &str, body: &str) -> crate::http_client::Got {
        let length = body.len();
        let request = format!("{method} {path} HTTP/1.1\r\n{fields}Content-Length: {length}\r\n\r\n{body}");
        self.client().send(&request).answer().unwrap()
    }

    /// SIGTERM; tells how long it took to end, and asserts that it ended in order.
    fn terminate(&mut self) -> Duration {
        let begun = now();
        assert!(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap().success());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return begun.elapsed();
            }
            assert!(begun.elapsed() < PATIENCE, "the program does not end");
            pause();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn wrong_settings_are_told_and_end_it_for_good() {
    let ended = |key: &str, value: &str| {
        let ended = Command::new(env!("CARGO_BIN_EXE_platecast"))
            .env("BIND_ADDR", "127.0.0.1:0")
            .env(key, value)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let (code, said) = ended("HLS_LOW_LATENCY", "perhaps");
    assert!(code == Some(78) && said.contains("HLS_LOW_LATENCY"), "{code:?}: {said}");
    let unit = include_str!("../../docs/platecast.service");
    assert!(unit.contains("\nRestartPreventExitStatus=78\n"), "systemd would try again");
    let (code, said) = ended("DB_PATH", "/proc/printers.db");
    assert!(code == Some(1) && said.contains("DB_PATH") && said.contains("/proc/printers.db"), "{code:?}: {said}");
}

#[test]
fn sigterm_ends_the_program_in_order_within_2_s_beside_each_attack() {
    for (attack, connections) in [
        (Attack::StalledBody, 200),
        (Attack::SlowHead, 300),
        (Attack::Http2, 50),
        (Attack::Pipeliner, 2),
        (Attack::SlowReader, 50),
    ] {
        let mut program = Program::start("term", None);
        let attackers: Vec<_> = (0..connections).map(|_| attack.open(program.address)).collect();
        let p99 = good_p99(program.address, 300);
        assert!(p99 < Duration::from_millis(200), "p99 is {p99:?} beside {attack:?}");
        let took = program.terminate();
        assert!(took < Duration::from_secs(2), "took {took:?} beside {attack:?}");
        drop(attackers);
    }
}

#[test]
fn out_of_files_the_program_lives_and_serves_again_when_they_come_back() {
    let mut program = Program::start("files", Some(128));
    let crowd: Vec<_> = (0..200).map(|_| Attack::SlowHead.open(program.address)).collect();
    assert!(program.child.try_wait().unwrap().is_none());
    drop(crowd);
    let begun = now();
    assert_eq!(program.client().get("/healthz").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(program.terminate() < Duration::from_secs(2));
}

#[test]
fn a_printer_is_added_shown_edited_and_removed() {
    let program = Program::start("api", None);
    let host = "Host: localhost\r\nContent-Type: application/json\r\n";
    let ask = |method: &str, path: &str, body: &str, status: u16| {
        let got = program.ask(method, path, host, body);
        let text = String::from_utf8(got.body.clone()).unwrap();
        assert_eq!(got.status, status, "{method} {path} {body}: {text}");
        text
    };
    let printer =
        r#"{"name":"Studio X1","host":"127.0.0.1","serial":"00M1234ABC","accessCode":"12345678","rtspUrl":null}"#;
    assert_eq!(ask("GET", "/api/printers", "", 200), "[]");
    let added = ask("POST", "/api/printers", printer, 201);
    assert!(added.contains(r#""name":"Studio X1""#) && added.contains(r#""accessCode":"12345678""#), "{added}");
    assert!(added.contains(r#""rtspUrl":null"#) && added.contains(r#""serial":"00M1234ABC""#), "{added}");
    assert!(ask("POST", "/api/printers", printer, 409).contains("Studio X1"));
    assert!(ask("POST", "/api/printers", r#"{"name":""}"#, 400).contains(r#""fields":{"#));
    let path = "/api/printers/1";
    assert_eq!(ask("GET", path, "", 200), added);
    let without_code = printer.replace(r#""accessCode":"12345678","#, "").replace("Studio", "Cellar");
    let edited = ask("PUT", path, &without_code, 200);
    assert!(edited.contains("Cellar X1") && edited.contains("12345678"), "the code is kept: {edited}");
    assert!(ask("GET", "/api/printers/1/camera", "", 200).contains(r#""step":"#));
    ask("GET", "/api/printers/2", "", 404);
    ask("PUT", "/api/printers/2", printer, 404);
    ask("PATCH", path, "", 405);
    ask("POST", path, "{}", 405);
    assert_eq!(ask("DELETE", path, "", 204), "");
    ask("DELETE", path, "", 404);
    ask("GET", "/hls/1/stream.m3u8", "", 404);
}

#[test]
fn a_camera_without_a_picture_says_where_it_is_after_a_little_while() {
    let program = Program::start("wait", None);
    let host = "Host: localhost\r\nContent-Type: application/json\r\n";
    let printer = r#"{"name":"Away","host":"127.0.0.1","serial":"00M1234ABC","accessCode":"12345678"}"#;
    assert_eq!(program.ask("POST", "/api/printers", host, printer).status, 201);
    let begun = now();
    let got = program.client().get("/hls/1/stream.m3u8");
    assert_eq!((got.status, got.field("retry-after").is_some()), (503, true));
    assert!(got.body.starts_with(br#"{"ok":false,"error":""#), "{got:?}");
    assert!((4..8).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

/// Ten of them wrote 96 MB of log a day and 47 MB an hour to each open page.
#[test]
fn printers_that_are_off_are_told_of_once() {
    let mut log = PathBuf::new();
    let program = Program::start_with("off", None, |command, dir| {
        log = dir.join("log");
        command.env("RUST_LOG", "platecast=debug").stderr(fs::File::create(&log).unwrap());
    });
    let host = "Host: localhost\r\nContent-Type: application/json\r\n";
    for number in 10..20 {
        let printer = format!(
            r#"{{"name":"Off {number}","host":"127.0.77.{number}","serial":"00M1234A{number}","accessCode":"12345678"}}"#
        );
        assert_eq!(program.ask("POST", "/api/printers", host, &printer).status, 201);
    }
    let mut page = std::net::TcpStream::connect(program.address).unwrap();
    page.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    std::io::Write::write_all(&mut page, b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let attempts_after = |count: usize| {
        let begun = now();
        loop {
            let lines = fs::read_to_string(&log).unwrap();
            if lines.matches("next attempt in").count() >= count {
                return lines;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{} s and too few attempts", begun.elapsed().as_secs());
            pause();
        }
    };
    let mut events_so_far = || {
        let mut bytes = [0; 65_536];
        let mut text = String::new();
        while let Ok(read @ 1..) = page.read(&mut bytes) {
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
        text.matches("\nevent: ").count()
    };
    // Each has failed twice, on both ports: all has been said.
    let _ = attempts_after(60);
    let first = events_so_far();
    assert!((1..=60).contains(&first), "{first} events until all had been said");
    let lines = attempts_after(120);
    assert_eq!(events_so_far(), 0, "an event says what the last one said");
    let warnings = lines.lines().filter(|line| line.contains(" WARN ")).count();
    assert_eq!(warnings, 20, "one line for each port that is closed");
}

#[test]
fn another_site_gets_nothing_and_a_tool_without_a_browser_everything() {
    let program = Program::start("guard", None);
    let check = |method: &str, path: &str, fields: &str, status: u16| {
        let got = program.ask(method, path, fields, "");
        assert_eq!(got.status, status, "{method} {path} {fields}");
        assert_eq!(got.field("access-control-allow-origin"), None);
        got
    };
    let json = "Content-Type: application/json\r\n";
    for path in ["/", "/api/printers", "/hls/1/stream.m3u8", "/api/events", "/assets/app-1a2b.js"] {
        let got = check("GET", path, "Host: evil.test\r\n", 421);
        assert!(String::from_utf8(got.body).unwrap().contains("ALLOWED_HOSTS"));
        let cross = check("GET", path, "Host: nas\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", 403);
        assert_eq!(cross.field("cross-origin-resource-policy"), Some("same-origin"));
    }
    check("GET", "/", "Host: nas\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n", 200);
    check("GET", "/api/printers", "Host: cams.example.com\r\nSec-Fetch-Site: same-origin\r\n", 200);
    check("GET", "/api/printers", "Host: 192.168.1.5:8080\r\n", 200);
    check("DELETE", "/api/printers/1", "Host: nas\r\nOrigin: http://evil.test\r\n", 403);
    check("POST", "/api/printers", &format!("Host: nas\r\n{json}Origin: null\r\n"), 403);
    check("POST", "/api/printers", "Host: nas\r\nContent-Type: text/plain\r\n", 415);
    check("POST", "/api/printers", &format!("Host: nas\r\n{json}"), 400);
    check("OPTIONS", "/api/printers", "Host: nas\r\nOrigin: http://evil.test\r\n", 405);
}

#[test]
fn the_page_is_served_at_each_of_its_addresses() {
    let program = Program::start("page", None);
    for path in ["/", "/p/1", "/printers", "/printers/new"] {
        let got = program.client().get(path);
        assert_eq!((got.status, got.field("cache-control")), (200, Some("no-cache")), "{path}");
        assert!(got.field("content-security-policy").unwrap().contains("worker-src 'self' blob:"));
        assert!(got.body.starts_with(b"<!doctype html><title>the page"));
    }
    let script = program.client().get("/assets/app-1a2b.js");
    assert_eq!(script.field("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(program.client().get("/assets/nothing.js").status, 404);
    assert_eq!(program.client().get("/api/nothing").status, 404);
}
