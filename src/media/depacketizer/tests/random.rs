//! Random frames in random packets: what goes in comes out, and after a loss only the frames that may.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
struct Picture {
    idr: bool,
    other_sps: bool,
    delimiter: bool,
    sei: bool,
    slice_bytes: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum MarkerDialect {
    Never,
    LastPacket,
    EverySlice,
    EveryPacket,
}

#[derive(Debug, Clone, Copy)]
enum ClockDialect {
    Regular,
    Frozen,
    ChangesInMidPicture,
}

/// One camera's video and its way of sending it.
#[derive(Debug, Clone)]
struct Film {
    pictures: Vec<Picture>,
    /// Whether the parameter sets come before every IDR picture; otherwise they are in the SDP only.
    sets_in_band: bool,
    marker: MarkerDialect,
    clock: ClockDialect,
    sequence: u16,
    timestamp: u32,
    /// How to pack NAL units, repeated: 0 alone, 1 with the next, else in fragments of that size.
    packing: Vec<usize>,
}

struct Sent {
    rtp: Vec<u8>,
    picture: usize,
    has_slice: bool,
    ms: u64,
}

impl Film {
    fn nals(&self, index: usize) -> Vec<Vec<u8>> {
        let picture = &self.pictures[index];
        let mut nals = Vec::new();
        if picture.delimiter {
            nals.push(nal('A', 0));
        }
        if picture.idr && self.sets_in_band {
            nals.extend([nal(if picture.other_sps { 'T' } else { 'S' }, 0), nal('P', 0)]);
        }
        if picture.sei {
            nals.push(nal('E', 0));
        }
        nals.extend(self.slices(index));
        nals
    }

    fn slices(&self, index: usize) -> Vec<Vec<u8>> {
        let picture = &self.pictures[index];
        let header = if picture.idr { [0x65, 0x88, 0x84] } else { [0x41, 0x9A, 0x24] };
        let slice = |(n, &len): (usize, &usize)| {
            let mut slice = header.to_vec();
            slice[1] = if n == 0 { header[1] } else { 0x58 };
            slice.extend([index as u8 + 1, n as u8 + 1]);
            slice.extend((0..len).map(|at| (at % 255) as u8 + 1));
            slice
        };
        picture.slice_bytes.iter().enumerate().map(slice).collect()
    }

    /// Returns the expected output for a frame.
    fn expected(&self, index: usize) -> Vec<Vec<u8>> {
        let mut nals = Vec::new();
        if self.pictures[index].idr {
            let other = self.sets_in_band && self.pictures[index].other_sps;
            nals.extend([nal(if other { 'T' } else { 'S' }, 0), nal('P', 0)]);
        }
        nals.extend(self.slices(index));
        nals
    }

    fn with_single_slices(mut self, wanted: bool) -> Self {
        if wanted && !self.marks_in_mid_picture() {
            for picture in &mut self.pictures {
                picture.slice_bytes.truncate(1);
            }
        }
        self
    }

    /// Such a camera can be told from a good one only if its frames take several packets, as live555's then do.
    fn marks_in_mid_picture(&self) -> bool {
        matches!(self.marker, MarkerDialect::EverySlice | MarkerDialect::EveryPacket)
    }

    fn packets(&self) -> Vec<Sent> {
        let mut sent: Vec<Sent> = Vec::new();
        let mut packing = self.packing.iter().copied().cycle();
        for index in 0..self.pictures.len() {
            let nals = self.nals(index);
            let is_slice = |nal: &[u8]| matches!(nal[0] & 0x1F, 1 | 5);
            let mut payloads = Vec::new();
            let mut at = 0;
            while let Some(nal) = nals.get(at) {
                let size = packing.next().unwrap_or(0);
                let last = at + 1 == nals.len();
                match size {
                    0 => payloads.push((nal.clone(), is_slice(nal), is_slice(nal))),
                    1 if !(last || self.marks_in_mid_picture() && is_slice(nal)) => {
                        payloads.push((stap_a(&nals[at..at + 2]), is_slice(&nals[at + 1]), is_slice(&nals[at + 1])));
                        at += 1;
                    }
                    _ => {
                        let fragments = fu_a(nal, nal.len().div_ceil(size.max(2)));
                        let count = fragments.len();
                        let fragments = fragments.into_iter().enumerate();
                        payloads.extend(fragments.map(|(n, p)| (p, is_slice(nal), is_slice(nal) && n + 1 == count)));
                    }
                }
                at += 1;
            }
            let count = payloads.len();
            for (n, (payload, has_slice, ends_slice)) in payloads.into_iter().enumerate() {
                let marker = match self.marker {
                    MarkerDialect::Never => false,
                    MarkerDialect::LastPacket => n + 1 == count,
                    MarkerDialect::EverySlice => ends_slice,
                    MarkerDialect::EveryPacket => true,
                };
                let ms = index as u64 * FRAME_MS;
                let ticks = match self.clock {
                    ClockDialect::Regular => ms * 90,
                    ClockDialect::Frozen => 0,
                    ClockDialect::ChangesInMidPicture => ms * 90 + n as u64,
                };
                let sequence = self.sequence.wrapping_add(sent.len() as u16);
                let rtp = rtp_packet(1, sequence, self.timestamp.wrapping_add(ticks as u32), marker, &payload);
                sent.push(Sent { rtp, picture: index, has_slice, ms });
            }
        }
        sent
    }

