//! Every input that a fuzzer has kept, once more: `fuzz/corpus/TARGET` and `fuzz/crashers/TARGET`.

#[path = "checks/mod.rs"]
mod checks;

use std::fs;
use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut inputs = 0;
    for kind in ["corpus", "crashers"] {
        // Not every target has found a crasher.
        let Ok(entries) = fs::read_dir(fuzz.join(kind).join(target)) else { continue };
        for entry in entries {
            let file = entry.expect("a readable entry").path();
            let input = fs::read(&file).expect("a readable file");
            // Its name shows up when the check fails.
            std::panic::catch_unwind(|| check(&input))
                .unwrap_or_else(|_| panic!("{} does not pass", file.strip_prefix(&fuzz).unwrap_or(&file).display()));
            inputs += 1;
        }
    }
    assert!(inputs > 0, "{target} has no corpus");
    check(&[]);
}

macro_rules! replayed {
    ($($target:ident)*) => {
        $(#[test]
        fn $target() {
            replay(stringify!($target), checks::$target::check);
        })*

        #[test]
        fn every_target_is_replayed() {
            let names = [$(stringify!($target)),*];
            let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
            let mut files: Vec<String> = fs::read_dir(targets)
                .expect("the targets")
                .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
                .collect();
            files.sort();
            assert_eq!(files, names);
        }
    };
}

replayed!(
    address announcement certificate depacketizer draft hls_request http_head mqtt_wire picture pictures report restore rtp_rtcp
    rtsp_session rtsp_words sdp sps stream
);
