#![no_main]

#[path = "../checks/announcement.rs"]
mod announcement;

libfuzzer_sys::fuzz_target!(|data: &[u8]| announcement::check(data));
