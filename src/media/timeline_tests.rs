use super::*;
use proptest::prelude::*;
use std::time::Duration;

/// A frame of a camera: its timestamp and its arrival, both relative to the first frame.
struct Picture {
    rtp: u32,
    arrival_ms: f64,
    depth: u8,
}

fn run(pictures: impl IntoIterator<Item = Picture>) -> Vec<Stamp> {
    let (start, mut timeline) = (crate::base::clock::now(), Timeline::default());
    pictures
        .into_iter()
        .map(|picture| {
            let at = start + Duration::from_secs_f64(picture.arrival_ms / 1000.0);
            timeline.stamp(picture.rtp, at, 1_700_000_000_000 + picture.arrival_ms as i64, picture.depth)
        })
        .collect()
}

/// Makes `count` frames at `fps`; `rtp` maps a frame's number and its true time to its timestamp.
fn camera(fps: f64, count: u32, rtp: impl Fn(u32, i64) -> u32) -> Vec<Picture> {
    let at = |n: u32| f64::from(n) * 1000.0 / fps;
    (0..count).map(|n| Picture { rtp: rtp(n, (at(n) * 90.0).round() as i64), arrival_ms: at(n), depth: 0 }).collect()
}

fn ticks(time: i64) -> u32 {
    time.rem_euclid(1 << 32) as u32
}

/// Checks what must hold for any camera: decoding times rise in steps that players tolerate, and the end matches the
/// wall clock.
fn check(what: &str, pictures: Vec<Picture>, fps: f64) -> Vec<Stamp> {
    let span_ms = pictures.last().expect("pictures").arrival_ms;
    let stamps = run(pictures);
    let period = 90_000.0 / fps;
    for (n, pair) in stamps.windows(2).enumerate() {
        let step = (pair[1].dts_90k - pair[0].dts_90k) as f64;
        assert!(step > 0.0, "{what}: picture {n}: the decoding time does not rise");
        if n > 20 && !pair[1].broken {
            assert!(step < 1.85 * period, "{what}: picture {n}: step {step} of period {period}");
            assert!(step > 0.25 * period, "{what}: picture {n}: step {step} of period {period}");
        }
        assert!(pair[1].pts_90k >= pair[1].dts_90k, "{what}: picture {n} is shown before it is decoded");
        assert!(
            pair[1].captured_unix_ms >= pair[0].captured_unix_ms,
            "{what}: picture {n}: the capture time runs back"
        );
    }
    let elapsed_ms = (stamps[stamps.len() - 1].dts_90k - stamps[0].dts_90k) as f64 / 90.0;
    assert!((elapsed_ms - span_ms).abs() < 250.0 + 4000.0 / fps, "{what}: {elapsed_ms} ms of video in {span_ms} ms");
    stamps
}

fn broken(stamps: &[Stamp]) -> usize {
    stamps.iter().filter(|stamp| stamp.broken).count()
}

#[test]
fn a_regular_clock_is_unchanged_across_the_wrap() {
    for start in [0, 0xFFFF_FFFF - 90_000, 0x7FFF_0000] {
        let stamps = check("regular", camera(30.0, 300, |_, time| ticks(start + time)), 30.0);
        assert!(stamps.windows(2).skip(10).all(|pair| (2999..=3001).contains(&(pair[1].dts_90k - pair[0].dts_90k))));
        assert_eq!(broken(&stamps), 0);
    }
}

#[test]
fn a_frozen_clock_is_replaced_by_the_arrivals() {
    let stamps = check("frozen", camera(15.0, 200, |_, _| 5400), 15.0);
    assert_eq!(broken(&stamps), 0);
}

#[test]
fn a_clock_that_freezes_later_is_replaced() {
    check("freezes", camera(25.0, 400, |n, time| if n < 150 { ticks(time) } else { ticks(540_000) }), 25.0);
}

