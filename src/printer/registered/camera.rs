//! The camera settings of a person. A URL may name another host than the printer's; such a camera has its own login and
//! certificate. The printer's access code is never sent there.

use crate::base::secret::Secret;
use crate::printer::{Details, FieldError, Mistake, Printer, RtspUrl};

/// A separate login for the camera. It belongs to the host of the camera URL, and is sent to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraLogin {
    /// 1 to 64 printable ASCII characters without a colon, which Basic (RFC 7617) cannot carry.
    pub user: String,
    /// Up to 128 bytes without control characters; some cameras have an empty password.
    pub password: Secret,
}

/// The login as a person typed it. An empty `user` removes the login; a missing one keeps the present one. A missing
/// password keeps the present one.
#[derive(Debug, Clone, Copy)]
pub struct TypedLogin<'a> {
    pub user: Option<&'a str>,
    pub password: Option<&'a Secret>,
}

const USER_BYTES: usize = 64;
const PASSWORD_BYTES: usize = 128;

/// Combines the typed login for the camera at `url` with the stored one.
pub fn login(
    typed: TypedLogin<'_>,
    url: Option<&RtspUrl>,
    present: Option<&Printer>,
) -> Result<Option<CameraLogin>, FieldError> {
    let stored = present.and_then(|printer| printer.camera_login.as_ref());
    let stored_url = present.and_then(|printer| printer.rtsp_url.as_ref());
    // For another host the password must be typed again, because it was given for the previous host.
    let same_host = url.map(RtspUrl::host) == stored_url.map(RtspUrl::host);
    let kept = stored.filter(|_| same_host);
    let user = match typed.user.map(str::trim) {
        None => kept.map(|kept| kept.user.as_str()),
        Some("") => None,
        Some(user) => Some(user),
    };
    let has_password = typed.password.is_some_and(|password| !password.expose().is_empty());
    let Some(user) = user else {
        return match has_password {
            true => Err(wrong("cameraUser", Mistake::UserMissing)),
            false => Ok(None),
        };
    };
    if url.is_none() {
        return Err(wrong("cameraUser", Mistake::UserWithoutUrl));
    }
    let sound = user.len() <= USER_BYTES && user.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b':');
    if !sound {
        return Err(wrong("cameraUser", Mistake::UserMalformed));
    }
    let password = match (typed.password, kept) {
        (Some(password), _) => password,
        (None, Some(kept)) => &kept.password,
        (None, None) if stored.is_some() => {
            return Err(wrong("cameraPassword", Mistake::PasswordOfAnother));
        }
        (None, None) => return Err(wrong("cameraPassword", Mistake::PasswordMissing)),
    };
    let text = password.expose();
    if text.len() > PASSWORD_BYTES || text.chars().any(char::is_control) {
        return Err(wrong("cameraPassword", Mistake::PasswordMalformed));
    }
    Ok(Some(CameraLogin { user: user.to_owned(), password: password.clone() }))
}

/// Checks that the settings are complete for a camera on another host than the printer's. Settings stored earlier are
/// not checked again: the camera's state says what is missing.
pub fn is_complete(details: &Details, present: Option<&Printer>) -> Result<(), FieldError> {
    let Some(url) = details.rtsp_url.as_ref().filter(|url| url.host() != details.host) else { return Ok(()) };
    let before = present.filter(|printer| printer.rtsp_url.as_ref() == Some(url));
    if before.is_some_and(|before| before.host == url.host()) {
        return Err(wrong("rtspUrl", Mistake::UrlOfFormerHost));
    }
    let as_before = before
        .is_some_and(|before| before.host == details.host && before.camera_fingerprint == details.camera_fingerprint);
    if url.tls() && details.camera_fingerprint.is_none() && !as_before {
        return Err(wrong("cameraFingerprint", Mistake::FingerprintMissing));
    }
    Ok(())
}

