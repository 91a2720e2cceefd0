use super::*;
use crate::base::clock;
use crate::rtsp::sdp::tests::X1C;
use crate::rtsp::{FramingError, SdpError};
use proptest::prelude::*;
use std::error::Error;

const CODE: &str = "canary-12345678";

/// A session, the bytes that it last sent, and a clock that only the test advances.
struct Talk {
    session: Session,
    now: Instant,
    sent: String,
}

impl Talk {
    fn begin() -> Self {
        Self::with(Target::new(true, "192.168.1.9", 322, "/streaming/live/1"))
    }

    fn with(target: Target) -> Self {
        let now = clock::now();
        let mut talk =
            Self { session: Session::new(target, "bblp", Secret::new(CODE), 1, now), now, sent: String::new() };
        talk.sent = talk.output();
        talk
    }

    /// Returns a session that plays, by the short way: a camera that wants no login.
    fn playing(session_header: &str, public: &str) -> Self {
        let mut talk = Self::begin();
        for reply in [reply(1, 200, public), described(2, "", X1C), reply(3, 200, session_header), reply(4, 200, "")] {
            talk.hears(reply);
        }
        assert_eq!(talk.session.step(), Step::Playing);
        talk
    }

    /// Returns the events in the bytes in words, with an error as the last word. `sent` holds what is sent then.
    fn hears(&mut self, bytes: impl AsRef<[u8]>) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = bytes.as_ref();
        while !rest.is_empty() && self.session.output.len() < 100_000 {
            let space = self.session.space();
            let count = rest.len().min(space.len());
            space[..count].copy_from_slice(&rest[..count]);
            self.session.filled(count);
            rest = &rest[count..];
            words.extend(events(&mut self.session, self.now));
        }
        self.sent = self.output();
        words
    }

    /// Advances time in one step. Returns the error if something is overdue.
    fn waits(&mut self, seconds: f64) -> Option<RtspError> {
        self.now += Duration::from_secs_f64(seconds);
        let overdue = self.session.tick(self.now).err();
        self.sent = self.output();
        overdue
    }

    fn output(&mut self) -> String {
        self.session.output().map(|bytes| bytes.iter().map(|byte| char::from(*byte)).collect()).unwrap_or_default()
    }

    /// Returns the request lines that were sent, without the version.
    fn asked(&self) -> Vec<&str> {
        self.sent.lines().filter_map(|line| line.strip_suffix(" RTSP/1.0")).collect()
    }
}

fn events(session: &mut Session, now: Instant) -> Vec<String> {
    let mut words = Vec::new();
    loop {
        words.push(match session.next(now) {
            Ok(None) => return words,
            Ok(Some(Event::Described(video))) => {
                format!(
                    "described {} {:?}",
                    video.payload_type,
                    video.parameter_sets.iter().map(Vec::len).collect::<Vec<_>>()
                )
            }
            Ok(Some(Event::Playing)) => "playing".to_owned(),
            Ok(Some(Event::Rtp(packet))) => format!("rtp {}", packet.len()),
            Ok(Some(Event::Rtcp(packet))) => format!("rtcp {}", packet.len()),
            Err(error) => {
                words.push(error.to_string());
                return words;
            }
        });
    }
}

/// Builds a reply of the camera; `headers` are lines that end in CRLF, or nothing.
fn reply(cseq: u32, status: u16, headers: &str) -> Vec<u8> {
    let end = if headers.is_empty() || headers.ends_with("\r\n") { "" } else { "\r\n" };
    format!("RTSP/1.0 {status} Some Reason\r\nCSeq: {cseq}\r\n{headers}{end}\r\n").into_bytes()
}

fn described(cseq: u32, headers: &str, sdp: &str) -> Vec<u8> {
    let head = format!("{headers}Content-Type: application/sdp\r\nContent-Length: {}\r\n", sdp.len());
    [reply(cseq, 200, &head), sdp.as_bytes().to_vec()].concat()
}

fn frame(channel: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[b'$', channel, high, low], content].concat()
}

const LIVE555_CHALLENGE: &str =
    "WWW-Authenticate: Digest realm=\"LIVE555 Streaming Media\", nonce=\"0123456789abcdef0123456789abcdef\"\r\n";
const LIVE555_PUBLIC: &str = "Date: Thu, Aug 08 2024 03:04:55 GMT\r\n\
    Public: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER\r\n";

