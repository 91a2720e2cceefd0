//! The failures of the registry.

use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;

/// Why the registry did not read or store something.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A registered printer already has this serial.
    #[error("a printer with this serial is already here: “{name}”")]
    DuplicateSerial {
        /// The name of that printer.
        name: String,
    },
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// The disk is full; nothing was changed.
    #[error("disk full, not saved")]
    DiskFull,
    /// Another process holds the file, even after a wait of 5 s.
    #[error("the printers' database is in use by another process")]
    InUse,
    /// A row that this program cannot have written.
    #[error("printer {id} has a {column} that is not valid")]
    BadRow {
        /// The id of the printer.
        id: i64,
        /// The column with the invalid value.
        column: &'static str,
    },
    /// The file was written by a newer version of this program, with more migrations.
    #[error(
        "the database has format {found}, but this version of the program knows {known} at most; start the newer \
         version, or restore a copy from before"
    )]
    Newer {
        /// The format of the file.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// The file or its directory cannot be created or opened.
    #[error(
        "cannot use {} as the printers' database (DB_PATH); it has to be a file in a directory that this user may \
         write to", .path.display()
    )]
    File {
        /// The path as configured.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("the printers' database failed")]
    Storage(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for RegistryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Storage(error),
        }
    }
}
