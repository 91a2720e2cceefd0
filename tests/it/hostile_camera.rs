//! Cameras that send more, faster or other things than any camera should: what they may cost, and what a person is told.
//! The printer beside must not have felt anything; `Farm::wait` looks after that.

use crate::camera::Farm;
use platecast::hls::{Playlist, Settings};
use std::sync::Arc;
use std::time::Duration;
use virtual_printer::{Behaviour, Clip, Injection, Timestamps};

const NOTICED_WITHIN: Duration = Duration::from_secs(10);
const MEMORY: usize = 96 << 20;

/// Two cameras' first SPS, PPS and IDR picture.
const LARGE: &[u8] = include_bytes!("../virtual-printer/clips/chamber1080.h264");
const SMALL: &[u8] = include_bytes!("../virtual-printer/clips/chamber540.h264");

/// The first key frame of a clip, with its parameter sets, each behind a start code.
fn key_frame(clip: &[u8]) -> Vec<u8> {
    let starts: Vec<usize> = (0..clip.len() - 3).filter(|at| clip[*at..].starts_with(&[0, 0, 1])).collect();
    let picture = starts.iter().position(|at| clip[at + 3] & 31 == 5).expect("an IDR picture");
    let mut bytes = Vec::new();
    for (at, end) in starts.iter().zip(&starts[1..]).take(picture + 1) {
        if matches!(clip[at + 3] & 31, 5 | 7 | 8) {
            bytes.extend_from_slice(&[0, 0, 0, 1]);
            bytes.extend_from_slice(clip[at + 3..*end].trim_ascii_end());
        }
    }
    bytes
}

/// Key frames of so many bytes and nothing else. Behind what a decoder needs comes filling.
fn key_frames(bytes: usize, fps: f64) -> Arc<Clip> {
    let mut clip = key_frame(LARGE);
    clip.resize(bytes.max(clip.len()), 0x55);
    Arc::new(Clip::new(clip, fps).expect("a clip"))
}

/// Another SPS with each picture.
fn changing(fps: f64) -> Arc<Clip> {
    Arc::new(Clip::new([key_frame(LARGE), key_frame(SMALL)].concat(), fps).expect("a clip"))
}

fn with(change: impl FnOnce(&mut Behaviour)) -> Behaviour {
    let mut behaviour = Behaviour::default();
    change(&mut behaviour);
    behaviour
}

fn memory(farm: &Farm) -> usize {
    farm.fleet.tallies()[0].memory_bytes
}

/// A camera that sends more than there is memory for: it is told, and the memory is never exceeded.
fn check_memory(situation: &str, behaviour: Behaviour, listed: usize) {
    assert_eq!(Settings::default().memory_bytes, MEMORY);
    let farm = Farm::started(behaviour);
    let mut most = std::cell::Cell::new(0);
    let within = |arrived: bool| {
        let now = memory(&farm);
        assert!(now <= MEMORY, "{situation}: {now} bytes");
        most.set(now.max(most.get()));
        arrived
    };
    farm.wait(situation, Duration::from_secs(60), || {
        let report = farm.report(1);
        within(
            report.step == "live" && report.sentence.contains("sends more than fits into 96 MiB; the stream is short"),
        )
    });
    let segments = || farm.fleet.tallies()[0].segments;
    let before = segments();
    farm.wait("it goes on", Duration::from_secs(30), || within(segments() > before + 3));
    let (snapshot, most) = (farm.snapshot(1).expect("a snapshot"), *most.get_mut());
    eprintln!("{situation}: {:.1} MiB at most", most as f64 / f64::from(1 << 20));
    let text =
        String::from_utf8(snapshot.playlist(Playlist::Standard).expect("a playlist").plain.to_vec()).expect("text");
    assert!(text.matches("#EXTINF").count() >= listed, "{situation}: {text}");
    assert!(most > MEMORY / 2, "{situation}: the memory there is is used, {most} bytes");
    farm.fleet.remove(platecast::printer::PrinterId(1)).expect("removed");
    assert_eq!(farm.fleet.tallies().len(), 1);
}

#[test]
fn key_frames_of_4_mb_stay_within_the_memory_limit() {
    check_memory("4 MB key frames", with(|behaviour| behaviour.video.clip = key_frames(4_000_000, 12.0)), 3);
}

#[test]
fn a_full_bit_rate_with_slow_timestamps_stays_within_the_memory_limit() {
    let slow = with(|behaviour| {
        behaviour.video.clip = key_frames(1_250_000, 10.0);
        behaviour.video.timestamps = Timestamps::Apart(800);
    });
    check_memory("slow time stamps", slow, 3);
}

#[test]
fn a_camera_that_always_changes_parameter_sets_is_never_live() {
    let farm = Farm::started(with(|behaviour| behaviour.video.clip = changing(30.0)));
    let was_live = std::cell::Cell::new(false);
    let told = || {
        let report = farm.report(1);
        was_live.set(was_live.get() || report.step == "live");
        report.last_error.clone().unwrap_or_default()
    };
    farm.wait("noticed", NOTICED_WITHIN, || told().contains("changes its picture format again and again"));
    farm.wait("tried again", NOTICED_WITHIN, || told().len() > 1 && farm.camera().seen().plays >= 3);
    assert!(!was_live.get(), "nothing could be shown");
    assert!(farm.snapshot(1).is_none(), "and nothing was");
}

#[test]
fn frequent_changes_of_parameter_sets_end_the_session_with_few_segments() {
    for fps in [30.0, 200.0] {
        let farm = Farm::live(Behaviour::default());
        let before = farm.fleet.tallies()[0].segments;
        farm.goes_through(
            |camera| camera.change(|behaviour| behaviour.video.clip = changing(fps)),
            "changes its picture format again and again",
        );
        let made = farm.fleet.tallies()[0].segments - before;
        assert!(made <= 16, "{made} segments at {fps} pictures a second");
    }
}

/// Something that is put into a stream that plays, again and again, ends the connection with these words.
fn check_flood(bytes: &[u8], words: &str) {
    let farm = Farm::live(Behaviour::default());
    farm.goes_through(|camera| (0..100).for_each(|_| camera.inject(Injection::Bytes(bytes.to_vec()))), words);
}

#[test]
fn unsolicited_refusals_end_the_connection_with_a_sentence() {
    let refusal = "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n\r\n";
    check_flood(refusal.as_bytes(), "requests and answers that nobody asked for");
}

#[test]
fn empty_packets_end_the_connection_with_a_sentence() {
    let empty = [&[b'$', 0, 0, 12, 0x80, 97][..], &[0; 10]].concat();
    check_flood(&empty.repeat(1_000), "packets with next to nothing in them");
}

#[test]
fn a_flood_of_frames_ends_the_connection_with_a_sentence() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| camera.change(|behaviour| behaviour.video.fps = Some(2_000.0)),
        "more than 250 pictures a second",
    );
}
