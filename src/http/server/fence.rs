//! What a request's head must be before anything else looks at it (RFC 9112, with nothing left to taste). The
//! crate's parser lets through what two parsers in a row could read in two ways; here each of these is refused,
//! and the connection closed, since where the next request begins would be a guess.
//!
//! Not seen here, since the crate does not pass it on: words after the version; folded lines, which it takes for
//! fields of their own; and fields by any other name than one asks for, so that their number cannot be bounded.

use crate::http::Method;
use crate::http::problem::Problem;
use crate::http::route::Route;

/// The longest body taken: a printer's settings are far below.
pub const BODY_LIMIT: usize = 64 * 1024;

const TARGET_LIMIT: usize = 2048;
const FIELDS_LIMIT: usize = 16 * 1024;

/// The header fields anybody here looks at, in lower case. Others are never read.
pub const FIELDS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "content-type",
    "expect",
    "origin",
    "sec-fetch-site",
    "sec-fetch-mode",
    "range",
    "if-range",
    "if-none-match",
    "accept-encoding",
    "last-event-id",
    "cf-access-authenticated-user-email",
];

/// Fields whose first value decides something: a second one could say otherwise to somebody else.
const SINGLE: &[&str] = &["host", "content-length", "content-type", "origin", "sec-fetch-site", "range", "expect"];

/// A head as the crate gives it.
#[derive(Debug)]
pub struct RawHead<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub version: (u8, u8),
    /// Those of [`FIELDS`] that are there, repeated ones too.
    pub fields: Vec<(&'static str, String)>,
}

/// A head that has one meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub method: Method,
    /// Begins with `/`; only characters that need no `%`; no `.` or `..` as a whole element.
    pub path: String,
    pub query: Option<String>,
    /// Those of [`FIELDS`] that are there.
    pub headers: Vec<(String, String)>,
    /// At most [`BODY_LIMIT`].
    pub body_length: usize,
    /// The connection ends with this request.
    pub close: bool,
}

/// Checks a head.
///
/// # Errors
/// What is wrong with it.
pub fn inspect(raw: RawHead<'_>) -> Result<Head, Problem> {
    if !matches!(raw.version, (1, 0 | 1)) {
        return Err(Problem::Version);
    }
    let values = |name: &'static str| raw.fields.iter().filter(move |(have, _)| *have == name).map(|(_, value)| value);
    if raw.fields.iter().map(|(_, value)| value.len()).sum::<usize>() > FIELDS_LIMIT {
        return Err(Problem::HeadTooLarge);
    }
    if SINGLE.iter().any(|name| values(name).count() > 1) {
        return Err(Problem::BadRequest("A header field that may stand once stands twice."));
    }
    if values("host").count() == 0 {
        return Err(Problem::BadRequest("The Host header field is missing."));
    }
    if values("transfer-encoding").count() > 0 {
        return Err(Problem::BadRequest("Send the body with a Content-Length; transfer codings are not taken."));
    }
    let body_length = values("content-length").next().map_or(Ok(0), |value| content_length(value))?;
    let target = target(raw.target);
    let method = method(raw.method, target.as_ref().map_or("*", |(path, _)| path))?;
    let (path, query) = target?;
    // The crate closes after these two words; whoever reads the answer is told so.
    let ends = |value: &String| {
        let value = value.to_ascii_lowercase();
        value.contains("close") || value.contains("upgrade")
    };
    let close = raw.version == (1, 0) || values("connection").any(ends);
    let headers = raw.fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Head { method, path, query, headers, body_length, close })
}

/// One that is not known anywhere is answered with those of the address (RFC 9110 §10.2.1).
fn method(name: &str, path: &str) -> Result<Method, Problem> {
    let taken = || Route::parse(path).map_or(Method::ALL, |route| route.methods());
    Method::ALL.iter().copied().find(|method| method.name() == name).ok_or_else(|| Problem::Method(taken()))
}

/// Digits only: a sign, a list or an empty value is what one server takes and the next does not.
fn content_length(value: &str) -> Result<usize, Problem> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::BadRequest("The Content-Length is not a number."));
    }
    match value.parse() {
        Ok(length) if length <= BODY_LIMIT => Ok(length),
        _ => Err(Problem::BodyTooLarge),
    }
}

