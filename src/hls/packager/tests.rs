use super::*;
use crate::hls::{Listed, Playlist};
use crate::media::ts::PACKET_LEN;

/// A camera of 30 frames a second.
struct Camera {
    packager: Packager,
    pictures: i64,
    at_90k: i64,
    captured_ms: f64,
    picture_bytes: usize,
    /// The time from one frame to the next, by the camera's clock and, if it differs, by ours.
    step_90k: i64,
    step_ms: Option<f64>,
    discontinuities: bool,
    published: u64,
}

impl Camera {
    fn new(settings: Settings, memory: Option<StreamMemory>, restored: Vec<RestoredSegment>) -> Self {
        let packager = Packager::new(settings, memory, restored);
        Self {
            packager,
            pictures: 0,
            at_90k: 0,
            captured_ms: 0.0,
            picture_bytes: 100,
            step_90k: 3_000,
            step_ms: None,
            discontinuities: false,
            published: 0,
        }
    }

    /// Sends this many frames, with a key frame every `gop`.
    fn send(&mut self, pictures: i64, gop: i64) -> &mut Self {
        for _ in 0..pictures {
            let idr = self.pictures % gop == 0;
            let unit = AccessUnit {
                bytes: vec![if idr { 0x65 } else { 0x41 }; self.picture_bytes],
                nal_units: std::iter::once(0..u32::try_from(self.picture_bytes).unwrap()).collect(),
                pts_90k: self.at_90k,
                dts_90k: self.at_90k,
                duration_90k: self.step_90k,
                idr,
                discontinuity: idr && self.discontinuities,
                captured_unix_ms: 1_768_767_300_000 + self.captured_ms as i64,
            };
            self.published += u64::from(self.packager.push(&unit, 42).is_some());
            self.pictures += 1;
            self.at_90k += self.step_90k;
            self.captured_ms += self.step_ms.unwrap_or(self.step_90k as f64 / 90.0);
        }
        self
    }

    fn text(&self, playlist: Playlist) -> String {
        let snapshot = self.packager.snapshot().unwrap();
        String::from_utf8(snapshot.playlist(playlist).unwrap().plain.to_vec()).unwrap()
    }
}

fn remembered(next_media_sequence: u64, discontinuity_sequence: u64) -> StreamMemory {
    StreamMemory { next_media_sequence, discontinuity_sequence, target_duration_s: 2, part_target_ms: 334 }
}

#[test]
fn a_known_camera_is_published_sooner_than_an_unknown_one() {
    let mut known = Camera::new(Settings::default(), Some(remembered(7, 0)), Vec::new());
    assert_eq!(known.send(9, 30).published, 0);
    assert_eq!(known.send(1, 30).published, 1);
    let mut unknown = Camera::new(Settings::default(), None, Vec::new());
    assert_eq!(unknown.send(30, 30).published, 0);
    assert_eq!(unknown.send(1, 30).published, 1);
    assert_eq!(unknown.packager.memory(), remembered(1, 0), "nobody has seen number 1 yet");
}

#[test]
fn without_low_latency_a_segment_is_published_when_complete() {
    let settings = Settings { low_latency: false, ..Settings::default() };
    let mut camera = Camera::new(settings, Some(remembered(7, 0)), Vec::new());
    assert_eq!(camera.send(60, 30).published, 0);
    assert_eq!(camera.packager.memory(), remembered(7, 0), "nobody has seen number 7 yet");
    assert_eq!(camera.send(60, 30).published, 1);
    assert_eq!(camera.packager.memory(), remembered(8, 1));
    let snapshot = camera.packager.snapshot().unwrap();
    assert!(snapshot.playlist(Playlist::LowLatency).is_none());
    assert_eq!(snapshot.published_unix_ms(), 42);
}

#[test]
fn numbers_go_on_after_a_restart() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(100, 4)), Vec::new());
    camera.send(61, 30);
    let text = camera.text(Playlist::Standard);
    assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:100\n#EXT-X-DISCONTINUITY-SEQUENCE:4\n"), "{text}");
    assert!(text.contains("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME"), "{text}");
    assert_eq!(camera.packager.memory(), remembered(101, 5));
}

