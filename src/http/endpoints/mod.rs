//! The functions behind the table of endpoints.

pub(super) mod api;
pub(super) mod diagnosis;
pub(super) mod events;
pub(super) mod files;
pub(super) mod found;
pub mod hls;
pub(super) mod metrics;
pub(super) mod mjpeg;
pub(super) mod picture;
pub(super) mod still;
