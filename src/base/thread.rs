//! The only place where a thread is started: each has a name that fits Linux's 15 bytes, and an owner that joins it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

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
        if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
            log::error!("thread {label} panicked: {}", panic_text(&*panic));
        }
    })?;
    Ok(Thread(handle))
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

/// What a panic said, as far as it is text.
#[must_use]
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