/// The replies of an X1C from OPTIONS to PLAY, with RTCP and RTP before the last reply.
fn live555_replies() -> [Vec<u8>; 5] {
    let early = [frame(1, b"\x80\xc8\0\x01abcd"), frame(0, &[0x80; 37])].concat();
    let setup = "Transport: RTP/AVP/TCP;unicast;destination=192.168.1.2;source=192.168.1.9;interleaved=0-1\r\n\
        Session: 10751B47;timeout=10\r\n";
    let play = "Range: npt=0.000-\r\nSession: 10751B47\r\n\
        RTP-Info: url=rtsps://192.168.1.9/streaming/live/1/track1;seq=1934;rtptime=2226408761\r\n";
    [
        reply(1, 200, LIVE555_PUBLIC),
        reply(2, 401, LIVE555_CHALLENGE),
        described(3, "Content-Base: rtsps://192.168.1.9/streaming/live/1/\r\n", X1C),
        reply(4, 200, setup),
        [early, reply(5, 200, play)].concat(),
    ]
}

#[test]
fn an_x1c_is_played_with_exactly_these_requests() {
    // The responses were computed with Python's hashlib.
    let mut talk = Talk::begin();
    let url = "rtsps://192.168.1.9:322/streaming/live/1";
    let request = |method: &str, url: &str, cseq: u32, response: &str, rest: &str| {
        let login = match response {
            "" => String::new(),
            _ => format!(
                "Authorization: Digest username=\"bblp\", realm=\"LIVE555 Streaming Media\", \
                 nonce=\"0123456789abcdef0123456789abcdef\", uri=\"{url}\", response=\"{response}\"\r\n"
            ),
        };
        format!("{method} {url} RTSP/1.0\r\nCSeq: {cseq}\r\nUser-Agent: Platecast/0.1.0\r\n{login}{rest}\r\n")
    };
    assert_eq!(talk.sent, request("OPTIONS", url, 1, "", ""));
    let [options, refused, sdp, setup, play] = live555_replies();
    assert_eq!(talk.hears(options), [""; 0]);
    assert_eq!(talk.sent, request("DESCRIBE", url, 2, "", "Accept: application/sdp\r\n"));
    assert_eq!(talk.hears(refused), [""; 0]);
    assert_eq!(
        talk.sent,
        request("DESCRIBE", url, 3, "cf899bf9c454dfddb89cf7a73bc20d47", "Accept: application/sdp\r\n")
    );
    assert_eq!(talk.hears(sdp), ["described 96 [25, 4]"]);
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
    assert_eq!(talk.sent, request("SETUP", &format!("{url}/track1"), 4, "8d315b4ce29a83ce83d04474e409d873", transport));
    assert_eq!(talk.hears(setup), [""; 0]);
    let play_headers = "Session: 10751B47\r\nRange: npt=0.000-\r\n";
    assert_eq!(talk.sent, request("PLAY", url, 5, "a2ad6c69e5b9d54495e1d8daafc4a516", play_headers));
    assert_eq!(talk.hears(play), ["rtcp 8", "rtp 37", "playing"]);
    assert_eq!(talk.sent, "");
    assert_eq!(talk.waits(3.3), None);
    assert_eq!(talk.sent, "");
    assert_eq!(talk.waits(0.1), None);
    assert_eq!(
        talk.sent,
        request("GET_PARAMETER", url, 6, "8f9a1daf758e0529a877b3ecf1ea5be5", "Session: 10751B47\r\n")
    );
    assert_eq!(talk.hears(b"RTSP/1.0 200 OK\r\nCSeq: 6\r\nContent-Length: 10\r\n\r\n2023.03.30"), [""; 0]);
    talk.session.teardown();
    assert_eq!(talk.output(), request("TEARDOWN", url, 7, "6b6489b3fddfebdd5f3daeeac4da542e", "Session: 10751B47\r\n"));
    assert_eq!(talk.session.step(), Step::Ended);
}

