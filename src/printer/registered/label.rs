//! The prefix that names a printer, or a test of one, in thread names and log lines.

use crate::printer::PrinterId;
use std::fmt;

/// Prints short enough for a thread's name with a word behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// `p3`: a registered printer's.
    Printer(PrinterId),
    /// `test-4`: of a test, which saves nothing.
    Test(u8),
}

impl Label {
    /// Spreads what should not be in step.
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
