//! `/hls/{id}/…`: the two playlists, segments, and parts as byte ranges of segments. [`video`] waits for snapshots. The
//! rest is pure: a request and a snapshot in, an answer or "not yet" out.
//!
//! **Caching.** A household's video must not be stored in Cloudflare's cache, yet an nginx in front may share one
//! answer among many viewers. So `no-store` goes only to Cloudflare, in a header that only Cloudflare reads, and
//! `Cache-Control` is short. Segments may be cached for as long as the low-latency profile allows (rfc8216bis Appendix
//! B.1). A reload that was answered exactly may be cached for a second, in which all who wait for that part request it.
//! Other answers may not be cached at all. Errors get the server's `no-store`.

use crate::advice::{self, Advice, request};
use crate::base::clock;
use crate::hls::{Container, Directives, Playlist, Reload, Rendered, Segment, Snapshot, reload};
use crate::http::Body;
use crate::http::Reply;
use crate::http::Request;
use crate::http::endpoints::picture;
use crate::http::entity::{Entity, Headers};
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::endpoint::{Answered, Call};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// How often a held request checks for the stop: no more often than a stream has something new.
const STOP_TICK: Duration = Duration::from_millis(500);

/// How long the first request for a stream waits for its first frame.
const FIRST_PICTURE_HOLD: Duration = Duration::from_secs(5);

const UNKNOWN_SEGMENT: Problem = Problem::NotFound(request::NO_SEGMENT);

/// A viewer's parsed request for one camera.
#[derive(Debug, Clone)]
pub struct HlsRequest<'a> {
    request: &'a Request,
    wanted: Wanted,
}

#[derive(Debug, Clone)]
enum Wanted {
    Playlist(Playlist, Directives),
    Segment { msn: u64 },
}

/// `GET /hls/{id}/…`. A request for what does not exist yet waits on the connection's own thread.
pub(in crate::http) fn video(call: &Call<'_>) -> Answered {
    let printer = call.printer()?;
    let live = call.fleet().live(printer).ok_or(NO_PRINTER)?;
    live.note_request(clock::now());
    picture::expect_video(printer, &live)?;
    let file = call.request.path.rsplit('/').next().unwrap_or_default();
    let request = parse(call.request, file)?;
    let mut seen = live.snapshot();
    if let Some(answer) = answer(&request, seen.as_deref()) {
        return answer.map(Into::into);
    }
    let deadline = clock::now() + hold_limit(&request, seen.as_deref());
    let _held = call.context.hold(printer.0)?;
    loop {
        let left = deadline.saturating_duration_since(clock::now());
        live.wait_for_change(seen.as_ref(), left.min(STOP_TICK));
        if call.context.stop().is_stopped() {
            return Err(Problem::stopping());
        }
        if live.has_ended() {
            return Err(NO_PRINTER);
        }
        // Checked before the snapshot is taken: a snapshot that is published in between still answers.
        let is_late = clock::now() >= deadline;
        seen = live.snapshot();
        if let Some(answer) = answer(&request, seen.as_deref()) {
            return answer.map(Into::into);
        }
        if is_late {
            let camera = call.fleet().camera(printer).ok_or(NO_PRINTER)?;
            return Err(too_late(&request, seen.as_deref(), advice::of_camera(&camera.condition())));
        }
    }
}

/// Parses the request for `file` (the last path element).
///
/// # Errors
/// If there is no such file, or the directives are malformed.
pub fn parse<'a>(request: &'a Request, file: &str) -> Result<HlsRequest<'a>, Problem> {
    const UNKNOWN_FILE: Problem = Problem::NotFound(request::NO_FILE);
    let wanted = match file {
        // This playlist does not offer blocking reloads, so the directives are ignored.
        "stream.m3u8" => Wanted::Playlist(Playlist::Standard, Directives::default()),
        "stream_ll.m3u8" => {
            let directives = Directives::parse(request.query.as_deref().unwrap_or_default());
            Wanted::Playlist(Playlist::LowLatency, directives.map_err(|bad| Problem::BadQuery(bad.to_string()))?)
        }
        _ => Wanted::Segment { msn: Segment::msn_of(file).ok_or(UNKNOWN_FILE)? },
    };
    Ok(HlsRequest { request, wanted })
}

