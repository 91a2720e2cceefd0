//! The serial number, host and camera URL of a printer. Each is a text that has been validated once.

use crate::printer::PrinterId;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// Allowed length of a serial number. Real ones have 15 characters.
const SERIAL_BYTES: RangeInclusive<usize> = 10..=20;

/// A serial number: 10 to 20 characters of `0-9A-Z`. It is used in TLS server names, MQTT topics and logs, where other
/// characters could have a meaning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(String);

impl Serial {
    /// Parses a serial as typed; ignores surrounding spaces and accepts lower case.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let text = typed.trim().to_ascii_uppercase();
        let sound = SERIAL_BYTES.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        sound.then_some(Self(text))
    }

    /// Returns the serial as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses and normalizes a host as typed. The result is a name in lower case, or an IP address in its usual form
/// without brackets. A link-local IPv6 address keeps its zone, `fe80::1%eth0`; in brackets, the zone may be written as
/// in a URL, `[fe80::1%25eth0]`.
///
/// A name whose last label looks like a number is refused, because the system's resolver would read `2130706433` or
/// `0x7f.1` as an unintended address.
#[must_use]
pub fn parse_host(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let bare = typed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(v6) = bare {
        return match v6.split_once('%') {
            // RFC 6874 writes the sign itself as %25, but many programs write it unescaped.
            Some((ip, zone)) => with_zone(ip, zone.strip_prefix("25").filter(|rest| !rest.is_empty()).unwrap_or(zone)),
            None => v6.parse::<Ipv6Addr>().ok().filter(|ip| is_one_device(&IpAddr::V6(*ip))).map(|ip| ip.to_string()),
        };
    }
    if let Ok(ip) = typed.parse::<IpAddr>() {
        return is_one_device(&ip).then(|| ip.to_string());
    }
    match typed.split_once('%') {
        Some((ip, zone)) => with_zone(ip, zone),
        None => parse_name(typed),
    }
}

fn is_one_device(ip: &IpAddr) -> bool {
    !ip.is_unspecified() && !ip.is_multicast() && *ip != IpAddr::V4(Ipv4Addr::BROADCAST)
}

/// The longest name of a network interface on Linux.
const ZONE_BYTES: usize = 15;

/// Parses an address with a zone: the name or number of a network interface (RFC 4007 §11), in RFC 6874's characters.
/// Only a link-local address has one.
fn with_zone(ip: &str, zone: &str) -> Option<String> {
    let ip: Ipv6Addr = ip.parse().ok().filter(is_link_local)?;
    let sound = (1..=ZONE_BYTES).contains(&zone.len())
        && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        && zone.bytes().any(|byte| !b"0.".contains(&byte));
    sound.then(|| format!("{ip}%{zone}"))
}

/// Whether an address is in `fe80::/10`.
fn is_link_local(ip: &Ipv6Addr) -> bool {
    ip.segments()[0] & 0xffc0 == 0xfe80
}

/// Whether a host is a link-local address without an interface. It is impossible to connect to one.
#[must_use]
pub fn lacks_zone(host: &str) -> bool {
    host.parse().is_ok_and(|ip| is_link_local(&ip))
}

/// Whether a host is an IPv4 address of `169.254.0.0/16`, also when written within IPv6. A device assigns itself one if
/// the network gives it none, so no printer is reachable there for long. Cloud machines also keep their secrets there.
#[must_use]
pub fn is_self_assigned(host: &str) -> bool {
    host.parse().is_ok_and(|ip| is_self_assigned_ip(&ip))
}

/// Whether an address is in that range, for instance one to which a name resolves.
#[must_use]
pub fn is_self_assigned_ip(ip: &IpAddr) -> bool {
    matches!(ip.to_canonical(), IpAddr::V4(ip) if ip.is_link_local())
}

/// Returns the host without its zone. A zone only has a meaning on this machine and is sent to no peer (RFC 6874 §4).
#[must_use]
pub fn without_zone(host: &str) -> &str {
    host.split_once('%').map_or(host, |(ip, _)| ip)
}

