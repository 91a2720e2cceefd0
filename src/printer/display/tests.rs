//! Tests that the display matches an owner's own description of the printer.

use super::*;
use crate::advice;
use crate::mqtt::state::{Condition, LinkStep};
use crate::printer::merged::MergedReport;
use crate::printer::model::Model;
use crate::printer::report::parse;
use serde_json::{Value, json};
use std::fmt::Write as _;

const LIVE: Link = Link { connected: true, last_report_age_ms: Some(1_000), lost_ms: None, has_trouble: false };
const GONE: Link = Link {
    connected: false,
    last_report_age_ms: Some(3_600_000),
    lost_ms: Some(3_600_000),
    has_trouble: true,
};

/// What the link says of itself where it has trouble.
const AWAY: &str = "The printer is away; trying again.";

fn sentence(found: &Display) -> String {
    advice::of_display(found, Condition::Step(LinkStep::Retrying)).sentence
}

fn tell(known: &mut MergedReport, mut print: Value, unix_ms: i64) {
    print["command"] = json!("push_status");
    if print.get("msg").is_none() {
        print["msg"] = json!(0);
    }
    known.hear(parse(json!({ "print": print }).to_string().as_bytes()).expect("a message"), unix_ms);
}

fn state(print: Value) -> State {
    let mut known = MergedReport::default();
    tell(&mut known, print, 0);
    State::read(&known, "00M00A000000000")
}

fn check(print: Value, link: Link, kind: Kind, sentence: &str) {
    let shown = print.to_string();
    let found = display(&state(print), &link);
    assert_eq!((found.kind, self::sentence(&found).as_str()), (kind, sentence), "{shown} {link:?}");
}

#[test]
fn a_live_printer_shows_what_it_does() {
    check(json!({"gcode_state": "IDLE"}), LIVE, Kind::Idle, "The printer has nothing to do.");
    check(json!({"gcode_state": "FINISH"}), LIVE, Kind::Finished, "The print is finished.");
    check(json!({"gcode_state": "PREPARE"}), LIVE, Kind::Preparing, "Preparing the print.");
    check(json!({"gcode_state": "PREPARE", "stg_cur": 2}), LIVE, Kind::Preparing, "Preheating the bed.");
    let running =
        |stage, layer| json!({"gcode_state": "RUNNING", "stg_cur": stage, "layer_num": layer, "total_layer_num": 9});
    check(running(0, 0), LIVE, Kind::Printing, "Printing.");
    check(running(255, 9), LIVE, Kind::Printing, "Printing.");
    check(running(14, 0), LIVE, Kind::Preparing, "Wiping the nozzle.");
    check(running(74, 0), LIVE, Kind::Preparing, "Checking the bed surface.");
    check(running(75, 0), LIVE, Kind::Preparing, "Checking under the bed.");
    check(running(4, 3), LIVE, Kind::Printing, "Changing filament.");
    check(running(6, 3), LIVE, Kind::Printing, "Printing.");
    check(json!({"gcode_state": "PAUSE", "stg_cur": 16}), LIVE, Kind::Paused, "The print is paused.");
    let paused = |stage: i64, error: u32| json!({"gcode_state": "PAUSE", "stg_cur": stage, "print_error": error});
    check(paused(0, 0x0300_8001), LIVE, Kind::Paused, "The print is paused.");
    check(paused(16, 0x0300_8013), LIVE, Kind::Paused, "The print is paused.");
    check(paused(0, 0x0300_8013), LIVE, Kind::NeedsYou, "The print is paused by its G-code.");
    check(paused(30, 0x0300_8001), LIVE, Kind::NeedsYou, "Paused by the G-code.");
}

#[test]
fn a_filament_change_is_shown_whatever_the_stage_says() {
    let changing = |state: &str, stage: i64, ams_status: u32| json!({"gcode_state": state, "stg_cur": stage, "ams_status": ams_status});
    for sub in 0..=7 {
        check(changing("RUNNING", 2, 0x100 + sub), LIVE, Kind::Preparing, "Changing filament.");
    }
    check(changing("RUNNING", 24, 0x102), LIVE, Kind::Preparing, "Loading filament.");
    let mut ends = changing("RUNNING", 255, 0x103);
    ends["ams"] = json!({"tray_tar": "255"});
    check(ends, LIVE, Kind::Preparing, "Unloading filament.");
    check(changing("RUNNING", 2, 0x300), LIVE, Kind::Preparing, "Preheating the bed.");
    let by_hand = "No print is under way; the filament is being changed.";
    check(changing("IDLE", 255, 0x102), LIVE, Kind::Idle, by_hand);
}

