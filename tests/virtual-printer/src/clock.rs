//! The crate's one place that asks for the time, and the two ways live555 prints it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The monotonic clock: everything that measures a span.
#[expect(clippy::disallowed_methods, reason = "the one place of it in this crate")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The wall clock since 1970: what is logged, and what RTCP tells.
#[expect(clippy::disallowed_methods, reason = "the one place of it in this crate")]
pub(crate) fn unix() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// live555's `Date:` header: `Sun, Nov 22 2026 11:36:35 GMT`.
pub(crate) fn date_header(unix: Duration) -> String {
    let Date { year, month, day, weekday, hour, minute, second } = Date::of(unix);
    format!("{weekday}, {month} {day:02} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// C's `ctime` without its newline: `Thu Aug  8 11:04:55 2024`.
pub(crate) fn ctime(unix: Duration) -> String {
    let Date { year, month, day, weekday, hour, minute, second } = Date::of(unix);
    format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year}")
}

struct Date {
    year: u64,
    month: &'static str,
    day: u64,
    weekday: &'static str,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Date {
    /// Years counted from 1 March of the year 0, so that the leap day is a year's last.
    fn of(unix: Duration) -> Self {
        const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];
        let seconds = unix.as_secs();
        let days = seconds / 86_400;
        let since_march_0 = days + 719_468;
        let era = since_march_0 / 146_097;
        let day_of_era = since_march_0 % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        Self {
            year: era * 400 + year_of_era + u64::from(month >= 10),
            month: MONTHS[month as usize % 12],
            day: day_of_year - (153 * month + 2) / 5 + 1,
            weekday: WEEKDAYS[(days % 7) as usize],
            hour: seconds / 3600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_live555_prints_them() {
        for (seconds, header, c) in [
            (0, "Thu, Jan 01 1970 00:00:00 GMT", "Thu Jan  1 00:00:00 1970"),
            (1_723_115_095, "Thu, Aug 08 2024 11:04:55 GMT", "Thu Aug  8 11:04:55 2024"),
            (1_709_164_800, "Thu, Feb 29 2024 00:00:00 GMT", "Thu Feb 29 00:00:00 2024"),
            (1_704_067_199, "Sun, Dec 31 2023 23:59:59 GMT", "Sun Dec 31 23:59:59 2023"),
        ] {
            assert_eq!(date_header(Duration::from_secs(seconds)), header);
            assert_eq!(ctime(Duration::from_secs(seconds)), c);
        }
    }
}
