//! Parses a camera's session description (SDP, RFC 8866) as far as opening its one H.264 track requires (RFC 6184
//! §8.2). That is `m=`, `a=rtpmap`, `a=fmtp` and `a=control`; other lines are skipped.
//!
//! Tolerated: blank lines in the middle (X1C and P2S print a time with its own line end into `i=`), LF or CR alone,
//! NULs, Latin-1, unknown and malformed lines, attributes in any order, `RTP/SAVP` (mediamtx inside TLS), and H.264
//! under another name or none.

use super::base64;
use super::message::text;

/// The most parameter sets that are kept.
const PARAMETER_SETS: usize = 16;
/// The largest parameter set, in bytes.
const PARAMETER_SET_BYTES: usize = 4096;
/// The most payload types, and attributes of each kind, that are kept of one media section.
const PER_SECTION: usize = 16;
/// The clock that RFC 6184 §8.2.1 requires; some cameras leave it out.
const H264_CLOCK_RATE: u32 = 90_000;

/// The properties of the video that are known before its first packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Video {
    /// The number of its `m=` section in the description, from 1.
    pub section: usize,
    /// The RTP payload type.
    pub payload_type: u8,
    /// Ticks of the RTP timestamp per second.
    pub clock_rate: u32,
    /// SPS and PPS from `sprop-parameter-sets`, including the NAL unit header; there may be none.
    pub parameter_sets: Vec<Vec<u8>>,
}

/// The parsed description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The session-level `a=control`.
    pub control: Option<String>,
    /// The track to open.
    pub video: Video,
    /// The track's `a=control`.
    pub video_control: Option<String>,
}

/// Why no track can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SdpError {
    /// There is no `m=` line at all.
    #[error("the description (SDP) holds no media")]
    NoMedia,
    /// There is no `m=video`.
    #[error("the description (SDP) holds no video")]
    NoVideo,
    /// The codec is neither H.264 nor H.265.
    #[error("the video is not H.264")]
    OtherCodec,
    /// The codec is H.265, which is not remuxed here.
    #[error("the video is H.265")]
    H265,
    /// The track needs interleaved mode, which no camera is known to use.
    #[error("the video is H.264 in interleaved mode (packetization-mode=2)")]
    InterleavedMode,
}

/// Parses a description and chooses its first H.264 track.
///
/// # Errors
/// If it has none; the error describes the track that came closest.
pub fn parse(description: &[u8]) -> Result<Description, SdpError> {
    let mut control = None;
    let mut section: Option<Section> = None;
    let mut nearest = SdpError::NoMedia;
    let mut closed = 0;
    let lines = description.split(|byte| matches!(byte, b'\r' | b'\n' | 0)).map(text);
    // An empty media line closes the last section.
    for line in lines.chain(["m=".to_owned()]) {
        if let Some(media) = line.strip_prefix("m=") {
            match section.replace(Section::open(media)).map(Section::close) {
                None => {}
                Some(Ok((video, video_control))) => {
                    let video = Video { section: closed + 1, ..video };
                    return Ok(Description { control, video, video_control });
                }
                Some(Err(error)) => {
                    nearest = nearest.max(error);
                    closed += 1;
                }
            }
        } else if let Some(attribute) = line.strip_prefix("a=") {
            match (&mut section, attribute.split_once(':')) {
                (Some(section), Some((name, value))) => section.attribute(name, value.trim()),
                (None, Some((name, value))) if name.eq_ignore_ascii_case("control") => {
                    control.get_or_insert_with(|| value.trim().to_owned());
                }
                _ => {}
            }
        }
    }
    Err(nearest)
}

/// One `m=` line with its attributes.
struct Section {
    video: bool,
    payload_types: Vec<u8>,
    /// Payload type, codec and clock rate of each `a=rtpmap`.
    maps: Vec<(u8, String, Option<u32>)>,
    /// Payload type and parameters of each `a=fmtp`.
    formats: Vec<(u8, String)>,
    control: Option<String>,
}

