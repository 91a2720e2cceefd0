//! The state of a printer, read from all its reports. Whether it is reachable belongs to the link;
//! [`crate::printer::display`] combines both.
//!
//! Two states are equal if a person sees no difference.

use crate::printer::ams::{self, Filaments};
use crate::printer::fields::{FieldReader, UnreadFields};
use crate::printer::heat::{self, Heat};
use crate::printer::ipcam::{self, Camera};
use crate::printer::job::{self, Job};
use crate::printer::machine::{self, Fans, Light, Network, Speed, Storage};
use crate::printer::merged::MergedReport;
use crate::printer::model::Model;
use crate::printer::problem::{self, Problem, Scene};

/// A printer's state. `None` means unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Whether no full report has come in this session, or the full reports left something out. A missing part may then
    /// still exist.
    pub incomplete: bool,
    /// The model.
    pub model: Option<Model>,
    /// The version of the firmware as a whole.
    pub firmware: Option<String>,
    /// The print job.
    pub job: Job,
    /// Temperatures and nozzles.
    pub heat: Heat,
    /// The fans.
    pub fans: Fans,
    /// The speed level.
    pub speed: Option<Speed>,
    /// The lights by name.
    pub lights: Vec<Light>,
    /// Whether the chamber is lit.
    pub light: Option<bool>,
    /// Wi-Fi or cable.
    pub network: Option<Network>,
    /// Whether the door is open, on models with a sensor.
    pub door_open: Option<bool>,
    /// The memory card.
    pub storage: Option<Storage>,
    /// AMS units and spools.
    pub filaments: Filaments,
    /// The failure_log: first those that need a person, then the worst.
    pub problems: Vec<Problem>,
    /// Whether it accepts our commands.
    pub takes_commands: TakesCommands,
    /// The camera, as far as MQTT reports it.
    pub camera: Camera,
    /// Whether it updates its firmware.
    pub updating: bool,
    /// Fields that were present but unreadable.
    pub unread_fields: Vec<String>,
}

/// Whether a printer accepts pause, resume and stop from programs other than Bambu's. The light always works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesCommands {
    /// Developer Mode is on, or the firmware is older than that mode.
    Yes,
    /// Developer Mode is off.
    No,
    /// P1 and A printers do not report it; only the outcome of a command shows it.
    Unknown,
}

impl State {
    /// Reads the state. The serial number implies the model until the printer reports it.
    #[must_use]
    pub fn read(known: &MergedReport, serial: &str) -> Self {
        let odd = UnreadFields::default();
        let report = FieldReader::new(known.fields(), &odd);
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
            updating: machine::updating(&report),
            unread_fields: odd.into_names(),
        }
    }
}

/// Decides whether the printer accepts commands. The outcome of a real command takes precedence over its reports,
/// because it withdraws a complaint only later. `fun` bit 29 means that commands have to be signed.
fn takes_commands(
    known: &MergedReport,
    report: &FieldReader<'_>,
    problems: &[Problem],
    model: Option<Model>,
) -> TakesCommands {
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

fn is_older_than_the_guard(known: &MergedReport, model: Option<Model>) -> bool {
    let guarded = model.and_then(Model::first_guarded_firmware);
    // With two digits each, versions sort like their texts.
    let plain = |version: &String| version.len() == 11 && version.split('.').all(|part| part.len() == 2);
    firmware(known).filter(plain).zip(guarded).is_some_and(|(version, guarded)| version.as_str() < guarded)
}

fn firmware(known: &MergedReport) -> Option<String> {
    let whole = known.modules().iter().find(|module| module.name == "ota")?;
    Some(whole.software.clone()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests;
