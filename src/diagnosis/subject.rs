//! The subject of a test: a printer as a person has typed it, or a registered one.

use super::{Test, TooMany, limit::Tests};
use crate::base::clock;
use crate::base::stop::Stop;
use crate::camera::Source;
use crate::fleet::{Fleet, Handles};
use crate::net::link::{LinkError, Patience, Target, greet};
use crate::printer::{Changes, Draft, FieldError, Fingerprint, Identity, Printer, PrinterId, Rules, validate};
use crossbeam_channel::Receiver;
use std::io;
use std::sync::Arc;
use std::time::Duration;

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
    /// Nobody has typed the serial number; it was read from the certificate.
    pub serial_was_read: bool,
}

/// A printer whose serial number nobody has typed.
#[derive(Debug)]
pub struct Nameless {
    fleet: Arc<Fleet>,
    /// Its serial number is made up.
    printer: Printer,
    accepted: bool,
}

/// A person waits. An X2D was seen to take 5.7 s for a handshake.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(5), handshake: Duration::from_secs(12) };

impl Nameless {
    /// Asks the printer for its certificate, and returns the subject with the serial number in it.
    ///
    /// # Errors
    /// Fails if nothing answers, or what answers is no printer.
    pub fn ask(mut self, stop: &Stop) -> Result<Subject, LinkError> {
        let port = self.fleet.settings().mqtt_ports.all;
        let target = Target { host: self.printer.host.clone(), port, tls: Some(Identity::AnyPrinter) };
        self.printer.serial = greet(&target, PATIENCE, stop)?.serial;
        if let Some(known) = self.fleet.with_serial(&self.printer.serial) {
            // The operator's overrides for a printer also apply if it was typed without its id.
            self.printer.id = known.printer.id;
        }
        Ok(Subject { serial_was_read: true, ..Subject::new(&self.fleet, self.printer, self.accepted) })
    }
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
    /// applies to its camera's password, for the same host. A new printer needs no serial number: it is asked for it.
    ///
    /// # Errors
    /// Fails if a field is wrong, the printer `like` does not exist, or there are too many tests.
    pub fn test(
        self: &Arc<Self>,
        fleet: &Arc<Fleet>,
        mut draft: Draft,
        like: Option<PrinterId>,
    ) -> Result<Test, TestError> {
        let like = like.map(|id| fleet.printer(id).ok_or(TestError::NotFound)).transpose()?;
        let is_nameless = like.is_none() && draft.serial.as_deref().is_none_or(|serial| serial.trim().is_empty());
        if is_nameless {
            draft.serial = Some(ANY_SERIAL.to_owned());
        }
        // A test needs no name.
        draft.name.get_or_insert_with(|| "Test".to_owned());
        let details = validate(draft, like.as_ref(), rules(fleet)).map_err(TestError::Fields)?;
        let accepted = details.accept_certificate;
        if is_nameless {
            let seat = self.take(clock::now())?;
            let printer = details.printer(PrinterId(0));
            return Ok(Test::start_nameless(Nameless { fleet: Arc::clone(fleet), printer, accepted }, seat)?);
        }
        // The operator's overrides for a printer also apply if it was typed without its id.
        let known = || fleet.with_serial(&details.serial).map(|known| known.printer);
        let id = like.or_else(known).map_or(PrinterId(0), |printer| printer.id);
        self.begin(fleet, details.printer(id), accepted)
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
        Ok(Test::start(Subject::new(fleet, printer, accepted), seat)?)
    }
}

/// Stands for the serial number that is not known yet, while the other fields are checked.
const ANY_SERIAL: &str = "0000000000";

impl Subject {
    fn new(fleet: &Fleet, printer: Printer, accepted: bool) -> Self {
        let settings = fleet.settings();
        let ports = &settings.mqtt_ports;
        let at_work = fleet.with_serial(&printer.serial).map(|published| AtWork {
            bell: fleet.listen(Some(published.printer.id)),
            same_link: !Changes::between(&published.printer, &printer).link
                && ports.of(published.printer.id) == ports.of(printer.id),
            published,
        });
        Self {
            source: Source::of(&printer, &settings.rtsp, rules(fleet), settings.jpeg_ports.of(printer.id)),
            mqtt_port: ports.of(printer.id),
            installation: fleet.installation().to_owned(),
            // As in the registry, the certificate belongs to the serial number.
            certificate: at_work.as_ref().filter(|_| !accepted).and_then(|work| work.published.certificate),
            at_work,
            serial_was_read: false,
            printer,
        }
    }
}
