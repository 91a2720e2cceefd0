//! A printer whose address has changed: followed by its certificate, and by nothing less.

use crate::finding::{Announcer, settings};
use crate::http_client::now;
use crate::status::{Bench, setup};
use crate::status_http::Served;
use platecast::base::secret::Secret;
use platecast::base::thread::spawn;
use platecast::mqtt::state::LinkStep;
use platecast::printer::{Draft, PrinterId};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use virtual_printer::{Behaviour, Key, Model, Setup, VirtualPrinter};

const SERIAL: &str = "01P00A000000042";
const OTHER: &str = "01P00A000000043";
/// What the issue asks for.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(60);
const LIVE_WITHIN: Duration = Duration::from_secs(12);

fn at(host: [u8; 4], port: u16) -> SocketAddr {
    SocketAddr::from((host, port))
}

fn printer(serial: &str, mqtt_address: SocketAddr, behaviour: Behaviour) -> VirtualPrinter {
    let setup = Setup { serial: serial.into(), mqtt_address, behaviour, ..setup(Model::P1S) };
    VirtualPrinter::start(setup).expect("a virtual printer")
}

/// A service that knows a printer at this address, and is connected to it.
fn connected(host: [u8; 4]) -> Served {
    let served = Served::finding(Bench::unregistered(printer(SERIAL, at(host, 0), Behaviour::default())), settings());
    register(&served, SERIAL, host);
    served.wait("live", LIVE_WITHIN, |status| status.connected);
    served
}

fn register(served: &Served, serial: &str, host: [u8; 4]) -> PrinterId {
    let draft = Draft {
        name: Some(serial.into()),
        host: Some(Ipv4Addr::from(host).to_string()),
        serial: Some(serial.into()),
        access_code: Some(Secret::new("12345678")),
        ..Draft::default()
    };
    served.fleet.add(draft).expect("a printer").id
}

fn host(served: &Served, id: i64) -> String {
    served.fleet.printer(PrinterId(id)).expect("a printer").host
}

/// The address is another device's, or nobody's.
fn leaves(printer: &VirtualPrinter) {
    printer.broker().refuse();
    printer.broker().reset();
}

/// Announces until something has happened, as printers do again and again.
fn announce_until(served: &Served, announcers: &[&Announcer], what: &str, arrived: impl Fn() -> bool) {
    let begun = now();
    while !arrived() {
        assert!(begun.elapsed() < FOLLOWED_WITHIN, "{what}: not within {FOLLOWED_WITHIN:?}");
        announcers.iter().for_each(|announcer| announcer.send(served.finding.ports()[0]));
        let _ = served.fleet.listen(None).recv_timeout(Duration::from_millis(100));
    }
}

/// Passes a connection on, and keeps what the client has sent.
struct Tap {
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    fn between(listener: TcpListener, server: SocketAddr) -> Self {
        let sent: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&sent);
        let accept = move || {
            for client in listener.incoming().map_while(Result::ok) {
                pass_on(client, server, &kept);
            }
        };
        spawn("tap", accept).expect("a thread");
        Self { sent }
    }

    /// What each connection has sent.
    fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().expect("no panic").clone()
    }
}

fn pass_on(mut client: TcpStream, server: SocketAddr, kept: &Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut upstream = TcpStream::connect_timeout(&server, LIVE_WITHIN).expect("a server");
    let (mut to_client, mut from_server) = (client.try_clone().expect("it"), upstream.try_clone().expect("it"));
    let back = move || drop(std::io::copy(&mut from_server, &mut to_client));
    spawn("tap-back", back).expect("a thread");
    let place = {
        let mut kept = kept.lock().expect("no panic");
        kept.push(Vec::new());
        kept.len() - 1
    };
    let kept = Arc::clone(kept);
    let forth = move || {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = client.read(&mut bytes) {
            kept.lock().expect("no panic")[place].extend_from_slice(&bytes[..n]);
            if upstream.write_all(&bytes[..n]).is_err() {
                return;
            }
        }
        let _ = upstream.shutdown(Shutdown::Write);
    };
    spawn("tap-forth", forth).expect("a thread");
}

/// Whether the bytes are one TLS record with a ClientHello (RFC 5246 sections 6.2.1 and 7.4.1.2), and not one byte more.
fn is_a_hello_alone(bytes: &[u8]) -> bool {
    let [22, 3, _, high, low, 1, ..] = bytes else { return false };
    bytes.len() == 5 + usize::from(*high) * 256 + usize::from(*low)
}

