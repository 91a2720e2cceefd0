//! Says what is wrong with a field that a person has typed. No sentence repeats the input.

use super::Advice;
use super::code::words;
use crate::printer::Mistake;
use crate::printer::address::UrlError;

words! {
    NAME_MISSING "field.name-missing" "Give the printer a name."
    NAME_TOO_LONG "field.name-too-long" "The name is longer than {limit} characters."
    NAME_DISRUPTIVE "field.name-disruptive" "The name has line breaks or other invisible characters in it."
    NAME_INVISIBLE "field.name-invisible" "Nothing of the name can be seen; give the printer one that can be read."
    HOST_MISSING "field.host-missing" "Give the printer's address: its IP address or its name in your network."
    HOST_MALFORMED "field.host-malformed" "The address must be an IP address or a name alone, like 192.168.1.10 or \
        printer.local, without scheme, port or path."
    LACKS_ZONE "field.lacks-zone" "A link-local address needs the network interface that leads there, like fe80::1%eth0."
    SELF_ASSIGNED "field.self-assigned" "An address that begins with 169.254 is one that a device gives itself when its \
        network gives it none: connect the printer to the network, and enter the address that it shows then."
    SERIAL_MISSING "field.serial-missing" "Give the serial number; the printer shows it under Settings > Device."
    SERIAL_MALFORMED "field.serial-malformed" "The serial number must be 10 to 20 letters and digits; the printer shows it \
        under Settings > Device."
    CODE_MISSING "field.code-missing" "Give the access code; the printer shows it under Settings > LAN Only."
    CODE_OF_ANOTHER "field.code-of-another" "The access code was given for another address or serial number; type it \
        again."
    CODE_MALFORMED "field.code-malformed" "The access code must be 1 to {limit} letters, digits and signs without spaces; \
        a printer's has 8."
    URL_SCHEME "field.url-scheme" "The camera URL must begin with rtsps://."
    URL_PLAIN "field.url-plain" "A camera URL with rtsp:// would send the picture and the login unprotected; use rtsps://, \
        or set RTSP_ALLOW_PLAIN=true for cameras that cannot."
    URL_USERINFO "field.url-userinfo" "Leave the user name and the code out of the camera URL: the access code, or the \
        camera's own user and password, belong in their own fields, where they stay secret."
    URL_TOO_LONG "field.url-too-long" "The camera URL is longer than {limit} characters."
    URL_MALFORMED "field.url-malformed" "The camera URL is not valid; it should look like \
        rtsps://192.168.1.10:322/streaming/live/1."
    URL_OF_FORMER_HOST "field.url-of-former-host" "The camera URL still names the address that the printer had; write the \
        new one into it, or leave it empty."
    FINGERPRINT_MALFORMED "field.fingerprint-malformed" "The camera fingerprint must be a SHA-256 in hex: 64 of 0-9 and \
        a-f, colons allowed."
    FINGERPRINT_MISSING "field.fingerprint-missing" "The camera URL names another host than the printer's: give the \
        fingerprint of that camera's certificate, which a test here shows, or write the printer's own address into the URL."
    USER_MISSING "field.user-missing" "Give the user that the camera's password is for."
    USER_WITHOUT_URL "field.user-without-url" "A login of the camera's own goes with a camera URL; give the URL, or leave \
        the user empty."
    USER_MALFORMED "field.user-malformed" "The camera's user must be 1 to 64 letters, digits and signs, without a colon."
    PASSWORD_OF_ANOTHER "field.password-of-another" "The camera's password was given for another host; type it again."
    PASSWORD_MISSING "field.password-missing" "Give the camera's password."
    PASSWORD_MALFORMED "field.password-malformed" "The camera's password is longer than 128 characters, or has line breaks \
        or the like in it."
    NOT_TEXT "field.not-text" "This must be text in quotes, or null."
    NOT_TRUTH "field.not-truth" "This must be true or false."
}

/// Returns the words for a mistake.
#[must_use]
pub fn of_mistake(mistake: Mistake) -> Advice {
    let code = match mistake {
        Mistake::NameMissing => NAME_MISSING,
        Mistake::NameTooLong { limit } => return NAME_TOO_LONG.with([("limit", limit.into())]),
        Mistake::NameDisruptive => NAME_DISRUPTIVE,
        Mistake::NameInvisible => NAME_INVISIBLE,
        Mistake::HostMissing => HOST_MISSING,
        Mistake::HostMalformed => HOST_MALFORMED,
        Mistake::LacksZone => LACKS_ZONE,
        Mistake::SelfAssigned => SELF_ASSIGNED,
        Mistake::SerialMissing => SERIAL_MISSING,
        Mistake::SerialMalformed => SERIAL_MALFORMED,
        Mistake::CodeMissing => CODE_MISSING,
        Mistake::CodeOfAnother => CODE_OF_ANOTHER,
        Mistake::CodeMalformed { limit } => return CODE_MALFORMED.with([("limit", limit.into())]),
        Mistake::Url(why) => return of_url(why),
        Mistake::UrlOfFormerHost => URL_OF_FORMER_HOST,
        Mistake::FingerprintMalformed => FINGERPRINT_MALFORMED,
        Mistake::FingerprintMissing => FINGERPRINT_MISSING,
        Mistake::UserMissing => USER_MISSING,
        Mistake::UserWithoutUrl => USER_WITHOUT_URL,
        Mistake::UserMalformed => USER_MALFORMED,
        Mistake::PasswordOfAnother => PASSWORD_OF_ANOTHER,
        Mistake::PasswordMissing => PASSWORD_MISSING,
        Mistake::PasswordMalformed => PASSWORD_MALFORMED,
        Mistake::NotText => NOT_TEXT,
        Mistake::NotTruth => NOT_TRUTH,
    };
    code.plain()
}

/// Returns the words for a camera URL that cannot be used.
#[must_use]
pub fn of_url(why: UrlError) -> Advice {
    match why {
        UrlError::Scheme => URL_SCHEME.plain(),
        UrlError::Plain => URL_PLAIN.plain(),
        UrlError::Userinfo => URL_USERINFO.plain(),
        UrlError::TooLong { limit } => URL_TOO_LONG.with([("limit", limit.into())]),
        UrlError::Malformed => URL_MALFORMED.plain(),
    }
}
