//! A test of a printer as server-sent events: the list of stages, the progress of each, and the end.

use super::events::Text;
use super::view::diagnosis::{TestDone, TestStage, TestStages};
use crate::base::stop::Stop;
use crate::diagnosis::{self, Told};
use crossbeam_channel::select;
use std::time::Duration;

/// Only a write shows that a browser has left, and until then the test would keep the printer busy.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The events of one test; dropping it ends the test.
#[derive(Debug)]
pub struct Trial {
    trial: diagnosis::Trial,
    stop: Stop,
    /// The number of the last event.
    id: u64,
}

impl Trial {
    /// Creates the events of a test that has just been started.
    pub fn new(trial: diagnosis::Trial, stop: &Stop) -> Self {
        Self { trial, stop: stop.clone(), id: 0 }
    }
}

impl Iterator for Trial {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = Text { written: String::new(), id: self.id };
        if self.id == 0 {
            text.event("stages", &TestStages::ALL);
        } else {
            select! {
                recv(self.trial.told()) -> told => match told.ok()? {
                    Told::Stage(finding) => text.event("stage", &TestStage::from(finding)),
                    Told::Done(outcome) => text.event("done", &TestDone::from(outcome)),
                },
                recv(self.stop.channel()) -> _ => return None,
                default(HEARTBEAT) => text.written.push_str(":\n\n"),
            }
        }
        self.id = text.id;
        Some(text.written.into_bytes())
    }
}
