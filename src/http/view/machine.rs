//! The machine around the print as JSON, and its problems.

use crate::printer::heat;
use crate::printer::machine::{self, LightMode, Network, Speed, Storage};
use crate::printer::problem::{self, Role, Severity};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nozzle {
    id: u32,
    /// On machines with two: `left`, `right`, `main`, `auxiliary`.
    #[schema(required)]
    place: Option<&'static str>,
    /// Prints now.
    active: bool,
    #[schema(required)]
    now_c: Option<f64>,
    #[schema(required)]
    target_c: Option<f64>,
    #[schema(required)]
    diameter_mm: Option<f64>,
    /// Material and flow in words, or the printer's code.
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

/// In per cent.
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

/// How the printer is connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkLink {
    wired: bool,
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

/// The memory card or stick.
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

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PrinterProblem)]
pub struct Problem {
    /// As on the printer's screen.
    code: String,
    severity: ProblemSeverity,
    role: ProblemRole,
    /// What happened.
    sentence: String,
    /// What a person does about it.
    #[schema(required)]
    what_to_do: Option<String>,
    /// The maker's page on it.
    wiki: String,
    /// The printer waits for somebody.
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

/// What a complaint means to a person. `detail`: the maker explains it nowhere, or it is the trace of what a person did.
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
