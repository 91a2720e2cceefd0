//! The report: every field of a `push_status`, as each firmware has them. Where a number's meaning is not known
//! (`mc_action`, `job_attr`, `ver` …), it is one that was seen.

use super::ams;
use super::job::{JobState, Phase, STEPS};
use super::model::{Chamber, Fields};
use super::{Machine, Model};
use crate::json::{Json, Object, list, object};

/// The fans, each 0 to 255.
struct Fans {
    part: u8,
    aux: u8,
    chamber: u8,
    heatbreak: u8,
}

impl Machine {
    /// All that there is to say now, but for what says that it is a report.
    pub(crate) fn report(&mut self, unix_ms: i64) -> Object {
        match self.profile.fields {
            Fields::Esp32 => self.esp32(),
            Fields::OldX1 => self.old_x1(),
            Fields::New => self.new_fields(unix_ms),
        }
    }

    /// P1 and A1, in the order in which they write.
    fn esp32(&mut self) -> Object {
        let mut report = vec![
            ("ipcam".into(), self.ipcam()),
            ("upload".into(), object([("status", "idle".into()), ("progress", 0.into()), ("message", "".into())])),
            ("net".into(), self.net()),
        ];
        report.extend(self.temperatures());
        report.push(("chamber_temper".into(), 5.into()));
        report.extend(self.progress());
        report.extend(self.fans().gears());
        report.extend(self.errors());
        report.extend([("lifecycle".into(), "product".into()), ("wifi_signal".into(), self.wifi())]);
        report.extend(self.job());
        report.extend(self.hardware());
        report.extend([
            ("mc_print_line_number".into(), "0".into()),
            ("k".into(), "0.0200".into()),
            ("flag3".into(), 15.into()),
            ("filam_bak".into(), Json::List(vec![])),
            ("upgrade_state".into(), self.upgrade_state()),
            ("hms".into(), self.hms()),
            ("online".into(), object([("ahb", false.into()), ("rfid", false.into()), ("version", 408_456_019.into())])),
            ("ams".into(), ams::json(&self.units, self.feeding, &self.profile)),
        ]);
        report.extend(ams::external(&self.profile));
        if matches!(self.model, Model::A1 | Model::A1Mini) {
            report.push(("xcam".into(), object([("buildplate_marker_detector", true.into())])));
        }
        report.push(("lights_report".into(), self.lights_report()));
        report
    }

    fn old_x1(&mut self) -> Object {
        let mut report = vec![
            ("ipcam".into(), self.ipcam()),
            ("upload".into(), upload()),
            ("chamber_temper".into(), self.chamber.now_c.round().into()),
            ("aux_part_fan".into(), true.into()),
            ("fail_reason".into(), "0".into()),
            ("gcode_start_time".into(), "0".into()),
            ("maintain".into(), 3.into()),
            ("mc_print_error_code".into(), "0".into()),
            ("lifecycle".into(), "product".into()),
            ("wifi_signal".into(), self.wifi()),
            ("filam_bak".into(), Json::List(vec![])),
            ("upgrade_state".into(), self.upgrade_state()),
            ("hms".into(), self.hms()),
            ("online".into(), object([("ahb", false.into()), ("rfid", false.into()), ("version", 9.into())])),
            ("ams".into(), ams::json(&self.units, self.feeding, &self.profile)),
            ("lights_report".into(), self.lights_report()),
            ("xcam".into(), self.xcam()),
            ("xcam_status".into(), "0".into()),
        ];
        report.extend(self.temperatures());
        report.extend(self.progress());
        report.extend(self.fans().gears());
        report.extend(self.errors());
        report.extend(self.job());
        report.extend(self.hardware());
        report.extend(ams::external(&self.profile));
        report
    }