/// Returns the answer, or `None` while it does not exist yet.
#[must_use]
pub fn answer(request: &HlsRequest<'_>, snapshot: Option<&Snapshot>) -> Option<Result<Reply, Problem>> {
    match &request.wanted {
        Wanted::Playlist(playlist, directives) => answer_playlist(request.request, *playlist, directives, snapshot?),
        Wanted::Segment { msn } => match snapshot {
            Some(snapshot) => answer_segment(request.request, *msn, snapshot),
            None => Some(Err(not_yet())),
        },
    }
}

/// Refuses a request that was held until its deadline. `camera` describes for a person what the camera does: before the
/// first frame it says why there is none.
#[must_use]
pub fn too_late(request: &HlsRequest<'_>, snapshot: Option<&Snapshot>, camera: Advice) -> Problem {
    let waits_for_camera = waits_for_camera(request, snapshot);
    Problem::NotYet(if waits_for_camera { camera } else { request::NOTHING_NEW.plain() })
}

/// Whether this request still waits for the stream to begin.
fn waits_for_camera(request: &HlsRequest<'_>, snapshot: Option<&Snapshot>) -> bool {
    match &request.wanted {
        Wanted::Playlist(playlist, _) => {
            snapshot.is_none_or(|snapshot| snapshot.offers(*playlist) && snapshot.playlist(*playlist).is_none())
        }
        Wanted::Segment { .. } => false,
    }
}

/// How long a request is held: a short time for the first frame, three target durations for what should come.
#[must_use]
pub fn hold_limit(request: &HlsRequest<'_>, snapshot: Option<&Snapshot>) -> Duration {
    match snapshot {
        Some(snapshot) if !waits_for_camera(request, Some(snapshot)) => {
            Duration::from_secs(u64::from(snapshot.geometry().hold_back_s()))
        }
        _ => FIRST_PICTURE_HOLD,
    }
}

fn answer_playlist(
    request: &Request,
    playlist: Playlist,
    directives: &Directives,
    snapshot: &Snapshot,
) -> Option<Result<Reply, Problem>> {
    const SWITCHED_OFF: Problem = Problem::NotFound(request::NO_LOW_LATENCY);
    if !snapshot.offers(playlist) {
        return Some(Err(SWITCHED_OFF));
    }
    let rendered = snapshot.playlist(playlist)?;
    match reload::decide(snapshot.edge(), directives) {
        Reload::Now => {}
        Reload::Wait => return None,
        Reload::BadRequest(sentence) => return Some(Err(Problem::BadRequest(sentence))),
    }
    let cache = if answers_exactly(snapshot, directives) { "max-age=1" } else { "no-cache" };
    Some(Ok(playlist_reply(request, rendered, cache)))
}

/// Whether the playlist ends with the requested part or segment. Only then is it the same for all who request it.
fn answers_exactly(snapshot: &Snapshot, directives: &Directives) -> bool {
    let edge = snapshot.edge();
    match directives.until {
        Some((msn, Some(part))) => msn == edge.open_msn() && part.saturating_add(1) == edge.open_parts,
        Some((msn, None)) => msn.saturating_add(1) == edge.open_msn() && edge.open_parts == 0,
        None => false,
    }
}

fn playlist_reply(request: &Request, rendered: &Rendered, cache: &str) -> Reply {
    let headers = vec![
        ("Content-Type", "application/vnd.apple.mpegurl".to_owned()),
        ("Cache-Control", cache.to_owned()),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
    ];
    let gzip = || Some(Arc::clone(rendered.gzip())).filter(|gzip| !gzip.is_empty());
    Entity::new(request, rendered.tag.to_string(), headers).plain_or_gzip(&rendered.plain, gzip)
}

