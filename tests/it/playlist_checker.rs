//! A judge of playlists that shares nothing with their author: the rules of draft-pantos-hls-rfc8216bis-22 for one
//! playlist and for a row of them, as a viewer sees them.

use crate::playlist_parser::{Entry, Playlist, SECOND, Time};
use crate::ts_reader::{Carried, Reader};
use std::collections::BTreeMap;

/// What the viewer knows of the camera that the playlist cannot tell.
#[derive(Debug, Clone, Copy)]
pub struct Camera {
    /// One frame rate and one key-frame interval, no jitter and no holes: no exception applies.
    pub steady: bool,
    /// And nothing happens to it.
    pub undisturbed: bool,
    /// How many segments the list has when nothing breaks.
    pub window: usize,
}

/// One that watches a playlist through everything that happens to it.
#[derive(Debug, Default)]
pub struct Viewer {
    last: Option<Playlist>,
    /// Everything ever seen of a segment.
    known: BTreeMap<u64, Known>,
    /// Media time: the durations of all segments completed.
    clock: Time,
    /// The media sequence of the playlist after which the retired ones were looked at.
    retired_at: u64,
    /// How often the server's window may have been lost since the last playlist.
    restarts: u64,
    pub target_raises: u32,
    pub part_target_raises: u32,
    pub hints_kept: u32,
    pub hints_broken: u32,
}

#[derive(Debug, Clone)]
struct Known {
    discontinuities: u64,
    entry: Entry,
    bytes: Vec<u8>,
    parts_gone: bool,
    /// The duration of the longest playlist that listed it.
    longest: Time,
    /// When it may be forgotten; `None` while it is listed.
    until: Option<Time>,
}

/// Where a viewer gets bytes from: a URI, and a range from a first to a last byte.
pub type Fetch<'a> = &'a dyn Fn(&str, Option<(usize, usize)>) -> Option<Vec<u8>>;

macro_rules! rule {
    ($holds:expr, $($broken:tt)+) => {
        if !$holds {
            return Err(format!($($broken)+));
        }
    };
}

impl Viewer {
    /// The server has begun a new life: what has left the list may be gone with the old one.
    pub fn server_restarted(&mut self) {
        self.restarts += 1;
    }

    /// Looks at the next playlist.
    pub fn see(&mut self, text: &str, camera: Camera, fetch: Fetch<'_>) -> Result<(), String> {
        let playlist = Playlist::parse(text)?;
        check_alone(&playlist, camera)?;
        let restarts = std::mem::take(&mut self.restarts);
        if restarts > 0 {
            self.known.retain(|msn, _| *msn >= playlist.media_sequence);
        }
        if let Some(last) = self.last.take() {
            self.check_row(&last, &playlist, restarts)?;
        }
        for (discontinuities, entry) in playlist.discontinuities() {
            self.check_entry(&playlist, discontinuities, entry, camera, fetch)
                .map_err(|wrong| format!("segment {}: {wrong}", entry.msn))?;
        }
        if self.retired_at != playlist.media_sequence {
            self.check_retired(&playlist, fetch)?;
            self.retired_at = playlist.media_sequence;
        }
        self.last = Some(playlist);
        Ok(())
    }

    pub fn last(&self) -> Option<&Playlist> {
        self.last.as_ref()
    }

    fn check_row(&mut self, last: &Playlist, now: &Playlist, restarts: u64) -> Result<(), String> {
        rule!(now.media_sequence >= last.media_sequence, "media sequence went back");
        let newest = |playlist: &Playlist| playlist.entries.last().map_or(0, |entry| entry.msn);
        rule!(newest(now) >= newest(last), "the newest segment went back");
        // A segment that grew when a server died was never seen by those who see complete ones.
        let lost = if now.low_latency.is_none() { restarts } else { 0 };
        rule!(now.media_sequence <= newest(last) + 1 + lost, "numbers were left out");
        let part_target = |playlist: &Playlist| playlist.low_latency.map(|all| all.2);
        rule!(part_target(now) >= part_target(last), "PART-TARGET shrank");
        self.part_target_raises += u32::from(part_target(now) != part_target(last));
        rule!(now.target_duration >= last.target_duration, "TARGETDURATION shrank");
        if now.target_duration != last.target_duration {
            self.target_raises += 1;
        }
        // A server that has lost its mirror begins with an empty list.
        let goes_on = restarts == 0 || now.media_sequence <= newest(last);
        let removed = now.media_sequence > last.media_sequence && goes_on;
        // Each duration is rounded down.
        let total = now.total() + now.entries.len() as Time;
        rule!(!removed || total >= 3 * now.target_duration || now.entries.len() > 60, "list cut too short");
        self.check_hint(last, now);
        Ok(())
    }

