//! Stops threads through a channel on which nobody ever sends. Dropping its sender is the stop, so an orderly end and a
//! panic of the owner take the same path, and a thread can wait for it beside any other channel.

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};
use std::convert::Infallible;
use std::time::Duration;

/// The owner's side. Dropping it stops everyone who holds a [`Stop`] of it.
#[derive(Debug)]
pub struct Stopper(#[expect(dead_code, reason = "held only to be dropped")] Sender<Infallible>);

/// The worker's side; cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(Receiver<Infallible>);

/// A stopper and its first stop.
#[must_use]
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = bounded(0);
    (Stopper(sender), Stop(receiver))
}

impl Stop {
    /// Whether the stopper is gone.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.0.try_recv(), Err(TryRecvError::Disconnected))
    }

    /// Waits for `span`, or for the stop if that comes first; tells whether it was the stop.
    #[must_use]
    pub fn wait(&self, span: Duration) -> bool {
        matches!(self.0.recv_timeout(span), Err(RecvTimeoutError::Disconnected))
    }

    /// The channel itself, for `select!`: it becomes ready (disconnected) at the stop.
    #[must_use]
    pub fn channel(&self) -> &Receiver<Infallible> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_the_stopper_ends_every_wait() {
        let (stopper, stop) = stop();
        let other = stop.clone();
        assert!(!stop.is_stopped());
        assert!(!stop.wait(Duration::from_millis(1)));
        drop(stopper);
        assert!(stop.is_stopped() && other.is_stopped());
        assert!(other.wait(Duration::from_secs(3600)));
    }
}