#[test]
fn after_a_restart_nothing_is_published_before_a_complete_segment() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(100, 4)), Vec::new());
    camera.send(60, 30);
    let snapshot = camera.packager.snapshot().unwrap();
    assert_eq!(snapshot.edge().open_parts, 6);
    assert!(snapshot.playlist(Playlist::LowLatency).is_none(), "parts alone are an empty list to hls.js");
    assert_eq!(camera.packager.memory(), remembered(100, 4), "nobody has seen number 100 yet");
    camera.send(1, 30);
    assert!(camera.text(Playlist::LowLatency).contains("\nseg000100.ts\n"));
    assert_eq!(camera.packager.memory(), remembered(101, 5));
}

#[test]
fn restored_segments_are_published_before_the_camera_connects() {
    let mut first = Camera::new(Settings::default(), None, Vec::new());
    first.send(250, 30);
    let before = first.text(Playlist::Standard);
    let shown = first.packager.snapshot().unwrap();
    let finished: Vec<_> = shown.listed().filter(|segment| !segment.gap).collect();
    let restored = Listed::read(&before).unwrap().into_iter().zip(&finished);
    let bytes = |segment: &Segment| {
        segment.slice(0..segment.len()).iter().map(super::super::Slice::as_bytes).collect::<Vec<_>>().concat()
    };
    let restored = restored.map(|(listed, segment)| RestoredSegment::whole(listed, bytes(segment).into())).collect();

    // The process was killed while segment 5 grew.
    let mut second = Camera::new(Settings::default(), Some(first.packager.memory()), restored);
    let shown = second.text(Playlist::Standard);
    assert!(shown.starts_with(&before), "{shown}");
    assert!(shown.ends_with("#EXT-X-GAP\n#EXTINF:2.00000,\nseg000005.ts\n"), "{shown}");
    let low_latency = second.text(Playlist::LowLatency);
    assert!(!low_latency.contains("EXT-X-PART:") && low_latency.ends_with("URI=\"seg000006.ts\",BYTERANGE-START=0\n"));
    let snapshot = second.packager.snapshot().unwrap();
    assert!(snapshot.segment(5).is_none(), "a gap has no bytes");
    assert_eq!(snapshot.segment(4).unwrap().crc, finished[3].crc, "the same entity tag as before");

    second.send(10, 30);
    assert!(second.text(Playlist::LowLatency).contains("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME"));
}

#[test]
fn a_segment_of_too_many_bytes_ends_and_memory_stays_bounded() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.picture_bytes = 1 << 20;
    camera.send(400, 40);
    let snapshot = camera.packager.snapshot().unwrap();
    let lens: Vec<usize> = snapshot.segments.iter().map(|segment| segment.len()).collect();
    assert!(
        lens.iter().all(|len| *len <= Settings::default().segment_bytes() + Settings::default().segment_bytes() / 20),
        "{lens:?}"
    );
    assert!(lens.len() <= 20 && lens.iter().sum::<usize>() < 20 * Settings::default().segment_bytes(), "{lens:?}");
    assert!(camera.text(Playlist::Standard).contains("#EXT-X-DISCONTINUITY\n"), "the rest of each group is missing");
}

#[test]
fn a_segment_can_be_fetched_for_its_time_after_leaving_the_playlist() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.send(60 * 30 + 1, 60);
    let snapshot = camera.packager.snapshot().unwrap();
    let listed = camera.text(Playlist::Standard).matches("#EXTINF").count();
    assert_eq!((listed, snapshot.edge().first_msn), (6, 25));
    // Each left from a list of 6 or 7 segments: it stays for its own length and that of the list.
    assert!((18..25).all(|msn| snapshot.segment(msn).is_some()));
    assert!((1..17).all(|msn| snapshot.segment(msn).is_none()), "and not for ever");
    assert!(snapshot.segments.iter().all(|segment| segment.len() % PACKET_LEN == 0));
}

#[test]
fn a_camera_that_returns_continues_its_playlist_with_a_discontinuity() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.send(75, 30);
    let away = camera.packager.interrupt().unwrap();
    assert_eq!(away.edge().complete_parts, [6, 2]);
    assert!(camera.packager.interrupt().is_none(), "nothing new");
    assert!(camera.text(Playlist::LowLatency).contains("#EXTINF:0.50000,\nseg000002.ts\n#EXT-X-PRELOAD-HINT"));
    let published = camera.published;
    assert_eq!(camera.send(14, 30).published, published, "pictures before the next key picture are left out");
    camera.send(20, 30);
    assert!(camera.text(Playlist::LowLatency).contains("seg000002.ts\n#EXT-X-DISCONTINUITY\n"));
}