#[test]
fn a_printer_with_another_address_is_followed_and_the_person_told() {
    let served = connected([127, 0, 6, 1]);
    let port = served.printer.mqtt_port();
    let elsewhere = printer(SERIAL, at([127, 0, 6, 2], port), Behaviour::default());
    // While it is connected, an announcement changes nothing.
    let announcer = Announcer::esp32([127, 0, 6, 2], SERIAL);
    announcer.send(served.finding.ports()[0]);
    assert_eq!(served.get("/api/printers/1/status")["moved"], Value::Null);
    leaves(&served.printer);
    announce_until(&served, &[&announcer], "followed", || host(&served, 1) == "127.0.6.2");
    served.wait("live again", LIVE_WITHIN, |status| status.connected);
    let moved = served.get("/api/printers/1/status")["moved"].clone();
    assert_eq!((&moved["from"], &moved["to"]), (&json!("127.0.6.1"), &json!("127.0.6.2")));
    assert!(moved["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{moved}");
    let seen = elsewhere.broker().seen();
    assert_eq!((seen.mqtt.connects, seen.accepted), (1, 2), "one hello, and then the link");
    // An edit ends the notice.
    let mut edited = served.get("/api/printers/1");
    edited["name"] = json!("Garage");
    assert_eq!(served.send("PUT", "/api/printers/1", &edited.to_string()).answer().expect("an answer").status, 200);
    served.wait("told", LIVE_WITHIN, |status| status.moved.is_none());
}

#[test]
fn a_forged_announcement_gets_a_hello_and_moves_nothing() {
    let served = connected([127, 0, 6, 11]);
    let port = served.printer.mqtt_port();
    // It has the serial number in its certificate, and another key.
    let mut behaviour = Behaviour::default();
    behaviour.tls.key = Key::Second;
    let forger = printer(SERIAL, at([127, 0, 6, 66], 0), behaviour);
    let tap = Tap::between(TcpListener::bind(at([127, 0, 6, 66], port)).expect("a listener"), forger.mqtt_address());
    // And one that has another printer's certificate.
    let stranger = printer(OTHER, at([127, 0, 6, 67], 0), Behaviour::default());
    let other =
        Tap::between(TcpListener::bind(at([127, 0, 6, 67], port)).expect("a listener"), stranger.mqtt_address());
    let forged = [[127, 0, 6, 66], [127, 0, 6, 67]].map(|from| Announcer::esp32(from, SERIAL));
    leaves(&served.printer);
    let both_asked = || !tap.sent().is_empty() && !other.sent().is_empty();
    announce_until(&served, &[&forged[0], &forged[1]], "both asked", both_asked);
    assert_eq!(host(&served, 1), "127.0.6.11");
    assert_eq!(served.get("/api/printers/1/status")["moved"], Value::Null);

    // The printer itself is found all the same.
    let elsewhere = printer(SERIAL, at([127, 0, 6, 12], port), Behaviour::default());
    let announcer = Announcer::esp32([127, 0, 6, 12], SERIAL);
    announce_until(&served, &[&forged[0], &forged[1], &announcer], "followed", || host(&served, 1) == "127.0.6.12");
    served.wait("live again", LIVE_WITHIN, |status| status.connected);
    assert_eq!(elsewhere.broker().seen().mqtt.connects, 1);
    for (name, tap, forger) in [("forger", &tap, &forger), ("stranger", &other, &stranger)] {
        let sent = tap.sent();
        assert!(sent.len() <= 2, "{name}: {} hellos", sent.len());
        for bytes in sent {
            assert!(is_a_hello_alone(&bytes), "{name}: {bytes:02x?}");
        }
        assert_eq!((forger.broker().seen().handshakes, forger.broker().seen().mqtt.connects), (0, 0));
    }
}

#[test]
fn a_printer_that_refuses_the_code_is_not_followed() {
    let served = connected([127, 0, 6, 21]);
    let port = served.printer.mqtt_port();
    // A second one really moves, so that it is seen when both have been considered.
    let second = printer(OTHER, at([127, 0, 6, 31], port), Behaviour::default());
    let id = register(&served, OTHER, [127, 0, 6, 31]);
    served.wait("both live", LIVE_WITHIN, |_| served.fleet.status(id).is_some_and(|status| status.value.connected));
    let decoy = printer(SERIAL, at([127, 0, 6, 22], port), Behaviour::default());
    let moved = printer(OTHER, at([127, 0, 6, 32], port), Behaviour::default());
    served.broker().change(|behaviour| behaviour.mqtt.code = "87654321".into());
    served.broker().reset();
    served.wait("refused", LIVE_WITHIN, |status| status.link.step == LinkStep::Refused);
    leaves(&second);
    let announcers = [Announcer::esp32([127, 0, 6, 22], SERIAL), Announcer::esp32([127, 0, 6, 32], OTHER)];
    announce_until(&served, &[&announcers[0], &announcers[1]], "the second", || host(&served, id.0) == "127.0.6.32");
    assert_eq!((host(&served, 1).as_str(), decoy.broker().seen().accepted), ("127.0.6.21", 0));
    assert!(moved.broker().seen().accepted > 0);
}

#[test]
fn without_a_pinned_certificate_nobody_is_followed() {
    let served =
        Served::finding(Bench::unregistered(printer(SERIAL, at([127, 0, 6, 41], 0), Behaviour::default())), settings());
    let port = served.printer.mqtt_port();
    // The first was never reached, so its certificate is not known.
    let unknown = register(&served, OTHER, [127, 0, 6, 49]);
    let decoy = printer(OTHER, at([127, 0, 6, 42], port), Behaviour::default());
    let id = register(&served, SERIAL, [127, 0, 6, 41]);
    served.wait("live", LIVE_WITHIN, |_| served.fleet.status(id).is_some_and(|status| status.value.connected));
    let moved = printer(SERIAL, at([127, 0, 6, 43], port), Behaviour::default());
    leaves(&served.printer);
    let announcers = [Announcer::esp32([127, 0, 6, 42], OTHER), Announcer::esp32([127, 0, 6, 43], SERIAL)];
    announce_until(&served, &[&announcers[0], &announcers[1]], "the second", || host(&served, id.0) == "127.0.6.43");
    assert_eq!((host(&served, unknown.0).as_str(), decoy.broker().seen().accepted), ("127.0.6.49", 0));
    assert!(moved.broker().seen().accepted > 0);
}
