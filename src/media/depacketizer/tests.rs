//! Situations of one line each: what a camera sends, and the access units that come out. `random.rs` has random ones.
//!
//! A word is a packet, a letter a NAL unit; a digit distinguishes equal ones.
//!
//! ```text
//! S T    two different SPS          I1 i1   first and further slice of IDR picture 1
//! P Q    two different PPS          D1 d1   of a frame predicted from others; B1 one from later ones too
//! A E F  AUD, SEI, filler           *       with the marker bit
//! a+b    in one STAP-A              a|b     in one payload, with Annex B start codes
//! a/3    in three FU-A              a/3~2   the second of them lost
//! -      a packet lost              =       the last packet again
//! @ @5s  a frame, five seconds on   .       the clock goes on, the RTP timestamp does not
//! R      a new connection           $       another SSRC
//! ```
//!
//! In the output, a word is an access unit, and `!` marks a discontinuity.

mod random;

use std::time::{Duration, Instant};

use super::*;
use crate::media::h264::sps_samples::{P2S, X1C, bytes};

const PAYLOAD_TYPE: u8 = 96;
const FRAME_MS: u64 = 40;

fn nal(letter: char, digit: u8) -> Vec<u8> {
    let slice = |head: [u8; 3]| [&head[..], &[0x10 + digit; 20]].concat();
    match letter {
        'S' => bytes(X1C),
        'T' => bytes(P2S),
        'P' => vec![0x68, 0xCE, 0x31, 0xB2],
        'Q' => vec![0x68, 0xCE, 0x32, 0x80],
        'A' => vec![0x09, 0xF0],
        'E' => vec![0x06, 0x05, 0x01, 0xAA, 0x80],
        'F' => vec![0x0C, 0xFF, 0xFF, 0x80],
        'I' => slice([0x65, 0x88, 0x84]),
        'i' => slice([0x65, 0x58, 0x84]),
        'D' => slice([0x41, 0x9A, 0x24]),
        'd' => slice([0x41, 0x5A, 0x24]),
        'B' => slice([0x01, 0x9E, 0x24]),
        other => panic!("no NAL unit is called {other}"),
    }
}

fn named(word: &str) -> Vec<u8> {
    let mut letters = word.chars();
    let letter = letters.next().unwrap();
    nal(letter, letters.next().map_or(0, |digit| digit.to_digit(10).unwrap() as u8))
}

/// The inverse of [`nal`].
fn name(bytes: &[u8]) -> String {
    for letter in "STPQAEFIiDdB".chars() {
        for digit in 0..10 {
            if nal(letter, digit) == bytes {
                return if digit == 0 { letter.to_string() } else { format!("{letter}{digit}") };
            }
        }
    }
    format!("<{bytes:x?}>")
}

fn rtp_packet(ssrc: u32, sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, PAYLOAD_TYPE | if marker { 0x80 } else { 0 }];
    packet.extend_from_slice(&sequence.to_be_bytes());
    packet.extend_from_slice(&timestamp.to_be_bytes());
    packet.extend_from_slice(&ssrc.to_be_bytes());
    packet.extend_from_slice(payload);
    packet
}

fn stap_a(nals: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = vec![0x78];
    for nal in nals {
        payload.extend_from_slice(&(nal.len() as u16).to_be_bytes());
        payload.extend_from_slice(nal);
    }
    payload
}

/// Cuts `nal` into `pieces` fragments.
fn fu_a(nal: &[u8], pieces: usize) -> Vec<Vec<u8>> {
    let body = &nal[1..];
    let size = body.len().div_ceil(pieces).max(1);
    let count = body.len().div_ceil(size);
    let flags = |n: usize| if n == 0 { 0x80 } else { 0 } | if n + 1 == count { 0x40 } else { 0 };
    let head = |n: usize| [nal[0] & 0xE0 | 28, nal[0] & 0x1F | flags(n)];
    body.chunks(size).enumerate().map(|(n, piece)| [&head(n)[..], piece].concat()).collect()
}

