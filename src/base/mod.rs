//! Floor 0: what every other floor stands on.

pub mod backoff;
pub mod clock;
pub mod secret;
pub mod stop;
pub mod thread;
