//! Malformed and ambiguous requests on the wire: refused, and nothing that follows them is taken for a request.

use crate::http_client::Bench;

/// Sends `request` and a request that must not be answered; the answer has `status`, and the connection ends.
fn check(bench: &Bench, request: &str, status: u16) {
    let smuggled = "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n";
    let text = bench.client().send(request).send(smuggled).rest();
    assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{request:?} got {text:?}");
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{request:?} got {text:?}");
}

#[test]
fn ambiguous_framing_is_refused_and_the_connection_closed() {
    let bench = Bench::start();
    let chunked = "5\r\nhello\r\n0\r\n\r\n";
    for (fields, body) in [
        ("Content-Length: 5\r\nContent-Length: 7\r\n", "hello"),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
        ("Content-Length: 5, 5\r\n", "hello"),
        ("Content-Length: +5\r\n", "hello"),
        ("Content-Length: 5x\r\n", ""),
        ("Content-Length: 0x5\r\n", ""),
        ("Content-Length: -5\r\n", ""),
        ("Content-Length:\r\n", ""),
        ("Content-Length: 5 5\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", chunked),
        ("Transfer-Encoding: Chunked\r\n", chunked),
        ("Transfer-Encoding: gzip, chunked\r\n", chunked),
        ("Transfer-Encoding: identity\r\n", ""),
        ("Transfer-Encoding: xchunked\r\n", chunked),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked),
        ("Transfer-Encoding: xchunked\r\nContent-Length: 15\r\n", chunked),
        ("Transfer-Encoding : chunked\r\n", chunked),
        ("Transfer-Encoding\t: chunked\r\n", chunked),
        ("X: y\r\n Transfer-Encoding: chunked\r\n", chunked),
        ("X: y\rTransfer-Encoding: chunked\r\n", chunked),
        ("X: y\nTransfer-Encoding: chunked\r\n", chunked),
        ("X: y\r\n Content-Length: 5\r\n", "hello"),
        ("X: y\r\n folded: z\r\n", ""),
        (": x\r\n", ""),
        ("Content-Length: 5\x0b\r\n", "hello"),
        ("Content-Length: 5\x0c\r\n", "hello"),
        ("Content-Length: 5\x1f\r\n", "hello"),
        ("Host: other\r\n", ""),
        ("Origin: http://nas\r\nOrigin: http://evil.test\r\n", ""),
    ] {
        check(&bench, &format!("POST /echo HTTP/1.1\r\nHost: nas\r\n{fields}\r\n{body}"), 400);
    }
}

#[test]
fn malformed_heads_are_refused_each_with_its_code() {
    let bench = Bench::start();
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: nas\r\n\r\n");
    for (request, status) in [
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/0.9\r\nHost: nas\r\n\r\n".to_owned(), 505),
        ("GET /healthz HTTP/1.1 and more\r\nHost: nas\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/2.0\r\nHost: nas\r\n\r\n".to_owned(), 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
        ("GET /healthz HTTP/1.2\r\nHost: nas\r\n\r\n".to_owned(), 400),
        ("GET /healthz\r\n\r\n".to_owned(), 400),
        ("\r\nGET /healthz HTTP/1.1\r\nHost: nas\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\nHost: nas\n\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\nHost: nas\r\nX: \u{e9}\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\nHost: nas\r\nno colon\r\n\r\n".to_owned(), 400),
        ("GET /healthz HTTP/1.1\r\nHost: nas\r\nExpect: coffee\r\n\r\n".to_owned(), 417),
        ("OPTIONS * HTTP/1.1\r\nHost: nas\r\n\r\n".to_owned(), 405),
        ("CONNECT nas:443 HTTP/1.1\r\nHost: nas\r\n\r\n".to_owned(), 405),
        ("TRACE /healthz HTTP/1.1\r\nHost: nas\r\n\r\n".to_owned(), 405),
        ("BREW /healthz HTTP/1.1\r\nHost: nas\r\n\r\n".to_owned(), 405),
        (get("http://nas/healthz"), 400),
        (get("healthz"), 400),
        (get("/a/../healthz"), 400),
        (get("/a%2fhealthz"), 400),
        (get("/a\\healthz"), 400),
        (get("/healthz\0"), 400),
        (get("/healthz\x0b"), 400),
        (get("/healthz#x"), 400),
        (get(&format!("/{}", "a".repeat(2048))), 414),
        (format!("GET /healthz HTTP/1.1\r\nHost: nas\r\nRange: {}\r\n\r\n", "x".repeat(17_000)), 431),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n".to_owned(), 400),
    ] {
        check(&bench, &request, status);
    }
}

#[test]
fn refusals_are_json_with_security_headers_and_allowed_methods() {
    let bench = Bench::start();
    let mut client = bench.client();
    let got = client.send("PATCH /healthz HTTP/1.1\r\nHost: nas\r\n\r\n").answer().unwrap();
    assert_eq!(got.field("allow"), Some("GET, HEAD"), "those of the address");
    assert_eq!(got.field("content-type"), Some("application/json"));
    assert_eq!(got.field("x-content-type-options"), Some("nosniff"));
    assert_eq!(got.field("cache-control"), Some("no-store"));
    assert!(got.body.starts_with(br#"{"ok":false,"error":""#), "{got:?}");
}

/// Of so many bytes no answer can be told apart from the next head, so nothing is sent behind them.
#[test]
fn a_head_may_have_64_kib_and_no_more() {
    let bench = Bench::start();
    let of = |bytes: usize| {
        let begin = "GET /healthz HTTP/1.1\r\nHost: nas\r\nX: ";
        format!("{begin}{}\r\n\r\n", "x".repeat(bytes - begin.len() - 4))
    };
    assert_eq!(bench.client().send(&of(65_536)).answer().unwrap().status, 200);
    assert!(bench.client().send(&of(65_537)).rest().starts_with("HTTP/1.1 431 "));
    let many = format!("GET /healthz HTTP/1.1\r\nHost: nas\r\n{}", "a:\r\n".repeat(1_000_000));
    let text = bench.client().send(&many).rest();
    assert!(text.starts_with("HTTP/1.1 431 ") && text.contains("\r\nConnection: close\r\n"), "{text}");
}

#[test]
fn a_huge_declared_length_is_refused_before_the_body_without_allocating() {
    let bench = Bench::start();
    for length in ["1000000000000", "9223372036854775807", "18446744073709551615", "18446744073709551616"] {
        let mut client = bench.client();
        client.send(&format!("POST /healthz HTTP/1.1\r\nHost: nas\r\nContent-Length: {length}\r\n\r\nabc"));
        assert_eq!(client.answer().unwrap().status, 413, "{length}");
    }
    assert_eq!(bench.client().get("/healthz").status, 200);
}
