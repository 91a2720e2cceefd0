//! Filament: AMS units, their trays, and the external spool.

use super::read::{bits, int, objects, text};
use super::report::Fields;

/// More units than any printer takes.
const MOST_UNITS: usize = 16;
const MOST_TRAYS: usize = 8;

/// One AMS unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// 0–3 for AMS, 128 and up for AMS HT, 16 for the A2L's built-in one.
    pub id: u32,
    /// What kind it is, where the printer says so.
    pub kind: Option<&'static str>,
    /// Relative humidity in per cent, where it is measured; else `None`.
    pub humidity_percent: Option<u32>,
    /// Dryness from 1 (wet) to 5 (dry).
    pub humidity_level: Option<u32>,
    /// Temperature inside, °C.
    pub temperature_c: Option<f64>,
    /// Minutes of drying that are left.
    pub drying_minutes: Option<u32>,
    /// Its slots.
    pub trays: Vec<Tray>,
}

/// One slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Tray {
    /// Number within the unit, from 0.
    pub id: u32,
    /// Whether something is in it and what is known of it.
    pub content: Content,
    /// Feeds the nozzle now.
    pub feeding: bool,
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A spool nobody has described.
    Unknown,
    /// A described spool.
    Known(Filament),
}

/// A described spool.
#[derive(Debug, Clone, PartialEq)]
pub struct Filament {
    /// `PLA`, `PETG` …
    pub material: String,
    /// `PLA Matte` …
    pub name: Option<String>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// Per cent left: only for spools with an RFID tag, since for others the printer guesses.
    pub remaining_percent: Option<u32>,
}

/// The AMS units of a report.
#[must_use]
pub fn units(fields: &Fields, feeding: Option<Feeding>) -> Vec<Unit> {
    let exist = bits(fields, &["ams", "tray_exist_bits"]);
    objects(fields, &["ams", "ams"]).take(MOST_UNITS).filter_map(|unit| read_unit(unit, exist, feeding)).collect()
}

fn read_unit(unit: &Fields, exist: Option<u64>, feeding: Option<Feeding>) -> Option<Unit> {
    let id = natural(unit, "id")?;
    let trays = objects(unit, &["tray"]).take(MOST_TRAYS).filter_map(|tray| {
        let slot = natural(tray, "id")?;
        let present = exist.and_then(|bits| Some(bits >> tray_bit(id, slot)? & 1 == 1));
        let feeding = feeding == Some(Feeding::Tray { unit: id, tray: slot });
        Some(Tray { id: slot, content: content(tray, present), feeding })
    });
    Some(Unit {
        id,
        kind: bits(unit, &["info"]).and_then(|info| kind(info & 0xF)),
        humidity_percent: natural(unit, "humidity_raw").filter(|percent| (1..=100).contains(percent)),
        humidity_level: natural(unit, "humidity").filter(|level| (1..=5).contains(level)),
        temperature_c: super::read::float(unit, &["temp"]).filter(|degrees| *degrees > 0.0),
        drying_minutes: natural(unit, "dry_time").filter(|minutes| *minutes > 0),
        trays: trays.collect(),
    })
}

fn natural(fields: &Fields, name: &str) -> Option<u32> {
    int(fields, &[name]).and_then(|value| u32::try_from(value).ok())
}

fn kind(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "AMS",
        2 | 5 => "AMS lite",
        3 => "AMS 2 Pro",
        4 => "AMS HT",
        _ => return None,
    })
}

/// Which bit of `tray_exist_bits` is a slot's.
fn tray_bit(unit: u32, tray: u32) -> Option<u32> {
    match (unit, tray) {
        (0..=3, 0..=3) => Some(4 * unit + tray),
        (16, 0..=3) => Some(24 + tray),
        (128..=135, 0) => Some(16 + unit - 128),
        _ => None,
    }
}

fn content(tray: &Fields, present: Option<bool>) -> Content {
    let described = text(tray, &["tray_type"]).map(|material| filament(tray, material));
    match (present, described) {
        (Some(false), _) => Content::Empty,
        (_, Some(filament)) => Content::Known(filament),
        (Some(true), None) => Content::Unknown,
        // Without the bits, a slot of nothing but its number is an empty one.
        (None, None) if tray.contains_key("tray_type") => Content::Unknown,
        (None, None) => Content::Empty,
    }
}

fn filament(tray: &Fields, material: &str) -> Filament {
    let tagged = text(tray, &["tag_uid"]).is_some_and(|tag| tag.bytes().any(|digit| digit != b'0'));
    Filament {
        material: material.to_owned(),
        name: text(tray, &["tray_sub_brands"]).map(str::to_owned),
        color: text(tray, &["tray_color"]).and_then(color),
        remaining_percent: natural(tray, "remain").filter(|percent| tagged && *percent <= 100),
    }
}

