//! The endpoints for printers that were found.

use crate::advice::found;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::finding::{Finding, GreetError, Look, ScanError};
use crate::fleet::Fleet;
use crate::http::endpoints::events::{FOLLOWED_WITHIN, HEARTBEAT, Text};
use crate::http::problem::Problem;
use crate::http::routing::endpoint::{Answered, Call};
use crate::http::view::found::{Found, GreetForm, Greeted, Scan, ScanForm};
use crate::http::{Answer, Reply};
use crate::net::dial::DialError;
use crate::net::link::Failure;
use crossbeam_channel::{Receiver, select};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `GET /api/found`
pub fn list(call: &Call<'_>) -> Answered {
    Ok(Reply::json(200, &found_now(&call.installation.finding, call.fleet())).into())
}

/// `GET /api/found/stream`
pub fn stream(call: &Call<'_>) -> Answered {
    let (finding, fleet) = (Arc::clone(&call.installation.finding), Arc::clone(call.fleet()));
    Ok(Answer::Stream(Box::new(FoundEvents {
        look: finding.look(),
        edits: fleet.listen(None),
        finding,
        fleet,
        stop: call.context.stop().clone(),
        told: None,
        written: None,
        last_was_event: false,
        id: 0,
    })))
}

/// `POST /api/found/scan`
pub fn scan(call: &Call<'_>) -> Answered {
    const FORM: Problem = Problem::BadRequest("The body must be like {\"range\":\"192.168.1.0/24\"}.");
    let form: ScanForm = serde_json::from_slice(&call.request.body).map_err(|_| FORM)?;
    let scan = call.installation.finding.scan(&form.range).map_err(|error| match error {
        ScanError::TooMany { retry_after } => Problem::Busy(found::TOO_MANY_SCANS, retry_after),
        ScanError::Running => Problem::NotNow(error.advice()),
        ScanError::NoThread => Problem::Unavailable(error.advice()),
        ScanError::Range(_) | ScanError::NotPrivate => Problem::Wrong(error.advice()),
    })?;
    Ok(Reply::json(202, &Scan::from(&scan)).into())
}

/// `DELETE /api/found/scan`
pub fn stop_scan(call: &Call<'_>) -> Answered {
    call.installation.finding.stop_scan();
    Ok(Reply::empty(204).into())
}

/// `POST /api/found/greet`
pub fn greet(call: &Call<'_>) -> Answered {
    const FORM: Problem = Problem::BadRequest("The body must be like {\"host\":\"192.168.1.50\"}.");
    let form: GreetForm = serde_json::from_slice(&call.request.body).map_err(|_| FORM)?;
    let (host, greeting) = call.installation.finding.greet(&form.host).map_err(|error| not_greeted(&error))?;
    Ok(Reply::json(200, &Greeted::new(host, &greeting)).into())
}

/// Returns the problem of a device that could not be greeted: 504 if nothing answers, 409 if it is no printer.
pub fn not_greeted(error: &GreetError) -> Problem {
    match error {
        GreetError::Fields(fields) => Problem::Fields(fields.clone()),
        GreetError::TooMany { retry_after } => Problem::Busy(found::TOO_MANY_GREETINGS, *retry_after),
        GreetError::Link(error) => {
            let advice = found::of_greeting(error);
            match &error.failure {
                Failure::Dial(DialError::Refused(_)) | Failure::Certificate(_) | Failure::NotTls(_) => {
                    Problem::NotNow(advice)
                }
                Failure::Stopped | Failure::Dial(DialError::Stopped) => Problem::stopping(),
                _ => Problem::NoAnswer(advice),
            }
        }
    }
}

fn found_now(finding: &Finding, fleet: &Fleet) -> Found {
    let registered = fleet.printers().into_iter().map(|printer| (printer.serial, printer.id)).collect();
    Found::new(&finding.found(), finding.proposals(), &registered)
}

/// The least time between two events.
const APART: Duration = Duration::from_millis(250);

/// The events of one page that looks for printers. While it is there, printers are asked to announce themselves.
struct FoundEvents {
    finding: Arc<Finding>,
    fleet: Arc<Fleet>,
    look: Look,
    /// A printer that is added or removed here changes what is said of it.
    edits: Receiver<()>,
    stop: Stop,
    told: Option<Found>,
    written: Option<Instant>,
    last_was_event: bool,
    id: u64,
}

impl FoundEvents {
    /// Returns the next event, if anything has changed.
    fn news(&mut self) -> Option<String> {
        let found = found_now(&self.finding, &self.fleet);
        if self.told.as_ref() == Some(&found) {
            return None;
        }
        let mut text = Text { written: String::new(), id: self.id };
        text.event("found", &found);
        (self.told, self.id) = (Some(found), text.id);
        Some(text.written)
    }
}

impl Iterator for FoundEvents {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let Some(mut written) = self.written else {
            let first = self.news()?;
            (self.written, self.last_was_event) = (Some(clock::now()), true);
            return Some(format!("retry: 2000\n\n{first}").into_bytes());
        };
        loop {
            let patience = if self.last_was_event { FOLLOWED_WITHIN } else { HEARTBEAT };
            let silence = clock::now().saturating_duration_since(written);
            select! {
                recv(self.look.changed().changed()) -> rung => rung.ok()?,
                recv(self.edits) -> rung => rung.ok()?,
                recv(self.stop.channel()) -> _ => return None,
                default(patience.saturating_sub(silence)) => {
                    written = clock::now();
                    (self.written, self.last_was_event) = (Some(written), false);
                    return Some(b":\n\n".to_vec());
                }
            }
            // Several changes that come together are one event.
            let early = APART.saturating_sub(clock::now().saturating_duration_since(written));
            if self.stop.wait(early) || self.fleet.has_closed() {
                return None;
            }
            if let Some(event) = self.news() {
                (self.written, self.last_was_event) = (Some(clock::now()), true);
                return Some(event.into_bytes());
            }
        }
    }
}
