#![no_main]

#[path = "../checks/rtp_rtcp.rs"]
mod rtp_rtcp;

libfuzzer_sys::fuzz_target!(|data: &[u8]| rtp_rtcp::check(data));
