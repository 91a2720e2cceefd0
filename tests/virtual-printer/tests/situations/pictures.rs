//! Port 6000: pictures, refusals, slots and dirt.

use crate::onlooker::{Onlooker, config, login, numbers};
use crate::viewer::{DEADLINE, now};
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::time::Duration;
use virtual_printer::*;

const QUICK: Rhythm = Rhythm::Steady(Duration::from_millis(10));

fn printer(change: impl FnOnce(&mut Behaviour)) -> VirtualPrinter {
    printer_of(Model::A1, change)
}

fn printer_of(model: Model, change: impl FnOnce(&mut Behaviour)) -> VirtualPrinter {
    let mut setup = Setup { model, ..Setup::default() };
    setup.behaviour.jpeg.rhythm = QUICK;
    change(&mut setup.behaviour);
    VirtualPrinter::start(setup).unwrap()
}

fn wait(printer: &VirtualPrinter, arrived: impl FnMut(&Seen) -> bool) -> Seen {
    printer.camera().wait_until(arrived, DEADLINE).unwrap()
}

/// How the connection ends, with nothing said before.
fn ends(onlooker: &mut Onlooker) -> io::Result<()> {
    onlooker.record().map(|record| assert!(record.is_empty(), "{record:?}"))
}

#[test]
fn every_jpeg_model_sends_its_pictures_one_number_after_the_other() {
    for model in Model::ALL.into_iter().filter(|model| !model.has_rtsp()) {
        let printer = printer_of(model, |_| {});
        let mut onlooker = Onlooker::watch(&printer);
        assert_eq!(onlooker.certificate(), printer.certificate().unwrap());
        let large = model == Model::A2L;
        for number in 1..=3 {
            let picture = onlooker.picture();
            assert_eq!((picture.number(), &picture.head[1..]), (number, &[0, 1, 0][..]), "{model:?}");
            assert!(picture.file.starts_with(&[0xFF, 0xD8, 0xFF, 0xE0]) && picture.file.ends_with(&[0xFF, 0xD9]));
            let size: &[u8] = if large { &[8, 4, 56, 7, 128] } else { &[8, 2, 208, 5, 0] };
            assert!(picture.file.windows(5).any(|window| window == size), "{model:?}");
            let thousands = if large && number > 1 { 163..178 } else { 55..66 };
            assert!(thousands.contains(&(picture.file.len() / 1000)), "{model:?}: {}", picture.file.len());
        }
        let seen = wait(&printer, |seen| seen.frames > 2);
        assert_eq!((seen.playing, seen.jpeg.logins, seen.jpeg.bytes_after_login), (1, 1, 0));
        assert!(TcpStream::connect_timeout(&printer.rtsp_address(), DEADLINE).is_err(), "{model:?} has no RTSP");
    }
}

#[test]
fn a_login_may_be_cut_anywhere_and_more_is_counted() {
    let printer = printer(|_| {});
    let mut onlooker = Onlooker::greet(&printer).unwrap();
    let login = login("12345678");
    for piece in [&login[..1], &login[1..79]] {
        onlooker.say(piece).unwrap();
        assert!(onlooker.is_silent());
    }
    onlooker.say(&[&login[79..], b"more"].concat()).unwrap();
    assert_eq!(onlooker.picture().number(), 1);
    let seen = printer.camera().seen();
    assert_eq!((seen.jpeg.logins, seen.jpeg.login_pieces, seen.jpeg.bytes_after_login), (1, 3, 4));
    onlooker.say(b"even more").unwrap();
    wait(&printer, |seen| seen.jpeg.bytes_after_login == 13);
}

#[test]
fn a_wrong_login_ends_without_a_byte() {
    let printer = printer(|_| {});
    let mut other_user = login("12345678");
    other_user[16] = b'B';
    for login in [login("1234567"), login(""), other_user, [0; 80]] {
        let mut onlooker = Onlooker::greet(&printer).unwrap();
        onlooker.say(&login).unwrap();
        ends(&mut onlooker).unwrap();
    }
    let seen = printer.camera().seen();
    assert_eq!((seen.jpeg.logins, seen.jpeg.logins_refused, seen.frames), (4, 4, 0));
    printer.set_code("87654321");
    let mut onlooker = Onlooker::watch(&printer);
    ends(&mut onlooker).unwrap();
}

#[test]
fn rtsp_models_say_that_pictures_are_not_served_there() {
    let printer = printer_of(Model::P2S, |_| {});
    for code in ["12345678", "wrong"] {
        let mut onlooker = Onlooker::greet(&printer).unwrap();
        onlooker.say(&login(code)).unwrap();
        assert_eq!(onlooker.head().unwrap(), [8, 0x0003_013F, 0, 0]);
        assert_eq!(onlooker.record().unwrap(), [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]);
        ends(&mut onlooker).unwrap();
    }
    let seen = printer.pictures().seen();
    assert_eq!((seen.jpeg.logins, seen.frames, printer.camera().seen().accepted), (2, 0, 0));
}

