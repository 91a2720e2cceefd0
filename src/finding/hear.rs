//! The threads that hear announcements. One of them also asks printers to announce themselves, while somebody looks.

use super::{Shared, now_seen};
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::failure_log::Allowance;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::net::discovery::{Ear, search_addresses};
use crate::printer::Announcement;
use std::time::{Duration, Instant};

/// A P1S answers a search within 5 s.
const SEARCHES_APART: Duration = Duration::from_secs(5);
/// An interface may be switched on later.
const JOINS_APART: Duration = Duration::from_secs(30);
/// Until what is no longer heard is looked for.
const AGES_APART: Duration = Duration::from_secs(5);
/// A farm of 64 printers sends some 13 packets a second.
const PACKETS_AT_ONCE: f64 = 300.0;
const PACKETS_PER_SECOND: f64 = 100.0;
/// After a failure of the socket.
const REST: Duration = Duration::from_secs(5);

/// Hears announcements until the stop.
pub fn run(mut ear: Ear, shared: &Shared, stop: &Stop) {
    let searches = ear.port().ok().is_some_and(|port| shared.ports.last() == Some(&port));
    let mut lines = Allowance::default();
    let mut pace = Bucket::new(PACKETS_AT_ONCE, PACKETS_PER_SECOND);
    let (mut joined, mut searched, mut aged): (Option<Instant>, Option<Instant>, Option<Instant>) = (None, None, None);
    waits_for("an announcement of a printer (checks for the stop every 500 ms)", None);
    while !stop.is_stopped() {
        let now = clock::now();
        if is_due(joined, JOINS_APART, now) {
            ear.join();
            joined = Some(now);
        }
        if searches && shared.lookers() > 0 && is_due(searched, SEARCHES_APART, now) {
            ear.search(&shared.settings.search.clone().unwrap_or_else(search_addresses), stop);
            searched = Some(now);
        }
        if is_due(aged, AGES_APART, now) {
            shared.update(|_| {});
            aged = Some(now);
        }
        match ear.hear() {
            Ok(None) => {}
            // Printers repeat themselves, so one that is lost in a flood is heard later.
            Ok(Some(_)) if pace.try_take(now).is_err() => {}
            Ok(Some((packet, source))) => match Announcement::parse(packet, source) {
                Ok(announcement) => take(announcement, shared),
                Err(why) => {
                    if let Some(more) = lines.take(now) {
                        log::debug!("finding: a packet from {source} is ignored: {why}{more}");
                    }
                }
            },
            Err(error) => {
                if let Some(more) = lines.take(now) {
                    log::warn!("printers cannot be heard: {error}{more}");
                }
                if stop.wait(REST) {
                    return;
                }
            }
        }
    }
}

fn is_due(last: Option<Instant>, apart: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= apart)
}

fn take(announcement: Announcement, shared: &Shared) {
    let is_registered = shared.fleet.with_serial(&announcement.serial).is_some();
    shared.update(|state| {
        state.has_heard = true;
        state.book.hear(announcement, is_registered, now_seen());
    });
}
