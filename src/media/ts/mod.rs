//! MPEG transport stream (ITU-T H.222.0 | ISO/IEC 13818-1): one program with one H.264 stream, nothing else.
//!
//! This is not a general multiplexer: no audio, no SDT, no null packets, no constant bit rate. `hls` cuts segments and
//! parts. Here an access unit becomes whole packets, so a cut between any two calls is legal.

mod muxer;
mod packet;
mod pes;
mod psi;

pub use muxer::Muxer;
pub use packet::PACKET_LEN;