/// A camera, the network and our end of the connection.
struct Bench {
    depacketizer: Depacketizer,
    start: Instant,
    ms: u64,
    timestamp: u32,
    sequence: u16,
    ssrc: u32,
    last: Vec<u8>,
    out: Vec<String>,
}

impl Bench {
    #[expect(clippy::disallowed_methods, reason = "an Instant to count from")]
    fn new(sets: &[&str]) -> Self {
        let mut bench = Self {
            depacketizer: Depacketizer::default(),
            start: Instant::now(),
            ms: 0,
            timestamp: u32::MAX - 5000,
            sequence: 65_530,
            ssrc: 1,
            last: Vec::new(),
            out: Vec::new(),
        };
        bench.restart(sets);
        bench
    }

    fn restart(&mut self, sets: &[&str]) {
        let sets: Vec<Vec<u8>> = sets.iter().map(|set| named(set)).collect();
        self.depacketizer.restart(&sets, PAYLOAD_TYPE);
    }

    fn tick(&mut self, ms: u64, timestamp_too: bool) {
        self.ms += ms;
        if timestamp_too {
            self.timestamp = self.timestamp.wrapping_add(ms as u32 * 90);
        }
    }

    fn payload(&mut self, payload: &[u8], marker: bool) {
        self.last = rtp_packet(self.ssrc, self.sequence, self.timestamp, marker, payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.deliver();
    }

    fn deliver(&mut self) {
        let at = self.start + Duration::from_millis(self.ms);
        self.depacketizer.push(&self.last, at, 1_700_000_000_000 + self.ms as i64).unwrap();
        while let Some(unit) = self.depacketizer.pop() {
            assert_eq!(unit.bytes.len(), unit.nals().map(<[u8]>::len).sum::<usize>());
            assert!(unit.idr || !unit.discontinuity);
            let names: String = unit.nals().map(name).collect();
            self.out.push(if unit.discontinuity { format!("!{names}") } else { names });
        }
    }

    fn play(&mut self, script: &str) {
        for word in script.split_whitespace() {
            match word {
                "@" => self.tick(FRAME_MS, true),
                "." => self.tick(FRAME_MS, false),
                "-" => self.sequence = self.sequence.wrapping_add(1),
                "=" => self.deliver(),
                "$" => self.ssrc += 1,
                "R" => self.restart(&[]),
                _ => match word.strip_prefix('@').and_then(|rest| rest.strip_suffix('s')) {
                    Some(seconds) => self.tick(seconds.parse::<u64>().unwrap() * 1000, true),
                    None => self.packets(word),
                },
            }
        }
    }

    fn packets(&mut self, word: &str) {
        let (word, marker) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
        if let Some((word, cut)) = word.split_once('/') {
            let (pieces, lost) = cut.split_once('~').unwrap_or((cut, "0"));
            let (pieces, lost): (usize, usize) = (pieces.parse().unwrap(), lost.parse().unwrap());
            for (n, payload) in fu_a(&named(word), pieces).iter().enumerate() {
                if n + 1 == lost {
                    self.sequence = self.sequence.wrapping_add(1);
                } else {
                    self.payload(payload, marker && n + 1 == pieces);
                }
            }
        } else if word.contains('+') {
            let nals: Vec<Vec<u8>> = word.split('+').map(named).collect();
            self.payload(&stap_a(&nals), marker);
        } else if word.contains('|') {
            let nals: Vec<Vec<u8>> = word.split('|').map(named).collect();
            self.payload(&nals.join(&[0, 0, 0, 1][..]), marker);
        } else {
            self.payload(&named(word), marker);
        }
    }
}

/// Plays `script` on a connection without parameter sets in its SDP.
fn check(script: &str, expected: &str) -> Stats {
    let mut bench = Bench::new(&[]);
    bench.play(script);
    assert_eq!(bench.out.join(" "), expected, "after {script}");
    bench.depacketizer.stats()
}

#[test]
fn packets_of_every_kind_become_units() {
    check("S P I1* @ D2* @ D3* @ D4*", "SPI1 D2 D3");
    check("S+P+I1* @ D2* @ D3*", "SPI1 D2");
    check("S+P I1/3* @ D2/5* @ D3*", "SPI1 D2");
    check("S P I1/1* @ D2*", "SPI1"); // S and E on one packet
    check("S|P|I1* @ D2*", "SPI1");
    check("S+P+I1+i1* @ D2+d2* @ D3*", "SPI1i1 D2d2");
    check("S P I1+D2+D3+D4* @ D5", "SPI1 D2 D3 D4"); // several frames in one packet
}

#[test]
fn delimiters_filler_sei_and_repeated_sets_are_removed() {
    check("A E S P I1 F* @ A E D2 F* @ A D3", "SPI1 D2");
    check("S P I1* @ S P D2* @ S P D3* @ D4", "SPI1 D2 D3");
    check("S S P P E I1* @ D2", "SPI1");
}

#[test]
fn every_idr_picture_carries_the_sets_it_needs() {
    check("S P I1* @ I2* @ D3* @ D4", "SPI1 SPI2 D3");
    check("I1* @ D2* @ D3", ""); // no parameter sets have come
    check("S I1* @ D2* @ P I3* @ D4", "SPI3");
    check("S P I1* @ Q D2* @ D3* @ I4* @ D5", "SPI1 QD2 D3 SQI4"); // a new PPS counts at once
    check("S P I1* @ Q I2* @ D3", "SPI1 SQI2");
}

#[test]
fn parameter_sets_of_the_sdp_serve_until_others_come() {
    let mut bench = Bench::new(&["S", "P"]);
    bench.play("I1* @ D2* @ I3* @ T I4* @ D5");
    assert_eq!(bench.out.join(" "), "SPI1 D2 SPI3 !TPI4");
}

#[test]
fn a_new_sps_is_a_discontinuity_and_a_repeated_one_is_not() {
    check("S P I1* @ D2* @ S P I3* @ D4* @ T P I5* @ D6* @ T P I7* @ D8", "SPI1 D2 SPI3 D4 !TPI5 D6 TPI7");
    check("S P I1* @ T D2* @ S I3* @ D4", "SPI1 D2 SPI3"); // changed and changed back
}

#[test]
fn nothing_comes_out_before_the_first_idr_picture() {
    let stats = check("i9* @ D1* @ S P D2* @ I3* @ D4", "SPI3");
    assert_eq!((stats.damaged_units, stats.dropped_units), (0, 2), "where we joined is no damage");
}

#[test]
fn frames_end_where_their_bits_say_whatever_marker_and_timestamp_say() {
    check("S P I1 @ D2 @ D3 @ D4", "SPI1 D2 D3"); // FLIR: no marker
    check("S P I1* . D2* . D3* . D4* . D5*", "SPI1 D2 D3 D4 D5"); // P2S: frozen timestamp
    check("S P I1 . D2 . D3 . D4", "SPI1 D2 D3"); // no marker, and a frozen timestamp
    check("S P I1 @ i1* @ D2 @ d2* @ D3", "SPI1i1 D2d2"); // timestamp changes in the middle of a frame
    check("S* P* E* I1* @ E* D2* @ E* D3", "SPI1 D2"); // Tapo, Reolink: marker on everything
    check("S P I1* i1* @ D2* d2* d2* @ D3* d3*", "SPI1i1 D2d2d2"); // live555: marker on every slice
}

#[test]
fn a_frame_is_complete_at_its_marker_once_markers_proved_reliable() {
    check("S P I1* @ D2* @ D3* @ D4* @ D5*", "SPI1 D2 D3 D4 D5");
    check("S P I1* @ D2 @ E", "SPI1 D2"); // without one, as soon as something else begins
    check("S P I1* @ - d2* @ S P I3* @ D4* @ D5* @ D6* @ D7*", "SPI3 D4 D5 D6 D7"); // a loss proves nothing
    check("D1* @ D2* @ D3* @ D4* @ D5* @ D6* @ S P I7*", ""); // a key frame must have been among the proofs
    check("D1* @ D2* @ D3* @ D4* @ D5* @ D6* @ S P I7* @ D8*", "SPI7 D8");
}

#[test]
fn markers_are_not_trusted_after_one_came_in_mid_frame() {
    let stats = check(
        "S P I1* @ D2* @ D3* @ D4* @ D5* @ D6* d6* @ D7* @ I8* i8* @ D9* @ D1* @ D2* @ D3* @ D4* @ D5*",
        "SPI1 D2 D3 D4 D5 D6 SPI8i8 D9 D1 D2 D3 D4",
    );
    assert_eq!((stats.damaged_units, stats.dropped_units), (1, 1));
    // Both from the start, and after a reconnect.
    check("S P I1* i1* @ D2* d2* @ R S P I3* i3* @ D4* @ D5* @ D6* @ D7* @ D8*", "SPI1i1 !SPI3i3 D4 D5 D6 D7");
}

#[test]
fn after_a_loss_nothing_comes_out_until_the_next_idr_picture() {
    let head = "S P I1* @ D2* @ D3* @ D4* @ D5* @ ";
    let check = |rest: &str, expected: &str, counts: (u64, u64, u64)| {
        let stats = check(&format!("{head}{rest}"), &format!("SPI1 D2 D3 D4 D5{expected}"));
        assert_eq!((stats.lost_packets, stats.damaged_units, stats.dropped_units), counts, "{rest}");
    };
    check("D6/3~2* @ D7* @ S P I8* @ D9*", " SPI8 D9", (1, 1, 1));
    check("D6/3~1* @ D7* @ S P I8* @ D9*", " SPI8 D9", (1, 1, 1));
    check("D6/3~3* @ D7* @ S P I8* @ D9*", " SPI8 D9", (1, 0, 1));
    check("- @ D7* @ S P I8* @ D9*", " SPI8 D9", (1, 0, 1));
    check("D6 - @ D7* @ S P I8*", " SPI8", (1, 1, 1));
    check("D6* - - D7* @ S P I8*", " D6 SPI8", (2, 0, 1));
    check("S P I6/3~2* @ D7* @ S P I8*", " SPI8", (1, 1, 1));
    check("- I6* @ D7* @ S P I8*", " SPI8", (1, 0, 2)); // the loss may have contained its sets
    check("- S P I6* @ D7*", " SPI6 D7", (1, 0, 0));
    check("S - I6* @ D7* @ S P I8*", " SPI8", (1, 0, 2));
    check("D6* = @ D7* = = @ D8*", " D6 D7 D8", (0, 0, 0));
}

#[test]
fn a_loss_makes_only_the_idr_picture_right_after_it_doubtful() {
    let mut bench = Bench::new(&["S", "P"]);
    bench.play("I1* @ D2* @ D3* @ D4* @ D5* @ D6/3~1* @ I7* @ D8* @ D9/3~2* @ I1* @ D2*");
    assert_eq!(bench.out.join(" "), "SPI1 D2 D3 D4 D5 SPI7 D8 SPI1 D2");
}

#[test]
fn an_incomplete_nal_unit_counts_as_a_loss() {
    let check = |payloads: &[(&[u8], bool)], damaged: u64| {
        let mut bench = Bench::new(&[]);
        bench.play("S P I1* @ D2* @ D3* @ D4* @ D5* @");
        for &(payload, marker) in payloads {
            bench.payload(payload, marker);
        }
        bench.play("@ D7* @ S P I8* @ D9*");
        assert_eq!(bench.out.join(" "), "SPI1 D2 D3 D4 D5 SPI8 D9", "{payloads:x?}");
        assert_eq!(bench.depacketizer.stats().damaged_units, damaged, "{payloads:x?}");
    };
    let fragments = fu_a(&nal('D', 6), 3);
    check(&[(&fragments[0], false), (&fragments[1], false)], 1); // the end is missing
    check(&[(&fragments[0], false), (&nal('D', 6), true)], 1);
    check(&[(&fragments[1], false), (&fragments[2], true)], 1); // the start is missing
    check(&[(&fragments[0], false), (&fragments[0], false), (&fragments[2], true)], 1);
    check(&[(&[0x78, 0, 9, 0x41, 0x9A, 1], true)], 1); // an aggregate that claims more bytes than it has
    check(&[(&[0xC1, 0x9A, 1], true)], 1); // forbidden bit: the sender knows it is damaged
}

#[test]
fn odd_payloads_of_real_cameras_are_understood() {
    let check = |payloads: &[Vec<u8>]| {
        let mut bench = Bench::new(&["S", "P"]);
        for (n, payload) in payloads.iter().enumerate() {
            bench.payload(payload, n + 1 == payloads.len());
        }
        bench.play("@ D2* @");
        assert_eq!(bench.out.join(" "), "SPI1", "{payloads:x?}");
    };
    let idr = nal('I', 1);
    let fragments = fu_a(&idr, 2);
    let mut other_type = fragments[1].clone();
    other_type[1] = 0x41; // Tiandy: the continuation has another type
    check(&[fragments[0].clone(), other_type]);
    check(&[fragments[0].clone(), vec![0x7C, 0x05], fragments[1].clone()]); // an empty fragment
    check(&[vec![0x7C, 0x85], [&[0x7C, 0x45], &idr[1..]].concat()]); // the first one empty
    check(&[fragments[0].clone(), fragments[1].clone(), vec![]]); // an empty payload, with the marker
    check(&[[&stap_a(&[idr.clone(), vec![]])[..], &[0, 0, 0]].concat()]); // padding behind an aggregate
    check(&[[&[0, 0, 0, 1][..], &idr].concat()]); // start code in front
    check(&[[&[0, 0, 1][..], &idr].concat()]);
    check(&[[&bytes(X1C)[..], &[0, 0]].concat(), idr.clone()]); // Reolink: zeros behind the SPS
    check(&fu_a(&[&bytes(X1C)[..], &[0, 0, 1], &nal('P', 0), &[0, 0, 1], &idr].concat(), 3)); // V380
}

#[test]
fn sdp_sets_may_have_start_codes_trailing_bytes_and_company() {
    let check = |sets: &[Vec<u8>], expected: &str| {
        let mut bench = Bench::new(&[]);
        bench.depacketizer.restart(sets, PAYLOAD_TYPE);
        bench.play("I1* @ D2");
        assert_eq!(bench.out.join(" "), expected, "{sets:x?}");
    };
    let (sps, pps) = (nal('S', 0), nal('P', 0));
    check(&[[&[0, 0, 0, 1][..], &sps, &[0, 0, 0, 1], &pps].concat()], "SPI1");
    check(&[[&sps[..], &[0, 0]].concat(), pps.clone(), nal('E', 0), vec![], vec![0x67]], "SPI1");
    check(&[sps.clone(), sps.clone(), pps.clone(), pps.clone()], "SPI1");
    check(&[sps, vec![0x68; 5000]], "");
}

#[test]
fn interleaved_mode_ends_the_session() {
    for nal_type in [25, 26, 27, 29] {
        let mut bench = Bench::new(&[]);
        let packet = rtp_packet(1, 1, 1, false, &[0x60 | nal_type, 0, 0, 0]);
        let error = bench.depacketizer.push(&packet, bench.start, 0).unwrap_err();
        assert_eq!(error, MediaError::InterleavedMode { nal_type });
    }
}

#[test]
fn a_new_connection_begins_with_an_idr_picture_and_a_discontinuity() {
    check("S P I1* @ D2* @ D3* @ R D4* @ S P I5* @ D6* @ D7", "SPI1 D2 !SPI5 D6");
    check("R R S P I1* @ D2", "SPI1"); // the very first key frame is not a discontinuity
    check("S P I1* @ D2 @ $ D3* @ S P I4* @ D5", "SPI1 !SPI4"); // another SSRC is like a new connection
}

#[test]
fn each_event_of_the_stream_is_reported_once_with_its_reason() {
    let told = |script: &str| {
        let mut bench = Bench::new(&[]);
        bench.play(script);
        std::iter::from_fn(|| bench.depacketizer.happened().map(|happened| happened.to_string())).collect::<Vec<_>>()
    };
    let first = "first key frame; 1 frames before it were dropped and 0 damaged";
    let sets = "parameter sets: H.264 Baseline, level 3.1, 1168 x 720 pixels, 30.00 frames per second declared";
    assert_eq!(told("D9* @ S P I1* @ D2* @ S P I3* @ D4"), [first, sets], "nothing more while all is well");
    let head = "D9* @ S P I1* @ D2* @ D3* @ D4* @ D5* @ D6* @ ";
    let after = |rest: &str| told(&format!("{head}{rest}")).split_off(2);
    let (short, long) = ("after 0.08 s; 2 were dropped", "after 1.04 s; 2 were dropped");
    let opened = |cost: &str, missing: u32| {
        format!("frames pass again from a key frame on, {cost} and 0 damaged, {missing} packets were missing")
    };
    assert_eq!(
        after("- D7* @ D8* @ S P I9* @ D1*"),
        ["a packet is missing; frames are dropped up to the next key frame".to_owned(), opened(short, 1)]
    );
    assert_eq!(
        after("- - D7* @ D8* @1s S P I9* @ D1*"),
        [
            "2 packets are missing; frames are dropped up to the next key frame".to_owned(),
            opened(long, 2),
            "discontinuity: the camera paused, or its clock jumped".to_owned(),
        ]
    );
    assert_eq!(
        after(&format!("- D7* @ {}S P I9* @ D1*", "D8* @ ".repeat(14)))[1..],
        [
            opened("after 0.60 s; 15 were dropped", 1),
            "discontinuity: frames were missing for more than 500 ms".to_owned(),
        ]
    );
    assert_eq!(after("T P I9* @ D1*")[1..], ["discontinuity: other parameter sets"]);
    assert_eq!(
        after("R D7* @ S P I9* @ D1*"),
        ["first key frame; 1 frames before it were dropped and 0 damaged", "discontinuity: another connection"]
    );
}

#[test]
fn a_gap_is_reported_only_if_it_is_long() {
    let head = "S P I1* @ D2* @ D3* @ D4* @ D5* @ D6* @ ";
    let check = |rest: &str, expected: &str| check(&format!("{head}{rest}"), &format!("SPI1 D2 D3 D4 D5 D6{expected}"));
    check("- D7* @ D8* @ S P I9*", " SPI9");
    check("- D7* @1s S P I9*", " !SPI9");
    check("@5s D7* @ D8* @ S P I9* @ D1*", " !SPI9 D1"); // the camera froze: its frames refer to ours, but
    check("@5s S P I9* @ D1*", " !SPI9 D1"); // the jump must be marked before a player sees any
}

#[test]
fn foreign_and_malformed_packets_change_nothing() {
    let mut bench = Bench::new(&[]);
    bench.play("S P I1* @ D2* @");
    for packet in [&b""[..], b"\x80", &[0x40; 20], &[0x80, 97, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x41, 0x9A]] {
        bench.depacketizer.push(packet, bench.start, 0).unwrap();
    }
    bench.play("D3* @ D4*");
    assert_eq!(bench.out.join(" "), "SPI1 D2 D3");
    assert_eq!(bench.depacketizer.stats().ignored_packets, 4);
}

#[test]
fn a_nal_unit_of_10_mb_is_dropped_in_bounded_memory() {
    let mut bench = Bench::new(&[]);
    bench.play("S P I1* @ D2* @");
    bench.payload(&[0x7C, 0x81, 0x9A], false);
    for _ in 0..10_000 {
        bench.payload(&[&[0x7C, 0x01][..], &[0x55; 1000]].concat(), false);
    }
    bench.payload(&[0x7C, 0x41, 0x55], true);
    assert!(bench.depacketizer.unpacker.capacity() <= payload::KEEP_BYTES);
    bench.play("@ D3* @ S P I4* @ D5* @ D6");
    assert_eq!(bench.out.join(" "), "SPI1 D2 SPI4 D5");
    assert_eq!(bench.depacketizer.stats().damaged_units, 1);
}

#[test]
fn frames_of_too_many_nal_units_or_bytes_are_dropped() {
    let check = |slice: &[u8], count: usize| {
        let mut bench = Bench::new(&[]);
        bench.play("S P I1* @ D2* @ D3");
        for _ in 0..count {
            bench.payload(slice, false);
        }
        bench.play("@ D4* @ S P I5* @ D6");
        assert_eq!(bench.out.join(" "), "SPI1 D2 SPI5");
        assert_eq!(bench.depacketizer.stats().damaged_units, 1);
    };
    check(&nal('d', 3), 256);
    check(&[&[0x41, 0x5A][..], &[0x55; 60_000]].concat(), 71);
}

#[test]
fn access_units_nobody_fetches_are_dropped_to_an_idr_picture() {
    let mut bench = Bench::new(&[]);
    let nals: Vec<Vec<u8>> =
        ["S", "P", "I1"].into_iter().chain(["D2"; 90]).chain(["I3", "D4", "D5"]).map(named).collect();
    bench.payload(&stap_a(&nals), false);
    let counts = bench.depacketizer.stats();
    assert_eq!((bench.out.len(), counts.dropped_units), (MAX_QUEUED_UNITS, 29));
    bench.play("@ D6* @ I7* @ D8");
    assert_eq!(bench.out[MAX_QUEUED_UNITS..].join(" "), "SPI7");
}

#[test]
fn figures_have_size_rates_and_key_frame_interval() {
    let mut bench = Bench::new(&[]);
    for _ in 0..6 {
        bench.play("S P I1/4* @ D2* @");
        bench.play(&"D3* @ ".repeat(23));
    }
    let stats = bench.depacketizer.stats();
    assert_eq!(stats.picture_size, Some((1168, 720)));
    assert!((stats.frames_per_second.unwrap() - 25.0).abs() < 0.5, "{stats:?}");
    assert!((stats.key_frame_interval_s.unwrap() - 1.0).abs() < 0.05, "{stats:?}");
    assert!(stats.kilobits_per_second.is_some_and(|rate| (4.0..8.0).contains(&rate)), "{stats:?}");
    assert_eq!(stats.packets, 6 * (2 + 4 + 24));
}

#[test]
fn a_receiver_report_contains_losses_and_the_last_sender_report() {
    let mut bench = Bench::new(&[]);
    bench.play("S P - I1*");
    let at = |ms| bench.start + Duration::from_millis(ms);
    let sender_report: Vec<u8> = [&[0x80, 200, 0, 6][..], &(1..=24).collect::<Vec<u8>>()].concat();
    bench.depacketizer.hear_rtcp(&sender_report, at(0));
    bench.depacketizer.push(&rtp_packet(1, bench.sequence, 0, false, &[]), at(500), 0).unwrap();
    let report = bench.depacketizer.receiver_report();
    assert_eq!(report[8..16], [0, 0, 0, 1, 51, 0, 0, 1], "one of five");
    assert_eq!(report[24..32], [7, 8, 9, 10, 0, 0, 0x80, 0], "half a second later");
}
