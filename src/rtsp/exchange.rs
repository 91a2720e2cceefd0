//! A request that was answered, as the log of whoever owns the connection tells it.

use super::message::Method;
use std::fmt;
use std::time::{Duration, Instant};

/// A request and the status of its answer. What either side wrote is not in it: a URL may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub method: Method,
    /// The request's number.
    pub cseq: u32,
    /// Three digits, at most.
    pub status: u16,
    /// From the request to its answer.
    pub took: Duration,
    /// The stream played already: a sign of life.
    pub while_playing: bool,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, cseq, status, took, .. } = self;
        write!(f, "{method} (CSeq {cseq}) is answered with {status} after {:.3} s", took.as_secs_f64())
    }
}

/// The exchanges of one session: the request that waits for its answer, and those whose answers nobody has fetched yet.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    open: Option<(Method, u32, Instant)>,
    answered: Vec<Exchange>,
}

impl Exchanges {
    pub(super) fn asked(&mut self, method: Method, cseq: u32, now: Instant) {
        self.open = Some((method, cseq, now));
    }

    /// Only the first answer to a request counts: a camera that repeats itself adds nothing.
    pub(super) fn answered(&mut self, status: u16, while_playing: bool, now: Instant) {
        if let Some((method, cseq, at)) = self.open.take() {
            let took = now.saturating_duration_since(at);
            self.answered.push(Exchange { method, cseq, status, took, while_playing });
        }
    }

    pub(super) fn fetch(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.answered)
    }
}
