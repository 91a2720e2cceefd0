//! Says why a camera is not live, or not as it should be.

use super::code::words;
use super::{Advice, Code, Tries, field, link, pictures, step};
use crate::camera::{CameraError, Condition, PICTURES_PER_S, Place, Trouble, Unready};
use crate::media::MediaError;
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::rtsp::{Flood, FramingError, Redirect, RtspError, SdpError, Step};
use serde_json::Value;

words! {
    PORT_CLOSED "camera.port-closed" "The printer at {peer} has its camera port closed; on the printer's screen, turn on \
        Settings > LAN Only Liveview."
    HANGS_UP "camera.hangs-up" "The printer at {peer} closes its camera connection at once; on the printer's screen, turn \
        on Settings > LAN Only Liveview."
    SAYS_NOTHING "camera.says-nothing" "The printer at {peer} takes the camera connection and then says nothing (no TLS \
        handshake within {seconds} s); if this stays, restart the printer."
    NOT_RTSP "camera.not-rtsp" "What answers at this address does not speak RTSP: check the host, the port and the RTSP \
        URL."
    NO_ANSWER "camera.no-answer" "The camera took the connection but did not answer {step} within {seconds} seconds. If \
        this stays so, restart the printer."
    CLOSED_AT_ONCE "camera.closed-at-once" "The camera closed the connection at once. On the printer's screen, turn on \
        LAN Only Liveview in the network settings."
    SESSION_ENDED "camera.session-ended" "The camera ended the session. If this repeats, close other programs that show \
        this camera: most printers serve one viewer at a time."
    /// Both kinds of camera refuse it.
    pub ACCESS_CODE_REFUSED "camera.access-code-refused" "The camera refused the access code. It is on the printer's screen \
        in the network (LAN Only) settings and changes when it is renewed there: type it in again here."
    LOGIN_MISSING "camera.login-missing" "The camera asks for a login; give it the camera's user and password."
    LOGIN_UNSUPPORTED "camera.login-unsupported" "The camera asks for a kind of login that is not supported, or for a \
        plain password without encryption, which is not sent."
    FORBIDDEN "camera.forbidden" "The camera forbids access to its stream: turn on LAN Only Liveview on the printer's \
        screen."
    NO_STREAM "camera.no-stream" "The camera has no stream at this path: turn on LAN Only Liveview on the printer's \
        screen, and check the path if an RTSP URL is set."
    FULL "camera.full" "The camera serves no further viewer now: close other programs that show it (Bambu Studio, Bambu \
        Handy, Home Assistant)."
    NOT_INTERLEAVED "camera.not-interleaved" "The camera does not send its video over the connection itself (RTP over \
        TCP), which is needed here."
    REFUSED "camera.refused" "The camera refused {step} with status {status}. If this stays so, restart the printer."
    REDIRECTS_SCHEME "camera.redirects-scheme" "The camera wants the other kind of connection: write rtsps:// instead of \
        rtsp:// in the RTSP URL, or the other way round."
    REDIRECTS "camera.redirects" "The camera sends us to another address, which is not followed: set its RTSP URL to that \
        address if it is right."
    H265 "camera.h265" "The camera sends H.265 video; only H.264 is supported. Change it in the camera's settings."
    NO_H264 "camera.no-h264" "The camera offers no H.264 video that could be shown."
    FLOOD_OF_MESSAGES "camera.flood-of-messages" "The camera sends requests and answers that nobody asked for, again and \
        again, so the connection was given up. If this stays so, restart the camera."
    FLOOD_OF_PACKETS "camera.flood-of-packets" "The camera sends a flood of packets with next to nothing in them, so the \
        connection was given up. If this stays so, restart the camera."
    FLOOD_OF_NOISE "camera.flood-of-noise" "The camera sends much that is no video between its packets, so the connection \
        was given up. If this stays so, restart the camera."
    ENDLESS "camera.endless" "The camera sent something without an end, and the connection was given up."
    INTERLEAVED_MODE "camera.interleaved-mode" "The camera sends its video interleaved (packetization mode 2), which \
        cannot be shown. Choose another stream or profile of this camera."
    NO_FIRST_PACKET "camera.no-first-packet" "The camera accepts but sends no picture. If this lasts, switch LAN Only \
        Liveview off and on again on the printer."
    /// Both kinds of camera do so.
    pub SILENT "camera.silent" "The camera has stopped sending{retry?; reconnecting}."
    NO_PICTURE "camera.no-picture" "The camera sends something of which no picture can be made. If this stays so, choose \
        H.264 in its settings, or restart it."
    NO_KEY_FRAME "camera.no-key-frame" "The camera has sent no key frame for minutes, and without one there is nothing to \
        begin with{retry?; reconnecting}. If this stays so, restart it, or set a shorter key-frame interval (GOP) in its \
        settings."
    RESTLESS "camera.restless" "The camera changes its picture format again and again, so there is nothing that could be \
        shown. Restart it, or set one fixed resolution in its settings."
    TOO_MANY_PICTURES "camera.too-many-pictures" "The camera sends more than {limit} pictures a second, so the connection \
        was given up. Restart it, or set a lower frame rate in its settings."
    PANICKED "camera.panicked" "The camera's program failed here; it starts again by itself. Please report it with the \
        log."
    CUT_SHORT "camera.cut-short" "The picture breaks off after a few seconds, again and again. Most printers serve one \
        viewer at a time: close other programs that show this camera (Bambu Studio, Bambu Handy, Home Assistant). If there \
        are none, check the printer's Wi-Fi."
    NOT_VOUCHED_FOR "camera.not-vouched-for" "The camera URL names another host ({host}) than the printer's, so nothing is \
        sent there; give that camera's certificate fingerprint and login, or remove the URL."
    TOO_LARGE "camera.too-large" "This camera sends more than fits into {mebibytes} MiB; the stream is shortened."
    ELSEWHERE_PORT_CLOSED "camera.elsewhere.port-closed" "The device at {peer} is there, but its port is closed; check \
        the port in the camera URL."
    ELSEWHERE_NAME_UNKNOWN "camera.elsewhere.name-unknown" "The name {host} is not known in this network; check it, or \
        use the camera's IP address."
    ELSEWHERE_NO_ANSWER "camera.elsewhere.no-answer" "The camera took the connection but did not answer {step} within \
        {seconds} seconds. If this stays so, restart the camera."
    ELSEWHERE_CLOSED_AT_ONCE "camera.elsewhere.closed-at-once" "The camera closed the connection at once; check the \
        camera URL."
    ELSEWHERE_SESSION_ENDED "camera.elsewhere.session-ended" "The camera ended the session. If this repeats, close other \
        programs that show this camera."
    ELSEWHERE_LOGIN_REFUSED "camera.elsewhere.login-refused" "The camera refused the user or the password; type them in \
        again here."
    ELSEWHERE_FORBIDDEN "camera.elsewhere.forbidden" "The camera forbids access to its stream; allow it to this user in \
        the camera's settings."
    ELSEWHERE_NO_STREAM "camera.elsewhere.no-stream" "The camera has no stream at this path; check the path in the camera \
        URL."
    ELSEWHERE_FULL "camera.elsewhere.full" "The camera serves no further viewer now; close other programs that show it."
    ELSEWHERE_REFUSED "camera.elsewhere.refused" "The camera refused {step} with status {status}. If this stays so, \
        restart the camera."
    ELSEWHERE_NO_FIRST_PACKET "camera.elsewhere.no-first-packet" "The camera accepts but sends no picture. If this lasts, \
        restart the camera."
}

