//! The camera's location, and how its own addresses (Content-Base, Location, `a=control`) are parsed. Only their path
//! is ever used, since cameras write wrong schemes, hosts and ports into them. A hostile camera could name any host.

/// Longer addresses from the network are refused.
const ADDRESS_BYTES: usize = 1024;

/// The host and path of the requests. The path is clean: it begins with `/` and needs no further escaping in a request
/// line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// Creates a target. `path` may contain a query; characters that are not allowed in a request line are
    /// percent-encoded. `host` is a name or an IP address, without brackets.
    #[must_use]
    pub fn new(tls: bool, host: &str, port: u16, path: &str) -> Self {
        Self { tls, host: host.to_owned(), port, path: cleaned(path.bytes()) }
    }

    /// Whether the connection uses TLS.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.tls
    }

    /// Returns the path with its query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the address of `path` at this host. The port is always written, as in the clients that are known to work
    /// with printers. The scheme is the connection's own: live555 redirects `rtsp://` inside TLS to a wrong path.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.tls { "rtsps" } else { "rtsp" };
        match self.host.contains(':') {
            true => format!("{scheme}://[{}]:{}{path}", self.host, self.port),
            false => format!("{scheme}://{}:{}{path}", self.host, self.port),
        }
    }

    /// Returns the same host with another path, for a redirect.
    pub fn at(&self, path: String) -> Self {
        Self { path, ..self.clone() }
    }

    /// Returns the path of `location`, if it names our scheme, host and port (which it may leave out).
    pub fn redirect(&self, location: &str) -> Result<String, Redirect> {
        let (scheme, rest) = location.split_once("://").ok_or(Redirect::Unreadable)?;
        if !scheme.eq_ignore_ascii_case(if self.tls { "rtsps" } else { "rtsp" }) {
            return Err(Redirect::Scheme);
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        if !host.eq_ignore_ascii_case(&self.host) || port.is_some_and(|port| port.parse() != Ok(self.port)) {
            return Err(Redirect::Host);
        }
        path_of(location).ok_or(Redirect::Unreadable)
    }
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Redirect {
    /// It leads to another host: a hostile camera could send us anywhere.
    #[error("to another host or port")]
    Host,
    /// It leads to another scheme. live555 sends this, with a wrong path, for `rtsp://` where it wants `rtsps://`.
    #[error("to another scheme (rtsp instead of rtsps or the other way round)")]
    Scheme,
    /// It is the second redirect; only one is followed.
    #[error("for the second time")]
    Again,
    /// Location is missing or is not an address.
    #[error("to nowhere")]
    Unreadable,
}

/// Returns the path (with query) of an address that a camera wrote into Content-Base or Content-Location. Seen: a
/// doubled scheme, none at all, an IPv6 address without brackets, `//host/path`, a bare path.
pub fn path_of(address: &str) -> Option<String> {
    let address = address.trim().trim_matches('"');
    if address.is_empty() || address.len() > ADDRESS_BYTES {
        return None;
    }
    let without_scheme = address.rsplit_once("://").map(|(_, rest)| rest).or_else(|| address.strip_prefix("//"));
    let rest = without_scheme.unwrap_or(address);
    let first = rest.split(['/', '?']).next().unwrap_or_default();
    // Without a scheme, the first element is a host only if it looks like one: `192.168.1.9:554/live`, not `live/1`.
    let host = without_scheme.is_some() || first.contains(['.', ':']);
    let path = if host { rest.get(first.len()..).unwrap_or_default() } else { rest };
    Some(cleaned(path.chars().map(latin_1)))
}

/// Returns the address of a track: its control attribute, resolved against the path `base`. The two are joined as text
/// with one `/` between, not by RFC 3986, because cameras put their query before `/trackID=1`.
pub fn track_path(base: &str, control: Option<&str>) -> String {
    let control = control.unwrap_or("*").trim();
    if control.is_empty() || control == "*" || control.len() > ADDRESS_BYTES {
        return base.to_owned();
    }
    if control.contains("://") {
        return path_of(control).unwrap_or_else(|| base.to_owned());
    }
    let stem = base.trim_end_matches('/');
    // An absolute path that already contains the base.
    if control.starts_with('/') && control.starts_with(stem) {
        return cleaned(control.chars().map(latin_1));
    }
    let joined = match control.strip_prefix('?') {
        Some(query) => format!("{stem}?{query}"),
        None => format!("{stem}/{}", control.trim_start_matches('/')),
    };
    // The base is clean already and stays unchanged: `%` is not escaped again.
    cleaned(joined.chars().map(latin_1))
}

/// Returns the path in a form that is allowed in a request line and inside the quotes of a Digest `uri`.
fn cleaned(bytes: impl Iterator<Item = u8>) -> String {
    let mut path = String::new();
    for byte in bytes {
        match byte {
            b'!' | b'#'..=b'[' | b']'..=b'~' if !matches!(byte, b'<' | b'>') => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    path
}

/// Returns the byte that a character of a Latin-1 text was decoded from.
fn latin_1(letter: char) -> u8 {
    u8::try_from(u32::from(letter)).unwrap_or(b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_built_from_our_own_scheme_host_and_port() {
        assert_eq!(Target::new(true, "192.168.1.9", 322, "/a").url("/b"), "rtsps://192.168.1.9:322/b");
        assert_eq!(Target::new(false, "fd00::9", 554, "/a").url("/b?x=1"), "rtsp://[fd00::9]:554/b?x=1");
    }

    #[test]
    fn a_typed_path_becomes_one_that_fits_a_request_line() {
        for (typed, path) in [
            ("/streaming/live/1", "/streaming/live/1"),
            ("streaming", "/streaming"),
            ("", "/"),
            ("/a b\r\nX: y\"\\<>", "/a%20b%0D%0AX:%20y%22%5C%3C%3E"),
            ("/é?q=%20", "/%C3%A9?q=%20"),
        ] {
            assert_eq!(Target::new(true, "h", 1, typed).path(), path, "{typed:?}");
        }
    }

    #[test]
    fn only_the_path_of_a_cameras_own_address_is_used() {
        for (address, path) in [
            ("rtsps://192.168.1.9/streaming/live/1/", "/streaming/live/1/"),
            ("rtsp://::ffff:192.168.1.9:554/live/", "/live/"),
            ("rtsp://rtsp://192.168.1.9/live", "/live"),
            ("192.168.1.9:554/live", "/live"),
            ("//192.168.1.9/live", "/live"),
            ("/live?x=1", "/live?x=1"),
            ("live/1", "/live/1"),
            ("rtsp://192.168.1.9", "/"),
            ("rtsp://evil.example?x", "/?x"),
            ("rtsp://user:pass@evil.example/live", "/live"),
            (" \"rtsp://h/live\" ", "/live"),
            ("rtsp://h/\u{e9}", "/%E9"),
        ] {
            assert_eq!(path_of(address).as_deref(), Some(path), "{address}");
        }
        assert_eq!(path_of(" "), None);
        assert_eq!(path_of(&format!("rtsp://h/{}", "a".repeat(2000))), None);
    }

    #[test]
    fn a_control_attribute_joins_with_one_slash_and_keeps_the_host() {
        for (base, control, path) in [
            ("/streaming/live/1/", Some("track1"), "/streaming/live/1/track1"),
            ("/streaming/live/1", Some("stream=0"), "/streaming/live/1/stream=0"),
            ("/live/", Some("/trackID=0"), "/live/trackID=0"),
            ("/live/", Some("/live/trackID=0"), "/live/trackID=0"),
            ("/101?mode=unicast", Some("trackID=1"), "/101?mode=unicast/trackID=1"),
            ("/101?mode=unicast/", Some("trackID=1"), "/101?mode=unicast/trackID=1"),
            ("/live", Some("rtsp://evil.example:1/live/track1"), "/live/track1"),
            ("/live", Some("rtsps://evil.example"), "/"),
            ("/live/", Some("?ctype=video"), "/live?ctype=video"),
            ("/", Some("track1"), "/track1"),
            ("/a%20b", Some("track 1"), "/a%20b/track%201"),
            ("/live/", Some("*"), "/live/"),
            ("/live/", None, "/live/"),
        ] {
            assert_eq!(track_path(base, control), path, "{base} {control:?}");
        }
    }

    #[test]
    fn a_redirect_leads_to_another_path_of_the_same_host_or_nowhere() {
        let target = Target::new(true, "Printer.local", 322, "/1");
        for (location, answer) in [
            ("rtsps://printer.local:322/2", Ok("/2".to_owned())),
            ("RTSPS://printer.local/2?x", Ok("/2?x".to_owned())),
            ("rtsps://printer.local:323/2", Err(Redirect::Host)),
            ("rtsps://printer.local.evil.example/2", Err(Redirect::Host)),
            ("rtsps://printer.local@evil.example/2", Err(Redirect::Host)),
            ("rtsp://printer.local:322/2", Err(Redirect::Scheme)),
            ("/2", Err(Redirect::Unreadable)),
        ] {
            assert_eq!(target.redirect(location), answer, "{location}");
        }
        let six = Target::new(false, "fd00::9", 554, "/1");
        assert_eq!(six.redirect("rtsp://[fd00::9]:554/2"), Ok("/2".to_owned()));
        assert_eq!(six.redirect("rtsp://[fd00::8]/2"), Err(Redirect::Host));
    }
}
