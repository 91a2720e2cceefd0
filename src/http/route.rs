//! Addresses: a closed list, read from a path that `server::head` has checked.

use super::Method;
use crate::printer::PrinterId;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'a> {
    /// `/healthz`
    Health,
    /// `/metrics`
    Metrics,
    /// `/api/printers`
    Printers,
    /// `/api/printers/:id`
    Printer(PrinterId),
    /// `/api/printers/test`
    Test,
    /// `/api/printers/:id/test`
    Diagnose(PrinterId),
    /// `/api/printers/:id/camera`
    Camera(PrinterId),
    /// `/api/printers/:id/status`
    Status(PrinterId),
    /// `/api/printers/:id/status/stream`
    StatusStream(PrinterId),
    /// `/api/printers/:id/history`
    History(PrinterId),
    /// `/api/printers/:id/still.mp4`
    Still(PrinterId),
    /// `/api/printers/:id/command`
    Command(PrinterId),
    /// `/api/events`
    Events,
    /// `/api/openapi.json`
    OpenApi,
    /// `/hls/:id/:file`
    Hls(PrinterId, &'a str),
    /// `/`, `/p/…`, `/printers…`: addresses of the page, which shows itself what they mean.
    Page,
    /// Anything else outside `/api` and `/hls`: a file of the built page, if there is one.
    File(&'a str),
}

impl<'a> Route<'a> {
    /// Reads a path; a `/` at its end means nothing. `None`: there is no such address.
    pub fn parse(path: &'a str) -> Option<Self> {
        let elements: Vec<&str> = path.strip_prefix('/')?.trim_end_matches('/').split('/').collect();
        Some(match *elements.as_slice() {
            ["healthz"] => Self::Health,
            ["metrics"] => Self::Metrics,
            ["api", "printers"] => Self::Printers,
            ["api", "printers", "test"] => Self::Test,
            ["api", "printers", id, "test"] => Self::Diagnose(printer_id(id)?),
            ["api", "printers", id] => Self::Printer(printer_id(id)?),
            ["api", "printers", id, "camera"] => Self::Camera(printer_id(id)?),
            ["api", "printers", id, "status"] => Self::Status(printer_id(id)?),
            ["api", "printers", id, "status", "stream"] => Self::StatusStream(printer_id(id)?),
            ["api", "printers", id, "history"] => Self::History(printer_id(id)?),
            ["api", "printers", id, "still.mp4"] => Self::Still(printer_id(id)?),
            ["api", "printers", id, "command"] => Self::Command(printer_id(id)?),
            ["api", "events"] => Self::Events,
            ["api", "openapi.json"] => Self::OpenApi,
            ["hls", id, file] if !path.ends_with('/') => Self::Hls(printer_id(id)?, file),
            ["api" | "hls", ..] => return None,
            [""] | ["p" | "printers", ..] => Self::Page,
            _ => Self::File(path),
        })
    }

    /// Whether what it tells comes from the fleet's printers.
    pub fn is_of_printers(&self) -> bool {
        !matches!(self, Self::Health | Self::OpenApi | Self::Page | Self::File(_))
    }

    /// Whether pages of other origins may have it where they are allowed to embed: what a camera shows, and nothing else.
    pub fn is_embeddable(&self) -> bool {
        matches!(self, Self::Hls(..) | Self::Still(_))
    }

    /// The methods it takes.
    pub fn methods(&self) -> &'static [Method] {
        match self {
            Self::Printers => &[Method::Get, Method::Head, Method::Post],
            Self::Printer(_) => &[Method::Get, Method::Head, Method::Put, Method::Delete],
            Self::Command(_) | Self::Test | Self::Diagnose(_) => &[Method::Post],
            Self::Health
            | Self::Metrics
            | Self::Camera(_)
            | Self::Status(_)
            | Self::StatusStream(_)
            | Self::History(_)
            | Self::Still(_)
            | Self::Events
            | Self::OpenApi
            | Self::Hls(..)
            | Self::Page
            | Self::File(_) => &[Method::Get, Method::Head],
        }
    }
}

/// One spelling for each: no sign, no leading zero.
fn printer_id(text: &str) -> Option<PrinterId> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).map(PrinterId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_known_in_one_spelling() {
        let check = |path, expected| assert_eq!(Route::parse(path), expected, "{path}");
        let id = PrinterId(12);
        check("/", Some(Route::Page));
        check("/p/12", Some(Route::Page));
        check("/printers/new", Some(Route::Page));
        check("/healthz", Some(Route::Health));
        check("/metrics", Some(Route::Metrics));
        check("/api/printers", Some(Route::Printers));
        check("/api/printers/", Some(Route::Printers));
        check("/api/printers/12", Some(Route::Printer(id)));
        check("/api/printers/12/camera", Some(Route::Camera(id)));
        check("/api/printers/12/status", Some(Route::Status(id)));
        check("/api/printers/12/status/stream", Some(Route::StatusStream(id)));
        check("/api/printers/test", Some(Route::Test));
        check("/api/printers/12/test", Some(Route::Diagnose(id)));
        check("/api/printers/12/history", Some(Route::History(id)));
        check("/api/printers/12/still.mp4", Some(Route::Still(id)));
        check("/api/printers/12/command", Some(Route::Command(id)));
        check("/api/events", Some(Route::Events));
        check("/api/openapi.json", Some(Route::OpenApi));
        check("/hls/12/stream.m3u8", Some(Route::Hls(id, "stream.m3u8")));
        check("/assets/index-Ab3.js", Some(Route::File("/assets/index-Ab3.js")));
        for unknown in [
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
}
