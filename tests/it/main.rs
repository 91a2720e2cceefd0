//! The integration tests, one binary.

mod playlist;
mod playlist_checker;
mod playlist_parser;
mod ts;
mod ts_reader;
