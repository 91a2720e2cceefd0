//! A command on its way: from the click to the printer's answer, or to the moment from which it is dead.
//!
//! ```text
//! click ─► ping ─► pong ─► publish ─► answer ─► it happened
//!          └ 0.9 s ┘       └── all within 5 s of the click ──┘
//! ```
//!
//! A command waits nowhere: what has not been published within 0.9 s never will be, and the kernel throws away what
//! the printer has not acknowledged 4 s later (`net::link::Polled`). Nothing is sent twice. The pong just before shows
//! that the printer reads what it is sent; a printer that stops reading within those milliseconds is beyond any
//! client.

use crate::mqtt::{NotTaken, Session};
use crate::printer::command::{Answer, Command, Refusal, Sequence, is_other_job};
use crate::printer::report::Reply;
use crate::printer::state::State;
use crossbeam_channel::Sender;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From the click, for everything.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// For the pong, before anything is sent.
const PONG_WITHIN: Duration = Duration::from_millis(900);

/// After the printer has accepted, the person waits this much longer for it to happen; then the page shows it when it
/// does. A printer pauses after the current move.
const HAPPENS_WITHIN: Duration = Duration::from_millis(1500);

/// What a person wants.
#[derive(Debug)]
pub struct Order {
    /// The command.
    pub command: Command,
    /// The job that the person saw; on any other the command is refused.
    pub job: Option<String>,
    /// When the request came in.
    pub clicked: Instant,
    /// Bounded(1) and used once, so answering never waits.
    pub reply: Sender<CommandResult>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandResult {
    /// The printer has accepted it.
    Accepted {
        /// And its state shows that it is done.
        happened: bool,
    },
    /// The printer refuses.
    Refused(String),
    /// The state of the printer leaves no sense in it; it was not sent.
    Pointless(&'static str),
    /// The printer is on another job than the one that was shown; it was not sent.
    OtherJob,
    /// Another command is on its way; this one was not sent.
    Busy,
    /// The printer cannot be reached; it was not sent.
    NotConnected(String),
    /// It was sent, and nobody knows what became of it.
    NoAnswer(String),
}

impl CommandResult {
    /// A few words for the log.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted { happened: true } => "accepted and done",
            Self::Accepted { happened: false } => "accepted",
            Self::Refused(_) => "refused by the printer",
            Self::Pointless(_) => "pointless, not sent",
            Self::OtherJob => "for another job, not sent",
            Self::Busy => "another one is on its way, not sent",
            Self::NotConnected(_) => "not connected, not sent",
            Self::NoAnswer(_) => "sent, no answer",
        }
    }
}

/// A command whose order has been taken.
#[derive(Debug)]
pub struct Flight {
    order: Order,
    sent: Option<Sent>,
}

#[derive(Debug)]
struct Sent {
    /// The printer as it was.
    before: Arc<State>,
    /// Messages without an answer yet.
    open: Vec<String>,
    accepted_at: Option<Instant>,
    /// It came back without a word.
    echoed: bool,
}

/// Why an order is not taken.
///
/// # Errors
/// With the result to answer.
pub fn refuse_early(order: &Order, state: &State) -> Result<(), CommandResult> {
    if order.job.as_deref().is_some_and(|shown| is_other_job(state, shown)) {
        return Err(CommandResult::OtherJob);
    }
    order.command.pointless(state).map_or(Ok(()), |sentence| Err(CommandResult::Pointless(sentence)))
}

impl Flight {
    /// Takes off: the printer is asked for a sign of life.
    #[must_use]
    pub fn new(order: Order, session: &Session) -> Self {
        session.ping();
        Self { order, sent: None }
    }

    /// What it carries.
    #[must_use]
    pub fn command(&self) -> Command {
        self.order.command
    }

