//! The prefix that names a printer, or a test of one, in thread names and log lines.

use crate::printer::PrinterId;
use std::fmt;

/// A prefix short enough that a word fits behind it in a thread's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A registered printer, for example `p3`.
    Printer(PrinterId),
    /// A test, for example `test-4`; it saves nothing.
    Test(u8),
}

impl Label {
    /// Returns a seed that keeps different printers from acting in step.
    #[must_use]
    pub fn seed(self) -> u64 {
        match self {
            Self::Printer(id) => id.0.unsigned_abs(),
            Self::Test(number) => u64::from(number),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Printer(id) => write!(f, "p{id}"),
            Self::Test(number) => write!(f, "test-{number}"),
        }
    }
}
