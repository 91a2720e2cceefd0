use super::*;
use crate::camera::Step;
use crate::hls::{Packager, Settings};
use crate::http::Method;
use crate::media::AccessUnit;

/// A camera of 30 frames a second and one group a second; every frame has 400 bytes.
struct Camera {
    packager: Packager,
    pictures: i64,
    snapshot: Option<Arc<Snapshot>>,
}

impl Camera {
    fn new(low_latency: bool) -> Self {
        let settings = Settings { low_latency, ..Settings::default() };
        Self { packager: Packager::new(settings, None, Vec::new()), pictures: 0, snapshot: None }
    }

    /// Advances to this many frames in all.
    fn at(mut self, pictures: i64) -> Self {
        while self.pictures < pictures {
            let idr = self.pictures % 30 == 0;
            let unit = AccessUnit {
                bytes: [&[if idr { 0x65 } else { 0x41 }][..], &[self.pictures as u8; 399]].concat(),
                nal_units: std::iter::once(0..400).collect(),
                pts_90k: self.pictures * 3_000,
                dts_90k: self.pictures * 3_000,
                duration_90k: 3_000,
                idr,
                discontinuity: self.pictures == 0,
                captured_unix_ms: 1_768_767_300_000 + self.pictures * 100 / 3,
            };
            self.snapshot = self.packager.push(&unit, 0).or(self.snapshot);
            self.pictures += 1;
        }
        self
    }

    fn ask(&self, file: &str, headers: &[(&str, &str)]) -> Option<Reply> {
        let (file, query) = file.split_once('?').map_or((file, None), |(file, query)| (file, Some(query)));
        let request = request(Method::Get, query, headers);
        let answer = match parse(&request, file) {
            Ok(parsed) => answer(&parsed, self.snapshot.as_deref()),
            Err(problem) => Some(Err(problem)),
        };
        answer.map(|answer| answer.unwrap_or_else(|problem| problem.reply()))
    }

    fn segment(&self, msn: u64) -> Vec<u8> {
        let segment = self.snapshot.as_ref().unwrap().segment(msn).unwrap();
        bytes(&Body::Slices(segment.slice(0..segment.len())))
    }
}

fn request(method: Method, query: Option<&str>, headers: &[(&str, &str)]) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method, path: String::new(), query: query.map(str::to_owned), headers, body: Vec::new() }
}

fn bytes(body: &Body) -> Vec<u8> {
    match body {
        Body::Empty => Vec::new(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Shared(bytes) => bytes.to_vec(),
        Body::Slices(slices) => slices.iter().map(crate::hls::Slice::as_bytes).collect::<Vec<_>>().concat(),
    }
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| *have == name).map(|(_, value)| value.as_str())
    }
}

/// Checks the status of an answer, or that it is held.
fn check(camera: &Camera, file: &str, headers: &[(&str, &str)], expected: &str) -> Option<Reply> {
    let reply = camera.ask(file, headers);
    let status = reply.as_ref().map_or("held".to_owned(), |reply| reply.status.to_string());
    assert_eq!(status, expected, "{file} {headers:?}");
    reply
}

#[test]
fn before_the_first_frame_a_playlist_is_held_then_refused() {
    let camera = Camera::new(true).at(20);
    check(&camera, "stream.m3u8", &[], "held");
    check(&camera, "stream_ll.m3u8?_HLS_msn=1", &[], "held");
    check(&camera, "seg000001.ts", &[], "503");

    let plain = request(Method::Get, None, &[]);
    let parsed = parse(&plain, "stream.m3u8").unwrap();
    assert!(waits_for_camera(&parsed, None));
    assert_eq!(hold_limit(&parsed, None), FIRST_PICTURE_HOLD);
    let reply = too_late(&parsed, None, advice::of_camera_step(Step::Connecting)).reply();
    assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")));
    let json: serde_json::Value = serde_json::from_slice(&bytes(&reply.body)).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "ok": false, "error": "Connecting to the camera.", "code": "camera.step.connecting", "params": {} })
    );
}