#[test]
fn a_clock_jump_in_either_direction_has_no_effect() {
    for jump in [3600 * 90_000, -3600 * 90_000, 5 * 90_000, -5 * 90_000, 700, 1 << 31] {
        let stamps = check(
            &format!("jump by {jump}"),
            camera(30.0, 400, |n, time| ticks(time + if n < 200 { 0 } else { jump })),
            30.0,
        );
        assert_eq!(broken(&stamps), 0, "jump by {jump}");
    }
}

#[test]
fn frames_that_share_a_timestamp_are_spread() {
    check("pairs", camera(30.0, 400, |n, _| ticks(i64::from(n / 2) * 6000)), 30.0);
}

#[test]
fn a_permanently_slower_camera_is_followed_after_two_gaps() {
    for seconds in [2, 5] {
        for frozen in [false, true] {
            let fast = camera(30.0, 90, |_, time| ticks(if frozen { 5400 } else { time }));
            let begun_ms = fast[89].arrival_ms;
            let slow = (1..60).map(|n| {
                let ms = begun_ms + f64::from(n * seconds) * 1000.0;
                Picture { rtp: ticks(if frozen { 5400 } else { (ms * 90.0) as i64 }), arrival_ms: ms, depth: 0 }
            });
            let stamps = run(fast.into_iter().chain(slow));
            let what = format!("a picture each {seconds} s, frozen: {frozen}");
            assert!(broken(&stamps) <= 2, "{what}: {} holes", broken(&stamps));
            let steps = || stamps.windows(2).skip(120).map(|pair| (pair[1].dts_90k - pair[0].dts_90k) / 90);
            let expected = i64::from(seconds) * 1000;
            assert!(steps().all(|ms| (ms - expected).abs() < 20), "{what}: {:?}", steps().collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_skipped_frame_is_caught_up_in_small_steps() {
    let pictures = camera(25.0, 500, |_, time| ticks(time)).into_iter().enumerate().filter(|(n, _)| n % 17 != 5);
    let stamps = check("skips", pictures.map(|(_, picture)| picture).collect(), 25.0);
    assert_eq!(broken(&stamps), 0);
}

#[test]
fn a_burst_after_a_network_stall_is_no_gap() {
    let mut pictures = camera(30.0, 400, |_, time| ticks(time));
    for picture in &mut pictures[150..210] {
        picture.arrival_ms = f64::from(210) * 1000.0 / 30.0;
    }
    let stamps = check("burst", pictures, 30.0);
    assert_eq!(broken(&stamps), 0);
}

#[test]
fn bursts_after_stalls_of_a_frozen_clock_break_nothing() {
    let mut pictures = camera(30.0, 600, |_, _| ticks(5400));
    for from in [100, 200, 300, 400, 500] {
        // Nothing for a second, then all of it within 30 ms.
        for (late, picture) in pictures[from..from + 30].iter_mut().enumerate() {
            picture.arrival_ms = (from + 30) as f64 * 1000.0 / 30.0 - 30.0 + late as f64;
        }
    }
    let stamps = run(pictures);
    assert_eq!(broken(&stamps), 0);
    for pair in stamps.windows(2) {
        let step = pair[1].dts_90k - pair[0].dts_90k;
        assert!((800..=5000).contains(&step), "a step of {step}");
    }
}

#[test]
fn a_pause_of_the_camera_is_a_gap_of_the_same_duration() {
    let pictures =
        camera(30.0, 400, |_, time| ticks(time)).into_iter().enumerate().filter(|(n, _)| !(200..260).contains(n));
    let stamps = check("hole", pictures.map(|(_, picture)| picture).collect(), 30.0);
    assert_eq!(broken(&stamps), 1);
    assert!(stamps[200].broken);
}

#[test]
fn a_slower_frame_rate_is_learnt() {
    let mut pictures = camera(30.0, 100, |_, time| ticks(time));
    let last = 100.0 * 1000.0 / 30.0;
    pictures.extend(camera(9.0, 100, |_, time| ticks(time + (last * 90.0) as i64)).into_iter().map(|mut picture| {
        picture.arrival_ms += last;
        picture
    }));
    let stamps = run(pictures);
    let step = stamps[199].dts_90k - stamps[198].dts_90k;
    assert!((9_900..=10_100).contains(&step), "{step}");
}

#[test]
fn one_frame_a_second_causes_no_gaps() {
    let stamps = check("slow", camera(1.0, 60, |_, time| ticks(time)), 1.0);
    assert_eq!(broken(&stamps), 0);
}

#[test]
fn b_frames_get_decoding_times_in_order() {
    // I0 P3 B1 B2 P6 B4 B5 …
    let order = |n: u32| match n {
        0 => 0,
        n if n % 3 == 1 => n + 2,
        n => n - 1,
    };
    let pictures = camera(30.0, 301, |n, _| ticks(i64::from(order(n)) * 3000))
        .into_iter()
        .map(|picture| Picture { depth: 1, ..picture });
    let stamps = check("B pictures", pictures.collect(), 30.0);
    assert_eq!(broken(&stamps), 0);
    let first = stamps[0].pts_90k;
    for (n, stamp) in stamps.iter().enumerate().skip(1) {
        assert_eq!(stamp.pts_90k - first, i64::from(order(n as u32)) * 3000, "picture {n}");
    }
}

#[test]
fn a_new_connection_continues_later_with_a_discontinuity() {
    let (start, mut timeline) = (crate::base::clock::now(), Timeline::default());
    let before = (0..100)
        .map(|n| timeline.stamp(n * 3000, start + Duration::from_millis(u64::from(n) * 33), 1000, 0))
        .last()
        .expect("one");
    timeline.restart();
    let after = timeline.stamp(77, start + Duration::from_millis(13_300), 14_300, 0);
    assert!(after.broken);
    let gap = (after.dts_90k - before.dts_90k) / 90;
    assert!((9_900..=10_100).contains(&gap), "{gap} ms");
}

#[test]
fn the_capture_time_is_the_arrival_less_the_network_delay() {
    let mut pictures = camera(30.0, 300, |_, time| ticks(time));
    for (n, picture) in pictures.iter_mut().enumerate() {
        picture.arrival_ms += [0.0, 12.0, 3.0, 30.0, 0.0][n % 5];
    }
    let stamps = run(pictures);
    for (n, stamp) in stamps.iter().enumerate().skip(150) {
        let truth = 1_700_000_000_000 + (n as f64 * 1000.0 / 30.0) as i64;
        assert!((stamp.captured_unix_ms - truth).abs() <= 25, "picture {n}: {} ms off", stamp.captured_unix_ms - truth);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn jittered_cameras_of_any_rate_are_smoothed(fps in 8.0..60.0f64, start: u32, seed in prop::collection::vec(-0.27..0.27f64, 64), stamped_at_arrival: bool) {
        let period = 1000.0 / fps;
        let pictures: Vec<Picture> = (0..400u32).map(|n| {
            let jitter = seed[(n as usize * 7 + n as usize / 64) % 64] * period;
            let time = f64::from(n) * period;
            Picture { rtp: ticks(i64::from(start) + ((time + jitter) * 90.0) as i64), arrival_ms: (time + if stamped_at_arrival { jitter } else { 0.0 }).max(0.0), depth: 0 }
        }).collect();
        let mut sorted = pictures;
        sorted.sort_by(|a, b| a.arrival_ms.total_cmp(&b.arrival_ms));
        let stamps = check("jitter", sorted, fps);
        prop_assert_eq!(broken(&stamps), 0);
    }

    #[test]
    fn no_timestamps_stop_the_timeline(rtp in prop::collection::vec(any::<u32>(), 1..200), gaps in prop::collection::vec(0u64..3000, 200), depth in 0u8..5) {
        let (start, mut timeline) = (crate::base::clock::now(), Timeline::default());
        let (mut at, mut last) = (start, i64::MIN);
        for (rtp, gap) in rtp.iter().zip(gaps) {
            at += Duration::from_millis(gap);
            let stamp = timeline.stamp(*rtp, at, 0, depth);
            prop_assert!(stamp.dts_90k > last && stamp.pts_90k >= stamp.dts_90k);
            last = stamp.dts_90k;
        }
    }
}
