//! Temperatures, and the nozzles that have them.
//!
//! New firmware packs both temperatures into one number, in addition to the plain fields of old firmware. The low half
//! is the current one in °C, the high half the target. The plain fields are read first, except on machines with two
//! extruders: an H2D of 01.01.02.07 reports the idle nozzle's in `nozzle_temper`.

use crate::printer::fields::FieldReader;
use crate::printer::model::Model;
use serde_json::Value;

/// The possible temperatures of any part of a printer, in °C.
const POSSIBLE_C: std::ops::RangeInclusive<f64> = -40.0..=500.0;

/// The rack of an H2C holds six hotends beside the two mounted ones.
const MOST_NOZZLES: usize = 16;
const MOST_EXTRUDERS: usize = 4;

/// A current and a target temperature.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Temperature {
    /// The current temperature in °C, to a tenth.
    pub now_c: Option<f64>,
    /// The target in °C; 0 means off.
    pub target_c: Option<f64>,
}

/// The temperatures of a printer, and its nozzles.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heat {
    /// The temperature of the printing nozzle.
    pub nozzle: Temperature,
    /// The temperature of the bed.
    pub bed: Temperature,
    /// The temperature of the chamber: absent on models without a sensor, without target on those without a heater.
    pub chamber: Temperature,
    /// The mounted nozzles.
    pub nozzles: Vec<Nozzle>,
}

/// A mounted nozzle.
#[derive(Debug, Clone, PartialEq)]
pub struct Nozzle {
    /// The number of its extruder.
    pub id: u32,
    /// Its position, on machines with two.
    pub place: Option<&'static str>,
    /// Whether it prints now.
    pub active: bool,
    /// Its temperature.
    pub temperature: Temperature,
    /// The bore in mm.
    pub diameter_mm: Option<f64>,
    /// The material and flow rate, or the printer's code for them.
    pub kind: Option<String>,
}

/// Reads all temperatures and nozzles from a report.
#[must_use]
pub fn read(report: &FieldReader<'_>, model: Option<Model>) -> Heat {
    let plain = |now, target| Temperature { now_c: celsius(report, now), target_c: celsius(report, target) };
    let legacy_nozzle = plain("nozzle_temper", "nozzle_target_temper");
    let bed = plain("bed_temper", "bed_target_temper")
        .or(|| packed(report, &["device", "bed", "info", "temp"]))
        .or(|| packed(report, &["device", "bed_temp"]));
    let nozzles = nozzles(report, model, legacy_nozzle);
    let active = nozzles.iter().find(|nozzle| nozzle.active).map(|nozzle| nozzle.temperature);
    Heat {
        nozzle: active.filter(|temperature| temperature.now_c.is_some()).unwrap_or(legacy_nozzle),
        bed,
        chamber: chamber(report, model),
        nozzles,
    }
}

/// Returns the number of the printing extruder, on a machine with two or more. It is in bits 4–7 of
/// `device.extruder.state`. During a change these hold 0xF, and bits 8–11 hold the next extruder.
#[must_use]
pub fn active_extruder(report: &FieldReader<'_>) -> Option<u32> {
    let state = report.natural(&["device", "extruder", "state"])?;
    [state >> 4 & 0xF, state >> 8 & 0xF].into_iter().find(|number| *number != 0xF)
}

/// Returns the entries of `device.extruder.info`.
pub fn extruders<'a>(report: &FieldReader<'a>) -> impl Iterator<Item = FieldReader<'a>> + use<'a> {
    report.objects(&["device", "extruder", "info"], MOST_EXTRUDERS)
}

fn nozzles(report: &FieldReader<'_>, model: Option<Model>, legacy: Temperature) -> Vec<Nozzle> {
    let extruders: Vec<FieldReader<'_>> = extruders(report).collect();
    let (diameter_mm, kind) = (bore(report, "nozzle_diameter"), report.text(&["nozzle_type"]).map(|code| kind(&code)));
    if extruders.len() < 2 {
        let temperature = legacy
            .or(|| extruders.first().map_or_else(Temperature::default, |e| packed(e, &["temp"])))
            .or(|| packed(report, &["device", "nozzle", "0", "temp"]));
        // NP firmware says more in its list than in the old field: the flow in addition to the material.
        let detailed = mounted(report, 0).and_then(|nozzle| nozzle.text(&["type"])).map(|code| self::kind(&code));
        let nozzle = Nozzle { id: 0, place: None, active: true, temperature, diameter_mm, kind: detailed.or(kind) };
        let known = temperature.now_c.is_some() || nozzle.diameter_mm.is_some() || nozzle.kind.is_some();
        return if known { vec![nozzle] } else { Vec::new() };
    }
    let active = active_extruder(report);
    let read = |extruder: &FieldReader<'_>| {
        let id = extruder.natural(&["id"])?;
        let nozzle = mounted(report, extruder.natural(&["hnow"]).unwrap_or(id));
        Some(Nozzle {
            id,
            place: place(id, model),
            active: active == Some(id),
            temperature: packed(extruder, &["temp"]),
            diameter_mm: nozzle.and_then(|nozzle| bore(&nozzle, "diameter")),
            kind: nozzle.and_then(|nozzle| nozzle.text(&["type"])).map(|code| self::kind(&code)),
        })
    };
    extruders.iter().filter_map(read).collect()
}

