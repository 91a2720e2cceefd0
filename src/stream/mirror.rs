//! The mirror of a stream on disk: `HLS_OUTPUT_DIR/<printerId>/` with `stream.m3u8` and its segments.
//!
//! Each finished segment wakes the thread, which then makes the directory match the newest snapshot. It writes the
//! missing segments, then the playlist, and then deletes the files that are no longer listed. A disk that stalls or
//! fills up costs the mirror segments; the stream is not affected. Files appear whole: each is written under a
//! temporary name and then renamed.

use super::segments::{Finished, SegmentFollower};
use crate::base::thread::waits_for;
use crate::hls::{Listed, Playlist, RestoredSegment, Segment, Snapshot};
use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// The playlist's name, the same as its path in HTTP.
const PLAYLIST: &str = "stream.m3u8";

/// Our own playlists take a few KiB; a larger file is not ours.
const PLAYLIST_BYTES: u64 = 256 * 1024;

/// Our own segments are smaller than this; a larger file is not ours.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Mirrors the newest snapshot after each finished segment, until the stream ends.
pub fn run(directory: &Path, segments: SegmentFollower) {
    let mut failing = false;
    for Finished { snapshot, .. } in segments {
        waits_for("the disk of HLS_OUTPUT_DIR", None);
        match synchronise(directory, &snapshot) {
            Ok(()) if failing => {
                failing = false;
                log::info!("{}: the mirror is up to date again", directory.display());
            }
            Err(error) if !failing => {
                failing = true;
                log::warn!(
                    "{}: the mirror cannot be written, the stream goes on from memory: {error}",
                    directory.display()
                );
            }
            _ => {}
        }
    }
}

fn synchronise(directory: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let Some(playlist) = snapshot.playlist(Playlist::Standard) else { return Ok(()) };
    fs::create_dir_all(directory)?;
    let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
    for segment in snapshot.listed().filter(|segment| !segment.gap) {
        let path = directory.join(segment.uri());
        if fs::metadata(&path).is_ok_and(|file| file.len() == segment.len() as u64) {
            wanted.insert(path);
            continue;
        }
        replace(&path, segment.parts.iter().map(|part| &*part.bytes))?;
        wanted.insert(path);
    }
    replace(&directory.join(PLAYLIST), [&*playlist.plain])?;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if is_ours(&path) && !wanted.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Only these files of the mirror are ever deleted: segments, and temporary files left by a crash.
fn is_ours(path: &Path) -> bool {
    let stem = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    stem.ends_with(".new") || Segment::msn_of(stem).is_some()
}

fn replace<'a>(path: &Path, pieces: impl IntoIterator<Item = &'a [u8]>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = File::create(&fresh)?;
    pieces.into_iter().try_for_each(|piece| file.write_all(piece))?;
    fs::rename(fresh, path)
}

/// Reads back what an earlier process left in `directory`. Returns the newest segments that its playlist lists, as many
/// as fit into `bytes_max`. Returns none if one of them is missing.
#[must_use]
pub fn read_back(directory: &Path, bytes_max: usize) -> Vec<RestoredSegment> {
    let Ok(text) = bounded(&directory.join(PLAYLIST), PLAYLIST_BYTES) else { return Vec::new() };
    let Some(listed) = Listed::read(&String::from_utf8_lossy(&text)) else {
        log::warn!("{}: the playlist there is not ours and is not used", directory.display());
        return Vec::new();
    };
    let (mut segments, mut left) = (VecDeque::new(), bytes_max as u64);
    for listed in listed.into_iter().rev() {
        let path = directory.join(Segment::uri_of(listed.msn));
        let length = if listed.gap { Ok(0) } else { fs::metadata(&path).map(|file| file.len()) };
        if length.as_ref().is_ok_and(|length| *length > left) {
            break;
        }
        let bytes = if listed.gap { Ok(Vec::new()) } else { bounded(&path, left.min(SEGMENT_BYTES)) };
        let Ok(bytes) = bytes else {
            log::warn!(
                "{}: a segment that the playlist names is missing, so none of them is used",
                directory.display()
            );
            return Vec::new();
        };
        left = left.saturating_sub(bytes.len() as u64);
        segments.push_front(RestoredSegment::whole(listed, bytes.into()));
    }
    segments.into()
}

/// Reads a file of at most `limit` bytes. The limit also holds if the file grows while it is read.
fn bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("{} is larger than {limit} bytes", path.display()),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::Live;
    use super::*;
    use crate::hls::{Packager, Settings};
    use crate::media::AccessUnit;
    use std::sync::Arc;

    #[test]
    fn what_was_mirrored_is_read_back_as_it_was_listed() {
        let directory = std::env::temp_dir().join(format!("platecast-mirrored-{}", std::process::id()));
        let live = Arc::new(Live::default());
        let segments = SegmentFollower::new(Arc::clone(&live));
        let mut packager = Packager::new(Settings::default(), None, Vec::new());
        let publish = |packager: &Packager, snapshot: Option<Arc<Snapshot>>| {
            snapshot.into_iter().for_each(|snapshot| live.publish(snapshot));
            live.set_made(packager.made());
        };
        std::thread::scope(|scope| {
            let mirror = scope.spawn(|| run(&directory, segments));
            for number in 0..30 * 30 {
                let unit = AccessUnit {
                    bytes: vec![0x41; 100],
                    pts_90k: number * 3_000,
                    dts_90k: number * 3_000,
                    duration_90k: 3_000,
                    idr: number % 30 == 0,
                    captured_unix_ms: number * 100 / 3,
                    ..AccessUnit::default()
                };
                let snapshot = packager.push(&unit, 0);
                publish(&packager, snapshot);
            }
            let snapshot = packager.interrupt();
            publish(&packager, snapshot);
            live.finished().end();
            mirror.join().unwrap();
        });
        let listed: Vec<_> = live.snapshot().unwrap().listed().map(|one| (one.msn, one.len())).collect();
        let read: Vec<_> =
            read_back(&directory, 1 << 20).iter().map(|one| (one.listed.msn, one.pieces.concat().len())).collect();
        assert_eq!((read.len(), read), (listed.len(), listed));
        let files = fs::read_dir(&directory).unwrap().count();
        assert_eq!(files, read_back(&directory, 1 << 20).len() + 1, "what is not listed any more is deleted");
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn reading_back_stays_within_the_memory_limit() {
        let directory = std::env::temp_dir().join(format!("platecast-mirror-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut playlist = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n".to_owned();
        for msn in 1..=5 {
            let name = Segment::uri_of(msn);
            fs::write(directory.join(&name), vec![0x47; 1_000]).unwrap();
            playlist.push_str(&format!(
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-18T20:15:0{msn}.000Z\n#EXTINF:1.00000,\n{name}\n"
            ));
        }
        fs::write(directory.join(PLAYLIST), playlist).unwrap();
        let read = |bytes_max| read_back(&directory, bytes_max).iter().map(|one| one.listed.msn).collect::<Vec<_>>();
        assert_eq!(read(1 << 20), [1, 2, 3, 4, 5]);
        assert_eq!(read(3_500), [3, 4, 5], "the newest");
        assert_eq!(read(10), [0_u64; 0]);
        fs::remove_file(directory.join(Segment::uri_of(4))).unwrap();
        assert_eq!(read(1 << 20), [0_u64; 0], "one is missing");
        fs::remove_dir_all(&directory).unwrap();
    }
}
