//! The content of a response by RFC 9110: its encoding, whether the client has it already, and which range was
//! requested. If-None-Match is evaluated before Range (§13.2.2).

use super::range::ByteRange;
use super::{Body, Method, Reply, Request};
use std::ops::Range;
use std::sync::Arc;

/// Header fields of an answer.
pub type Headers = Vec<(&'static str, String)>;

/// Bytes that an answer may carry, before it is known which of them it needs.
#[derive(Debug)]
pub struct Entity<'a> {
    request: &'a Request,
    /// The tag without its quotes; `None` while the bytes still grow, since no tag can name them yet.
    tag: Option<String>,
    headers: Headers,
}

impl<'a> Entity<'a> {
    /// Describes bytes that `tag` identifies uniquely. `headers` are those of the whole entity.
    pub fn new(request: &'a Request, tag: String, headers: Headers) -> Self {
        Self { request, tag: Some(tag), headers }
    }

    /// Describes bytes that still grow.
    pub fn growing(request: &'a Request, headers: Headers) -> Self {
        Self { request, tag: None, headers }
    }

    /// Returns the range to answer with. Returns `None` for the whole, or if the client has it already.
    pub fn range(&self) -> Option<ByteRange> {
        let etag = self.etag();
        // A range is defined only for GET (§14.2), and applies only to the bytes of If-Range (§13.1.5). A date never
        // matches, since nothing here has a Last-Modified.
        let is_meant = self.request.method == Method::Get
            && self.request.header("if-range").is_none_or(|tag| Some(tag) == etag.as_deref());
        let range = self.request.header("range").filter(|_| is_meant && !self.is_known());
        range.and_then(ByteRange::parse)
    }

    /// Answers with all of it, or with 304 if the client has it already.
    pub fn whole(mut self, body: impl FnOnce() -> Body) -> Reply {
        let (status, body) = if self.is_known() { (304, Body::Empty) } else { (200, body()) };
        if status == 304 {
            // §15.4.5: header fields that describe the bytes are not sent without them.
            self.headers.retain(|(name, _)| !matches!(*name, "Content-Type" | "Content-Encoding"));
        }
        self.reply(status, body)
    }

    /// Answers with all of it, compressed if the client accepts gzip. `gzip` is called only then; it returns `None` if
    /// there is no compressed form.
    pub fn plain_or_gzip(mut self, plain: &Arc<[u8]>, gzip: impl FnOnce() -> Option<Arc<[u8]>>) -> Reply {
        vary(&mut self.headers, "Accept-Encoding");
        let accepted = self.request.header("accept-encoding").is_some_and(accepts_gzip);
        let Some(gzip) = accepted.then(gzip).flatten() else { return self.whole(|| Body::Shared(Arc::clone(plain))) };
        // Two encodings are two representations with a tag each (§8.8.3.3).
        self.tag = self.tag.map(|tag| tag + "-gz");
        self.headers.push(("Content-Encoding", "gzip".to_owned()));
        self.whole(|| Body::Shared(gzip))
    }

    /// Answers with `body`, which holds the range `bytes`. `length` is that of the whole, if it is known.
    pub fn part(mut self, bytes: &Range<usize>, length: Option<usize>, body: Body) -> Reply {
        let length = length.map_or("*".to_owned(), |length| length.to_string());
        let last = bytes.end.saturating_sub(1);
        self.headers.push(("Content-Range", format!("bytes {}-{last}/{length}", bytes.start)));
        self.reply(206, body)
    }

    fn reply(mut self, status: u16, body: Body) -> Reply {
        self.headers.extend(self.etag().map(|etag| ("ETag", etag)));
        Reply { status, headers: self.headers, body }
    }

    fn etag(&self) -> Option<String> {
        self.tag.as_ref().map(|tag| format!("\"{tag}\""))
    }

    /// Whether the client has it already.
    pub fn is_known(&self) -> bool {
        let known = self.request.header("if-none-match");
        known.zip(self.etag()).is_some_and(|(tags, etag)| names_tag(tags, &etag))
    }
}

/// Adds a request's header field to the `Vary` field of an answer.
pub fn vary(headers: &mut Headers, field: &'static str) {
    match headers.iter_mut().find(|(name, _)| *name == "Vary") {
        Some((_, fields)) => fields.extend([", ", field]),
        None => headers.push(("Vary", field.to_owned())),
    }
}

