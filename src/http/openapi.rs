//! The description of the interface (OpenAPI 3.1) at `/api/openapi.json`: the addresses from a table here, which a test
//! compares with `route`; the forms from the types of `view` themselves.

use super::view::{self, events};
use super::{Body, Method, Reply};
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};
use utoipa::OpenApi;

/// One address with one method.
struct Operation {
    method: Method,
    path: &'static str,
    summary: &'static str,
    /// Form of the body.
    takes: Option<&'static str>,
    /// Status and form of the answer that is hoped for.
    gives: (u16, Gives),
    /// What else it may answer, besides what every address may.
    or: &'static [u16],
}

#[derive(Clone, Copy)]
enum Gives {
    Nothing,
    Json(&'static str),
    List(&'static str),
    Anything,
    /// Server-sent events: name and form of each.
    Events(&'static [(&'static str, &'static str)]),
    Playlist,
    Video,
    Still,
    Metrics,
}

const fn get(path: &'static str, gives: Gives, or: &'static [u16], summary: &'static str) -> Operation {
    Operation { method: Method::Get, path, summary, takes: None, gives: (200, gives), or }
}

const fn send(
    (method, path): (Method, &'static str),
    takes: Option<&'static str>,
    gives: (u16, Gives),
    or: &'static [u16],
    summary: &'static str,
) -> Operation {
    Operation { method, path, summary, takes, gives, or }
}

const FLEET_EVENTS: &[(&str, &str)] = &[
    ("snapshot", "Snapshot"),
    ("printer", "StatusChange"),
    ("camera", "CameraChange"),
    ("added", "PrinterEvents"),
    ("removed", "Removed"),
];

const TEST_EVENTS: &[(&str, &str)] = &[("stages", "TestStages"), ("stage", "TestStage"), ("done", "TestDone")];

const OPERATIONS: &[Operation] = &[
    get("/healthz", Gives::Json("Healthy"), &[], "Whether the process serves."),
    get("/metrics", Gives::Metrics, &[], "Counters and states for Prometheus."),
    get("/api/printers", Gives::List("Printer"), &[], "All printers, by id."),
    send(
        (Method::Post, "/api/printers"),
        Some("PrinterDraft"),
        (201, Gives::Json("Printer")),
        &[409],
        "Adds a printer and connects to it.",
    ),
    send(
        (Method::Post, "/api/printers/test"),
        Some("PrinterTest"),
        (200, Gives::Events(TEST_EVENTS)),
        &[404],
        "Tests a printer as it was typed, stage by stage, and saves nothing. The stream ends with the test, after a minute \
         at most; leaving it ends the test. 503: there are too many tests.",
    ),
    get("/api/printers/{id}", Gives::Json("Printer"), &[404], "One printer."),
    send(
        (Method::Put, "/api/printers/{id}"),
        Some("PrinterDraft"),
        (200, Gives::Json("Printer")),
        &[404, 409],
        "Changes a printer. What is connected and stays the same goes on; what fails is tried again at once. Sent back as it \
         was got, it changes nothing.",
    ),
    send((Method::Delete, "/api/printers/{id}"), None, (204, Gives::Nothing), &[404], "Removes a printer."),
    get("/api/printers/{id}/camera", Gives::Json("Camera"), &[404], "How its camera is."),
    get("/api/printers/{id}/status", Gives::Json("Status"), &[404], "What it does."),
    get(
        "/api/printers/{id}/status/stream",
        Gives::Events(&[("status", "Status")]),
        &[404],
        "What it does, at once and at each change.",
    ),
    get("/api/printers/{id}/history", Gives::Json("History"), &[404], "Its temperatures of the last half hour."),
    get(
        "/api/printers/{id}/still.mp4",
        Gives::Still,
        &[206, 304, 404, 416],
        "The newest key frame as a one-picture MP4, not decoded; `X-Picture-Time` tells when it was taken. It stays while \
         the camera is away. 503: there never was one, and why.",
    ),
    send(
        (Method::Post, "/api/printers/{id}/test"),
        None,
        (200, Gives::Events(TEST_EVENTS)),
        &[404, 415],
        "Tests a registered printer in the same stages; what is connected here answers itself. Send it as JSON, with an \
         empty body or `{}`.",
    ),
    send(
        (Method::Post, "/api/printers/{id}/command"),
        Some("CommandForm"),
        (200, Gives::Json("CommandDone")),
        &[404, 409, 504],
        "Has it do something, and waits for its own answer, up to 5 s. Nothing is queued or repeated. 409: it refuses, \
         there is no sense in it now, or another command is on its way. 503: it is not connected and nothing was \
         sent. 504: it was sent and not answered.",
    ),
    get("/api/events", Gives::Events(FLEET_EVENTS), &[], "The whole fleet: everything at first, then each change."),
    get("/api/openapi.json", Gives::Anything, &[], "This document."),
    get("/hls/{id}/stream.m3u8", Gives::Playlist, &[304, 404], "The standard playlist (RFC 8216)."),
    get(
        "/hls/{id}/stream_ll.m3u8",
        Gives::Playlist,
        &[304, 404],
        "The low-latency playlist; `_HLS_msn`, `_HLS_part` and `_HLS_skip` as in the second edition of RFC 8216.",
    ),
    get("/hls/{id}/{segment}", Gives::Video, &[206, 304, 404, 416], "A segment, for instance `seg000123.ts`."),
];

/// What every address may answer: wrong form, another site, unknown host, too long a request, a mistake of ours, too
/// busy.
const ALWAYS: &[u16] = &[400, 403, 414, 421, 431, 500, 503];

/// What one with a body may answer besides.
const WITH_BODY: &[u16] = &[408, 413, 415];

#[derive(OpenApi)]
#[openapi(components(schemas(
    view::Printer,
    view::PrinterDraft,
    view::trial::PrinterTest,
    view::trial::TestStages,
    view::trial::TestStage,
    view::trial::TestDone,
    view::Camera,
    view::StatusView,
    view::History,
    view::CommandForm,
    view::CommandDone,
    view::Problem<'_>,
    view::Healthy,
    events::Snapshot,
    events::Whole,
    events::StatusChange,
    events::CameraChange,
    events::Removed,
)))]
struct Forms;

