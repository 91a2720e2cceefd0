//! MPEG transport stream (ITU-T H.222.0 | ISO/IEC 13818-1): one program with one H.264 stream, nothing else.
//!
//! Not a general multiplexer: no audio, no SDT, no null packets, no constant bit rate. Who cuts segments and parts
//! is `hls`; here an access unit becomes whole packets, so every cut between two calls is a legal one.

mod muxer;
mod packet;
mod pes;
mod psi;

pub use muxer::Muxer;
pub use packet::PACKET_LEN;
