//! Filament: AMS units, their slots, the external spools, and which of them feeds the nozzle.

use crate::printer::fields::FieldReader;
use crate::printer::heat::{active_extruder, extruders};
use crate::printer::report::Module;

/// Limits above any real printer. An H2D has four units of four slots, eight units of one, and two external holders.
const MOST_UNITS: usize = 16;
const MOST_SLOTS: usize = 8;
const MOST_SLOTS_OF_ALL: usize = 40;
const MOST_SPOOLS: usize = 4;

/// Numbers of units, slots and holders fit into a byte.
const LARGEST_NUMBER: u32 = 255;

/// The value of `tray_now` and `tray_tar` for "none".
pub(super) const NO_TRAY: u32 = 255;

/// The left of two external holders.
pub(super) const LEFT_HOLDER: u32 = 254;

/// The number of the A2L's built-in unit.
const BUILT_IN: u32 = 16;

/// All the filament of a printer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filaments {
    /// The AMS units.
    pub units: Vec<Unit>,
    /// The external spool holders: one, or one for each nozzle.
    pub external: Vec<Slot>,
}

/// One AMS unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// 0–3 for AMS, 128 and up for AMS HT, 16 for the A2L's built-in one.
    pub id: u32,
    /// The kind of unit, if the printer reports it.
    pub kind: Option<Kind>,
    /// The extruder that it feeds, on machines with two.
    pub extruder: Option<u32>,
    /// Relative humidity in per cent, if it is measured.
    pub humidity_percent: Option<u8>,
    /// Dryness from 1 (wet) to 5 (dry).
    pub dryness: Option<u8>,
    /// Temperature inside, °C.
    pub temperature_c: Option<f64>,
    /// Remaining minutes of drying.
    pub drying_minutes: Option<u32>,
    /// The slots of the unit.
    pub slots: Vec<Slot>,
}

/// A kind of AMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The first generation.
    Ams,
    /// The open unit of the A series.
    Lite,
    /// The second generation, which can dry.
    Pro2,
    /// The heated unit for one spool.
    Ht,
}

/// A place for one spool.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// The number within the unit, from 0. For an external holder, 254 or 255 as in the printer's reports.
    pub id: u32,
    /// The content of the slot.
    pub content: Content,
    /// Whether it feeds the nozzle that prints.
    pub feeding: bool,
}

/// The content of a slot.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The slot is empty. For an external holder, no spool has been entered on the printer.
    Empty,
    /// A spool without a description.
    Unknown,
    /// A described spool.
    Known(Filament),
}

/// A described spool.
#[derive(Debug, Clone, PartialEq)]
pub struct Filament {
    /// For example `PLA` or `PETG`.
    pub material: String,
    /// For example `PLA Matte`.
    pub name: Option<String>,
    /// The colour as `#rrggbb`.
    pub color: Option<String>,
    /// Remaining per cent, only for spools with an RFID tag; for others the printer guesses.
    pub remaining_percent: Option<u8>,
}

/// The source of filament.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A slot of an AMS unit.
    Slot {
        /// See [`Unit::id`].
        unit: u32,
        /// The slot's number, from 0.
        slot: u32,
    },
    /// The only external holder, or of two the left one (254) or the right one (255).
    External(Option<u32>),
}

/// Reads all the filament from a report.
#[must_use]
pub fn read(report: &FieldReader<'_>, modules: &[Module]) -> Filaments {
    let feeding = feeding(report);
    let exist = report.bits(&["ams", "tray_exist_bits"]);
    // Whether the printer tracks how much is left. An X1 of 2023 sends no bits at all, but does track it.
    let watched = report.int(&["home_flag"]).is_none_or(|flag| flag == 0 || flag >> 7 & 1 == 1);
    let units = report.objects(&["ams", "ams"], MOST_UNITS);
    let mut room = MOST_SLOTS_OF_ALL;
    let bounded = |mut unit: Unit| {
        unit.slots.truncate(room);
        room -= unit.slots.len();
        unit
    };
    Filaments {
        units: units.filter_map(|unit| read_unit(&unit, exist, watched, feeding, modules)).map(bounded).collect(),
        external: external(report, feeding),
    }
}

