//! The virtual printer in the situations that others test against it: does it do what it says?

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod broker;
mod foreign;
mod listener;
mod onlooker;
mod pictures;
mod place;
mod reports;
mod viewer;

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;
use viewer::{DEADLINE, Interleaved, SILENCE, Viewer, now};
use virtual_printer::*;

fn printer(change: impl FnOnce(&mut Behaviour)) -> VirtualPrinter {
    let mut setup = Setup::default();
    change(&mut setup.behaviour);
    VirtualPrinter::start(setup).unwrap()
}

/// A client plays, and sees a picture.
fn check_plays(change: impl FnOnce(&mut Behaviour)) {
    let printer = printer(change);
    let mut viewer = Viewer::play(&printer);
    assert_eq!(viewer.picture()[0].kind(), 7);
    let seen = printer.camera().wait_until(|seen| seen.frames > 0, DEADLINE).unwrap();
    assert_eq!((seen.playing, seen.plays, seen.connected), (1, 1, 1));
}

#[test]
fn every_authentication_leads_to_video() {
    for auth in [Auth::Digest, Auth::DigestQop, Auth::Basic] {
        check_plays(|behaviour| behaviour.rtsp.auth = auth);
    }
    check_plays(|behaviour| behaviour.rtsp.nonce = Nonce::OneRequest);
}

#[test]
fn every_kind_of_tls_and_certificate_leads_to_video() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13, TlsVersion::Plain] {
        check_plays(|behaviour| behaviour.tls.version = version);
    }
    check_plays(|behaviour| behaviour.tls.x509 = X509::V3);
    check_plays(|behaviour| behaviour.tls.handshake_delay = Duration::from_millis(100));
}

#[test]
fn the_chain_is_leaf_and_ca_or_the_leaf_alone() {
    let printer = printer(|_| {});
    assert_eq!(Viewer::connect(&printer).unwrap().chain_length(), 2);
    printer.camera().change(|behaviour| behaviour.tls.chain = Chain::LeafOnly);
    assert_eq!(Viewer::connect(&printer).unwrap().chain_length(), 1);
}

#[test]
fn the_exchange_reads_as_live555s() {
    let printer = printer(|_| {});
    let mut viewer = Viewer::connect(&printer).unwrap();
    let options = viewer.ask("OPTIONS", "");
    assert!(options.header("Public").starts_with("OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY"), "{}", options.head);
    let described = viewer.describe();
    assert_eq!(described.header("Content-Base"), "rtsps://127.0.0.1/streaming/live/1/");
    assert!(described.body.contains("a=control:track1\r\n"), "{}", described.body);
    let session_level = viewer.request("SETUP", "rtsps://127.0.0.1/streaming/live/1/*", "");
    assert_eq!(session_level.status, 405);
    let udp = "Transport: RTP/AVP;unicast;client_port=5000-5001\r\n";
    assert_eq!(viewer.request("SETUP", "rtsps://127.0.0.1/streaming/live/1/track1", udp).status, 461);
    assert_eq!(viewer.request("DESCRIBE", "rtsps://127.0.0.1/streaming/live/2", "").status, 404);
    assert_eq!(viewer.ask("PLAY", "").status, 454);
    assert_eq!(viewer.ask("GET_PARAMETER", "").status, 454);
    viewer.set_up();
    viewer.send("PLAY", &printer.rtsp_url(), "");
    assert!(matches!(viewer.next().unwrap(), Interleaved::Rtcp), "the report comes before the reply");
    let played = viewer.reply();
    let first = viewer.rtp();
    let info =
        format!("url=rtsps://127.0.0.1/streaming/live/1/track1;seq={};rtptime={}", first.sequence, first.timestamp);
    assert_eq!(played.header("RTP-Info"), info);
    assert_eq!(viewer.ask("GET_PARAMETER", "").body, "2023.03.30");
    assert_eq!(viewer.ask("TEARDOWN", "").status, 200);
    let seen = printer.camera().seen();
    assert_eq!((seen.teardowns, seen.playing, seen.keep_alives), (1, 0, 1));
}

