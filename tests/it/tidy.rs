//! What must stay true of the source: floors, names in one place, files that fit in a head.

use std::fs;
use std::path::{Path, PathBuf};

/// Which floor a top-level module stands on. A module may use itself and what lies below it.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("media", 1),
    ("rtsp", 1),
    ("hls", 1),
    ("printer", 1),
    ("net", 2),
    ("registry", 2),
    ("stream", 3),
    ("mqtt", 3),
    ("camera", 4),
    ("advice", 5),
    ("fleet", 6),
    ("diagnosis", 7),
    ("finding", 7),
    ("http", 8),
    ("config", 9),
    ("app", 9),
];

/// Neighbours that may use each other's words: what is on the left may name what is on the right.
const NEIGHBOURS: &[(&str, &str)] = &[("hls", "media"), ("app", "config"), ("registry", "net")];

/// A word that may stand in one file only (or under one folder), and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("tiny_http::", &["http/server/parser.rs"], "what replaces the crate is this one place"),
    ("mio::", &["net/link/polled.rs", "mqtt/wire.rs"], "only who watches two sockets at once needs it"),
    ("rumqttc::", &["mqtt/"], "what replaces the crate is this one place"),
    ("PACKET_LEN", &["media/ts/", "hls/container.rs"], "only the container knows TS packets"),
    ("media::ts", &["hls/container.rs"], "only the container knows TS packets"),
    ("video/mp2t", &["hls/container.rs"], "the container knows its media type"),
    (".ts\"", &["hls/container.rs"], "the container knows its extension"),
    ("rusqlite::", &["registry"], "SQL has one home"),
    ("env::var", &["config.rs"], "the environment is read once"),
    ("Instant::now", &["base/clock.rs"], "the pure floors are given the time"),
    ("SystemTime::now", &["base/clock.rs"], "the pure floors are given the time"),
    (
        "fn sentence",
        &["printer/report/problem.rs"],
        "failures are data; their words are in advice, the maker's in words",
    ),
    ("LAN Only", &["advice/"], "menu paths have one home"),
    ("Settings >", &["advice/"], "menu paths have one home"),
    ("Bambu Handy", &["advice/"], "product names have one home"),
    ("thread::Builder", &["base/thread.rs"], "threads have names and owners"),
];

/// What the pure floor must not know.
const PURE: &[&str] = &["media", "rtsp", "hls", "printer"];
const IMPURE_WORDS: &[&str] = &["std::net::Tcp", "std::fs", "std::env", "std::thread", "clock::now", "clock::unix_ms"];

/// Lines of a file without its tests.
const LONGEST_FILE: usize = 450;

struct Source {
    path: String,
    floor_name: String,
    /// Without comments and without what follows the test module's head.
    code: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    assert!(found.len() > 20, "the source is not where this test looks");
    found.iter().filter(|path| !path.to_string_lossy().ends_with("tests.rs")).map(|path| read(&root, path)).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn read(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a readable file");
    let path = path.strip_prefix(root).expect("below src").to_string_lossy().replace('\\', "/");
    let floor_name = path.split(['/', '.']).next().unwrap_or_default().to_owned();
    let code = text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect();
    Source { path, floor_name, code }
}

fn floor_of(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The modules named by `crate::x` in a line, also within `crate::{x, y::z}`.
fn modules_named(line: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map_or(rest, |inner| inner.split('}').next().unwrap_or(inner));
        let parts: Vec<&str> = if rest.starts_with('{') { list.split(',').collect() } else { vec![rest] };
        for part in parts {
            let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            named.push(name);
        }
    }
    named
}

#[test]
fn a_file_imports_only_from_lower_layers() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(own) = floor_of(&source.floor_name) else { continue };
        for (number, line) in &source.code {
            for module in modules_named(line) {
                let Some(other) = floor_of(&module) else { continue };
                let neighbour = NEIGHBOURS.iter().any(|(from, to)| *from == source.floor_name && *to == module);
                if module != source.floor_name && other >= own && !neighbour {
                    wrong.push(format!("src/{}:{number}: floor {own} uses {module} of floor {other}", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_has_a_layer() {
    let homeless: Vec<String> = sources()
        .into_iter()
        .filter(|source| {
            floor_of(&source.floor_name).is_none() && !["lib", "main"].contains(&source.floor_name.as_str())
        })
        .map(|source| source.path)
        .collect();
    assert!(homeless.is_empty(), "without a floor in LAYERS: {homeless:?}");
}

#[test]
fn words_with_one_home_appear_nowhere_else() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, places, reason) in ONLY_IN {
            if places.iter().any(|place| source.path.starts_with(place)) {
                continue;
            }
            for (number, line) in source.code.iter().filter(|(_, line)| line.contains(word)) {
                wrong.push(format!("src/{}:{number}: `{word}`: {reason}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_layer_has_no_sockets_files_environment_or_clocks() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.floor_name.as_str())) {
        for word in IMPURE_WORDS {
            for (number, line) in source.code.iter().filter(|(_, line)| line.contains(word)) {
                wrong.push(format!("src/{}:{number}: `{word}`: {}", source.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = sources()
        .iter()
        .filter_map(|source| {
            let lines = source.code.last().map_or(0, |(number, _)| *number);
            (lines > LONGEST_FILE).then(|| format!("src/{}: {lines} lines", source.path))
        })
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines without tests: {long:?}");
}

#[test]
fn an_access_code_is_exposed_only_where_it_has_to_be() {
    // The peer it is meant for, the database, and the one JSON field the contract names.
    let allowed =
        ["base/secret.rs", "rtsp/", "media/jpeg/mod.rs", "registry/", "printer/", "http/view/mod.rs", "mqtt/"];
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|source| !allowed.iter().any(|place| source.path.starts_with(place)))
        .flat_map(|source| {
            source
                .code
                .iter()
                .filter(|(_, line)| line.contains(".expose()"))
                .map(|(number, _)| format!("src/{}:{number}", source.path))
        })
        .collect();
    assert!(wrong.is_empty(), "an access code is exposed at {wrong:?}");
}

#[test]
fn every_setting_is_in_the_readme() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let missing: Vec<&str> = platecast::config::KEYS
        .iter()
        .map(|key| key.name)
        .filter(|name| !readme.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
    for key in platecast::config::KEYS.iter().filter(|key| !key.default.is_empty() && !key.name.contains('<')) {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{}`", key.name)));
        assert!(
            row.is_some_and(|row| row.contains(&format!("`{}`", key.default))),
            "{}: another default in the README",
            key.name
        );
    }
}
