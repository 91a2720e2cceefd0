//! `GET /api/printers/:id/still.mp4`: the newest key frame. This is pure: a request and a still in, an answer out.
//!
//! It shows a household's camera, so no shared cache may keep it. The page requests it each time, and as long as there
//! is no newer frame the answer is a 304 without a body.

use crate::advice;
use crate::base::clock::rfc3339_ms;
use crate::fleet::Still;
use crate::hls::Slice;
use crate::http::Body;
use crate::http::Reply;
use crate::http::Request;
use crate::http::endpoints::picture;
use crate::http::entity::Entity;
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::endpoint::{Answered, Call};
use std::sync::Arc;

/// `GET /api/printers/{id}/still.mp4`
pub fn newest(call: &Call<'_>) -> Answered {
    let printer = call.printer()?;
    let live = call.fleet().live(printer).ok_or(NO_PRINTER)?;
    picture::expect_video(printer, &live)?;
    answer(call.request, &*picture::still(call, printer, &live)?).map(Into::into)
}

/// Answers with the still, or a range of it.
///
/// # Errors
/// If the range is not within it.
fn answer(request: &Request, still: &Still) -> Result<Reply, Problem> {
    let headers = vec![
        ("Content-Type", "video/mp4".to_owned()),
        ("Cache-Control", "private, no-cache".to_owned()),
        ("Cloudflare-CDN-Cache-Control", "no-store".to_owned()),
        ("X-Picture-Time", rfc3339_ms(still.captured_unix_ms)),
        // A <video> requests ranges, and reports that it cannot seek if they are not supported.
        ("Accept-Ranges", "bytes".to_owned()),
    ];
    let entity = Entity::new(request, still.tag(), headers);
    // Made only for who has not got it yet.
    let file = || still.mp4().unwrap_or_default();
    let Some(range) = entity.range() else { return Ok(entity.whole(|| Body::Shared(file()))) };
    let bytes = file();
    let length = bytes.len();
    let range = range.within(length).ok_or(Problem::Range(advice::request::NOT_IN_PICTURE, length))?;
    let slice = Slice { bytes: Arc::clone(&bytes), range: range.clone() };
    Ok(entity.part(&range, Some(length), Body::Slices(vec![slice])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;
    use crate::media::AccessUnit;

    /// Returns a still whose file is some hundred bytes long.
    fn picture() -> Still {
        let nals: [&[u8]; 3] = [
            &[
                0x67, 0x42, 0xc0, 0x1f, 0x8d, 0x8d, 0x50, 0x24, 0x82, 0xd9, 0x36, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 0xf,
                0x23, 0xc2, 0x21, 0x1a, 0x80,
            ],
            &[0x68, 0xCE, 0x3C, 0x80],
            &[0x65, 0x88, 1],
        ];
        let mut unit = AccessUnit { idr: true, captured_unix_ms: 1_768_767_300_007, ..AccessUnit::default() };
        for nal in nals {
            let start = unit.bytes.len() as u32;
            unit.bytes.extend_from_slice(nal);
            unit.nal_units.push(start..start + nal.len() as u32);
        }
        Still::of_key_frame(Arc::new(unit))
    }

    fn ask(method: Method, fields: &[(&str, &str)]) -> Reply {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let path = "/api/printers/1/still.mp4".to_owned();
        let request = Request { method, path, query: None, headers, body: Vec::new() };
        answer(&request, &picture()).unwrap_or_else(|problem| problem.reply())
    }

    fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        reply.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn a_still_has_its_time_and_no_shared_cache_keeps_it() {
        let reply = ask(Method::Get, &[]);
        assert_eq!(reply.status, 200);
        assert_eq!(field(&reply, "Content-Type"), Some("video/mp4"));
        assert_eq!(field(&reply, "X-Picture-Time"), Some("2026-01-18T20:15:00.007Z"));
        assert_eq!(field(&reply, "Cache-Control"), Some("private, no-cache"));
        assert!(reply.body.pieces().concat().starts_with(&[0, 0, 0]), "{:?}", reply.body);
    }

    #[test]
    fn a_matching_etag_gets_304_with_the_time() {
        let etag = field(&ask(Method::Get, &[]), "ETag").unwrap().to_owned();
        for known in [etag.as_str(), &format!("\"x\", W/{etag}"), "*"] {
            let reply = ask(Method::Get, &[("if-none-match", known)]);
            assert_eq!((reply.status, reply.body.len()), (304, 0), "{known}");
            assert!(field(&reply, "X-Picture-Time").is_some());
        }
        assert_eq!(ask(Method::Get, &[("if-none-match", "\"other\"")]).status, 200);
    }

    #[test]
    fn a_range_is_served_and_one_beyond_the_end_is_416() {
        let whole = ask(Method::Get, &[]).body.pieces().concat();
        let check = |fields: &[(&str, &str)], status: u16, range: Option<&str>, bytes: &[u8]| {
            let reply = ask(Method::Get, fields);
            assert_eq!((reply.status, field(&reply, "Content-Range")), (status, range), "{fields:?}");
            assert_eq!(reply.body.pieces().concat(), bytes, "{fields:?}");
        };
        let length = whole.len();
        let all = format!("bytes 0-{}/{length}", length - 1);
        check(&[("range", "bytes=0-")], 206, Some(&all), &whole);
        check(&[("range", "bytes=0-1")], 206, Some(&format!("bytes 0-1/{length}")), &whole[..2]);
        let last = format!("bytes {}-{}/{length}", length - 3, length - 1);
        check(&[("range", "bytes=-3")], 206, Some(&last), &whole[length - 3..]);
        let beyond = ask(Method::Get, &[("range", "bytes=99999-")]);
        assert_eq!((beyond.status, field(&beyond, "Content-Range")), (416, Some(&*format!("bytes */{length}"))));
        check(&[("range", "bytes=0-1,3-4")], 200, None, &whole);
        check(&[("range", "bytes=0-1"), ("if-range", "\"of another picture\"")], 200, None, &whole);
        assert_eq!(ask(Method::Head, &[("range", "bytes=0-1")]).status, 200);
    }
}
