//! The history of reports that is needed to interpret the newest one. It shows which print the figures belong to, who
//! ended the print, and which failure_log flicker.
//!
//! A single report is not enough. An A1 (01.07.00.00) sends the new job's name with the old job's 100 %. An H2D
//! (01.03.00.00) says `FAILED` four seconds before it says that a person stopped the print. An H2S lists and withdraws
//! one HMS each second.

use crate::printer::fields::{FieldReader, UnreadFields};
use crate::printer::job::{self, Phase};
use crate::printer::problem;
use crate::printer::report::{Fields, Outcome, Reply};
use std::collections::BTreeMap;

/// A withdrawn HMS remains visible this long. H2S and H2C were seen to withdraw one and list it again every 1 to 30 s.
/// A complaint shown half a minute too long does little harm. One that comes and goes sixty times a minute makes people
/// distrust them all.
const FLICKER_MS: i64 = 30_000;

/// The most failure_log remembered, as many as are read from one report.
const MOST_HMS: usize = 64;

/// Facts remembered from report to report.
#[derive(Debug, Default)]
pub struct Past {
    phase: Phase,
    print_error: u32,
    /// The name of the print that ran last, if one was seen. The print may have no name.
    ran: Option<Option<String>>,
    /// Whether the print was seen to fail without a person's action.
    failed: bool,
    /// The last request of a person that the printer accepted, from any client.
    asked: Option<Asked>,
    /// Each visible HMS, and when it was withdrawn, if it was. Unix milliseconds.
    hms: BTreeMap<(u32, u32), Option<i64>>,
}

/// The requests that are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Pause,
    Stop,
}

impl Past {
    /// Records the known state after a report.
    pub(super) fn note(&mut self, fields: &Fields, unix_ms: i64) {
        let odd = UnreadFields::default();
        let report = FieldReader::new(fields, &odd);
        let phase = Phase::read(&report);
        let print_error = report.natural(&["print_error"]).unwrap_or(0);
        let acted = phase != self.phase || (self.print_error != 0 && print_error == 0);
        self.note_hms(problem::listed_hms(&report), acted, unix_ms);
        let begun_or_over = phase.is_under_way() || (phase.is_over() && self.ran.is_none());
        if begun_or_over {
            self.ran = Some(job::name(&report));
        }
        if phase != self.phase {
            let still_fits = match self.asked {
                Some(Asked::Pause) => phase == Phase::Paused,
                Some(Asked::Stop) => phase == Phase::Failed || (phase.has_job() && self.phase.has_job()),
                None => false,
            };
            self.asked = self.asked.filter(|_| still_fits);
        }
        let by_a_person = self.asked == Some(Asked::Stop) || problem::is_by_a_person(print_error);
        let by_itself = self.failed || problem::ends_a_print(print_error, self.hms());
        self.failed = phase == Phase::Failed && !by_a_person && by_itself;
        (self.phase, self.print_error) = (phase, print_error);
    }

    /// Forgets entries withdrawn long enough ago; returns whether there were any.
    pub(super) fn pass(&mut self, unix_ms: i64) -> bool {
        let before = self.hms.len();
        self.hms.retain(|_, withdrawn| withdrawn.is_none_or(|at| at.abs_diff(unix_ms) < FLICKER_MS.unsigned_abs()));
        self.hms.len() != before
    }

    /// Records a person's action from the printer's answer to it, including answers to other programs.
    pub(super) fn hear(&mut self, reply: &Reply) {
        if reply.category != "print" || reply.outcome != Outcome::Accepted {
            return;
        }
        match reply.command.as_deref() {
            Some("pause") if self.phase.has_job() => self.asked = Some(Asked::Pause),
            Some("stop") if self.phase.has_job() || self.phase == Phase::Failed => self.asked = Some(Asked::Stop),
            Some("resume") => self.asked = None,
            _ => {}
        }
    }

    /// Whether the figures of the report belong to the print that it names.
    pub(super) fn owns_figures(&self, phase: Phase, name: Option<&str>) -> bool {
        let ran = self.ran.as_ref().and_then(Option::as_deref);
        let is_another = ran.zip(name).is_some_and(|(ran, name)| ran != name);
        phase.is_under_way() || (phase.is_over() && !is_another)
    }

    /// Whether the current pause was requested by a person.
    pub(super) fn was_paused_by_a_person(&self) -> bool {
        self.asked == Some(Asked::Pause)
    }

