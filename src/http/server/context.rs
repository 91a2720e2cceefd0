//! What a handler may ask of the connection on which its request came.
//!
//! A held request is a loop in its handler, on its connection's own thread: it answers, waits for something new, and
//! answers again. So nobody hands out answers one after the other, and a viewer that is stuck delays nobody.

use super::share::{Client, Full, Permit, Permits};
use super::slots::{Slot, SlotState};
use crate::base::stop::Stop;
use crate::http::problem::Problem;
use std::sync::Arc;

/// Held requests at once, and for one printer. A viewer of low-latency HLS always has one, and 200 may watch.
const HELD_IN_TOTAL: usize = 1024;
const HELD_PER_PRINTER: usize = 256;

/// How many may be held.
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
    /// Describes the connection that has this slot.
    pub(super) fn new(client: Client, slot: &'a Slot, holds: &'a Arc<Permits>, stop: &'a Stop) -> Self {
        Self { client, slot, holds, stop }
    }

    /// Lets the handler wait for something new. `group` is the number of the printer for whose limit the request counts.
    /// The handler sets its own deadline, and looks at [`Context::stop`] twice a second.
    ///
    /// # Errors
    /// When as many requests are held as may be, for everybody, for the printer, or for this client.
    pub fn hold(&self, group: i64) -> Result<Held<'a>, Problem> {
        let permit = self.holds.take(group, self.client).map_err(|full| {
            let sentence = match full {
                Full::Everybody => "Too many viewers wait for this camera; try again.",
                Full::Client => "Too many viewers at your address wait for cameras; close some of them.",
            };
            Problem::Unavailable(sentence.to_owned())
        })?;
        self.slot.set_state(SlotState::Holding);
        Ok(Held { slot: self.slot, _permit: permit })
    }

    /// The stop of the service.
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
