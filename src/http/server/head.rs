//! Validates the request head, strictly per RFC 9112. A head that two parsers in a row could interpret differently is
//! refused. The connection is then closed, since the beginning of the next request would be a guess.
//!
//! [`end_of_head`] checks bytes as they arrive, [`scan`] the lines of a whole head, and [`inspect`] what the crate
//! parsed.

use crate::http::Method;
use crate::http::problem::Problem;

/// The longest body: a printer's settings are far shorter.
pub const BODY_LIMIT: usize = 64 * 1024;

const TARGET_LIMIT: usize = 2048;
const FIELDS_LIMIT: usize = 16 * 1024;

/// The header fields that are used here, in lower case. Others are never parsed.
const FIELDS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "content-type",
    "expect",
    "origin",
    "referer",
    "sec-fetch-site",
    "sec-fetch-mode",
    "range",
    "if-range",
    "if-none-match",
    "accept-encoding",
    "last-event-id",
    "access-control-request-method",
    "x-forwarded-for",
    "cf-connecting-ip",
    "cf-access-authenticated-user-email",
];

/// Fields whose first value decides something: a second one could decide otherwise for another reader.
const SINGLE: &[&str] = &["host", "content-length", "content-type", "origin", "sec-fetch-site", "range", "expect"];

/// The lines of a head, each of which has one meaning.
#[derive(Debug)]
pub struct Scanned<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub version: (u8, u8),
    /// The present fields of [`FIELDS`]: the name, and the whole line.
    pub lines: Vec<(&'static str, &'a str)>,
}

/// A head as the crate returns it.
#[derive(Debug)]
pub struct RawHead<'a> {
    pub method: String,
    pub target: &'a str,
    pub version: (u8, u8),
    /// The present fields of [`FIELDS`], each once.
    pub fields: Vec<(&'static str, String)>,
}

/// A head that has one meaning.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub method: Method,
    /// The path. It begins with `/`, has only characters that need no `%`, and no element is `.` or `..`.
    pub path: String,
    pub query: Option<String>,
    /// The present fields of [`FIELDS`].
    pub headers: Vec<(String, String)>,
    /// The body's length, at most [`BODY_LIMIT`].
    pub body_length: usize,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub awaits_leave: bool,
    /// Whether the connection ends with this request.
    pub close: bool,
}

impl Head {
    /// Returns the value of a header field; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

/// Returns the end of the head at the start of `bytes`, after its empty line, or `None` if it has not come yet. The
/// first `seen` bytes were checked before.
///
/// # Errors
/// If the bytes cannot become a head. All must be ASCII, the only control characters are line ends and tabs, and CR and
/// LF come together. TLS, and lines that end in LF alone, are therefore refused at once.
pub fn end_of_head(bytes: &[u8], seen: usize) -> Result<Option<usize>, Problem> {
    // The byte after a CR may have come since.
    for at in seen.saturating_sub(1)..bytes.len() {
        let (before, next) = (at.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(at + 1));
        match bytes.get(at) {
            Some(b'\n') if before == Some(&b'\r') => {
                if at == 1 {
                    return Err(Problem::BadRequest("The request begins with an empty line."));
                }
                if at >= 3 && bytes.get(at - 3) == Some(&b'\r') && bytes.get(at - 2) == Some(&b'\n') {
                    return Ok(Some(at + 1));
                }
            }
            Some(b'\r') if next.is_none_or(|next| *next == b'\n') => {}
            Some(b'\t' | b' '..=b'~') => {}
            _ => return Err(Problem::BadRequest("The head of the request holds characters that no head may hold.")),
        }
    }
    Ok(None)
}

/// Splits a whole head into its lines.
///
/// # Errors
/// If it is ambiguous or too long.
pub fn scan(head: &[u8]) -> Result<Scanned<'_>, Problem> {
    let text = std::str::from_utf8(head).map_err(|_| Problem::BadRequest("The head of the request is not ASCII."))?;
    let mut lines = text.strip_suffix("\r\n\r\n").unwrap_or(text).split("\r\n");
    let (method, target, version) = request_line(lines.next().unwrap_or_default())?;
    let mut scanned = Scanned { method, target, version, lines: Vec::new() };
    let mut bytes = 0;
    for line in lines {
        let name = field_name(line)?;
        let Some(known) = FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name)) else { continue };
        bytes += line.len();
        if bytes > FIELDS_LIMIT {
            return Err(Problem::HeadTooLarge);
        }
        if SINGLE.contains(known) && scanned.lines.iter().any(|(have, _)| have == known) {
            return Err(Problem::BadRequest("A header field that may stand once stands twice."));
        }
        scanned.lines.push((known, line));
    }
    Ok(scanned)
}

