//! Held requests: parked with their connection's thread, looked at by `http-hold` at each ring of the bell. That
//! thread only decides; each answer is written by its own connection's thread, so a stuck viewer delays nobody.

use super::seats::Permits;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::panic_text;
use crate::http::problem::Problem;
use crate::http::{Hold, Reply, Serve};
use crossbeam_channel::{Receiver, Sender, bounded, never, select};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Held requests at once, and for one printer. A viewer of low-latency HLS always has one, and 200 may watch.
const HELD_IN_TOTAL: usize = 1024;
const HELD_PER_PRINTER: usize = 256;

/// A held request that nobody waits for any more is forgotten this long after its deadline.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(1);

/// The connections' side.
pub struct Holds<S: Serve> {
    site: Arc<S>,
    permits: Permits,
    new: Sender<Held<S::Hold>>,
}

/// The side of `http-hold`.
pub struct HoldDesk<S: Serve> {
    site: Arc<S>,
    new: Receiver<Held<S::Hold>>,
    bell: Receiver<()>,
    stop: Stop,
    held: Vec<Held<S::Hold>>,
}

struct Held<H> {
    wait: Arc<H>,
    deadline: Instant,
    /// Bounded(1) and used once, so sending never waits.
    reply: Sender<Reply>,
}

/// Both sides. The queue of new holds has room for all there may be.
pub fn holds<S: Serve>(site: Arc<S>, bell: Receiver<()>, stop: Stop) -> (Holds<S>, HoldDesk<S>) {
    let (sender, receiver) = bounded(HELD_IN_TOTAL);
    let permits = Permits::new(HELD_IN_TOTAL, HELD_PER_PRINTER);
    let holds = Holds { site: Arc::clone(&site), permits, new: sender };
    (holds, HoldDesk { site, new: receiver, bell, stop, held: Vec::new() })
}

impl<S: Serve> Holds<S> {
    /// Waits on the connection's own thread until the request can be answered, its deadline, or the stop.
    pub fn wait(&self, hold: Hold<S::Hold>, stop: &Stop) -> Reply {
        let busy = || Problem::Unavailable("Too many viewers wait for this camera; try again.".to_owned()).reply();
        let Some(_permit) = self.permits.take(hold.group) else { return busy() };
        let (reply, answered) = bounded(1);
        let wait = Arc::new(hold.wait);
        let held = Held { wait: Arc::clone(&wait), deadline: hold.deadline, reply };
        if self.new.try_send(held).is_err() {
            return busy();
        }
        let left = hold.deadline.saturating_duration_since(clock::now());
        let reply = select! {
            recv(answered) -> reply => reply.ok(),
            recv(stop.channel()) -> _ => Some(Problem::Unavailable("Platecast is stopping.".to_owned()).reply()),
            default(left) => None,
        };
        reply.or_else(|| look(&*self.site, &wait, true)).unwrap_or_else(|| Problem::Internal.reply())
    }
}

impl<S: Serve> HoldDesk<S> {
    /// Runs until the stop.
    pub fn run(mut self) {
        loop {
            select! {
                // A new one is looked at once more: what it waits for may have come while it was on its way.
                recv(self.new) -> held => match held {
                    Ok(held) => self.held.extend(still_held(&*self.site, held)),
                    Err(_) => return,
                },
                recv(self.bell) -> rung => match rung {
                    Ok(()) => {
                        let held = std::mem::take(&mut self.held);
                        self.held = held.into_iter().filter_map(|held| still_held(&*self.site, held)).collect();
                    }
                    Err(_) => self.bell = never(),
                },
                recv(self.stop.channel()) -> _ => return,
            }
            let now = clock::now();
            self.held.retain(|held| now < held.deadline + FORGOTTEN_AFTER);
        }
    }
}

/// Answers a held request if it can be answered, else gives it back.
fn still_held<S: Serve>(site: &S, held: Held<S::Hold>) -> Option<Held<S::Hold>> {
    match look(site, &held.wait, false) {
        Some(reply) => {
            let _ = held.reply.try_send(reply);
            None
        }
        None => Some(held),
    }
}

fn look<S: Serve>(site: &S, hold: &S::Hold, waited_out: bool) -> Option<Reply> {
    catch_unwind(AssertUnwindSafe(|| site.release(hold, waited_out))).unwrap_or_else(|panic| {
        log::error!("a held request panicked: {}", panic_text(&*panic));
        Some(Problem::Internal.reply())
    })
}