/// Returns the words for a camera as it is now.
#[must_use]
pub fn of_camera(condition: &Condition<'_>) -> Advice {
    match condition {
        Condition::Step(step) => step::of_camera_step(*step),
        Condition::Trouble(trouble) => of_camera_trouble(trouble),
        Condition::TooLarge { mebibytes } => TOO_LARGE.with([("mebibytes", (*mebibytes).into())]),
    }
}

/// Returns the words for what keeps a camera at work from being live.
#[must_use]
pub fn of_camera_trouble(trouble: &Trouble) -> Advice {
    match trouble {
        Trouble::Failed { error, place } => of_camera_error(error, *place, Tries::Repeated),
        Trouble::CutShortAgain => CUT_SHORT.plain(),
        Trouble::Unready(unready) => of_unready(unready),
    }
}

/// Returns the words for a printer without a connection to its camera.
fn of_unready(unready: &Unready) -> Advice {
    match unready {
        Unready::SwitchedOff => step::of_camera_step(crate::camera::Step::SwitchedOff),
        Unready::Stranger(url) => NOT_VOUCHED_FOR.with([("host", url.host().into())]),
        Unready::Forbidden(why) => field::of_url(*why),
    }
}

/// Returns the words for a connection to a camera that failed or ended.
#[must_use]
pub fn of_camera_error(error: &CameraError, place: Place, tries: Tries) -> Advice {
    match error {
        CameraError::Link(error) if place == Place::Pictures => pictures::of_link(error, tries),
        CameraError::Link(error) => of_link(error, place, tries),
        CameraError::Rtsp(error) => of_rtsp(error, place),
        CameraError::Jpeg(error) => pictures::of_jpeg(error, tries),
        CameraError::Media(MediaError::InterleavedMode { .. }) => INTERLEAVED_MODE.plain(),
        CameraError::NoFirstPacket => either(place, NO_FIRST_PACKET, ELSEWHERE_NO_FIRST_PACKET).plain(),
        CameraError::Silent(_) => SILENT.with([("retry", tries.retry())]),
        CameraError::NoPicture(_) => NO_PICTURE.plain(),
        CameraError::NoKeyFrame(_) => NO_KEY_FRAME.with([("retry", tries.retry())]),
        CameraError::Restless => RESTLESS.plain(),
        CameraError::TooManyPictures => TOO_MANY_PICTURES.with([("limit", PICTURES_PER_S.into())]),
        CameraError::Panic(_) => PANICKED.plain(),
    }
}

