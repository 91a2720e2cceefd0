//! What each fuzz target holds true of any bytes. The fuzzers run these, and so do the tests, over corpus and crashers
//! (`../replay.rs`); the names are those of the targets.

pub mod address;
pub mod announcement;
pub mod certificate;
pub mod depacketizer;
pub mod draft;
pub mod hls_request;
pub mod http_head;
pub mod mqtt_wire;
pub mod picture;
pub mod pictures;
pub mod report;
pub mod restore;
pub mod rtp_rtcp;
pub mod rtsp_session;
pub mod rtsp_words;
pub mod sdp;
pub mod sps;
pub mod stream;
