//! A playlist read back from the disk after a restart, whatever has become of the file: refused, or a window that goes
//! on where the numbers were and shows what was read.

use std::sync::Arc;

use platecast::hls::{Listed, Packager, Playlist, RestoredSegment, Settings, StreamMemory};

/// More is not in any file of ours.
const SEGMENTS: usize = 64;

/// The first two bytes choose what the database remembers, the rest is the file.
pub fn check(data: &[u8]) {
    let Some((&[ahead, target], file)) = data.split_first_chunk::<2>() else { return };
    let Ok(text) = std::str::from_utf8(file) else { return };
    let Some(listed) = Listed::read(text) else { return };
    assert!(listed.len() <= text.len());
    let last = listed.last();
    let memory = StreamMemory {
        // The database keeps signed numbers.
        next_media_sequence: last
            .map_or(1, |last| last.msn.saturating_add(u64::from(ahead % 4)))
            .clamp(1, i64::MAX as u64),
        discontinuity_sequence: last.map_or(0, |last| last.discontinuity_sequence).min(i64::MAX as u64),
        target_duration_s: u32::from(target % 8),
        part_target_ms: if target & 8 != 0 { 334 } else { 0 },
    };
    let whole = |listed: &Listed| {
        RestoredSegment::whole(listed.clone(), Arc::from(vec![0x47; if listed.gap { 0 } else { 188 }]))
    };
    let restored: Vec<RestoredSegment> = listed.iter().take(SEGMENTS).map(whole).collect();
    let packager = Packager::new(Settings::default(), Some(memory), restored);
    assert!(packager.memory().next_media_sequence >= memory.next_media_sequence);
    let Some(snapshot) = packager.snapshot() else { return };
    if let Some(rendered) = snapshot.playlist(Playlist::Standard) {
        let shown = Listed::read(&String::from_utf8_lossy(&rendered.plain)).expect("our own playlist");
        // A lost segment may stand behind them; the others are those that were read.
        assert!(shown.iter().filter(|segment| !segment.gap).all(|segment| listed.contains(segment)), "{shown:?}");
    }
}