/// Returns the description of a mounted nozzle. Older X1C firmware has a count in `info`, and describes each nozzle
/// under its number.
fn mounted<'a>(report: &FieldReader<'a>, id: u32) -> Option<FieldReader<'a>> {
    if report.at(&["device", "nozzle", "info"]).is_some_and(Value::is_number) {
        return None;
    }
    report.objects(&["device", "nozzle", "info"], MOST_NOZZLES).find(|nozzle| nozzle.natural(&["id"]) == Some(id))
}

fn bore(fields: &FieldReader<'_>, name: &str) -> Option<f64> {
    fields.float(&[name]).filter(|mm| (0.05..=5.0).contains(mm)).map(|mm| (mm * 100.0).round() / 100.0)
}

fn place(id: u32, model: Option<Model>) -> Option<&'static str> {
    match (model?, id) {
        (Model::X2D, 0) => Some("auxiliary"),
        (Model::X2D, 1) => Some("main"),
        (_, 0) => Some("right"),
        (_, 1) => Some("left"),
        _ => None,
    }
}

/// Describes a nozzle code: `HS01` is hardened steel with standard flow; old firmware writes names such as
/// `stainless_steel`. An unknown code stays unchanged.
fn kind(code: &str) -> String {
    let plain = code.split('-').next().unwrap_or(code);
    if !plain.is_ascii() || plain.len() != 4 {
        return code.replace('_', " ");
    }
    let material = match plain.get(2..) {
        Some("00") => "stainless steel",
        Some("01") => "hardened steel",
        Some("05") => "tungsten carbide",
        _ => return code.to_owned(),
    };
    match plain.get(1..2) {
        Some("H") => format!("{material}, high flow"),
        Some("U") => format!("{material}, high flow for TPU"),
        _ => material.to_owned(),
    }
}

fn chamber(report: &FieldReader<'_>, model: Option<Model>) -> Temperature {
    // Without a sensor the report always says 5 °C.
    if model.is_some_and(|model| !model.has_chamber_sensor()) {
        return Temperature::default();
    }
    let plain = celsius(report, "chamber_temper").filter(|now| model.is_some() || *now != 5.0);
    let read = Temperature { now_c: plain, target_c: celsius(report, "ctt") }
        .or(|| packed(report, &["device", "ctc", "info", "temp"]))
        .or(|| packed(report, &["info", "temp"]))
        .or(|| packed(report, &["device", "cham_temp"]));
    let heated = model.is_none_or(Model::heats_chamber);
    Temperature { target_c: read.target_c.filter(|_| heated), ..read }
}

fn celsius(report: &FieldReader<'_>, name: &str) -> Option<f64> {
    report.float(&[name]).and_then(possible)
}

fn possible(celsius: f64) -> Option<f64> {
    // Reports can contain 32nds of a degree, which are noise.
    POSSIBLE_C.contains(&celsius).then(|| (celsius * 10.0).round() / 10.0 + 0.0)
}

fn packed(fields: &FieldReader<'_>, path: &[&str]) -> Temperature {
    let number = fields.natural(path);
    let half = |bits: u32| possible(f64::from(bits & 0xFFFF));
    number.map_or_else(Temperature::default, |number| Temperature { now_c: half(number), target_c: half(number >> 16) })
}

