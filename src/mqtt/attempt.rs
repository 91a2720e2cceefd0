//! Records how far an attempt of a link has come. [`super::state::LinkStep`] says where a link is; this also says when it got
//! there, and what stopped it. Whoever looks late misses no step.

use super::{FromMqtt, MqttError};
use crate::printer::merged::MergedReport;
use crate::printer::state::State;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The newest attempt of a link, and the session that came of it.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// When it began; `None` before the first one.
    pub begun: Option<Instant>,
    /// The TCP connection to this address was open.
    pub reached: Option<(SocketAddr, Instant)>,
    /// The certificate was the printer's.
    pub trusted: Option<Instant>,
    /// The printer accepted the access code.
    pub signed_in: Option<Instant>,
    /// The first report came.
    pub reported: Option<Instant>,
    /// Everything that a printer tells about itself had come.
    pub complete: Option<Instant>,
    /// Why it ended.
    pub ended: Option<(Arc<MqttError>, Instant)>,
}

impl Attempt {
    /// Takes in an event of the MQTT thread. Returns whether that was a step.
    pub(super) fn hear(&mut self, event: &FromMqtt, now: Instant) -> bool {
        match event {
            FromMqtt::Connecting => *self = Self { begun: Some(now), ..Self::default() },
            // TLS may need a second connection; the first one has shown that the port is open.
            FromMqtt::Reached(peer) => _ = self.reached.get_or_insert((*peer, now)),
            FromMqtt::SigningIn => self.trusted = Some(now),
            FromMqtt::SignedIn(_) => self.signed_in = Some(now),
            FromMqtt::Lost { error, .. } => self.ended = Some((Arc::clone(error), now)),
            _ => return false,
        }
        true
    }

    /// Records what is known after a report. Returns whether that was a step.
    pub(super) fn report(&mut self, known: &MergedReport, state: &State, now: Instant) -> bool {
        let is_complete = !state.incomplete && !known.modules().is_empty();
        let is_step = self.reported.is_none() || (is_complete && self.complete.is_none());
        self.reported.get_or_insert(now);
        if is_complete {
            self.complete.get_or_insert(now);
        }
        is_step
    }
}
