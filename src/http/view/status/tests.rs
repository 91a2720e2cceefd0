use super::*;
use crate::printer::Serial;
use crate::printer::merged::MergedReport;
use crate::printer::report;
use serde_json::{Value, json};
use std::sync::Arc;

/// Returns the status of a printer that has sent these reports.
fn told(reports: &[Value]) -> String {
    let serial = Serial::parse("00M09A000000001").unwrap();
    let mut known = MergedReport::default();
    known.begin_session();
    for said in reports {
        known.hear(report::parse(said.to_string().as_bytes()).unwrap(), 1_700_000_000_000);
    }
    let state = State::read(&known, serial.as_str());
    let link = display::Link { connected: true, ..display::Link::default() };
    let display = display::display(&state, &link);
    let status = fleet::Status { connected: true, display, state: Arc::new(state), ..fleet::Status::unknown(&serial) };
    serde_json::to_string(&StatusView::from(&status)).unwrap()
}

#[test]
fn a_code_stands_beside_each_sentence() {
    let report =
        json!({"print": {"command": "push_status", "msg": 0, "gcode_state": "FINISH", "nozzle_target_temper": 255}});
    let status: Value = serde_json::from_str(&told(&[report])).unwrap();
    let (display, link) = (&status["display"], &status["link"]);
    assert_eq!((&display["code"], &display["params"]), (&json!("printer.not-reported-yet"), &json!({})));
    assert_eq!(display["before"]["code"], "printer.finished");
    assert_eq!(display["before"]["params"], json!({"nozzleC": 255.0}));
    assert_eq!(
        display["before"]["sentence"],
        "The print is finished, and the printer still heats its nozzle to 255 °C."
    );
    assert_eq!((&link["code"], &link["lastErrorAdvice"]), (&json!("mqtt.step.starting"), &Value::Null));
    assert_eq!(status["commands"]["code"], "command.may-not-be-taken");
}

/// A hostile broker made 292 KB of it, sent four times a second to each page.
#[test]
fn a_status_stays_below_32_kb_whatever_the_printer_says() {
    let text = "\u{202e}🖨".repeat(60);
    let tray = |slot: u32| {
        json!({"id": slot.to_string(), "tray_type": text, "tray_sub_brands": text, "tray_color": "FF00FFFF",
            "tag_uid": "1234", "remain": 55, "tray_info_idx": text})
    };
    let trays: Vec<Value> = (0..9).map(tray).collect();
    let units: Vec<Value> =
        (0..20).map(|id| json!({"id": id.to_string(), "humidity": "5", "humidity_raw": "44", "temp": "33.3", "dry_time": 70, "tray": trays})).collect();
    let lights: Vec<Value> = (0..100).map(|n| json!({"node": format!("{n}{text}"), "mode": text})).collect();
    let hms: Vec<Value> = (0..5_000_u32).map(|n| json!({"attr": 0x0300_0100 + n, "code": 0x0001_0001 + n})).collect();
    let modules: Vec<Value> = (0..64)
        .map(|n| json!({"name": format!("{n}{text}"), "sw_ver": text, "sn": text, "product_name": text}))
        .collect();
    let mut print = json!({"command": "push_status", "msg": 0, "gcode_state": text, "subtask_name": text, "gcode_file": text,
        "job_id": text, "task_id": text, "ams": {"ams": units, "tray_exist_bits": "ffffffffffffffff"}, "vir_slot": trays,
        "lights_report": lights, "hms": hms, "wifi_signal": text, "nozzle_type": text, "print_error": 0x0300_8004,
        "ipcam": {"resolution": text, "rtsp_url": text}, "device": {"nozzle": {"info": trays}, "extruder": {"info": trays}}});
    for n in 0..200 {
        print[format!("odd_{n}")] = json!([text]);
    }
    for field in
        ["mc_percent", "mc_remaining_time", "layer_num", "total_layer_num", "nozzle_temper", "bed_temper", "stg_cur"]
    {
        print[field] = json!([text]);
    }
    let told = told(&[json!({"print": print}), json!({"info": {"command": "get_version", "module": modules}})]);
    assert!(told.len() < 32_000, "{} bytes", told.len());
    assert!(told.len() > 12_000, "{} bytes: is it still the fat one?", told.len());
    assert!(!told.contains('\u{202e}'));
    let status: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(status["ams"].as_array().unwrap().len(), 16);
    assert_eq!(status["problems"].as_array().unwrap().len(), 16);
}
