//! The life of one command: from the click to the printer's answer, or to its deadline.
//!
//! ```text
//! click ─► ping ─► pong ─► publish ─► answer ─► it happened
//!          └ 0.9 s ┘       └── all within 5 s of the click ──┘
//! ```
//!
//! No command is ever queued. A command that has not been published within 0.9 s is never published. The kernel
//! discards data that the printer has not acknowledged 4 s later (`net::link::Polled`). Nothing is sent twice. The pong
//! just before publishing shows that the printer reads its input. No client can protect against a printer that stops
//! reading in the milliseconds after that.

use crate::mqtt::state::LinkFacts;
use crate::mqtt::{QueueFull, Session};
use crate::printer::command::{Answer, Command, Pointless, Refusal, Sequence, Unanswered, is_other_job};
use crate::printer::report::Reply;
use crate::printer::state::State;
use crossbeam_channel::Sender;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the whole command may take, counted from the click.
pub const DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait for the pong before anything is sent.
const PONG_WITHIN: Duration = Duration::from_millis(900);

/// How long the person waits for the effect after the printer has accepted. A later effect still shows on the page. The
/// wait is needed because a printer pauses only after the current move.
const HAPPENS_WITHIN: Duration = Duration::from_millis(1500);

/// A command that a person has requested.
#[derive(Debug)]
pub struct CommandRequest {
    /// The command.
    pub command: Command,
    /// The job that the person saw. The command is refused if the printer is on any other.
    pub job: Option<String>,
    /// When the request came in.
    pub clicked: Instant,
    /// Bounded(1) and used once, so answering never blocks.
    pub reply: Sender<CommandResult>,
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandResult {
    /// The printer has accepted it.
    Accepted {
        /// Whether the printer's state also shows that it is done.
        happened: bool,
    },
    /// The printer refuses the command.
    Refused(Refusal),
    /// The command makes no sense in the printer's current state; it was not sent.
    Pointless(Pointless),
    /// The printer is on another job than the one shown to the person; the command was not sent.
    OtherJob,
    /// Another command is in flight; this one was not sent.
    Busy,
    /// The printer cannot be reached; the command was not sent.
    NotConnected(NotConnected),
    /// The command was sent, and its outcome is unknown.
    NoAnswer(NoAnswer),
}

/// Why a command cannot be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum NotConnected {
    /// The link is not live.
    Link(LinkFacts),
    /// The link is being started.
    Starting,
    /// The link is being closed.
    Closing,
    /// The link is live, but the printer did not answer the ping before the command.
    NoSignOfLife,
}

/// Why the outcome of a command is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The printer did not answer, and its state does not show the effect.
    Printer(Unanswered),
    /// The connection broke.
    ConnectionBroke,
    /// A bug of ours.
    Panicked,
    /// The control thread did not answer.
    Unknown,
}

impl CommandResult {
    /// Returns a few words for the log.
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

/// A command that has been accepted for sending.
#[derive(Debug)]
pub struct PendingCommand {
    order: CommandRequest,
    sent: Option<Sent>,
}

#[derive(Debug)]
struct Sent {
    /// The printer's state just before sending.
    before: Arc<State>,
    /// Sequence ids of the messages that have no answer yet.
    open: Vec<String>,
    accepted_at: Option<Instant>,
    /// Whether the printer echoed the command without a result.
    echoed: bool,
}

/// Checks whether an order must be rejected before anything is sent.
///
/// # Errors
/// Returns the result to answer with.
pub fn refuse_early(order: &CommandRequest, state: &State) -> Result<(), CommandResult> {
    if order.job.as_deref().is_some_and(|shown| is_other_job(state, shown)) {
        return Err(CommandResult::OtherJob);
    }
    order.command.pointless(state).map_or(Ok(()), |why| Err(CommandResult::Pointless(why)))
}

impl PendingCommand {
    /// Starts the command: pings the printer to see whether it responds.
    #[must_use]
    pub fn new(order: CommandRequest, session: &Session) -> Self {
        session.ping();
        Self { order, sent: None }
    }

    /// Returns the command.
    #[must_use]
    pub fn command(&self) -> Command {
        self.order.command
    }

    /// Whether the command has been sent.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.sent.is_some()
    }

    /// Handles a pong: sends the command, unless it is too late or has become pointless. Returns the number of messages
    /// sent.
    ///
    /// # Errors
    /// Returns the final result if the command ends here.
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
            if let Err(QueueFull) = session.publish(request.payload) {
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

    /// Handles the printer's answer to a request, which may be another client's.
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

    /// Returns a refusal that the printer states in a report instead of an answer.
    #[must_use]
    pub fn refused_by_report(&self, state: &State) -> Option<Refusal> {
        self.order.command.refused_by_report(&self.sent.as_ref()?.before, state)
    }

    /// Returns the result if the printer's state or the time decides it.
    #[must_use]
    pub fn result(&self, state: &State, now: Instant) -> Option<CommandResult> {
        let Some(sent) = &self.sent else { return (now >= self.pong_due()).then(no_sign_of_life) };
        let command = self.order.command;
        let done = command.happened(state);
        // If the effect was already there before sending, it does not show that this command caused it.
        if done && (sent.accepted_at.is_some() || !command.happened(&sent.before)) {
            return Some(CommandResult::Accepted { happened: true });
        }
        if now < self.due() {
            return None;
        }
        Some(match sent.accepted_at {
            Some(_) => CommandResult::Accepted { happened: false },
            None => CommandResult::NoAnswer(NoAnswer::Printer(command.unanswered(state))),
        })
    }

    /// Whether the printer has not reacted at all. A session in which this happens repeatedly is deaf.
    #[must_use]
    pub fn met_silence(&self) -> bool {
        self.sent.as_ref().is_some_and(|sent| sent.accepted_at.is_none() && !sent.echoed)
    }

    /// Returns the latest time at which [`PendingCommand::result`] must be checked again.
    #[must_use]
    pub fn due(&self) -> Instant {
        let end = self.order.clicked + DEADLINE;
        match &self.sent {
            None => self.pong_due(),
            Some(sent) => sent.accepted_at.map_or(end, |at| end.min(at + HAPPENS_WITHIN)),
        }
    }

    /// Ends the command and sends its result.
    pub fn finish(self, result: CommandResult) {
        // The requester may be gone.
        let _ = self.order.reply.try_send(result);
    }

    fn pong_due(&self) -> Instant {
        self.order.clicked + PONG_WITHIN
    }
}

/// Formats the command with the numbers of its unanswered messages, for the log.
impl fmt::Display for PendingCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.sent.as_ref().map(|sent| sent.open.join(" and ")).unwrap_or_default();
        write!(f, "{:?} as request {numbers}", self.order.command)
    }
}

fn no_sign_of_life() -> CommandResult {
    CommandResult::NotConnected(NotConnected::NoSignOfLife)
}
