//! What the machine answers to a request, and what it does.

use super::job::{JobState, Pause};
use super::model::{Fields, Refusal};
use super::{Hms, Machine};
use crate::json::{Json, Object, object};
use serde_json::Value;

/// `err_code` of a refused command: 0x05024007.
const VERIFY_FAILED: i64 = 84_033_543;

/// What comes of a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) replies: Vec<Json>,
    /// A full report is wanted.
    pub(crate) full: bool,
    /// Reports are to go on, or to stop.
    pub(crate) pushing: Option<bool>,
    /// It did something that a report will show.
    pub(crate) acted: bool,
}

impl Machine {
    /// Hears a request: an object with a category in it, and perhaps a `user_id` or a `header` beside it. Of several
    /// categories each one is heard: bambulabs-api asks for report, versions and history in one message, and its users
    /// get all of them.
    pub(crate) fn hear(&mut self, request: &Value) -> Answer {
        let members = request.as_object().into_iter().flatten();
        let categories = members.filter(|(name, _)| !matches!(name.as_str(), "user_id" | "header"));
        categories.fold(Answer::default(), |answer, (category, body)| answer.and(self.hear_one(category, body)))
    }

    fn hear_one(&mut self, category: &str, body: &Value) -> Answer {
        let command = body["command"].as_str().unwrap_or_default();
        match (category, command) {
            ("pushing", "pushall") => Answer { full: true, ..Answer::default() },
            ("pushing", "start") => Answer { pushing: Some(true), ..Answer::default() },
            ("pushing", "stop") => Answer { pushing: Some(false), ..Answer::default() },
            ("info", "get_version") => {
                Answer { replies: vec![self.versions(&body["sequence_id"])], ..Answer::default() }
            }
            ("upgrade", "get_history") => Answer { replies: vec![self.history(body)], ..Answer::default() },
            ("print", _) if !self.developer_mode => self.refuse(body),
            ("print", _) => self.obey(command, body),
            ("system", "ledctrl") => self.switch_light(body),
            ("system", "") if !body["led_mode"].is_null() => self.switch_unnamed_light(body),
            ("system", "uiop") => self.clear_error(category, body),
            ("system", _) => echo(category, body, &[("result", "SUCCESS")]),
            ("camera", _) => self.set_camera(command, body),
            ("xcam", _) => echo(category, body, &[("result", "SUCCESS")]),
            _ => Answer::default(),
        }
    }

    /// The four ways of the facts.
    fn refuse(&mut self, body: &Value) -> Answer {
        let shows = matches!(self.refusal, Refusal::Hms | Refusal::BareEcho);
        if shows && !self.hms.contains(&Hms::COMMAND_REFUSED) {
            self.hms.push(Hms::COMMAND_REFUSED);
        }
        let reply = match self.refusal {
            Refusal::Reply => Some(object([
                ("command", (&body["command"]).into()),
                ("sequence_id", (&body["sequence_id"]).into()),
                ("result", "failed".into()),
                ("reason", "mqtt message verify failed".into()),
                ("err_code", VERIFY_FAILED.into()),
            ])),
            Refusal::BareEcho => {
                Some(object([("command", (&body["command"]).into()), ("sequence_id", (&body["sequence_id"]).into())]))
            }
            Refusal::Hms | Refusal::Silence => None,
        };
        let replies = reply.map(|reply| object([("print", reply)])).into_iter().collect();
        Answer { replies, acted: shows, ..Answer::default() }
    }

    fn obey(&mut self, command: &str, body: &Value) -> Answer {
        let acted = match command {
            "pause" => self.pause(Pause::User),
            "resume" => self.resume(),
            "stop" => self.stop(),
            "print_speed" => match body["param"].as_str().and_then(|level| level.parse().ok()) {
                Some(level @ 1..=4) => {
                    self.speed_level = level;
                    true
                }
                _ => false,
            },
            "clean_print_error" => return self.clear_error("print", body),
            // Taken, without an effect that a report shows.
            _ => return echo("print", body, &[("result", "success"), ("reason", "success")]),
        };
        if !acted && self.profile.fields == Fields::Esp32 {
            // Without an effect, without an answer.
            return Answer::default();
        }
        Answer { acted, ..echo("print", body, &[("result", "success"), ("reason", "success")]) }
    }

    fn clear_error(&mut self, category: &str, body: &Value) -> Answer {
        self.set_print_error(0);
        if self.state() == JobState::Failed {
            self.hms.clear();
        }
        Answer { acted: true, ..echo(category, body, &[("result", "success")]) }
    }

    /// A node that is not there is granted as well: an A1 mini's `work_light`, an H2's `heatbed_light`.
    fn switch_light(&mut self, body: &Value) -> Answer {
        let mode = match body["led_mode"].as_str() {
            Some("on") => "on",
            Some("off") => "off",
            Some("flashing") => "flashing",
            _ => return echo("system", body, &[("result", "FAILURE"), ("reason", "led_mode")]),
        };
        let acted = self.set_light(body["led_node"].as_str().unwrap_or_default(), mode);
        Answer { acted, ..echo("system", body, &[("result", "SUCCESS")]) }
    }

    /// `{"system":{"led_mode":"on"}}`, without command and node. X1C and P1S take it for the chamber light, P2S and X2D
    /// pass over it (bambu-cli, pull request 4, tried on an X2D in June 2026). The others are taken for what is nearest.
    fn switch_unnamed_light(&mut self, body: &Value) -> Answer {
        if !self.firmware.lights_without_node {
            return Answer::default();
        }
        let acted = match body["led_mode"].as_str() {
            Some("on") => self.set_light("chamber_light", "on"),
            Some("off") => self.set_light("chamber_light", "off"),
            _ => false,
        };
        Answer { acted, ..echo("system", body, &[("result", if acted { "SUCCESS" } else { "FAILURE" })]) }
    }

    fn set_camera(&mut self, command: &str, body: &Value) -> Answer {
        let on = body["control"] == "enable";
        match command {
            "ipcam_record_set" => self.records = on,
            "ipcam_timelapse" => self.timelapse = on,
            _ => return echo("camera", body, &[("reason", "unsupport common"), ("result", "FAILURE")]),
        }
        Answer { acted: true, ..echo("camera", body, &[("result", "SUCCESS")]) }
    }
}

impl Answer {
    /// One after the other.
    fn and(mut self, other: Self) -> Self {
        self.replies.extend(other.replies);
        Self {
            replies: self.replies,
            full: self.full || other.full,
            pushing: other.pushing.or(self.pushing),
            acted: self.acted || other.acted,
        }
    }
}

/// The request's own words, and these.
fn echo(category: &str, body: &Value, more: &[(&'static str, &'static str)]) -> Answer {
    let mut members = match Json::from(body) {
        Json::Object(members) => members,
        _ => Object::new(),
    };
    members.extend(more.iter().map(|&(name, value)| (name.into(), value.into())));
    let reply = Json::Object(vec![(category.to_owned().into(), Json::Object(members))]);
    Answer { replies: vec![reply], ..Answer::default() }
}
