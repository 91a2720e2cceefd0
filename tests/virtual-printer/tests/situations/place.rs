//! What concerns a printer as a whole: announcements, its address, impostors, updates.

use crate::listener::Listener;
use crate::onlooker::Onlooker;
use crate::viewer::{DEADLINE, SILENCE, Viewer};
use socket2::{Domain, Socket, Type};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;
use virtual_printer::*;

const PUSHALL: &str = r#"{"pushing":{"sequence_id":"1","command":"pushall"}}"#;
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

/// Each test has addresses of its own, since the ports of announcements are the same for all.
fn at(test: u8, host: u8) -> IpAddr {
    Ipv4Addr::new(127, 77, test, host).into()
}

fn printer(model: Model, address: IpAddr, announcing: Option<Announcing>) -> VirtualPrinter {
    let address = SocketAddr::new(address, 0);
    let serial = format!("{}09A{:09}", model.serial_prefix(), std::process::id());
    let setup =
        Setup { model, serial, address, jpeg_address: address, mqtt_address: address, announcing, ..Setup::default() };
    VirtualPrinter::start(setup).unwrap()
}

/// A socket that hears, and an announcement to it alone.
fn confidant(address: IpAddr) -> (UdpSocket, Announcing) {
    let socket = UdpSocket::bind(SocketAddr::new(address, 0)).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let to = Audience::Only(vec![socket.local_addr().unwrap()]);
    (socket, Announcing { to, every: Some(Duration::from_millis(50)), ..Announcing::default() })
}

fn hear(socket: &UdpSocket) -> (String, SocketAddr) {
    let mut packet = [0; 2048];
    let (count, from) = socket.recv_from(&mut packet).unwrap();
    (String::from_utf8(packet[..count].to_vec()).unwrap(), from)
}

fn is_silent(socket: &UdpSocket) -> bool {
    socket.set_read_timeout(Some(SILENCE)).unwrap();
    let silent = socket.recv_from(&mut [0; 2048]).is_err();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    silent
}

/// Hears what everybody on this machine is told, as Platecast and slicers do.
fn everybody() -> UdpSocket {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 2021).into()).unwrap();
    let socket = UdpSocket::from(socket);
    socket.join_multicast_v4(&GROUP, &Ipv4Addr::LOCALHOST).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

#[test]
fn a_printer_tells_where_it_is_again_and_again() {
    for (host, model, port) in [(2, Model::A1, 1900), (3, Model::P2S, 2021)] {
        let (socket, announcing) = confidant(at(1, 1));
        let printer = printer(model, at(1, host), Some(announcing));
        for _ in 0..3 {
            let (text, from) = hear(&socket);
            assert_eq!(from, SocketAddr::new(at(1, host), port));
            assert!(
                text.starts_with("NOTIFY * HTTP/1.1\r\n") && text.contains(&format!("\r\nLocation: {}\r\n", from.ip()))
            );
            assert!(text.contains(&format!("\r\nUSN: {}\r\n", printer.serial())), "{text}");
        }
        assert!(printer.air().announced >= 3);
        printer.announce(None);
        while !is_silent(&socket) {}
    }
}

#[test]
fn everybody_is_told_by_broadcast_and_in_the_group() {
    let socket = everybody();
    for (host, model) in [(2, Model::P1S), (3, Model::A1Mini), (4, Model::X1C)] {
        let printer = printer(model, at(2, host), Some(Announcing::default()));
        let end = crate::now() + DEADLINE;
        while !hear(&socket).0.contains(printer.serial()) {
            assert!(crate::now() < end, "{model:?} was not heard");
        }
    }
}

#[test]
fn a_search_is_answered_on_port_1990() {
    let (searcher, announcing) = confidant(at(3, 1));
    let search = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1990\r\nMAN: \"ssdp:discover\"\r\n\r\n";
    let rarely = Announcing { every: Some(DEADLINE * 60), ..announcing };
    let printer_that = |host, answers| {
        let printer = printer(Model::P1S, at(3, host), Some(Announcing { answers, ..rarely.clone() }));
        assert!(hear(&searcher).0.starts_with("NOTIFY"));
        printer
    };
    let answers = printer_that(2, None);
    searcher.send_to(b"GET / HTTP/1.1\r\n\r\n", SocketAddr::new(at(3, 2), 1990)).unwrap();
    searcher.send_to(search, SocketAddr::new(at(3, 2), 1990)).unwrap();
    let (text, from) = hear(&searcher);
    assert_eq!(from.ip(), at(3, 2));
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("\r\nST: urn:bambulab-com"), "{text}");
    assert_eq!((answers.air().searches, answers.air().answered), (1, 1));
    let silent = printer_that(3, Some(false));
    searcher.send_to(search, SocketAddr::new(at(3, 3), 1990)).unwrap();
    searcher.send_to(search, SocketAddr::new(at(3, 2), 2021)).unwrap();
    assert!(is_silent(&searcher));
    assert_eq!((silent.air().searches, answers.air().searches), (0, 1));
}

