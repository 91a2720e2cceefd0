//! Links to TLS servers of every shape a printer or an impostor may have. The peers are OpenSSL's `s_server` and, for
//! what that refuses to do, a rustls server.

use platecast::advice::{self, Tries};
use platecast::base::clock;
use platecast::base::stop::stop;
use platecast::base::thread;
use platecast::net::link::{Failure, Greeting, Link, LinkError, Patience, Read, Target, greet};
use platecast::printer::identity::Refusal;
use platecast::printer::{Fingerprint, Identity, Serial};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const SERIAL: &str = "00M09A000000001";
const OTHER_SERIAL: &str = "01P00A000000009";

/// Certificates made by OpenSSL: `<name>.crt` and `<name>.key`, and two of them as `.der`. They are kept in the target
/// directory, so that a run does not begin with ten RSA keys; another number makes new ones.
fn pki() -> &'static Path {
    static PKI: OnceLock<PathBuf> = OnceLock::new();
    PKI.get_or_init(|| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pki-1");
        if kept.exists() {
            return kept;
        }
        let dir = kept.with_extension(std::process::id().to_string());
        std::fs::create_dir_all(&dir).unwrap();
        let make = |command: &str| openssl(&dir, command);
        make("req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout ca.key -out ca.crt -subj /CN=BBL_CA");
        let key = |name: &str, kind: &str, subject: &str| {
            make(&format!("req -newkey {kind} -nodes -keyout {name}.key -out {name}.csr -subj /CN={subject}"));
        };
        let sign = |name: &str, how: &str| {
            make(&format!("x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial {how} -out {name}.crt"));
        };
        key("v1", "rsa:2048", SERIAL);
        sign("v1", "-days 3650");
        std::fs::write(dir.join("v3.ext"), "basicConstraints=CA:FALSE\n1.2.3.4=critical,ASN1:NULL\n").unwrap();
        key("v3", "rsa:2048", SERIAL);
        sign("v3", "-days 3650 -extfile v3.ext");
        key("expired", "rsa:2048", SERIAL);
        sign("expired", "-days -1");
        key("ecdsa", "ec -pkeyopt ec_paramgen_curve:P-256", SERIAL);
        sign("ecdsa", "-days 3650 -extfile v3.ext");
        key("short", "rsa:1024", SERIAL);
        sign("short", "-days 3650");
        key("other", "rsa:2048", OTHER_SERIAL);
        sign("other", "-days 3650");
        make(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout self.key -out self.crt -subj /CN={SERIAL}"
        ));
        for name in ["v1", "other"] {
            make(&format!("x509 -in {name}.crt -outform DER -out {name}.crt.der"));
            make(&format!("pkcs8 -topk8 -nocrypt -in {name}.key -outform DER -out {name}.key.der"));
        }
        // Another process may have been as quick; then its are as good.
        if std::fs::rename(&dir, &kept).is_err() {
            std::fs::remove_dir_all(&dir).unwrap();
        }
        kept
    })
}

