//! The machine by itself, in time that is given to it.

use super::model::Fields;
mod captures;
mod field;

use super::*;
use crate::json::Json;
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

fn machine(model: Model) -> Machine {
    Machine::new(model, &format!("{}09A000000001", model.serial_prefix()))
}

/// Merges a report as a client has to: objects by their members, everything else as a whole.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

fn print_of(message: &[u8]) -> Value {
    serde_json::from_slice::<Value>(message).unwrap()["print"].take()
}

fn full(machine: &mut Machine) -> Value {
    print_of(&Pushes::default().full(machine, 0))
}

/// Without what chance or the counter changes.
fn settled(mut report: Value) -> Value {
    for name in ["sequence_id", "msg", "t_utc", "wifi_signal", "bed_temper", "nozzle_temper"] {
        report.as_object_mut().unwrap().remove(name);
    }
    report
}

/// The next delta; null where nothing has changed.
fn delta(pushes: &mut Pushes, machine: &mut Machine) -> Value {
    pushes.delta(machine, 0, None).map_or(Value::Null, |message| print_of(&message))
}

/// Lets time pass until this holds, and gives the report of then.
fn until(machine: &mut Machine, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..100_000 {
        let report = full(machine);
        if holds(&report) {
            return report;
        }
        machine.advance(SECOND);
    }
    panic!("it never came to that");
}

#[test]
fn deltas_add_up_to_the_full_report_for_every_model() {
    for model in Model::ALL {
        let (mut machine, mut pushes) = (machine(model), Pushes::default());
        let mut merged = print_of(&pushes.full(&mut machine, 0));
        machine.start(Print { minutes: 2, layers: 9, ..Print::default() });
        for turn in 0..100 {
            machine.advance(7 * SECOND);
            match turn {
                30 => drop(machine.pause(Pause::Runout)),
                35 => drop(machine.resume()),
                _ => {}
            }
            if let Some(message) = pushes.delta(&mut machine, turn, None) {
                merge(&mut merged, &print_of(&message));
            }
        }
        assert_eq!(machine.state(), JobState::Finish, "{model:?}");
        assert_eq!(settled(merged), settled(full(&mut machine)), "{model:?}");
    }
}

#[test]
fn a_print_passes_its_states_and_its_figures_are_monotonic() {
    let mut machine = machine(Model::P1S);
    let mut states = vec![machine.state()];
    machine.start(Print { minutes: 10, layers: 50, ..Print::default() });
    let (mut percent, mut layer, mut minutes) = (0, 0, u64::MAX);
    for _ in 0..240 {
        machine.advance(4 * SECOND);
        let report = full(&mut machine);
        if states.last() != Some(&machine.state()) {
            states.push(machine.state());
        }
        if !matches!(machine.state(), JobState::Running | JobState::Finish) {
            continue;
        }
        let now = ["mc_percent", "layer_num", "mc_remaining_time"].map(|name| report[name].as_u64().unwrap());
        assert!(now[0] >= percent && now[1] >= layer && now[2] <= minutes, "{report}");
        [percent, layer, minutes] = now;
    }
    assert_eq!(states, [JobState::Idle, JobState::Prepare, JobState::Running, JobState::Finish]);
    assert_eq!((percent, layer, minutes), (100, 50, 0));
}

#[test]
fn it_warms_before_it_prints_and_cools_afterwards() {
    let mut machine = machine(Model::X1C);
    machine.start(Print { minutes: 1, bed_c: 60, nozzle_c: 220, ..Print::default() });
    machine.advance(8 * SECOND);
    assert_eq!(full(&mut machine)["stg_cur"], 2, "the bed");
    let mut hottest = 0.0;
    while machine.state() == JobState::Running {
        machine.advance(SECOND);
        let report = full(&mut machine);
        hottest = report["nozzle_temper"].as_f64().unwrap().max(hottest);
        assert!(report["mc_percent"] == 0 || report["bed_temper"].as_f64().unwrap() > 57.0);
    }
    assert_eq!(hottest, 220.0);
    machine.advance(3600 * SECOND);
    let report = full(&mut machine);
    assert_eq!((&report["nozzle_temper"], &report["nozzle_target_temper"]), (&json!(24.0), &json!(0.0)));
}

