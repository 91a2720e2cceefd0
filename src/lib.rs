//! Platecast: Bambu Lab printers' cameras and status in any browser.
//!
//! The layers, from the top; a module uses only the layers below it (`tests/it/tidy.rs` checks this):
//!
//! ```text
//! 9  app  config      start and stop order; the only reader of the environment
//! 8  http             requests in, answers out; the only user of tiny_http
//! 7  diagnosis        a test of one printer, which looks at what it publishes
//!    finding          who announces itself or answers a greeting; follows printers whose address has changed
//! 6  fleet            starts, edits and stops the threads of each printer
//! 5  advice           what happened, in words: codes, parameters and sentences
//! 4  camera           the life of one camera
//! 3  stream  mqtt     a printer's stream to its viewers · the link to a printer
//! 2  net  registry    sockets with deadlines · SQLite
//! 1  media rtsp hls printer   pure: bytes and a time in, bytes and values out
//! 0  base             clock stop thread backoff secret watch
//! ```

pub mod advice;
pub mod app;
pub mod base;
pub mod camera;
pub mod config;
pub mod diagnosis;
pub mod finding;
pub mod fleet;
pub mod hls;
pub mod http;
pub mod media;
pub mod mqtt;
pub mod net;
pub mod printer;
pub mod registry;
pub mod rtsp;
pub mod stream;

/// Corpus and crashers of the fuzzers, run by the checks that the fuzzers make.
#[cfg(test)]
#[path = "../fuzz/replay.rs"]
mod fuzz_replay;
#[cfg(test)]
extern crate self as platecast;
