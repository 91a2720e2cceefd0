//! A printer's status as JSON: the contract's nine fields first, then the others. An unknown value is `null`.

use super::filament::{Ams, Slot};
use super::found::Moved;
use super::machine::{Fans, Light, NetworkLink, Nozzle, Problem, SpeedLevel, StorageState};
use super::{Advice, AdviceCode, AdviceParams};
use crate::advice::{self, Tries};
use crate::base::clock::rfc3339_ms;
use crate::fleet;
use crate::mqtt::state::{LinkFacts, LinkStep};
use crate::printer::display::{self, Kind};
use crate::printer::ipcam::LiveView;
use crate::printer::job::Phase;
use crate::printer::model::{CameraKind, Model};
use crate::printer::state::{State, TakesCommands};
use serde::Serialize;
use utoipa::ToSchema;

/// The status of a printer. A value that is not known is `null`; temperatures are in °C.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Status)]
pub struct StatusView {
    /// Whether the status comes from the current MQTT session. If not, it is as old as `lastUpdate`.
    connected: bool,
    /// The printer's own word: `IDLE`, `PREPARE`, `RUNNING`, `PAUSE`, `FINISH`, `FAILED`, or one that this service does
    /// not know.
    #[schema(required)]
    job_state: Option<String>,
    /// The progress of the print in percent.
    #[schema(required)]
    percent: Option<u8>,
    #[schema(required)]
    remaining_minutes: Option<u32>,
    /// The temperature of the active nozzle.
    #[schema(required)]
    nozzle_c: Option<f64>,
    #[schema(required)]
    bed_c: Option<f64>,
    /// `null` on models without a sensor.
    #[schema(required)]
    chamber_c: Option<f64>,
    /// The chamber light.
    #[schema(required)]
    light: Option<OnOff>,
    /// When the last report came, whatever it contained, as in RFC 3339.
    #[schema(required, format = DateTime)]
    last_update: Option<String>,

    display: Display,
    link: Link,
    /// Whether data may be missing that the printer has: no full report has come in this session, or it left out an
    /// AMS.
    incomplete: bool,
    #[schema(required)]
    model: Option<&'static str>,
    #[schema(required)]
    firmware: Option<String>,
    job: Job,
    /// The target temperature of the active nozzle; 0 means off.
    #[schema(required)]
    nozzle_target_c: Option<f64>,
    #[schema(required)]
    bed_target_c: Option<f64>,
    #[schema(required)]
    chamber_target_c: Option<f64>,
    nozzles: Vec<Nozzle>,
    fans: Fans,
    #[schema(required)]
    speed: Option<SpeedLevel>,
    lights: Vec<Light>,
    #[schema(required)]
    network: Option<NetworkLink>,
    #[schema(required)]
    door_open: Option<bool>,
    #[schema(required)]
    storage: Option<StorageState>,
    ams: Vec<Ams>,
    /// The spool holders outside any AMS.
    external_spools: Vec<Slot>,
    /// The problems that need a person come first, then the most severe.
    problems: Vec<Problem>,
    commands: Commands,
    camera: CameraFacts,
    /// The printer was found at another address than the one that was typed, by its serial number and its certificate.
    /// Told for a day, or until the printer is edited.
    #[schema(required)]
    moved: Option<Moved>,
    /// Fields of the report that cannot be read. They are worth an issue that names the firmware's version.
    unread_fields: Vec<String>,
}

