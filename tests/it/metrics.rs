//! The metrics as a scraper reads them, by a parser of our own that takes nothing but the format (0.0.4).

use crate::http_client::{Got, PATIENCE, now, pause};
use crate::status::Bench;
use crate::status_http::Served;
use platecast::printer::{Draft, PrinterId};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use virtual_printer::Model;

/// Samples by name and labels, in each of the families that were announced.
#[derive(Debug, Default)]
struct Scrape {
    kinds: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    fn of(served: &Served) -> Self {
        let got = served.client().get("/metrics");
        assert_eq!((got.status, got.field("content-type")), (200, Some("text/plain; version=0.0.4; charset=utf-8")));
        Self::parse(&String::from_utf8(got.body).expect("UTF-8")).unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        if !text.ends_with('\n') {
            return Err("the last line has no end".to_owned());
        }
        let (mut scrape, mut family, mut help) = (Self::default(), String::new(), String::new());
        for line in text.lines() {
            let wrong = |what: &str| format!("{what}: {line}");
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').ok_or_else(|| wrong("no help"))?;
                if !words.ends_with('.') || scrape.kinds.contains_key(name) {
                    return Err(wrong("no sentence, or said twice"));
                }
                help = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').ok_or_else(|| wrong("no type"))?;
                if name != help || !["counter", "gauge", "histogram"].contains(&kind) {
                    return Err(wrong("no help before it, or an unknown type"));
                }
                if (kind == "counter") != name.ends_with("_total") {
                    return Err(wrong("counters, and nothing else, end with _total"));
                }
                scrape.kinds.insert(name.to_owned(), kind.to_owned());
                family = name.to_owned();
            } else {
                let (key, value) = line.rsplit_once(' ').ok_or_else(|| wrong("no value"))?;
                let name = key.split('{').next().unwrap_or_default();
                let suffixes: &[&str] =
                    if scrape.kinds[&family] == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
                if !suffixes.iter().any(|suffix| name == format!("{family}{suffix}")) {
                    return Err(wrong("a sample outside its family"));
                }
                labels(key.strip_prefix(name).unwrap_or_default()).ok_or_else(|| wrong("labels"))?;
                let value: f64 = value.parse().map_err(|_| wrong("no number"))?;
                if value < 0.0 || scrape.samples.insert(key.to_owned(), value).is_some() {
                    return Err(wrong("below zero, or twice"));
                }
            }
        }
        Ok(scrape)
    }

    fn get(&self, key: &str) -> f64 {
        *self.samples.get(key).unwrap_or_else(|| panic!("{key} is missing: {:#?}", self.samples))
    }
}

/// Nothing, or `{name="value",…}` with nothing unescaped.
fn labels(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    if text.is_empty() {
        return Some(found);
    }
    let mut rest = text.strip_prefix('{')?;
    loop {
        let (name, behind) = rest.split_once("=\"")?;
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let (mut value, mut letters) = (String::new(), behind.char_indices());
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, '\\') => match letters.next()?.1 {
                    'n' => value.push('\n'),
                    letter @ ('"' | '\\') => value.push(letter),
                    _ => return None,
                },
                (_, letter) => value.push(letter),
            }
        };
        found.push((name.to_owned(), value));
        rest = behind.get(end + 1..)?;
        match rest.strip_prefix(',') {
            Some(more) if plain => rest = more,
            None if plain && rest == "}" => return Some(found),
            _ => return None,
        }
    }
}

fn of_first(name: &str) -> String {
    format!("{name}{{printer=\"1\",name=\"Bench\"}}")
}

