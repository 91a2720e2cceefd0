//! Layer 2: the printers, and what their streams must remember, in one SQLite file.
//!
//! One connection behind a mutex serves the whole process: edits are rare, and nothing here is read per request of a
//! viewer. The file belongs to this process alone (`locking_mode=EXCLUSIVE`): two services on one registry would both
//! connect to every printer, and WAL then needs no shared memory file, which a full disk could not hold. How it is
//! opened, with which journal and why, is in [`file`] and in `docs/adr/0006-sqlite-journal.md`.
//!
//! An access code and a camera's password are stored as they are, because printer and camera want them as they are; the
//! file's mode is 0600.

mod error;
mod file;
pub mod pin;
mod schema;

pub use error::RegistryError;

use crate::base::secret::Secret;
use crate::hls::StreamMemory;
use crate::printer::{CameraLogin, Details, Fingerprint, Printer, PrinterId, RtspUrl, Serial};
use file::Journal;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What an edit has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The printer as it is stored now.
    pub printer: Printer,
    /// It is not as it was.
    pub is_other: bool,
    /// The certificate seen first has been forgotten on a person's word.
    pub accepts_certificate: bool,
    /// The certificate that is pinned for it.
    pub pin: Option<Fingerprint>,
}

/// Which printer, and where: a certificate is pinned for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its number here.
    pub id: PrinterId,
    /// Its serial number.
    pub serial: Serial,
    /// Its address or host name.
    pub host: String,
}

impl Place {
    /// Where a printer is.
    #[must_use]
    pub fn of(printer: &Printer) -> Self {
        Self { id: printer.id, serial: printer.serial.clone(), host: printer.host.clone() }
    }
}

/// The registry. All methods may be called from any thread; each is one transaction.
#[derive(Debug)]
pub struct Registry {
    connection: Mutex<Connection>,
    journal: Journal,
    /// Where a copy goes after each edit; `None` in tests in memory.
    copy: Option<PathBuf>,
}

impl Registry {
    /// Opens the file, or makes it with its directory, and brings its tables up to date. A file that is damaged is
    /// kept aside, loudly, and the copy of the last edit takes its place.
    ///
    /// # Errors
    /// When the file cannot be had, is in use by another process, or was written by a newer version.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let (connection, journal) = file::open(path)?;
        Ok(Self { connection: Mutex::new(connection), journal, copy: Some(file::copy_of(path)) })
    }

    /// Every printer, by id. A row that no longer makes sense is left out and logged.
    ///
    /// # Errors
    /// When the file cannot be read.
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

    /// One printer.
    ///
    /// # Errors
    /// `NotFound`, or when the file cannot be read.
    pub fn printer(&self, id: PrinterId) -> Result<Printer, RegistryError> {
        find(&self.connection(), id)
    }

    /// Stores a new printer; it is on the disk when this returns.
    ///
    /// # Errors
    /// `DuplicateSerial`, `DiskFull`, or when the file cannot be written. Then nothing has changed.
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

    /// Changes a printer to what `decide` makes of the stored one, in one transaction: of two edits at once the second
    /// is made of what the first has stored. The pinned certificate goes with the serial number: it is forgotten when
    /// that is another one, or when a person accepts a new certificate. What changes nothing stores nothing.
    ///
    /// # Errors
    /// `NotFound`, as [`Registry::add`], and what `decide` refuses.
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
            let forget_pin = accepts_certificate || before.serial != details.serial;
            transaction
                .prepare_cached(
                    "UPDATE printers SET name = ?2, host = ?3, serial = ?4, access_code = ?5, rtsp_url = ?6,
                     camera_fingerprint = ?7, camera_user = ?8, camera_password = ?9,
                     pin = CASE WHEN ?10 THEN NULL ELSE pin END WHERE id = ?1",
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

    /// Forgets a printer and all about it. Its id is never used again.
    ///
    /// # Errors
    /// `NotFound`, or when the file cannot be written.
    pub fn remove(&self, id: PrinterId) -> Result<(), RegistryError> {
        self.edit(|transaction| {
            let removed = transaction.prepare_cached("DELETE FROM printers WHERE id = ?1")?.execute([id.0])?;
            if removed == 0 { Err(RegistryError::NotFound) } else { Ok(()) }
        })
    }

    /// 16 hex digits that tell this installation from others.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn installation(&self) -> Result<String, RegistryError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT value FROM settings WHERE name = 'installation'")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// The certificate that is pinned for a printer.
    ///
    /// # Errors
    /// `NotFound`, or when the file cannot be read.
    pub fn pin(&self, id: PrinterId) -> Result<Option<Fingerprint>, RegistryError> {
        pin_of(&self.connection(), id)
    }

    /// Pins a certificate, or forgets it, as long as the printer is still the one at that place.
    ///
    /// # Errors
    /// `NotFound`, `DiskFull`, or when the file cannot be written.
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

    /// Where a printer's stream ended; `None` when it never began.
    ///
    /// # Errors
    /// When the file cannot be read.
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

    /// Remembers where a printer's stream is. Written often and not synced each time: after a power cut (not after a
    /// crash) the last few may be missing, and the segments mirrored on the disk know better.
    ///
    /// # Errors
    /// `NotFound`, `DiskFull`, or when the file cannot be written.
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

    /// One edit of what a person entered: all of it or nothing, and on the disk when this returns.
    fn edit<T, E: From<RegistryError>>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.connection();
        let changes = connection.total_changes();
        connection.pragma_update(None, "synchronous", "FULL").map_err(RegistryError::from)?;
        let edited = (|| {
            let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
            let transaction = begun.map_err(RegistryError::from)?;
            // Dropped without a commit, the transaction is rolled back.
            let changed = change(&transaction)?;
            transaction.commit().map_err(RegistryError::from)?;
            Ok(changed)
        })();
        // Should this fail, every write waits for the disk: slower, not wrong.
        let _ = connection.pragma_update(None, "synchronous", self.journal.synchronous());
        if let (Ok(_), Some(copy)) = (&edited, &self.copy)
            && connection.total_changes() != changes
            && let Err(error) = file::keep_copy(&connection, copy)
        {
            log::warn!("no copy of the printers' database was made as {}: {error}", copy.display());
        }
        edited
    }

    /// A thread that panicked in the middle has rolled back by unwinding, so the connection is sound.
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

/// Someone may have edited the file by hand.
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
        // Whether plain RTSP is allowed was decided when the URL was entered, and is decided again when it is used.
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

    /// SQLite refuses further pages just as it does when the disk has none.
    #[test]
    fn an_edit_that_finds_no_room_says_so_and_changes_nothing() {
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
