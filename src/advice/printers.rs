//! Says why the list of printers could not be changed.

use super::Advice;
use super::code::words;
use crate::registry::RegistryError;

words! {
    /// The printer is not registered, or no longer registered.
    pub UNKNOWN "printers.unknown" "There is no printer with this id."
    DUPLICATE_SERIAL "printers.duplicate-serial" "A printer with this serial number is already here: “{name}”."
    NOT_FOUND "printers.not-found" "There is no such printer."
    DISK_FULL "printers.disk-full" "The disk is full, so nothing was saved; make room and save again."
    DATABASE_IN_USE "printers.database-in-use" "The printers' database is in use by another program; nothing was saved. \
        Try again."
    DATABASE_FAILED "printers.database-failed" "The printers' database failed, so nothing was saved; the service's log \
        tells why."
    /// Too many new addresses were entered in a row.
    pub TOO_MANY_ADDRESSES "printers.too-many-addresses" "Too many printers' addresses were entered in a row; try again in \
        a moment."
    /// The printer is stored, but the system has no thread for it.
    pub NO_THREADS "printers.no-threads" "The printer is stored, but this machine has no threads left for it; restart the \
        service."
    /// Some fields are missing or wrong.
    pub FIELDS "printers.fields" "Some fields are not valid."
}

/// Returns the words for what the registry could not do.
#[must_use]
pub fn of_registry_error(error: &RegistryError) -> Advice {
    match error {
        RegistryError::DuplicateSerial { name } => DUPLICATE_SERIAL.with([("name", name.as_str().into())]),
        RegistryError::NotFound => NOT_FOUND.plain(),
        RegistryError::DiskFull => DISK_FULL.plain(),
        RegistryError::InUse => DATABASE_IN_USE.plain(),
        RegistryError::BadRow { .. }
        | RegistryError::Newer { .. }
        | RegistryError::File { .. }
        | RegistryError::Storage(_) => DATABASE_FAILED.plain(),
    }
}
