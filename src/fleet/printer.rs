//! One running printer: its threads and its handles.

use super::{Live, NumberingWriter, Settings};
use crate::base::backoff::Attempts;
use crate::base::stop::stop;
use crate::base::thread::{Stoppable, Thread, spawn};
use crate::base::watch::Subscribers;
use crate::base::{clock, error_chain};
use crate::camera::source::Source;
use crate::camera::state::{CameraReport, CameraState};
use crate::camera::{self, Camera};
use crate::fleet::metrics::{PrinterMetrics, Units};
use crate::hls::{Made, Packager};
use crate::mqtt::command::CommandRequest;
use crate::mqtt::state::PrinterStatus;
use crate::mqtt::threads::{LinkSettings, LinkThreads};
use crate::printer::label::Label;
use crate::printer::{Changes, Fingerprint, Printer, PrinterId};
use crate::registry::pin::Pin;
use crate::registry::{Registry, Updated};
use crate::stream::fanout::Losses;
use crate::stream::packager::{self, PackagerOutputs, Shortages};
use crate::stream::rhythm::Rhythm;
use crate::stream::{Fanout, SegmentFollower, mirror};
use crossbeam_channel::Sender;
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Memory of each camera for followers that join late. There are none yet: the packager joins before the first frame.
const GROUP_BYTES: usize = 0;

/// Data shared by all printers.
#[derive(Debug, Clone)]
pub struct Common {
    /// The settings that apply to every printer.
    pub settings: Settings,
    /// Stores pins and stream memory.
    pub registry: Arc<Registry>,
    /// Identifies this installation to brokers.
    pub installation: String,
    /// Notifies the subscribers of states.
    pub subscribers: Arc<Subscribers<PrinterId>>,
    /// Measures how evenly all streams are published.
    pub rhythm: Arc<Rhythm>,
}

impl Common {
    /// Returns the camera source of a printer.
    #[must_use]
    pub fn source(&self, printer: &Printer) -> Source {
        Source::of(printer, &self.settings.rtsp, self.settings.rules, self.settings.jpeg_ports.of(printer.id))
    }
}

/// What a running printer publishes, for those who only look.
#[derive(Debug)]
pub struct Handles {
    /// The printer as registered.
    pub printer: Printer,
    /// The source of its camera.
    pub source: Source,
    /// Its status.
    pub status: Arc<PrinterStatus>,
    /// The state of its camera.
    pub camera: Arc<CameraState>,
    /// Its video, which ends when the printer is removed.
    pub live: Arc<Live>,
    /// The certificate pinned at first contact.
    pub certificate: Option<Fingerprint>,
}

/// The threads and handles of one printer. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct PrinterThreads {
    printer: Printer,
    /// Grows with each edit.
    edition: u64,
    live: Arc<Live>,
    board: Arc<CameraState>,
    status: Arc<PrinterStatus>,
    pin: Arc<Pin>,
    /// Kept so that the packager outlives the camera thread when the printer is edited.
    units: Arc<Fanout>,
    /// What the packager has lost, because it was late.
    losses: Arc<Losses>,
    /// `None` only while the camera thread is being replaced, or if the system had no thread for it.
    camera: Option<Stoppable>,
    /// `None` in the same cases.
    link: Option<LinkThreads>,
    others: Vec<Thread>,
}

impl PrinterThreads {
    /// Starts the printer's threads.
    ///
    /// # Errors
    /// Fails if the system has no thread left.
    pub fn start(printer: Printer, common: &Common, keeper: NumberingWriter) -> io::Result<Self> {
        let Common { settings, registry, subscribers, rhythm, .. } = common;
        let id = printer.id;
        let live = Arc::new(Live::default());
        let board = Arc::new(CameraState::new(Label::Printer(id), Arc::clone(subscribers)));
        let status = Arc::new(PrinterStatus::new(id, &printer.serial, Arc::clone(subscribers)));
        let leaf = registry.pin(id).unwrap_or_else(|error| {
            log::warn!("p{id}: the pinned certificate could not be read: {}", error_chain(&error));
            None
        });
        let pin = Arc::new(Pin::new(&printer, leaf, registry));
        status.set_moved(registry.moved(id).unwrap_or_default());
        let mut others = Vec::new();
        let directory = settings.mirror.as_ref().map(|base| base.join(id.to_string()));
        let restored = directory.as_deref().map(|directory| mirror::read_back(directory, settings.hls.stream_bytes()));
        let restored = restored.unwrap_or_default();
        if let Some(directory) = directory {
            let segments = SegmentFollower::new(Arc::clone(&live));
            others.push(spawn(format!("p{id}-mirror"), move || mirror::run(&directory, segments))?);
        }
        let memory = registry.stream_memory(id).unwrap_or_else(|error| {
            log::warn!("p{id}: the stream's numbering could not be read, it begins anew: {error}");
            None
        });
        let packager = Packager::new(settings.hls, memory, restored);
        let outlets = PackagerOutputs {
            id,
            live: Arc::clone(&live),
            keeper,
            rhythm: Arc::clone(rhythm),
            shortage: Arc::clone(&board) as Arc<dyn Shortages>,
            memory_bytes: settings.hls.memory_bytes,
        };
        let units = Arc::new(Fanout::new(Label::Printer(id), GROUP_BYTES));
        let mut arriving = units.follow(packager::terms(&settings.hls));
        let losses = arriving.losses();
        others.push(spawn(format!("p{id}-packager"), move || packager::run(packager, &mut arriving, &outlets))?);
        let mut running =
            Self { printer, edition: 0, live, board, status, pin, units, losses, camera: None, link: None, others };
        running.start_camera(common, Vec::new())?;
        running.start_link(common, Vec::new())?;
        Ok(running)
    }

