//! The JSON that goes to the browser. No other types of the program serialize to it: a field of a domain type becomes
//! public only by being named here.

mod advice;
pub mod diagnosis;
pub mod events;
mod filament;
pub mod found;
mod history;
mod machine;
mod status;

pub use advice::{Advice, AdviceCode, AdviceParams};
pub use history::History;
pub use status::StatusView;

use crate::advice as words;
use crate::base::clock;
use crate::fleet::{CameraReport, CameraStep};
use crate::printer;
use crate::printer::model::CameraKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// Whether answers contain the printers' access codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessCodes {
    /// They contain the codes, as the contract says.
    Show,
    /// An empty text replaces the code. In an edit that means "unchanged", so that a received printer can be sent back.
    Hide,
}

/// A registered printer. It contains the access code, so answers with it are never cached. It does not contain the
/// password of a camera's own login: nobody needs it back, people use such passwords elsewhere too, and an edit without
/// it keeps it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Printer {
    id: i64,
    name: String,
    /// A name or an IP address.
    host: String,
    serial: String,
    /// Empty if the installation hides access codes (`ACCESS_CODES=hide`).
    access_code: String,
    /// The camera URL that a person gave; `null` if nobody gave one.
    #[schema(required)]
    rtsp_url: Option<String>,
    /// The user of the camera's own login. Its password is stored and never returned.
    #[schema(required)]
    camera_user: Option<String>,
    /// The SHA-256 fingerprint of the certificate of a camera that is not a printer's.
    #[schema(required)]
    camera_fingerprint: Option<String>,
}

/// The fields of a printer that is added or edited. Unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the form of a request, for the document; `api` reads it leniently")]
#[schema(rename_all = "camelCase")]
pub struct PrinterDraft {
    /// 1 to 100 characters.
    name: String,
    /// A name or an IP address.
    host: String,
    /// 10 to 20 letters and digits. For a new printer it may be absent, `null` or empty: it is read from the certificate
    /// that the printer shows.
    serial: Option<String>,
    /// 1 to 64 printable ASCII characters. In an edit it may be absent, `null` or empty: the stored code stays, as long
    /// as host and serial number stay the same.
    access_code: Option<String>,
    /// The camera URL to use in place of the one that the printer reports. A URL with another host than the printer's
    /// names another camera, which gets the login and needs the fingerprint given here; the access code never goes
    /// there.
    rtsp_url: Option<String>,
    /// The user of the login for the camera at `rtspUrl`; `null` or empty means no login. If it is absent in an edit,
    /// the stored one stays, as long as the URL names the same host.
    camera_user: Option<String>,
    /// The password of that login. If it is absent or `null` in an edit, the stored one stays, as long as the URL names
    /// the same host.
    #[schema(write_only)]
    camera_password: Option<String>,
    /// The SHA-256 fingerprint of the certificate of a camera that is not a printer's, in hex; colons are allowed. It
    /// is required for `rtsps://` at another host.
    camera_fingerprint: Option<String>,
    /// In an edit, `true` forgets the certificate that the printer showed first, and accepts the next one that names
    /// its serial number. Apart from this, only another serial number forgets it.
    #[schema(write_only)]
    accept_certificate: Option<bool>,
}

/// A command to a printer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum CommandForm {
    /// Pauses the print.
    #[serde(rename_all = "camelCase")]
    Pause {
        /// The job that the person saw. If the printer has another job now, the command is refused.
        job_id: Option<String>,
    },
    /// Resumes the print.
    #[serde(rename_all = "camelCase")]
    Resume {
        /// As with `pause`.
        job_id: Option<String>,
    },
    /// Ends the print for good.
    #[serde(rename_all = "camelCase")]
    Stop {
        /// As with `pause`.
        job_id: Option<String>,
    },
    /// Switches each chamber light that the printer reports.
    #[serde(rename_all = "camelCase")]
    Light {
        /// Whether the light is to be on.
        on: bool,
    },
}

/// The result of a command that the printer accepted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandDone {
    /// Always true here.
    pub ok: bool,
    /// Always true here: the printer has accepted the command.
    pub accepted: bool,
    /// Whether the printer's state shows the effect already. If not, a later status will.
    pub happened: bool,
}

impl Printer {
    /// Returns what is registered of a printer.
    pub fn new(printer: &printer::Printer, codes: AccessCodes) -> Self {
        Self {
            id: printer.id.0,
            name: printer.name.clone(),
            host: printer.host.clone(),
            serial: printer.serial.to_string(),
            access_code: match codes {
                AccessCodes::Show => printer.access_code.expose().to_owned(),
                AccessCodes::Hide => String::new(),
            },
            rtsp_url: printer.rtsp_url.as_ref().map(ToString::to_string),
            camera_user: printer.camera_login.as_ref().map(|login| login.user.clone()),
            camera_fingerprint: printer.camera_fingerprint.as_ref().map(ToString::to_string),
        }
    }
}

