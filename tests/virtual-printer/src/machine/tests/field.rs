//! What the field knows of printers, model by model: each row is a report that people had.

use super::*;

/// The codes in `hms`, as they are shown.
fn codes(report: &Value) -> Vec<String> {
    let all = report["hms"].as_array().unwrap().iter();
    let digits = all.map(|hms| hms["attr"].as_u64().unwrap() << 32 | hms["code"].as_u64().unwrap());
    let shown = digits.map(|code| format!("{code:016X}"));
    shown.map(|code| format!("{}-{}-{}-{}", &code[..4], &code[4..8], &code[8..12], &code[12..])).collect()
}

/// What is in `hms` whatever the printer does.
fn check_standing(model: Model, standing: &[&str]) {
    let mut machine = machine(model);
    let acts: [fn(&mut Machine); 5] = [
        |_| {},
        |machine| machine.start(Print::default()),
        |machine| machine.start_at(Print::default(), 50),
        |machine| assert!(machine.pause(Pause::User)),
        Machine::finish,
    ];
    for act in acts {
        act(&mut machine);
        let report = full(&mut machine);
        assert_eq!(codes(&report), standing, "{model:?}, {}", report["gcode_state"]);
        assert_eq!(report["hms"][0].get("ts_unix").is_some(), matches!(model, Model::P2S | Model::X2D), "{model:?}");
    }
    machine.set_hms(vec![Hms::RUNOUT]);
    let expected: Vec<&str> = standing.iter().copied().chain(["0700-2000-0002-0001"]).collect();
    assert_eq!(codes(&full(&mut machine)), expected);
}

#[test]
fn hidden_codes_depend_only_on_model_and_firmware() {
    check_standing(Model::X1C, &[]);
    check_standing(Model::A1, &[]);
    check_standing(Model::H2DPro, &[]);
    check_standing(Model::P2S, &["0500-0600-0002-0070", "0501-0400-0003-0002"]);
    check_standing(Model::H2S, &["0500-0600-0002-0005", "0500-0600-0002-0006"]);
    check_standing(Model::X2D, &["0500-0100-0002-000B", "0503-0000-0003-0027"]);
    let five = "0501-0400-0003-0004 0500-0600-0002-00A0 0501-0400-0003-0002 0500-0200-0003-000A 0C00-0100-0002-0017";
    check_standing(Model::H2D, &five.split(' ').collect::<Vec<_>>());
}

/// The stages of a print, each once, from the beginning to its end.
fn check_stages(model: Model, expected: &[i64]) {
    let mut machine = machine(model);
    machine.start(Print { minutes: 1, ..Print::default() });
    let mut seen = Vec::new();
    while machine.state() != JobState::Finish {
        machine.advance(SECOND);
        let report = full(&mut machine);
        if report["gcode_state"] == "RUNNING" && seen.last() != report["stg_cur"].as_i64().as_ref() {
            seen.push(report["stg_cur"].as_i64().unwrap());
        }
    }
    assert_eq!(seen, expected, "{model:?}");
}

#[test]
fn a_print_begins_with_its_models_stages() {
    check_stages(Model::X1C, &[2, 13, 7, 14, 1, 0]);
    check_stages(Model::A1, &[2, 13, 4, 3, 14, 1, 0, 255]);
    for model in [Model::P2S, Model::H2S, Model::H2D, Model::H2C, Model::X2D] {
        check_stages(model, &[74, 75, 2, 13, 4, 14, 1, 0]);
    }
}

/// Where filament comes from: what `ams` and the extruders say.
fn check_feed(model: Model, feed: Feed, tray_now: &str, snow: &[u32]) {
    let mut machine = machine(model);
    assert!(machine.feed(feed), "{model:?} {feed:?}");
    let report = full(&mut machine);
    assert_eq!(report["ams"]["tray_now"], tray_now, "{model:?} {feed:?}");
    for (name, extruders) in [("snow", &report), ("spre", &report), ("star", &report)] {
        let info = extruders["device"]["extruder"]["info"].as_array().map_or(&[][..], |info| info);
        let slots: Vec<u64> = info.iter().map(|extruder| extruder[name].as_u64().unwrap()).collect();
        assert_eq!(slots, snow.iter().copied().map(u64::from).collect::<Vec<_>>(), "{model:?} {feed:?} {name}");
    }
    let holds = |slot: u64| slot & 0xFF != 0xFF;
    let info = report["device"]["extruder"]["info"].as_array().map_or(&[][..], |info| info);
    for extruder in info {
        let is_there = extruder["info"].as_u64().unwrap() >> 1 & 1 == 1;
        assert_eq!(is_there, holds(extruder["snow"].as_u64().unwrap()), "{model:?} {feed:?}: {extruder}");
    }
}

