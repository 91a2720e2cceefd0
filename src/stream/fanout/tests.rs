use super::*;
use crate::hls::{Packager, Settings};
use crate::printer::PrinterId;
use crossbeam_channel::bounded;

const TERMS: Terms = Terms {
    name: "follower",
    units_max: 64,
    bytes_max: 64 << 20,
    when_full: WhenFull::DropNew,
    complains: Level::Warn,
};

fn fanout(group_bytes_max: usize) -> Fanout {
    Fanout::new(Label::Printer(PrinterId(3)), group_bytes_max)
}

/// One of 30 frames a second, of which every 30th is a key frame.
fn frame(number: i64, bytes: usize) -> Arc<AccessUnit> {
    Arc::new(AccessUnit {
        bytes: vec![0; bytes],
        dts_90k: number * 3_000,
        duration_90k: 3_000,
        idr: number % 30 == 0,
        ..AccessUnit::default()
    })
}

fn nothing(_: &AccessUnit) -> bool {
    false
}

/// The numbers of what a follower is given now, each with what it missed before.
fn taken(follower: &mut Follower) -> Vec<(u64, u64)> {
    let given = follower.take(nothing).unwrap_or_default();
    let number = |given: &Given| match given {
        Given::Frame(frame) => (frame.number, frame.missed),
        Given::Away => (0, 0),
    };
    given.iter().map(number).collect()
}

#[test]
fn a_follower_that_never_reads_holds_up_nobody_and_is_told_what_it_missed() {
    let fanout = fanout(0);
    let mut stuck = fanout.follow(Terms { units_max: 10, ..TERMS });
    let mut skipping = fanout.follow(Terms { units_max: 10, when_full: WhenFull::SkipOld, ..TERMS });
    let mut reading = fanout.follow(TERMS);
    let mut read = 0;
    for number in 0..95 {
        fanout.push(&frame(number, 1_000));
        read += taken(&mut reading).iter().filter(|(_, missed)| *missed == 0).count();
    }
    assert_eq!(read, 95, "the others do not matter to it");
    assert_eq!((reading.losses().dropped(), reading.losses().overruns()), (0, 0));

    // It keeps what it had, and goes on with a key frame.
    assert_eq!((stuck.losses().dropped(), stuck.losses().overruns()), (85, 1));
    assert_eq!(taken(&mut stuck), (1..=10).map(|number| (number, 0)).collect::<Vec<_>>());
    (95..122).for_each(|number| fanout.push(&frame(number, 1_000)));
    assert_eq!(taken(&mut stuck), [(121, 110), (122, 0)], "the key frame of number 121");

    // It has lost what it had, and went on with the newest key frame that came when it was full.
    let first = taken(&mut skipping)[0];
    assert_eq!((first.0 - 1) % 30, 0, "{first:?}");
    assert!(first.1 > 0 && skipping.losses().overruns() > 1, "{first:?}");
}

#[test]
fn one_that_joins_later_is_given_everything_since_the_newest_key_frame() {
    let fanout = fanout(1 << 20);
    (0..40).for_each(|number| fanout.push(&frame(number, 1_000)));
    let mut late = fanout.follow(TERMS);
    assert_eq!(taken(&mut late), (31..=40).map(|number| (number, 0)).collect::<Vec<_>>());
    fanout.push(&frame(40, 1_000));
    assert_eq!(taken(&mut late), [(41, 0)]);
    assert!(fanout.held_bytes() < 14_000, "only one group is kept: {}", fanout.held_bytes());

    // A group larger than the bound is not kept, nor one larger than the follower's bound given.
    (60..63).for_each(|number| fanout.push(&frame(number, 400_000)));
    let mut later = fanout.follow(TERMS);
    assert_eq!(fanout.held_bytes() - later.queue.lock().held_bytes(), late.queue.lock().held_bytes());
    assert_eq!(taken(&mut later), []);
    fanout.push(&frame(90, 1_000));
    let mut small = fanout.follow(Terms { bytes_max: 100, ..TERMS });
    assert_eq!((taken(&mut later), taken(&mut small)), (vec![(45, 0)], vec![]));
    assert_eq!((later.losses().dropped(), small.losses().dropped()), (0, 0), "that is no loss");
}

#[test]
fn where_nobody_follows_nothing_is_kept() {
    let fanout = fanout(0);
    let unit = frame(0, 1_000);
    fanout.push(&unit);
    assert_eq!((Arc::strong_count(&unit), fanout.held_bytes()), (1, 0));
    let gone = fanout.follow(TERMS);
    fanout.push(&unit);
    assert_eq!(Arc::strong_count(&unit), 2);
    drop(gone);
    fanout.push(&unit);
    assert_eq!((Arc::strong_count(&unit), fanout.held_bytes()), (1, 0));
    let mut next = fanout.follow(TERMS);
    fanout.push(&frame(1, 1_000));
    assert_eq!(taken(&mut next), [], "it begins with a key frame");
}

