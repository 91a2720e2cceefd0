//! Floor 2: the printers on disk. (Stub: owned by the NET helper.)

/// Why the registry did not do it.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The serial belongs to a printer already here.
    #[error("a printer with this serial is already here: “{name}”")]
    DuplicateSerial {
        /// Its name.
        name: String,
    },
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// The disk or the database failed.
    #[error("the printers' database failed")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}
