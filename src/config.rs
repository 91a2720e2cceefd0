//! Layer 9: the only reader of the environment. Everything that can be configured is in [`KEYS`]. Invalid values abort
//! the start, with one sentence for each.
//!
//! `RUST_LOG` is read by env_logger, `TUNNEL_TOKEN` by cloudflared, and `VITE_HLS_LOW_LATENCY` by the page's build.

use crate::advice;
use crate::fleet::Ports;
use crate::http::server::Proxies;
use crate::http::{AccessCodes, EmbedOrigins};
use crate::printer::address::lacks_zone;
use crate::printer::{PrinterId, RtspOverrides, RtspUrl, Rules};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// An environment variable, as the README lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The name of the variable.
    pub name: &'static str,
    /// The value that applies if it is unset or empty.
    pub default: &'static str,
    /// The unit or the format.
    pub unit: &'static str,
    /// The accepted values.
    pub bound: &'static str,
    /// The effect of the variable.
    pub meaning: &'static str,
}

const fn key(
    name: &'static str,
    default: &'static str,
    unit: &'static str,
    bound: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, default, unit, bound, meaning }
}

/// Every variable that this program reads, in the README's order.
pub const KEYS: &[Key] = &[
    key(
        "DATABASE_URL",
        "",
        "URL",
        "sqlite:///absolute/path or sqlite://relative/path",
        "SQLite file of the printers; instead of DB_PATH",
    ),
    key("DB_PATH", "data/printers.db", "path", "not together with DATABASE_URL", "SQLite file of the printers"),
    key(
        "HLS_OUTPUT_DIR",
        "",
        "path",
        "a directory",
        "mirror of the segments, one directory per printer; empty: memory only",
    ),
    key("HLS_LOW_LATENCY", "true", "true/false", "", "serve the low-latency playlist beside the standard one"),
    key("HLS_PART_DURATION_SECS", "0.333", "seconds", "0.1 to 2", "target duration of a low-latency part"),
    key("HLS_WINDOW_SEGMENTS", "6", "segments", "6 to 10", "length of the playlist"),
    key(
        "CAMERA_MEMORY_MIB",
        "96",
        "MiB",
        "64 to 4096",
        "memory that what one camera sends may fill; a camera that sends more has its playlist shortened",
    ),
    key("BIND_ADDR", "127.0.0.1:8080", "IP:port", "IPv6 in brackets", "where HTTP listens"),
    key(
        "ALLOWED_HOSTS",
        "",
        "host names, comma-separated",
        "64 names",
        "public names accepted in Host beside IP addresses, localhost, single-label and *.local names",
    ),
    key(
        "ACCESS_CODES",
        "show",
        "show/hide",
        "",
        "whether GET /api/printers tells the access codes; hide wherever more than one person looks",
    ),
    key(
        "TRUSTED_PROXIES",
        "",
        "addresses or networks, comma-separated",
        "64 of them",
        "reverse proxies that are believed when they name their client, for its share of streams and connections",
    ),
    key(
        "EMBED_ORIGINS",
        "",
        "origins, comma-separated",
        "32 of them",
        "pages of these origins may show the video, the stills and, in a frame, the page",
    ),
    key("HTTP_MAX_CONNECTIONS", "2048", "connections", "16 to 10000", "HTTP connections open at once"),
    key("FRONTEND_DIR", "", "path", "a directory", "the built page; empty: beside the program, else frontend/dist"),
    key(
        "RTSP_URL",
        "",
        "URL",
        "rtsps://… or, at each printer's own host, rtsps://:port/…",
        "camera URL of every printer, over all other sources",
    ),
    key(
        "RTSP_URL_<id>",
        "",
        "URL",
        "rtsps://… or, at the printer's own host, rtsps://:port/…",
        "camera URL of the printer with this id, over all other sources",
    ),
    key("MQTT_PORT", "8883", "port", "1 to 65535", "where printers listen for MQTT over TLS"),
    key("MQTT_PORT_<id>", "", "port", "1 to 65535", "where the printer with this id does, for one behind a proxy"),
    key(
        "JPEG_PORT",
        "6000",
        "port",
        "1 to 65535",
        "where the cameras of A1, A1 mini, A2L, P1P and P1S printers listen",
    ),
    key("JPEG_PORT_<id>", "", "port", "1 to 65535", "where that of the printer with this id does"),
    key(
        "DISCOVERY",
        "on",
        "on/off",
        "",
        "listen for printers that announce themselves (UDP 2021 and 1990), to find new ones and to follow those whose \
         address changes",
    ),
    key(
        "RTSP_ALLOW_PLAIN",
        "false",
        "true/false",
        "",
        "allow rtsp:// camera URLs, which send picture and login unprotected",
    ),
];

