//! `GET /api/printers/{id}/still.jpg`: the newest picture of any camera as a JPEG. A camera that sends JPEGs costs nothing
//! here; a key frame is decoded when the first one asks (`stream::picture_maker`).

use crate::advice::{self, picture as words};
use crate::base::clock::rfc3339_ms;
use crate::fleet::{Live, NoPicture, Still};
use crate::http::Body;
use crate::http::entity::Entity;
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::endpoint::{Answered, Call};
use crate::media::picture::NARROWEST;
use crate::printer::PrinterId;
use std::sync::Arc;

/// `GET /api/printers/{id}/still.jpg`
pub fn newest(call: &Call<'_>) -> Answered {
    let printer = call.printer()?;
    let width = width(call.request.query.as_deref())?;
    let live = call.fleet().live(printer).ok_or(NO_PRINTER)?;
    let still = still(call, printer, &live)?;
    // A camera's own picture has one size.
    let width = width.filter(|_| !still.is_jpeg());
    let tag = width.map_or_else(|| still.tag(), |width| format!("{}-w{width}", still.tag()));
    let headers = vec![
        ("Content-Type", "image/jpeg".to_owned()),
        ("Cache-Control", "private, no-cache".to_owned()),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
        ("X-Picture-Time", rfc3339_ms(still.captured_unix_ms)),
    ];
    let entity = Entity::new(call.request, tag, headers);
    let file = match entity.is_known() {
        true => None,
        false => Some(file(call, printer, &still, width)?),
    };
    Ok(entity.whole(|| file.map_or(Body::Empty, Body::Shared)).into())
}

/// Returns the newest still of a printer.
///
/// # Errors
/// What the camera does, if there has been none.
pub(super) fn still(call: &Call<'_>, printer: PrinterId, live: &Live) -> Result<Arc<Still>, Problem> {
    if let Some(still) = live.still() {
        return Ok(still);
    }
    let camera = call.fleet().camera(printer).ok_or(NO_PRINTER)?;
    Err(Problem::Unavailable(advice::of_camera(&camera.condition())))
}

/// Returns the JPEG of a still, which may have to be made.
///
/// # Errors
/// Why there is none.
pub(super) fn file(
    call: &Call<'_>,
    printer: PrinterId,
    still: &Still,
    width: Option<u16>,
) -> Result<Arc<[u8]>, Problem> {
    if let Some(Ok(file)) = still.picture(width) {
        return Ok(file);
    }
    // Whoever waits for a decode counts as held, so that a client has its share of the waiting threads.
    let _held = call.context.hold(printer.0)?;
    let file = call.fleet().pictures().picture(still, width, call.context.stop());
    if call.context.stop().is_stopped() {
        return Err(Problem::stopping());
    }
    file.map_err(|why| problem(printer, why))
}

fn problem(printer: PrinterId, why: NoPicture) -> Problem {
    log_refusal(printer, why);
    match why {
        NoPicture::Undecodable(why) | NoPicture::FoundUndecodable(why) => {
            Problem::NoPicture(words::of_undecodable(why))
        }
        NoPicture::Busy => Problem::Unavailable(words::BUSY.plain()),
    }
}

/// Logs a refusal once for each key frame.
pub(super) fn log_refusal(printer: PrinterId, why: NoPicture) {
    match why {
        NoPicture::FoundUndecodable(why) => log::debug!("p{printer}: a key frame cannot be decoded: {why:?}"),
        NoPicture::Busy => log::debug!("p{printer}: a picture was not made: others took too long"),
        NoPicture::Undecodable(_) => {}
    }
}

/// Reads `width` from a query and leaves what else it says. A wider one than the picture means the whole picture.
///
/// # Errors
/// If it is no number, or too small.
pub(super) fn width(query: Option<&str>) -> Result<Option<u16>, Problem> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, text)) = pairs.into_iter().find(|(name, _)| *name == "width") else { return Ok(None) };
    let is_plain = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let width = Some(text).filter(|_| is_plain).and_then(|digits| digits.parse::<u16>().ok());
    match width.filter(|width| *width >= NARROWEST) {
        Some(width) => Ok(Some(width)),
        None => Err(Problem::BadQuery(format!("`width` must be a whole number from {NARROWEST} to {}.", u16::MAX))),
    }
}

/// Says where the pictures are, at an address of video, if this camera sends pictures and no video.
///
/// # Errors
/// If it does.
pub(super) fn expect_video(printer: PrinterId, live: &Live) -> Result<(), Problem> {
    match live.still() {
        Some(still) if still.is_jpeg() => Err(Problem::Elsewhere(words::no_video(printer))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_a_number_and_other_parameters_are_ignored() {
        let check = |query: &str, expected: Option<u16>| assert_eq!(width(Some(query)), Ok(expected), "{query}");
        assert_eq!(width(None), Ok(None));
        check("", None);
        check("bypassCache=1764560000000", None);
        check("width=640", Some(640));
        check("t=1&width=16&x", Some(16));
        check("width=65535", Some(u16::MAX));
        for bad in ["width=", "width=15", "width=0640000", "width=65536", "width=-1", "width=6e2", "width=640px"] {
            assert_eq!(width(Some(bad)).unwrap_err().status(), 400, "{bad}");
        }
    }
}
