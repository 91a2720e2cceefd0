//! The registered details of a printer, and the check of its certificate.

pub mod address;
mod camera;
pub(crate) mod certificate;
mod draft;
pub mod identity;
pub mod label;

pub use address::{RtspOverrides, RtspUrl, Serial};
pub use camera::CameraLogin;
pub use draft::{Details, Draft, FieldError, Rules, validate};
pub use identity::{Fingerprint, Identity};
