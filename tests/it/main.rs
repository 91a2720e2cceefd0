//! The integration tests, one binary.

mod playlist;
mod playlist_checker;
mod ts;
mod ts_reader;
