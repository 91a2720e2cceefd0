//! The registry on real disks: reopened, damaged, full, and killed while it writes.

use platecast::base::clock;
use platecast::base::secret::Secret;
use platecast::hls::StreamMemory;
use platecast::printer::{Details, Draft, Fingerprint, Printer, PrinterId, Rules, validate};
use platecast::registry::{Place, Registry, RegistryError};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("registry-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("data/printers.db")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn details(serial: &str) -> Details {
    let draft = Draft {
        name: Some(format!("Printer {serial}")),
        host: Some("192.168.1.10".into()),
        serial: Some(serial.into()),
        access_code: Some(Secret::new("12345678")),
        rtsp_url: Some("rtsps://192.168.1.10:322/streaming/live/1".into()),
        camera_user: Some("admin".into()),
        camera_password: Some(Secret::new("garage")),
        camera_fingerprint: Some("ab".repeat(32)),
        ..Draft::default()
    };
    validate(draft, None, Rules::default()).unwrap()
}

fn update(registry: &Registry, id: PrinterId, details: &Details) -> Result<Printer, RegistryError> {
    registry.update(id, |_| Ok(details.clone())).map(|updated| updated.printer)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn printers_and_their_data_survive_a_restart() {
    let directory = Directory::new();
    let memory = StreamMemory {
        next_media_sequence: 4711,
        discontinuity_sequence: 3,
        target_duration_s: 4,
        part_target_ms: 333,
    };
    let pin = Fingerprint([7; 32]);
    let registry = Registry::open(&directory.file()).unwrap();
    let added = registry.add(&details("00M09A000000001")).unwrap();
    registry.set_pin(&Place::of(&added), Some(pin)).unwrap();
    registry.remember_stream(added.id, &memory).unwrap();
    registry.remember_stream(added.id, &StreamMemory { next_media_sequence: 4712, ..memory }).unwrap();
    drop(registry);

    let registry = Registry::open(&directory.file()).unwrap();
    assert_eq!(registry.printers().unwrap(), std::slice::from_ref(&added));
    assert_eq!(registry.printer(added.id).unwrap().access_code.expose(), "12345678");
    let login = registry.printer(added.id).unwrap().camera_login.unwrap();
    assert_eq!((login.user.as_str(), login.password.expose()), ("admin", "garage"));
    assert_eq!(registry.pin(added.id).unwrap(), Some(pin));
    assert_eq!(registry.stream_memory(added.id).unwrap().unwrap().next_media_sequence, 4712);
}

#[test]
fn a_removed_printer_leaves_nothing_and_its_id_is_not_reused() {
    let directory = Directory::new();
    let registry = Registry::open(&directory.file()).unwrap();
    let memory =
        StreamMemory { next_media_sequence: 1, discontinuity_sequence: 0, target_duration_s: 2, part_target_ms: 333 };
    let printer = registry.add(&details("00M09A000000001")).unwrap();
    let first = printer.id;
    registry.remember_stream(first, &memory).unwrap();
    registry.remove(first).unwrap();
    assert!(matches!(registry.remove(first), Err(RegistryError::NotFound)));
    assert!(matches!(registry.printer(first), Err(RegistryError::NotFound)));
    assert!(matches!(registry.pin(first), Err(RegistryError::NotFound)));
    assert!(matches!(registry.set_pin(&Place::of(&printer), None), Err(RegistryError::NotFound)));
    assert!(matches!(update(&registry, first, &details("00M09A000000001")), Err(RegistryError::NotFound)));
    assert!(matches!(registry.remember_stream(first, &memory), Err(RegistryError::NotFound)));
    assert_eq!(registry.stream_memory(first).unwrap(), None);
    drop(registry);
    let registry = Registry::open(&directory.file()).unwrap();
    assert!(registry.add(&details("00M09A000000001")).unwrap().id > first);
}

#[test]
fn a_duplicate_serial_is_refused_and_the_refusal_names_its_printer() {
    let directory = Directory::new();
    let registry = Registry::open(&directory.file()).unwrap();
    registry.add(&details("00M09A000000001")).unwrap();
    let other = registry.add(&details("01P00A000000002")).unwrap();
    let named = |error| matches!(error, RegistryError::DuplicateSerial { name } if name == "Printer 00M09A000000001");
    assert!(named(registry.add(&details("00M09A000000001")).unwrap_err()));
    assert!(named(update(&registry, other.id, &details("00M09A000000001")).unwrap_err()));
    update(&registry, other.id, &details("01P00A000000002")).expect("its own serial is no duplicate");
    assert_eq!(registry.printers().unwrap().len(), 2);
}

#[test]
fn a_pin_is_forgotten_with_another_serial_or_an_accepted_certificate() {
    let directory = Directory::new();
    let registry = Registry::open(&directory.file()).unwrap();
    let original = details("00M09A000000001");
    let place = Place::of(&registry.add(&original).unwrap());
    let (id, pin) = (place.id, Fingerprint([7; 32]));
    let check = |edit: Details, kept: bool| {
        update(&registry, id, &original).unwrap();
        registry.set_pin(&place, Some(pin)).unwrap();
        let updated = registry.update(id, |_| Ok::<_, RegistryError>(edit.clone())).unwrap();
        let edited = updated.printer;
        assert_eq!(registry.pin(id).unwrap(), kept.then_some(pin), "{edit:?}");
        assert_eq!(updated.pin, kept.then_some(pin), "the edit tells it");
        let moved = edited.serial != place.serial || edited.host != place.host;
        let late = registry.set_pin(&place, Some(Fingerprint([9; 32])));
        assert_eq!(late.is_err(), moved, "a certificate of before is stored for another place");
        assert_eq!((edited.name, edited.camera_login), (edit.name, edit.camera_login));
    };
    check(original.clone(), true);
    check(Details { name: "Studio".into(), rtsp_url: None, camera_fingerprint: None, ..original.clone() }, true);
    check(Details { camera_login: None, ..original.clone() }, true);
    check(Details { access_code: Secret::new("87654321"), ..original.clone() }, true);
    check(Details { host: "192.168.1.11".into(), ..original.clone() }, true);
    check(Details { serial: details("00M09A000000002").serial, ..original.clone() }, false);
    check(Details { accept_certificate: true, ..original.clone() }, false);
}

#[test]
fn the_file_gets_mode_0600_even_if_it_had_another() {
    let directory = Directory::new();
    let file = directory.file();
    let check = || {
        let registry = Registry::open(&file).unwrap();
        registry.set_pin(&Place::of(&registry.printers().unwrap()[0]), None).unwrap();
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(&file.with_extension("db-wal")), 0o600);
        assert!(!file.with_extension("db-shm").exists());
    };
    Registry::open(&file).unwrap().add(&details("00M09A000000001")).unwrap();
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    check();
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    check();
}

