//! Turns a person's input into details that can be stored, or names what is wrong with each field.

use super::camera::{self, CameraLogin, TypedLogin};
use super::mistake::{FieldError, Mistake};
use crate::base::secret::Secret;
use crate::printer::{Fingerprint, Printer, PrinterId, RtspUrl, Serial, address, text};

/// A printer as a person typed it. Unless noted otherwise, `None` and an empty text both mean "not given".
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// See [`crate::printer::Printer`].
    pub name: Option<String>,
    /// See [`crate::printer::Printer`].
    pub host: Option<String>,
    /// See [`crate::printer::Printer`].
    pub serial: Option<String>,
    /// May be missing in an edit that keeps host and serial number; the present code is then kept.
    pub access_code: Option<Secret>,
    /// See [`crate::printer::Printer`].
    pub rtsp_url: Option<String>,
    /// The user of the camera's separate login. `None` keeps the present one; an empty text removes the login.
    pub camera_user: Option<String>,
    /// The password of that login. `None` keeps the present one.
    pub camera_password: Option<Secret>,
    /// SHA-256 in hex, colons allowed.
    pub camera_fingerprint: Option<String>,
    /// See [`Details`].
    pub accept_certificate: bool,
}

/// The details of a printer, ready to be stored. Made by [`validate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// 1 to 100 characters, at least one of them visible.
    pub name: String,
    /// A name, or an IP address without brackets.
    pub host: String,
    /// See [`Serial`].
    pub serial: Serial,
    /// 1 to 64 printable ASCII characters.
    pub access_code: Secret,
    /// See [`RtspUrl`].
    pub rtsp_url: Option<RtspUrl>,
    /// See [`crate::printer::Printer`].
    pub camera_login: Option<CameraLogin>,
    /// See [`crate::printer::Printer`].
    pub camera_fingerprint: Option<Fingerprint>,
    /// A person vouches for the next certificate, so the pinned one is forgotten. Nothing else does that. The access
    /// code must not: a program that sends back what it received includes it in every edit.
    pub accept_certificate: bool,
}

impl Details {
    /// Returns the printer with this id, for details that have been stored.
    #[must_use]
    pub fn printer(&self, id: PrinterId) -> Printer {
        let Self { name, host, serial, access_code, rtsp_url, camera_login, camera_fingerprint, .. } = self.clone();
        Printer { id, name, host, serial, access_code, rtsp_url, camera_login, camera_fingerprint }
    }
}

/// Rules that depend on the configuration and on the purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether a camera URL may be `rtsp://`.
    pub allow_plain_rtsp: bool,
    /// Whether the fingerprint of a camera at another host may be missing. A test finds it out.
    pub allow_unknown_camera: bool,
}

/// The longest name, in characters.
const NAME_CHARS: usize = 100;
/// The longest access code; a printer's has 8 characters.
const CODE_BYTES: usize = 64;

/// Validates every field and names all that are wrong. `present` is the printer being edited. Missing fields keep its
/// values, and unchanged fields are valid whatever the present rules are.
///
/// # Errors
/// Returns a mistake for each field that is missing or wrong.
pub fn validate(draft: Draft, present: Option<&Printer>, rules: Rules) -> Result<Details, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let name = keep("name", name(draft.name.as_deref(), present), &mut wrong);
    let host = keep("host", host(draft.host.as_deref(), present), &mut wrong);
    let serial = keep("serial", serial(draft.serial.as_deref()), &mut wrong);
    let moved = present.is_some_and(|printer| {
        host.as_ref().is_some_and(|host| *host != printer.host)
            || serial.as_ref().is_some_and(|serial| *serial != printer.serial)
    });
    let code = draft.access_code.filter(|code| !code.expose().trim().is_empty());
    let access_code = keep("accessCode", access_code(code.as_ref(), present, moved), &mut wrong);
    let rtsp_url = keep("rtspUrl", rtsp_url(draft.rtsp_url.as_deref(), present, rules), &mut wrong);
    let typed = TypedLogin { user: draft.camera_user.as_deref(), password: draft.camera_password.as_ref() };
    // Without a valid URL, the owner of the login is unknown.
    let login = rtsp_url
        .as_ref()
        .and_then(|url| camera::login(typed, url.as_ref(), present).map_err(|why| wrong.push(why)).ok());
    let fingerprint = keep("cameraFingerprint", fingerprint(draft.camera_fingerprint.as_deref()), &mut wrong);
    let (
        Some(name),
        Some(host),
        Some(serial),
        Some(access_code),
        Some(rtsp_url),
        Some(camera_login),
        Some(camera_fingerprint),
    ) = (name, host, serial, access_code, rtsp_url, login, fingerprint)
    else {
        return Err(wrong);
    };
    let accept_certificate = draft.accept_certificate;
    let details =
        Details { name, host, serial, access_code, rtsp_url, camera_login, camera_fingerprint, accept_certificate };
    match camera::is_complete(&details, present) {
        Err(why) if !rules.allow_unknown_camera => Err(vec![why]),
        _ => Ok(details),
    }
}

