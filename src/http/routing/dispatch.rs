//! Finds the function that answers a request, and makes the checks before it.

use crate::base::clock;
use crate::diagnosis::Tests;
use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::http::Answer;
use crate::http::Handler;
use crate::http::Method;
use crate::http::Request;
use crate::http::Settings;
use crate::http::endpoints::files::Files;
use crate::http::endpoints::mjpeg::Places;
use crate::http::problem::{NO_ADDRESS, Problem};
use crate::http::routing::embed::EmbedPermission;
use crate::http::routing::endpoint::{Answered, Call, Installation};
use crate::http::routing::policy::Policy;
use crate::http::routing::route::Subject;
use crate::http::routing::table::{self, Found};
use crate::http::server::{Context, Traffic};
use std::sync::Arc;

/// Checks requests and passes them to the endpoints.
#[derive(Debug)]
pub struct Dispatch {
    policy: Policy,
    installation: Installation,
}

impl Dispatch {
    /// Creates the dispatcher. `traffic` holds the server's counters, for `/metrics`.
    pub fn new(
        settings: &Settings,
        files: Files,
        fleet: Arc<Fleet>,
        tests: Arc<Tests>,
        finding: Arc<Finding>,
        traffic: Arc<Traffic>,
    ) -> Self {
        let installation = Installation {
            fleet,
            tests,
            finding,
            files,
            embed: settings.embed_origins.clone(),
            access_codes: settings.access_codes,
            mjpeg: Places::default(),
            traffic,
            started_unix_ms: clock::unix_ms(),
        };
        Self { policy: Policy::new(&settings.allowed_hosts), installation }
    }

    /// Answers a CORS preflight: a browser asks whether a page of another origin may read the address.
    fn preflight(&self, request: &Request, found: Option<&Found>) -> Answered {
        self.policy.check_host(request)?;
        let refused = || Problem::Method(table::methods_at(&request.path));
        self.installation
            .embed
            .preflight(request, found.map(|found| found.subject))
            .map(Answer::Whole)
            .ok_or_else(refused)
    }

    fn serve(
        &self,
        request: &Request,
        context: &Context<'_>,
        found: Option<&Found>,
        leave: &EmbedPermission,
    ) -> Answered {
        match leave.is_given() {
            true => self.policy.check_host(request).map(drop)?,
            false => self.policy.check(request, found.map(|found| found.subject))?,
        }
        let found = found.ok_or(NO_ADDRESS)?;
        let endpoint = found.endpoint(request.method).ok_or_else(|| Problem::Method(found.methods()))?;
        Policy::check_body(request)?;
        let (installation, printer) = (&self.installation, found.printer);
        (endpoint.answer)(&Call { request, context, installation, printer })
    }

    /// Replaces an answer of a fleet that is being closed by a 503. It shows no printers, though there are some. A
    /// player and a page would take "there is none" as final, and an empty list as the truth.
    fn unless_closed(&self, request: &Request, subject: Option<Subject>, answer: Answered) -> Answered {
        let is_untrue = match &answer {
            Ok(_) => request.method.is_safe(),
            Err(problem) => matches!(problem, Problem::NotFound(_)),
        };
        // This is checked after the answer was made: a printer that was missing by then was closed before.
        match is_untrue && self.installation.fleet.has_closed() && subject.is_some_and(Subject::is_of_printers) {
            true => Err(Problem::stopping()),
            false => answer,
        }
    }
}

impl Handler for Dispatch {
    fn answer(&self, request: &Request, context: &Context<'_>) -> Answer {
        let found = table::find(&request.path);
        let subject = found.map(|found| found.subject);
        let leave = self.installation.embed.leave(request, subject);
        let answer = match request.method {
            Method::Options => self.preflight(request, found.as_ref()),
            _ => self.unless_closed(request, subject, self.serve(request, context, found.as_ref(), &leave)),
        };
        match answer.unwrap_or_else(|problem| problem.reply().into()) {
            Answer::Whole(reply) => leave.give(reply).into(),
            stream @ Answer::Stream(_) => stream,
            Answer::Pictures(head, pictures) => Answer::Pictures(leave.give(head), pictures),
        }
    }

    fn methods(&self, path: &str) -> Vec<Method> {
        table::methods_at(path)
    }
}
