//! The parsers of single header values, for `fuzz/checks`, which is outside of the crate.

use super::auth::{Attempt, Authenticator};
use super::message::{Message, Method};
use super::{base64, setup, target};
use crate::base::secret::Secret;
use std::time::Duration;

/// Returns the answers to the `WWW-Authenticate` values in `bytes`: one value per line, each in a refusal of its own.
pub fn logins(bytes: &[u8], password: &str, tls: bool) -> Vec<Vec<u8>> {
    let mut authenticator = Authenticator::new("bblp", Secret::new(password), tls, 1);
    let mut answers = Vec::new();
    for value in bytes.split(|byte| *byte == b'\n').take(8) {
        let head = [b"RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: ", value, b"\r\n"].concat();
        let Some(message) = Message::parse(&head) else { continue };
        let attempt = Attempt { authorized: !answers.is_empty(), again: false };
        if authenticator.challenged(message.headers(), attempt).is_ok() {
            answers.extend(authenticator.authorization(Method::Describe, "rtsps://192.168.1.9:322/streaming/live/1"));
        }
    }
    answers
}

/// Returns the method of a request (empty for a response) and the values of some of its headers.
pub fn message(head: &[u8]) -> Option<(String, Vec<Vec<u8>>)> {
    let message = Message::parse(head)?;
    let names = ["CSeq", "Session", "Transport", "Content-Base", "Location", "WWW-Authenticate", "Public"];
    let values = names.iter().flat_map(|name| message.headers().all(name).map(<[u8]>::to_vec)).collect();
    let _ = message.headers().number("Content-Length");
    Some((if let Message::Request(request) = &message { request.method.clone() } else { String::new() }, values))
}

/// See [`setup::channels`].
pub fn channels(transport: &str) -> Option<(u8, Option<u8>)> {
    setup::channels(Some(transport)).map(|channels| (channels.rtp, channels.rtcp))
}

/// See [`setup::grant`].
pub fn grant(session: &str) -> Option<(String, Duration)> {
    setup::grant(session).map(|grant| (grant.id, grant.timeout))
}

/// See [`target::path_of`].
pub fn path_of(address: &str) -> Option<String> {
    target::path_of(address)
}

/// See [`target::track_path`].
pub fn track_path(base: &str, control: Option<&str>) -> String {
    target::track_path(base, control)
}

/// See [`base64::decode`].
pub fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    base64::decode(text)
}

/// See [`base64::encode`].
pub fn base64_encoded(bytes: &[u8]) -> String {
    base64::encode(bytes)
}
