//! What a printer is doing, read off everything it has said. Whether it is reachable is no part of it: that is the
//! link's to say, and [`crate::printer::display`] puts both together.
//!
//! Two states are equal when a person sees no difference.

use crate::printer::ams::{self, Filaments};
use crate::printer::heat::{self, Heat};
use crate::printer::ipcam::{self, Camera};
use crate::printer::job::{self, Job};
use crate::printer::known::Known;
use crate::printer::machine::{self, Fans, Light, Network, Speed, Storage};
use crate::printer::model::Model;
use crate::printer::problem::{self, Problem, Scene};
use crate::printer::read::{OddFields, Reader};

/// A printer's state. What is `None` is unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// No full report has come in this session, or those that came left something out: what is missing may be there all
    /// the same.
    pub incomplete: bool,
    /// Which model.
    pub model: Option<Model>,
    /// Version of the firmware as a whole.
    pub firmware: Option<String>,
    /// The print.
    pub job: Job,
    /// Temperatures and nozzles.
    pub heat: Heat,
    /// Fans.
    pub fans: Fans,
    /// Speed level.
    pub speed: Option<Speed>,
    /// Lights by name.
    pub lights: Vec<Light>,
    /// Whether the chamber is lit.
    pub light: Option<bool>,
    /// Wi-Fi or cable.
    pub network: Option<Network>,
    /// The door, on models that know.
    pub door_open: Option<bool>,
    /// The memory card.
    pub storage: Option<Storage>,
    /// AMS and spools.
    pub filaments: Filaments,
    /// What it complains of; what needs somebody first, and then the worst.
    pub problems: Vec<Problem>,
    /// Whether it takes commands from us.
    pub takes_commands: TakesCommands,
    /// The camera, as far as MQTT tells.
    pub camera: Camera,
    /// Fields that were there and could not be read.
    pub odd_fields: Vec<String>,
}

/// Whether a printer takes pause, resume and stop from others than Bambu's own programs. The light always works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesCommands {
    /// Developer Mode is on, or the firmware is older than it.
    Yes,
    /// Developer Mode is off.
    No,
    /// P1 and A printers do not say; one learns it from what becomes of a command.
    Unknown,
}

impl State {
    /// Reads it. The serial number tells the model as long as the printer has not.
    #[must_use]
    pub fn read(known: &Known, serial: &str) -> Self {
        let odd = OddFields::default();
        let report = Reader::new(known.fields(), &odd);
        let model = Model::of(known.modules(), serial);
        let lights = machine::lights(&report);
        let scene = Scene::read(known.past(), &report);
        let problems = problem::read(&report, known.past().hms(), model, scene);
        Self {
            incomplete: !known.is_whole() || known.lacks_ams(),
            model,
            firmware: firmware(known),
            job: job::read(known, &report),
            heat: heat::read(&report, model),
            fans: machine::fans(&report, model),
            speed: machine::speed(&report),
            light: machine::light(&report, &lights),
            lights,
            network: machine::network(&report),
            door_open: machine::door_open(&report, model),
            storage: machine::storage(&report),
            filaments: ams::read(&report, known.modules()),
            takes_commands: takes_commands(known, &report, &problems, model),
            problems,
            camera: ipcam::read(&report, model),
            odd_fields: odd.into_names(),
        }
    }
}

impl TakesCommands {
    /// What stands in the way and what to do, where something does.
    #[must_use]
    pub fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::No => Some(DEVELOPER_MODE_IS_OFF),
            Self::Unknown => Some(
                "This model does not tell whether it takes commands. If it does not react, turn Developer Mode on, on \
                 the printer's screen under LAN Only Mode.",
            ),
        }
    }
}

/// What to do when a printer refuses.
pub const DEVELOPER_MODE_IS_OFF: &str = "The printer takes this from Bambu's own programs only. Turn Developer Mode on, \
                                         on the printer's screen under LAN Only Mode. The light works without it.";

/// What the printer did with a command says more than what it says of itself, and it withdraws a complaint only
/// later. `fun` bit 29 means that commands have to be signed.
fn takes_commands(known: &Known, report: &Reader<'_>, problems: &[Problem], model: Option<Model>) -> TakesCommands {
    let must_sign = report.bits(&["fun"]).map(|fun| fun >> 29 & 1 == 1);
    let refused = || problems.iter().any(Problem::is_refused_command);
    match (known.took_command(), must_sign) {
        (Some(true), _) | (None, Some(false)) => TakesCommands::Yes,
        (Some(false), _) | (None, Some(true)) => TakesCommands::No,
        (None, None) if refused() => TakesCommands::No,
        (None, None) if is_older_than_the_guard(known, model) => TakesCommands::Yes,
        (None, None) => TakesCommands::Unknown,
    }
}

fn is_older_than_the_guard(known: &Known, model: Option<Model>) -> bool {
    let guarded = model.and_then(Model::first_guarded_firmware);
    // Two digits each, so that the order of the texts is that of the versions.
    let plain = |version: &String| version.len() == 11 && version.split('.').all(|part| part.len() == 2);
    firmware(known).filter(plain).zip(guarded).is_some_and(|(version, guarded)| version.as_str() < guarded)
}

fn firmware(known: &Known) -> Option<String> {
    let whole = known.modules().iter().find(|module| module.name == "ota")?;
    Some(whole.software.clone()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests;
