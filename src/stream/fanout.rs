//! The fan-out of a camera's access units to any number of followers.
//!
//! Each follower has a queue with a bound of its own. The camera puts a frame into each queue and never waits. A queue
//! that is full loses frames up to a key frame, as its [`WhenFull`] says, and its follower is told how many it missed.
//! The queues share the frames, so another follower costs no copy, and where nobody follows nothing is kept.
//!
//! A follower says which frames it can sleep through when it asks for more, as one does with a condition variable. The
//! packager sleeps through frames that only lengthen an open part. So it wakes once per part and not once per frame,
//! and the rule is all on its side (`docs/adr/0001-threads.md` has the cost).

use crate::base::clock;
use crate::base::failure_log::{Allowance, FailureLog, MoreLines};
use crate::base::thread::waits_for;
use crate::media::AccessUnit;
use crate::printer::label::Label;
use crossbeam_channel::Sender;
use log::Level;
use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A follower is woken for this many frames, whatever it can sleep through: half a second of 30 fps.
const WAKES_AT: usize = 16;
/// A follower is woken for this many bytes as well.
const WAKES_AT_BYTES: usize = 1 << 20;

/// What a follower agrees with the fan-out.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Names the follower in the log.
    pub name: &'static str,
    /// The most frames that may wait.
    pub units_max: usize,
    /// The most memory of frames that wait, or that the follower is working on. A single frame may exceed it.
    pub bytes_max: usize,
    /// Which frames are lost when there is no room.
    pub when_full: WhenFull,
    /// How loudly the log says so, once an hour; the other times are at debug.
    pub complains: Level,
}

/// Which frames a full queue loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// Frames that come, up to a key frame that finds room. For followers that keep everything, such as a recorder.
    DropNew,
    /// Frames that wait. The follower goes on with the next key frame. For followers that want to be up to date.
    SkipOld,
}

/// One frame of the camera.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The frame, shared by all followers.
    pub unit: Arc<AccessUnit>,
    /// Its number among all frames of the camera, counted from 1.
    pub number: u64,
    /// How many frames this follower missed just before it.
    pub missed: u64,
}

/// What a follower is given.
#[derive(Debug, Clone)]
pub enum Given {
    /// The next frame.
    Frame(Frame),
    /// The camera is away. Frames after this are of another connection.
    Away,
}

/// The camera's side. When the last handle is dropped, the followers end.
#[derive(Debug)]
pub struct Fanout {
    owner: Label,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    queues: Vec<Arc<Queue>>,
    /// How many frames have been pushed.
    pushed: u64,
    /// The frames since the newest key frame, for followers that join later.
    group: VecDeque<Frame>,
    group_bytes: usize,
    /// The most memory of them.
    group_bytes_max: usize,
}

/// A follower's side. To drop it is to leave.
#[derive(Debug)]
pub struct Follower {
    queue: Arc<Queue>,
}

/// What one follower has lost so far.
#[derive(Debug, Default)]
pub struct Losses {
    dropped: AtomicU64,
    overruns: AtomicU64,
}

impl Losses {
    /// Returns how many frames were lost.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Returns how often a series of losses began.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Queue {
    terms: Terms,
    waiting: Mutex<Waiting>,
    due: Condvar,
    /// Rung as well when something is due, for a follower that waits for several things at once.
    bell: Option<Sender<()>>,
    losses: Arc<Losses>,
}

/// Whether a follower can sleep through a frame, if it can sleep through all frames before it.
type SleepsThrough = Box<dyn Fn(&AccessUnit) -> bool + Send>;

struct Waiting {
    given: VecDeque<Given>,
    bytes: usize,
    /// The memory of what the follower is working on.
    taken_bytes: usize,
    /// Set while the follower sleeps.
    sleeps_through: Option<SleepsThrough>,
    needs_key_frame: bool,
    /// How many frames were lost in this overrun; `None` outside of one.
    overrun: Option<u64>,
    has_ended: bool,
    failure_log: FailureLog<&'static str>,
    lines: Allowance,
}

impl Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("given", &self.given.len()).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// A change of a queue, to be logged outside the locks.
enum Change {
    /// It has lost a frame, for the first time in a while. The log has said so within the hour (`None`), or this often
    /// without a line.
    Late(Terms, Option<u32>),
    /// It has room again, after this many losses.
    RoomAgain(Terms, u64, MoreLines),
}

impl Fanout {
    /// Returns a fan-out without followers. One that joins later is given the frames since the newest key frame, if
    /// they take at most `group_bytes_max`. With 0 nothing is kept for it, and it begins with the next key frame.
    #[must_use]
    pub fn new(owner: Label, group_bytes_max: usize) -> Self {
        let (queues, group) = (Vec::new(), VecDeque::new());
        Self { owner, state: Mutex::new(State { queues, pushed: 0, group, group_bytes: 0, group_bytes_max }) }
    }

