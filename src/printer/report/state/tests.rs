//! Checks the displayed values for whole conversations of every model and dialect.

use super::*;
use crate::advice;
use crate::mqtt::state::{Condition, LinkStep};
use crate::printer::ams::{Content, Slot};
use crate::printer::display::{Link, display};
use crate::printer::heat::Temperature;
use crate::printer::ipcam::LiveView;
use crate::printer::report::{Fields, Message, parse};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The project's own conversations, one message per line, and the serial number of each printer.
const MODELS: &[(&str, &str)] = &[
    ("x1_2023", "00W00A000000001"),
    ("x1c", "00M00A000000002"),
    ("x1e", "03W00A000000003"),
    ("x2d", "20P00A000000004"),
    ("p1p", "01S00A000000005"),
    ("p1s_2023", "01P00A000000006"),
    ("p1s", "01P00A000000007"),
    ("p2s", "22E00A000000008"),
    ("a1", "03900A000000009"),
    ("a1mini", "03000A000000010"),
    ("a2l", "26A00A000000011"),
    ("h2d", "09400A000000012"),
    ("h2d_pro", "23900A000000013"),
    ("h2s", "09300A000000014"),
    ("h2c", "31B00A000000015"),
];

/// The time of the conversations: 2026-01-18T20:15:00Z.
const NOW_MS: i64 = 1_768_767_300_000;

#[test]
fn every_models_report_gives_the_expected_state() {
    let mut table = String::new();
    for (name, serial) in MODELS {
        writeln!(table, "{name}").expect("a text");
        for (of, value) in values(&State::read(&known(name), serial)) {
            writeln!(table, "  {of:<9} {value}").expect("a text");
        }
    }
    let path = data("values.txt");
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != table {
        let seen = std::env::temp_dir().join("platecast-values.txt");
        fs::write(&seen, &table).expect("a writable file");
        panic!("the values differ from {}; those seen now are in {}", path.display(), seen.display());
    }
}

/// With `PLATECAST_SAMPLES=<folder>`, prints the values read from each report in it, for a person to check. For deltas,
/// it prints what they change in the full report of the same printer.
#[test]
#[expect(clippy::print_stdout, reason = "a person reads it")]
fn foreign_samples_are_read() {
    let Some(folder) = std::env::var_os("PLATECAST_SAMPLES").map(PathBuf::from) else { return };
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    let of = |family: &str, kind: &str| {
        let file = files.iter().find(|(name, _)| name.starts_with(&format!("{family}_")) && name.contains(kind));
        file.map(|(_, bytes)| bytes.as_slice())
    };
    for (name, bytes) in files.iter().filter(|(name, _)| !name.contains("get_version")) {
        let family = name.split('_').next().unwrap_or_default();
        let serial = MODELS.iter().find(|(model, _)| model.split('_').next() == Some(family)).map_or("", |row| row.1);
        let is_delta = name.contains("deltas");
        for (label, messages) in conversations(bytes) {
            let mut known = MergedReport::default();
            of(family, "get_version").into_iter().for_each(|version| tell(&mut known, version));
            of(family, "pushall").into_iter().filter(|_| is_delta).for_each(|full| tell(&mut known, full));
            let before = values(&State::read(&known, serial));
            messages.iter().for_each(|message| tell(&mut known, message.to_string().as_bytes()));
            println!("{name} {label}");
            let after = values(&State::read(&known, serial));
            let changed = after.iter().zip(&before).filter(|(after, before)| !is_delta || after != before);
            changed.for_each(|((of, value), _)| println!("  {of:<9} {value}"));
        }
    }
}

/// Reads a file of one message, of one message per line, or of a map from labels to the content of a delta.
fn conversations(bytes: &[u8]) -> Vec<(String, Vec<Value>)> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(labels)) if !labels.contains_key("print") => {
            let delta = |mut print: Value| {
                print["command"] = json!("push_status");
                print["msg"] = json!(1);
                json!({ "print": print })
            };
            labels.into_iter().map(|(label, print)| (label, vec![delta(print)])).collect()
        }
        Ok(whole) => vec![(String::new(), vec![whole])],
        Err(_) => {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            vec![(String::new(), lines.map(|line| serde_json::from_slice(line).expect("JSON")).collect())]
        }
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reports").join(name)
}

fn tell(known: &mut MergedReport, line: &[u8]) {
    known.hear(parse(line).expect("a message"), NOW_MS);
}

fn known(name: &str) -> MergedReport {
    let mut known = MergedReport::default();
    let file = fs::read(data(&format!("{name}.jsonl"))).expect("a fixture");
    file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).for_each(|line| tell(&mut known, line));
    known
}

