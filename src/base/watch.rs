//! News for whoever listens: the newest value of each thing, a number that grows when it changes, and bells.
//!
//! Nothing is queued for a listener. It has a bell, and when that rings it looks at what is newest now, so a slow one
//! skips states, never sees an old one after a new one, and holds nobody up.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use serde_json::value::RawValue;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The bells of all listeners.
#[derive(Debug)]
pub struct Bells<K>(Mutex<Listeners<K>>);

impl<K> Default for Bells<K> {
    fn default() -> Self {
        Self(Mutex::new(Listeners { all: Vec::new(), full_at: 0 }))
    }
}

#[derive(Debug)]
struct Listeners<K> {
    all: Vec<Listener<K>>,
    /// With so many, those that have left are looked for: their printers may have no news for days.
    full_at: usize,
}

/// Fewer listeners than this are not looked through.
const FEW: usize = 64;

#[derive(Debug)]
struct Listener<K> {
    /// Whose news; `None` is everybody's.
    of: Option<K>,
    bell: Sender<()>,
}

impl<K> Listener<K> {
    fn is_there_when_rung(&self) -> bool {
        !matches!(self.bell.try_send(()), Err(TrySendError::Disconnected(())))
    }
}

impl<K: Copy + PartialEq> Bells<K> {
    /// A new listener's bell. Dropping it is leaving.
    #[must_use]
    pub fn listen(&self, of: Option<K>) -> Receiver<()> {
        let (bell, rung) = bounded(1);
        let mut listeners = self.lock();
        if listeners.all.len() >= listeners.full_at.max(FEW) {
            // A ring for nothing costs a look.
            listeners.all.retain(Listener::is_there_when_rung);
            listeners.full_at = 2 * listeners.all.len();
        }
        listeners.all.push(Listener { of, bell });
        rung
    }

    /// There is news of `id`. A bell that has been rung and not yet heard needs no second ring.
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

/// A value at one time.
#[derive(Debug)]
pub struct Stamped<T> {
    /// Grows with each change that is told.
    pub version: u64,
    /// What it is.
    pub value: T,
    told: OnceLock<Arc<RawValue>>,
}

impl<T> Stamped<T> {
    /// The value as JSON, which `tell` writes at most once for all listeners.
    pub fn told(&self, tell: impl FnOnce(&T) -> Box<RawValue>) -> Arc<RawValue> {
        Arc::clone(self.told.get_or_init(|| tell(&self.value).into()))
    }
}

/// The newest value of something.
#[derive(Debug)]
pub struct Newest<T>(Mutex<Arc<Stamped<T>>>);

impl<T> Newest<T> {
    /// The first one.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Arc::new(Stamped { version: 0, value, told: OnceLock::new() })))
    }

    /// The newest; it stays as it is for whoever holds it.
    #[must_use]
    pub fn get(&self) -> Arc<Stamped<T>> {
        Arc::clone(&self.lock())
    }

    /// Replaces it. `is_news` says whether listeners are to be told; the bell is the caller's.
    pub fn put(&self, value: T, is_news: bool) {
        let mut newest = self.lock();
        let version = newest.version + u64::from(is_news);
        *newest = Arc::new(Stamped { version, value, told: OnceLock::new() });
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Stamped<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_rings_for_whom_it_concerns_and_once_until_it_is_heard() {
        let bells = Bells::default();
        let (all, first) = (bells.listen(None), bells.listen(Some(1)));
        for id in [2, 2, 1] {
            bells.ring(id);
        }
        assert_eq!((all.try_iter().count(), first.try_iter().count()), (1, 1));
        bells.ring(2);
        assert_eq!((all.try_iter().count(), first.try_iter().count()), (1, 0));
        drop(all);
        bells.ring(2);
        assert_eq!(bells.lock().all.len(), 1, "who has left is forgotten");
        // Also without any news.
        let staying: Vec<_> = (0..100).map(|_| bells.listen(Some(7))).collect();
        (0..10_000).for_each(|_| drop(bells.listen(Some(7))));
        assert!(bells.lock().all.len() <= 2 * staying.len() + 2, "{}", bells.lock().all.len());
    }

    #[test]
    fn a_value_is_told_once_and_numbered_by_what_is_news() {
        let newest = Newest::new(1);
        let first = newest.get();
        let tell = |value: &i32| serde_json::value::to_raw_value(value).unwrap();
        assert_eq!((first.told(tell).get(), first.told(|_| unreachable!()).get()), ("1", "1"));
        newest.put(2, false);
        newest.put(3, true);
        let last = newest.get();
        assert_eq!((first.value, last.value, last.version), (1, 3, 1));
    }
}
