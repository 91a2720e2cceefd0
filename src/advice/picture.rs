//! Says why there is no JPEG of a camera, or no video of one that sends JPEGs.

use super::Advice;
use super::code::words;
use crate::media::picture::Undecodable;
use crate::printer::PrinterId;

words! {
    TOO_LARGE "picture.too-large" "Platecast makes no JPEG of this camera: its key frames have more than 4096 × 2304 pixels, \
        64 slices or 2 MB. The video and still.mp4 show them."
    UNSUPPORTED "picture.unsupported" "Platecast makes no JPEG of this camera: its video is interlaced, or of a rare kind of \
        H.264. The video and still.mp4 show it."
    DAMAGED "picture.damaged" "The newest key frame could not be decoded to a JPEG. The next one may be; still.mp4 has this one."
    TOO_SLOW "picture.too-slow" "The newest key frame was not decoded to a JPEG within 3 s; this machine is too slow or too \
        busy for it. still.mp4 has it."
    /// Others wait for their pictures.
    pub BUSY "picture.busy" "Other pictures are being decoded; try again."
    /// All streams of pictures are taken.
    pub TOO_MANY "picture.too-many-streams" "Too many streams of pictures are open; close some of them."
    NO_VIDEO "stream.pictures-only" "This camera sends JPEG pictures and no video. {still} has the newest one, and {stream} \
        sends one after another."
}

/// Returns the words for a key frame that cannot be decoded.
#[must_use]
pub fn of_undecodable(why: Undecodable) -> Advice {
    match why {
        Undecodable::TooLarge => TOO_LARGE,
        Undecodable::Unsupported => UNSUPPORTED,
        Undecodable::Damaged => DAMAGED,
        Undecodable::TooSlow => TOO_SLOW,
    }
    .plain()
}

/// Returns the words for the addresses of video of a camera that sends pictures.
#[must_use]
pub fn no_video(printer: PrinterId) -> Advice {
    let address = |file: &str| format!("/api/printers/{printer}/{file}").into();
    NO_VIDEO.with([("still", address("still.jpg")), ("stream", address("stream.mjpeg"))])
}
