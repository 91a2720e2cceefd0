//! The integration tests, one binary.
#![allow(clippy::unwrap_used, reason = "a test's helper fails by panicking, as the test itself does")]

mod registry;
mod tidy;
mod tls;

mod playlist;
mod playlist_checker;
mod ts;
mod ts_reader;

mod http_client;
mod http_crowd;
mod http_framing;
mod http_process;
mod http_server;
