//! The `debug` log lines of one camera: requests with their answers, and the fate of the frames. Lines that a camera
//! can cause at will are limited, so that a hostile camera fills no disk.

use crate::base::clock;
use crate::base::error_chain;
use crate::base::failure_log::Allowance;
use crate::camera::CameraError;
use crate::media::Depacketizer;
use crate::printer::label::Label;
use crate::rtsp::{Exchange, Method, Session, Video};
use std::time::Instant;

/// Lives as long as the camera's thread. A limit per connection would not stop a camera that hangs up.
#[derive(Debug)]
pub struct Lines {
    owner: Label,
    allowance: Allowance,
    /// The last keep-alive request and the status of its answer. A repetition is not logged.
    sign_of_life: Option<(Method, u16)>,
    /// The chosen track, logged after the answer that described it.
    chosen: Option<Video>,
}

impl Lines {
    /// Returns the log lines for the camera of `owner`.
    #[must_use]
    pub fn new(owner: Label) -> Self {
        Self { owner, allowance: Allowance::default(), sign_of_life: None, chosen: None }
    }

    pub(super) fn described(&mut self, video: Video) {
        self.chosen = Some(video);
    }

    /// Logs every request answered since the last call. A keep-alive is logged only if its answer differs from the last
    /// one.
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

    /// Begins a session, so that its first keep-alive is logged.
    pub(super) fn begin_session(&mut self) {
        self.sign_of_life = None;
    }

    /// Logs the end of the session by our side. The connection accepted TEARDOWN; the camera may not have read it.
    pub(super) fn goodbye(&self, why: Option<&CameraError>) {
        let why = why.map_or_else(|| "it is no longer needed".to_owned(), |error| error_chain(error));
        log::debug!("{}: camera: the session is given up with TEARDOWN: {why}", self.owner);
    }
}
