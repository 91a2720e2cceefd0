//! The pinned certificate of a printer, shared by all connections to it. A printer uses one certificate on all its
//! ports, so the one shown to the camera is also expected of MQTT, and vice versa.
//!
//! The lock is never held during disk access, because an edit reads the same value while holding the fleet's lock.

use super::{Place, Registry, RegistryError};
use crate::base::error_chain;
use crate::net::link::{LinkError, Target};
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Identity, Printer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The pinned certificate of one printer; see the module.
#[derive(Debug)]
pub struct Pin {
    /// Where the pin is stored; `None` for a test.
    registry: Option<(Place, Arc<Registry>)>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    leaf: Option<Fingerprint>,
    /// Set when the printer or its address has changed. Connections made earlier can then no longer set the pin.
    retired: bool,
}

impl Pin {
    /// Returns the pin of a registered printer, as read from the registry.
    #[must_use]
    pub fn new(printer: &Printer, leaf: Option<Fingerprint>, registry: &Arc<Registry>) -> Self {
        let registry = Some((Place::of(printer), Arc::clone(registry)));
        Self { registry, state: Mutex::new(State { leaf, retired: false }) }
    }

    /// Returns a pin for a test. The certificate shown on one connection is expected on the other, and is not stored.
    #[must_use]
    pub fn unsaved(leaf: Option<Fingerprint>) -> Self {
        Self { registry: None, state: Mutex::new(State { leaf, retired: false }) }
    }

    /// Returns the expected certificate; `None` before the first connection.
    #[must_use]
    pub fn get(&self) -> Option<Fingerprint> {
        self.lock().leaf
    }

    /// Handles a newly opened connection to `target`, on which `leaf` was accepted. Without a pin, `leaf` becomes the
    /// pin.
    ///
    /// # Errors
    /// Fails if another connection has meanwhile pinned a different certificate.
    pub fn claim(&self, target: &Target, leaf: Option<Fingerprint>) -> Result<(), LinkError> {
        let (Some(Identity::Printer { serial, .. }), Some(leaf)) = (&target.tls, leaf) else { return Ok(()) };
        let mut state = self.lock();
        match state.leaf {
            Some(pinned) if pinned == leaf => return Ok(()),
            Some(_) => {
                let refusal = Refusal::Changed { serial: serial.clone(), seen: None };
                return Err(LinkError { at: target.at(), failure: refusal.into() });
            }
            None if state.retired => return Ok(()),
            None => state.leaf = Some(leaf),
        }
        drop(state);
        self.store();
        Ok(())
    }

    /// Clears the pin, because a person vouches for the next certificate. The registry has already forgotten the old
    /// one. Open connections continue.
    pub fn forget(&self) {
        self.lock().leaf = None;
    }

    /// Stops any further storing.
    pub fn retire(&self) {
        self.lock().retired = true;
    }

    /// Stores the current pin. The pin may change during the write, so it is checked again afterwards; the last write
    /// always stores the last value.
    fn store(&self) {
        let Some((place, registry)) = &self.registry else { return };
        let id = place.id;
        loop {
            let State { leaf, retired } = *self.lock();
            if retired {
                return;
            }
            match (registry.set_pin(place, leaf), leaf) {
                (Ok(()), Some(leaf)) => log::info!("p{id}: the certificate {leaf} is pinned"),
                (Ok(()), None) => log::debug!("p{id}: no certificate is pinned"),
                // The printer was edited or removed a moment ago.
                (Err(RegistryError::NotFound), _) => return,
                (Err(error), _) => {
                    log::warn!("p{id}: the certificate could not be pinned: {}", error_chain(&error));
                    return;
                }
            }
            if self.lock().leaf == leaf {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