#[test]
fn a_session_ends_without_keep_alives_and_its_socket_stays() {
    let printer = printer(|behaviour| behaviour.rtsp.session_timeout = Duration::from_secs(1));
    let mut viewer = Viewer::play(&printer);
    let started = now();
    while started.elapsed() < Duration::from_millis(1500) {
        viewer.picture();
        assert_eq!(viewer.ask("GET_PARAMETER", "").status, 200);
    }
    let seen = printer.camera().wait_until(|seen| seen.sessions_expired == 1, DEADLINE).unwrap();
    assert_eq!((seen.playing, seen.connected), (0, 1));
    assert_eq!(viewer.ask("GET_PARAMETER", "").status, 454);
    assert!(viewer.is_silent());
}

#[test]
fn keep_alives_are_answered_as_configured_and_video_goes_on() {
    for (keep_alive, get_parameter, options) in
        [(KeepAlive::Granted, 200, 200), (KeepAlive::OptionsOnly(454), 454, 200), (KeepAlive::Refused(405), 405, 405)]
    {
        let printer = printer(|behaviour| behaviour.rtsp.keep_alive = keep_alive);
        let mut viewer = Viewer::play(&printer);
        assert_eq!(viewer.ask("GET_PARAMETER", "").status, get_parameter, "{keep_alive:?}");
        assert_eq!(viewer.ask("OPTIONS", "").status, options, "{keep_alive:?}");
        viewer.picture();
    }
    let printer = printer(|behaviour| behaviour.rtsp.keep_alive = KeepAlive::Unanswered);
    let mut viewer = Viewer::play(&printer);
    viewer.send("GET_PARAMETER", &printer.rtsp_url(), "");
    printer.camera().wait_until(|seen| seen.keep_alives_refused == 1, DEADLINE).unwrap();
    viewer.picture();
}

#[test]
fn a_client_may_play_for_a_while_only() {
    let printer = printer(|behaviour| behaviour.rtsp.play_limit = Some(Duration::from_millis(500)));
    for round in 1..=2 {
        let mut viewer = Viewer::play(&printer);
        viewer.picture();
        assert_eq!(viewer.end(), ErrorKind::UnexpectedEof);
        assert_eq!(printer.camera().seen().cut_short, round);
    }
}

#[test]
fn a_second_client_ends_the_first() {
    let printer = printer(|_| {});
    let mut first = Viewer::play(&printer);
    let mut second = Viewer::play(&printer);
    assert_eq!(first.end(), ErrorKind::UnexpectedEof);
    second.picture();
    let seen = printer.camera().wait_until(|seen| seen.connected == 1, DEADLINE).unwrap();
    assert_eq!((seen.kicked, seen.playing), (1, 1));
}

#[test]
fn a_closed_port_refuses_and_opens_again() {
    let printer = printer(|_| {});
    for _ in 0..3 {
        printer.camera().refuse();
        let error = TcpStream::connect_timeout(&printer.address(), DEADLINE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        printer.camera().open();
        Viewer::play(&printer).picture();
    }
}

#[test]
fn a_printer_can_be_switched_on_with_its_port_closed() {
    let printer = printer(|behaviour| behaviour.door = Door::Refused);
    assert!(TcpStream::connect_timeout(&printer.address(), DEADLINE).is_err());
    printer.camera().open();
    Viewer::play(&printer);
}

#[test]
fn a_silent_port_accepts_and_says_nothing() {
    let printer = printer(|behaviour| behaviour.door = Door::Silent);
    let error = Viewer::connect_with(&printer, &[&rustls::version::TLS12], SILENCE).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert_eq!(printer.camera().seen().accepted, 1);
}

#[test]
fn a_port_can_close_each_connection_at_once() {
    let printer = printer(|behaviour| behaviour.door = Door::ClosesAtOnce);
    let error = Viewer::connect(&printer).err().unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{error}"
    );
}