impl From<&fleet::Status> for StatusView {
    fn from(status: &fleet::Status) -> Self {
        let fleet::Status { connected, link, last_update_unix_ms, lost_unix_ms, state, display, moved } = status;
        let State { heat, job, .. } = &**state;
        let note = display.note.as_ref().map(advice::of_note);
        let (shown, shown_code, shown_params) = Advice::from(advice::of_display(display, link.condition())).parts();
        Self {
            connected: *connected,
            job_state: job.word.clone(),
            percent: job.percent,
            remaining_minutes: job.remaining_minutes,
            nozzle_c: heat.nozzle.now_c,
            bed_c: heat.bed.now_c,
            chamber_c: heat.chamber.now_c,
            light: state.light.map(|on| if on { OnOff::On } else { OnOff::Off }),
            last_update: last_update_unix_ms.map(rfc3339_ms),
            display: Display {
                kind: display.kind.into(),
                sentence: shown,
                code: shown_code,
                params: shown_params,
                note: note.as_ref().map(|note| note.sentence.clone()),
                note_advice: note.map(Advice::from),
                before: display.before.as_ref().map(|before| Before::new(before, link)),
                since: lost_unix_ms.filter(|_| display.kind == Kind::Offline).map(rfc3339_ms),
                was_printing: display.was_printing,
            },
            link: link.into(),
            incomplete: state.incomplete,
            model: state.model.map(Model::name),
            firmware: state.firmware.clone(),
            job: job.into(),
            nozzle_target_c: heat.nozzle.target_c,
            bed_target_c: heat.bed.target_c,
            chamber_target_c: heat.chamber.target_c,
            nozzles: heat.nozzles.iter().map(Nozzle::from).collect(),
            fans: state.fans.into(),
            speed: state.speed.map(SpeedLevel::from),
            lights: state.lights.iter().map(Light::from).collect(),
            network: state.network.map(NetworkLink::from),
            door_open: state.door_open,
            storage: state.storage.map(StorageState::from),
            ams: state.filaments.units.iter().map(Ams::from).collect(),
            external_spools: state.filaments.external.iter().map(Slot::from).collect(),
            problems: state.problems.iter().map(Problem::from).collect(),
            commands: state.takes_commands.into(),
            camera: (&state.camera).into(),
            moved: moved.as_ref().map(Moved::from),
            unread_fields: state.unread_fields.clone(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum OnOff {
    On,
    Off,
}

/// What a page shows first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Display {
    kind: DisplayKind,
    sentence: String,
    /// The code of `sentence`. Where the link is the reason, it is the link's.
    code: AdviceCode,
    params: AdviceParams,
    /// A warning that applies while the printer goes on.
    #[schema(required)]
    note: Option<String>,
    /// `note` with its code.
    #[schema(required)]
    note_advice: Option<Advice>,
    /// With `offline` and `no-data`: what was shown when the printer last reported.
    #[schema(required)]
    before: Option<Before>,
    /// With `offline`: when the printer was lost, as in RFC 3339; `null` if it was never connected.
    #[schema(required, format = DateTime)]
    since: Option<String>,
    /// Whether a print was going on when the printer last reported.
    was_printing: bool,
}

/// What was shown when the printer last reported.
#[derive(Debug, Serialize, ToSchema)]
struct Before {
    kind: DisplayKind,
    sentence: String,
    /// The code of `sentence`.
    code: AdviceCode,
    params: AdviceParams,
}

impl Before {
    fn new(before: &display::Before, link: &LinkFacts) -> Self {
        let (sentence, code, params) = Advice::from(advice::of_before(before, link.condition())).parts();
        Self { kind: before.kind.into(), sentence, code, params }
    }
}

/// The kinds in the order of their importance. `needs-you`: the printer waits for a person, or has given up. `stopped`:
/// a person ended the print. `failed`: the print failed, and a person has dismissed the error on the printer since.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum DisplayKind {
    NeedsYou,
    Offline,
    NoData,
    Paused,
    Preparing,
    Printing,
    Finished,
    Stopped,
    Failed,
    Idle,
}

impl From<Kind> for DisplayKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::NeedsYou => Self::NeedsYou,
            Kind::Offline => Self::Offline,
            Kind::NoData => Self::NoData,
            Kind::Paused => Self::Paused,
            Kind::Preparing => Self::Preparing,
            Kind::Printing => Self::Printing,
            Kind::Finished => Self::Finished,
            Kind::Stopped => Self::Stopped,
            Kind::Failed => Self::Failed,
            Kind::Idle => Self::Idle,
        }
    }
}

/// The MQTT connection to the printer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Link {
    step: Step,
    /// What is happening and, after a failure, what to do.
    sentence: String,
    /// The code of `sentence`.
    code: AdviceCode,
    params: AdviceParams,
    /// When this step began, as in RFC 3339.
    #[schema(format = DateTime)]
    since: String,
    /// The number of connections that were lost after they had delivered a report.
    reconnects: u64,
    /// The last failure, until reports come again.
    #[schema(required)]
    last_error: Option<String>,
    /// `lastError` with its code.
    #[schema(required)]
    last_error_advice: Option<Advice>,
    /// Whether the printer shows another certificate than at first. It is sent nothing until a person accepts the new
    /// one.
    certificate_changed: bool,
}

impl From<&LinkFacts> for Link {
    fn from(link: &LinkFacts) -> Self {
        let (sentence, code, params) = Advice::from(advice::of_link(link.condition())).parts();
        let last_error = link.last_error.as_ref().map(|error| advice::of_mqtt_error(error, Tries::Repeated));
        Self {
            step: link.step.into(),
            sentence,
            code,
            params,
            since: rfc3339_ms(link.since_unix_ms),
            reconnects: link.reconnects,
            last_error: last_error.as_ref().map(|advice| advice.sentence.clone()),
            last_error_advice: last_error.map(Advice::from),
            certificate_changed: link.certificate_changed,
        }
    }
}

