//! The log lines of one camera at `debug`: what was asked and answered, and what became of the frames. Lines about a
//! connection come once an attempt. Whatever the camera can cause within one has an allowance, so that a hostile camera fills
//! no disk.

use crate::base::clock;
use crate::base::complaints::Allowance;
use crate::media::Depacketizer;
use crate::printer::label::Label;
use crate::rtsp::{Exchange, Method, Session, Video};
use std::net::SocketAddr;
use std::time::Instant;

/// Lives as long as the camera's thread: an allowance per connection would be none for a camera that hangs up.
#[derive(Debug)]
pub struct Lines {
    owner: Label,
    allowance: Allowance,
    /// The last sign of life and the status of its answer: the next one like it says nothing new.
    sign_of_life: Option<(Method, u16)>,
    /// The track that was chosen; it is told behind the answer that described it.
    chosen: Option<Video>,
}

impl Lines {
    /// Lines of the camera of `owner`.
    #[must_use]
    pub fn new(owner: Label) -> Self {
        Self { owner, allowance: Allowance::default(), sign_of_life: None, chosen: None }
    }

    pub(super) fn reached(&self, peer: SocketAddr, since: Instant) {
        let seconds = clock::now().saturating_duration_since(since).as_secs_f64();
        log::debug!("{}: camera: a TCP connection to {peer} is up after {seconds:.3} s", self.owner);
    }

    /// `is_tls`: the certificate was checked.
    pub(super) fn opened(&self, is_tls: bool, since: Instant) {
        let seconds = clock::now().saturating_duration_since(since).as_secs_f64();
        match is_tls {
            true => log::debug!("{}: camera: TLS is up and the certificate accepted after {seconds:.3} s", self.owner),
            false => log::debug!("{}: camera: there is no TLS on this connection", self.owner),
        }
    }

    pub(super) fn described(&mut self, video: Video) {
        self.chosen = Some(video);
    }

    /// Every request that was answered since the last call. Of the signs of life, those whose answer is another one than
    /// the last.
    pub(super) fn exchanges(&mut self, session: &mut Session) {
        for exchange in session.exchanges() {
            let Exchange { method, status, while_playing, .. } = exchange;
            if while_playing && self.sign_of_life.replace((method, status)) == Some((method, status)) {
                continue;
            }
            if let Some(more) = self.allowance.take(clock::now()) {
                log::debug!("{}: camera: {exchange}{more}", self.owner);
            }
        }
        if let Some(Video { section, payload_type, clock_rate, parameter_sets }) = self.chosen.take() {
            log::debug!(
                "{}: camera: the SDP's track {section} is chosen: H.264, payload type {payload_type}, {clock_rate} Hz, \
                 {} parameter sets",
                self.owner,
                parameter_sets.len()
            );
        }
    }

    pub(super) fn media(&mut self, depacketizer: &mut Depacketizer, now: Instant) {
        while let Some(happened) = depacketizer.happened() {
            if let Some(more) = self.allowance.take(now) {
                log::debug!("{}: camera: {happened}{more}", self.owner);
            }
        }
    }

    /// The packager has room again.
    pub(super) fn overrun_is_over(&mut self, dropped: u64, now: Instant) {
        if let Some(more) = self.allowance.take(now) {
            log::debug!("{}: camera: the packager has room again; {dropped} frames were dropped{more}", self.owner);
        }
    }

    /// Begins a session: its first sign of life is told.
    pub(super) fn begin_session(&mut self) {
        self.sign_of_life = None;
    }

    /// TEARDOWN was taken by the connection, which says nothing of the camera.
    pub(super) fn goodbye(&self) {
        log::debug!("{}: camera: the session ends; TEARDOWN is sent", self.owner);
    }
}