/// Splits into three words with one space between them (RFC 9112 §3).
fn request_line(line: &str) -> Result<(&str, &str, (u8, u8)), Problem> {
    const MALFORMED: Problem = Problem::BadRequest("The request line is malformed.");
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(MALFORMED);
    };
    if !is_token(method) || target.is_empty() || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(MALFORMED);
    }
    if target.len() > TARGET_LIMIT {
        return Err(Problem::TargetTooLong);
    }
    let version = match version.as_bytes() {
        b"HTTP/1.0" => (1, 0),
        b"HTTP/1.1" => (1, 1),
        [b'H', b'T', b'T', b'P', b'/', b'0' | b'2'..=b'9', b'.', b'0'..=b'9'] => return Err(Problem::Version),
        _ => return Err(MALFORMED),
    };
    Ok((method, target, version))
}

/// Returns the text before the colon, without a space between (RFC 9112 §5.1). A line that begins with a space
/// continues the line before it for some parsers, and is its own field for others (§5.2).
fn field_name(line: &str) -> Result<&str, Problem> {
    let name = line.split_once(':').map(|(name, _)| name).filter(|name| is_token(name));
    name.ok_or(Problem::BadRequest("A header field is malformed."))
}

/// Whether it is a token (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(in_token)
}

/// Checks a head. `methods` returns those of a path.
///
/// # Errors
/// Returns what is wrong with it.
pub fn inspect(raw: RawHead<'_>, methods: impl FnOnce(&str) -> Vec<Method>) -> Result<Head, Problem> {
    let value = |name: &str| raw.fields.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str());
    if value("host").is_none() {
        return Err(Problem::BadRequest("The Host header field is missing."));
    }
    if value("transfer-encoding").is_some() {
        return Err(Problem::BadRequest("Send the body with a Content-Length; transfer codings are not taken."));
    }
    let awaits_leave = match value("expect") {
        None => false,
        Some(value) if value.eq_ignore_ascii_case("100-continue") => raw.version != (1, 0),
        Some(_) => return Err(Problem::Expectation),
    };
    let body_length = value("content-length").map_or(Ok(0), content_length)?;
    let target = target(raw.target);
    let method = method(&raw.method, target.as_ref().ok().map(|(path, _)| path.as_str()), methods)?;
    let (path, query) = target?;
    // No other protocol is supported after an upgrade: the request is answered, and the connection ends.
    let ends = |value: &str| {
        let value = value.to_ascii_lowercase();
        value.contains("close") || value.contains("upgrade")
    };
    let close = raw.version == (1, 0) || value("connection").is_some_and(ends);
    let headers = raw.fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Head { method, path, query, headers, body_length, awaits_leave, close })
}

/// Parses the method. The answer to an unknown method names those of the address (RFC 9110 §10.2.1).
fn method(name: &str, path: Option<&str>, methods: impl FnOnce(&str) -> Vec<Method>) -> Result<Method, Problem> {
    let taken = || path.map_or_else(|| Method::ALL.to_vec(), methods);
    // `OPTIONS *` refers to no address.
    let options = [Method::Options];
    let known = Method::ALL.iter().chain(options.iter().filter(|_| path.is_some()));
    known.copied().find(|method| method.name() == name).ok_or_else(|| Problem::Method(taken()))
}

