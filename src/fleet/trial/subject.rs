//! Whom a test is of: a printer as somebody has typed it, or a registered one.

use super::{TooMany, Trial};
use crate::base::clock;
use crate::base::error_chain;
use crate::fleet::Fleet;
use crate::fleet::board::{CameraBoard, Step};
use crate::fleet::news::Bells;
use crate::fleet::running::USER;
use crate::fleet::source::Source;
use crate::fleet::status_board::StatusBoard;
use crate::printer::{Draft, FieldError, Fingerprint, Printer, PrinterId, validate};
use std::io;
use std::sync::Arc;

/// What a test needs to know.
#[derive(Debug)]
pub struct Subject {
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
    pub bells: Arc<Bells>,
    pub status: Arc<StatusBoard>,
    pub camera: Arc<CameraBoard>,
    /// Its link is the one that would be tested.
    pub same_link: bool,
    /// And so is everything else.
    pub same: bool,
}

impl AtWork {
    /// Whether its camera answers for the one that is to be tested: it is that one, or it is in use.
    pub fn has_camera(&self) -> bool {
        use Step::{Live, SettingUp, SigningIn, Stalled, WaitingForKeyFrame, WaitingForVideo};
        let step = self.camera.step();
        self.same || matches!(step, SigningIn | SettingUp | WaitingForVideo | WaitingForKeyFrame | Live | Stalled)
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
    /// Tests a printer as it was typed. Where no access code was, that of the registered printer `like` stands in.
    ///
    /// # Errors
    /// When a field is wrong, there is no such printer, or there are too many tests.
    pub fn test(&self, mut draft: Draft, like: Option<PrinterId>) -> Result<Trial, TrialError> {
        let like = like.map(|id| self.printer(id).ok_or(TrialError::NotFound)).transpose()?;
        // A test needs no name.
        draft.name.get_or_insert_with(|| "Test".to_owned());
        let code = like.as_ref().map(|printer| &printer.access_code);
        let details = validate(draft, code, self.common.settings.rules).map_err(TrialError::Fields)?;
        let vouched_for = details.access_code_given;
        let printer = Printer {
            id: like.map_or(PrinterId(0), |printer| printer.id),
            name: details.name,
            host: details.host,
            serial: details.serial,
            access_code: details.access_code,
            rtsp_url: details.rtsp_url,
            camera_fingerprint: details.camera_fingerprint,
        };
        self.try_out(printer, vouched_for)
    }

    /// Tests a registered printer.
    ///
    /// # Errors
    /// When there is no such printer, or there are too many tests.
    pub fn diagnose(&self, id: PrinterId) -> Result<Trial, TrialError> {
        self.try_out(self.printer(id).ok_or(TrialError::NotFound)?, false)
    }

    /// `vouched_for`: the code was typed now, so saving would forget the certificate that was seen first.
    fn try_out(&self, printer: Printer, vouched_for: bool) -> Result<Trial, TrialError> {
        let seat = self.trials.take(clock::now())?;
        let common = &self.common;
        let at_work = self.at_work(&printer);
        // As the registry does it: the certificate goes with the serial number, and a code typed anew vouches for another.
        let pinned = at_work.as_ref().filter(|_| !vouched_for).map(|work| work.id);
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
            source: Source {
                chosen: common.settings.rtsp.of(printer.id).or(printer.rtsp_url.as_ref()).cloned(),
                printer,
                user: USER,
            },
        };
        Ok(Trial::start(subject, seat)?)
    }

    /// The printer at work with this serial number. Its address says less: behind one there may be several.
    fn at_work(&self, printer: &Printer) -> Option<AtWork> {
        let running = self.lock();
        let found = running.values().find(|running| running.printer().serial == printer.serial)?;
        let other = found.printer();
        let ports = &self.common.settings.mqtt_ports;
        let same_link = other.host == printer.host
            && other.access_code == printer.access_code
            && ports.of(other.id) == ports.of(printer.id);
        let same =
            same_link && other.rtsp_url == printer.rtsp_url && other.camera_fingerprint == printer.camera_fingerprint;
        Some(AtWork {
            id: other.id,
            bells: Arc::clone(&self.common.bells),
            status: Arc::clone(found.status()),
            camera: Arc::clone(found.camera()),
            same_link,
            same,
        })
    }
}
