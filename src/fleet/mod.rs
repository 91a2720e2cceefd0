//! Layer 6: starts, edits and stops the threads of each printer, and holds their handles.
//!
//! ```text
//! p3-camera ─ access units ─► p3-packager ─ snapshots ─► Live ─► http
//!     ▲                            └ numbering ─► keeper      └► p3-mirror ─► disk
//!     └ where the camera is ─┐
//! p3-wire ◄─► p3-mqtt ─ events ─► p3-control ─ status ─► PrinterStatus ─► http
//!                                     └── orders ◄──────────────────────┘
//! ```

pub mod metrics;
mod moved;
mod printer;

pub use crate::base::watch::Versioned;
pub use crate::camera::{CameraReport, CameraState, Step as CameraStep};
pub use crate::mqtt::command::CommandResult;
pub use crate::mqtt::state::{LinkStep, Status};
pub use crate::stream::{Live, NoPicture, NumberingWriter, PictureMaker, Still};
pub use printer::Handles;

use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::thread::Thread;
use crate::hls;
use crate::mqtt::command::{self as order, CommandRequest, NoAnswer, NotConnected};
use crate::printer::command::Command;
use crate::printer::history::Reading;
use crate::printer::{Details, Draft, FieldError, Printer, PrinterId, RtspOverrides, Rules, Serial, validate};
use crate::registry::{Registry, RegistryError, Updated};
use crossbeam_channel::{Receiver, TrySendError, bounded};
use printer::{Common, PrinterThreads};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Settings that apply to every printer.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sizes of segments, parts and window.
    pub hls: hls::Settings,
    /// The directory for mirrored segments; each printer has a subdirectory.
    pub mirror: Option<PathBuf>,
    /// The rules for a printer's details.
    pub rules: Rules,
    /// Camera URLs that take precedence over all other sources.
    pub rtsp: RtspOverrides,
    /// The MQTT ports of printers.
    pub mqtt_ports: Ports,
    /// The ports of cameras that send pictures.
    pub jpeg_ports: Ports,
}

/// The ports of printers for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// The port of printers without an entry in `one`.
    pub all: u16,
    /// The ports of individual printers.
    pub one: BTreeMap<PrinterId, u16>,
}

impl Ports {
    /// Returns one port for all printers.
    #[must_use]
    pub fn same(all: u16) -> Self {
        Self { all, one: BTreeMap::new() }
    }

    /// Returns the port of this printer.
    #[must_use]
    pub fn of(&self, id: PrinterId) -> u16 {
        self.one.get(&id).copied().unwrap_or(self.all)
    }
}

/// Why a printer could not be added or edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Some fields are missing or wrong.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// The fleet is being closed; nothing has been changed.
    #[error("the printers are being stopped")]
    Closed,
    /// Recent edits named too many new addresses.
    #[error("too many edits")]
    TooMany {
        /// How long until an edit is possible again.
        retry_after: Duration,
    },
    /// The registry refused or failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The printer is stored, but the system has no thread for it.
    #[error("the printer is stored, but its threads could not be started")]
    Threads(#[from] std::io::Error),
}

/// The control thread answers by the deadline; the waiting request allows this much more.
const ANSWER_SLACK: Duration = Duration::from_millis(500);

/// Rate limit for new addresses of printers: burst, and rate. Each address is dialled, so without a limit the page
/// could be used to search a network for open ports. The burst allows a farm's list to be entered in one go. Tests have
/// a separate limit.
const PLACES_AT_ONCE: f64 = 128.0;
const PLACES_PER_SECOND: f64 = 20.0 / 60.0;

fn take_place(places: &mut Bucket) -> Result<(), EditError> {
    places.try_take(clock::now()).map_err(|retry_after| EditError::TooMany { retry_after })
}

/// No printer has this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no printer with this id")]
pub struct NoSuchPrinter;

/// A printer as subscribers of the whole fleet see it.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Grows with each edit.
    pub edition: u64,
    /// The name that its owner gave it.
    pub name: String,
    /// The status of the printer.
    pub status: Arc<Versioned<Status>>,
    /// The state of its camera.
    pub camera: Arc<CameraState>,
    /// The newest picture of a camera that sends pictures and no video.
    pub picture: Option<Arc<Still>>,
}

/// All printers of this process. Dropping it stops them; [`Fleet::close`] also waits for them.
#[derive(Debug)]
pub struct Fleet {
    common: Common,
    keeper: Mutex<Option<(NumberingWriter, Thread)>>,
    running: Mutex<BTreeMap<PrinterId, PrinterThreads>>,
    pictures: PictureMaker,
    closed: AtomicBool,
    /// Held during an edit; also limits new addresses.
    editing: Mutex<Bucket>,
}

