//! Whom a test is of: a printer as somebody has typed it, or a registered one.

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

/// What a test needs to know.
#[derive(Debug)]
pub struct Subject {
    pub printer: Printer,
    pub source: Source,
    pub mqtt_port: u16,
    /// Names this installation to brokers; a test adds its number.
    pub installation: String,
    pub pin: Option<Fingerprint>,
    pub at_work: Option<AtWork>,
}

/// The same printer, at work here.
#[derive(Debug)]
pub struct AtWork {
    pub id: PrinterId,
    pub bells: Arc<Bells<PrinterId>>,
    pub status: Arc<StatusBoard>,
    pub camera: Arc<CameraBoard>,
    /// Tells whether it has been removed meanwhile.
    pub live: Arc<Live>,
    /// Its link is the one that would be tested.
    pub same_link: bool,
    /// Where its camera is.
    pub source: Source,
}

impl AtWork {
    /// Whether its camera is the one that would be tested: same host and URL, same login, same certificate.
    pub fn has_camera_of(&self, source: &Source, said: &LiveView) -> bool {
        self.source.meets(&self.status.live_view().get().value, source, said)
    }
}

/// Why there is no test.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A field is missing or wrong; one sentence each.
    #[error("some fields are not valid")]
    Fields(Vec<FieldError>),
    /// No printer has this id.
    #[error("there is no printer with this id")]
    NotFound,
    /// Others are under way.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The system has no thread for it.
    #[error("the system has no thread to give")]
    Thread(#[from] io::Error),
}

impl Fleet {
    /// Tests a printer as it was typed. Where no access code was, that of the registered printer `like` stands in; so
    /// does the password of its camera, for the same host.
    ///
    /// # Errors
    /// When a field is wrong, there is no such printer, or there are too many tests.
    pub fn test(&self, mut draft: Draft, like: Option<PrinterId>) -> Result<Trial, TrialError> {
        let like = like.map(|id| self.printer(id).ok_or(TrialError::NotFound)).transpose()?;
        // A test needs no name.
        draft.name.get_or_insert_with(|| "Test".to_owned());
        let rules = Rules { allow_unknown_camera: true, ..self.common.settings.rules };
        let details = validate(draft, like.as_ref(), rules).map_err(TrialError::Fields)?;
        // What the operator sets for a printer holds for it also where it was typed without its id.
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
    /// When there is no such printer, or there are too many tests.
    pub fn diagnose(&self, id: PrinterId) -> Result<Trial, TrialError> {
        self.try_out(self.printer(id).ok_or(TrialError::NotFound)?, false)
    }

    /// `accepted`: saving would forget the certificate that was seen first.
    fn try_out(&self, printer: Printer, accepted: bool) -> Result<Trial, TrialError> {
        let seat = self.trials.take(clock::now())?;
        let common = &self.common;
        let at_work = self.at_work(&printer);
        // As the registry does it: the certificate goes with the serial number.
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

    /// The printer at work with this serial number. Its address says less: behind one there may be several.
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
