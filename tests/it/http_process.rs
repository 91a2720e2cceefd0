//! The program itself, as a supervisor starts and stops it.

use crate::http_client::{Client, PATIENCE, now, pause};
use crate::http_crowd::{Attack, good_p99};
use std::fs;
use std::io::{Read, Write};
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
            .env("DB_PATH", dir.join("printers.db"))
            .env("FRONTEND_DIR", dir.join("page"))
            .env("ALLOWED_HOSTS", "cams.example.com")
            .env("EMBED_ORIGINS", if name == "embed" { "http://ha.local:8123" } else { "" })
            .env("BIND_ADDR", if name == "lan" { format!("0.0.0.0:{}", address.port()) } else { address.to_string() })
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
fn wrong_settings_are_reported_and_end_the_program() {
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
fn sigterm_ends_the_program_within_2_s_under_each_attack() {
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
fn without_file_descriptors_the_program_survives_and_serves_again_later() {
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
fn endless_header_lines_are_refused_in_bounded_memory() {
    let mut program = Program::start("lines", None);
    let resident = || {
        let status = fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
    };
    assert_eq!(program.client().get("/healthz").status, 200);
    let before = resident();
    let lines = format!("GET /healthz HTTP/1.1\r\nHost: nas\r\n{}", "a:\r\n".repeat(1_000_000));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let text = program.client().send(&lines).rest();
                assert!(text.starts_with("HTTP/1.1 431 "), "{text:?}");
            });
        }
    });
    let grown = resident().saturating_sub(before);
    eprintln!("24 MB of header lines on six connections: {before} MB before, {grown} MB more at the peak");
    assert!(grown < 8, "{grown} MB");
    assert_eq!(program.client().get("/healthz").status, 200);
    program.terminate();
}

/// Nobody reads 2 MB of answers here, and no file is opened for a head.
#[test]
fn a_connection_costs_one_file_descriptor() {
    let program = Program::start("one-file", None);
    let open = || fs::read_dir(format!("/proc/{}/fd", program.child.id())).unwrap().count();
    let before = open();
    let mut clients: Vec<_> = (0..50).map(|_| program.client()).collect();
    clients.iter_mut().for_each(|client| assert_eq!(client.get("/healthz").status, 200));
    assert!((48..53).contains(&(open() - before)), "{} files for 50 connections", open() - before);
}

