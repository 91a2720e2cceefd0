//! Says what a test of a printer found, beside the failures themselves.

use super::code::words;
use super::{Advice, step};
use crate::camera::Step;
use crate::printer::Serial;
use crate::printer::model::Model;
use std::io;
use std::time::Duration;

words! {
    ANSWERS "test.answers" "{host} answers."
    PORT_OPEN "test.port-open" "Port {port} is open."
    CERTIFICATE "test.certificate" "The certificate is that of {serial}."
    REPORTS "test.reports" "It is a {model} and reports."
    /// The link of the printer at work is the one to be tested.
    pub LINK_AT_WORK "test.link-at-work" "The printer is connected to Platecast; that connection answers for these stages."
    /// The camera at work is the one to be tested.
    pub CAMERA_AT_WORK "test.camera-at-work" "The camera is live in Platecast; no second connection was opened."
    PICTURE_SIZE "test.picture-size" "The picture has {width} × {height} pixels."
    /// The printer was held back lately, or in this test.
    pub FLOOD "test.flood" "The printer sends far more reports than any printer is known to. They are read more slowly, so \
        what is shown may be late; restart the printer, or look what answers at its address."
    NO_KEY_FRAME "test.no-key-frame" "Video arrives, but no key frame to begin with came within {seconds} s. If this stays \
        so, restart the camera, or set a shorter key-frame interval (GOP) in its settings."
    NOTHING_MORE "test.nothing-more" ""
    NO_ROOM "test.no-room" "This machine has no room for a test: {reason}."
    TOO_LONG "test.too-long" "This takes too long: the test was ended after {seconds} s."
    /// The printer at work was removed during the test.
    pub REMOVED "test.removed" "This printer has been removed here."
    /// There are as many tests as there may be.
    pub TOO_MANY "test.too-many" "Too many printers are being tested; try again in a moment."
    /// The system has no thread left for a test.
    pub NO_THREADS "test.no-threads" "This machine has no threads left for a test; restart the service."
}

/// Something answers at this address.
#[must_use]
pub fn answers(host: &str) -> Advice {
    ANSWERS.with([("host", host.into())])
}

/// The TCP connection is open.
#[must_use]
pub fn port_open(port: u16) -> Advice {
    PORT_OPEN.with([("port", port.into())])
}

/// The certificate is the printer's.
#[must_use]
pub fn certificate(serial: &Serial) -> Advice {
    CERTIFICATE.with([("serial", serial.as_str().into())])
}

/// The first report tells the model.
#[must_use]
pub fn reports(model: Model) -> Advice {
    REPORTS.with([("model", model.name().into())])
}

/// A key frame came.
#[must_use]
pub fn picture_size((width, height): (u32, u32)) -> Advice {
    PICTURE_SIZE.with([("width", width.into()), ("height", height.into())])
}

/// The camera came as far as `step` in the time that it has for a test.
#[must_use]
pub fn stuck_at(step: Step, within: Duration) -> Advice {
    let seconds = || ("seconds", within.as_secs().into());
    match step {
        Step::WaitingForKeyFrame => NO_KEY_FRAME.with([seconds()]),
        other => {
            let sentence =
                format!("{} Nothing more came within {} s.", step::of_camera_step(other).sentence, within.as_secs());
            NOTHING_MORE.worded([("step", other.word().into()), seconds()], sentence)
        }
    }
}

/// The system refuses a thread.
#[must_use]
pub fn no_room(error: &io::Error) -> Advice {
    NO_ROOM.with([("reason", error.to_string().into())])
}

/// The whole test took too long.
#[must_use]
pub fn too_long(after: Duration) -> Advice {
    TOO_LONG.with([("seconds", after.as_secs().into())])
}
