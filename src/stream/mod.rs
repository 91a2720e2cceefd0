//! Layer 3: one printer's stream between its camera and its viewers.
//!
//! ```text
//! access units ─► queue ═► packager ─ snapshots ─► Live ─► http
//!                             └ numbering ─► disk    └► mirror ─► disk
//! ```

pub mod mirror;
pub mod numbering;
pub mod packager;
pub mod published;
pub mod queue;
pub mod rhythm;
pub mod still;

pub use numbering::Keeper;
pub use published::Live;
pub use still::Still;
