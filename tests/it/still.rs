//! The newest key frame as a file: over a camera that never answers, one that is live, and one that has left.

use crate::http_client::{Got, PATIENCE, now, pause};
use crate::status::Bench;
use crate::status_http::Served;
use std::time::Duration;
use virtual_printer::{Behaviour, Clip, Door, Setup};

const STILL: &str = "/api/printers/1/still.mp4";

impl Served {
    fn ask(&self, method: &str, fields: &str) -> Got {
        let mut client = self.client();
        client.send(&format!("{method} {STILL} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
        match method {
            "HEAD" => {
                let head = client.head().expect("a head");
                Got { status: head[9..12].parse().expect("a status"), head, body: client.rest_so_far() }
            }
            _ => client.answer().expect("an answer"),
        }
    }

    fn still_when(&self, what: &str, arrived: impl Fn(&Got) -> bool) -> Got {
        let deadline = now() + PATIENCE;
        loop {
            let got = self.ask("GET", "");
            if arrived(&got) {
                return got;
            }
            assert!(now() < deadline, "{what}: {} {:?}", got.head, self.fleet.camera(platecast::printer::PrinterId(1)));
            pause();
        }
    }
}

fn tag(got: &Got) -> &str {
    got.field("etag").expect("a tag")
}

/// Width and height in `tkhd`, which ends with them.
fn size(got: &Got) -> (u32, u32) {
    let at = got.body.windows(4).position(|four| four == b"mdia").expect("a track") - 4;
    let half = |at: usize| u32::from(u16::from_be_bytes([got.body[at], got.body[at + 1]]));
    (half(at - 8), half(at - 4))
}

#[test]
fn before_the_first_still_the_answer_is_the_cameras_sentence() {
    let away = Behaviour { door: Door::Refused, ..Behaviour::default() };
    let served = Served::new(Bench::start(Setup { behaviour: away, ..Setup::default() }));
    let got = served.still_when("told", |got| String::from_utf8_lossy(&got.body).contains("Liveview"));
    assert_eq!((got.status, got.field("retry-after")), (503, Some("2")));
    assert_eq!(served.client().get("/api/printers/2/still.mp4").status, 404);
    let head = served.ask("HEAD", "");
    assert_eq!((head.status, head.body.len()), (503, 0));
}

#[test]
fn a_still_follows_the_camera_and_stays_when_it_leaves() {
    let served = Served::new(Bench::start(Setup::default()));
    let first = served.still_when("a picture", |got| got.status == 200);
    assert_eq!((first.field("content-type"), size(&first)), (Some("video/mp4"), (1920, 1080)));
    assert_eq!(first.field("cache-control"), Some("private, no-cache"));
    let second = served.still_when("a newer one", |got| got.status == 200 && tag(got) != tag(&first));
    assert!(second.field("x-picture-time") > first.field("x-picture-time"));

    served.printer.camera().change(|behaviour| behaviour.video.clip = Clip::chamber_540p15());
    served.still_when("the new size", |got| size(got) == (960, 540));
    served.printer.camera().refuse();
    served.printer.camera().reset();
    let gone = |got: &Got| {
        served.fleet.camera(platecast::printer::PrinterId(1)).unwrap().step.word() == "retrying" && got.status == 200
    };
    let last = served.still_when("the camera away", gone);

    let known = served.ask("GET", &format!("If-None-Match: {}\r\n", tag(&last)));
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(known.field("x-picture-time"), last.field("x-picture-time"));
    let head = served.ask("HEAD", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.field("content-length"), Some(&*last.body.len().to_string()));
    let all = served.ask("GET", "Range: bytes=0-\r\n");
    assert_eq!((all.status, &all.body), (206, &last.body));
    assert_eq!(all.field("content-range"), Some(&*format!("bytes 0-{0}/{1}", last.body.len() - 1, last.body.len())));
}

#[test]
fn a_live_cameras_still_is_seconds_old() {
    let served = Served::new(Bench::start(Setup::default()));
    served.still_when("a picture", |got| got.status == 200);
    let live = served.fleet.live(platecast::printer::PrinterId(1)).expect("a printer");
    let age = platecast::base::clock::unix_ms() - live.still().expect("a still").captured_unix_ms;
    // The clip has a key frame each second; the rest is a busy machine's.
    assert!(Duration::from_millis(age.unsigned_abs()) < Duration::from_secs(4) && age >= 0, "{age} ms");
}
