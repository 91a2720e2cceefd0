use super::*;
use crate::rtsp::message::Response;
use proptest::prelude::*;

const EXPECTED: Expected = Expected { channels: Channels { rtp: 0, rtcp: Some(1) }, payload_type: 96 };

/// An interleaved frame.
fn frame(channel: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[b'$', channel, length[0], length[1]], content].concat()
}

/// The header of an RTP packet of type 96, padded to `length` with bytes that are not RTP.
fn rtp(length: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 0x60];
    packet.resize(length, 0x24);
    packet
}

/// Returns the output in words: frames by channel and length, messages by status or method and body, the end by its
/// error.
fn read(stream: &[u8], mut cuts: impl FnMut() -> usize) -> Vec<String> {
    let mut framer = Framer::new();
    framer.expect(EXPECTED);
    let mut pieces = Vec::new();
    let mut rest = stream;
    loop {
        loop {
            match framer.piece() {
                Ok(Some(Piece::Frame { channel, span })) => {
                    pieces.push(format!("frame {channel} of {}", framer.bytes(span).len()));
                }
                Ok(Some(Piece::Message(Message::Response(Response { status, body, .. })))) => {
                    pieces.push(format!("{status} {}", String::from_utf8_lossy(&body)));
                }
                Ok(Some(Piece::Message(Message::Request(request)))) => pieces.push(request.method),
                Ok(None) => break,
                Err(error) => {
                    pieces.push(error.to_string());
                    return pieces;
                }
            }
        }
        assert!(framer.buffer.len() == BUFFER_BYTES, "the buffer never grows");
        if rest.is_empty() {
            return pieces;
        }
        let space = framer.space();
        assert!(space.len() >= READ_BYTES, "there is always room for a read");
        let count = cuts().clamp(1, space.len()).min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        framer.filled(count);
        rest = &rest[count..];
    }
}

fn check(situation: &str, stream: &[u8], pieces: &[&str]) {
    assert_eq!(read(stream, || usize::MAX), pieces, "{situation}, in one read");
    assert_eq!(read(stream, || 1), pieces, "{situation}, byte by byte");
}

#[test]
fn messages_and_frames_come_out_in_their_order() {
    let reply = b"RTSP/1.0 200 OK\r\nCSeq: 5\r\nContent-Length: 3\r\n\r\nabc";
    check("nothing", b"", &[]);
    check("a reply with a body", reply, &["200 abc"]);
    check("line feeds only", b"RTSP/1.0 200\nCSeq: 5\ncontent-length:1\n\nx", &["200 x"]);
    check("mixed line ends", b"RTSP/1.0 200 OK\r\nCSeq: 5\n\r\n", &["200 "]);
    check("a frame before a reply", &[&frame(1, b"sender"), &reply[..]].concat(), &["frame 1 of 6", "200 abc"]);
    check(
        "frames around a reply",
        &[frame(0, b"1"), reply.to_vec(), frame(0, b"23")].concat(),
        &["frame 0 of 1", "200 abc", "frame 0 of 2"],
    );
    check(
        "an empty frame and the longest one",
        &[frame(0, b""), frame(7, &rtp(65535))].concat(),
        &["frame 0 of 0", "frame 7 of 65535"],
    );
    check(
        "blank lines and NULs between",
        &[b"\r\n\r\n\0", &frame(0, b"1")[..], b"\r\n", reply].concat(),
        &["frame 0 of 1", "200 abc"],
    );
    check(
        "a body that looks like a frame",
        b"RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n$\0\xff\xff\r\n",
        &["200 $\0\u{fffd}\u{fffd}"],
    );
    check(
        "a question of the camera",
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\nREDIRECT rtsp://x RTSP/1.0\n\n",
        &["OPTIONS", "REDIRECT"],
    );
    check(
        "a question with a body",
        b"ANNOUNCE * RTSP/1.0\r\nContent-Length: 2\r\n\r\nxxRTSP/1.0 200\n\n",
        &["ANNOUNCE", "200 "],
    );
    check(
        "a length that is no number",
        b"RTSP/1.0 401 No\r\nContent-Length: many\r\n\r\n$\0\0\0",
        &["401 ", "frame 0 of 0"],
    );
}

