use h264_reader::avcc::AvcDecoderConfigurationRecord;

use super::super::h264::sps_samples::{P2S, X1C, X264_B, bytes};
use super::*;

const PPS: &[u8] = &[0x68, 0xCE, 0x3C, 0x80];
const SLICES: [&[u8]; 2] = [&[0x65, 0x88, 1, 2, 3], &[0x65, 0x40, 4]];

/// An IDR picture in two slices, surrounded by everything that a camera may send.
fn unit(sps: &str) -> AccessUnit {
    let sei: &[u8] = &[0x06, 5, 1, 0xAA, 0x80];
    let sps = bytes(sps);
    let mut unit = AccessUnit { idr: true, pts_90k: 12_345_000, dts_90k: 12_339_000, ..AccessUnit::default() };
    for nal in [&sps, PPS, sei, SLICES[0], SLICES[1]] {
        let start = unit.bytes.len();
        unit.bytes.extend_from_slice(nal);
        unit.nal_units.push(start as u32..unit.bytes.len() as u32);
    }
    unit
}

/// Returns the contents of the boxes in `bytes`, by name; the boxes must fill `bytes` exactly.
fn boxes(bytes: &[u8]) -> Vec<(String, &[u8])> {
    let (mut found, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        found.push((String::from_utf8(rest[4..8].to_vec()).unwrap(), &rest[8..size]));
        rest = &rest[size..];
    }
    found
}

/// Returns the content of the box at a path like `moov/trak`. A number after a name skips what precedes the boxes in
/// it.
fn inner<'a>(file: &'a [u8], path: &str) -> &'a [u8] {
    path.split('/').fold(file, |bytes, step| {
        let (name, skip) = step.split_once('+').unwrap_or((step, "0"));
        let content = boxes(bytes).into_iter().find(|(have, _)| have == name).expect(step).1;
        &content[skip.parse::<usize>().unwrap()..]
    })
}

const SAMPLE_ENTRY: &str = "moov/trak/mdia/minf/stbl/stsd+8/avc1";

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn the_boxes_of_one_fragment_follow_the_head_and_fill_the_file() {
    let file = still(&unit(P2S)).expect("a still");
    let names: Vec<String> = boxes(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ftyp", "moov", "moof", "mdat"]);
    let children = |path: &str| boxes(inner(&file, path)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(children("moov"), ["mvhd", "trak", "mvex"]);
    assert_eq!(children("moov/trak/mdia/minf/stbl"), ["stsd", "stts", "stsc", "stsz", "stco"]);
    assert_eq!(children("moof/traf"), ["tfhd", "tfdt", "trun"]);
}

#[test]
fn a_still_has_only_slices_each_with_its_length() {
    let file = still(&unit(P2S)).expect("a still");
    let expected: Vec<u8> =
        SLICES.iter().flat_map(|slice| [&(slice.len() as u32).to_be_bytes()[..], slice].concat()).collect();
    assert_eq!(inner(&file, "mdat"), expected);
    let trun = inner(&file, "moof/traf/trun");
    assert_eq!((number(trun, 4), number(trun, 16)), (1, expected.len() as u32), "one sample of that size");
    let moof_at = file.windows(4).position(|four| four == b"moof").unwrap() - 4;
    let data_at = moof_at + number(trun, 8) as usize;
    assert_eq!(&file[data_at..], expected, "the offset leads to the data");
}

#[test]
fn size_and_configuration_come_from_the_frames_parameter_sets() {
    for (sps, width, height) in [(P2S, 1920, 1080), (X1C, 1168, 720), (X264_B, 320, 240)] {
        let file = still(&unit(sps)).expect("a still");
        let entry = inner(&file, SAMPLE_ENTRY);
        let half = |at: usize| u16::from_be_bytes(entry[at..at + 2].try_into().unwrap());
        assert_eq!((half(24), half(26)), (width, height), "avc1");
        let head = inner(&file, "moov/trak/tkhd");
        assert_eq!((number(head, 76) >> 16, number(head, 80) >> 16), (width.into(), height.into()), "tkhd");
        let record = inner(&file, &format!("{SAMPLE_ENTRY}+78/avcC"));
        // Parsed by an independent reader.
        let read = AvcDecoderConfigurationRecord::try_from(record).expect("a configuration");
        let said = Sps::parse(&bytes(sps)).unwrap();
        assert_eq!(record[1..4], [said.profile_idc, said.constraints, said.level_idc]);
        assert_eq!(read.length_size_minus_one(), 3);
        let sets: Vec<&[u8]> = read.sequence_parameter_sets().map(|set| set.unwrap()).collect();
        assert_eq!(sets, [&bytes(sps)[..]]);
        assert_eq!(read.picture_parameter_sets().map(|set| set.unwrap()).collect::<Vec<_>>(), [PPS]);
        let high = said.profile_idc == 100;
        assert_eq!(record.len(), 6 + 2 + bytes(sps).len() + 1 + 2 + PPS.len() + if high { 4 } else { 0 });
        if high {
            assert_eq!(record[record.len() - 4..], [0xFD, 0xF8, 0xF8, 0], "4:2:0, 8 bits");
        }
    }
}

#[test]
fn no_still_without_a_key_frame_and_its_parameter_sets() {
    let without = |kind: u8| {
        let mut unit = unit(P2S);
        let bytes = unit.bytes.clone();
        unit.nal_units.retain(|span| bytes[span.start as usize] & 31 != kind);
        still(&unit)
    };
    for kind in [7, 8, 5] {
        assert!(without(kind).is_none(), "without NAL units of type {kind}");
    }
    assert!(still(&AccessUnit { idr: false, ..unit(P2S) }).is_none());
    assert!(still(&AccessUnit::default()).is_none());
}
