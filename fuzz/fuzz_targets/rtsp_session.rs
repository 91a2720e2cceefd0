#![no_main]

#[path = "../checks/rtsp_session.rs"]
mod rtsp_session;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtsp_session::check(data));
