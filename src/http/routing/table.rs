//! The endpoints, one row each. The route, its methods, the description of the interface (`openapi`) and the rules on
//! who may have an answer (`policy`, `embed`) all come from here. A new endpoint is therefore a row and a function.

use crate::http::Body;
use crate::http::Method;
use crate::http::Reply;
use crate::http::endpoints::api;
use crate::http::endpoints::found;
use crate::http::endpoints::hls;
use crate::http::endpoints::metrics;
use crate::http::endpoints::mjpeg;
use crate::http::endpoints::picture;
use crate::http::endpoints::still;
use crate::http::problem::NO_ADDRESS;
use crate::http::routing::endpoint::ResponseKind::{
    Anything, Events, Jpeg, Json, List, Metrics, Nothing, Page, Pictures, Playlist, Still, Video,
};
use crate::http::routing::endpoint::{Answered, Answering, Call, Endpoint, ResponseKind};
use crate::http::routing::openapi;
use crate::http::routing::route::{Address, Subject};
use crate::printer::PrinterId;
use std::sync::{Arc, LazyLock};

const FLEET_EVENTS: &[(&str, &str)] = &[
    ("snapshot", "Snapshot"),
    ("printer", "StatusChange"),
    ("camera", "CameraChange"),
    ("picture", "NewPicture"),
    ("added", "PrinterEvents"),
    ("removed", "Removed"),
];

const TEST_EVENTS: &[(&str, &str)] = &[("stages", "TestStages"), ("stage", "TestStage"), ("done", "TestDone")];