#[test]
fn a_print_that_starts_midway_is_already_warm() {
    let mut machine = machine(Model::X1);
    machine.start_at(Print { bed_c: 60, ..Print::default() }, 42);
    assert!(machine.pause(Pause::User));
    let chamber = |machine: &mut Machine| full(machine)["chamber_temper"].as_f64().unwrap();
    let at_first = chamber(&mut machine);
    machine.advance(3600 * SECOND);
    assert_eq!((at_first, chamber(&mut machine)), (36.0, 36.0));
}

#[test]
fn a_paused_print_does_not_advance_and_a_stopped_one_fails() {
    let mut machine = machine(Model::P2S);
    assert!(!machine.pause(Pause::User) && !machine.resume() && !machine.stop());
    machine.start_at(Print::default(), 42);
    assert_eq!((machine.state(), machine.percent()), (JobState::Running, 42));
    assert!(machine.pause(Pause::User));
    machine.advance(7200 * SECOND);
    let report = full(&mut machine);
    assert_eq!(
        (&report["gcode_state"], &report["mc_percent"], &report["stg_cur"]),
        (&json!("PAUSE"), &json!(42), &json!(16))
    );
    assert!(machine.resume() && !machine.resume());
    machine.advance(60 * SECOND);
    assert_eq!((machine.state(), machine.percent()), (JobState::Running, 43));
    assert!(machine.stop());
    let report = full(&mut machine);
    assert_eq!((&report["gcode_state"], &report["print_error"]), (&json!("FAILED"), &json!(50_348_044)));
}

#[test]
fn a_pause_before_the_first_layer_does_not_advance() {
    let mut machine = machine(Model::X1C);
    machine.start(Print::default());
    while full(&mut machine)["stg_cur"] != 13 {
        machine.advance(SECOND);
    }
    assert!(machine.pause(Pause::User));
    machine.advance(3600 * SECOND);
    assert!(machine.resume());
    machine.advance(SECOND);
    assert_eq!(full(&mut machine)["stg_cur"], 13);
}

#[test]
fn a_spool_that_ran_out_is_reported_and_removed() {
    let mut machine = machine(Model::P1S);
    machine.start_at(Print::default(), 10);
    assert_eq!(full(&mut machine)["ams"]["tray_now"], "0");
    assert_eq!(full(&mut machine)["ams"]["tray_exist_bits"], "7");
    machine.pause(Pause::Runout);
    let report = full(&mut machine);
    assert_eq!(report["stg_cur"], 6);
    assert_eq!(format!("{:08X}", report["print_error"].as_u64().unwrap()), "07008011");
    assert_eq!(report["hms"], json!([{"attr": 0x0700_2000, "code": 0x0002_0001}]));
    assert_eq!(report["ams"]["tray_exist_bits"], "6");
    machine.resume();
    assert_eq!(full(&mut machine)["hms"], json!([]));
}

#[test]
fn each_model_reports_as_the_facts_have_it() {
    for model in Model::ALL {
        let mut machine = machine(model);
        machine.set_rtsp_url(Some("rtsps://127.0.0.2:322/streaming/live/1".to_owned()));
        machine.start_at(Print::default(), 50);
        let (profile, report) = (model.profile(), full(&mut machine));
        let new = ["cfg", "fun", "aux", "stat"].map(|name| report[name].is_string());
        assert_eq!(new, [profile.fields == Fields::New; 4], "{model:?}");
        assert_eq!(report["device"]["extruder"]["info"].as_array().map(Vec::len).unwrap_or(1), profile.nozzles.len());
        assert!(report.as_object().unwrap().len() > 40, "a client takes it for a full one");
        assert_eq!(report.get("msg").is_some(), profile.says_full, "{model:?}");
        assert_eq!(report["ipcam"].get("rtsp_url").is_some(), model.has_rtsp(), "{model:?}");
        let five = profile.chamber == model::Chamber::Five;
        assert_eq!(report["chamber_temper"] == json!(5) || report["chamber_temper"] == json!(5.0), five, "{model:?}");
        let nodes: Vec<_> = report["lights_report"].as_array().unwrap().iter().map(|light| &light["node"]).collect();
        assert_eq!(nodes, profile.lights, "{model:?}");
    }
}