/// Accepts digits only: servers differ on a sign, a list or an empty value.
fn content_length(value: &str) -> Result<usize, Problem> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::BadRequest("The Content-Length is not a number."));
    }
    match value.parse() {
        Ok(length) if length <= BODY_LIMIT => Ok(length),
        _ => Err(Problem::BodyTooLarge),
    }
}

/// Accepts the origin form only (RFC 9112 §3.2.1). No address of ours needs `%`, so a path has one spelling.
fn target(target: &str) -> Result<(String, Option<String>), Problem> {
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
    use crate::http::server::parser;
    use proptest::prelude::*;

    /// Passes a whole head through all steps.
    fn head(text: &str) -> Result<Head, Problem> {
        let end = end_of_head(text.as_bytes(), 0)?.expect("an empty line");
        inspect(parser::parse(&scan(&text.as_bytes()[..end])?)?, |_| Method::ALL.to_vec())
    }

    fn get(target: &str, fields: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: nas:8080\r\n{fields}\r\n")
    }

    fn check(text: &str, status: u16) {
        let have = head(text).map_or_else(|problem| problem.status(), |_| 200);
        assert_eq!(have, status, "{text:?}");
    }

    #[test]
    fn a_plain_request_passes_in_parts() {
        let head = head(&get("/hls/1/stream.m3u8?_HLS_msn=7", "RANGE:bytes=0-\t \r\nX-Other: y\r\n")).unwrap();
        assert_eq!(head.path, "/hls/1/stream.m3u8");
        assert_eq!(head.query.as_deref(), Some("_HLS_msn=7"));
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(head.headers, [field("host", "nas:8080"), field("range", "bytes=0-")]);
        assert!(!head.close && !head.awaits_leave);
    }

    #[test]
    fn only_one_spelling_of_a_target_is_accepted() {
        for good in ["/", "/api/printers/", "/hls/1/seg000123.ts", "/a?b=%2F&c", "/a?", "/a..b/.well-known", "//x"] {
            check(&get(good, ""), 200);
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
            "/a b",
            "/a\tb",
        ] {
            check(&get(bad, ""), 400);
        }
        check(&get(&format!("/{}", "a".repeat(2047)), ""), 200);
        check(&get(&format!("/{}", "a".repeat(2048)), ""), 414);
    }

    #[test]
    fn framing_that_two_servers_could_read_in_two_ways_is_refused() {
        for bad in [
            "Host: nas:8080\r\n",
            "Content-Length: 5\r\ncontent-length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 7\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: 5 5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 5\x0b\r\n",
            "Content-Length: \x0c5\r\n",
            "Content-Length: 5\x1f\r\n",
            "Content-Length: 5\u{85}\r\n",
            "Content-Length: 5\u{a0}\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding:\r\n",
            "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
            "Origin: http://a\r\nOrigin: http://b\r\n",
            "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n",
            "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
        ] {
            check(&get("/", bad), 400);
        }
        check("GET / HTTP/1.1\r\nX: y\r\n\r\n", 400);
    }

    #[test]
    fn a_header_line_is_name_colon_value_and_crlf() {
        for bad in [
            ": x\r\n",
            ":\r\n",
            "x\r\n",
            "X : y\r\n",
            "X\t: y\r\n",
            " X: y\r\n",
            "\tX: y\r\n",
            "X: y\r\n z\r\n",
            "X: y\r\n Content-Length: 5\r\n",
            "X: y\rZ: z\r\n",
            "X: y\nZ: z\r\n",
            "X: y\r\r\n",
            "X: y\0\r\n",
            "X: \x1b[31m\r\n",
            "X: \x7f\r\n",
            "X: é\r\n",
            "X\0: y\r\n",
            "(X): y\r\n",
            "Range: bytes=0-\t1\r\n",
            "X Y: z\r\n",
        ] {
            check(&get("/", bad), 400);
        }
        check(&get("/", "X:\r\nY: \t\r\n!#$%&'*+-.^_`|~09: a \t b\r\n"), 200);
    }

    #[test]
    fn the_request_line_is_three_words() {
        for (line, status) in [
            ("GET / HTTP/1.1", 200),
            ("GET / HTTP/1.0", 200),
            ("GET / HTTP/0.9", 505),
            ("GET / HTTP/2.0", 505),
            ("PRI * HTTP/2.0", 505),
            ("GET / HTTP/1.2", 400),
            ("GET / HTTP/1.1 x", 400),
            ("GET / HTTP/1.1 ", 400),
            ("GET  / HTTP/1.1", 400),
            (" GET / HTTP/1.1", 400),
            ("GET\t/\tHTTP/1.1", 400),
            ("GET / http/1.1", 400),
            ("GET / HTTP/11", 400),
            ("GET /", 400),
            ("GET", 400),
            ("", 400),
            ("G(T / HTTP/1.1", 400),
            ("get / HTTP/1.1", 405),
            ("OPTIONS / HTTP/1.1", 200),
            ("OPTIONS * HTTP/1.1", 405),
            ("TRACE / HTTP/1.1", 405),
            ("DELETE / HTTP/1.1", 200),
        ] {
            check(&format!("{line}\r\nHost: nas\r\n\r\n"), status);
        }
    }

    #[test]
    fn each_limit_has_its_own_status() {
        check(&get("/", &format!("Range: {}\r\n", "y".repeat(FIELDS_LIMIT))), 431);
        check(&get("/", &format!("Cookie: {}\r\n", "y".repeat(FIELDS_LIMIT))), 200);
        for (length, status) in [("65536", 200), ("65537", 413), ("1000000000000", 413), ("18446744073709551616", 413)]
        {
            check(&get("/", &format!("Content-Length: {length}\r\n")), status);
        }
        check(&get("/", "Expect: coffee\r\n"), 417);
        check(&get("/", "Expect: 100-continue, coffee\r\n"), 417);
    }

    #[test]
    fn connection_close_is_recognized() {
        let close = |text: &str| head(text).unwrap().close;
        assert!(close("GET / HTTP/1.0\r\nHost: nas\r\n\r\n"));
        assert!(close(&get("/", "Connection: Close\r\n")));
        assert!(close(&get("/", "Connection: keep-alive\r\nConnection: HTTP2-Settings, Upgrade\r\n")));
        assert!(!close(&get("/", "Connection: keep-alive\r\n")));
    }

    #[test]
    fn bytes_that_cannot_form_a_head_are_refused_early() {
        for bad in ["\x16\x03\x01", "GET / HTTP/1.1\nHost", "GET / HTTP/1.1\r\r", "\r\nGET", "é", "GET /\0"] {
            assert!(end_of_head(bad.as_bytes(), 0).is_err(), "{bad:?}");
        }
        for whole in ["GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n\r", "G", ""] {
            assert_eq!(end_of_head(whole.as_bytes(), 0), Ok(None), "{whole:?}");
        }
    }

    proptest! {
        #[test]
        fn every_accepted_head_has_a_plain_path_and_bounded_body(target in "[!-~]{0,40}", length in ".{0,8}") {
            if let Ok(head) = head(&get(&target, &format!("Content-Length: {length}\r\n"))) {
                prop_assert!(head.path.starts_with('/') && head.path.is_ascii());
                prop_assert!(!head.path.contains(['%', '\\', '\0', '?', '#']));
                prop_assert!(!head.path.split('/').any(|element| element == ".."));
                prop_assert!(head.body_length <= BODY_LIMIT);
            }
        }

        /// The end of the head does not depend on how the bytes are cut.
        #[test]
        fn the_end_of_a_head_is_found_however_it_is_split(text in "([a\r\n \t:]|\r\n){0,24}", at in 0usize..24) {
            let bytes = text.as_bytes();
            let at = at.min(bytes.len());
            let in_pieces = match end_of_head(&bytes[..at], 0) {
                Ok(None) => end_of_head(bytes, at),
                decided => decided,
            };
            prop_assert_eq!(in_pieces, end_of_head(bytes, 0));
        }
    }
}