#[test]
fn a_second_process_gets_the_error_that_the_file_is_in_use() {
    let directory = Directory::new();
    let _registry = Registry::open(&directory.file()).unwrap();
    let began = clock::now();
    assert!(matches!(Registry::open(&directory.file()), Err(RegistryError::InUse)));
    assert!(began.elapsed().as_secs() < 8);
}

#[test]
fn an_impossible_path_is_in_the_error() {
    let error = Registry::open(Path::new("/proc/platecast/printers.db")).unwrap_err();
    assert!(error.to_string().contains("/proc/platecast/printers.db"), "{error}");
}

fn kept_aside(directory: &Directory) -> usize {
    let names = fs::read_dir(directory.file().parent().unwrap()).unwrap();
    names.filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().contains(".db.corrupt-")).count()
}

#[test]
fn a_damaged_file_is_replaced_by_the_last_copy() {
    for damage in [&b"this was never a database, whatever its name says"[..], &[0xff; 20_000]] {
        let directory = Directory::new();
        let added = Registry::open(&directory.file()).unwrap().add(&details("00M09A000000001")).unwrap();
        assert_eq!(mode(&directory.file().with_extension("db.good")), 0o600);
        fs::write(directory.file(), damage).unwrap();
        let registry = Registry::open(&directory.file()).unwrap();
        assert_eq!(registry.printers().unwrap(), [added]);
        registry.add(&details("00M09A000000002")).unwrap();
        assert_eq!((kept_aside(&directory), mode(&directory.file())), (1, 0o600));
    }
}

#[test]
fn without_a_sound_copy_the_service_starts_with_an_empty_file() {
    for copy in [None, Some("damaged as well, and long enough to look like something")] {
        let directory = Directory::new();
        Registry::open(&directory.file()).unwrap().add(&details("00M09A000000001")).unwrap();
        let good = directory.file().with_extension("db.good");
        copy.map_or_else(|| fs::remove_file(&good), |text| fs::write(&good, text)).unwrap();
        fs::write(directory.file(), "damaged").unwrap();
        let registry = Registry::open(&directory.file()).unwrap();
        assert_eq!(registry.printers().unwrap(), []);
        registry.add(&details("00M09A000000001")).unwrap();
        assert!(kept_aside(&directory) >= 1);
    }
}

