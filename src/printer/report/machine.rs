//! The machine around the print: fans, speed, lights, network, door, memory card.

use crate::printer::fields::FieldReader;
use crate::printer::model::Model;
use serde_json::Value;

/// Limits for the lights and airduct parts of one printer. The most known are four and six.
const MOST_LIGHTS: usize = 16;
const MOST_PARTS: usize = 16;

/// Fan speeds in per cent; `None` if the machine has no such fan or does not report it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fans {
    /// Cools the part.
    pub part: Option<u8>,
    /// The auxiliary fan at the side.
    pub auxiliary: Option<u8>,
    /// The auxiliary fan at the other side (P2S, X2D).
    pub second_auxiliary: Option<u8>,
    /// Blows air out of the chamber.
    pub chamber: Option<u8>,
    /// Circulates or heats the air in the chamber.
    pub inner_loop: Option<u8>,
    /// Cools the upper end of the hotend.
    pub heatbreak: Option<u8>,
}

/// The speed level of the print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// 50 % speed.
    Silent,
    /// 100 % speed.
    Standard,
    /// 124 % speed.
    Sport,
    /// 166 % speed.
    Ludicrous,
}

/// A light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Light {
    /// The name, for example `chamber_light` or `work_light`.
    pub node: String,
    /// The mode of the light.
    pub mode: LightMode,
}

/// The mode of a light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LightMode {
    /// The light is on.
    On,
    /// The light is off.
    Off,
    /// The light flashes, as a work light does while the printer waits.
    Flashing,
    /// The printer reports an unknown word.
    Unknown,
}

/// How the printer is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// By cable.
    Wired,
    /// By Wi-Fi, with its signal strength.
    Wifi {
        /// The signal strength in dBm.
        dbm: i8,
    },
}

/// The memory card or stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// No card is inserted.
    Missing,
    /// The card works.
    Good,
    /// The card cannot be used.
    Faulty,
    /// The card cannot be written.
    ReadOnly,
}

/// Reads the fans. The parts of the airduct, if there is one, are exact. `fan_gear` counts to 255, and the older text
/// fields only to 15.
#[must_use]
pub fn fans(report: &FieldReader<'_>, model: Option<Model>) -> Fans {
    let gear = |name: &str| {
        let gear = report.int(&[name]).filter(|gear| (0..=15).contains(gear))?;
        u8::try_from((gear * 100 + 7) / 15).ok()
    };
    let all = report.natural(&["fan_gear"]);
    let byte = |shift: u32| all.and_then(|all| u8::try_from(((all >> shift & 0xFF) * 100 + 127) / 255).ok());
    let mut fans = Fans {
        part: byte(0).or_else(|| gear("cooling_fan_speed")),
        auxiliary: byte(8).or_else(|| gear("big_fan1_speed")),
        chamber: byte(16).or_else(|| gear("big_fan2_speed")),
        heatbreak: gear("heatbreak_fan_speed"),
        ..Fans::default()
    };
    // The text fields also exist for fans that the model does not have.
    if model.is_some_and(|model| !model.has_chamber_fans()) {
        fans = Fans { auxiliary: None, chamber: None, ..fans };
    }
    for part in report.objects(&["device", "airduct", "parts"], MOST_PARTS) {
        let Some(percent) = part.percent(&["state"]) else { continue };
        let fan = match part.natural(&["id"]).map(|id| id >> 4) {
            Some(1) => &mut fans.part,
            Some(2) => &mut fans.auxiliary,
            Some(3) => &mut fans.chamber,
            Some(6) => &mut fans.inner_loop,
            Some(10) => &mut fans.second_auxiliary,
            _ => continue,
        };
        *fan = Some(percent);
    }
    fans
}

