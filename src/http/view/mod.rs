//! The JSON that goes to the browser. No other types of the program serialize to it: a field of a domain type becomes
//! public only by being named here.

pub mod events;
mod filament;
mod history;
mod machine;
mod status;
pub mod trial;

pub use history::History;
pub use status::StatusView;

use crate::base::clock;
use crate::fleet::{CameraReport, CameraStep};
use crate::printer::{self, FieldError};
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

/// A printer, as the contract has it. The access code is part of it; answers are never cached. The password of a
/// camera's own login is not: nobody needs it back, people use such passwords elsewhere too, and an edit without it
/// keeps it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Printer {
    id: i64,
    name: String,
    host: String,
    serial: String,
    /// Empty where the installation hides the codes (`ACCESS_CODES=hide`).
    access_code: String,
    #[schema(required)]
    rtsp_url: Option<String>,
    /// User of the camera's own login. Its password is stored and never told.
    #[schema(required)]
    camera_user: Option<String>,
    #[schema(required)]
    camera_fingerprint: Option<String>,
}

/// A printer as somebody types it. Fields that are not known here are let be.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the form of a request, for the document; `api` reads it leniently")]
#[schema(rename_all = "camelCase")]
pub struct PrinterDraft {
    /// 1 to 100 characters.
    name: String,
    /// A name or an IP address.
    host: String,
    /// 10 to 20 letters and digits.
    serial: String,
    /// Absent, `null` or empty in an edit: the present one stays, as long as host and serial number are the same.
    access_code: Option<String>,
    /// Overrides what the printer reports. At another host than the printer's it is another camera, with the login and
    /// the fingerprint given here; the access code never goes there.
    rtsp_url: Option<String>,
    /// User of the login of the camera at `rtspUrl`; `null` or empty: it has none. Absent in an edit: the present one
    /// stays, as long as the URL names the same host.
    camera_user: Option<String>,
    /// Absent or `null` in an edit: the present one stays, as long as the URL names the same host.
    #[schema(write_only)]
    camera_password: Option<String>,
    /// SHA-256 of the certificate of a camera that is no printer's. Needed for `rtsps://` at another host.
    camera_fingerprint: Option<String>,
    /// In an edit: forget the certificate that the printer showed first, and take the next one that names its serial
    /// number. Nothing else does that, but another serial number.
    #[schema(write_only)]
    accept_certificate: Option<bool>,
}

/// What a person wants a printer to do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum CommandForm {
    /// Hold the print.
    #[serde(rename_all = "camelCase")]
    Pause {
        /// The job that the person saw: on another one the command is refused.
        job_id: Option<String>,
    },
    /// Go on with it.
    #[serde(rename_all = "camelCase")]
    Resume {
        /// As with `pause`.
        job_id: Option<String>,
    },
    /// End it for good.
    #[serde(rename_all = "camelCase")]
    Stop {
        /// As with `pause`.
        job_id: Option<String>,
    },
    /// Switch every chamber light the printer reports.
    #[serde(rename_all = "camelCase")]
    Light {
        /// On or off.
        on: bool,
    },
}

/// What became of a command.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandDone {
    /// Always true here.
    pub ok: bool,
    /// The printer has taken it.
    pub accepted: bool,
    /// And its state shows already that it is done; otherwise the status will.
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

/// How a camera is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Camera {
    #[schema(schema_with = camera_steps)]
    step: &'static str,
    sentence: String,
    #[schema(required)]
    last_error: Option<String>,
    /// The printer shows another certificate than the one seen first, and gets nothing until a person accepts it.
    certificate_changed: bool,
    /// Since when the step lasts. RFC 3339.
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
    /// Connections that were lost after they had given a picture.
    reconnects: u64,
    #[schema(required)]
    last_frame_age_ms: Option<u64>,
}

/// Returns the words for a camera's steps, from the list of the steps itself.
fn camera_steps() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Where it is on its way to a picture."))
        .enum_values(Some(CameraStep::ALL.map(CameraStep::word)))
        .build()
}

impl From<CameraReport> for Camera {
    fn from(report: CameraReport) -> Self {
        Self {
            step: report.step,
            sentence: report.sentence,
            last_error: report.last_error,
            certificate_changed: report.certificate_changed,
            since: clock::rfc3339_ms(report.since_unix_ms),
            frames_per_second: report.frames_per_second,
            kilobits_per_second: report.kilobits_per_second,
            width: report.picture_size.map(|(width, _)| width),
            height: report.picture_size.map(|(_, height)| height),
            key_frame_interval_seconds: report.key_frame_interval_s,
            reconnects: report.reconnects,
            last_frame_age_ms: report.last_frame_age_ms,
        }
    }
}

/// An error.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Always false here.
    ok: bool,
    /// What happened and what to do, for a person.
    error: &'a str,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    fields: BTreeMap<&'static str, &'a str>,
}

impl<'a> Problem<'a> {
    /// Takes the first sentence of each field.
    pub fn new(error: &'a str, wrong: &'a [FieldError]) -> Self {
        let mut fields = BTreeMap::new();
        for field in wrong {
            fields.entry(field.field).or_insert(field.sentence.as_str());
        }
        Self { ok: false, error, fields }
    }
}

/// The process serves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Healthy {
    ok: bool,
}

impl Healthy {
    /// Always true, since it answers.
    pub const YES: Self = Self { ok: true };
}
