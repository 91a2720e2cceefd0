//! The access that a handler has to the connection of its request.
//!
//! A held request is a loop in its handler, on its connection's own thread: it answers, waits for something new, and
//! answers again. No thread hands out answers one after the other, so a stuck viewer delays nobody else.

use super::share::{Client, Full, Permit, Permits};
use super::slots::{Slot, SlotState};
use crate::advice::request;
use crate::base::stop::Stop;
use crate::http::problem::Problem;
use std::sync::Arc;

/// The most held requests in all, and for one printer. A viewer of low-latency HLS always has one, and 200 may watch.
const HELD_IN_TOTAL: usize = 1024;
const HELD_PER_PRINTER: usize = 256;

/// Returns the permits for held requests.
pub fn permits() -> Arc<Permits> {
    Permits::new("held requests", HELD_IN_TOTAL, HELD_PER_PRINTER)
}

/// The connection of a request that is being answered.
#[derive(Debug)]
pub struct Context<'a> {
    client: Client,
    slot: &'a Slot,
    holds: &'a Arc<Permits>,
    stop: &'a Stop,
}

/// Counts a request as held until it is dropped.
#[derive(Debug)]
pub struct Held<'a> {
    slot: &'a Slot,
    _permit: Permit,
}

impl<'a> Context<'a> {
    /// Describes the connection of this slot.
    pub(super) fn new(client: Client, slot: &'a Slot, holds: &'a Arc<Permits>, stop: &'a Stop) -> Self {
        Self { client, slot, holds, stop }
    }

    /// Lets the handler wait for something new. The request counts for the limit of printer number `group`. The handler
    /// sets its own deadline, and checks [`Context::stop`] twice a second.
    ///
    /// # Errors
    /// If a limit of held requests is reached, in all, for the printer, or for this client.
    pub fn hold(&self, group: i64) -> Result<Held<'a>, Problem> {
        let permit = self.holds.take(group, self.client).map_err(|full| {
            let code = match full {
                Full::Everybody => request::TOO_MANY_VIEWERS,
                Full::Client => request::TOO_MANY_VIEWERS_OF_YOURS,
            };
            Problem::Unavailable(code.plain())
        })?;
        self.slot.set_state(SlotState::Holding);
        Ok(Held { slot: self.slot, _permit: permit })
    }

    /// Returns the stop of the service.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        self.stop
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.slot.set_state(SlotState::Answering);
    }
}
