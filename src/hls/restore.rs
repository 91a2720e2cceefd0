//! After a restart, reads the window back from the mirror, so that viewers find what they have seen before.
//!
//! The mirror keeps our own standard playlist beside the segments; [`Listed::read`] accepts only that format.

use super::segment::{Part, Segment};
use super::{Container, StreamMemory};
use crate::media::TICKS_PER_SECOND;
use std::collections::VecDeque;
use std::sync::Arc;

/// A segment's entry in a standard playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its media sequence number.
    pub msn: u64,
    /// EXTINF.
    pub duration_90k: i64,
    /// EXT-X-PROGRAM-DATE-TIME, in Unix milliseconds.
    pub program_date_time_unix_ms: i64,
    /// Whether EXT-X-DISCONTINUITY precedes it.
    pub discontinuity: bool,
    /// How many discontinuities there have been, including its own.
    pub discontinuity_sequence: u64,
    /// EXT-X-GAP: there is no file.
    pub gap: bool,
}

/// A segment that was read back.
#[derive(Debug, Clone)]
pub struct RestoredSegment {
    /// Its entry in the playlist.
    pub listed: Listed,
    /// Its bytes, in order; empty for a gap.
    pub pieces: Vec<Arc<[u8]>>,
}

impl RestoredSegment {
    /// Makes a segment from one file, which is empty for a gap.
    #[must_use]
    pub fn whole(listed: Listed, bytes: Arc<[u8]>) -> Self {
        Self { listed, pieces: Some(bytes).into_iter().filter(|bytes| !bytes.is_empty()).collect() }
    }
}

impl From<&Segment> for RestoredSegment {
    fn from(segment: &Segment) -> Self {
        Self {
            listed: Listed {
                msn: segment.msn,
                duration_90k: segment.duration_90k,
                program_date_time_unix_ms: segment.program_date_time_unix_ms,
                discontinuity: segment.discontinuity,
                discontinuity_sequence: segment.discontinuity_sequence,
                gap: segment.gap,
            },
            // The bytes are shared: the segment may be as large as all the memory that is left.
            pieces: segment.parts.iter().map(|part| Arc::clone(&part.bytes)).collect(),
        }
    }
}

impl Listed {
    /// Reads a standard playlist of ours. Returns `None` if it is another playlist, or incomplete.
    #[must_use]
    pub fn read(playlist: &str) -> Option<Vec<Self>> {
        let mut lines = playlist.lines();
        if lines.next()? != "#EXTM3U" || !playlist.ends_with('\n') {
            return None;
        }
        let (mut next_msn, mut discontinuities) = (0_u64, 0_u64);
        let (mut date, mut duration, mut discontinuity, mut gap) = (None, None, false, false);
        let mut listed = Vec::new();
        for line in lines {
            if let Some(value) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
                next_msn = value.parse().ok()?;
            } else if let Some(value) = line.strip_prefix("#EXT-X-DISCONTINUITY-SEQUENCE:") {
                discontinuities = value.parse().ok()?;
            } else if let Some(value) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
                date = Some(value.parse::<jiff::Timestamp>().ok()?.as_millisecond());
            } else if let Some(value) = line.strip_prefix("#EXTINF:") {
                duration = Some(ticks(value.strip_suffix(',')?)?);
            } else if line == "#EXT-X-DISCONTINUITY" {
                discontinuity = true;
                discontinuities = discontinuities.checked_add(1)?;
            } else if line == "#EXT-X-GAP" {
                gap = true;
            } else if !line.starts_with('#') {
                if Segment::msn_of(line)? != next_msn {
                    return None;
                }
                listed.push(Self {
                    msn: next_msn,
                    duration_90k: duration.take()?,
                    program_date_time_unix_ms: date.take()?,
                    discontinuity: std::mem::take(&mut discontinuity),
                    discontinuity_sequence: discontinuities,
                    gap: std::mem::take(&mut gap),
                });
                next_msn = next_msn.checked_add(1)?;
            }
        }
        Some(listed)
    }
}

/// Converts seconds with five decimals to the ticks they were printed from. Printing rounds down and a tick is longer
/// than the last decimal, so rounding up restores the exact value. A restart must not change an EXTINF.
fn ticks(seconds: &str) -> Option<i64> {
    let (whole, decimals) = seconds.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > 4 || decimals.len() != 5 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let hundred_thousandths = whole.parse::<i64>().ok()? * 100_000 + decimals.parse::<i64>().ok()?;
    Some((hundred_thousandths * TICKS_PER_SECOND + 99_999) / 100_000)
}

