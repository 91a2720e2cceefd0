//! What the camera thread of a printer is told by others: what the printer says over MQTT about its live view, and that
//! it is worth a try again.

use crate::printer::ipcam::LiveView;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Mutex, PoisonError};

/// The newest word, and a bell for the one camera thread.
#[derive(Debug)]
pub struct LiveViewWatch {
    newest: Mutex<LiveView>,
    bell: (Sender<()>, Receiver<()>),
}

impl Default for LiveViewWatch {
    fn default() -> Self {
        Self { newest: Mutex::default(), bell: bounded(1) }
    }
}

impl LiveViewWatch {
    /// What was said last.
    #[must_use]
    pub fn get(&self) -> LiveView {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says something; the bell rings when it is new.
    pub fn set(&self, said: &LiveView) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if *newest != *said {
            *newest = said.clone();
            let _ = self.bell.0.try_send(());
        }
    }

    /// The printer has shown a sign of life, or a person asks: a camera that waits for its next attempt makes it now,
    /// and its pauses begin anew.
    pub fn nudge(&self) {
        // A bell that has been rung already will be heard.
        let _ = self.bell.0.try_send(());
    }

    /// The bell: rung by a new word and by a nudge.
    #[must_use]
    pub fn bell(&self) -> &Receiver<()> {
        &self.bell.1
    }
}