/// Reads the speed level. At the end of a print, an A1 (01.07.00.00) reports level 253 for two seconds; then the
/// percentage is used.
#[must_use]
pub fn speed(report: &FieldReader<'_>) -> Option<Speed> {
    let of_cfg = || report.bits(&["cfg"]).and_then(|cfg| u32::try_from(cfg >> 8 & 7).ok());
    match report.natural(&["spd_lvl"]).or_else(of_cfg)? {
        1 => Some(Speed::Silent),
        2 => Some(Speed::Standard),
        3 => Some(Speed::Sport),
        4 => Some(Speed::Ludicrous),
        _ => match report.natural(&["spd_mag"])? {
            50 => Some(Speed::Silent),
            100 => Some(Speed::Standard),
            124 => Some(Speed::Sport),
            166 => Some(Speed::Ludicrous),
            _ => None,
        },
    }
}

/// Returns the lights that the printer reports, which are the lights it has.
#[must_use]
pub fn lights(report: &FieldReader<'_>) -> Vec<Light> {
    let light = |light: FieldReader<'_>| {
        let mode = match light.text(&["mode"])?.as_str() {
            "on" => LightMode::On,
            "off" => LightMode::Off,
            "flashing" => LightMode::Flashing,
            _ => LightMode::Unknown,
        };
        Some(Light { node: light.text(&["node"])?, mode })
    };
    report.objects(&["lights_report"], MOST_LIGHTS).filter_map(light).collect()
}

/// Whether the chamber is lit: whether any of its lights is on.
#[must_use]
pub fn light(report: &FieldReader<'_>, lights: &[Light]) -> Option<bool> {
    let known: Vec<bool> = chamber_lights(lights).filter_map(|light| light.mode.is_lit()).collect();
    if known.is_empty() {
        return report.bits(&["cfg"]).map(|cfg| cfg >> 7 & 1 == 1);
    }
    Some(known.contains(&true))
}

/// Returns the lights that illuminate the chamber: one, or two on the H2 series.
pub fn chamber_lights(lights: &[Light]) -> impl Iterator<Item = &Light> {
    lights.iter().filter(|light| matches!(light.node.as_str(), "chamber_light" | "chamber_light2"))
}

impl LightMode {
    /// Whether it gives light; `None` for unknown words.
    #[must_use]
    pub fn is_lit(self) -> Option<bool> {
        match self {
            Self::On | Self::Flashing => Some(true),
            Self::Off => Some(false),
            Self::Unknown => None,
        }
    }
}

/// Whether the printer updates its firmware: `dis_state` 2 in `upgrade_state`. It is 1 while an update is offered and 3
/// after one; firmware without it has only the words.
#[must_use]
pub fn updating(report: &FieldReader<'_>) -> bool {
    const RUNNING: [&str; 5] = ["UPGRADE_REQUEST", "PRE_FLASH_START", "PRE_FLASH_SUCCESS", "DOWNLOADING", "FLASHING"];
    match report.int(&["upgrade_state", "dis_state"]) {
        Some(state) => state == 2,
        None => report.text(&["upgrade_state", "status"]).is_some_and(|word| RUNNING.contains(&word.as_str())),
    }
}

/// Reads the type of connection. A wired machine reports −90 dBm.
#[must_use]
pub fn network(report: &FieldReader<'_>) -> Option<Network> {
    if report.int(&["net", "conf"]).is_some_and(|conf| conf & 1 == 1) {
        return Some(Network::Wired);
    }
    // The first address is that of Wi-Fi, the second that of the cable.
    let mut addresses = report.objects(&["net", "info"], 2).map(|info| info.int(&["ip"]).unwrap_or(0) != 0);
    if (addresses.next(), addresses.next()) == (Some(false), Some(true)) {
        return Some(Network::Wired);
    }
    let signal = report.text(&["wifi_signal"])?;
    let number = signal.strip_suffix("dBm").unwrap_or(&signal).trim();
    number.parse().ok().filter(|dbm| *dbm < 0).map(|dbm| Network::Wifi { dbm })
}

