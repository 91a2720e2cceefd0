//! The session description (RFC 8866) as live555 writes it, its two blank lines included: the text that it prints as
//! `i=` and as `a=x-qt-text-inf:` is a `ctime` with its own newline.

use crate::Clip;
use crate::behaviour::{ParameterSets, Sdp, VideoManners};
use crate::clock;
use std::net::IpAddr;
use std::time::Duration;

const TITLE: &str = "rtsp stream server";

/// The version that printers of 2024 and 2026 name.
pub(crate) const LIVE555_VERSION: &str = "2023.03.30";

/// `booted` is when the stream was created: it is both the session's id and what its description says.
pub(crate) fn describe(host: IpAddr, booted: Duration, video: &VideoManners, manners: Sdp) -> String {
    let clip = &video.clip;
    let info = clock::ctime(booted);
    let sets = match video.parameter_sets {
        ParameterSets::InBand => String::new(),
        ParameterSets::Both | ParameterSets::Sdp => {
            format!(";sprop-parameter-sets={},{}", base64(clip.sps()), base64(clip.pps()))
        }
    };
    let (name, format) = match manners {
        Sdp::H265 => ("H265", " sprop-vps=QAEMAf//AWA=;sprop-sps=QgEBAWA=;sprop-pps=RAHA8vA=".to_owned()),
        Sdp::Named(name) => (name, h264_format(clip, &sets)),
        Sdp::Normal | Sdp::Unnamed | Sdp::Endless => ("H264", h264_format(clip, &sets)),
    };
    let map = if manners == Sdp::Unnamed { String::new() } else { format!("a=rtpmap:96 {name}/90000\r\n") };
    format!(
        "v=0\r\n\
         o=- {} 1 IN IP4 {host}\r\n\
         s={TITLE}\r\n\
         i={info}\n\r\n\
         t=0 0\r\n\
         a=tool:LIVE555 Streaming Media v{LIVE555_VERSION}\r\n\
         a=type:broadcast\r\n\
         a=control:*\r\n\
         a=range:npt=now-\r\n\
         a=x-qt-text-nam:{TITLE}\r\n\
         a=x-qt-text-inf:{info}\n\r\n\
         m=video 0 RTP/AVP 96\r\n\
         c=IN IP4 0.0.0.0\r\n\
         b=AS:1000\r\n\
         {map}\
         a=fmtp:96{format}\r\n\
         a=control:track1\r\n",
        booted.as_micros(),
    )
}

fn h264_format(clip: &Clip, sets: &str) -> String {
    format!(" packetization-mode=1;profile-level-id={}{sets}", profile_level_id(clip))
}

fn profile_level_id(clip: &Clip) -> String {
    clip.sps().iter().skip(1).take(3).map(|byte| format!("{byte:02X}")).collect()
}

/// Base64 with padding (RFC 4648, 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let sextet = (bits >> (18 - 6 * i)) as usize & 63;
            text.push(if i <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_reads_as_an_x1cs() {
        let video = VideoManners { clip: Clip::chamber_720p9(), ..VideoManners::default() };
        let text = describe([192, 168, 0, 96].into(), Duration::from_secs(1_723_115_095), &video, Sdp::Normal);
        let start = "v=0\r\no=- 1723115095000000 1 IN IP4 192.168.0.96\r\ns=rtsp stream server\r\n\
                     i=Thu Aug  8 11:04:55 2024\n\r\nt=0 0\r\n";
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("a=x-qt-text-inf:Thu Aug  8 11:04:55 2024\n\r\nm=video 0 RTP/AVP 96\r\n"), "{text}");
        assert!(text.contains("profile-level-id=42C01F;sprop-parameter-sets=Z0LAH"), "{text}");
        assert!(text.ends_with("\r\na=control:track1\r\n"), "{text}");
    }

    #[test]
    fn in_band_parameter_sets_are_not_in_the_description() {
        let video = VideoManners { parameter_sets: ParameterSets::InBand, ..VideoManners::default() };
        assert!(!describe([127, 0, 0, 1].into(), Duration::ZERO, &video, Sdp::Normal).contains("sprop"));
    }

    #[test]
    fn h264_goes_by_another_name_or_none_and_h265_by_its_own() {
        let text = |manners| describe([127, 0, 0, 1].into(), Duration::ZERO, &VideoManners::default(), manners);
        let named = text(Sdp::Named("H265"));
        assert!(
            named.contains("a=rtpmap:96 H265/90000\r\n") && named.contains("sprop-parameter-sets=Z2QAK"),
            "{named}"
        );
        let unnamed = text(Sdp::Unnamed);
        assert!(!unnamed.contains("rtpmap") && unnamed.contains("sprop-parameter-sets=Z2QAK"), "{unnamed}");
        let h265 = text(Sdp::H265);
        assert!(h265.contains("a=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-vps=") && !h265.contains("Z2Q"), "{h265}");
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }
}
