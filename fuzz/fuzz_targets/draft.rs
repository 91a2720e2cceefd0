#![no_main]

#[path = "../checks/draft.rs"]
mod draft;

libfuzzer_sys::fuzz_target!(|data: &[u8]| draft::check(data));
