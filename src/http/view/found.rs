//! Printers that were found, and a printer that has another address.

use super::Advice;
use crate::base::clock::rfc3339_ms;
use crate::finding::{self, FoundPrinter, Proposal, ScanState};
use crate::net::link::Greeting;
use crate::printer::model::{CameraKind, Model};
use crate::printer::{PrinterId, Serial};
use crate::registry;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What has been found by now.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Whether announcements of printers are listened for.
    listening: bool,
    /// Why none come, if that is known.
    #[schema(required)]
    deaf: Option<Advice>,
    /// Ranges that may be worth a scan: the networks of the machine, the largest first, and those of printers that are
    /// registered here.
    networks: Vec<Network>,
    /// The scan that runs, or the last one.
    #[schema(required)]
    scan: Option<Scan>,
    /// The printers, by serial number, each at the one address that counts.
    printers: Vec<Printer>,
}

/// A range that may be worth a scan.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = FoundNetwork)]
pub struct Network {
    /// In CIDR notation, at most 1,024 addresses.
    range: String,
    /// The number of addresses that a scan would greet.
    addresses: u32,
    /// The interface of the machine that leads there; `null` for the network of a printer that is registered here.
    #[schema(required)]
    interface: Option<String>,
}

/// The progress of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FoundScan)]
pub struct Scan {
    range: String,
    /// The number of addresses in the range.
    addresses: u32,
    /// How many of them have been greeted.
    asked: u32,
    /// How many printers were among them.
    found: u32,
    state: ScanWord,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FoundScanState)]
enum ScanWord {
    Running,
    Done,
    Stopped,
}

/// A printer that was found.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FoundPrinter)]
pub struct Printer {
    serial: String,
    #[schema(required)]
    model: Option<&'static str>,
    /// The name that its owner gave it, from its announcement.
    #[schema(required)]
    name: Option<String>,
    host: String,
    #[schema(required)]
    firmware: Option<String>,
    #[schema(required)]
    camera: Option<CameraWord>,
    /// The printer that is registered here with this serial number.
    #[schema(required)]
    printer_id: Option<i64>,
    /// `greeting`: its certificate was seen at this address. `announcement`: it said so itself, which anybody could.
    heard: Vec<Source>,
    /// As in RFC 3339.
    #[schema(format = DateTime)]
    last_seen: String,
}

/// What a camera sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FoundCamera)]
enum CameraWord {
    Video,
    Pictures,
}

impl CameraWord {
    fn of(model: Option<Model>) -> Option<Self> {
        model.map(|model| match model.camera() {
            CameraKind::Rtsp => Self::Video,
            CameraKind::Jpeg => Self::Pictures,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FoundBy)]
enum Source {
    Announcement,
    Greeting,
}

impl Found {
    /// Describes what has been found. `registered` are the serial numbers of the printers here.
    pub fn new(found: &finding::Found, proposals: Vec<Proposal>, registered: &BTreeMap<Serial, PrinterId>) -> Self {
        Self {
            listening: found.listening,
            deaf: found.deaf.map(|deaf| deaf.advice().into()),
            networks: proposals.into_iter().map(Network::from).collect(),
            scan: found.scan.as_ref().map(Scan::from),
            printers: found.printers.iter().map(|printer| Printer::new(printer, registered)).collect(),
        }
    }
}

impl From<Proposal> for Network {
    fn from(Proposal { range, interface }: Proposal) -> Self {
        Self { range: range.to_string(), addresses: range.count(), interface }
    }
}

impl From<&finding::Scan> for Scan {
    fn from(scan: &finding::Scan) -> Self {
        Self {
            range: scan.range.to_string(),
            addresses: scan.range.count(),
            asked: scan.asked,
            found: scan.found,
            state: match scan.state {
                ScanState::Running => ScanWord::Running,
                ScanState::Done => ScanWord::Done,
                ScanState::Stopped => ScanWord::Stopped,
            },
        }
    }
}

impl Printer {
    fn new(printer: &FoundPrinter, registered: &BTreeMap<Serial, PrinterId>) -> Self {
        let heard = [(printer.heard, Source::Announcement), (printer.greeted, Source::Greeting)];
        Self {
            serial: printer.serial.to_string(),
            model: printer.model.map(Model::name),
            name: printer.name.clone(),
            host: printer.host.to_string(),
            firmware: printer.firmware.clone(),
            camera: CameraWord::of(printer.model),
            printer_id: registered.get(&printer.serial).map(|id| id.0),
            heard: heard.into_iter().filter_map(|(is_so, source)| is_so.then_some(source)).collect(),
            last_seen: rfc3339_ms(printer.last_seen_unix_ms),
        }
    }
}

/// The range to scan.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ScanForm)]
pub struct ScanForm {
    /// In CIDR notation, for example `192.168.1.0/24`; at most 1,024 addresses of a private network.
    pub range: String,
}

/// The address to greet.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = GreetForm)]
pub struct GreetForm {
    /// A name or an IP address.
    pub host: String,
}

/// The printer that was greeted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Greeted {
    host: String,
    serial: String,
    #[schema(required)]
    model: Option<&'static str>,
    #[schema(required)]
    camera: Option<CameraWord>,
}

impl Greeted {
    /// Describes what was found at a host.
    pub fn new(host: String, greeting: &Greeting) -> Self {
        let model = Model::of_serial(&greeting.serial);
        Self { host, serial: greeting.serial.to_string(), model: model.map(Model::name), camera: CameraWord::of(model) }
    }
}

/// A printer was found at another address than before.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moved {
    /// The address that it had.
    from: String,
    /// The address that it has.
    to: String,
    /// When it was found there, as in RFC 3339.
    #[schema(format = DateTime)]
    time: String,
}

impl From<&registry::Moved> for Moved {
    fn from(moved: &registry::Moved) -> Self {
        Self { from: moved.from.clone(), to: moved.to.clone(), time: rfc3339_ms(moved.unix_ms) }
    }
}
