//! How a printer sends its pictures.

use std::time::Duration;

/// Port 6000. What happens once is [`Camera::soil`](crate::Camera::soil).
#[derive(Debug, Clone)]
pub struct JpegManners {
    /// The access code; changing it makes the client's a wrong one.
    pub code: String,
    /// What a login leads to.
    pub service: JpegService,
    /// When pictures leave.
    pub rhythm: Rhythm,
    /// How long the sending of one picture takes.
    pub body: Duration,
    /// How many clients are served. One more gets TCP, and TLS only when a slot is free.
    pub slots: usize,
    /// Width and height, where they are not the model's own.
    pub size: Option<(u16, u16)>,
}

impl Default for JpegManners {
    fn default() -> Self {
        Self {
            code: "12345678".to_owned(),
            service: JpegService::default(),
            rhythm: Rhythm::default(),
            body: Duration::ZERO,
            slots: 2,
            size: None,
        }
    }
}

/// What a login leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JpegService {
    /// As the model does.
    #[default]
    AsModel,
    /// Pictures, or an end without a byte where the code is wrong.
    Pictures,
    /// 24 bytes and the end, whatever the code: X1, X2, P2 and H2 printers.
    NotServedHere,
}

/// When pictures leave. The first one leaves right after the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// The first ones are closer, then one in so long: A1 and P1S.
    Burst {
        /// How many are closer.
        pictures: u32,
        /// How close they are.
        apart: Duration,
        /// The distance of the others.
        then: Duration,
    },
    /// One in so long: half a picture a second on some P1P.
    Steady(Duration),
    /// At random distances, and every eighth one much later: a farm on one Wi-Fi.
    Uneven {
        /// The shortest distance.
        shortest: Duration,
        /// The longest usual one.
        longest: Duration,
        /// The eighth one.
        rare: Duration,
    },
    /// One, and nothing after it.
    Once,
    /// None, though the login is taken: a camera that is not there, and an update that has begun.
    Never,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self::Burst { pictures: 3, apart: Duration::from_millis(250), then: Duration::from_secs(1) }
    }
}

impl Rhythm {
    /// The distances that were measured in a farm of 17: 3 to 8 s, and up to 21 s.
    #[must_use]
    pub fn of_a_farm() -> Self {
        let s = Duration::from_secs;
        Self::Uneven { shortest: s(3), longest: s(8), rare: s(21) }
    }
}

/// What is wrong with a single picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dirt {
    /// Four bytes before SOI, counted in the length.
    StrayBytes,
    /// The header says this length; the picture follows, as much of it as the length allows.
    Length(u32),
    /// The last two bytes of the header's length are zeros instead of EOI.
    NoEnd,
    /// The header comes in two records, a moment apart.
    CutHeader,
    /// The header's other three numbers are these instead of 0, 1, 0.
    Tail([u32; 3]),
    /// Random bytes of the picture's length.
    Garbage,
    /// The connection is reset in the middle of the picture.
    ResetInside,
    /// The connection ends in the middle of the picture.
    HangUpInside,
}