    /// Returns the frames that came out, by number. A frame that differs from its input fails the test. One exception: if
    /// a packet before the slices was lost, it may have held a new SPS, and nobody can tell that it did.
    fn play<'a>(
        &self,
        packets: impl Iterator<Item = &'a Sent>,
        is_head_torn: impl Fn(usize) -> bool,
    ) -> Result<Vec<usize>, TestCaseError> {
        let first_sps = if self.sets_in_band && self.pictures[0].other_sps { "T" } else { "S" };
        let mut bench = Bench::new(&[first_sps, "P"]);
        let mut out: Vec<usize> = Vec::new();
        let mut last_dts = i64::MIN;
        for Sent { rtp, ms, .. } in packets {
            let at = bench.start + Duration::from_millis(*ms);
            bench.depacketizer.push(rtp, at, *ms as i64).unwrap();
            while let Some(unit) = bench.depacketizer.pop() {
                let nals: Vec<&[u8]> = unit.nals().collect();
                let slice = nals.iter().find(|nal| matches!(nal[0] & 0x1F, 1 | 5)).unwrap();
                let index = usize::from(slice[3]) - 1;
                let expected = self.expected(index);
                if self.sets_in_band && unit.idr && is_head_torn(index) {
                    prop_assert_eq!(&nals[1..], &expected[1..], "picture {}", index);
                } else {
                    prop_assert_eq!(nals, expected, "picture {}", index);
                }
                prop_assert_eq!(unit.idr, self.pictures[index].idr);
                prop_assert!(unit.dts_90k > last_dts && unit.pts_90k >= unit.dts_90k);
                last_dts = unit.dts_90k;
                out.push(index);
            }
        }
        Ok(out)
    }
}

fn pictures(max: usize) -> impl Strategy<Value = Vec<Picture>> {
    let slice_bytes = prop::collection::vec(prop_oneof![0usize..40, 40usize..3000], 2..5);
    let picture = (prop::bool::weighted(0.2), any::<bool>(), any::<bool>(), any::<bool>(), slice_bytes).prop_map(
        |(idr, other_sps, delimiter, sei, slice_bytes)| Picture { idr, other_sps, delimiter, sei, slice_bytes },
    );
    prop::collection::vec(picture, 1..max)
}

prop_compose! {
    fn films(max: usize)(
        mut pictures in pictures(max),
        single_slices in any::<bool>(),
        sets_in_band in any::<bool>(),
        marker in prop::sample::select(vec![
            MarkerDialect::Never, MarkerDialect::LastPacket, MarkerDialect::EverySlice, MarkerDialect::EveryPacket,
        ]),
        clock in prop::sample::select(vec![
            ClockDialect::Regular, ClockDialect::Frozen, ClockDialect::ChangesInMidPicture,
        ]),
        sequence in prop_oneof![Just(65_500u16), any::<u16>()],
        timestamp in prop_oneof![Just(u32::MAX - 20_000), any::<u32>()],
        packing in prop::collection::vec(prop_oneof![Just(0usize), Just(1), 2usize..1500, Just(1448)], 1..9),
    ) -> Film {
        pictures[0].idr = true;
        let film = Film { pictures, sets_in_band, marker, clock, sequence, timestamp, packing };
        film.with_single_slices(single_slices)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn frames_packetized_in_any_way_come_back_unchanged(film in films(40)) {
        let packets = film.packets();
        let end = Sent {
            rtp: rtp_packet(1, film.sequence.wrapping_add(packets.len() as u16), film.timestamp, false, &nal('A', 0)),
            picture: film.pictures.len(),
            has_slice: false,
            ms: packets.last().unwrap().ms,
        };
        let out = film.play(packets.iter().chain([&end]), |_| false)?;
        prop_assert_eq!(out, (0..film.pictures.len()).collect::<Vec<_>>());
    }

    #[test]
    fn after_a_loss_only_whole_frames_from_the_next_idr_follow(
        film in films(40),
        losses in prop::collection::vec((0.0f64..1.0, 1usize..4), 1..6),
    ) {
        let packets = film.packets();
        let mut lost = vec![false; packets.len()];
        for (place, count) in losses {
            let first = (place * packets.len() as f64) as usize;
            lost.iter_mut().skip(first).take(count).for_each(|lost| *lost = true);
        }
        let kept = packets.iter().zip(&lost).filter(|(_, lost)| !**lost).map(|(packet, _)| packet);
        let missing = || packets.iter().zip(&lost).filter(|(_, lost)| **lost).map(|(packet, _)| packet);
        let out = film.play(kept, |picture| missing().any(|packet| packet.picture == picture && !packet.has_slice))?;
        for &picture in &out {
            prop_assert!(!missing().any(|packet| packet.has_slice && packet.picture == picture), "{} is torn", picture);
        }
        for pair in out.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            prop_assert!(before < after);
            if !film.pictures[after].idr {
                prop_assert_eq!(before + 1, after, "picture {} builds upon one that did not come out", after);
                prop_assert!(!missing().any(|packet| packet.picture == after));
            }
        }
        prop_assert!(out.first().is_none_or(|&first| film.pictures[first].idr));
    }

    #[test]
    fn no_packets_cause_a_panic_or_unbounded_memory(
        payloads in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..30), any::<(u8, bool)>()), 0..60),
    ) {
        let mut bench = Bench::new(&["S", "P"]);
        for (n, (payload, (step, marker))) in payloads.iter().enumerate() {
            let rtp = rtp_packet(1, n as u16 + u16::from(*step == 7), 0, *marker, payload);
            let _ = bench.depacketizer.push(&rtp, bench.start, 0);
        }
        prop_assert!(bench.depacketizer.ready.len() <= MAX_QUEUED_UNITS);
    }
}
