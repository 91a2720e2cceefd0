//! When a printer that reports nothing is asked, when that is a fault, and when a full report is due. Pure: it is given
//! the time.
//!
//! ```text
//! subscribed ── 15 s ─► silent ── 120 s ─► begin anew            no report has come in this session
//! reported ── 60 s ─► ask ── 15 s ─► quiet ── 600 s ─► begin anew     it has reported, and answers pings
//! ```

use std::time::{Duration, Instant};

/// A printer that has accepted and reports nothing for this long has another serial number, or hangs.
pub const FIRST_REPORT: Duration = Duration::from_secs(15);

/// A session without a first report is begun anew under another client id after this long.
const NO_FIRST_REPORT: Duration = Duration::from_secs(120);

/// A printer that sends changes only may have none to send: an idle A1 pauses for 24 s. After this long without a report
/// it is asked for one.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// And has this long to answer before it is called quiet.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A quiet printer that answers pings keeps its session this long. A P1P that unpacked a print reported nothing for
/// 135 s, and a client that connected again meanwhile made the print fail with 0500-4003.
const REPORTS_STOPPED: Duration = Duration::from_secs(600);

/// While a print is under way, a printer that sends changes only is asked for everything this often: a change may be
/// lost, and without the last one a finished print would stand at 98 % for ever. P1 printers stutter when they are asked
/// more often.
const FULL_REPORT_EVERY: Duration = Duration::from_secs(300);

/// A full report that left out the AMS is asked for once more, this much later.
const AMS_OWED: Duration = Duration::from_secs(3);

/// The reports of one session.
#[derive(Debug, Default)]
pub struct ReportWatch {
    /// Since when reports may come, and when the last one came.
    subscribed: Option<Instant>,
    reported: Option<Instant>,
    /// When the last full report came or was asked for.
    full: Option<Instant>,
    /// When the printer was asked for a report that has not come yet; any report counts.
    asked: Option<Instant>,
    /// When a full report is to be asked for.
    due: Option<Instant>,
    /// The AMS that a full report left out has been asked for.
    ams_asked_for: bool,
}

/// How the session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Reports come, or may still come.
    Well,
    /// No report has come, and one should have.
    Silent,
    /// Reports have come, and none came when it was asked for.
    Quiet,
    /// It comes to nothing.
    Over,
}

impl ReportWatch {
    /// Whether reports may come.
    #[must_use]
    pub fn is_subscribed(&self) -> bool {
        self.subscribed.is_some()
    }

    /// Reports may come from now on; the first full one is asked for at once.
    pub fn subscribed(&mut self, now: Instant) {
        self.subscribed = Some(now);
        self.due = Some(now);
    }

    /// A report has come.
    pub fn reported(&mut self, full: bool, now: Instant) {
        self.reported = Some(now);
        self.asked = None;
        if full {
            self.full = Some(now);
        }
    }

    /// A full report has left out the AMS that the printer has. Tells whether that is news.
    pub fn lacks_ams(&mut self, now: Instant) -> bool {
        let is_news = !std::mem::replace(&mut self.ams_asked_for, true);
        if is_news {
            self.due.get_or_insert(now + AMS_OWED);
        }
        is_news
    }

    /// Whether a report has come in this session.
    #[must_use]
    pub fn has_reported(&self) -> bool {
        self.reported.is_some()
    }

    /// How the session is now. `has_job`: a print is under way.
    #[must_use]
    pub fn look(&mut self, has_job: bool, now: Instant) -> Look {
        let since = |at: Option<Instant>| at.map(|at| now.saturating_duration_since(at));
        let over = |at, limit| since(at).is_some_and(|span| span > limit);
        let Some(_) = self.reported else {
            return match self.subscribed {
                at if over(at, NO_FIRST_REPORT) => Look::Over,
                at if over(at, FIRST_REPORT) => Look::Silent,
                _ => Look::Well,
            };
        };
        if over(self.reported, REPORTS_STOPPED) {
            return Look::Over;
        }
        let is_silent = over(self.reported, ASK_AFTER) && self.asked.is_none();
        let is_old = since(self.full).is_none_or(|span| span >= FULL_REPORT_EVERY);
        if is_silent || (is_old && (has_job || self.asked.is_some())) {
            self.due.get_or_insert(now);
        }
        if over(self.asked, ANSWER_WITHIN) { Look::Quiet } else { Look::Well }
    }