/// Origin form only (RFC 9112 §3.2.1). No address of ours needs `%`, so a path has one spelling.
fn target(target: &str) -> Result<(String, Option<String>), Problem> {
    if target.len() > TARGET_LIMIT {
        return Err(Problem::TargetTooLong);
    }
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte);
    let in_query = |byte: u8| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\';
    if !path.starts_with('/')
        || !path.bytes().all(in_path)
        || !query.unwrap_or_default().bytes().all(in_query)
        || path.split('/').any(|element| matches!(element, "." | ".."))
    {
        return Err(Problem::BadRequest("The address of the request is malformed."));
    }
    Ok((path.to_owned(), query.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOST: (&str, &str) = ("host", "192.168.1.5:8080");

    fn get<'a>(target: &'a str, fields: &[(&'static str, &str)]) -> RawHead<'a> {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        RawHead { method: "GET", target, version: (1, 1), fields }
    }

    fn check(raw: RawHead<'_>, status: u16) {
        let told = format!("{raw:?}");
        let have = inspect(raw).map_or_else(|problem| problem.status(), |_| 200);
        assert_eq!(have, status, "{told}");
    }

    #[test]
    fn a_plain_request_passes_in_parts() {
        let head = inspect(get("/hls/1/stream.m3u8?_HLS_msn=7", &[HOST, ("range", "bytes=0-")])).unwrap();
        assert_eq!(head.path, "/hls/1/stream.m3u8");
        assert_eq!(head.query.as_deref(), Some("_HLS_msn=7"));
        assert_eq!(head.headers[1], ("range".to_owned(), "bytes=0-".to_owned()));
        assert!(!head.close);
    }

    #[test]
    fn a_target_has_one_spelling() {
        for good in ["/", "/api/printers/", "/hls/1/seg000123.ts", "/a?b=%2F&c", "/a?", "/a..b/.well-known", "//x"] {
            check(get(good, &[HOST]), 200);
        }
        for bad in [
            "",
            "*",
            "api",
            "http://x/",
            "x:443",
            "/a%2e",
            "/a\\b",
            "/../etc",
            "/a/..",
            "/./a",
            "/a\0b",
            "/a\x01",
            "/a\x7f",
            "/a#b",
            "/a\"b",
            "/a?b#c",
            "/a?b\\c",
            "/a?\0",
            "/é",
        ] {
            check(get(bad, &[HOST]), 400);
        }
        check(get(&format!("/{}", "a".repeat(2047)), &[HOST]), 200);
        check(get(&format!("/{}", "a".repeat(2048)), &[HOST]), 414);
    }

    #[test]
    fn framing_that_two_servers_could_read_in_two_ways_is_refused() {
        for bad in [
            &[][..],
            &[HOST, HOST],
            &[HOST, ("content-length", "5"), ("content-length", "5")],
            &[HOST, ("content-length", "5"), ("content-length", "7")],
            &[HOST, ("content-length", "5, 5")],
            &[HOST, ("content-length", "+5")],
            &[HOST, ("content-length", "-1")],
            &[HOST, ("content-length", "0x5")],
            &[HOST, ("content-length", "5 5")],
            &[HOST, ("content-length", "")],
            &[HOST, ("transfer-encoding", "chunked")],
            &[HOST, ("transfer-encoding", "identity"), ("content-length", "5")],
            &[HOST, ("transfer-encoding", "xchunked")],
            &[HOST, ("origin", "http://a"), ("origin", "http://b")],
            &[HOST, ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")],
            &[HOST, ("content-type", "application/json"), ("content-type", "text/plain")],
        ] {
            check(get("/", bad), 400);
        }
    }

    #[test]
    fn limits_and_versions_have_their_own_codes() {
        check(get("/", &[HOST, ("range", &"y".repeat(FIELDS_LIMIT))]), 431);
        for (length, status) in [("65536", 200), ("65537", 413), ("1000000000000", 413), ("18446744073709551616", 413)]
        {
            check(get("/", &[HOST, ("content-length", length)]), status);
        }
        for (version, status) in [((0, 9), 505), ((1, 0), 200), ((1, 1), 200), ((2, 0), 505)] {
            check(RawHead { version, ..get("/", &[HOST]) }, status);
        }
        for (method, status) in [("DELETE", 200), ("get", 405), ("OPTIONS", 405), ("TRACE", 405), ("PRI", 405)] {
            check(RawHead { method, ..get("/", &[HOST]) }, status);
        }
    }

    #[test]
    fn the_end_of_the_connection_is_told() {
        let close = |raw: RawHead<'_>| inspect(raw).unwrap().close;
        assert!(close(RawHead { version: (1, 0), ..get("/", &[HOST]) }));
        assert!(close(get("/", &[HOST, ("connection", "Close")])));
        assert!(close(get("/", &[HOST, ("connection", "keep-alive"), ("connection", "HTTP2-Settings, Upgrade")])));
        assert!(!close(get("/", &[HOST, ("connection", "keep-alive")])));
    }

    proptest! {
        #[test]
        fn whatever_passes_has_a_plain_path_and_a_bounded_body(target in ".{0,40}", length in ".{0,8}") {
            if let Ok(head) = inspect(get(&target, &[HOST, ("content-length", &length)])) {
                prop_assert!(head.path.starts_with('/') && head.path.is_ascii());
                prop_assert!(!head.path.contains(['%', '\\', '\0', '?', '#']));
                prop_assert!(!head.path.split('/').any(|element| element == ".."));
                prop_assert!(head.body_length <= BODY_LIMIT);
            }
        }
    }
}