/// Whether an If-None-Match names this tag, by the weak comparison (§13.1.2). `*` names every tag, but only if it is
/// the whole value: within a list it is part of another tag.
fn names_tag(tags: &str, etag: &str) -> bool {
    tags.trim() == "*" || tags.split(',').map(str::trim).any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether an Accept-Encoding prefers gzip to the plain bytes (§12.5.3). It must be named, or covered by `*`, with a
/// weight above 0 and not below that of `identity`. `x-gzip` is the same coding (§8.4.1.3).
fn accepts_gzip(accept: &str) -> bool {
    let weight = |coding: &str| {
        accept.split(',').find_map(|item| {
            let (name, weight) = item.split_once(';').map_or((item, None), |(name, weight)| (name, Some(weight)));
            let is_named = name.trim().eq_ignore_ascii_case(coding);
            // A malformed weight refuses gzip: the plain bytes are always correct.
            is_named.then(|| weight.map_or(1000, |weight| thousandths(weight).unwrap_or(0)))
        })
    };
    let gzip = weight("gzip").or_else(|| weight("x-gzip")).or_else(|| weight("*")).unwrap_or(0);
    gzip > 0 && gzip >= weight("identity").unwrap_or(0)
}

/// Parses a weight, from `q=0` to `q=1.000` (§12.4.2).
fn thousandths(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.trim().split_once('=')?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_plain = name.eq_ignore_ascii_case("q")
        && matches!(whole, "0" | "1")
        && decimals.len() <= 3
        && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = is_plain.then(|| format!("{whole}{decimals:0<3}").parse().ok()).flatten();
    thousandths.filter(|thousandths| *thousandths <= 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, fields: &[(&str, &str)]) -> Request {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method, path: "/".to_owned(), query: None, headers, body: Vec::new() }
    }

    fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        reply.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    fn whole(fields: &[(&str, &str)]) -> Reply {
        let request = request(Method::Get, fields);
        let headers = vec![("Content-Type", "text/plain".to_owned()), ("Cache-Control", "no-cache".to_owned())];
        Entity::new(&request, "7-a".to_owned(), headers).whole(|| Body::Bytes(b"seven".to_vec()))
    }

    #[test]
    fn gzip_is_used_where_accept_encoding_names_or_covers_it() {
        for yes in [
            "gzip",
            "gzip, deflate, br, zstd",
            "br;q=1.0, GZIP;q=0.8",
            "gzip;q=1",
            "gzip;q=1.000",
            "gzip;q=0.001",
            "gzip ; Q=0.5",
            "x-gzip",
            "*",
            "deflate, *;q=0.1",
            "identity;q=0.5, gzip",
            "identity;q=0, gzip;q=0.1",
            "gzip, identity",
        ] {
            assert!(accepts_gzip(yes), "{yes}");
        }
        for no in [
            "",
            "br",
            "identity",
            "gzip;q=0",
            "gzip; q=0.0",
            "gzip;Q=0",
            "gzip;q=0, *",
            "identity, *;q=0",
            "identity, gzip;q=0.5",
            "gzip;q=",
            "gzip;q=nan",
            "gzip;q=-1",
            "gzip;q=1.001",
            "gzip;q=0.5000",
            "gzip;level=9",
            "gzipped",
        ] {
            assert!(!accepts_gzip(no), "{no}");
        }
    }

    #[test]
    fn a_matching_etag_gets_304_without_content_headers() {
        for known in ["\"7-a\"", "W/\"7-a\"", "\"x\", W/\"7-a\"", "*", " * "] {
            let reply = whole(&[("if-none-match", known)]);
            assert_eq!((reply.status, reply.body.len(), field(&reply, "ETag")), (304, 0, Some("\"7-a\"")), "{known}");
            assert_eq!((field(&reply, "Content-Type"), field(&reply, "Cache-Control")), (None, Some("no-cache")));
        }
        for unknown in ["\"7-b\"", "7-a", "w/\"7-a\"", "\"a,*,b\"", "*, \"x\"", ""] {
            let reply = whole(&[("if-none-match", unknown)]);
            assert_eq!((reply.status, field(&reply, "Content-Type")), (200, Some("text/plain")), "{unknown}");
        }
    }

    #[test]
    fn each_encoding_has_its_own_etag_and_is_made_on_request() {
        let get = |fields: &[(&str, &str)], gzip: &dyn Fn() -> Option<Arc<[u8]>>| {
            let request = request(Method::Get, fields);
            let entity = Entity::new(&request, "7-a".to_owned(), vec![("Vary", "Origin".to_owned())]);
            entity.plain_or_gzip(&b"seven".as_slice().into(), gzip)
        };
        let gzip = || Some(b"7".as_slice().into());
        let reply = get(&[], &|| panic!("nobody asked"));
        assert_eq!((reply.body.len(), field(&reply, "ETag")), (5, Some("\"7-a\"")));
        assert_eq!(field(&reply, "Vary"), Some("Origin, Accept-Encoding"));
        let takes_gzip = ("accept-encoding", "gzip");
        let reply = get(&[takes_gzip], &gzip);
        assert_eq!((reply.body.len(), field(&reply, "ETag")), (1, Some("\"7-a-gz\"")));
        assert_eq!(field(&reply, "Content-Encoding"), Some("gzip"));
        assert_eq!(get(&[takes_gzip, ("if-none-match", "\"7-a\"")], &gzip).status, 200, "other bytes");
        assert_eq!(get(&[takes_gzip, ("if-none-match", "\"7-a-gz\"")], &gzip).status, 304);
        assert_eq!(get(&[takes_gzip], &|| None).body.len(), 5, "there is no compressed form");
    }

    #[test]
    fn a_range_applies_to_a_get_with_a_matching_if_range() {
        let check = |method, fields: &[(&str, &str)], grows: bool, is_cut: bool| {
            let request = request(method, &[&[("range", "bytes=0-1")], fields].concat());
            let whole = Entity::new(&request, "7-a".to_owned(), Vec::new());
            let entity = if grows { Entity::growing(&request, Vec::new()) } else { whole };
            assert_eq!(entity.range().is_some(), is_cut, "{method:?} {fields:?}, grows: {grows}");
        };
        check(Method::Get, &[], false, true);
        check(Method::Get, &[], true, true);
        check(Method::Head, &[], false, false);
        check(Method::Get, &[("if-range", "\"7-a\"")], false, true);
        for other in ["\"7-b\"", "W/\"7-a\"", "Sun, 06 Nov 1994 08:49:37 GMT", ""] {
            check(Method::Get, &[("if-range", other)], false, false);
        }
        check(Method::Get, &[("if-range", "\"7-a\"")], true, false);
        check(Method::Get, &[("if-none-match", "\"7-a\"")], false, false);
    }
}
