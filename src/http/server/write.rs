//! Writes an answer to a socket (RFC 9112 §4, §6): the head and a small body in one write, a large body as whole slices
//! without a copy.

use super::listen::WRITE_WITHIN;
use crate::base::clock;
use crate::http::Reply;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::borrow::Cow;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// A body of up to this size is copied after its head: one write, and one or few packets.
const SMALL_BODY: usize = 16 * 1024;

/// A head is rarely longer than this.
const HEAD_BYTES: usize = 1024;

/// A head rarely has more fields than this.
const FIELDS_AT_MOST: usize = 16;

/// A viewer must read this much in each [`WRITE_WITHIN`], or it is disconnected.
const LEAST_PROGRESS: usize = 64 * 1024;

/// Fields of every answer: content types are binding, addresses stay here, and other sites get nothing (Fetch §3.7).
const ALWAYS: &[(&str, &str)] = &[
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
];

/// The policy of documents. hls.js runs its worker from a `blob:` and feeds the video element from one. React sets
/// styles through the object model, which needs no `'unsafe-inline'`. Trusted Types would forbid the worker.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors ";

/// Further fields of documents. The site decides who may frame them.
const ON_PAGES: &[(&str, &str)] = &[
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
];

/// The policy of all other answers, in case a browser treats one as a document.
const DATA_POLICY: &[(&str, &str)] =
    &[("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("X-Frame-Options", "DENY")];

/// Returns the policy of a document that these origins may frame.
pub fn page_policy(frame_ancestors: &str) -> String {
    [PAGE_POLICY, frame_ancestors].concat()
}

/// How the answer ends.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// Whether it answers a HEAD: with the length of the body, but without the body.
    pub head_only: bool,
    /// Whether the connection is closed after it.
    pub close: bool,
}

/// Writes an answer whole.
///
/// # Errors
/// If the viewer is gone or reads too little.
pub fn reply(out: &mut dyn Write, reply: &Reply, ending: Ending, unix_ms: i64) -> io::Result<()> {
    let length = reply.body.len();
    let mut head = head(reply, Some(length).filter(|_| has_length(reply.status)), ending.close, unix_ms);
    let pieces = if ending.head_only { Vec::new() } else { reply.body.pieces() };
    let mut patience = Patience::new();
    if length <= SMALL_BODY {
        pieces.iter().for_each(|piece| head.extend_from_slice(piece));
        patience.write(out, &head)?;
    } else {
        patience.write(out, &head)?;
        for piece in pieces {
            patience.write(out, piece)?;
        }
    }
    out.flush()
}

/// Returns the head of a stream of server-sent events.
pub fn events() -> Reply {
    Reply { headers: vec![("Content-Type", "text/event-stream".to_owned())], ..Reply::empty(200) }
}

/// Writes the head of a stream, which ends with its connection.
///
/// # Errors
/// See [`reply`].
pub fn stream_head(out: &mut dyn Write, mut reply: Reply, unix_ms: i64) -> io::Result<()> {
    // With `no-transform`, because a compressing middlebox would hold the pieces back; nginx uses the other field.
    reply.headers.push(("Cache-Control", "no-store, no-transform".to_owned()));
    reply.headers.push(("X-Accel-Buffering", "no".to_owned()));
    Patience::new().write(out, &head(&reply, None, true, unix_ms))?;
    out.flush()
}

/// Writes a piece of a stream at once.
///
/// # Errors
/// See [`reply`].
pub fn piece(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    Patience::new().write(out, bytes)?;
    out.flush()
}

/// Returns the header fields of an answer, except those for its length and the connection's end.
pub fn fields(reply: &Reply, unix_ms: i64) -> Vec<(&'static str, Cow<'_, str>)> {
    let own = |name: &str| reply.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
    let is_page = own("Content-Type").is_some_and(|(_, kind)| kind.starts_with("text/html"));
    let policy = match reply.status {
        // RFC 9111 §4.3.4: its fields replace those that the browser has stored, and the page's own policy must stay.
        304 => &[][..],
        _ if is_page => ON_PAGES,
        _ => DATA_POLICY,
    };
    let mut fields: Vec<(&'static str, Cow<'_, str>)> = Vec::with_capacity(FIELDS_AT_MOST);
    fields.push(("Date", http_date(unix_ms).into()));
    fields.extend(reply.headers.iter().map(|(name, value)| (*name, value.as_str().into())));
    if own("Cache-Control").is_none() {
        fields.push(("Cache-Control", "no-store".into()));
    }
    let missing = ALWAYS.iter().chain(policy).filter(|(name, _)| own(name).is_none());
    fields.extend(missing.map(|(name, value)| (*name, Cow::from(*value))));
    if is_page && reply.status != 304 && own("Content-Security-Policy").is_none() {
        fields.push(("Content-Security-Policy", page_policy("'none'").into()));
        fields.push(("X-Frame-Options", "DENY".into()));
    }
    fields
}

fn head(reply: &Reply, length: Option<usize>, close: bool, unix_ms: i64) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD_BYTES + length.filter(|length| *length <= SMALL_BODY).unwrap_or(0));
    let mut put = |parts: &[&str]| parts.iter().for_each(|part| head.extend_from_slice(part.as_bytes()));
    put(&["HTTP/1.1 ", &reply.status.to_string(), " ", reason(reply.status), "\r\n"]);
    for (name, value) in fields(reply, unix_ms) {
        put(&[name, ": ", &value, "\r\n"]);
    }
    if let Some(length) = length {
        put(&["Content-Length: ", &length.to_string(), "\r\n"]);
    }
    if close {
        put(&["Connection: close\r\n"]);
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// RFC 9110 §8.6: 1xx and 204 have no Content-Length; that of a 304 would have to be that of the 200.
fn has_length(status: u16) -> bool {
    !matches!(status, 100..=199 | 204 | 304)
}

/// Formats a date (RFC 9110 §5.6.7).
fn http_date(unix_ms: i64) -> String {
    let stamp = Timestamp::from_millisecond(unix_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    DateTimePrinter::new().timestamp_to_rfc9110_string(&stamp).unwrap_or_default()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        206 => "Partial Content",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

/// Measures how much a viewer reads in how much time. SO_SNDTIMEO ends a write that makes no progress at all; this ends
/// one that makes too little.
struct Patience {
    started: Instant,
    written: usize,
}

impl Patience {
    fn new() -> Self {
        Self { started: clock::now(), written: 0 }
    }

    fn write(&mut self, out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    self.written += n;
                    rest = rest.get(n..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if !rest.is_empty() && clock::now().duration_since(self.started) > allowed_for(self.written) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }
}

fn allowed_for(written: usize) -> Duration {
    WRITE_WITHIN.saturating_mul(u32::try_from(1 + written / LEAST_PROGRESS).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hls::Slice;
    use crate::http::Body;
    use std::sync::Arc;

    /// Counts writes, and accepts at most `at_once` bytes in each.
    struct Socket {
        at_once: usize,
        writes: usize,
        bytes: Vec<u8>,
    }

    impl Write for Socket {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.at_once);
            self.bytes.extend_from_slice(&bytes[..n]);
            self.writes += 1;
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(answer: &Reply, ending: Ending, at_once: usize) -> (String, usize) {
        let mut socket = Socket { at_once, writes: 0, bytes: Vec::new() };
        reply(&mut socket, answer, ending, 784_111_777_000).unwrap();
        (String::from_utf8(socket.bytes).unwrap(), socket.writes)
    }

    const KEEP: Ending = Ending { head_only: false, close: false };

    #[test]
    fn a_small_answer_is_one_write_and_has_every_field() {
        let answer = Reply::json(200, &1);
        let (text, writes) = written(&answer, KEEP, usize::MAX);
        assert_eq!(writes, 1);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), "{text}");
        for field in ["Content-Type: application/json", "Cache-Control: no-store", "Content-Length: 1"] {
            assert!(text.contains(&format!("{field}\r\n")), "{field} in {text}");
        }
        assert!(!text.contains("Connection:") && text.ends_with("\r\n\r\n1"), "{text}");
    }

    #[test]
    fn a_large_answer_is_not_copied_and_survives_short_writes() {
        let bytes: Arc<[u8]> = vec![b'x'; 40_000].into();
        let slices = [0..10_000, 10_000..40_000].map(|range| Slice { bytes: Arc::clone(&bytes), range });
        let answer = Reply { status: 206, headers: Vec::new(), body: Body::Slices(slices.to_vec()) };
        let (text, writes) = written(&answer, KEEP, usize::MAX);
        assert_eq!(writes, 3);
        assert_eq!(text.split_once("\r\n\r\n").unwrap().1.len(), 40_000);
        assert_eq!(written(&answer, KEEP, 7).0, text);
    }

    #[test]
    fn a_head_request_gets_the_length_only_and_204_gets_none() {
        let (text, _) = written(&Reply::json(200, &"four"), Ending { head_only: true, close: true }, usize::MAX);
        assert!(text.contains("Content-Length: 6\r\n") && text.ends_with("Connection: close\r\n\r\n"), "{text}");
        assert!(!written(&Reply::empty(204), KEEP, usize::MAX).0.contains("Content-Length"));
    }

    #[test]
    fn pages_get_the_page_policy_and_data_the_strictest() {
        let mut page = Reply::empty(200);
        page.headers.push(("Content-Type", "text/html; charset=utf-8".to_owned()));
        let policy = |reply: &Reply| {
            let fields = fields(reply, 0);
            fields.into_iter().find(|(name, _)| *name == "Content-Security-Policy").unwrap().1.into_owned()
        };
        assert!(policy(&page).contains("worker-src 'self' blob:"));
        assert_eq!(policy(&Reply::json(200, &1)), "default-src 'none'; frame-ancestors 'none'");
    }

    #[test]
    fn a_304_of_a_page_keeps_its_policy() {
        let unchanged = Reply::empty(304);
        assert!(fields(&unchanged, 0).iter().all(|(name, _)| *name != "Content-Security-Policy"));
    }

    #[test]
    fn a_slow_reader_has_ten_seconds_for_each_64_kib() {
        assert_eq!(allowed_for(0), Duration::from_secs(10));
        assert_eq!(allowed_for(128 * 1024), Duration::from_secs(30));
    }
}