    /// Applies an edit. Connections whose settings stay the same are not disturbed, and the stream goes on. A failing
    /// connection is retried at once: a person who saves has probably switched something on or corrected a typo.
    ///
    /// The caller holds the fleet's lock, so nothing here waits for the disk.
    ///
    /// # Errors
    /// Fails if the system has no thread left. The printer then has no camera or link until it is edited again.
    pub fn edit(&mut self, updated: Updated, common: &Common) -> io::Result<()> {
        let Updated { printer, accepts_certificate: accepted, pin, .. } = updated;
        let before = std::mem::replace(&mut self.printer, printer);
        let now = &self.printer;
        self.edition += u64::from(before != *now);
        if before != *now {
            self.status.set_moved(None);
        }
        let changes = Changes::between(&before, now);
        if changes.place {
            self.pin.retire();
            self.pin = Arc::new(Pin::new(now, pin, &common.registry));
        } else if accepted {
            self.pin.forget();
        }
        if changes.machine {
            self.status.forget_heat(clock::now());
            self.status.forget_camera(&now.serial);
        }
        if changes.link {
            self.status.forget_code();
        }
        let same_camera = common.source(&before) == common.source(now);
        // An attempt that has just begun still expects the old certificate.
        let camera_again = self.board.is_failing() || (accepted && self.board.is_on_its_way());
        if !same_camera || camera_again || self.camera.is_none() {
            self.board.begin_anew();
            let camera = self.camera.take().map(Stoppable::stop).unwrap_or_default();
            self.start_camera(common, camera)?;
        }
        let link = &self.status.get().value.link;
        let link_again = link.is_failing() || (accepted && link.is_on_its_way());
        if changes.link || link_again || self.link.is_none() {
            let link = self.link.take().map(|link| link.threads.stop()).unwrap_or_default();
            self.start_link(common, link)?;
        }
        Ok(())
    }

    /// Stops the threads, and returns them for the caller to join.
    #[must_use]
    pub fn stop(self) -> Vec<Thread> {
        let Self { camera, link, others, units, .. } = self;
        drop(units);
        let link = link.map(|link| link.threads);
        camera.into_iter().chain(link).flat_map(Stoppable::stop).chain(others).collect()
    }

    /// Returns the printer as registered.
    #[must_use]
    pub fn printer(&self) -> &Printer {
        &self.printer
    }

    /// Returns what it publishes.
    #[must_use]
    pub fn handles(&self, common: &Common) -> Handles {
        Handles {
            printer: self.printer.clone(),
            source: common.source(&self.printer),
            status: Arc::clone(&self.status),
            camera: Arc::clone(&self.board),
            live: Arc::clone(&self.live),
            certificate: self.pin.get(),
        }
    }

    /// Returns a number that grows with each edit.
    #[must_use]
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// Returns the printer's published video.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live)
    }

    /// Returns the report of the printer's camera.
    #[must_use]
    pub fn report(&self, now: Instant) -> CameraReport {
        self.board.report(now)
    }

    /// Returns the state of the printer's camera.
    #[must_use]
    pub fn camera(&self) -> &Arc<CameraState> {
        &self.board
    }

    /// Returns the status of the printer.
    #[must_use]
    pub fn status(&self) -> &Arc<PrinterStatus> {
        &self.status
    }

    /// Returns the printer's figures for `/metrics`.
    #[must_use]
    pub fn tally(&self) -> PrinterMetrics {
        let status = self.status.get();
        let Made { parts, segments } = self.live.made();
        PrinterMetrics {
            id: self.printer.id,
            name: self.printer.name.clone(),
            link: status.value.link.step,
            connected: status.value.connected,
            link_reconnects: status.value.link.reconnects,
            held_back: self.status.flood().waited(),
            camera: self.board.step(),
            camera_reconnects: self.board.reconnects(),
            units: Units {
                arrived: self.board.arrived(),
                dropped: self.losses.dropped(),
                overflows: self.losses.overruns(),
            },
            pictures: self.board.pictures(),
            parts,
            segments,
            memory_bytes: self.units.held_bytes() + self.live.held_bytes(),
        }
    }

    /// Returns the queue for orders to the printer.
    #[must_use]
    pub fn orders(&self) -> Option<Sender<CommandRequest>> {
        self.link.as_ref().map(|link| link.orders.clone())
    }

    /// Starts a camera thread. It first joins the previous one, because a printer serves one viewer at a time.
    fn start_camera(&mut self, common: &Common, before: Vec<Thread>) -> io::Result<()> {
        let id = self.printer.id;
        let camera = Camera {
            owner: Label::Printer(id),
            source: common.source(&self.printer),
            units: Arc::clone(&self.units),
            live: Some(self.live()),
            board: Arc::clone(&self.board),
            pin: Arc::clone(&self.pin),
            attempts: Attempts::UntilStop,
        };
        let status = Arc::clone(&self.status);
        let (stopper, stop) = stop();
        let thread = spawn(format!("p{id}-camera"), move || {
            before.into_iter().for_each(Thread::join);
            camera::run(&camera, status.said(), &stop);
        })?;
        self.camera = Some(Stoppable { stopper, threads: vec![thread] });
        Ok(())
    }

    /// Starts the threads of the MQTT link, which first join the previous ones.
    fn start_link(&mut self, common: &Common, before: Vec<Thread>) -> io::Result<()> {
        let settings = LinkSettings {
            owner: Label::Printer(self.printer.id),
            printer: &self.printer,
            port: common.settings.mqtt_ports.of(self.printer.id),
            installation: &common.installation,
            pin: Arc::clone(&self.pin),
            board: Arc::clone(&self.status),
            attempts: Attempts::UntilStop,
        };
        self.link = Some(LinkThreads::start(settings, before)?);
        Ok(())
    }
}
