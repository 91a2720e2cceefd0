//! How the control thread handles a command, from the click to its end.

use super::{ControlThread, SILENT_COMMANDS};
use crate::mqtt::Deafness;
use crate::mqtt::command::{CommandRequest, CommandResult, NoAnswer, NotConnected, PendingCommand, refuse_early};
use crate::printer::command::Refusal;
use crate::printer::report::Reply;
use std::time::Instant;

impl ControlThread {
    pub(super) fn take(&mut self, order: CommandRequest) {
        let reject = |order: CommandRequest, result| {
            let _ = order.reply.try_send(result);
        };
        let Some(online) = self.online.as_ref().filter(|online| online.reports.has_reported()) else {
            let link = self.link.clone();
            return reject(order, CommandResult::NotConnected(NotConnected::Link(link)));
        };
        if self.flight.is_some() {
            return reject(order, CommandResult::Busy);
        }
        match refuse_early(&order, &self.state) {
            Err(result) => reject(order, result),
            Ok(()) => {
                log::debug!("{}: mqtt: the command {:?} waits for the answer to a ping", self.owner, order.command);
                self.flight = Some(PendingCommand::new(order, &online.session));
            }
        }
    }

    pub(super) fn log_answer(&self, reply: &Reply, answer: &Result<(), Refusal>) {
        let number = reply.sequence_id.as_deref().unwrap_or_default();
        match answer {
            Ok(()) => log::debug!("{}: mqtt: the printer accepts request {number}", self.owner),
            Err(refusal) => log::debug!("{}: mqtt: the printer refuses request {number}: {refusal}", self.owner),
        }
    }

    pub(super) fn pong(&mut self, now: Instant) {
        let (Some(flight), Some(online)) = (&mut self.flight, &mut self.online) else { return };
        match flight.pong(&online.session, &mut online.sequence, &self.state, now) {
            Ok(0) => {}
            Ok(messages) => {
                online.unacknowledged += messages;
                log::debug!("{}: mqtt: the command {flight} is sent", self.owner);
            }
            Err(result) => self.finish(result),
        }
    }

    pub(super) fn answered(&mut self, answer: Result<(), Refusal>) {
        if let Some(online) = &mut self.online {
            online.silent_commands = 0;
        }
        let guarded = self.flight.as_ref().is_some_and(|flight| flight.command().is_guarded());
        let developer_mode = answer == Err(Refusal::DeveloperMode);
        if guarded && (answer.is_ok() || developer_mode) {
            self.known.learn(answer.is_ok());
            self.read_state();
        }
        if let Err(refusal) = answer {
            self.finish(CommandResult::Refused(refusal));
        }
    }

    pub(super) fn watch_flight(&mut self, now: Instant) {
        let Some(flight) = &self.flight else { return };
        if let Some(refusal) = flight.refused_by_report(&self.state) {
            self.answered(Err(refusal));
            return;
        }
        let Some(result) = flight.result(&self.state, now) else { return };
        let deaf = matches!(result, CommandResult::NoAnswer(_)) && flight.met_silence();
        self.finish(result);
        if let Some(online) = &mut self.online {
            online.silent_commands = if deaf { online.silent_commands + 1 } else { 0 };
            if online.silent_commands >= SILENT_COMMANDS {
                self.start_afresh(Deafness::NoAnswers);
            }
        }
    }

    /// Ends a command whose session is over; `why` is the reason given if it had not been sent yet.
    pub(super) fn fail_command(&mut self, why: NotConnected) {
        let sent = self.flight.as_ref().is_some_and(PendingCommand::is_sent);
        self.finish(match sent {
            true => CommandResult::NoAnswer(NoAnswer::ConnectionBroke),
            false => CommandResult::NotConnected(why),
        });
    }

    pub(super) fn finish(&mut self, result: CommandResult) {
        if let Some(flight) = self.flight.take() {
            flight.finish(result);
        }
    }
}