fn openssl(dir: &Path, command: &str) -> String {
    let done =
        Command::new("openssl").args(command.split(' ')).current_dir(dir).output().expect("openssl is installed");
    assert!(done.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn fingerprint(name: &str) -> Fingerprint {
    let printed = openssl(pki(), &format!("x509 -in {name}.crt -noout -fingerprint -sha256"));
    Fingerprint::parse(printed.split('=').nth(1).unwrap()).unwrap()
}

/// `openssl s_server` that sends back each line reversed. Ends with the test.
struct OpenSsl {
    child: Child,
    port: u16,
}

impl OpenSsl {
    fn start(name: &str, more: &str) -> Self {
        let arguments = format!("s_server -accept 127.0.0.1:0 -rev -cert {name}.crt -key {name}.key {more}");
        let mut child = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(pki())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let accept = lines.map_while(Result::ok).find(|line| line.starts_with("ACCEPT ")).expect("s_server listens");
        let port = accept.rsplit(':').next().unwrap().trim().parse().unwrap();
        Self { child, port }
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn printer(pin: Option<Fingerprint>) -> Identity {
    Identity::Printer { serial: Serial::parse(SERIAL).unwrap(), pin }
}

fn target(port: u16, identity: Identity) -> Target {
    Target { host: "127.0.0.1".into(), port, tls: Some(identity) }
}

/// Opens a link, has a line turned round and closes.
fn talk(port: u16, identity: Identity) -> Result<Fingerprint, LinkError> {
    let (_stopper, stop) = stop();
    let (mut link, leaf) = Link::open(&target(port, identity), &stop, |_| {})?;
    link.write_all(b"12345678\n")?;
    assert_eq!(read_exactly(&mut link, 9), b"87654321\n");
    link.close();
    Ok(leaf.expect("a TLS link has a certificate"))
}

fn read_exactly(link: &mut Link, bytes: usize) -> Vec<u8> {
    let mut got = vec![0; bytes];
    let mut filled = 0;
    while filled < bytes {
        if let Read::Bytes(n) = link.read(&mut got[filled..]).unwrap() {
            filled += n;
        }
    }
    got
}

fn sentence(error: &LinkError) -> String {
    advice::of_link_error(error, Tries::Repeated).sentence
}

fn refusal(error: LinkError) -> Refusal {
    match error.failure {
        Failure::Certificate(refusal) => refusal,
        other => panic!("{other:?} is no refusal of a certificate"),
    }
}

#[test]
fn a_printers_certificate_is_accepted_by_name_and_then_by_pin() {
    assert!(openssl(pki(), "x509 -in v1.crt -noout -text").contains("Version: 1 "), "the fixture is not X.509 v1");
    let check = |name: &str, more: &str| {
        let server = OpenSsl::start(name, more);
        let seen = talk(server.port, printer(None)).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(seen, fingerprint(name));
        assert_eq!(talk(server.port, printer(Some(seen))).unwrap(), seen);
    };
    check("v1", "-cert_chain ca.crt -tls1_2");
    check("v1", "");
    check("v3", "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384");
    check("expired", "-tls1_2");
    check("self", "-tls1_2");
    check("ecdsa", "-tls1_2");
}

#[test]
fn a_tls_1_3_only_server_is_reached_at_the_second_try() {
    for name in ["v1", "ecdsa"] {
        let server = OpenSsl::start(name, "-tls1_3");
        assert_eq!(talk(server.port, printer(None)).unwrap(), fingerprint(name));
    }
}

#[test]
fn the_certificate_of_another_serial_is_refused_by_name() {
    let server = OpenSsl::start("other", "");
    let error = talk(server.port, printer(None)).unwrap_err();
    assert!(sentence(&error).contains(OTHER_SERIAL) && sentence(&error).contains(SERIAL), "{}", sentence(&error));
    assert!(matches!(refusal(error), Refusal::OtherSerial { .. }));
}

#[test]
fn an_unpinned_certificate_is_a_changed_identity_despite_the_right_name() {
    let pin = fingerprint("v1");
    for name in ["v3", "other"] {
        let server = OpenSsl::start(name, "");
        let error = talk(server.port, printer(Some(pin))).unwrap_err();
        assert!(sentence(&error).contains("identity changed"), "{}", sentence(&error));
        assert!(matches!(refusal(error), Refusal::Changed { .. }));
    }
}

#[test]
fn a_plain_camera_is_accepted_by_its_fingerprint_alone() {
    let server = OpenSsl::start("other", "");
    let camera = |name| Identity::Camera { fingerprint: fingerprint(name) };
    talk(server.port, camera("other")).unwrap();
    assert!(matches!(refusal(talk(server.port, camera("v1")).unwrap_err()), Refusal::OtherFingerprint { .. }));
}

#[test]
fn a_key_of_1024_bits_is_refused_with_a_sentence() {
    let server = OpenSsl::start("short", "-tls1_2 -cipher DEFAULT@SECLEVEL=0");
    let error = talk(server.port, printer(None)).unwrap_err();
    assert!(sentence(&error).contains("1024 bits"), "{}", sentence(&error));
}

/// A rustls server that shows whatever certificate it is given, whether it has the key or not.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // The printer is asked for by its serial.
        assert_eq!(hello.server_name().map(str::to_ascii_uppercase).as_deref(), Some(SERIAL));
        Some(self.0.clone())
    }
}

/// Accepts one connection at a time and leaves each to `body`. Ends with the process.
fn rustls_server(
    certificate: &str,
    key: &str,
    versions: &'static [&'static SupportedProtocolVersion],
    body: impl Fn(&mut StreamOwned<ServerConnection, TcpStream>) + Send + 'static,
) -> u16 {
    let der = |file: String| std::fs::read(pki().join(file)).unwrap();
    let key = PrivateKeyDer::try_from(der(format!("{key}.key.der"))).unwrap();
    let key = ring::sign::any_supported_type(&key).unwrap();
    let certified = CertifiedKey::new(vec![CertificateDer::from(der(format!("{certificate}.crt.der")))], key);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shows(Arc::new(certified))));
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        for socket in listener.incoming().map_while(Result::ok) {
            socket.set_nodelay(true).unwrap();
            body(&mut StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), socket));
        }
    };
    thread::spawn("tls-peer", serve).unwrap();
    port
}

