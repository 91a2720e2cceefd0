//! A token bucket: limits how often something may happen on average, and how often in a row.

use std::time::{Duration, Instant};

/// Holds at most `burst` tokens, and begins with all of them. `per_second` tokens come back.
#[derive(Debug, Clone)]
pub struct Bucket {
    burst: f64,
    per_second: f64,
    /// Negative after more was taken than was there.
    left: f64,
    at: Option<Instant>,
}

impl Bucket {
    /// A full bucket. `per_second` must be above 0.
    #[must_use]
    pub fn new(burst: f64, per_second: f64) -> Self {
        Self { burst, per_second, left: burst, at: None }
    }

    /// Takes `tokens` even if they are not there. Returns how long to wait before the next are taken.
    pub fn take(&mut self, tokens: f64, now: Instant) -> Duration {
        self.refill(now);
        self.left -= tokens;
        self.until(0.0)
    }

    /// Takes `tokens` even if they are not there. Returns whether they were.
    #[must_use]
    pub fn spend(&mut self, tokens: u32, now: Instant) -> bool {
        self.take(f64::from(tokens), now).is_zero()
    }

    /// Takes one token.
    ///
    /// # Errors
    /// Returns how long it takes until there is a token, if there is none.
    pub fn try_take(&mut self, now: Instant) -> Result<(), Duration> {
        self.refill(now);
        if self.left < 1.0 {
            return Err(self.until(1.0));
        }
        self.left -= 1.0;
        Ok(())
    }

    fn refill(&mut self, now: Instant) {
        let span = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.at = self.at.max(Some(now));
        self.left = (self.left + span.as_secs_f64() * self.per_second).min(self.burst);
    }

    fn until(&self, level: f64) -> Duration {
        Duration::from_secs_f64(((level - self.left) / self.per_second).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    #[test]
    fn a_burst_passes_and_then_the_rate_applies() {
        let start = clock::now();
        let at = |seconds| start + Duration::from_secs_f64(seconds);
        let mut bucket = Bucket::new(3.0, 2.0);
        assert_eq!([(); 3].map(|()| bucket.try_take(start)), [Ok(()); 3]);
        assert_eq!(bucket.try_take(start), Err(Duration::from_millis(500)));
        assert_eq!(bucket.try_take(at(0.5)), Ok(()));
        assert_eq!(bucket.try_take(at(0.75)), Err(Duration::from_millis(250)));
        // Never more than the burst, however long it was quiet; and a clock that goes back gives nothing.
        assert_eq!((0..10).filter(|_| bucket.try_take(at(100.0)).is_ok()).count(), 3);
        assert!(bucket.try_take(at(50.0)).is_err());
    }

    #[test]
    fn spending_at_the_rate_always_succeeds_and_a_flood_fails() {
        let start = clock::now();
        let spent = |per_second: u32, seconds: u32| {
            let mut bucket = Bucket::new(50.0, 10.0);
            let times = (0..per_second * seconds).map(|count| start + Duration::from_secs(1) * count / per_second);
            times.take_while(|now| bucket.spend(1, *now)).count()
        };
        assert_eq!(spent(10, 600), 6_000, "for ever");
        assert_eq!(spent(1_000_000, 1), 50, "at once");
        assert!((55..=56).contains(&spent(100, 10)), "{}", spent(100, 10));
    }

    #[test]
    fn taking_more_than_there_is_returns_the_wait() {
        let start = clock::now();
        let mut bucket = Bucket::new(4.0, 2.0);
        assert_eq!(bucket.take(3.0, start), Duration::ZERO);
        assert_eq!(bucket.take(5.0, start), Duration::from_secs(2));
        assert_eq!(bucket.take(1.0, start + Duration::from_secs(2)), Duration::from_millis(500));
    }
}
