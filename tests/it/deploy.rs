//! What is installed and read beside the program: compose file, nginx, dashboard, Markdown. They name settings, addresses
//! and metrics of the code, and each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Read by others than this program.
const OTHERS_KEYS: &[&str] = &["RUST_LOG", "TUNNEL_TOKEN", "VITE_HLS_LOW_LATENCY", "VITE_BASE", "BACKEND_MEMORY"];

/// Not for a container: where the files are is settled there, and the page is in the other image.
const NOT_IN_A_CONTAINER: &[&str] = &["DATABASE_URL", "FRONTEND_DIR"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn known_keys() -> BTreeSet<&'static str> {
    platecast::config::KEYS.iter().map(|key| key.name).chain(OTHERS_KEYS.iter().copied()).collect()
}

/// The lines of a service in the compose file.
fn service<'a>(compose: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("  {name}:");
    let lines = compose.lines().skip_while(|line| *line != head).skip(1);
    lines.take_while(|line| line.starts_with("    ") || line.is_empty()).collect()
}

/// What stands in `${…}`.
fn variables(text: &str) -> BTreeSet<&str> {
    let names = text.split("${").skip(1);
    names.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()).collect()
}

#[test]
fn every_setting_reaches_the_container_and_none_is_made_up() {
    let compose = text("docker-compose.yml");
    let backend = service(&compose, "backend");
    let environment = backend.iter().skip_while(|line| line.trim() != "environment:").skip(1);
    let given: BTreeSet<&str> = environment
        .take_while(|line| line.starts_with("      "))
        .filter_map(|line| line.trim().split_once(':').map(|(name, _)| name))
        .filter(|name| !name.starts_with('#'))
        .collect();
    let read: BTreeSet<&str> = platecast::config::KEYS
        .iter()
        .map(|key| key.name)
        .filter(|name| !name.contains('<') && !NOT_IN_A_CONTAINER.contains(name))
        .chain(["RUST_LOG"])
        .collect();
    assert_eq!(given, read);
}

#[test]
fn settings_of_code_compose_file_and_readme_agree() {
    let known = known_keys();
    let (compose, readme) = (text("docker-compose.yml"), text("README.md"));
    let asked = variables(&compose);
    let unknown: Vec<_> = asked.iter().filter(|name| !known.contains(*name)).collect();
    assert!(unknown.is_empty(), "docker-compose.yml asks for {unknown:?}");
    let settings = readme.split("\n## ").find(|part| part.starts_with("Settings")).expect("a part on settings");
    let rows: BTreeSet<&str> = settings
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split(',').map(|name| name.trim().trim_matches('`')))
        .collect();
    let missing: Vec<_> = known.iter().filter(|name| !rows.contains(*name)).collect();
    assert!(missing.is_empty(), "not in the README's table: {missing:?}");
    let made_up: Vec<_> = rows.iter().filter(|name| !known.contains(*name)).collect();
    assert!(made_up.is_empty(), "only in the README's table: {made_up:?}");
    for line in text(".env.example").lines().filter(|line| !line.starts_with('#')) {
        let name = line.split('=').next().unwrap_or_default();
        assert!(name.is_empty() || known.contains(name), ".env.example sets {name}");
    }
}

#[test]
fn the_backend_trusts_its_own_proxies_and_nobody_else() {
    let compose = text("docker-compose.yml");
    let address = |name: &str| {
        let lines = service(&compose, name).join("\n");
        lines.split_once("ipv4_address: ").map(|(_, rest)| rest.split('}').next().unwrap_or_default().to_owned())
    };
    let (_, believed) = compose.split_once("TRUSTED_PROXIES: ${TRUSTED_PROXIES-").expect("a list of proxies");
    let believed: BTreeSet<_> = believed.split('}').next().unwrap_or_default().split(',').map(str::to_owned).collect();
    let askers: BTreeSet<_> = ["frontend", "cloudflared", "edge"].into_iter().filter_map(address).collect();
    assert_eq!((believed.len(), &believed), (3, &askers));
    let list = believed.into_iter().collect::<Vec<_>>().join(",");
    assert!(platecast::http::server::Proxies::parse(&list).is_some());
    // A visitor's own word for who it is goes no further than nginx.
    let nginx = text("nginx/parts/proxy.conf");
    assert!(nginx.contains("X-Forwarded-For $remote_addr;") && nginx.contains("CF-Connecting-IP \"\";"));
}

