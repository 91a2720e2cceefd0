//! The reasons why a connection to a camera that sends pictures ended.

use crate::media::jpeg::PictureError;
use std::mem::discriminant;

/// Why a connection ended, apart from the failures of any link.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum JpegError {
    /// The camera closed the connection after the login. A wrong code is answered so, and the printer has not accepted
    /// the same code over MQTT.
    #[error("closed without a byte after the login, and the code is accepted nowhere else")]
    CodeRefused,
    /// The same, but the printer accepts this code over MQTT.
    #[error("closed without a byte after the login, although MQTT accepts the same code")]
    GivesNothing,
    /// The camera takes the login and sends nothing.
    #[error("no picture within {0} s of the login, the connection still open")]
    NoFirstPicture(u64),
    /// The camera has stopped sending.
    #[error("no picture for {0} s, the connection still open")]
    Silent(u64),
    /// A picture did not come to its end.
    #[error("a picture was not whole within {0} s")]
    Slow(u64),
    /// What comes are no pictures.
    #[error(transparent)]
    Pictures(#[from] PictureError),
}

/// Two errors are equal if a person is told the same of them.
impl PartialEq for JpegError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pictures(error), Self::Pictures(other)) => discriminant(error) == discriminant(other),
            _ => discriminant(self) == discriminant(other),
        }
    }
}
