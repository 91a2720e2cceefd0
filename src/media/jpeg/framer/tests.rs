use super::*;
use proptest::prelude::*;

/// A picture of `length` bytes that says this size, with `number` in it.
fn file(length: usize, width: u16, height: u16, number: u8) -> Vec<u8> {
    let size = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let mut file = [b"\xFF\xD8\xFF\xE0\0\x04JF\xFF\xC0\0\x11\x08".as_slice(), &size].concat();
    file.resize(length - 2, number & 0x7F);
    file.extend([0xFF, 0xD9]);
    file
}

fn header(length: u32, flags: u32) -> Vec<u8> {
    [length, 0, flags, 0].map(u32::to_le_bytes).concat()
}

/// A body with its header.
fn sent(body: &[u8]) -> Vec<u8> {
    [header(u32::try_from(body.len()).unwrap(), 1), body.to_vec()].concat()
}

/// Returns the output in words: pictures by length, size and number, and the end by its error.
fn read(stream: &[u8], mut cuts: impl FnMut() -> usize) -> Vec<String> {
    let (mut framer, mut told, mut rest) = (PictureFramer::default(), Vec::new(), stream);
    let (mut announced, mut received) = (0, 0);
    while !rest.is_empty() {
        let (mut read, after) = rest.split_at(cuts().clamp(1, rest.len()));
        rest = after;
        loop {
            let before = read.len();
            let arrived = framer.next(&mut read);
            received += before - read.len();
            assert!(framer.held_bytes() <= 2 * received, "{} of {received}", framer.held_bytes());
            match arrived {
                Ok(Some(Arrived::Header)) => {
                    announced = framer.missing.unwrap() as usize;
                    received = 0;
                }
                Ok(Some(Arrived::Picture(Picture { file, size: (width, height) }))) => {
                    told.push(format!("{} bytes, {width}x{height}, {}", file.len(), file[20]));
                }
                Ok(Some(Arrived::Dropped(flaw))) => told.push(flaw.to_string()),
                Ok(None) => break,
                Err(error) => {
                    told.push(error.to_string());
                    return told;
                }
            }
            assert!(framer.held_bytes() <= announced, "{} of {announced}", framer.held_bytes());
        }
    }
    told
}

#[track_caller]
fn check(stream: &[&[u8]], expected: &[&str]) {
    let stream = stream.concat();
    assert_eq!(read(&stream, || usize::MAX), expected, "in one read");
    assert_eq!(read(&stream, || 1), expected, "byte by byte");
}

#[test]
fn pictures_come_out_in_their_order() {
    check(&[], &[]);
    check(
        &[&sent(&file(600, 1280, 720, 1)), &sent(&file(70_000, 1920, 1080, 2))],
        &["600 bytes, 1280x720, 1", "70000 bytes, 1920x1080, 2"],
    );
    check(&[&sent(&[b"\0\0\0\0".as_slice(), &file(600, 1280, 720, 3)].concat())], &["600 bytes, 1280x720, 3"]);
    check(&[&header(600, 0), &file(600, 1280, 720, 4)], &["600 bytes, 1280x720, 4"]);
    check(&[&sent(&file(512, 8, 8, 5))], &["512 bytes, 8x8, 5"]);
    check(&[&sent(&file(600, 1280, 720, 6))[..600]], &[]);
}

#[test]
fn a_picture_that_cannot_be_shown_is_dropped_alone() {
    let good = sent(&file(600, 1280, 720, 1));
    let shown = "600 bytes, 1280x720, 1";
    let whole = file(600, 1280, 720, 9);
    let dropped = |body: &[u8], why: &str| check(&[&good, &sent(body), &good], &[shown, why, shown]);
    dropped(&[], "it has only 0 bytes");
    dropped(&whole[..511], "it has only 511 bytes");
    dropped(&whole[..599], "its end (EOI) is missing");
    dropped(&whole[1..], "its beginning (SOI) is missing");
    dropped(&[&[0; 16], whole.as_slice()].concat(), "its beginning (SOI) is missing");
    dropped(&[&whole[..8], &[0; 600], &whole[598..]].concat(), "its size (SOF0) is missing");
}

#[test]
fn ten_pictures_in_a_row_that_cannot_be_shown_end_the_connection() {
    let (bad, good) = (sent(&file(600, 1280, 720, 1)[1..]), sent(&file(600, 1280, 720, 1)));
    let nine = bad.repeat(9);
    let told = read(&[nine.clone(), good, nine].concat(), || usize::MAX);
    assert_eq!(told.iter().filter(|told| told.contains("SOI")).count(), 18);
    let told = read(&bad.repeat(11), || usize::MAX);
    assert_eq!(told.len(), 10);
    assert_eq!(told[9], "10 pictures in a row could not be shown; of the last one, its beginning (SOI) is missing");
}

#[test]
fn a_length_that_no_picture_has_ends_the_connection() {
    for length in [8 * 1024 * 1024 + 1, u32::MAX] {
        check(&[&header(length, 1)], &[&format!("a picture of {length} bytes is announced")]);
    }
    check(&[&header(8 * 1024 * 1024, 1), &[0; 64]], &[]);
}

#[test]
fn the_answer_of_printers_with_video_is_recognized_and_only_comes_first() {
    let refusal = b"\x08\0\0\0\x3f\x01\x03\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0";
    let not_served = "the printer serves no pictures at this port";
    check(&[refusal], &[not_served]);
    check(&[&header(600, 7), &[1; 600]], &[not_served]);
    check(&[&sent(&file(600, 8, 8, 1)), refusal], &["600 bytes, 8x8, 1", "it has only 8 bytes"]);
}

/// What a camera may send: pictures, damaged ones, wrong lengths, other headers.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let picture = || (512_usize..3_000, 1_u16..2_000, any::<u8>());
    prop_oneof![
        6 => picture().prop_map(|(length, width, number)| sent(&file(length, width, 720, number))),
        1 => (picture(), 0_usize..600).prop_map(|((length, width, number), cut)| {
            sent(&file(length, width, 720, number)[cut.min(length)..])
        }),
        1 => (picture(), 0_u32..3_000).prop_map(|((length, width, number), lie)| {
            [header(lie, 1), file(length, width, 720, number)].concat()
        }),
        1 => (0_u32..1_000, any::<u32>(), 0_usize..1_000).prop_map(|(length, flags, zeros)| {
            [header(length, flags), vec![0; zeros]].concat()
        }),
        1 => prop::collection::vec(any::<u8>(), 0..100),
    ]
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_pictures(
        stream in prop::collection::vec(piece(), 0..12),
        cuts in prop::collection::vec(prop_oneof![1_usize..20, 1_usize..5_000], 1..40),
    ) {
        let stream = stream.concat();
        let whole = read(&stream, || usize::MAX);
        let mut cuts = cuts.iter().cycle();
        prop_assert_eq!(read(&stream, || *cuts.next().unwrap()), whole);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&bytes, || 7);
        size::size(&bytes);
    }
}
