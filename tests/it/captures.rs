//! Whole sessions of real printers, message by message, and what a person would have read at each change.
//!
//! The captures are not part of the project: where they lie beside it, they are replayed; elsewhere the test says that
//! it did not run. What a person reads off them stands in `tests/data/reports/captures.txt`.

use platecast::advice;
use platecast::mqtt::state::{Condition, LinkStep};
use platecast::printer::display::{Link, display};
use platecast::printer::merged::MergedReport;
use platecast::printer::problem::Role;
use platecast::printer::report::{Message, parse};
use platecast::printer::state::State;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The captures: file, serial number, and the modules where the capture does not bring them itself.
const CAPTURES: &[(&str, &str, &str)] = &[
    ("a1_01.07.00.00_whole_job_session.jsonl", "03900A000000001", ""),
    ("a1_01.07.00.00_finish_pushall.json", "03900A000000001", "a1_01.07.00.00_get_version.json"),
    ("a1_01.07.00.00_idle_before_job_pushall.json", "03900A000000001", "a1_01.07.00.00_get_version.json"),
    ("a1mini_01.07.02.00_pushall.json", "03000A000000002", "a1mini_01.07.02.00_get_version.json"),
    (
        "h2d_01.01.02.00_idle_two_units_drying_pushall.json",
        "09400A000000003",
        "h2d_01.01.02.00_drying_get_version.json",
    ),
    ("h2d_01.01.02.07_pushall.json", "09400A000000003", "h2d_01.01.02.07_get_version.json"),
    ("h2d_01.03.00.00_plate_mismatch_stop_session.jsonl", "09400A000000004", "h2d_01.03.00.00_get_version.json"),
    ("h2d_01.03.00.00_running_pushall.json", "09400A000000004", "h2d_01.03.00.00_get_version.json"),
    ("h2d_01.03.00.00_pause_0500-8051_pushall.json", "09400A000000004", "h2d_01.03.00.00_get_version.json"),
    ("h2d_01.03.00.00_failed_stopping_pushall.json", "09400A000000004", "h2d_01.03.00.00_get_version.json"),
    ("h2s_01.01.00.00_pushall.json", "09300A000000005", ""),
    ("p1p_01.08.02.00_noams_pushall.json", "01S00A000000006", ""),
    ("p1s_pushall.json", "01P00A000000007", ""),
    ("p2s_01.02.00.00_finish_pushall.json", "22E00A000000008", ""),
    ("x1_2023_full_openbambuapi.json", "00W00A000000009", ""),
    ("x1c_01.09.00.01_pushall.json", "00M00A000000010", "x1c_01.09.00.01_get_version.json"),
    ("x1c_2026-04_filament_change_session.jsonl", "00M00A000000011", ""),
    ("x1c_2026-04_running_changing_filament_pushall.json", "00M00A000000011", ""),
];

#[test]
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn the_captures_give_the_expected_sentences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let captures = root.join("../shared/samples");
    if !captures.is_dir() {
        eprintln!("SKIPPED: the captures of real printers are not beside this checkout; nothing was replayed");
        return;
    }
    let mut table = String::new();
    for (file, serial, modules) in CAPTURES {
        writeln!(table, "{file}").expect("a text");
        let mut known = MergedReport::default();
        if !modules.is_empty() {
            known.hear(parse(&fs::read(captures.join(modules)).expect("modules")).expect("a message"), 0);
        }
        let mut before = String::new();
        for (at, payload) in messages(&fs::read(captures.join(file)).expect("a capture")) {
            let unix_ms = (at * 1_000.0) as i64;
            known.pass(unix_ms);
            let message = parse(payload.to_string().as_bytes()).expect("a message");
            let is_report = matches!(message, Message::Status { .. });
            known.hear(message, unix_ms);
            let now = what_is_read(&State::read(&known, serial));
            if is_report && now != before {
                writeln!(table, "  {at:>7.1} s  {now}").expect("a text");
                before = now;
            }
        }
    }
    minimal_inputs(&captures, &mut table);
    let path = root.join("tests/data/reports/captures.txt");
    if fs::read_to_string(&path).unwrap_or_default() != table {
        let seen = std::env::temp_dir().join("platecast-captures.txt");
        fs::write(&seen, &table).expect("a writable file");
        panic!("what is read differs from {}; what is read now is in {}", path.display(), seen.display());
    }
}

/// Single reports, as small as what people told allows, each of a printer of its own.
fn minimal_inputs(captures: &Path, table: &mut String) {
    let file = "made_from_reports_minimal_inputs.json";
    writeln!(table, "{file}").expect("a text");
    let inputs: Vec<Value> =
        serde_json::from_slice(&fs::read(captures.join(file)).expect("inputs")).expect("a list of reports");
    for (number, input) in (1..).zip(inputs) {
        let mut known = MergedReport::default();
        let mut print = input["print"].clone();
        print["command"] = "push_status".into();
        known.hear(parse(serde_json::json!({ "print": print }).to_string().as_bytes()).expect("a message"), 0);
        writeln!(table, "  {number:>9}  {}", what_is_read(&State::read(&known, ""))).expect("a text");
    }
}

/// With their time in seconds, where the capture has one.
fn messages(bytes: &[u8]) -> Vec<(f64, Value)> {
    if let Ok(whole) = serde_json::from_slice::<Value>(bytes) {
        return vec![(0.0, whole)];
    }
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let line = |line| {
        let mut line: Value = serde_json::from_slice(line).expect("JSON");
        (line["t"].as_f64().expect("a time"), line["payload"].take())
    };
    lines.map(line).collect()
}

/// What a person reads who looks at the page; numbers that change all the time are left out.
fn what_is_read(state: &State) -> String {
    let shown = display(state, &Link { connected: true, last_report_age_ms: Some(0), ..Link::default() });
    let sentence = advice::of_display(&shown, Condition::Step(LinkStep::Live)).sentence;
    let job = &state.job;
    let figures =
        [job.percent.map(|_| "per cent"), job.remaining_minutes.map(|_| "minutes left"), job.layer.map(|_| "layer")];
    let figures: Vec<&str> = figures.into_iter().flatten().collect();
    let feeding =
        state.filaments.units.iter().flat_map(|unit| unit.slots.iter().map(move |slot| (Some(unit.id), slot)));
    let feeding = feeding.chain(state.filaments.external.iter().map(|slot| (None, slot)));
    let feeding: Vec<String> = feeding
        .filter(|(_, slot)| slot.feeding)
        .map(|(unit, slot)| unit.map_or_else(|| format!("external {}", slot.id), |unit| format!("{unit}/{}", slot.id)))
        .collect();
    let codes = |role| {
        let of_role = state.problems.iter().filter(|problem| problem.role == role);
        of_role.map(|problem| problem.code.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mut parts = vec![format!("{:?}: {}", shown.kind, sentence)];
    parts.extend(shown.note.map(|note| format!("note: {}", note.sentence())));
    parts.extend(job.name.clone());
    parts.push(if figures.is_empty() { "no figures".to_owned() } else { figures.join(", ") });
    parts.push(if feeding.is_empty() { "nothing feeds".to_owned() } else { format!("{} feeds", feeding.join(", ")) });
    for (role, word) in [(Role::NeedsYou, "needs you"), (Role::Note, "notes"), (Role::Detail, "details")] {
        parts.extend(Some(codes(role)).filter(|codes| !codes.is_empty()).map(|codes| format!("{word}: {codes}")));
    }
    parts.extend(state.incomplete.then(|| "incomplete".to_owned()));
    parts.join(" | ")
}
