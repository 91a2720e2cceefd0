//! The only place where a thread is started: each has a name that fits Linux's 15 bytes, and an owner that joins it.
//!
//! Each also notes what it waits for ([`waits_for`]), and [`running`] lists these notes: the thread dump of a machine
//! without a debugger. A note costs a look at the clock and a lock that nobody else holds, so a thread notes where it
//! begins another kind of wait, and never once per packet.

use crate::base::stop::Stopper;
use crate::base::{clock, process};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// Linux shows this many bytes of a thread's name.
const NAME_BYTES: usize = 15;

/// Stack of a thread: protocol threads keep their buffers on the heap.
const STACK_BYTES: usize = 512 * 1024;

/// A running thread. Its owner calls [`Thread::join`].
#[derive(Debug)]
pub struct Thread(JoinHandle<()>);

/// Starts `body` on a thread called `name`. A panic in it is caught and logged; it ends this thread only.
///
/// # Errors
/// When the system has no thread to give.
pub fn spawn(name: impl Into<String>, body: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
    let name = name.into();
    debug_assert!(name.len() <= NAME_BYTES, "thread name `{name}` is longer than Linux shows");
    let label = name.clone();
    let handle = Builder::new().name(name).stack_size(STACK_BYTES).spawn(move || {
        let _listed = list(&label);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
            log::error!("thread {label} panicked: {}", panic_text(&*panic));
        }
    })?;
    Ok(Thread(handle))
}

/// Threads with their own stop. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct Stoppable {
    /// Their stop.
    pub stopper: Stopper,
    /// The threads.
    pub threads: Vec<Thread>,
}

impl Stoppable {
    /// Signals the stop, and returns the threads for the caller to join.
    #[must_use]
    pub fn stop(self) -> Vec<Thread> {
        drop(self.stopper);
        self.threads
    }
}

impl Thread {
    /// Waits until the thread has ended.
    pub fn join(self) {
        // The body's panic was caught and logged in `spawn`.
        let _ = self.0.join();
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

/// What a thread waits for, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// A noun that can follow "waits for".
    pub what: &'static str,
    /// When the wait began.
    pub since: Instant,
    /// When it ends at the latest, if there is such a time.
    pub until: Option<Instant>,
}

/// A thread that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// As it shows in `top -H`; `main` for the first.
    pub name: String,
    /// Linux's number of it.
    pub number: Option<u32>,
    /// `None` until its first note.
    pub wait: Option<Wait>,
}

#[derive(Debug)]
struct Listed {
    name: String,
    number: Option<u32>,
    wait: Mutex<Option<Wait>>,
}

/// All threads that are listed, in the order of their start.
static LISTED: Mutex<BTreeMap<u64, Arc<Listed>>> = Mutex::new(BTreeMap::new());

thread_local! {
    static OWN: OnceCell<Arc<Listed>> = const { OnceCell::new() };
}

/// Dropping it takes the thread off the list.
#[derive(Debug)]
#[must_use]
pub struct Listing(u64);

impl Drop for Listing {
    fn drop(&mut self) {
        lock(&LISTED).remove(&self.0);
    }
}

/// Lists the calling thread for as long as the listing is kept: the first one, which nobody has spawned.
pub fn list(name: &str) -> Listing {
    let own = Arc::new(Listed { name: name.to_owned(), number: process::thread_number(), wait: Mutex::default() });
    OWN.with(|cell| _ = cell.set(Arc::clone(&own)));
    let mut listed = lock(&LISTED);
    let place = listed.last_key_value().map_or(0, |(last, _)| last + 1);
    listed.insert(place, own);
    Listing(place)
}

/// Notes what the calling thread waits for from now on, until its next note. `what` follows "waits for".
pub fn waits_for(what: &'static str, until: Option<Instant>) {
    OWN.with(|own| {
        if let Some(own) = own.get() {
            *lock(&own.wait) = Some(Wait { what, since: clock::now(), until });
        }
    });
}

/// Every thread that has not ended, in the order of their start.
#[must_use]
pub fn running() -> Vec<Running> {
    let listed: Vec<Arc<Listed>> = lock(&LISTED).values().cloned().collect();
    let of =
        |listed: &Arc<Listed>| Running { name: listed.name.clone(), number: listed.number, wait: *lock(&listed.wait) };
    listed.iter().map(of).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic said, as far as it is text.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::bounded;
    use std::time::Duration;

    #[test]
    fn a_thread_is_listed_with_its_wait_until_it_ends() {
        let of = |name: &str| running().into_iter().find(|thread| thread.name == name);
        let ((go, gone), (noted, notes)) = (bounded::<()>(0), bounded(0));
        let until = clock::now() + Duration::from_secs(60);
        let thread = spawn("listed-1", move || {
            waits_for("the test", Some(until));
            noted.send(()).unwrap();
            let _ = gone.recv();
        })
        .unwrap();
        notes.recv().unwrap();
        let listed = of("listed-1").unwrap();
        let wait = listed.wait.unwrap();
        assert_eq!((wait.what, wait.until), ("the test", Some(until)));
        assert!(wait.since <= clock::now());
        let task = process::task(listed.number.unwrap()).unwrap();
        assert!(task.cpu_seconds < 1.0 && "SRD".contains(task.state), "{task:?}");
        drop(go);
        thread.join();
        assert_eq!(of("listed-1"), None);
    }

    #[test]
    fn a_thread_that_panics_is_removed_from_the_list() {
        spawn("listed-2", || panic!("a fault of the test")).unwrap().join();
        assert!(running().iter().all(|thread| thread.name != "listed-2"));
    }
}