/// Chooses the words for the printer's own camera, or those for a camera to which the printer's screen means nothing.
fn either(place: Place, of_printer: Code, elsewhere: Code) -> Code {
    if place == Place::Elsewhere { elsewhere } else { of_printer }
}

fn of_link(error: &LinkError, place: Place, tries: Tries) -> Advice {
    let LinkError { at, failure } = error;
    let peer = ("peer", Value::from(at.as_str()));
    match (place, failure) {
        (Place::UsualPort, Failure::Dial(DialError::Refused(_))) => PORT_CLOSED.with([peer]),
        (Place::UsualPort, Failure::ClosedInHandshake) => HANGS_UP.with([peer]),
        (Place::UsualPort, Failure::HandshakeDeadline(waited)) => {
            SAYS_NOTHING.with([peer, ("seconds", waited.as_secs().into())])
        }
        (Place::Elsewhere, Failure::Dial(DialError::Refused(_))) => ELSEWHERE_PORT_CLOSED.with([peer]),
        (Place::Elsewhere, Failure::Dial(DialError::Unresolvable { host, .. })) if !host.contains('%') => {
            ELSEWHERE_NAME_UNKNOWN.with([("host", host.as_str().into())])
        }
        _ => link::of_link_error(error, tries),
    }
}

fn of_rtsp(error: &RtspError, place: Place) -> Advice {
    let either = |of_printer, elsewhere| either(place, of_printer, elsewhere);
    let code = match error {
        RtspError::Overdue { step: Step::Options, skipped: 1.., .. } | RtspError::Framing(FramingError::Garbage) => {
            NOT_RTSP
        }
        RtspError::Overdue { step, within, skipped } => {
            // An answer that is lost in noise has one sentence for both.
            let code = if *skipped == 0 { either(NO_ANSWER, ELSEWHERE_NO_ANSWER) } else { NO_ANSWER };
            return code.with([("step", step.to_string().into()), ("seconds", within.as_secs().into())]);
        }
        RtspError::Closed { step: Step::Options } => either(CLOSED_AT_ONCE, ELSEWHERE_CLOSED_AT_ONCE),
        RtspError::Closed { .. } | RtspError::Ended { .. } | RtspError::Status { status: 454, .. } => {
            either(SESSION_ENDED, ELSEWHERE_SESSION_ENDED)
        }
        RtspError::Credentials { .. } => either(ACCESS_CODE_REFUSED, ELSEWHERE_LOGIN_REFUSED),
        RtspError::NoLogin { .. } => LOGIN_MISSING,
        RtspError::Login { .. } => LOGIN_UNSUPPORTED,
        RtspError::Status { status: 403, .. } => either(FORBIDDEN, ELSEWHERE_FORBIDDEN),
        RtspError::Status { status: 404, .. } => either(NO_STREAM, ELSEWHERE_NO_STREAM),
        RtspError::Status { status: 453 | 503, .. } => either(FULL, ELSEWHERE_FULL),
        RtspError::NotInterleaved | RtspError::Status { status: 461, .. } => NOT_INTERLEAVED,
        RtspError::Status { step, status } => {
            let code = either(REFUSED, ELSEWHERE_REFUSED);
            return code.with([("step", step.to_string().into()), ("status", (*status).into())]);
        }
        RtspError::Redirected(Redirect::Scheme) => REDIRECTS_SCHEME,
        RtspError::Redirected(_) => REDIRECTS,
        RtspError::Description(SdpError::H265) => H265,
        RtspError::Description(_) => NO_H264,
        RtspError::Flood(Flood::Messages) => FLOOD_OF_MESSAGES,
        RtspError::Flood(Flood::Scraps) => FLOOD_OF_PACKETS,
        RtspError::Flood(Flood::Noise) => FLOOD_OF_NOISE,
        RtspError::Framing(_) => ENDLESS,
    };
    code.plain()
}
