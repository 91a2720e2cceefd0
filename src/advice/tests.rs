use super::*;
use crate::camera::{CameraError, JpegError, Lull, Place, Trouble};
use crate::media::MediaError;
use crate::media::jpeg::{Flaw, PictureError};
use crate::mqtt::{Deafness, MqttError};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Serial};
use crate::rtsp::{Flood, FramingError, Redirect, RtspError, SdpError, Step};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

const PLACES: [Place; 4] = [Place::UsualPort, Place::OtherPort, Place::Pictures, Place::Elsewhere];

fn failures() -> Vec<Failure> {
    let seconds = Duration::from_secs(15);
    vec![
        DialError::Refused(ErrorKind::ConnectionRefused.into()).into(),
        DialError::NoAnswer(ErrorKind::TimedOut.into()).into(),
        DialError::System(ErrorKind::PermissionDenied.into()).into(),
        DialError::Unresolvable { host: "x1.local".into(), source: ErrorKind::NotFound.into() }.into(),
        DialError::Unresolvable { host: "fe80::1%eth9".into(), source: ErrorKind::NotFound.into() }.into(),
        DialError::SelfAssigned { host: "169.254.3.4".into() }.into(),
        Refusal::Unreadable.into(),
        Failure::ClosedInHandshake,
        Failure::LongMessage,
        Failure::NoServerName,
        Failure::HandshakeDeadline(seconds),
        Failure::WriteDeadline(seconds),
        Failure::Closed,
        Failure::Broken(ErrorKind::ConnectionReset.into()),
        Failure::Stopped,
    ]
}

fn link(failure: Failure) -> LinkError {
    LinkError { at: "192.168.1.10:322".into(), failure }
}

fn rtsp_errors() -> Vec<RtspError> {
    let step = Step::Describe;
    let overdue = |step, skipped| RtspError::Overdue { step, within: Duration::from_secs(10), skipped };
    let statuses = [403, 404, 453, 454, 461, 500, 503].map(|status| RtspError::Status { step, status });
    let others = [
        overdue(Step::Options, 0),
        overdue(Step::Options, 7),
        overdue(step, 7),
        RtspError::Closed { step: Step::Options },
        RtspError::Closed { step: Step::Playing },
        RtspError::Ended { by: "TEARDOWN" },
        RtspError::Credentials { step },
        RtspError::NoLogin { step },
        RtspError::Login { step },
        RtspError::Redirected(Redirect::Scheme),
        RtspError::Redirected(Redirect::Host),
        RtspError::NotInterleaved,
        RtspError::Description(SdpError::H265),
        RtspError::Description(SdpError::NoVideo),
        RtspError::Framing(FramingError::Garbage),
        RtspError::Framing(FramingError::EndlessHead),
        RtspError::Flood(Flood::Messages),
        RtspError::Flood(Flood::Scraps),
        RtspError::Flood(Flood::Noise),
    ];
    statuses.into_iter().chain(others).collect()
}

fn camera_errors() -> Vec<CameraError> {
    let own = [
        CameraError::NoFirstPacket,
        CameraError::Silent(4),
        CameraError::NoPicture(30),
        CameraError::NoKeyFrame(300),
        CameraError::Restless,
        CameraError::TooManyPictures,
        CameraError::Panic("a bug".into()),
        MediaError::InterleavedMode { nal_type: 25 }.into(),
    ];
    let own = own.into_iter().chain(jpeg_errors().map(CameraError::from));
    let links = failures().into_iter().map(|failure| link(failure).into());
    links.chain(rtsp_errors().into_iter().map(CameraError::from)).chain(own).collect()
}

fn jpeg_errors() -> [JpegError; 8] {
    [
        JpegError::CodeRefused,
        JpegError::GivesNothing,
        JpegError::NoFirstPicture(40),
        JpegError::Silent(30),
        JpegError::Slow(30),
        PictureError::NotServed.into(),
        PictureError::Long(u32::MAX).into(),
        PictureError::Flawed(Flaw::NoEnd).into(),
    ]
}

fn mqtt_errors() -> Vec<MqttError> {
    let at = || "192.168.1.10:8883".to_owned();
    let deaf = [Deafness::NoAnswers, Deafness::NoReports, Deafness::NoAcknowledgements];
    let own = [
        MqttError::CodeRefused { at: at() },
        MqttError::TurnedAway { at: at(), why: "unavailable" },
        MqttError::HungUpAtSignIn { at: at() },
        MqttError::NoAnswer { at: at() },
        MqttError::Protocol { at: at(), what: "an unexpected packet" },
        MqttError::Silent { at: at(), silence: Duration::from_secs(8) },
        MqttError::System(ErrorKind::OutOfMemory.into()),
        MqttError::Panic("a bug".into()),
    ];
    let links = failures().into_iter().map(|failure| MqttError::Link(link(failure)));
    links.chain(deaf.map(|what| MqttError::Deaf { at: at(), what })).chain(own).collect()
}

