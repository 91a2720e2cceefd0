//! Opens the file: permissions, journal and damage.
//!
//! **Journal.** A local disk uses WAL with `synchronous=NORMAL`. The streams' memory is written every few seconds, and
//! on a NAS each fsync wakes a disk for 10 to 100 ms; WAL syncs at checkpoints only. A power cut may lose the last of
//! those writes, but never the file. Edits of printers use FULL, so they are on the disk when they are answered. On a
//! network or unknown file system, WAL's locks and ordering cannot be trusted. There the journal is TRUNCATE with FULL,
//! and a warning says so.
//!
//! **Damage.** After each edit of a printer, a copy is written to `<name>.good`. A file that SQLite calls corrupt is
//! not deleted, but renamed to `<name>.corrupt-<unix time>`. The copy takes its place, or an empty file if there is no
//! sound copy: a service that does not start is worse. The copy holds the streams' memory as of the last edit.

use super::{RegistryError, schema};
use crate::base::clock;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another process may hold the file before opening fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The journal mode in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    Wal,
    Truncate,
}

impl Journal {
    /// Returns the mode for all writes except edits of printers, which always use FULL.
    pub fn synchronous(self) -> &'static str {
        match self {
            Self::Wal => "NORMAL",
            Self::Truncate => "FULL",
        }
    }
}

pub fn open(path: &Path) -> Result<(Connection, Journal), RegistryError> {
    let unusable = |source| RegistryError::File { path: path.to_owned(), source };
    let mut copy = Some(copy_of(path)).filter(|copy| copy.exists());
    // A file system check may leave an empty file in place of one that it cannot save. SQLite would treat it as new.
    if fs::metadata(path).is_ok_and(|file| file.len() == 0)
        && !with_suffix(path, "-wal").exists()
        && let Some(copy) = copy.take()
    {
        log::error!("the printers' database is EMPTIED; the printers are those of {}", copy.display());
        fs::copy(&copy, path).map_err(unusable)?;
    }
    make_private(path).map_err(unusable)?;
    loop {
        let error = match open_sound(path) {
            Err(RegistryError::Storage(error)) if is_damage(&error) => error,
            other => return other,
        };
        let aside = set_aside(path).map_err(unusable)?;
        log::error!("the printers' database is DAMAGED ({error}); it is kept as {}", aside.display());
        // The copy is tried once, so the loop ends: an empty file is not damaged.
        match copy.take() {
            Some(copy) => {
                log::error!("the printers are those of {}, from the last edit", copy.display());
                fs::copy(&copy, path).map_err(unusable)?;
            }
            None => log::error!("there is no sound copy: the list of printers is EMPTY, add them again"),
        }
        make_private(path).map_err(unusable)?;
    }
}

/// Returns the path of the copy made at the last edit.
pub fn copy_of(path: &Path) -> PathBuf {
    with_suffix(path, ".good")
}

/// Writes the copy to a temporary file first, so that a complete copy always exists.
pub fn keep_copy(connection: &Connection, copy: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let beside = with_suffix(copy, ".new");
    // VACUUM INTO requires a missing or empty file, and would create one that everybody can read.
    fs::remove_file(&beside)
        .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    make_private(&beside)?;
    connection.execute("VACUUM INTO ?1", [beside.to_string_lossy()])?;
    fs::rename(&beside, copy)?;
    Ok(())
}

/// Creates the file and its directory for the owner alone; SQLite would make them readable for everybody. SQLite gives
/// the journal the mode of the file.
fn make_private(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & 0o077 != 0
        && let Err(error) = file.set_permissions(Permissions::from_mode(0o600))
    {
        log::warn!("{} holds access codes and can be read by others: {error}", path.display());
    }
    Ok(())
}

fn open_sound(path: &Path) -> Result<(Connection, Journal), RegistryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Set before the first access to a WAL, so that WAL needs no shared memory file.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let journal = choose_journal(&connection, path)?;
    connection.pragma_update(None, "synchronous", journal.synchronous())?;
    check(&connection)?;
    schema::migrate(&mut connection)?;
    Ok((connection, journal))
}