#[test]
fn hot_parts_after_a_print_are_shown() {
    let at = |state: &str, nozzle: u32, bed: u32| json!({"gcode_state": state, "nozzle_temper": nozzle, "nozzle_target_temper": nozzle, "bed_temper": bed, "bed_target_temper": bed});
    let heats = "The print is finished, and the printer still heats its nozzle to 255 °C.";
    check(at("FINISH", 255, 0), LIVE, Kind::Finished, heats);
    check(at("FINISH", 40, 0), LIVE, Kind::Finished, "The print is finished.");
    let both = "The printer has nothing to do, and the printer still heats its nozzle to 220 °C and its bed to 60 °C.";
    check(at("IDLE", 220, 60), LIVE, Kind::Idle, both);
    let cooling = json!({"gcode_state": "FINISH", "nozzle_temper": 207, "nozzle_target_temper": 0});
    check(cooling, LIVE, Kind::Finished, "The print is finished.");
    let other = json!({"gcode_state": "FINISH", "device": {"extruder": {"state": 2, "info": [
        {"id": 0, "temp": 24}, {"id": 1, "temp": 16_711_934}]}}});
    check(other, LIVE, Kind::Finished, heats);
}

#[test]
fn the_print_error_is_the_reason_of_a_pause_whatever_is_listed() {
    let plate = || json!({"gcode_state": "PAUSE", "stg_cur": 13, "print_error": 0x0500_8051});
    let reason = display(&state(plate()), &LIVE);
    assert_eq!(reason.kind, Kind::NeedsYou);
    for (attr, code) in [(0x0500_0400, 0x0001_0056), (0x0300_0100, 0x0001_0001), (0x0700_2200, 0x0002_0001)] {
        let mut with = plate();
        with["hms"] = json!([{"attr": attr, "code": code}]);
        check(with, LIVE, Kind::NeedsYou, &sentence(&reason));
    }
    check(json!({"gcode_state": "PAUSE", "stg_cur": 6}), LIVE, Kind::NeedsYou, "Paused: the filament ran out.");
    check(json!({"gcode_state": "PAUSE", "stg_cur": 30}), LIVE, Kind::NeedsYou, "Paused by the G-code.");
    let refused_besides = json!({"gcode_state": "PAUSE", "stg_cur": 6, "print_error": 0x0500_4004});
    check(refused_besides, LIVE, Kind::NeedsYou, "Paused: the filament ran out.");
}

#[test]
fn offline_takes_precedence_and_shows_the_state_before() {
    let waits = || json!({"gcode_state": "PAUSE", "stg_cur": 6});
    check(waits(), GONE, Kind::Offline, &format!("{AWAY} It needed you then: Paused: the filament ran out."));
    let before = |print| display(&state(print), &GONE).before.map(|before| before.kind);
    assert_eq!(before(waits()), Some(Kind::NeedsYou));
    assert_eq!(before(json!({"gcode_state": "RUNNING"})), Some(Kind::Printing));
    assert_eq!(before(json!({})), None);
    check(json!({"gcode_state": "RUNNING"}), GONE, Kind::Offline, AWAY);
    let hidden = json!({"gcode_state": "IDLE", "hms": [{"attr": 0x0500_0600, "code": 0x0002_0070}]});
    check(hidden, GONE, Kind::Offline, AWAY);
}

