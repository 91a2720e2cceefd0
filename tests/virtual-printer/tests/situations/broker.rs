//! The MQTT half in the situations that others test against it.

use crate::listener::{Listener, Packet};
use crate::viewer::{DEADLINE, SILENCE, now};
use std::io::ErrorKind;
use std::time::Duration;
use virtual_printer::*;

pub const PUSHALL: &str = r#"{"user_id":"1","pushing":{"sequence_id":"1","command":"pushall"}}"#;
const PAUSE: &str = r#"{"user_id":"1","print":{"sequence_id":"77","command":"pause","param":""}}"#;
const LIGHT_OFF: &str =
    r#"{"system":{"sequence_id":"78","command":"ledctrl","led_node":"chamber_light","led_mode":"off"}}"#;

pub fn printer(model: Model) -> VirtualPrinter {
    let printer = VirtualPrinter::start(Setup { model, ..Setup::default() }).unwrap();
    printer.machine(|machine| machine.start_at(Print::default(), 42));
    printer
}

fn manners(printer: &VirtualPrinter, change: impl FnOnce(&mut MqttManners)) {
    printer.broker().change(|behaviour| change(&mut behaviour.mqtt));
}

#[test]
fn deltas_come_by_themselves_and_the_whole_on_request() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    let first = listener.wait_for(|message| message["print"]["msg"] == 1);
    listener.request(PUSHALL, None);
    let full = listener.wait_for(|message| message["print"]["msg"] == 0);
    assert_eq!((&full["print"]["mc_percent"], &full["print"]["gcode_state"]), (&42.into(), &"RUNNING".into()));
    let next = listener.wait_for(|message| message["print"]["msg"] == 1);
    let number =
        |report: &serde_json::Value| -> u64 { report["print"]["sequence_id"].as_str().unwrap().parse().unwrap() };
    assert!(number(&first) < number(&full) && number(&full) + 1 == number(&next));
    assert!(next["print"].as_object().unwrap().len() < 40);
    let seen = printer.broker().seen().mqtt;
    assert_eq!((seen.connects, seen.sessions, seen.subscriptions, seen.pushalls), (1, 1, 1, 1));
    assert_eq!(seen.last_reports.back().unwrap().sequence, seen.reports + 1, "one was made before anybody listened");
}

/// Reports arrive at the model's pace, or after some turns of it in which there was nothing to report.
fn check_pace(model: Model, pace: Duration, may_skip: bool) {
    let printer = printer(model);
    let mut listener = Listener::listen(&printer);
    listener.message();
    listener.message();
    let started = now();
    listener.message();
    let turns = started.elapsed().as_secs_f64() / pace.as_secs_f64();
    let whole = if may_skip { turns.round().max(1.0) } else { 1.0 };
    assert!(turns > whole - 0.2 && turns < whole + 0.6, "{model:?}: {turns} turns");
}

#[test]
fn small_models_report_every_other_second_and_the_others_every_second() {
    check_pace(Model::X1C, Duration::from_secs(1), false);
    check_pace(Model::A1, Duration::from_secs(2), true);
    check_pace(Model::H2D, Duration::from_millis(1700), false);
}

#[test]
fn the_small_models_write_on_one_line_and_the_others_on_many() {
    for (model, start) in [
        (Model::P1S, "{\"print\":{\"ipcam\":{\"ipcam_dev\":\"1\""),
        (Model::P2S, "{\n    \"print\": {\n        \"3D\": {"),
    ] {
        let printer = printer(model);
        let mut listener = Listener::listen(&printer);
        listener.request(PUSHALL, None);
        let full = loop {
            let message = String::from_utf8(listener.message()).unwrap();
            if message.len() > 2000 {
                break message;
            }
        };
        assert!(full.starts_with(start), "{full}");
    }
}

