//! What the printer says over MQTT about its live view, told by its control thread to its camera thread.

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

    /// The bell.
    #[must_use]
    pub fn changed(&self) -> &Receiver<()> {
        &self.bell.1
    }
}
