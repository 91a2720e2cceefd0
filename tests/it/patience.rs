//! Patience with cameras: while pictures come nothing is torn down, and where none come a camera is left alone more and
//! more, until somebody asks or the printer shows a sign of life.

use crate::camera::Farm;
use platecast::base::clock;
use platecast::diagnosis::Tests;
use platecast::printer::PrinterId;
use std::sync::Arc;
use std::time::Duration;
use virtual_printer::{Behaviour, Camera, KeepAlive, Sdp, Seen};

fn with(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    behaviour
}

/// Waits until each printer's camera has been seen to do something.
fn each_saw(farm: &Farm, what: &str, within: Duration, arrived: impl Fn(&Seen) -> bool) {
    let deadline = clock::now() + within;
    for (place, printer) in farm.printers.iter().enumerate() {
        let left = deadline.saturating_duration_since(clock::now());
        if let Err(error) = printer.camera().wait_until(&arrived, left) {
            panic!("{what}: printer {}: {error:?}; {:?}", place + 1, farm.report(place as i64 + 1));
        }
    }
}

fn wait(what: &str, within: Duration, arrived: impl Fn() -> bool) {
    let (deadline, (_never, idle)) = (clock::now() + within, crossbeam_channel::bounded::<()>(0));
    while !arrived() {
        assert!(clock::now() < deadline, "{what}: not within {within:?}");
        let _ = idle.recv_timeout(Duration::from_millis(20));
    }
}

#[test]
fn rare_and_late_key_frames_keep_the_session() {
    let farm = Farm::of([
        with(|behaviour| behaviour.video.key_frame_interval = Some(Duration::from_secs(20))),
        with(|behaviour| behaviour.video.first_key_frame = Duration::from_secs(22)),
    ]);
    wait("the second waits", Duration::from_secs(5), || farm.report(2).step == "waiting-for-key-frame");
    // Of a camera that nobody knows, so long is waited for a second key frame before anything is shown.
    wait("the first is live", Duration::from_secs(15), || farm.is_live(1));
    let told = farm.report(2).sentence;
    assert!(told.contains("key frame"), "{told}");
    each_saw(&farm, "key frames", Duration::from_secs(30), |seen| seen.key_frames >= 2);
    wait("both are live", Duration::from_secs(2), || farm.is_live(1) && farm.is_live(2));
    wait("the interval is known", Duration::from_secs(2), || farm.report(1).key_frame_interval_s > Some(19.0));
    for (printer, id) in farm.printers.iter().zip(1..) {
        assert_eq!((printer.camera().seen().plays, farm.report(id).reconnects), (1, 0), "p{id} was dialled anew");
        assert_eq!(farm.report(id).last_error, None);
    }
}

#[test]
fn unanswered_keep_alives_do_not_end_a_session_with_video() {
    use KeepAlive::{OptionsOnly, Refused, Unanswered};
    let manners = [OptionsOnly(454), OptionsOnly(405), Refused(454), Refused(405), Refused(401), Unanswered];
    let farm = Farm::of(manners.map(|manners| with(|behaviour| behaviour.rtsp.keep_alive = manners)));
    // One each 3.3 s: all the ways have been tried, and where one is taken it was taken twice.
    each_saw(&farm, "signs of life", Duration::from_secs(25), |seen| {
        seen.keep_alives >= 2 && seen.keep_alives_refused == 1 || seen.keep_alives_refused >= 4
    });
    for ((printer, id), manners) in farm.printers.iter().zip(1..).zip(manners) {
        let seen = printer.camera().seen();
        assert_eq!((seen.plays, seen.sessions_expired, farm.report(id).reconnects), (1, 0, 0), "{manners:?}");
        assert!(farm.is_live(id), "{manners:?}: {:?}", farm.report(id));
        let asked = |method: &str| seen.last_requests.iter().any(|line| line.starts_with(method));
        assert!(asked("GET_PARAMETER") && asked("OPTIONS"), "{manners:?}: {:?}", seen.last_requests);
    }
}

/// From the end of an attempt to the next one.
fn pause(camera: &Camera, within: Duration) -> Duration {
    let over = |seen: &Seen| seen.accepted - seen.connected as u64;
    let before = over(&camera.seen());
    let seen = camera.wait_until(|seen| over(seen) > before, within).expect("an end");
    let ended = clock::now();
    camera.wait_until(|now| now.accepted > seen.accepted, within).expect("another attempt");
    clock::now().saturating_duration_since(ended)
}

#[test]
fn a_competing_viewer_is_named_and_met_with_growing_pauses() {
    let farm = Farm::of([with(|behaviour| behaviour.rtsp.play_limit = Some(Duration::from_secs(6)))]);
    let camera = farm.printers[0].camera();
    let pauses: Vec<f64> = (0..4).map(|_| pause(camera, Duration::from_secs(15)).as_secs_f64()).collect();
    assert!(pauses[0] < 1.0, "the first loss is an accident: {pauses:.1?}");
    assert!(pauses[2] > 2.0 && pauses[3] > pauses[2], "{pauses:.1?}");
    let report = farm.report(1);
    let told = report.last_error.clone().unwrap_or_default();
    assert!(told.contains("one viewer at a time") && told.contains("close other programs"), "{told}");
    // Left in peace, the picture is back and stays.
    camera.heal();
    wait("live", Duration::from_secs(8), || farm.is_live(1));
}

#[test]
fn an_mqtt_connection_and_a_persons_test_end_a_long_pause() {
    let unfit = || with(|behaviour| behaviour.rtsp.sdp = Sdp::H265);
    let farm = Farm::linked([unfit(), unfit()]);
    wait("told", Duration::from_secs(5), || farm.report(1).sentence.contains("H.265"));
    wait("both links", Duration::from_secs(5), || {
        [1, 2].iter().all(|id| farm.fleet.status(PrinterId(*id)).is_some_and(|status| status.value.connected))
    });
    let until_long = |camera: &Camera| {
        while pause(camera, Duration::from_secs(20)) < Duration::from_secs(6) {}
        // The attempt after that one has begun, and ends at once.
        camera.wait_until(|seen| seen.connected == 0, Duration::from_secs(1)).expect("an end");
        camera.change(|behaviour| behaviour.rtsp.sdp = Sdp::Normal);
    };
    // Without a word it would be five seconds and more.
    let soon = Duration::from_millis(3500);
    until_long(farm.printers[0].camera());
    farm.printers[0].broker().reset();
    wait("a sign of life over MQTT", soon, || farm.is_live(1));
    until_long(farm.printers[1].camera());
    let _test = Arc::new(Tests::default()).diagnose(&farm.fleet, PrinterId(2)).expect("a test");
    wait("a person who asks", soon, || farm.is_live(2));
}

#[test]
fn h264_plays_under_any_name_and_h265_is_refused() {
    let sdps = [Sdp::Named("H265"), Sdp::Named("AVC"), Sdp::Unnamed, Sdp::H265];
    let farm = Farm::of(sdps.map(|sdp| with(|behaviour| behaviour.rtsp.sdp = sdp)));
    wait("all but the last", Duration::from_secs(8), || (1..=3).all(|id| farm.is_live(id)));
    wait("the last refused", Duration::from_secs(4), || farm.report(4).sentence.contains("only H.264 is supported"));
    assert_eq!(farm.printers[3].camera().seen().plays, 0);
}
