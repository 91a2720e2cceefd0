//! What any viewer may ask of a stream: file name, query and header fields. The answer is one of the few that there
//! are, and a range of bytes is the bytes that it says.

use std::sync::{Arc, OnceLock};

use platecast::advice;
use platecast::camera::Step;
use platecast::hls::{Directives, Edge, Packager, Settings, Snapshot, reload};
use platecast::http::endpoints::hls::{answer, parse, too_late};
use platecast::http::{Method, Reply, Request};
use platecast::media::AccessUnit;

const FIELDS: [&str; 4] = ["range", "if-range", "if-none-match", "accept-encoding"];
const STATUSES: [u16; 7] = [200, 206, 304, 400, 404, 416, 503];

/// The first byte is the method; then one line each: file, query, and the fields above.
pub fn check(data: &[u8]) {
    let Some((method, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut lines = text.split('\n');
    let (file, query) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let request = Request {
        method: Method::ALL[usize::from(*method) % Method::ALL.len()],
        path: format!("/hls/1/{file}"),
        query: Some(query.to_owned()),
        headers: FIELDS.iter().zip(lines).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect(),
        body: Vec::new(),
    };
    edges(query);
    let asked = match parse(&request, file) {
        Ok(asked) => asked,
        Err(problem) => return check_reply(&problem.reply()),
    };
    for snapshot in [None, Some(stream())] {
        let answer = answer(&asked, snapshot).unwrap_or_else(|| Err(too_late(&asked, snapshot, away())));
        check_reply(&answer.unwrap_or_else(|problem| problem.reply()));
    }
}

fn away() -> advice::Advice {
    advice::of_camera_step(Step::Retrying)
}

fn check_reply(reply: &Reply) {
    assert!(STATUSES.contains(&reply.status), "{}", reply.status);
    assert!(reply.headers.iter().all(|(_, value)| !value.contains(['\r', '\n'])));
    let Some((_, range)) = reply.headers.iter().find(|(name, _)| *name == "Content-Range") else { return };
    let of = range.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
    let ends = of.and_then(|(range, _)| range.split_once('-')).map(|(first, last)| (first.parse(), last.parse()));
    if let Some((Ok(first), Ok(last))) = ends {
        let (first, last): (usize, usize) = (first, last);
        assert!(reply.status != 206 || reply.body.len() == last + 1 - first, "{range} has {} bytes", reply.body.len());
    }
}

/// Directives against edges that no packager makes.
fn edges(query: &str) {
    let Ok(directives) = Directives::parse(query) else { return };
    for first_msn in [0, 7, u64::MAX - 1, u64::MAX] {
        let edge = Edge { first_msn, complete_parts: vec![6, 0, 6], open_parts: 2, advance_part_limit: 3 };
        let _ = reload::decide(&edge, &directives);
    }
}

/// Fifteen seconds of a stream, made once.
fn stream() -> &'static Snapshot {
    static STREAM: OnceLock<Arc<Snapshot>> = OnceLock::new();
    STREAM.get_or_init(|| {
        let mut packager = Packager::new(Settings::default(), None, Vec::new());
        for frame in 0..15 * 30_i64 {
            let idr = frame % 30 == 0;
            let (whole, length) = (0..400, 400);
            let unit = AccessUnit {
                bytes: vec![if idr { 0x65 } else { 0x41 }; length],
                nal_units: Vec::from([whole]),
                pts_90k: frame * 3000,
                dts_90k: frame * 3000,
                duration_90k: 3000,
                idr,
                discontinuity: false,
                captured_unix_ms: frame * 33,
            };
            packager.push(&unit, frame * 33);
        }
        packager.snapshot().expect("a stream")
    })
}