    /// Whether the part that came was the one hinted at. A hint may fail where a segment ends, not elsewhere.
    fn check_hint(&mut self, last: &Playlist, now: &Playlist) {
        let Some((uri, start)) = &last.hint else { return };
        let before: usize =
            last.entries.iter().filter(|entry| entry.uri.is_none()).map(|entry| entry.parts.len()).sum();
        let open = last.entries.iter().find(|entry| entry.uri.is_none()).map(|entry| entry.msn);
        let new_parts = now.entries.iter().flat_map(|entry| {
            let known = match open {
                Some(open) if entry.msn == open => before,
                Some(open) if entry.msn > open => 0,
                None if last.entries.last().is_some_and(|last| entry.msn > last.msn) => 0,
                _ => usize::MAX,
            };
            entry.parts.iter().skip(known)
        });
        match new_parts.into_iter().next() {
            Some(part) if part.uri == *uri && part.offset == *start => self.hints_kept += 1,
            Some(_) => self.hints_broken += 1,
            None => {}
        }
    }

    fn check_entry(
        &mut self,
        playlist: &Playlist,
        discontinuities: u64,
        entry: &Entry,
        camera: Camera,
        fetch: Fetch<'_>,
    ) -> Result<(), String> {
        let uri = entry.uri.clone().or_else(|| Some(entry.parts.first()?.uri.clone())).ok_or("no URI")?;
        rule!(uri == format!("seg{:06}.ts", entry.msn), "URI {uri}");
        let previous = self.known.get(&entry.msn.wrapping_sub(1)).cloned();
        let known = self.known.entry(entry.msn).or_insert_with(|| Known {
            discontinuities,
            entry: Entry { parts: Vec::new(), uri: None, duration: 0, ..entry.clone() },
            bytes: Vec::new(),
            parts_gone: false,
            longest: 0,
            until: None,
        });
        known.longest = known.longest.max(playlist.total());
        rule!(
            known.discontinuities == discontinuities,
            "discontinuity number {discontinuities}, was {}",
            known.discontinuities
        );
        rule!(known.until.is_none(), "came back into the list");
        rule!(known.entry.discontinuity == entry.discontinuity, "DISCONTINUITY changed");
        // The one exception: a segment that was growing when the server died comes back as a gap.
        let lost = entry.gap && known.entry.uri.is_none();
        rule!(lost || known.entry.date_ms == entry.date_ms, "date changed");

        // Parts are only added, and dropped all at once and for good.
        let had = &known.entry.parts;
        if entry.parts.is_empty() {
            known.parts_gone |= !had.is_empty();
        } else {
            rule!(!known.parts_gone, "dropped parts came back");
            rule!(entry.parts.len() >= had.len() && entry.parts[..had.len()] == had[..], "parts changed");
            for part in &entry.parts[had.len()..] {
                rule!(part.uri == uri && part.offset == known.bytes.len(), "part {part:?} does not follow");
                let bytes = fetch(&uri, Some((part.offset, part.offset + part.len - 1))).ok_or("part not there")?;
                rule!(bytes.len() == part.len, "part of {} bytes instead of {}", bytes.len(), part.len);
                known.bytes.extend_from_slice(&bytes);
            }
            known.entry.parts.clone_from(&entry.parts);
        }

        if entry.uri.is_some() && !lost {
            if known.entry.uri.is_none() {
                let whole = fetch(&uri, None);
                rule!(whole.is_some() != entry.gap, "there: {}, gap: {}", whole.is_some(), entry.gap);
                let whole = whole.unwrap_or_default();
                rule!(whole.starts_with(&known.bytes), "other bytes than its parts");
                rule!(entry.parts.is_empty() || whole.len() == known.bytes.len(), "parts do not cover the segment");
                known.bytes = whole;
                self.clock += entry.duration;
                let (known_entry, bytes) = (entry.clone(), known.bytes.clone());
                check_media(playlist, &known_entry, &bytes, previous.as_ref(), camera)?;
            }
            rule!(known.entry.uri.is_none() || known.entry.duration == entry.duration, "EXTINF changed");
        }
        let parts = std::mem::take(&mut known.entry.parts);
        known.entry = Entry { parts, ..entry.clone() };
        Ok(())
    }