/// Returns the segments that may precede number `next_media_sequence`: an unbroken run up to it. After a crash the last
/// one may be missing, because it was begun and shown but never finished; its number is then a gap. Any other mismatch
/// means that mirror and memory belong to different runs, and nothing is used.
pub(super) fn continued(
    memory: &StreamMemory,
    restored: Vec<RestoredSegment>,
    segments_max: usize,
) -> VecDeque<Arc<Segment>> {
    let in_a_row = restored.iter().zip(restored.iter().skip(1)).all(|(one, next)| {
        let tagged = u64::from(next.listed.discontinuity);
        one.listed.msn.checked_add(1) == Some(next.listed.msn)
            && one.listed.discontinuity_sequence.checked_add(tagged) == Some(next.listed.discontinuity_sequence)
    });
    let limit_90k = super::Geometry::remembered(memory).map_or(0, super::Geometry::segment_limit_90k);
    let whole = restored.iter().all(|segment| {
        let bytes: usize = segment.pieces.iter().map(|piece| piece.len()).sum();
        (1..=limit_90k).contains(&segment.listed.duration_90k)
            && segment.listed.discontinuity_sequence >= u64::from(segment.listed.discontinuity)
            && Container::OURS.may_be_whole(bytes)
            && (bytes == 0) == segment.listed.gap
    });
    let Some(last) = restored.last().filter(|_| in_a_row && whole).map(|last| last.listed.clone()) else {
        return VecDeque::new();
    };

    let missing = memory.next_media_sequence.checked_sub(last.msn).and_then(|ahead| ahead.checked_sub(1));
    let new_discontinuities = memory.discontinuity_sequence.checked_sub(last.discontinuity_sequence);
    let lost = match (missing, new_discontinuities) {
        (Some(0), Some(0)) => None,
        (Some(1), Some(tagged @ 0..=1)) => Some(lost_after(&last, tagged == 1)),
        _ => return VecDeque::new(),
    };
    let segments: VecDeque<Arc<Segment>> = restored.into_iter().map(segment).chain(lost).map(Arc::new).collect();
    segments.iter().skip(segments.len().saturating_sub(segments_max)).cloned().collect()
}

fn segment(restored: RestoredSegment) -> Segment {
    let RestoredSegment { listed, pieces } = restored;
    let mut crc = flate2::Crc::new();
    let mut parts: Vec<Part> = Vec::with_capacity(pieces.len());
    for bytes in pieces {
        crc.update(&bytes);
        // They are not listed as parts, so nobody needs their durations.
        let (offset, independent) = (parts.last().map_or(0, Part::end), parts.is_empty());
        parts.push(Part { bytes, offset, duration_90k: listed.duration_90k, independent });
    }
    Segment {
        msn: listed.msn,
        complete: true,
        gap: listed.gap,
        discontinuity: listed.discontinuity,
        discontinuity_sequence: listed.discontinuity_sequence,
        program_date_time_unix_ms: listed.program_date_time_unix_ms,
        duration_90k: listed.duration_90k,
        parts,
        has_parts: false,
        crc: crc.sum(),
    }
}

