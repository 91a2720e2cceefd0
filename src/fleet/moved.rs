//! A printer that has another address since it was entered.

use super::{EditError, Fleet};
use crate::base::clock;
use crate::printer::{Printer, PrinterId};
use crate::registry::Moved;

impl Fleet {
    /// Gives a printer the address at which it has been found, provided that it still has the address `from`. Its
    /// connections begin anew there; everything else stays. The caller has seen that the printer's pinned certificate is
    /// at the new address.
    ///
    /// # Errors
    /// Fails as [`Fleet::edit`] does, and if the printer has yet another address by now.
    pub fn follow(&self, id: PrinterId, from: &str, to: &str) -> Result<Printer, EditError> {
        let _editing = self.begin_edit()?;
        let moved = Moved { from: from.to_owned(), to: to.to_owned(), unix_ms: clock::unix_ms() };
        let updated = self.common.registry.follow(id, &moved)?;
        let printer = updated.printer.clone();
        if let Some(running) = self.lock().get_mut(&id) {
            running.edit(updated, &self.common)?;
            running.status().set_moved(Some(moved));
        }
        self.common.subscribers.ring(id);
        log::info!("p{id}: found at {to}, was {from}");
        Ok(printer)
    }
}
