//! `/hls/:id/…`: the two playlists, segments, and parts as byte ranges of segments. Pure: a request and a snapshot in,
//! an answer or "not yet" out; `dispatch` waits for the next snapshot.
//!
//! **Caching.** What a household's camera shows must not lie in a cache of Cloudflare's, yet an nginx in front may
//! share one answer among many viewers. So Cloudflare alone is told `no-store`, in the header that only it reads, and
//! `Cache-Control` is short: segments for as long as the low-latency profile allows (rfc8216bis Appendix B.1), a reload
//! that was answered exactly for the second in which everybody who waits for that part asks for it, anything else not
//! at all. Errors get the server's `no-store`.

use super::range::ByteRange;
use super::{Body, Method, Reply, Request, names_tag, view};
use crate::hls::{Directives, Playlist, Reload, Rendered, Segment, Snapshot, reload};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// How long the first request for a stream waits for its first picture.
const FIRST_PICTURE_HOLD: Duration = Duration::from_secs(5);
/// When a refused player may come again.
const RETRY_AFTER_S: &str = "1";

/// What a viewer asks of one camera, parsed.
#[derive(Debug, Clone)]
pub struct HlsRequest {
    wanted: Wanted,
    /// The value of If-None-Match.
    if_none_match: Option<String>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Playlist { playlist: Playlist, directives: Directives, gzip: bool },
    Segment { msn: u64, range: Option<ByteRange>, if_range: Option<String> },
}

/// Understands the request for `file` (the last path element).
///
/// # Errors
/// The reply that refuses it.
pub fn parse(request: &Request, file: &str) -> Result<HlsRequest, Box<Reply>> {
    if !matches!(request.method, Method::Get | Method::Head) {
        let mut refusal = problem(405, "A stream can only be read.");
        refusal.headers.push(("Allow", "GET, HEAD".to_owned()));
        return Err(Box::new(refusal));
    }
    let playlist = |playlist, directives| {
        let gzip = request.header("accept-encoding").is_some_and(accepts_gzip);
        Wanted::Playlist { playlist, directives, gzip }
    };
    let wanted = match file {
        // It does not offer blocking reloads, so what asks for one is not understood.
        "stream.m3u8" => playlist(Playlist::Standard, Directives::default()),
        "stream_ll.m3u8" => {
            let directives = Directives::parse(request.query.as_deref().unwrap_or_default())
                .map_err(|bad| Box::new(problem(400, &bad.to_string())))?;
            playlist(Playlist::LowLatency, directives)
        }
        _ => {
            let msn = Segment::msn_of(file).ok_or_else(|| Box::new(unknown_file()))?;
            // A range is defined for GET alone (RFC 9110 §14.2).
            let range = request.header("range").filter(|_| request.method == Method::Get).and_then(ByteRange::parse);
            Wanted::Segment { msn, range, if_range: request.header("if-range").map(str::to_owned) }
        }
    };
    Ok(HlsRequest { wanted, if_none_match: request.header("if-none-match").map(str::to_owned) })
}

/// Returns the answer, or `None` while it is not there yet.
#[must_use]
pub fn answer(request: &HlsRequest, snapshot: Option<&Snapshot>) -> Option<Reply> {
    match &request.wanted {
        Wanted::Playlist { playlist, directives, gzip } => {
            answer_playlist(request, *playlist, directives, *gzip, snapshot)
        }
        Wanted::Segment { msn, range, if_range } => {
            answer_segment(request, *msn, range.as_ref(), if_range.as_deref(), snapshot)
        }
    }
}

/// Returns the answer to a request that was held until its deadline. `camera` tells a person what the camera does: before
/// the first frame it says why there is none.
#[must_use]
pub fn too_late(request: &HlsRequest, snapshot: Option<&Snapshot>, camera: &str) -> Reply {
    unavailable(if waits_for_camera(request, snapshot) { camera } else { "The camera has sent nothing new." })
}

/// Whether the stream has not begun for this request.
fn waits_for_camera(request: &HlsRequest, snapshot: Option<&Snapshot>) -> bool {
    match &request.wanted {
        Wanted::Playlist { playlist, .. } => {
            snapshot.is_none_or(|snapshot| snapshot.offers(*playlist) && snapshot.playlist(*playlist).is_none())
        }
        Wanted::Segment { .. } => false,
    }
}

