//! What Platecast serves: one match from a request to its answer.

use super::embed::{EmbedOrigins, Leave};
use super::events::Events;
use super::files::Files;
use super::hls::{self, HlsRequest};
use super::policy::Policy;
use super::problem::Problem;
use super::route::Route;
use super::server::{Proxies, StartError, Traffic};
use super::trial::Trial;
use super::{AccessCodes, Answer, Hold, Method, Reply, Request, Serve, Settings, api, metrics, openapi, still, view};
use crate::base::clock;
use crate::base::stop::Stop;
use crate::fleet::{Fleet, Live};
use crate::hls::Snapshot;
use crate::printer::PrinterId;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const NO_ADDRESS: Problem = Problem::NotFound("There is nothing at this address.");
const NO_PRINTER: Problem = Problem::NotFound("There is no printer with this id.");
pub const STOPPING: &str = "Platecast is stopping.";

/// The installation.
#[derive(Debug)]
pub struct Dispatch {
    fleet: Arc<Fleet>,
    files: Files,
    policy: Policy,
    access_codes: AccessCodes,
    embed: EmbedOrigins,
    proxies: Proxies,
    traffic: OnceLock<Arc<Traffic>>,
    started_unix_ms: i64,
    stop: Stop,
}

/// A request for video that is not there yet.
#[derive(Debug)]
pub struct Awaited {
    printer: PrinterId,
    live: Arc<Live>,
    request: HlsRequest,
    /// What did not answer it.
    seen: Option<Arc<Snapshot>>,
    /// What the answer needs if the viewer is a page of another origin.
    leave: Leave,
}

/// An answer that goes on.
#[derive(Debug)]
pub enum Stream {
    /// States and their changes, without an end.
    Events(Events),
    /// The stages of a test.
    Trial(Trial),
}

impl From<Events> for Stream {
    fn from(events: Events) -> Self {
        Self::Events(events)
    }
}

impl From<Trial> for Stream {
    fn from(trial: Trial) -> Self {
        Self::Trial(trial)
    }
}

impl Iterator for Stream {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Events(events) => events.next(),
            Self::Trial(trial) => trial.next(),
        }
    }
}