/// Runs a script of the repository with a folder of programs before all others.
fn run(script: &Path, arguments: &[&str], programs: &Path, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let mut command = std::process::Command::new(script);
    let ended = command.args(arguments).env("PATH", path).envs(variables.iter().copied()).output().expect("a shell");
    (ended.status.code(), [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

/// A folder with a program that is not the real one.
fn stand_in(test: &str, name: &str, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("platecast-{test}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), script).expect("a file");
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("a program");
    folder
}

#[test]
fn the_script_pins_and_renews_the_base_images() {
    let docker = "#!/bin/sh\nfor last; do :; done\nprintf 'sha256:%s\\n' \
                  \"$(printf %s \"$last$GENERATION\" | sha256sum | cut -c1-64)\"\n";
    let place = stand_in("pin", "docker", docker);
    fs::create_dir_all(place.join("scripts")).expect("a folder");
    for file in ["Dockerfile", "docker-compose.yml", "scripts/pin"] {
        fs::copy(root().join(file), place.join(file)).expect("a copy");
    }
    let pin = |arguments: &[&str], generation| {
        run(&place.join("scripts/pin"), arguments, &place, &[("GENERATION", generation)])
    };
    let pins = || {
        let files = ["Dockerfile", "docker-compose.yml"].map(|file| fs::read_to_string(place.join(file)).expect("it"));
        files.concat().matches("@sha256:").count()
    };
    assert_eq!(pin(&["--check"], "1").0, Some(1), "{:?}", pin(&["--check"], "1"));
    for generation in ["1", "2"] {
        let (code, said) = pin(&[], generation);
        assert_eq!((code, pins()), (Some(0), 4), "Rust, Node, nginx and cloudflared: {said}");
        assert_eq!(pin(&["--check"], generation).0, Some(0));
    }
    assert_eq!(pin(&["--check"], "3").0, Some(1), "there is a newer image");
    fs::write(place.join("docker"), "#!/bin/sh\necho 'no such image'\n").expect("a file");
    assert_eq!((pin(&[], "3").0, pins()), (Some(1), 4), "what is no digest is not written");
    let _ = fs::remove_dir_all(&place);
}

#[test]
fn nginx_knows_the_embed_origins_and_refuses_configuration_in_them() {
    let place = stand_in("start", "nginx", "#!/bin/sh\ncat \"$EMBED_FILE\" 2>/dev/null\nexit 0\n");
    let file = place.join("embed.conf");
    let script = text("nginx/start").replace("/tmp/embed.conf", &file.to_string_lossy());
    let start = stand_in("start", "start", &script).join("start");
    let told = |origins: &str| {
        run(&start, &["frontend.conf"], &place, &[("EMBED_ORIGINS", origins), ("EMBED_FILE", &file.to_string_lossy())])
    };
    assert_eq!(told(""), (Some(0), String::new()));
    let (code, said) = told(" http://ha.local:8123/,https://[fd00::1]:8123 , HTTPS://dash.example.org");
    let line = "\"\" \"'self' http://ha.local:8123 https://[fd00::1]:8123 HTTPS://dash.example.org\";\n";
    assert_eq!((code, said.as_str()), (Some(0), line));
    assert_eq!(told(""), (Some(0), String::new()), "the setting was taken back");
    for bad in
        ["*", "http://a\";", "http://a'", "http://a;b", "http://a b", "http://a{b}", "http://$host", "a", "http://a/b"]
    {
        let (code, said) = told(bad);
        assert!(code == Some(78) && said.contains("EMBED_ORIGINS"), "{bad}: {code:?} {said}");
    }
    let _ = fs::remove_dir_all(&place);
}

#[test]
fn nginx_trusts_only_the_tunnels_address() {
    let compose = text("docker-compose.yml");
    let address = |name: &str| {
        let lines = service(&compose, name).join("\n");
        let (_, rest) = lines.split_once("ipv4_address: ").unwrap_or_else(|| panic!("{name} has no address"));
        rest.split('}').next().unwrap_or_default().to_owned()
    };
    let nginx = text("nginx/parts/http.conf");
    let tunnel = address("cloudflared");
    assert!(nginx.contains(&format!("\nset_real_ip_from {tunnel};\n")), "{tunnel}");
    assert!(nginx.contains(&format!("{{ default 0; {tunnel} 1; }}")), "{tunnel}");
    assert_eq!(nginx.matches("set_real_ip_from").count(), 1);
    let all: BTreeSet<String> = ["backend", "frontend", "cloudflared", "edge"].map(address).into_iter().collect();
    assert_eq!(all.len(), 4, "{all:?}");
}

#[test]
fn no_port_is_published_and_containers_are_hardened() {
    let compose = text("docker-compose.yml");
    let ports = compose.lines().filter(|line| line.trim_start().starts_with("ports:"));
    assert_eq!(ports.count(), 0, "the compose file publishes a port");
    for name in ["backend", "frontend", "cloudflared", "edge", "prepare"] {
        let lines = service(&compose, name).join("\n");
        for word in ["<<: *hardened", "mem_limit:", "pids_limit:"] {
            assert!(lines.contains(word), "{name} has no {word}");
        }
        assert!(!lines.contains("--token"), "{name}: a token in a command line is seen by everybody");
    }
    let (_, hardened) = compose.split_once("&hardened\n").expect("what all have in common");
    for word in ["restart: unless-stopped", "read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "max-size"]
    {
        assert!(hardened.split("\n\n").next().unwrap_or_default().contains(word), "{word}");
    }
}

/// What the three ways to start the one image have in common.
#[test]
fn the_one_image_is_started_alike_everywhere() {
    let (readme, compose, unraid) = (text("README.md"), text("docker/compose.yml"), text("docker/unraid.xml"));
    let line = readme.lines().find(|line| line.starts_with("docker run ")).expect("a line that runs it");
    let image = line.split(' ').next_back().expect("an image");
    assert!(image.starts_with("ghcr.io/OWNER/"), "{image}");
    for (name, told, words) in [
        ("README.md", line, ["--network host", "--read-only", "-v platecast:/data", "--restart unless-stopped"]),
        (
            "compose.yml",
            compose.as_str(),
            ["network_mode: host", "read_only: true", "[\"platecast:/data\"]", "unless-stopped"],
        ),
        ("unraid.xml", unraid.as_str(), ["<Network>host<", "--read-only", "Target=\"/data\"", "--user 99:100"]),
    ] {
        for word in words.into_iter().chain([image]) {
            assert!(told.contains(word), "{name} has no {word}");
        }
    }
    assert!(!compose.contains("ports:"), "the host's network has no ports to publish");
    let known = known_keys();
    for name in unraid.split("Target=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(name.starts_with('/') || known.contains(name), "unraid.xml sets {name}");
    }
    let dockerfile = text("Dockerfile");
    let stage = dockerfile.split("\nFROM ").last().expect("a last stage");
    assert!(stage.starts_with("scratch AS platecast\n"), "`docker build .` makes the one image");
    for word in ["USER 65532:65532", "--chown=65532:65532 /empty /data", "VOLUME /data", "HEALTHCHECK "] {
        assert!(stage.contains(word), "the one image has no {word}");
    }
    for setting in stage.lines().filter_map(|line| line.strip_prefix("ENV ")).flat_map(|line| line.split(' ')) {
        let name = setting.split('=').next().unwrap_or_default();
        assert!(known.contains(name), "the one image sets {name}");
    }
}

/// Nobody can run the workflows here, so each step of a release is one of the script, which runs everywhere.
#[test]
fn workflows_call_the_scripts_and_pin_what_they_use() {
    let (release, script) = (text(".github/workflows/release.yml"), text("scripts/release"));
    let called: BTreeSet<&str> = release
        .split("scripts/release ")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next())
        .filter(|step| !step.is_empty())
        .collect();
    let offered: BTreeSet<&str> =
        script.lines().filter_map(|line| line.strip_prefix("step_")?.strip_suffix("() {")).collect();
    assert_eq!(called, offered);
    for file in ["ci.yml", "release.yml"] {
        let workflow = text(&format!(".github/workflows/{file}"));
        for used in workflow.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            let pinned = used.split_once('@').is_some_and(|(_, version)| {
                let (hash, name) = version.split_once(" # v").unwrap_or((version, ""));
                hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.contains('.')
            });
            assert!(pinned || used.starts_with("./"), "{file}: {used} may become another program tomorrow");
        }
        assert_eq!(workflow.matches("\npermissions:").count(), 1, "{file}: the default is more than it needs");
    }
    assert!(release.contains("\npermissions: {}\n") && text(".github/workflows/ci.yml").contains("run: .ci/run"));
}

#[test]
fn the_dashboard_uses_only_existing_metrics() {
    let dashboard: serde_json::Value = serde_json::from_str(&text("docs/grafana-platecast.json")).expect("JSON");
    let code = text("src/http/endpoints/metrics.rs");
    let mut expressions = Vec::new();
    for panel in dashboard["panels"].as_array().expect("panels") {
        for target in panel["targets"].as_array().expect("targets") {
            expressions.push(target["expr"].as_str().expect("an expression"));
        }
    }
    for variable in dashboard["templating"]["list"].as_array().expect("variables") {
        expressions.extend(variable["query"]["query"].as_str());
    }
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| word.starts_with("platecast_") || word.starts_with("process_"))
            .map(|word| word.trim_end_matches("_bucket").to_owned())
            .collect()
    };
    let shown = words(&expressions.join(" "));
    let told: BTreeSet<String> = code
        .split('"')
        .skip(1)
        .step_by(2)
        .flat_map(|literal| words(literal).into_iter().filter(|word| word == literal).collect::<Vec<_>>())
        .collect();
    assert!(told.len() >= 15, "the metrics are not where this test looks: {told:?}");
    let unknown: Vec<_> = shown.difference(&told).collect();
    assert!(unknown.is_empty(), "the dashboard shows {unknown:?}, which there is not");
    let unseen: Vec<_> = told.difference(&shown).collect();
    assert!(unseen.is_empty(), "the dashboard does not show {unseen:?}");
}

/// Markdown of the project, not of what is installed below it.
fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !["target", "node_modules", "data", "dist"].contains(&&*name) {
            markdown(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// A heading as an address, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = plain.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_in_the_docs_resolves() {
    let mut files = Vec::new();
    markdown(root(), &mut files);
    assert!(files.len() >= 10, "{files:?}");
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("readable");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with("mailto:") || link.contains(['\n', ' ']) {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { file.clone() } else { file.parent().unwrap_or(root()).join(path) };
            let found = target.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&target)
                        .is_ok_and(|text| text.lines().any(|line| line.starts_with('#') && anchor(line) == heading)));
            if !found {
                wrong.push(format!("{}: {link}", file.strip_prefix(root()).unwrap_or(file).display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links into nothing: {wrong:#?}");
}
