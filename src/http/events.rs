//! Server-sent events (HTML Living Standard §9.2). So far only the line that keeps a stream alive.

use crate::base::stop::Stop;
use std::time::Duration;

/// Cloudflare ends a stream that is silent for 100 s, some middleboxes one that is silent for 20 s.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The events of one viewer: an iterator that waits for the next and ends at the stop.
#[derive(Debug)]
pub struct Events {
    stop: Stop,
    opened: bool,
}

impl Events {
    /// A new viewer's.
    pub fn new(stop: Stop) -> Self {
        Self { stop, opened: false }
    }
}

impl Iterator for Events {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if !self.opened {
            self.opened = true;
            return Some(b"retry: 2000\n\n".to_vec());
        }
        (!self.stop.wait(HEARTBEAT)).then(|| b":\n\n".to_vec())
    }
}