#[test]
fn what_waits_is_bounded_in_bytes_until_the_follower_has_worked_on_it() {
    const BOUND: usize = 12 << 20;
    let fanout = fanout(0);
    let mut follower = fanout.follow(Terms { bytes_max: BOUND, ..TERMS });
    for _ in 0..10 {
        fanout.push(&frame(0, 4_000_000));
        assert!(fanout.held_bytes() <= BOUND, "{} bytes wait", fanout.held_bytes());
    }
    assert_eq!(taken(&mut follower), [(1, 0), (2, 0), (3, 0)]);
    fanout.push(&frame(0, 4_000_000));
    assert_eq!(follower.losses().dropped(), 8, "it still works on those");
    assert_eq!(taken(&mut follower), []);
    fanout.push(&frame(0, 4_000_000));
    assert_eq!(taken(&mut follower), [(12, 8)]);
    // Many tiny frames count as well.
    (0..60).for_each(|_| fanout.push(&frame(0, 0)));
    assert!(fanout.held_bytes() >= 60 * size_of::<AccessUnit>());
}

#[test]
fn the_end_of_a_connection_is_told_in_its_place_and_the_end_of_the_camera_after_all() {
    let fanout = fanout(0);
    let mut follower = fanout.follow(TERMS);
    fanout.push(&frame(0, 10));
    fanout.away();
    fanout.away();
    fanout.push(&frame(30, 10));
    drop(fanout);
    let given = follower.next(|_| true).unwrap();
    assert!(matches!(&given[..], [Given::Frame(_), Given::Away, Given::Frame(_)]), "{given:?}");
    assert!(follower.next(|_| true).is_none());
    assert!(follower.take(|_| true).is_none());
}

#[test]
fn a_follower_that_skips_is_still_told_of_another_connection() {
    let fanout = fanout(0);
    let mut skipping = fanout.follow(Terms { units_max: 10, when_full: WhenFull::SkipOld, ..TERMS });
    for connection in 0..3 {
        (connection * 30..connection * 30 + 5).for_each(|number| fanout.push(&frame(number, 1_000)));
        fanout.away();
    }
    (90..93).for_each(|number| fanout.push(&frame(number, 1_000)));
    let given = taken(&mut skipping);
    assert_eq!(given.first(), Some(&(0, 0)), "{given:?}");
    assert!(given.iter().any(|(_, missed)| *missed > 0), "{given:?}");
}

#[test]
fn one_that_joins_while_the_camera_is_away_begins_with_the_next_connection() {
    let fanout = fanout(1 << 20);
    (0..5).for_each(|number| fanout.push(&frame(number, 1_000)));
    fanout.away();
    let mut late = fanout.follow(TERMS);
    fanout.push(&frame(30, 1_000));
    assert_eq!(taken(&mut late), [(6, 0)]);
}

#[test]
fn a_sleeping_follower_is_woken_by_what_it_waits_for() {
    let fanout = fanout(0);
    let mut follower = fanout.follow(TERMS);
    std::thread::scope(|scope| {
        let woken = scope.spawn(move || follower.next(|unit| unit.dts_90k < 5 * 3_000).map(|given| given.len()));
        while fanout.lock().queues[0].lock().sleeps_through.is_none() {
            std::thread::yield_now();
        }
        (0..5).for_each(|number| fanout.push(&frame(number, 10)));
        assert!(fanout.lock().queues[0].lock().sleeps_through.is_some(), "it is still asleep");
        fanout.push(&frame(5, 10));
        assert_eq!(woken.join().unwrap(), Some(6));
    });
}

#[test]
fn one_bell_rings_for_several_cameras() {
    let (bell, rung) = bounded(1);
    let cameras = [fanout(0), fanout(0)];
    let mut followers = cameras.each_ref().map(|camera| camera.follow_with_bell(TERMS, bell.clone()));
    assert!(followers.iter_mut().all(|follower| taken(follower).is_empty()));
    cameras[1].push(&frame(0, 10));
    assert_eq!(rung.try_iter().count(), 1);
    assert_eq!(followers.each_mut().map(|follower| taken(follower).len()), [0, 1]);
    drop(cameras);
    assert_eq!(rung.try_iter().count(), 1);
}

/// Returns how many frames a packager is given at a time, by a camera with 30 frames a second.
fn batches(settings: Settings, bytes: usize) -> Vec<usize> {
    let fanout = fanout(0);
    let mut follower = fanout.follow(TERMS);
    let mut packager = Packager::new(settings, None, Vec::new());
    let mut batches = Vec::new();
    for number in 0..240 {
        fanout.push(&frame(number, bytes));
        let quiet = packager.quiet();
        let given = follower.take(move |unit| quiet.covers(unit)).unwrap();
        for given in &given {
            if let Given::Frame(frame) = given {
                packager.push(&frame.unit, 0);
            }
        }
        batches.extend(Some(given.len()).filter(|count| *count > 0));
    }
    batches
}

#[test]
fn the_packager_is_woken_by_frames_that_end_something() {
    let given = batches(Settings::default(), 1_000);
    // Frames come one at a time until the camera's rhythm is known; then in batches up to each part's end and each key
    // frame.
    assert!(given.starts_with(&[1; 30]), "{given:?}");
    assert!(given.ends_with(&[1, 9, 10, 10, 1, 9, 10, 10]), "{given:?}");
}

#[test]
fn where_nothing_ends_no_more_than_a_few_frames_wait() {
    let settings = Settings { low_latency: false, ..Settings::default() };
    let few = batches(settings, 1_000);
    assert!(few.ends_with(&[WAKES_AT, 14, WAKES_AT]), "{few:?}");
    let large = batches(settings, WAKES_AT_BYTES / 4);
    assert!(large.ends_with(&[4, 4, 4]), "{large:?}");
}