impl Section {
    /// `video 0 RTP/AVP 96 97`
    fn open(media: &str) -> Self {
        let mut words = media.split_ascii_whitespace();
        let video = words.next().is_some_and(|kind| kind.eq_ignore_ascii_case("video"));
        let payload_types = words.skip(2).filter_map(payload_type).take(PER_SECTION).collect();
        Self { video, payload_types, maps: Vec::new(), formats: Vec::new(), control: None }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let (first, rest) = value.split_once(|letter: char| letter.is_ascii_whitespace()).unwrap_or((value, ""));
        match name.to_ascii_lowercase().as_str() {
            "control" => {
                self.control.get_or_insert_with(|| value.to_owned());
            }
            "rtpmap" if self.maps.len() < PER_SECTION => {
                let mut encoding = rest.trim().split('/');
                let codec = encoding.next().unwrap_or_default().to_ascii_uppercase();
                let clock_rate = encoding.next().and_then(|rate| rate.trim().parse().ok()).filter(|rate| *rate > 0);
                self.maps.extend(payload_type(first).map(|number| (number, codec, clock_rate)));
            }
            "fmtp" if self.formats.len() < PER_SECTION => {
                self.formats.extend(payload_type(first).map(|number| (number, rest.to_owned())));
            }
            _ => {}
        }
    }

    fn close(self) -> Result<(Video, Option<String>), SdpError> {
        if !self.video {
            return Err(SdpError::NoVideo);
        }
        let mut nearest = SdpError::OtherCodec;
        // An attribute of a payload type that the media line does not list belongs to another track.
        for payload_type in &self.payload_types {
            let map = self.maps.iter().find(|(number, ..)| number == payload_type);
            let format = self.formats.iter().find(|(number, _)| number == payload_type);
            let format = format.map_or("", |(_, format)| format);
            let parameter_sets = parameter_sets(parameter(format, "sprop-parameter-sets").unwrap_or_default());
            match codec(map.map(|(_, name, _)| name.as_str()), format, &parameter_sets) {
                Codec::H264 => {}
                Codec::H265 => {
                    nearest = nearest.max(SdpError::H265);
                    continue;
                }
                Codec::Other => continue,
            }
            if parameter(format, "packetization-mode").is_some_and(|mode| mode == "2") {
                nearest = nearest.max(SdpError::InterleavedMode);
                continue;
            }
            let clock_rate = map.and_then(|(.., rate)| *rate).unwrap_or(H264_CLOCK_RATE);
            return Ok((Video { section: 1, payload_type: *payload_type, clock_rate, parameter_sets }, self.control));
        }
        Err(nearest)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    H264,
    H265,
    Other,
}

/// Determines the codec of a payload type. Its parameter sets are more reliable than its name: an Ezviz C6N calls H.264
/// `H265`, other cameras call it `AVC` or give no name at all.
fn codec(name: Option<&str>, format: &str, parameter_sets: &[Vec<u8>]) -> Codec {
    const SPS: u8 = 7;
    const PPS: u8 = 8;
    let has = |kind: u8| parameter_sets.iter().any(|set| set.first().is_some_and(|header| header & 0x9f == kind));
    // RFC 7798 §7.1; H.264 has no VPS.
    let has_vps = parameter(format, "sprop-vps").is_some();
    match name {
        _ if has(SPS) && has(PPS) && !has_vps => Codec::H264,
        Some("H264" | "H.264" | "AVC" | "AVC1") if !has_vps => Codec::H264,
        Some("H265" | "H.265" | "HEVC") => Codec::H265,
        _ if has_vps => Codec::H265,
        _ => Codec::Other,
    }
}

/// Parses a payload type of seven bits; RFC 3550 §5.1.
fn payload_type(word: &str) -> Option<u8> {
    word.parse().ok().filter(|number| *number < 128)
}

/// Returns the value of a parameter in `packetization-mode=1;profile-level-id=42C01F`.
fn parameter<'a>(format: &'a str, name: &str) -> Option<&'a str> {
    let pairs = format.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v)
}

/// Decodes the sets. One that is not Base64 is left out, since the stream carries its own.
fn parameter_sets(list: &str) -> Vec<Vec<u8>> {
    let sets = list.trim_matches('"').split(',').filter_map(|set| base64::decode(set.trim()));
    sets.filter(|set| (1..=PARAMETER_SET_BYTES).contains(&set.len())).take(PARAMETER_SETS).collect()
}

#[cfg(test)]
pub(super) mod tests;
