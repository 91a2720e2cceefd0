//! Server-sent events (HTML Living Standard §9.2): one printer's status, or the whole fleet.
//!
//! A stream remembers what it has sent and compares that with the newest state after each notification. It therefore
//! sends each state at most once and in order, and after a slow write only the newest.

use crate::base::clock::{self, rfc3339_ms};
use crate::base::stop::Stop;
use crate::fleet::{Fleet, Overview};
use crate::http::view;
use crate::http::view::events::{CameraChange, NewPicture, Removed, Snapshot, StatusChange, StatusJson, Whole};
use crate::printer::PrinterId;
use crossbeam_channel::{Receiver, select};
use serde::Serialize;
use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Cloudflare ends a stream that is silent for 100 s; some middleboxes end one that is silent for 20 s.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);

/// Safari 26.x (WebKit bug 322545) delivers the last piece of a response only when another one follows. A comment
/// therefore follows each event after this time, unless another event does.
pub(super) const FOLLOWED_WITHIN: Duration = Duration::from_millis(150);

/// The events of one viewer: an iterator that waits for the next one and ends at the stop.
#[derive(Debug)]
pub struct Events {
    fleet: Arc<Fleet>,
    topic: Topic,
    bell: Receiver<()>,
    stop: Stop,
    /// When the last piece was written; `None` before the first.
    written: Option<Instant>,
    /// Whether the last piece was an event, so that a comment must follow.
    last_was_event: bool,
    id: u64,
}

/// The subject of the events, and the versions that were sent already.
#[derive(Debug)]
enum Topic {
    Printer(PrinterId, Option<u64>),
    /// All printers, and the build of the page, which is sent first.
    Fleet(Option<Arc<str>>, Option<BTreeMap<PrinterId, Versions>>),
}

#[derive(Debug, Clone)]
struct Versions {
    edition: u64,
    status: u64,
    camera: u64,
    /// The tag of the newest picture, for a camera that sends no video.
    picture: Option<String>,
}

impl Versions {
    fn of(printer: &Overview) -> Self {
        let picture = printer.picture.as_ref().map(|still| still.tag());
        Self { edition: printer.edition, status: printer.status.version, camera: printer.camera.version(), picture }
    }
}

impl Events {
    /// Returns the events of one printer, or `None` if it does not exist.
    pub fn of_printer(fleet: &Arc<Fleet>, id: PrinterId, stop: &Stop) -> Option<Self> {
        fleet.status(id)?;
        Some(Self::new(fleet, Topic::Printer(id, None), Some(id), stop))
    }

    /// Returns the events of all printers, and of the page that shows them.
    pub fn of_fleet(fleet: &Arc<Fleet>, build: Option<Arc<str>>, stop: &Stop) -> Self {
        Self::new(fleet, Topic::Fleet(build, None), None, stop)
    }

    fn new(fleet: &Arc<Fleet>, topic: Topic, of: Option<PrinterId>, stop: &Stop) -> Self {
        // The subscription begins before the first look, so that no change is missed in between.
        Self {
            fleet: Arc::clone(fleet),
            topic,
            bell: fleet.listen(of),
            stop: stop.clone(),
            written: None,
            last_was_event: false,
            id: 0,
        }
    }

    /// Returns the new events; `None` if there will never be any more.
    fn news(&mut self) -> Option<Text> {
        let mut text = Text { written: String::new(), id: self.id };
        match &mut self.topic {
            Topic::Printer(id, told) => {
                let status = self.fleet.status(*id)?;
                if told.replace(status.version) != Some(status.version) {
                    text.event("status", &StatusJson::of(&status));
                }
            }
            Topic::Fleet(build, told) => {
                let now = self.fleet.overview();
                if self.fleet.has_closed() {
                    // The fleet no longer shows any printer, though none was removed.
                    return None;
                }
                let versions = now.iter().map(|(id, printer)| (*id, Versions::of(printer))).collect();
                match told.replace(versions) {
                    None => {
                        let printers = now.iter().map(whole).collect();
                        text.event("snapshot", &Snapshot { build: build.as_deref(), printers });
                    }
                    Some(before) => tell_changes(&before, &now, &mut text),
                }
            }
        }
        self.id = text.id;
        Some(text)
    }
}

impl Iterator for Events {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let mut text = self.news()?.written;
            let now = clock::now();
            let Some(written) = self.written else {
                (self.written, self.last_was_event) = (Some(now), true);
                text.insert_str(0, "retry: 2000\n\n");
                return Some(text.into_bytes());
            };
            let silence = now.saturating_duration_since(written);
            let patience = if self.last_was_event { FOLLOWED_WITHIN } else { HEARTBEAT };
            let is_event = !text.is_empty();
            if !is_event && silence >= patience {
                text.push_str(":\n\n");
            }
            if !text.is_empty() {
                (self.written, self.last_was_event) = (Some(now), is_event);
                return Some(text.into_bytes());
            }
            select! {
                recv(self.bell) -> rung => rung.ok()?,
                recv(self.stop.channel()) -> _ => return None,
                default(patience - silence) => {}
            }
        }
    }
}

fn tell_changes(before: &BTreeMap<PrinterId, Versions>, now: &BTreeMap<PrinterId, Overview>, text: &mut Text) {
    for id in before.keys().filter(|id| !now.contains_key(id)) {
        text.event("removed", &Removed { id: id.0 });
    }
    for entry in now {
        let (id, printer) = entry;
        let Some(told) = before.get(id).filter(|told| told.edition == printer.edition) else {
            text.event("added", &whole(entry));
            continue;
        };
        if told.status != printer.status.version {
            text.event("printer", &StatusChange { id: id.0, status: StatusJson::of(&printer.status) });
        }
        if told.camera != printer.camera.version() {
            text.event("camera", &CameraChange { id: id.0, camera: camera(printer) });
        }
        if let Some(still) = &printer.picture
            && let tag = still.tag()
            && told.picture.as_ref() != Some(&tag)
        {
            text.event("picture", &NewPicture { id: id.0, time: rfc3339_ms(still.captured_unix_ms), tag });
        }
    }
}

fn whole((id, printer): (&PrinterId, &Overview)) -> Whole {
    Whole { id: id.0, name: printer.name.clone(), status: StatusJson::of(&printer.status), camera: camera(printer) }
}

fn camera(printer: &Overview) -> view::Camera {
    view::Camera::from(printer.camera.report(clock::now()))
}

/// Events in the form of the stream.
#[derive(Debug, Default)]
pub struct Text {
    /// The text written so far.
    pub written: String,
    /// The id of the last event.
    pub id: u64,
}

impl Text {
    /// Adds an event.
    pub fn event(&mut self, name: &str, data: &impl Serialize) {
        match serde_json::to_string(data) {
            // JSON has no line breaks outside its strings, and only escaped ones inside.
            Ok(data) => {
                self.id += 1;
                let mut event = mem::take(&mut self.written);
                event.extend(["event: ", name, "\nid: ", &self.id.to_string(), "\ndata: ", &data, "\n\n"]);
                self.written = event;
            }
            Err(error) => log::error!("an event could not be written as JSON: {error}"),
        }
    }
}
