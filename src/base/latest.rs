//! The newest value of something for one thread that waits for a change of it. Others can also wake that thread to try
//! again without a change.

use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Mutex, PoisonError};

/// The newest word, and a bell for the one camera thread.
#[derive(Debug)]
pub struct Latest<T> {
    newest: Mutex<T>,
    bell: (Sender<()>, Receiver<()>),
}

impl<T: Default> Default for Latest<T> {
    fn default() -> Self {
        Self { newest: Mutex::default(), bell: bounded(1) }
    }
}

impl<T: Clone + PartialEq> Latest<T> {
    /// What was said last.
    #[must_use]
    pub fn get(&self) -> T {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says something; the bell rings when it is new.
    pub fn set(&self, said: &T) {
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
