#![no_main]

#[path = "../checks/mqtt_wire.rs"]
mod mqtt_wire;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mqtt_wire::check(data));
