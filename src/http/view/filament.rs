//! AMS units and spools as JSON.

use crate::printer::ams::{Content, Filament, Kind, Slot as Place, Unit};
use serde::Serialize;
use utoipa::ToSchema;

/// An AMS unit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ams {
    id: u32,
    #[schema(required)]
    kind: Option<AmsKind>,
    /// The number of the extruder that it feeds, on printers with two extruders.
    #[schema(required)]
    extruder: Option<u32>,
    #[schema(required)]
    humidity_percent: Option<u8>,
    /// A level from 1 (wet) to 5 (dry).
    #[schema(required)]
    dryness: Option<u8>,
    #[schema(required)]
    temperature_c: Option<f64>,
    /// The remaining time of drying, in minutes.
    #[schema(required)]
    drying_minutes: Option<u32>,
    slots: Vec<Slot>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum AmsKind {
    Ams,
    Lite,
    Pro2,
    Ht,
}

/// A slot for one spool.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    id: u32,
    content: SlotContent,
    /// Whether it feeds the active nozzle.
    feeding: bool,
    #[schema(required)]
    material: Option<String>,
    #[schema(required)]
    name: Option<String>,
    /// The color as `#rrggbb`.
    #[schema(required)]
    color: Option<String>,
    /// The filament that is left, in percent; known only for spools with an RFID tag.
    #[schema(required)]
    remaining_percent: Option<u8>,
}

/// The content of a slot. `unknown`: there is a spool, but neither a tag nor a person has described it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SlotContent {
    Empty,
    Unknown,
    Known,
}

impl From<&Unit> for Ams {
    fn from(unit: &Unit) -> Self {
        Self {
            id: unit.id,
            kind: unit.kind.map(|kind| match kind {
                Kind::Ams => AmsKind::Ams,
                Kind::Lite => AmsKind::Lite,
                Kind::Pro2 => AmsKind::Pro2,
                Kind::Ht => AmsKind::Ht,
            }),
            extruder: unit.extruder,
            humidity_percent: unit.humidity_percent,
            dryness: unit.dryness,
            temperature_c: unit.temperature_c,
            drying_minutes: unit.drying_minutes,
            slots: unit.slots.iter().map(Slot::from).collect(),
        }
    }
}

impl From<&Place> for Slot {
    fn from(place: &Place) -> Self {
        let (content, filament) = match &place.content {
            Content::Empty => (SlotContent::Empty, None),
            Content::Unknown => (SlotContent::Unknown, None),
            Content::Known(filament) => (SlotContent::Known, Some(filament)),
        };
        let of = |text: fn(&Filament) -> Option<&String>| filament.and_then(text).cloned();
        Self {
            id: place.id,
            content,
            feeding: place.feeding,
            material: of(|filament| Some(&filament.material)),
            name: of(|filament| filament.name.as_ref()),
            color: of(|filament| filament.color.as_ref()),
            remaining_percent: filament.and_then(|filament| filament.remaining_percent),
        }
    }
}
