//! Decides who may send requests: it stops what a browser on a hostile page can do to a service on the LAN. A tool
//! without a browser (curl, a player) sends none of the checked fields and passes.
//!
//! - If a page's name was rebound to our address (DNS rebinding), that name is its Host and is refused.
//! - A request from one site to another says so (`Sec-Fetch-Site`, Fetch Metadata), or has an `Origin`.
//! - A request without either needs a preflight for our JSON, which is not granted. Only the origins that may embed get
//!   CORS fields, for video and stills (`embed`).

use crate::http::Method;
use crate::http::Request;
use crate::http::problem::Problem;
use crate::http::routing::route::Subject;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The rules of one installation.
#[derive(Debug)]
pub struct Policy {
    /// Host names in lower case, without a trailing dot.
    allowed_hosts: Vec<String>,
}

impl Policy {
    /// Creates the rules. `allowed_hosts` are names that are accepted besides those of a LAN.
    pub fn new(allowed_hosts: &[String]) -> Self {
        let plain = |name: &String| name.trim().trim_end_matches('.').to_ascii_lowercase();
        Self { allowed_hosts: allowed_hosts.iter().map(plain).filter(|name| !name.is_empty()).collect() }
    }

    /// Checks a request for an address with this subject, if the address exists.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn check(&self, request: &Request, subject: Option<Subject>) -> Result<(), Problem> {
        let host = self.check_host(request)?;
        let reads = request.method.is_safe();
        // Another site may link to a document.
        let followed_link =
            reads && subject == Some(Subject::Page) && request.header("sec-fetch-mode") == Some("navigate");
        let site = request.header("sec-fetch-site");
        match site {
            None | Some("same-origin" | "none") => {}
            Some(_) if followed_link => {}
            Some(_) => return Err(Problem::CrossSite),
        }
        // No page can forge `same-origin`. The page and its files reveal nothing about a household.
        let is_harmless =
            reads && (site == Some("same-origin") || matches!(subject, Some(Subject::Page | Subject::File)));
        match request.header("origin") {
            Some(origin) if !is_harmless && !self.is_own_origin(origin, &host) => Err(Problem::CrossSite),
            _ => Ok(()),
        }
    }

    /// Checks that the request is addressed to us.
    ///
    /// # Errors
    /// If the name is not one of ours.
    pub fn check_host(&self, request: &Request) -> Result<Authority, Problem> {
        let host = request.header("host").and_then(Authority::parse).filter(|host| self.knows(host));
        host.ok_or(Problem::UnknownHost)
    }

    /// Checks the declared type of the body, for an address that takes one.
    ///
    /// # Errors
    /// If it is not JSON.
    pub fn check_body(request: &Request) -> Result<(), Problem> {
        let has_body = !request.body.is_empty() || matches!(request.method, Method::Post | Method::Put);
        if !request.method.is_safe() && has_body && !is_json(request.header("content-type")) {
            return Err(Problem::NotJson);
        }
        Ok(())
    }

    fn knows(&self, host: &Authority) -> bool {
        match host {
            Authority { name, .. } if self.allowed_hosts.contains(name) => true,
            Authority { is_address: true, .. } => true,
            Authority { name, .. } => !name.contains('.') || name.ends_with(".local"),
        }
    }

    /// Whether this is the page's own origin. Behind a proxy that changes Host, it is one of the allowed names.
    fn is_own_origin(&self, origin: &str, host: &Authority) -> bool {
        let Some((default_port, authority)) = origin
            .strip_prefix("http://")
            .map(|rest| (80, rest))
            .or_else(|| origin.strip_prefix("https://").map(|rest| (443, rest)))
        else {
            return false;
        };
        let Some(origin) = Authority::parse(authority) else { return false };
        let same = origin.name == host.name
            && match (origin.port, host.port) {
                (have, Some(port)) => have.unwrap_or(default_port) == port,
                (have, None) => have.is_none_or(|port| port == default_port),
            };
        same || self.allowed_hosts.contains(&origin.name)
    }
}

/// `host[:port]` of a Host or Origin field (RFC 3986 §3.2).
#[derive(Debug, PartialEq, Eq)]
pub struct Authority {
    /// The name in lower case, without a trailing dot; an IPv6 address in its canonical form, without brackets.
    pub name: String,
    is_address: bool,
    pub port: Option<u16>,
}

impl Authority {
    /// Parses it; returns `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            return Some(Self { name: address.to_string(), is_address: true, port: parse_port(port)? });
        }
        let (name, port) = text.find(':').map_or((text, ""), |at| text.split_at(at));
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if name.len() > 253 || !name.split('.').all(is_label) {
            return None;
        }
        Some(Self { is_address: name.parse::<Ipv4Addr>().is_ok(), name, port: parse_port(port)? })
    }
}

/// Accepts nothing, `:`, or `:` and a number; returns `None` for anything else.
fn parse_port(text: &str) -> Option<Option<u16>> {
    match text.strip_prefix(':') {
        None => text.is_empty().then_some(None),
        Some("") => Some(None),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        Some(_) => None,
    }
}

