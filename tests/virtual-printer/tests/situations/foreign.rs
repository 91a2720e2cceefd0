//! What a foreign judge, ffmpeg, makes of the virtual printer. Debian's is linked with GnuTLS, which takes the
//! X.509 v1 leaf as long as it is not asked to verify (`-tls_verify` is off by default).

use crate::printer;
use std::process::{Command, Stdio};
use virtual_printer::*;

/// ffmpeg decodes a second of each at once, without a complaint.
fn check(dialects: &[fn(&mut Behaviour)]) {
    if Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).status().is_err() {
        assert!(std::env::var_os("CI").is_none(), "ffmpeg is not installed");
        return;
    }
    std::thread::scope(|scope| {
        for dialect in dialects {
            scope.spawn(move || plays_without_a_complaint(dialect));
        }
    });
}

fn plays_without_a_complaint(dialect: impl FnOnce(&mut Behaviour)) {
    let printer = printer(dialect);
    let frames = printer.camera().behaviour().video.clip.fps() as u64;
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "warning", "-rtsp_transport", "tcp", "-timeout", "10000000", "-i"])
        .arg(printer.rtsp_url().replace("://", "://bblp:12345678@"))
        .args(["-frames:v", &frames.to_string(), "-f", "null", "-"])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{:?}: {complaints}", printer.camera().behaviour());
    let seen = printer.camera().wait_until(|seen| seen.teardowns == 1, super::DEADLINE).unwrap();
    assert!(seen.frames >= frames);
}

#[test]
fn ffmpeg_plays_every_clip_and_dialect_without_a_complaint() {
    check(&[
        |_| {},
        |behaviour| behaviour.video.clip = Clip::chamber_720p9(),
        |behaviour| behaviour.video.clip = Clip::chamber_540p15(),
        |behaviour| behaviour.video.aggregated = true,
        |behaviour| behaviour.video.parameter_sets = ParameterSets::InBand,
        |behaviour| behaviour.video.parameter_sets = ParameterSets::Sdp,
        |behaviour| behaviour.tls.x509 = X509::V3,
        |behaviour| behaviour.tls.version = TlsVersion::Tls13,
        |behaviour| behaviour.tls.version = TlsVersion::Plain,
        |behaviour| behaviour.rtsp.auth = Auth::DigestQop,
        |behaviour| behaviour.rtsp.auth = Auth::Basic,
    ]);
}

#[test]
fn ffmpeg_decodes_a_stream_whose_key_frames_are_withheld_after_the_first() {
    let printer = printer(|_| {});
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "warning", "-rtsp_transport", "tcp", "-timeout", "10000000", "-i"]);
    ffmpeg.arg(printer.rtsp_url().replace("://", "://bblp:12345678@")).args(["-frames:v", "75", "-f", "null", "-"]);
    let Ok(ffmpeg) = ffmpeg.stderr(Stdio::piped()).spawn() else { return };
    printer.camera().wait_until(|seen| seen.key_frames == 1, super::DEADLINE).unwrap();
    printer.camera().change(|behaviour| behaviour.video.idr_withheld = true);
    let output = ffmpeg.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    assert_eq!(printer.camera().seen().key_frames, 1);
}

/// The strip of cells that `clips/make` describes, read where it says.
fn check_strip(file: &str, width: usize, frames: usize) {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i", &format!("{}/clips/{file}", env!("CARGO_MANIFEST_DIR"))])
        .args(["-vf", "crop=iw:2:0:iw*3/128", "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output();
    let Ok(output) = output else { return };
    let rows: Vec<&[u8]> = output.stdout.chunks_exact(width * 2).collect();
    assert_eq!(rows.len(), frames);
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<bool> = (0..18).map(|cell| row[(2 * cell + 3) * width / 128] > 128).collect();
        let read: usize = (0..16).map(|bit| usize::from(cells[bit + 1]) << bit).sum();
        assert_eq!((cells[0], read), (true, index), "{file}");
        assert_eq!(cells[1..].iter().filter(|&&white| white).count() % 2, 1, "{file}, picture {index}");
    }
}

#[test]
fn the_strip_in_every_picture_says_which_one_it_is() {
    check_strip("chamber1080.h264", 1920, 300);
    check_strip("chamber720.h264", 1168, 96);
    check_strip("chamber540.h264", 960, 120);
}
