//! A segment is a list of its parts' bytes: a byte range of it costs no copy, and it grows without being moved.

use super::Container;
use std::ops::Range;
use std::sync::Arc;

/// A piece of a shared buffer. A byte-range response is made of such pieces, without a copy.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The buffer.
    pub bytes: Arc<[u8]>,
    /// The range of the buffer that is meant.
    pub range: Range<usize>,
}

impl Slice {
    /// Returns the bytes of the range.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }
}

/// A partial segment: whole access units.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its bytes, as the container has them.
    pub bytes: Arc<[u8]>,
    /// The offset of its first byte in the segment.
    pub offset: usize,
    /// Its duration, never above PART-TARGET.
    pub duration_90k: i64,
    /// Whether it begins with an IDR picture.
    pub independent: bool,
}

impl Part {
    /// The memory of a part beside its bytes: its fields, and the two counts of an `Arc`.
    const OVERHEAD: usize = size_of::<Self>() + 2 * size_of::<usize>();

    /// Returns the offset at which the next part begins.
    #[must_use]
    pub fn end(&self) -> usize {
        self.offset.saturating_add(self.bytes.len())
    }
}

/// A media segment, complete or still growing.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its media sequence number.
    pub msn: u64,
    /// Whether it is complete, so that nothing will be added.
    pub complete: bool,
    /// EXT-X-GAP: its number was shown, but its bytes were lost with the process that had them.
    pub gap: bool,
    /// Whether EXT-X-DISCONTINUITY precedes it.
    pub discontinuity: bool,
    /// How many discontinuities there have been, including its own.
    pub discontinuity_sequence: u64,
    /// The wall clock of its first frame, in Unix milliseconds.
    pub program_date_time_unix_ms: i64,
    /// The time from its first frame to the next segment's; while it grows, the time so far.
    pub duration_90k: i64,
    /// Its bytes, in order.
    pub parts: Vec<Part>,
    /// Whether `parts` may be listed as EXT-X-PART. A segment read back from disk is one piece, not parts.
    pub has_parts: bool,
    /// CRC-32 of its bytes, for the entity tag: the same number with other bytes after a restart has another tag.
    pub crc: u32,
}

impl Segment {
    /// Returns the name in playlists, relative to them.
    #[must_use]
    pub fn uri(&self) -> String {
        uri(self.msn)
    }

    /// Returns the name of segment `msn`.
    #[must_use]
    pub fn uri_of(msn: u64) -> String {
        uri(msn)
    }

    /// Returns the number in a segment's name, or `None` for any other spelling.
    #[must_use]
    pub fn msn_of(name: &str) -> Option<u64> {
        let msn = name.strip_prefix("seg")?.strip_suffix(Container::OURS.extension())?.parse().ok()?;
        (uri(msn) == name).then_some(msn)
    }

    /// Returns the number of bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.last().map_or(0, Part::end)
    }

    /// Returns the memory that it takes, including its own fields: segments can be tiny and many.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.len() + self.parts.len() * Part::OVERHEAD
    }

    /// Whether it has no bytes yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of `range`, as far as they exist.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Vec<Slice> {
        let first = self.parts.partition_point(|part| part.end() <= range.start);
        let touched = self.parts.iter().skip(first).take_while(|part| part.offset < range.end);
        let within = |part: &Part| {
            let start = range.start.saturating_sub(part.offset);
            let end = (range.end - part.offset).min(part.bytes.len());
            Slice { bytes: Arc::clone(&part.bytes), range: start..end }
        };
        touched.map(within).filter(|slice| !slice.range.is_empty()).collect()
    }
}

/// The name of segment `msn`.
pub(super) fn uri(msn: u64) -> String {
    format!("seg{msn:06}{}", Container::OURS.extension())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(parts: &[&[u8]]) -> Segment {
        let mut offset = 0;
        let part = |bytes: &&[u8]| {
            let part = Part { bytes: Arc::from(*bytes), offset, duration_90k: 1, independent: false };
            offset += bytes.len();
            part
        };
        Segment {
            msn: 7,
            complete: true,
            gap: false,
            discontinuity: false,
            discontinuity_sequence: 0,
            program_date_time_unix_ms: 0,
            duration_90k: 1,
            parts: parts.iter().map(part).collect(),
            has_parts: true,
            crc: 0,
        }
    }

    proptest! {
        #[test]
        fn a_slice_has_the_bytes_of_its_range(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..9), 0..6),
            start in 0_usize..50,
            len in 0_usize..50,
        ) {
            let whole = parts.concat();
            let segment = segment(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(segment.len(), whole.len());
            let range = start.min(whole.len())..(start + len).min(whole.len());
            let cut: Vec<u8> = segment.slice(start..start + len).iter().flat_map(|slice| slice.as_bytes().to_vec()).collect();
            prop_assert_eq!(&cut, &whole[range]);
        }
    }

    #[test]
    fn a_name_has_one_spelling() {
        assert_eq!(uri(123), "seg000123.ts");
        assert_eq!(uri(12_345_678), "seg12345678.ts");
        assert_eq!(Segment::msn_of("seg000123.ts"), Some(123));
        assert_eq!(Segment::msn_of("seg12345678.ts"), Some(12_345_678));
        for other in [
            "seg123.ts",
            "seg0000123.ts",
            "seg+00123.ts",
            "seg000123.tss",
            "seg.ts",
            "SEG000123.ts",
            "seg99999999999999999999.ts",
        ] {
            assert_eq!(Segment::msn_of(other), None, "{other}");
        }
    }
}