impl Dispatch {
    /// Reads the built page.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn new(settings: &Settings, fleet: Arc<Fleet>, stop: Stop) -> Result<Self, StartError> {
        let files = match &settings.frontend_dir {
            Some(dir) => Files::load(dir)?,
            None => Files::missing(),
        };
        let (policy, started_unix_ms) = (Policy::new(&settings.allowed_hosts), clock::unix_ms());
        Ok(Self {
            fleet,
            files,
            policy,
            access_codes: settings.access_codes,
            embed: settings.embed_origins.clone(),
            proxies: settings.trusted_proxies.clone(),
            traffic: OnceLock::new(),
            started_unix_ms,
            stop,
        })
    }

    fn decide(&self, request: &Request) -> Answer<Self> {
        let route = Route::parse(&request.path);
        let leave = self.embed.leave(request, route.as_ref());
        let answer = match request.method {
            Method::Options => self.preflight(request, route.as_ref()),
            _ => {
                let checked = self.policy.check(request, route.as_ref(), &leave);
                self.unless_closed(request, checked.and_then(|()| self.serve(request, route)))
            }
        };
        match answer.unwrap_or_else(|problem| Answer::Now(problem.reply())) {
            Answer::Now(reply) => Answer::Now(leave.give(reply)),
            Answer::Hold(mut hold) => {
                hold.wait.leave = leave;
                Answer::Hold(hold)
            }
            stream => stream,
        }
    }

    /// What a browser asks before it lets a page of another origin read.
    fn preflight(&self, request: &Request, route: Option<&Route<'_>>) -> Result<Answer<Self>, Problem> {
        self.policy.check_host(request)?;
        let refused = || Problem::Method(route.map_or(Method::ALL, Route::methods));
        self.embed.preflight(request, route).map(Answer::Now).ok_or_else(refused)
    }

    fn serve(&self, request: &Request, route: Option<Route<'_>>) -> Result<Answer<Self>, Problem> {
        let route = route.ok_or(NO_ADDRESS)?;
        if !route.methods().contains(&request.method) {
            return Err(Problem::Method(route.methods()));
        }
        Policy::check_body(request)?;
        let (fleet, codes) = (&self.fleet, self.access_codes);
        let reply = match (route, request.method) {
            (Route::Health, _) => Reply::json(200, &view::Healthy::YES),
            (Route::Metrics, _) => metrics::answer(fleet, self.traffic.get().map(Arc::as_ref), self.started_unix_ms),
            (Route::Printers, Method::Post) => api::add(fleet, &request.body, codes)?,
            (Route::Printers, _) => api::list(fleet, codes),
            (Route::Printer(id), Method::Put) => api::edit(fleet, id, &request.body, codes)?,
            (Route::Printer(id), Method::Delete) => api::remove(fleet, id)?,
            (Route::Printer(id), _) => api::show(fleet, id, codes)?,
            (Route::Camera(id), _) => api::camera(fleet, id)?,
            (Route::Status(id), _) => api::status(fleet, id)?,
            (Route::StatusStream(id), _) => {
                let events = Events::of_printer(fleet, id, &self.stop).ok_or(NO_PRINTER)?;
                return Ok(Answer::Stream(events.into()));
            }
            (Route::History(id), _) => api::history(fleet, id)?,
            (Route::Still(id), _) => self.still(request, id)?,
            (Route::Command(id), _) => {
                api::command(fleet, id, &request.body, request.header("cf-access-authenticated-user-email"))?
            }
            (Route::Test, _) => return Ok(Answer::Stream(api::test(fleet, &request.body, &self.stop)?.into())),
            (Route::Diagnose(id), _) => return Ok(Answer::Stream(api::diagnose(fleet, id, &self.stop)?.into())),
            (Route::Events, _) => return Ok(Answer::Stream(Events::of_fleet(fleet, &self.stop).into())),
            (Route::OpenApi, _) => openapi::document(),
            (Route::Hls(id, file), _) => return self.video(request, id, file),
            (Route::Page, _) => self.embed.page(self.files.page(request)),
            (Route::File(path), _) => self.files.file(path, request).ok_or(NO_ADDRESS)?,
        };
        Ok(Answer::Now(reply))
    }

    /// What a fleet that is closed does not know of its printers is not so: a player and a page take "there is none" for
    /// final, and an empty list for the truth.
    fn unless_closed(&self, request: &Request, answer: Result<Answer<Self>, Problem>) -> Result<Answer<Self>, Problem> {
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
            true => Err(Problem::Unavailable(STOPPING.to_owned())),
            false => answer,
        }
    }

    fn still(&self, request: &Request, printer: PrinterId) -> Result<Reply, Problem> {
        let live = self.fleet.live(printer).ok_or(NO_PRINTER)?;
        if let Some(picture) = live.still() {
            return Ok(still::answer(request, &picture));
        }
        let camera = self.fleet.camera(printer).ok_or(NO_PRINTER)?;
        Err(Problem::Unavailable(camera.sentence))
    }

    fn video(&self, request: &Request, printer: PrinterId, file: &str) -> Result<Answer<Self>, Problem> {
        let live = self.fleet.live(printer).ok_or(NO_PRINTER)?;
        live.asked(clock::now());
        let request = match hls::parse(request, file) {
            Ok(request) => request,
            Err(refusal) => return Ok(Answer::Now(*refusal)),
        };
        let snapshot = live.snapshot();
        if let Some(reply) = hls::answer(&request, snapshot.as_deref(), false) {
            return Ok(Answer::Now(reply));
        }
        let deadline = clock::now() + hls::hold_limit(&request, snapshot.as_deref());
        Ok(Answer::Hold(Hold {
            group: printer.0,
            deadline,
            wait: Awaited { printer, live, request, seen: snapshot, leave: Leave::default() },
        }))
    }
}

impl Serve for Dispatch {
    type Hold = Awaited;
    type Stream = Stream;

    fn answer(&self, request: &Request) -> Answer<Self> {
        self.decide(request)
    }

    fn proxies(&self) -> Proxies {
        self.proxies.clone()
    }

    fn meet(&self, traffic: &Arc<Traffic>) {
        // Once; a second server of one site there is not.
        let _ = self.traffic.set(Arc::clone(traffic));
    }

    fn await_news(&self, hold: &Awaited, at_most: Duration) {
        hold.live.await_other(hold.seen.as_ref(), at_most);
    }

    fn release(&self, hold: &mut Awaited, waited_out: bool) -> Option<Reply> {
        self.look_again(hold, waited_out).map(|reply| hold.leave.give(reply))
    }
}

impl Dispatch {
    fn look_again(&self, hold: &mut Awaited, waited_out: bool) -> Option<Reply> {
        if hold.live.has_ended() {
            return Some(NO_PRINTER.reply());
        }
        hold.seen = hold.live.snapshot();
        let snapshot = hold.seen.as_deref();
        if waited_out && hls::waits_for_camera(&hold.request, snapshot) {
            let camera = self.fleet.camera(hold.printer);
            let gone = if self.fleet.has_closed() { Problem::Unavailable(STOPPING.to_owned()) } else { NO_PRINTER };
            return Some(camera.map_or_else(|| gone.reply(), |camera| hls::no_picture(&camera.sentence)));
        }
        hls::answer(&hold.request, snapshot, waited_out)
    }
}
