//! Layer 1: what a printer is, without any of its sockets.
//!
//! A person enters a [`Draft`]; [`validate`] makes [`Details`] of it or says what is wrong, field by field; the registry
//! gives those a number and makes a [`Printer`] of them. [`identity`] decides which certificate is this printer's.
//!
//! Reports over MQTT go one way: [`report`] parses a message, [`known`] puts messages together, [`state`] reads what a
//! person wants to know, and [`display`] finds the words for it. [`command`] is the way back.

pub mod codes;
pub mod command;
pub mod display;
pub mod registered;
pub mod report;
pub mod text;
pub mod words;

pub(crate) use registered::certificate;
pub use registered::{
    CameraLogin, Details, Draft, FieldError, Fingerprint, Identity, RtspOverrides, RtspUrl, Rules, Serial, address,
    identity, label, validate,
};
pub use report::{ams, heat, history, ipcam, job, known, machine, model, problem, stage, state};
use report::{past, read};

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
