//! JPEGs at a URL: of key frames, which are decoded, and of cameras that send pictures. The camera is away, and the tests put
//! the stills where its connection would.

use crate::http_client::{Client, Got, PATIENCE, now, pause};
use crate::status::Bench;
use crate::status_http::Served;
use platecast::fleet::{Handles, Still};
use platecast::media::AccessUnit;
use platecast::media::h264::split_annex_b;
use platecast::printer::PrinterId;
use std::sync::Arc;
use virtual_printer::{Behaviour, Door, Setup};

const FOUR_SLICES: &[u8] = include_bytes!("../../src/media/picture/tests/four-slices.h264");
const STILL: &str = "/api/printers/1/still.jpg";
const STREAM: &str = "/api/printers/1/stream.mjpeg";
/// Of Platecast's streams of pictures.
const PLACES: usize = 32;

/// A printer whose camera is away.
fn served() -> (Served, Handles) {
    let away = Behaviour { door: Door::Refused, ..Behaviour::default() };
    let served = Served::new(Bench::start(Setup { behaviour: away, ..Setup::default() }));
    let serial = served.fleet.printer(PrinterId(1)).expect("a printer").serial;
    let handles = served.fleet.with_serial(&serial).expect("a printer");
    (served, handles)
}

impl Served {
    fn ask_for(&self, path: &str, fields: &str) -> Got {
        let mut client = self.client();
        client.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
        client.answer().expect("an answer")
    }
}

trait Camera {
    /// A key frame of 178 × 146, with or without its third slice.
    fn sends_key_frame(&self, captured_unix_ms: i64, is_whole: bool);
    /// A picture of its own.
    fn sends_picture(&self, captured_unix_ms: i64, file: &[u8]);
}

impl Camera for Handles {
    fn sends_key_frame(&self, captured_unix_ms: i64, is_whole: bool) {
        let mut unit = AccessUnit { idr: true, captured_unix_ms, ..AccessUnit::default() };
        for (number, nal) in split_annex_b(FOUR_SLICES).enumerate().filter(|(number, _)| is_whole || *number != 4) {
            assert!(number < 6);
            let start = unit.bytes.len() as u32;
            unit.bytes.extend_from_slice(nal);
            unit.nal_units.push(start..start + nal.len() as u32);
        }
        self.live.set_still(Still::of_key_frame(Arc::new(unit)));
    }

    fn sends_picture(&self, captured_unix_ms: i64, file: &[u8]) {
        self.live.set_still(Still::of_jpeg(file.into(), captured_unix_ms));
        self.camera.announce_picture();
    }
}

/// Width and height in SOF0.
fn size(file: &[u8]) -> (u16, u16) {
    let half = |at: usize| u16::from_be_bytes([file[at], file[at + 1]]);
    let mut at = 2;
    while file[at + 1] != 0xC0 {
        at += 2 + usize::from(half(at + 2));
    }
    (half(at + 7), half(at + 5))
}

fn code(got: &Got) -> String {
    let told: serde_json::Value = serde_json::from_slice(&got.body).expect("JSON");
    told["code"].as_str().expect("a code").to_owned()
}

