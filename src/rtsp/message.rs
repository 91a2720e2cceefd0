//! Writes and parses one RTSP message (RFC 2326 §4, §6, §7). Cameras' messages are parsed as far as they make sense.
//!
//! Tolerated: lines that end in LF alone, status lines without a reason, header names in any case, continued lines,
//! lines without a colon, Latin-1, NULs. Values are kept as bytes, since a Digest is computed over the original ones.

use std::fmt;

/// The methods that this client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks which methods the camera supports.
    Options,
    /// Asks for the description of the stream (SDP).
    Describe,
    /// Opens one track's channels.
    Setup,
    /// Starts the stream.
    Play,
    /// An empty request that keeps the session alive.
    GetParameter,
    /// Ends the session.
    Teardown,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Options => "OPTIONS",
            Self::Describe => "DESCRIBE",
            Self::Setup => "SETUP",
            Self::Play => "PLAY",
            Self::GetParameter => "GET_PARAMETER",
            Self::Teardown => "TEARDOWN",
        })
    }
}

/// Appends a request to `out`. Header values are written unchanged, so the caller guarantees that they contain no line
/// ends. Every value that this module parses satisfies that.
pub fn write_request(out: &mut Vec<u8>, method: Method, url: &str, cseq: u32, headers: &[(&str, Vec<u8>)]) {
    // `CSeq` in exactly this case, and a User-Agent: some cameras insist on one or the other.
    let head =
        format!("{method} {url} RTSP/1.0\r\nCSeq: {cseq}\r\nUser-Agent: Platecast/{}\r\n", env!("CARGO_PKG_VERSION"));
    out.extend_from_slice(head.as_bytes());
    for (name, value) in headers {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Writes a reply without a body to a camera's request.
pub fn write_reply(out: &mut Vec<u8>, status: &str, cseq: Option<u32>) {
    out.extend_from_slice(format!("RTSP/1.0 {status}\r\n").as_bytes());
    if let Some(cseq) = cseq {
        out.extend_from_slice(format!("CSeq: {cseq}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The camera's answer to a request.
    Response(Response),
    /// A request of the camera.
    Request(Request),
}

/// A response of the camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, with at most three digits.
    pub status: u16,
    /// The header lines.
    pub headers: Headers,
    /// The body, with as many bytes as Content-Length says.
    pub body: Vec<u8>,
}

/// A request of the camera; its body is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method in upper case, as received.
    pub method: String,
    /// The header lines.
    pub headers: Headers,
}

impl Message {
    /// Parses a head, with or without its empty line. Returns `None` if its first line is not RTSP.
    pub fn parse(head: &[u8]) -> Option<Self> {
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = text(clean(lines.next()?));
        let headers = Headers::parse(lines);
        let mut words = first.split_ascii_whitespace();
        let start = words.next()?;
        if start.starts_with("RTSP/") {
            let status = words.next()?.parse().ok().filter(|status| (100..1000).contains(status))?;
            return Some(Self::Response(Response { status, headers, body: Vec::new() }));
        }
        words.last()?.starts_with("RTSP/").then(|| Self::Request(Request { method: start.to_owned(), headers }))
    }

    /// Returns the headers of either kind.
    pub fn headers(&self) -> &Headers {
        match self {
            Self::Response(response) => &response.headers,
            Self::Request(request) => &request.headers,
        }
    }
}

/// Header lines in their order. Values hold no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        for line in lines {
            let continued = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            let line = clean(line);
            if continued {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
            } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
                let (name, value) = line.split_at(colon);
                let value = value.get(1..).unwrap_or_default().trim_ascii();
                headers.push((text(name.trim_ascii()), value.to_vec()));
            }
        }
        Self(headers)
    }

    /// Returns every value of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Returns the first value of this name, decoded as Latin-1.
    pub fn text(&self, name: &str) -> Option<String> {
        self.all(name).next().map(text)
    }

    /// Returns the number in a header of digits only. A number too large for the type becomes the largest one.
    pub fn number(&self, name: &str) -> Option<u32> {
        let digits = self.text(name)?;
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().unwrap_or(u32::MAX))
    }
}

