//! Layer 1: everything known about a printer, without any sockets.
//!
//! A person enters a [`Draft`]. [`validate`] turns it into [`Details`], or says field by field what is wrong. The
//! registry gives the details an id, which makes a [`Printer`]. [`identity`] decides which certificate belongs to this
//! printer.
//!
//! Reports over MQTT pass through four modules. [`report`] parses a message, [`merged`] merges messages, [`state`] reads
//! what matters to a person, and [`display`] finds the words. [`command`] covers the opposite direction.

pub mod codes;
pub mod command;
pub mod display;
pub mod registered;
pub mod report;
pub mod text;
pub mod words;

pub(crate) use registered::certificate;
pub use registered::{
    Announcement, CameraLogin, Changes, Details, Draft, FieldError, Fingerprint, Identity, Mistake, RtspOverrides,
    RtspUrl, Rules, Serial, USER, address, announcement, identity, label, validate,
};
pub use report::{ams, heat, history, ipcam, job, machine, merged, model, problem, stage, state};
use report::{fields, past};

use crate::base::secret::Secret;
use std::fmt;

/// The id of a printer, never reused for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrinterId(pub i64);

impl fmt::Display for PrinterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A registered printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// The printer's id.
    pub id: PrinterId,
    /// The name that its owner gave it.
    pub name: String,
    /// A host name or an IP address; IPv6 without brackets.
    pub host: String,
    /// The serial number, which also appears in its certificate and its MQTT topics.
    pub serial: Serial,
    /// The LAN access code.
    pub access_code: Secret,
    /// Overrides the camera URL that the printer reports. It may name another host, on which the camera then is.
    pub rtsp_url: Option<RtspUrl>,
    /// The login of the camera at that URL. Without one, the printer's own host gets the access code, and any other
    /// host gets nothing.
    pub camera_login: Option<CameraLogin>,
    /// The certificate of a plain camera, which has no serial to identify it.
    pub camera_fingerprint: Option<Fingerprint>,
}