/// The most names in `ALLOWED_HOSTS`.
const ALLOWED_HOSTS: usize = 64;

/// The configuration of a run. It never changes while the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The SQLite file of the printers.
    pub database: PathBuf,
    /// The base directory of the segment mirror; `None` keeps segments in memory only.
    pub hls_output_dir: Option<PathBuf>,
    /// Whether the low-latency playlist is served.
    pub hls_low_latency: bool,
    /// The target duration of a part.
    pub hls_part_target: Duration,
    /// The number of segments in the playlist.
    pub hls_window_segments: usize,
    /// The memory that one camera's data may fill.
    pub camera_memory_bytes: usize,
    /// The address on which HTTP listens.
    pub bind: SocketAddr,
    /// Public host names, in lower case.
    pub allowed_hosts: Vec<String>,
    /// Whether answers contain the printers' access codes.
    pub access_codes: AccessCodes,
    /// Reverse proxies that are trusted to name their client.
    pub trusted_proxies: Proxies,
    /// Origins that may embed.
    pub embed_origins: EmbedOrigins,
    /// The most open HTTP connections.
    pub http_max_connections: usize,
    /// The directory of the built page, if it is not in its usual place.
    pub frontend_dir: Option<PathBuf>,
    /// Camera URLs that override all other sources.
    pub rtsp: RtspOverrides,
    /// The ports on which printers listen for MQTT.
    pub mqtt_ports: Ports,
    /// The ports of cameras that send pictures.
    pub jpeg_ports: Ports,
    /// Whether printers' announcements are listened for.
    pub discovery: bool,
    /// The rules for a printer's fields.
    pub rules: Rules,
}

/// Every invalid value, with one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// Returns a sentence for every invalid value.
    pub fn from_env() -> Result<Self, ConfigError> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect();
        Self::from_map(&variables)
    }

    /// Reads `variables`; this is pure, for the tests.
    ///
    /// # Errors
    /// Returns a sentence for every invalid value.
    pub fn from_map(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut read = Reader { variables, wrong: Vec::new() };
        let allow_plain_rtsp = read.truth("RTSP_ALLOW_PLAIN");
        let config = Self {
            database: read.database(),
            hls_output_dir: read.path("HLS_OUTPUT_DIR"),
            hls_low_latency: read.truth("HLS_LOW_LATENCY"),
            hls_part_target: Duration::from_millis(read.thousandths("HLS_PART_DURATION_SECS", 100, 2000)),
            hls_window_segments: read.number("HLS_WINDOW_SEGMENTS", 6, 10),
            camera_memory_bytes: read.number::<usize>("CAMERA_MEMORY_MIB", 64, 4096) << 20,
            bind: read.bind(),
            allowed_hosts: read.allowed_hosts(),
            access_codes: read.access_codes(),
            trusted_proxies: read.trusted_proxies(),
            embed_origins: read.embed_origins(),
            http_max_connections: read.number("HTTP_MAX_CONNECTIONS", 16, 10_000),
            frontend_dir: read.path("FRONTEND_DIR"),
            rtsp: read.rtsp_overrides(allow_plain_rtsp),
            mqtt_ports: read.ports("MQTT_PORT"),
            jpeg_ports: read.ports("JPEG_PORT"),
            discovery: read.truth("DISCOVERY"),
            rules: Rules { allow_plain_rtsp, ..Rules::default() },
        };
        if read.wrong.is_empty() { Ok(config) } else { Err(ConfigError(read.wrong)) }
    }
}