#[test]
fn gstreamer_is_played_through_its_wrong_scheme_and_missing_timeout() {
    let mut talk = Talk::with(Target::new(true, "127.0.0.1", 8322, "/streaming/live/1"));
    talk.hears(reply(1, 200, "Public: OPTIONS, DESCRIBE, ANNOUNCE, GET_PARAMETER, PAUSE, PLAY, RECORD, SETUP\r\n"));
    talk.hears(reply(
        2,
        401,
        "WWW-Authenticate: Digest realm=\"GStreamer RTSP Server\", nonce=\"0123456789abcdef\"\r\n",
    ));
    let sdp = "v=0\r\ns=Session streamed with GStreamer\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\n\
        a=rtpmap:96 H264/90000\r\na=framerate:30\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Zm9v,YmE=\r\n\
        a=control:stream=0\r\na=ts-refclk:local\r\n";
    let base = "Content-Base: rtsp://127.0.0.1:8322/streaming/live/1/\r\n";
    assert_eq!(talk.hears(described(3, base, sdp)), ["described 96 [3, 2]"]);
    assert_eq!(talk.asked(), ["SETUP rtsps://127.0.0.1:8322/streaming/live/1/stream=0"]);
    talk.hears(reply(4, 200, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1A2B3C4D\r\nSession: xyz-_.+1\r\n"));
    assert_eq!(talk.asked(), ["PLAY rtsps://127.0.0.1:8322/streaming/live/1"]);
    assert_eq!(talk.hears(reply(5, 200, "")), ["playing"]);
    // 60 s are assumed, so the printers' 4 s are shorter.
    talk.waits(4.0);
    assert_eq!(talk.asked(), ["GET_PARAMETER rtsps://127.0.0.1:8322/streaming/live/1"]);
    assert!(talk.sent.contains("\r\nSession: xyz-_.+1\r\n"), "{}", talk.sent);
}

#[test]
fn mediamtx_is_played_through_savp_and_its_quoted_algorithm() {
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, "Public: DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, TEARDOWN\r\n"));
    talk.hears(reply(2, 401, "WWW-Authenticate: Digest realm=\"ipcam\", nonce=\"ab\", algorithm=\"MD5\"\r\n"));
    assert!(talk.sent.contains(", algorithm=MD5\r\n"), "{}", talk.sent);
    let sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=No Name\r\nt=0 0\r\nm=video 0 RTP/SAVP 96\r\n\
        a=key-mgmt:mikey AQAFAA==\r\na=control:rtsps://192.168.1.9:322/streaming/live/1/trackID=0\r\n\
        a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1; profile-level-id=640028; sprop-parameter-sets=Zm9v\r\n";
    let base = "Content-Base: rtsps://192.168.1.9:322/streaming/live/1/\r\n";
    assert_eq!(talk.hears(described(3, base, sdp)), ["described 96 [3]"]);
    assert_eq!(talk.asked(), ["SETUP rtsps://192.168.1.9:322/streaming/live/1/trackID=0"]);
    talk.hears(reply(4, 200, "Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\nSession: 0123;timeout=55\r\n"));
    let first = [frame(0, b"not ours"), frame(2, &[0x80; 20]), frame(3, b"rtcp")].concat();
    assert_eq!(talk.hears([first, reply(5, 200, "")].concat()), ["rtp 20", "rtcp 4", "playing"]);
    talk.session.send_rtcp(b"report");
    assert_eq!(talk.output(), "$\u{3}\0\u{6}report");
}

#[test]
fn the_path_of_the_stream_and_its_track_stay_at_our_host() {
    let sdp =
        |control: &str| format!("a=control:*\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:{control}\n");
    for (situation, headers, sdp, track, stream) in [
        ("no base", "", sdp("track1"), "/streaming/live/1/track1", "/streaming/live/1"),
        ("another host in the base", "Content-Base: rtsps://10.9.9.9:1/live/\r\n", sdp("t"), "/live/t", "/live/"),
        ("a location only", "Content-Location: rtsps://h/live\r\n", sdp("t"), "/live/t", "/live"),
        ("base before location", "Content-Location: /b\r\ncontent-base: /a\r\n", sdp("t"), "/a/t", "/a"),
        ("an absolute track elsewhere", "", sdp("rtsp://evil.example/x/t"), "/x/t", "/streaming/live/1"),
        ("no track address", "", sdp("*"), "/streaming/live/1", "/streaming/live/1"),
        ("line ends in the address", "", sdp("t%0D\u{7f} x"), "/streaming/live/1/t%0D%7F%20x", "/streaming/live/1"),
        (
            "a session address of its own",
            "",
            sdp("t").replace("a=control:*", "a=control:rtsp://h/all"),
            "/streaming/live/1/t",
            "/all",
        ),
    ] {
        let mut talk = Talk::begin();
        talk.hears(reply(1, 200, ""));
        talk.hears(described(2, headers, &sdp));
        assert_eq!(talk.asked(), [format!("SETUP rtsps://192.168.1.9:322{track}")], "{situation}");
        talk.hears(reply(3, 200, ""));
        assert_eq!(talk.asked(), [format!("PLAY rtsps://192.168.1.9:322{stream}")], "{situation}");
    }
}

