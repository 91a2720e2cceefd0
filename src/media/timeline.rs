//! Stub: the real one comes from its owner.
use std::time::Instant;
/// Stub.
#[derive(Debug, Default)]
pub struct Timeline {
    dts_90k: i64,
}
/// Stub.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Stamp {
    pub pts_90k: i64,
    pub dts_90k: i64,
    pub duration_90k: i64,
    pub captured_unix_ms: i64,
    pub broken: bool,
}
impl Timeline {
    /// Stub: 30 frames a second, broken when the RTP timestamp is 0xBADBAD.
    pub fn stamp(&mut self, rtp_timestamp: u32, _: Instant, arrived_unix_ms: i64, _: u8) -> Stamp {
        self.dts_90k += 3000;
        let broken = rtp_timestamp == 0x00BA_DBAD;
        Stamp { pts_90k: self.dts_90k, dts_90k: self.dts_90k, duration_90k: 3000, captured_unix_ms: arrived_unix_ms, broken }
    }
    /// Stub.
    pub fn restart(&mut self) {}
    /// Stub.
    #[must_use]
    pub fn frame_period_90k(&self) -> Option<i64> {
        Some(3000)
    }
}