#[test]
fn decisions_and_left_out_frames_are_reported_once() {
    let mut camera = Camera::new(Settings::default(), None, Vec::new());
    let decided = |camera: &mut Camera| camera.packager.decision().map(|decision| decision.to_string());
    camera.send(30, 30);
    assert_eq!(decided(&mut camera), None, "the first group is not over");
    camera.send(31, 30);
    assert_eq!(
        decided(&mut camera).unwrap(),
        "TARGETDURATION 2 s, PART-TARGET 334 ms: measured, a key frame every 1.00 s, a frame every 0.033 s"
    );
    assert_eq!(decided(&mut camera), None);
    let left_out = |camera: &mut Camera| camera.packager.left_out().map(|left_out| left_out.to_string());
    camera.send(240, i64::MAX);
    assert_eq!(
        left_out(&mut camera).unwrap(),
        "no key frame came within TARGETDURATION; frames are left out up to the next key frame"
    );
    camera.send(30, i64::MAX);
    assert_eq!(left_out(&mut camera), None, "this is told once");
    let begins = camera.pictures;
    camera.send(1, begins);
    let over = left_out(&mut camera).unwrap();
    assert!(over.starts_with("a segment begins again; ") && over.contains(" frames were left out"), "{over}");
}

/// Sends frames and checks the memory: the count equals what is held and is within its bound. The numbers must
/// continue.
fn send_within_bounds(camera: &mut Camera, pictures: i64, gop: i64) {
    let bound = Settings::default().stream_bytes();
    for _ in 0..pictures {
        let before = camera.packager.snapshot();
        camera.send(1, gop);
        let held = camera.packager.held_bytes() + camera.packager.still;
        assert!(held <= bound, "{held} bytes");
        let Some(now) = camera.packager.snapshot() else { continue };
        let bytes: usize = now.segments.iter().map(|segment| segment.len()).sum();
        assert!(bytes <= held, "{bytes} bytes in segments, {held} counted");
        let Some(before) = before.filter(|before| !Arc::ptr_eq(before, &now)) else { continue };
        assert!(now.edge().first_msn >= before.edge().first_msn, "the list goes back");
        // Every listed segment exists, and the discontinuities before it are counted.
        let listed: Vec<_> = now.segments.iter().filter(|segment| segment.msn >= now.edge().first_msn).collect();
        assert!(listed.windows(2).all(|pair| {
            pair[0].msn + 1 == pair[1].msn
                && pair[0].discontinuity_sequence + u64::from(pair[1].discontinuity) == pair[1].discontinuity_sequence
        }));
        if let Some(standard) = now.playlist(Playlist::Standard) {
            let text = String::from_utf8(standard.plain.to_vec()).unwrap();
            let listed = Listed::read(&text).unwrap();
            assert!(listed.iter().all(|listed| now.segment(listed.msn).is_some()), "{text}");
        }
    }
}

#[test]
fn key_frames_of_4_mb_stay_within_the_memory_limit() {
    for step_ms in [33.3, 4.0] {
        let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
        (camera.picture_bytes, camera.step_ms) = (4_000_000, Some(step_ms));
        send_within_bounds(&mut camera, 100, 1);
        assert!(camera.packager.shortages() > 0);
        assert!(camera.packager.snapshot().unwrap().edge().complete_parts.len() >= 3, "something is left to play");
    }
}

#[test]
fn timestamps_that_hardly_move_stay_within_the_memory_limit() {
    for known in [None, Some(remembered(1, 0))] {
        let mut camera = Camera::new(Settings::default(), known, Vec::new());
        (camera.picture_bytes, camera.step_90k, camera.step_ms) = (1_250_000, 800, Some(100.0));
        send_within_bounds(&mut camera, 300, 1);
        assert!(camera.packager.shortages() > 0);
    }
}

