//! How much of something a peer may have done in a while: so many a second, and a burst of them at once, as a network that
//! has stalled delivers.

use std::time::Instant;

/// See the module.
#[derive(Debug, Clone)]
pub struct Allowance {
    per_second: f64,
    at_once: f64,
    left: f64,
    at: Option<Instant>,
}

impl Allowance {
    /// So many a second, and so many at once.
    #[must_use]
    pub fn new(per_second: u32, at_once: u32) -> Self {
        let at_once = f64::from(at_once);
        Self { per_second: f64::from(per_second), at_once, left: at_once, at: None }
    }

    /// Uses so much of it; `false` once there is not enough left.
    pub fn spend(&mut self, count: u32, now: Instant) -> bool {
        let passed = self.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.at = Some(now);
        self.left = (self.left + passed * self.per_second).min(self.at_once) - f64::from(count);
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;
    use std::time::Duration;

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let start = clock::now();
        let spent = |per_second: u32, seconds: u32| {
            let mut allowance = Allowance::new(10, 50);
            let times = (0..per_second * seconds).map(|count| start + Duration::from_secs(1) * count / per_second);
            times.take_while(|now| allowance.spend(1, *now)).count()
        };
        assert_eq!(spent(10, 600), 6_000, "for ever");
        assert_eq!(spent(1_000_000, 1), 50, "at once");
        assert!((55..=56).contains(&spent(100, 10)), "{}", spent(100, 10));
    }

    #[test]
    fn what_is_not_used_is_kept_up_to_the_burst() {
        let (start, mut allowance) = (clock::now(), Allowance::new(10, 50));
        assert!(allowance.spend(50, start) && !allowance.spend(1, start));
        assert!(allowance.spend(49, start + Duration::from_secs(3600)));
        assert!(!allowance.spend(2, start + Duration::from_secs(3600)));
    }
}