#[test]
fn a_playlist_waits_for_a_complete_segment() {
    let camera = Camera::new(true).at(45);
    for file in ["stream.m3u8", "stream_ll.m3u8", "stream_ll.m3u8?_HLS_msn=1&_HLS_part=0", "stream_ll.m3u8?_HLS_msn=99"]
    {
        check(&camera, file, &[], "held");
        let (name, query) = file.split_once('?').map_or((file, None), |(name, query)| (name, Some(query)));
        let asked = request(Method::Get, query, &[]);
        let parsed = parse(&asked, name).unwrap();
        assert!(waits_for_camera(&parsed, camera.snapshot.as_deref()), "{file}");
        assert_eq!(hold_limit(&parsed, camera.snapshot.as_deref()), FIRST_PICTURE_HOLD, "{file}");
        let reply = too_late(&parsed, camera.snapshot.as_deref(), advice::of_camera_step(Step::Connecting)).reply();
        assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")), "{file}");
    }
    let camera = camera.at(61);
    check(&camera, "stream_ll.m3u8", &[], "200");
    let reply = check(&camera, "stream.m3u8?_HLS_msn=99", &[], "200").unwrap();
    assert_eq!(reply.header("Content-Type"), Some("application/vnd.apple.mpegurl"));
    assert_eq!(reply.header("Cache-Control"), Some("no-cache"));
    assert_eq!(reply.header("Cloudflare-CDN-Cache-Control"), Some("no-store"));
    let text = String::from_utf8(bytes(&reply.body)).unwrap();
    assert_eq!(
        text,
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n\
         #EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:15:00.000Z\n#EXTINF:2.00000,\nseg000001.ts\n"
    );
}

#[test]
fn a_segment_lost_in_a_restart_is_503_until_a_playlist_exists() {
    let memory = crate::hls::StreamMemory {
        next_media_sequence: 100,
        discontinuity_sequence: 0,
        target_duration_s: 2,
        part_target_ms: 334,
    };
    let packager = Packager::new(Settings::default(), Some(memory), Vec::new());
    let camera = Camera { packager, pictures: 0, snapshot: None };
    check(&camera, "seg000099.ts", &[("range", "bytes=6016-11655")], "503");
    let camera = camera.at(45);
    let reply = check(&camera, "seg000099.ts", &[], "503").unwrap();
    assert_eq!(reply.header("Retry-After"), Some("1"));
    check(&camera, "seg000101.ts", &[], "404");
    check(&camera.at(61), "seg000099.ts", &[], "404");
}

#[test]
fn the_low_latency_playlist_lists_parts_and_a_preload_hint() {
    let camera = Camera::new(true).at(71);
    let reply = check(&camera, "stream_ll.m3u8", &[], "200").unwrap();
    let text = String::from_utf8(bytes(&reply.body)).unwrap();
    let segment = camera.segment(1);
    // PAT and PMT with each of the two IDR pictures, and three packets per frame.
    assert_eq!(segment.len(), (2 * 2 + 60 * 3) * 188);
    assert_eq!(
        text.lines().skip(6).collect::<Vec<_>>(),
        [
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6,PART-HOLD-BACK=1.200",
            "#EXT-X-PART-INF:PART-TARGET=0.334",
            "#EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:15:00.000Z",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"6016@0\",INDEPENDENT=YES",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"5640@6016\"",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"5640@11656\"",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"6016@17296\",INDEPENDENT=YES",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"5640@23312\"",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000001.ts\",BYTERANGE=\"5640@28952\"",
            "#EXTINF:2.00000,",
            "seg000001.ts",
            "#EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:15:02.000Z",
            "#EXT-X-PART:DURATION=0.33333,URI=\"seg000002.ts\",BYTERANGE=\"6016@0\",INDEPENDENT=YES",
            "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"seg000002.ts\",BYTERANGE-START=6016",
        ]
    );
}

