#![no_main]

#[path = "../checks/depacketizer.rs"]
mod depacketizer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| depacketizer::check(data));
