//! The machine around the print as JSON, and its problems.

use crate::printer::heat;
use crate::printer::machine::{self, LightMode, Network, Speed, Storage};
use crate::printer::problem::{self, Role, Severity};
use serde::Serialize;
use utoipa::ToSchema;

/// A nozzle.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nozzle {
    id: u32,
    /// On printers with two nozzles: `left`, `right`, `main` or `auxiliary`.
    #[schema(required)]
    place: Option<&'static str>,
    /// Whether it is the nozzle that prints now.
    active: bool,
    /// Its temperature in °C.
    #[schema(required)]
    now_c: Option<f64>,
    /// Its target temperature in °C; 0 means off.
    #[schema(required)]
    target_c: Option<f64>,
    #[schema(required)]
    diameter_mm: Option<f64>,
    /// Its material and flow in words, or the printer's code for them.
    #[schema(required)]
    kind: Option<String>,
}

impl From<&heat::Nozzle> for Nozzle {
    fn from(nozzle: &heat::Nozzle) -> Self {
        Self {
            id: nozzle.id,
            place: nozzle.place,
            active: nozzle.active,
            now_c: nozzle.temperature.now_c,
            target_c: nozzle.temperature.target_c,
            diameter_mm: nozzle.diameter_mm,
            kind: nozzle.kind.clone(),
        }
    }
}

/// The speeds of the fans in percent. `null`: the printer does not report this fan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fans {
    #[schema(required)]
    part: Option<u8>,
    #[schema(required)]
    auxiliary: Option<u8>,
    #[schema(required)]
    second_auxiliary: Option<u8>,
    #[schema(required)]
    chamber: Option<u8>,
    #[schema(required)]
    inner_loop: Option<u8>,
    #[schema(required)]
    heatbreak: Option<u8>,
}

impl From<machine::Fans> for Fans {
    fn from(fans: machine::Fans) -> Self {
        let machine::Fans { part, auxiliary, second_auxiliary, chamber, inner_loop, heatbreak } = fans;
        Self { part, auxiliary, second_auxiliary, chamber, inner_loop, heatbreak }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpeedLevel {
    Silent,
    Standard,
    Sport,
    Ludicrous,
}

impl From<Speed> for SpeedLevel {
    fn from(speed: Speed) -> Self {
        match speed {
            Speed::Silent => Self::Silent,
            Speed::Standard => Self::Standard,
            Speed::Sport => Self::Sport,
            Speed::Ludicrous => Self::Ludicrous,
        }
    }
}

/// A light, by the printer's name for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Light {
    node: String,
    mode: LightState,
}

impl From<&machine::Light> for Light {
    fn from(light: &machine::Light) -> Self {
        let mode = match light.mode {
            LightMode::On => LightState::On,
            LightMode::Off => LightState::Off,
            LightMode::Flashing => LightState::Flashing,
            LightMode::Unknown => LightState::Unknown,
        };
        Self { node: light.node.clone(), mode }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum LightState {
    On,
    Off,
    Flashing,
    Unknown,
}

/// The printer's connection to the network.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkLink {
    wired: bool,
    /// The signal strength of its Wi-Fi in dBm; `null` with a cable.
    #[schema(required)]
    wifi_dbm: Option<i8>,
}

impl From<Network> for NetworkLink {
    fn from(network: Network) -> Self {
        match network {
            Network::Wired => Self { wired: true, wifi_dbm: None },
            Network::Wifi { dbm } => Self { wired: false, wifi_dbm: Some(dbm) },
        }
    }
}

/// The state of the memory card or USB stick.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StorageState {
    Missing,
    Good,
    Faulty,
    ReadOnly,
}

impl From<Storage> for StorageState {
    fn from(storage: Storage) -> Self {
        match storage {
            Storage::Missing => Self::Missing,
            Storage::Good => Self::Good,
            Storage::Faulty => Self::Faulty,
            Storage::ReadOnly => Self::ReadOnly,
        }
    }
}

/// A problem that the printer reports.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PrinterProblem)]
pub struct Problem {
    /// The code as the printer's screen shows it.
    code: String,
    severity: ProblemSeverity,
    role: ProblemRole,
    /// What happened.
    sentence: String,
    /// What a person can do about it.
    #[schema(required)]
    what_to_do: Option<String>,
    /// The address of the maker's page about it.
    wiki: String,
    /// Whether `role` is `needs-you`.
    needs_you: bool,
}

impl From<&problem::Problem> for Problem {
    fn from(problem: &problem::Problem) -> Self {
        Self {
            code: problem.code.clone(),
            severity: match problem.severity {
                Severity::Fatal => ProblemSeverity::Fatal,
                Severity::Serious => ProblemSeverity::Serious,
                Severity::Common => ProblemSeverity::Common,
                Severity::Info => ProblemSeverity::Info,
                Severity::Unknown => ProblemSeverity::Unknown,
            },
            role: match problem.role {
                Role::NeedsYou => ProblemRole::NeedsYou,
                Role::Note => ProblemRole::Note,
                Role::Detail => ProblemRole::Detail,
            },
            sentence: problem.sentence(),
            what_to_do: problem.words.as_ref().and_then(|words| words.todo.as_deref()).map(str::to_owned),
            wiki: problem.wiki.clone(),
            needs_you: problem.needs_a_person(),
        }
    }
}

/// What a problem means to a person. `needs-you`: the printer waits for a person, or has given up. `note`: a warning
/// while the printer goes on. `detail`: the maker does not explain it, or it only records what a person did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ProblemRole {
    NeedsYou,
    Note,
    Detail,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ProblemSeverity {
    Fatal,
    Serious,
    Common,
    Info,
    Unknown,
}
