//! The tables, and the migrations of older files. `PRAGMA user_version` counts the migrations applied to a file.

use super::RegistryError;
use rusqlite::{Connection, TransactionBehavior};

/// Migrations are only appended and never edited: existing files have applied each of them.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE printers (
        -- AUTOINCREMENT: the id of a removed printer never names another one, in a bookmark or on the disk.
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        host TEXT NOT NULL,
        serial TEXT NOT NULL UNIQUE,
        access_code TEXT NOT NULL,
        rtsp_url TEXT,
        -- SHA-256 of the certificate a plain camera must show.
        camera_fingerprint BLOB CHECK (length(camera_fingerprint) = 32),
        -- SHA-256 of the certificate the printer showed first.
        pin BLOB CHECK (length(pin) = 32)
    ) STRICT;
    CREATE TABLE stream_memory (
        printer_id INTEGER PRIMARY KEY REFERENCES printers (id) ON DELETE CASCADE,
        next_media_sequence INTEGER NOT NULL CHECK (next_media_sequence >= 0),
        discontinuity_sequence INTEGER NOT NULL CHECK (discontinuity_sequence >= 0),
        target_duration_s INTEGER NOT NULL,
        part_target_ms INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    -- Tells this installation from others, wherever several of them connect to one printer.
    INSERT INTO settings VALUES ('installation', lower(hex(randomblob(8))));
",
    "
    -- The login of a camera at the host of rtsp_url: both or neither.
    ALTER TABLE printers ADD COLUMN camera_user TEXT;
    ALTER TABLE printers ADD COLUMN camera_password TEXT;
",
    "
    -- The address from which the printer was followed, and when: both or neither.
    ALTER TABLE printers ADD COLUMN moved_from TEXT;
    ALTER TABLE printers ADD COLUMN moved_unix_ms INTEGER;
",
];

/// Migrates the tables to the current version, all or nothing.
pub fn migrate(connection: &mut Connection) -> Result<(), RegistryError> {
    apply(connection, MIGRATIONS)
}

fn apply(connection: &mut Connection, migrations: &[&str]) -> Result<(), RegistryError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known || found < 0 {
        return Err(RegistryError::Newer { found, known });
    }
    // Nothing is written without need: on a full disk, the printers of a sound file must still start.
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in migrations.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn missing_migrations_are_applied_and_rows_are_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        let (first, second) = ("CREATE TABLE a (x); INSERT INTO a VALUES (7);", "ALTER TABLE a ADD COLUMN y;");
        apply(&mut connection, &[first]).unwrap();
        apply(&mut connection, &[first, second]).unwrap();
        apply(&mut connection, &[first, second]).unwrap();
        assert_eq!(version(&connection), 2);
        assert_eq!(connection.query_row("SELECT x FROM a WHERE y IS NULL", [], |row| row.get(0)), Ok(7));
    }

    #[test]
    fn a_printer_of_an_older_file_has_no_login_for_its_camera() {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection, &MIGRATIONS[..2]).unwrap();
        let row = "INSERT INTO printers (name, host, serial, access_code, rtsp_url)
                   VALUES ('Old', '192.168.1.10', '00M09A000000001', '12345678', 'rtsps://192.168.1.99/live')";
        connection.execute(row, []).unwrap();
        migrate(&mut connection).unwrap();
        let logins =
            "SELECT count(*) FROM printers WHERE name = 'Old' AND camera_user IS NULL AND camera_password IS NULL";
        assert_eq!(connection.query_row(logins, [], |row| row.get(0)), Ok(1));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(apply(&mut connection, &["CREATE TABLE a (x)", "CREATE TABLE a (x)"]).is_err());
        assert_eq!(version(&connection), 0);
        assert!(connection.prepare("SELECT * FROM a").is_err());
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(matches!(error, RegistryError::Newer { found: 99, .. }), "{error}");
    }
}