#[test]
fn a_p2s_hangs_on_a_tls_13_hello_only() {
    let printer = printer(|behaviour| behaviour.tls.version = TlsVersion::Tls12HangsOn13);
    let both = [&rustls::version::TLS12, &rustls::version::TLS13];
    let error = Viewer::connect_with(&printer, &both, SILENCE).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    Viewer::connect_with(&printer, &[&rustls::version::TLS12], DEADLINE).unwrap().describe();
}

#[test]
fn an_impostor_shows_another_certificate_and_sees_no_credentials() {
    let printer = printer(|_| {});
    let own = Viewer::connect(&printer).unwrap().certificate();
    assert_eq!(printer.certificate().unwrap(), own);
    assert_eq!(Viewer::connect(&printer).unwrap().certificate(), own);
    let changes: [fn(&mut TlsManners); 2] =
        [|tls| tls.common_name = Some("01P00A000000002".to_owned()), |tls| tls.key = Key::Second];
    for change in changes {
        printer.camera().heal();
        printer.camera().change(|behaviour| change(&mut behaviour.tls));
        assert_ne!(Viewer::connect(&printer).unwrap().certificate(), own);
    }
    let seen = printer.camera().wait_until(|seen| seen.connected == 0, DEADLINE).unwrap();
    assert_eq!((seen.handshakes, seen.requests, seen.credentials), (4, 0, 0));
}

#[test]
fn a_client_that_refuses_the_certificate_is_noticed() {
    let printer = printer(|_| {});
    Viewer::refuse_certificate(&printer);
    let seen = printer.camera().wait_until(|seen| seen.handshakes_failed == 1, DEADLINE).unwrap();
    assert_eq!((seen.handshakes, seen.requests, seen.credentials, seen.plain_greetings), (0, 0, 0, 0));
}

#[test]
fn a_client_that_does_not_speak_tls_is_noticed() {
    let printer = printer(|_| {});
    let mut tcp = TcpStream::connect_timeout(&printer.address(), DEADLINE).unwrap();
    std::io::Write::write_all(&mut tcp, b"OPTIONS rtsp://p/1 RTSP/1.0\r\n\r\n").unwrap();
    printer.camera().wait_until(|seen| seen.plain_greetings == 1 && seen.handshakes_failed == 1, DEADLINE).unwrap();
}

#[test]
fn a_changed_code_is_a_wrong_code() {
    let printer = printer(|_| {});
    printer.camera().change(|behaviour| behaviour.rtsp.code = "87654321".to_owned());
    assert_eq!(Viewer::connect(&printer).unwrap().ask("DESCRIBE", "").status, 401);
    let seen = printer.camera().seen();
    assert_eq!((seen.credentials, seen.credentials_refused), (1, 1));
    Viewer::connect(&printer).unwrap().with_code("87654321").describe();
}

#[test]
fn the_wrong_scheme_is_moved_to_where_live555_moves_it() {
    let printer = printer(|_| {});
    let mut viewer = Viewer::connect(&printer).unwrap();
    let moved = viewer.request("OPTIONS", "rtsp://127.0.0.1/streaming/live/1", "");
    assert_eq!((moved.status, moved.header("Location")), (301, "rtsps://127.0.0.1/1"));
    assert_eq!(viewer.ask("OPTIONS", "").status, 200);
    printer.camera().change(|behaviour| behaviour.rtsp.moved = true);
    assert_eq!(Viewer::connect(&printer).unwrap().ask("OPTIONS", "").status, 301);
}

#[test]
fn stalled_video_answers_requests_and_a_stalled_host_does_not() {
    let printer = printer(|_| {});
    let camera = printer.camera();
    let mut viewer = Viewer::play(&printer);
    viewer.picture();
    camera.change(|behaviour| behaviour.stall = Some(Stall::Picture));
    assert_eq!(viewer.ask("GET_PARAMETER", "").status, 200);
    assert!(viewer.is_silent());
    camera.heal();
    viewer.picture();
    camera.change(|behaviour| behaviour.stall = Some(Stall::Everything));
    while !viewer.is_silent() {
        let _ = viewer.next();
    }
    viewer.send("GET_PARAMETER", &printer.rtsp_url(), "");
    assert!(viewer.is_silent());
    assert_eq!(camera.seen().connected, 1);
    camera.heal();
    assert_eq!(viewer.reply().status, 200);
    viewer.picture();
}