    /// Whether a full report is to be asked for now. `allowed` takes the permission to, or tells when there will be one.
    #[must_use]
    pub fn asks(&mut self, now: Instant, allowed: impl FnOnce() -> Result<(), Instant>) -> bool {
        if self.due.is_none_or(|due| now < due) {
            return false;
        }
        self.due = allowed().err();
        let asks = self.due.is_none();
        if asks {
            self.full = Some(now);
            self.asked.get_or_insert(now);
        }
        asks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;

    /// A printer second by second.
    struct Session {
        watch: ReportWatch,
        start: Instant,
        has_job: bool,
        /// When it was asked, and when the look of it changed.
        asked: Vec<u64>,
        looks: Vec<(u64, Look)>,
    }

    impl Session {
        fn subscribed() -> Self {
            let start = clock::now();
            let mut watch = ReportWatch::default();
            watch.subscribed(start);
            Self { watch, start, has_job: false, asked: Vec::new(), looks: vec![(0, Look::Well)] }
        }

        /// With a full report in the first second.
        fn live(has_job: bool) -> Self {
            let mut session = Self { has_job, ..Self::subscribed() };
            session.second(0);
            session.watch.reported(true, session.start);
            session.asked.clear();
            session
        }

        fn second(&mut self, second: u64) {
            let now = self.start + Duration::from_secs(second);
            let look = self.watch.look(self.has_job, now);
            if self.looks.last().is_none_or(|(_, before)| *before != look) {
                self.looks.push((second, look));
            }
            if self.watch.asks(now, || Ok(())) {
                self.asked.push(second);
            }
        }

        fn hears(&mut self, full: bool, second: u64) {
            self.watch.reported(full, self.start + Duration::from_secs(second));
        }
    }

    #[test]
    fn a_session_without_a_first_report_is_silent_and_then_over() {
        let mut session = Session::subscribed();
        (0..=130).for_each(|second| session.second(second));
        assert_eq!(session.looks, [(0, Look::Well), (16, Look::Silent), (121, Look::Over)]);
        assert_eq!(session.asked, [0]);
    }

    #[test]
    fn a_printer_that_is_asked_has_its_time_to_answer() {
        for answers_after in [0, 1, 3, 14] {
            let mut session = Session::live(false);
            for second in 1..600 {
                session.second(second);
                if session.asked.last().is_some_and(|asked| asked + answers_after == second) {
                    session.hears(true, second);
                }
            }
            assert_eq!(session.looks, [(0, Look::Well)], "answers after {answers_after} s");
            assert!(session.asked.len() > 5, "{:?}", session.asked);
        }
    }

    #[test]
    fn an_idle_a1_is_neither_asked_nor_quiet() {
        let mut session = Session::live(false);
        for second in 1..3_600 {
            session.second(second);
            if second % 24 == 0 {
                session.hears(false, second);
            }
        }
        assert_eq!((session.looks.len(), session.asked.len()), (1, 0));
    }

    #[test]
    fn a_printer_that_unpacks_is_quiet_and_keeps_its_session() {
        let mut session = Session::live(true);
        (1..=430).for_each(|second| session.second(second));
        assert_eq!(session.looks, [(0, Look::Well), (77, Look::Quiet)]);
        assert_eq!(session.asked, [61, 361], "never more often than every five minutes");
        session.hears(false, 431);
        session.second(431);
        assert_eq!(session.looks.last(), Some(&(431, Look::Well)));
        (432..=1_100).for_each(|second| session.second(second));
        assert_eq!(session.looks.last(), Some(&(1_032, Look::Over)));
    }

    #[test]
    fn a_last_change_that_was_lost_is_found_within_five_minutes() {
        let changes_only = |has_job| {
            let mut session = Session::live(has_job);
            for second in 1..1_000 {
                session.second(second);
                session.hears(false, second);
            }
            session.asked
        };
        assert_eq!(changes_only(true), [300, 600, 900]);
        assert!(changes_only(false).is_empty());
        let mut session = Session::live(true);
        for second in 1..1_000 {
            session.second(second);
            session.hears(true, second);
        }
        assert!(session.asked.is_empty(), "who sends everything need not be asked");
    }

    #[test]
    fn an_ams_that_was_left_out_is_asked_for_once() {
        let mut session = Session::live(false);
        assert!(session.watch.lacks_ams(session.start));
        assert!(!session.watch.lacks_ams(session.start));
        for second in 1..50 {
            session.second(second);
            session.hears(second == 4, second);
        }
        assert_eq!(session.asked, [3]);
    }

    #[test]
    fn who_may_not_ask_asks_later() {
        let mut watch = ReportWatch::default();
        let start = clock::now();
        watch.subscribed(start);
        let later = start + Duration::from_secs(40);
        assert!(!watch.asks(start, || Err(later)));
        assert!(!watch.asks(later - Duration::from_secs(1), || Ok(())));
        assert!(watch.asks(later, || Ok(())));
    }
}