#[test]
fn two_refusals_mean_a_wrong_code_and_a_stale_nonce_does_not() {
    let challenge =
        |nonce: u32, stale: &str| format!("WWW-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\"{stale}\r\n");
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    talk.hears(reply(2, 401, &challenge(1, "")));
    assert_eq!(talk.hears(reply(3, 401, &challenge(2, ""))), [""; 0]);
    assert!(talk.sent.contains("nonce=\"2\""), "{}", talk.sent);
    assert_eq!(
        talk.hears(reply(4, 401, &challenge(3, ""))),
        ["the camera refused the user or the access code at DESCRIBE"]
    );
    assert_eq!(talk.sent, "", "no third try");

    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    talk.hears(reply(2, 401, &challenge(1, "")));
    talk.hears(described(3, "", X1C));
    assert_eq!(talk.hears(reply(4, 401, &challenge(1, ", stale=true"))), [""; 0]);
    assert_eq!(talk.asked().len(), 1);
    talk.hears(reply(5, 200, ""));
    assert_eq!(talk.hears(reply(6, 401, &challenge(9, ""))), [""; 0], "each request may be challenged anew");
    assert_eq!(talk.hears(reply(7, 200, "")), ["playing"]);
}

#[test]
fn each_answered_request_is_reported_once_with_status_and_time() {
    let mut talk = Talk::begin();
    talk.waits(0.25);
    talk.hears(reply(1, 404, ""));
    talk.hears([reply(1, 200, ""), reply(2, 401, LIVE555_CHALLENGE), described(3, "", X1C)].concat());
    let told = |talk: &mut Talk| talk.session.exchanges().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        told(&mut talk),
        [
            "OPTIONS (CSeq 1) is answered with 404 after 0.250 s",
            "DESCRIBE (CSeq 2) is answered with 401 after 0.000 s",
            "DESCRIBE (CSeq 3) is answered with 200 after 0.000 s",
        ]
    );
    assert_eq!(told(&mut talk), [""; 0]);

    let mut talk = Talk::playing("Session: 7", "Public: GET_PARAMETER");
    let _ = talk.session.exchanges();
    talk.waits(4.0);
    talk.hears([reply(5, 454, ""), reply(5, 200, ""), reply(5, 200, "")].concat());
    let exchanges = talk.session.exchanges();
    assert_eq!(exchanges.len(), 1, "a camera that repeats itself adds nothing");
    assert!(exchanges[0].while_playing && exchanges[0].status == 454, "{exchanges:?}");
}

#[test]
fn a_login_that_would_show_the_code_is_refused() {
    let mut talk = Talk::with(Target::new(false, "h", 554, "/"));
    talk.hears(reply(1, 200, ""));
    let heard = talk.hears(reply(2, 401, "WWW-Authenticate: Basic realm=\"r\"\r\n"));
    assert_eq!(heard, ["the camera asked at DESCRIBE for a login that is not spoken here, or for Basic outside TLS"]);
    assert_eq!(talk.sent, "");
}

#[test]
fn options_may_be_refused_and_may_ask_for_a_login() {
    for status in [400, 404, 405, 454, 500, 501] {
        let mut talk = Talk::begin();
        assert_eq!(talk.hears(reply(1, status, "")), [""; 0]);
        assert_eq!(talk.asked(), ["DESCRIBE rtsps://192.168.1.9:322/streaming/live/1"], "{status}");
    }
    let mut talk = Talk::begin();
    talk.hears(reply(1, 401, LIVE555_CHALLENGE));
    assert_eq!(talk.asked(), ["OPTIONS rtsps://192.168.1.9:322/streaming/live/1"]);
    assert!(talk.sent.contains("Authorization: Digest"), "{}", talk.sent);
}

