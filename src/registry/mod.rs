//! Layer 2: the printers and the memory of their streams, in one SQLite file.
//!
//! The whole process shares one connection behind a mutex: edits are rare, and no viewer's request reads from here. The
//! process locks the file for itself (`locking_mode=EXCLUSIVE`), because two services on one registry would both
//! connect to every printer. WAL then also needs no shared memory file, which a full disk could not hold. [`file`] and
//! `docs/adr/0006-sqlite-journal.md` describe how the file is opened, with which journal and why.
//!
//! Access codes and camera passwords are stored in plain text, because printers and cameras need them so. The file's
//! mode is 0600.

mod error;
mod file;
mod moved;
pub mod pin;
mod schema;

pub use error::RegistryError;
pub use moved::Moved;

use crate::base::secret::Secret;
use crate::hls::StreamMemory;
use crate::printer::{CameraLogin, Changes, Details, Fingerprint, Printer, PrinterId, RtspUrl, Serial};
use file::Journal;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The printer as it is now stored.
    pub printer: Printer,
    /// Whether the edit changed the printer.
    pub is_other: bool,
    /// Whether the pinned certificate was forgotten because a person accepts a new one.
    pub accepts_certificate: bool,
    /// The certificate now pinned for the printer.
    pub pin: Option<Fingerprint>,
}

/// A printer at an address; a certificate is pinned for this combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The printer's id in the registry.
    pub id: PrinterId,
    /// The printer's serial number.
    pub serial: Serial,
    /// The printer's address or host name.
    pub host: String,
}

impl Place {
    /// Returns the place of a printer.
    #[must_use]
    pub fn of(printer: &Printer) -> Self {
        Self { id: printer.id, serial: printer.serial.clone(), host: printer.host.clone() }
    }
}

/// The registry. Any thread may call its methods; each method is one transaction.
#[derive(Debug)]
pub struct Registry {
    connection: Mutex<Connection>,
    journal: Journal,
    /// The path of the copy made after each edit; `None` in tests in memory.
    copy: Option<PathBuf>,
}