    /// Adds a follower.
    #[must_use]
    pub fn follow(&self, terms: Terms) -> Follower {
        self.join(terms, None)
    }

    /// Adds a follower that waits for several cameras at once: `bell` is rung when something is due.
    #[must_use]
    pub fn follow_with_bell(&self, terms: Terms, bell: Sender<()>) -> Follower {
        self.join(terms, Some(bell))
    }

    fn join(&self, terms: Terms, bell: Option<Sender<()>>) -> Follower {
        let mut state = self.lock();
        let fits = state.group.len() <= terms.units_max && state.group_bytes <= terms.bytes_max;
        let given: VecDeque<Given> = state.group.iter().filter(|_| fits).cloned().map(Given::Frame).collect();
        let waiting = Waiting {
            bytes: if fits { state.group_bytes } else { 0 },
            needs_key_frame: given.is_empty(),
            given,
            taken_bytes: 0,
            sleeps_through: None,
            overrun: None,
            has_ended: false,
            failure_log: FailureLog::default(),
            lines: Allowance::default(),
        };
        let queue =
            Arc::new(Queue { terms, waiting: Mutex::new(waiting), due: Condvar::new(), bell, losses: Arc::default() });
        state.queues.push(Arc::clone(&queue));
        Follower { queue }
    }

    /// Gives a frame to all followers. It never waits for any of them.
    pub fn push(&self, unit: &Arc<AccessUnit>) {
        let mut state = self.lock();
        state.pushed += 1;
        let frame = Frame { unit: Arc::clone(unit), number: state.pushed, missed: 0 };
        state.keep(&frame);
        // Followers that have left are forgotten.
        state.queues.retain(|queue| Arc::strong_count(queue) > 1);
        let changes: Vec<Change> = state.queues.iter().filter_map(|queue| queue.push(&frame)).collect();
        drop(state);
        changes.into_iter().for_each(|change| change.log(self.owner));
    }

    /// Tells all followers that the camera is away. A follower that joins now begins with the next connection.
    pub fn away(&self) {
        let mut state = self.lock();
        state.forget_group();
        state.queues.iter().for_each(|queue| queue.away());
    }

    /// Returns how many frames have been pushed.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.lock().pushed
    }

    /// Returns the memory of all frames that are kept or wait here, or that a follower is working on. A frame counts
    /// once for each follower.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let state = self.lock();
        state.group_bytes + state.queues.iter().map(|queue| queue.lock().held_bytes()).sum::<usize>()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Fanout {
    fn drop(&mut self) {
        for queue in &self.lock().queues {
            let mut waiting = queue.lock();
            waiting.has_ended = true;
            queue.wake(waiting);
        }
    }
}

impl State {
    /// Keeps a frame for followers that join later.
    fn keep(&mut self, frame: &Frame) {
        let bytes = frame.unit.held_bytes();
        if frame.unit.idr || self.group_bytes + bytes > self.group_bytes_max {
            self.forget_group();
        }
        if (frame.unit.idr || !self.group.is_empty()) && bytes <= self.group_bytes_max {
            self.group.push_back(frame.clone());
            self.group_bytes += bytes;
        }
    }

    fn forget_group(&mut self) {
        self.group.clear();
        self.group_bytes = 0;
    }
}

impl Queue {
    fn push(&self, frame: &Frame) -> Option<Change> {
        let mut waiting = self.lock();
        if waiting.needs_key_frame && !frame.unit.idr {
            waiting.lose(1, &self.losses);
            return None;
        }
        let bytes = frame.unit.held_bytes();
        if waiting.given.len() >= self.terms.units_max || waiting.has_no_room(bytes, self.terms.bytes_max) {
            let begins = waiting.overrun.is_none();
            waiting.overrun.get_or_insert(0);
            if self.terms.when_full == WhenFull::SkipOld {
                let skipped = waiting.skip();
                waiting.lose(skipped, &self.losses);
            }
            let has_room = self.terms.when_full == WhenFull::SkipOld && frame.unit.idr;
            if !has_room {
                waiting.needs_key_frame = true;
                waiting.lose(1, &self.losses);
            }
            if begins {
                self.losses.overruns.fetch_add(1, Ordering::Relaxed);
            }
            if !has_room {
                return begins.then(|| Change::Late(self.terms, waiting.failure_log.note("late", clock::now())));
            }
        }
        let missed = waiting.overrun.take();
        waiting.needs_key_frame = false;
        waiting.bytes += bytes;
        waiting.given.push_back(Given::Frame(Frame { missed: missed.unwrap_or(0), ..frame.clone() }));
        let change = missed.and_then(|missed| {
            waiting.lines.take(clock::now()).map(|more| Change::RoomAgain(self.terms, missed, more))
        });
        if waiting.sleeps_through.as_ref().is_some_and(|sleeps| !sleeps(&frame.unit)) || waiting.has_many() {
            self.wake(waiting);
        }
        change
    }

