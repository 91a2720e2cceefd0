//! Decides when to ask a silent printer for a report, when silence is a fault, and when a full report is due. Pure: the
//! time is an argument.
//!
//! ```text
//! subscribed ── 15 s ─► silent ── 120 s ─► begin anew            no report has come in this session
//! reported ── 60 s ─► ask ── 15 s ─► quiet ── 600 s ─► begin anew     it has reported, and answers pings
//! ```

use std::time::{Duration, Instant};

/// A printer that accepted the sign-in and reports nothing for this long has another serial number, or hangs.
pub const FIRST_REPORT: Duration = Duration::from_secs(15);

/// After this long without a first report, a new session begins under another client id.
const NO_FIRST_REPORT: Duration = Duration::from_secs(120);

/// A printer that sends only changes may have none to send: an idle A1 pauses for 24 s. It is asked for a report after
/// this long without one.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// A printer that does not answer such a request within this time is called quiet.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A quiet printer that answers pings keeps its session this long. A P1P that unpacked a print reported nothing for 135
/// s. A client that reconnected meanwhile made the print fail with 0500-4003.
const REPORTS_STOPPED: Duration = Duration::from_secs(600);

/// During a print, a printer that sends only changes is asked for a full report this often. A change may get lost;
/// without the last one, a finished print would show 98 % for ever. P1 printers stutter when asked more often.
const FULL_REPORT_EVERY: Duration = Duration::from_secs(300);

/// If a full report left out the AMS, another is requested once, after this delay.
const AMS_OWED: Duration = Duration::from_secs(3);

/// The report timing of one session.
#[derive(Debug, Default)]
pub struct ReportWatch {
    /// When the subscription was accepted, and when the last report came.
    subscribed: Option<Instant>,
    reported: Option<Instant>,
    /// When the last full report came or was requested.
    full: Option<Instant>,
    /// When the pending request for a report was sent; any report answers it.
    asked: Option<Instant>,
    /// When to request a full report.
    due: Option<Instant>,
    /// Whether the AMS missing from a full report has been requested already.
    ams_asked_for: bool,
}

/// The health of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// Reports come, or are not overdue yet.
    Well,
    /// No report has come in this session, and one is overdue.
    Silent,
    /// Reports came earlier, and a requested one is overdue.
    Quiet,
    /// The session has failed and must begin anew.
    Over,
}

impl ReportWatch {
    /// Records that reports may come; the first full one is requested at once. Returns `false`, and changes nothing, if that
    /// was known: a broker that acknowledges again and again would otherwise have us ask without end.
    pub fn subscribed(&mut self, now: Instant) -> bool {
        if self.subscribed.is_some() {
            return false;
        }
        self.subscribed = Some(now);
        self.due = Some(now);
        true
    }

    /// Records a report.
    pub fn reported(&mut self, full: bool, now: Instant) {
        self.reported = Some(now);
        self.asked = None;
        if full {
            self.full = Some(now);
        }
    }

    /// Records that a full report left out an AMS that the printer has. Returns `true` the first time.
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

    /// Returns how long ago the last report came, if one has come in this session.
    #[must_use]
    pub fn silent_for(&self, now: Instant) -> Option<Duration> {
        self.reported.map(|at| now.saturating_duration_since(at))
    }

    /// Returns the health of the session. `has_job` is `true` while a print is under way.
    #[must_use]
    pub fn look(&mut self, has_job: bool, now: Instant) -> ReportState {
        let since = |at: Option<Instant>| at.map(|at| now.saturating_duration_since(at));
        let over = |at, limit| since(at).is_some_and(|span| span > limit);
        let Some(_) = self.reported else {
            return match self.subscribed {
                at if over(at, NO_FIRST_REPORT) => ReportState::Over,
                at if over(at, FIRST_REPORT) => ReportState::Silent,
                _ => ReportState::Well,
            };
        };
        if over(self.reported, REPORTS_STOPPED) {
            return ReportState::Over;
        }
        let is_silent = over(self.reported, ASK_AFTER) && self.asked.is_none();
        let is_old = since(self.full).is_none_or(|span| span >= FULL_REPORT_EVERY);
        if is_silent || (is_old && (has_job || self.asked.is_some())) {
            self.due.get_or_insert(now);
        }
        if over(self.asked, ANSWER_WITHIN) { ReportState::Quiet } else { ReportState::Well }
    }

    /// Whether to request a full report now. `allowed` takes the permission, or returns when it will be available.
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

    /// Simulates a printer second by second.
    struct Session {
        watch: ReportWatch,
        start: Instant,
        has_job: bool,
        /// When the printer was asked, and when the health of the session changed.
        asked: Vec<u64>,
        looks: Vec<(u64, ReportState)>,
    }

    impl Session {
        fn subscribed() -> Self {
            let start = clock::now();
            let mut watch = ReportWatch::default();
            assert!(watch.subscribed(start));
            Self { watch, start, has_job: false, asked: Vec::new(), looks: vec![(0, ReportState::Well)] }
        }

        /// A session with a full report in the first second.
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
    fn a_session_without_a_first_report_becomes_silent_and_then_ends() {
        let mut session = Session::subscribed();
        for second in 0..=130 {
            session.second(second);
            let now = session.start + Duration::from_secs(second);
            assert!(!session.watch.subscribed(now), "each further SUBACK says nothing new");
        }
        assert_eq!(session.looks, [(0, ReportState::Well), (16, ReportState::Silent), (121, ReportState::Over)]);
        assert_eq!(session.asked, [0]);
    }

    #[test]
    fn a_printer_has_time_to_answer_a_request() {
        for answers_after in [0, 1, 3, 14] {
            let mut session = Session::live(false);
            for second in 1..600 {
                session.second(second);
                if session.asked.last().is_some_and(|asked| asked + answers_after == second) {
                    session.hears(true, second);
                }
            }
            assert_eq!(session.looks, [(0, ReportState::Well)], "answers after {answers_after} s");
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
    fn a_printer_that_unpacks_a_print_keeps_its_session() {
        let mut session = Session::live(true);
        (1..=430).for_each(|second| session.second(second));
        assert_eq!(session.looks, [(0, ReportState::Well), (77, ReportState::Quiet)]);
        assert_eq!(session.asked, [61, 361], "never more often than every five minutes");
        session.hears(false, 431);
        session.second(431);
        assert_eq!(session.looks.last(), Some(&(431, ReportState::Well)));
        (432..=1_100).for_each(|second| session.second(second));
        assert_eq!(session.looks.last(), Some(&(1_032, ReportState::Over)));
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
    fn a_request_that_is_not_allowed_is_sent_later() {
        let mut watch = ReportWatch::default();
        let start = clock::now();
        assert!(watch.subscribed(start));
        let later = start + Duration::from_secs(40);
        assert!(!watch.asks(start, || Err(later)));
        assert!(!watch.asks(later - Duration::from_secs(1), || Ok(())));
        assert!(watch.asks(later, || Ok(())));
    }
}