/// Reads the values one after the other and records the invalid ones. For an invalid value it returns some valid one,
/// which is never used.
struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Returns the value that is set. An empty value counts as unset, because compose files write an unset one that
    /// way.
    fn given(&self, name: &str) -> Option<&'a str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns the value that is set, or the default of the table.
    fn value(&self, name: &str) -> &'a str {
        let default = || KEYS.iter().find(|key| key.name == name).map_or("", |key| key.default);
        self.given(name).unwrap_or_else(default)
    }

    fn is_wrong(&mut self, name: &str, must: &str) {
        self.wrong.push(format!("{name} must be {must}, but is “{}”.", self.value(name).escape_debug()));
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.given(name).map(PathBuf::from)
    }

    fn truth(&mut self, name: &str) -> bool {
        match self.value(name).to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => true,
            "false" | "0" | "no" | "off" => false,
            _ => {
                self.is_wrong(name, "true or false");
                false
            }
        }
    }

    fn number<N: FromStr + PartialOrd + Copy + fmt::Display>(&mut self, name: &str, least: N, most: N) -> N {
        let number = self.value(name).parse().ok().filter(|number| (least..=most).contains(number));
        number.unwrap_or_else(|| {
            self.is_wrong(name, &format!("a whole number from {least} to {most}"));
            least
        })
    }

    /// Parses seconds with decimals, rounded to thousandths.
    fn thousandths(&mut self, name: &str, least: u16, most: u16) -> u64 {
        let thousandths = self.value(name).parse::<f64>().map(|seconds| (seconds * 1000.0).round());
        match thousandths {
            // Within the bounds the cast is exact; NaN is out of bounds.
            Ok(ms) if (f64::from(least)..=f64::from(most)).contains(&ms) => ms as u64,
            _ => {
                let seconds = |ms: u16| f64::from(ms) / 1000.0;
                self.is_wrong(name, &format!("seconds from {} to {}", seconds(least), seconds(most)));
                u64::from(least)
            }
        }
    }

    fn database(&mut self) -> PathBuf {
        let Some(url) = self.given("DATABASE_URL") else { return self.value("DB_PATH").into() };
        if self.given("DB_PATH").is_some() {
            self.wrong.push("Set either DATABASE_URL or DB_PATH, not both.".into());
        }
        let path = url.strip_prefix("sqlite://").filter(|path| !path.is_empty() && !path.contains(['?', '#']));
        path.map_or_else(
            || {
                self.is_wrong("DATABASE_URL", "sqlite:// and a path, like sqlite:///data/printers.db");
                PathBuf::new()
            },
            PathBuf::from,
        )
    }

    fn bind(&mut self) -> SocketAddr {
        self.value("BIND_ADDR").parse().unwrap_or_else(|_| {
            self.is_wrong("BIND_ADDR", "an IP address and a port, like 0.0.0.0:8080 or [::]:8080");
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    fn allowed_hosts(&mut self) -> Vec<String> {
        let names = self.value("ALLOWED_HOSTS").split(',').map(str::trim).filter(|name| !name.is_empty());
        let hosts: Option<Vec<String>> = names.map(crate::printer::address::parse_host).collect();
        match hosts {
            Some(hosts) if hosts.len() <= ALLOWED_HOSTS => hosts,
            _ => {
                let must = format!("at most {ALLOWED_HOSTS} host names, comma-separated, without scheme and port");
                self.is_wrong("ALLOWED_HOSTS", &must);
                Vec::new()
            }
        }
    }

    fn access_codes(&mut self) -> AccessCodes {
        match self.value("ACCESS_CODES").to_ascii_lowercase().as_str() {
            "show" => AccessCodes::Show,
            "hide" => AccessCodes::Hide,
            _ => {
                self.is_wrong("ACCESS_CODES", "show or hide");
                AccessCodes::Hide
            }
        }
    }

    fn trusted_proxies(&mut self) -> Proxies {
        Proxies::parse(self.value("TRUSTED_PROXIES")).unwrap_or_else(|| {
            let must = "at most 64 addresses or networks, comma-separated, like 192.0.2.7 or 10.0.0.0/8";
            self.is_wrong("TRUSTED_PROXIES", must);
            Proxies::default()
        })
    }

    fn embed_origins(&mut self) -> EmbedOrigins {
        EmbedOrigins::parse(self.value("EMBED_ORIGINS")).unwrap_or_else(|wrong| {
            self.is_wrong("EMBED_ORIGINS", wrong.must());
            EmbedOrigins::default()
        })
    }

    fn rtsp_overrides(&mut self, allow_plain: bool) -> RtspOverrides {
        let mut overrides = RtspOverrides::default();
        for name in self.variables.keys().filter(|name| name.starts_with("RTSP_URL")) {
            let Some(typed) = self.given(name) else { continue };
            // The value itself is not repeated: it may contain an access code.
            let url = match RtspUrl::parse_override(typed, allow_plain) {
                Ok(url) if lacks_zone(url.host()) => {
                    self.wrong.push(format!(
                        "{name} names a link-local address; write the interface behind it, like [fe80::1%25eth0]."
                    ));
                    continue;
                }
                Ok(url) => url,
                Err(error) => {
                    let why = advice::field::of_url(error).sentence;
                    self.wrong.push(format!("{name} is not a camera URL for this program: {why}"));
                    continue;
                }
            };
            match of_printer(name, "RTSP_URL") {
                Ok(None) => overrides.all = Some(url),
                Ok(Some(id)) => {
                    overrides.one.insert(id, url);
                }
                Err(sentence) => self.wrong.push(sentence),
            }
        }
        overrides
    }

    fn ports(&mut self, key: &str) -> Ports {
        let mut ports = Ports::same(self.number(key, 1, 65_535));
        for name in self.variables.keys().filter(|name| name.strip_prefix(key).is_some_and(|id| id.starts_with('_'))) {
            if self.given(name).is_none() {
                continue;
            }
            match of_printer(name, key) {
                Ok(Some(id)) => {
                    let port = self.number(name, 1, 65_535);
                    ports.one.insert(id, port);
                }
                Ok(None) => {}
                Err(sentence) => self.wrong.push(sentence),
            }
        }
        ports
    }
}

/// Returns the printer that a variable is for: `KEY_3` is for one, `KEY` for all.
fn of_printer(name: &str, key: &str) -> Result<Option<PrinterId>, String> {
    let rest = name.strip_prefix(key);
    match rest.map(|rest| rest.strip_prefix('_').and_then(|id| id.parse().ok())) {
        Some(None) if name == key => Ok(None),
        Some(Some(id)) if id > 0 => Ok(Some(PrinterId(id))),
        _ => Err(format!("{} must end in a printer's id, like {key}_3.", name.escape_debug())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::from_map(&variables).map_err(|error| error.0)
    }

    #[test]
    fn an_empty_environment_gives_the_defaults_of_the_table() {
        let defaults = config(&[]).unwrap();
        assert_eq!(defaults.database, PathBuf::from("data/printers.db"));
        assert_eq!(defaults.bind, "127.0.0.1:8080".parse().unwrap());
        assert_eq!((defaults.hls_part_target, defaults.hls_window_segments), (Duration::from_millis(333), 6));
        assert_eq!(defaults.camera_memory_bytes, crate::hls::Settings::default().memory_bytes);
        assert!(defaults.hls_low_latency && !defaults.rules.allow_plain_rtsp);
        assert_eq!(defaults.access_codes, AccessCodes::Show);
        assert_eq!((defaults.http_max_connections, defaults.hls_output_dir.as_ref()), (2048, None));
        let empty: Vec<_> = KEYS.iter().filter(|key| !key.name.contains('<')).map(|key| (key.name, " ")).collect();
        assert_eq!(config(&empty), Ok(defaults.clone()));
        let said: Vec<_> = KEYS.iter().filter(|key| key.name != "DB_PATH").map(|key| (key.name, key.default)).collect();
        assert_eq!(config(&said), Ok(defaults));
    }

    #[test]
    fn the_database_is_a_path_or_an_sqlite_url() {
        let check =
            |url: &str, path: &str| assert_eq!(config(&[("DATABASE_URL", url)]).unwrap().database, PathBuf::from(path));
        check("sqlite:///data/printers.db", "/data/printers.db");
        check("sqlite://data/printers.db", "data/printers.db");
        assert_eq!(config(&[("DB_PATH", "/x/y.db")]).unwrap().database, PathBuf::from("/x/y.db"));
    }

    #[test]
    fn a_wrong_value_is_one_sentence_with_its_key() {
        let check = |name: &str, value: &str| {
            let wrong = config(&[(name, value)]).expect_err(value);
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(name) && wrong[0].ends_with('.') && !wrong[0].contains('\n'), "{wrong:?}");
        };
        for url in ["postgres://x/y", "sqlite://", "data.db", "sqlite:///data/x.db?mode=ro"] {
            check("DATABASE_URL", url);
        }
        for seconds in ["0", "0.05", "2.5", "1e9", "NaN", "inf", "-1", "0,333", "333ms"] {
            check("HLS_PART_DURATION_SECS", seconds);
        }
        for segments in ["5", "11", "-7", "7.5", "many"] {
            check("HLS_WINDOW_SEGMENTS", segments);
        }
        for mib in ["63", "4097", "96 MiB", "-1", "0x60", "1e3"] {
            check("CAMERA_MEMORY_MIB", mib);
        }
        for bind in ["8080", ":8080", "localhost:8080", "0.0.0.0", "0.0.0.0:99999"] {
            check("BIND_ADDR", bind);
        }
        for hosts in ["https://printers.example.org", "printers.example.org:443", "*.example.org", "a\nb"] {
            check("ALLOWED_HOSTS", hosts);
        }
        check("ALLOWED_HOSTS", &vec!["a"; 65].join(","));
        for proxies in ["nginx", "10.0.0.0/0", "10.0.0.0/33", "1.2.3.4;5.6.7.8"] {
            check("TRUSTED_PROXIES", proxies);
        }
        for origins in ["*", "homeassistant.local:8123", "http://ha/lovelace", "null"] {
            check("EMBED_ORIGINS", origins);
        }
        let told = config(&[("EMBED_ORIGINS", "http://ha,*")]).unwrap_err();
        assert!(told[0].contains("any page on the web"), "{told:?}");
        check("HLS_LOW_LATENCY", "maybe");
        check("DISCOVERY", "sometimes");
        check("ACCESS_CODES", "no");
        check("HTTP_MAX_CONNECTIONS", "15");
        check("RTSP_URL", "rtsp://cam/live");
        check("RTSP_URL", "rtsps://[fe80::1]/live");
        for port in ["0", "65536", "-1", "mqtt"] {
            check("MQTT_PORT", port);
            check("MQTT_PORT_3", port);
            check("JPEG_PORT", port);
            check("JPEG_PORT_3", port);
        }
        check("MQTT_PORT_x", "8883");
        check("JPEG_PORT_", "6000");
        for name in ["RTSP_URL_", "RTSP_URL_x", "RTSP_URL_0", "RTSP_URL_-1", "RTSP_URLS", "RTSP_URL3"] {
            check(name, "rtsps://cam/live");
        }
    }

    #[test]
    fn all_wrong_values_are_reported_together() {
        let wrong =
            config(&[("BIND_ADDR", "x"), ("HLS_LOW_LATENCY", "x"), ("DATABASE_URL", "sqlite://a"), ("DB_PATH", "b")]);
        assert_eq!(wrong.expect_err("three").len(), 3);
    }

    #[test]
    fn a_code_in_a_camera_url_is_refused_and_not_repeated() {
        let wrong = config(&[("RTSP_URL_1", "rtsps://bblp:12345678@192.168.1.10/live")]).expect_err("userinfo");
        assert!(!wrong.concat().contains("12345678"), "{wrong:?}");
    }

    #[test]
    fn a_printer_may_have_ports_of_its_own() {
        let mqtt = [("MQTT_PORT", "18883"), ("MQTT_PORT_3", "18884"), ("MQTT_PORT_4", "")];
        let jpeg = [("JPEG_PORT", "16000"), ("JPEG_PORT_3", "16001"), ("JPEG_PORT_4", "")];
        let config = config(&[mqtt, jpeg].concat()).unwrap();
        let of = |ports: &Ports| [3, 4].map(|id| ports.of(PrinterId(id)));
        assert_eq!((of(&config.mqtt_ports), of(&config.jpeg_ports)), ([18884, 18883], [16001, 16000]));
    }

    #[test]
    fn a_printers_camera_url_overrides_the_one_for_all() {
        let config = config(&[
            ("RTSP_URL", "rtsps://:7441/all"),
            ("RTSP_URL_3", "rtsp://x:8554/third"),
            ("RTSP_ALLOW_PLAIN", "yes"),
            ("ALLOWED_HOSTS", " Printers.example.org , cam.example.org,"),
        ])
        .unwrap();
        let path = |id| config.rtsp.of(PrinterId(id)).map(RtspUrl::path);
        assert_eq!((path(3), path(4)), (Some("/third"), Some("/all")));
        assert_eq!(config.rtsp.of(PrinterId(4)).map(RtspUrl::host), Some(""));
        assert_eq!(config.allowed_hosts, ["printers.example.org", "cam.example.org"]);
    }
}
