//! One printer at work: its threads and its handles.

use super::board::{CameraBoard, CameraReport};
use super::camera::{self, Camera, Source};
use super::packager::{self, FromCamera, Outlets, QUEUE_UNITS};
use super::{Keeper, Live, Settings, mirror};
use crate::base::stop::{Stopper, stop};
use crate::base::thread::{Thread, spawn};
use crate::hls::Packager;
use crate::net::link::Target;
use crate::printer::{Identity, Printer, RtspUrl};
use crate::registry::Registry;
use crossbeam_channel::{Sender, bounded};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// The user of every Bambu printer.
const USER: &str = "bblp";

/// The threads and handles of one printer. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct Running {
    printer: Printer,
    live: Arc<Live>,
    board: Arc<CameraBoard>,
    /// Kept so that the packager outlives the camera thread when the printer is edited.
    units: Sender<FromCamera>,
    /// `None` only while the camera thread is being replaced, or when the system had no thread for it.
    camera: Option<CameraThread>,
    others: Vec<Thread>,
}

/// A camera thread and its own stop.
#[derive(Debug)]
struct CameraThread {
    stopper: Stopper,
    thread: Thread,
}

impl Running {
    /// Starts the printer's threads.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(
        printer: Printer,
        settings: &Settings,
        registry: &Arc<Registry>,
        keeper: Keeper,
        bell: Sender<()>,
    ) -> io::Result<Self> {
        let id = printer.id;
        let live = Arc::new(Live::new(bell));
        let board = Arc::new(CameraBoard::new());
        let mut others = Vec::new();
        let directory = settings.mirror.as_ref().map(|base| base.join(id.to_string()));
        let restored = directory.as_deref().map(mirror::read_back).unwrap_or_default();
        let mirror = match directory {
            Some(directory) => {
                let (bell, rung) = bounded(1);
                let live = Arc::clone(&live);
                others.push(spawn(format!("p{id}-mirror"), move || mirror::run(&directory, &live, &rung))?);
                Some(bell)
            }
            None => None,
        };
        let memory = registry.stream_memory(id).unwrap_or_else(|error| {
            log::warn!("p{id}: the stream's numbering could not be read, it begins anew: {error}");
            None
        });
        let packager = Packager::new(settings.hls, memory, restored);
        let outlets = Outlets { id, live: Arc::clone(&live), keeper, mirror };
        let (units, arriving) = bounded(QUEUE_UNITS);
        others.push(spawn(format!("p{id}-packager"), move || packager::run(packager, &arriving, &outlets))?);
        let camera = Some(start_camera(&printer, settings, registry, &units, &board, None)?);
        Ok(Self { printer, live, board, units, camera, others })
    }

    /// Takes the edited printer over: its camera thread is replaced, its stream goes on.
    ///
    /// # Errors
    /// When the system has no thread to give; the printer then has no camera until it is edited again.
    pub fn replace_camera(
        &mut self,
        printer: Printer,
        settings: &Settings,
        registry: &Arc<Registry>,
    ) -> io::Result<()> {
        let before = self.camera.take().map(|CameraThread { stopper, thread }| {
            drop(stopper);
            thread
        });
        self.printer = printer;
        self.camera = Some(start_camera(&self.printer, settings, registry, &self.units, &self.board, before)?);
        Ok(())
    }

    /// Stops the threads and gives them to the caller to wait for.
    #[must_use]
    pub fn stop(self) -> Vec<Thread> {
        let Self { camera, others, units, .. } = self;
        drop(units);
        let camera = camera.map(|CameraThread { stopper, thread }| {
            drop(stopper);
            thread
        });
        camera.into_iter().chain(others).collect()
    }

    /// The printer as it is registered.
    #[must_use]
    pub fn printer(&self) -> &Printer {
        &self.printer
    }

    /// Its published video.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live)
    }

    /// How its camera is.
    #[must_use]
    pub fn report(&self, now: Instant) -> CameraReport {
        self.board.report(now)
    }
}

/// Starts a camera thread; it first waits for the one before it, since a printer serves one viewer at a time.
fn start_camera(
    printer: &Printer,
    settings: &Settings,
    registry: &Arc<Registry>,
    units: &Sender<FromCamera>,
    board: &Arc<CameraBoard>,
    before: Option<Thread>,
) -> io::Result<CameraThread> {
    let camera = Camera {
        id: printer.id,
        source: source(printer, settings, registry),
        units: units.clone(),
        board: Arc::clone(board),
        registry: Arc::clone(registry),
    };
    let (stopper, stop) = stop();
    let thread = spawn(format!("p{}-camera", printer.id), move || {
        if let Some(before) = before {
            before.join();
        }
        camera::run(camera, &stop);
    })?;
    Ok(CameraThread { stopper, thread })
}

/// Where the printer's camera is: the host from the configuration alone; port, path and scheme from the first of
/// the environment, the printer's own `rtspUrl`, and what printers do by themselves.
fn source(printer: &Printer, settings: &Settings, registry: &Registry) -> Source {
    let own = || printer.rtsp_url.clone().unwrap_or_else(|| RtspUrl::of_printers(&printer.host));
    let url = settings.rtsp.of(printer.id).cloned().unwrap_or_else(own);
    let pin = registry.pin(printer.id).unwrap_or_else(|error| {
        log::warn!("p{}: the pinned certificate could not be read: {error}", printer.id);
        None
    });
    Source {
        target: Target {
            host: printer.host.clone(),
            port: url.port(),
            tls: url.tls().then(|| Identity::of_camera(printer, pin)),
        },
        path: url.path().to_owned(),
        user: USER,
        password: printer.access_code.clone(),
    }
}