#[test]
fn a_method_that_is_not_allowed_is_405_before_the_body() {
    let program = Program::start("methods", None);
    for (method, path, status, allow) in [
        ("PUT", "/healthz", 405, Some("GET, HEAD")),
        ("PATCH", "/healthz", 405, Some("GET, HEAD")),
        ("POST", "/hls/1/stream.m3u8", 405, Some("GET, HEAD")),
        ("PUT", "/api/printers", 405, Some("GET, HEAD, POST")),
        ("DELETE", "/api/printers", 405, Some("GET, HEAD, POST")),
        ("PUT", "/api/printers/1/command", 405, Some("POST")),
        ("POST", "/", 405, Some("GET, HEAD")),
        ("POST", "/api/nothing", 404, None),
        ("PUT", "/api/printers/1", 415, None),
    ] {
        let got = program.ask(method, path, "Host: nas\r\nContent-Type: text/plain\r\n", "hello");
        assert_eq!((got.status, got.field("allow")), (status, allow), "{method} {path}");
    }
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
fn a_playlist_of_an_absent_camera_is_held_then_503() {
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
fn printers_that_are_off_are_logged_once() {
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
    let mut page = std::net::TcpStream::connect_timeout(&program.address, PATIENCE).unwrap();
    page.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    page.write_all(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
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
fn sigusr1_logs_each_thread_with_its_wait_and_printer() {
    let mut log = PathBuf::new();
    let mut program = Program::start_with("dump", None, |command, dir| {
        log = dir.join("log");
        command.env("RUST_LOG", "info").stderr(fs::File::create(&log).unwrap());
    });
    let host = "Host: localhost\r\nContent-Type: application/json\r\n";
    let printer = r#"{"name":"Off","host":"127.0.77.30","serial":"00M1234A30","accessCode":"12345678"}"#;
    assert_eq!(program.ask("POST", "/api/printers", host, printer).status, 201);
    let begun = now();
    let dump = loop {
        let dumps = fs::read_to_string(&log).unwrap().matches("SIGUSR1: ").count();
        assert!(Command::new("kill").arg("-USR1").arg(program.child.id().to_string()).status().unwrap().success());
        let dump = loop {
            let text = fs::read_to_string(&log).unwrap();
            let parts: Vec<&str> = text.split("SIGUSR1: ").collect();
            let lines: Vec<String> =
                parts[dumps..].iter().skip(1).flat_map(|part| part.lines()).map(str::to_owned).collect();
            let count = lines.first().and_then(|head| head.split(' ').next()?.parse::<usize>().ok());
            if count.is_some_and(|count| lines.len() > count) {
                break lines;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "no whole dump: {text}");
            pause();
        };
        // Camera and link have failed and wait for their next attempts, and the status says so.
        let of = |words: &str| dump.iter().filter(|line| line.contains(words)).count();
        if of("waits for the next attempt, for ") == 2 && of("; link retrying for ") == 4 {
            break dump;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{dump:#?}");
        pause();
    };
    let of = |name: &str| {
        let line = dump.iter().find(|line| line.contains(&format!("thread {name}: ")));
        line.unwrap_or_else(|| panic!("no line of {name} in {dump:#?}"))
    };
    assert!(of("main").contains("waits for a signal or a fault of the HTTP side, for "), "{}", of("main"));
    assert!(of("keeper").contains("waits for a change of a stream's numbering"), "{}", of("keeper"));
    for name in ["p1-camera", "p1-mqtt", "p1-packager", "p1-control"] {
        let line = of(name);
        assert!(line.contains("; asleep, CPU 0.") || line.contains("; running, CPU 0."), "{line}");
        assert!(line.contains("; camera retrying for "), "{line}");
    }
    assert!(of("p1-camera").contains(", deadline in "), "{}", of("p1-camera"));
    assert!(of("http-accept").contains("waits for a connection"), "{}", of("http-accept"));
    assert_eq!(program.client().get("/healthz").status, 200);
    program.terminate();
}

#[test]
fn another_site_gets_nothing_and_a_command_line_tool_everything() {
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
fn without_fetch_metadata_another_origin_reads_nothing() {
    let program = Program::start("origin", None);
    for path in ["/api/printers", "/api/events", "/hls/1/stream.m3u8", "/api/printers/1/still.mp4", "/metrics"] {
        for method in ["GET", "HEAD"] {
            let check =
                |origin: &str, status: u16| {
                    let got = program.client().send(&format!(
                    "{method} {path} HTTP/1.1\r\nHost: nas:8080\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n"
                )).head().unwrap();
                    assert_eq!(got.starts_with("HTTP/1.1 403 "), status == 403, "{method} {path} from {origin}: {got}");
                    assert!(!got.to_ascii_lowercase().contains("access-control-"), "{got}");
                };
            check("http://evil.test", 403);
            check("null", 403);
            check("http://nas:8080", 200);
            check("https://cams.example.com", 200);
        }
    }
}

#[test]
fn named_origins_may_embed_video_stills_and_page_and_nothing_else() {
    let program = Program::start("embed", None);
    let json = "Host: localhost\r\nContent-Type: application/json\r\n";
    let printer = r#"{"name":"Away","host":"127.0.0.1","serial":"00M1234ABC","accessCode":"12345678"}"#;
    assert_eq!(program.ask("POST", "/api/printers", json, printer).status, 201);
    let cross = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n";
    let ask = |method: &str, path: &str, fields: &str| program.ask(method, path, &format!("Host: nas\r\n{fields}"), "");
    let (own, evil) = ("Origin: http://ha.local:8123\r\n", "Origin: http://evil.test\r\n");
    for path in ["/hls/1/seg1.ts", "/hls/1/nothing", "/hls/1/stream.m3u8", "/api/printers/1/still.mp4"] {
        let got = ask("GET", path, &format!("{own}{cross}"));
        assert!([404, 503].contains(&got.status), "{path}: {}", got.status);
        assert_eq!(got.field("access-control-allow-origin"), Some("http://ha.local:8123"), "{path}");
        assert_eq!(got.field("cross-origin-resource-policy"), Some("cross-origin"));
        assert_eq!(got.field("vary"), Some("Origin"));
        let got = ask("GET", path, &format!("{evil}{cross}"));
        assert_eq!((got.status, got.field("access-control-allow-origin")), (403, None), "{path}");
        assert_eq!(got.field("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        let got = ask("GET", path, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n");
        assert_ne!(got.status, 403, "an <img> names no origin");
        assert_eq!(got.field("cross-origin-resource-policy"), Some("cross-origin"), "{path}");
        let asked = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: range\r\n";
        let got = ask("OPTIONS", path, &format!("{own}{cross}{asked}"));
        assert_eq!((got.status, got.field("access-control-allow-origin")), (204, Some("http://ha.local:8123")));
        // A browser refuses a field that stands twice.
        assert_eq!(got.head.matches("Access-Control-Allow-Origin").count(), 1, "{}", got.head);
        assert_eq!(ask("OPTIONS", path, &format!("{evil}{cross}{asked}")).status, 405);
    }
    for path in
        ["/api/printers", "/api/printers/1", "/api/events", "/api/printers/1/status", "/metrics", "/api/openapi.json"]
    {
        let got = ask("GET", path, &format!("{own}{cross}"));
        assert_eq!((got.status, got.field("access-control-allow-origin")), (403, None), "{path}");
        assert_eq!(ask("GET", path, own).status, 403, "{path} on plain HTTP");
        let asked = "Access-Control-Request-Method: GET\r\n";
        assert_eq!(ask("OPTIONS", path, &format!("{own}{asked}")).status, 405, "{path}");
    }
    let order = format!("Host: nas\r\nContent-Type: application/json\r\n{own}");
    assert_eq!(program.ask("POST", "/api/printers/1/command", &order, r#"{"type":"stop"}"#).status, 403);
    for path in ["/", "/p/1", "/printers"] {
        let got =
            ask("GET", path, "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n");
        let policy = got.field("content-security-policy").unwrap();
        assert!(policy.ends_with("; frame-ancestors 'self' http://ha.local:8123"), "{policy}");
        assert_eq!((got.status, got.field("x-frame-options")), (200, None), "{path}");
    }
    assert_eq!(ask("GET", "/api/printers", "").field("x-frame-options"), Some("DENY"));
}

/// Where this machine has an address in a network; from loopback everybody may name another client.
fn address_in_a_network() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: it only asks for the way there.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback() && !address.is_unspecified())
}

#[test]
fn an_address_keeps_its_share_whatever_forwarded_address_it_claims() {
    let Some(address) = address_in_a_network() else { return };
    let program = Program::start("lan", Some(192));
    let lan = || Client::connect(SocketAddr::new(address, program.address.port()));
    // 128 connections for 192 files; a quarter of them.
    let mut open: Vec<_> = (0..32).map(|_| lan()).collect();
    open.iter_mut().for_each(|client| assert_eq!(client.get("/healthz").status, 200));
    let refused = lan().answer().unwrap();
    assert_eq!((refused.status, refused.field("retry-after")), (503, Some("2")));
    assert_eq!(program.client().get("/healthz").status, 200, "others are served");
    open.truncate(31);
    let begun = now();
    let served = || {
        let mut client = lan();
        let request = b"GET /healthz HTTP/1.1\r\nHost: nas\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n";
        client.socket.write_all(request).is_ok() && client.answer().is_ok_and(|got| got.status == 200)
    };
    while !served() {
        assert!(begun.elapsed() < Duration::from_secs(5), "who has left is still counted");
    }
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
