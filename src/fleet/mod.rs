//! Floor 3: the threads of each printer and their handles.
//!
//! ```text
//! p3-camera ─ access units ─► p3-packager ─ snapshots ─► Live ─► http
//!                                  └ numbering ─► keeper      └► p3-mirror ─► disk
//! ```

pub mod board;
pub mod camera;
pub mod keeper;
pub mod live;
pub mod mirror;
pub mod mqtt;
pub mod packager;
mod pin;
mod running;

pub use board::CameraReport;
pub use keeper::Keeper;
pub use live::Live;

use crate::base::clock;
use crate::base::thread::Thread;
use crate::hls;
use crate::printer::{Draft, FieldError, Printer, PrinterId, RtspOverrides, Rules, validate};
use crate::registry::{Registry, RegistryError};
use crossbeam_channel::{Receiver, Sender, bounded};
use running::Running;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What holds for every printer.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Segments, parts, window.
    pub hls: hls::Settings,
    /// Where finished segments are mirrored; each printer has a directory of its own below.
    pub mirror: Option<PathBuf>,
    /// What a printer may be.
    pub rules: Rules,
    /// Camera URLs over all other sources.
    pub rtsp: RtspOverrides,
}

/// Why a printer could not be added or edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A field is missing or wrong; one sentence each.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// The registry refused or failed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The printer is stored, but the system has no thread for it.
    #[error("the printer is stored, but its threads could not be started")]
    Threads(#[from] std::io::Error),
}

/// All printers of this process. Dropping it stops them; [`Fleet::close`] also waits for them.
#[derive(Debug)]
pub struct Fleet {
    settings: Settings,
    registry: Arc<Registry>,
    keeper: Mutex<Option<(Keeper, Thread)>>,
    bell: (Sender<()>, Receiver<()>),
    running: Mutex<BTreeMap<PrinterId, Running>>,
}

impl Fleet {
    /// Starts the threads of every registered printer.
    ///
    /// # Errors
    /// When the registry cannot be read or the system has no thread to give.
    pub fn start(settings: Settings, registry: Arc<Registry>) -> Result<Self, EditError> {
        let fleet = Self {
            settings,
            keeper: Mutex::new(Some(Keeper::start(Arc::clone(&registry))?)),
            registry,
            bell: bounded(1),
            running: Mutex::default(),
        };
        let printers = fleet.registry.printers()?;
        log::info!("{} printer(s) registered", printers.len());
        for printer in printers {
            fleet.launch(printer)?;
        }
        Ok(fleet)
    }

    /// Every printer, by id.
    #[must_use]
    pub fn printers(&self) -> Vec<Printer> {
        self.lock().values().map(|running| running.printer().clone()).collect()
    }

    /// One printer.
    #[must_use]
    pub fn printer(&self, id: PrinterId) -> Option<Printer> {
        self.lock().get(&id).map(|running| running.printer().clone())
    }

    /// Validates, stores and starts a printer.
    ///
    /// # Errors
    /// When a field is wrong, the serial is taken, or the registry cannot store.
    pub fn add(&self, draft: Draft) -> Result<Printer, EditError> {
        let details = validate(draft, None, self.settings.rules).map_err(EditError::Fields)?;
        let printer = self.registry.add(&details)?;
        self.launch(printer.clone())?;
        Ok(printer)
    }

    /// Validates, stores and restarts a printer; an absent access code keeps the present one.
    ///
    /// # Errors
    /// As [`Fleet::add`], and when there is no such printer.
    pub fn edit(&self, id: PrinterId, draft: Draft) -> Result<Printer, EditError> {
        let present = self.printer(id).ok_or(EditError::NotFound)?;
        let details = validate(draft, Some(&present.access_code), self.settings.rules).map_err(EditError::Fields)?;
        let printer = self.registry.update(id, &details)?;
        let mut running = self.lock();
        let entry = running.get_mut(&id).ok_or(EditError::NotFound)?;
        entry.replace_camera(printer.clone(), &self.settings, &self.registry)?;
        Ok(printer)
    }

    /// Stops and forgets a printer.
    ///
    /// # Errors
    /// When there is no such printer or the registry fails.
    pub fn remove(&self, id: PrinterId) -> Result<(), EditError> {
        self.registry.remove(id)?;
        // Its threads see the stop at their next wait; nobody waits for them here.
        drop(self.lock().remove(&id).ok_or(EditError::NotFound)?);
        log::info!("p{id}: removed");
        Ok(())
    }

    /// The published video of a printer; `None` when there is no such printer.
    #[must_use]
    pub fn live(&self, id: PrinterId) -> Option<Arc<Live>> {
        self.lock().get(&id).map(Running::live)
    }

    /// How the camera of a printer is; `None` when there is no such printer.
    #[must_use]
    pub fn camera(&self, id: PrinterId) -> Option<CameraReport> {
        self.lock().get(&id).map(|running| running.report(clock::now()))
    }

    /// Rung after each publish of any printer; bounded(1): whoever listens looks at all it waits for.
    #[must_use]
    pub fn bell(&self) -> Receiver<()> {
        self.bell.1.clone()
    }

    /// Stops every printer and waits until their connections are closed and their numbering is written down.
    pub fn close(&self) {
        let running = std::mem::take(&mut *self.lock());
        // First the stop for all, then the waits: the slowest camera decides, not their sum.
        let threads: Vec<Thread> = running.into_values().flat_map(Running::stop).collect();
        threads.into_iter().for_each(Thread::join);
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((keeper, thread)) = keeper {
            drop(keeper);
            thread.join();
        }
    }

    fn launch(&self, printer: Printer) -> Result<(), EditError> {
        let keeper =
            self.keeper.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(keeper, _)| keeper.clone());
        let Some(keeper) = keeper else { return Ok(()) };
        let id = printer.id;
        let running = Running::start(printer, &self.settings, &self.registry, keeper, self.bell.0.clone())?;
        self.lock().insert(id, running);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PrinterId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
