//! The subject of a test: a printer as a person has typed it, or a registered one.

use super::{Test, TooMany, limit::Tests};
use crate::base::clock;
use crate::camera::Source;
use crate::fleet::{Fleet, Handles};
use crate::printer::{Changes, Draft, FieldError, Fingerprint, Printer, PrinterId, Rules, validate};
use crossbeam_channel::Receiver;
use std::io;
use std::sync::Arc;

/// The inputs of a test.
#[derive(Debug)]
pub struct Subject {
    pub printer: Printer,
    pub source: Source,
    pub mqtt_port: u16,
    pub installation: String,
    /// The certificate that is expected of the printer, if one is.
    pub certificate: Option<Fingerprint>,
    pub at_work: Option<AtWork>,
}

/// The registered printer with the same serial number, running here.
#[derive(Debug)]
pub struct AtWork {
    pub published: Handles,
    /// Rings when its state changes, and when it is removed.
    pub bell: Receiver<()>,
    /// Whether its link is the one to be tested.
    pub same_link: bool,
}

/// Why a test could not start.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// Some fields are missing or wrong; one sentence each.
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

/// A test may dial a camera at another host to find out its certificate.
fn rules(fleet: &Fleet) -> Rules {
    Rules { allow_unknown_camera: true, ..fleet.settings().rules }
}

impl Tests {
    /// Tests a printer as typed. If no access code was typed, that of the registered printer `like` is used. The same
    /// applies to its camera's password, for the same host.
    ///
    /// # Errors
    /// Fails if a field is wrong, the printer `like` does not exist, or there are too many tests.
    pub fn test(self: &Arc<Self>, fleet: &Fleet, mut draft: Draft, like: Option<PrinterId>) -> Result<Test, TestError> {
        let like = like.map(|id| fleet.printer(id).ok_or(TestError::NotFound)).transpose()?;
        // A test needs no name.
        draft.name.get_or_insert_with(|| "Test".to_owned());
        let details = validate(draft, like.as_ref(), rules(fleet)).map_err(TestError::Fields)?;
        // The operator's overrides for a printer also apply if it was typed without its id.
        let known = || fleet.with_serial(&details.serial).map(|known| known.printer);
        let id = like.or_else(known).map_or(PrinterId(0), |printer| printer.id);
        self.begin(fleet, details.printer(id), details.accept_certificate)
    }

    /// Tests a registered printer.
    ///
    /// # Errors
    /// Fails if the printer does not exist, or there are too many tests.
    pub fn diagnose(self: &Arc<Self>, fleet: &Fleet, id: PrinterId) -> Result<Test, TestError> {
        self.begin(fleet, fleet.printer(id).ok_or(TestError::NotFound)?, false)
    }

    /// Starts a test. `accepted` means that saving would forget the pinned certificate.
    fn begin(self: &Arc<Self>, fleet: &Fleet, printer: Printer, accepted: bool) -> Result<Test, TestError> {
        let seat = self.take(clock::now())?;
        let settings = fleet.settings();
        let ports = &settings.mqtt_ports;
        let at_work = fleet.with_serial(&printer.serial).map(|published| AtWork {
            bell: fleet.listen(Some(published.printer.id)),
            same_link: !Changes::between(&published.printer, &printer).link
                && ports.of(published.printer.id) == ports.of(printer.id),
            published,
        });
        let subject = Subject {
            source: Source::of(&printer, &settings.rtsp, rules(fleet)),
            mqtt_port: ports.of(printer.id),
            installation: fleet.installation().to_owned(),
            // As in the registry, the certificate belongs to the serial number.
            certificate: at_work.as_ref().filter(|_| !accepted).and_then(|work| work.published.certificate),
            at_work,
            printer,
        };
        Ok(Test::start(subject, seat)?)
    }
}
