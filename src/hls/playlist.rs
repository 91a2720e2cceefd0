//! The text of the two playlists, rendered once for all viewers.

use super::segment::{Segment, uri};
use super::{Container, Geometry};
use crate::base::clock::rfc3339_ms;
use crate::media::TICKS_PER_SECOND;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

/// A playlist as it is sent.
#[derive(Debug)]
pub struct Rendered {
    /// The text without compression.
    pub plain: Arc<[u8]>,
    gzip: OnceLock<Arc<[u8]>>,
    /// The entity tag is made of the newest segment, its parts and the text's CRC. The same text has the same tag in
    /// any process.
    pub tag: String,
}

/// The input of a playlist.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) geometry: Geometry,
    /// Complete segments.
    pub(super) segments: &'a VecDeque<Arc<Segment>>,
    /// The segment that grows, if it has a part.
    pub(super) open: Option<&'a Segment>,
    /// The first segment whose parts are listed.
    pub(super) parts_from: u64,
    /// Where the next part is expected: its segment and the offset in it.
    pub(super) hint: (u64, usize),
}

/// Renders the standard playlist. Returns `None` before the first complete segment.
pub(super) fn standard(view: &View<'_>) -> Option<Rendered> {
    let first = first_listed(view)?;
    let mut text = head(view, first, 3);
    for segment in view.segments {
        segment_tags(&mut text, segment);
        segment_uri(&mut text, segment);
    }
    Some(rendered(text, view.segments.back().map_or(0, |last| last.msn), 0))
}

/// Renders the low-latency playlist. Returns `None` before the first complete segment, even if there are parts. To
/// hls.js a list without a segment is empty. If it was playing when our service restarted, that error is fatal
/// (`levelEmptyError`).
pub(super) fn low_latency(view: &View<'_>) -> Option<Rendered> {
    let first = first_listed(view)?;
    let Geometry { part_target_ms, .. } = view.geometry;
    let mut text = head(view, first, 6);
    let _ = write!(
        text,
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK={},PART-HOLD-BACK={}\n#EXT-X-PART-INF:PART-TARGET={}\n",
        view.geometry.hold_back_s(),
        milliseconds(view.geometry.part_hold_back_ms()),
        milliseconds(part_target_ms),
    );
    for segment in view.segments {
        segment_tags(&mut text, segment);
        if segment.has_parts && segment.msn >= view.parts_from {
            part_tags(&mut text, segment);
        }
        segment_uri(&mut text, segment);
    }
    if let Some(open) = view.open {
        segment_tags(&mut text, open);
        part_tags(&mut text, open);
    }
    let (msn, start) = view.hint;
    let _ = writeln!(text, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\",BYTERANGE-START={start}", uri(msn));
    let newest = view.open.or(view.segments.back().map(AsRef::as_ref));
    Some(rendered(text, newest.map_or(0, |newest| newest.msn), view.open.map_or(0, |open| open.parts.len())))
}

/// Returns the first listed segment, if there is anything to play. After repeated crashes only gaps may be left.
fn first_listed<'a>(view: &View<'a>) -> Option<&'a Segment> {
    view.segments.iter().any(|segment| !segment.gap).then(|| view.segments.front())?.map(AsRef::as_ref)
}

fn head(view: &View<'_>, first: &Segment, version: u8) -> String {
    let mut text = String::with_capacity(4_096);
    let _ = write!(
        text,
        "#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:{}\n#EXT-X-INDEPENDENT-SEGMENTS\n",
        view.geometry.target_duration_s,
        first.msn,
        first.discontinuity_sequence.saturating_sub(u64::from(first.discontinuity)),
    );
    if let Some(name) = Container::OURS.init_section() {
        let _ = writeln!(text, "#EXT-X-MAP:URI=\"{name}\"");
    }
    text
}

/// Writes the tags that precede a segment's first part.
fn segment_tags(text: &mut String, segment: &Segment) {
    if segment.discontinuity {
        text.push_str("#EXT-X-DISCONTINUITY\n");
    }
    let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", rfc3339_ms(segment.program_date_time_unix_ms));
}

fn part_tags(text: &mut String, segment: &Segment) {
    for part in &segment.parts {
        let _ = writeln!(
            text,
            "#EXT-X-PART:DURATION={},URI=\"{}\",BYTERANGE=\"{}@{}\"{}",
            seconds(part.duration_90k),
            segment.uri(),
            part.bytes.len(),
            part.offset,
            if part.independent { ",INDEPENDENT=YES" } else { "" },
        );
    }
}

fn segment_uri(text: &mut String, segment: &Segment) {
    if segment.gap {
        text.push_str("#EXT-X-GAP\n");
    }
    let _ = write!(text, "#EXTINF:{},\n{}\n", seconds(segment.duration_90k), segment.uri());
}

/// Formats seconds with five decimals, rounded down: rounding must not make a part exceed PART-TARGET.
fn seconds(duration_90k: i64) -> String {
    let whole = duration_90k / TICKS_PER_SECOND;
    let decimals = duration_90k % TICKS_PER_SECOND * 100_000 / TICKS_PER_SECOND;
    format!("{whole}.{decimals:05}")
}

fn milliseconds(ms: u32) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

fn rendered(text: String, msn: u64, parts: usize) -> Rendered {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    let tag = format!("{msn}.{parts}-{:08x}", crc.sum());
    Rendered { plain: Arc::from(text.into_bytes()), gzip: OnceLock::new(), tag }
}

impl Rendered {
    /// Returns the gzipped text. It is compressed on first use, because most playlists are never requested.
    #[must_use]
    pub fn gzip(&self) -> &Arc<[u8]> {
        self.gzip.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.plain.len() / 3), Compression::default());
            // Writing to memory does not fail. If it ever did, this stays empty and the plain text is sent.
            Arc::from(encoder.write_all(&self.plain).and_then(|()| encoder.finish()).unwrap_or_default())
        })
    }
}
