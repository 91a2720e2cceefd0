//! The camera in a report: its kind, its URL, whether it is switched on, and its resolution.

use crate::printer::address::RtspUrl;
use crate::printer::fields::FieldReader;
use crate::printer::model::{CameraKind, Model};

/// The camera, as far as MQTT reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    /// The kind of camera, which decides its protocol.
    pub kind: Option<CameraKind>,
    /// Whether the printer detects a camera; an A1 mini with a torn cable does not.
    pub present: Option<bool>,
    /// The live view on the LAN.
    pub live_view: LiveView,
    /// `1080p`, `720p`; A1 and A2L say 1080p and send less.
    pub resolution: Option<String>,
}

/// The live view on the LAN.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum LiveView {
    /// The live view is at this URL. The configured host is used instead of the URL's.
    Url(RtspUrl),
    /// Switched off on the printer's screen; it can only be switched on there.
    Disabled,
    /// The printer has not said; X1 firmware of 2023 never does. A camera that sends pictures cannot be switched off.
    #[default]
    Unsaid,
}

/// What the connection to a printer's camera has to know of the printer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// The kind of camera; `None` for an unknown model.
    pub kind: Option<CameraKind>,
    /// Whether the printer detects a camera.
    pub present: Option<bool>,
    /// The live view on the LAN.
    pub live_view: LiveView,
    /// Whether the printer updates its firmware. Its camera may be gone meanwhile.
    pub updating: bool,
    /// Whether the printer has accepted the access code over MQTT, most recently.
    pub takes_code: bool,
}

/// Reads `ipcam`.
#[must_use]
pub fn read(report: &FieldReader<'_>, model: Option<Model>) -> Camera {
    Camera {
        kind: model.map(Model::camera),
        present: report.int(&["ipcam", "ipcam_dev"]).map(|found| found == 1),
        live_view: live_view(report, model),
        resolution: report.text(&["ipcam", "resolution"]),
    }
}

fn live_view(report: &FieldReader<'_>, model: Option<Model>) -> LiveView {
    let kind = model.map(Model::camera);
    match report.at(&["ipcam", "rtsp_url"]).map(serde_json::Value::as_str) {
        _ if kind == Some(CameraKind::Jpeg) => LiveView::Unsaid,
        Some(Some("disable")) => LiveView::Disabled,
        Some(Some("")) if kind.is_some() => LiveView::Disabled,
        // Without TLS the access code would be sent unencrypted; only a person may allow that.
        Some(Some(url)) if !url.is_empty() => RtspUrl::parse(url, false).map_or(LiveView::Unsaid, LiveView::Url),
        _ if report.text(&["ipcam", "liveview", "local"]).as_deref() == Some("disabled") => LiveView::Disabled,
        _ => LiveView::Unsaid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use serde_json::{Value, json};

    #[test]
    fn the_live_view_is_on_off_or_unknown() {
        let check = |ipcam: Value, model, expected: LiveView| {
            let report = json!({ "ipcam": ipcam });
            let report = report.as_object().expect("an object");
            let found = read(&FieldReader::new(report, &UnreadFields::default()), model).live_view;
            assert_eq!(found, expected, "{ipcam} {model:?}");
        };
        let url = |text: &str| LiveView::Url(RtspUrl::parse(text, false).expect("a URL"));
        let (x1c, a1) = (Some(Model::X1C), Some(Model::A1));
        let full = "rtsps://192.168.1.50:322/streaming/live/1";
        check(json!({ "rtsp_url": full }), x1c, url(full));
        check(
            json!({"rtsp_url": "rtsps://192.168.1.50/streaming/live/1"}),
            None,
            url("rtsps://192.168.1.50/streaming/live/1"),
        );
        check(json!({"rtsp_url": "disable"}), x1c, LiveView::Disabled);
        check(json!({"rtsp_url": ""}), x1c, LiveView::Disabled);
        for no_matter in
            [json!({"rtsp_url": ""}), json!({"rtsp_url": "disable"}), json!({ "rtsp_url": full }), json!({})]
        {
            check(no_matter, a1, LiveView::Unsaid);
        }
        check(json!({"liveview": {"local": "disabled"}}), x1c, LiveView::Disabled);
        for unsaid in [json!({}), json!({"rtsp_url": 5}), json!({"rtsp_url": "rtsp://10.0.0.1/x"}), json!("none")] {
            check(unsaid, x1c, LiveView::Unsaid);
        }
    }
}
