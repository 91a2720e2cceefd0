//! The codes that the maker explains, and the notation for families of codes.
//!
//! Firmware reports codes that no screen of the maker's shows: their text is empty, or no table has them. They are not
//! failure_log. `codes.txt` lists the codes that have a text.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Whether the maker has a text for an HMS entry.
#[must_use]
pub fn explains_hms(attr: u32, code: u32) -> bool {
    contains(&EXPLAINED.hms, hms_key(attr, code))
}

/// Whether the maker has a text for a `print_error` or an `err_code`.
#[must_use]
pub fn explains_error(code: u32) -> bool {
    contains(&EXPLAINED.errors, code.into())
}

/// Sorted ranges that neither overlap nor touch.
type Ranges = Vec<RangeInclusive<u64>>;

struct Explained {
    hms: Ranges,
    errors: Ranges,
}

static EXPLAINED: LazyLock<Explained> = LazyLock::new(|| {
    let (hms, errors): (Vec<Family>, Vec<Family>) =
        lines(include_str!("codes.txt")).filter_map(Family::parse).partition(Family::is_hms);
    Explained { hms: in_order(&hms), errors: in_order(&errors) }
});

/// Returns the lines of a table, without its comments.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn hms_key(attr: u32, code: u32) -> u64 {
    u64::from(attr) << 32 | u64::from(code)
}

fn in_order(families: &[Family]) -> Ranges {
    let mut ranges: Ranges = families.iter().flat_map(Family::ranges).collect();
    ranges.sort_unstable_by_key(|range| *range.start());
    let mut joined = Ranges::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if *range.start() <= last.end() + 1 => *last = *last.start()..=*last.end().max(range.end()),
            _ => joined.push(range),
        }
    }
    joined
}

fn contains(ranges: &Ranges, key: u64) -> bool {
    let after = ranges.partition_point(|range| *range.start() <= key);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| range.contains(&key))
}

/// A family of codes. Each group of the code, as shown on the screen, lists its values and ranges.
/// `0700..0703-8011,8012` are eight error codes.
pub(super) struct Family {
    groups: Vec<Vec<RangeInclusive<u16>>>,
}

impl Family {
    /// Parses a family of errors (two groups) or of HMS entries (four).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let groups: Vec<_> = text.split('-').map(parse_group).collect::<Option<_>>()?;
        matches!(groups.len(), 2 | 4).then_some(Self { groups })
    }

    pub(super) fn is_hms(&self) -> bool {
        self.groups.len() == 4
    }

    pub(super) fn has_error(&self, code: u32) -> bool {
        self.has(&halves(code))
    }

    pub(super) fn has_hms(&self, attr: u32, code: u32) -> bool {
        let ([a, b], [c, d]) = (halves(attr), halves(code));
        self.has(&[a, b, c, d])
    }

    fn has(&self, code: &[u16]) -> bool {
        let in_group =
            |(group, value): (&Vec<RangeInclusive<u16>>, &u16)| group.iter().any(|part| part.contains(value));
        self.groups.len() == code.len() && self.groups.iter().zip(code).all(in_group)
    }

    /// Returns the codes as ranges of their last group, unsorted.
    fn ranges(&self) -> Vec<RangeInclusive<u64>> {
        let Some((last, firsts)) = self.groups.split_last() else { return Vec::new() };
        let mut heads = vec![0_u64];
        for group in firsts {
            let values = || group.iter().cloned().flatten();
            heads = heads.iter().flat_map(|head| values().map(move |value| head << 16 | u64::from(value))).collect();
        }
        let range = |head: u64, part: &RangeInclusive<u16>| {
            let of = |value: u16| head << 16 | u64::from(value);
            of(*part.start())..=of(*part.end())
        };
        heads.into_iter().flat_map(|head| last.iter().map(move |part| range(head, part))).collect()
    }

    /// Returns every code of the family.
    #[cfg(test)]
    pub(super) fn codes(&self) -> impl Iterator<Item = u64> {
        self.ranges().into_iter().flatten()
    }
}

/// Parses a group such as `2000,2100` or `0001..000A`.
fn parse_group(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let value = |text: &str| (text.len() == 4).then(|| u16::from_str_radix(text, 16).ok()).flatten();
    let part = |text: &str| {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (value(first)?, value(last)?);
        (first <= last).then_some(first..=last)
    };
    text.split(',').map(part).collect()
}