/// The state of a camera, as this service's connection to it shows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Camera {
    /// What the camera sends; `null` while that is unknown. Of a camera that sends pictures there are single ones, each
    /// a JPEG, and no video.
    #[schema(required)]
    kind: Option<CameraOutput>,
    #[schema(schema_with = camera_steps)]
    step: &'static str,
    /// What is happening and, after a failure, what to do.
    sentence: String,
    /// The code of `sentence`.
    code: AdviceCode,
    params: AdviceParams,
    /// The last failure, until the camera has been live for a while.
    #[schema(required)]
    last_error: Option<String>,
    /// `lastError` with its code.
    #[schema(required)]
    last_error_advice: Option<Advice>,
    /// Whether the printer shows another certificate than at first. It is sent nothing until a person accepts the new
    /// one.
    certificate_changed: bool,
    /// When this step began, as in RFC 3339.
    #[schema(format = DateTime)]
    since: String,
    #[schema(required)]
    frames_per_second: Option<f64>,
    #[schema(required)]
    kilobits_per_second: Option<f64>,
    #[schema(required)]
    width: Option<u32>,
    #[schema(required)]
    height: Option<u32>,
    #[schema(required)]
    key_frame_interval_seconds: Option<f64>,
    /// The usual time between two pictures of a camera that sends pictures: the median of the last ones measured.
    #[schema(required)]
    picture_interval_seconds: Option<f64>,
    /// The number of connections that were lost after they had delivered a frame or picture.
    reconnects: u64,
    /// The time since the last frame or picture arrived, in milliseconds.
    #[schema(required)]
    last_frame_age_ms: Option<u64>,
}

/// What a camera sends.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum CameraOutput {
    Video,
    Pictures,
}

impl From<CameraKind> for CameraOutput {
    fn from(kind: CameraKind) -> Self {
        match kind {
            CameraKind::Rtsp => Self::Video,
            CameraKind::Jpeg => Self::Pictures,
        }
    }
}

/// Returns the words for a camera's steps, from the list of the steps itself.
fn camera_steps() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The step that the camera is at. `live`: frames or pictures arrive."))
        .enum_values(Some(CameraStep::ALL.map(CameraStep::word)))
        .build()
}

impl From<CameraReport> for Camera {
    fn from(report: CameraReport) -> Self {
        let (sentence, code, params) = Advice::from(words::of_camera(&report.condition())).parts();
        let last_error = report.trouble.as_ref().map(words::of_camera_trouble);
        Self {
            kind: report.kind.map(CameraOutput::from),
            step: report.step.word(),
            sentence,
            code,
            params,
            last_error: last_error.as_ref().map(|advice| advice.sentence.clone()),
            last_error_advice: last_error.map(Advice::from),
            certificate_changed: report.certificate_changed,
            since: clock::rfc3339_ms(report.since_unix_ms),
            frames_per_second: report.frames_per_second,
            kilobits_per_second: report.kilobits_per_second,
            width: report.picture_size.map(|(width, _)| width),
            height: report.picture_size.map(|(_, height)| height),
            key_frame_interval_seconds: report.key_frame_interval_s,
            picture_interval_seconds: report.picture_interval_s,
            reconnects: report.reconnects,
            last_frame_age_ms: report.last_frame_age_ms,
        }
    }
}

/// Why a request failed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always false here.
    ok: bool,
    /// What happened and what to do, for a person.
    error: String,
    /// The code of `error`.
    code: AdviceCode,
    params: AdviceParams,
    /// For each field of the body that is not valid, a sentence that says why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    fields: BTreeMap<&'static str, String>,
    /// `fields` with their codes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, Advice>>)]
    fields_advice: BTreeMap<&'static str, Advice>,
}

impl Problem {
    /// Takes the first advice of each field.
    pub fn new(advice: words::Advice, wrong: Vec<(&'static str, words::Advice)>) -> Self {
        let (error, code, params) = Advice::from(advice).parts();
        let (mut fields, mut fields_advice) = (BTreeMap::new(), BTreeMap::new());
        for (field, advice) in wrong {
            fields.entry(field).or_insert_with(|| advice.sentence.clone());
            fields_advice.entry(field).or_insert_with(|| advice.into());
        }
        Self { ok: false, error, code, params, fields, fields_advice }
    }
}

/// The answer of a process that serves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Healthy {
    ok: bool,
}

impl Healthy {
    /// Always true, since it answers.
    pub const YES: Self = Self { ok: true };
}
