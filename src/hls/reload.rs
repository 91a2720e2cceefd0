//! Decides what a blocking playlist reload waits for (rfc8216bis §6.2.5.2), in one pure function.

use std::num::IntErrorKind;

/// The delivery directives of a playlist request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Directives {
    /// `_HLS_msn`, and with it perhaps `_HLS_part`.
    pub until: Option<(u64, Option<u64>)>,
}

/// Directives that no player may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDirective {
    /// Not a decimal number.
    #[error("_HLS_msn and _HLS_part are decimal numbers")]
    NotDecimal,
    /// The same directive twice.
    #[error("_HLS_msn and _HLS_part may be given once")]
    Repeated,
    /// `_HLS_part` without `_HLS_msn`.
    #[error("_HLS_part needs _HLS_msn")]
    PartWithoutMsn,
}

impl Directives {
    /// Reads the query of a request: the text after `?`. Other parameters, including `_HLS_skip`, are ignored.
    ///
    /// # Errors
    /// If a directive is malformed or repeated, or if a part is requested without its segment.
    pub fn parse(query: &str) -> Result<Self, BadDirective> {
        let (mut msn, mut part) = (None, None);
        for (name, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
            let slot = match name {
                "_HLS_msn" => &mut msn,
                "_HLS_part" => &mut part,
                _ => continue,
            };
            if slot.replace(decimal(value)?).is_some() {
                return Err(BadDirective::Repeated);
            }
        }
        match (msn, part) {
            (Some(msn), part) => Ok(Self { until: Some((msn, part)) }),
            (None, Some(_)) => Err(BadDirective::PartWithoutMsn),
            (None, None) => Ok(Self::default()),
        }
    }
}

/// Accepts digits only (`parse` would accept a sign). A number that overflows is still a number: it is too far ahead.
fn decimal(text: &str) -> Result<u64, BadDirective> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadDirective::NotDecimal);
    }
    text.parse().or_else(|error: std::num::ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => Ok(u64::MAX),
        _ => Err(BadDirective::NotDecimal),
    })
}

/// The end of the low-latency playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The media sequence number of the first listed segment.
    pub first_msn: u64,
    /// How many parts each complete listed segment has; 0 for one that was read back whole, or lost.
    pub complete_parts: Vec<u64>,
    /// How many parts of the segment after those are listed. It may not have begun.
    pub open_parts: u64,
    /// How many parts ahead may be requested.
    pub advance_part_limit: u64,
}

impl Edge {
    /// Returns the number of the segment that grows, or that begins next.
    #[must_use]
    pub fn open_msn(&self) -> u64 {
        self.first_msn.saturating_add(self.complete_parts.len() as u64)
    }

    /// Returns the newest segment of which anything is listed.
    #[must_use]
    pub fn last_msn(&self) -> u64 {
        if self.open_parts > 0 { self.open_msn() } else { self.open_msn().saturating_sub(1) }
    }
}

/// The decision on a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// Answer it with the current playlist.
    Now,
    /// Hold it until the next one.
    Wait,
    /// It requests something that is not about to exist.
    BadRequest(&'static str),
}

