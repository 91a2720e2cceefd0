//! The delay before the next attempt.

use std::time::Duration;

/// How often a connection is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// One attempt after another, until the stop.
    UntilStop,
    /// Once: its end is published, and nothing follows.
    One,
}

/// The longest delay in terms of the one that is asked for.
pub const JITTER: f64 = 1.2;

/// A delay that grows up to a cap, with ±20 % of jitter: a farm whose switch comes back does not reconnect all at once.
#[derive(Debug, Clone)]
pub struct Backoff {
    steps: &'static [Duration],
    next: usize,
    noise: u64,
}

impl Backoff {
    /// Delays of `steps[0]`, `steps[1]` and so on; the last one repeats. `seed` gives each printer other jitter.
    #[must_use]
    pub fn new(steps: &'static [Duration], seed: u64) -> Self {
        debug_assert!(!steps.is_empty());
        Self { steps, next: 0, noise: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 }
    }

    /// Returns the delay before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        let step = self.steps.get(self.next).or(self.steps.last()).copied().unwrap_or_default();
        self.next = (self.next + 1).min(self.steps.len() - 1);
        self.spread(step)
    }

    /// Adds the same jitter to another delay.
    pub fn spread(&mut self, delay: Duration) -> Duration {
        delay.mul_f64(2.0 - JITTER + 2.0 * (JITTER - 1.0) * self.unit())
    }

    /// Starts again from the first step, after an attempt that lasted.
    pub fn reset(&mut self) {
        self.next = 0;
    }

    /// xorshift64, mapped to 0..1.
    fn unit(&mut self) -> f64 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        (self.noise >> 40) as f64 / (1u64 << 24) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

    #[test]
    fn delays_grow_to_the_cap_with_jitter_and_restart_after_a_reset() {
        let mut backoff = Backoff::new(STEPS, 3);
        for expected in [1.0, 2.0, 4.0, 4.0, 4.0] {
            let wait = backoff.next_delay().as_secs_f64();
            assert!((expected * 0.8..=expected * 1.2).contains(&wait), "{wait} is not about {expected}");
        }
        backoff.reset();
        assert!(backoff.next_delay() < Duration::from_millis(1201));
    }
}