fn read_unit(
    unit: &FieldReader<'_>,
    exist: Option<u64>,
    watched: bool,
    feeding: Option<Place>,
    modules: &[Module],
) -> Option<Unit> {
    let id = number(unit)?;
    let info = unit.bits(&["info"]);
    let kind = info.and_then(kind_of_code).or_else(|| kind_of_module(id, modules));
    let slots = unit.objects(&["tray"], MOST_SLOTS).filter_map(|tray| {
        let slot = number(&tray)?;
        let present = exist.and_then(|bits| Some(bits >> exist_bit(id, slot)? & 1 == 1));
        // An AMS lite reads tags, but cannot measure what is left, and reports 0.
        let measured = |left: &u8| watched && !(kind == Some(Kind::Lite) && *left == 0);
        let feeding = feeding == Some(Place::Slot { unit: id, slot });
        Some(Slot { id: slot, content: content(&tray, present, measured), feeding })
    });
    Some(Unit {
        id,
        kind,
        extruder: info.map(|info| info >> 8 & 0xF).and_then(|id| u32::try_from(id).ok()).filter(|id| *id < 0xE),
        // A broken or missing sensor reports 0 %.
        humidity_percent: unit.percent(&["humidity_raw"]).filter(|percent| *percent > 0),
        dryness: unit.percent(&["humidity"]).filter(|level| (1..=5).contains(level)),
        temperature_c: unit.float(&["temp"]).filter(|degrees| (0.1..=150.0).contains(degrees)),
        drying_minutes: unit.natural(&["dry_time"]).filter(|minutes| *minutes > 0),
        slots: slots.collect(),
    })
}

fn number(of: &FieldReader<'_>) -> Option<u32> {
    of.natural(&["id"]).filter(|id| *id <= LARGEST_NUMBER)
}

fn kind_of_code(info: u64) -> Option<Kind> {
    Some(match info & 0xF {
        1 => Kind::Ams,
        2 | 5 => Kind::Lite,
        3 => Kind::Pro2,
        4 => Kind::Ht,
        _ => return None,
    })
}

/// Firmware of 2023 shows the kind only in the name of the unit's module: `ams/0`, `ams_f1/0`, `n3f/0`, `n3s/128`.
fn kind_of_module(id: u32, modules: &[Module]) -> Option<Kind> {
    let named = modules.iter().filter_map(|module| kind_of_module_name(&module.name));
    named.filter(|(_, number)| number.parse() == Ok(id)).map(|(kind, _)| kind).next()
}

fn kind_of_module_name(name: &str) -> Option<(Kind, &str)> {
    let (kind, number) = name.split_once('/')?;
    let kind = match kind {
        "ams" => Kind::Ams,
        "ams_f1" => Kind::Lite,
        "n3f" => Kind::Pro2,
        "n3s" => Kind::Ht,
        _ => return None,
    };
    Some((kind, number))
}

/// Returns the bit of a slot in `tray_exist_bits`.
fn exist_bit(unit: u32, slot: u32) -> Option<u32> {
    match (unit, slot) {
        (0..=3, 0..=3) => Some(4 * unit + slot),
        (16, 0..=3) => Some(24 + slot),
        (128..=135, 0) => Some(16 + (unit - 128)),
        _ => None,
    }
}

fn content(tray: &FieldReader<'_>, present: Option<bool>, measured: impl Fn(&u8) -> bool) -> Content {
    match (present, filament(tray, measured)) {
        // The description remains after a spool is taken out.
        (Some(false), _) => Content::Empty,
        (_, Some(filament)) => Content::Known(filament),
        (Some(true), None) => Content::Unknown,
        // Without the bits, a slot with only a number is empty.
        (None, None) if tray.has("tray_type") => Content::Unknown,
        (None, None) => Content::Empty,
    }
}

fn filament(tray: &FieldReader<'_>, measured: impl Fn(&u8) -> bool) -> Option<Filament> {
    let tagged = tray.text(&["tag_uid"]).is_some_and(|tag| tag.bytes().any(|digit| digit != b'0'));
    Some(Filament {
        material: tray.text(&["tray_type"])?,
        name: tray.text(&["tray_sub_brands"]),
        color: tray.text(&["tray_color"]).and_then(|color| web_color(&color)),
        remaining_percent: tray.percent(&["remain"]).filter(|left| tagged && measured(left)),
    })
}

