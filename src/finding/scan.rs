//! Greets every address of a range that a person has confirmed, once. This crosses routers and a container's bridge,
//! where announcements do not.

use super::{Finding, Shared, now_seen, registered_hosts};
use crate::advice::{Advice, found as words};
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::stop::{Stop, stop};
use crate::base::thread::{Stoppable, Thread, spawn, waits_for};
use crate::net::interfaces;
use crate::net::link::{Patience, Target, greet};
use crate::net::range::{MOST_ADDRESSES, Range, RangeError};
use crate::printer::Identity;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// An address at which nothing listens costs a second. One that takes the connection has the time that a printer may
/// need for a handshake: a P1S takes 1.4 s, and an X2D was seen to take 5.7 s.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(1), handshake: Duration::from_secs(8) };

/// The most addresses that are greeted at once, each on a thread of its own.
const AT_ONCE: u32 = 64;

/// Scans that may begin in a row, and their rate.
const IN_A_ROW: f64 = 10.0;
const PER_SECOND: f64 = 1.0 / 30.0;

/// The state of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanState {
    /// Addresses are being greeted.
    Running,
    /// Each address has been greeted.
    Done,
    /// A person has stopped it, or the service is being stopped.
    Stopped,
}

/// The progress of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The range.
    pub range: Range,
    /// How many of its addresses have been greeted.
    pub asked: u32,
    /// How many printers were found.
    pub found: u32,
    /// Whether it runs.
    pub state: ScanState,
}

/// Why no scan was started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// The range is none, or too large.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The range is on the internet, and no network of this machine.
    #[error("not a private range")]
    NotPrivate,
    /// Another scan runs.
    #[error("another scan runs")]
    Running,
    /// Too many scans were started in a row.
    #[error("too many scans")]
    TooMany {
        /// How long until another one may start.
        retry_after: Duration,
    },
    /// The system has no thread for it.
    #[error("no thread left")]
    NoThread,
}

impl ScanError {
    /// Returns the words for the person who asked for the scan.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Range(error) => words::of_range_error(*error),
            Self::NotPrivate => words::RANGE_NOT_PRIVATE.plain(),
            Self::Running => words::SCAN_RUNNING.plain(),
            Self::TooMany { .. } => words::TOO_MANY_SCANS.plain(),
            Self::NoThread => words::NO_THREADS.plain(),
        }
    }
}

/// The scan that runs, or the last one.
#[derive(Debug)]
pub(super) struct Running {
    scan: Option<Scan>,
    /// Grows with each scan, so that a thread of an earlier one changes nothing.
    number: u64,
    rate: Bucket,
    threads: Option<Stoppable>,
}

impl Default for Running {
    fn default() -> Self {
        Self { scan: None, number: 0, rate: Bucket::new(IN_A_ROW, PER_SECOND), threads: None }
    }
}

impl Running {
    /// Returns the progress of the scan that runs, or of the last one.
    pub fn progress(&self) -> Option<Scan> {
        self.scan.clone()
    }

    /// Stops the scan and returns its threads. They end within a second or the time of their slice.
    pub fn end(&mut self) -> Vec<Thread> {
        if let Some(scan) = self.scan.as_mut().filter(|scan| scan.state == ScanState::Running) {
            scan.state = ScanState::Stopped;
        }
        self.threads.take().map(Stoppable::stop).unwrap_or_default()
    }
}

impl Finding {
    /// Starts to scan a range as typed.
    ///
    /// # Errors
    /// Fails if the range is not valid or not allowed, or if a scan runs.
    pub fn scan(&self, typed: &str) -> Result<Scan, ScanError> {
        let range = Range::parse(typed)?;
        self.may_scan(range)?;
        let shared = &self.shared;
        let scan = shared.update(|state| {
            let running = &mut state.scan;
            if running.scan.as_ref().is_some_and(|scan| scan.state == ScanState::Running) {
                return Err(ScanError::Running);
            }
            if let Err(retry_after) = running.rate.try_take(clock::now()) {
                return Err(ScanError::TooMany { retry_after });
            }
            running.number += 1;
            let threads = start(range, running.number, shared).map_err(|_| ScanError::NoThread)?;
            let scan = Scan { range, asked: 0, found: 0, state: ScanState::Running };
            running.scan = Some(scan.clone());
            running.threads = Some(threads);
            Ok(scan)
        })?;
        log::info!("finding: {range} is scanned, {} addresses", range.count());
        Ok(scan)
    }

    /// Stops the scan, if one runs. Greetings in progress end within a second.
    pub fn stop_scan(&self) {
        // The threads are not joined here: they end on their own, and own nothing.
        let threads = self.shared.update(|state| state.scan.end());
        if !threads.is_empty() {
            log::info!("finding: the scan is stopped");
        }
    }

    /// A stranger's network on the internet is not scanned. A network of this machine may have public addresses.
    fn may_scan(&self, range: Range) -> Result<(), ScanError> {
        let is_own = || interfaces::networks().iter().any(|network| network.range.covers(range));
        let has_printer = || registered_hosts(&self.shared.fleet).into_iter().any(|host| range.contains(host));
        if range.is_private() || is_own() || has_printer() { Ok(()) } else { Err(ScanError::NotPrivate) }
    }
}

/// Starts the threads. Each takes the next address until none is left.
fn start(range: Range, number: u64, shared: &Arc<Shared>) -> io::Result<Stoppable> {
    debug_assert!(range.count() <= MOST_ADDRESSES);
    let (stopper, stop) = stop();
    let next = Arc::new(AtomicU32::new(0));
    let mut threads = Vec::new();
    for thread in 1..=AT_ONCE.min(range.count()) {
        let (shared, next, stop) = (Arc::clone(shared), Arc::clone(&next), stop.clone());
        let body = move || work(range, number, &next, &shared, &stop);
        match spawn(format!("scan-{thread}"), body) {
            Ok(started) => threads.push(started),
            // Fewer threads do the same work in more time.
            Err(error) if threads.is_empty() => return Err(error),
            Err(error) => {
                log::warn!("finding: the scan goes on with {} threads: {error}", threads.len());
                break;
            }
        }
    }
    Ok(Stoppable { stopper, threads })
}

fn work(range: Range, number: u64, next: &AtomicU32, shared: &Shared, stop: &Stop) {
    let port = shared.fleet.settings().mqtt_ports.all;
    while !stop.is_stopped() {
        waits_for("the next address of a scan", None);
        let Some(address) = range.address(next.fetch_add(1, Ordering::Relaxed)) else { return };
        let target = Target { host: address.to_string(), port, tls: Some(Identity::AnyPrinter) };
        let greeted = greet(&target, PATIENCE, stop);
        if let Ok(greeting) = &greeted {
            log::debug!("finding: {} is at {}", greeting.serial, target.at());
        }
        let done = shared.update(|state| {
            if let Ok(greeting) = &greeted {
                state.book.greet(greeting, address, now_seen());
            }
            let is_current = state.scan.number == number;
            let scan = state.scan.scan.as_mut().filter(|scan| is_current && scan.state == ScanState::Running)?;
            scan.asked += 1;
            scan.found += u32::from(greeted.is_ok());
            let is_done = scan.asked == range.count();
            if is_done {
                scan.state = ScanState::Done;
            }
            is_done.then_some(scan.found)
        });
        if let Some(found) = done {
            log::info!("finding: {range} is scanned, {found} printer(s) found");
        }
    }
}
