//! Values that change, and those who wait for the change.
//!
//! Nothing is queued for a waiter: it looks at the newest value when it is woken. So a slow one skips values, never sees
//! an old one after a new one, and holds nobody up.
//!
//! - [`Watch`] holds the newest value of one thing. A thread waits for it with [`Watch::wait_while`], or beside other
//!   channels with [`Watch::listen`].
//! - [`Subscribers`] wake those who follow many things at once, each under a key.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use serde_json::value::RawValue;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// The listeners of many things, each under a key.
#[derive(Debug)]
pub struct Subscribers<K>(Mutex<Listeners<K>>);

impl<K> Default for Subscribers<K> {
    fn default() -> Self {
        Self(Mutex::new(Listeners { all: Vec::new(), full_at: 0 }))
    }
}

#[derive(Debug)]
struct Listeners<K> {
    all: Vec<Listener<K>>,
    /// At this number of listeners, those that have left are removed. No ring finds them if their printer has no news.
    full_at: usize,
}

/// With fewer listeners than this, none is looked for.
const FEW: usize = 64;

#[derive(Debug)]
struct Listener<K> {
    /// The key it follows; `None` follows all.
    of: Option<K>,
    bell: Sender<()>,
}

impl<K> Listener<K> {
    fn is_there_when_rung(&self) -> bool {
        !matches!(self.bell.try_send(()), Err(TrySendError::Disconnected(())))
    }
}

impl<K: Copy + PartialEq> Subscribers<K> {
    /// Returns a bell that rings at each change of one thing, or of all. To drop it is to leave.
    #[must_use]
    pub fn listen(&self, of: Option<K>) -> Receiver<()> {
        let (bell, rung) = bounded(1);
        let mut listeners = self.lock();
        if listeners.all.len() >= listeners.full_at.max(FEW) {
            // Those who are still there check for nothing, once.
            listeners.all.retain(Listener::is_there_when_rung);
            listeners.full_at = 2 * listeners.all.len();
        }
        listeners.all.push(Listener { of, bell });
        rung
    }

    /// Rings for a change of `id`. A bell that has been rung and not yet heard is not rung again.
    pub fn ring(&self, id: K) {
        self.lock().all.retain(|listener| {
            let concerned = listener.of.is_none_or(|of| of == id);
            !concerned || listener.is_there_when_rung()
        });
    }

    fn lock(&self) -> MutexGuard<'_, Listeners<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value and its version.
#[derive(Debug)]
pub struct Versioned<T> {
    /// Grows with each change that wakes waiters.
    pub version: u64,
    /// The value.
    pub value: T,
    told: OnceLock<Arc<RawValue>>,
}

impl<T> Versioned<T> {
    /// Returns the value as JSON, which `tell` writes at most once for all listeners.
    pub fn told(&self, tell: impl FnOnce(&T) -> Box<RawValue>) -> Arc<RawValue> {
        Arc::clone(self.told.get_or_init(|| tell(&self.value).into()))
    }
}

/// The newest value of one thing, shared by the thread that writes it and all that read it or wait for another.
#[derive(Debug)]
pub struct Watch<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    newest: Arc<Versioned<T>>,
    ended: bool,
    /// Each with a word of whether its listener is still there.
    subscribers: Vec<(Sender<()>, Weak<()>)>,
}

/// A listener's side of a [`Watch`]. To drop it is to leave.
#[derive(Debug)]
pub struct Subscription {
    rung: Receiver<()>,
    _here: Arc<()>,
}

impl Subscription {
    /// Becomes ready when it is rung.
    #[must_use]
    pub fn changed(&self) -> &Receiver<()> {
        &self.rung
    }
}

impl<T: Default> Default for Watch<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Watch<T> {
    /// A watch with its first value.
    #[must_use]
    pub fn new(value: T) -> Self {
        let newest = Arc::new(Versioned { version: 0, value, told: OnceLock::new() });
        Self { state: Mutex::new(State { newest, ended: false, subscribers: Vec::new() }), changed: Condvar::new() }
    }

    /// Returns the newest value. It stays as it is for whoever holds it.
    #[must_use]
    pub fn get(&self) -> Arc<Versioned<T>> {
        Arc::clone(&self.lock().newest)
    }

    /// Replaces the value and wakes all waiters.
    pub fn set(&self, value: T) {
        self.put(value, true);
    }