impl Registry {
    /// Opens the file, or creates it with its directory, and migrates its tables. A damaged file is kept aside and
    /// logged, and the copy of the last edit takes its place.
    ///
    /// # Errors
    /// Fails if the file cannot be opened, is in use by another process, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let (connection, journal) = file::open(path)?;
        Ok(Self { connection: Mutex::new(connection), journal, copy: Some(file::copy_of(path)) })
    }

    /// Returns every printer, by id. An invalid row is logged and left out.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn printers(&self) -> Result<Vec<Printer>, RegistryError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY id"))?;
        let rows = statement.query_map([], |row| Ok(printer_of(row)))?;
        let mut printers = Vec::new();
        for printer in rows {
            match printer? {
                Ok(printer) => printers.push(printer),
                Err(error) => log::error!("a printer in the registry is left out: {error}"),
            }
        }
        Ok(printers)
    }

    /// Returns one printer.
    ///
    /// # Errors
    /// Returns `NotFound`, or fails if the file cannot be read.
    pub fn printer(&self, id: PrinterId) -> Result<Printer, RegistryError> {
        find(&self.connection(), id)
    }

    /// Stores a new printer; it is on the disk when this returns.
    ///
    /// # Errors
    /// Returns `DuplicateSerial` or `DiskFull`, or fails if the file cannot be written. Then nothing has changed.
    pub fn add(&self, details: &Details) -> Result<Printer, RegistryError> {
        self.edit(|transaction| {
            refuse_known_serial(transaction, &details.serial, None)?;
            transaction
                .prepare_cached(
                    "INSERT INTO printers
                     (name, host, serial, access_code, rtsp_url, camera_fingerprint, camera_user, camera_password)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    details.name,
                    details.host,
                    details.serial.as_str(),
                    details.access_code.expose(),
                    details.rtsp_url.as_ref().map(ToString::to_string),
                    details.camera_fingerprint.map(|fingerprint| fingerprint.0),
                    details.camera_login.as_ref().map(|login| &login.user),
                    details.camera_login.as_ref().map(|login| login.password.expose()),
                ])?;
            find(transaction, PrinterId(transaction.last_insert_rowid()))
        })
    }

    /// Changes a printer in one transaction: `decide` derives the new details from the stored printer. Of two
    /// simultaneous edits, the second therefore starts from the result of the first. The pinned certificate belongs to
    /// the serial number. It is forgotten if the serial changes, or if a person accepts a new certificate. An edit that
    /// changes nothing stores nothing.
    ///
    /// # Errors
    /// Returns `NotFound`, the errors of [`Registry::add`], and those of `decide`.
    pub fn update<E: From<RegistryError>>(
        &self,
        id: PrinterId,
        decide: impl FnOnce(&Printer) -> Result<Details, E>,
    ) -> Result<Updated, E> {
        self.edit(|transaction| {
            let before = find(transaction, id)?;
            let details = decide(&before)?;
            let accepts_certificate = details.accept_certificate;
            if details.printer(id) == before && !accepts_certificate {
                let pin = pin_of(transaction, id)?;
                return Ok(Updated { printer: before, is_other: false, accepts_certificate, pin });
            }
            refuse_known_serial(transaction, &details.serial, Some(id))?;
            let forget_pin = accepts_certificate || Changes::between(&before, &details.printer(id)).machine;
            transaction
                .prepare_cached(
                    "UPDATE printers SET name = ?2, host = ?3, serial = ?4, access_code = ?5, rtsp_url = ?6,
                     camera_fingerprint = ?7, camera_user = ?8, camera_password = ?9,
                     pin = CASE WHEN ?10 THEN NULL ELSE pin END, moved_from = NULL, moved_unix_ms = NULL
                     WHERE id = ?1",
                )
                .map_err(RegistryError::from)?
                .execute(params![
                    id.0,
                    details.name,
                    details.host,
                    details.serial.as_str(),
                    details.access_code.expose(),
                    details.rtsp_url.as_ref().map(ToString::to_string),
                    details.camera_fingerprint.map(|fingerprint| fingerprint.0),
                    details.camera_login.as_ref().map(|login| &login.user),
                    details.camera_login.as_ref().map(|login| login.password.expose()),
                    forget_pin,
                ])
                .map_err(RegistryError::from)?;
            let printer = find(transaction, id)?;
            let pin = pin_of(transaction, id)?;
            Ok(Updated { is_other: printer != before, printer, accepts_certificate, pin })
        })
    }

    /// Removes a printer and all its data. Its id is never used again.
    ///
    /// # Errors
    /// Returns `NotFound`, or fails if the file cannot be written.
    pub fn remove(&self, id: PrinterId) -> Result<(), RegistryError> {
        self.edit(|transaction| {
            let removed = transaction.prepare_cached("DELETE FROM printers WHERE id = ?1")?.execute([id.0])?;
            if removed == 0 { Err(RegistryError::NotFound) } else { Ok(()) }
        })
    }

    /// Returns 16 hex digits that identify this installation.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn installation(&self) -> Result<String, RegistryError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE name = 'installation'")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Returns the certificate pinned for a printer.
    ///
    /// # Errors
    /// Returns `NotFound`, or fails if the file cannot be read.
    pub fn pin(&self, id: PrinterId) -> Result<Option<Fingerprint>, RegistryError> {
        pin_of(&self.connection(), id)
    }

    /// Pins a certificate or forgets it, provided that the printer is still the one at that place.
    ///
    /// # Errors
    /// Returns `NotFound` or `DiskFull`, or fails if the file cannot be written.
    pub fn set_pin(&self, place: &Place, pin: Option<Fingerprint>) -> Result<(), RegistryError> {
        self.edit(|transaction| {
            let sql = "UPDATE printers SET pin = ?4 WHERE id = ?1 AND serial = ?2 AND host = ?3";
            let mut statement = transaction.prepare_cached(sql)?;
            match statement.execute(params![place.id.0, place.serial.as_str(), place.host, pin.map(|pin| pin.0)])? {
                0 => Err(RegistryError::NotFound),
                _ => Ok(()),
            }
        })
    }

    /// Returns where a printer's stream ended; `None` if it never began.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stream_memory(&self, id: PrinterId) -> Result<Option<StreamMemory>, RegistryError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT next_media_sequence, discontinuity_sequence, target_duration_s, part_target_ms
             FROM stream_memory WHERE printer_id = ?1",
        )?;
        let read = |row: &Row<'_>| {
            Ok(StreamMemory {
                next_media_sequence: row.get::<_, i64>(0)?.unsigned_abs(),
                discontinuity_sequence: row.get::<_, i64>(1)?.unsigned_abs(),
                target_duration_s: row.get(2)?,
                part_target_ms: row.get(3)?,
            })
        };
        Ok(statement.query_row([id.0], read).optional()?)
    }

    /// Stores the position of a printer's stream. Written often, and not synced each time. After a power cut (not after
    /// a crash) the last few writes may be missing; the segments mirrored on the disk are then more recent.
    ///
    /// # Errors
    /// Returns `NotFound` or `DiskFull`, or fails if the file cannot be written.
    pub fn remember_stream(&self, id: PrinterId, memory: &StreamMemory) -> Result<(), RegistryError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = transaction
            .prepare_cached(
                "INSERT INTO stream_memory SELECT id, ?2, ?3, ?4, ?5 FROM printers WHERE id = ?1
                 ON CONFLICT (printer_id) DO UPDATE SET next_media_sequence = excluded.next_media_sequence,
                 discontinuity_sequence = excluded.discontinuity_sequence,
                 target_duration_s = excluded.target_duration_s, part_target_ms = excluded.part_target_ms",
            )?
            .execute(params![
                id.0,
                i64::try_from(memory.next_media_sequence).unwrap_or(i64::MAX),
                i64::try_from(memory.discontinuity_sequence).unwrap_or(i64::MAX),
                memory.target_duration_s,
                memory.part_target_ms,
            ])?;
        transaction.commit()?;
        if known == 0 { Err(RegistryError::NotFound) } else { Ok(()) }
    }

    /// Makes one edit of data that a person entered, atomically. It is on the disk when this returns.
    fn edit<T, E: From<RegistryError>>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.connection();
        let changes = connection.total_changes();
        connection.pragma_update(None, "synchronous", "FULL").map_err(RegistryError::from)?;
        let edited = (|| {
            let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
            let transaction = begun.map_err(RegistryError::from)?;
            // If dropped without a commit, the transaction is rolled back.
            let changed = change(&transaction)?;
            transaction.commit().map_err(RegistryError::from)?;
            Ok(changed)
        })();
        // If this fails, every write waits for the disk, which is slower but correct.
        let _ = connection.pragma_update(None, "synchronous", self.journal.synchronous());
        if let (Ok(_), Some(copy)) = (&edited, &self.copy)
            && connection.total_changes() != changes
            && let Err(error) = file::keep_copy(&connection, copy)
        {
            log::warn!("no copy of the printers' database was made as {}: {error}", copy.display());
        }
        edited
    }

    /// If a thread panicked while holding the lock, unwinding rolled its transaction back, so the connection is sound.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SELECT: &str = "SELECT id, name, host, serial, access_code, rtsp_url, camera_fingerprint, camera_user, camera_password FROM \
                      printers";

