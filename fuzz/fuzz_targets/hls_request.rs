#![no_main]

#[path = "../checks/hls_request.rs"]
mod hls_request;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hls_request::check(data));
