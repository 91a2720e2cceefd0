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
    /// The extruder it feeds, on machines with two.
    #[schema(required)]
    extruder: Option<u32>,
    #[schema(required)]
    humidity_percent: Option<u8>,
    /// From 1 (wet) to 5 (dry).
    #[schema(required)]
    dryness: Option<u8>,
    #[schema(required)]
    temperature_c: Option<f64>,
    /// Minutes of drying that are left.
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

/// A place for one spool.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    id: u32,
    content: SlotContent,
    /// Feeds the nozzle that prints.
    feeding: bool,
    #[schema(required)]
    material: Option<String>,
    #[schema(required)]
    name: Option<String>,
    /// `#rrggbb`
    #[schema(required)]
    color: Option<String>,
    /// Only for spools with an RFID tag.
    #[schema(required)]
    remaining_percent: Option<u8>,
}

/// `unknown` is a spool that nobody has described.
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
