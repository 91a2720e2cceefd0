//! The mirror of a stream on disk: `HLS_OUTPUT_DIR/<printerId>/` with `stream.m3u8` and its segments.
//!
//! The thread is told "a segment is finished" and then makes the directory look like the newest snapshot: what is
//! missing is written, then the playlist, then what nobody lists any more is deleted. A disk that stalls or fills
//! up costs the mirror segments and the stream nothing. Files appear whole: temporary name, then rename.

use super::Live;
use crate::hls::{Listed, Playlist, RestoredSegment, Segment, Snapshot};
use crossbeam_channel::Receiver;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The playlist's name, the same as its path in HTTP.
const PLAYLIST: &str = "stream.m3u8";

/// A playlist of ours is a few KiB; a larger file is not one.
const PLAYLIST_BYTES: u64 = 256 * 1024;

/// A segment larger than this was not written by us.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Mirrors what `live` publishes each time the bell is rung, and once more when its other end is gone.
pub fn run(directory: &Path, live: &Live, rung: &Receiver<()>) {
    let mut failing = false;
    let mut open = true;
    while open {
        open = rung.recv().is_ok();
        let Some(snapshot) = live.snapshot() else { continue };
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
    let listed = Listed::read(&String::from_utf8_lossy(&playlist.plain)).unwrap_or_default();
    for segment in listed.iter().filter_map(|listed| snapshot.segment(listed.msn)) {
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

/// Only files of this mirror are ever deleted: segments, and temporary files left by a crash.
fn is_ours(path: &Path) -> bool {
    let stem = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    stem.ends_with(".new") || (stem.starts_with("seg") && stem.ends_with(".ts"))
}

fn replace<'a>(path: &Path, pieces: impl IntoIterator<Item = &'a [u8]>) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = File::create(&fresh)?;
    pieces.into_iter().try_for_each(|piece| file.write_all(piece))?;
    fs::rename(fresh, path)
}

/// What an earlier life of the program has left in `directory`: all the segments its playlist lists, or none.
#[must_use]
pub fn read_back(directory: &Path) -> Vec<RestoredSegment> {
    let Ok(text) = bounded(&directory.join(PLAYLIST), PLAYLIST_BYTES) else { return Vec::new() };
    let Some(listed) = Listed::read(&String::from_utf8_lossy(&text)) else {
        log::warn!("{}: the playlist there is not ours and is not used", directory.display());
        return Vec::new();
    };
    let read = |listed: Listed| {
        let path = directory.join(Segment::uri_of(listed.msn));
        let bytes = if listed.gap { Vec::new() } else { bounded(&path, SEGMENT_BYTES).ok()? };
        Some(RestoredSegment::whole(listed, bytes.into()))
    };
    let segments: Option<Vec<RestoredSegment>> = listed.into_iter().map(read).collect();
    if segments.is_none() {
        log::warn!("{}: a segment of the playlist there is missing, none is used", directory.display());
    }
    segments.unwrap_or_default()
}

/// A file's bytes, when it is there and not larger than `limit`.
fn bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("{} is larger than {limit} bytes", path.display()),
        ));
    }
    fs::read(path)
}