impl Temperature {
    /// Fills missing values from `other`.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self.now_c.is_some() && self.target_c.is_some() {
            return self;
        }
        let other = other();
        Self { now_c: self.now_c.or(other.now_c), target_c: self.target_c.or(other.target_c) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use serde_json::{Value, json};

    fn heat(report: &Value, model: Option<Model>) -> Heat {
        read(&FieldReader::new(report.as_object().expect("an object"), &UnreadFields::default()), model)
    }

    fn check(report: &Value, model: Option<Model>, read: impl Fn(&Heat) -> Temperature, expected: (f64, f64)) {
        let found = read(&heat(report, model));
        assert_eq!((found.now_c, found.target_c), (Some(expected.0), Some(expected.1)), "{report}");
    }

    #[test]
    fn temperatures_are_read_from_both_dialects() {
        let nozzle = |heat: &Heat| heat.nozzle;
        check(&json!({"nozzle_temper": 219.96875, "nozzle_target_temper": 220}), None, nozzle, (220.0, 220.0));
        let one = |packed| json!({"device": {"extruder": {"state": 1, "info": [{"id": 0, "temp": packed}]}}});
        check(&one(16_711_934), None, nozzle, (254.0, 255.0));
        check(&json!({"device": {"bed_temp": 6_881_385}}), None, |heat| heat.bed, (105.0, 105.0));
        check(&json!({"device": {"bed": {"info": {"temp": 47}}}}), None, |heat| heat.bed, (47.0, 0.0));
        let counted = json!({"device": {"nozzle": {"0": {"info": 1, "temp": 24}, "info": 1}}});
        check(&counted, None, nozzle, (24.0, 0.0));
        let odd = UnreadFields::default();
        assert_eq!(read(&FieldReader::new(counted.as_object().expect("an object"), &odd), None).nozzles.len(), 1);
        assert!(odd.into_names().is_empty());
        let chamber = |heat: &Heat| heat.chamber;
        check(&json!({"device": {"ctc": {"info": {"temp": 3_932_220}}}}), Some(Model::H2S), chamber, (60.0, 60.0));
        check(&json!({"info": {"temp": 4_587_590}}), Some(Model::X2D), chamber, (70.0, 70.0));
        check(&json!({"chamber_temper": 49, "ctt": 60}), Some(Model::H2D), chamber, (49.0, 60.0));
    }

    #[test]
    fn a_chamber_without_sensor_or_heater_has_no_temperature_or_target() {
        let chamber = |report: Value, model| heat(&report, model).chamber;
        let five = || json!({"chamber_temper": 5});
        for model in [Model::P1P, Model::P1S, Model::A1, Model::A1Mini, Model::A2L] {
            assert_eq!(chamber(five(), Some(model)), Temperature::default());
        }
        assert_eq!(chamber(five(), None), Temperature::default());
        let x1c = chamber(json!({"chamber_temper": 5, "info": {"temp": 25}}), Some(Model::X1C));
        assert_eq!(x1c, Temperature { now_c: Some(5.0), target_c: None });
        assert_eq!(chamber(json!({"device": {"ctc": {"info": {"temp": 65_535}}}}), Some(Model::H2S)).now_c, None);
    }

    #[test]
    fn of_two_nozzles_the_one_that_prints_counts() {
        let dual = |state: u32| {
            json!({"nozzle_temper": 40, "nozzle_target_temper": 0, "device": {
                "extruder": {"state": state, "info": [
                    {"id": 0, "temp": 16_711_934, "hnow": 17}, {"id": 1, "temp": 40, "hnow": 1}]},
                "nozzle": {"info": [{"id": 1, "diameter": 0.2, "type": "HS00"}, {"id": 17, "diameter": 0.6, "type": "HH05"}]}}})
        };
        let at = |state, model| {
            let heat = heat(&dual(state), Some(model));
            let active: Vec<_> =
                heat.nozzles.iter().filter(|nozzle| nozzle.active).map(|nozzle| nozzle.place).collect();
            (heat.nozzle.now_c, active)
        };
        assert_eq!(at(2, Model::H2D), (Some(254.0), vec![Some("right")]));
        assert_eq!(at(274, Model::H2D), (Some(40.0), vec![Some("left")]));
        assert_eq!(at(33042, Model::X2D), (Some(40.0), vec![Some("main")]));
        assert_eq!(at(0x102, Model::H2D), (Some(254.0), vec![Some("right")]), "as long as it only wants to change");
        assert_eq!(at(0x0F2, Model::H2D), (Some(254.0), vec![Some("right")]), "while it changes to the right one");
        assert_eq!(at(0xFF2, Model::H2D), (Some(40.0), vec![]), "while nobody knows");
        let nozzles = heat(&dual(2), Some(Model::H2C)).nozzles;
        let kinds: Vec<_> = nozzles.iter().map(|nozzle| (nozzle.diameter_mm, nozzle.kind.as_deref())).collect();
        assert_eq!(kinds, [(Some(0.6), Some("tungsten carbide, high flow")), (Some(0.2), Some("stainless steel"))]);
    }

    #[test]
    fn a_nozzle_is_described_in_words_where_its_code_has_some() {
        let check = |code: &str, words: &str| assert_eq!(kind(code), words, "{code}");
        check("stainless_steel", "stainless steel");
        check("HS01-0.4", "hardened steel");
        check("HX05", "tungsten carbide");
        check("HU01", "hardened steel, high flow for TPU");
        check("HS77", "HS77");
        check("ä01", "ä01");
    }
}
