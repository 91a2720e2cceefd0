//! Keep-alive requests while a stream plays: which ones are sent, and what follows from their answers.
//!
//! If a camera refuses one kind of request, or does not answer it, the next kind is tried. None of this ends a session.
//! Cameras answer 454 (the thingino firmware does), 405 or nothing at all, and keep sending video. The owner of the
//! connection watches whether packets still come.

use super::message::Method;

/// A kind of keep-alive request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// The method of the request.
    pub method: Method,
    /// Whether it names the session.
    pub names_session: bool,
    /// Whether the login is added, if the camera has asked for one.
    pub signed: bool,
}

/// The kinds in the order in which they are tried.
const WAYS: [(Method, bool); 3] = [
    // For live555, which the printers use. It asks for no login here.
    (Method::GetParameter, true),
    // By RFC 2326 §10.1 any request that names the session prolongs it, and every camera knows OPTIONS.
    (Method::Options, true),
    // For a camera that refuses requests because it no longer knows the session.
    (Method::Options, false),
];

/// Chooses the keep-alive requests of one session; see the module.
#[derive(Debug)]
pub struct KeepAlive {
    way: usize,
    /// The CSeq of a keep-alive request that is not answered yet.
    unanswered: Option<u32>,
    /// Whether our login was refused while the stream played. It is then not sent again, since that could lock us out.
    unsigned: bool,
}

impl KeepAlive {
    /// Starts with the kind that fits a camera that announces GET_PARAMETER, or does not.
    pub fn new(speaks_get_parameter: bool) -> Self {
        Self { way: usize::from(!speaks_get_parameter), unanswered: None, unsigned: false }
    }

    /// Returns the next request. If the last one is still unanswered, the next kind is tried.
    pub fn next(&mut self) -> Way {
        if self.unanswered.take().is_some() {
            self.try_the_next();
        }
        self.present()
    }

    /// Records that the request was sent with this CSeq.
    pub fn sent(&mut self, cseq: u32) {
        self.unanswered = Some(cseq);
    }

    /// Records an answer. Without a CSeq it counts for the last request.
    pub fn answered(&mut self, cseq: Option<u32>, granted: bool) {
        // A slow camera sends many late answers, which say nothing about the present kind.
        if self.unanswered.is_none() || cseq.is_some_and(|cseq| Some(cseq) != self.unanswered) {
            return;
        }
        self.unanswered = None;
        if !granted {
            self.try_the_next();
        }
    }

    /// Handles a login request of the camera: the same kind is sent once more, with the login that we have.
    pub fn login_wanted(&mut self) {
        self.unanswered = None;
    }

    /// Handles a refusal of our login: the next kind is tried, without it.
    pub fn login_refused(&mut self) {
        self.unsigned = true;
        self.unanswered = None;
        self.try_the_next();
    }

    /// Whether our login is still sent.
    pub fn is_signed(&self) -> bool {
        !self.unsigned
    }

    fn present(&self) -> Way {
        let (method, names_session) = WAYS.get(self.way).copied().unwrap_or(WAYS[1]);
        Way { method, names_session, signed: !self.unsigned }
    }

    fn try_the_next(&mut self) {
        self.way = (self.way + 1) % WAYS.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the first requests for a camera that answers each of them this way, or not at all.
    fn check(situation: &str, speaks_get_parameter: bool, answer: impl Fn(Way) -> Option<bool>, ways: &[&str]) {
        let mut keep_alive = KeepAlive::new(speaks_get_parameter);
        let told = (1..=ways.len() as u32).map(|cseq| {
            let way = keep_alive.next();
            keep_alive.sent(cseq);
            if let Some(granted) = answer(way) {
                keep_alive.answered(Some(cseq), granted);
            }
            format!("{}{}", way.method, if way.names_session { "" } else { " without session" })
        });
        assert_eq!(told.collect::<Vec<_>>(), ways, "{situation}");
    }

    #[test]
    fn each_camera_gets_a_keep_alive_method_that_it_accepts() {
        const GET: &str = "GET_PARAMETER";
        const OPTIONS: &str = "OPTIONS";
        const BARE: &str = "OPTIONS without session";
        check("all is granted", true, |_| Some(true), &[GET, GET, GET]);
        check("not advertised", false, |_| Some(true), &[OPTIONS, OPTIONS]);
        let only_options = |way: Way| Some(way.method == Method::Options);
        check("GET_PARAMETER is refused", true, only_options, &[GET, OPTIONS, OPTIONS, OPTIONS]);
        let forgotten = |way: Way| Some(!way.names_session);
        check("the session is forgotten", true, forgotten, &[GET, OPTIONS, BARE, BARE]);
        check("all is refused", true, |_| Some(false), &[GET, OPTIONS, BARE, GET, OPTIONS]);
        check("nothing is answered", true, |_| None, &[GET, OPTIONS, BARE, GET]);
        let silent_on_get = |way: Way| (way.method == Method::Options).then_some(true);
        check("GET_PARAMETER is not answered", true, silent_on_get, &[GET, OPTIONS, OPTIONS]);
    }

    #[test]
    fn late_repeated_and_unsolicited_answers_change_nothing() {
        let mut keep_alive = KeepAlive::new(true);
        keep_alive.answered(None, false);
        keep_alive.next();
        keep_alive.sent(7);
        keep_alive.answered(Some(6), false);
        keep_alive.answered(Some(7), true);
        keep_alive.answered(Some(7), false);
        assert_eq!(keep_alive.next().method, Method::GetParameter);
        keep_alive.sent(8);
        keep_alive.answered(None, false);
        assert_eq!(keep_alive.next().method, Method::Options, "an answer without a number is the last one's");
    }

    #[test]
    fn a_login_that_is_refused_is_not_shown_again() {
        let mut keep_alive = KeepAlive::new(true);
        assert!(keep_alive.next().signed && keep_alive.is_signed());
        keep_alive.login_refused();
        let way = keep_alive.next();
        assert_eq!((way.method, way.signed, keep_alive.is_signed()), (Method::Options, false, false));
    }
}
