//! Any bytes as a sequence parameter set: read or refused, with a size that can be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platecast::media::h264::Sps;

fuzz_target!(|nal: &[u8]| {
    if let Some(sps) = Sps::parse(nal) {
        assert!((1..=32_768).contains(&sps.width) && (1..=32_768).contains(&sps.height), "{sps:?}");
        assert!(sps.reorder_depth.is_none_or(|depth| depth <= 16), "{sps:?}");
        assert_eq!(sps.codec_string().len(), 11);
    }
});
