use super::*;
use crate::rtsp::message::Message;

fn headers(challenges: &[&str]) -> Headers {
    let lines: String = challenges.iter().map(|value| format!("WWW-Authenticate: {value}\r\n")).collect();
    match Message::parse(format!("RTSP/1.0 401 Unauthorized\r\n{lines}\r\n").as_bytes()) {
        Some(Message::Response(response)) => response.headers,
        other => panic!("{other:?}"),
    }
}

fn authenticator(tls: bool) -> Authenticator {
    Authenticator::new("bblp", Secret::new("12345678"), tls, 7)
}

/// Takes the challenges and returns the answer for a DESCRIBE.
fn answered(challenges: &[&str]) -> String {
    let mut authenticator = authenticator(true);
    authenticator.challenged(&headers(challenges), FIRST).unwrap();
    text_of(&authenticator.authorization(Method::Describe, "rtsps://h:322/1").unwrap())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const FIRST: Attempt = Attempt { authorized: false, again: false };
const SECOND: Attempt = Attempt { authorized: true, again: false };
const THIRD: Attempt = Attempt { authorized: true, again: true };

#[test]
fn the_vectors_of_the_standards_hold() {
    let vector = |challenge: &str, password: &str, cnonce: &str| {
        let Some(Challenge::Digest(digest)) = Challenge::parse_all(challenge.as_bytes()).into_iter().next() else {
            panic!("{challenge}");
        };
        response(&digest, b"Mufasa", password.as_bytes(), "GET", "/dir/index.html", Using { count: 1, cnonce })
    };
    // RFC 2617 §3.5.
    let challenge = r#"Digest realm="testrealm@host.com", qop="auth,auth-int",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    let challenge = challenge.replace('\n', " ");
    assert_eq!(vector(&challenge, "Circle Of Life", "0a4f113b"), "6629fae49393a05397450978507c4ef1");
    // RFC 2069 §2.4, with the response of its erratum 749.
    let legacy = r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#;
    assert_eq!(vector(legacy, "CircleOfLife", ""), "1949323746fe6a43ef61f9606e7febea");
    // RFC 7616 §3.9.1.
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let challenge = format!(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm},
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v""#
        );
        assert_eq!(vector(&challenge.replace('\n', " "), "Circle of Life", cnonce), response, "{algorithm}");
    }
    // The standards give no example for the session algorithms: computed with Python's hashlib.
    let session = r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#;
    assert_eq!(vector(session, "pw", "c0ffee"), "2fe9aaa9dd85ebc75b1762b01256faff");
    let session = format!("{session}, qop=auth");
    assert_eq!(vector(&session, "pw", "c0ffee"), "a51876d8d386e0d7d583aa9fb9ba5b56");
}