#[test]
fn each_model_reports_the_feeding_slot_its_own_way() {
    let slot = |unit, slot| Feed::Slot { unit, slot };
    // Two units: within the unit on a P2S, over all units on an X1C.
    check_feed(Model::P2S, slot(0, 1), "1", &[0x0001]);
    check_feed(Model::P2S, slot(1, 0), "0", &[0x0100]);
    check_feed(Model::X1C, slot(1, 0), "4", &[0x0100]);
    check_feed(Model::P1S, slot(0, 1), "1", &[]);
    // The spool beside the printer, and nothing.
    check_feed(Model::H2S, Feed::External, "0", &[0xFF00]);
    check_feed(Model::H2S, Feed::Nothing, "255", &[0xFFFF]);
    check_feed(Model::X1C, Feed::External, "254", &[0xFF00]);
    check_feed(Model::P1P, Feed::External, "254", &[]);
    // The unit of an A2L is number 16.
    check_feed(Model::A2L, slot(16, 2), "2", &[0x1002]);
    // Right and left; an AMS HT has one slot.
    check_feed(Model::H2D, slot(128, 0), "0", &[0x8000, 0xFEFF]);
    check_feed(Model::H2D, Feed::Nothing, "255", &[0xFFFF, 0xFEFF]);
    check_feed(Model::H2D, Feed::External, "0", &[0xFF00, 0xFEFF]);
    check_feed(Model::H2D, Feed::LeftExternal, "0", &[0xFFFF, 0xFE00]);
    check_feed(Model::X2D, slot(0, 1), "1", &[0xFFFF, 0x0001]);
    check_feed(Model::X2D, Feed::Nothing, "255", &[0xFFFF, 0xFEFF]);
    let mut p2s = machine(Model::P2S);
    assert!(!p2s.feed(slot(1, 3)) && !p2s.feed(slot(7, 0)) && !p2s.feed(Feed::LeftExternal), "there is nothing");
    assert_eq!(full(&mut p2s)["vir_slot"][0]["tray_type"], "");
    p2s.feed(Feed::External);
    assert_eq!(full(&mut p2s)["vir_slot"][0]["tray_type"], "TPU");
}

/// Each (`ams_status`, `stg_cur`, `tray_now`) of a change in the middle of a print, once.
fn check_change(model: Model, expected: &[(i64, i64, &str)]) {
    let mut machine = machine(model);
    machine.start_at(Print::default(), 50);
    let percent = machine.percent();
    assert!(machine.feed(Feed::Slot { unit: machine.units[0].id, slot: 2 }));
    let mut seen: Vec<(i64, i64, String)> = Vec::new();
    for _ in 0..60 {
        let report = full(&mut machine);
        let tray = report["ams"]["tray_now"].as_str().unwrap().to_owned();
        let now = (report["ams_status"].as_i64().unwrap(), report["stg_cur"].as_i64().unwrap(), tray);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        assert_eq!(report["ams"]["tray_tar"], "2", "{model:?}");
        machine.advance(SECOND);
    }
    let seen: Vec<_> = seen.iter().map(|(status, stage, tray)| (*status, *stage, tray.as_str())).collect();
    assert_eq!(seen, expected, "{model:?}");
    assert_eq!(machine.percent(), percent, "it prints on afterwards");
    assert_eq!(full(&mut machine)["ams"]["tray_pre"], "2");
}

#[test]
fn a_filament_change_shows_in_ams_status_and_sometimes_the_stage() {
    let with = |stage| {
        let old = [(258, stage, "0"), (259, stage, "0"), (260, stage, "0"), (261, stage, "255")];
        [&old[..], &[(261, stage, "2"), (262, stage, "2"), (263, stage, "2"), (768, 0, "2")]].concat()
    };
    check_change(Model::X1C, &with(0));
    check_change(Model::A1, &with(4));
    check_change(Model::P2S, &with(4));
}