    fn new_fields(&mut self, unix_ms: i64) -> Object {
        let mut report = self.old_x1();
        let is_old = |name: &str| matches!(name, "chamber_temper" | "gcode_start_time" | "filam_bak" | "online");
        report.retain(|(name, _)| !is_old(name));
        let remaining = self.remaining_minutes();
        let done = self.percent();
        report.extend([
            ("3D".into(), object([("layer_num", self.layer().into()), ("total_layer_num", self.layers().into())])),
            ("ap_err".into(), 0.into()),
            ("aux".into(), format!("{:X}", 0x200_0004 | u32::from(self.has_card) << 12).into()),
            ("batch_id".into(), 0.into()),
            ("canvas_id".into(), 0.into()),
            ("care".into(), list([object([("id", "ls".into()), ("info", "8701864".into())])])),
            ("cfg".into(), self.cfg().into()),
            ("design_id".into(), "".into()),
            ("device".into(), self.device()),
            ("err".into(), "0".into()),
            ("file".into(), self.file()),
            ("fun".into(), format!("{:X}", self.profile.fun | u64::from(!self.developer_mode) << 29).into()),
            ("info".into(), object([("temp", self.packed_chamber())])),
            ("job".into(), self.stages()),
            ("job_attr".into(), 17.into()),
            ("job_id".into(), self.job_id().into()),
            ("lan_task_id".into(), "0".into()),
            ("mapping".into(), list(self.mapping())),
            ("mc_action".into(), 0.into()),
            ("mc_err".into(), 0.into()),
            ("mc_stage".into(), self.mc_stage().into()),
            ("model_id".into(), "".into()),
            ("net".into(), self.net()),
            ("online".into(), object([("ahb", true.into()), ("ext", true.into()), ("version", 10.into())])),
            ("percent".into(), done.into()),
            ("plate_cnt".into(), 1.into()),
            ("plate_id".into(), 1.into()),
            ("plate_idx".into(), 1.into()),
            ("prepare_per".into(), self.fetched().into()),
            ("print_gcode_action".into(), 0.into()),
            ("print_real_action".into(), 0.into()),
            ("queue".into(), 0.into()),
            ("remain_time".into(), remaining.into()),
            ("stat".into(), format!("{:X}", 0x16_3821_80F0_u64 & !(1 << 23) | u64::from(self.door_open) << 23).into()),
            ("state".into(), self.state_number().into()),
            ("t_utc".into(), unix_ms.into()),
            ("ver".into(), "2000A".into()),
        ]);
        if matches!(self.profile.chamber, Chamber::Five | Chamber::Both) {
            let degrees = if self.profile.chamber == Chamber::Five { 5.0 } else { self.chamber.now_c.round() };
            report.push(("chamber_temper".into(), degrees.into()));
        }
        if self.profile.chamber == Chamber::Both {
            report.push(("ctt".into(), u32::from(self.chamber_target()).into()));
        }
        if self.model == Model::X2D {
            report.push(("err2".into(), object([("err_code", 0.into()), ("img_id", "".into())])));
        }
        report
    }

    fn temperatures(&mut self) -> Object {
        // The small boards report steps of 1/32 degree, and some noise with them.
        let shown = |celsius: f64, noise: f64| match self.profile.fields {
            Fields::Esp32 => ((celsius + noise * 0.1) * 32.0).round() / 32.0,
            _ => celsius.round(),
        };
        let noise = [self.noise.unit(), self.noise.unit()];
        let nozzle = self.nozzles.get(self.profile.main_extruder);
        let (nozzle_c, target_c) = nozzle.map_or((0.0, 0.0), |nozzle| (nozzle.now_c, nozzle.target_c));
        vec![
            ("nozzle_temper".into(), shown(nozzle_c, noise[0]).into()),
            ("nozzle_target_temper".into(), target_c.into()),
            ("bed_temper".into(), shown(self.bed.now_c, noise[1]).into()),
            ("bed_target_temper".into(), self.bed.target_c.into()),
        ]
    }