/// Accepts `application/json`, with or without parameters.
fn is_json(content_type: Option<&str>) -> bool {
    let kind = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, fields: &[(&str, &str)]) -> Request {
        let headers = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method, path: "/".to_owned(), query: None, headers, body: Vec::new() }
    }

    fn check(method: Method, is_page: bool, fields: &[(&str, &str)], status: u16) {
        let policy = Policy::new(&["Cams.Example.com.".to_owned(), String::new()]);
        let asked = request(method, fields);
        let checked = policy
            .check(&asked, Some(if is_page { Subject::Page } else { Subject::Printers }))
            .and_then(|()| Policy::check_body(&asked));
        let have = checked.map_or_else(|problem| problem.status(), |()| 200);
        assert_eq!(have, status, "{} {fields:?}, page: {is_page}", method.name());
    }

    #[test]
    fn only_lan_names_and_configured_names_are_accepted_hosts() {
        for host in [
            "192.168.1.5",
            "127.0.0.1:8080",
            "[::1]",
            "[fe80::1]:8080",
            "localhost",
            "LocalHost:80",
            "nas",
            "nas:8080",
            "my_pi",
            "pi.local",
            "Pi.Local.:8080",
            "cams.example.com",
            "CAMS.example.com:443",
            "cams.example.com.",
        ] {
            check(Method::Get, false, &[("host", host)], 200);
        }
        for host in [
            "",
            "evil.test",
            "evil.test:8080",
            "cams.example.com.evil.test",
            "evil-cams.example.com",
            "example.com",
            "127.0.0.1.evil.test",
            "local",
            "x.local.evil.test",
            "localhost.evil.test",
            "nas:80:80",
            "nas:abc",
            "nas:99999",
            "nas:+80",
            "[::1",
            "[::1]x",
            "[evil.test]",
            "a b",
            "user@nas",
            "nas/",
            "..",
            ".local",
            "1.2.3",
        ] {
            let expected = if host == "local" { 200 } else { 421 };
            check(Method::Get, false, &[("host", host)], expected);
        }
        check(Method::Get, true, &[], 421);
    }

    #[test]
    fn cross_site_requests_of_a_browser_are_refused() {
        let host = ("host", "nas:8080");
        let site = |site| ("sec-fetch-site", site);
        for own in ["same-origin", "none"] {
            check(Method::Get, false, &[host, site(own)], 200);
        }
        for other in ["cross-site", "same-site", "unheard-of"] {
            check(Method::Get, false, &[host, site(other)], 403);
            check(Method::Get, true, &[host, site(other), ("sec-fetch-mode", "no-cors")], 403);
            check(Method::Get, true, &[host, site(other), ("sec-fetch-mode", "navigate")], 200);
            check(Method::Get, false, &[host, site(other), ("sec-fetch-mode", "navigate")], 403);
            check(Method::Post, true, &[host, site(other), ("sec-fetch-mode", "navigate")], 403);
        }
    }

    #[test]
    fn without_fetch_metadata_another_origin_still_reads_nothing() {
        let host = ("host", "nas:8080");
        let origin = |origin| ("origin", origin);
        for method in [Method::Get, Method::Head] {
            for own in ["http://nas:8080", "https://cams.example.com"] {
                check(method, false, &[host, origin(own)], 200);
            }
            for foreign in ["http://evil.test", "null", "http://nas", "https://nas:8081", "", "file://"] {
                check(method, false, &[host, origin(foreign)], 403);
                check(method, true, &[host, origin(foreign)], 200);
            }
        }
        let rewritten = [("host", "backend:8080"), origin("https://elsewhere.test"), ("sec-fetch-site", "same-origin")];
        check(Method::Get, false, &rewritten, 200);
        check(Method::Post, false, &rewritten, 403);
    }

    #[test]
    fn an_unsafe_method_needs_json_and_our_origin_or_none() {
        let host = ("host", "nas:8080");
        let json = ("content-type", "application/json; charset=utf-8");
        check(Method::Post, false, &[host, json], 200);
        check(Method::Put, false, &[host, json, ("origin", "http://nas:8080")], 200);
        check(Method::Post, false, &[host, json, ("origin", "https://cams.example.com")], 200);
        check(Method::Delete, false, &[host], 200);
        for origin in
            ["null", "http://evil.test", "http://nas", "http://nas:8081", "ftp://nas:8080", "http://", "nas:8080"]
        {
            check(Method::Post, false, &[host, json, ("origin", origin)], 403);
            check(Method::Delete, false, &[host, ("origin", origin)], 403);
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            check(Method::Post, false, &[host, ("content-type", kind)], 415);
        }
        check(Method::Put, false, &[host], 415);
    }

    #[test]
    fn an_origin_without_a_port_has_its_schemes_default() {
        let json = ("content-type", "application/json");
        let check = |host, origin, status| {
            check(Method::Post, false, &[("host", host), json, ("origin", origin)], status);
        };
        check("nas", "http://nas", 200);
        check("nas", "https://nas", 200);
        check("nas:443", "https://nas", 200);
        check("nas:80", "https://nas", 403);
        check("nas", "http://nas:8080", 403);
        check("[::1]:8080", "http://[0:0::1]:8080", 200);
    }
}
