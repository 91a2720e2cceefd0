//! What each RTSP request is answered, in live555's words and order.

use crate::behaviour::{Behaviour, KeepAlive, Sdp, TlsVersion};
use crate::client::{Client, Session};
use crate::clock;
use crate::digest::Verdict;
use crate::rtsp::{Answer, METHODS, PATH, Request};
use crate::sdp::{LIVE555_VERSION, describe};
use crate::stream::Stream;
use std::io;

const TRACK: &str = "track1";

impl Client<'_> {
    pub(crate) fn answer(&mut self, request: &Request, behaviour: &Behaviour) -> io::Result<()> {
        self.note(request);
        let over_tls = behaviour.tls.version != TlsVersion::Plain;
        if behaviour.rtsp.moved || (over_tls && !request.uri.starts_with("rtsps://")) {
            // Only the path's last element: live555 loses the rest.
            let last = request.path().rsplit('/').next().unwrap_or_default();
            let answer = self.status("301 Moved Permanently", request);
            return self.send(&answer.header("Location", format_args!("rtsps://{}/{last}", self.local)).bytes());
        }
        let known = self.session.as_ref().map(|session| format!("{:08X}", session.id));
        let named = request.header("Session").map(|value| value.split(';').next().unwrap_or_default().trim());
        let in_session = named.is_some() && named == known.as_deref();
        if let (true, Some(session)) = (in_session, &mut self.session) {
            session.alive = clock::now();
        }
        if self.session.as_ref().is_some_and(|session| session.stream.is_some())
            && let Some(answered) = self.refuse_sign_of_life(request, behaviour.rtsp.keep_alive)
        {
            return answered;
        }
        match request.method.as_str() {
            "OPTIONS" if named.is_some() && !in_session => self.say("454 Session Not Found", request),
            "OPTIONS" => {
                self.note_keep_alive(in_session);
                let answer = self.status("200 OK", request).header("Public", METHODS);
                self.send(&answer.bytes())
            }
            "DESCRIBE" => self.guarded(request, behaviour, Self::describe),
            "SETUP" if named.is_some() && !in_session => self.say("454 Session Not Found", request),
            "SETUP" => self.guarded(request, behaviour, Self::set_up),
            "PLAY" | "PAUSE" | "TEARDOWN" | "GET_PARAMETER" | "SET_PARAMETER" if !in_session => {
                self.say("454 Session Not Found", request)
            }
            "GET_PARAMETER" => {
                self.note_keep_alive(true);
                let answer = self.in_session("200 OK", request).with_body(LIVE555_VERSION);
                self.send(&answer)
            }
            "PLAY" => self.guarded(request, behaviour, Self::play),
            "PAUSE" => self.guarded(request, behaviour, Self::pause),
            "TEARDOWN" => self.guarded(request, behaviour, Self::tear_down),
            "SET_PARAMETER" => self.guarded(request, behaviour, |client, request, _| {
                client.note_keep_alive(true);
                let answer = client.in_session("200 OK", request);
                client.send(&answer.bytes())
            }),
            _ => self.not_allowed(request),
        }
    }

    /// Answers a sign of life as the camera is told to, where that is not the usual way.
    fn refuse_sign_of_life(&mut self, request: &Request, manners: KeepAlive) -> Option<io::Result<()>> {
        let status = match (request.method.as_str(), manners) {
            ("GET_PARAMETER", KeepAlive::OptionsOnly(status)) => status,
            ("GET_PARAMETER" | "OPTIONS", KeepAlive::Refused(status)) => status,
            ("GET_PARAMETER" | "OPTIONS", KeepAlive::Unanswered) => {
                self.leash.shared.note(|seen| seen.keep_alives_refused += 1);
                return Some(Ok(()));
            }
            _ => return None,
        };
        self.leash.shared.note(|seen| seen.keep_alives_refused += 1);
        let reason = match status {
            401 => "Unauthorized",
            405 => "Method Not Allowed",
            454 => "Session Not Found",
            501 => "Not Implemented",
            _ => "Refused",
        };
        Some(self.say(&format!("{status} {reason}"), request))
    }

    fn note(&self, request: &Request) {
        log::debug!("{}: {} {}", self.leash.shared.serial, request.method, request.uri);
        self.leash.shared.note(|seen| {
            seen.credentials += u64::from(request.header("Authorization").is_some());
            seen.note_request(format!("{} {}", request.method, request.uri));
        });
    }

    fn note_keep_alive(&self, in_session: bool) {
        if in_session {
            self.leash.shared.note(|seen| seen.keep_alives += 1);
        }
    }

    /// Goes on with `then` if the request proves the access code.
    fn guarded(
        &mut self,
        request: &Request,
        behaviour: &Behaviour,
        then: impl FnOnce(&mut Self, &Request, &Behaviour) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.gate.judge(&behaviour.rtsp, &request.method, request.header("Authorization")) {
            Verdict::Admitted => then(self, request, behaviour),
            Verdict::Challenged { line, wrong } => {
                self.leash.shared.note(|seen| seen.credentials_refused += u64::from(wrong));
                let answer = self.status("401 Unauthorized", request).header("WWW-Authenticate", line);
                self.send(&answer.bytes())
            }
        }
    }

    fn describe(&mut self, request: &Request, behaviour: &Behaviour) -> io::Result<()> {
        if request.path() != PATH {
            return self.say("404 Stream Not Found", request);
        }
        let sdp = describe(self.local, self.leash.shared.booted, &behaviour.video, behaviour.rtsp.sdp);
        let answer = self
            .status("200 OK", request)
            .header("Content-Base", format_args!("{}/", self.url(behaviour)))
            .header("Content-Type", "application/sdp");
        match behaviour.rtsp.sdp {
            Sdp::Normal | Sdp::Named(_) | Sdp::Unnamed | Sdp::H265 => self.send(&answer.with_body(&sdp)),
            Sdp::Endless => {
                self.send(&answer.header("Content-Length", u32::MAX).bytes())?;
                self.send(sdp.as_bytes())?;
                let lines = "a=x-endless:never mind\r\n".repeat(400);
                loop {
                    self.send(lines.as_bytes())?;
                    self.leash.shared.note(|seen| seen.sdp_bytes += lines.len() as u64);
                }
            }
        }
    }

    fn set_up(&mut self, request: &Request, behaviour: &Behaviour) -> io::Result<()> {
        match request.path().strip_prefix(PATH).and_then(|rest| rest.strip_prefix('/')) {
            Some(TRACK) => {}
            Some("*") => return self.not_allowed(request),
            _ => return self.say("404 Stream Not Found", request),
        }
        let Some((channel, rtcp_channel)) = request.interleaved() else {
            return self.say("461 Unsupported Transport", request);
        };
        let id = self.session.as_ref().map_or(self.noise.next() as u32, |session| session.id);
        self.session = Some(Session { id, channel, alive: clock::now(), plays_since: None, stream: None });
        let transport = format!(
            "RTP/AVP/TCP;unicast;destination={};source={};interleaved={channel}-{rtcp_channel}",
            self.peer, self.local
        );
        let timeout = behaviour.rtsp.session_timeout.as_secs();
        let answer = self
            .status("200 OK", request)
            .header("Transport", transport)
            .header("Session", format_args!("{id:08X};timeout={timeout}"));
        self.send(&answer.bytes())
    }

    fn play(&mut self, request: &Request, behaviour: &Behaviour) -> io::Result<()> {
        let age = self.leash.shared.born.elapsed();
        let seed = self.noise.next();
        let Some(session) = &mut self.session else { return Ok(()) };
        let now = clock::now();
        let start = || Stream::new(session.channel, &behaviour.video, age, seed, now);
        let stream = session.stream.get_or_insert_with(start);
        let (sequence, timestamp) = stream.start();
        // live555 sends its first report from within PLAY, so that it arrives before the answer.
        let report = stream.report(&behaviour.video, now);
        let url = self.url(behaviour);
        let answer = self
            .status("200 OK", request)
            .header("Range", "npt=0.000-")
            .header("Session", self.session_id())
            .header("RTP-Info", format_args!("url={url}/{TRACK};seq={sequence};rtptime={timestamp}"))
            .bytes();
        self.wire.write(report.as_deref().into_iter().chain([answer.as_slice()]), self.leash)?;
        if let Some(session) = &mut self.session {
            session.plays_since.get_or_insert(now);
        }
        self.leash.shared.lock().admit(self.leash.id);
        self.leash.shared.notify();
        Ok(())
    }

    fn pause(&mut self, request: &Request, _: &Behaviour) -> io::Result<()> {
        if let Some(session) = &mut self.session {
            session.stream = None;
        }
        self.stopped_playing(|_| {});
        let answer = self.in_session("200 OK", request);
        self.send(&answer.bytes())
    }

    fn tear_down(&mut self, request: &Request, _: &Behaviour) -> io::Result<()> {
        self.session = None;
        self.stopped_playing(|seen| seen.teardowns += 1);
        self.say("200 OK", request)
    }

    fn not_allowed(&mut self, request: &Request) -> io::Result<()> {
        let answer = self.status("405 Method Not Allowed", request).header("Allow", METHODS);
        self.send(&answer.bytes())
    }

    fn say(&mut self, status: &str, request: &Request) -> io::Result<()> {
        let answer = self.status(status, request);
        self.send(&answer.bytes())
    }

    fn status(&self, status: &str, request: &Request) -> Answer {
        Answer::new(status, request, clock::unix())
    }

    fn in_session(&self, status: &str, request: &Request) -> Answer {
        self.status(status, request).header("Session", self.session_id())
    }

    fn session_id(&self) -> String {
        self.session.as_ref().map(|session| format!("{:08X}", session.id)).unwrap_or_default()
    }

    /// The stream's URL as a printer writes it: with this host's address and without a port, whichever is in use.
    fn url(&self, behaviour: &Behaviour) -> String {
        let scheme = if behaviour.tls.version == TlsVersion::Plain { "rtsp" } else { "rtsps" };
        format!("{scheme}://{}{PATH}", self.local)
    }
}