#[test]
fn an_x1c_loads_its_first_spool_while_stage_2_goes_on() {
    let mut machine = machine(Model::X1C);
    machine.start(Print::default());
    let loads = until(&mut machine, |report| report["ams_status"] == 261);
    assert_eq!((&loads["stg_cur"], &loads["ams"]["tray_now"]), (&json!(2), &json!("255")));
    let done = until(&mut machine, |report| report["ams_status"] == 768);
    assert_eq!(done["ams"]["tray_now"], "0");
}

/// One line for each change of what a page would take for the job.
fn story(machine: &mut Machine, seconds: u32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..seconds {
        let report = full(machine);
        let value = |name: &str| report[name].to_string().replace('"', "");
        let layers = format!("{}/{}", value("layer_num"), value("total_layer_num"));
        let job = [value("gcode_state"), value("subtask_name"), value("mc_percent") + " %", layers];
        let line = format!("{}, {} min", job.join(", "), value("mc_remaining_time"));
        if lines.last() != Some(&line) {
            lines.push(line);
        }
        machine.advance(SECOND);
    }
    lines
}

/// What is shown of the job before when the next one begins.
fn check_left(model: Model, expected: &[&str]) {
    let mut machine = machine(model);
    machine.start_at(Print { name: "Old".to_owned(), layers: 750, minutes: 10, ..Print::default() }, 50);
    machine.finish();
    machine.start(Print { name: "New".to_owned(), layers: 94, minutes: 20, ..Print::default() });
    assert_eq!(story(&mut machine, 30), expected, "{model:?}");
}

#[test]
fn the_job_before_is_still_there_when_the_next_one_begins() {
    let a1 =
        ["IDLE, New, 100 %, 750/750, 0 min", "PREPARE, New, 100 %, 750/750, 0 min", "RUNNING, New, 0 %, 0/94, 20 min"];
    check_left(Model::A1, &a1);
    let p2s = [
        "FINISH, New, 100 %, 750/750, 0 min",
        "PREPARE, New, 100 %, 750/750, 0 min",
        "RUNNING, New, 0 %, 750/94, 0 min",
        "RUNNING, New, 0 %, 0/94, 20 min",
    ];
    check_left(Model::P2S, &p2s);
    check_left(Model::H2D, &p2s);
}

#[test]
fn an_x1c_counts_one_layer_too_many_and_an_a1_does_not() {
    let mut x1c = machine(Model::X1C);
    x1c.start_at(Print { layers: 36, ..Print::default() }, 98);
    let near = until(&mut x1c, |report| report["layer_num"] == 37);
    assert_eq!((&near["total_layer_num"], &near["gcode_state"]), (&json!(36), &json!("RUNNING")));
    assert_eq!(until(&mut x1c, |report| report["gcode_state"] == "FINISH")["layer_num"], 36);
    let mut a1 = machine(Model::A1);
    a1.start_at(Print { minutes: 10, layers: 240, ..Print::default() }, 95);
    assert_eq!(until(&mut a1, |report| report["mc_remaining_time"] == 0)["gcode_state"], "RUNNING");
    let last = until(&mut a1, |report| report["spd_lvl"] == 253);
    let told = ["gcode_state", "stg_cur", "spd_mag", "mc_percent", "ams_status"].map(|name| &last[name]);
    assert_eq!(told, [&json!("RUNNING"), &json!(255), &json!(100), &json!(100), &json!(0)]);
    let over = until(&mut a1, |report| report["gcode_state"] == "FINISH");
    let told = ["spd_lvl", "print_type", "gcode_file", "stg", "subtask_name"].map(|name| &over[name]);
    assert_eq!(told, [&json!(2), &json!("idle"), &json!(""), &json!([]), &json!("Gearbox cover")]);
}

#[test]
fn a_stop_is_reported_at_once_or_after_some_seconds() {
    for (model, after_s) in [(Model::H2D, 4), (Model::X1C, 0), (Model::A1, 0)] {
        let mut machine = machine(model);
        machine.start_at(Print::default(), 30);
        assert!(machine.stop());
        for second in 0..8 {
            let report = full(&mut machine);
            let error = if second < after_s { 0 } else { 0x0300_400C };
            let told = (&report["gcode_state"], &report["print_error"]);
            assert_eq!(told, (&json!("FAILED"), &json!(error)), "{model:?} after {second} s");
            machine.advance(SECOND);
        }
    }
}