/// All endpoints. The methods of one path are adjacent; the first path that fits counts.
pub static ENDPOINTS: &[Endpoint] = &[
    get("/healthz", api::health, Json("Healthy"), "Answers 200 while the process serves.").about(Subject::Service),
    get("/metrics", metrics::exposition, Metrics, "Returns counters and states for Prometheus."),
    get("/api/printers", api::list, List("Printer"), "Returns all printers, in the order of their ids."),
    post(
        "/api/printers",
        api::add,
        Json("Printer"),
        "Adds a printer and connects to it. Without a serial number, the printer is first asked for its certificate. 409: \
         it is here already, or what answers is no printer. 504: nothing answers.",
    )
    .takes("PrinterDraft")
    .with_status(201)
    .or(&[409, 504]),
    post(
        "/api/printers/test",
        api::test,
        Events(TEST_EVENTS),
        "Tests a printer that need not be registered, stage by stage, and saves nothing. The stream ends with the \
         test, after a minute at most. A client that closes the stream ends the test. 503: too many tests are running.",
    )
    .takes("PrinterTest")
    .or(&[404]),
    get("/api/printers/{id}", api::show, Json("Printer"), "Returns one printer.").or(&[404]),
    Endpoint::new(
        Method::Put,
        "/api/printers/{id}",
        api::edit,
        Json("Printer"),
        "Changes a printer. Connections whose settings stay the same are kept; failing ones are tried again at once. A \
         printer that is sent back as it was received changes nothing.",
    )
    .takes("PrinterDraft")
    .or(&[404, 409]),
    Endpoint::new(Method::Delete, "/api/printers/{id}", api::remove, Nothing, "Removes a printer.")
        .with_status(204)
        .or(&[404]),
    get("/api/printers/{id}/camera", api::camera, Json("Camera"), "Returns the state of the camera.").or(&[404]),
    get("/api/printers/{id}/status", api::status, Json("Status"), "Returns the printer's status.").or(&[404]),
    get(
        "/api/printers/{id}/status/stream",
        api::status_stream,
        Events(&[("status", "Status")]),
        "Sends the printer's status at once and after each change.",
    )
    .or(&[404]),
    get("/api/printers/{id}/history", api::history, Json("History"), "Returns the temperatures of the last half hour.")
        .or(&[404]),
    get(
        "/api/printers/{id}/still.mp4",
        still::newest,
        Still,
        "Returns the newest key frame as an MP4 of one frame; `X-Picture-Time` says when the frame arrived. It stays \
         available while the camera is away. 404: the camera sends pictures and no video. 503: there has been no key \
         frame yet; the sentence says why.",
    )
    .about(Subject::Picture)
    .or(&[206, 304, 404, 416]),
    get(
        "/api/printers/{id}/still.jpg",
        picture::newest,
        Jpeg,
        "Returns the newest picture of any camera as a JPEG; `X-Picture-Time` says when it arrived. It stays available \
         while the camera is away. A key frame of a camera that sends video is decoded when it is first asked for. \
         `width` makes such a picture smaller; a camera's own pictures come as they are. 501: the key frame cannot be \
         decoded here. 503: there has been no picture yet, or others are being decoded; the sentence says which.",
    )
    .about(Subject::Picture)
    .or(&[304, 404, 501]),
    get(
        "/api/printers/{id}/stream.mjpeg",
        mjpeg::pictures,
        Pictures,
        "Sends one JPEG after another for programs of the LAN: a camera's own pictures, or the key frames of its video. \
         The first one comes twice, and the newest one again after 5 s. A slow reader gets the newest. 501: the key \
         frames cannot be decoded here. 503: there has been no picture yet, or too many streams are open.",
    )
    .about(Subject::Picture)
    .or(&[404, 501]),
    post(
        "/api/printers/{id}/test",
        api::diagnose,
        Events(TEST_EVENTS),
        "Tests a registered printer in the same stages. If it is already connected, the test reads the state of that \
         connection and opens no other. Send JSON, with an empty body or `{}`.",
    )
    .or(&[404, 415]),
    post(
        "/api/printers/{id}/command",
        api::command,
        Json("CommandDone"),
        "Sends a command to the printer and waits up to 5 s for its answer. Commands are never queued or repeated. \
         409: the printer refused it, its state does not allow it, or another command is in progress. 503: the printer \
         is not connected and nothing was sent. 504: the command was sent, but the printer did not answer.",
    )
    .takes("CommandForm")
    .or(&[404, 409, 504]),
    get(
        "/api/found",
        found::list,
        Json("Found"),
        "Returns the printers that have announced themselves or were greeted lately, and ranges to scan.",
    ),
    get(
        "/api/found/stream",
        found::stream,
        Events(&[("found", "Found")]),
        "Sends what has been found at once and after each change, at most four times a second. As long as a stream is \
         open, printers are asked to announce themselves.",
    ),
    post(
        "/api/found/scan",
        found::scan,
        Json("FoundScan"),
        "Greets each address of a range once, with a TLS hello and nothing else. 409: another scan is running. 503: too \
         many were started in a row.",
    )
    .takes("ScanForm")
    .with_status(202)
    .or(&[409]),
    Endpoint::new(Method::Delete, "/api/found/scan", found::stop_scan, Nothing, "Stops the scan, if one is running.")
        .with_status(204),
    post(
        "/api/found/greet",
        found::greet,
        Json("Greeted"),
        "Asks an address for its certificate, with a TLS hello and nothing else. 409: what answers is no printer. 504: \
         nothing answers. 503: too many were asked in a row.",
    )
    .takes("GreetForm")
    .or(&[409, 504]),
    get("/api/events", api::events, Events(FLEET_EVENTS), "Sends all printers, and then each change."),
    get("/api/openapi.json", document, Anything, "Returns this document.").about(Subject::Service),
    get("/hls/{id}/stream.m3u8", hls::video, Playlist, "Returns the standard playlist (RFC 8216).")
        .about(Subject::Picture)
        .or(&[304, 404]),
    get(
        "/hls/{id}/stream_ll.m3u8",
        hls::video,
        Playlist,
        "Returns the low-latency playlist. `_HLS_msn`, `_HLS_part` and `_HLS_skip` work as in the second edition of \
         RFC 8216.",
    )
    .about(Subject::Picture)
    .or(&[304, 404]),
    get("/hls/{id}/{segment}", hls::video, Video, "Returns a segment, for example `seg000123.ts`.")
        .about(Subject::Picture)
        .or(&[206, 304, 404, 416]),
    // The page itself decides what its addresses mean.
    get("/", page, Page, "").about(Subject::Page),
    get("/p/*", page, Page, "").about(Subject::Page),
    get("/printers/*", page, Page, "").about(Subject::Page),
    get("/*", file, Page, "").about(Subject::File),
];

const fn get(path: &'static str, answer: Answering, gives: ResponseKind, summary: &'static str) -> Endpoint {
    Endpoint::new(Method::Get, path, answer, gives, summary)
}

const fn post(path: &'static str, answer: Answering, gives: ResponseKind, summary: &'static str) -> Endpoint {
    Endpoint::new(Method::Post, path, answer, gives, summary)
}

/// An address that exists, and its rows of the table.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    rows: &'static [Endpoint],
    pub subject: Subject,
    /// The printer at `{id}`.
    pub printer: Option<PrinterId>,
}

/// Looks up a path.
pub fn find(path: &str) -> Option<Found> {
    ENDPOINTS.chunk_by(|row, next| row.path == next.path).find_map(|rows| {
        let first = rows.first()?;
        let Address { printer } = Address::read(first.path, path)?;
        Some(Found { rows, subject: first.subject, printer })
    })
}

/// Returns the methods to name if a path does not take one: its own, or all if there is no such address.
pub fn methods_at(path: &str) -> Vec<Method> {
    find(path).map_or_else(|| Method::ALL.to_vec(), |found| found.methods())
}

