//! A printer that sends more than is read (see `mqtt::pace`): counted, and told to the log once an hour.

use crate::base::complaints::Complaints;
use crate::printer::PrinterId;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So long after the last flood it is still of now.
const RECENT: Duration = Duration::from_secs(60);

/// What a person is told who tests the printer.
pub const SENTENCE: &str = "The printer sends far more reports than any printer is known to. They are read more slowly, so what \
                            is shown may be late; restart the printer, or look what answers at its address.";

/// Of one printer.
#[derive(Debug, Default)]
pub struct Flood(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waited: Duration,
    last: Option<Instant>,
    complaints: Complaints,
}

impl Flood {
    /// It had to wait for so long.
    pub fn held_back(&self, id: PrinterId, waited: Duration, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waited += waited;
        state.last = Some(now);
        if state.complaints.note(SENTENCE, now).is_some() {
            log::warn!(
                "p{id}: mqtt: the printer sends more than 50 packets or 1 MiB a second; what is over that is read later"
            );
        }
    }

    /// For how long in all.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).waited
    }

    /// Whether it did so within the last minute.
    #[must_use]
    pub fn is_recent(&self, now: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).last;
        last.is_some_and(|last| now.saturating_duration_since(last) < RECENT)
    }
}
