//! The description of the interface (OpenAPI 3.1) at `/api/openapi.json`. The addresses come from the table of
//! endpoints, the schemas from the types of `view`.

use crate::hls::Container;
use crate::http::routing::endpoint::{Endpoint, ResponseKind};
use crate::http::view::{self, events};
use crate::media::picture::NARROWEST;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

/// The statuses that every address may answer. They mean a malformed request, another site, an unknown host, too long a
/// request, a bug of ours, or too busy.
const ALWAYS: &[u16] = &[400, 403, 414, 421, 431, 500, 503];

/// The further statuses of an address with a body.
const WITH_BODY: &[u16] = &[408, 413, 415];

#[derive(OpenApi)]
#[openapi(components(schemas(
    view::Printer,
    view::PrinterDraft,
    view::diagnosis::PrinterTest,
    view::diagnosis::TestStages,
    view::diagnosis::TestStage,
    view::diagnosis::TestDone,
    view::Camera,
    view::StatusView,
    view::History,
    view::CommandForm,
    view::CommandDone,
    view::Problem,
    view::Advice,
    view::AdviceCode,
    view::AdviceParams,
    view::Healthy,
    view::found::Found,
    view::found::Scan,
    view::found::ScanForm,
    view::found::GreetForm,
    view::found::Greeted,
    events::Snapshot<'_>,
    events::Whole,
    events::StatusChange,
    events::CameraChange,
    events::NewPicture,
    events::Removed,
)))]
struct Forms;

/// Describes the interface of these endpoints.
pub fn describe(endpoints: &[Endpoint]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.gives != ResponseKind::Page) {
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(endpoint.method.name().to_ascii_lowercase(), endpoint.describe());
        }
    }
    let forms = serde_json::to_value(Forms::openapi()).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Platecast",
            "version": "1",
            "description": "Cameras and status of Bambu Lab printers. Later versions may add fields, and remove none.",
        },
        "paths": paths,
        "components": forms.get("components"),
    })
}

impl Endpoint {
    fn describe(&self) -> Value {
        let mut responses = Map::new();
        responses.insert(self.status.to_string(), self.gives.describe());
        let with_body = self.takes.map(|_| WITH_BODY).unwrap_or_default();
        for status in ALWAYS.iter().chain(with_body).chain(self.or) {
            let answer = match status {
                206 => self.gives.describe(),
                304 => json!({ "description": "The client's copy is current." }),
                _ => content(
                    &json!({ "$ref": reference("Problem") }),
                    "application/json",
                    "An error, with a sentence that says what happened.",
                ),
            };
            responses.insert(status.to_string(), answer);
        }
        let mut description = json!({ "summary": self.summary, "responses": responses });
        let parameters = self.parameters();
        if !parameters.is_empty() {
            description["parameters"] = parameters.into();
        }
        if let Some(form) = self.takes {
            let body = json!({ "application/json": { "schema": { "$ref": reference(form) } } });
            description["requestBody"] = json!({ "required": true, "content": body });
        }
        description
    }

    fn parameters(&self) -> Vec<Value> {
        let parameter = |name: &str, place: &str, schema: Value| json!({ "name": name, "in": place, "required": place == "path", "schema": schema });
        let number = || json!({ "type": "integer", "format": "int64", "minimum": 0 });
        let mut parameters = Vec::new();
        if self.path.contains("{id}") {
            parameters.push(parameter("id", "path", json!({ "type": "integer", "format": "int64", "minimum": 1 })));
        }
        if self.path.contains("{segment}") {
            parameters.push(parameter(
                "segment",
                "path",
                json!({ "type": "string", "pattern": "^seg[0-9]{6,}\\.ts$" }),
            ));
        }
        if self.path.ends_with("_ll.m3u8") {
            parameters.extend(["_HLS_msn", "_HLS_part"].map(|name| parameter(name, "query", number())));
            parameters.push(parameter("_HLS_skip", "query", json!({ "type": "string", "enum": ["YES", "v2"] })));
        }
        if matches!(self.gives, ResponseKind::Jpeg | ResponseKind::Pictures) {
            let width = json!({ "type": "integer", "minimum": NARROWEST, "maximum": u16::MAX });
            parameters.push(parameter("width", "query", width));
        }
        parameters
    }
}

impl ResponseKind {
    fn describe(self) -> Value {
        match self {
            Self::Nothing | Self::Page => json!({ "description": "Done." }),
            Self::Json(form) => content(&json!({ "$ref": reference(form) }), "application/json", "Done."),
            Self::List(form) => {
                let list = json!({ "type": "array", "items": { "$ref": reference(form) } });
                content(&list, "application/json", "Done.")
            }
            Self::Anything => content(&json!({ "type": "object" }), "application/json", "Done."),
            Self::Events(events) => {
                let mut stream = content(&json!({ "type": "string" }), "text/event-stream", "A stream of events.");
                let forms = events.iter().map(|(name, form)| ((*name).to_owned(), json!({ "$ref": reference(form) })));
                stream["x-events"] = Value::Object(forms.collect());
                stream
            }
            Self::Playlist => content(&json!({ "type": "string" }), "application/vnd.apple.mpegurl", "The playlist."),
            Self::Video => content(&json!({ "type": "string" }), Container::OURS.content_type(), "MPEG-TS."),
            Self::Metrics => content(&json!({ "type": "string" }), "text/plain", "Text format 0.0.4."),
            Self::Pictures => {
                let kind = "multipart/x-mixed-replace;boundary=frame";
                content(&json!({ "type": "string" }), kind, "One JPEG after another.")
            }
            Self::Still | Self::Jpeg => {
                let (kind, description) = match self {
                    Self::Jpeg => ("image/jpeg", "Baseline JPEG (JFIF)."),
                    _ => ("video/mp4", "Fragmented MP4."),
                };
                let mut file = content(&json!({ "type": "string" }), kind, description);
                let time = json!({ "required": true, "schema": { "type": "string", "format": "date-time" } });
                file["headers"] = json!({ "X-Picture-Time": time });
                file
            }
        }
    }
}

fn content(schema: &Value, kind: &str, description: &str) -> Value {
    json!({ "description": description, "content": { kind: { "schema": schema } } })
}

fn reference(form: &str) -> String {
    format!("#/components/schemas/{form}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routing::table::ENDPOINTS;

    #[test]
    fn every_referenced_schema_exists() {
        let text = describe(ENDPOINTS).to_string();
        let document: Value = serde_json::from_str(&text).unwrap();
        let forms = document["components"]["schemas"].as_object().unwrap();
        for named in text.split("#/components/schemas/").skip(1) {
            let named = named.split('"').next().unwrap();
            assert!(forms.contains_key(named), "{named} is named and not described");
        }
    }

    #[test]
    fn the_document_matches_the_golden_file() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/openapi.json");
        let written = format!("{:#}\n", describe(ENDPOINTS));
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if kept != written {
            let new = std::env::temp_dir().join("openapi.json");
            std::fs::write(&new, written).unwrap();
            panic!("look at {} and copy it to {path}", new.display());
        }
    }
}