fn answer_segment(request: &Request, msn: u64, snapshot: &Snapshot) -> Option<Result<Reply, Problem>> {
    match snapshot.segment(msn) {
        Some(segment) if segment.complete => Some(complete_segment(request, snapshot, segment)),
        Some(segment) => growing_segment(request, snapshot, segment),
        // Announced by a hint but not begun: only a range from its beginning may wait.
        None if msn == snapshot.edge().open_msn() || msn == snapshot.hint().0 => {
            match Entity::growing(request, Headers::new()).range() {
                None => None,
                Some(range) if range.starts_at(0) => None,
                Some(_) => Some(Err(UNKNOWN_SEGMENT)),
            }
        }
        // Before the first complete segment of this process, a lower number belongs to a segment that was lost by the
        // restart.
        None if msn < snapshot.edge().open_msn() && snapshot.playlist(Playlist::Standard).is_none() => {
            Some(Err(not_yet()))
        }
        None => Some(Err(UNKNOWN_SEGMENT)),
    }
}

fn complete_segment(request: &Request, snapshot: &Snapshot, segment: &Segment) -> Result<Reply, Problem> {
    let tag = format!("{}-{:08x}", segment.msn, segment.crc);
    let entity = Entity::new(request, tag, segment_headers(lifetime(snapshot)));
    let len = segment.len();
    let Some(range) = entity.range() else {
        return Ok(entity.whole(|| Body::Slices(segment.slice(0..len))));
    };
    let bytes = range.within(len).ok_or_else(|| not_within(len))?;
    let bytes = if range.is_live() { within_part(segment, bytes) } else { bytes };
    Ok(entity.part(&bytes, Some(len), Body::Slices(segment.slice(bytes.clone()))))
}

/// Answers for a segment whose length is not known yet. Its bytes so far never change, so ranges within them are final.
/// A range that reaches beyond is answered as soon as there are more bytes, and no cache may keep that answer.
fn growing_segment(request: &Request, snapshot: &Snapshot, segment: &Segment) -> Option<Result<Reply, Problem>> {
    let len = segment.len();
    let range = Entity::growing(request, Headers::new()).range().filter(|range| !range.counts_from_the_end())?;
    if range.starts_at(len) {
        return None;
    }
    let Some(bytes) = range.within(len) else { return Some(Err(not_within(len))) };
    let bytes = if range.is_open() { within_part(segment, bytes) } else { bytes };
    let cache = if range.reaches_beyond(len) { "no-cache".to_owned() } else { lifetime(snapshot) };
    let entity = Entity::growing(request, segment_headers(cache));
    Some(Ok(entity.part(&bytes, None, Body::Slices(segment.slice(bytes.clone())))))
}

/// Limits a range without an end that begins at a part's first byte to that part: PRELOAD-HINT suggests such requests.
fn within_part(segment: &Segment, bytes: Range<usize>) -> Range<usize> {
    let part = segment.parts.iter().find(|part| segment.has_parts && part.offset == bytes.start);
    bytes.start..part.map_or(bytes.end, crate::hls::Part::end)
}

/// Returns the cache lifetime of bytes that never change.
fn lifetime(snapshot: &Snapshot) -> String {
    format!("max-age={}, immutable", u64::from(snapshot.geometry().target_duration_s) * 6)
}

fn segment_headers(cache: String) -> Headers {
    vec![
        ("Content-Type", Container::OURS.content_type().to_owned()),
        ("Cache-Control", cache),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
        ("Accept-Ranges", "bytes".to_owned()),
    ]
}

/// Answers for a segment that was listed before a restart, while there is no new list yet. A 404 is final, and hls.js
/// 1.5 ends on it. After a 503 it retries a second later, when the new list exists.
fn not_yet() -> Problem {
    Problem::NotYet(request::NO_PICTURE_YET.plain())
}

fn not_within(len: usize) -> Problem {
    Problem::Range(request::NOT_IN_SEGMENT, len)
}

#[cfg(test)]
mod tests;
