//! The integration tests, one binary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod http_client;
mod http_crowd;
mod http_framing;
mod http_process;
mod http_server;