impl Fleet {
    /// Starts the threads of every registered printer.
    ///
    /// # Errors
    /// Fails if the registry cannot be read or the system has no thread left.
    pub fn start(settings: Settings, registry: Arc<Registry>) -> Result<Self, EditError> {
        let keeper = Mutex::new(Some(NumberingWriter::start(Arc::clone(&registry))?));
        let installation = registry.installation()?;
        let fleet = Self {
            common: Common { settings, registry, installation, subscribers: Arc::default(), rhythm: Arc::default() },
            keeper,
            running: Mutex::default(),
            pictures: PictureMaker::default(),
            closed: AtomicBool::new(false),
            editing: Mutex::new(Bucket::new(PLACES_AT_ONCE, PLACES_PER_SECOND)),
        };
        let printers = fleet.common.registry.printers()?;
        log::info!("{} printer(s) registered", printers.len());
        for printer in printers {
            fleet.launch(printer)?;
        }
        Ok(fleet)
    }

    /// Returns every printer, by id.
    #[must_use]
    pub fn printers(&self) -> Vec<Printer> {
        self.lock().values().map(|running| running.printer().clone()).collect()
    }

    /// Returns one printer.
    #[must_use]
    pub fn printer(&self, id: PrinterId) -> Option<Printer> {
        self.lock().get(&id).map(|running| running.printer().clone())
    }

    /// Validates, stores and starts a printer.
    ///
    /// # Errors
    /// Fails if a field is wrong, the serial is taken, or the registry cannot store.
    pub fn add(&self, draft: Draft) -> Result<Printer, EditError> {
        let details = validate(draft, None, self.common.settings.rules).map_err(EditError::Fields)?;
        let mut places = self.begin_edit()?;
        take_place(&mut places)?;
        let printer = self.common.registry.add(&details)?;
        self.launch(printer.clone())?;
        self.common.subscribers.ring(printer.id);
        log::info!("p{}: added", printer.id);
        Ok(printer)
    }

    /// Validates and stores an edited printer, and applies the edit to the running one. An absent access code keeps the
    /// present one. An edit that changes nothing stores nothing and disturbs nothing, but a failing connection is
    /// retried at once.
    ///
    /// # Errors
    /// Fails as [`Fleet::add`] does, and if the printer does not exist.
    pub fn edit(&self, id: PrinterId, draft: Draft) -> Result<Printer, EditError> {
        let mut places = self.begin_edit()?;
        let rules = self.common.settings.rules;
        let decide = |present: &Printer| -> Result<Details, EditError> {
            let details = validate(draft, Some(present), rules).map_err(EditError::Fields)?;
            if details.host != present.host || details.rtsp_url != present.rtsp_url {
                take_place(&mut places)?;
            }
            Ok(details)
        };
        let updated = self.common.registry.update(id, decide)?;
        let Updated { printer, is_other, accepts_certificate, .. } = updated.clone();
        self.lock().get_mut(&id).ok_or(EditError::NotFound)?.edit(updated, &self.common)?;
        if is_other {
            self.common.subscribers.ring(id);
        }
        match (is_other, accepts_certificate) {
            (_, true) => log::info!("p{id}: edited; its next certificate is accepted"),
            (true, false) => log::info!("p{id}: edited"),
            (false, false) => log::debug!("p{id}: saved as it was"),
        }
        Ok(printer)
    }

    /// Stops and removes a printer.
    ///
    /// # Errors
    /// Fails if the printer does not exist or the registry fails.
    pub fn remove(&self, id: PrinterId) -> Result<(), EditError> {
        let _editing = self.begin_edit()?;
        self.common.registry.remove(id)?;
        let removed = self.lock().remove(&id).ok_or(EditError::NotFound)?;
        // Wakes the requests that wait for its video; they then find no printer.
        removed.live().end();
        // Its threads see the stop at their next wait; they are not joined here.
        drop(removed);
        self.common.subscribers.ring(id);
        log::info!("p{id}: removed");
        Ok(())
    }

    /// Returns the published video of a printer; `None` if it does not exist.
    #[must_use]
    pub fn live(&self, id: PrinterId) -> Option<Arc<Live>> {
        self.lock().get(&id).map(PrinterThreads::live)
    }

    /// Returns the one place where key frames are decoded.
    #[must_use]
    pub fn pictures(&self) -> &PictureMaker {
        &self.pictures
    }

    /// Returns the camera report of a printer; `None` if it does not exist.
    #[must_use]
    pub fn camera(&self, id: PrinterId) -> Option<CameraReport> {
        self.lock().get(&id).map(|running| running.report(clock::now()))
    }

