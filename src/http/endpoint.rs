//! A row of the table of endpoints: an address with one method, the function that answers there, and what the
//! description of the interface says of it.

use super::embed::EmbedOrigins;
use super::files::Files;
use super::problem::{NO_PRINTER, Problem};
use super::route::Subject;
use super::server::{Context, Traffic};
use super::{AccessCodes, Answer, Method, Request};
use crate::fleet::Fleet;
use crate::printer::PrinterId;
use std::sync::Arc;

/// What the functions of the endpoints answer from.
#[derive(Debug)]
pub struct Installation {
    pub fleet: Arc<Fleet>,
    pub files: Files,
    pub embed: EmbedOrigins,
    pub access_codes: AccessCodes,
    /// What the server counts.
    pub traffic: Arc<Traffic>,
    /// When the process began.
    pub started_unix_ms: i64,
}

/// A request at the endpoint that answers it.
#[derive(Debug)]
pub struct Call<'a> {
    pub request: &'a Request,
    pub context: &'a Context<'a>,
    pub installation: &'a Installation,
    /// What is at `{id}` in the path.
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
    /// When the endpoint's path has no `{id}`.
    pub fn printer(&self) -> Result<PrinterId, Problem> {
        self.printer.ok_or(NO_PRINTER)
    }
}

/// What an endpoint's function returns.
pub type Answered = Result<Answer, Problem>;

/// An address with one method.
#[derive(Debug)]
pub struct Endpoint {
    pub method: Method,
    /// A pattern; see [`super::route::Address::read`].
    pub path: &'static str,
    pub answer: Answering,
    pub subject: Subject,
    pub summary: &'static str,
    /// The name of its body's form.
    pub takes: Option<&'static str>,
    /// The status of an answer that succeeds.
    pub status: u16,
    pub gives: Gives,
    /// What else it may answer, besides what every address may.
    pub or: &'static [u16],
}

/// The function of an endpoint.
pub type Answering = fn(&Call<'_>) -> Answered;

/// What the answer of an endpoint carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    Nothing,
    /// The name of a form.
    Json(&'static str),
    List(&'static str),
    Anything,
    /// Server-sent events: name and form of each.
    Events(&'static [(&'static str, &'static str)]),
    Playlist,
    Video,
    Still,
    Metrics,
    /// A part of the page, which the description of the interface leaves out.
    Page,
}

impl Endpoint {
    /// Describes an endpoint that tells about printers, answers 200 and takes no body.
    pub const fn new(
        method: Method,
        path: &'static str,
        answer: Answering,
        gives: Gives,
        summary: &'static str,
    ) -> Self {
        let subject = Subject::Printers;
        Self { method, path, answer, subject, summary, takes: None, status: 200, gives, or: &[] }
    }

    /// Sets what it tells about.
    pub const fn about(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    /// Sets the form of its body.
    pub const fn takes(self, form: &'static str) -> Self {
        Self { takes: Some(form), ..self }
    }

    /// Sets the status of an answer that succeeds.
    pub const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sets what else it may answer.
    pub const fn or(self, or: &'static [u16]) -> Self {
        Self { or, ..self }
    }
}
