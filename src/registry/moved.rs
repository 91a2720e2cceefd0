//! The last change of a printer's address that nobody typed.

use super::{Registry, RegistryError, Updated, find, pin_of};
use crate::printer::PrinterId;
use rusqlite::{OptionalExtension, params};

/// A printer has been followed from one address to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The address that it had.
    pub from: String,
    /// The address at which it was found.
    pub to: String,
    /// When it was found there. Unix milliseconds.
    pub unix_ms: i64,
}

impl Registry {
    /// Gives a printer another address, provided that it still has the address `moved.from`. The rest stays, its pinned
    /// certificate included; a camera URL at the former address names the new one from then on.
    ///
    /// # Errors
    /// Returns `NotFound` if it does not have that address any more, or fails if the file cannot be written.
    pub fn follow(&self, id: PrinterId, moved: &Moved) -> Result<Updated, RegistryError> {
        self.edit(|transaction| {
            let before = find(transaction, id)?;
            if before.host != moved.from {
                return Err(RegistryError::NotFound);
            }
            let own_url =
                before.rtsp_url.filter(|url| url.host() == moved.from).map(|url| url.at(&moved.to).to_string());
            transaction
                .prepare_cached(
                    "UPDATE printers SET host = ?2, rtsp_url = coalesce(?3, rtsp_url), moved_from = ?4,
                     moved_unix_ms = ?5 WHERE id = ?1",
                )?
                .execute(params![id.0, moved.to, own_url, moved.from, moved.unix_ms])?;
            let (printer, pin) = (find(transaction, id)?, pin_of(transaction, id)?);
            Ok(Updated { printer, is_other: true, accepts_certificate: false, pin })
        })
    }

    /// Returns the last change of a printer's address that nobody typed, unless somebody has edited the printer since.
    ///
    /// # Errors
    /// Returns `NotFound`, or fails if the file cannot be read.
    pub fn moved(&self, id: PrinterId) -> Result<Option<Moved>, RegistryError> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT moved_from, host, moved_unix_ms FROM printers WHERE id = ?1")?;
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<_> {
            let (from, to, at): (Option<String>, String, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(from.zip(at).map(|(from, unix_ms)| Moved { from, to, unix_ms }))
        };
        statement.query_row([id.0], read).optional()?.ok_or(RegistryError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Place, schema};
    use super::*;
    use crate::base::secret::Secret;
    use crate::printer::{Details, Draft, Fingerprint, RtspUrl, Rules, validate};
    use crate::registry::file::Journal;
    use rusqlite::Connection;
    use std::sync::Mutex;

    fn details(host: &str) -> Details {
        let draft = Draft {
            name: Some("Garage".into()),
            host: Some(host.into()),
            serial: Some("00M09A000000001".into()),
            access_code: Some(Secret::new("12345678")),
            rtsp_url: Some(format!("rtsps://{host}:322/streaming/live/1")),
            ..Draft::default()
        };
        validate(draft, None, Rules::default()).unwrap()
    }

    #[test]
    fn a_followed_printer_keeps_all_but_its_address_until_it_is_edited() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let registry = Registry { connection: Mutex::new(connection), journal: Journal::Wal, copy: None };
        let before = registry.add(&details("192.168.1.42")).unwrap();
        let pin = Some(Fingerprint([7; 32]));
        registry.set_pin(&Place::of(&before), pin).unwrap();
        assert_eq!(registry.moved(before.id).unwrap(), None);

        let moved = Moved { from: "192.168.1.42".into(), to: "192.168.1.57".into(), unix_ms: 7 };
        let followed = registry.follow(before.id, &moved).unwrap();
        assert_eq!((followed.printer.host.as_str(), followed.pin), ("192.168.1.57", pin));
        assert_eq!(followed.printer.rtsp_url.as_ref().map(RtspUrl::host), Some("192.168.1.57"));
        assert_eq!(followed.printer.access_code, before.access_code);
        assert_eq!(registry.moved(before.id).unwrap(), Some(moved.clone()));
        // It is no longer where it was, so nobody follows it from there.
        assert!(matches!(registry.follow(before.id, &moved), Err(RegistryError::NotFound)));

        registry.update(before.id, |_| Ok::<_, RegistryError>(details("192.168.1.57"))).unwrap();
        assert!(registry.moved(before.id).unwrap().is_some(), "nothing was changed");
        registry.update(before.id, |_| Ok::<_, RegistryError>(details("192.168.1.60"))).unwrap();
        assert_eq!(registry.moved(before.id).unwrap(), None);
    }
}
