//! A camera that may say anything: the session ends in an error or asks for more, holds a bounded output, always has
//! room for the next read, and tells the same however the bytes were cut.

use platecast::advice::{self, Tries};
use platecast::base::{clock, secret::Secret};
use platecast::camera::{CameraError, Place};
use platecast::rtsp::{Event, Session, Target};

/// See the file's head.
pub fn check(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let (told_in_cuts, sent_in_cuts) = conversation(stream, usize::from(*cut).max(1));
    let (told, sent) = conversation(stream, usize::MAX);
    assert_eq!(told_in_cuts, told);
    // What waits to be sent is bounded, so a camera that asks too much at once is not answered every time.
    assert!(sent_in_cuts == sent || sent_in_cuts.len() > 16 * 1024);
}

/// Everything that was told and sent, one after the other.
fn conversation(stream: &[u8], cut: usize) -> (Vec<u8>, Vec<u8>) {
    let now = clock::now();
    let target = Target::new(true, "192.168.1.9", 322, "/streaming/live/1");
    let mut session = Session::new(target, "bblp", Secret::new("12345678"), 1, now);
    let (mut told, mut sent, mut rest) = (Vec::new(), Vec::new(), stream);
    while !rest.is_empty() {
        let space = session.space();
        assert!(space.len() >= 16 * 1024);
        let count = rest.len().min(cut).min(space.len());
        let (read, later) = rest.split_at(count);
        space[..count].copy_from_slice(read);
        session.filled(count);
        rest = later;
        let ended = loop {
            match session.next(now) {
                Ok(None) => break false,
                Ok(Some(Event::Described(video))) => told.push(video.payload_type),
                Ok(Some(Event::Playing)) => told.push(b'!'),
                Ok(Some(Event::Rtp(packet) | Event::Rtcp(packet))) => told.extend_from_slice(packet),
                Err(error) => {
                    told.extend(error.to_string().into_bytes());
                    let error = CameraError::from(error);
                    assert!(!advice::of_camera_error(&error, Place::UsualPort, Tries::Repeated).sentence.is_empty());
                    break true;
                }
            }
        };
        let output = session.output().unwrap_or_default();
        // Optional output stops at 16 KiB; a request on top may echo a head of 16 KiB, its path escaped.
        assert!(output.len() < 160 * 1024, "{} bytes unsent", output.len());
        sent.extend(output);
        if ended {
            break;
        }
    }
    (told, sent)
}
