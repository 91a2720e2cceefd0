//! Layer 1: an RTSP 1.0 client (RFC 2326) without I/O: bytes and a time in, events and bytes out.
//!
//! It knows nothing of video (RTP packets are passed on unparsed), owns no socket and no clock, and supports no RTSP
//! 2.0, no UDP transport and no recording. Deviations of real cameras from the standard are tolerated, and named where
//! they are parsed. Harmful input (endless heads, other hosts, secrets in messages) is bounded or refused.
//!
//! ```text
//! session   the conversation: OPTIONS DESCRIBE SETUP PLAY, keep-alive, TEARDOWN
//! step      how far it has come, with the deadlines      error   what ended it, in words
//! framer    bytes to messages and interleaved frames     message one message, in and out
//! auth      Digest and Basic                             sdp     the choice of the video track
//! setup     channels, session id and timeout             target  the host and the paths requested
//! keep_alive  the requests that prolong a session     limits  how much useless data may come
//! exchange  a request that was answered, for the log
//! ```

mod auth;
mod base64;
mod error;
mod exchange;
mod framer;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod keep_alive;
mod limits;
mod message;
pub mod sdp;
mod session;
mod setup;
mod step;
mod target;

pub use error::{Flood, RtspError};
pub use exchange::Exchange;
pub use framer::FramingError;
pub use message::Method;
pub use sdp::{SdpError, Video};
pub use session::{Event, Session};
pub use step::Step;
pub use target::{Redirect, Target};