/// What `fun` and a request for a pause give, with Developer Mode off.
fn check_refused(model: Model, fun_says: Option<bool>, reply: &Value, shows_hms: bool) {
    let mut machine = machine(model);
    machine.start_at(Print::default(), 10);
    let bit_29 = |report: &Value| Some(u64::from_str_radix(report["fun"].as_str()?, 16).unwrap() >> 29 & 1 == 1);
    assert_eq!(bit_29(&full(&mut machine)), fun_says.map(|_| false), "{model:?}");
    machine.set_developer_mode(false);
    assert_eq!(bit_29(&full(&mut machine)), fun_says, "{model:?}");
    let answer = machine.hear(&json!({"user_id": "1", "print": {"command": "pause", "sequence_id": "7", "param": ""}}));
    assert_eq!(said(&answer.replies), *reply, "{model:?}");
    assert_eq!(machine.state(), JobState::Running);
    let report = full(&mut machine);
    let hms = report["hms"].as_array().unwrap();
    let always = machine.firmware.standing.len();
    assert_eq!(hms.contains(&json!({"attr": 83_887_360, "code": 65_543})), shows_hms, "{model:?}");
    let light =
        json!({"system": {"command": "ledctrl", "sequence_id": "8", "led_node": "chamber_light", "led_mode": "off"}});
    assert!(machine.hear(&light).acted && !machine.is_lit("chamber_light"), "the light obeys all the same");
    machine.set_developer_mode(true);
    assert_eq!(full(&mut machine)["hms"].as_array().unwrap().len(), always);
    assert!(machine.hear(&json!({"print": {"command": "pause", "sequence_id": "9"}})).acted);
    assert_eq!(machine.state(), JobState::Pause);
}

#[test]
fn without_developer_mode_a_print_command_is_refused_in_four_ways() {
    let failed = json!({"print": {"command": "pause", "sequence_id": "7", "result": "failed",
        "reason": "mqtt message verify failed", "err_code": 84_033_543}});
    check_refused(Model::H2D, Some(true), &failed, false);
    check_refused(Model::A2L, Some(true), &failed, false);
    check_refused(Model::A1, None, &Value::Null, true);
    check_refused(Model::P1S, None, &json!({"print": {"command": "pause", "sequence_id": "7"}}), true);
    check_refused(Model::A1Mini, None, &Value::Null, false);
}

/// The only answer, or several in a list; null where there is none.
fn said(replies: &[Json]) -> Value {
    let mut said: Vec<Value> =
        replies.iter().map(|reply| serde_json::from_str(&reply.write(Style::Compact)).unwrap()).collect();
    match said.len() {
        0 => Value::Null,
        1 => said.remove(0),
        _ => Value::Array(said),
    }
}

/// What a request is answered with.
fn check_answer(machine: &mut Machine, request: &Value, expected: &Value) {
    assert_eq!(said(&machine.hear(request).replies), *expected, "{request}");
}

#[test]
fn requests_are_echoed_with_a_result() {
    let mut machine = machine(Model::X1C);
    machine.start_at(Print::default(), 10);
    check_answer(
        &mut machine,
        &json!({"print": {"command": "print_speed", "sequence_id": "1", "param": "3"}, "user_id": "1"}),
        &json!({"print": {"command": "print_speed", "sequence_id": "1", "param": "3", "result": "success", "reason": "success"}}),
    );
    assert_eq!((&full(&mut machine)["spd_lvl"], &full(&mut machine)["spd_mag"]), (&json!(3), &json!(124)));
    check_answer(
        &mut machine,
        &json!({"camera": {"command": "enable"}}),
        &json!({"camera": {"command": "enable", "reason": "unsupport common", "result": "FAILURE"}}),
    );
    check_answer(&mut machine, &json!({"nonsense": {"command": "pause"}}), &Value::Null);
    check_answer(&mut machine, &json!({"print": 7}), &json!({"print": {"result": "success", "reason": "success"}}));
    check_answer(&mut machine, &json!([]), &Value::Null);
}