#[test]
fn a_redirect_is_followed_once_and_only_to_our_own_host() {
    let at = |cseq, location: &str| reply(cseq, 302, &format!("Location: {location}\r\n"));
    let mut talk = Talk::begin();
    assert_eq!(talk.hears(at(1, "rtsps://192.168.1.9/other")), [""; 0]);
    assert_eq!(talk.asked(), ["OPTIONS rtsps://192.168.1.9:322/other"]);
    assert_eq!(talk.hears(at(2, "rtsps://192.168.1.9/third")), ["the camera redirects for the second time"]);
    for (situation, location, error) in [
        (
            "live555 asked with the wrong scheme",
            "rtsps://192.168.1.9/1",
            "the camera redirects to another scheme (rtsp instead of rtsps or the other way round)",
        ),
        ("another host", "rtsp://192.168.1.10:554/1", "the camera redirects to another host or port"),
        ("no address", "elsewhere", "the camera redirects to nowhere"),
    ] {
        let mut talk = Talk::with(Target::new(false, "192.168.1.9", 554, "/streaming/live/1"));
        assert_eq!(talk.hears(reply(1, 301, &format!("Location: {location}\r\n"))), [error], "{situation}");
        assert_eq!(talk.sent, "", "{situation}");
    }
    let mut talk = Talk::begin();
    assert_eq!(talk.hears(reply(1, 301, "")), ["the camera redirects to nowhere"]);
}

#[test]
fn an_answer_that_does_not_come_is_named_with_its_deadline() {
    let mut talk = Talk::begin();
    let replies = live555_replies();
    let steps = [("OPTIONS", 4.0), ("DESCRIBE", 10.0), ("DESCRIBE", 10.0), ("SETUP", 5.0), ("PLAY", 10.0)];
    for (reply, (step, seconds)) in replies.iter().zip(steps) {
        assert_eq!(talk.waits(seconds - 0.1), None, "{step}");
        // A camera that keeps sending other data has still not answered.
        talk.hears(frame(0, b"unasked"));
        let error = talk.session.tick(talk.now + Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.to_string(), format!("the camera did not answer {step} within {seconds} s"));
        talk.hears(reply);
    }
    let mut other = Talk::begin();
    other.hears("220 mail.example ESMTP\r\n");
    assert_eq!(
        other.waits(4.0).map(|error| error.to_string()).as_deref(),
        Some("the camera did not answer OPTIONS within 4 s (24 bytes came that were not RTSP)")
    );
    assert_eq!(talk.session.step(), Step::Playing);
    assert_eq!(talk.waits(1000.0), None, "whether RTP comes is for others to watch");
}

#[test]
fn keep_alives_are_sent_in_time_without_waiting_for_answers() {
    for (session, public, interval, method) in [
        ("Session: a;timeout=10", "Public: GET_PARAMETER", 10.0 / 3.0, "GET_PARAMETER"),
        ("Session: a;timeout=60", "Public: options,get_parameter", 4.0, "GET_PARAMETER"),
        ("Session: a;timeout=3", "Public: OPTIONS, PLAY", 1.0, "OPTIONS"),
        ("Session: a", "", 4.0, "OPTIONS"),
        ("X: y", "", 4.0, "OPTIONS"),
    ] {
        let mut talk = Talk::playing(session, public);
        for cseq in 5..10 {
            assert_eq!(talk.waits(interval - 0.01), None);
            assert_eq!(talk.asked(), [""; 0], "{session}");
            assert_eq!(talk.waits(0.01), None);
            assert_eq!(talk.asked(), [format!("{method} rtsps://192.168.1.9:322/streaming/live/1")], "{session}");
            talk.hears(reply(cseq, 200, ""));
        }
    }
}

#[test]
fn a_session_that_is_named_at_play_only_is_kept_alive_too() {
    let mut talk = Talk::begin();
    for reply in [reply(1, 200, ""), described(2, "", X1C), reply(3, 200, ""), reply(4, 200, "Session: late;timeout=6")]
    {
        talk.hears(reply);
    }
    talk.waits(2.0);
    assert!(talk.sent.contains("\r\nSession: late\r\n"), "{}", talk.sent);
}