/// Converts `RRGGBBAA` to a web colour. Fully transparent means that no colour was set.
fn web_color(text: &str) -> Option<String> {
    let sound = text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (rgb, alpha) = text.split_at_checked(6).filter(|_| sound)?;
    (alpha != "00").then(|| format!("#{}", rgb.to_ascii_lowercase()))
}

fn external(report: &FieldReader<'_>, feeding: Option<Place>) -> Vec<Slot> {
    let mut holders: Vec<FieldReader<'_>> = report.objects(&["vir_slot"], MOST_SPOOLS).collect();
    if holders.is_empty() {
        holders.extend(report.object("vt_tray"));
    }
    let only = holders.len() == 1;
    let slot = |holder: &FieldReader<'_>| {
        let id = number(holder)?;
        let feeding = matches!(feeding, Some(Place::External(which)) if only || which == Some(id));
        let content = filament(holder, |_| false).map_or(Content::Empty, Content::Known);
        Some(Slot { id, content, feeding })
    };
    holders.iter().filter_map(slot).collect()
}

/// Returns the source that feeds the printing nozzle. If the extruder reports it in `snow`, that is used, because
/// `tray_now` is unreliable. It is wrong on machines with two extruders (an H2D printing from its AMS HT said 0). It
/// counts within the unit on a P2S with two units. It stays 0 on an H2S that prints from its external spool.
fn feeding(report: &FieldReader<'_>) -> Option<Place> {
    place(report, "snow", "tray_now")
}

/// Returns the source that the printer wants: the one it changes to or, after a runout, the one it waits for.
#[must_use]
pub fn target(report: &FieldReader<'_>) -> Option<Place> {
    place(report, "star", "tray_tar")
}

fn place(report: &FieldReader<'_>, of_extruder: &str, of_ams: &str) -> Option<Place> {
    let extruders: Vec<FieldReader<'_>> = extruders(report).collect();
    match &extruders[..] {
        [] => place_of_tray(report, of_ams),
        [only] => match only.natural(&[of_extruder]) {
            Some(slot) => place_of_slot(slot),
            None => place_of_tray(report, of_ams),
        },
        several => {
            let active = active_extruder(report)?;
            let info = several.iter().find(|info| info.natural(&["id"]) == Some(active))?;
            place_of_slot(info.natural(&[of_extruder])?)
        }
    }
}

/// Converts `tray_now` or `tray_tar`, which count the slots of four units. An A2L without other units counts those of
/// its built-in unit, which has the number 16.
fn place_of_tray(report: &FieldReader<'_>, name: &str) -> Option<Place> {
    match report.natural(&["ams", name])? {
        slot @ 0..=3 if is_alone(BUILT_IN, report) => Some(Place::Slot { unit: BUILT_IN, slot }),
        slot @ 0..=15 => Some(Place::Slot { unit: slot / 4, slot: slot % 4 }),
        unit @ 128..=135 => Some(Place::Slot { unit, slot: 0 }),
        254 => Some(Place::External(None)),
        _ => None,
    }
}

fn is_alone(unit: u32, report: &FieldReader<'_>) -> bool {
    let mut ids = report.objects(&["ams", "ams"], MOST_UNITS).filter_map(|unit| unit.natural(&["id"])).peekable();
    ids.peek().is_some() && ids.all(|id| id == unit)
}

/// The high byte is the unit, the low byte the slot; 0xFF in the low byte means nothing. Twelve of twelve reports of
/// machines with two extruders that say 0xFEFF show in another field that there is no filament.
fn place_of_slot(slot: u32) -> Option<Place> {
    match (slot >> 8, slot & 0xFF) {
        (0xFE | 0xFF, 0xFF) => None,
        (0xFE, _) => Some(Place::External(Some(LEFT_HOLDER))),
        (0xFF, _) => Some(Place::External(Some(255))),
        (unit, slot) => Some(Place::Slot { unit, slot }),
    }
}

