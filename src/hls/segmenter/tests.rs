use super::*;

const FPS_30: i64 = 3_000;

/// A camera in front of a segmenter; the segmenter's actions are recorded in words.
struct Bench {
    segmenter: Segmenter,
    at_90k: i64,
    period_90k: i64,
    story: Vec<String>,
}

impl Bench {
    fn new(target_duration_s: u32, part_target_ms: u32, period_90k: i64) -> Self {
        let geometry = Geometry { target_duration_s, part_target_ms };
        Self { segmenter: Segmenter::new(Settings::default(), geometry), at_90k: 0, period_90k, story: Vec::new() }
    }

    fn picture(&mut self, idr: bool, discontinuity: bool, room: bool) {
        let unit = AccessUnit {
            bytes: Vec::new(),
            nal_units: Vec::new(),
            pts_90k: self.at_90k,
            dts_90k: self.at_90k,
            duration_90k: self.period_90k,
            idr,
            discontinuity,
            captured_unix_ms: self.at_90k / 90,
        };
        let placement = self.segmenter.place(&unit, if room { Room::Group } else { Room::None });
        match placement.ends {
            Some(Ends::Part { part_90k }) => self.story.push(format!("part {part_90k}")),
            Some(Ends::Segment(End { part_90k, segment_90k })) => {
                self.story.extend(part_90k.map(|part_90k| format!("part {part_90k}")));
                self.story.push(format!("segment {segment_90k}"));
            }
            None => {}
        }
        match placement.goes {
            None => self.story.push("out".to_owned()),
            Some(Goes::NewSegment { discontinuity: true }) => self.story.push("break".to_owned()),
            Some(_) => {}
        }
        self.story.extend(placement.fills_part_90k.map(|part_90k| format!("part {part_90k}")));
        self.at_90k += self.period_90k;
    }

    /// Sends `groups` groups of `pictures` frames, each begun by a key frame.
    fn groups(&mut self, groups: i64, pictures: i64) -> &mut Self {
        for picture in 0..groups * pictures {
            self.picture(picture % pictures == 0, false, true);
        }
        self
    }

    fn segments(&self) -> Vec<&str> {
        self.story.iter().map(String::as_str).filter(|word| word.starts_with("segment")).collect()
    }

    /// Returns what happened, with repetitions counted.
    fn told(&self) -> String {
        let rows = self.story.chunk_by(|one, next| one == next);
        let words = rows.map(|row| match row.len() {
            1 => row[0].clone(),
            times => format!("{times}× {}", row[0]),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn two_groups_of_1_s_make_a_segment_of_six_equal_parts() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(4, 30);
    assert_eq!(bench.told(), "break, 6× part 30000, segment 180000, 6× part 30000");
}

#[test]
fn the_last_part_of_a_segment_may_be_short() {
    let mut bench = Bench::new(2, 321, 3_600);
    bench.groups(2, 50);
    assert_eq!(bench.told(), "break, 6× part 28800, part 7200, segment 180000, 6× part 28800");
}

#[test]
fn a_key_frame_begins_a_part_unless_the_last_is_short() {
    // 25 frames a second, one group a second: the second key frame comes one frame after three full parts.
    let mut bench = Bench::new(2, 321, 3_600);
    bench.groups(2, 25);
    assert_eq!(bench.told(), "break, 6× part 28800");
    // 15 of 16 frames are enough.
    let mut bench = Bench::new(2, 641, 3_600);
    bench.groups(2, 15);
    assert_eq!(bench.told(), "break, part 54000");
}

#[test]
fn a_part_is_finished_with_its_last_frame() {
    let mut bench = Bench::new(2, 334, FPS_30);
    for picture in 0..10 {
        assert_eq!(bench.told(), "break".repeat(usize::from(picture > 0)));
        bench.picture(picture == 0, false, true);
    }
    assert_eq!(bench.told(), "break, part 30000");
}

#[test]
fn late_key_frames_cost_one_gap_and_then_raise_the_target() {
    let mut bench = Bench::new(2, 367, 10_000);
    bench.groups(2, 33);
    assert_eq!(bench.segmenter.geometry().target_duration_s, 2);
    assert_eq!(bench.segments(), ["segment 220000", "segment 220000"]);
    bench.groups(3, 33);
    assert_eq!(bench.segmenter.geometry().target_duration_s, 4, "3.67 s from key picture to key picture");
    assert_eq!(bench.segments()[2..], ["segment 330000", "segment 330000"]);
    let breaks = bench.story.iter().filter(|word| *word == "break").count();
    assert_eq!(breaks, 3, "at the start and after each gap");
}

#[test]
fn one_late_key_frame_changes_nothing() {
    let mut bench = Bench::new(2, 334, FPS_30);
    for _ in 0..5 {
        bench.groups(24, 30).groups(1, 900);
    }
    assert_eq!(bench.segmenter.geometry().target_duration_s, 2);
}

#[test]
fn a_key_frame_after_a_discontinuity_is_not_late() {
    let mut bench = Bench::new(2, 334, FPS_30);
    for _ in 0..4 {
        bench.groups(1, 90);
        bench.at_90k += 90_000_000;
        bench.picture(true, true, true);
    }
    assert_eq!(bench.segmenter.geometry().target_duration_s, 2);
}

#[test]
fn groups_that_do_not_fit_in_pairs_get_a_segment_each() {
    // Groups of 1.6 s: two of them would be longer than TARGETDURATION 2 allows.
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(3, 48);
    assert_eq!(bench.segments(), ["segment 144000", "segment 144000"]);
    assert!(!bench.story.contains(&"out".to_owned()));
}

#[test]
fn a_discontinuity_ends_a_segment_at_its_last_frames_expected_end() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 15);
    bench.at_90k = -5_000_000;
    bench.picture(true, true, true);
    assert_eq!(bench.told(), "break, part 30000, part 15000, segment 45000, break");
}

#[test]
fn a_timestamp_that_does_not_rise_is_a_discontinuity() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 10);
    bench.at_90k -= FPS_30;
    bench.picture(false, false, true);
    bench.picture(true, false, true);
    assert_eq!(bench.told(), "break, part 30000, segment 30000, out, break");
}