#[test]
fn while_it_plays_a_camera_may_refuse_forget_or_challenge() {
    let playing = || {
        let mut talk = Talk::playing("Session: a;timeout=10", "Public: GET_PARAMETER");
        talk.waits(4.0);
        talk
    };
    // Advertised but not supported: the other kind is used from then on.
    let mut talk = playing();
    assert_eq!(talk.hears(reply(5, 501, "")), [""; 0]);
    talk.waits(4.0);
    assert_eq!(talk.asked(), ["OPTIONS rtsps://192.168.1.9:322/streaming/live/1"]);
    assert_eq!(talk.hears(reply(6, 501, "")), [""; 0]);

    // The session is forgotten, but the video continues.
    let mut talk = playing();
    for (cseq, session) in (5..=8).zip(["\r\nSession: a\r\n", "\r\nSession: a\r\n", "", "\r\nSession: a\r\n"]) {
        assert_eq!(talk.sent.contains("Session"), !session.is_empty(), "{}", talk.sent);
        assert!(talk.sent.contains(session), "{}", talk.sent);
        assert_eq!(talk.hears([reply(cseq, 454, ""), frame(0, b"\x80")].concat()), ["rtp 1"]);
        talk.waits(4.0);
    }

    let mut talk = playing();
    assert_eq!(talk.hears(reply(5, 401, LIVE555_CHALLENGE)), [""; 0]);
    assert!(talk.sent.starts_with("GET_PARAMETER ") && talk.sent.contains("Authorization: Digest"), "{}", talk.sent);
    assert_eq!(talk.hears(reply(6, 401, LIVE555_CHALLENGE)), [""; 0]);
    assert_eq!(talk.sent, "");
    talk.waits(4.0);
    assert!(talk.sent.starts_with("OPTIONS ") && !talk.sent.contains("Authorization"), "{}", talk.sent);
    assert_eq!(talk.hears(reply(7, 401, LIVE555_CHALLENGE)), [""; 0]);
    assert_eq!(talk.sent, "", "a refused login is not repeated");
    assert_eq!(talk.hears(frame(0, b"\x80")), ["rtp 1"], "and the picture stays");

    // One nonce for each request: the challenge is answered and the kind of request stays.
    let mut talk = playing();
    for cseq in [5, 7, 9] {
        talk.hears(reply(cseq, 401, &LIVE555_CHALLENGE.replace("cdef\"\r\n", &format!("{cseq:04}\", stale=true\r\n"))));
        assert!(
            talk.sent.starts_with("GET_PARAMETER ") && talk.sent.contains(&format!("{cseq:04}\"")),
            "{}",
            talk.sent
        );
        talk.hears(reply(cseq + 1, 200, ""));
        talk.waits(4.0);
    }

    // Late or repeated answers to earlier requests.
    let mut talk = playing();
    assert_eq!(talk.hears([reply(4, 454, ""), reply(2, 401, ""), reply(4, 200, "")].concat()), [""; 0]);
    assert_eq!(talk.hears(frame(0, b"\x80")), ["rtp 1"]);
}

#[test]
fn repeated_late_early_and_unnumbered_answers_do_no_harm() {
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    assert_eq!(talk.hears(reply(1, 200, "")), [""; 0], "twice");
    assert_eq!(talk.asked(), [""; 0]);
    assert_eq!(talk.hears(reply(2, 100, "")), [""; 0], "to be continued");
    talk.hears(format!("RTSP/1.0 401\r\n{LIVE555_CHALLENGE}\r\n"));
    assert!(talk.sent.contains("Authorization"), "a 401 without CSeq: {}", talk.sent);
    assert_eq!(talk.hears(reply(2, 401, LIVE555_CHALLENGE)), [""; 0], "the same 401 once more is no refusal");
    assert_eq!(talk.hears(described(0, "", X1C)), ["described 96 [25, 4]"], "a number that nobody asked with");
}

#[test]
fn a_refusal_is_described_by_step_and_status() {
    for status in [403, 404, 453, 500, 503] {
        let mut talk = Talk::begin();
        talk.hears(reply(1, 200, ""));
        let error = {
            let bytes = reply(2, status, "");
            talk.session.space()[..bytes.len()].copy_from_slice(&bytes);
            talk.session.filled(bytes.len());
            talk.session.next(talk.now).unwrap_err()
        };
        assert_eq!(error, RtspError::Status { step: Step::Describe, status });
    }
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    talk.hears(described(2, "", X1C));
    assert_eq!(
        talk.hears(reply(3, 200, "Transport: RTP/AVP;unicast;client_port=0-1;server_port=6970-6971\r\n")),
        ["the camera does not send interleaved over TCP"]
    );
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    assert_eq!(talk.hears(reply(2, 200, "")), ["the camera's description cannot be used"]);
}

#[test]
fn a_camera_may_send_requests_and_may_end_the_session() {
    let mut talk = Talk::playing("Session: a", "");
    let question = |method: &str| format!("{method} rtsps://us RTSP/1.0\r\nCSeq: 7\r\n\r\n");
    talk.hears(question("OPTIONS") + &question("ANNOUNCE"));
    assert_eq!(talk.sent, "RTSP/1.0 200 OK\r\nCSeq: 7\r\n\r\nRTSP/1.0 501 Not Implemented\r\nCSeq: 7\r\n\r\n");
    assert_eq!(talk.hears(question("TEARDOWN")), ["the camera ended the session with TEARDOWN"]);
    let mut talk = Talk::playing("Session: a", "");
    assert_eq!(talk.hears(question("REDIRECT")), ["the camera ended the session with REDIRECT"]);
}