/// Whether the door is open; `None` on models without a sensor. The X1 series uses the bit in `home_flag`, and an X1C
/// of 01.09 sends a different one in `stat`. On other models `stat` is the right one.
#[must_use]
pub fn door_open(report: &FieldReader<'_>, model: Option<Model>) -> Option<bool> {
    const DOOR: u32 = 23;
    let stat = || report.bits(&["stat"]).map(|stat| stat >> DOOR & 1 == 1);
    let home_flag = || report.int(&["home_flag"]).map(|flag| flag >> DOOR & 1 == 1);
    match model {
        Some(model) if !model.has_door_sensor() => None,
        Some(Model::X1 | Model::X1C | Model::X1E) => home_flag().or_else(stat),
        Some(_) => stat().or_else(home_flag),
        None => stat(),
    }
}

/// Reads the memory card: the plain field says whether one is inserted, the bits what is wrong with it.
#[must_use]
pub fn storage(report: &FieldReader<'_>) -> Option<Storage> {
    let of_bits = |bits: i64| match bits & 3 {
        0 => Storage::Missing,
        1 => Storage::Good,
        2 => Storage::Faulty,
        _ => Storage::ReadOnly,
    };
    let flag = report.int(&["home_flag"]).map(|flag| flag >> 8);
    let aux = || report.bits(&["aux"]).and_then(|aux| i64::try_from(aux >> 12 & 3).ok());
    let bits = flag.or_else(aux).map(of_bits);
    match report.at(&["sdcard"]) {
        Some(Value::Bool(true)) => Some(bits.filter(|bits| *bits != Storage::Missing).unwrap_or(Storage::Good)),
        Some(Value::Bool(false)) => Some(Storage::Missing),
        // The format of firmware of 2022.
        Some(Value::String(word)) => match word.as_str() {
            "NO_SDCARD" => Some(Storage::Missing),
            "HAS_SDCARD_NORMAL" => Some(Storage::Good),
            "HAS_SDCARD_ABNORMAL" => Some(Storage::Faulty),
            "HAS_SDCARD_READONLY" => Some(Storage::ReadOnly),
            _ => bits,
        },
        _ => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use serde_json::json;

    fn of<T>(report: &Value, read: impl Fn(&FieldReader<'_>) -> T) -> T {
        read(&FieldReader::new(report.as_object().expect("an object"), &UnreadFields::default()))
    }

    #[test]
    fn fans_are_read_from_the_most_exact_field() {
        let check = |report: Value, model, expected: [Option<u8>; 4]| {
            let fans = of(&report, |report| fans(report, model));
            assert_eq!([fans.part, fans.auxiliary, fans.chamber, fans.heatbreak], expected, "{report}");
        };
        let texts = json!({"cooling_fan_speed": "15", "big_fan1_speed": "7", "big_fan2_speed": "0", "heatbreak_fan_speed": "15"});
        check(texts.clone(), Some(Model::P1S), [Some(100), Some(47), Some(0), Some(100)]);
        check(texts, Some(Model::A1), [Some(100), None, None, Some(100)]);
        check(json!({"fan_gear": 16_757_503, "cooling_fan_speed": "3"}), None, [Some(100), Some(70), Some(100), None]);
        check(json!({"fan_gear": 142}), None, [Some(56), Some(0), Some(0), None]);
        check(json!({"cooling_fan_speed": "16", "big_fan1_speed": -1}), None, [None; 4]);
        let airduct = json!({"fan_gear": 0, "device": {"airduct": {"parts": [
            {"id": 16, "state": 55}, {"id": 48, "state": 101}, {"id": 96, "state": 30}, {"id": 160, "state": 20}]}}});
        check(airduct.clone(), Some(Model::P2S), [Some(55), Some(0), Some(0), None]);
        let fans = of(&airduct, |report| fans(report, None));
        assert_eq!((fans.inner_loop, fans.second_auxiliary), (Some(30), Some(20)));
    }

    #[test]
    fn the_chamber_is_lit_if_any_of_its_lights_is() {
        let check = |report: Value, expected| {
            assert_eq!(of(&report, |report| light(report, &lights(report))), expected, "{report}");
        };
        let reported = |nodes: &[(&str, &str)]| {
            let nodes: Vec<Value> = nodes.iter().map(|(node, mode)| json!({"node": node, "mode": mode})).collect();
            json!({"lights_report": nodes, "cfg": "0"})
        };
        check(reported(&[("chamber_light", "on")]), Some(true));
        check(reported(&[("chamber_light", "off"), ("work_light", "flashing")]), Some(false));
        check(reported(&[("chamber_light", "off"), ("chamber_light2", "on")]), Some(true));
        check(reported(&[("chamber_light", "dim")]), Some(false));
        check(json!({"cfg": "FB299"}), Some(true));
        check(json!({"lights_report": [{"node": "work_light", "mode": "on"}]}), None);
    }

    #[test]
    fn a_cable_differs_from_a_weak_signal() {
        let check = |report: Value, expected| assert_eq!(of(&report, network), expected, "{report}");
        check(json!({"wifi_signal": "-53dBm", "net": {"conf": 0}}), Some(Network::Wifi { dbm: -53 }));
        check(json!({"wifi_signal": "-90dBm"}), Some(Network::Wifi { dbm: -90 }));
        check(json!({"wifi_signal": "-90dBm", "net": {"conf": 17}}), Some(Network::Wired));
        check(
            json!({"wifi_signal": "-90dBm", "net": {"conf": 16, "info": [{"ip": 0}, {"ip": 838_969_536}]}}),
            Some(Network::Wired),
        );
        for unknown in ["", "dBm", "12dBm", "-900dBm", "**REDACTED**"] {
            check(json!({ "wifi_signal": unknown }), None);
        }
    }

    #[test]
    fn the_door_is_known_only_for_models_that_report_it() {
        let check = |report: Value, model, expected| {
            assert_eq!(of(&report, |report| door_open(report, model)), expected, "{report} {model:?}");
        };
        check(json!({"stat": "46258008"}), Some(Model::H2D), Some(false));
        check(json!({"stat": "46A58008"}), Some(Model::H2D), Some(true));
        check(json!({"home_flag": -1_066_934_785}), Some(Model::H2D), Some(false));
        check(json!({"home_flag": -1_058_546_177}), Some(Model::H2D), Some(true));
        let differing = || json!({"home_flag": -1_066_934_785, "stat": "46A58008"});
        check(differing(), Some(Model::X1C), Some(false));
        check(differing(), Some(Model::H2D), Some(true));
        check(json!({"stat": "46A58008", "home_flag": -1}), Some(Model::A2L), None);
        check(json!({"home_flag": -1}), Some(Model::P1S), None);
        check(json!({"home_flag": -1}), None, None);
        check(json!({"stat": "46A58008"}), None, Some(true));
    }

    #[test]
    fn the_memory_card_is_missing_good_or_faulty() {
        let check = |report: Value, expected| assert_eq!(of(&report, storage), expected, "{report}");
        check(json!({"sdcard": true, "home_flag": 0}), Some(Storage::Good));
        check(json!({"sdcard": true, "home_flag": 0x200}), Some(Storage::Faulty));
        check(json!({"sdcard": true, "home_flag": -1}), Some(Storage::ReadOnly));
        check(json!({"sdcard": false, "home_flag": 0x100}), Some(Storage::Missing));
        check(json!({"sdcard": "HAS_SDCARD_READONLY"}), Some(Storage::ReadOnly));
        check(json!({"aux": "2D01004"}), Some(Storage::Good));
        check(json!({}), None);
    }

    #[test]
    fn the_speed_has_four_levels() {
        let check = |report: Value, expected| assert_eq!(of(&report, speed), expected, "{report}");
        check(json!({"spd_lvl": 1}), Some(Speed::Silent));
        check(json!({"spd_lvl": "4", "cfg": "100"}), Some(Speed::Ludicrous));
        check(json!({"cfg": "FB299"}), Some(Speed::Standard));
        check(json!({"spd_lvl": 253, "spd_mag": 124}), Some(Speed::Sport));
        check(json!({"spd_lvl": 253, "spd_mag": 99}), None);
        check(json!({"spd_lvl": 5}), None);
    }
}