#[test]
fn a_blocking_reload_waits_and_is_cacheable_for_a_second() {
    let camera = Camera::new(true).at(70);
    check(&camera, "stream_ll.m3u8?_HLS_msn=2&_HLS_part=1", &[], "held");
    let camera = camera.at(80);
    let reply = check(&camera, "stream_ll.m3u8?_HLS_msn=2&_HLS_part=1", &[], "200").unwrap();
    assert_eq!(reply.header("Cache-Control"), Some("max-age=1"));
    let reply = check(&camera, "stream_ll.m3u8?_HLS_msn=2&_HLS_part=0", &[], "200").unwrap();
    assert_eq!(reply.header("Cache-Control"), Some("no-cache"), "more than was asked for");
    check(&camera, "stream_ll.m3u8?_HLS_part=1", &[], "400");
    check(&camera, "stream_ll.m3u8?_HLS_msn=5", &[], "400");

    let asked = request(Method::Get, Some("_HLS_msn=3"), &[]);
    let parsed = parse(&asked, "stream_ll.m3u8").unwrap();
    assert_eq!(hold_limit(&parsed, camera.snapshot.as_deref()), Duration::from_secs(6));
    let reply = too_late(&parsed, camera.snapshot.as_deref(), advice::of_camera_step(Step::Live)).reply();
    assert!(String::from_utf8(bytes(&reply.body)).unwrap().contains("nothing new"), "{reply:?}");
    assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")));
}

#[test]
fn without_low_latency_there_is_no_low_latency_playlist() {
    let camera = Camera::new(false).at(61);
    check(&camera, "stream.m3u8", &[], "200");
    check(&camera, "stream_ll.m3u8", &[], "404");
    check(&camera, "stream_ll.m3u8?_HLS_msn=1", &[], "404");
}

#[test]
fn a_playlist_is_gzipped_on_request() {
    let camera = Camera::new(true).at(61);
    let plain = check(&camera, "stream_ll.m3u8", &[], "200").unwrap();
    assert_eq!((plain.header("Content-Encoding"), plain.header("Vary")), (None, Some("Accept-Encoding")));
    for accept in ["gzip", "br, GZIP;q=0.5", "*", "deflate, *;q=0.1"] {
        let packed = check(&camera, "stream_ll.m3u8", &[("accept-encoding", accept)], "200").unwrap();
        assert_eq!(packed.header("Content-Encoding"), Some("gzip"), "{accept}");
        assert_ne!(packed.header("ETag"), plain.header("ETag"));
        let mut text = Vec::new();
        let packed = bytes(&packed.body);
        std::io::copy(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut text).unwrap();
        assert_eq!(text, bytes(&plain.body));
    }
    for accept in ["", "br", "gzip;q=0", "gzip; q=0.0", "identity, *;q=0", "gzip;q=0, *"] {
        let reply = check(&camera, "stream_ll.m3u8", &[("accept-encoding", accept)], "200").unwrap();
        assert_eq!(reply.header("Content-Encoding"), None, "{accept}");
    }
}

#[test]
fn a_matching_etag_gets_304() {
    let camera = Camera::new(true).at(61);
    for file in ["stream.m3u8", "stream_ll.m3u8", "seg000001.ts"] {
        let etag = check(&camera, file, &[], "200").unwrap().header("ETag").unwrap().to_owned();
        let weak = format!("\"other\", W/{etag}");
        for tags in [etag.as_str(), weak.as_str(), "*"] {
            let reply = check(&camera, file, &[("if-none-match", tags)], "304").unwrap();
            assert_eq!(reply.header("ETag"), Some(etag.as_str()));
            assert!(matches!(reply.body, Body::Empty));
        }
        check(&camera, file, &[("if-none-match", "\"other\"")], "200");
    }
}

/// Checks the Content-Range for a range of segment 1, and where its bytes come from.
fn check_range(camera: &Camera, range: &str, content_range: &str, from: Range<usize>) {
    let reply = check(camera, "seg000001.ts", &[("range", range)], "206").unwrap();
    assert_eq!(reply.header("Content-Range"), Some(content_range), "{range}");
    assert_eq!(bytes(&reply.body), camera.segment(1)[from], "{range}");
}

