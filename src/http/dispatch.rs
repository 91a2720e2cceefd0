//! What Platecast serves: one match from a request to its answer.

use super::embed::EmbedOrigins;
use super::events::Events;
use super::files::Files;
use super::policy::Policy;
use super::problem::{NO_ADDRESS, NO_PRINTER, Problem};
use super::route::Route;
use super::server::{Context, Traffic};
use super::{AccessCodes, Answer, Handler, Method, Reply, Request, Settings, api, hls, metrics, openapi, still, view};
use crate::base::clock;
use crate::fleet::Fleet;
use crate::printer::PrinterId;
use std::sync::Arc;
use std::time::Duration;

/// How often a held request looks whether the service stops: not more often than a stream has something new.
const STOP_TICK: Duration = Duration::from_millis(500);

/// The installation.
#[derive(Debug)]
pub struct Dispatch {
    fleet: Arc<Fleet>,
    files: Files,
    policy: Policy,
    access_codes: AccessCodes,
    embed: EmbedOrigins,
    traffic: Arc<Traffic>,
    started_unix_ms: i64,
}

impl Dispatch {
    /// `traffic` is what the server counts, for `/metrics`.
    pub fn new(settings: &Settings, files: Files, fleet: Arc<Fleet>, traffic: Arc<Traffic>) -> Self {
        Self {
            fleet,
            files,
            policy: Policy::new(&settings.allowed_hosts),
            access_codes: settings.access_codes,
            embed: settings.embed_origins.clone(),
            traffic,
            started_unix_ms: clock::unix_ms(),
        }
    }

    fn decide(&self, request: &Request, context: &Context<'_>) -> Answer {
        let route = Route::parse(&request.path);
        let leave = self.embed.leave(request, route.as_ref());
        let answer = match request.method {
            Method::Options => self.preflight(request, route.as_ref()),
            _ => {
                let checked = self.policy.check(request, route.as_ref(), &leave);
                self.unless_closed(request, checked.and_then(|()| self.serve(request, context, route)))
            }
        };
        match answer.unwrap_or_else(|problem| problem.reply().into()) {
            Answer::Whole(reply) => leave.give(reply).into(),
            stream @ Answer::Stream(_) => stream,
        }
    }

    /// What a browser asks before it lets a page of another origin read.
    fn preflight(&self, request: &Request, route: Option<&Route<'_>>) -> Result<Answer, Problem> {
        self.policy.check_host(request)?;
        let refused = || Problem::Method(route.map_or(Method::ALL, Route::methods));
        self.embed.preflight(request, route).map(Answer::Whole).ok_or_else(refused)
    }

    fn serve(&self, request: &Request, context: &Context<'_>, route: Option<Route<'_>>) -> Result<Answer, Problem> {
        let route = route.ok_or(NO_ADDRESS)?;
        if !route.methods().contains(&request.method) {
            return Err(Problem::Method(route.methods()));
        }
        Policy::check_body(request)?;
        let (fleet, codes, stop) = (&self.fleet, self.access_codes, context.stop());
        let reply = match (route, request.method) {
            (Route::Health, _) => Reply::json(200, &view::Healthy::YES),
            (Route::Metrics, _) => metrics::answer(fleet, &self.traffic, self.started_unix_ms),
            (Route::Printers, Method::Post) => api::add(fleet, &request.body, codes)?,
            (Route::Printers, _) => api::list(fleet, codes),
            (Route::Printer(id), Method::Put) => api::edit(fleet, id, &request.body, codes)?,
            (Route::Printer(id), Method::Delete) => api::remove(fleet, id)?,
            (Route::Printer(id), _) => api::show(fleet, id, codes)?,
            (Route::Camera(id), _) => api::camera(fleet, id)?,
            (Route::Status(id), _) => api::status(fleet, id)?,
            (Route::StatusStream(id), _) => {
                let events = Events::of_printer(fleet, id, stop).ok_or(NO_PRINTER)?;
                return Ok(Answer::Stream(Box::new(events)));
            }
            (Route::History(id), _) => api::history(fleet, id)?,
            (Route::Still(id), _) => self.still(request, id)?,
            (Route::Command(id), _) => {
                api::command(fleet, id, &request.body, request.header("cf-access-authenticated-user-email"))?
            }
            (Route::Test, _) => return Ok(Answer::Stream(Box::new(api::test(fleet, &request.body, stop)?))),
            (Route::Diagnose(id), _) => return Ok(Answer::Stream(Box::new(api::diagnose(fleet, id, stop)?))),
            (Route::Events, _) => return Ok(Answer::Stream(Box::new(Events::of_fleet(fleet, stop)))),
            (Route::OpenApi, _) => openapi::document(),
            (Route::Hls(id, file), _) => self.video(request, context, id, file)?,
            (Route::Page, _) => self.embed.page(self.files.page(request)),
            (Route::File(path), _) => self.files.file(path, request).ok_or(NO_ADDRESS)?,
        };
        Ok(reply.into())
    }

    /// What a fleet that is closed does not know of its printers is not so: a player and a page take "there is none" for
    /// final, and an empty list for the truth.
    fn unless_closed(&self, request: &Request, answer: Result<Answer, Problem>) -> Result<Answer, Problem> {
        let reads = matches!(request.method, Method::Get | Method::Head);
        let untrue = match &answer {
            Ok(_) => reads,
            Err(problem) => matches!(problem, Problem::NotFound(_)),
        };
        // Asked for after the answer was made: whatever was not found any more, was gone after this was set.
        match untrue
            && self.fleet.has_closed()
            && Route::parse(&request.path).is_some_and(|route| route.is_of_printers())
        {
            true => Err(Problem::stopping()),
            false => answer,
        }
    }

    fn still(&self, request: &Request, printer: PrinterId) -> Result<Reply, Problem> {
        let live = self.fleet.live(printer).ok_or(NO_PRINTER)?;
        if let Some(picture) = live.still() {
            return still::answer(request, &picture);
        }
        let camera = self.fleet.camera(printer).ok_or(NO_PRINTER)?;
        Err(Problem::Unavailable(camera.sentence))
    }

    /// The answer to a request for video, for which it may be held.
    fn video(
        &self,
        request: &Request,
        context: &Context<'_>,
        printer: PrinterId,
        file: &str,
    ) -> Result<Reply, Problem> {
        let live = self.fleet.live(printer).ok_or(NO_PRINTER)?;
        live.asked(clock::now());
        let request = hls::parse(request, file)?;
        let mut seen = live.snapshot();
        if let Some(answer) = hls::answer(&request, seen.as_deref()) {
            return answer;
        }
        let deadline = clock::now() + hls::hold_limit(&request, seen.as_deref());
        let _held = context.hold(printer.0)?;
        loop {
            let left = deadline.saturating_duration_since(clock::now());
            live.await_other(seen.as_ref(), left.min(STOP_TICK));
            if context.stop().is_stopped() {
                return Err(Problem::stopping());
            }
            if live.has_ended() {
                return Err(NO_PRINTER);
            }
            // Taken before the snapshot: one that is published in between still answers.
            let waited_out = clock::now() >= deadline;
            seen = live.snapshot();
            if let Some(answer) = hls::answer(&request, seen.as_deref()) {
                return answer;
            }
            if waited_out {
                let camera = self.fleet.camera(printer).ok_or(NO_PRINTER)?;
                return Err(hls::too_late(&request, seen.as_deref(), &camera.sentence));
            }
        }
    }
}

impl Handler for Dispatch {
    fn answer(&self, request: &Request, context: &Context<'_>) -> Answer {
        self.decide(request, context)
    }
}
