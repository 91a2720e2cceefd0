//! Beside captures of real printers, where they lie beside the project: the same fields, pace and stories.

use super::*;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// The text of a capture. Where there is none, that is said aloud and nothing is compared.
fn capture(name: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("../shared/samples").join(name)).ok();
    if text.is_none() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no capture {name}: the virtual printer is NOT compared with it");
    }
    text
}

/// The messages of a session, each with its time; but for reports, only what holds.
fn session(name: &str) -> Option<Vec<(f64, Value)>> {
    let reports = capture(name)?
        .lines()
        .filter_map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let report = line["payload"]["print"].take();
            (report["command"] == "push_status").then(|| (line["t"].as_f64().unwrap(), report))
        })
        .collect();
    Some(reports)
}

/// The names of all members, those of a list's items as one.
fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{at}/{name}");
                paths(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{at}/[]"), found)),
        _ => {}
    }
}

fn paths_of(report: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    paths(report, "", &mut found);
    found
}

/// The same fields at the top, and below nothing that the printer does not say too. `alone` begins what we say alone.
fn check_fields(model: Model, name: &str, alone: &[&str]) {
    let Some(text) = capture(name) else { return };
    let captured = paths_of(&serde_json::from_str::<Value>(&text).unwrap()["print"]);
    let mut machine = machine(model);
    machine.set_rtsp_url(Some("rtsps://127.0.0.2:322/streaming/live/1".to_owned()));
    machine.start_at(Print::default(), 50);
    let ours = paths_of(&full(&mut machine));
    let is_top = |path: &&String| path.matches('/').count() == 1;
    let top = |all: &BTreeSet<String>| -> Vec<String> { all.iter().filter(is_top).cloned().collect() };
    assert_eq!(top(&ours), top(&captured), "{model:?} and {name}");
    let invented: Vec<_> =
        ours.difference(&captured).filter(|path| !alone.iter().any(|start| path.starts_with(start))).collect();
    assert!(invented.is_empty(), "{model:?} and {name}: {invented:?}");
}

#[test]
fn full_reports_have_the_fields_of_the_captures() {
    check_fields(Model::A1, "a1_01.07.00.00_idle_before_job_pushall.json", &[]);
    // Its addresses were taken out of the capture.
    check_fields(Model::A1Mini, "a1mini_01.07.02.00_pushall.json", &["/net/"]);
    check_fields(Model::P1P, "p1p_01.08.02.00_noams_pushall.json", &[]);
    // An older firmware than ours: its AMS said less.
    check_fields(Model::P1S, "p1s_pushall.json", &["/ams/ams/[]/"]);
    check_fields(Model::X1C, "x1c_01.09.00.01_pushall.json", &[]);
    check_fields(Model::P2S, "p2s_01.02.00.00_finish_pushall.json", &[]);
    // A firmware before the codes that stand.
    check_fields(Model::H2S, "h2s_01.01.00.00_pushall.json", &["/hms/[]/"]);
    check_fields(Model::H2D, "h2d_01.03.00.00_running_pushall.json", &[]);
    check_fields(Model::H2DPro, "h2d_01.01.02.07_pushall.json", &[]);
}

/// Which share of turns has a report, and the longest pause in turns.
fn pace(times: &[f64], turn_s: f64) -> (f64, u32) {
    let gaps = times.windows(2).map(|pair| ((pair[1] - pair[0]) / turn_s).round() as u32);
    let (turns, longest) = gaps.fold((0, 0), |(turns, longest), gap| (turns + gap, longest.max(gap)));
    (times.len() as f64 / f64::from(turns), longest)
}

#[test]
fn an_idle_a1_reports_like_the_captured_one() {
    let Some(session) = session("a1_01.07.00.00_whole_job_session.jsonl") else { return };
    // Cold again, hours after its job.
    let rest: Vec<_> = session.iter().filter(|(at, _)| *at > 9_000.0).collect();
    let theirs = pace(&rest.iter().map(|(at, _)| *at).collect::<Vec<_>>(), 2.03);
    let (mut machine, mut pushes) = (machine(Model::A1), Pushes::default());
    pushes.full(&mut machine, 0);
    let said = |turn: u32| -> Option<(f64, Value)> {
        machine.advance(2 * SECOND);
        Some((f64::from(turn) * 2.0, delta(&mut pushes, &mut machine))).filter(|(_, report)| report.is_object())
    };
    let ours: Vec<_> = (0..2768).filter_map(said).collect();
    let pace = pace(&ours.iter().map(|(at, _)| *at).collect::<Vec<_>>(), 2.0);
    assert!((theirs.0 - pace.0).abs() < 0.08, "share of turns with a report: {theirs:?}, ours {pace:?}");
    assert!(theirs.1 <= pace.1 * 2 && pace.1 <= theirs.1 * 2, "longest pause: {theirs:?}, ours {pace:?}");
    let names =
        |reports: &mut dyn Iterator<Item = &Value>| -> BTreeSet<String> { reports.flat_map(paths_of).collect() };
    assert_eq!(names(&mut ours.iter().map(|(_, report)| report)), names(&mut rest.iter().map(|(_, report)| report)));
}

