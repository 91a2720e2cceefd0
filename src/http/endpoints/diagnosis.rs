//! A test of a printer as server-sent events: the list of stages, the progress of each, and the end.

use crate::base::stop::Stop;
use crate::diagnosis::{Event, Test};
use crate::http::endpoints::events::Text;
use crate::http::view::diagnosis::{TestDone, TestStage, TestStages};
use crossbeam_channel::select;
use std::time::Duration;

/// Only a write shows that a browser has left, and until then the test would keep the printer busy.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The events of one test; dropping it ends the test.
#[derive(Debug)]
pub struct TestEvents {
    test: Test,
    stop: Stop,
    /// The number of the last event.
    id: u64,
}

impl TestEvents {
    /// Creates the events of a test that has just been started.
    pub fn new(test: Test, stop: &Stop) -> Self {
        Self { test, stop: stop.clone(), id: 0 }
    }
}

impl Iterator for TestEvents {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = Text { written: String::new(), id: self.id };
        if self.id == 0 {
            text.event("stages", &TestStages::ALL);
        } else {
            select! {
                recv(self.test.events()) -> event => match event.ok()? {
                    Event::Stage(finding) => text.event("stage", &TestStage::from(finding)),
                    Event::Done(outcome) => text.event("done", &TestDone::from(outcome)),
                },
                recv(self.stop.channel()) -> _ => return None,
                default(HEARTBEAT) => text.written.push_str(":\n\n"),
            }
        }
        self.id = text.id;
        Some(text.written.into_bytes())
    }
}
