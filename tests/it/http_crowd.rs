//! Many connections at once, most of them hostile: a good client is served meanwhile, and the stop stays short.
//! `PLATECAST_FULL=1` runs the long form.

use crate::http_client::{Bench, Client, PATIENCE, now, rounds};
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One crowd at a time: these tests measure time.
static ALONE: Mutex<()> = Mutex::new(());

/// What a hostile client does with its connection.
#[derive(Debug, Clone, Copy)]
pub enum Attack {
    /// Announces a body it will not send.
    HugeLength(u64),
    /// Announces a body of a size that is taken, and sends a little of it.
    StalledBody,
    /// Sends half a head, then a byte now and then.
    SlowHead,
    /// Speaks HTTP/2 without asking.
    Http2,
    /// Asks for 4 MB again and again without reading.
    Pipeliner,
    /// Asks for 4 MB once without reading.
    SlowReader,
    /// Sends one header line of 64 MB.
    EndlessHeader,
    /// Sends a million header lines, the shortest there are.
    ManyLines,
    /// Connects and says nothing.
    Silent,
}

impl Attack {
    /// One such connection. `/` is large, or at least larger than nothing.
    pub fn open(self, address: SocketAddr) -> TcpStream {
        let mut socket = Client::connect(address).socket;
        socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let get = "GET / HTTP/1.1\r\nHost: nas\r\n\r\n";
        let text = match self {
            Self::HugeLength(n) => format!("POST /healthz HTTP/1.1\r\nHost: nas\r\nContent-Length: {n}\r\n\r\nabc"),
            Self::StalledBody => "POST /echo HTTP/1.1\r\nHost: nas\r\nContent-Length: 50000\r\n\r\nabc".to_owned(),
            Self::SlowHead => "GET /healthz HTTP/1.1\r\nHost: n".to_owned(),
            Self::Http2 => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            Self::Pipeliner => get.repeat(100_000),
            Self::SlowReader => get.to_owned(),
            Self::EndlessHeader => format!("GET /healthz HTTP/1.1\r\nX: {}", "x".repeat(64 << 20)),
            Self::ManyLines => format!("GET /healthz HTTP/1.1\r\n{}", "a:\r\n".repeat(1_000_000)),
            Self::Silent => String::new(),
        };
        // The server may stop reading, which is its right.
        let sent = socket.write_all(text.as_bytes());
        assert!(sent.is_ok() || matches!(sent.unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::BrokenPipe));
        socket
    }
}

/// The 99th percentile of what a client sees that behaves: half of its requests on new connections.
pub fn good_p99(address: SocketAddr, requests: usize) -> Duration {
    let mut kept = Client::connect(address);
    let mut took: Vec<Duration> = (0..requests)
        .map(|n| {
            let begun = now();
            let got = if n % 2 == 0 { kept.get("/healthz") } else { Client::connect(address).get("/healthz") };
            assert_eq!(got.status, 200);
            begun.elapsed()
        })
        .collect();
    took.sort();
    took[requests * 99 / 100]
}

