//! The two clocks. Everything that measures a span uses [`now`]; only what a person or a playlist is told uses
//! [`unix_ms`]. No other file asks the system for the time, so the pure layers are given it as a value.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The monotonic clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that asks for it")]
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock in milliseconds since 1970. A clock set before 1970 reads as 0.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that asks for it")]
pub fn unix_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// `unix_ms` as RFC 3339 with milliseconds and `Z`, as EXT-X-PROGRAM-DATE-TIME and the JSON answers print it.
#[must_use]
pub fn rfc3339_ms(unix_ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(unix_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{stamp:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_printed_with_milliseconds_and_zone() {
        assert_eq!(rfc3339_ms(1_768_767_300_007), "2026-01-18T20:15:00.007Z");
        assert_eq!(rfc3339_ms(0), "1970-01-01T00:00:00.000Z");
    }
}