#[test]
fn empty_frames_count_towards_memory_while_a_camera_is_measured() {
    let mut camera = Camera::new(Settings::default(), None, Vec::new());
    (camera.picture_bytes, camera.step_90k, camera.step_ms) = (1, 1, Some(100.0 / 3.0));
    camera.send(10, 1_000_000);
    let each = camera.packager.held_bytes() / 10;
    assert!(each >= size_of::<AccessUnit>(), "{each} bytes each");
}

#[test]
fn at_a_full_bit_rate_the_playlist_shortens_and_recovers_without_discontinuity() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.picture_bytes = 100_000_000 / 8 / 30;
    send_within_bounds(&mut camera, 30 * 60, 30);
    let text = camera.text(Playlist::Standard);
    let breaks = text.matches("#EXT-X-DISCONTINUITY\n").count();
    assert!(text.matches("#EXTINF").count() >= 4 && breaks == 0, "{text}");
    assert!(camera.packager.shortages() > 0);

    camera.picture_bytes = 1_000_000 / 8 / 30;
    send_within_bounds(&mut camera, 30 * 40, 30);
    let (held, shortages) = (camera.packager.held_bytes(), camera.packager.shortages());
    assert!(held < 8 << 20, "{held} bytes are not given back");
    assert_eq!(camera.text(Playlist::Standard).matches("#EXTINF").count(), 6);
    camera.send(30 * 10, 30);
    assert_eq!(camera.packager.shortages(), shortages);
}

#[test]
fn a_camera_of_30_mbit_s_keeps_its_full_playlist() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.picture_bytes = 30_000_000 / 8 / 30;
    send_within_bounds(&mut camera, 30 * 60, 30);
    assert_eq!(camera.packager.shortages(), 0);
    assert_eq!(camera.text(Playlist::Standard).matches("#EXTINF").count(), 6);
    let snapshot = camera.packager.snapshot().unwrap();
    let retired = snapshot.segments.iter().filter(|segment| segment.msn < snapshot.edge().first_msn).count();
    assert!(retired >= 3, "and {retired} that have left it");
}

#[test]
fn a_discontinuity_at_each_frame_makes_two_segments_a_second() {
    for step_ms in [100.0 / 3.0, 1.0, 0.1] {
        let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
        (camera.discontinuities, camera.step_ms) = (true, Some(step_ms));
        let seconds = 5.0;
        camera.send((seconds * 1_000.0 / step_ms) as i64, 1);
        let segments = camera.packager.made().segments;
        assert!((8..=14).contains(&segments), "{segments} segments in {seconds} s, a picture each {step_ms} ms");
    }
}

#[test]
fn a_panic_does_not_copy_published_segments() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.picture_bytes = 10_000;
    camera.send(30 * 20, 30);
    let renewed = camera.packager.renewed();
    let (before, after) = (camera.packager.snapshot().unwrap(), renewed.snapshot().unwrap());
    let msn = after.edge().first_msn;
    let (one, other) = (before.segment(msn).unwrap(), after.segment(msn).unwrap());
    assert!(one.parts.iter().zip(&other.parts).all(|(one, other)| Arc::ptr_eq(&one.bytes, &other.bytes)));
    assert_eq!((one.len(), one.crc, one.parts.len()), (other.len(), other.crc, other.parts.len()));
}

/// TARGETDURATION and PART-TARGET of the newest playlist.
fn targets(camera: &Camera) -> (u32, u32) {
    let geometry = camera.packager.snapshot().unwrap().geometry();
    (geometry.target_duration_s, geometry.part_target_ms)
}

/// Sends a key frame every ten seconds for a minute, from a camera that otherwise sends one each second.
fn be_slow_for_a_minute(camera: &mut Camera) {
    camera.send(300, 30);
    assert_eq!(targets(camera), (2, 334));
    camera.send(1_800, 300);
    assert_eq!(targets(camera), (12, 334), "the alternative is to lose the end of each group");
}