#[test]
fn unsent_messages_are_bounded() {
    let mut talk = Talk::playing("Session: a", "");
    let questions = b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n".repeat(90);
    for _ in 0..50 {
        let space = talk.session.space();
        space[..questions.len()].copy_from_slice(&questions);
        talk.session.filled(questions.len());
        assert!(matches!(talk.session.next(talk.now), Ok(None)));
        talk.session.send_rtcp(&[0; 100]);
        talk.now += Duration::from_secs(10);
        talk.session.tick(talk.now).unwrap();
    }
    assert!(talk.session.output.len() < OUTPUT_BYTES + 1000, "{} bytes", talk.session.output.len());
}

#[test]
fn teardown_is_sent_for_a_granted_session_and_ends_all_events() {
    let mut talk = Talk::playing("Session: a", "");
    talk.session.teardown();
    talk.session.teardown();
    talk.session.send_rtcp(b"late");
    assert_eq!(talk.hears([frame(0, b"late"), reply(5, 200, ""), reply(6, 401, "")].concat()), [""; 0]);
    assert_eq!(talk.asked(), ["TEARDOWN rtsps://192.168.1.9:322/streaming/live/1"]);
    assert_eq!(talk.waits(100.0), None);
    assert_eq!(talk.sent, "");
    let mut early = Talk::begin();
    early.session.teardown();
    assert_eq!((early.output().as_str(), early.session.step()), ("", Step::Ended));
}

#[test]
fn no_error_and_no_debug_text_shows_the_code() {
    let errors = [
        RtspError::Overdue { step: Step::Options, within: Duration::from_secs(4), skipped: 0 },
        RtspError::Overdue { step: Step::Options, within: Duration::from_secs(4), skipped: 9 },
        RtspError::Closed { step: Step::Options },
        RtspError::Closed { step: Step::Playing },
        RtspError::Ended { by: "TEARDOWN" },
        RtspError::Credentials { step: Step::Describe },
        RtspError::Login { step: Step::Describe },
        RtspError::Status { step: Step::Setup, status: 461 },
        RtspError::Redirected(Redirect::Scheme),
        RtspError::Redirected(Redirect::Host),
        RtspError::NotInterleaved,
        RtspError::Description(SdpError::H265),
        RtspError::Description(SdpError::NoVideo),
        RtspError::Framing(FramingError::Garbage),
        RtspError::Framing(FramingError::EndlessHead),
    ];
    for error in &errors {
        assert_eq!(error.is_refused_credentials(), matches!(error, RtspError::Credentials { .. }));
    }
    assert!(errors[11].source().is_some_and(|source| source.to_string().contains("H.265")));
    let mut talk = Talk::begin();
    talk.hears(reply(1, 200, ""));
    let basic = reply(2, 401, "WWW-Authenticate: Basic realm=\"r\"\r\n");
    talk.session.space()[..basic.len()].copy_from_slice(&basic);
    talk.session.filled(basic.len());
    talk.session.next(talk.now).unwrap();
    assert_eq!(format!("{:?}", talk.session), "Session { step: Describe, .. }");
    assert_eq!(talk.session.closed(), RtspError::Closed { step: Step::Describe });
}

/// Passes a camera's whole stream through a session, in cuts. Returns its events and what was sent.
fn whole(stream: &[u8], mut cuts: impl FnMut() -> usize) -> (Vec<String>, Vec<u8>) {
    let now = clock::now();
    let target = Target::new(true, "192.168.1.9", 322, "/streaming/live/1");
    let mut session = Session::new(target, "bblp", Secret::new(CODE), 1, now);
    let (mut words, mut sent, mut rest) = (Vec::new(), Vec::new(), stream);
    while !rest.is_empty() {
        let space = session.space();
        let count = cuts().clamp(1, space.len()).min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        session.filled(count);
        rest = &rest[count..];
        words.extend(events(&mut session, now));
        sent.extend(session.output().unwrap_or_default());
        if words.last().is_some_and(|word| word.starts_with("the camera") || word.starts_with("what")) {
            break;
        }
    }
    (words, sent)
}