#[test]
fn a_failed_state_is_a_stop_or_failure_by_its_code() {
    let stopped = "The last print was stopped before its end.";
    check(json!({"gcode_state": "FAILED", "print_error": 50_348_044}), LIVE, Kind::Stopped, stopped);
    check(json!({"gcode_state": "FAILED", "print_error": 0x0500_400E}), LIVE, Kind::Stopped, stopped);
    check(json!({"gcode_state": "FAILED"}), LIVE, Kind::Stopped, stopped);
    let spaghetti = json!({"gcode_state": "FAILED", "print_error": 0x0300_8003});
    check(spaghetti, LIVE, Kind::NeedsYou, "The print failed. The print looks like spaghetti.");
    let fatal = json!({"gcode_state": "FAILED", "hms": [{"attr": 0x0300_0100, "code": 0x0001_0001}]});
    assert!(sentence(&display(&state(fatal), &LIVE)).starts_with("The print failed. "));
    // The meaning of these codes is unknown, so they do not prove a failure.
    check(json!({"gcode_state": "FAILED", "print_error": 0x0C00_8002}), LIVE, Kind::Stopped, stopped);
    check(json!({"gcode_state": "FAILED", "print_error": 0x0500_4004}), LIVE, Kind::Stopped, stopped);
}

/// Returns the word shown after each of the reports.
fn course(reports: &[Value]) -> Vec<Kind> {
    let mut known = MergedReport::default();
    let mut shown = |(second, report): (i64, &Value)| {
        tell(&mut known, report.clone(), second * 1_000);
        display(&State::read(&known, "00M00A000000000"), &LIVE).kind
    };
    (0..).zip(reports).map(&mut shown).collect()
}

#[test]
fn a_failure_that_somebody_dismissed_stays_a_failure_and_needs_nobody() {
    let failed = |error: u32| json!({"gcode_state": "FAILED", "print_error": error});
    let running = json!({"gcode_state": "RUNNING", "print_error": 0});
    let dismissed =
        [running.clone(), failed(0x0300_8003), failed(0), failed(0), json!({"gcode_state": "PREPARE"}), failed(0)];
    use Kind::{Failed, NeedsYou, Preparing, Printing, Stopped};
    assert_eq!(course(&dismissed), [Printing, NeedsYou, Failed, Failed, Preparing, Stopped]);
    // An H2D of 01.03 reports only after four seconds that a person stopped the print.
    let by_a_person = [running.clone(), failed(0), failed(0x0300_400C)];
    assert_eq!(course(&by_a_person), [Printing, Stopped, Stopped]);
    assert_eq!(course(&[running, failed(0x0300_8003), failed(0x0300_400C)]), [Printing, NeedsYou, Stopped]);
}

#[test]
fn a_persons_command_is_recognized_from_the_printers_answer() {
    let shown = |order: &str, result: &str, report: Value| {
        let mut known = MergedReport::default();
        tell(&mut known, json!({"gcode_state": "RUNNING"}), 0);
        let answer = json!({"print": {"command": order, "result": result, "sequence_id": "20031"}});
        known.hear(parse(answer.to_string().as_bytes()).expect("a message"), 0);
        tell(&mut known, report, 1_000);
        display(&State::read(&known, "00M00A000000000"), &LIVE).kind
    };
    let fatal = || json!({"gcode_state": "PAUSE", "hms": [{"attr": 0x0300_0100, "code": 0x0001_0001}]});
    assert_eq!(shown("pause", "success", fatal()), Kind::Paused);
    assert_eq!(shown("pause", "fail", fatal()), Kind::NeedsYou);
    assert_eq!(shown("gcode_line", "success", fatal()), Kind::NeedsYou);
    let failed = || json!({"gcode_state": "FAILED", "print_error": 0x0500_8051});
    assert_eq!(shown("stop", "SUCCESS", failed()), Kind::Stopped);
    assert_eq!(shown("pause", "SUCCESS", failed()), Kind::NeedsYou);
}

