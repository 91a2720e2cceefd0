//! Any bytes as a key frame: a picture of a bounded size, or a refusal; and no work after the time is over.

use platecast::media::h264::split_annex_b;
use platecast::media::picture::{QUALITY, decode, encode};
use std::cell::Cell;

/// More NAL units than this are not asked for: each could be a picture of 4096 × 2304.
const NALS: usize = 24;

/// See the file's head.
pub fn check(bytes: &[u8]) {
    let asked = Cell::new(0);
    let go_on = || {
        asked.set(asked.get() + 1);
        asked.get() <= NALS
    };
    let result = decode(split_annex_b(bytes), &go_on);
    assert!(asked.get() <= NALS + 1, "it went on after {NALS} NAL units");
    let Ok(decoded) = result else { return };
    assert!(decoded.planes.is_whole());
    assert!(u32::from(decoded.planes.width) * u32::from(decoded.planes.height) <= 4096 * 2304);
    let small = decoded.colour.to_jfif(decoded.planes.shrink(64));
    let file = encode(&small, QUALITY).expect("a file of a whole picture");
    assert!(file.starts_with(b"\xFF\xD8") && file.ends_with(b"\xFF\xD9"));
}