#[test]
fn flipped_and_missing_bytes_never_keep_the_service_from_starting() {
    let directory = Directory::new();
    let registry = Registry::open(&directory.file()).unwrap();
    for n in 0..60 {
        registry.add(&details(&format!("SERIAL{n:05}"))).unwrap();
    }
    drop(registry);
    let sound = fs::read(directory.file()).unwrap();
    for at in (0..sound.len()).step_by(sound.len() / 100) {
        let (mut flipped, mut cut) = (sound.clone(), sound.clone());
        flipped[at..].iter_mut().take(8).for_each(|byte| *byte = !*byte);
        cut.truncate(at);
        for damaged in [flipped, cut] {
            fs::write(directory.file(), &damaged).unwrap();
            let registry = Registry::open(&directory.file());
            // Byte 60 holds the version of the tables: then it is a newer program's file, and not to be touched.
            if (56..64).contains(&at) && matches!(registry, Err(RegistryError::Newer { .. })) {
                continue;
            }
            let registry =
                registry.unwrap_or_else(|error| panic!("{} bytes, damaged at {at}: {error:?}", damaged.len()));
            // Damage that SQLite cannot see may have made a row senseless, which is left out.
            let left = registry.printers().unwrap().len();
            assert!((59..=60).contains(&left), "{left} of 60 printers are left, damaged at {at}");
        }
    }
    assert!(kept_aside(&directory) > 0);
}

/// A file system of 256 KiB, if this test runs as root.
struct SmallDisk(Directory);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = Directory::new();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(&directory.0).output();
        mounted.is_ok_and(|done| done.status.success()).then_some(Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0.0).output();
    }
}

#[test]
fn a_full_disk_refuses_edits_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: a small disk can be mounted by root only");
        return;
    };
    let file = disk.0.file();
    let registry = Registry::open(&file).unwrap();
    let kept = registry.add(&details("00M09A000000001")).unwrap();
    let ballast = disk.0.0.join("ballast");
    let _ = fs::write(&ballast, vec![0; 1024 * 1024]);
    let mut serials = (0..).map(|n| format!("SERIAL{n:05}"));
    let refused = serials.find_map(|serial| registry.add(&details(&serial)).err()).unwrap();
    assert!(matches!(refused, RegistryError::DiskFull), "{refused:?}");
    let acknowledged = registry.printers().unwrap();
    assert_eq!(acknowledged.first(), Some(&kept));
    drop(registry);

    let registry = Registry::open(&file).expect("a full disk is no reason not to start");
    assert_eq!(registry.printers().unwrap(), acknowledged);
    assert!(matches!(registry.add(&details("STILLFULL1")), Err(RegistryError::DiskFull)));
    fs::remove_file(ballast).unwrap();
    registry.add(&details("AFTERWARDS")).expect("there is room again");
}

/// Where [`a_killed_process_has_kept_all_it_acknowledged`] wants its child to write.
const CHILD: &str = "PLATECAST_TEST_REGISTRY";

#[test]
#[ignore = "runs as the child of a_killed_process_has_kept_all_it_acknowledged"]
fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(CHILD) else { return };
    let registry = Registry::open(Path::new(&file)).unwrap();
    let begin = registry.printers().unwrap().len();
    for n in begin.. {
        let added = registry.add(&details(&format!("SERIAL{n:05}"))).unwrap();
        let mut stdout = std::io::stdout();
        writeln!(stdout, "acknowledged {}", added.id).unwrap();
        stdout.flush().unwrap();
    }
}

#[test]
fn a_killed_process_has_kept_all_it_acknowledged() {
    let directory = Directory::new();
    let mut acknowledged = 0;
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["registry::writes_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(CHILD, directory.file())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = lines.filter(|line| line.starts_with("acknowledged"));
        for _ in 0..round * 7 {
            assert!(said.next().is_some(), "the child ended early");
            acknowledged += 1;
        }
        child.kill().unwrap();
        acknowledged += said.count();
        child.wait().unwrap();
        let printers = Registry::open(&directory.file()).unwrap().printers().unwrap().len();
        // One more may be stored than was said.
        assert!((acknowledged..=acknowledged + 1).contains(&printers), "{printers} of {acknowledged}");
        acknowledged = printers;
        assert_eq!(kept_aside(&directory), 0);
    }
}
