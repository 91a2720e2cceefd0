#![no_main]

#[path = "../checks/rtsp_words.rs"]
mod rtsp_words;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtsp_words::check(data));
