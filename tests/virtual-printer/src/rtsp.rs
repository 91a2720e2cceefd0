//! RTSP 1.0 (RFC 2326) as live555's server reads and writes it: no state, no sockets.

use crate::clock;
use std::fmt::Write;
use std::time::Duration;

/// live555's request buffer; a longer request ends the connection.
const REQUEST_BYTES: usize = 20_000;

/// The only stream a printer has.
pub(crate) const PATH: &str = "/streaming/live/1";

pub(crate) const METHODS: &str = "OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER";

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Request(Request),
    /// An interleaved frame's content: RTCP, for nothing else comes from a viewer.
    Interleaved(Vec<u8>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) uri: String,
    headers: Vec<(String, String)>,
}

/// Too long, or no RTSP.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Takes the next whole message off `inbox`; `None` where it is not there yet.
pub(crate) fn take(inbox: &mut Vec<u8>) -> Result<Option<Incoming>, Malformed> {
    if inbox.first() == Some(&b'$') {
        let Some(&[_, _, high, low]) = inbox.first_chunk::<4>() else { return Ok(None) };
        let end = 4 + usize::from(u16::from_be_bytes([high, low]));
        if inbox.len() < end {
            return Ok(None);
        }
        return Ok(Some(Incoming::Interleaved(inbox.drain(..end).skip(4).collect())));
    }
    let Some(head) = inbox.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return if inbox.len() > REQUEST_BYTES { Err(Malformed) } else { Ok(None) };
    };
    let request = parse(&String::from_utf8_lossy(&inbox[..head])).ok_or(Malformed)?;
    let body: usize = request.header("Content-Length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let end = head.saturating_add(4).saturating_add(body);
    if end > REQUEST_BYTES {
        return Err(Malformed);
    }
    if inbox.len() < end {
        return Ok(None);
    }
    inbox.drain(..end);
    Ok(Some(Incoming::Request(request)))
}

fn parse(head: &str) -> Option<Request> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, uri, version) = (words.next()?, words.next()?, words.next()?);
    if version != "RTSP/1.0" || words.next().is_some() {
        return None;
    }
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Request { method: method.to_owned(), uri: uri.to_owned(), headers })
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The URI's path, its trailing slash removed.
    pub(crate) fn path(&self) -> &str {
        let rest = self.uri.split_once("://").map_or(self.uri.as_str(), |(_, rest)| rest);
        let path = rest.find('/').map_or("", |slash| &rest[slash..]);
        path.strip_suffix('/').unwrap_or(path)
    }

    /// The channel pair asked for, where the transport is RTP over this connection.
    pub(crate) fn interleaved(&self) -> Option<(u8, u8)> {
        let transport = self.header("Transport")?;
        if !transport.split([';', ',']).any(|field| field.trim() == "RTP/AVP/TCP") {
            return None;
        }
        let Some(pair) = transport.split(';').find_map(|field| field.trim().strip_prefix("interleaved=")) else {
            return Some((0, 1));
        };
        let (rtp, rtcp) = pair.split_once('-')?;
        Some((rtp.parse().ok()?, rtcp.parse().ok()?))
    }
}

/// The answer to what is no request.
pub(crate) fn bad_request(now: Duration) -> Vec<u8> {
    format!("RTSP/1.0 400 Bad Request\r\nDate: {}\r\nAllow: {METHODS}\r\n\r\n", clock::date_header(now)).into_bytes()
}

/// An answer in the making; live555 writes the headers in this order.
pub(crate) struct Answer(String);

impl Answer {
    pub(crate) fn new(status: &str, request: &Request, now: Duration) -> Self {
        let cseq = request.header("CSeq").unwrap_or_default();
        Self(format!("RTSP/1.0 {status}\r\nCSeq: {cseq}\r\nDate: {}\r\n", clock::date_header(now)))
    }

    pub(crate) fn header(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{name}: {value}\r\n");
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        (self.0 + "\r\n").into_bytes()
    }

    pub(crate) fn with_body(self, body: &str) -> Vec<u8> {
        let head = self.header("Content-Length", body.len());
        (head.0 + "\r\n" + body).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Request {
        match take(&mut text.as_bytes().to_vec()) {
            Ok(Some(Incoming::Request(request))) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_and_interleaved_frames_come_in_any_order_and_in_pieces() {
        let wire =
            b"$\x01\x00\x02abOPTIONS rtsps://p/1 RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nxy$\x01\x00\x00";
        let mut inbox = Vec::new();
        let mut taken = Vec::new();
        for byte in wire {
            inbox.push(*byte);
            if let Some(incoming) = take(&mut inbox).unwrap() {
                taken.push(matches!(incoming, Incoming::Request(_)));
            }
        }
        assert_eq!(taken, [false, true, false]);
        assert!(inbox.is_empty());
    }

    #[test]
    fn bytes_that_are_no_rtsp_end_the_connection() {
        for text in ["GET / HTTP/1.1\r\n\r\n", "OPTIONS\r\n\r\n", "PLAY a RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n"]
        {
            assert_eq!(take(&mut text.as_bytes().to_vec()), Err(Malformed));
        }
        assert_eq!(take(&mut vec![b'x'; REQUEST_BYTES + 1]), Err(Malformed));
    }

    #[test]
    fn the_path_is_what_follows_the_host() {
        for (uri, path) in [
            ("rtsps://127.0.0.1:322/streaming/live/1", "/streaming/live/1"),
            ("rtsps://127.0.0.1/streaming/live/1/", "/streaming/live/1"),
            ("rtsps://127.0.0.1/streaming/live/1/track1", "/streaming/live/1/track1"),
            ("rtsps://127.0.0.1", ""),
            ("*", ""),
        ] {
            assert_eq!(request(&format!("PLAY {uri} RTSP/1.0\r\n\r\n")).path(), path);
        }
    }

    #[test]
    fn only_interleaved_transport_is_understood() {
        for (transport, channels) in [
            ("RTP/AVP/TCP;unicast;interleaved=0-1", Some((0, 1))),
            ("RTP/AVP/TCP;unicast;interleaved=4-5", Some((4, 5))),
            ("RTP/AVP/TCP;unicast", Some((0, 1))),
            ("RTP/AVP;unicast;client_port=5000-5001", None),
            ("RTP/AVP/TCP;interleaved=300-301", None),
        ] {
            let request = request(&format!("SETUP x RTSP/1.0\r\ntransport: {transport}\r\n\r\n"));
            assert_eq!(request.interleaved(), channels, "{transport}");
        }
    }
}
