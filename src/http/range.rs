//! The Range header (RFC 9110 §14.2), with one range of bytes. Several ranges, another unit or a malformed range count
//! as no header: the whole is always a correct answer.

use std::ops::Range;

/// The end that says "as long as it grows" (RFC 8673): 2^53 − 1, the largest integer a browser counts exactly.
const LIVE_END: u64 = (1 << 53) - 1;

/// One range of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByteRange {
    /// `bytes=a-`
    From(u64),
    /// `bytes=a-b`, both included.
    Between(u64, u64),
    /// `bytes=-n`
    Last(u64),
}

impl ByteRange {
    pub fn parse(header: &str) -> Option<Self> {
        let (unit, range) = header.split_once('=')?;
        let (start, end) = range.trim().split_once('-')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (start, end) {
            ("", end) => Some(Self::Last(number(end)?)),
            (start, "") => Some(Self::From(number(start)?)),
            (start, end) => {
                let (start, end) = (number(start)?, number(end)?);
                (start <= end).then_some(Self::Between(start, end))
            }
        }
    }

    /// Returns the bytes it means in a representation of `len`, or `None` if there are none.
    pub fn within(&self, len: usize) -> Option<Range<usize>> {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let range = match *self {
            Self::From(start) => size(start)..len,
            Self::Between(start, end) => size(start)..size(end).saturating_add(1).min(len),
            Self::Last(count) => len.saturating_sub(size(count))..len,
        };
        (!range.is_empty()).then_some(range)
    }

    pub fn starts_at(&self, offset: usize) -> bool {
        matches!(*self, Self::From(start) | Self::Between(start, _) if usize::try_from(start) == Ok(offset))
    }

    pub fn counts_from_the_end(&self) -> bool {
        matches!(self, Self::Last(_))
    }

    /// Whether more bytes than `len` would be sent if there were more.
    pub(super) fn reaches_beyond(&self, len: usize) -> bool {
        match *self {
            Self::Between(_, end) => u64::try_from(len).is_ok_and(|len| end >= len),
            Self::From(_) | Self::Last(_) => true,
        }
    }

    /// Whether it has no end, or the one of a live range.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::From(_)) || self.is_live()
    }

    /// Whether it has the end of a live range.
    pub fn is_live(&self) -> bool {
        matches!(*self, Self::Between(_, end) if end >= LIVE_END)
    }
}

/// Parses digits. A number that overflows becomes the largest one.
fn number(digits: &str) -> Option<u64> {
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    decimal.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_byte_range_is_parsed() {
        let check = |header, expected| assert_eq!(ByteRange::parse(header), expected, "{header}");
        check("bytes=0-187", Some(ByteRange::Between(0, 187)));
        check("Bytes = 188-", Some(ByteRange::From(188)));
        check("bytes=-5", Some(ByteRange::Last(5)));
        check("bytes=1-99999999999999999999999", Some(ByteRange::Between(1, u64::MAX)));
    }

    #[test]
    fn other_range_headers_are_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "bytes=a-b",
            "lines=1-2",
            "bytes=+1-2",
            "bytes=1--2",
        ] {
            assert_eq!(ByteRange::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_range_is_cut_to_the_length() {
        let check = |range: ByteRange, expected| assert_eq!(range.within(100), expected, "{range:?}");
        check(ByteRange::Between(10, 19), Some(10..20));
        check(ByteRange::Between(10, u64::MAX), Some(10..100));
        check(ByteRange::From(99), Some(99..100));
        check(ByteRange::From(100), None);
        check(ByteRange::Between(100, 200), None);
        check(ByteRange::Last(30), Some(70..100));
        check(ByteRange::Last(u64::MAX), Some(0..100));
        check(ByteRange::Last(0), None);
        assert_eq!(ByteRange::Last(5).within(0), None);
    }
}
