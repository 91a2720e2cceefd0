//! The muxer, read back: whatever goes in comes out, and every packet keeps the rules.

use crate::ts_reader::Reader;
use platecast::media::AccessUnit;
use platecast::media::ts::Muxer;
use proptest::prelude::*;

/// A picture of these NAL units' lengths; the first is of `kind`.
fn unit(dts_90k: i64, delay_90k: i64, kind: u8, lens: &[usize]) -> AccessUnit {
    let mut unit = AccessUnit {
        bytes: Vec::new(),
        nal_units: Vec::new(),
        pts_90k: dts_90k + delay_90k,
        dts_90k,
        duration_90k: 3_000,
        idr: kind == 5,
        discontinuity: false,
        captured_unix_ms: 0,
    };
    for (index, len) in lens.iter().enumerate() {
        let start = unit.bytes.len();
        unit.bytes.push(if index == 0 { 0x60 | kind } else { 0x61 });
        unit.bytes.extend((1..*len).map(|at| (at % 251) as u8 | 4));
        unit.nal_units.push(start as u32..unit.bytes.len() as u32);
    }
    unit
}

/// The byte stream of a picture.
fn annex_b(unit: &AccessUnit) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 1, 9, 0xf0];
    for nal in unit.nals() {
        bytes.extend_from_slice(if matches!(nal[0] & 31, 7 | 8) { &[0, 0, 0, 1][..] } else { &[0, 0, 1] });
        bytes.extend_from_slice(nal);
    }
    bytes
}

fn check(units: &[AccessUnit]) {
    let (mut muxer, mut bytes) = (Muxer::new(), Vec::new());
    muxer.write_tables(&mut bytes);
    for unit in units {
        muxer.write_access_unit(unit, &mut bytes);
    }
    let mut reader = Reader::default();
    reader.discontinuity();
    let carried = reader.segment(&bytes).expect("a stream that keeps the rules");
    assert_eq!(carried.len(), units.len());
    let in_33_bits = |time: i64| time.rem_euclid(1 << 33);
    for (unit, carried) in units.iter().zip(&carried) {
        let times = [carried.pts, carried.dts, unit.pts_90k + 9_000, unit.dts_90k + 9_000].map(in_33_bits);
        assert_eq!(times[..2], times[2..]);
        assert_eq!(carried.random_access, unit.idr);
        assert_eq!(carried.bytes, annex_b(unit));
    }
}

#[test]
fn frames_of_every_length_fill_their_packets() {
    // Three packets' worth of lengths: full ones, one byte short (the field of length 0), two short, with and without
    // the clock in the first.
    let units: Vec<AccessUnit> = (1..600).map(|len| unit(len as i64 * 3_000, 0, 1, &[len])).collect();
    check(&units);
}

proptest! {
    #[test]
    fn every_muxed_frame_is_demuxed_unchanged(
        start in prop_oneof![Just(0_i64), Just((1 << 33) - 20_000), -1_000_000_i64..1_000_000],
        pictures in prop::collection::vec(
            (1_i64..30_000, prop_oneof![Just(0_i64), 1_i64..20_000], prop_oneof![Just(1_u8), Just(5), Just(7)],
             prop::collection::vec(1_usize..900, 1..5)),
            1..40,
        ),
        huge in prop::option::of(65_000_usize..66_000),
    ) {
        let mut dts = start;
        let mut units = Vec::new();
        for (step, delay, kind, lens) in &pictures {
            units.push(unit(dts, *delay, *kind, lens));
            dts += step;
        }
        units.extend(huge.map(|len| unit(dts, 0, 1, &[len])));
        check(&units);
    }
}
