//! The machine around the print: fans, speed, lights, network, door, memory card.

use crate::printer::model::Model;
use crate::printer::read::Reader;
use serde_json::Value;

/// Lights and airduct parts of one printer; the most that is known are four and six.
const MOST_LIGHTS: usize = 16;
const MOST_PARTS: usize = 16;

/// Fans in per cent; `None` where the machine has none or does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fans {
    /// Cools the part.
    pub part: Option<u8>,
    /// At the side.
    pub auxiliary: Option<u8>,
    /// At the other side (P2S, X2D).
    pub second_auxiliary: Option<u8>,
    /// Blows the chamber's air out.
    pub chamber: Option<u8>,
    /// Moves or heats the air within.
    pub inner_loop: Option<u8>,
    /// Cools the hotend's upper end.
    pub heatbreak: Option<u8>,
}

/// How fast it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// 50 %
    Silent,
    /// 100 %
    Standard,
    /// 124 %
    Sport,
    /// 166 %
    Ludicrous,
}

/// A light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Light {
    /// `chamber_light`, `work_light` …
    pub node: String,
    /// What it does.
    pub mode: LightMode,
}

/// What a light does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LightMode {
    /// It is on.
    On,
    /// It is off.
    Off,
    /// It flashes, as a work light does when it waits.
    Flashing,
    /// A word nobody knows.
    Unknown,
}

/// How the printer is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// By a cable.
    Wired,
    /// By Wi-Fi, with its signal.
    Wifi {
        /// dBm
        dbm: i8,
    },
}

/// The memory card or stick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// None is in.
    Missing,
    /// It is well.
    Good,
    /// It cannot be used.
    Faulty,
    /// It cannot be written.
    ReadOnly,
}

/// The fans: the parts of the airduct, where there is one, are exact; `fan_gear` counts to 255, the texts of old only
/// to 15.
#[must_use]
pub fn fans(report: &Reader<'_>, model: Option<Model>) -> Fans {
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
    // The texts are there for fans that are not.
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

/// The speed level. An A1 (01.07.00.00) says level 253 for two seconds at the end of a print; then the percentage tells.
#[must_use]
pub fn speed(report: &Reader<'_>) -> Option<Speed> {
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

/// The lights the printer reports, which are those it has.
#[must_use]
pub fn lights(report: &Reader<'_>) -> Vec<Light> {
    let light = |light: Reader<'_>| {
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

/// Whether it is light in the chamber: if any of its lights is on.
#[must_use]
pub fn light(report: &Reader<'_>, lights: &[Light]) -> Option<bool> {
    let known: Vec<bool> = chamber_lights(lights).filter_map(|light| light.mode.is_lit()).collect();
    if known.is_empty() {
        return report.bits(&["cfg"]).map(|cfg| cfg >> 7 & 1 == 1);
    }
    Some(known.contains(&true))
}

/// Those of the lights that light the chamber: one, or two on the H2 series.
pub fn chamber_lights(lights: &[Light]) -> impl Iterator<Item = &Light> {
    lights.iter().filter(|light| matches!(light.node.as_str(), "chamber_light" | "chamber_light2"))
}

impl LightMode {
    /// Whether it gives light; `None` for words nobody knows.
    #[must_use]
    pub fn is_lit(self) -> Option<bool> {
        match self {
            Self::On | Self::Flashing => Some(true),
            Self::Off => Some(false),
            Self::Unknown => None,
        }
    }
}

/// How it is connected. A wired machine reports −90 dBm.
#[must_use]
pub fn network(report: &Reader<'_>) -> Option<Network> {
    if report.int(&["net", "conf"]).is_some_and(|conf| conf & 1 == 1) {
        return Some(Network::Wired);
    }
    // The first address is Wi-Fi's, the second the cable's.
    let mut addresses = report.objects(&["net", "info"], 2).map(|info| info.int(&["ip"]).unwrap_or(0) != 0);
    if (addresses.next(), addresses.next()) == (Some(false), Some(true)) {
        return Some(Network::Wired);
    }
    let signal = report.text(&["wifi_signal"])?;
    let number = signal.strip_suffix("dBm").unwrap_or(&signal).trim();
    number.parse().ok().filter(|dbm| *dbm < 0).map(|dbm| Network::Wifi { dbm })
}

/// Whether the door is open; `None` on models that cannot tell. The X1 series moves the bit in `home_flag`, and an
/// X1C of 01.09 sends another one in `stat`; on the others it is the other way round.
#[must_use]
pub fn door_open(report: &Reader<'_>, model: Option<Model>) -> Option<bool> {
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

/// The memory card: the plain field tells whether one is in, the bits what is wrong with it.
#[must_use]
pub fn storage(report: &Reader<'_>) -> Option<Storage> {
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
        // Firmware of 2022.
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
    use crate::printer::read::OddFields;
    use serde_json::json;

    fn of<T>(report: &Value, read: impl Fn(&Reader<'_>) -> T) -> T {
        read(&Reader::new(report.as_object().expect("an object"), &OddFields::default()))
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
    fn a_cable_is_told_from_a_weak_signal() {
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
    fn the_door_is_told_only_by_those_that_can() {
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
    fn the_memory_card_is_there_or_not_and_well_or_not() {
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