fn keep<T>(field: &'static str, checked: Result<T, Mistake>, wrong: &mut Vec<FieldError>) -> Option<T> {
    checked.map_err(|mistake| wrong.push(FieldError { field, mistake })).ok()
}

fn name(typed: Option<&str>, present: Option<&Printer>) -> Result<String, Mistake> {
    let Some(name) = given(typed) else { return Err(Mistake::NameMissing) };
    if present.is_some_and(|printer| printer.name == name) {
        return Ok(name.to_owned());
    }
    if name.chars().count() > NAME_CHARS {
        return Err(Mistake::NameTooLong { limit: NAME_CHARS });
    }
    if name.chars().any(text::is_disruptive) {
        return Err(Mistake::NameDisruptive);
    }
    if !text::is_visible(name) {
        return Err(Mistake::NameInvisible);
    }
    Ok(name.to_owned())
}

fn host(typed: Option<&str>, present: Option<&Printer>) -> Result<String, Mistake> {
    let Some(typed) = given(typed) else { return Err(Mistake::HostMissing) };
    if present.is_some_and(|printer| printer.host == typed) {
        return Ok(typed.to_owned());
    }
    let host = address::parse_host(typed).ok_or(Mistake::HostMalformed)?;
    can_be_reached(&host).map(|()| host)
}

fn can_be_reached(host: &str) -> Result<(), Mistake> {
    if address::lacks_zone(host) {
        return Err(Mistake::LacksZone);
    }
    if address::is_self_assigned(host) {
        return Err(Mistake::SelfAssigned);
    }
    Ok(())
}

fn serial(typed: Option<&str>) -> Result<Serial, Mistake> {
    let Some(typed) = given(typed) else { return Err(Mistake::SerialMissing) };
    Serial::parse(typed).ok_or(Mistake::SerialMalformed)
}

/// Chooses the access code. The stored code is not sent elsewhere: `moved` means that host or serial number have
/// changed.
fn access_code(typed: Option<&Secret>, present: Option<&Printer>, moved: bool) -> Result<Secret, Mistake> {
    let Some(code) = typed.or(present.filter(|_| !moved).map(|printer| &printer.access_code)) else {
        return Err(match present {
            Some(_) => Mistake::CodeOfAnother,
            None => Mistake::CodeMissing,
        });
    };
    let text = code.expose().trim();
    if text.len() > CODE_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Mistake::CodeMalformed { limit: CODE_BYTES });
    }
    Ok(Secret::new(text))
}

fn rtsp_url(typed: Option<&str>, present: Option<&Printer>, rules: Rules) -> Result<Option<RtspUrl>, Mistake> {
    let Some(typed) = given(typed) else { return Ok(None) };
    if let Some(url) = present.and_then(|printer| printer.rtsp_url.as_ref()).filter(|url| url.to_string() == typed) {
        return Ok(Some(url.clone()));
    }
    let url = RtspUrl::parse(typed, rules.allow_plain_rtsp).map_err(Mistake::Url)?;
    can_be_reached(url.host()).map(|()| Some(url))
}