#[test]
fn a_command_is_acknowledged_answered_done_and_reported() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    listener.request(PAUSE, Some(9));
    let Packet(first, body) = listener.next().unwrap();
    assert_eq!((first, &body[..]), (0x40, &[0, 9][..]));
    let reply = listener.wait_for(|message| message["print"]["result"].is_string());
    assert_eq!((&reply["print"]["sequence_id"], &reply["print"]["result"]), (&"77".into(), &"success".into()));
    listener.wait_for(|message| message["print"]["gcode_state"] == "PAUSE");
    let asked = now();
    listener.request(LIGHT_OFF, None);
    let reply = listener.wait_for(|message| message["system"].is_object());
    assert_eq!((&reply["system"]["result"], &reply["system"]["led_mode"]), (&"SUCCESS".into(), &"off".into()));
    listener.wait_for(|message| message["print"]["lights_report"][0]["mode"] == "off");
    assert!(asked.elapsed() < Duration::from_secs(1));
    let seen = printer.broker().seen().mqtt;
    let pause = seen.commands("pause").next().unwrap();
    assert_eq!((pause.category(), pause.sequence_id(), pause.heard, pause.qos1), ("print", "77", true, true));
    assert!(pause.arrived <= asked && seen.replies == 2);
}

#[test]
fn a_request_may_end_with_nul_but_must_be_json() {
    let printer = printer(Model::P1S);
    let mut listener = Listener::listen(&printer);
    listener.request(&format!("{LIGHT_OFF}\0"), None);
    listener.wait_for(|message| message["system"]["result"] == "SUCCESS");
    listener.request("{", None);
    listener.request("\0\0", None);
    let seen = printer.broker().wait_until(|seen| seen.mqtt.requests == 3, DEADLINE).unwrap();
    assert_eq!(seen.mqtt.malformed, 2);
}

#[test]
fn a_wrong_code_gets_5_until_it_is_right() {
    let printer = printer(Model::X1C);
    let code = |code| {
        let mut listener = Listener::greet(&printer, "a", code).unwrap();
        let Packet(first, body) = listener.next().unwrap();
        assert_eq!((first, body[0]), (0x20, 0));
        body[1]
    };
    assert_eq!(code("00000000"), 5);
    manners(&printer, |mqtt| mqtt.connack = Some(3));
    assert_eq!(code("12345678"), 3);
    printer.broker().heal();
    printer.set_code("00000000");
    assert_eq!([code("00000000"), code("12345678")], [0, 5]);
    let seen = printer.broker().seen().mqtt;
    assert_eq!((seen.connects, seen.refused), (4, 2));
}

#[test]
fn two_clients_of_one_name_both_listen_and_the_silent_one_stays() {
    let printer = printer(Model::A1Mini);
    let mut both = [Listener::listen(&printer), Listener::listen(&printer)];
    both[0].send(0xC0, &[]).unwrap();
    assert_eq!(both[0].next().unwrap().0, 0xD0);
    // They promised a sign of life every second; one and a half is when a standard broker gives up.
    let started = now();
    while started.elapsed() < Duration::from_secs(3) {
        both.iter_mut().for_each(|listener| drop(listener.message()));
    }
    let seen = printer.broker().seen().mqtt;
    assert_eq!((seen.sessions, seen.client_ids.len(), seen.pings), (2, 2, 1));
}

#[test]
fn one_client_too_many_is_cut_off_until_another_leaves() {
    let printer = printer(Model::P1S);
    let mut four: Vec<_> = (0..4).map(|n| Listener::connect(&printer, &n.to_string())).collect();
    let mut fifth = Listener::greet(&printer, "4", "12345678").unwrap();
    assert_eq!(fifth.end(), ErrorKind::UnexpectedEof);
    four[0].send(0xE0, &[]).unwrap();
    drop(four.remove(1));
    let seen = printer.broker().wait_until(|seen| seen.mqtt.sessions == 2, DEADLINE).unwrap().mqtt;
    assert_eq!((seen.turned_away, seen.disconnects_clean, seen.disconnects_unclean), (1, 1, 1));
    Listener::connect(&printer, "5");
}

/// What comes of a subscription, and of a request after it: messages, silence or the end.
fn check_subscription(model: Model, foreign_topic: ForeignTopic, filter: &str, expected: &str) {
    let printer = printer(model);
    manners(&printer, |mqtt| mqtt.foreign_topic = foreign_topic);
    let mut listener = Listener::connect(&printer, "a");
    let outcome = match listener.subscribe(filter) {
        Err(_) => "end",
        Ok(()) => {
            listener.request(PUSHALL, None);
            if listener.stays_silent() { "silence" } else { "messages" }
        }
    };
    assert_eq!(outcome, expected, "{model:?} {filter}");
}

