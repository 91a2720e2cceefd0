//! What a printer tells everybody over UDP: that it is there, and where. And whom it answers.

mod manners;
mod notice;
mod speaker;

pub use manners::{Announcing, Audience, Wording};
pub use notice::Notice;
pub use speaker::AirSeen;

pub(crate) use speaker::{Air, Speaker};
