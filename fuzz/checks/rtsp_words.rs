//! A camera's header values on their own, which a whole session reaches only now and then: challenges, transports,
//! sessions, addresses and base64. Whatever they hold, what is sent back is one line and bounded.

use platecast::rtsp::{Target, fuzzing};

const PASSWORD: &str = "12345678";
/// What a value may grow to on its way back: each byte of an address as `%XX`, and what stands around it.
const MOST_TIMES: usize = 4;
const AROUND: usize = 1024;

/// The first byte chooses the reader, the rest is its text.
pub fn check(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let bound = bytes.len() * MOST_TIMES + AROUND;
    let text = String::from_utf8_lossy(bytes);
    match which % 6 {
        0 => login(bytes, bound),
        1 => {
            if let Some((name, values)) = fuzzing::message(bytes) {
                // Latin-1: a byte of the head may be two of the text.
                assert!(name.chars().count() <= bytes.len());
                assert!(values.iter().flatten().all(|byte| !byte.is_ascii_control()));
            }
        }
        2 => {
            let _ = fuzzing::channels(&text);
            if let Some((id, timeout)) = fuzzing::grant(&text) {
                assert!((1..=256).contains(&id.len()) && timeout.as_secs() > 0);
            }
        }
        3 => address(&text, bound),
        4 => {
            if let Some(plain) = fuzzing::base64_decoded(&text) {
                assert!(plain.len() <= text.len());
                let again = fuzzing::base64_encoded(&plain);
                assert_eq!(fuzzing::base64_decoded(&again).as_deref(), Some(&plain[..]));
            }
        }
        _ => {
            let (base, control) = text.split_once('\n').unwrap_or((&text, ""));
            let path = fuzzing::path_of(base).unwrap_or_else(|| "/".to_owned());
            is_a_path(&fuzzing::track_path(&path, Some(control)), bound);
        }
    }
}

/// Two refusals in a row, as a camera gives them whose nonce is used up; a line end parts them.
fn login(bytes: &[u8], bound: usize) {
    for tls in [false, true] {
        for answer in fuzzing::logins(bytes, PASSWORD, tls) {
            assert!(answer.len() <= bound, "{} bytes", answer.len());
            assert!(!answer.iter().any(u8::is_ascii_control));
            // The camera may say it by chance, also with control characters in between, which are left out.
            let said: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
            let holds = |text: &[u8]| text.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
            assert!(!holds(&answer) || holds(&said));
            // Basic tells the password to everybody on the way.
            assert!(tls || !answer.starts_with(b"Basic"));
        }
    }
}

fn address(text: &str, bound: usize) {
    if let Some(path) = fuzzing::path_of(text) {
        is_a_path(&path, bound);
    }
    let target = Target::new(true, "192.168.1.9", 322, "/streaming/live/1");
    if let Ok(path) = target.redirect(text) {
        is_a_path(&path, bound);
        assert!(text.contains("192.168.1.9"));
    }
}

fn is_a_path(path: &str, bound: usize) {
    assert!(path.starts_with('/') && path.len() <= bound, "{path:?}");
    assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\<>".contains(&byte)), "{path:?}");
}