/// Splits a code into the two groups of four digits that the screen shows.
fn halves(code: u32) -> [u16; 2] {
    let [a, b, c, d] = code.to_be_bytes();
    [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Reads the lists of codes with and without a text. They are kept beside the repository, and only on some
    /// machines.
    fn list(name: &str) -> Option<(BTreeSet<u64>, BTreeSet<u64>)> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples").join(name);
        let text = std::fs::read_to_string(&path).ok();
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        if text.is_none() {
            eprintln!("SKIPPED: {} is not there", path.display());
        }
        let (mut hms, mut errors) = (BTreeSet::new(), BTreeSet::new());
        for line in text?.lines().filter(|line| !line.starts_with(['#', '['])) {
            let Some(code) = line.split_whitespace().next() else { continue };
            let key = u64::from_str_radix(&code.replace('-', ""), 16).expect("a code");
            if code.len() == 19 { &mut hms } else { &mut errors }.insert(key);
        }
        Some((hms, errors))
    }

    fn spelt(key: u64, is_hms: bool) -> String {
        if is_hms { format!("{key:016X}") } else { format!("{key:08X}") }
    }

    fn explains(key: u64, is_hms: bool) -> bool {
        let low = u32::try_from(key & 0xFFFF_FFFF).expect("the low half");
        let high = u32::try_from(key >> 32).expect("the high half");
        if is_hms { explains_hms(high, low) } else { explains_error(low) }
    }

    fn families(part: &'static str) -> Vec<Family> {
        lines(part).map(|line| Family::parse(line).unwrap_or_else(|| panic!("not a family: {line}"))).collect()
    }

    /// Returns the part of the table that comes from the list, and the part added by hand.
    fn parts() -> (Vec<Family>, Vec<Family>) {
        let (listed, by_hand) = include_str!("codes.txt").split_once("# By hand").expect("two parts");
        let by_hand = by_hand.split_once("\n\n").expect("its comment, and then its lines").1;
        (families(listed), families(by_hand))
    }

    #[test]
    fn the_table_equals_the_list() {
        let (listed, by_hand) = parts();
        let Some((hms, errors)) = list("codes_with_official_text.txt") else { return };
        for (is_hms, wanted) in [(true, hms), (false, errors)] {
            let codes = |families: &[Family]| -> BTreeSet<u64> {
                families.iter().filter(|family| family.is_hms() == is_hms).flat_map(Family::codes).collect()
            };
            let have = codes(&listed);
            let missing: Vec<_> = wanted.difference(&have).map(|key| spelt(*key, is_hms)).collect();
            let extra: Vec<_> = have.difference(&wanted).map(|key| spelt(*key, is_hms)).collect();
            assert!(missing.is_empty() && extra.is_empty(), "missing: {missing:?}\ntoo much: {extra:?}");
            let twice: Vec<_> = codes(&by_hand).intersection(&wanted).map(|key| spelt(*key, is_hms)).collect();
            assert!(twice.is_empty(), "added by hand, but in the list: {twice:?}");
            assert!(wanted.iter().all(|key| explains(*key, is_hms)));
        }
    }

    #[test]
    fn codes_without_a_text_are_not_explained() {
        let Some((hms, errors)) = list("codes_without_official_text.txt") else { return };
        assert_eq!((hms.len(), errors.len()), (90, 8));
        for (is_hms, codes) in [(true, hms), (false, errors)] {
            for key in codes {
                assert!(!explains(key, is_hms), "{}", spelt(key, is_hms));
            }
        }
    }

    #[test]
    fn only_the_codes_of_the_table_are_explained() {
        let (listed, by_hand) = parts();
        let all: Vec<&Family> = listed.iter().chain(&by_hand).collect();
        for is_hms in [true, false] {
            let codes: BTreeSet<u64> =
                all.iter().filter(|family| family.is_hms() == is_hms).flat_map(|family| family.codes()).collect();
            assert!(codes.len() > 600, "{}", codes.len());
            for key in &codes {
                assert!(explains(*key, is_hms), "{}", spelt(*key, is_hms));
                // Checks the neighbouring codes in each group.
                for step in [1, 1 << 16, 1 << 32, 1 << 48] {
                    for near in [key.checked_sub(step), key.checked_add(step)].into_iter().flatten() {
                        if is_hms || near <= u32::MAX.into() {
                            assert_eq!(explains(near, is_hms), codes.contains(&near), "{}", spelt(near, is_hms));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn common_codes_are_explained_or_not_as_expected() {
        let hms = |explained: bool, codes: &[(u32, u32)]| {
            for (attr, code) in codes {
                assert_eq!(explains_hms(*attr, *code), explained, "{attr:08X} {code:08X}");
            }
        };
        // Runout in AMS A, slot 3; a dirty nozzle camera; maintenance; a blocked hotend rack.
        hms(true, &[(0x0700_2200, 0x0002_0001), (0x0C00_0100, 0x0002_0017), (0x0501_0400, 0x0003_0002)]);
        hms(true, &[(0x1A00_00E0, 0x0001_0005), (0x0300_0D00, 0x0001_0007), (0x0500_0500, 0x0001_0007)]);
        // Codes that an H2D of firmware 01.03 and a P2S of 01.02 report all day, and one of an X2D that no table has.
        hms(false, &[(0x0500_0600, 0x0002_00A0), (0x0500_0600, 0x0002_0070), (0x0500_0200, 0x0003_000A)]);
        hms(false, &[(0x0500_0100, 0x0002_000B), (0, 0), (u32::MAX, u32::MAX), (1, 9)]);
        for code in [0x0300_8003, 0x0707_8011, 0x18FF_C00A, 0x0500_C011, 0x1001_8004, 0x12FF_C030] {
            assert!(explains_error(code), "{code:08X}");
        }
        for code in [0, 0x0500_8030, 0x0502_4007, 0x0502_400C, 0x0C00_8002, 0x0300_8012, 0x0708_8011, u32::MAX] {
            assert!(!explains_error(code), "{code:08X}");
        }
    }

    #[test]
    fn a_family_is_read_or_refused() {
        let family = Family::parse("0700..0703,18FF-8011,8013..8014").expect("a family");
        assert!(family.has_error(0x0703_8014) && family.has_error(0x18FF_8011));
        assert!(!family.has_error(0x0704_8011) && !family.has_error(0x0700_8012) && !family.has_hms(0x0700_8011, 0));
        assert_eq!(family.codes().count(), 15);
        for wrong in
            ["", "0700", "0700-8011-0001", "700-8011", "0700-8011..", "0700-8012..8011", "0700-80G1", "0700 -8011"]
        {
            assert!(Family::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