    /// Whether it has left.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// The printer is there: it is sent, unless it is too late or has become pointless. Tells how many messages left.
    ///
    /// # Errors
    /// With the result, if that ends it.
    pub fn pong(
        &mut self,
        session: &Session,
        sequence: &mut Sequence,
        state: &Arc<State>,
        now: Instant,
    ) -> Result<u32, CommandResult> {
        if self.sent.is_some() {
            return Ok(0);
        }
        if now >= self.pong_due() {
            return Err(no_sign_of_life());
        }
        refuse_early(&self.order, state)?;
        let mut open = Vec::new();
        for request in self.order.command.requests(state, sequence) {
            if let Err(NotTaken) = session.publish(request.payload) {
                break;
            }
            open.push(request.sequence_id);
        }
        if open.is_empty() {
            return Err(no_sign_of_life());
        }
        let messages = u32::try_from(open.len()).unwrap_or(u32::MAX);
        self.sent = Some(Sent { before: Arc::clone(state), open, accepted_at: None, echoed: false });
        Ok(messages)
    }

    /// The printer has answered somebody's request, perhaps this one.
    pub fn answered(&mut self, reply: &Reply, state: &State, now: Instant) -> Option<Result<(), Refusal>> {
        let sent = self.sent.as_mut()?;
        let id = reply.sequence_id.as_ref()?;
        let place = sent.open.iter().position(|open| open == id)?;
        match self.order.command.answered(reply, state) {
            Answer::Accepted => {
                sent.open.swap_remove(place);
                if sent.open.is_empty() {
                    sent.accepted_at = Some(now);
                }
                Some(Ok(()))
            }
            Answer::Refused(refusal) => Some(Err(refusal)),
            Answer::Undecided => {
                sent.echoed = true;
                None
            }
        }
    }

    /// A refusal that stands in a report instead of an answer.
    #[must_use]
    pub fn refused_by_report(&self, state: &State) -> Option<Refusal> {
        self.order.command.refused_by_report(&self.sent.as_ref()?.before, state)
    }

    /// Whether it is over by what the printer's state shows, or by the time.
    #[must_use]
    pub fn result(&self, state: &State, now: Instant) -> Option<CommandResult> {
        let Some(sent) = &self.sent else { return (now >= self.pong_due()).then(no_sign_of_life) };
        let command = self.order.command;
        let done = command.happened(state);
        // What was so before is no sign that this command did it.
        if done && (sent.accepted_at.is_some() || !command.happened(&sent.before)) {
            return Some(CommandResult::Accepted { happened: true });
        }
        if now < self.due() {
            return None;
        }
        Some(match sent.accepted_at {
            Some(_) => CommandResult::Accepted { happened: false },
            None => CommandResult::NoAnswer(command.unanswered(state).to_owned()),
        })
    }

    /// The printer has not said a word: a session in which that happens again is deaf.
    #[must_use]
    pub fn met_silence(&self) -> bool {
        self.sent.as_ref().is_some_and(|sent| sent.accepted_at.is_none() && !sent.echoed)
    }

    /// When [`Flight::result`] has to be asked again at the latest.
    #[must_use]
    pub fn due(&self) -> Instant {
        let end = self.order.clicked + DEADLINE;
        match &self.sent {
            None => self.pong_due(),
            Some(sent) => sent.accepted_at.map_or(end, |at| end.min(at + HAPPENS_WITHIN)),
        }
    }

    /// The end of it.
    pub fn land(self, result: CommandResult) {
        // Whoever asked may have gone.
        let _ = self.order.reply.try_send(result);
    }

    fn pong_due(&self) -> Instant {
        self.order.clicked + PONG_WITHIN
    }
}

/// The command with the numbers of its messages that have no answer yet, for the log.
impl fmt::Display for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.sent.as_ref().map(|sent| sent.open.join(" and ")).unwrap_or_default();
        write!(f, "{:?} as request {numbers}", self.order.command)
    }
}

fn no_sign_of_life() -> CommandResult {
    CommandResult::NotConnected(
        "The printer gives no sign of life at the moment, so the command was not sent. Try again.".to_owned(),
    )
}
