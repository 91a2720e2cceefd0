use super::*;
use crate::hls::{Listed, Playlist};
use crate::media::ts::PACKET_LEN;

/// A camera of 30 pictures a second.
struct Camera {
    packager: Packager,
    pictures: i64,
    picture_bytes: usize,
    published: u64,
}

impl Camera {
    fn new(settings: Settings, memory: Option<StreamMemory>, restored: Vec<RestoredSegment>) -> Self {
        let packager = Packager::new(settings, memory, restored);
        Self { packager, pictures: 0, picture_bytes: 100, published: 0 }
    }

    /// So many pictures, with a key picture every `gop`.
    fn send(&mut self, pictures: i64, gop: i64) -> &mut Self {
        for _ in 0..pictures {
            let idr = self.pictures % gop == 0;
            let unit = AccessUnit {
                bytes: vec![if idr { 0x65 } else { 0x41 }; self.picture_bytes],
                nal_units: std::iter::once(0..u32::try_from(self.picture_bytes).unwrap()).collect(),
                pts_90k: self.pictures * 3_000,
                dts_90k: self.pictures * 3_000,
                duration_90k: 3_000,
                idr,
                discontinuity: false,
                captured_unix_ms: 1_768_767_300_000 + self.pictures * 100 / 3,
            };
            self.published += u64::from(self.packager.push(&unit, 42).is_some());
            self.pictures += 1;
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
fn a_known_camera_is_shown_at_its_tenth_picture_and_an_unknown_one_after_its_first_group() {
    let mut known = Camera::new(Settings::default(), Some(remembered(7, 0)), Vec::new());
    assert_eq!(known.send(9, 30).published, 0);
    assert_eq!(known.send(1, 30).published, 1);
    let mut unknown = Camera::new(Settings::default(), None, Vec::new());
    assert_eq!(unknown.send(30, 30).published, 0);
    assert_eq!(unknown.send(1, 30).published, 1);
    assert_eq!(unknown.packager.memory(), remembered(2, 0));
}

#[test]
fn without_low_latency_a_segment_is_shown_when_it_is_complete() {
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
fn what_was_restored_is_shown_before_the_camera_is_there() {
    let mut first = Camera::new(Settings::default(), None, Vec::new());
    first.send(250, 30);
    let before = first.text(Playlist::Standard);
    let shown = first.packager.snapshot().unwrap();
    let finished: Vec<_> = shown.complete().collect();
    let restored = Listed::read(&before).unwrap().into_iter().zip(&finished);
    let bytes = |segment: &Segment| {
        segment.slice(0..segment.len()).iter().map(super::super::Slice::as_bytes).collect::<Vec<_>>().concat()
    };
    let restored = restored.map(|(listed, segment)| RestoredSegment { listed, bytes: bytes(segment).into() }).collect();

    // It was killed while segment 5 grew.
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
    assert!(lens.iter().all(|len| *len <= SEGMENT_BYTES_MAX + SEGMENT_BYTES_MAX / 20), "{lens:?}");
    assert!(lens.len() <= 20 && lens.iter().sum::<usize>() < 20 * SEGMENT_BYTES_MAX, "{lens:?}");
    assert!(camera.text(Playlist::Standard).contains("#EXT-X-DISCONTINUITY\n"), "the rest of each group is missing");
}

#[test]
fn a_segment_is_there_for_its_time_after_it_has_left_the_list() {
    let mut camera = Camera::new(Settings::default(), Some(remembered(1, 0)), Vec::new());
    camera.send(60 * 30 + 1, 60);
    let snapshot = camera.packager.snapshot().unwrap();
    let listed = camera.text(Playlist::Standard).matches("#EXTINF").count();
    assert_eq!((listed, snapshot.edge().first_msn), (6, 25));
    // Each was in lists of 6, 7 while it left: itself and those, in segments.
    assert!((18..25).all(|msn| snapshot.segment(msn).is_some()));
    assert!((1..17).all(|msn| snapshot.segment(msn).is_none()), "and not for ever");
    assert!(snapshot.segments.iter().all(|segment| segment.len() % PACKET_LEN == 0));
}

#[test]
fn a_camera_that_goes_away_leaves_its_list_and_comes_back_with_a_discontinuity() {
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
