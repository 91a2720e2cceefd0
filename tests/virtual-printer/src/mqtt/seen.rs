//! What the broker has seen and sent.

use crate::seen::keep;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Instant;

/// How many of the last ones are kept.
const CLIENT_IDS_KEPT: usize = 256;
const REQUESTS_KEPT: usize = 4096;
const REPORTS_KEPT: usize = 1024;

/// Counted since the printer was started, unless it says "now".
#[derive(Debug, Clone, Default)]
pub struct MqttSeen {
    /// CONNECT packets.
    pub connects: u64,
    /// The last of their client ids, oldest first.
    pub client_ids: VecDeque<String>,
    /// Clients accepted and still there, now.
    pub sessions: usize,
    /// CONNECTs with a wrong user or access code.
    pub refused: u64,
    /// CONNECTs beyond the number of clients.
    pub turned_away: u64,
    /// Topic filters subscribed to.
    pub subscriptions: u64,
    /// Connections cut because of what they subscribed to.
    pub cut_for_topic: u64,
    /// Requests for a full report.
    pub pushalls: u64,
    /// Requests for the versions.
    pub get_versions: u64,
    /// Requests of any kind, heard or not.
    pub requests: u64,
    /// The last of them, oldest first.
    pub last_requests: VecDeque<Request>,
    /// Requests that are no JSON object.
    pub malformed: u64,
    /// Replies given.
    pub replies: u64,
    /// Reports made, full and delta.
    pub reports: u64,
    /// The last of them, oldest first.
    pub last_reports: VecDeque<ReportSent>,
    /// PINGREQ packets.
    pub pings: u64,
    /// Sessions ended by DISCONNECT.
    pub disconnects_clean: u64,
    /// Sessions ended in any other way, by either side.
    pub disconnects_unclean: u64,
}

/// A request, as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// When.
    pub arrived: Instant,
    /// Whose session it came through.
    pub client_id: String,
    /// Whether it was heard: a deaf printer takes it and does nothing.
    pub heard: bool,
    /// With QoS 1 or without.
    pub qos1: bool,
    /// All of it, as JSON; null where it is none.
    pub message: Value,
}

/// A report that left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReportSent {
    /// Its `sequence_id`.
    pub sequence: u64,
    /// When it was made; it is written at once.
    pub unix_s: f64,
}

impl MqttSeen {
    pub(crate) fn note_connect(&mut self, client_id: &str) {
        self.connects += 1;
        keep(&mut self.client_ids, client_id.to_owned(), CLIENT_IDS_KEPT);
    }

    pub(crate) fn note_request(&mut self, request: Request) {
        self.requests += 1;
        self.malformed += u64::from(!request.message.is_object());
        self.pushalls += u64::from(request.asks_for("pushall"));
        self.get_versions += u64::from(request.asks_for("get_version"));
        keep(&mut self.last_requests, request, REQUESTS_KEPT);
    }

    pub(crate) fn note_report(&mut self, report: ReportSent) {
        self.reports += 1;
        keep(&mut self.last_reports, report, REPORTS_KEPT);
    }

    /// The requests of this command, for instance `pause`, oldest first.
    pub fn commands<'a>(&'a self, command: &'a str) -> impl Iterator<Item = &'a Request> {
        self.last_requests.iter().filter(move |request| request.asks_for(command))
    }
}

impl Request {
    /// Whether this command is in it; a message may have several categories.
    #[must_use]
    pub fn asks_for(&self, command: &str) -> bool {
        self.message.as_object().into_iter().flatten().any(|(_, body)| body["command"] == command)
    }

    /// The category: `print`, `system` …; the first one, if there are several.
    #[must_use]
    pub fn category(&self) -> &str {
        self.body().map_or("", |(category, _)| category)
    }

    /// The command, empty where it names none.
    #[must_use]
    pub fn command(&self) -> &str {
        self.body().and_then(|(_, body)| body["command"].as_str()).unwrap_or_default()
    }

    /// Its `sequence_id`, empty where it is not a string.
    #[must_use]
    pub fn sequence_id(&self) -> &str {
        self.body().and_then(|(_, body)| body["sequence_id"].as_str()).unwrap_or_default()
    }

    fn body(&self) -> Option<(&str, &Value)> {
        let members = self.message.as_object()?;
        members.iter().find(|(_, body)| body.is_object()).map(|(category, body)| (category.as_str(), body))
    }
}