/// Decides on a reload of a playlist that ends at `edge`.
#[must_use]
pub fn decide(edge: &Edge, directives: &Directives) -> Reload {
    const TOO_FAR: Reload = Reload::BadRequest("_HLS_msn is too far ahead of the playlist");
    const PART_TOO_FAR: Reload = Reload::BadRequest("_HLS_part is too far ahead of the playlist");
    let Some((msn, part)) = directives.until else { return Reload::Now };
    let open_msn = edge.open_msn();
    if msn > edge.last_msn().saturating_add(2) {
        return TOO_FAR;
    }
    let listed = |yes: bool| if yes { Reload::Now } else { Reload::Wait };
    let Some(part) = part else { return listed(msn < open_msn) };

    if msn < open_msn {
        // A part that the finished segment does not have is part 0 of the next one: hls.js rounds up when it tunes in.
        // A segment older than the list has all its parts.
        let index = msn.checked_sub(edge.first_msn).and_then(|index| usize::try_from(index).ok());
        let has = index.and_then(|index| edge.complete_parts.get(index)).is_none_or(|parts| part < *parts);
        return listed(has || msn < edge.last_msn());
    }
    let listed_parts = if msn == open_msn { edge.open_parts } else { 0 };
    if part >= listed_parts.saturating_add(edge.advance_part_limit) {
        return PART_TOO_FAR;
    }
    listed(part < listed_parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_parse(query: &str, expected: Result<Option<(u64, Option<u64>)>, BadDirective>) {
        assert_eq!(Directives::parse(query), expected.map(|until| Directives { until }), "{query}");
    }

    #[test]
    fn directives_are_read_from_among_other_parameters() {
        check_parse("", Ok(None));
        check_parse("_HLS_msn=7", Ok(Some((7, None))));
        check_parse("a=b&_HLS_part=0&_HLS_skip=YES&_HLS_msn=7&_HLS_other", Ok(Some((7, Some(0)))));
        check_parse("_HLS_msn=007", Ok(Some((7, None))));
        check_parse("_HLS_msn=18446744073709551616", Ok(Some((u64::MAX, None))));
    }

    #[test]
    fn directives_no_player_may_send_are_refused() {
        for value in ["", "-1", "+1", "1.0", "0x1", "1e3", "%31", "٣", " 1"] {
            check_parse(&format!("_HLS_msn={value}"), Err(BadDirective::NotDecimal));
        }
        check_parse("_HLS_msn=1&_HLS_msn=1", Err(BadDirective::Repeated));
        check_parse("_HLS_msn=1&_HLS_part=1&_HLS_part=2", Err(BadDirective::Repeated));
        check_parse("_HLS_part=1", Err(BadDirective::PartWithoutMsn));
    }

    /// Checks against segments 10, 11 and 12 with six parts each (11 was read back and has none), and `open_parts` of
    /// 13.
    fn check(open_parts: u64, until: (u64, Option<u64>), expected: &str) {
        let edge = Edge { first_msn: 10, complete_parts: vec![6, 0, 6], open_parts, advance_part_limit: 9 };
        let answer = match decide(&edge, &Directives { until: Some(until) }) {
            Reload::Now => "now",
            Reload::Wait => "wait",
            Reload::BadRequest(_) => "400",
        };
        assert_eq!(answer, expected, "{until:?} with {open_parts} parts");
    }

    #[test]
    fn a_request_for_a_segment_waits_until_it_is_complete() {
        check(2, (12, None), "now");
        check(2, (13, None), "wait");
        check(2, (15, None), "wait");
        check(2, (16, None), "400");
        check(0, (14, None), "wait");
        check(0, (15, None), "400");
        check(2, (u64::MAX, None), "400");
    }

    #[test]
    fn a_request_waits_until_its_part_or_a_later_one_exists() {
        check(2, (13, Some(1)), "now");
        check(2, (13, Some(2)), "wait");
        check(2, (13, Some(10)), "wait");
        check(2, (13, Some(11)), "400");
        check(2, (13, Some(u64::MAX)), "400");
        check(2, (14, Some(8)), "wait");
        check(2, (14, Some(9)), "400");
    }

    #[test]
    fn a_part_past_a_segments_end_means_the_next_segments_first() {
        check(1, (12, Some(6)), "now");
        check(0, (12, Some(5)), "now");
        check(0, (12, Some(6)), "wait");
        check(0, (12, Some(u64::MAX)), "wait");
        check(0, (11, Some(0)), "now");
        check(0, (10, Some(99)), "now");
    }

    #[test]
    fn requests_for_segments_that_left_the_playlist_are_answered_at_once() {
        check(0, (9, Some(99)), "now");
        check(0, (0, None), "now");
    }

    fn edges() -> impl Strategy<Value = Edge> {
        let counts = prop::collection::vec(0_u64..8, 0..8);
        (1_u64..100, counts, 0_u64..8, 1_u64..20).prop_map(
            |(first_msn, complete_parts, open_parts, advance_part_limit)| Edge {
                first_msn,
                complete_parts,
                open_parts,
                advance_part_limit,
            },
        )
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "(_HLS_(msn|part|skip)=?[0-9a-zA-Z+%-]{0,22}&?){0,4}") {
            let _ = Directives::parse(&query);
        }

        /// A player's next request is never refused, and once answered it stays answered.
        #[test]
        fn a_request_for_the_next_part_waits_until_it_exists(edge in edges(), more in 1_u64..4) {
            let next = Directives { until: Some((edge.open_msn(), Some(edge.open_parts))) };
            prop_assert_eq!(decide(&edge, &next), Reload::Wait);
            let grown = Edge { open_parts: edge.open_parts + more, ..edge.clone() };
            prop_assert_eq!(decide(&grown, &next), Reload::Now);

            let mut closed = edge.clone();
            closed.complete_parts.push(edge.open_parts + more);
            closed.open_parts = 0;
            prop_assert_eq!(decide(&closed, &next), Reload::Now);
        }

        /// The list only grows, so an answer is never taken back and a wait never becomes a refusal.
        #[test]
        fn an_answerable_request_stays_answerable(edge in edges(), msn in 0_u64..130, part in prop::option::of(0_u64..40)) {
            let asked = Directives { until: Some((msn, part)) };
            let rank = |answer| match answer { Reload::BadRequest(_) => 0, Reload::Wait => 1, Reload::Now => 2 };
            let before = rank(decide(&edge, &asked));
            let grown = Edge { open_parts: edge.open_parts + 1, ..edge.clone() };
            prop_assert!(rank(decide(&grown, &asked)) >= before);
            if edge.open_parts > 0 {
                let mut closed = edge;
                closed.complete_parts.push(closed.open_parts);
                closed.open_parts = 0;
                prop_assert!(rank(decide(&closed, &asked)) >= before);
            }
        }
    }
}
