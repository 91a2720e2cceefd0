//! The reasons why a connection to a camera ended.

use super::jpeg::JpegError;
use super::retry::{Ending, LASTED};
use super::rtsp::PICTURES_PER_S;
use super::rtsp::liveness::{CHANGES, FIRST_PACKET};
use crate::media::MediaError;
use crate::media::jpeg::PictureError;
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::rtsp::{RtspError, Step};
use std::mem::discriminant;
use std::time::Duration;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// The connection failed, broke, or reached something other than the camera.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The RTSP session could not be set up, or failed.
    #[error(transparent)]
    Rtsp(#[from] RtspError),
    /// A camera that sends pictures sends none, or no more.
    #[error(transparent)]
    Jpeg(#[from] JpegError),
    /// The packets are no usable video.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The camera accepts PLAY and sends nothing.
    #[error("no packet within {} s of PLAY", FIRST_PACKET.as_secs())]
    NoFirstPacket,
    /// The camera has stopped sending.
    #[error("no packet for {0} s, the connection still open")]
    Silent(u64),
    /// The camera sends packets that form no frame.
    #[error("no picture in the packets of {0} s")]
    NoPicture(u64),
    /// The camera sends no key frame, so no player could begin.
    #[error("no key frame for {0} s")]
    NoKeyFrame(u64),
    /// The camera keeps changing its parameter sets or restarting its packets.
    #[error("the camera changed its picture format or began its stream anew more than {CHANGES} times within 10 s")]
    Restless,
    /// More frames than any known camera sends.
    #[error("more than {PICTURES_PER_S} pictures a second")]
    TooManyPictures,
    /// A bug of ours.
    #[error("the camera thread panicked: {0}")]
    Panic(String),
}

/// Two errors are equal if a person is told the same of them: seconds and counts differ from one attempt to the next.
impl PartialEq for CameraError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Link(error), Self::Link(other)) => error == other,
            (
                Self::Rtsp(RtspError::Overdue { step, skipped, .. }),
                Self::Rtsp(RtspError::Overdue { step: other, skipped: others, .. }),
            ) => step == other && (*skipped == 0) == (*others == 0),
            (Self::Rtsp(error), Self::Rtsp(other)) => error == other,
            (Self::Jpeg(error), Self::Jpeg(other)) => error == other,
            _ => discriminant(self) == discriminant(other),
        }
    }
}

impl CameraError {
    /// Whether the TCP connection was accepted.
    #[must_use]
    pub fn reached(&self) -> bool {
        !matches!(self, Self::Link(LinkError { failure: Failure::Dial(_), .. }))
    }

    /// Whether the printer shows another certificate than the one pinned at first contact.
    pub(super) fn is_changed_certificate(&self) -> bool {
        matches!(self, Self::Link(error) if error.is_changed_certificate())
    }

    /// Whether no camera of the tried protocol is there, so that another protocol is worth an attempt.
    pub(super) fn is_not_there(&self) -> bool {
        match self {
            Self::Link(LinkError { failure, .. }) => matches!(
                failure,
                Failure::Dial(DialError::Refused(_) | DialError::NoAnswer(_))
                    | Failure::ClosedInHandshake
                    | Failure::HandshakeDeadline(_)
                    | Failure::NotTls(_)
            ),
            Self::Rtsp(error) => matches!(error, RtspError::Closed { step: Step::Options }),
            Self::Jpeg(error) => *error == JpegError::Pictures(PictureError::NotServed),
            _ => false,
        }
    }

