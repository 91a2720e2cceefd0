//! A request and its answer, for the log of the connection's owner.

use super::message::Method;
use std::fmt;
use std::time::{Duration, Instant};

/// A request and the status of its answer. It contains nothing that either side wrote, since a URL may contain a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The method of the request.
    pub method: Method,
    /// The CSeq of the request.
    pub cseq: u32,
    /// The status of the answer, with at most three digits.
    pub status: u16,
    /// The time from the request to its answer.
    pub took: Duration,
    /// Whether the stream was already playing, so that the request was a keep-alive.
    pub while_playing: bool,
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, cseq, status, took, .. } = self;
        write!(f, "{method} (CSeq {cseq}) is answered with {status} after {:.3} s", took.as_secs_f64())
    }
}

/// The exchanges of one session: the unanswered request, and the answered ones that were not fetched yet.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    open: Option<(Method, u32, Instant)>,
    answered: Vec<Exchange>,
}

impl Exchanges {
    pub(super) fn asked(&mut self, method: Method, cseq: u32, now: Instant) {
        self.open = Some((method, cseq, now));
    }

    /// Records an answer. Only the first one to a request counts: a camera that repeats itself adds nothing.
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