#[test]
fn raised_durations_fall_after_three_minutes_without_viewers_and_not_before() {
    let mut camera = Camera::new(Settings::default(), None, Vec::new());
    be_slow_for_a_minute(&mut camera);
    camera.send(30 * 600, 30);
    assert_eq!(targets(&camera), (12, 334), "somebody watches");
    let msn = camera.packager.snapshot().unwrap().edge().open_msn();

    camera.packager.set_watched(false);
    camera.send(30 * 179, 30);
    assert_eq!(targets(&camera), (12, 334));
    // A request in between restarts the measurement.
    camera.packager.set_watched(true);
    camera.send(30, 30);
    camera.packager.set_watched(false);
    camera.send(30 * 179, 30);
    assert_eq!(targets(&camera), (12, 334));
    camera.send(30 * 13, 30);
    assert_eq!(targets(&camera), (2, 334));
    let text = camera.text(Playlist::Standard);
    let durations: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#EXTINF:")).collect();
    assert!(durations.iter().all(|duration| *duration == "2.00000,"), "none is longer than TARGETDURATION: {text}");
    assert!(!text.contains("#EXT-X-DISCONTINUITY\n"), "the video goes on without a seam: {text}");
    assert!(camera.packager.snapshot().unwrap().edge().first_msn > msn, "the numbers go on");
    assert!(camera.text(Playlist::LowLatency).contains("HOLD-BACK=6,"));
    assert_eq!(camera.packager.memory().target_duration_s, 2, "over a restart too");
}

#[test]
fn durations_raised_before_a_restart_fall_unless_the_camera_needs_them() {
    let raised = StreamMemory { target_duration_s: 12, part_target_ms: 1_101, ..remembered(100, 4) };
    let mut camera = Camera::new(Settings::default(), Some(raised), Vec::new());
    camera.packager.set_watched(false);
    camera.send(30 * 170, 30);
    assert_eq!(targets(&camera), (12, 1_101));
    camera.send(30 * 30, 30);
    assert_eq!(targets(&camera), (2, 334));

    let mut slow = Camera::new(Settings::default(), Some(raised), Vec::new());
    slow.packager.set_watched(false);
    slow.step_90k = 90_000;
    slow.send(600, 10);
    assert_eq!(targets(&slow), (12, 1_101));
}

#[test]
fn without_a_segment_that_fits_no_playlist_is_published() {
    let mut camera = Camera::new(Settings::default(), None, Vec::new());
    be_slow_for_a_minute(&mut camera);
    camera.send(300, 30);
    camera.packager.set_watched(false);
    let mut without = 0;
    for _ in 0..30 * 240 {
        camera.send(1, 30);
        without += u64::from(camera.packager.snapshot().unwrap().playlist(Playlist::Standard).is_none());
    }
    assert_eq!(targets(&camera), (2, 334));
    assert_eq!(without, 60, "pictures: for one segment of two seconds");
    let snapshot = camera.packager.snapshot().unwrap();
    assert!(snapshot.segment(snapshot.edge().first_msn - 1).is_some(), "what has left the list is there for its time");
}

#[test]
fn part_target_rises_with_target_duration_for_parts_of_few_frames() {
    let mut camera = Camera::new(Settings::default(), None, Vec::new());
    camera.send(300, 30);
    // 9 frames a second and a key frame every 3.6 s, as an X1C sends after a P2S's 30.
    camera.step_90k = 10_000;
    camera.send(160, 32);
    assert_eq!(targets(&camera), (4, 367), "as it would have been from the start");
}

#[test]
fn a_playlist_of_gaps_only_is_not_published() {
    let gap = Listed {
        msn: 5,
        duration_90k: 180_000,
        program_date_time_unix_ms: 1_768_767_290_000,
        discontinuity: false,
        discontinuity_sequence: 0,
        gap: true,
    };
    let restored = vec![RestoredSegment { listed: gap, pieces: Vec::new() }];
    let mut camera = Camera::new(Settings::default(), Some(remembered(6, 0)), restored);
    let lists = |camera: &Camera| {
        let snapshot = camera.packager.snapshot().unwrap();
        [Playlist::Standard, Playlist::LowLatency].map(|playlist| snapshot.playlist(playlist).is_some())
    };
    assert_eq!(lists(&camera), [false, false]);
    camera.send(60, 30);
    assert_eq!(lists(&camera), [false, false]);
    camera.send(1, 30);
    assert_eq!(lists(&camera), [true, true]);
    assert!(camera.text(Playlist::Standard).contains("#EXT-X-GAP\n#EXTINF:2.00000,\nseg000005.ts\n"));
}