#[test]
fn old_values_are_not_shown_as_live() {
    let running = || json!({"gcode_state": "RUNNING"});
    let lost = |ms| Link { connected: false, last_report_age_ms: Some(40_000), lost_ms: ms, has_trouble: false };
    let no_connection = "There is no connection to the printer.";
    check(running(), lost(Some(BLIP_MS - 1)), Kind::Printing, "Printing.");
    check(running(), lost(Some(BLIP_MS)), Kind::Offline, no_connection);
    check(running(), lost(None), Kind::Offline, no_connection);
    let refused = Link { has_trouble: true, ..Link::default() };
    check(json!({}), refused, Kind::Offline, AWAY);
    let silent_for = |ms| Link { last_report_age_ms: ms, ..LIVE };
    check(running(), silent_for(Some(SILENCE_MS)), Kind::Printing, "Printing.");
    let stopped = "The printer is connected, but its reports have stopped.";
    check(running(), silent_for(Some(SILENCE_MS + 1)), Kind::NoData, stopped);
    let silent = Link { has_trouble: true, ..silent_for(None) };
    check(json!({}), silent, Kind::NoData, AWAY);
    check(json!({}), silent_for(None), Kind::NoData, "The printer is connected and has not reported yet.");
    check(json!({}), LIVE, Kind::NoData, "The printer has not told what it is doing yet.");
    let unknown = "The printer says it is in the state “DANCING”, which is not known here.";
    check(json!({"gcode_state": "DANCING"}), LIVE, Kind::NoData, unknown);
    assert!(display(&state(running()), &lost(None)).was_printing);
    assert!(!display(&state(json!({})), &lost(None)).was_printing);
}

#[test]
fn a_warning_is_shown_beside_the_printers_activity() {
    let note = |print: Value| {
        let found = display(&state(print), &LIVE);
        (found.kind, found.note.is_some())
    };
    let hms = |state: &str, attr: u32, code: u32| json!({"gcode_state": state, "hms": [{"attr": attr, "code": code}]});
    let error = |state: &str, code: u32| json!({"gcode_state": state, "print_error": code});
    let standing = [
        (0x0C00_0300, 0x0002_0004),
        (0x0C00_0300, 0x0002_000C),
        (0x0C00_0100, 0x0002_0017),
        (0x0500_0200, 0x0002_0001),
        (0x0500_0300, 0x0002_000E),
    ];
    for (attr, code) in standing {
        assert_eq!(note(hms("RUNNING", attr, code)), (Kind::Printing, true), "{attr:08X}-{code:08X}");
        assert_eq!(note(hms("FINISH", attr, code)), (Kind::Finished, true), "{attr:08X}-{code:08X}");
        assert_eq!(note(hms("PAUSE", attr, code)), (Kind::Paused, true), "{attr:08X}-{code:08X}");
        assert_eq!(note(hms("FAILED", attr, code)), (Kind::Stopped, true), "{attr:08X}-{code:08X}");
    }
    for code in [
        0x1000_C001,
        0x1000_C002,
        0x1000_C003,
        0x0C00_C004,
        0x0C00_C006,
        0x0700_C008,
        0x0700_C06A,
        0x1800_C06B,
        0x1001_8003,
        0x0500_4004,
        0x07FF_8007,
    ] {
        assert_eq!(note(error("RUNNING", code)), (Kind::Printing, true), "{code:08X}");
    }
    for code in [0x07FF_C003, 0x07FE_C008, 0x12FF_C006, 0x18FF_C00A, 0x0701_8011, 0x1203_8011] {
        assert_eq!(note(error("RUNNING", code)), (Kind::NeedsYou, false), "{code:08X}");
    }
    // A maintenance reminder remains for weeks.
    assert_eq!(note(hms("RUNNING", 0x0501_0400, 0x0003_0002)), (Kind::Printing, false));
    for textless in [0x0C00_8002, 0x0502_4008, 0x0502_400A, 0x0502_400B, 0x0502_400C, 0x0500_8030, 0x0300_0001] {
        assert_eq!(note(error("RUNNING", textless)), (Kind::Printing, false), "{textless:08X}");
    }
}

/// Models that must all have the same table.
const MODELS: [(&str, Model); 14] = [
    ("00W", Model::X1),
    ("00M", Model::X1C),
    ("03W", Model::X1E),
    ("20P", Model::X2D),
    ("01S", Model::P1P),
    ("01P", Model::P1S),
    ("22E", Model::P2S),
    ("039", Model::A1),
    ("030", Model::A1Mini),
    ("26A", Model::A2L),
    ("094", Model::H2D),
    ("239", Model::H2DPro),
    ("093", Model::H2S),
    ("31B", Model::H2C),
];

