//! The head of a request: the same however it is cut; what passes has one meaning for every server, and what does not has
//! one of the statuses that heads are refused with.

use platecast::http::fuzzing::head;

const REFUSED: [u16; 6] = [400, 405, 413, 414, 417, 431];
const BODY_LIMIT: usize = 64 * 1024;

/// The first byte says how the rest is cut.
pub fn check(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else { return };
    let whole = head(bytes, usize::MAX / 2);
    let pieces = head(bytes, usize::from(*cut));
    match (whole, pieces) {
        (Ok(Some((request, end, body))), Ok(Some((again, again_end, again_body)))) => {
            assert_eq!((&request.path, &request.query, end, body), (&again.path, &again.query, again_end, again_body));
            assert_eq!((request.method, &request.headers), (again.method, &again.headers));
            assert!(bytes[..end].ends_with(b"\r\n\r\n") && body <= BODY_LIMIT);
            assert!(request.path.starts_with('/') && !request.path.contains(['%', '\\', '?', '#']));
            assert!(!request.path.split('/').any(|element| matches!(element, "." | "..")));
            let fields = || request.headers.iter();
            let one_line = |text: &str| text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
            assert!(fields().all(|(name, value)| one_line(name) && one_line(value)));
            assert_eq!(fields().filter(|(name, _)| name == "host").count(), 1);
            assert!(!fields().any(|(name, _)| name == "transfer-encoding"), "two servers may see two bodies");
        }
        (Ok(None), Ok(None)) => {}
        // A byte that no head may hold is seen before or after the end of the head.
        (Err(status), Err(other)) => {
            assert_eq!(status, other);
            assert!(REFUSED.contains(&status) || status == 505, "{status}");
        }
        (whole, pieces) => panic!("{whole:?} whole, {pieces:?} in pieces of {cut}"),
    }
}