fn fingerprint(typed: Option<&str>) -> Result<Option<Fingerprint>, Mistake> {
    let Some(typed) = given(typed) else { return Ok(None) };
    Fingerprint::parse(typed).map(Some).ok_or(Mistake::FingerprintMalformed)
}

fn given(typed: Option<&str>) -> Option<&str> {
    typed.map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft() -> Draft {
        Draft {
            name: Some(" Studio X1 ".into()),
            host: Some("192.168.1.10".into()),
            serial: Some("00m09a000000001".into()),
            access_code: Some(Secret::new(" 12345678 ")),
            camera_fingerprint: Some(String::new()),
            ..Draft::default()
        }
    }

    fn printer(change: impl FnOnce(&mut Draft)) -> Printer {
        let mut draft = draft();
        change(&mut draft);
        let all = Rules { allow_plain_rtsp: true, allow_unknown_camera: true };
        validate(draft, None, all).expect("sound").printer(PrinterId(1))
    }

    /// Returns the wrong fields of the usual draft after `change`.
    fn wrong(change: impl FnOnce(&mut Draft)) -> Vec<&'static str> {
        let mut draft = draft();
        change(&mut draft);
        let errors = validate(draft, None, Rules::default()).err().unwrap_or_default();
        errors.iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_valid_draft_is_trimmed_and_accepted() {
        let details = validate(draft(), None, Rules::default()).expect("sound");
        assert_eq!((details.name.as_str(), details.serial.as_str()), ("Studio X1", "00M09A000000001"));
        assert_eq!(details.access_code.expose(), "12345678");
        assert!(details.rtsp_url.is_none() && details.camera_fingerprint.is_none() && !details.accept_certificate);
    }

    #[test]
    fn an_edit_without_a_code_keeps_the_stored_one() {
        let present = printer(|d| d.access_code = Some(Secret::new("87654321")));
        for code in [None, Some(Secret::new("")), Some(Secret::new("  "))] {
            let edit = Draft { access_code: code, ..draft() };
            let details = validate(edit, Some(&present), Rules::default()).expect("sound");
            assert_eq!(details.access_code.expose(), "87654321");
        }
    }

    #[test]
    fn the_stored_code_is_kept_only_for_the_same_host_and_serial() {
        let present = printer(|_| ());
        let check = |change: fn(&mut Draft), expected: Result<&str, &str>| {
            let mut edit = Draft { access_code: Some(Secret::new("")), ..draft() };
            change(&mut edit);
            let made = validate(edit, Some(&present), Rules::default());
            let made = made.map(|details| details.access_code.expose().to_owned()).map_err(|wrong| wrong[0].field);
            assert_eq!(made, expected.map(str::to_owned));
        };
        check(|_| (), Ok("12345678"));
        check(|d| d.host = Some(" 192.168.1.10 ".into()), Ok("12345678"));
        check(|d| d.serial = Some("00M09A000000001".into()), Ok("12345678"));
        check(|d| d.host = Some("192.168.1.11".into()), Err("accessCode"));
        check(|d| d.host = Some("printer.local".into()), Err("accessCode"));
        check(|d| d.serial = Some("00M09A000000002".into()), Err("accessCode"));
        check(
            |d| (d.host, d.access_code) = (Some("192.168.1.11".into()), Some(Secret::new("87654321"))),
            Ok("87654321"),
        );
    }

    #[test]
    fn stored_values_stay_valid_under_newer_rules() {
        let odd = Printer {
            name: "\u{200b}".into(),
            host: "fe80::1".into(),
            ..printer(|d| d.rtsp_url = Some("rtsp://cam/live".into()))
        };
        let same = Draft {
            name: Some(odd.name.clone()),
            host: Some(odd.host.clone()),
            rtsp_url: Some("rtsp://cam/live".into()),
            ..draft()
        };
        let details = validate(same.clone(), Some(&odd), Rules::default()).expect("unchanged");
        assert_eq!(
            (details.name, details.host, details.rtsp_url),
            (odd.name.clone(), odd.host.clone(), odd.rtsp_url.clone())
        );
        assert!(validate(same, None, Rules::default()).is_err());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let errors = validate(Draft::default(), None, Rules::default()).expect_err("nothing was given");
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "host", "serial", "accessCode"]);
    }

    #[test]
    fn only_the_wrong_field_is_named_and_its_content_not_repeated() {
        assert!(wrong(|_| ()).is_empty());
        assert!(wrong(|d| d.name = Some("ß".repeat(100))).is_empty());
        assert_eq!(wrong(|d| d.name = Some("ß".repeat(101))), ["name"]);
        assert_eq!(wrong(|d| d.name = Some("a\nb".into())), ["name"]);
        assert_eq!(wrong(|d| d.name = Some("a\u{202e}b".into())), ["name"]);
        for nothing in ["\u{200b}", "\u{feff}\u{2060}", "\u{ad}", "\u{3164}", "\u{2800} \u{2800}"] {
            assert_eq!(wrong(|d| d.name = Some(nothing.into())), ["name"], "{nothing:?}");
        }
        assert!(wrong(|d| d.name = Some("👩\u{200d}🔧\u{fe0f}".into())).is_empty());
        assert_eq!(wrong(|d| d.host = Some("192.168.1.10:8883".into())), ["host"]);
        assert_eq!(wrong(|d| d.host = Some("fe80::1".into())), ["host"]);
        for own in ["169.254.169.254", "169.254.7.7", "::ffff:169.254.7.7", "[::ffff:a9fe:707]"] {
            assert_eq!(wrong(|d| d.host = Some(own.into())), ["host"], "{own}");
        }
        assert_eq!(wrong(|d| d.rtsp_url = Some("rtsps://169.254.7.7/live".into())), ["rtspUrl"]);
        assert!(wrong(|d| d.host = Some("fe80::1%eth0".into())).is_empty());
        assert_eq!(wrong(|d| d.rtsp_url = Some("rtsps://[fe80::1]/live".into())), ["rtspUrl"]);
        assert_eq!(wrong(|d| d.serial = Some("00M09A+/#".into())), ["serial"]);
        assert_eq!(wrong(|d| d.access_code = Some(Secret::new("12345678\r\nX"))), ["accessCode"]);
        assert_eq!(wrong(|d| d.access_code = Some(Secret::new("1".repeat(65)))), ["accessCode"]);
        assert_eq!(wrong(|d| d.rtsp_url = Some("rtsp://cam/live".into())), ["rtspUrl"]);
        assert_eq!(wrong(|d| d.rtsp_url = Some("rtsps://bblp:12345678@cam/".into())), ["rtspUrl"]);
        assert_eq!(wrong(|d| d.camera_user = Some("admin".into())), ["cameraUser"]);
        assert_eq!(wrong(|d| d.camera_fingerprint = Some("12:34".into())), ["cameraFingerprint"]);
    }

    #[test]
    fn plain_rtsp_is_accepted_where_the_environment_allows_it() {
        let plain = Draft { rtsp_url: Some("rtsp://cam/live".into()), ..draft() };
        let details = validate(plain, None, Rules { allow_plain_rtsp: true, ..Rules::default() }).expect("allowed");
        assert!(details.rtsp_url.is_some_and(|url| !url.tls() && url.port() == 554));
    }

    proptest! {
        #[test]
        fn an_accepted_draft_is_accepted_again_unchanged(
            name in "\\PC{1,30}", host in "[a-zA-Z0-9.:-]{1,20}", serial in "[0-9a-zA-Z]{10,20}", code in "[ -~]{1,10}",
        ) {
            let typed = Draft {
                name: Some(name), host: Some(host), serial: Some(serial), access_code: Some(Secret::new(code)), ..Draft::default()
            };
            if let Ok(details) = validate(typed, None, Rules::default()) {
                let again = Draft {
                    name: Some(details.name.clone()),
                    host: Some(details.host.clone()),
                    serial: Some(details.serial.to_string()),
                    access_code: Some(details.access_code.clone()),
                    ..Draft::default()
                };
                prop_assert_eq!(validate(again, None, Rules::default()), Ok(details));
            }
        }
    }
}