fn full(known: &mut MergedReport, fields: Fields) {
    known.hear(Message::Status { full: true, fields }, NOW_MS);
}

/// Returns the values that a person sees, by name.
fn values(state: &State) -> Vec<(&'static str, String)> {
    let (job, heat, fans) = (&state.job, &state.heat, &state.fans);
    let shown = display(state, &Link { connected: true, last_report_age_ms: Some(0), ..Link::default() });
    let sentence = advice::of_display(&shown, Condition::Step(LinkStep::Live)).sentence;
    let nozzles = heat.nozzles.iter().map(|nozzle| {
        let (place, active) = (nozzle.place.unwrap_or("only"), if nozzle.active { "*" } else { "" });
        let kind = nozzle.kind.as_deref().unwrap_or("-");
        format!("{place}{active} {} {} mm {kind}", degrees(nozzle.temperature), or_dash(nozzle.diameter_mm))
    });
    let fans = [
        ("part", fans.part),
        ("aux", fans.auxiliary),
        ("aux2", fans.second_auxiliary),
        ("chamber", fans.chamber),
        ("inner", fans.inner_loop),
        ("heatbreak", fans.heatbreak),
    ];
    let fans = fans.iter().filter_map(|(name, percent)| percent.map(|percent| format!("{name} {percent}")));
    let units = state.filaments.units.iter().map(|unit| {
        let kind = unit.kind.map_or("AMS?".to_owned(), |kind| format!("{kind:?}"));
        let extruder = unit.extruder.map_or(String::new(), |extruder| format!(" on {extruder}"));
        let air = (unit.humidity_percent, unit.dryness, unit.temperature_c, unit.drying_minutes);
        let air = format!("{}% level {} {}° dry {}min", or_dash(air.0), or_dash(air.1), or_dash(air.2), or_dash(air.3));
        format!("{} {kind}{extruder} {air}: {}", unit.id, join(unit.slots.iter().map(slot), " · "))
    });
    let problems =
        state.problems.iter().map(|problem| format!("{} {:?}: {}", problem.code, problem.severity, problem.wiki));
    let live_view = match &state.camera.live_view {
        LiveView::Url(url) => format!("port {} path {}", url.port(), url.path()),
        other => format!("{other:?}"),
    };
    let camera = &state.camera;
    vec![
        ("model", format!("{} {}", state.model.map_or("-", Model::name), or_dash(state.firmware.as_ref()))),
        ("display", format!("{:?}: {}", shown.kind, sentence)),
        (
            "job",
            format!("{} {}% {} min", or_dash(job.word.as_ref()), or_dash(job.percent), or_dash(job.remaining_minutes)),
        ),
        ("name", format!("{} #{}", or_dash(job.name.as_ref()), or_dash(job.id.as_ref()))),
        ("layers", format!("{}/{}", or_dash(job.layer), or_dash(job.total_layers))),
        ("stage", format!("{} ({})", or_dash(job.stage), or_dash(job.stage_code))),
        ("times", format!("{} to {}", minutes_from_now(job.start_unix_ms), minutes_from_now(job.finish_unix_ms))),
        ("nozzle", degrees(heat.nozzle)),
        ("bed", degrees(heat.bed)),
        ("chamber", degrees(heat.chamber)),
        ("nozzles", join(nozzles, ", ")),
        ("fans", join(fans, ", ")),
        ("speed", or_dash(state.speed.map(|speed| format!("{speed:?}")))),
        ("light", or_dash(state.light)),
        ("lights", join(state.lights.iter().map(|light| format!("{} {:?}", light.node, light.mode)), ", ")),
        ("network", or_dash(state.network.map(|network| format!("{network:?}")))),
        ("door", or_dash(state.door_open.map(|open| if open { "open" } else { "closed" }))),
        ("card", or_dash(state.storage.map(|storage| format!("{storage:?}")))),
        ("ams", join(units, " | ")),
        ("external", join(state.filaments.external.iter().map(slot), " · ")),
        ("problems", join(problems, ", ")),
        ("commands", format!("{:?}", state.takes_commands)),
        ("camera", format!("{live_view}, {}, there: {}", or_dash(camera.resolution.as_ref()), or_dash(camera.present))),
        (
            "odd",
            format!(
                "{}{}",
                join(state.unread_fields.iter().cloned(), ", "),
                if state.incomplete { " incomplete" } else { "" }
            ),
        ),
    ]
}