    /// Classifies the error for the next attempt. `picture` is how long the connection had delivered frames, if it had.
    pub(super) fn ending(&self, picture: Option<Duration>) -> Ending {
        match (self, picture) {
            (Self::Link(LinkError { failure: Failure::Certificate(_), .. }), _) => Ending::Refused,
            (Self::Rtsp(error), _) if error.is_refused_credentials() => Ending::Refused,
            (Self::Jpeg(JpegError::CodeRefused), _) => Ending::Refused,
            (Self::Jpeg(JpegError::GivesNothing), _) => Ending::Barren,
            (Self::Jpeg(JpegError::Pictures(PictureError::NotServed)), _) => Ending::Absent,
            // The stream is unusable, and an early retry would bring the same.
            (Self::Restless | Self::TooManyPictures | Self::Rtsp(RtspError::Flood(_)), _) => Ending::Unfit,
            (Self::Jpeg(JpegError::Pictures(_)), _) => Ending::Unfit,
            (_, Some(span)) => {
                if span >= LASTED {
                    Ending::Lasted
                } else {
                    Ending::CutShort
                }
            }
            (Self::Link(error), None) => match error.failure {
                // A printer whose live view is off refuses the connection, or accepts it and hangs up at once.
                Failure::Dial(_) | Failure::ClosedInHandshake => Ending::Absent,
                Failure::HandshakeDeadline(_) | Failure::WriteDeadline(_) => Ending::Mute,
                Failure::NotTls(_) | Failure::LongMessage => Ending::Unfit,
                _ => Ending::TurnedAway,
            },
            (Self::Rtsp(error), None) => match error {
                RtspError::Closed { step: Step::Options } => Ending::Absent,
                RtspError::Overdue { .. } => Ending::Mute,
                RtspError::Description(_)
                | RtspError::NotInterleaved
                | RtspError::Login { .. }
                | RtspError::Redirected(_)
                | RtspError::Framing(_) => Ending::Unfit,
                _ => Ending::TurnedAway,
            },
            (Self::NoFirstPacket | Self::Silent(_) | Self::Jpeg(_), None) => Ending::Mute,
            (Self::Media(_) | Self::NoPicture(_) | Self::NoKeyFrame(_), None) => Ending::Unfit,
            (Self::Panic(_), None) => Ending::TurnedAway,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::identity::Refusal;
    use crate::rtsp::{Flood, FramingError, Redirect, SdpError};
    use std::io::ErrorKind;

    fn link(failure: Failure) -> CameraError {
        LinkError { at: "192.168.1.10:322".into(), failure }.into()
    }

    /// Returns each kind of error without a frame, with its expected ending.
    fn kinds() -> Vec<(CameraError, Ending)> {
        use Ending::{Absent, Mute, Refused, TurnedAway, Unfit};
        let seconds = Duration::from_secs(15);
        let refused = || DialError::Refused(ErrorKind::ConnectionRefused.into());
        vec![
            (link(refused().into()), Absent),
            (link(DialError::NoAnswer(ErrorKind::TimedOut.into()).into()), Absent),
            (link(Failure::ClosedInHandshake), Absent),
            (RtspError::Closed { step: Step::Options }.into(), Absent),
            (link(Failure::HandshakeDeadline(seconds)), Mute),
            (link(Failure::WriteDeadline(seconds)), Mute),
            (RtspError::Overdue { step: Step::Describe, within: seconds, skipped: 0 }.into(), Mute),
            (CameraError::NoFirstPacket, Mute),
            (CameraError::Silent(4), Mute),
            (link(Failure::Broken(ErrorKind::ConnectionReset.into())), TurnedAway),
            (RtspError::Closed { step: Step::Play }.into(), TurnedAway),
            (RtspError::Status { step: Step::Setup, status: 453 }.into(), TurnedAway),
            (RtspError::Ended { by: "TEARDOWN" }.into(), TurnedAway),
            (CameraError::Panic(String::new()), TurnedAway),
            (link(Failure::LongMessage), Unfit),
            (RtspError::Description(SdpError::H265).into(), Unfit),
            (RtspError::NotInterleaved.into(), Unfit),
            (RtspError::Redirected(Redirect::Host).into(), Unfit),
            (RtspError::Framing(FramingError::Garbage).into(), Unfit),
            (MediaError::InterleavedMode { nal_type: 25 }.into(), Unfit),
            (CameraError::NoPicture(30), Unfit),
            (CameraError::NoKeyFrame(300), Unfit),
            (JpegError::NoFirstPicture(40).into(), Mute),
            (JpegError::Slow(30).into(), Mute),
            (JpegError::Silent(30).into(), Mute),
            (RtspError::Credentials { step: Step::Describe }.into(), Refused),
            (JpegError::CodeRefused.into(), Refused),
            (link(Refusal::Unreadable.into()), Refused),
        ]
    }

    /// Returns the errors that mean the same whether there were frames or not.
    fn useless() -> Vec<CameraError> {
        let floods = [Flood::Messages, Flood::Scraps, Flood::Noise].map(|flood| RtspError::Flood(flood).into());
        let flawed = JpegError::Pictures(PictureError::Long(u32::MAX)).into();
        floods.into_iter().chain([CameraError::Restless, CameraError::TooManyPictures, flawed]).collect()
    }

    #[test]
    fn pauses_grow_for_a_camera_that_floods_or_flaps() {
        for error in useless() {
            for picture in [None, Some(Duration::from_secs(1)), Some(Duration::from_secs(3600))] {
                assert_eq!(error.ending(picture), Ending::Unfit, "{error:?}");
            }
        }
    }

    #[test]
    fn each_kind_of_failure_has_its_retry_pace() {
        for (error, ending) in kinds() {
            assert_eq!(error.ending(None), ending, "{error:?}");
            let had_picture = |seconds| error.ending(Some(Duration::from_secs(seconds)));
            let (short, lasted) =
                if ending == Ending::Refused { (ending, ending) } else { (Ending::CutShort, Ending::Lasted) };
            assert_eq!((had_picture(1), had_picture(29), had_picture(30)), (short, short, lasted), "{error:?}");
        }
    }
}
