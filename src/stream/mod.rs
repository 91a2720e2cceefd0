//! Layer 3: one printer's stream between its camera and its viewers.
//!
//! ```text
//! access units ─► Fanout ═► packager ─ snapshots ─► Live ─► http
//!                  │          └ numbering ─► disk    └► segments ═► mirror ─► disk
//!                  └══► other followers                        └══► other followers
//! ```

pub mod fanout;
pub mod mirror;
pub mod numbering;
pub mod packager;
pub mod picture_maker;
pub mod published;
pub mod rhythm;
pub mod segments;
pub mod still;

pub use fanout::Fanout;
pub use numbering::NumberingWriter;
pub use picture_maker::{NoPicture, PictureMaker};
pub use published::Live;
pub use segments::SegmentFollower;
pub use still::Still;
