//! What foreign judges, ffmpeg and mosquitto's clients, make of the virtual printer. Debian's ffmpeg is linked with
//! GnuTLS, which takes the X.509 v1 leaf as long as it is not asked to verify (`-tls_verify` is off by default).

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

/// The strip of cells that `clips/make` describes, read where it says: the numbers of these pictures.
fn strips(input: &[&str], stdin: &[u8], width: usize) -> Option<Vec<usize>> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error"]).args(input);
    ffmpeg.args(["-vf", "crop=iw:2:0:iw*3/128", "-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]);
    let mut ffmpeg = ffmpeg.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let mut pipe = ffmpeg.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || std::io::Write::write_all(&mut pipe, stdin));
        ffmpeg.wait_with_output().unwrap()
    });
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let number = |row: &[u8]| {
        let cells: Vec<bool> = (0..18).map(|cell| row[(2 * cell + 3) * width / 128] > 128).collect();
        let number = (0..16).map(|bit| usize::from(cells[bit + 1]) << bit).sum();
        assert!(cells[0] && cells[1..].iter().filter(|&&white| white).count() % 2 == 1, "{input:?}, picture {number}");
        number
    };
    Some(output.stdout.chunks_exact(width * 2).map(number).collect())
}

fn check_strip(file: &str, width: usize, frames: usize) {
    let path = format!("{}/clips/{file}", env!("CARGO_MANIFEST_DIR"));
    let Some(numbers) = strips(&["-nostdin", "-i", &path], &[], width) else { return };
    assert_eq!(numbers, (0..frames).collect::<Vec<_>>(), "{file}");
}

#[test]
fn ffmpeg_reads_the_number_in_every_jpeg_picture() {
    for (width, height) in [(1280, 720), (1920, 1080)] {
        let numbers = [0, 1, 2, 1000, 0x5555, 0xAAAA, 0xFFFF];
        let pictures: Vec<u8> = numbers.iter().flat_map(|number| draw_picture(width, height, *number)).collect();
        let input = ["-f", "mjpeg", "-i", "-"];
        let Some(read) = strips(&input, &pictures, width.into()) else { return };
        assert_eq!(read, numbers.map(|number| number as usize));
    }
}

/// A printer, and the options with which mosquitto's clients reach it. The certificate names the serial and no address,
/// so they need `--insecure`, which skips the name only; `--cafile` has to have the CA, and then the X.509 v1 leaf is
/// good enough for OpenSSL.
struct Mosquitto {
    printer: VirtualPrinter,
    ca_file: std::path::PathBuf,
}

impl Mosquitto {
    /// `None` where the clients are not installed, which CI must not say.
    fn new(model: Model) -> Option<Self> {
        if Command::new("mosquitto_sub").arg("--help").stdout(Stdio::null()).status().is_err() {
            assert!(std::env::var_os("CI").is_none(), "mosquitto-clients is not installed");
            return None;
        }
        let printer = VirtualPrinter::start(Setup { model, ..Setup::default() }).unwrap();
        printer.machine(|machine| machine.start_at(Print::default(), 42));
        let ca_file = std::env::temp_dir().join(format!("vp-ca-{}-{}.pem", std::process::id(), model.name()));
        let mut openssl = Command::new("openssl")
            .args(["x509", "-inform", "DER", "-out"])
            .arg(&ca_file)
            .stdin(Stdio::piped())
            .spawn();
        let openssl = openssl.as_mut().unwrap();
        std::io::Write::write_all(&mut openssl.stdin.take().unwrap(), &ca_certificate().unwrap()).unwrap();
        assert!(openssl.wait().unwrap().success());
        Some(Self { printer, ca_file })
    }

    fn command(&self, program: &str, code: &str, topic: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "127.0.0.1", "-p", &self.printer.mqtt_port().to_string(), "-V", "mqttv311"]);
        command.args(["-u", "bblp", "-P", code, "--insecure", "--cafile"]).arg(&self.ca_file);
        command.args(["-t", &format!("device/{}/{topic}", self.printer.serial())]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What arrives until there were so many messages, a line for each.
    fn listen(&self, count: usize) -> std::process::Child {
        let mut command = self.command("mosquitto_sub", "12345678", "report");
        let child = command.args(["-C", &count.to_string(), "-W", "20", "-F", "%r %q %J"]).spawn().unwrap();
        self.printer.broker().wait_until(|seen| seen.mqtt.subscriptions == 1, super::DEADLINE).unwrap();
        child
    }

    fn publish(&self, messages: &[&str]) {
        for message in messages {
            let mut command = self.command("mosquitto_pub", "12345678", "request");
            assert!(command.args(["-q", "1", "-m", message]).status().unwrap().success(), "{message}");
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.ca_file);
    }
}

#[test]
fn the_strip_in_every_frame_has_its_number() {
    check_strip("chamber1080.h264", 1920, 300);
    check_strip("chamber720.h264", 1168, 96);
    check_strip("chamber540.h264", 960, 120);
}

#[test]
fn mosquitto_gets_reports_and_answers_in_both_dialects() {
    for model in [Model::P1S, Model::H2D] {
        let Some(mosquitto) = Mosquitto::new(model) else { return };
        let child = mosquitto.listen(8);
        mosquitto.publish(&[
            r#"{"pushing":{"sequence_id":"1","command":"pushall"}}"#,
            r#"{"user_id":"1","print":{"sequence_id":"2","command":"pause"}}"#,
            r#"{"system":{"sequence_id":"3","command":"ledctrl","led_node":"chamber_light","led_mode":"off"}}"#,
        ]);
        let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        // Neither retained nor at QoS 1.
        assert!(output.lines().all(|line| line.starts_with("0 0 ")), "{output}");
        for expected in [
            r#""gcode_state":"RUNNING""#,
            r#""result":"success""#,
            r#""gcode_state":"PAUSE""#,
            r#""result":"SUCCESS""#,
            r#""node":"chamber_light","mode":"off""#,
        ] {
            let other_order = r#""mode":"off","node":"chamber_light""#;
            let is_there = output.contains(expected) || expected.contains("node") && output.contains(other_order);
            assert!(is_there, "{model:?}: no {expected} in {output}");
        }
        let seen = mosquitto.printer.broker().seen().mqtt;
        assert_eq!((seen.pushalls, seen.disconnects_unclean), (1, 0));
    }
}

#[test]
fn mosquitto_reports_a_wrong_code() {
    let Some(mosquitto) = Mosquitto::new(Model::X1C) else { return };
    let output = mosquitto.command("mosquitto_sub", "00000000", "report").output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not authorised"));
    assert_eq!(mosquitto.printer.broker().seen().mqtt.refused, 1);
}