    /// Whether the end of the finished print was requested by a person.
    pub(super) fn was_stopped_by_a_person(&self) -> bool {
        self.asked == Some(Asked::Stop)
    }

    /// Whether the finished print was seen to fail without a person's action.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Returns the visible HMS entries: `attr` and `code`, sorted.
    pub(super) fn hms(&self) -> impl Iterator<Item = (u32, u32)> {
        self.hms.keys().copied()
    }

    /// Updates the visible entries. If `acted`, the print changed its phase or an error was dismissed, and withdrawn
    /// entries are then dropped at once.
    fn note_hms(&mut self, listed: impl Iterator<Item = (u32, u32)>, acted: bool, unix_ms: i64) {
        for withdrawn in self.hms.values_mut().filter(|withdrawn| withdrawn.is_none()) {
            *withdrawn = Some(unix_ms);
        }
        for hms in listed {
            if self.hms.len() < MOST_HMS || self.hms.contains_key(&hms) {
                self.hms.insert(hms, None);
            }
        }
        // A refusal belongs to one command, and the next command may be refused as well.
        let ends = |hms: &(u32, u32)| acted || problem::is_refusal(*hms);
        self.hms.retain(|hms, withdrawn| withdrawn.is_none() || !ends(hms));
        self.pass(unix_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::merged::MergedReport;
    use crate::printer::report::parse;
    use crate::printer::state::State;
    use serde_json::{Value, json};

    const FLICKERING: (u32, u32) = (0x0300_0100, 0x0001_0001);

    /// Reports a printer in `state` that lists these HMS entries.
    fn tell(known: &mut MergedReport, state: &str, listed: &[(u32, u32)], second: i64) {
        let hms: Vec<Value> = listed.iter().map(|(attr, code)| json!({"attr": attr, "code": code})).collect();
        let print = json!({"print": {"command": "push_status", "msg": 0, "gcode_state": state, "hms": hms}});
        known.hear(parse(print.to_string().as_bytes()).expect("a message"), second * 1_000);
    }

    #[test]
    fn an_hms_that_comes_and_goes_changes_nothing() {
        for period in [1, 2, 7, 29] {
            let mut known = MergedReport::default();
            tell(&mut known, "RUNNING", &[FLICKERING], 0);
            let first = State::read(&known, "31B00A000000000");
            assert_eq!(first.problems.len(), 1);
            for second in 1..300 {
                let listed = if second / period % 2 == 0 { &[FLICKERING][..] } else { &[] };
                tell(&mut known, "RUNNING", listed, second);
                assert!(!known.pass(second * 1_000 + 500));
                assert_eq!(State::read(&known, "31B00A000000000"), first, "{second} s, every {period} s");
            }
        }
    }

    #[test]
    fn a_withdrawn_hms_disappears_after_30_s_without_any_report() {
        let mut known = MergedReport::default();
        tell(&mut known, "RUNNING", &[FLICKERING], 0);
        assert!(!known.pass(3_600_000), "one that stands does not fade");
        tell(&mut known, "RUNNING", &[], 3_601);
        assert!(!known.pass(3_630_999));
        assert!(known.pass(3_631_000));
        assert_eq!(known.past().hms().count(), 0);
    }

    #[test]
    fn an_hms_withdrawn_as_the_print_changes_state_disappears_at_once() {
        let mut known = MergedReport::default();
        tell(&mut known, "PAUSE", &[FLICKERING], 0);
        tell(&mut known, "RUNNING", &[], 1);
        assert_eq!(known.past().hms().count(), 0);
    }

    #[test]
    fn a_clock_jump_does_not_keep_an_hms() {
        let mut known = MergedReport::default();
        tell(&mut known, "RUNNING", &[FLICKERING], 1_000_000);
        tell(&mut known, "RUNNING", &[], 1_000_001);
        assert!(known.pass(0));
    }

    #[test]
    fn the_number_of_hms_entries_is_bounded() {
        let mut known = MergedReport::default();
        for second in 0..40 {
            let listed: Vec<(u32, u32)> = (0..60).map(|n| (u32::try_from(second).unwrap_or(0) << 8 | n, 1)).collect();
            tell(&mut known, "RUNNING", &listed, second);
        }
        assert_eq!(known.past().hms().count(), MOST_HMS);
    }
}