/// How long a request is held: a little for the first picture, three target durations for what should come.
#[must_use]
pub fn hold_limit(request: &HlsRequest, snapshot: Option<&Snapshot>) -> Duration {
    match snapshot {
        Some(snapshot) if !waits_for_camera(request, Some(snapshot)) => {
            Duration::from_secs(u64::from(snapshot.geometry().hold_back_s()))
        }
        _ => FIRST_PICTURE_HOLD,
    }
}

fn answer_playlist(
    request: &HlsRequest,
    playlist: Playlist,
    directives: &Directives,
    gzip: bool,
    snapshot: Option<&Snapshot>,
) -> Option<Reply> {
    let snapshot = snapshot?;
    if !snapshot.offers(playlist) {
        return Some(problem(404, "Low-latency streaming is switched off; the standard playlist is stream.m3u8."));
    }
    let rendered = snapshot.playlist(playlist)?;
    match reload::decide(snapshot.edge(), directives) {
        Reload::Now => {}
        Reload::Wait => return None,
        Reload::BadRequest(sentence) => return Some(problem(400, sentence)),
    }
    let cache = if answers_exactly(snapshot, directives) { "max-age=1" } else { "no-cache" };
    Some(playlist_reply(request, rendered, gzip, cache))
}

/// Whether the playlist ends with what was asked for: only then is it the same for all who ask.
fn answers_exactly(snapshot: &Snapshot, directives: &Directives) -> bool {
    let edge = snapshot.edge();
    match directives.until {
        Some((msn, Some(part))) => msn == edge.open_msn() && part.saturating_add(1) == edge.open_parts,
        Some((msn, None)) => msn.saturating_add(1) == edge.open_msn() && edge.open_parts == 0,
        None => false,
    }
}

fn playlist_reply(request: &HlsRequest, rendered: &Rendered, gzip: bool, cache: &str) -> Reply {
    let gzip = gzip.then(|| rendered.gzip()).filter(|gzip| !gzip.is_empty());
    // Two encodings are two entities (RFC 9110 §8.8.3.3).
    let etag = if gzip.is_some() { format!("\"{}-gz\"", rendered.tag) } else { format!("\"{}\"", rendered.tag) };
    let not_modified = request.has(&etag);
    let mut headers = vec![
        ("Content-Type", "application/vnd.apple.mpegurl".to_owned()),
        ("Cache-Control", cache.to_owned()),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
        ("Vary", "Accept-Encoding".to_owned()),
        ("ETag", etag),
    ];
    if not_modified {
        return Reply { status: 304, headers, body: Body::Empty };
    }
    if gzip.is_some() {
        headers.push(("Content-Encoding", "gzip".to_owned()));
    }
    let body = Body::Shared(Arc::clone(gzip.unwrap_or(&rendered.plain)));
    Reply { status: 200, headers, body }
}

fn answer_segment(
    request: &HlsRequest,
    msn: u64,
    range: Option<&ByteRange>,
    if_range: Option<&str>,
    snapshot: Option<&Snapshot>,
) -> Option<Reply> {
    let Some(snapshot) = snapshot else { return Some(not_yet()) };
    match snapshot.segment(msn) {
        Some(segment) if segment.complete => {
            let etag = segment_etag(segment);
            // The range was asked for other bytes than these: all of them, then (RFC 9110 §13.1.5).
            let range = range.filter(|_| if_range.is_none_or(|tag| tag == etag));
            Some(complete_segment(request, snapshot, segment, range, etag))
        }
        Some(segment) => growing_segment(snapshot, segment, range),
        // Hinted at, but not begun: only its beginning is worth a wait.
        None if msn == snapshot.edge().open_msn() || msn == snapshot.hint().0 => match range {
            None => None,
            Some(range) if range.starts_at(0) => None,
            Some(_) => Some(unknown_segment()),
        },
        // Before the first complete segment of this life, a number below is one that was lost with the life before.
        None if msn < snapshot.edge().open_msn() && snapshot.playlist(Playlist::Standard).is_none() => Some(not_yet()),
        None => Some(unknown_segment()),
    }
}