    fn progress(&self) -> Object {
        let prints = matches!(self.state(), JobState::Running | JobState::Pause);
        vec![
            ("mc_print_stage".into(), if prints { "2" } else { "1" }.into()),
            ("mc_print_sub_stage".into(), 0.into()),
            ("mc_percent".into(), self.percent().into()),
            ("mc_remaining_time".into(), self.remaining_minutes().into()),
            ("spd_mag".into(), self.speed_percent().into()),
            ("spd_lvl".into(), self.speed_level.into()),
            ("layer_num".into(), self.layer().into()),
            ("total_layer_num".into(), self.layers().into()),
            ("stg".into(), if self.job > 0 { list(STEPS.map(|step| step.stage)) } else { Json::List(vec![]) }),
            ("stg_cur".into(), self.stage().into()),
        ]
    }

    fn errors(&self) -> Object {
        // The main code of `ams_status`: 3, it helps along while it prints.
        let ams = if self.state() == JobState::Running { 768 } else { 0 };
        vec![
            ("ams_status".into(), ams.into()),
            ("ams_rfid_status".into(), 0.into()),
            ("print_error".into(), self.print_error.into()),
        ]
    }

    fn job(&self) -> Object {
        let id = self.job_id();
        let kind = match (self.state(), self.profile.fields) {
            (JobState::Idle, Fields::Esp32) => "idle",
            (JobState::Idle, _) => "",
            _ => "local",
        };
        let mut job: Object = vec![
            ("gcode_state".into(), self.state().as_str().into()),
            ("gcode_file_prepare_percent".into(), self.fetched().to_string().into()),
            ("gcode_file".into(), self.file()),
            ("subtask_name".into(), if self.job > 0 { self.print.name.clone() } else { String::new() }.into()),
            ("print_type".into(), kind.into()),
        ];
        job.extend(["project_id", "profile_id", "task_id", "subtask_id"].map(|name| (name.into(), id.clone().into())));
        job.extend(["queue_number", "queue_total", "queue_est", "queue_sts"].map(|name| (name.into(), 0.into())));
        job.push(("s_obj".into(), Json::List(vec![])));
        job
    }

    fn hardware(&self) -> Object {
        // Homed, with a card, and the older models' door.
        let home_flag = 0x0173_4007_u32 | u32::from(self.has_card) << 8 | u32::from(self.door_open) << 23;
        vec![
            ("home_flag".into(), (home_flag as i32).into()),
            ("hw_switch_state".into(), 1.into()),
            ("sdcard".into(), self.has_card.into()),
            ("force_upgrade".into(), false.into()),
            ("mess_production_state".into(), "active".into()),
            ("cali_version".into(), 0.into()),
            ("nozzle_diameter".into(), "0.4".into()),
            ("nozzle_type".into(), self.profile.nozzle.into()),
        ]
    }

    fn fans(&self) -> Fans {
        let prints = self.phase == Phase::Printing && self.paused.is_none();
        let hot = self.nozzles.iter().any(|nozzle| nozzle.now_c > 50.0);
        Fans {
            part: if prints && self.layer() > 1 { 178 } else { 0 },
            aux: if prints && self.profile.enclosed { 127 } else { 0 },
            chamber: if prints && self.profile.enclosed { 76 } else { 0 },
            heatbreak: if hot { 255 } else { 0 },
        }
    }

