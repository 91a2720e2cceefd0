//! What the new fields have in `device`, `job` and beside them: extruders, nozzles, air, packed temperatures.

use super::ams::Source;
use super::feed::Feeding;
use super::job::JobState;
use super::model::Chamber;
use super::{Machine, Model};
use crate::json::{Json, Object, list, object};

impl Machine {
    /// `device`: the new fields' heart.
    pub(super) fn device(&self) -> Json {
        let bed = packed(self.bed.now_c, self.bed.target_c);
        let mut device = vec![
            ("type".into(), 1.into()),
            ("bed".into(), object([("info", object([("temp", bed.clone())])), ("state", 2.into())])),
            ("bed_temp".into(), bed),
            ("ctc".into(), object([("info", object([("temp", self.packed_chamber())])), ("state", 0.into())])),
            ("extruder".into(), self.extruders()),
            ("nozzle".into(), self.nozzles_info()),
            ("fan".into(), 409_600.into()),
            ("laser".into(), object([("power", 0.into())])),
        ];
        if self.profile.chamber == Chamber::Both {
            device.push(("cham_temp".into(), self.packed_chamber()));
        }
        if self.profile.enclosed && self.model != Model::X1C {
            device.push(("airduct".into(), self.airduct()));
        }
        if self.profile.chamber == Chamber::Five {
            device.retain(|(name, _)| name != "ctc");
        }
        if self.staged.has_old_nozzle {
            device.retain(|(name, _)| name != "extruder");
        }
        Json::Object(device)
    }

    fn extruders(&self) -> Json {
        let active = self.active_extruder;
        let status = self.feeding.ams_status(self.state() == JobState::Running);
        let info = (0i32..).zip(self.nozzles.iter().enumerate()).map(|(id, (index, nozzle))| {
            let feeding = if index == active { self.feeding } else { Feeding::NOTHING };
            // A nozzle, filament in it, and the left one's own bit.
            let info = 0x08 | i32::from(feeding.now != Source::None) << 1 | id << 4;
            object([
                ("id", id.into()),
                ("temp", packed(nozzle.now_c, nozzle.target_c)),
                ("hnow", id.into()),
                ("hpre", id.into()),
                ("htar", id.into()),
                ("snow", feeding.now.slot_now(index).into()),
                ("spre", feeding.before.slot_now(index).into()),
                ("star", feeding.wanted.slot_now(index).into()),
                ("stat", i64::from(if index == active { status } else { 0 }).into()),
                ("info", info.into()),
                ("filam_bak", Json::List(vec![])),
            ])
        });
        // How many; the one in use; the one that is to be.
        let state = self.nozzles.len() | active << 4 | active << 8;
        object([("info", list(info)), ("state", i64::try_from(state).unwrap_or_default().into())])
    }

    fn nozzles_info(&self) -> Json {
        if self.staged.has_old_nozzle {
            let (now_c, _) = self.shown_nozzle_c();
            let nozzle = object([("info", 8.into()), ("temp", (now_c as i64).into())]);
            return object([("0", nozzle), ("info", 8.into())]);
        }
        let info = (0i32..).zip(self.profile.nozzles).map(|(id, &kind)| {
            object([
                ("id", id.into()),
                ("diameter", 0.4.into()),
                ("type", kind.into()),
                ("tm", 0.into()),
                ("wear", 0.into()),
            ])
        });
        let exist = (1 << self.profile.nozzles.len()) - 1;
        object([("exist", exist.into()), ("info", list(info)), ("state", 0.into())])
    }

    fn airduct(&self) -> Json {
        let fans = self.fans();
        let part = |id: i32, func: i32, fan: u8| {
            let percent = (f64::from(fan) / 2.55).round() as i32;
            object([("id", id.into()), ("func", func.into()), ("state", percent.into()), ("range", 6_553_600.into())])
        };
        let mode = |id: i32, ctrl: &[i32], off: &[i32]| {
            object([("modeId", id.into()), ("ctrl", list(ctrl.iter().copied())), ("off", list(off.iter().copied()))])
        };
        object([
            ("modeCur", 0.into()),
            ("modeList", list([mode(0, &[16, 32, 48], &[96]), mode(1, &[16], &[32, 48])])),
            ("parts", list([part(16, 0, fans.part), part(32, 1, fans.aux), part(48, 2, fans.chamber), part(96, 3, 0)])),
        ])
    }

    pub(super) fn stages(&self) -> Json {
        let stage = object([
            ("idx", 0.into()),
            ("type", 2.into()),
            ("tool", list(self.profile.nozzles.iter().copied())),
            ("diameter", list(self.profile.nozzles.iter().map(|_| 0.4))),
            ("color", list(self.profile.nozzles.iter().map(|_| ""))),
        ]);
        object([("cur_stage", object([("idx", 0.into()), ("state", 2.into())])), ("stage", list([stage]))])
    }

    /// What one firmware says and another does not.
    pub(super) fn more(&self, name: &str, unix_ms: i64) -> Json {
        let (layer, layers) = self.shown_layers();
        match name {
            "2D" => {
                object([("bs", object([("bi", Json::List(vec![])), ("total_time", 0.into())])), ("cond", 14.into())])
            }
            "3D" => object([("layer_num", layer.into()), ("total_layer_num", layers.into())]),
            "err2" => object([("err_code", self.err().into()), ("img_id", "".into())]),
            "fun2" => "10F7".into(),
            "lan_task_id" => "0".into(),
            "maintain" => 3.into(),
            "stg_cd" => 0.into(),
            "t_utc" => unix_ms.into(),
            _ => Json::Null,
        }
    }

    pub(super) fn online(&self) -> Json {
        let has_hub = self.nozzles.len() > 1 || self.model == Model::X1C;
        let mut online: Object = vec![("ahb".into(), true.into()), ("version".into(), 10.into())];
        online.extend(has_hub.then(|| ("ext".into(), true.into())));
        Json::Object(online)
    }

    /// As an H2D wrote it while it was paused and when it was stopped; the first two digits are not understood.
    pub(super) fn err(&self) -> String {
        match (self.print_error, self.paused) {
            (0, _) => "0".to_owned(),
            (error, Some(_)) => format!("34{error:08X}"),
            (error, None) => format!("36{error:08X}"),
        }
    }

    pub(super) fn packed_chamber(&self) -> Json {
        packed(self.chamber.now_c, self.chamber_target().into())
    }
}

/// Degrees now in the low half, degrees wanted in the high one.
fn packed(now_c: f64, target_c: f64) -> Json {
    let [now, target] = [now_c, target_c].map(|degrees| degrees.round().clamp(0.0, 999.0) as i64);
    (target << 16 | now).into()
}