/// The segment that was begun before the crash. It is assumed to be as long as the one before it.
fn lost_after(last: &Listed, discontinuity: bool) -> Segment {
    let date_ms = last.program_date_time_unix_ms.saturating_add(last.duration_90k * 1_000 / TICKS_PER_SECOND);
    segment(RestoredSegment::whole(
        Listed {
            msn: last.msn.saturating_add(1),
            program_date_time_unix_ms: date_ms,
            discontinuity,
            discontinuity_sequence: last.discontinuity_sequence.saturating_add(u64::from(discontinuity)),
            gap: true,
            ..last.clone()
        },
        Arc::from([]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n\
                        #EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    const SEGMENTS: &str = "#EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:15:00.000Z\n#EXTINF:2.00001,\nseg000007.ts\n\
                            #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:16:00.500Z\n\
                            #EXT-X-GAP\n#EXTINF:1.50000,\nseg000008.ts\n";

    #[test]
    fn our_own_playlist_is_read_back() {
        let listed = Listed::read(&[HEAD, SEGMENTS].concat()).unwrap();
        let first = Listed {
            msn: 7,
            duration_90k: 180_001,
            program_date_time_unix_ms: 1_768_767_300_000,
            discontinuity: false,
            discontinuity_sequence: 3,
            gap: false,
        };
        let second = Listed {
            msn: 8,
            duration_90k: 135_000,
            program_date_time_unix_ms: 1_768_767_360_500,
            discontinuity: true,
            discontinuity_sequence: 4,
            gap: true,
        };
        assert_eq!(listed, [first, second]);
        assert_eq!(Listed::read(HEAD), Some(Vec::new()));
    }

    #[test]
    fn incomplete_and_foreign_playlists_are_not_read() {
        let whole = [HEAD, SEGMENTS].concat();
        for (from, to) in [
            ("#EXTM3U\n", ""),
            ("seg000008.ts\n", "seg000008.ts"),
            ("seg000008.ts", "seg000009.ts"),
            ("seg000008.ts", "../seg000008.ts"),
            ("2.00001", "2.0"),
            ("2.00001", "-2.00001"),
            ("2.00001", "99999.00001"),
            ("#EXTINF:2.00001,\n", ""),
            ("2026-01-18", "yesterday"),
            ("SEQUENCE:7", "SEQUENCE:x"),
            ("SEQUENCE:3", "SEQUENCE:18446744073709551615"),
        ] {
            assert_eq!(Listed::read(&whole.replace(from, to)), None, "{from:?} to {to:?}");
        }
    }

    /// Checks segments 5 to 8, of which 7 has a discontinuity, against a memory: how many continue, and how many are
    /// gaps.
    fn check(
        next_media_sequence: u64,
        discontinuity_sequence: u64,
        change: fn(&mut Vec<RestoredSegment>),
        expected: (usize, usize),
    ) {
        let memory =
            StreamMemory { next_media_sequence, discontinuity_sequence, target_duration_s: 2, part_target_ms: 334 };
        let segment = |msn: u64| RestoredSegment {
            listed: Listed {
                msn,
                duration_90k: 180_000,
                program_date_time_unix_ms: 2_000 * msn as i64,
                discontinuity: msn == 7,
                discontinuity_sequence: if msn < 7 { 1 } else { 2 },
                gap: false,
            },
            pieces: vec![Arc::from([0x47; 100]), Arc::from([0x47; 88])],
        };
        let mut restored = (5..=8).map(segment).collect();
        change(&mut restored);
        let taken = continued(&memory, restored, 6);
        assert_eq!((taken.len(), taken.iter().filter(|segment| segment.gap).count()), expected);
        assert!(taken.back().is_none_or(|last| last.msn + 1 == next_media_sequence));
        assert!(taken.back().is_none_or(|last| last.discontinuity_sequence == discontinuity_sequence));
    }

    #[test]
    fn a_mirror_that_ends_at_the_remembered_number_is_restored() {
        check(9, 2, |_| {}, (4, 0));
        check(9, 2, |all| all.truncate(0), (0, 0));
    }

    #[test]
    fn a_published_number_that_was_never_finished_becomes_a_gap() {
        check(10, 2, |_| {}, (5, 1));
        check(10, 3, |_| {}, (5, 1));
        check(10, 2, |all| all.iter_mut().for_each(|one| one.listed.duration_90k = 1), (5, 1));
    }

    #[test]
    fn a_mirror_with_other_numbers_is_not_restored() {
        check(8, 2, |_| {}, (0, 0));
        check(11, 2, |_| {}, (0, 0));
        check(9, 3, |_| {}, (0, 0));
        check(10, 4, |_| {}, (0, 0));
        check(9, 1, |_| {}, (0, 0));
        check(9, 2, |all| drop(all.remove(1)), (0, 0));
        check(9, 2, |all| all[2].listed.discontinuity = false, (0, 0));
        check(9, 2, |all| all[0].listed.duration_90k = 224_911, (0, 0));
        check(9, 2, |all| all[3].pieces = vec![Arc::from([0x47; 187])], (0, 0));
        check(9, 2, |all| all[3].pieces = Vec::new(), (0, 0));
    }

    #[test]
    fn a_playlist_too_long_to_be_ours_is_cut() {
        check(
            9,
            2,
            |all| {
                for msn in (1..5).rev() {
                    let mut earlier = all[0].clone();
                    earlier.listed.msn = msn;
                    all.insert(0, earlier);
                }
            },
            (6, 0),
        );
    }
}
