//! The subject of a test: a printer as a person has typed it, or a registered one.

use super::{TooMany, Trial};
use crate::base::clock;
use crate::base::error_chain;
use crate::base::watch::Bells;
use crate::camera::source::Source;
use crate::camera::state::CameraBoard;
use crate::fleet::Fleet;
use crate::fleet::printer::Running;
use crate::mqtt::state::StatusBoard;
use crate::printer::ipcam::LiveView;
use crate::printer::{Draft, FieldError, Fingerprint, Printer, PrinterId, Rules, validate};
use crate::stream::published::Live;
use std::io;
use std::sync::Arc;

/// The inputs of a test.
#[derive(Debug)]
pub struct Subject {
    pub printer: Printer,
    pub source: Source,
    pub mqtt_port: u16,
    /// Identifies this installation to brokers; a test adds its number.
    pub installation: String,
    pub pin: Option<Fingerprint>,
    pub at_work: Option<AtWork>,
}

/// The registered printer with the same serial number, running here.
#[derive(Debug)]
pub struct AtWork {
    pub id: PrinterId,
    pub bells: Arc<Bells<PrinterId>>,
    pub status: Arc<StatusBoard>,
    pub camera: Arc<CameraBoard>,
    /// Shows whether the printer is removed meanwhile.
    pub live: Arc<Live>,
    /// Whether its link is the one to be tested.
    pub same_link: bool,
    /// The source of its camera.
    pub source: Source,
}

impl AtWork {
    /// Whether its camera is the one to be tested: same host and URL, same login, same certificate.
    pub fn has_camera_of(&self, source: &Source, said: &LiveView) -> bool {
        self.source.meets(&self.status.live_view().get().value, source, said)
    }
}

/// Why a test could not start.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Some fields are missing or wrong.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// Too many other tests are running.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The system has no thread for it.
    #[error("the system has no thread to give")]
    Thread(#[from] io::Error),
}

impl Fleet {
    /// Tests a printer as typed. If no access code was typed, that of the registered printer `like` is used. The same
    /// applies to its camera's password, for the same host.
    ///
    /// # Errors
    /// Fails if a field is wrong, the printer `like` does not exist, or there are too many tests.
    pub fn test(&self, mut draft: Draft, like: Option<PrinterId>) -> Result<Trial, TrialError> {
        let like = like.map(|id| self.printer(id).ok_or(TrialError::NotFound)).transpose()?;
        // A test needs no name.
        draft.name.get_or_insert_with(|| "Test".to_owned());
        let rules = Rules { allow_unknown_camera: true, ..self.common.settings.rules };
        let details = validate(draft, like.as_ref(), rules).map_err(TrialError::Fields)?;
        // The operator's overrides for a printer also apply if it was typed without its id.
        let id = like.map(|printer| printer.id).or_else(|| {
            self.lock()
                .values()
                .map(Running::printer)
                .find(|known| known.serial == details.serial)
                .map(|known| known.id)
        });
        self.try_out(details.printer(id.unwrap_or(PrinterId(0))), details.accept_certificate)
    }

    /// Tests a registered printer.
    ///
    /// # Errors
    /// Fails if the printer does not exist, or there are too many tests.
    pub fn diagnose(&self, id: PrinterId) -> Result<Trial, TrialError> {
        self.try_out(self.printer(id).ok_or(TrialError::NotFound)?, false)
    }

    /// Starts the test. `accepted` means that saving would forget the pinned certificate.
    fn try_out(&self, printer: Printer, accepted: bool) -> Result<Trial, TrialError> {
        let seat = self.trials.take(clock::now())?;
        let common = &self.common;
        let at_work = self.at_work(&printer);
        // As in the registry, the certificate belongs to the serial number.
        let pinned = at_work.as_ref().filter(|_| !accepted).map(|work| work.id);
        let pin = pinned.and_then(|id| {
            common.registry.pin(id).unwrap_or_else(|error| {
                log::warn!("p{id}: the pinned certificate could not be read: {}", error_chain(&error));
                None
            })
        });
        let subject = Subject {
            mqtt_port: common.settings.mqtt_ports.of(printer.id),
            installation: common.installation.clone(),
            pin,
            at_work,
            source: common.source(&printer),
            printer,
        };
        Ok(Trial::start(subject, seat)?)
    }

    /// Finds the running printer with this serial number. An address would not do: several printers may share one.
    fn at_work(&self, printer: &Printer) -> Option<AtWork> {
        let running = self.lock();
        let found = running.values().find(|running| running.printer().serial == printer.serial)?;
        let other = found.printer();
        let ports = &self.common.settings.mqtt_ports;
        Some(AtWork {
            id: other.id,
            bells: Arc::clone(&self.common.bells),
            status: Arc::clone(found.status()),
            camera: Arc::clone(found.camera()),
            live: found.live(),
            same_link: other.host == printer.host
                && other.access_code == printer.access_code
                && ports.of(other.id) == ports.of(printer.id),
            source: self.common.source(other),
        })
    }
}
