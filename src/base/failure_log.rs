//! Repeated failures in the log: each kind when it first occurs, and then once an hour with a count. A printer that is
//! off for a week fails in the same way a hundred thousand times.

use crate::base::bucket::Bucket;
use log::{Level, LevelFilter};
use std::fmt::{self, Display};
use std::time::{Duration, Instant};

/// A failure that repeats is logged again after this.
const AGAIN: Duration = Duration::from_secs(3600);

/// After this long without a failure, the next one is logged at once, whatever its kind.
const WELL_FOR: Duration = Duration::from_secs(600);

/// The number of kinds to remember, and to log within [`AGAIN`]: a peer may have its name in each kind.
const KINDS: usize = 16;

/// The failures of one peer that were logged.
#[derive(Debug)]
pub struct FailureLog<K>(Vec<Reported<K>>);

#[derive(Debug)]
struct Reported<K> {
    what: K,
    at: Instant,
    /// How often it has occurred since, without a line in the log.
    since: u32,
    /// Whether the log has said that it repeats.
    repeats: bool,
}

/// Whether the log should have a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It is new, or was logged an hour ago. So many like it were left out since.
    Now {
        /// How many were left out.
        left_out: u32,
    },
    /// It came back after the log had said that all is well: a reader should know that it does.
    Repeats,
    /// The log has it already.
    Hushed,
}

impl<K> Default for FailureLog<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq> FailureLog<K> {
    /// Forgets everything if there was no failure for long enough.
    pub fn well_for(&mut self, span: Duration) {
        if span >= WELL_FOR {
            self.0.clear();
        }
    }

    /// Records a failure. Returns `None` if the log has it already, and otherwise how many like it were left out since.
    pub fn note(&mut self, what: K, now: Instant) -> Option<u32> {
        match self.occurrence(what, now, false) {
            Due::Now { left_out } => Some(left_out),
            Due::Repeats | Due::Hushed => None,
        }
    }

    /// Records a failure; `recovered` if the log may have said since the one before that all is well. Returns whether the
    /// log should have it.
    pub fn occurrence(&mut self, what: K, now: Instant, recovered: bool) -> Due {
        if let Some(reported) = self.0.iter_mut().find(|reported| reported.what == what) {
            if now.saturating_duration_since(reported.at) < AGAIN {
                reported.since = reported.since.saturating_add(1);
                let is_hushed = !recovered || std::mem::replace(&mut reported.repeats, true);
                return if is_hushed { Due::Hushed } else { Due::Repeats };
            }
            reported.at = now;
            reported.repeats = false;
            return Due::Now { left_out: std::mem::take(&mut reported.since) };
        }
        if self.0.len() >= KINDS
            && let Some(oldest) =
                self.0.iter().enumerate().min_by_key(|(_, reported)| reported.at).map(|(place, _)| place)
        {
            if self.0.get(oldest).is_some_and(|reported| now.saturating_duration_since(reported.at) < AGAIN) {
                return Due::Hushed;
            }
            self.0.swap_remove(oldest);
        }
        self.0.push(Reported { what, at: now, since: 0, repeats: false });
        Due::Now { left_out: 0 }
    }
}

/// Lines at `debug` that one peer can cause in a row, and then in a second: one each ten seconds are 1 MB a day.
const LINES_AT_ONCE: f64 = 50.0;
const LINES_PER_SECOND: f64 = 0.1;

/// Bounds the lines at `debug` that a peer can cause at will.
#[derive(Debug)]
pub struct Allowance {
    lines: Bucket,
    left_out: u64,
}

/// Lines that were left out before one; prints nothing where none was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoreLines(u64);

impl Default for Allowance {
    fn default() -> Self {
        Self { lines: Bucket::new(LINES_AT_ONCE, LINES_PER_SECOND), left_out: 0 }
    }
}

impl Allowance {
    /// Returns what to add to a line that may be written now; `None` where it may not, and while nobody reads `debug`.
    pub fn take(&mut self, now: Instant) -> Option<MoreLines> {
        if log::max_level() < LevelFilter::Debug { None } else { self.spend(now) }
    }