    /// A segment that has left the list is there for as long as it and that list last.
    fn check_retired(&mut self, now: &Playlist, fetch: Fetch<'_>) -> Result<(), String> {
        let clock = self.clock;
        for (msn, known) in self.known.range_mut(..now.media_sequence) {
            // Less a little: durations are rounded down.
            let until = *known.until.get_or_insert(clock + known.entry.duration + known.longest - 100);
            if until > clock && known.entry.uri.is_some() && !known.entry.gap {
                let uri = format!("seg{msn:06}.ts");
                let end = known.bytes.len() - 1;
                let last_byte = fetch(&uri, Some((end, end))).ok_or(format!("{uri} was removed too early"))?;
                rule!(last_byte.first() == known.bytes.last(), "{uri} has other bytes now");
            }
        }
        // The one before the list stays known: its neighbour is checked against it.
        let first = now.media_sequence;
        self.known.retain(|msn, known| *msn + 1 >= first || known.until.is_none_or(|until| until > clock));
        Ok(())
    }
}

/// The rules that one playlist must keep by itself.
fn check_alone(playlist: &Playlist, camera: Camera) -> Result<(), String> {
    rule!(!playlist.entries.is_empty(), "an empty playlist");
    rule!(playlist.media_sequence >= 1, "media sequence 0");
    rule!(playlist.independent_segments, "no INDEPENDENT-SEGMENTS");
    rule!(playlist.target_duration >= 2 * SECOND, "TARGETDURATION {}", playlist.target_duration);
    let complete: Vec<Time> =
        playlist.entries.iter().filter(|entry| entry.uri.is_some()).map(|entry| entry.duration).collect();
    let needed = complete.iter().skip(1).sum::<Time>() < 3 * playlist.target_duration;
    rule!(complete.len() <= camera.window || needed, "{} segments", complete.len());
    match playlist.low_latency {
        None => {
            rule!(playlist.version == 3, "version {}", playlist.version);
            let plain = playlist.entries.iter().all(|entry| entry.parts.is_empty() && entry.uri.is_some());
            rule!(plain && playlist.hint.is_none(), "low-latency tags in a standard playlist");
        }
        Some((hold_back, part_hold_back, part_target)) => {
            rule!(playlist.version == 6, "version {}", playlist.version);
            rule!(hold_back >= 3 * playlist.target_duration, "HOLD-BACK {hold_back}");
            rule!(part_hold_back >= (3 * part_target).max(120_000), "PART-HOLD-BACK {part_hold_back}");
            rule!(playlist.hint.is_some(), "no hint");
            let mut to_end = playlist.total();
            for entry in &playlist.entries {
                rule!(entry.parts.is_empty() || to_end <= 3 * playlist.target_duration + 10, "parts listed too long");
                to_end -= entry.duration;
                check_parts(entry, part_target)?;
            }
        }
    }
    for entry in &playlist.entries {
        rule!(entry.duration > 0, "no duration");
        // The parts of a segment that grows were foreseen, and may be off by half a picture in all.
        let foreseen = if entry.uri.is_none() { playlist.low_latency.map_or(0, |all| all.2) } else { 0 };
        let rounded = (entry.duration - foreseen + SECOND / 2) / SECOND * SECOND;
        rule!(rounded <= playlist.target_duration, "EXTINF {}", entry.duration);
        rule!(entry.date_ms.is_some(), "no date");
    }
    for pair in playlist.entries.windows(2) {
        let expected = pair[0].date_ms.unwrap_or(0) + pair[0].duration / 100;
        let off = (pair[1].date_ms.unwrap_or(0) - expected).abs();
        rule!(off <= 1_001 || pair[1].discontinuity || pair[1].gap, "date {off} ms off at {}", pair[1].msn);
        rule!(pair[0].uri.is_some(), "a segment after an open one");
    }
    Ok(())
}