fn choose_journal(connection: &Connection, path: &Path) -> Result<Journal, RegistryError> {
    let set = |mode| connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get::<_, String>(0));
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // Only Linux has this list; elsewhere the slower journal is the safe choice.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let file_system = file_system_of(&absolute, &mounts).unwrap_or("unknown");
    if !LOCAL_FILE_SYSTEMS.contains(&file_system) {
        log::warn!(
            "{} is on a file system of type {file_system}: no write-ahead log there, every write waits for the disk",
            path.display()
        );
    } else if set("WAL")? == "wal" {
        return Ok(Journal::Wal);
    } else {
        log::warn!("{}: SQLite does not use a write-ahead log here, every write waits for the disk", path.display());
    }
    set("TRUNCATE")?;
    Ok(Journal::Truncate)
}

/// Checks the whole file. It has a few hundred rows, so this is quick. Damage is better found at the start than at
/// night.
fn check(connection: &Connection) -> Result<(), RegistryError> {
    let verdict: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error { code: ErrorCode::DatabaseCorrupt, extended_code: 11 };
    Err(RegistryError::Storage(rusqlite::Error::SqliteFailure(corrupt, Some(verdict))))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Renames the file and its journals. The log of a damaged file must not be replayed into the new one.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let seconds = clock::unix_ms() / 1000;
    // A second rename in the same second happens if the copy was damaged as well.
    let aside = (seconds..).map(|name| with_suffix(path, &format!(".corrupt-{name}"))).find(|name| !name.exists());
    let aside = aside.ok_or(io::ErrorKind::AlreadyExists)?;
    for part in ["-wal", "-shm", "-journal"] {
        match fs::rename(with_suffix(path, part), with_suffix(&aside, part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// File systems on which locks and fsync work as SQLite requires. `overlay` is a container's own file system.
const LOCAL_FILE_SYSTEMS: &[&str] = &[
    "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "nilfs2", "tmpfs", "ramfs", "overlay",
    "vfat", "exfat", "ntfs3", "ubifs",
];

/// Returns the type of the file system that holds `path`, from the lines of proc_pid_mountinfo(5): `36 35 98:0 /root
/// /mount/point options [optional…] - type source options`. The longest mount point wins. Of equal ones the last wins,
/// because it hides the others.
fn file_system_of<'a>(path: &Path, mountinfo: &'a str) -> Option<&'a str> {
    let mounts = mountinfo.lines().filter_map(|line| {
        let point = unescape(line.split(' ').nth(4)?);
        let kind = line.split_once(" - ")?.1.split(' ').next()?;
        path.starts_with(&point).then_some((point.len(), kind))
    });
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// Decodes blanks and backslashes, which the list writes in octal.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:21 / /proc rw,nosuid - proc proc rw
30 21 0:40 / /data rw,relatime shared:2 master:1 - nfs4 nas:/volume1/platecast rw,vers=4.1
31 30 0:41 / /data/my\\040disk rw - cifs //nas/share rw
32 21 0:42 / /data2 rw - fuse.shfs shfs rw
33 21 0:43 / /again rw - ext4 /dev/vdb rw
34 33 0:44 / /again rw - nfs nas:/x rw
a line that makes no sense
";

    #[test]
    fn the_deepest_latest_mount_decides_the_file_system() {
        let check = |path: &str, kind| assert_eq!(file_system_of(Path::new(path), MOUNTS), kind, "{path}");
        check("/var/lib/printers.db", Some("ext4"));
        check("/data/printers.db", Some("nfs4"));
        check("/data/my disk/printers.db", Some("cifs"));
        check("/data2/printers.db", Some("fuse.shfs"));
        check("/database/printers.db", Some("ext4"));
        check("/again/printers.db", Some("nfs"));
        assert_eq!(file_system_of(Path::new("/data/printers.db"), ""), None);
    }
}