#[test]
fn a_full_segment_ends_and_the_rest_of_its_group_is_dropped() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 12);
    bench.picture(false, false, false);
    bench.picture(false, false, true);
    bench.picture(true, false, true);
    assert_eq!(bench.told(), "break, part 30000, part 6000, segment 36000, 2× out, break");
}

#[test]
fn an_interruption_ends_the_segment_and_a_key_frame_begins_the_next() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 5);
    assert_eq!(bench.segmenter.interrupt(), Some(End { part_90k: Some(15_000), segment_90k: 15_000 }));
    assert_eq!(bench.segmenter.interrupt(), None);
    bench.picture(false, false, true);
    assert_eq!(bench.told(), "break, out");
}

#[test]
fn a_frame_longer_than_a_part_is_a_part_within_the_target() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 1);
    bench.period_90k = 45_000;
    bench.picture(false, false, true);
    bench.picture(false, false, true);
    assert_eq!(bench.told(), "break, part 3000, 2× part 30060");
}

#[test]
fn a_slower_camera_gets_longer_parts_at_the_next_segment() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(2, 30);
    bench.period_90k = 180_000;
    bench.groups(4, 1);
    let geometry = Geometry { target_duration_s: 5, part_target_ms: 4_401 };
    assert_eq!(bench.segmenter.geometry(), geometry);
    bench.groups(4, 1);
    assert_eq!(bench.segmenter.geometry(), geometry, "once");
    assert_eq!(bench.segments().last(), Some(&"segment 360000"), "{}", bench.told());
    assert!(bench.told().ends_with("part 360000, segment 360000, part 360000"), "{}", bench.told());
}

#[test]
fn one_frame_every_two_seconds_makes_segments_and_parts_of_two() {
    let mut bench = Bench::new(5, 4_401, 180_000);
    bench.groups(6, 1);
    assert_eq!(bench.told(), "break, part 360000, segment 360000, part 360000, segment 360000, part 360000");
    // One frame in three is a key frame.
    let mut bench = Bench::new(7, 4_401, 180_000);
    bench.groups(3, 3);
    assert_eq!(bench.segments(), ["segment 540000", "segment 540000"]);
    // One frame a second makes a part, and two make a segment.
    let mut bench = Bench::new(2, 1_101, 90_000);
    bench.groups(4, 1);
    assert_eq!(bench.told(), "break, 2× part 90000, segment 180000, 2× part 90000");
}

#[test]
fn the_start_of_the_next_segment_is_predicted() {
    let mut bench = Bench::new(2, 334, FPS_30);
    bench.groups(1, 30);
    assert!(!bench.segmenter.expects_cut(), "no interval is known yet");
    bench.picture(true, false, true);
    for _ in 1..30 {
        assert!(!bench.segmenter.expects_cut());
        bench.picture(false, false, true);
    }
    assert!(bench.segmenter.expects_cut(), "the key picture after the second group");
}

#[test]
fn extreme_timestamps_do_no_harm() {
    let mut bench = Bench::new(2, 334, FPS_30);
    for at_90k in [i64::MIN, 0, i64::MAX - 1, i64::MAX] {
        bench.at_90k = at_90k;
        bench.period_90k = 0;
        bench.picture(true, false, true);
        let _ = bench.segmenter.expects_cut();
    }
    // The last two frames have no length between them, so they belong to one segment.
    assert_eq!(bench.told(), "break, part 1, segment 1, break, part 1, segment 1, break");
}

mod quiet {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Keeping back what [`Quiet`] covers must never keep back a frame that ends something. This holds for any
        /// camera's jitter, holes, changes of rhythm and key frames.
        #[test]
        fn a_frame_within_the_quiet_span_completes_nothing(
            low_latency: bool,
            pictures in prop::collection::vec((1_i64..20_000, 1_i64..20_000, prop::bool::weighted(0.1), prop::bool::weighted(0.02)), 1..200),
        ) {
            let geometry = Geometry { target_duration_s: 2, part_target_ms: 334 };
            let mut segmenter = Segmenter::new(Settings { low_latency, ..Settings::default() }, geometry);
            let (mut at_90k, mut quiet, mut waiting) = (0, Quiet::NEVER, 0);
            for (step_90k, duration_90k, idr, discontinuity) in pictures {
                at_90k += step_90k;
                let captured_unix_ms = at_90k / 90;
                let unit = AccessUnit {
                    dts_90k: at_90k,
                    duration_90k,
                    idr,
                    discontinuity,
                    captured_unix_ms,
                    ..AccessUnit::default()
                };
                let covered = quiet.covers(&unit);
                let Placement { ends, fills_part_90k, .. } = segmenter.place(&unit, Room::Group);
                prop_assert!(!covered || (ends.is_none() && fills_part_90k.is_none()), "{ends:?} {fills_part_90k:?}");
                waiting += 1;
                // As the packager reports it: after each batch, not after each frame.
                if !covered || waiting == 16 {
                    (quiet, waiting) = (segmenter.quiet(), 0);
                }
            }
        }
    }
}
