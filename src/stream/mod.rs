//! Layer 3: one printer's stream between its camera and its viewers.
//!
//! ```text
//! access units ─► Fanout ═► packager ─ snapshots ─► Live ─► http
//!                  │          └ numbering ─► disk    └► mirror ─► disk
//!                  └══► any other follower
//! ```

pub mod fanout;
pub mod mirror;
pub mod numbering;
pub mod packager;
pub mod published;
pub mod rhythm;
pub mod still;

pub use fanout::Fanout;
pub use numbering::Keeper;
pub use published::Live;
pub use still::Still;
