//! One connection at a time: what the server says to a client that behaves.

use crate::http_client::{Bench, Client, Got, now};
use std::io::Write;
use std::time::Duration;

#[test]
fn a_connection_carries_many_requests_and_their_answers_in_order() {
    let bench = Bench::start();
    let mut client = bench.client();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let post = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
    client.send(&[&get("/healthz"), post, &get("/nothing"), &get("/healthz")].concat());
    let answers: Vec<_> = (0..4).map(|_| client.answer().unwrap()).map(|got| (got.status, got.body)).collect();
    assert_eq!(answers, [(200, b"now".to_vec()), (200, b"5".to_vec()), (404, vec![]), (200, b"now".to_vec())]);
}

#[test]
fn a_body_of_the_largest_size_is_accepted_and_a_longer_refused() {
    let bench = Bench::start();
    for (length, expect) in [(0, ""), (1024, ""), (1025, ""), (65_536, ""), (65_536, "Expect: 100-continue\r\n")] {
        let mut client = bench.client();
        client.send(&format!("PUT /echo HTTP/1.1\r\nHost: nas\r\nContent-Length: {length}\r\n{expect}\r\n"));
        if !expect.is_empty() {
            assert!(client.head().unwrap().starts_with("HTTP/1.1 100 "));
        }
        client.socket.write_all(&vec![b'x'; length]).unwrap();
        assert_eq!(client.answer().unwrap().body, length.to_string().into_bytes());
        assert_eq!(client.get("/healthz").status, 200, "the connection goes on after {length} bytes");
    }
    let mut client = bench.client();
    client.send("POST /echo HTTP/1.1\r\nHost: nas\r\nContent-Length: 65537\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 413, "before the body has been sent");
}

#[test]
fn head_and_http_1_0_requests_are_answered_accordingly() {
    let bench = Bench::start();
    let mut client = bench.client();
    client.send("HEAD / HTTP/1.1\r\nHost: nas\r\n\r\n");
    assert!(client.head().unwrap().contains("Content-Length: 4000000\r\n"));
    assert_eq!(client.get("/healthz").body, b"now", "no body was sent after the head");
    for request in [
        "GET /healthz HTTP/1.0\r\nHost: nas\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nHost: nas\r\nConnection: keep-alive\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: nas\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: nas\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
    ] {
        let text = bench.client().send(request).rest();
        assert!(text.contains("Connection: close\r\n") && text.ends_with("\r\n\r\nnow"), "{request}{text}");
    }
}

#[test]
fn a_large_body_arrives_whole() {
    let bench = Bench::start();
    let body = bench.client().get("/").body;
    assert!(body.iter().zip(0u32..).all(|(byte, n)| *byte == n.to_le_bytes()[0]) && body.len() == 4_000_000);
}

#[test]
fn a_panicking_handler_answers_500_and_harms_nothing_else() {
    let bench = Bench::start();
    let mut client = bench.client();
    let got = client.get("/panic");
    assert_eq!((got.status, got.field("content-type")), (500, Some("application/json")));
    assert_eq!(client.get("/healthz").status, 200);
}

#[test]
fn a_held_request_is_answered_by_the_event_or_at_its_deadline() {
    let bench = Bench::start();
    let mut client = bench.client();
    client.ask("/hold/1").ask("/healthz");
    // The pipelined request is answered after the held one, not before.
    assert_eq!(bench.client().get("/healthz").status, 200);
    let begun = now();
    while begun.elapsed() < Duration::from_secs(5) {
        bench.publish();
        client.socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        if let Ok(got) = client.answer() {
            assert_eq!(got.body, b"new");
            break;
        }
    }
    client.socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(client.answer().unwrap().body, b"now");

    let bench = Bench::with(64, Duration::from_millis(300));
    let begun = now();
    assert_eq!(bench.client().get("/hold/1").status, 503);
    assert!((300..2000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
}

#[test]
fn events_arrive_immediately_and_end_with_the_connection() {
    let mut bench = Bench::start();
    let mut client = bench.client();
    let head = client.ask("/stream").head().unwrap();
    assert!(head.contains("Content-Type: text/event-stream\r\n") && head.contains("Connection: close\r\n"), "{head}");
    bench.stop();
    assert!(client.rest().starts_with("data: tick\n\n"));
}

#[test]
fn one_printer_cannot_hold_more_than_its_share() {
    let bench = Bench::start();
    let mut held: Vec<_> = (0..256).map(|n| bench.visitor(&format!("198.51.100.{}", n % 8))).collect();
    for client in &mut held {
        client.ask("/hold/1");
    }
    // All have been counted as soon as one more is refused.
    let begun = now();
    loop {
        let mut client = bench.client();
        client.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        match client.ask("/hold/1").answer() {
            Ok(got) => {
                assert_eq!((got.status, got.field("retry-after")), (503, Some("2")));
                break;
            }
            Err(_) => assert!(begun.elapsed() < Duration::from_secs(5)),
        }
    }
    let mut other = bench.client();
    other.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(other.ask("/hold/2").answer().is_err(), "another printer's request is held");
}

/// The answer, or `None` where the request is held.
fn answered(client: &mut Client) -> Option<Got> {
    client.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    client.answer().ok()
}

#[test]
fn one_client_gets_only_its_share_of_streams() {
    let bench = Bench::start();
    let stream = |address: &str| {
        let mut client = bench.visitor(address);
        let head = client.ask("/stream").head().unwrap();
        (client, head)
    };
    let open: Vec<_> = (0..64).map(|_| stream("198.51.100.7")).collect();
    assert!(open.iter().all(|(_, head)| head.starts_with("HTTP/1.1 200 ")), "a quarter of 256");
    let (_, refused) = stream("198.51.100.7");
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: "), "{refused}");
    for other in ["198.51.100.8", "2001:db8:1::1", "203.0.113.9, 198.51.100.9"] {
        assert!(stream(other).1.starts_with("HTTP/1.1 200 "), "{other}");
    }
    assert!(stream("203.0.113.9, 198.51.100.7").1.starts_with("HTTP/1.1 503 "), "hearsay counts for nothing");
    // A household has all addresses of a /64.
    let _open: Vec<_> = (0..64).map(|n| stream(&format!("2001:db8::{n:x}"))).collect();
    assert!(stream("2001:db8::ffff:1").1.starts_with("HTTP/1.1 503 "), "a household has one share");
    drop(open);
    let begun = now();
    while !stream("198.51.100.7").1.starts_with("HTTP/1.1 200 ") {
        assert!(begun.elapsed() < Duration::from_secs(5), "a share that was given back is still counted");
    }
}

#[test]
fn one_client_gets_only_its_share_of_held_requests() {
    let bench = Bench::start();
    let mut held: Vec<_> = (0..64).map(|_| bench.visitor("198.51.100.7")).collect();
    for client in &mut held {
        client.ask("/hold/1");
    }
    let begun = now();
    let refused = loop {
        if let Some(got) = answered(bench.visitor("198.51.100.7").ask("/hold/1")) {
            break got;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "the 65th is held");
    };
    assert_eq!((refused.status, refused.field("retry-after")), (503, Some("2")));
    assert!(answered(bench.visitor("198.51.100.8").ask("/hold/1")).is_none(), "another client's request is held");
    assert!(answered(bench.visitor("198.51.100.7").ask("/hold/2")).is_none(), "and one for another printer");
    assert_eq!(bench.visitor("198.51.100.7").get("/healthz").status, 200, "other requests are not concerned");
}

#[test]
fn held_viewers_that_leave_return_their_share() {
    let bench = Bench::start();
    let held: Vec<_> = (0..64)
        .map(|_| {
            let mut client = bench.visitor("198.51.100.7");
            client.ask("/hold/1");
            client
        })
        .collect();
    let is_refused = || answered(bench.visitor("198.51.100.7").ask("/hold/1")).map(|got| got.status) == Some(503);
    let begun = now();
    while !is_refused() {
        assert!(begun.elapsed() < Duration::from_secs(5), "the 65th is held");
    }
    drop(held);
    bench.publish();
    let begun = now();
    while is_refused() {
        assert!(begun.elapsed() < Duration::from_secs(5), "those who left are still counted");
    }
}

#[test]
fn behind_a_proxy_a_client_has_its_share_of_requests_in_progress() {
    let bench = Bench::with(32, Duration::from_secs(60));
    let mut streams: Vec<_> = (0..8).map(|_| bench.visitor("198.51.100.7")).collect();
    for client in &mut streams {
        assert!(client.ask("/stream").head().unwrap().starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(bench.visitor("198.51.100.7").get("/healthz").status, 503, "the ninth of 32 is served");
    assert_eq!(bench.visitor("198.51.100.8").get("/healthz").status, 200);
    drop(streams);
    let begun = now();
    while bench.visitor("198.51.100.7").get("/healthz").status != 200 {
        bench.publish();
        assert!(begun.elapsed() < Duration::from_secs(5), "its share is not free again");
    }
}

#[test]
fn with_all_slots_taken_a_freed_slot_serves_the_next() {
    let bench = Bench::with(4, Duration::from_secs(60));
    let mut guests: Vec<_> = (0..4).map(|_| bench.client()).collect();
    guests.iter_mut().for_each(|client| assert_eq!(client.get("/healthz").status, 200));
    let mut waiting = bench.client();
    waiting.socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(waiting.ask("/healthz").answer().is_err(), "there is no slot");
    guests.clear();
    let begun = now();
    waiting.socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(waiting.answer().unwrap().status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