fn find(connection: &Connection, id: PrinterId) -> Result<Printer, RegistryError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    statement.query_row([id.0], |row| Ok(printer_of(row))).optional()?.ok_or(RegistryError::NotFound)?
}

fn pin_of(connection: &Connection, id: PrinterId) -> Result<Option<Fingerprint>, RegistryError> {
    let mut statement = connection.prepare_cached("SELECT pin FROM printers WHERE id = ?1")?;
    let pin = statement.query_row([id.0], |row| row.get::<_, Option<[u8; 32]>>(0)).optional()?;
    pin.map(|pin| pin.map(Fingerprint)).ok_or(RegistryError::NotFound)
}

fn refuse_known_serial(connection: &Connection, serial: &Serial, own: Option<PrinterId>) -> Result<(), RegistryError> {
    let mut statement = connection.prepare_cached("SELECT name FROM printers WHERE serial = ?1 AND id IS NOT ?2")?;
    let name = statement.query_row(params![serial.as_str(), own.map(|id| id.0)], |row| row.get(0)).optional()?;
    name.map_or(Ok(()), |name| Err(RegistryError::DuplicateSerial { name }))
}

/// Reads a printer from a row, and checks it: the file may have been edited by hand.
fn printer_of(row: &Row<'_>) -> Result<Printer, RegistryError> {
    let id = row.get(0)?;
    let serial: String = row.get(3)?;
    let url: Option<String> = row.get(5)?;
    let (user, password): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(Printer {
        id: PrinterId(id),
        name: row.get(1)?,
        host: row.get(2)?,
        serial: Serial::parse(&serial).ok_or(RegistryError::BadRow { id, column: "serial" })?,
        access_code: Secret::new(row.get::<_, String>(4)?),
        // Plain RTSP is accepted here. It was checked when the URL was entered, and is checked again when it is used.
        rtsp_url: url
            .map(|url| RtspUrl::parse(&url, true))
            .transpose()
            .map_err(|_| RegistryError::BadRow { id, column: "rtsp_url" })?,
        camera_login: user.zip(password).map(|(user, password)| CameraLogin { user, password: Secret::new(password) }),
        camera_fingerprint: row.get::<_, Option<[u8; 32]>>(6)?.map(Fingerprint),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{Draft, Rules, validate};

    fn details(serial: &str) -> Details {
        let draft = Draft {
            name: Some("a name that fills pages ".repeat(4)),
            host: Some("192.168.1.10".into()),
            serial: Some(serial.into()),
            access_code: Some(Secret::new("12345678")),
            ..Draft::default()
        };
        validate(draft, None, Rules::default()).unwrap()
    }

    /// With a limit on pages, SQLite fails just as on a full disk.
    #[test]
    fn an_edit_on_a_full_disk_fails_and_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let registry = Registry { connection: Mutex::new(connection), journal: Journal::Wal, copy: None };
        let limit = |pages: i64| {
            let set = |row: &Row<'_>| row.get::<_, i64>(0);
            registry.connection().pragma_update_and_check(None, "max_page_count", pages, set).unwrap();
        };
        limit(pages + 1);
        let mut serials = (0..).map(|n| format!("SERIAL{n:05}"));
        let error = serials.find_map(|serial| registry.add(&details(&serial)).err()).unwrap();
        assert!(matches!(error, RegistryError::DiskFull), "{error:?}");
        let before = registry.printers().unwrap();
        assert!(!before.is_empty());
        limit(pages + 100);
        let added = registry.add(&details("AFTERWARDS")).expect("there is room again");
        assert_eq!(registry.printers().unwrap(), [before, vec![added]].concat());
    }

    #[test]
    fn a_row_edited_by_hand_to_nonsense_is_left_out() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let registry = Registry { connection: Mutex::new(connection), journal: Journal::Wal, copy: None };
        let (first, second) =
            (registry.add(&details("FIRST00001")).unwrap(), registry.add(&details("SECOND0001")).unwrap());
        registry.connection().execute("UPDATE printers SET serial = 'a/#+' WHERE id = ?1", [first.id.0]).unwrap();
        assert_eq!(registry.printers().unwrap(), [second]);
        assert!(matches!(registry.printer(first.id), Err(RegistryError::BadRow { column: "serial", .. })));
    }
}
