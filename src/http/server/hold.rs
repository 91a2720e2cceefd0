//! Held requests: each waits on its own connection's thread for news of what it asked for, and looks by itself whether
//! that answers it. So nobody hands out answers one after the other, and a viewer that is stuck delays nobody.

use super::share::{Client, Full, Permits};
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread::panic_text;
use crate::http::problem::Problem;
use crate::http::{Hold, Reply, Serve};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Held requests at once, and for one printer. A viewer of low-latency HLS always has one, and 200 may watch.
const HELD_IN_TOTAL: usize = 1024;
const HELD_PER_PRINTER: usize = 256;

/// How often one that hears no news asks for the stop: not more often than a stream has news.
const STOP_TICK: Duration = Duration::from_millis(500);

/// How many may be held.
pub fn permits() -> Arc<Permits> {
    Permits::new("held requests", HELD_IN_TOTAL, HELD_PER_PRINTER)
}

/// Waits until the request can be answered, its deadline, or the stop.
pub fn wait<S: Serve>(site: &S, permits: &Arc<Permits>, client: Client, hold: Hold<S::Hold>, stop: &Stop) -> Reply {
    let _permit = match permits.take(hold.group, client) {
        Ok(permit) => permit,
        Err(full) => {
            let sentence = match full {
                Full::Everybody => "Too many viewers wait for this camera; try again.",
                Full::Client => "Too many viewers at your address wait for cameras; close some of them.",
            };
            return Problem::Unavailable(sentence.to_owned()).reply();
        }
    };
    let mut awaited = hold.wait;
    loop {
        let left = hold.deadline.saturating_duration_since(clock::now());
        site.await_news(&awaited, left.min(STOP_TICK));
        if stop.is_stopped() {
            return Problem::Unavailable("Platecast is stopping.".to_owned()).reply();
        }
        let waited_out = clock::now() >= hold.deadline;
        let reply = catch_unwind(AssertUnwindSafe(|| site.release(&mut awaited, waited_out))).unwrap_or_else(|panic| {
            log::error!("a held request panicked: {}", panic_text(&*panic));
            Some(Problem::Internal.reply())
        });
        match reply {
            Some(reply) => return reply,
            None if waited_out => return Problem::Internal.reply(),
            None => {}
        }
    }
}
