//! The contents of the events of the whole fleet.

use super::{Camera, StatusView};
use crate::fleet::{self, Versioned};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use utoipa::ToSchema;

/// A status that was serialized once for all listeners.
#[derive(Debug, Clone)]
pub struct StatusJson(pub Arc<RawValue>);

impl StatusJson {
    /// Serializes it, unless that was done before.
    pub fn of(status: &Versioned<fleet::Status>) -> Self {
        Self(status.told(|status| to_raw_value(&StatusView::from(status)).unwrap_or_default()))
    }
}

impl Serialize for StatusJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (*self.0).serialize(serializer)
    }
}

/// Event `snapshot`: the first event, with all printers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snapshot<'a> {
    /// The build of the page that the service serves now, or `null` if it serves none. A page whose
    /// `<meta name="build">` differs has been replaced.
    pub build: Option<&'a str>,
    pub printers: Vec<Whole>,
}

/// Event `added`: a printer was added or edited. It replaces all earlier data about this printer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrinterEvents)]
pub struct Whole {
    pub id: i64,
    pub name: String,
    #[schema(value_type = StatusView)]
    pub status: StatusJson,
    pub camera: Camera,
}

/// Event `printer`: the status of a printer has changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChange {
    pub id: i64,
    #[schema(value_type = StatusView)]
    pub status: StatusJson,
}

/// Event `camera`: the state of a camera has changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CameraChange {
    pub id: i64,
    pub camera: Camera,
}

/// Event `picture`: a camera that sends pictures and no video has sent one, which `still.jpg` has. It comes for the newest
/// one alone, and not before the first change.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewPicture {
    pub id: i64,
    /// When the picture arrived.
    #[schema(format = DateTime)]
    pub time: String,
    /// The entity tag of `still.jpg`, without its quotes.
    pub tag: String,
}

/// Event `removed`: the printer is no longer registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct Removed {
    pub id: i64,
}
