//! The temperatures of the last half hour as JSON.

use crate::base::clock::rfc3339_ms;
use crate::printer::history::{EVERY, Reading};
use serde::Serialize;
use utoipa::ToSchema;

/// The temperatures of the last half hour in °C, oldest first. The three lists have the same length, at most 180. A
/// value is `null` if the link was not live at that time or the printer has no such sensor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The time from one value to the next, in seconds.
    every_seconds: u64,
    /// The time of the last value, as in RFC 3339.
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
