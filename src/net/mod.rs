//! Layer 2: sockets with deadlines.
//!
//! [`dial`] makes every TCP connection of the program. [`tls`] decides whether the peer is the expected printer.
//! [`link`] is the byte stream on top, plain or TLS; [`link::greet`] only asks who is there. [`discovery`] hears what
//! printers announce over UDP, on the networks of [`interfaces`]; [`range`] is a part of one to be scanned. This module does not know the protocols spoken over a link.
//!
//! Every wait is cut into slices, and the stop is checked after each. A thread that talks to a dead printer therefore
//! still ends within a second.

pub mod dial;
pub mod discovery;
pub mod interfaces;
pub mod link;
pub mod range;
pub mod tls;
