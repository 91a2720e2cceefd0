//! One running printer: its threads and its handles.

use super::{Keeper, Live, Settings};
use crate::base::stop::{Stopper, stop};
use crate::base::thread::{Thread, spawn};
use crate::base::watch::Bells;
use crate::base::{clock, error_chain};
use crate::camera::source::Source;
use crate::camera::state::{CameraBoard, CameraReport};
use crate::camera::{self, Camera};
use crate::fleet::metrics::{Tally, Units};
use crate::hls::Packager;
use crate::mqtt::command::Order;
use crate::mqtt::control::{self, Control};
use crate::mqtt::state::StatusBoard;
use crate::mqtt::{self, Mqtt, QUEUE_EVENTS};
use crate::printer::label::Label;
use crate::printer::{Changes, Printer, PrinterId};
use crate::registry::pin::Pin;
use crate::registry::{Registry, Updated};
use crate::stream::fanout::Losses;
use crate::stream::packager::{self, Outlets, Shortages};
use crate::stream::rhythm::Rhythm;
use crate::stream::{Fanout, SegmentFollower, mirror};
use crossbeam_channel::{Sender, bounded};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Memory of each camera for followers that join late. There are none yet: the packager joins before the first frame.
const GROUP_BYTES: usize = 0;

/// Orders queued for the control thread. It takes each at once, so a full queue means that it hangs.
const QUEUE_ORDERS: usize = 8;

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
    pub bells: Arc<Bells<PrinterId>>,
    /// Measures how evenly all streams are published.
    pub rhythm: Arc<Rhythm>,
}

impl Common {
    /// Returns the camera source of a printer.
    #[must_use]
    pub fn source(&self, printer: &Printer) -> Source {
        Source::of(printer, &self.settings.rtsp, self.settings.rules)
    }
}

/// The threads and handles of one printer. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct Running {
    printer: Printer,
    /// Grows with each edit.
    edition: u64,
    live: Arc<Live>,
    board: Arc<CameraBoard>,
    status: Arc<StatusBoard>,
    pin: Arc<Pin>,
    /// Kept so that the packager outlives the camera thread when the printer is edited.
    units: Arc<Fanout>,
    /// What the packager has lost, because it was late.
    losses: Arc<Losses>,
    /// `None` only while the camera thread is being replaced, or if the system had no thread for it.
    camera: Option<Stoppable>,
    /// `None` in the same cases.
    link: Option<StatusLink>,
    others: Vec<Thread>,
}

/// Threads with their own stop.
#[derive(Debug)]
struct Stoppable {
    stopper: Stopper,
    threads: Vec<Thread>,
}

/// The threads that speak MQTT, and the queue for their orders.
#[derive(Debug)]
struct StatusLink {
    threads: Stoppable,
    orders: Sender<Order>,
}

impl Stoppable {
    /// Signals the stop, and returns the threads for the caller to join.
    fn stop(self) -> Vec<Thread> {
        drop(self.stopper);
        self.threads
    }
}

impl Running {
    /// Starts the printer's threads.
    ///
    /// # Errors
    /// Fails if the system has no thread left.
    pub fn start(printer: Printer, common: &Common, keeper: Keeper) -> io::Result<Self> {
        let Common { settings, registry, bells, rhythm, .. } = common;
        let id = printer.id;
        let live = Arc::new(Live::default());
        let board = Arc::new(CameraBoard::new(Label::Printer(id), Arc::clone(bells)));
        let status = Arc::new(StatusBoard::new(id, &printer.serial, Arc::clone(bells)));
        let leaf = registry.pin(id).unwrap_or_else(|error| {
            log::warn!("p{id}: the pinned certificate could not be read: {}", error_chain(&error));
            None
        });
        let pin = Arc::new(Pin::new(&printer, leaf, registry));
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
        let outlets = Outlets {
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
        let changes = Changes::between(&before, now);
        if changes.place {
            self.pin.retire();
            self.pin = Arc::new(Pin::new(now, pin, &common.registry));
        } else if accepted {
            self.pin.forget();
        }
        if changes.machine {
            self.status.forget_heat(clock::now());
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
    pub fn camera(&self) -> &Arc<CameraBoard> {
        &self.board
    }

    /// Returns the status of the printer.
    #[must_use]
    pub fn status(&self) -> &Arc<StatusBoard> {
        &self.status
    }

    /// Returns the printer's figures for `/metrics`.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let status = self.status.get();
        let (parts, segments) = self.live.made();
        Tally {
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
            parts,
            segments,
            memory_bytes: self.units.held_bytes() + self.live.held_bytes(),
        }
    }

    /// Returns the queue for orders to the printer.
    #[must_use]
    pub fn orders(&self) -> Option<Sender<Order>> {
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
        };
        let status = Arc::clone(&self.status);
        let (stopper, stop) = stop();
        let thread = spawn(format!("p{id}-camera"), move || {
            before.into_iter().for_each(Thread::join);
            camera::run(&camera, status.live_view(), &stop);
        })?;
        self.camera = Some(Stoppable { stopper, threads: vec![thread] });
        Ok(())
    }

    /// Starts the threads of the MQTT link. They first join the previous ones, so that a broker sees only one client of
    /// ours.
    fn start_link(&mut self, common: &Common, before: Vec<Thread>) -> io::Result<()> {
        let Printer { id, host, serial, access_code, .. } = self.printer.clone();
        let (events, happening) = bounded(QUEUE_EVENTS);
        let mqtt = Mqtt {
            owner: Label::Printer(id),
            host,
            port: common.settings.mqtt_ports.of(id),
            serial: serial.clone(),
            access_code,
            client_id: client_id(&common.installation, id),
            pin: Arc::clone(&self.pin),
            events,
        };
        let (orders, ordered) = bounded(QUEUE_ORDERS);
        let control = Control {
            owner: Label::Printer(id),
            serial,
            events: happening,
            orders: ordered,
            board: Arc::clone(&self.status),
        };
        let (stopper, stop) = stop();
        let mut threads = Vec::new();
        let (stop_mqtt, stop_control) = (stop.clone(), stop);
        threads.push(spawn(format!("p{id}-mqtt"), move || {
            before.into_iter().for_each(Thread::join);
            mqtt::run(&mqtt, &stop_mqtt);
        })?);
        threads.push(spawn(format!("p{id}-control"), move || control::run(control, &stop_control))?);
        self.link = Some(StatusLink { threads: Stoppable { stopper, threads }, orders });
        Ok(())
    }
}

/// Returns the MQTT client id. It is short enough for brokers that enforce MQTT 3.1.1 §3.1.3.1, the same at each start,
/// and different for each installation.
fn client_id(installation: &str, id: PrinterId) -> String {
    format!("platecast{}p{id}", installation.get(..8).unwrap_or(installation))
}
