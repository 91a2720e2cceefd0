#![no_main]

#[path = "../checks/sps.rs"]
mod sps;

libfuzzer_sys::fuzz_target!(|data: &[u8]| sps::check(data));