#[test]
fn a_connection_ends_with_rst_or_with_a_goodbye() {
    let printer = printer(|_| {});
    let mut viewer = Viewer::play(&printer);
    viewer.picture();
    printer.camera().reset();
    assert_eq!(viewer.end(), ErrorKind::ConnectionReset);
    let mut viewer = Viewer::play(&printer);
    printer.camera().hang_up();
    assert_eq!(viewer.end(), ErrorKind::UnexpectedEof);
    printer.camera().wait_until(|seen| seen.connected == 0, DEADLINE).unwrap();
}

#[test]
fn a_teardown_in_the_middle_of_video_is_noticed() {
    let printer = printer(|behaviour| behaviour.video.fps = Some(1000.0));
    for goodbyes in 1..=50 {
        let mut viewer = Viewer::play(&printer);
        viewer.picture();
        viewer.send("TEARDOWN", &printer.rtsp_url(), "");
        drop(viewer);
        printer.camera().wait_until(|seen| seen.teardowns == goodbyes, DEADLINE).unwrap();
    }
}

/// The next `count` sequence numbers, each as its distance from the one before the damage.
fn distances(viewer: &mut Viewer, from: u16, count: usize) -> Vec<u16> {
    (0..count).map(|_| viewer.rtp().sequence.wrapping_sub(from)).collect()
}

fn check_damage(damage: Damage, count: u32, expected: &[u16]) {
    let printer = printer(|behaviour| {
        // As quick as no clip is, so that there are always packets to come.
        behaviour.video.fps = Some(200.0);
        behaviour.video.first_packet = Some((65_530, 0));
    });
    printer.camera().damage(damage, count);
    let mut viewer = Viewer::play(&printer);
    assert_eq!(distances(&mut viewer, 65_530, expected.len()), expected, "{damage:?}");
}

#[test]
fn packets_are_lost_swapped_and_repeated_in_the_number_ordered() {
    check_damage(Damage::Lose, 0, &[0, 1, 2, 3, 4, 5, 6, 7]);
    check_damage(Damage::Lose, 3, &[3, 4, 5, 6, 7, 8]);
    check_damage(Damage::Swap, 1, &[1, 0, 2, 3]);
    check_damage(Damage::Repeat, 2, &[0, 0, 1, 1, 2, 3]);
}

#[test]
fn a_share_of_the_packets_is_lost() {
    let printer = printer(|behaviour| {
        behaviour.video.fps = Some(1000.0);
        behaviour.video.lost_percent = 20.0;
        behaviour.rtsp.session_timeout = DEADLINE * 6;
    });
    let mut viewer = Viewer::play(&printer);
    while printer.camera().seen().packets < 2000 {
        viewer.rtp();
    }
    let seen = printer.camera().seen();
    let share = seen.packets_lost as f64 / seen.packets as f64;
    assert!((0.15..0.25).contains(&share), "{share}");
}

#[test]
fn the_rtp_clock_runs_jumps_freezes_and_wraps() {
    let printer = printer(|behaviour| {
        behaviour.video.clip = Clip::chamber_1080p30();
        behaviour.video.fps = Some(50.0);
        behaviour.video.first_packet = Some((0, u32::MAX - 1799));
    });
    let camera = printer.camera();
    let mut viewer = Viewer::play(&printer);
    let mut last = 0u32.wrapping_sub(3600);
    let mut step = |viewer: &mut Viewer| {
        let timestamp = viewer.picture()[0].timestamp;
        timestamp.wrapping_sub(std::mem::replace(&mut last, timestamp))
    };
    assert_eq!([(); 4].map(|()| step(&mut viewer)), [1800; 4]);
    for ticks in [90_000 * 3600, -90_000 * 3600] {
        camera.jump(ticks);
        let steps = std::iter::repeat_with(|| step(&mut viewer));
        let jump = steps.take(100).find(|&step| step != 1800).unwrap();
        assert_eq!(jump, 1800u32.wrapping_add(ticks as u32));
    }
    camera.change(|behaviour| behaviour.video.timestamps = Timestamps::Frozen);
    assert!(std::iter::repeat_with(|| step(&mut viewer)).take(100).any(|step| step == 0));
    assert_eq!([(); 4].map(|()| step(&mut viewer)), [0; 4]);
}