#[test]
fn small_models_ignore_a_command_without_effect() {
    let pause = json!({"print": {"command": "resume", "sequence_id": "1"}});
    check_answer(&mut machine(Model::P1S), &pause, &Value::Null);
    let said = json!({"print": {"command": "resume", "sequence_id": "1", "result": "success", "reason": "success"}});
    check_answer(&mut machine(Model::X1C), &pause, &said);
}

#[test]
fn the_versions_name_the_model_where_its_firmware_does() {
    for model in Model::ALL {
        let answer = machine(model).hear(&json!({"info": {"command": "get_version", "sequence_id": "4"}}));
        let reply = said(&answer.replies);
        let modules = reply["info"]["module"].as_array().unwrap();
        let whole = modules.iter().find(|module| module["name"] == "ota").unwrap();
        let expected = if model == Model::X1 { Value::Null } else { json!(format!("Bambu Lab {}", model.name())) };
        let expected = if model == Model::X1C { json!("Bambu Lab X1-Carbon") } else { expected };
        assert_eq!((&whole["product_name"], &reply["info"]["sequence_id"]), (&expected, &json!("4")));
    }
}

#[test]
fn doors_cards_and_lights_have_their_bits() {
    let mut machine = machine(Model::H2D);
    let hex = |report: &Value, name: &str| u64::from_str_radix(report[name].as_str().unwrap(), 16).unwrap();
    let bits = |machine: &mut Machine| {
        let report = full(machine);
        let flag = report["home_flag"].as_i64().unwrap() as u32;
        [
            hex(&report, "stat") >> 23 & 1,
            u64::from(flag) >> 23 & 1,
            hex(&report, "aux") >> 12 & 3,
            hex(&report, "cfg") >> 7 & 1,
        ]
    };
    assert_eq!(bits(&mut machine), [0, 0, 1, 1]);
    machine.set_door(true);
    machine.set_card(false);
    machine.set_light("chamber_light", "off");
    assert_eq!(bits(&mut machine), [1, 1, 0, 0]);
}

#[test]
fn an_odd_report_is_odd_in_its_own_way() {
    let (mut machine, mut pushes) = (machine(Model::A1Mini), Pushes::default());
    pushes.full(&mut machine, 0);
    let mut odd = |oddity| pushes.delta(&mut machine, 0, Some(oddity)).unwrap();
    let broken = odd(Oddity::InvalidUtf8);
    assert!(String::from_utf8(broken.clone()).is_err());
    assert!(serde_json::from_str::<Value>(&String::from_utf8_lossy(&broken)).is_ok());
    assert!(serde_json::from_slice::<Value>(&odd(Oddity::CutOff)).is_err());
    assert!(odd(Oddity::Huge(1_000_000)).len() > 1_000_000);
    assert_eq!(print_of(&odd(Oddity::WrongTypes))["nozzle_temper"], "hot");
}

#[test]
fn an_emptied_field_can_wait_for_the_next_full_report() {
    let (mut machine, mut pushes) = (machine(Model::X1C), Pushes::default());
    machine.set_hms(vec![Hms::RUNOUT]);
    machine.set_omits_empty(true);
    pushes.full(&mut machine, 0);
    machine.set_hms(vec![]);
    assert_eq!(delta(&mut pushes, &mut machine).get("hms"), None);
    assert_eq!(print_of(&pushes.full(&mut machine, 0))["hms"], json!([]));
}

#[test]
fn the_next_print_starts_automatically_if_set() {
    let mut machine = machine(Model::P2S);
    machine.repeat_after(Some(120 * SECOND));
    machine.start_at(Print::default(), 99);
    machine.finish();
    machine.advance(119 * SECOND);
    assert_eq!((machine.state(), machine.job), (JobState::Finish, 1));
    machine.advance(2 * SECOND);
    assert_eq!((machine.state(), machine.job), (JobState::Finish, 2), "it has its name, and no more");
    machine.advance(3 * SECOND);
    assert_eq!(machine.state(), JobState::Prepare);
}
