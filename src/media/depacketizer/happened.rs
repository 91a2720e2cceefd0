//! What happened to the stream, for the log of the camera's owner: one entry per change, never per packet.

use crate::media::h264::Sps;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// No more than this are kept, since the caller fetches them after each packet.
const KEPT: usize = 16;

/// A change of the stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happened {
    /// Frames are coded with these parameter sets from now on.
    ParameterSets(Sps),
    /// No frame passes until the next key frame.
    Closed(Loss),
    /// Frames pass again, beginning with a key frame.
    Opened(Closing),
    /// The timeline breaks at this key frame.
    Discontinuity(Break),
}

/// Why no frame passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// This many packets are missing.
    Packets(u16),
    /// The camera has restarted its packet numbering.
    Renewed,
    /// A part of a frame is missing, or the frame exceeds all bounds.
    Damaged,
    /// The camera paused, or its clock jumped.
    Hole,
    /// A key frame came without known parameter sets.
    NoParameterSets,
    /// The frames were not fetched in time.
    NotFetched,
}

/// The losses during the time without frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// How long it lasted; `None` if it began with the connection.
    pub after: Option<Duration>,
    /// Whole frames that were dropped.
    pub dropped: u64,
    /// Frames with a missing part.
    pub damaged: u64,
    /// Missing packets.
    pub lost_packets: u64,
}

/// Why the timeline breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// It is the first key frame of another connection.
    Connection,
    /// The camera has restarted its packet numbering.
    Renewed,
    /// The camera paused, or its clock jumped.
    Hole,
    /// The parameter sets have changed.
    ParameterSets,
    /// Frames were missing for longer than players bridge.
    Missing,
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParameterSets(sps) => {
                let (tens, tenths) = (sps.level_idc / 10, sps.level_idc % 10);
                write!(f, "parameter sets: H.264 {}, level {tens}.{tenths}, ", profile(sps.profile_idc))?;
                write!(f, "{} x {} pixels", sps.width, sps.height)?;
                match sps.frames_per_second {
                    Some(rate) => write!(f, ", {rate:.2} frames per second declared"),
                    None => f.write_str(", no word on the frame rate"),
                }
            }
            Self::Closed(loss) => write!(f, "{loss}; frames are dropped up to the next key frame"),
            Self::Opened(Closing { after: None, dropped: 0, damaged: 0, .. }) => f.write_str("first key frame"),
            Self::Opened(Closing { after: None, dropped, damaged, .. }) => {
                write!(f, "first key frame; {dropped} frames before it were dropped and {damaged} damaged")
            }
            Self::Opened(Closing { after: Some(after), dropped, damaged, lost_packets }) => write!(
                f,
                "frames pass again from a key frame on, after {:.2} s; {dropped} were dropped and {damaged} damaged, \
                 {lost_packets} packets were missing",
                after.as_secs_f64()
            ),
            Self::Discontinuity(why) => write!(f, "discontinuity: {why}"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packets(1) => f.write_str("a packet is missing"),
            Self::Packets(count) => write!(f, "{count} packets are missing"),
            Self::Renewed => f.write_str("the camera has begun its packets anew"),
            Self::Damaged => f.write_str("a part of a frame is missing"),
            Self::Hole => f.write_str("the camera paused, or its clock jumped"),
            Self::NoParameterSets => f.write_str("a key frame came without its parameter sets"),
            Self::NotFetched => f.write_str("frames were not fetched in time"),
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "another connection",
            Self::Renewed => "the camera has begun its packets anew",
            Self::Hole => "the camera paused, or its clock jumped",
            Self::ParameterSets => "other parameter sets",
            Self::Missing => "frames were missing for more than 500 ms",
        })
    }
}

/// Returns the names of annex A.2.
fn profile(profile_idc: u8) -> &'static str {
    match profile_idc {
        66 => "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 => "High 10",
        122 => "High 4:2:2",
        244 => "High 4:4:4",
        _ => "of another profile",
    }
}

/// The changes that were not fetched yet.
#[derive(Debug, Default)]
pub(super) struct News(VecDeque<Happened>);

impl News {
    pub(super) fn push(&mut self, happened: Happened) {
        if self.0.len() < KEPT {
            self.0.push_back(happened);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Happened> {
        self.0.pop_front()
    }
}
