//! What is reported and what is not, as the field knows printers.

use crate::broker::{PUSHALL, printer};
use crate::listener::Listener;
use crate::viewer::DEADLINE;
use std::io::ErrorKind;
use std::time::Duration;
use virtual_printer::*;

/// Nothing is reported, and everything else is answered.
fn check_quiet(printer: &VirtualPrinter) -> Listener {
    let mut listener = Listener::listen(printer);
    while !listener.is_silent() {}
    listener.request(PUSHALL, Some(1));
    assert_eq!(listener.next().unwrap().0, 0x40);
    listener.send(0xC0, &[]).unwrap();
    assert_eq!(listener.next().unwrap().0, 0xD0);
    assert!(listener.stays_silent());
    listener
}

#[test]
fn a_quiet_printer_answers_pings_and_later_reports_again() {
    let printer = printer(Model::X1C);
    printer.broker().be_quiet(Duration::from_secs(600));
    let mut listener = check_quiet(&printer);
    printer.broker().be_quiet(Duration::from_millis(100));
    listener.wait_for(|message| message["print"]["msg"] == 1);
}

#[test]
fn a_p1p_that_unpacks_a_job_is_quiet() {
    let printer = printer(Model::P1P);
    printer.machine(|machine| {
        machine.start(Print::default());
        machine.advance(Duration::from_secs(10));
        assert_eq!(machine.state(), JobState::Prepare);
    });
    check_quiet(&printer);
}

#[test]
fn missing_data_returns_when_healed_or_requested() {
    let printer = printer(Model::A1);
    let mut listener = Listener::listen(&printer);
    printer.broker().make_hole();
    for has_ams in [false, true] {
        listener.request(PUSHALL, None);
        let full = listener.wait_for(|message| message["print"]["msg"] == 0);
        assert_eq!(full["print"].get("ams").is_some(), has_ams);
    }
    printer.broker().make_hole();
    printer.broker().lose_last();
    printer.broker().heal();
    printer.machine(Machine::finish);
    listener.wait_for(|message| message["print"]["gcode_state"] == "FINISH");
    listener.request(PUSHALL, None);
    assert!(listener.wait_for(|message| message["print"]["msg"] == 0)["print"].get("ams").is_some());
}

#[test]
fn one_message_of_several_categories_is_answered_for_each() {
    let printer = printer(Model::P1S);
    let mut listener = Listener::listen(&printer);
    let opening =
        r#"{"pushing":{"command":"pushall"},"info":{"command":"get_version"},"upgrade":{"command":"get_history"}}"#;
    listener.request(opening, None);
    let (mut full, mut versions, mut history) = (false, false, false);
    listener.wait_for(|message| {
        full |= message["print"]["msg"] == 0;
        versions |= message["info"]["module"].is_array();
        history |= message["upgrade"]["firmware_optional"].is_array();
        full && versions && history
    });
    let seen = printer.broker().seen().mqtt;
    assert_eq!((seen.requests, seen.pushalls, seen.get_versions, seen.replies), (1, 1, 1, 2));
    assert_eq!(seen.commands("get_history").count(), 1);
}

#[test]
fn a_jpeg_model_closes_the_rtsp_port_and_reports_no_url() {
    for model in [Model::P1P, Model::P1S, Model::A1, Model::A1Mini, Model::A2L] {
        let printer = printer(model);
        for act in [|_: &VirtualPrinter| {}, |printer: &VirtualPrinter| printer.set_live_view(true)] {
            act(&printer);
            let refused = std::net::TcpStream::connect_timeout(&printer.rtsp_address(), DEADLINE).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{model:?}");
        }
        let mut listener = Listener::listen(&printer);
        listener.request(PUSHALL, None);
        let full = listener.wait_for(|message| message["print"]["msg"] == 0);
        assert_eq!(full["print"]["ipcam"].get("rtsp_url"), None, "{model:?}");
        assert_eq!(full["print"]["ipcam"]["ipcam_dev"], "1");
    }
}
