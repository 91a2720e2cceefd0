//! Why the registry did not do it.

use rusqlite::ErrorCode;
use std::io;
use std::path::PathBuf;

/// See each variant.
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
    /// Nothing was changed.
    #[error("disk full, not saved")]
    DiskFull,
    /// Another process holds the file; waited 5 s.
    #[error("the printers' database is in use by another process")]
    InUse,
    /// A row that this program did not write.
    #[error("printer {id} has a {column} that is not valid")]
    BadRow {
        /// Its number.
        id: i64,
        /// Where.
        column: &'static str,
    },
    /// Written by a version of this program that knows more tables.
    #[error(
        "the database has format {found}, but this version of the program knows {known} at most; start the newer \
         version, or restore a copy from before"
    )]
    Newer {
        /// The file's.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The file or its directory cannot be made or opened.
    #[error(
        "cannot use {} as the printers' database (DB_PATH); it has to be a file in a directory that this user may \
         write to", .path.display()
    )]
    File {
        /// As configured.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite failed.
    #[error("the printers' database failed")]
    Storage(#[source] rusqlite::Error),
}

impl RegistryError {
    /// What to tell the person; the log has the chain.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::DuplicateSerial { name } => format!("A printer with this serial number is already here: “{name}”."),
            Self::NotFound => "There is no such printer.".into(),
            Self::DiskFull => "The disk is full, so nothing was saved; make room and save again.".into(),
            Self::InUse => "The printers' database is in use by another program; nothing was saved. Try again.".into(),
            Self::BadRow { .. } | Self::Newer { .. } | Self::File { .. } | Self::Storage(_) => {
                "The printers' database failed, so nothing was saved; the service's log tells why.".into()
            }
        }
    }
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