/// Whether the printer's modules name an AMS that the report does not mention.
#[must_use]
pub fn is_owed(report: &FieldReader<'_>, modules: &[Module]) -> bool {
    let has_one = modules.iter().any(|module| kind_of_module_name(&module.name).is_some());
    has_one && report.objects(&["ams", "ams"], MOST_UNITS).next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use serde_json::{Value, json};

    fn filaments(report: &Value) -> Filaments {
        read(&FieldReader::new(report.as_object().expect("an object"), &UnreadFields::default()), &[])
    }

    fn spool(material: &str, color: &str, tag: &str, left: i32) -> Value {
        json!({"id": "0", "tray_type": material, "tray_color": color, "tag_uid": tag, "remain": left})
    }

    /// Returns a report of one unit with one slot.
    fn with(info: &str, exist: &str, tray: &Value) -> Value {
        json!({"ams": {"tray_exist_bits": exist, "ams": [{"id": "0", "info": info, "tray": [tray]}]}})
    }

    #[test]
    fn a_slot_is_empty_unknown_or_known() {
        let check = |report: Value, expected: Content| {
            assert_eq!(filaments(&report).units[0].slots[0].content, expected, "{report}");
        };
        let known = |color: Option<&str>, left| {
            let color = color.map(Into::into);
            Content::Known(Filament { material: "PLA".into(), name: None, color, remaining_percent: left })
        };
        let tagged = |left| spool("PLA", "5E43B7FF", "83F1535F99AB0BF4", left);
        check(with("1001", "1", &tagged(83)), known(Some("#5e43b7"), Some(83)));
        check(with("1001", "1", &tagged(0)), known(Some("#5e43b7"), Some(0)));
        check(with("1002", "1", &tagged(0)), known(Some("#5e43b7"), None));
        check(with("1001", "1", &tagged(-1)), known(Some("#5e43b7"), None));
        check(with("1001", "1", &spool("PLA", "00000000", "0000000000000000", 80)), known(None, None));
        check(with("1001", "1", &spool("PLA", "#12345é", "", 80)), known(None, None));
        check(with("1001", "0", &tagged(83)), Content::Empty);
        check(with("1001", "1", &json!({"id": "0", "state": 11})), Content::Unknown);
        check(with("1001", "1", &spool("", "00000000", "00", 0)), Content::Unknown);
        check(json!({"ams": {"ams": [{"id": "0", "tray": [{"id": "0", "state": 10}]}]}}), Content::Empty);
        let mut unwatched = with("1001", "1", &tagged(83));
        unwatched["home_flag"] = json!(0x100);
        check(unwatched, known(Some("#5e43b7"), None));
    }

    #[test]
    fn each_kind_of_unit_finds_its_bits() {
        let check = |id: u32, slot: u32, bits: &str, present: bool| {
            let report = json!({"ams": {"tray_exist_bits": bits, "ams": [
                {"id": id.to_string(), "tray": [{"id": slot.to_string(), "tray_type": ""}]}]}});
            let content = &filaments(&report).units[0].slots[0].content;
            assert_eq!(*content != Content::Empty, present, "{id} {slot} {bits}");
        };
        check(1, 2, "40", true);
        check(1, 2, "ffbf", false);
        check(128, 0, "10000", true);
        check(131, 0, "f0000", true);
        check(16, 0, "1000000", true);
        check(16, 1, "2000000", true);
        check(16, 0, "2000000", false);
    }

    #[test]
    fn kind_extruder_and_humidity_of_a_unit_are_read() {
        let unit = |unit: Value| filaments(&json!({"ams": {"ams": [unit]}})).units.remove(0);
        let ams = unit(
            json!({"id": "0", "info": "1001", "humidity": "4", "humidity_raw": "24", "temp": "26.2", "dry_time": 0}),
        );
        assert_eq!((ams.kind, ams.extruder, ams.dryness), (Some(Kind::Ams), Some(0), Some(4)));
        assert_eq!((ams.humidity_percent, ams.temperature_c, ams.drying_minutes), (Some(24), Some(26.2), None));
        let drying = unit(
            json!({"id": "2", "info": "142023", "humidity": "0", "humidity_raw": "0", "temp": "0.0", "dry_time": 583}),
        );
        assert_eq!((drying.kind, drying.drying_minutes), (Some(Kind::Pro2), Some(583)));
        assert_eq!((drying.dryness, drying.humidity_percent, drying.temperature_c), (None, None, None));
        assert_eq!(unit(json!({"id": 1, "info": "1103"})).extruder, Some(1));
        assert_eq!(unit(json!({"id": 1, "info": "E03"})).extruder, None);
        let old = unit(json!({"id": "0"}));
        assert_eq!((old.kind, old.extruder), (None, None));
        let named = |name: &str| kind_of_module(0, &[Module { name: name.into(), ..Module::default() }]);
        assert_eq!([named("ams_f1/0"), named("n3f/0"), named("ams/1")], [Some(Kind::Lite), Some(Kind::Pro2), None]);
    }

    #[test]
    fn the_feeding_slot_is_read_from_each_dialect() {
        let check = |report: Value, expected| {
            let fields = report.as_object().expect("an object").clone();
            assert_eq!(feeding(&FieldReader::new(&fields, &UnreadFields::default())), expected, "{report}");
        };
        check(json!({"ams": {"tray_now": "255"}}), None);
        check(json!({"ams": {"tray_now": "254"}}), Some(Place::External(None)));
        check(json!({"ams": {"tray_now": "6"}}), Some(Place::Slot { unit: 1, slot: 2 }));
        check(json!({"ams": {"tray_now": "129"}}), Some(Place::Slot { unit: 129, slot: 0 }));
        let one = |now: &str, snow: u32| json!({"ams": {"tray_now": now}, "device": {"extruder": {"info": [{"id": 0, "snow": snow}]}}});
        check(one("64", 4097), Some(Place::Slot { unit: 16, slot: 1 }));
        check(one("2", 258), Some(Place::Slot { unit: 1, slot: 2 }));
        check(one("0", 3), Some(Place::Slot { unit: 0, slot: 3 }));
        check(one("0", 0x8000), Some(Place::Slot { unit: 128, slot: 0 }));
        check(one("0", 0xFF00), Some(Place::External(Some(255))));
        check(one("0", 0xFFFF), None);
        check(one("0", 0xFEFF), None);
        check(
            json!({"ams": {"tray_now": "3"}, "device": {"extruder": {"info": [{"id": 0}]}}}),
            Some(Place::Slot { unit: 0, slot: 3 }),
        );
        let built_in = |now: &str, units: &[&str]| {
            let units: Vec<Value> = units.iter().map(|id| json!({"id": id})).collect();
            json!({"ams": {"tray_now": now, "ams": units}})
        };
        check(built_in("2", &["16"]), Some(Place::Slot { unit: 16, slot: 2 }));
        check(built_in("4", &["16"]), Some(Place::Slot { unit: 1, slot: 0 }));
        check(built_in("2", &["0", "16"]), Some(Place::Slot { unit: 0, slot: 2 }));
        let dual = |state, right, left| {
            json!({"ams": {"tray_now": "0"}, "device": {"extruder": {"state": state, "info": [
                {"id": 0, "snow": right}, {"id": 1, "snow": left}]}}})
        };
        check(dual(2, 32768, 65279), Some(Place::Slot { unit: 128, slot: 0 }));
        check(dual(274, 32768, 0xFEFF), None);
        check(dual(274, 32768, 0xFE00), Some(Place::External(Some(254))));
        check(dual(2, 0xFF00, 0), Some(Place::External(Some(255))));
        check(dual(2, 0xFFFF, 0), None);
        check(dual(0xFF2, 259, 0), None);
    }

    #[test]
    fn external_spools_are_one_or_two() {
        let holder = |id: &str, material: &str| json!({"id": id, "tray_type": material, "tray_color": "BCBCBCFF", "remain": 50, "tag_uid": "1"});
        let one = filaments(&json!({"ams": {"tray_now": "254"}, "vt_tray": holder("255", "PETG")})).external;
        assert!(matches!(&one[..], [Slot { id: 255, feeding: true, content: Content::Known(spool) }]
            if spool.material == "PETG" && spool.remaining_percent.is_none()));
        let two =
            filaments(&json!({"vt_tray": holder("255", "ABS"), "vir_slot": [holder("254", ""), holder("255", "PLA")],
            "device": {"extruder": {"state": 274, "info": [{"id": 0, "snow": 65535}, {"id": 1, "snow": 65024}]}}}));
        let seen: Vec<_> =
            two.external.iter().map(|slot| (slot.id, slot.content == Content::Empty, slot.feeding)).collect();
        assert_eq!(seen, [(254, true, true), (255, false, false)]);
    }
}