#[test]
fn a_scrape_counts_what_has_happened() {
    let served = Served::new(Bench::printing(Model::X1C));
    let deadline = now() + PATIENCE;
    let scrape = loop {
        let scrape = Scrape::of(&served);
        if scrape.get(&of_first("platecast_segments_total")) >= 1.0 {
            break scrape;
        }
        assert!(now() < deadline, "{scrape:#?}");
        pause();
    };
    let check = |key: &str, expected: f64| assert_eq!(scrape.get(key), expected, "{key}");
    check(&format!("platecast_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0);
    check("platecast_printers", 1.0);
    check("platecast_links{state=\"live\"}", 1.0);
    check("platecast_links{state=\"refused\"}", 0.0);
    check("platecast_cameras{state=\"live\"}", 1.0);
    check(&of_first("platecast_link_connected"), 1.0);
    check(&of_first("platecast_camera_live"), 1.0);
    check(&of_first("platecast_dropped_access_units_total"), 0.0);
    check("platecast_http_held_requests", 0.0);
    check("platecast_http_connections{state=\"answering\"}", 1.0);
    for more in ["platecast_access_units_total", "platecast_parts_total"] {
        assert!(scrape.get(&of_first(more)) > scrape.get(&of_first("platecast_segments_total")), "{more}");
    }
    let memory = scrape.get(&of_first("platecast_camera_memory_bytes"));
    assert!((1e5..2e7).contains(&memory), "{memory} bytes of a camera of 2 Mbit/s");
    let parts = scrape.get("platecast_publish_jitter_seconds_count");
    assert!(parts >= 1.0 && scrape.get("platecast_publish_jitter_seconds_bucket{le=\"+Inf\"}") == parts);
    assert!(scrape.get("process_resident_memory_bytes") > 1e6 && scrape.get("platecast_threads") > 5.0);

    let _listener = served.post("/api/printers/7/test", "").answer();
    let _events = served.client().ask("/api/events").head();
    served.printer.camera().reset();
    let deadline = now() + PATIENCE;
    loop {
        let later = Scrape::of(&served);
        if later.get(&of_first("platecast_camera_reconnects_total")) == 1.0 {
            assert!(later.get("platecast_http_requests_total{code=\"4xx\"}") >= 1.0);
            assert!(later.get("platecast_http_sent_bytes_total") > scrape.get("platecast_http_sent_bytes_total"));
            break;
        }
        assert!(now() < deadline, "{later:#?}");
        pause();
    }
}

#[test]
fn a_label_may_contain_anything_and_no_secret_appears() {
    let served = Served::new(Bench::live(Model::X1C));
    let draft = Draft {
        name: Some(r#"Ann's "X1" \ {new}, 2"#.to_owned()),
        host: Some("127.0.0.9".to_owned()),
        serial: Some("00M09A000000077".to_owned()),
        access_code: Some(platecast::base::secret::Secret::new("87654321")),
        ..Draft::default()
    };
    served.fleet.add(draft).expect("a printer");
    let scrape = Scrape::of(&served);
    let named =
        scrape.samples.keys().find(|key| key.starts_with("platecast_link_connected{printer=\"2\"")).expect("it");
    let labels = labels(named.strip_prefix("platecast_link_connected").expect("its name")).expect("labels");
    assert_eq!(labels[1], ("name".to_owned(), r#"Ann's "X1" \ {new}, 2"#.to_owned()));
    served.fleet.remove(PrinterId(2)).expect("removed");
    let text = String::from_utf8(served.client().get("/metrics").body).expect("text");
    for secret in ["12345678", "87654321", served.printer.serial(), "127.0.0"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn a_foreign_host_name_is_refused() {
    let served = Served::new(Bench::live(Model::X1C));
    let mut client = served.client();
    client.send("GET /metrics HTTP/1.1\r\nHost: evil.test\r\n\r\n");
    let got: Got = client.answer().expect("an answer");
    assert_eq!(got.status, 421);
}

#[test]
fn every_metric_is_in_the_documentation_and_no_other() {
    let served = Served::new(Bench::live(Model::X1C));
    let kinds = Scrape::of(&served).kinds;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let page = fs::read_to_string(page).expect("docs/metrics.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let told: BTreeMap<String, String> = rows
        .map(|(name, rest)| (name.to_owned(), rest.split([',', ' ']).next().unwrap_or_default().to_owned()))
        .collect();
    assert_eq!(kinds, told);
}

#[test]
fn the_parser_accepts_only_the_format() {
    let head = "# HELP a What.\n# TYPE a gauge\n";
    assert!(Scrape::parse(&format!("{head}a 1\na{{x=\"\\\"\"}} 2\n")).is_ok());
    for wrong in ["a 1", "b 1\n", "a{x=1} 1\n", "a{x=\"\"\"} 1\n", "a x\n", "a 1\na 1\n", "a{x=\"\\t\"} 1\n", "a\n"] {
        assert!(Scrape::parse(&format!("{head}{wrong}")).is_err(), "{wrong:?}");
    }
}
