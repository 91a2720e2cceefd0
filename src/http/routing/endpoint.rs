//! A row of the table of endpoints: an address with one method, the function that answers there, and its part of the
//! description of the interface.

use crate::diagnosis::Tests;
use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::http::AccessCodes;
use crate::http::Answer;
use crate::http::Method;
use crate::http::Request;
use crate::http::endpoints::files::Files;
use crate::http::endpoints::mjpeg::Places;
use crate::http::problem::{NO_PRINTER, Problem};
use crate::http::routing::embed::EmbedOrigins;
use crate::http::routing::route::Subject;
use crate::http::server::{Context, Traffic};
use crate::printer::PrinterId;
use std::sync::Arc;

/// The data from which the endpoints' functions answer.
#[derive(Debug)]
pub struct Installation {
    pub fleet: Arc<Fleet>,
    /// The tests of printers, of which only a few may run at once.
    pub tests: Arc<Tests>,
    pub finding: Arc<Finding>,
    pub files: Files,
    pub embed: EmbedOrigins,
    pub access_codes: AccessCodes,
    /// The places for streams of pictures.
    pub mjpeg: Places,
    /// The server's counters.
    pub traffic: Arc<Traffic>,
    /// When the process began.
    pub started_unix_ms: i64,
}

/// A request, for the endpoint that answers it.
#[derive(Debug)]
pub struct Call<'a> {
    pub request: &'a Request,
    pub context: &'a Context<'a>,
    pub installation: &'a Installation,
    /// The printer at `{id}` in the path.
    pub printer: Option<PrinterId>,
}

impl Call<'_> {
    /// Returns the printers.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.installation.fleet
    }

    /// Returns the printer that the address names; it need not exist.
    ///
    /// # Errors
    /// If the endpoint's path has no `{id}`.
    pub fn printer(&self) -> Result<PrinterId, Problem> {
        self.printer.ok_or(NO_PRINTER)
    }
}

/// The result of an endpoint's function.
pub type Answered = Result<Answer, Problem>;

/// An address with one method.
#[derive(Debug)]
pub struct Endpoint {
    pub method: Method,
    /// A pattern; see [`crate::http::routing::route::Address::read`].
    pub path: &'static str,
    pub answer: Answering,
    pub subject: Subject,
    pub summary: &'static str,
    /// The name of the schema of its body.
    pub takes: Option<&'static str>,
    /// The status of a successful answer.
    pub status: u16,
    pub gives: ResponseKind,
    /// The other statuses that it may answer, besides those that every address may.
    pub or: &'static [u16],
}

/// The function of an endpoint.
pub type Answering = fn(&Call<'_>) -> Answered;

/// The content of an endpoint's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    Nothing,
    /// JSON; the name of its schema.
    Json(&'static str),
    List(&'static str),
    Anything,
    /// Server-sent events; name and schema of each.
    Events(&'static [(&'static str, &'static str)]),
    Playlist,
    Video,
    Still,
    Jpeg,
    /// One JPEG after another.
    Pictures,
    Metrics,
    /// A part of the page, which the description of the interface omits.
    Page,
}

impl Endpoint {
    /// Describes an endpoint that returns printers' data, answers 200 and takes no body.
    pub const fn new(
        method: Method,
        path: &'static str,
        answer: Answering,
        gives: ResponseKind,
        summary: &'static str,
    ) -> Self {
        let subject = Subject::Printers;
        Self { method, path, answer, subject, summary, takes: None, status: 200, gives, or: &[] }
    }

    /// Sets the subject of its answer.
    pub const fn about(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    /// Sets the schema of its body.
    pub const fn takes(self, form: &'static str) -> Self {
        Self { takes: Some(form), ..self }
    }

    /// Sets the status of a successful answer.
    pub const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sets the other statuses that it may answer.
    pub const fn or(self, or: &'static [u16]) -> Self {
        Self { or, ..self }
    }
}