/// Parses a name of RFC 1123 labels. Underscores are allowed, because some routers assign names with them.
fn parse_name(typed: &str) -> Option<String> {
    let name = typed.strip_suffix('.').unwrap_or(typed).to_ascii_lowercase();
    let label_is_sound = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    (name.len() <= 253 && !numeric && name.split('.').all(label_is_sound)).then_some(name)
}

/// The port of the camera of all known models.
pub const PRINTERS_PORT: u16 = 322;

/// The longest camera URL accepted.
const URL_BYTES: usize = 512;

/// A camera URL, without any user name or password. If a person has set it, the camera is at its host. Of a URL that a
/// printer reports, only port and path are used, with the configured host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtspUrl {
    tls: bool,
    /// The host as returned by [`parse_host`], without brackets. Only [`RtspUrl::parse_override`] allows it to be
    /// empty.
    host: String,
    port: Option<u16>,
    path: String,
}

/// Why a text is not a valid camera URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is missing or is another one.
    #[error("the scheme is not rtsps")]
    Scheme,
    /// `rtsp://` is not allowed here.
    #[error("rtsp:// is not allowed")]
    Plain,
    /// The URL has a user name or password before the host.
    #[error("there is a login in the URL")]
    Userinfo,
    /// The URL is longer than any camera needs.
    #[error("the URL is longer than {limit} bytes")]
    TooLong {
        /// The length that is allowed.
        limit: usize,
    },
    /// The URL has invalid characters, or an invalid host or port.
    #[error("the URL is malformed")]
    Malformed,
}

impl RtspUrl {
    /// Returns the camera URL that all known models use.
    #[must_use]
    pub fn of_printers(host: &str) -> Self {
        Self { tls: true, host: host.to_owned(), port: Some(PRINTERS_PORT), path: "/streaming/live/1".to_owned() }
    }

    /// Parses a URL.
    ///
    /// # Errors
    /// Returns what has to change.
    pub fn parse(typed: &str, allow_plain: bool) -> Result<Self, UrlError> {
        Self::read(typed, allow_plain, parse_host)
    }

    /// Parses a URL that may apply to several printers: without a host, as in `rtsps://:7441/live`, each printer's own
    /// host is used.
    ///
    /// # Errors
    /// Returns what has to change.
    pub fn parse_override(typed: &str, allow_plain: bool) -> Result<Self, UrlError> {
        Self::read(typed, allow_plain, |host| if host.is_empty() { Some(String::new()) } else { parse_host(host) })
    }

    fn read(typed: &str, allow_plain: bool, host_of: impl Fn(&str) -> Option<String>) -> Result<Self, UrlError> {
        let text = typed.trim();
        if text.len() > URL_BYTES {
            return Err(UrlError::TooLong { limit: URL_BYTES });
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "rtsps" => true,
            "rtsp" if allow_plain => false,
            "rtsp" => return Err(UrlError::Plain),
            _ => return Err(UrlError::Scheme),
        };
        // Checked first, so that a pasted code is always answered with the advice to remove it.
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if rest.split('/').next().is_some_and(|before_path| before_path.contains('@')) {
            return Err(UrlError::Userinfo);
        }
        if !path.bytes().all(is_url_byte) {
            return Err(UrlError::Malformed);
        }
        let (host, port) = split_port(authority).ok_or(UrlError::Malformed)?;
        let host = host_of(host).ok_or(UrlError::Malformed)?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { tls, host, port, path })
    }

    /// Returns the same URL at another host.
    #[must_use]
    pub fn at(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// Whether the scheme is `rtsps`.
    #[must_use]
    pub fn tls(&self) -> bool {
        self.tls
    }

    /// Returns the host, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port, or the scheme's registered one: 322 for `rtsps`, 554 for `rtsp`.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 322 } else { 554 })
    }

    /// Returns path and query, which begin with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Camera URLs set by the operator, for every printer or for one. They take precedence over all other sources. A URL