fn refusals() -> Vec<Refusal> {
    let (serial, fingerprint) = (Serial::parse("00M09A000000001").unwrap(), Fingerprint([7; 32]));
    let other_serial =
        |seen: &str| Refusal::OtherSerial { expected: serial.clone(), seen: Some(seen.into()), fingerprint };
    vec![
        Refusal::KeySize { bits: 1024 },
        Refusal::KeyNotHeld,
        other_serial("01P00A000000009"),
        other_serial("Unifi"),
        Refusal::Changed { serial: serial.clone(), seen: Some("01P00A000000009".into()) },
        Refusal::Changed { serial, seen: None },
        Refusal::Stranger { seen: fingerprint },
        Refusal::OtherFingerprint { expected: Fingerprint([1; 32]), seen: fingerprint },
        Refusal::NotAPrinter { seen: Some("Unifi".into()) },
        Refusal::NotAPrinter { seen: None },
    ]
}

fn each_with_each_retry() -> Vec<Advice> {
    let mut all = Vec::new();
    for tries in [Tries::Repeated, Tries::Single] {
        for place in PLACES {
            all.extend(camera_errors().iter().map(|error| of_camera_error(error, place, tries)));
        }
        all.extend(mqtt_errors().iter().map(|error| of_mqtt_error(error, tries)));
    }
    all.extend(refusals().iter().map(|refusal| of_refusal(refusal, "192.168.1.10:322")));
    all
}

#[test]
fn the_codes_are_those_that_were_looked_at() {
    let words: BTreeSet<&str> = Code::all().map(Code::word).collect();
    assert_eq!(words.len(), Code::all().count(), "a code is there twice");
    let mut written = String::new();
    for code in Code::all() {
        let sound =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(code.word().split('.').count() >= 2 && code.word().split('.').all(sound), "{code:?}");
        let english = if code.english().is_empty() { "(made of other words)" } else { code.english() };
        writeln!(written, "{}\t{english}", code.word()).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/codes.txt");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept != written {
        let new = std::env::temp_dir().join("codes.txt");
        std::fs::write(&new, written).unwrap();
        panic!("look at {} and copy it to {path}", new.display());
    }
}

#[test]
fn every_failure_is_a_sentence_with_all_its_parameters() {
    for Advice { code, params, sentence } in each_with_each_retry() {
        let sound = sentence.ends_with('.') && !sentence.contains(['{', '}', '\n']) && !sentence.contains("  ");
        assert!(sound, "{code:?} {params:?}: {sentence}");
        assert!(params.values().all(|value| !value.is_object() && !value.is_array() && !value.is_null()), "{params:?}");
        for name in code.english().split('{').skip(1).filter_map(|rest| rest.split(['}', '?']).next()) {
            assert!(params.contains_key(name) || name == "seen", "{code:?} lacks {name}");
        }
    }
}

#[test]
fn the_same_code_and_parameters_are_the_same_sentence() {
    let mut told: Vec<Advice> = Vec::new();
    for advice in each_with_each_retry() {
        let like = told.iter().find(|other| (other.code, &other.params) == (advice.code, &advice.params));
        match like {
            Some(like) => assert_eq!(like.sentence, advice.sentence),
            None => told.push(advice),
        }
    }
}

#[test]
fn a_retry_is_spoken_of_where_one_follows() {
    for error in camera_errors() {
        let of = |tries| of_camera_error(&error, Place::UsualPort, tries).sentence;
        let repeated = of(Tries::Repeated);
        assert_eq!(of(Tries::Single), repeated.replace("; it is tried again", "").replace("; reconnecting", ""));
    }
    for error in mqtt_errors() {
        let of = |tries| of_mqtt_error(&error, tries).sentence;
        let repeated = of(Tries::Repeated);
        assert_eq!(of(Tries::Single), repeated.replace("; it is tried again", "").replace("; reconnecting", ""));
    }
    let silent = of_camera_error(&CameraError::Silent(4), Place::UsualPort, Tries::Repeated);
    assert_eq!(silent.sentence, "The camera has stopped sending; reconnecting.");
}

