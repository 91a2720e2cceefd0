//! The contents of the events of the whole fleet.

use super::{Camera, StatusView};
use crate::fleet::{self, Stamped};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;
use utoipa::ToSchema;

/// A status that was serialized once for all listeners.
#[derive(Debug, Clone)]
pub struct Told(pub Arc<RawValue>);

impl Told {
    /// Serializes it, unless that was done before.
    pub fn of(status: &Stamped<fleet::Status>) -> Self {
        Self(status.told(|status| to_raw_value(&StatusView::from(status)).unwrap_or_default()))
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (*self.0).serialize(serializer)
    }
}

/// Event `snapshot`, the first one: everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snapshot<'a> {
    /// The build of the page that is served now; `null` where this service has no page. A page with another one in
    /// `<meta name="build">` has been replaced.
    pub build: Option<&'a str>,
    pub printers: Vec<Whole>,
}

/// Event `added`: a printer is new, or has been edited; it replaces what was known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrinterEvents)]
pub struct Whole {
    pub id: i64,
    pub name: String,
    #[schema(value_type = StatusView)]
    pub status: Told,
    pub camera: Camera,
}

/// Event `printer`: what a printer does has changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChange {
    pub id: i64,
    #[schema(value_type = StatusView)]
    pub status: Told,
}

/// Event `camera`: a camera has taken a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct CameraChange {
    pub id: i64,
    pub camera: Camera,
}

/// Event `removed`: there is no such printer any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct Removed {
    pub id: i64,
}
