//! Chooses what to speak with a camera: RTSP, or the protocol of cameras that send pictures.
//!
//! | known                                          | dialled                                                |
//! |------------------------------------------------|--------------------------------------------------------|
//! | a person's camera URL                          | that URL, with RTSP                                    |
//! | a model with video                             | port 322, with RTSP                                    |
//! | a model with pictures                          | port 6000; if it says "not here", port 322 with RTSP   |
//! | neither                                        | port 322; if nothing serves there, port 6000           |
//!
//! The protocol that has brought a picture is tried first, as long as it does.

use super::error::CameraError;
use super::jpeg::{self, Jpeg, JpegError};
use super::life::Connector;
use super::output::Output;
use super::retry::{self, Pauses};
use super::rtsp::Rtsp;
use super::source::{Place, Unready, Way};
use super::state::CameraState;
use super::step::Lull;
use super::{Camera, Source};
use crate::base::error_chain;
use crate::base::stop::Stop;
use crate::base::watch::Watch;
use crate::media::jpeg::PictureError;
use crate::printer::ipcam::Said;
use crate::printer::model::CameraKind;

/// Makes connections to one camera with either protocol.
#[derive(Debug)]
pub(super) struct Protocols<'a> {
    source: &'a Source,
    board: &'a CameraState,
    /// What the printer says about its camera.
    said: &'a Watch<Said>,
    rtsp: Rtsp<'a>,
    jpeg: Jpeg<'a>,
    /// Where the next connection leads.
    way: Option<Way>,
    /// What brought the last picture.
    found: Option<CameraKind>,
    /// The protocol and the place of the newest connection.
    spoken: (CameraKind, Place),
}

impl<'a> Protocols<'a> {
    pub(super) fn new(camera: &'a Camera, said: &'a Watch<Said>) -> Self {
        Self {
            source: &camera.source,
            board: &camera.board,
            said,
            rtsp: Rtsp::new(camera),
            jpeg: Jpeg::new(camera, said),
            way: None,
            found: None,
            spoken: (CameraKind::Rtsp, Place::UsualPort),
        }
    }

    /// Makes one connection with one of the protocols.
    fn speak(&mut self, kind: CameraKind, way: &Way, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        output.speaks(kind);
        match kind {
            CameraKind::Rtsp => {
                self.spoken = (kind, self.source.place(&way.url));
                self.rtsp.run(&way.url, output, stop)
            }
            CameraKind::Jpeg => {
                self.spoken = (kind, Place::Pictures);
                self.jpeg.run(output, stop)
            }
        }
    }

    /// Tries one protocol and, where it is not served, the other.
    fn try_both(&mut self, way: &Way, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        let first = self.found.or(way.kind).unwrap_or(CameraKind::Rtsp);
        let Err(error) = self.speak(first, way, output, stop) else { return Ok(()) };
        let is_a_guess = way.kind != Some(first) && error.is_not_there();
        if output.was_live() || !(is_a_guess || is_not_served(&error)) {
            return Err(error);
        }
        log::debug!("{}: camera: {}; the other protocol is tried", output.owner(), error_chain(&error));
        let spoken = self.spoken;
        let second = if first == CameraKind::Rtsp { CameraKind::Jpeg } else { CameraKind::Rtsp };
        match self.speak(second, way, output, stop) {
            // A port where something answers says more than a closed one.
            Err(other) if is_not_served(&other) || !(other.reached() || is_not_served(&error)) => {
                self.spoken = spoken;
                Err(error)
            }
            ended => ended,
        }
    }
}

impl Connector for Protocols<'_> {
    fn prepare(&mut self) -> Result<(), Unready> {
        let way = self.source.way(&self.said.get().value)?;
        if way.kind.is_some() {
            self.board.set_kind(way.kind);
        }
        self.way = Some(way);
        Ok(())
    }

    fn run(&mut self, output: &mut Output<'_>, stop: &Stop) -> Result<(), CameraError> {
        let Some(way) = self.way.clone() else { return Ok(()) };
        let ended = self.try_both(&way, output, stop);
        self.found = Some(self.spoken.0).filter(|_| output.was_live());
        ended
    }

    fn place(&self) -> Place {
        self.spoken.1
    }

    fn lull(&self) -> Option<Lull> {
        (self.spoken.0 == CameraKind::Jpeg).then(|| jpeg::lull(&self.said.get().value)).flatten()
    }

    fn pauses(&self) -> Pauses {
        if self.spoken.0 == CameraKind::Jpeg { jpeg::PAUSES } else { retry::PAUSES }
    }
}

/// Whether the printer says that its camera sends video.
fn is_not_served(error: &CameraError) -> bool {
    matches!(error, CameraError::Jpeg(JpegError::Pictures(PictureError::NotServed)))
}
