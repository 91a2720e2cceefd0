//! Any bytes as a certificate: read or refused. Nobody passes for a printer without its name, and what a stranger's
//! certificate says reaches no log as more than a short line.

use platecast::advice;
use platecast::printer::identity::Identity;
use platecast::printer::{Fingerprint, Serial};

const SERIAL: &str = "00M09A000000001";
const SENTENCE_BYTES: usize = 1024;

/// See the file's head.
pub fn check(der: &[u8]) {
    let serial = Serial::parse(SERIAL).expect("a serial");
    let seen = Fingerprint::of(der);
    let identities = [
        Identity::Printer { serial: serial.clone(), pin: None },
        Identity::Printer { serial: serial.clone(), pin: Some(seen) },
        Identity::Printer { serial, pin: Some(Fingerprint([7; 32])) },
        Identity::Camera { fingerprint: seen },
        Identity::Stranger,
    ];
    for identity in identities {
        match identity.accept(der) {
            Ok(fingerprint) => {
                assert_eq!(fingerprint, seen);
                assert!(!matches!(identity, Identity::Stranger));
                let first_sight = matches!(identity, Identity::Printer { pin: None, .. });
                assert!(!first_sight || der.windows(SERIAL.len()).any(|part| part == SERIAL.as_bytes()));
            }
            Err(refusal) => {
                let sentence = advice::of_refusal(&refusal, "192.168.1.9:322").sentence;
                assert!(sentence.len() <= SENTENCE_BYTES && !sentence.chars().any(char::is_control), "{sentence:?}");
                let _ = (refusal.found_serial(), refusal.found_fingerprint());
            }
        }
    }
}