fn wrong(field: &'static str, mistake: Mistake) -> FieldError {
    FieldError { field, mistake }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{Draft, Fingerprint, PrinterId, Rules, validate};

    const FINGERPRINT: Option<Fingerprint> = Some(Fingerprint([0xab; 32]));

    fn draft(url: &str) -> Draft {
        Draft {
            name: Some("A1".into()),
            host: Some("192.168.1.10".into()),
            serial: Some("03900A000000001".into()),
            access_code: Some(Secret::new("12345678")),
            rtsp_url: Some(url.into()),
            camera_fingerprint: FINGERPRINT.map(|fingerprint| fingerprint.to_string()),
            ..Draft::default()
        }
    }

    fn with_login(url: &str, user: Option<&str>, password: Option<&str>) -> Draft {
        Draft { camera_user: user.map(Into::into), camera_password: password.map(Secret::new), ..draft(url) }
    }

    fn stored(draft: Draft) -> Printer {
        let rules = Rules { allow_plain_rtsp: true, allow_unknown_camera: true };
        validate(draft, None, rules).expect("sound").printer(PrinterId(1))
    }

    /// Checks user and password of the resulting login, or the name of the wrong field.
    #[track_caller]
    fn check(draft: &Draft, present: Option<&Printer>, expected: Result<Option<(&str, &str)>, &str>) {
        let made = validate(draft.clone(), present, Rules::default());
        let made = made.map(|details| details.camera_login).map_err(|wrong| wrong[0].field);
        let made = made.as_ref().map(|login| login.as_ref().map(|login| (&*login.user, login.password.expose())));
        assert_eq!(made, expected.as_ref().map(|pair| *pair), "{draft:?}");
    }

    #[test]
    fn a_camera_elsewhere_has_a_login_of_its_own_or_none() {
        let url = "rtsps://cam.local/live";
        check(&draft(url), None, Ok(None));
        check(&with_login(url, Some(" admin "), Some(" a b:ö ")), None, Ok(Some(("admin", " a b:ö "))));
        check(&with_login(url, Some("admin"), Some("")), None, Ok(Some(("admin", ""))));
        check(&with_login(url, Some(""), Some("")), None, Ok(None));
        check(&with_login(url, Some("admin"), None), None, Err("cameraPassword"));
        check(&with_login(url, None, Some("secret")), None, Err("cameraUser"));
        check(&with_login(url, Some(""), Some("secret")), None, Err("cameraUser"));
        check(&with_login("", Some("admin"), Some("secret")), None, Err("cameraUser"));
        for user in ["a:b", "é", "a\nb", &"a".repeat(65)] {
            check(&with_login(url, Some(user), Some("secret")), None, Err("cameraUser"));
        }
        for password in ["a\r\nb", &"a".repeat(129)] {
            check(&with_login(url, Some("admin"), Some(password)), None, Err("cameraPassword"));
        }
    }

    #[test]
    fn a_login_is_kept_for_its_host_and_goes_to_no_other() {
        let url = "rtsps://cam.local/live";
        let present = stored(with_login(url, Some("admin"), Some("secret")));
        let check =
            |url: &str, user, password, expected| check(&with_login(url, user, password), Some(&present), expected);
        check(url, None, None, Ok(Some(("admin", "secret"))));
        check(url, Some("admin"), None, Ok(Some(("admin", "secret"))));
        check("rtsps://cam.local:7441/other", Some("viewer"), None, Ok(Some(("viewer", "secret"))));
        check(url, None, Some("new"), Ok(Some(("admin", "new"))));
        check(url, Some(""), None, Ok(None));
        check("rtsps://evil.local/live", None, None, Ok(None));
        check("rtsps://evil.local/live", Some("admin"), None, Err("cameraPassword"));
        check("rtsps://evil.local/live", Some("admin"), Some("other"), Ok(Some(("admin", "other"))));
        check("", None, None, Ok(None));
        check("", Some("admin"), None, Err("cameraUser"));
    }

    #[test]
    fn a_camera_elsewhere_is_known_by_its_fingerprint_or_is_plain() {
        let unknown = |url: &str| Draft { camera_fingerprint: None, ..draft(url) };
        let check = |draft: Draft, present: Option<&Printer>, rules, field: Option<&str>| {
            let wrong = validate(draft, present, rules).err().map(|wrong| wrong[0].field);
            assert_eq!(wrong, field);
        };
        let plain = Rules { allow_plain_rtsp: true, ..Rules::default() };
        let trying = Rules { allow_unknown_camera: true, ..Rules::default() };
        let foreign = "rtsps://cam.local/live";
        check(unknown(foreign), None, Rules::default(), Some("cameraFingerprint"));
        check(unknown(foreign), None, trying, None);
        check(draft(foreign), None, Rules::default(), None);
        check(unknown("rtsp://cam.local/live"), None, plain, None);
        check(unknown("rtsps://192.168.1.10/live"), None, Rules::default(), None);
        // Stored before a host in the URL had any effect. It may stay, and the printer may be renamed.
        let old = stored(unknown(foreign));
        check(Draft { name: Some("Renamed".into()), ..unknown(foreign) }, Some(&old), Rules::default(), None);
        check(unknown("rtsps://cam.local/other"), Some(&old), Rules::default(), Some("cameraFingerprint"));
    }

    #[test]
    fn a_new_host_updates_the_camera_url_or_is_refused() {
        let present = stored(draft("rtsps://192.168.1.10/live"));
        let moved = |url: &str| Draft { host: Some("192.168.1.11".into()), ..draft(url) };
        let wrong = |url| validate(moved(url), Some(&present), Rules::default()).err().map(|wrong| wrong[0].field);
        assert_eq!(wrong("rtsps://192.168.1.10/live"), Some("rtspUrl"));
        assert_eq!(wrong("rtsps://192.168.1.11/live"), None);
        assert_eq!(wrong(""), None);
    }
}