/// `RRGGBBAA` as the web writes it; wholly transparent means that no colour was set.
fn color(text: &str) -> Option<String> {
    let (rgb, alpha) = (text.get(..6)?, text.get(6..)?);
    let valid = text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    (valid && alpha != "00").then(|| format!("#{}", rgb.to_ascii_lowercase()))
}

/// The external spool, if the printer reports one with something on it.
#[must_use]
pub fn external(fields: &Fields) -> Option<Filament> {
    let spools = objects(fields, &["vir_slot"]).chain(super::read::at(fields, &["vt_tray"]).and_then(serde_json::Value::as_object));
    spools.filter_map(|spool| text(spool, &["tray_type"]).map(|material| filament(spool, material))).next()
}

/// What feeds the nozzle now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feeding {
    /// A slot of an AMS unit.
    Tray {
        /// The unit.
        unit: u32,
        /// The slot.
        tray: u32,
    },
    /// The external spool.
    External,
}

/// What feeds the active nozzle. Machines with two extruders say it per extruder (`snow`: unit in the high byte,
/// slot in the low one); the others in `tray_now`, which an A1 mini and a P1S also send without the `ams` around it.
#[must_use]
pub fn feeding(fields: &Fields, active_extruder: Option<i64>) -> Option<Feeding> {
    let extruders = objects(fields, &["device", "extruder", "info"]).count();
    if extruders > 1 {
        let active = active_extruder.unwrap_or(0);
        let info = objects(fields, &["device", "extruder", "info"]).find(|info| int(info, &["id"]) == Some(active))?;
        let slot = int(info, &["snow"]).and_then(|slot| u32::try_from(slot).ok())?;
        return match (slot >> 8, slot & 0xFF) {
            (0xFF, 0xFF) => None,
            (0xFE | 0xFF, _) => Some(Feeding::External),
            (unit, tray) => Some(Feeding::Tray { unit, tray }),
        };
    }
    match int(fields, &["ams", "tray_now"]).or_else(|| int(fields, &["tray_now"]))? {
        254 => Some(Feeding::External),
        slot @ 0..=15 => u32::try_from(slot).ok().map(|slot| Feeding::Tray { unit: slot / 4, tray: slot % 4 }),
        unit @ 128..=135 => u32::try_from(unit).ok().map(|unit| Feeding::Tray { unit, tray: 0 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            _ => Fields::new(),
        }
    }

    #[test]
    fn a_slot_is_empty_unknown_or_known() {
        let report = fields(json!({"ams": {"tray_exist_bits": "e", "tray_now": "1", "ams": [{"id": "0", "humidity": "4", "humidity_raw": "24",
            "info": "1001", "temp": "26.2", "dry_time": 0, "tray": [
            {"id": "0", "tray_type": "PLA", "state": 11},
            {"id": "1", "tray_type": "PLA", "tray_sub_brands": "PLA Matte", "tray_color": "D32941FF", "remain": 47, "tag_uid": "DEAC"},
            {"id": "2", "tray_type": "PETG", "tray_color": "00000000", "remain": 80, "tag_uid": "0000"},
            {"id": "3"}]}]}}));
        let units = units(&report, feeding(&report, None));
        let unit = &units[0];
        assert_eq!((unit.kind, unit.humidity_percent, unit.humidity_level, unit.drying_minutes), (Some("AMS"), Some(24), Some(4), None));
        let known = |material: &str, name: Option<&str>, color: Option<&str>, left| {
            Content::Known(Filament { material: material.into(), name: name.map(Into::into), color: color.map(Into::into), remaining_percent: left })
        };
        let contents: Vec<&Content> = unit.trays.iter().map(|tray| &tray.content).collect();
        assert_eq!(contents, [
            &Content::Empty,
            &known("PLA", Some("PLA Matte"), Some("#d32941"), Some(47)),
            &known("PETG", None, None, None),
            &Content::Unknown
        ]);
        assert_eq!(unit.trays.iter().map(|tray| tray.feeding).collect::<Vec<_>>(), [false, true, false, false]);
    }

    #[test]
    fn the_feeding_slot_is_read_from_each_dialect() {
        let check = |report: Value, active, expected| assert_eq!(feeding(&fields(report.clone()), active), expected, "{report}");
        check(json!({"ams": {"tray_now": "255"}}), None, None);
        check(json!({"ams": {"tray_now": "254"}}), None, Some(Feeding::External));
        check(json!({"tray_now": "6"}), None, Some(Feeding::Tray { unit: 1, tray: 2 }));
        check(json!({"ams": {"tray_now": "129"}}), None, Some(Feeding::Tray { unit: 129, tray: 0 }));
        let dual = |right, left| json!({"ams": {"tray_now": "0"}, "device": {"extruder": {"info": [{"id": 0, "snow": right}, {"id": 1, "snow": left}]}}});
        check(dual(259, 0xFEFF), Some(0), Some(Feeding::Tray { unit: 1, tray: 3 }));
        check(dual(259, 0xFEFF), Some(1), Some(Feeding::External));
        check(dual(0xFFFF, 0), Some(0), None);
    }
}