#[test]
fn after_garbage_the_next_certain_frame_or_response_is_found() {
    let good = frame(0, &rtp(20));
    let reply = b"RTSP/1.0 200 OK\r\n\r\n";
    check("noise, then RTP", &[&b"\x01\x02noise"[..], &good].concat(), &["frame 0 of 20"]);
    check("noise, then a reply", &[&b"\xffRTSP/1."[..], reply].concat(), &["200 "]);
    check("noise, then RTCP", &[&b"\xff"[..], &frame(1, b"\x80\xc8\0\x01abcd")].concat(), &["frame 1 of 8"]);
    check("a page of HTTP", &[&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &good].concat(), &["frame 0 of 20"]);
    check("a status line without a status", &[&b"RTSP/1.0 fine\r\n\r\n"[..], &good].concat(), &["frame 0 of 20"]);
    check("capitals that are no request", &[&b"PLAY ME A SONG\r\n"[..], &good].concat(), &["frame 0 of 20"]);
    check("a very long request line", &[&b"PLAY "[..], &[b'x'; 3000], &good].concat(), &["frame 0 of 20"]);
    for (wrong, fake) in [
        ("channel", &b"$\x05\0\x14\x80\x60"[..]),
        ("version", b"$\0\0\x14\x40\x60"),
        ("payload type", b"$\0\0\x14\x80\x61"),
        ("length", b"$\0\0\x0b\x80\x60"),
        ("RTCP type", b"$\x01\0\x14\x80\x60"),
    ] {
        check(wrong, &[&b"\xff"[..], fake, &good].concat(), &["frame 0 of 20"]);
    }
    // While nothing is garbled, a frame of any channel is accepted.
    check("a channel that nobody asked for", &frame(5, b"odd"), &["frame 5 of 3"]);
}

#[test]
fn frames_stay_whole_while_the_buffer_turns_over() {
    let packet = |number: u32| [&number.to_be_bytes()[..], &[number as u8; 1448]].concat();
    let stream: Vec<u8> = (0..600).flat_map(|number| frame(0, &packet(number))).collect();
    let (mut framer, mut read) = (Framer::new(), 0);
    for chunk in stream.chunks(15_000) {
        framer.space()[..chunk.len()].copy_from_slice(chunk);
        framer.filled(chunk.len());
        while let Ok(Some(Piece::Frame { span, .. })) = framer.piece() {
            assert!(framer.bytes(span) == packet(read), "packet {read}");
            read += 1;
        }
    }
    assert_eq!(read, 600);
}

#[test]
fn before_play_garbage_ends_only_at_a_response() {
    let mut framer = Framer::new();
    let stream = [&b"\xff"[..], &frame(0, &rtp(20)), b"RTSP/1.0 200 OK\r\n\r\n"].concat();
    framer.space()[..stream.len()].copy_from_slice(&stream);
    framer.filled(stream.len());
    assert!(matches!(framer.piece(), Ok(Some(Piece::Message(_)))));
    assert_eq!(framer.skipped(), 25);
}

#[test]
fn an_endless_head_or_body_is_an_error() {
    let lines = |count: usize| [&b"RTSP/1.0 200 OK\r\n"[..], &b"a: b\r\n".repeat(count), b"\r\n"].concat();
    check("64 lines of head", &lines(63), &["200 "]);
    check("65 lines of head", &lines(64), &["a message head is longer than 16384 bytes or 64 lines"]);
    let long = |count: usize| [&b"RTSP/1.0 200 OK\r\na:"[..], &vec![b'x'; count], b"\r\n\r\n"].concat();
    check("a head of 16 KiB", &long(HEAD_BYTES - 23), &["200 "]);
    check(
        "a head of 16 KiB and one byte",
        &long(HEAD_BYTES - 22),
        &["a message head is longer than 16384 bytes or 64 lines"],
    );
    let body = |length: usize| format!("RTSP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    check(
        "the longest body",
        &[body(BODY_BYTES), vec![b' '; BODY_BYTES]].concat(),
        &[&format!("200 {}", " ".repeat(BODY_BYTES))],
    );
    let endless = "a message body is longer than 65536 bytes";
    check("a longer body", &body(BODY_BYTES + 1), &[endless]);
    check("a body of no known number", b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", &[endless]);
    check("64 KiB of garbage", &[vec![0xff; STRAY_BYTES], frame(0, &rtp(12))].concat(), &["frame 0 of 12"]);
    check(
        "garbage without end",
        &vec![0xff; STRAY_BYTES + 1],
        &["65536 bytes in a row were neither RTSP nor interleaved RTP"],
    );
    check(
        "line ends without end",
        &vec![b'\n'; STRAY_BYTES + 1],
        &["65536 bytes in a row were neither RTSP nor interleaved RTP"],
    );
}

/// Generates streams that a camera may send, including garbage.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (0..3u8, 0..2000usize).prop_map(|(channel, length)| frame(channel, &rtp(length))),
        proptest::collection::vec(any::<u8>(), 0..40),
        "[A-Z$R ]{1,12}".prop_map(String::into_bytes),
        (0..5usize, any::<bool>()).prop_map(|(length, crlf)| {
            let end = if crlf { "\r\n" } else { "\n" };
            format!("RTSP/1.0 200 OK{end}Content-Length: {length}{end}{end}{}", "y".repeat(length)).into_bytes()
        }),
        Just(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec()),
        Just(b"RTSP/1.".to_vec()),
        Just(b"\r\n".to_vec()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn however_the_bytes_are_cut_the_pieces_are_the_same(
        stream in stream(),
        cuts in proptest::collection::vec(1..300usize, 1..40),
    ) {
        let mut cuts = cuts.iter().cycle();
        prop_assert_eq!(read(&stream, || *cuts.next().unwrap()), read(&stream, || usize::MAX));
    }
}
