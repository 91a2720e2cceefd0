//! Counts the lines of the log by level. A log that grows while nothing happens is a fault.

use log::{Level, Log, Metadata, Record};
use std::sync::atomic::{AtomicU64, Ordering};

/// The levels that are counted. Those below are off by default.
pub const COUNTED: [Level; 3] = [Level::Error, Level::Warn, Level::Info];

static LINES: [AtomicU64; COUNTED.len()] = [const { AtomicU64::new(0) }; COUNTED.len()];

/// The number of lines since the start, in the order of [`COUNTED`].
#[must_use]
pub fn count() -> [(Level, u64); COUNTED.len()] {
    std::array::from_fn(|place| (COUNTED[place], LINES[place].load(Ordering::Relaxed)))
}

/// A logger that counts what it passes on.
#[derive(Debug)]
pub struct Counted<L>(pub L);

impl<L: Log> Log for Counted<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.0.enabled(record.metadata()) {
            return;
        }
        if let Some(place) = COUNTED.iter().position(|level| *level == record.level()) {
            LINES[place].fetch_add(1, Ordering::Relaxed);
        }
        self.0.log(record);
    }

    fn flush(&self) {
        self.0.flush();
    }
}