#[test]
fn a_printer_that_pauses_itself_says_why_until_it_resumes() {
    let mut machine = machine(Model::H2D);
    machine.start(Print::default());
    until(&mut machine, |report| report["stg_cur"] == 13);
    assert!(machine.pause(Pause::Error(0x0500_8051)));
    let told = full(&mut machine);
    let told = ["gcode_state", "stg_cur", "print_error", "err"].map(|name| &told[name]);
    assert_eq!(told, [&json!("PAUSE"), &json!(13), &json!(0x0500_8051), &json!("3405008051")]);
    assert!(machine.resume());
    assert_eq!(full(&mut machine)["print_error"], 0);
}

#[test]
fn a_failed_print_says_why_until_the_next_one_begins() {
    let mut machine = machine(Model::H2D);
    machine.start_at(Print::default(), 30);
    machine.fail(error_code("0300-8003").unwrap(), None);
    let report = full(&mut machine);
    assert_eq!((&report["print_error"], &report["err"]), (&json!(0x0300_8003), &json!("3603008003")));
    machine.start_at(Print::default(), 30);
    assert_eq!(full(&mut machine)["print_error"], 0);
    machine.stop();
    machine.start(Print::default());
    machine.advance(10 * SECOND);
    assert_eq!(full(&mut machine)["print_error"], 0, "the next job has not failed");
}

/// Where it ran out, and what is waited for.
fn check_runout(model: Model, feed: Feed, error: &str, hms: &str, tray_tar: &str) {
    let mut machine = machine(model);
    machine.feed(feed);
    machine.start_at(Print::default(), 30);
    assert!(machine.pause(Pause::Runout));
    let report = full(&mut machine);
    assert_eq!(
        format!("{:08X}", report["print_error"].as_u64().unwrap()),
        error.replace('-', ""),
        "{model:?} {feed:?}"
    );
    assert_eq!(codes(&report).last().unwrap(), hms, "{model:?} {feed:?}");
    let ams = &report["ams"];
    let is_loaded = ams["tray_now"] != "255" && !matches!(feed, Feed::External | Feed::LeftExternal);
    assert_eq!((&ams["tray_tar"], is_loaded), (&json!(tray_tar), false), "{model:?} {feed:?}");
    assert!(machine.resume());
    let report = full(&mut machine);
    assert_eq!((&report["ams"]["tray_now"], &report["print_error"]), (&json!(tray_tar), &json!(0)));
}

#[test]
fn a_runout_names_unit_slot_and_the_awaited_action() {
    let slot = |unit, slot| Feed::Slot { unit, slot };
    check_runout(Model::P1S, slot(0, 1), "0700-8011", "0700-2100-0002-0001", "2");
    check_runout(Model::P1S, slot(0, 2), "0700-8011", "0700-2200-0002-0001", "2");
    check_runout(Model::X1C, slot(1, 0), "0701-8011", "0701-2000-0002-0001", "4");
    check_runout(Model::A1, slot(0, 1), "1200-8011", "1200-2100-0002-0001", "2");
    check_runout(Model::H2D, slot(128, 0), "1800-8011", "1800-2000-0002-0001", "0");
    check_runout(Model::P1P, Feed::External, "07FF-8011", "07FF-2000-0002-0001", "254");
    check_runout(Model::H2D, Feed::LeftExternal, "07FE-8011", "07FE-2000-0002-0001", "0");
}

#[test]
fn small_models_are_silent_when_idle_and_others_are_not() {
    for (model, turns_heard) in
        [(Model::A1, 600..=1200), (Model::P1S, 600..=1200), (Model::A2L, 300..=1000), (Model::P2S, 2000..=2000)]
    {
        let (mut machine, mut pushes) = (machine(model), Pushes::default());
        pushes.full(&mut machine, 0);
        let (mut heard, mut pause, mut longest) = (0, 0, 0);
        for _ in 0..2000 {
            machine.advance(2 * SECOND);
            match delta(&mut pushes, &mut machine) {
                Value::Null => pause += 1,
                report => {
                    heard += 1;
                    pause = 0;
                    let noise = ["bed_temper", "nozzle_temper", "wifi_signal", "command", "msg", "sequence_id"];
                    let strange = report.as_object().unwrap().keys().find(|name| !noise.contains(&name.as_str()));
                    assert_eq!(strange, None, "{model:?}");
                }
            }
            longest = longest.max(pause);
        }
        assert!(turns_heard.contains(&heard), "{model:?}: {heard} of 2000 turns");
        assert!(model == Model::P2S || (5..=60).contains(&longest), "{model:?}: {longest} turns of 2 s");
    }
}

