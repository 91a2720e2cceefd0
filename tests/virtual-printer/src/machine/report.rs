//! The report: every field of a `push_status`, as each firmware has them. Where a number's meaning is not known
//! (`mc_action`, `job_attr`, `ver` …), it is one that was seen.

use super::ams::{self, Source};
use super::job::{JobState, Pause, Phase};
use super::model::{Chamber, Fields};
use super::{Machine, Model};
use crate::json::{Json, Object, list, object};

/// The fans, each 0 to 255.
pub(super) struct Fans {
    pub(super) part: u8,
    pub(super) aux: u8,
    pub(super) chamber: u8,
    heatbreak: u8,
}

impl Machine {
    /// All that there is to say now, but for what says that it is a report.
    pub(crate) fn report(&mut self, unix_ms: i64) -> Object {
        self.drift.go_on(&mut self.noise);
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
            ("ams".into(), self.ams()),
        ]);
        report.extend(ams::external(self.has_external_spool, &self.profile));
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
            ("fail_reason".into(), self.print_error.to_string().into()),
            ("gcode_start_time".into(), "0".into()),
            ("maintain".into(), 3.into()),
            ("mc_print_error_code".into(), "0".into()),
            ("lifecycle".into(), "product".into()),
            ("wifi_signal".into(), self.wifi()),
            ("filam_bak".into(), Json::List(vec![])),
            ("upgrade_state".into(), self.upgrade_state()),
            ("hms".into(), self.hms()),
            ("online".into(), object([("ahb", false.into()), ("rfid", false.into()), ("version", 9.into())])),
            ("ams".into(), self.ams()),
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
        report.extend(ams::external(self.has_external_spool, &self.profile));
        report
    }

    fn new_fields(&mut self, unix_ms: i64) -> Object {
        let mut report = self.old_x1();
        let is_old = |name: &str| {
            matches!(name, "chamber_temper" | "gcode_start_time" | "filam_bak" | "online" | "lifecycle" | "maintain")
                || name == "mess_production_state"
        };
        report.retain(|(name, _)| !is_old(name));
        let remaining = self.remaining_minutes();
        let done = self.percent();
        report.extend([
            ("ap_err".into(), self.print_error.into()),
            ("aux".into(), format!("{:X}", 0x200_0004 | u32::from(self.has_card) << 12).into()),
            ("batch_id".into(), 0.into()),
            ("canvas_id".into(), 0.into()),
            ("care".into(), list([object([("id", "ls".into()), ("info", "8701864".into())])])),
            ("cfg".into(), self.cfg().into()),
            ("design_id".into(), "".into()),
            ("device".into(), self.device()),
            ("err".into(), self.err().into()),
            ("file".into(), self.file()),
            ("fun".into(), format!("{:X}", self.profile.fun | u64::from(!self.developer_mode) << 29).into()),
            ("job".into(), self.stages()),
            ("job_attr".into(), 17.into()),
            ("job_id".into(), self.job_id().into()),
            ("mapping".into(), list(self.mapping())),
            ("mc_action".into(), 0.into()),
            ("mc_err".into(), 0.into()),
            ("mc_stage".into(), self.mc_stage().into()),
            ("model_id".into(), "".into()),
            ("net".into(), self.net()),
            ("online".into(), self.online()),
            ("percent".into(), done.into()),
            ("plate_cnt".into(), 1.into()),
            ("plate_id".into(), 1.into()),
            ("plate_idx".into(), 1.into()),
            ("prepare_per".into(), self.unpacked().into()),
            ("print_gcode_action".into(), 0.into()),
            ("print_real_action".into(), 0.into()),
            ("queue".into(), 0.into()),
            ("remain_time".into(), remaining.into()),
            ("stat".into(), format!("{:X}", 0x16_3821_80F0_u64 & !(1 << 23) | u64::from(self.door_open) << 23).into()),
            ("state".into(), self.state_number().into()),
            ("ver".into(), "2000A".into()),
        ]);
        report.extend(self.firmware.more.iter().map(|&name| (name.into(), self.more(name, unix_ms))));
        match self.profile.chamber {
            Chamber::Five => report.push(("chamber_temper".into(), 5.into())),
            Chamber::Both => report.extend([
                ("chamber_temper".into(), self.chamber.now_c.round().into()),
                ("ctt".into(), u32::from(self.chamber_target()).into()),
            ]),
            Chamber::OldField | Chamber::Device => {
                report.push(("info".into(), object([("temp", self.packed_chamber())])));
            }
        }
        report
    }

    fn temperatures(&self) -> Object {
        let (nozzle_c, target_c) = self.shown_nozzle_c();
        vec![
            ("nozzle_temper".into(), nozzle_c.into()),
            ("nozzle_target_temper".into(), target_c.into()),
            ("bed_temper".into(), self.shown_bed_c().into()),
            ("bed_target_temper".into(), self.bed.target_c.into()),
        ]
    }

    fn progress(&self) -> Object {
        let stage = match self.state() {
            JobState::Running => "2",
            JobState::Pause if self.profile.fields == Fields::New => "3",
            JobState::Pause => "2",
            _ => "1",
        };
        let (layer, layers) = self.shown_layers();
        vec![
            ("mc_print_stage".into(), stage.into()),
            ("mc_print_sub_stage".into(), 0.into()),
            ("mc_percent".into(), self.percent().into()),
            ("mc_remaining_time".into(), self.remaining_minutes().into()),
            ("spd_mag".into(), self.speed_percent().into()),
            ("spd_lvl".into(), if self.is_about_to_finish() { 253 } else { self.speed_level }.into()),
            ("layer_num".into(), layer.into()),
            ("total_layer_num".into(), layers.into()),
            ("stg".into(), if self.has_forgotten() { Json::List(vec![]) } else { self.planned() }),
            ("stg_cur".into(), self.stage().into()),
        ]
    }

    fn errors(&self) -> Object {
        let ams = self.feeding.ams_status(self.state() == JobState::Running);
        vec![
            ("ams_status".into(), i64::from(ams).into()),
            ("ams_rfid_status".into(), 0.into()),
            ("print_error".into(), self.print_error.into()),
        ]
    }

    fn job(&self) -> Object {
        let id = self.job_id();
        let kind = match (self.phase, self.profile.fields) {
            _ if self.has_forgotten() => "idle",
            (Phase::Idle, Fields::Esp32) => "idle",
            (Phase::Idle, _) => "",
            _ => "local",
        };
        let mut job: Object = vec![
            ("gcode_state".into(), self.state().as_str().into()),
            ("gcode_file_prepare_percent".into(), self.unpacked().to_string().into()),
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
            ("hw_switch_state".into(), self.filament_switch().into()),
            ("sdcard".into(), self.has_card.into()),
            ("force_upgrade".into(), false.into()),
            ("mess_production_state".into(), "active".into()),
            ("cali_version".into(), 0.into()),
            ("nozzle_diameter".into(), "0.4".into()),
            ("nozzle_type".into(), self.profile.nozzle.into()),
        ]
    }

    pub(super) fn fans(&self) -> Fans {
        let prints = self.phase == Phase::Printing && self.paused.is_none();
        let hot = self.nozzles.iter().any(|nozzle| nozzle.now_c > 50.0);
        Fans {
            part: if prints && self.layer() > 1 { 178 } else { 0 },
            aux: if prints && self.profile.enclosed { 127 } else { 0 },
            chamber: if prints && self.profile.enclosed { 76 } else { 0 },
            heatbreak: if hot { 255 } else { 0 },
        }
    }

    fn mapping(&self) -> Option<i64> {
        (self.job > 0).then(|| self.feeding.wanted.slot_now(self.active_extruder))
    }

    fn ipcam(&self) -> Json {
        let switch = |on: bool| Json::from(if on { "enable" } else { "disable" });
        let resolution = match self.model {
            Model::P1P | Model::P1S => "",
            _ => "1080p",
        };
        let mut ipcam = vec![
            ("ipcam_dev".into(), if self.has_camera { "1" } else { "0" }.into()),
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

    fn wifi(&self) -> Json {
        // On Ethernet, this number stands for none.
        let dbm = if self.profile.wired { -90 } else { self.drift.wifi_dbm() };
        format!("{dbm}dBm").into()
    }

    fn upgrade_state(&self) -> Json {
        let progress = self.update.map(|percent| percent.to_string()).unwrap_or_default();
        let (status, shown) = if self.update.is_some() { ("DOWNLOADING", 2) } else { ("IDLE", 0) };
        let mut state: Object = vec![
            ("sequence_id".into(), 0.into()),
            ("progress".into(), progress.into()),
            ("status".into(), status.into()),
            ("consistency_request".into(), false.into()),
            ("dis_state".into(), shown.into()),
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

    fn lights_report(&self) -> Json {
        list(self.lights.iter().map(|&(node, mode)| object([("node", node.into()), ("mode", mode.into())])))
    }

    fn cfg(&self) -> String {
        let lit = u32::from(self.is_lit("chamber_light"));
        format!("{:X}", 0x185F_DA99_u32 & !0x0780 | lit << 7 | u32::from(self.speed_level) << 8)
    }

    pub(super) fn shown_layers(&self) -> (u32, u32) {
        self.staged_layers().unwrap_or((self.layer(), self.layers()))
    }

    fn ams(&self) -> Json {
        ams::json(&self.units, &self.feeding, self.firmware.tray_now, &self.profile)
    }

    fn planned(&self) -> Json {
        list(self.steps().iter().map(|step| step.stage))
    }

    /// The small boards forget file, type and stages of a job that is over.
    fn has_forgotten(&self) -> bool {
        self.profile.fields == Fields::Esp32 && matches!(self.phase, Phase::Finished | Phase::Failed)
    }

    /// Whether there is filament at the toolhead; 2 and 3 on the newer ones with one nozzle.
    fn filament_switch(&self) -> i32 {
        let is_there = i32::from(self.feeding.now != Source::None);
        is_there | if matches!(self.model, Model::P2S | Model::H2S) { 2 } else { 0 }
    }

    fn job_id(&self) -> String {
        if self.job > 0 { (465_293_700 + self.job).to_string() } else { "0".to_owned() }
    }

    fn file(&self) -> Json {
        match (self.job, self.profile.rtsp) {
            (0, _) => "".into(),
            _ if self.has_forgotten() => "".into(),
            (_, true) => "/data/Metadata/plate_1.gcode".into(),
            (_, false) => format!("{}.gcode.3mf", self.print.name).into(),
        }
    }

    /// `stg_cur`.
    fn stage(&self) -> i32 {
        if let Some(stage) = self.staged_stage().or(self.paused.and_then(Pause::stage)) {
            return stage;
        }
        match self.phase {
            Phase::Warming(index) => self.firmware.start.get(index).map_or(0, |step| step.stage.into()),
            Phase::Printing if self.feeding.is_changing() && self.firmware.stages_change => 4,
            Phase::Printing => 0,
            Phase::Unloading => 255,
            _ => match self.model {
                Model::A1Mini | Model::A2L => 0,
                Model::P1P | Model::P1S | Model::A1 => 255,
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