fn slot(slot: &Slot) -> String {
    let content = match &slot.content {
        Content::Empty => "empty".to_owned(),
        Content::Unknown => "unknown".to_owned(),
        Content::Known(spool) => {
            let left = spool.remaining_percent.map_or(String::new(), |percent| format!(" {percent}%"));
            format!("{} {}{left}", spool.name.as_ref().unwrap_or(&spool.material), or_dash(spool.color.as_ref()))
        }
    };
    format!("{}{} {content}", slot.id, if slot.feeding { "*" } else { "" })
}

fn degrees(temperature: Temperature) -> String {
    format!("{}/{}", or_dash(temperature.now_c), or_dash(temperature.target_c))
}

fn minutes_from_now(unix_ms: Option<i64>) -> String {
    or_dash(unix_ms.map(|unix_ms| format!("{:+} min", (unix_ms - NOW_MS) / 60_000)))
}

fn or_dash(value: Option<impl std::fmt::Display>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

fn join(parts: impl Iterator<Item = String>, by: &str) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(by) }
}

/// Which values may change with a field of the report. Fields in none of the rows are not read.
const READ_BY: &[(&[&str], &[&str])] = &[
    (&["gcode_state", "state"], &["job", "layers", "stage", "times", "problems", "display"]),
    (&["mc_percent", "percent"], &["job"]),
    (&["ams_status"], &["stage", "display"]),
    (&["mc_remaining_time", "remain_time"], &["job", "times"]),
    (&["subtask_name", "gcode_file", "file", "job_id", "subtask_id", "task_id"], &["name", "job", "layers"]),
    (&["layer_num", "total_layer_num", "3D"], &["layers", "display"]),
    (&["stg_cur"], &["stage", "problems", "display"]),
    (&["gcode_start_time"], &["times"]),
    (&["nozzle_temper", "nozzle_target_temper"], &["nozzle", "nozzles", "display"]),
    (&["nozzle_diameter", "nozzle_type"], &["nozzles"]),
    (&["bed_temper", "bed_target_temper"], &["bed", "display"]),
    (&["chamber_temper", "ctt", "info"], &["chamber"]),
    (&["device"], &["display", "problems", "nozzle", "nozzles", "bed", "chamber", "fans", "ams", "external"]),
    (&["fan_gear", "cooling_fan_speed", "big_fan1_speed", "big_fan2_speed", "heatbreak_fan_speed"], &["fans"]),
    (&["spd_lvl", "spd_mag"], &["speed"]),
    (&["cfg"], &["speed", "light"]),
    (&["lights_report"], &["light", "lights"]),
    (&["net", "wifi_signal"], &["network"]),
    (&["stat"], &["door"]),
    (&["home_flag"], &["door", "card", "ams"]),
    (&["sdcard", "aux"], &["card"]),
    (&["ams", "tray_now"], &["ams", "external", "problems", "stage", "display"]),
    (&["vir_slot", "vt_tray"], &["external"]),
    (&["hms", "print_error"], &["problems", "commands", "display"]),
    (&["fun"], &["commands"]),
    (&["ipcam"], &["camera"]),
];

