//! Access units of any kind through packager and still: playlists stay readable and bounded, segments are whole
//! transport packets, numbers never go back, and our own reader understands our own playlist.

use platecast::hls::{Listed, Packager, Playlist, Settings};
use platecast::media::{AccessUnit, mp4};

const SPS: &[u8] =
    b"\x67\x42\xc0\x1f\x8d\x8d\x50\x24\x82\xd9\x36\x40\x00\x00\x03\x00\x40\x00\x00\x0f\x23\xc2\x21\x1a\x80";
const PPS: &[u8] = b"\x68\xce\x31\xb2";
const UNITS: usize = 200;
/// Each look renders and reads two playlists.
const LOOK_EACH: usize = 16;
const PLAYLIST_BYTES: usize = 64 * 1024;

/// Each unit is four bytes of the input: kind, size, and how long it lasts.
pub fn check(data: &[u8]) {
    let mut packager = Packager::new(Settings::default(), None, Vec::new());
    let (mut dts_90k, mut now_ms, mut first) = (0_i64, 0_i64, 0);
    for (number, step) in data.chunks_exact(4).take(UNITS).enumerate() {
        let &[kind, size, low, high] = step else { return };
        let duration_90k = 1 + i64::from(u16::from_be_bytes([high, low])) * if kind & 0x20 != 0 { 64 } else { 1 };
        let unit = unit(kind, size, dts_90k, duration_90k, now_ms);
        if unit.idr {
            let _ = mp4::still(&unit);
        }
        if kind & 0x40 != 0 {
            packager.interrupt();
        }
        if kind & 0x10 != 0 {
            packager = packager.renewed();
        }
        packager.push(&unit, now_ms);
        dts_90k += duration_90k;
        now_ms += duration_90k / 90;
        if number % LOOK_EACH == 0 {
            first = look(&packager, first);
        }
    }
    look(&packager, first);
}

fn unit(kind: u8, size: u8, dts_90k: i64, duration_90k: i64, now_ms: i64) -> AccessUnit {
    let idr = kind & 1 != 0;
    let mut unit = AccessUnit {
        pts_90k: dts_90k + i64::from(kind >> 1 & 3) * duration_90k,
        dts_90k,
        duration_90k,
        idr,
        discontinuity: idr && kind & 8 != 0,
        captured_unix_ms: now_ms,
        ..AccessUnit::default()
    };
    let slice = vec![if idr { 0x65 } else { 0x41 }; 1 + usize::from(size) * 16];
    let sets = if idr { &[SPS, PPS][..] } else { &[] };
    for nal in sets.iter().copied().chain([&slice[..]]) {
        let start = unit.bytes.len() as u32;
        unit.bytes.extend_from_slice(nal);
        unit.nal_units.push(start..unit.bytes.len() as u32);
    }
    unit
}

/// The first number that is listed, which is at least `before`.
fn look(packager: &Packager, before: u64) -> u64 {
    let Some(snapshot) = packager.snapshot() else { return before };
    for segment in snapshot.listed().filter(|segment| !segment.gap) {
        assert!(segment.len().is_multiple_of(188), "segment {}", segment.msn);
    }
    for playlist in [Playlist::Standard, Playlist::LowLatency] {
        if let Some(rendered) = snapshot.playlist(playlist) {
            assert!(rendered.plain.len() <= PLAYLIST_BYTES, "{} bytes", rendered.plain.len());
        }
    }
    let standard = snapshot.playlist(Playlist::Standard).map(|rendered| String::from_utf8_lossy(&rendered.plain));
    let Some(listed) = standard.map(|text| Listed::read(&text).expect("our own playlist")) else { return before };
    let first = listed.first().map_or(before, |segment| segment.msn);
    assert!(first >= before, "{first} after {before}");
    first
}
