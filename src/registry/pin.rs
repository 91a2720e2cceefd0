//! The certificate a printer showed first, shared by all links to it: what the camera has seen is expected of MQTT
//! and the other way round, since a printer has one certificate for all its ports.

use crate::base::error_chain;
use crate::net::link::{LinkError, Target};
use crate::printer::identity::Refusal;
use crate::printer::{Fingerprint, Identity, PrinterId};
use crate::registry::Registry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug)]
pub struct Pin {
    /// Where it is written down; nowhere for a test.
    registry: Option<(PrinterId, Arc<Registry>)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    leaf: Option<Fingerprint>,
    /// It is another printer's now, or at another place: a link of before has nothing more to say about it.
    retired: bool,
}

impl Pin {
    /// As the registry has it.
    #[must_use]
    pub fn read(id: PrinterId, registry: &Arc<Registry>) -> Self {
        let leaf = registry.pin(id).unwrap_or_else(|error| {
            log::warn!("p{id}: the pinned certificate could not be read: {}", error_chain(&error));
            None
        });
        Self { registry: Some((id, Arc::clone(registry))), state: Mutex::new(State { leaf, retired: false }) }
    }

    /// For a test: what is seen is expected of the test's other link and then forgotten.
    #[must_use]
    pub fn unsaved(leaf: Option<Fingerprint>) -> Self {
        Self { registry: None, state: Mutex::new(State { leaf, retired: false }) }
    }

    /// The certificate to expect; `None` before the first link.
    #[must_use]
    pub fn get(&self) -> Option<Fingerprint> {
        self.lock().leaf
    }

    /// A link to `target` has been opened, and `leaf` was accepted there: without a pin it becomes the pin.
    ///
    /// # Errors
    /// When another link has pinned another one in the meantime.
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
        let Some((id, registry)) = &self.registry else { return Ok(()) };
        // Under the lock, so that what is written is what the other link will see.
        match registry.set_pin(*id, Some(leaf)) {
            Ok(()) => log::info!("p{id}: the certificate {leaf} is pinned"),
            Err(error) => log::warn!("p{id}: the certificate could not be pinned: {}", error_chain(&error)),
        }
        Ok(())
    }

    /// A person vouches for the certificate that comes next. The registry has forgotten the one before; links that are
    /// open go on.
    pub fn forget(&self) {
        self.lock().leaf = None;
    }

    /// From now on nothing is written down any more.
    pub fn retire(&self) {
        self.lock().retired = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
