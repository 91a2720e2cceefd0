//! The temperatures of the last half hour, one reading every ten seconds. A slot without a reading is a gap: the link
//! was not live, or there is no sensor.

use crate::printer::heat::Heat;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time between two slots.
pub const EVERY: Duration = Duration::from_secs(10);

/// The number of slots: half an hour.
pub const SLOTS: usize = 180;

/// Temperatures in °C; `None` if not available.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The printing nozzle.
    pub nozzle_c: Option<f32>,
    /// The bed.
    pub bed_c: Option<f32>,
    /// The chamber.
    pub chamber_c: Option<f32>,
}

impl From<&Heat> for Reading {
    fn from(heat: &Heat) -> Self {
        // The resolution is a tenth of a degree, which an `f32` can hold.
        let short = |celsius: Option<f64>| celsius.map(|celsius| celsius as f32);
        Self { nozzle_c: short(heat.nozzle.now_c), bed_c: short(heat.bed.now_c), chamber_c: short(heat.chamber.now_c) }
    }
}

/// The history of one printer. Entries are added from the control thread's existing tick.
#[derive(Debug)]
pub struct History {
    start: Instant,
    /// The number of slots begun since the start.
    begun: u64,
    /// The newest readings, oldest first.
    readings: VecDeque<Reading>,
}

impl History {
    /// Returns an empty history that begins at `start`.
    #[must_use]
    pub fn new(start: Instant) -> Self {
        Self { start, begun: 0, readings: VecDeque::new() }
    }

    /// Records a reading. The first reading of a slot is kept: averages would mislead more, for instance when a heater
    /// has just been switched on.
    pub fn note(&mut self, reading: Reading, now: Instant) {
        self.advance(now);
        if let Some(slot) = self.readings.back_mut().filter(|slot| **slot == Reading::default()) {
            *slot = reading;
        }
    }

    /// Returns the readings, oldest first, and how long ago the newest slot began.
    pub fn read(&mut self, now: Instant) -> (impl Iterator<Item = Reading>, Duration) {
        self.advance(now);
        let newest = self.start + EVERY * u32::try_from(self.begun.saturating_sub(1)).unwrap_or(u32::MAX);
        (self.readings.iter().copied(), now.saturating_duration_since(newest))
    }

    /// Begins all slots up to now.
    fn advance(&mut self, now: Instant) {
        let due = now.saturating_duration_since(self.start).as_secs() / EVERY.as_secs() + 1;
        // After a long sleep, all of them are gaps.
        let missing = usize::try_from(due.saturating_sub(self.begun)).unwrap_or(SLOTS).min(SLOTS);
        self.readings.extend(std::iter::repeat_n(Reading::default(), missing));
        self.readings.drain(..self.readings.len().saturating_sub(SLOTS));
        self.begun = self.begun.max(due);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nozzle(celsius: f32) -> Reading {
        Reading { nozzle_c: Some(celsius), ..Reading::default() }
    }

    fn kept(history: &mut History, now: Instant) -> Vec<Option<f32>> {
        history.read(now).0.map(|reading| reading.nozzle_c).collect()
    }

    #[test]
    fn a_slot_keeps_its_first_reading_and_may_be_empty() {
        let start = crate::base::clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut history = History::new(start);
        history.note(Reading::default(), at(0));
        history.note(nozzle(25.0), at(3));
        history.note(nozzle(26.0), at(9));
        history.note(nozzle(30.0), at(12));
        history.note(nozzle(220.1), at(40));
        assert_eq!(kept(&mut history, at(41)), [Some(25.0), Some(30.0), None, None, Some(220.1)]);
        assert_eq!(history.read(at(47)).1, Duration::from_secs(7));
        assert_eq!(kept(&mut history, at(51)).last(), Some(&None), "a reader begins slots as well");
    }

    #[test]
    fn half_an_hour_is_kept_and_a_sleep_leaves_gaps() {
        let start = crate::base::clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut history = History::new(start);
        for second in 0..4000 {
            history.note(nozzle(second as f32), at(second));
        }
        let readings = kept(&mut history, at(3999));
        assert_eq!((readings.len(), readings[0], readings[179]), (180, Some(2200.0), Some(3990.0)));
        assert!(kept(&mut history, at(1_000_000)).iter().all(Option::is_none));
        history.note(nozzle(1.0), at(1_000_001));
        assert_eq!(kept(&mut history, at(1_000_001)).iter().flatten().count(), 1);
    }

    #[test]
    fn a_tenth_of_a_degree_is_kept_exactly() {
        let mut heat = Heat::default();
        heat.nozzle.now_c = Some(219.9);
        let json = serde_json::to_string(&Reading::from(&heat).nozzle_c).unwrap();
        assert_eq!(json, "219.9");
    }
}
