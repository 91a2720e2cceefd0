//! The picture half: port 6000, where A1, A1 mini, A2L, P1P and P1S send JPEG pictures over TLS, and where all others say
//! that they do not.

mod login;
mod manners;
mod pace;
mod picture;
mod scene;
mod seen;
mod session;
mod writer;

pub use manners::{Dirt, JpegManners, JpegService, Rhythm};
pub use picture::{draw_picture, picture_number};
pub use seen::JpegSeen;

pub(crate) use session::serve;