/// What changes of these, one line for each change.
fn changes<'a>(reports: impl Iterator<Item = &'a Value>, names: &[&str]) -> Vec<String> {
    let mut merged = Value::Null;
    let mut lines: Vec<String> = Vec::new();
    for report in reports {
        merge(&mut merged, report);
        // A delta that came before the first full report says nothing of all this.
        if merged["gcode_state"].is_null() {
            continue;
        }
        let values = names.iter().map(|path| merged.pointer(path).unwrap_or(&Value::Null).to_string());
        let line = values.collect::<Vec<_>>().join(" ");
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Ours, told as the model tells it.
fn told(machine: &mut Machine, pushes: &mut Pushes, seconds: u32) -> Vec<Value> {
    let mut reports = Vec::new();
    for _ in 0..seconds {
        reports.push(delta(pushes, machine));
        machine.advance(SECOND);
    }
    reports.retain(Value::is_object);
    reports
}

#[test]
fn a_job_of_an_a1_goes_as_the_captured_one_went() {
    let Some(session) = session("a1_01.07.00.00_whole_job_session.jsonl") else { return };
    let names = ["/gcode_state", "/stg_cur", "/spd_lvl", "/ams/tray_now", "/print_type"];
    let theirs = changes(session.iter().map(|(_, report)| report), &names);
    let (mut machine, mut pushes) = (machine(Model::A1), Pushes::default());
    machine.start_at(Print { name: "Old".to_owned(), ..Print::default() }, 99);
    machine.finish();
    let mut ours = vec![print_of(&pushes.full(&mut machine, 0))];
    machine.start(Print { name: "Lens".to_owned(), minutes: 5, ..Print::default() });
    ours.extend(told(&mut machine, &mut pushes, 900));
    assert_eq!(changes(ours.iter(), &names), theirs);
}

#[test]
fn a_filament_change_of_an_x1c_goes_as_the_captured_one_went() {
    let Some(session) = session("x1c_2026-04_filament_change_session.jsonl") else { return };
    let names = ["/gcode_state", "/ams_status", "/ams/tray_now", "/ams/tray_tar"];
    let theirs = changes(session.iter().map(|(_, report)| report), &names);
    let (mut machine, mut pushes) = (machine(Model::X1C), Pushes::default());
    machine.feed(Feed::Slot { unit: 0, slot: 2 });
    machine.start_at(Print::default(), 10);
    machine.feed(Feed::Slot { unit: 0, slot: 0 });
    let mut ours = vec![print_of(&pushes.full(&mut machine, 0))];
    ours.extend(told(&mut machine, &mut pushes, 80));
    // The purge that an A1 tells apart was told as 262 there.
    let ours: Vec<_> = changes(ours.iter(), &names).into_iter().filter(|line| !line.contains(" 263 ")).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn an_h2d_stopped_for_a_wrong_plate_reports_like_the_captured_one() {
    let Some(session) = session("h2d_01.03.00.00_plate_mismatch_stop_session.jsonl") else { return };
    let names =
        ["/gcode_state", "/stg_cur", "/print_error", "/state", "/err", "/hms", "/mc_print_stage", "/ams/tray_now"];
    let theirs = changes(session.iter().map(|(_, report)| report), &names);
    let (mut machine, mut pushes) = (machine(Model::H2D), Pushes::default());
    machine.start(Print::default());
    until(&mut machine, |report| report["stg_cur"] == 13);
    let mut ours = vec![print_of(&pushes.full(&mut machine, 0))];
    machine.pause(Pause::Error(0x0500_8051));
    ours.extend(told(&mut machine, &mut pushes, 5));
    machine.stop();
    ours.extend(told(&mut machine, &mut pushes, 10));
    // RUNNING and PAUSE came in two reports there, of which the first had the number alone.
    let theirs: Vec<_> = theirs.into_iter().filter(|line| !line.starts_with("\"RUNNING\" 13 0 5")).collect();
    assert_eq!(changes(ours.iter(), &names), theirs);
}
