//! A disk that takes its time: whoever edits waits for it, and no viewer does.

use crossbeam_channel::bounded;
use platecast::base::secret::Secret;
use platecast::fleet::{Fleet, Ports, Settings};
use platecast::printer::{Draft, Printer, PrinterId, RtspOverrides, Rules};
use platecast::registry::{Registry, RegistryError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// Far more than a look at memory takes on a busy machine.
const A_LOOK: Duration = Duration::from_secs(5);

/// Two printers that are off.
struct House {
    fleet: Fleet,
    registry: Arc<Registry>,
    directory: PathBuf,
}

impl House {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("platecast-disk-{}-{number}", std::process::id()));
        let registry = Arc::new(Registry::open(&directory.join("printers.db")).unwrap());
        let settings = Settings {
            hls: platecast::hls::Settings::default(),
            mirror: None,
            rules: Rules::default(),
            rtsp: RtspOverrides::default(),
            mqtt_ports: Ports::same(8883),
            jpeg_ports: Ports::same(6000),
        };
        let fleet = Fleet::start(settings, Arc::clone(&registry)).unwrap();
        for number in [1, 2] {
            fleet.add(draft(number, "12345678")).unwrap();
        }
        Self { fleet, registry, directory }
    }

    fn stored(&self, id: i64) -> Printer {
        self.registry.printer(PrinterId(id)).unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.fleet.close();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn draft(serial: u32, code: &str) -> Draft {
    Draft {
        name: Some("Shelf".into()),
        host: Some("127.0.78.1".into()),
        serial: Some(format!("00M09A{serial:09}")),
        access_code: Some(Secret::new(code)),
        ..Draft::default()
    }
}

/// Whoever holds the registry looks at the fleet as a viewer does. An edit that waits for the registry must not be in the
/// way.
#[test]
fn viewers_do_not_wait_while_an_edit_waits_for_the_disk() {
    let house = House::new();
    let House { fleet, registry, .. } = &house;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let held = registry.update(PrinterId(2), |_| {
                            let (told, is_told) = bounded(1);
                            scope.spawn(move || {
                                let seen = (fleet.printers().len(), fleet.live(PrinterId(1)).is_some());
                                let _ = told.send(seen);
                            });
                            match is_told.recv_timeout(A_LOOK) {
                                Ok((2, true)) => Err(RegistryError::NotFound),
                                other => {
                                    done.store(true, Ordering::Relaxed);
                                    panic!("a viewer waits for the disk: {other:?}")
                                }
                            }
                        });
                        assert!(held.is_err());
                    }
                })
            })
            .collect();
        for serial in 100..160 {
            // Another serial number has another certificate.
            fleet.edit(PrinterId(1), draft(serial, "12345678")).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(writers.into_iter().all(|writer| writer.join().is_ok()));
    });
}

#[test]
fn of_two_concurrent_edits_the_stored_one_runs() {
    let house = House::new();
    for round in 0..1_000 {
        let codes = [format!("{round:08}"), format!("{:08}", round + 50_000_000)];
        thread::scope(|scope| {
            for code in &codes {
                scope.spawn(|| house.fleet.edit(PrinterId(1), draft(1, code)).unwrap());
            }
        });
        assert_eq!(house.fleet.printer(PrinterId(1)).unwrap(), house.stored(1), "round {round}");
    }
}