#[test]
fn no_session_is_resumed() {
    let printer = printer(|_| {});
    let config = config();
    for _ in 0..2 {
        let onlooker = Onlooker::greet_with(&printer, config.clone()).unwrap();
        assert!(!onlooker.is_resumed());
    }
}

/// Which of the first gaps is a long one, by the printer's own clock.
fn long_gaps(rhythm: Rhythm, count: usize) -> Vec<bool> {
    let printer = printer(|behaviour| behaviour.jpeg.rhythm = rhythm);
    let mut onlooker = Onlooker::watch(&printer);
    (0..=count).for_each(|_| drop(onlooker.picture()));
    let seen = wait(&printer, |seen| seen.frames > count as u64);
    let sent: Vec<f64> = seen.frames_sent().map(|frame| frame.unix_s).take(count + 1).collect();
    sent.windows(2).map(|pair| pair[1] - pair[0] > LONG.as_secs_f64() * 0.75).collect()
}

/// Much longer than a picture takes here.
const LONG: Duration = Duration::from_millis(800);

#[test]
fn pictures_come_in_the_rhythm_that_was_set() {
    let ms = Duration::from_millis;
    let burst = Rhythm::Burst { pictures: 3, apart: ms(20), then: LONG };
    assert_eq!(long_gaps(burst, 3), [false, false, true]);
    assert_eq!(long_gaps(Rhythm::Steady(LONG), 1), [true]);
    let uneven = Rhythm::Uneven { shortest: ms(5), longest: ms(10), rare: LONG };
    assert_eq!(long_gaps(uneven, 8), [[false; 7].as_slice(), &[true]].concat());
}

#[test]
fn one_picture_or_none_is_followed_by_silence_until_the_rhythm_is_another() {
    let printer = printer(|behaviour| behaviour.jpeg.rhythm = Rhythm::Never);
    let mut onlooker = Onlooker::watch(&printer);
    wait(&printer, |seen| seen.playing == 1);
    assert!(onlooker.is_silent());
    printer.camera().change(|behaviour| behaviour.jpeg.rhythm = Rhythm::Once);
    assert_eq!(onlooker.picture().number(), 1);
    assert!(onlooker.is_silent());
    printer.camera().heal();
    printer.camera().change(|behaviour| behaviour.jpeg.rhythm = QUICK);
    assert_eq!(onlooker.picture().number(), 2);
}

#[test]
fn a_slow_body_takes_its_time_and_arrives_whole() {
    let printer = printer(|behaviour| behaviour.jpeg.body = Duration::from_millis(400));
    let mut onlooker = Onlooker::watch(&printer);
    let head = onlooker.head().unwrap();
    let started = now();
    let mut length = 0;
    while length < head[0] as usize {
        length += onlooker.record().unwrap().len();
    }
    assert!(started.elapsed() >= Duration::from_millis(350), "{:?}", started.elapsed());
}

#[test]
fn a_third_client_gets_tcp_and_waits_for_a_slot() {
    let printer = printer(|_| {});
    let mut watching = [(); 2].map(|()| Onlooker::watch(&printer));
    watching.iter_mut().for_each(|onlooker| drop(onlooker.picture()));
    let mut third = Onlooker::knock(&printer, config()).unwrap();
    let seen = wait(&printer, |seen| seen.queued == 1);
    assert_eq!((seen.accepted, seen.outstanding, seen.corpses), (3, 1, 0));
    assert!(third.is_silent());
    drop(watching);
    third.shake_hands().unwrap();
    third.say(&login("12345678")).unwrap();
    third.picture();
    assert_eq!(printer.camera().seen().queued, 0);
}

#[test]
fn who_left_the_queue_is_answered_in_turn() {
    let printer = printer(|behaviour| behaviour.jpeg.slots = 1);
    let first = Onlooker::watch(&printer);
    wait(&printer, |seen| seen.playing == 1);
    for count in 1..=2 {
        drop(Onlooker::knock(&printer, config()).unwrap());
        wait(&printer, |seen| seen.corpses == count);
    }
    let mut patient = Onlooker::knock(&printer, config()).unwrap();
    let seen = wait(&printer, |seen| seen.queued == 3);
    assert_eq!((seen.outstanding, seen.most_outstanding), (1, 1));
    assert!(patient.is_silent());
    drop(first);
    patient.shake_hands().unwrap();
    let seen = printer.camera().seen();
    assert_eq!((seen.handshakes_failed, seen.queued, seen.corpses), (2, 0, 0));
}

