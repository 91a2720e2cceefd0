//! What a person or a printer may write as an address: what is taken is taken again unchanged, has no login in it, and
//! can stand in one line.

use platecast::printer::address::{in_brackets, lacks_zone, parse_host, without_zone};
use platecast::printer::{Fingerprint, RtspUrl, Serial};

/// See the file's head.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(host) = parse_host(text) {
        assert_eq!(parse_host(&host).as_ref(), Some(&host));
        assert!(parse_host(&in_brackets(&host)).is_some(), "{host:?}");
        assert!(host.len() <= 253 && host.bytes().all(|byte| byte.is_ascii_graphic()), "{host:?}");
        assert!(!lacks_zone(&host) || !host.contains('%'));
        assert!(!without_zone(&host).contains('%'));
    }
    if let Some(serial) = Serial::parse(text) {
        assert_eq!(Serial::parse(serial.as_str()), Some(serial));
    }
    if let Some(fingerprint) = Fingerprint::parse(text) {
        assert_eq!(Fingerprint::parse(&fingerprint.to_string()), Some(fingerprint));
    }
    for plain in [false, true] {
        check_url(RtspUrl::parse(text, plain).ok(), |again| RtspUrl::parse(again, plain).ok());
        check_url(RtspUrl::parse_override(text, plain).ok(), |again| RtspUrl::parse_override(again, plain).ok());
    }
}

fn check_url(read: Option<RtspUrl>, again: impl Fn(&str) -> Option<RtspUrl>) {
    let Some(url) = read else { return };
    let text = url.to_string();
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    assert!(url.port() > 0 && url.path().starts_with('/') && !url.host().contains('@'));
    assert_eq!(again(&text), Some(url), "{text:?}");
}