/// The states of a print: reports, each with the name that an owner would give it.
fn states() -> Vec<(&'static str, Value)> {
    vec![
        ("idle", json!({"gcode_state": "IDLE"})),
        ("preparing", json!({"gcode_state": "PREPARE"})),
        ("checking the bed", json!({"gcode_state": "RUNNING", "stg_cur": 74})),
        ("printing", json!({"gcode_state": "RUNNING", "stg_cur": 0, "layer_num": 9, "total_layer_num": 90})),
        ("paused by a person", json!({"gcode_state": "PAUSE", "stg_cur": 16})),
        ("paused, no reason", json!({"gcode_state": "PAUSE", "stg_cur": 0})),
        ("front cover fell off", json!({"gcode_state": "PAUSE", "stg_cur": 17})),
        ("finished", json!({"gcode_state": "FINISH"})),
        ("stopped by a person", json!({"gcode_state": "FAILED", "print_error": 0x0300_400C})),
        ("failed by itself", json!({"gcode_state": "FAILED", "print_error": 0x0300_8003})),
    ]
}

/// The failure_log: HMS, and a print error for states that have none of their own.
const COMPLAINTS: [(&str, (u32, u32), u32); 6] = [
    ("no code", (0, 0), 0),
    ("hidden", (0x0500_0600, 0x0002_0070), 0),
    ("unknown", (0x0500_0100, 0x0002_000B), 0x0C00_8002),
    ("note", (0x0C00_0100, 0x0002_0017), 0),
    ("fatal", (0x0300_0100, 0x0001_0001), 0),
    ("runout", (0x0700_2200, 0x0002_0001), 0x0700_8011),
];

/// "+ note" marks a warning beside the word.
const MATRIX: &str = "
                     no code          hidden           unknown          note             fatal            runout
idle                 idle             idle             idle             idle + note      needs you        needs you
preparing            preparing        preparing        preparing        preparing + note needs you        needs you
checking the bed     preparing        preparing        preparing        preparing + note needs you        needs you
printing             printing         printing         printing         printing + note  needs you        needs you
paused by a person   paused           paused           paused           paused + note    paused + note    needs you
paused, no reason    paused           paused           paused           paused + note    needs you        needs you
front cover fell off needs you        needs you        needs you        needs you        needs you        needs you
finished             finished         finished         finished         finished + note  needs you        needs you
stopped by a person  stopped          stopped          stopped          stopped + note   needs you        stopped + note
failed by itself     needs you        needs you        needs you        needs you        needs you        needs you
";

#[test]
fn every_combination_of_model_state_and_problem_has_the_expected_sentence() {
    for (prefix, model) in MODELS {
        let mut table = format!("{:<21}", "");
        COMPLAINTS.iter().for_each(|(name, ..)| write!(table, "{name:<17}").expect("a text"));
        for (name, report) in states() {
            write!(table, "\n{name:<21}").expect("a text");
            for (_, (attr, code), error) in COMPLAINTS {
                let mut report = report.clone();
                if attr != 0 {
                    report["hms"] = json!([{"attr": attr, "code": code}]);
                }
                if error != 0 && report.get("print_error").is_none() {
                    report["print_error"] = json!(error);
                }
                let mut known = MergedReport::default();
                tell(&mut known, report, 0);
                let state = State::read(&known, &format!("{prefix}00A000000000"));
                assert_eq!(state.model, Some(model));
                let shown = display(&state, &LIVE);
                let note = if shown.note.is_some() { " + note" } else { "" };
                write!(table, "{:<17}", format!("{}{note}", word(shown.kind))).expect("a text");
                assert_eq!(display(&state, &GONE).kind, Kind::Offline, "{name}");
            }
        }
        let seen = table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(seen, MATRIX.trim_matches('\n'), "{}:\n{seen}", model.name());
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::NeedsYou => "needs you",
        Kind::Offline => "offline",
        Kind::NoData => "no data",
        Kind::Paused => "paused",
        Kind::Preparing => "preparing",
        Kind::Printing => "printing",
        Kind::Finished => "finished",
        Kind::Stopped => "stopped",
        Kind::Failed => "failed",
        Kind::Idle => "idle",
    }
}