/// without a host means the printer's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RtspOverrides {
    /// The URL for printers without an entry in `one`.
    pub all: Option<RtspUrl>,
    /// The URLs of individual printers.
    pub one: BTreeMap<PrinterId, RtspUrl>,
}

impl RtspOverrides {
    /// Returns the operator's URL for this printer's camera.
    #[must_use]
    pub fn of(&self, id: PrinterId) -> Option<&RtspUrl> {
        self.one.get(&id).or(self.all.as_ref())
    }
}

impl fmt::Display for RtspUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rtsps" } else { "rtsp" };
        write!(f, "{scheme}://{}", in_brackets(&self.host).replace('%', "%25"))?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

/// Formats a host for a URL: IPv6 in brackets.
#[must_use]
pub fn in_brackets(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority.get(end_of_host..)?.find(':') else { return Some((authority, None)) };
    let (host, port) = authority.split_at(end_of_host + colon);
    let digits = port.get(1..)?;
    let port = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    (port != 0).then_some((host, Some(port)))
}

/// Whether a byte may appear in a path or a query: RFC 3986 without the fragment's `#`.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/?".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_serial_is_ten_to_twenty_letters_and_digits_in_upper_case() {
        let check = |typed: &str, serial: Option<&str>| {
            assert_eq!(Serial::parse(typed).as_ref().map(Serial::as_str), serial, "{typed:?}");
        };
        check("00M09A000000001", Some("00M09A000000001"));
        check("  00m09a000000001\n", Some("00M09A000000001"));
        check("0123456789", Some("0123456789"));
        for wrong in ["", "012345678", "012345678901234567890", "00M09A/00000001", "00M+00000000", "ÄÖÜ00M09A0000"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_of_one_device() {
        let check = |typed: &str, host: Option<&str>| assert_eq!(parse_host(typed).as_deref(), host, "{typed:?}");
        check(" 192.168.1.10 ", Some("192.168.1.10"));
        check("127.0.0.1", Some("127.0.0.1"));
        check("[fd00::10]", Some("fd00::10"));
        check("fe80::1%eth0", Some("fe80::1%eth0"));
        check("FE80:0::1%Eth0.100", Some("fe80::1%Eth0.100"));
        check("[fe80::1%3]", Some("fe80::1%3"));
        check("[fe80::1%25eth0]", Some("fe80::1%eth0"));
        check("fe80::1%25", Some("fe80::1%25"));
        check("febf::1%br-lan", Some("febf::1%br-lan"));
        check("FD00:0::10", Some("fd00::10"));
        check("Printer.local.", Some("printer.local"));
        check("x1_garage", Some("x1_garage"));
        check("3dp-030-488", Some("3dp-030-488"));
        for wrong in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "192.168.1",
            "192.168.1.256",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "[::1",
            "::1]",
            "[192.168.1.10]",
            "192.168.1.10:322",
            "printer:322",
            "bblp@printer",
            "printer/live",
            "http://printer",
            "prin ter",
            "prin\u{0}ter",
            "dröcker",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "ff02::1%eth0",
            "fd00::1%eth0",
            "192.168.1.10%eth0",
            "printer%eth0",
            "fe80::1%",
            "fe80::1%0",
            "fe80::1%..",
            "fe80::1%eth0%eth1",
            "fe80::1%eth 0",
            "fe80::1%a/b",
            "[fe80::1%eth0",
            "fe80::1%sixteen_letters_",
        ] {
            check(wrong, None);
        }
        check(&format!("{}.local", "a".repeat(64)), None);
        check(&["a"; 200].join("."), None);
    }

    #[test]
    fn a_camera_url_has_port_and_path_and_prints_as_typed() {
        let check = |typed: &str, tls: bool, port: u16, path: &str, shown: &str| {
            let url = RtspUrl::parse(typed, true).expect(typed);
            assert_eq!((url.tls(), url.port(), url.path()), (tls, port, path), "{typed}");
            assert_eq!(url.to_string(), shown);
        };
        let usual = "rtsps://192.168.1.10:322/streaming/live/1";
        check(usual, true, 322, "/streaming/live/1", usual);
        check(" RTSPS://Cam.local/a ", true, 322, "/a", "rtsps://cam.local/a");
        check("rtsp://cam:8554?profile=1", false, 8554, "/?profile=1", "rtsp://cam:8554/?profile=1");
        check("rtsps://[fd00::1]:7441/x@y", true, 7441, "/x@y", "rtsps://[fd00::1]:7441/x@y");
        check("rtsps://cam", true, 322, "/", "rtsps://cam/");
        check("rtsps://[fe80::1%25eth0]/live", true, 322, "/live", "rtsps://[fe80::1%25eth0]/live");
        check("rtsps://[fe80::1%3]:7441/", true, 7441, "/", "rtsps://[fe80::1%253]:7441/");
        assert_eq!(RtspUrl::of_printers("fd00::1").to_string(), "rtsps://[fd00::1]:322/streaming/live/1");
    }

    #[test]
    fn an_override_may_leave_the_host_to_each_printer() {
        let url = RtspUrl::parse_override("rtsps://:7441/live", false).unwrap();
        assert_eq!((url.host(), url.port(), url.path()), ("", 7441, "/live"));
        assert_eq!(url.at("fd00::1").to_string(), "rtsps://[fd00::1]:7441/live");
        assert_eq!(RtspUrl::parse_override("rtsps:///live", false).unwrap().at("cam").to_string(), "rtsps://cam/live");
        assert_eq!(RtspUrl::parse_override("rtsps://cam/live", false), RtspUrl::parse("rtsps://cam/live", false));
        assert_eq!(RtspUrl::parse_override("rtsps://[]/live", false), Err(UrlError::Malformed));
    }

    #[test]
    fn an_invalid_camera_url_is_refused_with_advice() {
        let check = |typed: &str, why: UrlError| assert_eq!(RtspUrl::parse(typed, false), Err(why), "{typed:?}");
        check("192.168.1.10", UrlError::Scheme);
        check("http://cam/", UrlError::Scheme);
        check("file:///etc/passwd", UrlError::Scheme);
        check("exec://cam", UrlError::Scheme);
        check("rtsp://cam/", UrlError::Plain);
        check("rtsps://bblp:12345678@192.168.1.10/live", UrlError::Userinfo);
        check("rtsps://bblp:1#34@192.168.1.10/live", UrlError::Userinfo);
        check("rtsps:///live", UrlError::Malformed);
        check("rtsps://cam/live#1", UrlError::Malformed);
        check("rtsps://cam:0/", UrlError::Malformed);
        check("rtsps://cam:65536/", UrlError::Malformed);
        check("rtsps://cam:+322/", UrlError::Malformed);
        check("rtsps://cam:/", UrlError::Malformed);
        check("rtsps://cam/a b", UrlError::Malformed);
        check("rtsps://cam/a\r\nTeardown: x", UrlError::Malformed);
        check(&format!("rtsps://cam/{}", "a".repeat(501)), UrlError::TooLong { limit: 512 });
    }

    proptest! {
        #[test]
        fn a_parsed_url_parses_the_same_when_printed(
            typed in "rtsps?://([a-zA-Z0-9.:\\[\\]-]{1,20}|\\[fe80::[0-9a-f]{1,4}%(25)?[a-z0-9.~_-]{0,16}\\])[/?a-z%@=]{0,20}",
        ) {
            if let Ok(url) = RtspUrl::parse(&typed, true) {
                prop_assert_eq!(RtspUrl::parse(&url.to_string(), true), Ok(url));
            }
        }

        #[test]
        fn no_text_makes_the_parsers_panic(typed in ".{0,80}|\\[?fe80::[0-9a-f:]{1,4}%[a-z0-9%.~_-]{0,16}\\]?") {
            let _ = RtspUrl::parse(&typed, true);
            if let Some(host) = parse_host(&typed) {
                prop_assert_eq!(parse_host(&host), Some(host));
            }
        }
    }
}