#[test]
fn a_printer_that_is_off_closed_or_mute_is_told_in_three_ways() {
    let of = |failure| of_camera_error(&link(failure).into(), Place::UsualPort, Tries::Repeated);
    let off = of(DialError::NoAnswer(ErrorKind::TimedOut.into()).into());
    let closed = of(DialError::Refused(ErrorKind::ConnectionRefused.into()).into());
    let mute = of(Failure::HandshakeDeadline(Duration::from_secs(15)));
    let codes = [&off, &closed, &mute].map(|advice| advice.code.word());
    assert_eq!(codes, ["link.nothing-answers", "camera.port-closed", "camera.says-nothing"]);
    assert_eq!(closed.params["peer"], "192.168.1.10:322");
    assert!(off.sentence.starts_with("Nothing answers at 192.168.1.10:322;"), "{}", off.sentence);
    assert!(closed.sentence.ends_with("turn on Settings > LAN Only Liveview."), "{}", closed.sentence);
    assert!(
        mute.sentence.contains("within 15 s") && mute.sentence.contains("restart the printer"),
        "{}",
        mute.sentence
    );
}

#[test]
fn four_reasons_for_no_pictures_are_told_in_four_sentences() {
    let full = link(Failure::HandshakeDeadline(Duration::from_secs(20))).into();
    let of = |error: &CameraError| of_camera_error(error, Place::Pictures, Tries::Repeated).sentence;
    let wrong_code = of(&JpegError::CodeRefused.into());
    let lulls = [Lull::NoCamera, Lull::Updating].map(|lull| of_camera_step(lull.step()).sentence);
    let told = [wrong_code, of(&full), lulls[0].clone(), lulls[1].clone()];
    for (sentence, words) in told.iter().zip(["access code", "places for viewers", "no camera", "updating"]) {
        assert!(sentence.contains(words), "{sentence}");
        assert_eq!(told.iter().filter(|other| other.contains(words)).count(), 1, "{told:?}");
    }
    for error in jpeg_errors() {
        let sentence = of(&error.into());
        assert!(!sentence.contains("Liveview") && !sentence.contains("key frame"), "{sentence}");
    }
}

#[test]
fn nobody_is_sent_to_the_printers_screen_for_another_camera() {
    // A camera that sends pictures is the printer's own.
    let own = |error: &&CameraError| matches!(error, CameraError::Panic(_) | CameraError::Jpeg(_));
    for error in camera_errors().iter().filter(|error| !own(error)) {
        let sentence = of_camera_error(error, Place::Elsewhere, Tries::Repeated).sentence;
        for printers in ["printer's screen", "restart the printer", "Liveview", "access code", "Bambu"] {
            let own_words = sentence.contains("no readable certificate") || sentence.contains("DESCRIBE");
            assert!(own_words || !sentence.contains(printers), "{error:?}: {sentence}");
        }
    }
}

#[test]
fn a_camera_at_a_port_of_its_own_is_told_to_look_at_the_port() {
    let closed = || link(DialError::Refused(ErrorKind::ConnectionRefused.into()).into()).into();
    let codes = PLACES.map(|place| of_camera_error(&closed(), place, Tries::Repeated).code.word());
    assert_eq!(
        codes,
        ["camera.port-closed", "link.port-closed", "camera.pictures.port-closed", "camera.elsewhere.port-closed"]
    );
}

#[test]
fn a_changed_identity_says_how_to_accept_it() {
    let sentences: Vec<String> =
        refusals().iter().map(|refusal| of_refusal(refusal, "192.168.1.10").sentence).collect();
    for part in ["identity changed", "new mainboard", "01P00A000000009", "192.168.1.10", "accept the new certificate"] {
        assert!(sentences[4].contains(part), "{}", sentences[4]);
    }
    assert!(sentences[5].contains("another device, answers at"), "{}", sentences[5]);
    assert!(
        sentences[6].ends_with(&format!("set the camera fingerprint to {}.", Fingerprint([7; 32]))),
        "{}",
        sentences[6]
    );
}

#[test]
fn a_failure_counts_as_the_same_one_however_long_it_took() {
    let failed = |error: CameraError| Trouble::Failed { error: Arc::new(error), place: Place::UsualPort };
    assert_eq!(failed(CameraError::Silent(4)), failed(CameraError::Silent(5)));
    assert_ne!(failed(CameraError::Silent(4)), failed(CameraError::NoFirstPacket));
    let status = |status| failed(RtspError::Status { step: Step::Setup, status }.into());
    assert_ne!(status(453), status(454));
    let overdue =
        |skipped| failed(RtspError::Overdue { step: Step::Options, within: Duration::from_secs(4), skipped }.into());
    assert!(overdue(3) == overdue(4) && overdue(0) != overdue(3));
    for error in mqtt_errors() {
        assert_eq!(mqtt_errors().iter().filter(|other| **other == error).count(), 1, "{error:?}");
    }
}

#[test]
fn what_a_parameter_holds_is_not_filled_in_again() {
    let advice =
        printers::of_registry_error(&crate::registry::RegistryError::DuplicateSerial { name: "{name} {".into() });
    assert_eq!(advice.sentence, "A printer with this serial number is already here: “{name} {”.");
}
