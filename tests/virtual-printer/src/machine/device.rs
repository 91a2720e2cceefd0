//! What the new fields have in `device` and `job`: extruders, nozzles, air, packed temperatures.

use super::model::Chamber;
use super::{Machine, Model};
use crate::json::{Json, list, object};

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
        Json::Object(device)
    }

    fn extruders(&self) -> Json {
        let main = self.profile.main_extruder;
        let info = (0i32..).zip(&self.nozzles).map(|(id, nozzle)| {
            let (feeds, slot) = match usize::try_from(id) == Ok(main) {
                true => (true, self.feeding.slot_now()),
                false => (false, 0xFFFF),
            };
            object([
                ("id", id.into()),
                ("temp", packed(nozzle.now_c, nozzle.target_c)),
                ("hnow", id.into()),
                ("hpre", id.into()),
                ("htar", id.into()),
                ("snow", slot.into()),
                ("spre", slot.into()),
                ("star", slot.into()),
                ("stat", 0.into()),
                ("info", if feeds { 0x0E } else { 0x08 }.into()),
                ("filam_bak", Json::List(vec![])),
            ])
        });
        // How many; the one in use; the one that is to be.
        let state = self.nozzles.len() | main << 4 | main << 8;
        object([("info", list(info)), ("state", i64::try_from(state).unwrap_or_default().into())])
    }

    fn nozzles_info(&self) -> Json {
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

    pub(super) fn packed_chamber(&self) -> Json {
        packed(self.chamber.now_c, self.chamber_target().into())
    }
}

/// Degrees now in the low half, degrees wanted in the high one.
fn packed(now_c: f64, target_c: f64) -> Json {
    let [now, target] = [now_c, target_c].map(|degrees| degrees.round().clamp(0.0, 999.0) as i64);
    (target << 16 | now).into()
}