    fn spend(&mut self, now: Instant) -> Option<MoreLines> {
        if self.lines.try_take(now).is_err() {
            self.left_out += 1;
            return None;
        }
        Some(MoreLines(std::mem::take(&mut self.left_out)))
    }
}

impl Display for MoreLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            count => write!(f, " ({count} lines like it were left out)"),
        }
    }
}

/// Logs that an attempt has failed, as a warning if it is `due`, else at debug. `module` is the log's module, and its last
/// word names the part of the printer. Returns the level at which the recovery should be logged.
pub fn log_failure(module: &'static str, owner: impl Display, why: &str, due: Due, pause: Duration) -> Level {
    let what = module.rsplit("::").next().unwrap_or_default();
    let (level, more) = match due {
        Due::Now { left_out: 0 } => (Level::Warn, String::new()),
        Due::Now { left_out } => (Level::Warn, format!("; {left_out} more like it since the last warning")),
        Due::Repeats => (Level::Warn, "; it happens again, and for an hour only debug shows the next ones".to_owned()),
        Due::Hushed => (Level::Debug, String::new()),
    };
    log::log!(target: module, level, "{owner}: {what}: {why}{more}; next attempt in {:.1} s", pause.as_secs_f64());
    if matches!(due, Due::Now { .. }) { Level::Info } else { Level::Debug }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn a_failure_that_comes_back_after_a_recovery_is_logged_twice() {
        let (now, mut failure_log) = (clock::now(), FailureLog::default());
        let due = [false, false, true, true].map(|recovered| failure_log.occurrence("closed", now, recovered));
        assert_eq!(due, [Due::Now { left_out: 0 }, Due::Hushed, Due::Repeats, Due::Hushed]);
        assert_eq!(failure_log.occurrence("closed", now + AGAIN, true), Due::Now { left_out: 3 });
        assert_eq!(failure_log.occurrence("closed", now + AGAIN, true), Due::Repeats);
    }

    #[test]
    fn each_kind_is_reported_at_once_then_hourly_with_its_count() {
        let (start, mut failure_log) = (clock::now(), FailureLog::default());
        let mut reported = Vec::new();
        // Two kinds in turns, one each three seconds, for two hours and a half.
        for attempt in 0..3000_u32 {
            let what = if attempt % 2 == 0 { "closed" } else { "silent" };
            if let Some(more) = failure_log.note(what, start + Duration::from_secs(3) * attempt) {
                reported.push((attempt, what, more));
            }
        }
        let expected = [
            (0, "closed", 0),
            (1, "silent", 0),
            (1200, "closed", 599),
            (1201, "silent", 599),
            (2400, "closed", 599),
            (2401, "silent", 599),
        ];
        assert_eq!(reported, expected);
    }

    #[test]
    fn a_failure_after_ten_good_minutes_is_reported_again() {
        let (start, mut failure_log) = (clock::now(), FailureLog::default());
        for (minute, well_s, expected) in [(0, 0, Some(0)), (5, 299, None), (16, 600, Some(0))] {
            failure_log.well_for(Duration::from_secs(well_s));
            assert_eq!(
                failure_log.note("closed", start + Duration::from_secs(minute * 60)),
                expected,
                "minute {minute}"
            );
        }
    }

    #[test]
    fn lines_that_a_peer_causes_at_will_are_limited() {
        let (start, mut allowance) = (clock::now(), Allowance::default());
        let mut lines = Vec::new();
        // 250 a second for an hour.
        for at in 0..900_000_u64 {
            if let Some(more) = allowance.spend(start + Duration::from_millis(at * 4)) {
                lines.push(more.to_string());
            }
        }
        assert!((400..=420).contains(&lines.len()), "{} lines", lines.len());
        assert_eq!((lines[0].as_str(), lines[100].as_str()), ("", " (2499 lines like it were left out)"));
    }

    #[test]
    fn the_number_of_remembered_kinds_is_bounded() {
        let (start, mut failure_log) = (clock::now(), FailureLog::default());
        // Another kind each second for two hours.
        let logged = (0..7200_u32)
            .filter(|kind| failure_log.note(kind.to_string(), start + Duration::from_secs((*kind).into())).is_some())
            .count();
        assert_eq!((logged, failure_log.0.len()), (2 * KINDS, KINDS));
    }
}