impl Found {
    /// Returns the row of a method; a HEAD is answered like a GET.
    pub fn endpoint(&self, method: Method) -> Option<&'static Endpoint> {
        let wanted = if method == Method::Head { Method::Get } else { method };
        self.rows.iter().find(|row| row.method == wanted)
    }

    /// Returns the methods that the address takes.
    pub fn methods(&self) -> Vec<Method> {
        Method::ALL.iter().copied().filter(|method| self.endpoint(*method).is_some()).collect()
    }
}

/// `GET /api/openapi.json`
fn document(_: &Call<'_>) -> Answered {
    static WRITTEN: LazyLock<Arc<[u8]>> =
        LazyLock::new(|| serde_json::to_vec(&openapi::describe(ENDPOINTS)).unwrap_or_default().into());
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Ok(Reply { status: 200, headers, body: Body::Shared(Arc::clone(&WRITTEN)) }.into())
}

/// Answers with the page.
fn page(call: &Call<'_>) -> Answered {
    let installation = call.installation;
    Ok(installation.embed.page(installation.files.page(call.request)).into())
}

/// Answers with a file of the page.
fn file(call: &Call<'_>) -> Answered {
    let file = call.installation.files.file(&call.request.path, call.request);
    Ok(file.ok_or(NO_ADDRESS)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the pattern that answers a path, and the printer in it.
    fn check(path: &str, expected: Option<(&str, Option<i64>)>) {
        let found = find(path);
        let have = found.as_ref().map(|found| (found.rows[0].path, found.printer.map(|id| id.0)));
        assert_eq!(have, expected, "{path}");
    }

    #[test]
    fn only_one_spelling_of_each_address_is_known() {
        for plain in ["/", "/healthz", "/metrics", "/api/printers", "/api/printers/test", "/api/events"] {
            check(plain, Some((plain, None)));
        }
        for page in ["/p", "/p/12", "/p/12/wall"] {
            check(page, Some(("/p/*", None)));
        }
        check("/printers/new", Some(("/printers/*", None)));
        check("/printers", Some(("/printers/*", None)));
        check("/api/printers/", Some(("/api/printers", None)));
        for of_printer in [
            "",
            "/camera",
            "/status",
            "/status/stream",
            "/test",
            "/history",
            "/still.mp4",
            "/still.jpg",
            "/stream.mjpeg",
            "/command",
        ] {
            let pattern = format!("/api/printers/{{id}}{of_printer}");
            check(&pattern.replace("{id}", "12"), Some((&pattern, Some(12))));
            check(&(pattern.replace("{id}", "12") + "/"), Some((&pattern, Some(12))));
        }
        check("/api/openapi.json", Some(("/api/openapi.json", None)));
        check("/hls/12/stream.m3u8", Some(("/hls/{id}/stream.m3u8", Some(12))));
        check("/hls/12/stream_ll.m3u8", Some(("/hls/{id}/stream_ll.m3u8", Some(12))));
        check("/hls/12/seg000001.ts", Some(("/hls/{id}/{segment}", Some(12))));
        for file in ["/assets/index-Ab3.js", "/favicon.ico", "/apis", "/healthz/x"] {
            check(file, Some(("/*", None)));
        }
        for unknown in [
            "",
            "/api",
            "/api/nothing",
            "/api/printers/x",
            "/api/printers/-1",
            "/api/printers/+1",
            "/api/printers/012",
            "/api/printers/0",
            "/api/printers/99999999999999999999",
            "/api/printers/12/other",
            "/api//printers",
            "/hls",
            "/hls/12",
            "/hls/12/a/b",
            "/hls/12/stream.m3u8/",
            "/hls/x/stream.m3u8",
        ] {
            check(unknown, None);
        }
    }

    #[test]
    fn every_row_is_reached_by_its_own_path() {
        for row in ENDPOINTS {
            let path = row.path.replace("{id}", "7").replace("{segment}", "seg000001.ts").replace('*', "x");
            let found = find(&path).expect(row.path);
            let reached = found.endpoint(row.method).expect(row.path);
            assert!(std::ptr::eq(reached, row), "{} {} is hidden by {}", row.method.name(), row.path, reached.path);
            assert_eq!(found.printer.is_some(), row.path.contains("{id}"), "{}", row.path);
            assert_eq!(found.subject, row.subject, "the methods of {} tell about one thing", row.path);
        }
    }

    #[test]
    fn a_known_path_names_its_methods_and_an_unknown_one_all() {
        let check = |path, expected: &[Method]| assert_eq!(methods_at(path), expected, "{path}");
        check("/api/printers", &[Method::Get, Method::Head, Method::Post]);
        check("/api/printers/7", &[Method::Get, Method::Head, Method::Put, Method::Delete]);
        check("/api/printers/7/command", &[Method::Post]);
        check("/hls/7/stream.m3u8", &[Method::Get, Method::Head]);
        check("/api/nothing", Method::ALL);
    }
}
