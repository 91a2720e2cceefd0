//! The conversation with one camera over one connection: OPTIONS, DESCRIBE, SETUP of one track interleaved in TCP,
//! PLAY, keep-alive, TEARDOWN (RFC 2326 §10).
//!
//! ```text
//! Options ─► Describe ─► Setup ─► Play ─► Playing ─► Ended
//!    └ any refusal is ignored              └ keep-alive; a refusal of it does not end the session
//! ```
//!
//! Until the stream plays, one request is outstanding at a time, each with a deadline. A 401 repeats it with
//! credentials, and a redirect (once) with another path of the same host. RTP is not parsed: the owner of the
//! connection watches whether packets still come.

use super::auth::{Attempt, Authenticator, Refusal};
use super::error::RtspError;
use super::exchange::{Exchange, Exchanges};
use super::framer::{Expected, Framer, Piece};
use super::keep_alive::{KeepAlive, Way};
use super::limits::Limits;
use super::message::{Message, Method, Request, Response, write_reply, write_request};
use super::sdp::{self, Video};
use super::setup::{self, Channels, Grant};
use super::step::Step;
use super::target::{Redirect, Target, path_of, track_path};
use crate::base::secret::Secret;
use std::fmt;
use std::time::{Duration, Instant};

/// Some printers forget a session after 10 s.
const KEEP_ALIVE: Duration = Duration::from_secs(4);
/// With more unsent bytes than this, nothing optional (keep-alive, RTCP, replies to the camera) is added.
const OUTPUT_BYTES: usize = 16 * 1024;

