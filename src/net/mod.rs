//! Layer 2: sockets with deadlines.
//!
//! [`dial`] makes every TCP connection of the program, [`tls`] decides whether the peer is the printer it should be,
//! and [`link`] is the byte stream on top, plain or TLS. Nothing here knows what is said over a link.
//!
//! Every wait is cut into slices after which the stop is looked at, so that a thread that talks to a dead printer
//! still ends within a second.

pub mod dial;
pub mod link;
pub mod tls;
