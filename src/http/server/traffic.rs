//! The server's counters: connections, answers, bytes.

use super::share::Permits;
use super::slots::{SlotState, Slots};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the start, and current numbers.
#[derive(Debug)]
pub struct Traffic {
    slots: Arc<Slots>,
    permits: Vec<Arc<Permits>>,
    /// Answers by the first digit of the status, from 2.
    answers: [AtomicU64; 4],
    sent: AtomicU64,
    /// The bytes of endless streams among those sent.
    streamed: AtomicU64,
}

impl Traffic {
    /// Creates counters at zero.
    pub fn new(slots: Arc<Slots>, permits: Vec<Arc<Permits>>) -> Self {
        Self { slots, permits, answers: Default::default(), sent: AtomicU64::new(0), streamed: AtomicU64::new(0) }
    }

    /// Counts an answer with this status that is about to be written.
    pub fn answered(&self, status: u16) {
        let class = usize::from(status / 100).checked_sub(2);
        if let Some(count) = class.and_then(|class| self.answers.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Wraps a writer so that its bytes are counted.
    pub fn counted<W: Write>(self: &Arc<Self>, writer: W) -> Counted<W> {
        Counted { writer, traffic: Arc::clone(self) }
    }

    /// Returns the answers by class: `2xx`, `3xx`, `4xx`, `5xx`.
    pub fn answers(&self) -> [(&'static str, u64); 4] {
        let names = ["2xx", "3xx", "4xx", "5xx"];
        let mut counts = self.answers.iter().map(|count| count.load(Ordering::Relaxed));
        names.map(|name| (name, counts.next().unwrap_or(0)))
    }

    /// Returns the bytes written to viewers, including heads.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Counts a piece of an endless stream.
    pub fn streamed(&self, bytes: usize) {
        self.streamed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Returns the bytes of endless streams.
    pub fn streamed_bytes(&self) -> u64 {
        self.streamed.load(Ordering::Relaxed)
    }

    /// Returns how often each kind of permit was refused because its client had its share.
    pub fn refused_by_share(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.permits.iter().map(|permits| (permits.what(), permits.refused()))
    }

    /// Returns the connections since the start, and the most that may be open at once.
    pub fn connections(&self) -> (u64, usize) {
        (self.slots.count(), self.slots.limit())
    }

    /// Returns the number of connections in each state.
    pub fn doing(&self) -> [(&'static str, usize); 4] {
        let open = self.slots.look();
        let count = |what: &[SlotState]| open.iter().filter(|(doing, _)| what.contains(doing)).count();
        [
            ("waiting", count(&[SlotState::Waiting])),
            ("answering", count(&[SlotState::ReadingBody, SlotState::Answering])),
            ("held", count(&[SlotState::Holding])),
            ("streaming", count(&[SlotState::Streaming])),
        ]
    }
}

/// See [`Traffic::counted`].
pub struct Counted<W> {
    writer: W,
    traffic: Arc<Traffic>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.writer.write(bytes)?;
        self.traffic.sent.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_class_and_bytes_as_they_leave() {
        let traffic = Arc::new(Traffic::new(Arc::new(Slots::new(4)), Vec::new()));
        for status in [200, 206, 304, 404, 503, 101] {
            traffic.answered(status);
        }
        assert_eq!(traffic.answers(), [("2xx", 2), ("3xx", 1), ("4xx", 1), ("5xx", 1)]);
        let mut writer = traffic.counted(Vec::new());
        writer.write_all(b"twelve bytes").unwrap();
        assert_eq!((traffic.sent(), writer.writer.len()), (12, 12));
    }
}
