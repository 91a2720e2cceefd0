//! A strict parser of media playlists, for the judge: it knows the tags of our two playlists and no other.

use std::collections::BTreeMap;

/// Hundred-thousandths of a second: what five decimals say.
pub type Time = i64;
pub const SECOND: Time = 100_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTag {
    pub duration: Time,
    pub uri: String,
    pub len: usize,
    pub offset: usize,
    pub independent: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    pub msn: u64,
    /// `None` while it grows.
    pub uri: Option<String>,
    pub duration: Time,
    pub gap: bool,
    pub discontinuity: bool,
    pub date_ms: Option<i64>,
    pub parts: Vec<PartTag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Playlist {
    pub version: u64,
    pub target_duration: Time,
    pub media_sequence: u64,
    pub discontinuity_sequence: u64,
    pub independent_segments: bool,
    /// Hold-back, part hold-back, part target.
    pub low_latency: Option<(Time, Time, Time)>,
    pub entries: Vec<Entry>,
    pub hint: Option<(String, usize)>,
}

impl Playlist {
    pub fn parse(text: &str) -> Result<Self, String> {
        let body = text.strip_prefix("#EXTM3U\n").ok_or("no #EXTM3U")?;
        if !body.ends_with('\n') || body.contains('\r') {
            return Err("line ends".into());
        }
        let mut playlist = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        let (mut entry, mut control, mut part_target) = (Entry::default(), None, None);
        for line in body.lines() {
            let (tag, value) = line.split_once(':').map_or((line, ""), |(tag, value)| (tag, value));
            let once =
                ["VERSION", "TARGETDURATION", "MEDIA-SEQUENCE", "DISCONTINUITY-SEQUENCE", "INDEPENDENT-SEGMENTS"];
            let name = tag.strip_prefix("#EXT-X-");
            if name.is_some_and(|name| once.contains(&name) || name == "SERVER-CONTROL" || name == "PART-INF") {
                if seen.contains(&tag) || !playlist.entries.is_empty() || entry != Entry::default() {
                    return Err(format!("{line}: twice or late"));
                }
                seen.push(tag);
            }
            let whole = || value.parse::<u64>().map_err(|_| format!("{line}: not a number"));
            match tag {
                "#EXT-X-VERSION" => playlist.version = whole()?,
                "#EXT-X-TARGETDURATION" => playlist.target_duration = whole()? as Time * SECOND,
                "#EXT-X-MEDIA-SEQUENCE" => playlist.media_sequence = whole()?,
                "#EXT-X-DISCONTINUITY-SEQUENCE" => playlist.discontinuity_sequence = whole()?,
                "#EXT-X-INDEPENDENT-SEGMENTS" => playlist.independent_segments = true,
                "#EXT-X-SERVER-CONTROL" => {
                    let all = attributes(value)?;
                    if all.get("CAN-BLOCK-RELOAD").map(String::as_str) != Some("YES") || all.len() != 3 {
                        return Err(format!("{line}: attributes"));
                    }
                    control = Some((time(&all["HOLD-BACK"])?, time(&all["PART-HOLD-BACK"])?));
                }
                "#EXT-X-PART-INF" => part_target = Some(time(attributes(value)?.get("PART-TARGET").ok_or("target")?)?),
                "#EXT-X-DISCONTINUITY" => {
                    if !entry.parts.is_empty() || entry.date_ms.is_some() {
                        return Err(format!("{line}: after parts"));
                    }
                    entry.discontinuity = true;
                }
                "#EXT-X-PROGRAM-DATE-TIME" => {
                    if !entry.parts.is_empty() {
                        return Err(format!("{line}: after parts"));
                    }
                    entry.date_ms = Some(date(value)?);
                }
                "#EXT-X-GAP" => entry.gap = true,
                "#EXT-X-PART" => entry.parts.push(part(value)?),
                "#EXTINF" => entry.duration = time(value.strip_suffix(',').ok_or("EXTINF without comma")?)?,
                "#EXT-X-PRELOAD-HINT" => {
                    let all = attributes(value)?;
                    if all.get("TYPE").map(String::as_str) != Some("PART") || playlist.hint.is_some() {
                        return Err(format!("{line}: type or number"));
                    }
                    let start = all.get("BYTERANGE-START").map_or(Ok(0), |start| start.parse()).map_err(|_| "start")?;
                    playlist.hint = Some((all.get("URI").ok_or("hint without URI")?.clone(), start));
                }
                _ if line.starts_with('#') => return Err(format!("unknown tag {line}")),
                uri => {
                    if playlist.hint.is_some() {
                        return Err("a segment after the hint".into());
                    }
                    entry.uri = Some(uri.to_owned());
                    entry.msn = playlist.media_sequence + playlist.entries.len() as u64;
                    playlist.entries.push(std::mem::take(&mut entry));
                }
            }
        }
        if !entry.parts.is_empty() {
            entry.msn = playlist.media_sequence + playlist.entries.len() as u64;
            entry.duration = entry.parts.iter().map(|part| part.duration).sum();
            playlist.entries.push(entry);
        } else if entry != Entry::default() {
            return Err(format!("tags without a segment: {entry:?}"));
        }
        playlist.low_latency = match (control, part_target) {
            (Some((hold, part_hold)), Some(target)) => Some((hold, part_hold, target)),
            (None, None) => None,
            _ => return Err("SERVER-CONTROL and PART-INF belong together".into()),
        };
        Ok(playlist)
    }

    /// The discontinuity sequence number of each entry.
    pub fn discontinuities(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().scan(self.discontinuity_sequence, |count, entry| {
            *count += u64::from(entry.discontinuity);
            Some((*count, entry))
        })
    }

    pub fn total(&self) -> Time {
        self.entries.iter().map(|entry| entry.duration).sum()
    }

    /// How many parts of a segment are listed, and whether it is complete; `None` when it is not listed.
    pub fn progress(&self, msn: u64) -> Option<(usize, bool)> {
        let entry = self.entries.iter().find(|entry| entry.msn == msn)?;
        Some((entry.parts.len(), entry.uri.is_some()))
    }
}

fn attributes(list: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(|| format!("attribute in {list}"))?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| format!("quotes in {list}"))?,
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        if all.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("{name} twice in {list}"));
        }
        rest = after.strip_prefix(',').unwrap_or(after);
        if !after.is_empty() && !after.starts_with(',') {
            return Err(format!("comma in {list}"));
        }
    }
    Ok(all)
}