static TLS12: &[&SupportedProtocolVersion] = &[&version::TLS12];
static TLS13: &[&SupportedProtocolVersion] = &[&version::TLS13];

/// Turns lines round, as `s_server -rev` does.
fn turn_round(stream: &mut StreamOwned<ServerConnection, TcpStream>) {
    let mut line = [0; 9];
    if stream.read_exact(&mut line).is_ok() {
        line[..8].reverse();
        let _ = stream.write_all(&line);
        let _ = stream.flush();
    }
}

#[test]
fn a_certificate_without_its_private_key_is_refused() {
    for versions in [TLS12, TLS13] {
        let honest = rustls_server("v1", "v1", versions, turn_round);
        talk(honest, printer(None)).expect("the same server with the right key is accepted");
        let thief = rustls_server("v1", "other", versions, turn_round);
        for identity in [printer(None), printer(Some(fingerprint("v1")))] {
            assert_eq!(refusal(talk(thief, identity).unwrap_err()), Refusal::KeyNotHeld);
        }
    }
}

fn greeted(port: u16, identity: Identity) -> Result<Greeting, LinkError> {
    let (_stopper, stop) = stop();
    let patience = Patience { connect: Duration::from_secs(2), handshake: Duration::from_secs(8) };
    greet(&target(port, identity), patience, &stop)
}

#[test]
fn a_greeting_reads_serial_and_fingerprint_in_every_version() {
    for (name, more) in [
        ("v1", "-tls1_2"),
        ("v1", ""),
        ("v3", "-tls1_2"),
        ("ecdsa", "-tls1_2"),
        ("v1", "-tls1_3"),
        ("ecdsa", "-tls1_3"),
    ] {
        let server = OpenSsl::start(name, more);
        let expected = Greeting { serial: Serial::parse(SERIAL).unwrap(), fingerprint: fingerprint(name) };
        for identity in [Identity::AnyPrinter, printer(None), printer(Some(expected.fingerprint))] {
            assert_eq!(greeted(server.port, identity), Ok(expected.clone()), "{name} {more}");
        }
    }
}

#[test]
fn a_greeting_believes_nobody_without_the_key_or_the_name() {
    for versions in [TLS12, TLS13] {
        let thief = rustls_server("v1", "other", versions, turn_round);
        for identity in [printer(None), printer(Some(fingerprint("v1")))] {
            assert_eq!(refusal(greeted(thief, identity).unwrap_err()), Refusal::KeyNotHeld);
        }
    }
    let other = OpenSsl::start("other", "");
    assert!(matches!(refusal(greeted(other.port, printer(None)).unwrap_err()), Refusal::OtherSerial { .. }));
    let pinned = printer(Some(fingerprint("v1")));
    assert!(matches!(refusal(greeted(other.port, pinned).unwrap_err()), Refusal::Changed { .. }));
    // Pinned by mistake, it still names another printer.
    let pinned = printer(Some(fingerprint("other")));
    assert!(matches!(refusal(greeted(other.port, pinned).unwrap_err()), Refusal::NotAPrinter { .. }));
}

