//! The registered details of a printer, and the check of its certificate.

pub mod address;
pub mod announcement;
mod camera;
pub(crate) mod certificate;
mod changes;
mod draft;
pub mod identity;
pub mod label;
mod mistake;

/// The user name of every Bambu printer, for MQTT and for its camera.
pub const USER: &str = "bblp";

pub use address::{RtspOverrides, RtspUrl, Serial};
pub use announcement::Announcement;
pub use camera::CameraLogin;
pub use changes::Changes;
pub use draft::{Details, Draft, Rules, validate};
pub use identity::{Fingerprint, Identity};
pub use mistake::{FieldError, Mistake};