#[test]
fn key_frames_are_withheld_and_come_back() {
    let printer = printer(|behaviour| {
        behaviour.video.fps = Some(300.0);
        behaviour.video.idr_withheld = true;
    });
    let mut viewer = Viewer::play(&printer);
    for _ in 0..100 {
        assert!(viewer.picture().iter().all(|packet| packet.kind() == 1));
    }
    printer.camera().change(|behaviour| behaviour.video.idr_withheld = false);
    assert!((0..100).any(|_| viewer.picture()[0].kind() == 7));
}

#[test]
fn another_clip_brings_its_own_sps_at_once() {
    let printer = printer(|_| {});
    let mut viewer = Viewer::play(&printer);
    let before = viewer.picture()[0].payload.clone();
    printer.camera().change(|behaviour| behaviour.video.clip = Clip::chamber_540p15());
    let after = std::iter::repeat_with(|| viewer.picture()).take(10).find(|picture| picture[0].kind() == 7).unwrap();
    assert_ne!(after[0].payload, before);
}

#[test]
fn a_nal_unit_of_10_mb_and_garbage_can_be_inserted() {
    let printer = printer(|_| {});
    let mut viewer = Viewer::play(&printer);
    viewer.picture();
    printer.camera().inject(Injection::HugeNal(10_000_000));
    let mut bytes = 0;
    while bytes < 9_999_999 {
        let rtp = viewer.rtp();
        bytes += if rtp.payload[0] == 0x5C { rtp.payload.len() - 2 } else { 0 };
    }
    assert_eq!(bytes, 9_999_999);
    printer.camera().inject(Injection::Garbage(5000));
    while viewer.peek().unwrap() == b'$' {
        assert!(!matches!(viewer.next().unwrap(), Interleaved::Reply(_)));
    }
    viewer.take(5000).unwrap();
    viewer.picture();
}

#[test]
fn an_endless_description_does_not_end() {
    let printer = printer(|behaviour| behaviour.rtsp.sdp = Sdp::Endless);
    let mut viewer = Viewer::connect(&printer).unwrap();
    assert_eq!(viewer.describe().header("Content-Length"), "4294967295");
    viewer.take(3_000_000).unwrap();
    drop(viewer);
    let seen = printer.camera().wait_until(|seen| seen.connected == 0, DEADLINE).unwrap();
    assert!(seen.sdp_bytes >= 2_900_000);
}

#[test]
fn a_trickle_has_the_configured_rate() {
    let printer = printer(|behaviour| behaviour.bytes_per_s = Some(40_000));
    let mut viewer = Viewer::play(&printer);
    let started = now();
    viewer.take(20_000).unwrap();
    assert!(started.elapsed() > Duration::from_millis(300), "{:?}", started.elapsed());
}

#[test]
fn a_stuck_client_does_not_hold_up_the_end() {
    let printer = printer(|behaviour| behaviour.video.fps = Some(1000.0));
    // Never reads.
    let _viewer = Viewer::play(&printer);
    printer.camera().inject(Injection::HugeNal(10_000_000));
    printer.camera().wait_until(|seen| seen.injections == 1, DEADLINE).unwrap();
    let started = now();
    drop(printer);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn an_event_that_never_comes_is_named_in_the_failure() {
    let printer = printer(|_| {});
    let vain = printer.camera().wait_until(|seen| seen.playing > 0, Duration::from_millis(10)).unwrap_err();
    assert!(format!("{vain:?}").contains("playing: 0"));
}