/// `GET /api/openapi.json`
pub fn document() -> Reply {
    static WRITTEN: LazyLock<Arc<[u8]>> = LazyLock::new(|| serde_json::to_vec(&describe()).unwrap_or_default().into());
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Reply { status: 200, headers, body: Body::Shared(Arc::clone(&WRITTEN)) }
}

fn describe() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(operation.method.name().to_ascii_lowercase(), operation.describe());
        }
    }
    let forms = serde_json::to_value(Forms::openapi()).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Platecast",
            "version": "1",
            "description": "Bambu Lab printers' cameras and status. Fields may be added, none is taken away.",
        },
        "paths": paths,
        "components": forms.get("components"),
    })
}

impl Operation {
    fn describe(&self) -> Value {
        let (status, gives) = self.gives;
        let mut responses = Map::new();
        responses.insert(status.to_string(), gives.describe());
        let with_body = self.takes.map(|_| WITH_BODY).unwrap_or_default();
        for status in ALWAYS.iter().chain(with_body).chain(self.or) {
            let answer = match status {
                206 => gives.describe(),
                304 => json!({ "description": "It is as it was." }),
                _ => content(
                    &json!({ "$ref": reference("Problem") }),
                    "application/json",
                    "What happened, in a sentence.",
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
        parameters
    }
}

impl Gives {
    fn describe(self) -> Value {
        match self {
            Self::Nothing => json!({ "description": "Done." }),
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
            Self::Video => content(&json!({ "type": "string" }), "video/mp2t", "MPEG-TS."),
            Self::Metrics => content(&json!({ "type": "string" }), "text/plain", "Text format 0.0.4."),
            Self::Still => {
                let mut file = content(&json!({ "type": "string" }), "video/mp4", "Fragmented MP4.");
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
    use crate::http::route::Route;

    #[test]
    fn every_address_is_described_with_its_methods_and_no_other() {
        let mut described: Vec<String> = Vec::new();
        for operation in OPERATIONS {
            let path = operation.path.replace("{id}", "7").replace("{segment}", "seg000001.ts");
            let route = Route::parse(&path).expect(operation.path);
            assert!(route.methods().contains(&operation.method), "{} {}", operation.method.name(), operation.path);
            described.push(format!("{} {}", name(&route), operation.method.name()));
        }
        for route in EVERY {
            for method in route.methods().iter().filter(|method| **method != Method::Head) {
                let wanted = format!("{} {}", name(route), method.name());
                assert!(described.contains(&wanted), "{wanted} is not described");
            }
        }
    }

    const ID: crate::printer::PrinterId = crate::printer::PrinterId(7);
    const EVERY: &[Route<'_>] = &[
        Route::Health,
        Route::Metrics,
        Route::Printers,
        Route::Printer(ID),
        Route::Test,
        Route::Diagnose(ID),
        Route::Camera(ID),
        Route::Status(ID),
        Route::StatusStream(ID),
        Route::History(ID),
        Route::Still(ID),
        Route::Command(ID),
        Route::Events,
        Route::OpenApi,
        Route::Hls(ID, "stream.m3u8"),
    ];

    /// A new address does not compile until it has a place here, and then in [`EVERY`].
    fn name(route: &Route<'_>) -> &'static str {
        match route {
            Route::Health => "health",
            Route::Metrics => "metrics",
            Route::Printers => "printers",
            Route::Printer(_) => "printer",
            Route::Test => "test",
            Route::Diagnose(_) => "diagnose",
            Route::Camera(_) => "camera",
            Route::Status(_) => "status",
            Route::StatusStream(_) => "status stream",
            Route::History(_) => "history",
            Route::Still(_) => "still",
            Route::Command(_) => "command",
            Route::Events => "events",
            Route::OpenApi => "openapi",
            Route::Hls(..) => "hls",
            Route::Page | Route::File(_) => "the page, which is no interface",
        }
    }

    #[test]
    fn every_form_that_is_named_is_there() {
        let text = describe().to_string();
        let document: Value = serde_json::from_str(&text).unwrap();
        let forms = document["components"]["schemas"].as_object().unwrap();
        for named in text.split("#/components/schemas/").skip(1) {
            let named = named.split('"').next().unwrap();
            assert!(forms.contains_key(named), "{named} is named and not described");
        }
    }

    #[test]
    fn the_description_is_the_one_that_was_looked_at() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/openapi.json");
        let written = format!("{:#}\n", describe());
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if kept != written {
            let new = std::env::temp_dir().join("openapi.json");
            std::fs::write(&new, written).unwrap();
            panic!("look at {} and copy it to {path}", new.display());
        }
    }
}