#[test]
fn a_p1p_says_prepare_and_nothing_for_more_than_two_minutes() {
    let mut machine = machine(Model::P1P);
    machine.start(Print::default());
    until(&mut machine, |report| report["gcode_state"] == "PREPARE");
    assert!(!machine.is_unpacking_silently(), "that it prepares is told");
    machine.advance(5 * SECOND);
    let mut silent_s = 0;
    while machine.is_unpacking_silently() {
        machine.advance(SECOND);
        silent_s += 1;
    }
    assert!((120..=135).contains(&silent_s), "{silent_s}");
    assert_eq!(machine.state(), JobState::Running);
}

#[test]
fn a_full_report_can_lack_the_ams_once() {
    let (mut machine, mut pushes) = (machine(Model::A1), Pushes::default());
    machine.start_at(Print::default(), 30);
    pushes.make_hole();
    let with_hole = print_of(&pushes.full(&mut machine, 0));
    assert!(with_hole.get("ams").is_none() && with_hole["vt_tray"].is_object());
    machine.feed(Feed::Slot { unit: 0, slot: 1 });
    machine.advance(2 * SECOND);
    assert_eq!(delta(&mut pushes, &mut machine)["ams"], json!({"tray_tar": "1"}), "the numbers alone");
    assert!(print_of(&pushes.full(&mut machine, 0))["ams"]["ams"].is_array());
}

#[test]
fn after_a_lost_last_delta_only_wifi_changes_until_a_request() {
    let (mut machine, mut pushes) = (machine(Model::P1S), Pushes::default());
    machine.start_at(Print::default(), 98);
    let mut merged = print_of(&pushes.full(&mut machine, 0));
    pushes.lose_last();
    for _ in 0..200 {
        machine.advance(2 * SECOND);
        let change = delta(&mut pushes, &mut machine);
        if machine.state() == JobState::Finish && change.is_object() {
            let said: Vec<_> = change.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(said, ["command", "msg", "sequence_id", "wifi_signal"]);
        }
        if change.is_object() {
            merge(&mut merged, &change);
        }
    }
    assert_eq!(
        (machine.state(), &merged["gcode_state"], &merged["mc_percent"]),
        (JobState::Finish, &json!("RUNNING"), &json!(99))
    );
    assert_eq!(print_of(&pushes.full(&mut machine, 0))["gcode_state"], "FINISH");
    machine.start(Print::default());
    assert!(delta(&mut pushes, &mut machine)["gcode_state"].is_string(), "asked for once, all is told again");
}

#[test]
fn a_flapping_code_is_in_every_other_report() {
    let mut machine = machine(Model::H2S);
    machine.set_flapping("0300-A700-0003-0001".parse().ok());
    let there: Vec<_> =
        (0..6).map(|_| codes(&full(&mut machine)).contains(&"0300-A700-0003-0001".to_owned())).collect();
    assert!(there == [true, false, true, false, true, false] || there == [false, true, false, true, false, true]);
    machine.set_flapping(None);
    assert_eq!(codes(&full(&mut machine)).len(), 2);
}

#[test]
fn staged_values_are_reported_whatever_the_machine_does() {
    let mut machine = machine(Model::P2S);
    machine.start_at(Print::default(), 50);
    machine.set_stage(Some(77));
    machine.set_layers(Some((37, 36)));
    machine.set_print_error(error_code("0500_4004").unwrap());
    let report = full(&mut machine);
    assert_eq!((&report["stg_cur"], &report["3D"]["layer_num"]), (&json!(77), &json!(37)));
    assert_eq!((&report["total_layer_num"], &report["print_error"]), (&json!(36), &json!(0x0500_4004)));
    machine.set_stage(None);
    machine.set_layers(None);
    assert_eq!((&full(&mut machine)["stg_cur"], &full(&mut machine)["layer_num"]), (&json!(0), &json!(121)));
}