fn check_parts(entry: &Entry, part_target: Time) -> Result<(), String> {
    for part in &entry.parts {
        rule!(part.duration > 0 && part.duration <= part_target, "part of {} above {part_target}", part.duration);
    }
    let independent = entry.parts.first().is_none_or(|part| part.independent || part.offset > 0);
    rule!(independent, "segment {} does not begin with an independent part", entry.msn);
    Ok(())
}

/// A complete segment's media against what the playlist says of it.
fn check_media(
    playlist: &Playlist,
    entry: &Entry,
    bytes: &[u8],
    previous: Option<&Known>,
    camera: Camera,
) -> Result<(), String> {
    if entry.gap {
        return Ok(());
    }
    let mut reader = Reader::default();
    let before = previous.filter(|previous| !previous.bytes.is_empty() && previous.entry.uri.is_some());
    let follows = before.filter(|_| !entry.discontinuity);
    let mut end = None;
    if let Some(before) = follows {
        // Counters and clock run on from the segment before.
        let units = reader.segment(&before.bytes)?;
        end = units.first().map(|unit| unit.dts + before.entry.duration * 9 / 10);
    }
    let units = reader.segment(bytes)?;
    let first = units.first().ok_or("no pictures")?;
    rule!(first.random_access && is_idr(first), "does not begin with an IDR");
    rule!(units.windows(2).all(|pair| pair[0].dts < pair[1].dts), "times do not rise");
    if let Some(end) = end {
        let off = (first.dts - end).abs();
        rule!(off <= 2, "begins {off} ticks from where the one before ended");
    }
    // A player guesses how long a picture lasts from another one of the same piece.
    rule!(!camera.undisturbed || units.len() >= 2, "a segment of one picture");
    let Some((_, _, part_target)) = playlist.low_latency.filter(|_| !entry.parts.is_empty()) else { return Ok(()) };

    let total: Time = entry.parts.iter().map(|part| part.duration).sum();
    // The segment tells how long its last picture lasted.
    let last = units.last().map_or(0, |last| entry.duration * 9 / 10 - (last.dts - first.dts));
    let longest = units.windows(2).map(|pair| pair[1].dts - pair[0].dts).fold(last, Time::max);
    let slack = if camera.steady { 0 } else { longest * 10 / 9 / 2 } + 3 * entry.parts.len() as Time;
    rule!(total <= entry.duration + slack, "parts of {total} in a segment of {}", entry.duration);
    rule!(!camera.steady || total + slack >= entry.duration, "parts of {total} in a segment of {}", entry.duration);
    for (index, part) in entry.parts.iter().enumerate() {
        let within = |unit: &&Carried| (part.offset..part.offset + part.len).contains(&(unit.packet * 188));
        let mine: Vec<&Carried> = units.iter().filter(within).collect();
        let first = mine.first().ok_or("a part without a picture")?;
        rule!(part.independent == is_idr(first), "INDEPENDENT={} is not so", part.independent);
        let alone = mine.len() == 1 && part.duration > SECOND * 6 / 5 && index + 1 < entry.parts.len();
        rule!(!camera.undisturbed || !alone, "a long picture alone in a part before another");
        let short = part.duration * 100 < part_target * 85;
        if short && !part.independent && index + 1 < entry.parts.len() {
            rule!(!camera.steady, "part of {} under 85 % of {part_target}", part.duration);
            // Only if one picture more would have been too much.
            let next = units.iter().position(|unit| unit.dts > mine[mine.len() - 1].dts).ok_or("no next")?;
            let after = units.get(next + 1).map_or(units[0].dts + entry.duration * 9 / 10, |unit| unit.dts);
            let with_next = (after - first.dts) * 10 / 9;
            // Nobody can foresee a picture much shorter than the one before.
            let foreseeable = (after - units[next].dts) * 4 > (units[next].dts - mine[mine.len() - 1].dts) * 3;
            // It is foreseen from a picture's usual length; the jitter of two may make it wrong by a fifth.
            rule!(with_next * 100 > part_target * 78 || !foreseeable, "part of {} for no reason", part.duration);
        }
    }
    Ok(())
}

fn is_idr(unit: &Carried) -> bool {
    let starts = unit.bytes.windows(4).filter(|window| window[..3] == [0, 0, 1]);
    let kinds: Vec<u8> = starts.map(|window| window[3] & 31).collect();
    kinds.contains(&5) && kinds.contains(&7) && kinds.contains(&8)
}