#[test]
fn a_key_frame_is_a_jpeg_of_any_width_and_is_decoded_once() {
    let (served, camera) = served();
    assert_eq!(served.ask_for(STILL, "").status, 503, "there is none yet");
    camera.sends_key_frame(1_764_560_000_123, true);
    let whole = served.ask_for(STILL, "");
    assert_eq!((whole.status, whole.field("content-type")), (200, Some("image/jpeg")));
    assert_eq!(size(&whole.body), (178, 146));
    assert_eq!(whole.field("x-picture-time"), Some("2025-12-01T03:33:20.123Z"));
    assert_eq!(whole.field("cache-control"), Some("private, no-cache"));
    let tag = whole.field("etag").expect("a tag").to_owned();
    let known = served.ask_for(STILL, &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((known.status, known.body.len(), known.field("etag")), (304, 0, Some(&*tag)));

    let small = served.ask_for(&format!("{STILL}?bypassCache=1&width=64"), "");
    assert_eq!((small.status, size(&small.body)), (200, (64, 52)));
    assert_ne!(small.field("etag"), Some(&*tag));
    assert_eq!(served.ask_for(&format!("{STILL}?width=15"), "").status, 400);
    assert_eq!(served.ask_for(STILL, "").body, whole.body);
    assert_eq!(served.fleet.pictures().decodes().made, 2);
    assert_eq!(served.ask_for("/api/printers/1/still.mp4", "").status, 200);
    assert_eq!(served.ask_for("/api/printers/2/still.jpg", "").status, 404);
}

#[test]
fn a_304_decodes_and_muxes_nothing() {
    let (served, camera) = served();
    camera.sends_key_frame(7, true);
    let tag = format!("If-None-Match: \"{}\"\r\n", camera.live.still().expect("a still").tag());
    let held = camera.live.held_bytes();
    for path in [STILL, "/api/printers/1/still.mp4"] {
        assert_eq!(served.ask_for(path, &tag).status, 304, "{path}");
    }
    assert_eq!((served.fleet.pictures().decodes().made, camera.live.held_bytes()), (0, held));
}

#[test]
fn what_cannot_be_decoded_is_told_once_tried_and_its_mp4_stays() {
    let (served, camera) = served();
    camera.sends_key_frame(7, false);
    for path in [STILL, STREAM, STILL] {
        let refused = served.ask_for(path, "");
        assert_eq!((refused.status, &*code(&refused)), (501, "picture.damaged"), "{path}");
    }
    let decodes = served.fleet.pictures().decodes();
    assert_eq!((decodes.made, decodes.refused), (0, 1));
    assert_eq!(served.ask_for("/api/printers/1/still.mp4", "").status, 200);
    // The next key frame is another matter.
    camera.sends_key_frame(8, true);
    assert_eq!(served.ask_for(STILL, "").status, 200);
}

#[test]
fn a_camera_that_sends_pictures_has_them_as_they_came_and_no_video() {
    let (served, camera) = served();
    let mut events = served.listen("/api/events");
    assert_eq!(events.next().name, "snapshot");
    camera.sends_picture(1_764_560_000_123, b"\xFF\xD8\xFF\xD9");
    let told = loop {
        let event = events.next();
        if event.name == "picture" {
            break event.data;
        }
    };
    let got = served.ask_for(&format!("{STILL}?width=64"), "");
    assert_eq!((got.status, &*got.body), (200, &b"\xFF\xD8\xFF\xD9"[..]));
    let tag = got.field("etag").expect("a tag").trim_matches('"');
    assert_eq!(told, serde_json::json!({ "id": 1, "time": "2025-12-01T03:33:20.123Z", "tag": tag }));
    for path in ["/api/printers/1/still.mp4", "/hls/1/stream.m3u8", "/hls/1/stream_ll.m3u8"] {
        let got = served.ask_for(path, "");
        assert_eq!((got.status, &*code(&got)), (404, "stream.pictures-only"), "{path}");
        let text = String::from_utf8(got.body).expect("text");
        assert!(text.contains(STILL) && text.contains(STREAM), "{text}");
    }
    assert_eq!(served.fleet.pictures().decodes().made, 0);
}

fn stream(served: &Served) -> Client {
    let mut client = served.client();
    let head = client.ask(STREAM).head().expect("a head");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for field in
        ["Content-Type: multipart/x-mixed-replace;boundary=frame\r\n", "Cache-Control: no-store, no-transform\r\n"]
    {
        assert!(head.contains(field), "{field} in {head}");
    }
    assert!(!head.contains("Content-Length"), "{head}");
    client
}

#[test]
fn a_stream_begins_with_the_picture_twice_and_goes_on_with_the_newest() {
    let (served, camera) = served();
    camera.sends_key_frame(1, true);
    let mut viewer = stream(&served);
    let first = viewer.part().expect("a part");
    assert!(first.head.starts_with("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: "), "{}", first.head);
    assert_eq!(first.body, served.ask_for(STILL, "").body);
    let again = viewer.part().expect("a part");
    assert!(again.head.starts_with("\r\n--frame\r\n"), "{}", again.head);
    assert_eq!(again.body, first.body);
    // What cannot be decoded is left out.
    camera.sends_key_frame(2, false);
    camera.sends_picture(3, b"\xFF\xD8 three \xFF\xD9");
    assert_eq!(viewer.part().expect("a part").body, b"\xFF\xD8 three \xFF\xD9");
    let repeated = viewer.part().expect("the same after 5 s");
    assert_eq!(repeated.body, b"\xFF\xD8 three \xFF\xD9");
    assert!(camera.live.is_watched(now()));
}

#[test]
fn streams_are_bounded_and_end_with_the_printer() {
    let (served, camera) = served();
    camera.sends_picture(1, b"\xFF\xD8\xFF\xD9");
    let mut viewers: Vec<Client> = (0..PLACES).map(|_| stream(&served)).collect();
    let full = served.ask_for(STREAM, "");
    assert_eq!((full.status, &*code(&full)), (503, "picture.too-many-streams"));
    drop(viewers.pop());
    // It is noticed with the next picture.
    let deadline = now() + PATIENCE;
    for number in 2.. {
        camera.sends_picture(number, &[0xFF; 100_000]);
        let mut client = served.client();
        if client.ask(STREAM).head().expect("a head").starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(now() < deadline, "the place does not come back");
        pause();
    }
    served.fleet.remove(PrinterId(1)).expect("removed");
    let mut viewer = viewers.remove(0);
    while viewer.part().is_ok() {}
}
