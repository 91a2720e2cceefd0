//! Pages of other origins that may embed ours (`EMBED_ORIGINS`): video and stills as resources, and the page in a
//! frame. Nothing else is ever given to another origin.
//!
//! A page that *reads* (a script, hls.js) sends its `Origin`, and the answer names that origin. A page that only
//! *shows* (an `<img>`, a `<video>` without `crossorigin`) sends none; its `Referer` decides if there is one. A page
//! that hides its `Referer` may show the same, but not read it.

use crate::http::Method;
use crate::http::Reply;
use crate::http::Request;
use crate::http::entity::vary;
use crate::http::routing::route::Subject;
use crate::http::server::page_policy;

/// The most origins in `EMBED_ORIGINS`.
const ORIGINS: usize = 32;

/// The header fields of an answer that an embedding page may read: players use these.
const EXPOSED: &str = "Content-Length, Content-Range, Date, ETag, Retry-After, X-Picture-Time";

/// Header fields that a player sends and that need permission: some browsers count any range among them.
const ALLOWED_FIELDS: &str = "Range, If-Range, If-None-Match, Cache-Control";

/// How long a permission is valid, in seconds; browsers limit it to two hours.
const LEAVE_S: &str = "7200";

/// Why `EMBED_ORIGINS` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It names everybody.
    Everybody,
    /// An entry is not an origin, or there are too many.
    Malformed,
}

impl Wrong {
    /// Returns what the setting must be instead.
    #[must_use]
    pub fn must(self) -> &'static str {
        match self {
            Self::Everybody => "each origin by name (with `*` any page on the web could show your rooms)",
            Self::Malformed => {
                "at most 32 origins, comma-separated, each with scheme and host, and with its port if that is not the \
                 usual one, without a path, like http://homeassistant.local:8123"
            }
        }
    }
}

/// The origins that may embed, in the form that browsers send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbedOrigins(Vec<String>);

/// The permission for another origin to have an answer.
#[derive(Debug, Clone, Default)]
pub struct EmbedPermission {
    /// Whether answers at this address depend on the origin, so that each must say so.
    varies: bool,
    /// The origin that may read it.
    origin: Option<String>,
    /// Whether a page may show it.
    shown: bool,
}

impl EmbedOrigins {
    /// Parses a comma-separated list of origins.
    ///
    /// # Errors
    /// Why the list is refused.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let entries: Vec<&str> = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        if entries.iter().any(|entry| entry.contains('*')) {
            return Err(Wrong::Everybody);
        }
        let origins: Option<Vec<String>> = entries.into_iter().map(canonical).collect();
        origins.filter(|origins| origins.len() <= ORIGINS).map(Self).ok_or(Wrong::Malformed)
    }

    /// Returns the permission for the answer to this request.
    pub fn leave(&self, request: &Request, subject: Option<Subject>) -> EmbedPermission {
        if self.0.is_empty() || !subject.is_some_and(Subject::is_embeddable) || !request.method.is_safe() {
            return EmbedPermission::default();
        }
        match request.header("origin") {
            Some(origin) => {
                let named = self.names(origin);
                EmbedPermission { varies: true, origin: named.then(|| origin.to_owned()), shown: named }
            }
            None => {
                let referer = request.header("referer").map(origin_of);
                EmbedPermission { varies: true, origin: None, shown: referer.is_none_or(|origin| self.names(origin)) }
            }
        }
    }

    /// Answers a browser that asks whether a page may send its request (Fetch §4.8). `None` means that it may not.
    pub fn preflight(&self, request: &Request, subject: Option<Subject>) -> Option<Reply> {
        let origin = request.header("origin").filter(|origin| self.names(origin))?;
        let method = request.header("access-control-request-method")?;
        if !subject?.is_embeddable() || ![Method::Get, Method::Head].iter().any(|allowed| allowed.name() == method) {
            return None;
        }
        let mut reply = Reply::empty(204);
        reply.headers.extend([
            ("Access-Control-Allow-Origin", origin.to_owned()),
            ("Access-Control-Allow-Methods", "GET, HEAD".to_owned()),
            ("Access-Control-Allow-Headers", ALLOWED_FIELDS.to_owned()),
            ("Access-Control-Max-Age", LEAVE_S.to_owned()),
            ("Vary", "Origin".to_owned()),
        ]);
        Some(reply)
    }

    /// Adds to the page who may frame it, even on a 304. The browser keeps the fields of its copy until it receives
    /// others (RFC 9111 §4.3.4), and the copy may be older than the setting.
    pub fn page(&self, mut page: Reply) -> Reply {
        if self.0.is_empty() {
            page.headers.push(("Content-Security-Policy", page_policy("'none'")));
            page.headers.push(("X-Frame-Options", "DENY".to_owned()));
        } else {
            // X-Frame-Options cannot name an origin, and is ignored beside this policy (CSP3 §6.4.2.2).
            page.headers.push(("Content-Security-Policy", page_policy(&format!("'self' {}", self.0.join(" ")))));
            page.headers.push(("Cross-Origin-Resource-Policy", "cross-origin".to_owned()));
        }
        page
    }

    fn names(&self, origin: &str) -> bool {
        self.0.iter().any(|own| own == origin)
    }
}

