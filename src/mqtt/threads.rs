//! The threads of a printer's link, started together: `mqtt`, which starts `wire`, and `control`.

use super::command::CommandRequest;
use super::control::{self, Control};
use super::state::PrinterStatus;
use super::{Mqtt, QUEUE_EVENTS};
use crate::base::backoff::Attempts;
use crate::base::stop::stop;
use crate::base::thread::{Stoppable, Thread, spawn};
use crate::printer::Printer;
use crate::printer::label::Label;
use crate::registry::pin::Pin;
use crossbeam_channel::{Sender, bounded};
use std::io;
use std::sync::Arc;

/// Orders queued for the control thread. It takes each at once, so a full queue means that it hangs.
const QUEUE_ORDERS: usize = 8;

/// The inputs of a link's threads.
#[derive(Debug)]
pub struct LinkSettings<'a> {
    /// The printer, or the test of one.
    pub owner: Label,
    /// The printer at the other end.
    pub printer: &'a Printer,
    /// The MQTT port.
    pub port: u16,
    /// Identifies this installation to brokers.
    pub installation: &'a str,
    /// The certificate pinned at first contact.
    pub pin: Arc<Pin>,
    /// Receives the status.
    pub board: Arc<PrinterStatus>,
    /// How often to connect.
    pub attempts: Attempts,
}

/// The running threads of a link.
#[derive(Debug)]
pub struct LinkThreads {
    /// The threads and their stop.
    pub threads: Stoppable,
    /// The queue for orders to the printer.
    pub orders: Sender<CommandRequest>,
}

impl LinkThreads {
    /// Starts the threads. They first join those of `before`, so that a broker sees only one client of ours.
    ///
    /// # Errors
    /// Fails if the system has no thread left.
    pub fn start(settings: LinkSettings<'_>, before: Vec<Thread>) -> io::Result<Self> {
        let LinkSettings { owner, printer, port, installation, pin, board, attempts } = settings;
        let (events, happening) = bounded(QUEUE_EVENTS);
        let serial = printer.serial.clone();
        let mqtt = Mqtt {
            owner,
            host: printer.host.clone(),
            port,
            serial: serial.clone(),
            access_code: printer.access_code.clone(),
            client_id: client_id(installation, owner),
            pin,
            events,
            attempts,
        };
        let (orders, ordered) = bounded(QUEUE_ORDERS);
        let control = Control { owner, serial, events: happening, orders: ordered, board };
        let (stopper, stop) = stop();
        let (stop_mqtt, stop_control) = (stop.clone(), stop);
        let mqtt = spawn(format!("{owner}-mqtt"), move || {
            before.into_iter().for_each(Thread::join);
            super::run(&mqtt, &stop_mqtt);
        })?;
        let control = spawn(format!("{owner}-control"), move || control::run(control, &stop_control))?;
        Ok(Self { threads: Stoppable { stopper, threads: vec![mqtt, control] }, orders })
    }
}

/// Returns the MQTT client id. It is short enough for brokers that enforce MQTT 3.1.1 §3.1.3.1, the same at each start,
/// and different for each installation. A test has one of its own, so that a broker ends no running session for it.
fn client_id(installation: &str, owner: Label) -> String {
    let installation = installation.get(..8).unwrap_or(installation);
    match owner {
        Label::Printer(id) => format!("platecast{installation}p{id}"),
        Label::Test(number) => format!("platecast{installation}t{number}"),
    }
}