/// Replaces the value of a field, and checks that values which do not depend on it stay the same.
fn check_nothing_else_is_lost(
    serial: &str,
    known: &mut MergedReport,
    before: &[(&str, String)],
    field: &str,
    fields: Fields,
) {
    let may_change = READ_BY.iter().find(|(names, _)| names.contains(&field)).map_or(&[][..], |row| row.1);
    let value = fields.get(field).cloned();
    full(known, fields);
    for ((of, value_before), (_, value_after)) in before.iter().zip(values(&State::read(known, serial))) {
        if *of != "odd" && !may_change.contains(of) {
            assert_eq!(*value_before, value_after, "{of} by {field} = {value:?}");
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_affects_no_other() {
    let nasty = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(-1e300),
        json!(""),
        json!("\u{0}\u{202e}x"),
        json!("ffffffffffffffffffff"),
        json!([]),
        json!([null, [], {}, "x", 7]),
        json!({}),
        json!({"temp": "x", "info": {"temp": [], "info": 5}, "ams": [{"id": {}}, 5], "local": 7, "extruder": 9}),
    ];
    for name in ["x1c", "p1s", "h2d"] {
        let serial = MODELS.iter().find(|row| row.0 == name).expect("a model").1;
        let mut known = known(name);
        let fields = known.fields().clone();
        let before = values(&State::read(&known, serial));
        for field in fields.keys() {
            for value in &nasty {
                let mut fields = fields.clone();
                fields.insert(field.clone(), value.clone());
                check_nothing_else_is_lost(serial, &mut known, &before, field, fields);
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        any::<u32>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::String),
        "[0-9a-f]{1,20}".prop_map(Value::String),
    ];
    plain.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![Just("id"), Just("temp"), Just("info"), Just("state"), Just("tray"), Just("snow")];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::btree_map(name.prop_map(str::to_owned), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Replaces the value at a path chosen by `steps`, somewhere below `value`.
fn replace(value: &mut Value, steps: &[prop::sample::Index], by: Value) {
    let next = steps.split_first().and_then(|(step, rest)| {
        let inner: Vec<&mut Value> = match &mut *value {
            Value::Array(entries) => entries.iter_mut().collect(),
            Value::Object(fields) => fields.values_mut().collect(),
            _ => Vec::new(),
        };
        let count = inner.len();
        (count > 0).then(|| (inner.into_iter().nth(step.index(count)), rest))
    });
    match next {
        Some((Some(inner), rest)) => replace(inner, rest, by),
        _ => *value = by,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_value_in_any_field_affects_no_other(
        (name, serial) in prop::sample::select(MODELS),
        field in any::<prop::sample::Index>(),
        steps in proptest::collection::vec(any::<prop::sample::Index>(), 0..7),
        value in any_json(),
    ) {
        let mut known = known(name);
        let mut fields = known.fields().clone();
        let before = values(&State::read(&known, serial));
        let field = fields.keys().nth(field.index(fields.len())).expect("a field").clone();
        replace(fields.get_mut(&field).expect("it"), &steps, value);
        check_nothing_else_is_lost(serial, &mut known, &before, &field, fields);
    }
}

fn state_of(reports: &[Value]) -> State {
    let mut known = MergedReport::default();
    for report in reports {
        let mut print = report.clone();
        print["command"] = json!("push_status");
        tell(&mut known, json!({ "print": print }).to_string().as_bytes());
    }
    State::read(&known, "01P00A000000000")
}

#[test]
fn fields_that_are_not_shown_do_not_change_the_state() {
    let full = json!({"msg": 0, "gcode_state": "RUNNING", "nozzle_temper": 220.03125, "mc_remaining_time": 9});
    let idle = json!({"msg": 1, "online": {"version": 7}, "nozzle_temper": 219.96875});
    let warmer = json!({"msg": 1, "nozzle_temper": 220.5});
    let before = state_of(std::slice::from_ref(&full));
    assert_eq!(before, state_of(&[full.clone(), idle]));
    assert_ne!(before, state_of(&[full, warmer]));
}

#[test]
fn whether_commands_are_accepted_is_reported_inferred_or_learnt() {
    let check = |report: Value, firmware: &str, learnt: Option<bool>, expected: TakesCommands| {
        let mut known = MergedReport::default();
        let modules = json!([{"name": "ota", "product_name": "Bambu Lab P1S", "sw_ver": firmware}]);
        tell(&mut known, json!({"info": {"command": "get_version", "module": modules}}).to_string().as_bytes());
        full(&mut known, report.as_object().expect("an object").clone());
        learnt.into_iter().for_each(|took| known.learn(took));
        assert_eq!(State::read(&known, "").takes_commands, expected, "{report} {firmware} {learnt:?}");
    };
    let refused = || json!({"hms": [{"attr": 83_887_360, "code": 65543}]});
    check(json!({"fun": "3EC1AFFF9CFF"}), "", None, TakesCommands::No);
    check(json!({"fun": "3EC18FFF9CFF"}), "", None, TakesCommands::Yes);
    check(json!({"fun": "29FD183FF9CB7"}), "", None, TakesCommands::Yes);
    check(json!({"fun": "100d122002fbd"}), "", None, TakesCommands::No);
    check(json!({"fun": 5}), "01.09.00.00", None, TakesCommands::Unknown);
    check(json!({}), "01.08.02.00", None, TakesCommands::Unknown);
    check(json!({}), "01.08.01.00", None, TakesCommands::Yes);
    check(json!({}), "1.7", None, TakesCommands::Unknown);
    check(refused(), "01.09.00.00", None, TakesCommands::No);
    check(refused(), "01.09.00.00", Some(true), TakesCommands::Yes);
    check(json!({}), "01.07.00.00", Some(false), TakesCommands::No);
}

#[test]
fn a_refusal_is_forgotten_with_its_session() {
    let mut known = known("a1mini");
    known.learn(false);
    assert_eq!(State::read(&known, "").takes_commands, TakesCommands::No);
    known.begin_session();
    assert_eq!(State::read(&known, "").takes_commands, TakesCommands::Unknown);
}
