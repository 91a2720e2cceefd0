//! The registered details of a printer, and the check of its certificate.

pub mod address;
mod camera;
pub(crate) mod certificate;
mod draft;
pub mod identity;
pub mod label;
mod mistake;

pub use address::{RtspOverrides, RtspUrl, Serial};
pub use camera::CameraLogin;
pub use draft::{Details, Draft, Rules, validate};
pub use identity::{Fingerprint, Identity};
pub use mistake::{FieldError, Mistake};
