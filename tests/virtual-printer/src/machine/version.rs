//! `get_version`: what the machine is made of.

use super::model::{Fields, Model};
use super::{Machine, ams::UnitKind};
use crate::json::{Json, list, object};
use serde_json::Value;

/// Name, hardware, software; the unit's name where it is one.
type Module = (String, &'static str, &'static str, &'static str);

impl Machine {
    pub(super) fn versions(&self, sequence_id: &Value) -> Json {
        let mut body = vec![
            ("command".into(), "get_version".into()),
            ("sequence_id".into(), sequence_id.into()),
            ("module".into(), list(self.modules().into_iter().map(|module| self.module(module)))),
        ];
        if self.profile.fields == Fields::New {
            body.extend([("result".into(), "success".into()), ("reason".into(), "".into())]);
        }
        object([("info", Json::Object(body))])
    }

    /// `get_history`: the firmware that could be installed, which is the one it has.
    pub(super) fn history(&self, body: &Value) -> Json {
        let firmware = object([("version", self.firmware.version.into()), ("url", "".into())]);
        let one = object([("firmware", firmware), ("ams", Json::List(vec![]))]);
        let reply = object([
            ("command", "get_history".into()),
            ("sequence_id", (&body["sequence_id"]).into()),
            ("firmware_optional", list([one])),
            ("result", "success".into()),
            ("reason", "".into()),
        ]);
        object([("upgrade", reply)])
    }

    fn modules(&self) -> Vec<Module> {
        let board: &[(&str, &str, &str)] = match self.profile.fields {
            Fields::OldX1 => {
                &[("rv1126", "AP05", "00.00.21.20"), ("mc", "MC07", "00.00.14.44"), ("th", "TH09", "00.00.04.98")]
            }
            Fields::Esp32 => {
                &[("esp32", "AP04", "01.16.39.58"), ("mc", "MC02", "00.01.30.10"), ("th", "TH03", "00.00.07.72")]
            }
            Fields::New if self.profile.rtsp => &[
                ("ap", "AP05", "00.00.51.98"),
                ("mc", "MC09", "02.05.57.52"),
                ("th", "TH08", "02.01.17.55"),
                ("ext", "EXT07", "00.00.08.18"),
            ],
            Fields::New => {
                &[("esp32", "AP06", "01.20.10.02"), ("mc", "MC11", "00.02.10.04"), ("th", "TH10", "00.01.02.12")]
            }
        };
        let firmware = match self.profile.fields {
            Fields::Esp32 => "OTA",
            _ => "N/A",
        };
        let mut modules: Vec<Module> = vec![("ota".to_owned(), firmware, self.firmware.version, self.profile.product)];
        modules.extend(board.iter().map(|&(name, hardware, software)| (name.to_owned(), hardware, software, "")));
        if self.model == Model::H2C {
            modules.extend((16..=21).map(|rack| (format!("wtm/{rack}"), "WTM01", "00.00.01.05", "")));
        }
        if self.model == Model::X2D {
            modules.push(("eef".to_owned(), "EEF01", "00.00.00.21", ""));
        }
        modules.extend(self.units.iter().map(|unit| {
            let (prefix, hardware, software, product) = match unit.kind {
                UnitKind::Ams => ("ams", "AMS08", "00.01.06.62", "AMS"),
                UnitKind::AmsLite | UnitKind::AmsLiteA2L => ("ams_f1", "AMS_F102", "00.00.08.15", "AMS Lite"),
                UnitKind::Ams2Pro | UnitKind::Ams2ProOthers => ("n3f", "N3F05", "02.00.19.68", "AMS 2 Pro"),
                UnitKind::AmsHt => ("n3s", "N3S05", "02.00.19.67", "AMS HT"),
            };
            (format!("{prefix}/{}", unit.id), hardware, software, product)
        }));
        modules
    }

    fn module(&self, (name, hardware, software, product): Module) -> Json {
        let is_whole = name == "ota";
        let serial = if is_whole { self.serial.clone() } else { format!("{:.3}{:012}", self.serial, name.len()) };
        let mut members = vec![
            ("name".into(), name.into()),
            ("sw_ver".into(), software.into()),
            ("hw_ver".into(), hardware.into()),
            ("loader_ver".into(), "00.00.00.00".into()),
            ("sn".into(), serial.into()),
        ];
        if self.profile.fields == Fields::OldX1 {
            members.push(("project_name".into(), "".into()));
        } else {
            members.extend([
                ("product_name".into(), product.into()),
                ("visible".into(), (!product.is_empty()).into()),
                ("flag".into(), if is_whole { 3 } else { 0 }.into()),
            ]);
        }
        Json::Object(members)
    }
}