#[test]
fn two_connects_at_once_are_told() {
    let printer = printer(|behaviour| behaviour.jpeg.slots = 0);
    let both = [(); 2].map(|()| Onlooker::knock(&printer, config()).unwrap());
    wait(&printer, |seen| seen.most_outstanding == 2);
    drop(both);
    wait(&printer, |seen| seen.corpses == 2 && seen.outstanding == 0);
}

#[test]
fn an_orphan_keeps_its_slot() {
    let printer = printer(|behaviour| behaviour.jpeg.slots = 1);
    let mut orphan = Onlooker::watch(&printer);
    orphan.picture();
    printer.camera().orphan();
    let mut next = Onlooker::knock(&printer, config()).unwrap();
    wait(&printer, |seen| seen.queued == 1);
    drop(orphan);
    assert!(next.is_silent());
    printer.camera().heal();
    next.shake_hands().unwrap();
}

#[test]
fn dirt_is_in_as_many_pictures_as_ordered() {
    let printer = printer(|_| {});
    printer.camera().soil(Dirt::StrayBytes, 1);
    printer.camera().soil(Dirt::NoEnd, 2);
    printer.camera().soil(Dirt::Garbage, 1);
    printer.camera().soil(Dirt::Tail([7, 8, 9]), 1);
    printer.camera().soil(Dirt::Length(0), 1);
    printer.camera().soil(Dirt::Length(511), 1);
    let mut onlooker = Onlooker::watch(&printer);
    assert_eq!(onlooker.picture().file[..6], [0, 1, 2, 3, 0xFF, 0xD8]);
    for _ in 0..2 {
        assert!(onlooker.picture().file.ends_with(&[0, 0]));
    }
    assert_eq!(picture_number(&onlooker.picture().file), None);
    assert_eq!(onlooker.picture().head[1..], [7, 8, 9]);
    assert_eq!(onlooker.head().unwrap(), [0, 0, 1, 0]);
    assert_eq!(onlooker.picture().file.len(), 511);
    let picture = onlooker.picture();
    assert!(picture.number() == 8 && picture.file.ends_with(&[0xFF, 0xD9]));
    let seen = printer.camera().seen();
    assert!(seen.jpeg.soiled == 7 && seen.frames >= 7, "{seen:?}");
}

#[test]
fn a_length_beyond_all_bounds_is_followed_by_a_picture() {
    for length in [8 << 20 | 1, u32::MAX] {
        let printer = printer(|behaviour| behaviour.jpeg.rhythm = Rhythm::Once);
        printer.camera().soil(Dirt::Length(length), 1);
        let mut onlooker = Onlooker::watch(&printer);
        assert_eq!(onlooker.head().unwrap(), [length, 0, 1, 0]);
        assert!(onlooker.record().unwrap().starts_with(&[0xFF, 0xD8]));
    }
}

#[test]
fn a_header_can_come_in_two_records() {
    let printer = printer(|_| {});
    printer.camera().soil(Dirt::CutHeader, 1);
    let mut onlooker = Onlooker::watch(&printer);
    let records = [onlooker.record().unwrap(), onlooker.record().unwrap()];
    assert_eq!(records.each_ref().map(Vec::len), [7, 9]);
    let head = records.concat().try_into().unwrap();
    assert_eq!(numbers(&head)[1..], [0, 1, 0]);
}

#[test]
fn a_connection_can_end_inside_a_picture() {
    for (dirt, kind) in
        [(Dirt::ResetInside, ErrorKind::ConnectionReset), (Dirt::HangUpInside, ErrorKind::UnexpectedEof)]
    {
        let printer = printer(|_| {});
        printer.camera().soil(dirt, 1);
        let mut onlooker = Onlooker::watch(&printer);
        assert_eq!(onlooker.try_picture().err().unwrap().kind(), kind, "{dirt:?}");
        assert_eq!(Onlooker::watch(&printer).picture().number(), 2);
    }
}

#[test]
fn the_port_closes_and_opens_and_connections_end_as_ordered() {
    let printer = printer(|_| {});
    let camera = printer.camera();
    let mut onlooker = Onlooker::watch(&printer);
    onlooker.picture();
    camera.refuse();
    assert_eq!(Onlooker::greet(&printer).err().unwrap().kind(), ErrorKind::ConnectionRefused);
    onlooker.picture();
    camera.reset();
    while onlooker.try_picture().is_ok() {}
    camera.open();
    let mut onlooker = Onlooker::watch(&printer);
    onlooker.picture();
    camera.change(|behaviour| behaviour.stall = Some(Stall::Picture));
    camera.hang_up();
    while let Ok(1..) = onlooker.record().map(|record| record.len()) {}
    wait(&printer, |seen| seen.connected == 0);
}
