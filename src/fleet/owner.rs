//! Whose a thread or a link is, as thread names and the log say it.

use crate::printer::PrinterId;
use std::fmt;

/// Prints short enough for a thread's name with a word behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// `p3`: a registered printer's.
    Printer(PrinterId),
    /// `test-4`: of a test, which saves nothing.
    Test(u8),
}

impl Owner {
    /// Spreads what should not be in step.
    #[must_use]
    pub fn seed(self) -> u64 {
        match self {
            Self::Printer(id) => id.0.unsigned_abs(),
            Self::Test(number) => u64::from(number),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Printer(id) => write!(f, "p{id}"),
            Self::Test(number) => write!(f, "test-{number}"),
        }
    }
}
