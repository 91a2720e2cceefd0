//! What is said to the browser, as JSON. The only types of the program that serialize to it: a field of a domain
//! type reaches the outside only by being named here.

use crate::base::clock;
use crate::fleet::CameraReport;
use crate::printer::{self, FieldError};
use serde::Serialize;
use std::collections::BTreeMap;

/// A printer, as the contract has it. The access code is part of it; answers are never cached.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Printer {
    id: i64,
    name: String,
    host: String,
    serial: String,
    access_code: String,
    rtsp_url: Option<String>,
    camera_fingerprint: Option<String>,
}

impl From<&printer::Printer> for Printer {
    fn from(printer: &printer::Printer) -> Self {
        Self {
            id: printer.id.0,
            name: printer.name.clone(),
            host: printer.host.clone(),
            serial: printer.serial.to_string(),
            access_code: printer.access_code.expose().to_owned(),
            rtsp_url: printer.rtsp_url.as_ref().map(ToString::to_string),
            camera_fingerprint: printer.camera_fingerprint.as_ref().map(ToString::to_string),
        }
    }
}

/// How a camera is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Camera {
    step: &'static str,
    sentence: String,
    last_error: Option<String>,
    since: String,
    frames_per_second: Option<f64>,
    kilobits_per_second: Option<f64>,
    width: Option<u32>,
    height: Option<u32>,
    key_frame_interval_seconds: Option<f64>,
    reconnects: u64,
    last_frame_age_ms: Option<u64>,
}

impl From<CameraReport> for Camera {
    fn from(report: CameraReport) -> Self {
        Self {
            step: report.step,
            sentence: report.sentence,
            last_error: report.last_error,
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
#[derive(Debug, Serialize)]
pub struct Problem<'a> {
    ok: bool,
    error: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<&'static str, &'a str>,
}

impl<'a> Problem<'a> {
    /// The first sentence of each field is told.
    pub fn new(error: &'a str, wrong: &'a [FieldError]) -> Self {
        let mut fields = BTreeMap::new();
        for field in wrong {
            fields.entry(field.field).or_insert(field.sentence.as_str());
        }
        Self { ok: false, error, fields }
    }
}

/// The process serves.
#[derive(Debug, Serialize)]
pub struct Healthy {
    ok: bool,
}

impl Healthy {
    /// It does, since it answers.
    pub const YES: Self = Self { ok: true };
}