#[test]
#[ignore = "takes 11 s: run it when the reading of heads changes"]
fn a_slow_head_is_given_up_after_ten_seconds() {
    let bench = Bench::start();
    let mut client = bench.client();
    client.socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let begun = now();
    client.send("GET /healthz HTTP/1.1\r\nX: ");
    let got = loop {
        assert!(begun.elapsed() < Duration::from_secs(20), "a byte a second keeps it for ever");
        match client.answer() {
            Ok(got) => break got,
            Err(_) => client.send("x"),
        };
    };
    assert_eq!((got.status, got.field("connection")), (408, Some("close")));
    assert!((9..13).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[test]
#[ignore = "takes 6 s: run it when the slots change"]
fn with_all_slots_taken_the_longest_idle_connection_is_closed() {
    let bench = Bench::with(4, PATIENCE);
    let mut idle: Vec<_> = (0..4).map(|_| bench.client()).collect();
    idle.iter_mut().for_each(|client| assert_eq!(client.get("/healthz").status, 200));
    let begun = now();
    assert_eq!(bench.client().get("/healthz").status, 200);
    assert!((4..8).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(idle[0].rest(), "", "the first of them was closed");
}

#[test]
#[ignore = "takes 21 s: run it when the writing of answers changes"]
fn a_viewer_that_reads_nothing_is_disconnected() {
    let bench = Bench::with(4, PATIENCE);
    let _stuck: Vec<_> = (0..4).map(|_| Attack::SlowReader.open(bench.address)).collect();
    let begun = now();
    let mut next = bench.client();
    next.socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert_eq!(next.get("/healthz").status, 200, "a slot is free again");
    assert!((9..28).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

/// 200 held requests of 4 printers, and 100 endless streams.
fn audience(bench: &Bench) -> (Vec<Client>, Vec<Client>) {
    let mut held: Vec<_> = (0..200).map(|n| bench.visitor(&format!("198.51.100.{n}"))).collect();
    for (client, n) in held.iter_mut().zip(0..) {
        client.ask(&format!("/hold/{}", n % 4));
    }
    let mut streams: Vec<_> = (0..100).map(|n| bench.visitor(&format!("198.51.100.{n}"))).collect();
    for stream in &mut streams {
        assert!(stream.ask("/stream").head().unwrap().starts_with("HTTP/1.1 200 "));
    }
    (held, streams)
}

#[test]
fn bursts_of_connections_are_answered_beside_held_requests() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bench = Bench::start();
    let (mut held, streams) = audience(&bench);
    for burst in [6, 16, 32, 128] {
        for round in 0..rounds(4, 100) {
            let begun = now();
            let mut clients: Vec<_> = (0..burst).map(|_| bench.client()).collect();
            for client in &mut clients {
                client.ask("/healthz");
            }
            for client in &mut clients {
                assert_eq!(client.answer().unwrap().status, 200);
            }
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(1), "round {round} of {burst} connections took {took:?}");
        }
    }
    let begun = now();
    bench.publish();
    for client in &mut held {
        assert_eq!(client.answer().unwrap().body, b"new");
    }
    eprintln!("200 held requests were answered within {:?} of the event", begun.elapsed());
    assert!(!bench.faulted());
    let took = bench.stop();
    assert!(took < Duration::from_secs(2), "the stop took {took:?}");
    drop(streams);
}

fn check(attack: Attack, connections: usize) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bench = Bench::start();
    let (mut held, _streams) = audience(&bench);
    let attackers: Vec<_> = (0..connections).map(|_| attack.open(bench.address)).collect();
    let p99 = good_p99(bench.address, rounds(500, 5000));
    assert!(p99 < Duration::from_millis(200), "p99 is {p99:?} beside {connections} of {attack:?}");
    bench.publish();
    for client in &mut held {
        assert_eq!(client.answer().unwrap().body, b"new", "held beside {attack:?}");
    }
    assert!(!bench.faulted(), "{attack:?} ended the server");
    let took = bench.stop();
    assert!(took < Duration::from_secs(2), "the stop took {took:?} beside {attack:?}");
    drop(attackers);
    eprintln!("{connections} of {attack:?}: p99 {p99:?}, stop {took:?}");
}

#[test]
fn announced_lengths_hurt_nobody() {
    check(Attack::HugeLength(1_000_000_000_000), 50);
    check(Attack::HugeLength(u64::MAX), 50);
}

#[test]
fn stalled_bodies_hurt_nobody() {
    check(Attack::StalledBody, 200);
}

#[test]
fn slow_heads_and_silent_connections_hurt_nobody() {
    check(Attack::SlowHead, rounds(400, 1000));
    check(Attack::Silent, 200);
}

#[test]
fn http_2_prefaces_hurt_nobody() {
    check(Attack::Http2, 50);
}

#[test]
fn clients_that_do_not_read_hurt_nobody() {
    check(Attack::Pipeliner, 3);
    check(Attack::SlowReader, 100);
}

#[test]
fn an_endless_head_hurts_nobody() {
    check(Attack::EndlessHeader, 1);
    check(Attack::ManyLines, 6);
}
