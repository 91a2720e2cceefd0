//! What anybody may send to `/api`: a draft of a printer, a command, an address. What is taken of a draft is taken
//! again unchanged, also as an edit of itself; what is refused is refused in a sentence that does not repeat a code.

use platecast::advice;
use platecast::base::secret::Secret;
use platecast::http::fuzzing;
use platecast::printer::{Draft, Printer, PrinterId, Rules, validate};

/// See the file's head.
pub fn check(body: &[u8]) {
    let _ = fuzzing::is_command(body);
    if let Ok(path) = std::str::from_utf8(body) {
        fuzzing::is_address(path);
    }
    let Ok(draft) = fuzzing::draft(body) else { return };
    for rules in [Rules::default(), Rules { allow_plain_rtsp: true, allow_unknown_camera: true }] {
        match validate(draft.clone(), None, rules) {
            Ok(details) => {
                let printer = details.clone().printer(PrinterId(1));
                assert_eq!(
                    validate(written_back(&printer), None, rules).as_ref(),
                    Ok(&details_without_vouching(&details))
                );
                let edit = Draft { access_code: None, ..written_back(&printer) };
                assert_eq!(validate(edit, Some(&printer), rules), Ok(details_without_vouching(&details)));
            }
            Err(wrong) => {
                assert!(!wrong.is_empty() && wrong.len() <= 9);
                let mut sentences = wrong.iter().map(|error| advice::field::of_mistake(error.mistake).sentence);
                assert!(sentences.all(|sentence| sentence.ends_with('.') && sentence.len() < 512));
            }
        }
    }
}

fn details_without_vouching(details: &platecast::printer::Details) -> platecast::printer::Details {
    platecast::printer::Details { accept_certificate: false, ..details.clone() }
}

/// What a client sends that changes nothing.
fn written_back(printer: &Printer) -> Draft {
    Draft {
        name: Some(printer.name.clone()),
        host: Some(printer.host.clone()),
        serial: Some(printer.serial.to_string()),
        access_code: Some(Secret::new(printer.access_code.expose())),
        rtsp_url: printer.rtsp_url.as_ref().map(ToString::to_string),
        camera_user: printer.camera_login.as_ref().map(|login| login.user.clone()),
        camera_password: printer.camera_login.as_ref().map(|login| login.password.clone()),
        camera_fingerprint: printer.camera_fingerprint.map(|print| print.to_string()),
        accept_certificate: false,
    }
}
