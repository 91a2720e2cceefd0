//! The temperatures of the last half hour as JSON.

use crate::base::clock::rfc3339_ms;
use crate::printer::history::{EVERY, Reading};
use serde::Serialize;
use utoipa::ToSchema;

/// Temperatures, kept by the service, oldest first; all lists are of one length, at most 180. `null`: the link was not
/// live, or there is no sensor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// From one value to the next.
    every_seconds: u64,
    /// When the last value was read. RFC 3339.
    #[schema(format = DateTime)]
    until: String,
    nozzle_c: Vec<Option<f32>>,
    bed_c: Vec<Option<f32>>,
    chamber_c: Vec<Option<f32>>,
}

impl History {
    /// Creates it. `until_unix_ms` is when the slot of the last reading began.
    pub fn new(readings: &[Reading], until_unix_ms: i64) -> Self {
        Self {
            every_seconds: EVERY.as_secs(),
            until: rfc3339_ms(until_unix_ms),
            nozzle_c: readings.iter().map(|reading| reading.nozzle_c).collect(),
            bed_c: readings.iter().map(|reading| reading.bed_c).collect(),
            chamber_c: readings.iter().map(|reading| reading.chamber_c).collect(),
        }
    }
}
