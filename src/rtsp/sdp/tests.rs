use super::*;

/// The description of an X1C at 720p, with its address changed; the two blank lines are the printer's own.
pub const X1C: &str = "v=0\r\no=- 1723111495901673 1 IN IP4 192.168.1.9\r\ns=rtsp stream server\r\n\
    i=Thu Aug  8 11:04:55 2024\n\r\nt=0 0\r\na=tool:LIVE555 Streaming Media v2023.03.30\r\na=type:broadcast\r\n\
    a=control:*\r\na=range:npt=now-\r\na=x-qt-text-nam:rtsp stream server\r\n\
    a=x-qt-text-inf:Thu Aug  8 11:04:55 2024\n\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\nb=AS:17186\r\n\
    a=rtpmap:96 H264/90000\r\n\
    a=fmtp:96 packetization-mode=1;profile-level-id=42C01F;\
    sprop-parameter-sets=Z0LAH42NUCSC2TZAAAADAEAAAA8jwiEagA==,aM4xsg==\r\na=control:track1\r\n";

fn check(situation: &str, sdp: &str, payload_type: u8, sets: &[&[u8]], control: Option<&str>) {
    let read = parse(&latin_1(sdp)).unwrap_or_else(|error| panic!("{situation}: {error}"));
    let expected = Video {
        section: read.video.section,
        payload_type,
        clock_rate: 90_000,
        parameter_sets: sets.iter().map(|set| set.to_vec()).collect(),
    };
    assert_eq!((read.video, read.video_control.as_deref()), (expected, control), "{situation}");
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

#[test]
fn the_description_of_an_x1c_is_read_through_its_blank_lines() {
    let sps: &[u8] = &[
        0x67, 0x42, 0xc0, 0x1f, 0x8d, 0x8d, 0x50, 0x24, 0x82, 0xd9, 0x36, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 0x0f, 0x23,
        0xc2, 0x21, 0x1a, 0x80,
    ];
    let sets: &[&[u8]] = &[sps, &[0x68, 0xce, 0x31, 0xb2]];
    check("as it came", X1C, 96, sets, Some("track1"));
    check("line feeds only", &X1C.replace('\r', ""), 96, sets, Some("track1"));
    check("carriage returns only", &X1C.replace('\n', ""), 96, sets, Some("track1"));
    check("NULs at line ends and at the end", &(X1C.replace("\r\n", "\0\r\n") + "\0\0"), 96, sets, Some("track1"));
    check("Latin-1 in its name", &X1C.replace("rtsp stream", "caméra"), 96, sets, Some("track1"));
    assert_eq!(parse(X1C.as_bytes()).unwrap().control.as_deref(), Some("*"));
}

#[test]
fn the_h264_track_is_found_among_others() {
    let video = "m=video 0 RTP/AVP 97\na=control:v\na=rtpmap:97 H264/90000\n";
    let audio = "m=audio 0 RTP/AVP 8\na=control:a\na=rtpmap:97 H264/90000\n";
    let section = |sdp: &str| parse(sdp.as_bytes()).unwrap().video.section;
    assert_eq!((section(&format!("{audio}{video}")), section(&format!("{video}{audio}"))), (2, 1));
    check("audio before it", &format!("{audio}{video}"), 97, &[], Some("v"));
    check("audio behind it", &format!("{video}{audio}"), 97, &[], Some("v"));
    check("a JPEG track before it", &format!("m=video 0 RTP/AVP 26\na=control:j\n{video}"), 97, &[], Some("v"));
    check(
        "an H.265 track before it",
        &format!("m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n{video}"),
        97,
        &[],
        Some("v"),
    );
    check("two H.264 tracks", &format!("{video}m=video 0 RTP/AVP 98\na=rtpmap:98 H264/90000\n"), 97, &[], Some("v"));
    check(
        "two payload types in one line",
        "m=video 0 RTP/AVP 98 96\na=rtpmap:98 H265/90000\na=rtpmap:96 H264/90000",
        96,
        &[],
        None,
    );
    check(
        "mediamtx inside TLS",
        "m=video 0 RTP/SAVP 96\na=rtpmap:96 H264/90000\na=control:trackID=0",
        96,
        &[],
        Some("trackID=0"),
    );
}

#[test]
fn parameter_sets_decide_whether_a_track_is_h264() {
    let sets: &[&[u8]] = &[&[0x67, 0x42, 0, 0x29], &[0x68, 0xce, 0x31]];
    let fmtp = "a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets=Z0IAKQ==,aM4x\n";
    let head = "m=video 0 RTP/AVP 96\n";
    for name in ["H265/90000", "HEVC/90000", "AVC/90000", "avc1", "JPEG/90000", "X-UNKNOWN/90000"] {
        check(name, &format!("{head}a=rtpmap:96 {name}\n{fmtp}"), 96, sets, None);
    }
    check("no name at all", &format!("{head}{fmtp}"), 96, sets, None);
    check("no name, and an audio track", &format!("m=audio 0 RTP/AVP 8\n{head}{fmtp}a=control:v"), 96, sets, Some("v"));
    check("AVC is a name of H.264", &format!("{head}a=rtpmap:96 AVC/90000"), 96, &[], None);
    let both = format!("m=video 0 RTP/AVP 98 96\na=rtpmap:98 H265/90000\na=rtpmap:96 H265/90000\n{fmtp}");
    check("the second of two payload types", &both, 96, sets, None);
}

#[test]
fn h265_stays_refused_whatever_it_is_called() {
    let head = "m=video 0 RTP/AVP 96\n";
    for lines in [
        "a=rtpmap:96 H265/90000",
        // Parameter sets of H.265: VPS, SPS and PPS.
        "a=rtpmap:96 H265/90000\na=fmtp:96 sprop-vps=QAEMAf//AWA=; sprop-sps=QgEBAWA=; sprop-pps=RAHA8vA=",
        "a=rtpmap:96 H265/90000\na=fmtp:96 sprop-parameter-sets=QAEMAf//AWA=,QgEBAWA=,RAHA8vA=",
        // Only a PPS, a set for another payload type, and a value that is not Base64.
        "a=rtpmap:96 H265/90000\na=fmtp:96 sprop-parameter-sets=aM4x",
        "a=rtpmap:96 H265/90000\na=fmtp:97 sprop-parameter-sets=Z0IAKQ==,aM4x",
        "a=rtpmap:96 H265/90000\na=fmtp:96 sprop-parameter-sets=Z?,a?",
        "a=rtpmap:96 H264/90000\na=fmtp:96 sprop-vps=QAEMAf//AWA=; sprop-sps=QgEBAWA=",
        "a=fmtp:96 sprop-vps=QAEMAf//AWA=",
    ] {
        assert_eq!(parse(format!("{head}{lines}").as_bytes()), Err(SdpError::H265), "{lines}");
    }
}

#[test]
fn attributes_are_read_as_cameras_write_them() {
    let head = "m=video 0 RTP/AVP 96\n";
    let set: &[&[u8]] = &[b"foo"];
    for (situation, lines) in [
        ("fmtp before rtpmap", "a=fmtp:96 sprop-parameter-sets=Zm9v\na=rtpmap:96 H264/90000"),
        ("odd case and spaces", "a=RTPMAP:96  h264/90000\na=Fmtp:96 ; Sprop-Parameter-Sets = Zm9v ; x"),
        ("no clock rate", "a=rtpmap:96 H264\na=fmtp:96 sprop-parameter-sets=Zm9v"),
        ("one set that is not Base64", "a=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=?!,Zm9v,"),
        ("quotes", "a=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=\"Zm9v\""),
        (
            "parameters of another type",
            "a=rtpmap:96 H264/90000\na=fmtp:97 sprop-parameter-sets=YmFy\na=fmtp:96 sprop-parameter-sets=Zm9v",
        ),
        (
            "lines that are none",
            "nonsense\na=\na=rtpmap\na=rtpmap:\na=rtpmap:x y\n=\na=rtpmap:96 H264/90000\na=fmtp\na=fmtp:96 sprop-parameter-sets=Zm9v",
        ),
        ("a mode of one", "a=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1; sprop-parameter-sets=Zm9v"),
    ] {
        check(situation, &format!("{head}{lines}"), 96, set, None);
    }
}

#[test]
fn without_a_usable_track_the_error_names_the_closest_one() {
    for (sdp, error) in [
        ("", SdpError::NoMedia),
        ("v=0\r\n", SdpError::NoMedia),
        ("m=audio 0 RTP/AVP 8", SdpError::NoVideo),
        ("m=video 0 RTP/AVP 26", SdpError::OtherCodec),
        ("m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000", SdpError::OtherCodec),
        ("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\nm=audio 0 RTP/AVP 8", SdpError::H265),
        ("m=video 0 RTP/AVP 96\na=rtpmap:96 HEVC/90000\nm=video 0 RTP/AVP 26", SdpError::H265),
        ("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2", SdpError::InterleavedMode),
    ] {
        assert_eq!(parse(sdp.as_bytes()), Err(error), "{sdp:?}");
    }
}

#[test]
fn the_data_kept_from_a_huge_description_is_bounded() {
    let many = format!(
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets={}",
        "Zm9v,".repeat(9000)
    );
    assert_eq!(parse(many.as_bytes()).unwrap().video.parameter_sets.len(), PARAMETER_SETS);
    let large =
        format!("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets={}", "A".repeat(6000));
    assert_eq!(parse(large.as_bytes()).unwrap().video.parameter_sets.len(), 0);
    let maps = format!("m=video 0 RTP/AVP 96\n{}a=rtpmap:96 H264/90000", "a=rtpmap:5 X/1\n".repeat(4000));
    assert_eq!(parse(maps.as_bytes()), Err(SdpError::OtherCodec));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse(&[X1C.as_bytes(), &bytes].concat());
    }

    #[test]
    fn a_description_cut_anywhere_never_gives_another_track(end in 0..X1C.len()) {
        if let Ok(read) = parse(&X1C.as_bytes()[..end]) {
            proptest::prop_assert_eq!(read.video.payload_type, 96);
        }
    }
}