    /// Replaces the value. Waiters are woken, and the version grows, if `is_news`.
    pub fn put(&self, value: T, is_news: bool) {
        let mut state = self.lock();
        let version = state.newest.version + u64::from(is_news);
        let newest = Arc::new(Versioned { version, value, told: OnceLock::new() });
        let before = std::mem::replace(&mut state.newest, newest);
        if is_news {
            self.ring(&mut state);
        }
        drop(state);
        // It may be large; it is freed outside the lock.
        drop(before);
    }

    /// Wakes all waiters without another value.
    pub fn wake(&self) {
        self.ring(&mut self.lock());
    }

    /// Ends it: nobody waits for another value any more.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        self.ring(&mut state);
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Waits as long as `is_seen` holds of the newest value and it has not ended, for `at_most`. The caller checks what
    /// it came to.
    pub fn wait_while(&self, at_most: Duration, is_seen: impl Fn(&T) -> bool) {
        let waits = |state: &mut State<T>| !state.ended && is_seen(&state.newest.value);
        let _ = self.changed.wait_timeout_while(self.lock(), at_most, waits).unwrap_or_else(PoisonError::into_inner);
    }

    /// Returns a bell that rings at each change, for `select!`. A bell that has been rung and not yet heard is not rung
    /// again.
    #[must_use]
    pub fn listen(&self) -> Subscription {
        let (bell, rung) = bounded(1);
        let here = Arc::new(());
        let mut state = self.lock();
        // Nobody may have rung since they left.
        state.subscribers.retain(|(_, listener)| listener.strong_count() > 0);
        state.subscribers.push((bell, Arc::downgrade(&here)));
        Subscription { rung, _here: here }
    }

    fn ring(&self, state: &mut State<T>) {
        state.subscribers.retain(|(bell, _)| !matches!(bell.try_send(()), Err(TrySendError::Disconnected(()))));
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_notified_of_its_key_and_once_until_it_looks() {
        let subscribers = Subscribers::default();
        let (all, first) = (subscribers.listen(None), subscribers.listen(Some(1)));
        for id in [2, 2, 1] {
            subscribers.ring(id);
        }
        assert_eq!((all.try_iter().count(), first.try_iter().count()), (1, 1));
        subscribers.ring(2);
        assert_eq!((all.try_iter().count(), first.try_iter().count()), (1, 0));
        drop(all);
        subscribers.ring(2);
        assert_eq!(subscribers.lock().all.len(), 1, "who has left is forgotten");
        // Also without any news.
        let staying: Vec<_> = (0..100).map(|_| subscribers.listen(Some(7))).collect();
        (0..10_000).for_each(|_| drop(subscribers.listen(Some(7))));
        assert!(subscribers.lock().all.len() <= 2 * staying.len() + 2, "{}", subscribers.lock().all.len());
    }

    #[test]
    fn a_value_is_serialized_once_and_its_number_counts_changes() {
        let watch = Watch::new(1);
        let first = watch.get();
        let tell = |value: &i32| serde_json::value::to_raw_value(value).unwrap();
        assert_eq!((first.told(tell).get(), first.told(|_| unreachable!()).get()), ("1", "1"));
        watch.put(2, false);
        watch.set(3);
        let last = watch.get();
        assert_eq!((first.value, last.value, last.version), (1, 3, 1));
    }

    #[test]
    fn a_watch_notifies_of_a_change_and_of_a_wake() {
        let watch = Watch::new(1);
        let bell = watch.listen();
        watch.put(2, false);
        assert_eq!(bell.changed().try_iter().count(), 0);
        watch.set(2);
        watch.wake();
        assert_eq!(bell.changed().try_iter().count(), 1, "once until it is heard");
        watch.wake();
        assert_eq!(bell.changed().try_iter().count(), 1);
        drop(bell);
        watch.wake();
        assert_eq!(watch.lock().subscribers.len(), 0, "who has left is forgotten");
        (0..100).for_each(|_| drop(watch.listen()));
        assert_eq!(watch.lock().subscribers.len(), 1, "without a ring too");
    }

    #[test]
    fn a_thread_waits_until_another_value_or_the_deadline() {
        const LONG: Duration = Duration::from_secs(60);
        let watch = Watch::new(1);
        std::thread::scope(|scope| {
            let waits_for_two = scope.spawn(|| watch.wait_while(LONG, |value| *value != 2));
            watch.set(2);
            waits_for_two.join().unwrap();
            let waits_for_the_end = scope.spawn(|| watch.wait_while(LONG, |value| *value == 2));
            watch.wake();
            assert!(!watch.has_ended());
            watch.end();
            waits_for_the_end.join().unwrap();
        });
        watch.wait_while(Duration::ZERO, |_| true);
        assert!(watch.has_ended());
    }
}