    fn away(&self) {
        let mut waiting = self.lock();
        if !matches!(waiting.given.back(), Some(Given::Away)) {
            waiting.given.push_back(Given::Away);
        }
        self.wake(waiting);
    }

    /// Wakes the follower, if it sleeps.
    fn wake(&self, mut waiting: MutexGuard<'_, Waiting>) {
        if waiting.sleeps_through.take().is_none() {
            return;
        }
        drop(waiting);
        self.due.notify_one();
        if let Some(bell) = &self.bell {
            let _ = bell.try_send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn held_bytes(&self) -> usize {
        self.bytes + self.taken_bytes
    }

    fn has_no_room(&self, bytes: usize, bytes_max: usize) -> bool {
        self.held_bytes() > 0 && self.held_bytes() + bytes > bytes_max
    }

    /// Counts losses, unless the follower has just joined and waits for its first key frame.
    fn lose(&mut self, count: u64, losses: &Losses) {
        if let Some(lost) = &mut self.overrun {
            *lost += count;
            losses.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Drops the frames that wait, and returns their number. That the camera was away stays: what follows is of another
    /// connection.
    fn skip(&mut self) -> u64 {
        let before = self.given.len();
        self.given.retain(|given| matches!(given, Given::Away));
        let frames = before - self.given.len();
        self.given.truncate(1);
        self.bytes = 0;
        frames as u64
    }

    fn has_many(&self) -> bool {
        self.given.len() >= WAKES_AT || self.bytes >= WAKES_AT_BYTES
    }

    /// Whether the follower need not sleep.
    fn is_due(&self, sleeps_through: &impl Fn(&AccessUnit) -> bool) -> bool {
        let sleeps = |given: &Given| matches!(given, Given::Frame(frame) if sleeps_through(&frame.unit));
        self.has_ended || self.has_many() || !self.given.iter().all(sleeps)
    }

    fn take(&mut self) -> Vec<Given> {
        self.taken_bytes = std::mem::take(&mut self.bytes);
        std::mem::take(&mut self.given).into()
    }
}

impl Follower {
    /// Waits for frames that the follower cannot sleep through, and returns all that wait by then. The memory of what it
    /// was given before counts as free from now on. Returns `None` once the camera is gone and nothing waits.
    #[must_use]
    pub fn next(&mut self, sleeps_through: impl Fn(&AccessUnit) -> bool + Send + 'static) -> Option<Vec<Given>> {
        waits_for("access units of the camera", None);
        let mut waiting = self.queue.lock();
        waiting.taken_bytes = 0;
        if !waiting.is_due(&sleeps_through) {
            waiting.sleeps_through = Some(Box::new(sleeps_through));
            let sleeps = |waiting: &mut Waiting| waiting.sleeps_through.is_some();
            waiting = self.queue.due.wait_while(waiting, sleeps).unwrap_or_else(PoisonError::into_inner);
        }
        let given = waiting.take();
        (!given.is_empty()).then_some(given)
    }

    /// As [`Follower::next`], without waiting: what is not due yet rings the follower's bell when it is. Returns an empty
    /// list until then.
    #[must_use]
    pub fn take(&mut self, sleeps_through: impl Fn(&AccessUnit) -> bool + Send + 'static) -> Option<Vec<Given>> {
        let mut waiting = self.queue.lock();
        waiting.taken_bytes = 0;
        if waiting.is_due(&sleeps_through) {
            let given = waiting.take();
            return (!given.is_empty()).then_some(given);
        }
        waiting.sleeps_through = Some(Box::new(sleeps_through));
        Some(Vec::new())
    }

    /// Returns the counts of what it loses.
    #[must_use]
    pub fn losses(&self) -> Arc<Losses> {
        Arc::clone(&self.queue.losses)
    }
}

impl Change {
    fn log(&self, owner: Label) {
        match self {
            Self::Late(Terms { name, .. }, None) => {
                log::debug!("{owner}: the {name} is late; dropping to the next key frame");
            }
            Self::Late(Terms { name, complains, .. }, Some(0)) => {
                log::log!(*complains, "{owner}: the {name} is late; dropping to the next key frame");
            }
            Self::Late(Terms { name, complains, .. }, Some(more)) => log::log!(
                *complains,
                "{owner}: the {name} is late; dropping to the next key frame, {more} more times since the last warning"
            ),
            Self::RoomAgain(Terms { name, .. }, dropped, more) => {
                log::debug!("{owner}: camera: the {name} has room again; {dropped} frames were dropped{more}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
