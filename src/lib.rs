//! Platecast: Bambu Lab printers' cameras and status in any browser.
//!
//! The floors, from the top; a module uses only what lies below it (`tests/it/tidy.rs` holds this):
//!
//! ```text
//! 5  app  config      start and stop order; the only reader of the environment
//! 4  http             requests in, answers out; the only user of tiny_http
//! 3  fleet            the threads of each printer
//! 2  net  registry    sockets with deadlines · SQLite
//! 1  media rtsp hls printer   pure: bytes and a time in, bytes and values out
//! 0  base             clock stop thread backoff secret
//! ```

pub mod app;
pub mod base;
pub mod config;
pub mod fleet;
pub mod hls;
pub mod http;
pub mod media;
pub mod net;
pub mod printer;
pub mod registry;
pub mod rtsp;

/// Corpus and crashers of the fuzzers, run by the checks that the fuzzers make.
#[cfg(test)]
#[path = "../fuzz/replay.rs"]
mod fuzz_replay;
#[cfg(test)]
extern crate self as platecast;