fn complete_segment(
    request: &HlsRequest,
    snapshot: &Snapshot,
    segment: &Segment,
    range: Option<&ByteRange>,
    etag: String,
) -> Reply {
    let not_modified = request.has(&etag);
    let mut headers = segment_headers(lifetime(snapshot));
    headers.push(("ETag", etag));
    let len = segment.len();
    if not_modified {
        return Reply { status: 304, headers, body: Body::Empty };
    }
    let Some(range) = range else {
        return Reply { status: 200, headers, body: Body::Slices(segment.slice(0..len)) };
    };
    let Some(bytes) = range.within(len) else { return unsatisfiable(len) };
    let bytes = if range.is_live() { within_part(segment, bytes) } else { bytes };
    partial(segment, bytes, &len.to_string(), headers)
}

/// A segment whose length nobody knows yet. What is there of it never changes, so ranges within it are final; one that
/// reaches beyond is answered with more as soon as there is more, and no cache is to keep what it gets now.
fn growing_segment(snapshot: &Snapshot, segment: &Segment, range: Option<&ByteRange>) -> Option<Reply> {
    let len = segment.len();
    let range = range.filter(|range| !range.counts_from_the_end())?;
    if range.starts_at(len) {
        return None;
    }
    let Some(bytes) = range.within(len) else { return Some(unsatisfiable(len)) };
    let bytes = if range.is_open() { within_part(segment, bytes) } else { bytes };
    let cache = if range.reaches_beyond(len) { "no-cache".to_owned() } else { lifetime(snapshot) };
    Some(partial(segment, bytes, "*", segment_headers(cache)))
}

/// A range without an end that begins where a part begins asks for that part: it is what PRELOAD-HINT invites to.
fn within_part(segment: &Segment, bytes: Range<usize>) -> Range<usize> {
    let part = segment.parts.iter().find(|part| segment.has_parts && part.offset == bytes.start);
    bytes.start..part.map_or(bytes.end, crate::hls::Part::end)
}

fn partial(segment: &Segment, bytes: Range<usize>, total: &str, mut headers: Vec<(&'static str, String)>) -> Reply {
    let last = bytes.end.saturating_sub(1);
    headers.push(("Content-Range", format!("bytes {}-{last}/{total}", bytes.start)));
    Reply { status: 206, headers, body: Body::Slices(segment.slice(bytes)) }
}

/// Of bytes that never change.
fn lifetime(snapshot: &Snapshot) -> String {
    format!("max-age={}, immutable", u64::from(snapshot.geometry().target_duration_s) * 6)
}

fn segment_headers(cache: String) -> Vec<(&'static str, String)> {
    vec![
        ("Content-Type", "video/mp2t".to_owned()),
        ("Cache-Control", cache),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
        ("Accept-Ranges", "bytes".to_owned()),
    ]
}

fn segment_etag(segment: &Segment) -> String {
    format!("\"{}-{:08x}\"", segment.msn, segment.crc)
}

impl HlsRequest {
    /// Whether the viewer has this entity already.
    fn has(&self, etag: &str) -> bool {
        self.if_none_match.as_deref().is_some_and(|tags| names_tag(tags, etag))
    }
}

/// Whether an Accept-Encoding lets gzip pass: named, or covered by `*`, and not with a weight of 0.
fn accepts_gzip(accept: &str) -> bool {
    let weight = |coding: &str| {
        accept.split(',').find_map(|item| {
            let mut pieces = item.split(';').map(str::trim);
            let named = pieces.next()?.eq_ignore_ascii_case(coding);
            let weight = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse::<f32>().ok());
            named.then(|| weight.unwrap_or(1.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

fn unknown_file() -> Reply {
    problem(404, "A stream has stream.m3u8, stream_ll.m3u8 and segments, nothing else.")
}

fn unknown_segment() -> Reply {
    problem(404, "There is no such segment, or not any more.")
}

/// Answers for a segment that was listed before a restart, while there is no new list yet. A 404 is final, and hls.js 1.5
/// ends on it. After a 503 it asks again a second later, when the new list is there.
fn not_yet() -> Reply {
    unavailable("There is no picture from this camera yet.")
}

fn unsatisfiable(len: usize) -> Reply {
    let mut reply = problem(416, "The range is not within the segment.");
    reply.headers.push(("Content-Range", format!("bytes */{len}")));
    reply
}

fn unavailable(sentence: &str) -> Reply {
    let mut reply = problem(503, sentence);
    reply.headers.push(("Retry-After", RETRY_AFTER_S.to_owned()));
    reply
}

fn problem(status: u16, sentence: &str) -> Reply {
    Reply::json(status, &view::Problem::new(sentence, &[]))
}

#[cfg(test)]
mod tests;
