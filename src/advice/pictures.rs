//! Says why a camera that sends pictures is not live. Its printer has no switch for it.

use super::camera::{ACCESS_CODE_REFUSED, SILENT};
use super::code::words;
use super::{Advice, Tries, link};
use crate::camera::JpegError;
use crate::media::jpeg::PictureError;
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use serde_json::Value;

words! {
    PORT_CLOSED "camera.pictures.port-closed" "The printer at {peer} has its camera port closed. It opens a while after the \
        printer was switched on or updated; if it stays closed, restart the printer."
    HANGS_UP "camera.pictures.hangs-up" "The printer at {peer} closes its camera connection at once. It does so while it \
        starts or updates; if this stays so, restart the printer."
    FULL "camera.pictures.full" "The printer at {peer} takes the camera connection and does not answer within {seconds} s: \
        all its places for viewers seem to be taken. Close other programs that show this camera (Bambu Studio, Bambu Handy, \
        Home Assistant), or restart the printer."
    GIVES_NOTHING "camera.pictures.gives-nothing" "The camera closes the connection without a picture, although the printer \
        accepts the access code. Printers do so while they prepare a print; if this stays so, restart the printer."
    NONE "camera.pictures.none" "The camera took the connection and sent no picture within {seconds} s. If this stays so, \
        restart the printer."
    SLOW "camera.pictures.slow" "A picture of this camera was not complete within {seconds} s. If this stays so, check the \
        printer's Wi-Fi."
    UNREADABLE "camera.pictures.unreadable" "The camera sends something of which no picture can be made. If this stays so, \
        restart the printer."
    NOT_SERVED "camera.pictures.not-served" "The printer says that its camera sends video and no pictures."
}

/// Returns the words for a connection that failed as any may.
pub fn of_link(error: &LinkError, tries: Tries) -> Advice {
    let peer = ("peer", Value::from(error.at.as_str()));
    match &error.failure {
        Failure::Dial(DialError::Refused(_)) => PORT_CLOSED.with([peer]),
        Failure::ClosedInHandshake => HANGS_UP.with([peer]),
        Failure::HandshakeDeadline(waited) => FULL.with([peer, ("seconds", waited.as_secs().into())]),
        _ => link::of_link_error(error, tries),
    }
}

/// Returns the words for a connection on which no pictures come, or no more.
pub fn of_jpeg(error: &JpegError, tries: Tries) -> Advice {
    match error {
        JpegError::CodeRefused => ACCESS_CODE_REFUSED.plain(),
        JpegError::GivesNothing => GIVES_NOTHING.plain(),
        JpegError::NoFirstPicture(seconds) => NONE.with([("seconds", (*seconds).into())]),
        JpegError::Silent(_) => SILENT.with([("retry", tries.retry())]),
        JpegError::Slow(seconds) => SLOW.with([("seconds", (*seconds).into())]),
        JpegError::Pictures(PictureError::NotServed) => NOT_SERVED.plain(),
        JpegError::Pictures(_) => UNREADABLE.plain(),
    }
}
