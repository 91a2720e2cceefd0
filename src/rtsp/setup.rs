//! Parses what a SETUP reply grants: the channels of the interleaved frames (RFC 2326 §12.39), and the session with its
//! timeout (§12.37).

use std::time::Duration;

/// The channels that we request, and assume if a reply names none.
pub const ASKED: Channels = Channels { rtp: 0, rtcp: Some(1) };

/// How long a session lasts without a keep-alive request if its reply does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Longer session ids are refused; no camera uses them.
const ID_BYTES: usize = 256;

/// The channels of RTP and RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// The RTP channel. In practice only the camera sends on it.
    pub rtp: u8,
    /// The RTCP channel, in both directions. `None` if RTP has the last channel.
    pub rtcp: Option<u8>,
}

/// The session and timeout in a reply's Session header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The session id, which is sent back unchanged.
    pub id: String,
    /// How long the camera waits for a keep-alive request.
    pub timeout: Duration,
}

/// Returns the channels of a Transport reply, or `None` if the camera chose UDP after all.
///
/// Seen: other channels than requested, one channel only, `RTP/AVP` without `/TCP` (Escam Q6), spaces around
/// parameters, no `interleaved` at all.
pub fn channels(transport: Option<&str>) -> Option<Channels> {
    // Only one transport was requested, so only the first of a list can be the answer.
    let Some(answer) = transport.and_then(|all| all.split(',').next()) else { return Some(ASKED) };
    let mut udp = false;
    for parameter in answer.split(';') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "interleaved" => return Some(interleaved(value).unwrap_or(ASKED)),
            "server_port" => udp = true,
            _ => {}
        }
    }
    (!udp).then_some(ASKED)
}

fn interleaved(value: &str) -> Option<Channels> {
    let (rtp, rtcp) = value.split_once('-').map_or((value, None), |(rtp, rtcp)| (rtp, Some(rtcp)));
    let rtp: u8 = rtp.trim().parse().ok()?;
    let rtcp = rtcp.and_then(|channel| channel.trim().parse().ok()).or(rtp.checked_add(1));
    Some(Channels { rtp, rtcp: rtcp.filter(|channel| *channel != rtp) })
}

/// Returns the id and timeout of a Session header, or `None` if it has no usable id.
pub fn grant(session: &str) -> Option<Grant> {
    let mut parts = session.split(';').map(str::trim);
    let id = parts.next().filter(|id| !id.is_empty() && id.len() <= ID_BYTES)?;
    let timeout = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("timeout"))
        .and_then(|(_, seconds)| seconds.trim().parse::<u32>().ok())
        .filter(|seconds| *seconds > 0)
        .map_or(DEFAULT_TIMEOUT, |seconds| Duration::from_secs(seconds.into()));
    Some(Grant { id: id.to_owned(), timeout })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_reply_is_read_as_cameras_write_it() {
        let pair = |rtp, rtcp| Some(Channels { rtp, rtcp });
        for (reply, granted) in [
            (Some("RTP/AVP/TCP;unicast;destination=10.0.0.2;source=10.0.0.9;interleaved=0-1"), pair(0, Some(1))),
            (Some("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2B"), pair(2, Some(3))),
            (Some("RTP/AVP;ssrc= 4ACE ; unicast; Interleaved = 4 - 5"), pair(4, Some(5))),
            (Some("RTP/AVP/TCP;interleaved=6"), pair(6, Some(7))),
            (Some("RTP/AVP/TCP;interleaved=255"), pair(255, None)),
            (Some("RTP/AVP/TCP;interleaved=3-3"), pair(3, None)),
            (Some("RTP/AVP/TCP;interleaved=300-301"), pair(0, Some(1))),
            (Some("RTP/AVP/TCP;interleaved=8-9,RTP/AVP/TCP;interleaved=0-1"), pair(8, Some(9))),
            (Some("RTP/AVP/TCP;unicast"), pair(0, Some(1))),
            (Some(""), pair(0, Some(1))),
            (None, pair(0, Some(1))),
            (Some("RTP/AVP;unicast;client_port=0-1;server_port=6970-6971"), None),
        ] {
            assert_eq!(channels(reply), granted, "{reply:?}");
        }
    }

    #[test]
    fn a_session_header_is_an_id_with_or_without_a_timeout() {
        for (header, id, seconds) in [
            ("10751B47;timeout=10", "10751B47", 10),
            ("4BC257A9;timeout=65", "4BC257A9", 65),
            ("abc", "abc", 60),
            (" abc ; Timeout = 55 ; x", "abc", 55),
            ("abc;timeout=0", "abc", 60),
            ("abc;timeout=soon", "abc", 60),
            ("abc;timeout=99999999999", "abc", 60),
        ] {
            assert_eq!(
                grant(header),
                Some(Grant { id: id.to_owned(), timeout: Duration::from_secs(seconds) }),
                "{header}"
            );
        }
        for header in ["", " ;timeout=10", &"x".repeat(257)] {
            assert_eq!(grant(header), None, "{header}");
        }
    }
}