fn part(list: &str) -> Result<PartTag, String> {
    let all = attributes(list)?;
    let get = |name: &str| all.get(name).ok_or_else(|| format!("{name} missing in {list}"));
    let (len, offset) = get("BYTERANGE")?.split_once('@').ok_or("BYTERANGE without offset")?;
    let number = |digits: &str| digits.parse::<usize>().map_err(|_| format!("BYTERANGE in {list}"));
    let independent = all.get("INDEPENDENT").is_some_and(|yes| yes == "YES");
    if all.len() != 3 + usize::from(independent) {
        return Err(format!("attributes of {list}"));
    }
    let (duration, uri) = (time(get("DURATION")?)?, get("URI")?.clone());
    Ok(PartTag { duration, uri, len: number(len)?, offset: number(offset)?, independent })
}

fn time(text: &str) -> Result<Time, String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 5 || !digits(whole) || !digits(decimals) {
        return Err(format!("time {text}"));
    }
    let decimals: Time = format!("{decimals:0<5}").parse().map_err(|_| text.to_owned())?;
    Ok(whole.parse::<Time>().map_err(|_| text.to_owned())? * SECOND + decimals)
}

/// `2026-01-18T20:15:00.007Z` to milliseconds since 1970.
fn date(text: &str) -> Result<i64, String> {
    let bad = || format!("date {text}");
    if text.len() != 24 || !text.ends_with('Z') || &text[10..11] != "T" || &text[19..20] != "." {
        return Err(bad());
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().map_err(|_| bad());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month_days = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = (1970..year).map(|year| 365 + i64::from(leap(year))).sum::<i64>()
        + month_days.iter().take(month as usize - 1).sum::<i64>()
        + day
        - 1;
    Ok((((days * 24 + number(11, 13)?) * 60 + number(14, 16)?) * 60 + number(17, 19)?) * 1_000 + number(20, 23)?)
}
