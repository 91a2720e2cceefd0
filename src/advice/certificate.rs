//! Says why a certificate was not accepted.

use super::Advice;
use super::code::words;
use crate::printer::Serial;
use crate::printer::identity::Refusal;

words! {
    UNREADABLE "certificate.unreadable" "What answers at {peer} has no readable certificate, so it is not a printer; \
        check the address."
    KEY_SIZE "certificate.key-size" "The certificate at {peer} has an RSA key of {bits} bits, which cannot be trusted; a \
        newer firmware of the device may bring a better one."
    KEY_NOT_HELD "certificate.key-not-held" "The device at {peer} shows a certificate whose key it does not have: it is \
        not the printer, or somebody stands in between. Nothing was sent to it."
    OTHER_PRINTER "certificate.other-printer" "The device at {peer} says it is {seen}, not {expected}; correct the \
        address or the serial number."
    OTHER_DEVICE "certificate.other-device" "The device at {peer} does not say that it is {expected}; check the address, \
        or, if it is a camera and no printer, set its camera fingerprint to {fingerprint}."
    CHANGED "certificate.changed" "The printer's identity changed: a new mainboard, or another device{seen? (it says it \
        is {seen})}, answers at {peer}. Nothing was sent to it. If this is right, accept the new certificate; the page \
        has a button for that."
    NOT_A_PRINTER "certificate.not-a-printer" "What answers at {peer} shows a certificate without a printer's serial \
        number{seen? (it says it is {seen})}, so it is not a printer; check the address."
    UNKNOWN_CAMERA "certificate.unknown-camera" "The camera at {peer} shows a certificate that is not known here; nothing \
        was sent to it. If it is this camera's, set the camera fingerprint to {fingerprint}."
    OTHER_CAMERA "certificate.other-camera" "The camera at {peer} has another certificate than the one allowed; if this \
        is right, set the camera fingerprint to {fingerprint}."
}

/// Returns the advice for a certificate that `at`, host and port, has shown.
#[must_use]
pub fn of_refusal(refusal: &Refusal, at: &str) -> Advice {
    let peer = ("peer", at.into());
    match refusal {
        Refusal::Unreadable => UNREADABLE.with([peer]),
        Refusal::KeySize { bits } => KEY_SIZE.with([peer, ("bits", (*bits).into())]),
        Refusal::KeyNotHeld => KEY_NOT_HELD.with([peer]),
        Refusal::OtherSerial { expected, seen: Some(seen), .. } if Serial::parse(seen).is_some() => {
            OTHER_PRINTER.with([peer, ("seen", seen.as_str().into()), ("expected", expected.as_str().into())])
        }
        Refusal::OtherSerial { expected, fingerprint, .. } => OTHER_DEVICE.with([
            peer,
            ("expected", expected.as_str().into()),
            ("fingerprint", fingerprint.to_string().into()),
        ]),
        Refusal::Changed { serial, seen } => match seen.as_ref().filter(|seen| *seen != serial.as_str()) {
            Some(seen) => CHANGED.with([peer, ("seen", seen.as_str().into())]),
            None => CHANGED.with([peer]),
        },
        Refusal::NotAPrinter { seen: Some(seen) } => NOT_A_PRINTER.with([peer, ("seen", seen.as_str().into())]),
        Refusal::NotAPrinter { seen: None } => NOT_A_PRINTER.with([peer]),
        Refusal::Stranger { seen } => UNKNOWN_CAMERA.with([peer, ("fingerprint", seen.to_string().into())]),
        Refusal::OtherFingerprint { seen, .. } => OTHER_CAMERA.with([peer, ("fingerprint", seen.to_string().into())]),
    }
}
