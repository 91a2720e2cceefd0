//! Floor 1: what a printer is, without any of its sockets. (Stub: owned by the NET helper.)
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
#[derive(Debug, Clone)]
pub struct Printer {
    /// Its number.
    pub id: PrinterId,
    /// The name its owner gave it.
    pub name: String,
    /// A host name or an IP address.
    pub host: String,
    /// The serial number, upper case.
    pub serial: String,
    /// The LAN access code.
    pub access_code: Secret,
    /// Overrides the camera URL the printer reports.
    pub rtsp_url: Option<String>,
    /// SHA-256 of a plain camera's certificate.
    pub camera_fingerprint: Option<[u8; 32]>,
}

/// A printer as somebody typed it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// See [`Printer`].
    pub name: Option<String>,
    /// See [`Printer`].
    pub host: Option<String>,
    /// See [`Printer`].
    pub serial: Option<String>,
    /// See [`Printer`].
    pub access_code: Option<Secret>,
    /// See [`Printer`].
    pub rtsp_url: Option<String>,
    /// SHA-256 in hex, colons allowed.
    pub camera_fingerprint: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in JSON.
    pub field: &'static str,
    /// One sentence for the person who typed it.
    pub sentence: String,
}