impl EmbedPermission {
    /// Whether a page of another origin may have this.
    pub fn is_given(&self) -> bool {
        self.shown
    }

    /// Adds the header fields that give an answer to the other origin. Errors get them too: a player must see that it
    /// should wait.
    pub fn give(&self, mut reply: Reply) -> Reply {
        if !self.varies {
            return reply;
        }
        vary(&mut reply.headers, "Origin");
        if let Some(origin) = &self.origin {
            reply.headers.push(("Access-Control-Allow-Origin", origin.clone()));
            reply.headers.push(("Access-Control-Expose-Headers", EXPOSED.to_owned()));
        }
        if self.shown {
            reply.headers.push(("Cross-Origin-Resource-Policy", "cross-origin".to_owned()));
        }
        reply
    }
}

/// Normalizes an origin to the form of a browser (RFC 6454 §6.2): lower case, no default port, no path. A trailing `/`
/// is accepted, since the address bar adds it.
fn canonical(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let usual_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = crate::http::routing::policy::Authority::parse(authority)?;
    let host = if authority.name.contains(':') { format!("[{}]", authority.name) } else { authority.name };
    Some(match authority.port.filter(|port| *port != usual_port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// Returns the origin of a URL.
fn origin_of(url: &str) -> &str {
    let authority = url.find("://").map_or(url.len(), |at| at + 3);
    let end = url.get(authority..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| authority + at);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;
    use crate::http::routing::table;

    const HA: &str = "http://ha.local:8123";

    fn request(method: Method, fields: &[(&str, &str)]) -> Request {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method, path: "/".to_owned(), query: None, headers, body: Vec::new() }
    }

    fn subject_of(path: &str) -> Option<Subject> {
        table::find(path).map(|found| found.subject)
    }

    fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        reply.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let check = |text: &str, expected: &[&str]| {
            let expected = expected.iter().map(|origin| (*origin).to_owned()).collect();
            assert_eq!(EmbedOrigins::parse(text), Ok(EmbedOrigins(expected)), "{text}");
        };
        check("", &[]);
        check(" HTTP://HA.local:8123/ ,https://ha.example.org:443,", &[HA, "https://ha.example.org"]);
        check(
            "http://nas:80,https://nas:80,http://[FD00::0:1]:8123",
            &["http://nas", "https://nas:80", "http://[fd00::1]:8123"],
        );
        for everybody in ["*", "https://*.example.org", "http://a,*"] {
            assert_eq!(EmbedOrigins::parse(everybody), Err(Wrong::Everybody), "{everybody}");
        }
        for bad in [
            "ha.local:8123",
            "ftp://ha",
            "http://",
            "http://ha/lovelace",
            "http://user@ha",
            "http://ha?x",
            "http://ha:x",
            "null",
            "file://",
            "http://ha; script-src http://evil",
            "http://ha 'unsafe-inline'",
            "http://a http://b",
            "http://ha//",
        ] {
            assert_eq!(EmbedOrigins::parse(bad), Err(Wrong::Malformed), "{bad}");
        }
        assert_eq!(EmbedOrigins::parse(&"http://a,".repeat(33)), Err(Wrong::Malformed));
    }

    #[test]
    fn named_origins_get_video_and_stills_and_nothing_else() {
        let embed = EmbedOrigins::parse(HA).unwrap();
        let leave = |path: &str, fields: &[(&str, &str)]| embed.leave(&request(Method::Get, fields), subject_of(path));
        for path in
            ["/hls/1/stream.m3u8", "/hls/1/seg1.ts", "/api/printers/1/still.mp4", "/api/printers/1/stream.mjpeg"]
        {
            let reply = leave(path, &[("origin", HA)]).give(Reply::json(503, &1));
            assert_eq!(field(&reply, "Access-Control-Allow-Origin"), Some(HA), "{path}");
            assert_eq!(field(&reply, "Cross-Origin-Resource-Policy"), Some("cross-origin"));
            assert_eq!(field(&reply, "Vary"), Some("Origin"));
            for (fields, given) in [
                (&[("origin", "http://evil.test")][..], false),
                (&[("origin", "null")], false),
                (&[("origin", "http://ha.local")], false),
                (&[("referer", "http://evil.test/page")], false),
                (&[("referer", "http://ha.local:8123.evil.test/")], false),
                (&[("referer", "http://ha.local:8123/lovelace/0?x")], true),
                (&[("referer", HA)], true),
                (&[], true),
            ] {
                let leave = leave(path, fields);
                assert_eq!(leave.is_given(), given, "{path} {fields:?}");
                let reply = leave.give(Reply::empty(200));
                assert_eq!(field(&reply, "Access-Control-Allow-Origin"), None, "{path} {fields:?}");
                assert_eq!(field(&reply, "Cross-Origin-Resource-Policy").is_some(), given, "{path} {fields:?}");
                assert_eq!(field(&reply, "Vary"), Some("Origin"));
            }
        }
        for path in
            ["/api/printers", "/api/printers/1", "/api/events", "/metrics", "/healthz", "/", "/assets/a.js", "/api/x"]
        {
            let leave = leave(path, &[("origin", HA)]);
            assert!(!leave.is_given() && leave.give(Reply::empty(200)).headers.is_empty(), "{path}");
        }
    }

    #[test]
    fn without_a_setting_nothing_is_added() {
        let leave = EmbedOrigins::default().leave(&request(Method::Get, &[]), Some(Subject::Picture));
        assert!(!leave.is_given() && leave.give(Reply::empty(200)).headers.is_empty());
    }

    #[test]
    fn vary_names_each_header_once() {
        let embed = EmbedOrigins::parse(HA).unwrap();
        let leave = embed.leave(&request(Method::Get, &[]), subject_of("/hls/1/stream.m3u8"));
        let vary = ("Vary", "Accept-Encoding".to_owned());
        let reply = leave.give(Reply { status: 200, headers: vec![vary], body: Body::Empty });
        assert_eq!(field(&reply, "Vary"), Some("Accept-Encoding, Origin"));
    }

    #[test]
    fn a_preflight_for_a_range_is_allowed_for_named_origins() {
        let embed = EmbedOrigins::parse(HA).unwrap();
        let ask = |path: &str, origin: &str, method: &str| {
            let fields = [("origin", origin), ("access-control-request-method", method)];
            embed.preflight(&request(Method::Options, &fields), subject_of(path))
        };
        let reply = ask("/hls/1/seg1.ts", HA, "GET").unwrap();
        assert_eq!((reply.status, field(&reply, "Access-Control-Allow-Origin")), (204, Some(HA)));
        assert!(field(&reply, "Access-Control-Allow-Headers").unwrap().contains("Range"));
        assert!(ask("/hls/1/seg1.ts", "http://evil.test", "GET").is_none());
        assert!(ask("/hls/1/seg1.ts", HA, "PUT").is_none());
        assert!(ask("/api/printers", HA, "GET").is_none());
        assert!(ask("/api/printers/1/command", HA, "POST").is_none());
        assert!(ask("/", HA, "GET").is_none());
    }

    #[test]
    fn only_named_origins_may_frame_the_page() {
        let framed = EmbedOrigins::parse(HA).unwrap().page(Reply::empty(304));
        let policy = field(&framed, "Content-Security-Policy").unwrap();
        assert!(policy.ends_with("; frame-ancestors 'self' http://ha.local:8123"), "{policy}");
        assert_eq!(field(&framed, "X-Frame-Options"), None);
        let alone = EmbedOrigins::default().page(Reply::empty(304));
        assert!(field(&alone, "Content-Security-Policy").unwrap().ends_with("; frame-ancestors 'none'"));
        assert_eq!(field(&alone, "X-Frame-Options"), Some("DENY"));
    }
}
