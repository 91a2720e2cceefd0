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
