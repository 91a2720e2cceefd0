//! The handle on a printer's broker: faults, counters, and the machine behind it.

use super::hub::Hub;
use crate::behaviour::Behaviour;
use crate::camera::Camera;
use crate::clock;
use crate::machine::{Machine, Oddity};
use crate::seen::{Seen, WaitedInVain};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The MQTT broker of a running [`VirtualPrinter`](crate::VirtualPrinter). Cheap to clone, usable from any thread. Its
/// port has the faults of the camera's, apart from it: [`Behaviour::door`], [`Behaviour::tls`], [`Behaviour::stall`]
/// (`Everything` is a half-open link: nothing is read and nothing said) and [`Behaviour::bytes_per_s`].
#[derive(Clone)]
pub struct Broker {
    pub(crate) port: Camera,
    pub(crate) hub: Arc<Mutex<Hub>>,
}

impl Broker {
    /// Changes how the broker behaves from now on. Where the port is to be opened or closed, that is done on return.
    pub fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        self.port.change(change);
    }

    /// How the broker behaves, now.
    #[must_use]
    pub fn behaviour(&self) -> Arc<Behaviour> {
        self.port.behaviour()
    }

    /// Behaves as it was set up, hears everybody, and forgets what is retained, held back or to be lost. The machine stays
    /// as it is.
    pub fn heal(&self) {
        let mut hub = self.hub();
        hub.oddities.clear();
        hub.deafened.clear();
        hub.retained = None;
        hub.quiet_until = None;
        hub.pushes.heal();
        drop(hub);
        self.port.heal();
    }

    /// Closes the port. Connections stay: see [`Broker::hang_up`] and [`Broker::reset`].
    pub fn refuse(&self) {
        self.port.refuse();
    }

    /// Opens the port again, the same one.
    pub fn open(&self) {
        self.port.open();
    }

    /// Ends every connection with a TLS goodbye and FIN.
    pub fn hang_up(&self) {
        self.port.hang_up();
    }

    /// Ends every connection with RST.
    pub fn reset(&self) {
        self.port.reset();
    }

    /// Makes the next report an odd one.
    pub fn inject(&self, oddity: Oddity) {
        self.hub().oddities.push_back(oddity);
    }

    /// Reports nothing for this long, whatever is asked, and answers everything else: a P1P that unpacks a job.
    pub fn be_quiet(&self, span: Duration) {
        self.hub().quiet_until = Some(clock::now() + span);
    }

    /// Leaves `ams` out of the next full report, though there is one.
    pub fn make_hole(&self) {
        self.hub().pushes.make_hole();
    }

    /// Loses the delta with which the job ends. After it only the Wi-Fi is told, until somebody asks for everything.
    pub fn lose_last(&self) {
        self.hub().pushes.lose_last();
    }

    /// Ignores the requests of everyone who is connected now, also when they come back, unless under another client
    /// id: the half-dead session of P1S and A1.
    pub fn deafen_clients(&self) {
        let mut hub = self.hub();
        let ids: Vec<_> = hub.client_ids().collect();
        hub.deafened.extend(ids);
    }

    /// From now on a new subscriber is sent the present report, with the retain flag, however old it becomes: what a
    /// wrong broker does, and no printer.
    pub fn retain_present_report(&self) {
        let mut hub = self.hub();
        hub.retained = Some(hub.snapshot());
    }

    /// Does something to the machine, or asks it. It is brought to the present before, and reports soon after.
    pub fn machine<T>(&self, act: impl FnOnce(&mut Machine) -> T) -> T {
        let mut hub = self.hub();
        hub.advance(clock::now());
        let result = act(&mut hub.machine);
        hub.hasten();
        result
    }

    /// What was seen and done so far; the broker's own is in [`Seen::mqtt`].
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.port.seen()
    }

    /// Waits until `arrived` holds, at most for `deadline`.
    ///
    /// # Errors
    /// When it did not come to hold.
    pub fn wait_until(&self, arrived: impl FnMut(&Seen) -> bool, deadline: Duration) -> Result<Seen, WaitedInVain> {
        self.port.wait_until(arrived, deadline)
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
