//! Any bytes as a sequence parameter set: read or refused, with a size that can be.

use platecast::media::h264::Sps;

/// See the file's head.
pub fn check(nal: &[u8]) {
    if let Some(sps) = Sps::parse(nal) {
        assert!((1..=32_768).contains(&sps.width) && (1..=32_768).contains(&sps.height), "{sps:?}");
        assert!(sps.reorder_depth.is_none_or(|depth| depth <= 16), "{sps:?}");
    }
}