#[test]
fn a_complete_segment_is_sent_whole_or_in_ranges() {
    let camera = Camera::new(true).at(61);
    let whole = check(&camera, "seg000001.ts", &[], "200").unwrap();
    assert_eq!(bytes(&whole.body), camera.segment(1));
    assert_eq!(whole.header("Content-Type"), Some("video/mp2t"));
    assert_eq!(whole.header("Cache-Control"), Some("max-age=12, immutable"));
    assert_eq!(whole.header("Accept-Ranges"), Some("bytes"));

    check_range(&camera, "bytes=6016-11655", "bytes 6016-11655/34592", 6_016..11_656);
    check_range(&camera, "bytes=11655-11656", "bytes 11655-11656/34592", 11_655..11_657);
    check_range(&camera, "bytes=34000-", "bytes 34000-34591/34592", 34_000..34_592);
    check_range(&camera, "bytes=-16", "bytes 34576-34591/34592", 34_576..34_592);
    check_range(&camera, "bytes=100-99999999999999999999", "bytes 100-34591/34592", 100..34_592);
    let reply = check(&camera, "seg000001.ts", &[("range", "bytes=34592-")], "416").unwrap();
    assert_eq!(reply.header("Content-Range"), Some("bytes */34592"));
    check(&camera, "seg000001.ts", &[("range", "bytes=0-1,5-6")], "200");
    check(&camera, "seg000001.ts", &[("range", "bytes=5-4")], "200");
    check(&camera, "seg000001.ts", &[("range", "bytes=0-1"), ("if-range", "\"other\"")], "200");
    let etag = whole.header("ETag").unwrap();
    check(&camera, "seg000001.ts", &[("range", "bytes=0-1"), ("if-range", etag)], "206");
}

#[test]
fn a_hinted_part_is_held_and_sent_to_its_actual_end() {
    let camera = Camera::new(true).at(40);
    check(&camera, "seg000001.ts", &[("range", "bytes=6016-")], "206");
    for range in ["bytes=23312-", "bytes=23312-9007199254740991", "bytes=23312-23376"] {
        check(&camera, "seg000001.ts", &[("range", range)], "held");
    }
    check(&camera, "seg000001.ts", &[("range", "bytes=23313-")], "416");
    check_range(&camera, "bytes=0-187", "bytes 0-187/*", 0..188);
    check_range(&camera, "bytes=188-99999", "bytes 188-23311/*", 188..23_312);
    // No tag names a growing segment, so the range was meant for other bytes (RFC 9110 §13.1.5).
    check(&camera, "seg000001.ts", &[("range", "bytes=0-187"), ("if-range", "\"1-0\"")], "held");

    // Two parts later: a late answer is the same.
    let camera = camera.at(50);
    check_range(&camera, "bytes=23312-", "bytes 23312-28951/*", 23_312..28_952);
    check_range(&camera, "bytes=23312-9007199254740991", "bytes 23312-28951/*", 23_312..28_952);
    let camera = camera.at(61);
    check_range(&camera, "bytes=23312-9007199254740991", "bytes 23312-28951/34592", 23_312..28_952);
}

#[test]
fn of_a_growing_segment_only_complete_ranges_are_cacheable() {
    let camera = Camera::new(true).at(40);
    let check = |range, expected| {
        let reply = check(&camera, "seg000001.ts", &[("range", range)], "206").unwrap();
        assert_eq!(reply.header("Cache-Control"), Some(expected), "{range}");
    };
    check("bytes=0-187", "max-age=12, immutable");
    check("bytes=188-23311", "max-age=12, immutable");
    for range in ["bytes=188-23312", "bytes=188-99999", "bytes=6016-", "bytes=6016-9007199254740991"] {
        check(range, "no-cache");
    }
}

#[test]
fn a_growing_segment_is_held_and_a_later_one_is_404() {
    let camera = Camera::new(true).at(70);
    for headers in [&[][..], &[("range", "bytes=-100")]] {
        check(&camera, "seg000002.ts", headers, "held");
    }
    check(&camera, "seg000003.ts", &[], "404");
    // The second group is complete but for its key frame: the next part is announced for segment 3.
    let camera = camera.at(120);
    check(&camera, "seg000003.ts", &[], "held");
    check(&camera, "seg000003.ts", &[("range", "bytes=0-")], "held");
    check(&camera, "seg000003.ts", &[("range", "bytes=188-")], "404");
    check(&camera, "seg000004.ts", &[], "404");
    check(&camera, "seg000000.ts", &[], "404");
}

#[test]
fn other_files_are_refused() {
    let camera = Camera::new(true).at(61);
    for file in ["", "index.m3u8", "seg1.ts", "seg000001.mp4", "stream.m3u8/", "seg000001.ts.ts"] {
        check(&camera, file, &[], "404");
    }
    let head = request(Method::Head, None, &[("range", "bytes=0-1")]);
    let reply = answer(&parse(&head, "seg000001.ts").unwrap(), camera.snapshot.as_deref()).unwrap().unwrap();
    assert_eq!(reply.status, 200, "HEAD has no ranges");
}