#[test]
fn live555_is_answered_without_anything_it_did_not_offer() {
    // Computed with Python's hashlib.
    assert_eq!(
        answered(&[r#"Digest realm="LIVE555 Streaming Media", nonce="0123456789abcdef0123456789abcdef""#]),
        "Digest username=\"bblp\", realm=\"LIVE555 Streaming Media\", nonce=\"0123456789abcdef0123456789abcdef\", \
         uri=\"rtsps://h:322/1\", response=\"f1a3e988382f29dbd72f5cd22bd896ba\""
    );
}

#[test]
fn algorithm_and_opaque_are_sent_back_iff_offered() {
    let answer = answered(&[r#"Digest realm="r", nonce="n", algorithm="MD5", opaque="a\"b""#]);
    assert!(answer.ends_with(r#", algorithm=MD5, opaque="a\"b""#), "{answer}");
    let answer = answered(&[r#"Digest realm="r", nonce="n", opaque="""#]);
    assert!(answer.ends_with(r#", opaque="""#) && !answer.contains("algorithm"), "{answer}");
}

#[test]
fn with_qop_the_count_rises_and_a_new_nonce_restarts_it() {
    let mut authenticator = authenticator(true);
    let mut ask = |nonce: Option<&str>, attempt| {
        if let Some(nonce) = nonce {
            let challenge = format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#);
            authenticator.challenged(&headers(&[&challenge]), attempt).unwrap();
        }
        let answer = text_of(&authenticator.authorization(Method::Play, "rtsps://h/1").unwrap());
        let (_, tail) = answer.split_once("qop=auth, ").unwrap();
        let (count, cnonce) = tail.split_once(", cnonce=").unwrap();
        assert_eq!(cnonce.len(), 18, "sixteen digits in quotes: {cnonce}");
        (count.to_owned(), cnonce.to_owned())
    };
    let (first, cnonce) = ask(Some("1"), FIRST);
    assert_eq!(first, "nc=00000001");
    assert_eq!(ask(None, FIRST), ("nc=00000002".to_owned(), cnonce.clone()));
    let (again, fresh) = ask(Some("2"), SECOND);
    assert_eq!(again, "nc=00000001");
    assert_ne!(fresh, cnonce);
}

#[test]
fn a_sess_algorithm_sends_cnonce_even_without_qop() {
    let answer = answered(&[r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#]);
    assert!(answer.contains(", algorithm=MD5-sess, cnonce=\"") && !answer.contains("nc="), "{answer}");
}

#[test]
fn the_strongest_offered_algorithm_is_used() {
    let md5 = r#"Digest realm="r", nonce="m""#;
    let sha = r#"Digest realm="r", nonce="s", algorithm=SHA-256"#;
    let basic = r#"Basic realm="r""#;
    assert!(answered(&[basic, md5, sha]).contains(r#"nonce="s""#));
    assert!(answered(&[&format!("{basic}, {md5}")]).contains(r#"nonce="m""#));
    assert!(answered(&[md5, r#"Digest realm="r", nonce="second""#]).contains(r#"nonce="m""#));
    // printf bblp:12345678 | base64
    assert_eq!(answered(&[basic]), "Basic YmJscDoxMjM0NTY3OA==");
}

#[test]
fn basic_is_never_used_without_tls() {
    let mut authenticator = authenticator(false);
    assert_eq!(authenticator.challenged(&headers(&["Basic realm=\"r\""]), FIRST), Err(Refusal::Scheme));
    assert_eq!(authenticator.authorization(Method::Describe, "rtsp://h/1"), None);
    assert_eq!(authenticator.challenged(&headers(&["Basic realm=\"r\"", "Digest nonce=n"]), FIRST), Ok(()));
}

#[test]
fn a_refused_login_is_retried_once_and_only_with_a_new_challenge() {
    let nonce = |nonce: &str, stale: &str| format!(r#"Digest realm="r", nonce="{nonce}"{stale}"#);
    for (situation, second, attempt, answer) in [
        ("a new nonce", nonce("2", ""), SECOND, Ok(())),
        ("a new nonce after the second try", nonce("2", ""), THIRD, Err(Refusal::Credentials)),
        ("the same nonce", nonce("1", ""), SECOND, Err(Refusal::Credentials)),
        ("the same nonce, called stale", nonce("1", ", stale=true"), SECOND, Ok(())),
        ("a stale nonce after the second try", nonce("2", ", stale=true"), THIRD, Err(Refusal::Credentials)),
        ("Basic after Digest", "Basic".to_owned(), SECOND, Err(Refusal::Credentials)),
        ("nothing any more", "Bearer".to_owned(), SECOND, Err(Refusal::Credentials)),
        ("the same nonce for a request without", nonce("1", ""), FIRST, Ok(())),
    ] {
        let mut authenticator = authenticator(true);
        authenticator.challenged(&headers(&[&nonce("1", "")]), FIRST).unwrap();
        assert_eq!(authenticator.challenged(&headers(&[&second]), attempt), answer, "{situation}");
    }
}

#[test]
fn without_a_supported_scheme_the_error_says_so() {
    for offers in [&[][..], &["Bearer"], &[r#"Digest nonce="n", qop="auth-int""#]] {
        assert_eq!(authenticator(true).challenged(&headers(offers), FIRST), Err(Refusal::Scheme), "{offers:?}");
    }
}

#[test]
fn without_a_login_nothing_is_offered() {
    let mut authenticator = Authenticator::new("", Secret::new(""), true, 7);
    for challenge in [r#"Digest realm="r", nonce="n""#, r#"Basic realm="r""#] {
        assert_eq!(authenticator.challenged(&headers(&[challenge]), FIRST), Err(Refusal::NoLogin));
        assert_eq!(authenticator.authorization(Method::Describe, "rtsps://h:322/1"), None);
    }
}