#[test]
fn a_printer_moves_with_all_of_its_ports() {
    for model in [Model::P1S, Model::X1C] {
        let (socket, announcing) = confidant(at(4, 1));
        let printer = printer(model, at(4, 2), Some(announcing));
        let old = [printer.address(), printer.jpeg_address(), printer.mqtt_address()];
        let mut listener = Listener::listen(&printer);
        printer.move_to(at(4, 3), false);
        assert!(matches!(listener.end(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof));
        for old in old {
            let refused = TcpStream::connect_timeout(&old, DEADLINE).err().unwrap();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{model:?} {old}");
            let new = SocketAddr::new(at(4, 3), old.port());
            TcpStream::connect_timeout(&new, DEADLINE).unwrap();
        }
        let mut listener = Listener::listen(&printer);
        listener.request(PUSHALL, None);
        let full = listener.wait_for(|message| message["print"]["net"]["info"].is_array());
        let ip = u64::from(u32::from_le_bytes([127, 77, 4, 3]));
        let told = full["print"]["net"]["info"].as_array().unwrap();
        assert!(told.iter().any(|info| info["ip"] == ip), "{told:?}");
        while hear(&socket).1.ip() != at(4, 3) {}
        assert!(hear(&socket).0.contains("\r\nLocation: 127.77.4.3\r\n"));
        assert!(!printer.rtsp_url().contains("127.77.4.2"));
    }
}

#[test]
fn nothing_is_heard_from_an_address_that_was_left_in_silence() {
    let printer = printer(Model::A1, at(5, 2), None);
    let mut listener = Listener::listen(&printer);
    let mut onlooker = Onlooker::watch(&printer);
    onlooker.picture();
    printer.move_to(at(5, 3), true);
    while !onlooker.is_silent() {
        onlooker.record().unwrap();
    }
    listener.request(PUSHALL, None);
    while !listener.is_silent() {}
    assert!(listener.stays_silent() && onlooker.is_silent());
    Onlooker::watch(&printer).picture();
}

#[test]
fn an_impostor_has_the_serial_and_another_certificate() {
    for model in [Model::P1S, Model::P2S] {
        let (socket, announcing) = confidant(at(6, 1));
        let printer = printer(model, at(6, 2), Some(announcing));
        hear(&socket);
        let impostor = printer.forge(at(6, 3)).unwrap();
        while hear(&socket).1.ip() != at(6, 3) {}
        assert_eq!((impostor.serial(), impostor.mqtt_port()), (printer.serial(), printer.mqtt_port()));
        assert_ne!(impostor.certificate(), printer.certificate());
        drop(Onlooker::greet(&impostor).unwrap());
        let seen = impostor.pictures().wait_until(|seen| seen.handshakes == 1, DEADLINE).unwrap();
        assert_eq!((seen.handshakes, seen.jpeg.logins, printer.pictures().seen().accepted), (1, 0, 0));
    }
}

#[test]
fn a_printer_that_is_off_says_nothing() {
    let (socket, announcing) = confidant(at(7, 1));
    let printer = printer(Model::P1S, at(7, 2), Some(announcing));
    hear(&socket);
    printer.go_away();
    while !is_silent(&socket) {}
    assert!(Onlooker::greet(&printer).is_err());
    printer.heal();
    hear(&socket);
    Onlooker::watch(&printer).picture();
}

/// `ipcam_dev`, and of `upgrade_state` what tells that an update runs.
fn told(printer: &VirtualPrinter) -> (String, String, i64) {
    let mut listener = Listener::listen(printer);
    listener.request(PUSHALL, None);
    let full = listener.wait_for(|message| message["print"]["upgrade_state"]["status"].is_string())["print"].take();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let upgrade = &full["upgrade_state"];
    (text(&full["ipcam"]["ipcam_dev"]), text(&upgrade["status"]), upgrade["dis_state"].as_i64().unwrap())
}

#[test]
fn a_camera_that_is_not_there_is_reported_and_takes_logins() {
    let printer = printer(Model::A1Mini, at(8, 2), None);
    assert_eq!(told(&printer).0, "1");
    printer.set_camera(false);
    assert_eq!(told(&printer).0, "0");
    let mut onlooker = Onlooker::watch(&printer);
    printer.camera().wait_until(|seen| seen.playing == 1, DEADLINE).unwrap();
    assert!(onlooker.is_silent());
    printer.set_camera(true);
    assert_eq!(onlooker.picture().number(), 1);
}

#[test]
fn an_update_is_silent_at_first_and_refuses_then_while_reports_go_on() {
    let printer = printer(Model::A2L, at(9, 2), None);
    let mut onlooker = Onlooker::watch(&printer);
    onlooker.picture();
    printer.update(Update::Silent);
    while !onlooker.is_silent() {
        onlooker.picture();
    }
    assert!(Onlooker::watch(&printer).is_silent());
    assert_eq!(told(&printer), ("1".to_owned(), "DOWNLOADING".to_owned(), 2));
    printer.update(Update::Refused);
    assert!(Onlooker::greet(&printer).is_err());
    assert_eq!(told(&printer).2, 2);
    printer.update(Update::No);
    Onlooker::watch(&printer).picture();
    assert_eq!(told(&printer).1, "IDLE");
}

#[test]
fn a_camera_with_rtsp_can_be_updated_as_well() {
    let printer = printer(Model::P2S, at(10, 2), None);
    Viewer::play(&printer).picture();
    printer.update(Update::Refused);
    assert!(Viewer::connect(&printer).is_err());
    printer.update(Update::No);
    Viewer::play(&printer).picture();
}