/// Returns the line without control characters (a tab becomes a space), so that nothing sent back can contain a line
/// end.
fn clean(line: &[u8]) -> Vec<u8> {
    let spaced = line.iter().map(|byte| if *byte == b'\t' { b' ' } else { *byte });
    spaced.filter(|byte| !byte.is_ascii_control()).collect()
}

/// Decodes Latin-1: every byte is a character, so nothing is lost and nothing fails.
pub fn text(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(head: &[u8]) -> Response {
        match Message::parse(head) {
            Some(Message::Response(response)) => response,
            other => panic!("{other:?} is no response"),
        }
    }

    #[test]
    fn a_request_is_written_with_its_headers_in_order() {
        let mut out = b"earlier".to_vec();
        write_request(
            &mut out,
            Method::Setup,
            "rtsps://h:322/a",
            4,
            &[("Session", b"AB".into()), ("Realm", b"\xe9".into())],
        );
        let expected = b"earlierSETUP rtsps://h:322/a RTSP/1.0\r\nCSeq: 4\r\nUser-Agent: Platecast/0.1.0\r\n\
            Session: AB\r\nRealm: \xe9\r\n\r\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn a_status_line_is_read_with_and_without_a_reason() {
        for (line, status) in [
            ("RTSP/1.0 200 OK", Some(200)),
            ("RTSP/1.0 200", Some(200)),
            ("RTSP/1.0 200 ", Some(200)),
            ("RTSP/1.0  454  Session Not Found", Some(454)),
            ("RTSP/1.0 OK", None),
            ("RTSP/1.0 99", None),
            ("RTSP/1.0 70000", None),
            ("RTSP/1.0", None),
            ("", None),
        ] {
            let read = Message::parse(line.as_bytes());
            assert_eq!(
                read.map(|message| match message {
                    Message::Response(response) => response.status,
                    Message::Request(_) => 0,
                }),
                status,
                "{line}"
            );
        }
    }

    #[test]
    fn headers_are_read_as_cameras_write_them() {
        let read = response(
            b"RTSP/1.0 200 OK\ncseq:3\r\nno colon here\r\nCONTENT-base :  rtsp://h/\xe9 \r\nSession: a\0b\rc\r\n\
              WWW-Authenticate: Basic\r\nwww-authenticate: Digest\r\n\trealm=\"x\"\r\nEmpty:\n\r\n",
        );
        assert_eq!(read.headers.number("CSeq"), Some(3));
        assert_eq!(read.headers.text("Content-Base").as_deref(), Some("rtsp://h/\u{e9}"));
        assert_eq!(read.headers.text("session").as_deref(), Some("abc"));
        assert_eq!(read.headers.text("empty").as_deref(), Some(""));
        let challenges: Vec<_> = read.headers.all("WWW-Authenticate").collect();
        assert_eq!(challenges, [&b"Basic"[..], b"Digest realm=\"x\""]);
    }

    #[test]
    fn a_number_is_digits_only_and_saturates() {
        for (value, number) in [
            ("7", Some(7)),
            ("99999999999999999999", Some(u32::MAX)),
            ("", None),
            ("-1", None),
            ("7 ", Some(7)),
            ("0x7", None),
        ] {
            let head = format!("RTSP/1.0 200 OK\r\nContent-Length: {value}\r\n\r\n");
            assert_eq!(response(head.as_bytes()).headers.number("content-length"), number, "{value:?}");
        }
    }

    #[test]
    fn a_request_of_the_camera_differs_from_an_answer() {
        let Some(Message::Request(request)) = Message::parse(b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n") else {
            panic!("no request");
        };
        assert_eq!((request.method.as_str(), request.headers.number("CSeq")), ("OPTIONS", Some(9)));
        assert_eq!(Message::parse(b"GET / HTTP/1.1\r\n\r\n"), None);
    }
}