/// An event in the camera's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// The camera offers H.264 video.
    Described(Video),
    /// PLAY was granted. RTP may have come before.
    Playing,
    /// One RTP packet.
    Rtp(&'a [u8]),
    /// One compound RTCP packet.
    Rtcp(&'a [u8]),
}

/// The state of the conversation.
pub struct Session {
    target: Target,
    authenticator: Authenticator,
    framer: Framer,
    output: Vec<u8>,
    step: Step,
    /// The CSeq of the last request, counted from 1.
    cseq: u32,
    /// How the last request was authorized. Every step with a question waits for its answer.
    attempt: Attempt,
    /// The deadline of its answer. While the stream plays, the time of the next keep-alive request.
    deadline: Instant,
    redirected: bool,
    /// The paths of the stream and of its video track.
    stream: String,
    track: String,
    payload_type: u8,
    channels: Option<Channels>,
    grant: Option<Grant>,
    keep_alive: KeepAlive,
    limits: Limits,
    exchanges: Exchanges,
    /// The CSeq of PLAY: answers to older requests are out of date.
    played: u32,
}

impl Session {
    /// Creates a session before its first request. An empty `user` offers no login. `cnonce_seed` should be random:
    /// Digest needs a number that is used once, and this layer has no source of randomness.
    #[must_use]
    pub fn new(target: Target, user: &str, password: Secret, cnonce_seed: u64, now: Instant) -> Self {
        let mut session = Self {
            authenticator: Authenticator::new(user, password, target.tls(), cnonce_seed),
            framer: Framer::new(),
            output: Vec::new(),
            step: Step::Options,
            cseq: 0,
            attempt: Attempt { authorized: false, again: false },
            deadline: now,
            redirected: false,
            stream: target.path().to_owned(),
            track: String::new(),
            payload_type: 0,
            channels: None,
            grant: None,
            keep_alive: KeepAlive::new(false),
            limits: Limits::new(),
            exchanges: Exchanges::default(),
            played: 0,
            target,
        };
        session.go(Step::Options, now);
        session
    }

    /// Returns the space for the next bytes: at least 16 KiB once [`Session::next`] has returned `None`.
    pub fn space(&mut self) -> &mut [u8] {
        self.framer.space()
    }

    /// Records that `count` bytes were read into the space.
    pub fn filled(&mut self, count: usize) {
        self.framer.filled(count);
    }

    /// Returns the events in the bytes so far, one at a time until `None`. Send [`Session::output`] afterwards.
    ///
    /// # Errors
    /// If the session cannot continue. After that, only [`Session::teardown`] may be used.
    pub fn next(&mut self, now: Instant) -> Result<Option<Event<'_>>, RtspError> {
        while let Some(piece) = self.framer.piece()? {
            match &piece {
                Piece::Frame { span, .. } => self.limits.frame(span.len(), now)?,
                Piece::Message(_) => self.limits.message(now)?,
            }
            self.limits.skipped(self.framer.skipped(), now)?;
            match piece {
                Piece::Frame { channel, span } => match self.channels {
                    Some(channels) if channel == channels.rtp => {
                        return Ok(Some(Event::Rtp(self.framer.bytes(span))));
                    }
                    Some(channels) if Some(channel) == channels.rtcp => {
                        return Ok(Some(Event::Rtcp(self.framer.bytes(span))));
                    }
                    // Data on channels that were not granted is ignored.
                    _ => {}
                },
                Piece::Message(Message::Response(response)) => {
                    if let Some(event) = self.answered(&response, now)? {
                        return Ok(Some(event));
                    }
                }
                Piece::Message(Message::Request(request)) => self.asked(&request)?,
            }
        }
        Ok(None)
    }

    /// Returns the bytes to send now, if any.
    pub fn output(&mut self) -> Option<Vec<u8>> {
        (!self.output.is_empty()).then(|| std::mem::take(&mut self.output))
    }

    /// Handles the passage of time: sends what is due and detects what is overdue. Call it at least twice a second.
    ///
    /// # Errors
    /// If an answer of the camera is overdue.
    pub fn tick(&mut self, now: Instant) -> Result<(), RtspError> {
        if now < self.deadline {
            return Ok(());
        }
        if let Some((_, within)) = self.step.question() {
            return Err(RtspError::Overdue { step: self.step, within, skipped: self.framer.skipped() });
        }
        if self.step == Step::Playing {
            self.attempt.again = false;
            self.sign_of_life(now);
        }
        Ok(())
    }

    /// Sends a compound RTCP packet on the channel that SETUP granted. Before SETUP it is dropped.
    pub fn send_rtcp(&mut self, rtcp: &[u8]) {
        let (Some(Channels { rtcp: Some(channel), .. }), Ok(length)) = (self.channels, u16::try_from(rtcp.len()))
        else {
            return;
        };
        if self.has_room() && self.step != Step::Ended {
            let [high, low] = length.to_be_bytes();
            self.output.extend_from_slice(&[b'$', channel, high, low]);
            self.output.extend_from_slice(rtcp);
        }
    }

    /// Sends TEARDOWN if SETUP was granted, and returns whether it did. Its answer is not awaited. No events follow.
    pub fn teardown(&mut self) -> bool {
        let says_goodbye = self.grant.is_some() && self.step != Step::Ended;
        if says_goodbye {
            self.request(Method::Teardown);
        }
        self.step = Step::Ended;
        self.channels = None;
        says_goodbye
    }

    /// Returns the requests that were answered since the last call, for the log.
    pub fn exchanges(&mut self) -> Vec<Exchange> {
        self.exchanges.fetch()
    }

    /// Returns the deadline of the awaited answer, or `None` if none is awaited.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.step.question().map(|_| self.deadline)
    }

    /// Returns how far the session has come.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Returns the error for a connection that ends now.
    #[must_use]
    pub fn closed(&self) -> RtspError {
        RtspError::Closed { step: self.step }
    }

    fn go(&mut self, step: Step, now: Instant) {
        self.step = step;
        self.attempt.again = false;
        self.ask(now);
    }

    /// Sends this step's request; its deadline begins now.
    fn ask(&mut self, now: Instant) {
        if let Some((method, within)) = self.step.question() {
            self.deadline = now + within;
            self.request(method);
            self.exchanges.asked(method, self.cseq, now);
        }
    }

    fn request(&mut self, method: Method) {
        self.request_in(Way { method, names_session: true, signed: true });
    }

    fn request_in(&mut self, way: Way) {
        let method = way.method;
        let path = match method {
            Method::Setup => &self.track,
            _ => &self.stream,
        };
        let url = self.target.url(path);
        let authorization = way.signed.then(|| self.authenticator.authorization(method, &url)).flatten();
        self.attempt.authorized = authorization.is_some();
        self.cseq = self.cseq.wrapping_add(1);
        let mut headers = Vec::new();
        headers.extend(authorization.map(|value| ("Authorization", value)));
        let grant = self.grant.as_ref().filter(|_| way.names_session);
        headers.extend(grant.map(|grant| ("Session", latin_1(&grant.id))));
        match method {
            Method::Describe => headers.push(("Accept", b"application/sdp".to_vec())),
            // Without `mode`, because some cameras refuse it.
            Method::Setup => headers.push(("Transport", b"RTP/AVP/TCP;unicast;interleaved=0-1".to_vec())),
            Method::Play => headers.push(("Range", b"npt=0.000-".to_vec())),
            Method::Options | Method::GetParameter | Method::Teardown => {}
        }
        write_request(&mut self.output, method, &url, self.cseq, &headers);
    }

    fn answered(&mut self, response: &Response, now: Instant) -> Result<Option<Event<'static>>, RtspError> {
        // Ignores answers that are repeated or too late. A missing or foreign CSeq is no reason for doubt: 401s come
        // without.
        let cseq = response.headers.number("CSeq").filter(|cseq| (1..=self.cseq).contains(cseq));
        let oldest = if self.step == Step::Playing { self.played.wrapping_add(1) } else { self.cseq };
        if cseq.is_some_and(|cseq| cseq < oldest) || response.status < 200 {
            return Ok(None);
        }
        self.exchanges.answered(response.status, self.step == Step::Playing, now);
        match (self.step, response.status) {
            (Step::Ended, _) => Ok(None),
            (Step::Playing, status) if status != 401 || !self.keep_alive.is_signed() => {
                self.keep_alive.answered(cseq, (200..=299).contains(&status));
                Ok(None)
            }
            (_, 401) => self.challenged(response, now),
            (_, 200..=299) => self.granted(response, now),
            (Step::Options | Step::Describe, 301 | 302 | 303 | 307 | 308) => self.redirected(response, now),
            (Step::Options, _) => {
                self.go(Step::Describe, now);
                Ok(None)
            }
            (step, status) => Err(RtspError::Status { step, status }),
        }
    }

    fn granted(&mut self, response: &Response, now: Instant) -> Result<Option<Event<'static>>, RtspError> {
        match self.step {
            Step::Options => {
                let mut offers = response.headers.all("Public").flat_map(|list| list.split(|byte| *byte == b','));
                if offers.any(|method| method.trim_ascii().eq_ignore_ascii_case(b"GET_PARAMETER")) {
                    self.keep_alive = KeepAlive::new(true);
                }
                self.go(Step::Describe, now);
            }
            Step::Describe => {
                let description = sdp::parse(&response.body)?;
                let told = |name| response.headers.text(name).and_then(|address| path_of(&address));
                let base =
                    told("Content-Base").or_else(|| told("Content-Location")).unwrap_or_else(|| self.stream.clone());
                self.track = track_path(&base, description.video_control.as_deref());
                let stream = track_path(&base, description.control.as_deref());
                // The same path with a trailing slash is the requested one; printers know that one.
                if stream.trim_end_matches('/') != self.stream.trim_end_matches('/') {
                    self.stream = stream;
                }
                self.payload_type = description.video.payload_type;
                self.go(Step::Setup, now);
                return Ok(Some(Event::Described(description.video)));
            }
            Step::Setup => {
                let transport = response.headers.text("Transport");
                let channels = setup::channels(transport.as_deref()).ok_or(RtspError::NotInterleaved)?;
                self.channels = Some(channels);
                self.framer.expect(Expected { channels, payload_type: self.payload_type });
                // If a camera names another session later, it means this one.
                self.grant = response.headers.text("Session").and_then(|session| setup::grant(&session));
                self.go(Step::Play, now);
            }
            Step::Play => {
                // Some cameras name the session only here.
                let named = || response.headers.text("Session").and_then(|session| setup::grant(&session));
                self.grant = self.grant.take().or_else(named);
                self.step = Step::Playing;
                self.played = self.cseq;
                self.deadline = now + self.keep_alive_interval();
                return Ok(Some(Event::Playing));
            }
            Step::Playing | Step::Ended => {}
        }
        Ok(None)
    }

    fn challenged(&mut self, response: &Response, now: Instant) -> Result<Option<Event<'static>>, RtspError> {
        let step = self.step;
        match (self.authenticator.challenged(&response.headers, self.attempt), step) {
            (Ok(()), _) => self.attempt.again = self.attempt.authorized,
            // The stream plays, so the login was right. If it no longer is, the next connection will show it.
            (Err(_), Step::Playing) => {
                self.keep_alive.login_refused();
                return Ok(None);
            }
            (Err(Refusal::Credentials), _) => return Err(RtspError::Credentials { step }),
            (Err(Refusal::Scheme), _) => return Err(RtspError::Login { step }),
            (Err(Refusal::NoLogin), _) => return Err(RtspError::NoLogin { step }),
        }
        if step == Step::Playing {
            self.keep_alive.login_wanted();
            self.sign_of_life(now);
        } else {
            self.ask(now);
        }
        Ok(None)
    }

    fn redirected(&mut self, response: &Response, now: Instant) -> Result<Option<Event<'static>>, RtspError> {
        let location = response.headers.text("Location").ok_or(RtspError::Redirected(Redirect::Unreadable))?;
        let path = self.target.redirect(&location).map_err(RtspError::Redirected)?;
        if std::mem::replace(&mut self.redirected, true) {
            return Err(RtspError::Redirected(Redirect::Again));
        }
        self.stream = path;
        self.ask(now);
        Ok(None)
    }

    fn sign_of_life(&mut self, now: Instant) {
        self.deadline = now + self.keep_alive_interval();
        if self.has_room() {
            let way = self.keep_alive.next();
            self.request_in(way);
            self.exchanges.asked(way.method, self.cseq, now);
            self.keep_alive.sent(self.cseq);
        }
    }

    fn keep_alive_interval(&self) -> Duration {
        self.grant.as_ref().map_or(KEEP_ALIVE, |grant| KEEP_ALIVE.min(grant.timeout / 3))
    }

    /// Answers a request of the camera. If there is no room for the answer, it is left out without harm.
    fn asked(&mut self, request: &Request) -> Result<(), RtspError> {
        let ended = match request.method.as_str() {
            "TEARDOWN" => Some("TEARDOWN"),
            "REDIRECT" => Some("REDIRECT"),
            _ => None,
        };
        let status = match request.method.as_str() {
            "OPTIONS" | "GET_PARAMETER" => "200 OK",
            _ if ended.is_some() => "200 OK",
            _ => "501 Not Implemented",
        };
        if self.has_room() && self.step != Step::Ended {
            write_reply(&mut self.output, status, request.headers.number("CSeq"));
        }
        ended.map_or(Ok(()), |by| Err(RtspError::Ended { by }))
    }

    fn has_room(&self) -> bool {
        self.output.len() < OUTPUT_BYTES
    }
}

/// Shows how far it has come, not its contents: unsent bytes may contain an Authorization.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("step", &self.step).finish_non_exhaustive()
    }
}

/// Returns the bytes that a Latin-1 text was decoded from.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests;