#[test]
fn a_megabyte_arrives_whole_whatever_the_reader_has_room_for() {
    let sent: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    for versions in [TLS12, TLS13] {
        let bytes = sent.clone();
        let port = rustls_server("v1", "v1", versions, move |stream| {
            // Records of a live555 server's size, then as large as they get.
            let (small, large) = bytes.split_at(200_000);
            let small = small.chunks(1456).try_for_each(|chunk| stream.write_all(chunk));
            let _ = small.and_then(|()| stream.write_all(large));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        });
        for room in [1000, 16 * 1024, 300_000] {
            let (_stopper, stop) = stop();
            let (mut link, _) = Link::open(&target(port, printer(None)), &stop, |_| {}).unwrap();
            let (mut got, mut buf) = (Vec::new(), vec![0; room]);
            let end = loop {
                match link.read(&mut buf) {
                    Ok(Read::Bytes(n)) => got.extend_from_slice(&buf[..n]),
                    Ok(Read::Idle) => {}
                    Err(error) => break error,
                }
            };
            assert!(matches!(end.failure, Failure::Closed), "{end:?}");
            assert!(got == sent, "{} of {} bytes with room for {room}", got.len(), sent.len());
        }
    }
}

#[test]
fn a_write_goes_out_while_unread_data_waits() {
    let port = rustls_server("v1", "v1", TLS12, |stream| {
        // More than one read takes, before the question is there.
        let _ = stream.write_all(&[7; 40_000]);
        turn_round(stream);
    });
    let (_stopper, stop) = stop();
    let (mut link, _) = Link::open(&target(port, printer(None)), &stop, |_| {}).unwrap();
    assert_eq!(read_exactly(&mut link, 10), [7; 10]);
    link.write_all(b"12345678\n").unwrap();
    assert_eq!(read_exactly(&mut link, 39_990), [7; 39_990]);
    assert_eq!(read_exactly(&mut link, 9), b"87654321\n");
}

/// A plain TCP server that answers each connection with `answer` and keeps it open, or closes it if there is none.
fn plain_server(answer: Option<&'static [u8]>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let mut open = Vec::new();
        for mut socket in listener.incoming().map_while(Result::ok) {
            if let Some(answer) = answer {
                let _ = socket.write_all(answer);
                open.push(socket);
            }
        }
    };
    thread::spawn("plain-peer", serve).unwrap();
    port
}

fn failure_at(port: u16) -> Failure {
    let (_stopper, stop) = stop();
    Link::open(&target(port, printer(None)), &stop, |_| {}).unwrap_err().failure
}

#[test]
fn a_plain_server_and_an_immediate_close_have_different_errors() {
    assert!(matches!(failure_at(plain_server(Some(b"RTSP/1.0 400 Bad Request\r\n\r\n"))), Failure::NotTls(_)));
    assert!(matches!(failure_at(plain_server(Some(b"SSH-2.0-dropbear\r\n"))), Failure::NotTls(_)));
    assert!(matches!(failure_at(plain_server(None)), Failure::ClosedInHandshake));
}

#[test]
fn a_stop_ends_a_handshake_that_hangs() {
    let port = plain_server(Some(b""));
    let (stopper, stop) = stop();
    let began = clock::now();
    let error = std::thread::scope(|scope| {
        let opening = scope.spawn(|| Link::open(&target(port, printer(None)), &stop, |_| {}).unwrap_err());
        drop(stopper);
        opening.join().unwrap()
    });
    assert!(error.is_stopped(), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
}