#[test]
fn a_subscription_brings_messages_silence_or_the_end() {
    let (silence, closes) = (ForeignTopic::Silence, ForeignTopic::Closes);
    check_subscription(Model::X1C, silence, "device/00M09A000000001/report", "messages");
    check_subscription(Model::X1C, closes, "device/+/report", "messages");
    check_subscription(Model::P1S, closes, "#", "messages");
    check_subscription(Model::X1C, silence, "device/00m09a000000001/report", "silence");
    check_subscription(Model::X1C, closes, "device/00m09a000000001/report", "end");
    check_subscription(Model::X1C, silence, "device/00M09A000000001/request", "messages");
    check_subscription(Model::P1S, silence, "device/00M09A000000001/request", "end");
}

#[test]
fn a_client_subscribed_to_requests_receives_those_of_others() {
    let printer = printer(Model::H2S);
    let mut spy = Listener::connect(&printer, "spy");
    spy.subscribe("device/00M09A000000001/request").unwrap();
    Listener::listen(&printer).request(PAUSE, None);
    assert_eq!(spy.message(), PAUSE.as_bytes());
}

#[test]
fn a_stalled_printer_answers_and_does_not_report() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    listener.message();
    manners(&printer, |mqtt| mqtt.stalled = true);
    while !listener.is_silent() {}
    listener.request(PUSHALL, Some(1));
    assert_eq!(listener.next().unwrap().0, 0x40);
    listener.send(0xC0, &[]).unwrap();
    assert_eq!(listener.next().unwrap().0, 0xD0);
    assert!(listener.stays_silent());
    printer.broker().heal();
    listener.message();
}

#[test]
fn a_deaf_printer_reports_and_does_not_hear() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    manners(&printer, |mqtt| mqtt.deaf = true);
    listener.request(PAUSE, None);
    let seen = printer.broker().wait_until(|seen| seen.mqtt.requests == 1, DEADLINE).unwrap().mqtt;
    assert!(!seen.last_requests[0].heard);
    listener.message();
    assert_eq!(printer.machine(|machine| machine.state()), JobState::Running);
}

#[test]
fn a_deaf_session_stays_deaf_only_for_its_client_id() {
    let printer = printer(Model::P1S);
    let _deaf = Listener::connect(&printer, "deaf");
    printer.broker().deafen_clients();
    for (client_id, expected) in [("deaf", JobState::Running), ("other", JobState::Pause)] {
        let mut listener = Listener::connect(&printer, client_id);
        listener.request(PAUSE, Some(1));
        assert_eq!(listener.next().unwrap().0, 0x40);
        assert_eq!(printer.machine(|machine| machine.state()), expected, "{client_id}");
    }
}

#[test]
fn late_and_lost_acknowledgements_do_not_stop_the_command() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::connect(&printer, "a");
    manners(&printer, |mqtt| mqtt.puback = Acknowledgement::After(SILENCE * 2));
    listener.request(LIGHT_OFF, Some(1));
    assert!(listener.is_silent());
    assert_eq!(listener.next().unwrap().0, 0x40);
    manners(&printer, |mqtt| (mqtt.puback, mqtt.reply) = (Acknowledgement::Lost, Acknowledgement::Lost));
    listener.request(PAUSE, Some(2));
    assert!(listener.is_silent());
    assert_eq!(printer.machine(|machine| machine.state()), JobState::Pause);
    assert_eq!(printer.broker().seen().mqtt.replies, 1);
}

#[test]
fn a_late_reply_does_not_hold_the_reports_up() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    manners(&printer, |mqtt| mqtt.reply = Acknowledgement::After(Duration::from_millis(1500)));
    listener.request(PAUSE, None);
    listener.wait_for(|message| message["print"]["gcode_state"] == "PAUSE");
    listener.wait_for(|message| message["print"]["result"] == "success");
}

