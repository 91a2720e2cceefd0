//! No command is delivered late, none twice, and each ends: random schedules of faults and clicks.
//!
//! What no client can prevent is left out: a printer that answers a ping, stops reading within the next milliseconds,
//! and reads on more than 5 s later, finds the command in its own buffer. So a stall that begins around the click is a
//! short one here, and a long one begins well before it. No packets are dropped here, so nothing here tests the socket's
//! timeout: `docs/adr/0007-mqtt-wire.md` says what does.

use crate::http_client::{now, rounds};
use crate::status::Bench;
use platecast::fleet::CommandResult;
use platecast::printer::command::Command;
use std::time::{Duration, Instant};
use virtual_printer::{Acknowledgement, Behaviour, Model, Stall};

/// After the click nothing may arrive later than this.
const LATEST: Duration = Duration::from_secs(5);

/// An answer comes by then; a little is for a busy machine.
const ANSWERED: Duration = Duration::from_millis(5800);

const PRINTERS_AT_ONCE: usize = 12;

/// Random numbers, told at a failure.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least))
    }
}

/// A fault, when it begins, counted from the first click, and how long it lasts. Before the click is negative.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    StallAround(Duration),
    StallBefore(Duration),
    Reset,
    Away(Duration),
    Deaf(Duration),
    LateReplies(Duration),
    LostAcknowledgements,
}

impl Fault {
    fn random(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0 => Self::None,
            1 => Self::StallAround(dice.ms(100, 3500)),
            2 => Self::StallBefore(dice.ms(3000, 9000)),
            3 => Self::Reset,
            4 => Self::Away(dice.ms(200, 3000)),
            5 => Self::Deaf(dice.ms(500, 6000)),
            6 => Self::LateReplies(dice.ms(100, 6000)),
            _ => Self::LostAcknowledgements,
        }
    }

    /// Begins; tells how long until it is to end.
    fn begin(self, bench: &Bench) -> Duration {
        let broker = bench.broker();
        let change = |change: &dyn Fn(&mut Behaviour)| broker.change(change);
        match self {
            Self::None => Duration::ZERO,
            Self::StallAround(span) | Self::StallBefore(span) => {
                change(&|behaviour| behaviour.stall = Some(Stall::Everything));
                span
            }
            Self::Reset => {
                broker.reset();
                Duration::ZERO
            }
            Self::Away(span) => {
                broker.refuse();
                broker.reset();
                span
            }
            Self::Deaf(span) => {
                change(&|behaviour| behaviour.mqtt.deaf = true);
                span
            }
            Self::LateReplies(span) => {
                change(&|behaviour| behaviour.mqtt.reply = Acknowledgement::After(span));
                span
            }
            Self::LostAcknowledgements => {
                change(&|behaviour| behaviour.mqtt.puback = Acknowledgement::Lost);
                Duration::from_secs(1)
            }
        }
    }
}

/// A click, its answer, and when that came.
#[derive(Debug)]
struct Click {
    at: Instant,
    result: CommandResult,
    answered: Instant,
}

#[test]
fn no_command_arrives_late_or_twice_and_each_is_answered() {
    let schedules = rounds(4 * PRINTERS_AT_ONCE, 1000).div_ceil(PRINTERS_AT_ONCE);
    let counted: Vec<[usize; 4]> = std::thread::scope(|scope| {
        let printers: Vec<_> = (0..PRINTERS_AT_ONCE)
            .map(|number| {
                scope.spawn(move || {
                    let bench = Bench::live(if number % 2 == 0 { Model::X1C } else { Model::P1S });
                    let mut dice = Dice(0x9E37_79B9 + number as u64);
                    let mut counted = [0; 4];
                    for round in 0..schedules {
                        let clicks = schedule(&bench, &mut dice, &format!("printer {number}, round {round}"));
                        clicks.iter().for_each(|click| counted[kind(&click.result)] += 1);
                    }
                    counted
                })
            })
            .collect();
        printers.into_iter().map(|printer| printer.join().expect("no late command")).collect()
    });
    let total = |kind: usize| counted.iter().map(|counted| counted[kind]).sum::<usize>();
    let [accepted, not_sent, unanswered, refused] = [0, 1, 2, 3].map(total);
    eprintln!("{accepted} accepted, {not_sent} not sent, {unanswered} not answered, {refused} refused");
    assert!(accepted > 0 && not_sent > 0 && unanswered > 0, "the schedules are not what they should be");
}

fn kind(result: &CommandResult) -> usize {
    match result {
        CommandResult::Accepted { .. } => 0,
        CommandResult::NotConnected(_)
        | CommandResult::Busy
        | CommandResult::Pointless(_)
        | CommandResult::OtherJob => 1,
        CommandResult::NoAnswer(_) => 2,
        CommandResult::Refused(_) => 3,
    }
}

fn schedule(bench: &Bench, dice: &mut Dice, what: &str) -> Vec<Click> {
    let fault = Fault::random(dice);
    let before = bench.broker().seen().mqtt.commands("ledctrl").count();
    let began = now();
    let clicks = std::thread::scope(|scope| {
        let lead = match fault {
            Fault::StallBefore(_) => dice.ms(1000, 2500),
            _ => dice.ms(0, 60),
        };
        let clicks_first = dice.below(2) == 0 && !matches!(fault, Fault::StallBefore(_));
        let faulty = scope.spawn(move || {
            if clicks_first {
                pass(lead);
            }
            let lasts = fault.begin(bench);
            pass(lasts);
            bench.broker().heal();
        });
        if !clicks_first {
            pass(lead);
        }
        let clicks: Vec<Click> = (0..1 + dice.below(3)).map(|_| click(bench, dice.below(2) == 0)).collect();
        faulty.join().expect("no panic");
        clicks
    });
    bench.wait(what, Duration::from_secs(8), |status| status.connected);
    let seen = bench.broker().seen().mqtt;
    let arrived: Vec<Instant> = seen.commands("ledctrl").skip(before).map(|request| request.arrived).collect();
    let story = || {
        format!("{what}: {fault:?} {clicks:#?} arrived {:?}", arrived.iter().map(|at| *at - began).collect::<Vec<_>>())
    };
    for (number, click) in clicks.iter().enumerate() {
        assert!(click.answered - click.at < ANSWERED, "answered late: {}", story());
        let next = clicks.get(number + 1).map(|next| next.at);
        let own: Vec<_> = arrived.iter().filter(|at| **at >= click.at && next.is_none_or(|next| **at < next)).collect();
        assert!(own.len() <= 1, "delivered twice: {}", story());
        assert!(own.iter().all(|at| **at - click.at <= LATEST), "delivered late: {}", story());
        match kind(&click.result) {
            0 => assert_eq!(own.len(), 1, "accepted and never there: {}", story()),
            1 => assert_eq!(own.len(), 0, "sent all the same: {}", story()),
            _ => {}
        }
    }
    clicks
}

fn click(bench: &Bench, on: bool) -> Click {
    let at = now();
    let result = bench.command(Command::Light { on });
    Click { at, result, answered: now() }
}

fn pass(span: Duration) {
    let _ = crossbeam_channel::never::<()>().recv_timeout(span);
}