#[test]
fn a_nozzle_can_stay_hot_after_the_end() {
    let hot = (json!(255.0), json!(255.0));
    for finish_first in [true, false] {
        let mut machine = machine(Model::P2S);
        machine.start_at(Print::default(), 50);
        if finish_first {
            machine.finish();
        }
        machine.set_stays_hot(true);
        machine.finish();
        machine.advance(3600 * SECOND);
        let report = full(&mut machine);
        assert_eq!(report["gcode_state"], "FINISH");
        assert_eq!((report["nozzle_temper"].clone(), report["nozzle_target_temper"].clone()), hot);
        assert_eq!(report["device"]["extruder"]["info"][0]["temp"], 255 << 16 | 255);
        machine.set_stays_hot(false);
        machine.advance(3600 * SECOND);
        assert_eq!(full(&mut machine)["nozzle_temper"], 24.0);
    }
}

#[test]
fn the_old_form_of_a_nozzle_is_a_number_beside_an_object() {
    let mut machine = machine(Model::X1C);
    machine.set_old_nozzle(true);
    let device = &full(&mut machine)["device"];
    assert_eq!(device["nozzle"], json!({"0": {"info": 8, "temp": 24}, "info": 8}));
    assert!(device.get("extruder").is_none());
}

#[test]
fn each_category_of_a_message_is_answered() {
    let mut machine = machine(Model::P1S);
    machine.start_at(Print::default(), 10);
    let opening = json!({"pushing": {"command": "pushall"}, "info": {"command": "get_version"},
        "upgrade": {"command": "get_history"}});
    let answer = machine.hear(&opening);
    assert!(answer.full);
    let replies = said(&answer.replies);
    assert_eq!(replies[0]["info"]["module"][0]["sw_ver"], "01.08.02.00");
    assert_eq!(replies[1]["upgrade"]["firmware_optional"][0]["firmware"]["version"], "01.08.02.00");
    let two = json!({"user_id": "1", "header": {"sign_ver": "v1.0"}, "print": {"command": "pause", "sequence_id": "5"},
        "system": {"command": "ledctrl", "sequence_id": "6", "led_node": "chamber_light", "led_mode": "off"}});
    let answer = machine.hear(&two);
    let replies = said(&answer.replies);
    assert_eq!((&replies[0]["print"]["result"], &replies[0]["print"]["sequence_id"]), (&json!("success"), &json!("5")));
    assert_eq!(
        (&replies[1]["system"]["result"], &replies[1]["system"]["sequence_id"]),
        (&json!("SUCCESS"), &json!("6"))
    );
    assert!(answer.acted && machine.state() == JobState::Pause && !machine.is_lit("chamber_light"));
    machine.set_developer_mode(false);
    let answer = machine.hear(&json!({"print": {"command": "resume"}, "system": {"led_mode": "on"}}));
    assert_eq!(
        (machine.state(), machine.is_lit("chamber_light")),
        (JobState::Pause, true),
        "one is refused, one is not"
    );
    assert_eq!(answer.replies.len(), 2);
}

#[test]
fn a_light_command_without_a_node_means_the_chamber_or_nothing() {
    let off = json!({"system": {"led_mode": "off"}});
    for model in Model::ALL {
        let mut machine = machine(model);
        let answer = machine.hear(&off);
        let obeys = matches!(model, Model::X1 | Model::X1C | Model::P1P | Model::P1S | Model::A1 | Model::A1Mini);
        assert_eq!((answer.acted, answer.replies.len()), (obeys, usize::from(obeys)), "{model:?}");
        assert_eq!(machine.is_lit("chamber_light"), !obeys, "{model:?}");
    }
    let expected = json!({"system": {"led_mode": "off", "result": "SUCCESS"}});
    check_answer(&mut machine(Model::X1C), &off, &expected);
}

#[test]
fn codes_are_read_as_they_are_shown() {
    assert_eq!("0500-0500-0001-0007".parse(), Ok(Hms::COMMAND_REFUSED));
    assert_eq!("0700200000020001".parse(), Ok(Hms::RUNOUT));
    assert_eq!(error_code("0300-400C"), Some(0x0300_400C));
    for nonsense in ["", "0500-0500-0001", "0500-0500-0001-000G", "+500050000010007", "0500-0500-0001-00071"] {
        assert_eq!(nonsense.parse::<Hms>(), Err(()), "{nonsense}");
    }
    assert_eq!([error_code("0300-400C-0000"), error_code("none")], [None, None]);
}
