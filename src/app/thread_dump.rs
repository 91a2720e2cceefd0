//! Writes the thread dump into the log on SIGUSR1, for a machine without a debugger and a container without a shell.
//! Each thread has one line with its wait and the state of its printer.

use crate::base::clock;
use crate::base::process::{self, Task};
use crate::base::thread::{self, Running, Thread, waits_for};
use crate::fleet::{Fleet, Overview};
use crate::printer::PrinterId;
use crossbeam_channel::bounded;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

/// The states are available at once, unless a thread holds the lock on them. That is then the problem that somebody is
/// looking for, so the dump continues without them.
const STATES_WITHIN: Duration = Duration::from_millis(500);

/// Writes the dumps.
#[derive(Debug)]
pub(super) struct Dump {
    fleet: Arc<OnceLock<Weak<Fleet>>>,
    /// The thread that reads the states. If it gets stuck, it is left behind, and no second one is started.
    asking: Option<Thread>,
}

impl Dump {
    pub(super) fn new(fleet: Arc<OnceLock<Weak<Fleet>>>) -> Self {
        Self { fleet, asking: None }
    }

    pub(super) fn log(&mut self) {
        let now = clock::now();
        // The threads are listed before this one waits for anything else.
        let threads: Vec<(Running, Option<Task>)> = thread::running()
            .into_iter()
            .map(|thread| (thread.number.and_then(process::task), thread))
            .map(|(task, thread)| (thread, task))
            .collect();
        let states = self.states();
        log::info!("SIGUSR1: {} threads", threads.len());
        for (thread, task) in &threads {
            let state = printer_of(&thread.name).map(|id| match &states {
                Ok(states) => states.get(&id).map_or("it is not registered any more", String::as_str),
                Err(why) => why,
            });
            log::info!("{}", line(thread, *task, state, now));
        }
    }

    /// Returns the printers' states, or why there are none.
    fn states(&mut self) -> Result<BTreeMap<PrinterId, String>, &'static str> {
        const HELD: &str = "its state is locked by another thread";
        let Some(fleet) = self.fleet.get() else { return Err("the printers are being started") };
        let Some(fleet) = fleet.upgrade().filter(|fleet| !fleet.has_closed()) else {
            return Err("the printers are being stopped");
        };
        if self.asking.as_ref().is_some_and(|asking| !asking.is_finished()) {
            return Err(HELD);
        }
        let (told, states) = bounded(1);
        let asking = thread::spawn("dump", move || {
            waits_for("the printers' states", None);
            let all = fleet.overview();
            drop(fleet);
            let now = clock::now();
            // If it comes too late, nobody receives it.
            let _ = told.send(all.iter().map(|(id, overview)| (*id, state(overview, now))).collect());
        });
        self.asking = Some(asking.map_err(|_| HELD)?);
        states.recv_timeout(STATES_WITHIN).map_err(|_| HELD)
    }
}

/// Returns the printer of a thread: `p3-camera` belongs to printer 3.
fn printer_of(name: &str) -> Option<PrinterId> {
    let (number, _) = name.strip_prefix('p')?.split_once('-')?;
    number.parse().ok().map(PrinterId)
}

fn state(overview: &Overview, now: Instant) -> String {
    let (camera, status) = (overview.camera.report(now), &overview.status.value);
    let for_s = |since_unix_ms: i64| clock::unix_ms().saturating_sub(since_unix_ms).max(0) / 1000;
    let mut text = format!("camera {} for {} s", camera.step.word(), for_s(camera.since_unix_ms));
    if let Some(age_ms) = camera.last_frame_age_ms {
        let _ = write!(text, ", last frame {:.1} s ago", age_ms as f64 / 1000.0);
    }
    let link = &status.link;
    let _ = write!(
        text,
        "; link {} for {} s; printer {:?}",
        link.step.word(),
        for_s(link.since_unix_ms),
        status.display.kind
    );
    text
}

fn line(thread: &Running, task: Option<Task>, state: Option<&str>, now: Instant) -> String {
    let mut text = format!("thread {}: ", thread.name);
    match thread.wait {
        None => text.push_str("has recorded no wait"),
        Some(wait) => {
            let seconds = now.saturating_duration_since(wait.since).as_secs_f64();
            let _ = write!(text, "waits for {}, for {seconds:.1} s", wait.what);
            match wait.until {
                None => {}
                Some(until) if until >= now => {
                    let _ = write!(text, ", deadline in {:.1} s", (until - now).as_secs_f64());
                }
                Some(until) => {
                    let _ = write!(text, ", deadline missed by {:.1} s", (now - until).as_secs_f64());
                }
            }
        }
    }
    match task {
        None => text.push_str("; CPU unknown"),
        Some(Task { state, cpu_seconds }) => {
            let does = match state {
                'S' => "asleep",
                'R' => "running",
                'D' => "in the disk or the kernel",
                _ => "ending",
            };
            let _ = write!(text, "; {does}, CPU {cpu_seconds:.2} s");
        }
    }
    if let Some(state) = state {
        let _ = write!(text, "; {state}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::thread::Wait;

    #[test]
    fn a_line_has_wait_deadline_cpu_time_and_printer() {
        let start = clock::now();
        let after = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let wait = Wait { what: "the TLS handshake", since: start, until: Some(after(15.0)) };
        let thread = |wait| Running { name: "p3-camera".to_owned(), number: Some(7), wait };
        let task = |state| Some(Task { state, cpu_seconds: 1.5 });
        assert_eq!(
            line(&thread(Some(wait)), task('S'), Some("camera connecting for 2 s"), after(2.0)),
            "thread p3-camera: waits for the TLS handshake, for 2.0 s, deadline in 13.0 s; asleep, CPU 1.50 s; camera \
             connecting for 2 s"
        );
        assert_eq!(
            line(&thread(Some(wait)), task('D'), None, after(16.0)),
            "thread p3-camera: waits for the TLS handshake, for 16.0 s, deadline missed by 1.0 s; in the disk or the \
             kernel, CPU 1.50 s"
        );
        assert_eq!(line(&thread(None), None, None, start), "thread p3-camera: has recorded no wait; CPU unknown");
    }

    #[test]
    fn a_thread_name_identifies_its_printer() {
        assert_eq!(printer_of("p12-camera"), Some(PrinterId(12)));
        assert!(["main", "http-12", "keeper", "test-4-camera", "pipe-1"].iter().all(|name| printer_of(name).is_none()));
    }
}
