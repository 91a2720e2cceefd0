//! `GET /api/printers/{id}/stream.mjpeg`: one JPEG after another, for programs of a LAN that know nothing else.
//!
//! ```text
//! --frame␍␊ Content-Type, Content-Length, X-Picture-Time ␍␊␍␊ JPEG ␍␊--frame␍␊ …
//! ```
//!
//! Each part has a Content-Length, since go2rtc and Mainsail demand it. Chromium shows a part only when the head of the
//! next one has come: so the first picture is sent twice, and the newest one again whenever nothing else was sent for
//! [`REPEATED_AFTER`]. The boundary follows a picture at once, which is enough for Firefox.
//!
//! Nothing is queued: after a write, a slow reader gets what is the newest then.

use super::picture;
use crate::base::clock::{self, rfc3339_ms};
use crate::base::stop::Stop;
use crate::fleet::{Fleet, Live, NoPicture, Still};
use crate::http::Answer;
use crate::http::Reply;
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::endpoint::{Answered, Call};
use crate::printer::PrinterId;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The most streams of pictures. Each may hold one picture of up to 8 MB while a slow reader takes it.
pub const STREAMS: usize = 32;

/// When the newest picture is sent again. Mainsail starts over after 10 s without one.
const REPEATED_AFTER: Duration = Duration::from_secs(5);

/// How often a stream that waits looks for the stop.
const STOP_TICK: Duration = Duration::from_millis(500);

/// The places for streams of pictures.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<AtomicUsize>);

/// A taken place; dropping it returns it.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Places {
    /// Returns how many are taken.
    pub fn taken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn take(&self) -> Option<Place> {
        let more = |taken: usize| (taken < STREAMS).then_some(taken + 1);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.ok().map(|_| Place(Arc::clone(&self.0)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `GET /api/printers/{id}/stream.mjpeg`
pub fn pictures(call: &Call<'_>) -> Answered {
    let printer = call.printer()?;
    let width = picture::width(call.request.query.as_deref())?;
    let live = call.fleet().live(printer).ok_or(NO_PRINTER)?;
    let still = picture::still(call, printer, &live)?;
    let place = call.installation.mjpeg.take().ok_or(Problem::Unavailable(crate::advice::picture::TOO_MANY.plain()))?;
    // Made before the answer begins, so that a camera whose key frames cannot be decoded gets its words.
    let file = picture::file(call, printer, &still, width)?;
    let head = Reply {
        headers: vec![("Content-Type", "multipart/x-mixed-replace;boundary=frame".to_owned())],
        ..Reply::empty(200)
    };
    let newest = Part { captured_unix_ms: still.captured_unix_ms, file };
    let pictures = Pictures {
        fleet: Arc::clone(call.fleet()),
        printer,
        live,
        width,
        stop: call.context.stop().clone(),
        seen: still,
        newest,
        written: None,
        _place: place,
    };
    Ok(Answer::Pictures(head, Box::new(pictures)))
}

/// The parts of one stream: an iterator that waits for the next one and ends at the stop or with the printer.
#[derive(Debug)]
struct Pictures {
    fleet: Arc<Fleet>,
    printer: PrinterId,
    live: Arc<Live>,
    width: Option<u16>,
    stop: Stop,
    /// The last still that was looked at; not every one becomes a part.
    seen: Arc<Still>,
    /// The last part that was written.
    newest: Part,
    /// When it was written; `None` before the first.
    written: Option<Instant>,
    _place: Place,
}

#[derive(Debug)]
struct Part {
    captured_unix_ms: i64,
    file: Arc<[u8]>,
}

impl Part {
    fn write(&self, into: &mut Vec<u8>) {
        let (length, time) = (self.file.len(), rfc3339_ms(self.captured_unix_ms));
        let head = format!("Content-Type: image/jpeg\r\nContent-Length: {length}\r\nX-Picture-Time: {time}\r\n\r\n");
        into.reserve(head.len() + length + BOUNDARY.len());
        into.extend_from_slice(head.as_bytes());
        into.extend_from_slice(&self.file);
        into.extend_from_slice(BOUNDARY);
    }
}

const BOUNDARY: &[u8] = b"\r\n--frame\r\n";

impl Pictures {
    /// Returns a newer part, if there is a newer still and it can be shown.
    fn newer(&mut self) -> Option<Part> {
        let still = self.live.still().filter(|still| !Arc::ptr_eq(still, &self.seen))?;
        let file = self.fleet.pictures().picture(&still, self.width, &self.stop);
        if let Err(why) = file {
            picture::log_refusal(self.printer, why);
        }
        let captured_unix_ms = still.captured_unix_ms;
        // A still that has not had its turn is looked at again.
        if file != Err(NoPicture::Busy) {
            self.seen = still;
        }
        file.ok().map(|file| Part { captured_unix_ms, file })
    }
}

impl Iterator for Pictures {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut piece = Vec::new();
        let Some(written) = self.written else {
            piece.extend_from_slice(BOUNDARY.trim_ascii_start());
            self.newest.write(&mut piece);
            self.newest.write(&mut piece);
            self.written = Some(clock::now());
            self.live.note_request(clock::now());
            return Some(piece);
        };
        loop {
            if self.stop.is_stopped() || self.live.has_ended() {
                return None;
            }
            let is_newer = match self.newer() {
                Some(part) => {
                    self.newest = part;
                    true
                }
                None => false,
            };
            let silence = clock::now().saturating_duration_since(written);
            if is_newer || silence >= REPEATED_AFTER {
                self.newest.write(&mut piece);
                self.written = Some(clock::now());
                self.live.note_request(clock::now());
                return Some(piece);
            }
            self.live.wait_for_still(&self.seen, (REPEATED_AFTER - silence).min(STOP_TICK));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let places = Places::default();
        let taken: Vec<_> = (0..STREAMS).map(|_| places.take().expect("a place")).collect();
        assert!(places.take().is_none());
        assert_eq!(places.taken(), STREAMS);
        drop(taken);
        assert_eq!(places.taken(), 0);
    }

    #[test]
    fn a_part_says_its_length_and_ends_with_the_boundary() {
        let part = Part { captured_unix_ms: 1_768_767_300_007, file: (*b"\xFF\xD8\xFF\xD9").into() };
        let mut written = Vec::new();
        part.write(&mut written);
        let expected: &[u8] = b"Content-Type: image/jpeg\r\nContent-Length: 4\r\n\
            X-Picture-Time: 2026-01-18T20:15:00.007Z\r\n\r\n\xFF\xD8\xFF\xD9\r\n--frame\r\n";
        assert_eq!(written, expected);
    }
}
