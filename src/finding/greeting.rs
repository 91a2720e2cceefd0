//! Greets the address that a person has typed: the serial number is read from the certificate.

use super::{Finding, now_seen};
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::net::link::{Greeting, LinkError, Patience, Target, greet};
use crate::printer::{Draft, FieldError, Identity, Mistake, Rules, address, validate};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A person waits for the answer. An X2D was seen to take 5.7 s for a handshake.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(4), handshake: Duration::from_secs(10) };

/// The most greetings at once, and in a row. Each dials an address that somebody has typed.
const AT_ONCE: usize = 4;
const IN_A_ROW: f64 = 20.0;
const PER_SECOND: f64 = 20.0 / 60.0;

/// Why nobody could be greeted.
#[derive(Debug, thiserror::Error)]
pub enum GreetError {
    /// Some fields are missing or wrong.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// Too many others are being greeted, or were lately.
    #[error("too many greetings")]
    TooMany {
        /// When there will probably be room.
        retry_after: Duration,
    },
    /// Nothing answers, or what answers is no printer.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// Limits the greetings of typed addresses.
#[derive(Debug)]
pub struct Greetings {
    running: AtomicUsize,
    rate: Mutex<Bucket>,
}

impl Default for Greetings {
    fn default() -> Self {
        Self { running: AtomicUsize::new(0), rate: Mutex::new(Bucket::new(IN_A_ROW, PER_SECOND)) }
    }
}

/// The permission for one greeting; dropping it releases the permission.
struct Permit(Arc<Greetings>);

impl Greetings {
    fn take(self: &Arc<Self>) -> Result<Permit, GreetError> {
        // The permit counts from here on, so that a refusal releases it as well.
        let before = self.running.fetch_add(1, Ordering::SeqCst);
        let permit = Permit(Arc::clone(self));
        if before >= AT_ONCE {
            return Err(GreetError::TooMany { retry_after: PATIENCE.connect });
        }
        let taken = self.rate.lock().unwrap_or_else(PoisonError::into_inner).try_take(clock::now());
        taken.map(|()| permit).map_err(|retry_after| GreetError::TooMany { retry_after })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Finding {
    /// Greets what is at an address as typed. Returns the address as it is understood, and what was found there.
    ///
    /// # Errors
    /// Fails if the address is malformed, nothing answers, no printer answers, or too many are being greeted.
    pub fn greet(&self, typed: &str) -> Result<(String, Greeting), GreetError> {
        let wrong = |mistake| GreetError::Fields(vec![FieldError { field: "host", mistake }]);
        if typed.trim().is_empty() {
            return Err(wrong(Mistake::HostMissing));
        }
        let host = address::parse_host(typed).ok_or_else(|| wrong(Mistake::HostMalformed))?;
        if address::lacks_zone(&host) {
            return Err(wrong(Mistake::LacksZone));
        }
        if address::is_self_assigned(&host) {
            return Err(wrong(Mistake::SelfAssigned));
        }
        let _permit = self.shared.greetings.take()?;
        let port = self.shared.fleet.settings().mqtt_ports.all;
        let target = Target { host: host.clone(), port, tls: Some(Identity::AnyPrinter) };
        let greeting = greet(&target, PATIENCE, &self.stop)
            .inspect_err(|error| log::debug!("finding: no printer at {}: {}", target.at(), error.failure))?;
        log::debug!("finding: {} is at {}", greeting.serial, target.at());
        if let Ok(address) = host.parse() {
            self.shared.update(|state| state.book.greet(&greeting, address, now_seen()));
        }
        Ok((host, greeting))
    }

    /// Reads the serial number of a new printer from its certificate, if nobody has typed one. Everything else is
    /// checked first, so that no device is disturbed for a form that is not valid.
    ///
    /// # Errors
    /// Fails as [`Finding::greet`] does, and if another field is missing or wrong.
    pub fn complete(&self, draft: Draft, rules: Rules) -> Result<Draft, GreetError> {
        if draft.serial.as_deref().is_some_and(|serial| !serial.trim().is_empty()) {
            return Ok(draft);
        }
        let with_any = Draft { serial: Some(ANY_SERIAL.to_owned()), ..draft.clone() };
        let details = validate(with_any, None, rules).map_err(GreetError::Fields)?;
        let (_, greeting) = self.greet(&details.host)?;
        Ok(Draft { serial: Some(greeting.serial.to_string()), ..draft })
    }
}

/// Stands for the serial number that is not known yet, while the other fields are checked.
const ANY_SERIAL: &str = "0000000000";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_are_greeted_at_once_and_twenty_in_a_row() {
        let greetings = Arc::new(Greetings::default());
        let running: Vec<Permit> = (0..AT_ONCE).map(|_| greetings.take().ok().unwrap()).collect();
        assert!(matches!(greetings.take(), Err(GreetError::TooMany { .. })));
        drop(running);
        for _ in AT_ONCE..20 {
            assert!(greetings.take().is_ok());
        }
        assert!(matches!(greetings.take(), Err(GreetError::TooMany { .. })));
        assert_eq!(greetings.running.load(Ordering::SeqCst), 0);
    }
}
