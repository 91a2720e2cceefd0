//! The integration tests, one binary.

mod http_client;
mod http_crowd;
mod http_framing;
mod http_process;
mod http_server;
