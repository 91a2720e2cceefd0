//! The certificate a printer showed first, shared by all connections to it: the one that the camera has shown is expected
//! of MQTT and the other way round, since a printer has one certificate for all its ports.
//!
//! Nobody holds a lock here while the disk works: an edit, which takes a printer over under the fleet's lock, looks at the
//! same value.

use super::{Place, Registry, RegistryError};
use crate::base::error_chain;
use crate::net::link::{LinkError, Target};
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Identity, Printer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug)]
pub struct Pin {
    /// Where it is stored; nowhere for a test.
    registry: Option<(Place, Arc<Registry>)>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    leaf: Option<Fingerprint>,
    /// The printer is another one now, or at another place: connections of before have nothing more to say about it.
    retired: bool,
}

impl Pin {
    /// The certificate of a registered printer, as the registry had it.
    #[must_use]
    pub fn new(printer: &Printer, leaf: Option<Fingerprint>, registry: &Arc<Registry>) -> Self {
        let registry = Some((Place::of(printer), Arc::clone(registry)));
        Self { registry, state: Mutex::new(State { leaf, retired: false }) }
    }

    /// For a test: the certificate that one connection has shown is expected of the other, and then forgotten.
    #[must_use]
    pub fn unsaved(leaf: Option<Fingerprint>) -> Self {
        Self { registry: None, state: Mutex::new(State { leaf, retired: false }) }
    }

    /// The certificate to expect; `None` before the first connection.
    #[must_use]
    pub fn get(&self) -> Option<Fingerprint> {
        self.lock().leaf
    }

    /// A connection to `target` has been opened, and `leaf` was accepted there: without a pin it becomes the pin.
    ///
    /// # Errors
    /// When another connection has pinned another one in the meantime.
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

    /// A person vouches for the certificate that comes next. The registry has forgotten the one before; connections that
    /// are open go on.
    pub fn forget(&self) {
        self.lock().leaf = None;
    }

    /// From now on nothing is stored any more.
    pub fn retire(&self) {
        self.lock().retired = true;
    }

    /// Stores what is pinned now. It may have changed while the disk was at work, so whoever has written looks again: the
    /// last write is of the last value.
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
                // Edited or removed a moment ago.
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
