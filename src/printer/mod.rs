//! Layer 1: what a printer is, without any of its sockets.
//!
//! A person types a [`Draft`]; [`validate`] makes [`Details`] of it or says what is wrong, field by field; the
//! registry gives those a number and makes a [`Printer`] of them. Which certificate is this printer's is decided by
//! [`identity`].
//!
//! What it says over MQTT goes one way: [`report`] parses a message, [`known`] puts messages together, [`state`] reads
//! what a person wants to know, [`display`] finds the word for it. [`command`] is the way back.

pub mod address;
pub mod ams;
mod camera;
pub(crate) mod certificate;
pub mod codes;
pub mod command;
pub mod display;
mod draft;
pub mod heat;
pub mod history;
pub mod identity;
pub mod ipcam;
pub mod job;
pub mod known;
pub mod label;
pub mod machine;
pub mod model;
mod past;
pub mod problem;
mod read;
pub mod report;
pub mod stage;
pub mod state;
pub mod text;
pub mod words;

pub use address::{RtspOverrides, RtspUrl, Serial};
pub use camera::CameraLogin;
pub use draft::{Details, Draft, FieldError, Rules, validate};
pub use identity::{Fingerprint, Identity};

use crate::base::secret::Secret;
use std::fmt;

/// Number of a printer, never used again for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrinterId(pub i64);

impl fmt::Display for PrinterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A printer as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    /// Its number.
    pub id: PrinterId,
    /// The name its owner gave it.
    pub name: String,
    /// A host name or an IP address; IPv6 without brackets.
    pub host: String,
    /// The serial number, which is also the name in its certificate and in its MQTT topics.
    pub serial: Serial,
    /// The LAN access code.
    pub access_code: Secret,
    /// Overrides the camera URL the printer reports. It may name another host: then the camera is there.
    pub rtsp_url: Option<RtspUrl>,
    /// The login of the camera at that URL. Without one the printer's own host gets the access code, any other nothing.
    pub camera_login: Option<CameraLogin>,
    /// The certificate of a plain camera, which no serial can name.
    pub camera_fingerprint: Option<Fingerprint>,
}
