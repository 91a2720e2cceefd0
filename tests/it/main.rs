//! The integration tests, one binary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]
#![allow(clippy::print_stderr, reason = "a test may tell what it measured")]

mod camera;
mod canary;
mod captures;
mod deploy;
mod diagnosis;
mod edits;
mod elsewhere;
mod finding;
mod following;
mod hostile_camera;
mod http_client;
mod http_crowd;
mod http_framing;
mod http_process;
mod http_server;
mod metrics;
mod patience;
mod pictures;
mod playlist;
mod playlist_checker;
mod playlist_parser;
mod registry;
mod slow_disk;
mod stale_commands;
mod status;
mod status_http;
mod still;
mod still_jpeg;
mod tidy;
mod tls;
mod told;
mod ts;
mod ts_reader;