/// Generates a conversation with other data thrown in.
fn conversation() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop_oneof![
        4 => Just(Vec::new()),
        1 => proptest::collection::vec(any::<u8>(), 0..30),
        1 => (0..4u8, 0..1500usize).prop_map(|(channel, length)| frame(channel, &vec![0x80; length])),
        1 => (0..8u32, prop_oneof![Just(200), Just(401), Just(404), Just(301)]).prop_map(|(cseq, status)| reply(cseq, status, "")),
        1 => Just(b"GET_PARAMETER * RTSP/1.0\r\nCSeq: 3\r\n\r\n".to_vec()),
    ];
    proptest::collection::vec(odd, 6).prop_map(|odd| {
        let mut stream = Vec::new();
        for (index, odd) in odd.into_iter().enumerate() {
            stream.extend(odd);
            stream.extend(live555_replies().get(index).cloned().unwrap_or_default());
        }
        stream
    })
}

proptest! {
    #[test]
    fn a_conversation_is_the_same_however_its_bytes_are_split(
        stream in conversation(),
        cuts in proptest::collection::vec(1..200usize, 1..40),
    ) {
        let mut cuts = cuts.iter().cycle();
        prop_assert_eq!(whole(&stream, || *cuts.next().unwrap()), whole(&stream, || usize::MAX));
    }
}

#[test]
fn the_undisturbed_conversation_delivers_a_frame() {
    let (words, _) = whole(&live555_replies().concat(), || 1);
    assert_eq!(words, ["described 96 [25, 4]", "rtcp 8", "rtp 37", "playing"]);
}

#[test]
fn a_flood_of_unsolicited_messages_ends_the_session() {
    let challenge = |nonce: usize| {
        format!(
            "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"{nonce}\", stale=true\r\n\r\n"
        )
        .into_bytes()
    };
    let question = |number: usize| format!("OPTIONS rtsp://x/ RTSP/1.0\r\nCSeq: {number}\r\n\r\n").into_bytes();
    let answer = |_: usize| reply(2, 200, "");
    let check = |situation: &str, message: &dyn Fn(usize) -> Vec<u8>| {
        // They come as fast as the network carries them.
        let mut talk = Talk::playing("Session: 1", "");
        let (mut asked, mut heard) = (0, 0);
        let words = loop {
            let words = talk.hears(message(heard));
            asked += talk.sent.matches("RTSP/1.0\r\n").count();
            heard += 1;
            if !words.is_empty() {
                break words;
            }
        };
        assert!(words[0].contains("more than 10 RTSP messages a second"), "{situation}: {words:?}");
        assert!(heard <= 101 && asked <= 101, "{situation}: {heard} heard, {asked} asked");
        // Five a second are odd, but no reason to end anything.
        let mut talk = Talk::playing("Session: 1", "");
        for number in 0..500 {
            talk.now += Duration::from_millis(200);
            assert!(talk.hears(message(number)).is_empty(), "{situation}: message {number}");
        }
    };
    check("401s with another nonce each", &challenge);
    check("questions of the camera", &question);
    check("answers to an older question", &answer);
}

#[test]
fn a_flood_of_tiny_packets_ends_the_session() {
    let frame = |channel: u8, bytes: u8| [&[b'$', channel, 0, bytes][..], &vec![0x80; usize::from(bytes)]].concat();
    for (situation, channel, bytes) in [("empty RTP", 0, 12), ("RTCP", 1, 16), ("a channel of nobody", 9, 3)] {
        let mut talk = Talk::playing("Session: 1", "");
        let mut frames = 0;
        let last = loop {
            let words = talk.hears(frame(channel, bytes).repeat(100));
            frames += 100;
            if let Some(last) = words.last().filter(|last| last.contains("more than")) {
                break last.clone();
            }
        };
        assert!(
            last.contains("more than 8000 tiny packets a second") && frames <= 24_100,
            "{situation}: {last} {frames}"
        );
        let mut talk = Talk::playing("Session: 1", "");
        for _ in 0..100 {
            talk.now += Duration::from_millis(100);
            let words = talk.hears(frame(channel, bytes).repeat(410));
            assert!(words.iter().all(|word| !word.contains("more than")), "{situation}: {words:?}");
        }
    }
    // Packets with content may come as fast as the network carries them.
    let mut talk = Talk::playing("Session: 1", "");
    let words = talk.hears(frame(0, 200).repeat(100_000));
    assert_eq!(words.len(), 100_000);
}