/// The step that the connection is at. `live`: reports arrive.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LinkStep)]
enum Step {
    Starting,
    Connecting,
    SigningIn,
    WaitingForReport,
    Live,
    Quiet,
    Silent,
    Retrying,
    Refused,
}

impl From<LinkStep> for Step {
    fn from(step: LinkStep) -> Self {
        match step {
            LinkStep::Starting => Self::Starting,
            LinkStep::Connecting => Self::Connecting,
            LinkStep::SigningIn => Self::SigningIn,
            LinkStep::WaitingForReport => Self::WaitingForReport,
            LinkStep::Live => Self::Live,
            LinkStep::Quiet => Self::Quiet,
            LinkStep::Silent => Self::Silent,
            LinkStep::Retrying => Self::Retrying,
            LinkStep::Refused => Self::Refused,
        }
    }
}

/// The current print, or the last one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Job {
    /// The id to send as `jobId` with a command, so that the command affects no other job.
    #[schema(required)]
    id: Option<String>,
    #[schema(required)]
    name: Option<String>,
    phase: JobPhase,
    #[schema(required)]
    layer: Option<u32>,
    #[schema(required)]
    total_layers: Option<u32>,
    /// What the printer is doing at the moment, for example heating its bed.
    #[schema(required)]
    stage: Option<&'static str>,
    #[schema(required, format = DateTime)]
    start_time: Option<String>,
    #[schema(required, format = DateTime)]
    finish_time: Option<String>,
}

impl From<&crate::printer::job::Job> for Job {
    fn from(job: &crate::printer::job::Job) -> Self {
        Self {
            id: job.id.clone(),
            name: job.name.clone(),
            phase: match job.phase {
                Phase::Unknown => JobPhase::Unknown,
                Phase::Idle => JobPhase::Idle,
                Phase::Preparing => JobPhase::Preparing,
                Phase::Running => JobPhase::Running,
                Phase::Paused => JobPhase::Paused,
                Phase::Finished => JobPhase::Finished,
                Phase::Failed => JobPhase::Failed,
            },
            layer: job.layer,
            total_layers: job.total_layers,
            stage: job.stage,
            start_time: job.start_unix_ms.map(rfc3339_ms),
            finish_time: job.finish_unix_ms.map(rfc3339_ms),
        }
    }
}

/// The phase of the job.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum JobPhase {
    Unknown,
    Idle,
    Preparing,
    Running,
    Paused,
    Finished,
    Failed,
}

/// Whether the printer accepts pause, resume and stop from this service. It always accepts commands for the light.
#[derive(Debug, Serialize, ToSchema)]
struct Commands {
    taken: CommandsTaken,
    /// Why it does not, and what to do.
    #[schema(required)]
    sentence: Option<String>,
    /// The code of `sentence`; `null` where that is.
    #[schema(required)]
    code: Option<AdviceCode>,
    params: AdviceParams,
}

impl From<TakesCommands> for Commands {
    fn from(takes: TakesCommands) -> Self {
        let taken = match takes {
            TakesCommands::Yes => CommandsTaken::Yes,
            TakesCommands::No => CommandsTaken::No,
            TakesCommands::Unknown => CommandsTaken::Unknown,
        };
        let (sentence, code, params) = Advice::parts_of(advice::of_commands_taken(takes));
        Self { taken, sentence, code, params }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum CommandsTaken {
    Yes,
    No,
    Unknown,
}

/// What the printer reports about its camera. `GET …/camera` returns the state of the connection to the camera.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CameraFacts {
    #[schema(required)]
    kind: Option<CameraProtocol>,
    /// Whether the printer finds a camera.
    #[schema(required)]
    present: Option<bool>,
    live_view: LiveViewState,
    #[schema(required)]
    resolution: Option<String>,
}

impl From<&crate::printer::ipcam::Camera> for CameraFacts {
    fn from(camera: &crate::printer::ipcam::Camera) -> Self {
        Self {
            kind: camera.kind.map(|kind| match kind {
                CameraKind::Rtsp => CameraProtocol::Rtsp,
                CameraKind::Jpeg => CameraProtocol::Jpeg,
            }),
            present: camera.present,
            live_view: match camera.live_view {
                LiveView::Url(_) => LiveViewState::On,
                LiveView::Disabled => LiveViewState::Off,
                LiveView::Unsaid => LiveViewState::Unknown,
            },
            resolution: camera.resolution.clone(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum CameraProtocol {
    Rtsp,
    Jpeg,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum LiveViewState {
    On,
    Off,
    Unknown,
}

#[cfg(test)]
mod tests;