    /// `device`: the new fields' heart.
    fn device(&self) -> Json {
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
            let rest = [("id", id.into()), ("diameter", 0.4.into()), ("type", kind.into())];
            Json::Object(rest.into_iter().chain([("tm", 0.into()), ("wear", 0.into())]).map(named).collect())
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

    fn stages(&self) -> Json {
        let stage = object([
            ("idx", 0.into()),
            ("type", 2.into()),
            ("tool", list(self.profile.nozzles.iter().copied())),
            ("diameter", list(self.profile.nozzles.iter().map(|_| 0.4))),
            ("color", list(self.profile.nozzles.iter().map(|_| ""))),
        ]);
        object([("cur_stage", object([("idx", 0.into()), ("state", 2.into())])), ("stage", list([stage]))])
    }

    fn mapping(&self) -> Option<i64> {
        (self.job > 0).then(|| self.feeding.slot_now())
    }

    fn ipcam(&self) -> Json {
        let switch = |on: bool| Json::from(if on { "enable" } else { "disable" });
        let resolution = match self.model {
            Model::P1P | Model::P1S => "",
            _ => "1080p",
        };
        let mut ipcam = vec![
            ("ipcam_dev".into(), "1".into()),
            ("ipcam_record".into(), switch(self.records)),
            ("timelapse".into(), switch(self.timelapse)),
            ("resolution".into(), resolution.into()),
            ("tutk_server".into(), "disable".into()),
            ("mode_bits".into(), if self.profile.rtsp { 2 } else { 3 }.into()),
        ];
        if self.profile.rtsp {
            let url = self.rtsp_url.clone().unwrap_or_else(|| "disable".to_owned());
            ipcam.push(("rtsp_url".into(), url.into()));
        }
        if self.profile.rtsp && self.profile.fields == Fields::New {
            ipcam.extend([
                ("agora_service".into(), "disable".into()),
                ("brtc_service".into(), "enable".into()),
                ("bs_state".into(), 0.into()),
                ("laser_preview_res".into(), 5.into()),
                ("tl_store_hpd_type".into(), 2.into()),
                ("tl_store_path_type".into(), 2.into()),
            ]);
        }
        Json::Object(ipcam)
    }

    fn xcam(&self) -> Json {
        object([
            ("allow_skip_parts", false.into()),
            ("buildplate_marker_detector", true.into()),
            ("first_layer_inspector", true.into()),
            ("halt_print_sensitivity", "medium".into()),
            ("print_halt", true.into()),
            ("printing_monitor", true.into()),
            ("spaghetti_detector", true.into()),
        ])
    }

    fn net(&self) -> Json {
        let ip = u32::from_le_bytes(self.host.octets());
        let address = object([("ip", ip.into()), ("mask", 0x00FF_FFFF.into())]);
        let none = object([("ip", 0.into()), ("mask", 0.into())]);
        let (conf, info) = match (self.profile.fields, self.profile.wired) {
            (Fields::New, true) => (17, vec![none, address]),
            (Fields::New, false) => (16, vec![address, none]),
            _ => (0, vec![address]),
        };
        object([("conf", conf.into()), ("info", Json::List(info))])
    }

    fn wifi(&mut self) -> Json {
        // On Ethernet, this number stands for none.
        let dbm = if self.profile.wired { -90 } else { self.wifi_dbm + (self.noise.unit() * 3.0) as i32 };
        format!("{dbm}dBm").into()
    }

    fn upgrade_state(&self) -> Json {
        let mut state: Object = vec![
            ("sequence_id".into(), 0.into()),
            ("progress".into(), "".into()),
            ("status".into(), "IDLE".into()),
            ("consistency_request".into(), false.into()),
            ("dis_state".into(), 0.into()),
            ("err_code".into(), 0.into()),
            ("force_upgrade".into(), false.into()),
            ("message".into(), "".into()),
            ("module".into(), "".into()),
            ("new_version_state".into(), 2.into()),
        ];
        if self.profile.fields == Fields::Esp32 {
            let none = Json::List(vec![]);
            state.extend([("cur_state_code".into(), 0.into()), ("new_ver_list".into(), none)]);
        } else {
            let none = ["ahb_new_version_number", "ams_new_version_number", "ota_new_version_number"];
            state.extend(none.map(|name| (name.into(), "".into())));
        }
        Json::Object(state)
    }

    fn hms(&self) -> Json {
        list(self.hms.iter().map(|hms| object([("attr", hms.attr.into()), ("code", hms.code.into())])))
    }

    fn lights_report(&self) -> Json {
        list(self.lights.iter().map(|&(node, mode)| object([("node", node.into()), ("mode", mode.into())])))
    }

    fn cfg(&self) -> String {
        let lit = u32::from(self.is_lit("chamber_light"));
        format!("{:X}", 0x185F_DA99_u32 & !0x0780 | lit << 7 | u32::from(self.speed_level) << 8)
    }

    fn layers(&self) -> u32 {
        if self.job > 0 { self.print.layers } else { 0 }
    }

    fn job_id(&self) -> String {
        if self.job > 0 { (465_293_700 + self.job).to_string() } else { "0".to_owned() }
    }

    fn file(&self) -> Json {
        match (self.job, self.profile.rtsp) {
            (0, _) => "".into(),
            (_, true) => "/data/Metadata/plate_1.gcode".into(),
            (_, false) => format!("{}.gcode.3mf", self.print.name).into(),
        }
    }

    /// How much of the file has arrived, in per cent.
    fn fetched(&self) -> u8 {
        match self.phase {
            Phase::Idle => 0,
            Phase::Fetching => (self.phase_s / super::job::FETCH_S * 100.0).min(100.0) as u8,
            _ => 100,
        }
    }

    /// `stg_cur`.
    fn stage(&self) -> i32 {
        match (self.phase, self.paused) {
            (_, Some(why)) => why.stage().into(),
            (Phase::Warming(index), None) => STEPS.get(index).map_or(0, |step| step.stage.into()),
            (Phase::Printing, None) => 0,
            _ => match self.model {
                Model::A1 | Model::A1Mini | Model::A2L => 0,
                Model::P1P | Model::P1S => 255,
                _ => -1,
            },
        }
    }

    fn mc_stage(&self) -> i32 {
        if self.phase == Phase::Printing { 2 } else { 1 }
    }

    /// `state`. What PREPARE and PAUSE are called there is not known; here they are 3 and 5.
    fn state_number(&self) -> i32 {
        match self.state() {
            JobState::Idle => 0,
            JobState::Prepare => 3,
            JobState::Running => 4,
            JobState::Pause => 5,
            JobState::Finish => 6,
            JobState::Failed => 7,
        }
    }

    fn packed_chamber(&self) -> Json {
        packed(self.chamber.now_c, self.chamber_target().into())
    }
}

impl Fans {
    /// The old gears of 0 to 15 as text, and the three fans in one number.
    fn gears(&self) -> Object {
        let gear = |fan: u8| Json::from((fan / 17).to_string());
        let all = u32::from(self.chamber) << 16 | u32::from(self.aux) << 8 | u32::from(self.part);
        vec![
            ("heatbreak_fan_speed".into(), gear(self.heatbreak)),
            ("cooling_fan_speed".into(), gear(self.part)),
            ("big_fan1_speed".into(), gear(self.aux)),
            ("big_fan2_speed".into(), gear(self.chamber)),
            ("fan_gear".into(), all.into()),
        ]
    }
}

fn upload() -> Json {
    object([
        ("status", "idle".into()),
        ("progress", 0.into()),
        ("message", "Good".into()),
        ("file_size", 0.into()),
        ("finish_size", 0.into()),
        ("oss_url", "".into()),
        ("sequence_id", "0903".into()),
        ("speed", 0.into()),
        ("task_id", "".into()),
        ("time_remaining", 0.into()),
        ("trouble_id", "".into()),
    ])
}

fn named((name, value): (&'static str, Json)) -> (std::borrow::Cow<'static, str>, Json) {
    (name.into(), value)
}

/// Degrees now in the low half, degrees wanted in the high one.
fn packed(now_c: f64, target_c: f64) -> Json {
    let [now, target] = [now_c, target_c].map(|degrees| degrees.round().clamp(0.0, 999.0) as i64);
    (target << 16 | now).into()
}