    /// Returns the status of a printer; `None` if it does not exist.
    #[must_use]
    pub fn status(&self, id: PrinterId) -> Option<Arc<Versioned<Status>>> {
        self.lock().get(&id).map(|running| running.status().get())
    }

    /// Returns what the printer with this serial number publishes; `None` if none has it. An address would not do:
    /// several printers may share one.
    #[must_use]
    pub fn with_serial(&self, serial: &Serial) -> Option<Handles> {
        self.lock()
            .values()
            .find(|running| running.printer().serial == *serial)
            .map(|found| found.handles(&self.common))
    }

    /// Returns the settings that apply to every printer.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.common.settings
    }

    /// Returns what identifies this installation to brokers.
    #[must_use]
    pub fn installation(&self) -> &str {
        &self.common.installation
    }

    /// Returns the temperatures of the last half hour, oldest first, and the unix milliseconds of the last reading.
    /// Returns `None` if the printer does not exist.
    #[must_use]
    pub fn heat_history(&self, id: PrinterId) -> Option<(Vec<Reading>, i64)> {
        let status = Arc::clone(self.lock().get(&id)?.status());
        Some(status.heat_history(clock::now(), clock::unix_ms()))
    }

    /// Returns everything that subscribers of the whole fleet see, by printer.
    #[must_use]
    pub fn overview(&self) -> BTreeMap<PrinterId, Overview> {
        let of = |running: &PrinterThreads| Overview {
            edition: running.edition(),
            name: running.printer().name.clone(),
            status: running.status().get(),
            camera: Arc::clone(running.camera()),
            picture: running.live().still().filter(|still| still.is_jpeg()),
        };
        self.lock().iter().map(|(id, running)| (*id, of(running))).collect()
    }

    /// Subscribes to the notifications of one printer, or of all.
    #[must_use]
    pub fn listen(&self, of: Option<PrinterId>) -> Receiver<()> {
        self.common.subscribers.listen(of)
    }

    /// Sends a command to a printer, and waits for its outcome, a little over 5 s at most.
    ///
    /// # Errors
    /// Fails if the printer does not exist.
    pub fn command(
        &self,
        id: PrinterId,
        command: Command,
        job: Option<String>,
    ) -> Result<CommandResult, NoSuchPrinter> {
        let orders = self.lock().get(&id).map(PrinterThreads::orders).ok_or(NoSuchPrinter)?;
        let (reply, answered) = bounded(1);
        let order = CommandRequest { command, job, clicked: clock::now(), reply };
        let away = || CommandResult::NotConnected(NotConnected::Starting);
        match orders.map(|orders| orders.try_send(order)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => return Ok(CommandResult::Busy),
            Some(Err(TrySendError::Disconnected(_))) | None => return Ok(away()),
        }
        Ok(answered
            .recv_timeout(order::DEADLINE + ANSWER_SLACK)
            .unwrap_or_else(|_| CommandResult::NoAnswer(NoAnswer::Unknown)))
    }

    /// Stops every printer, and waits until the connections are closed and the numbering is stored.
    pub fn close(&self) {
        // An edit in progress is stored and answered; a later one fails with `Closed`.
        let editing = self.editing();
        self.closed.store(true, Ordering::SeqCst);
        drop(editing);
        let running = std::mem::take(&mut *self.lock());
        // All printers are stopped before any is joined, so the slowest camera determines the wait, not the sum.
        let threads: Vec<Thread> = running.into_values().flat_map(PrinterThreads::stop).collect();
        threads.into_iter().for_each(Thread::join);
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((keeper, thread)) = keeper {
            drop(keeper);
            thread.join();
        }
    }

    /// Whether the fleet has been closed or is being closed. No printer is found then, even if it exists.
    #[must_use]
    pub fn has_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    fn launch(&self, printer: Printer) -> Result<(), EditError> {
        let keeper =
            self.keeper.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(keeper, _)| keeper.clone());
        let Some(keeper) = keeper else { return Ok(()) };
        let id = printer.id;
        let running = PrinterThreads::start(printer, &self.common, keeper)?;
        self.lock().insert(id, running);
        Ok(())
    }

    fn begin_edit(&self) -> Result<MutexGuard<'_, Bucket>, EditError> {
        let editing = self.editing();
        if self.has_closed() { Err(EditError::Closed) } else { Ok(editing) }
    }

    /// Serializes edits, so that the last stored version is also the running one.
    fn editing(&self) -> MutexGuard<'_, Bucket> {
        self.editing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PrinterId, PrinterThreads>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