#[test]
fn a_half_open_link_says_nothing_and_hears_nothing() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    printer.broker().change(|behaviour| behaviour.stall = Some(Stall::Everything));
    while !listener.is_silent() {}
    listener.send(0xC0, &[]).unwrap();
    assert!(listener.stays_silent());
    printer.broker().heal();
    while listener.next().unwrap().0 != 0xD0 {}
    manners(&printer, |mqtt| mqtt.mute_pings = true);
    listener.send(0xC0, &[]).unwrap();
    printer.broker().wait_until(|seen| seen.mqtt.pings == 2, DEADLINE).unwrap();
    assert_ne!(listener.next().unwrap().0, 0xD0);
}

#[test]
fn the_brokers_port_closes_independently_of_the_cameras() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    printer.broker().refuse();
    printer.broker().reset();
    assert_eq!(listener.end(), ErrorKind::ConnectionReset);
    assert!(Listener::greet(&printer, "a", "12345678").is_err());
    assert!(printer.camera().seen().listening);
    printer.broker().open();
    let mut listener = Listener::listen(&printer);
    printer.broker().hang_up();
    assert_eq!(listener.end(), ErrorKind::UnexpectedEof);
    let seen = printer.broker().wait_until(|seen| seen.mqtt.sessions == 0, DEADLINE).unwrap().mqtt;
    assert_eq!((seen.disconnects_clean, seen.disconnects_unclean), (0, 2));
}

#[test]
fn odd_reports_come_in_between_valid_ones() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    for oddity in [Oddity::InvalidUtf8, Oddity::Huge(1_000_000), Oddity::CutOff] {
        printer.broker().inject(oddity);
    }
    let is_odd =
        |message: &Vec<u8>| message.len() > 1_000_000 || serde_json::from_slice::<serde_json::Value>(message).is_err();
    let odd: Vec<_> = (0..5).map(|_| is_odd(&listener.message())).collect();
    assert_eq!(odd.iter().filter(|odd| **odd).count(), 3, "{odd:?}");
    assert!(!odd[4]);
}

#[test]
fn a_retained_report_comes_first() {
    let printer = printer(Model::X1C);
    printer.broker().retain_present_report();
    printer.machine(Machine::finish);
    let mut listener = Listener::connect(&printer, "a");
    listener.subscribe("device/00M09A000000001/report").unwrap();
    let Packet(first, body) = listener.next().unwrap();
    assert_eq!(first, 0x31);
    assert!(String::from_utf8(body).unwrap().contains("RUNNING"));
    listener.request(PUSHALL, None);
    listener.wait_for(|message| message["print"]["gcode_state"] == "FINISH");
}

#[test]
fn live_view_is_off_in_the_report_and_at_the_port() {
    let printer = printer(Model::P2S);
    let mut listener = Listener::listen(&printer);
    let mut camera_url = || {
        listener.request(PUSHALL, None);
        let full = listener.wait_for(|message| message["print"]["msg"] == 0);
        full["print"]["ipcam"]["rtsp_url"].as_str().unwrap().to_owned()
    };
    assert_eq!(camera_url(), printer.rtsp_url());
    printer.set_live_view(false);
    assert_eq!(camera_url(), "disable");
    assert!(!printer.camera().seen().listening);
    printer.set_live_view(true);
    assert_eq!(camera_url(), printer.rtsp_url());
}

#[test]
fn pushing_can_be_stopped_and_started() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::listen(&printer);
    listener.request(r#"{"pushing":{"sequence_id":"1","command":"stop"}}"#, None);
    printer.broker().wait_until(|seen| seen.mqtt.requests == 1, DEADLINE).unwrap();
    while !listener.is_silent() {}
    assert!(listener.stays_silent());
    listener.request(r#"{"pushing":{"sequence_id":"2","command":"start"}}"#, None);
    listener.message();
}

#[test]
fn a_client_that_talks_before_connect_or_talks_nonsense_is_cut_off() {
    let printer = printer(Model::X1C);
    let mut listener = Listener::connect(&printer, "a");
    listener.send(0x36, b"\0\x01a\0\x01").unwrap();
    assert_eq!(listener.end(), ErrorKind::UnexpectedEof);
    let mut again = Listener::connect(&printer, "a");
    again.send(0x10, b"\0\x04MQTT\x04\x02\0\x05\0\x01a").unwrap();
    assert_eq!(again.end(), ErrorKind::UnexpectedEof);
}
