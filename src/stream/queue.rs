//! From a camera thread to its packager: a bounded channel that never blocks the camera thread.
//!
//! Most frames only lengthen a part that nobody can request yet. They are batched until one completes the part, so that the
//! packager wakes once per part and not once per frame. The packager publishes how long batching is safe ([`Quiet`]).

use crate::base::thread::waits_for;
use crate::hls::Quiet;
use crate::media::AccessUnit;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The length of the channel, in batches. When it is full, the camera drops frames up to the next key frame. A packager that
/// is late gets one frame per batch, and it has never been late by a second of 60 fps.
const QUEUE: usize = 64;
/// The largest batch: half a second of 30 fps.
const PICTURES_AT_ONCE: usize = 16;
/// The same in bytes.
const BYTES_AT_ONCE: usize = 1 << 20;
/// Memory of the batch that is being collected beside the channel: the largest batch and one more frame, which has at most
/// 4 MiB and an eighth to spare.
const COLLECTED: usize = BYTES_AT_ONCE + (9 << 19) + (64 << 10);
/// How long `Away` may block on a full channel.
const AWAY_WITHIN: Duration = Duration::from_secs(1);

/// What the camera thread hands over.
#[derive(Debug)]
pub enum FromCamera {
    /// The next whole pictures.
    Pictures(Batch),
    /// The camera is away: what has been begun is finished with what there is.
    Away,
}

/// Pictures that go together. Their memory is counted until this is dropped.
#[derive(Debug)]
pub struct Batch {
    /// The pictures.
    pub pictures: Vec<AccessUnit>,
    /// How many the packager was given before them.
    pub number: u64,
    load: Load,
}

/// Memory that is counted.
#[derive(Debug)]
pub struct Load {
    bytes: usize,
    counts: Arc<Counts>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.counts.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Batch {
    /// The pictures; their memory is counted until the other one is dropped.
    #[must_use]
    pub fn open(self) -> (Vec<AccessUnit>, Load) {
        (self.pictures, self.load)
    }
}

/// What both sides count.
#[derive(Debug, Default)]
struct Counts {
    /// Bytes of the pictures that are collected, wait, or are being packaged.
    held: AtomicUsize,
    /// Pictures that were given to the packager.
    given: AtomicU64,
    /// How many of them had been packaged when it last published something.
    shown: AtomicU64,
}

/// The packager is too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The camera's side; one for each camera thread, and one that keeps the packager between them.
#[derive(Debug, Clone)]
pub struct Feed {
    sender: Sender<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
    counts: Arc<Counts>,
    /// What may wait in the channel.
    bytes_max: usize,
}

/// The packager's side.
#[derive(Debug)]
pub struct Intake {
    receiver: Receiver<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
    counts: Arc<Counts>,
}

/// The two sides of a new channel. Pictures that wait for the packager take no more than `bytes`.
#[must_use]
pub fn feed(bytes: usize) -> (Feed, Intake) {
    let (sender, receiver) = bounded(QUEUE);
    let (quiet, counts) = (Arc::new(Mutex::new(Quiet::NEVER)), Arc::new(Counts::default()));
    let intake = Intake { receiver, quiet: Arc::clone(&quiet), counts: Arc::clone(&counts) };
    (Feed { sender, quiet, counts, bytes_max: bytes.saturating_sub(COLLECTED) }, intake)
}

impl Feed {
    /// For pictures to be collected in.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch { pictures: Vec::new(), number: 0, load: Load { bytes: 0, counts: Arc::clone(&self.counts) } }
    }

    /// Adds a picture to those that wait to be given; whether they are to be given now.
    #[must_use]
    pub fn add(&self, picture: AccessUnit, waiting: &mut Batch) -> bool {
        let is_quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).covers(&picture);
        if waiting.pictures.capacity() == 0 {
            waiting.pictures.reserve_exact(PICTURES_AT_ONCE);
        }
        let bytes = picture.held_bytes();
        self.counts.held.fetch_add(bytes, Ordering::Relaxed);
        waiting.load.bytes += bytes;
        waiting.pictures.push(picture);
        !is_quiet || waiting.pictures.len() >= PICTURES_AT_ONCE || waiting.load.bytes >= BYTES_AT_ONCE
    }

    /// The memory of all pictures that have not been packaged yet.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.counts.held.load(Ordering::Relaxed)
    }

    /// How many pictures the packager has been given.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.counts.given.load(Ordering::Relaxed)
    }

    /// Whether something was published since it had been given so many.
    #[must_use]
    pub fn has_shown_since(&self, given: u64) -> bool {
        self.counts.shown.load(Ordering::Relaxed) > given
    }

    /// Hands pictures over.
    ///
    /// # Errors
    /// When there is no room; the pictures are gone.
    pub fn give(&self, mut batch: Batch) -> Result<(), Full> {
        let before_it = self.held_bytes().saturating_sub(batch.load.bytes);
        if before_it > 0 && self.held_bytes() > self.bytes_max {
            return Err(Full);
        }
        // One camera thread gives at a time.
        batch.number = self.given();
        let given = batch.number + batch.pictures.len() as u64;
        match self.sender.try_send(FromCamera::Pictures(batch)) {
            Err(TrySendError::Full(_)) => return Err(Full),
            // Without a packager the printer is being removed.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        }
        self.counts.given.store(given, Ordering::Relaxed);
        Ok(())
    }

    /// Tells that the camera is away. A packager that has no room for it finishes what it has when pictures come again.
    pub fn away(&self) {
        let _ = self.sender.send_timeout(FromCamera::Away, AWAY_WITHIN);
    }
}

impl Intake {
    /// Waits for the next; `None` once every [`Feed`] is gone and nothing waits any more.
    #[must_use]
    pub fn next(&self) -> Option<FromCamera> {
        waits_for("access units of the camera", None);
        self.receiver.recv().ok()
    }

    /// Something was published with the picture of this number, counted from 1.
    pub fn shows(&self, picture: u64) {
        self.counts.shown.store(picture, Ordering::Relaxed);
    }

    /// These pictures may wait for one that ends something.
    pub fn let_wait(&self, quiet: Quiet) {
        *self.quiet.lock().unwrap_or_else(PoisonError::into_inner) = quiet;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hls::{Packager, Settings};

    fn picture(number: i64) -> AccessUnit {
        AccessUnit { dts_90k: number * 3_000, duration_90k: 3_000, ..AccessUnit::default() }
    }

    /// How many pictures the packager is given at once, of a camera with 30 a second and each 30th a key picture.
    fn given(settings: Settings, bytes: usize) -> Vec<usize> {
        let (feed, intake) = feed(64 << 20);
        let mut packager = Packager::new(settings, None, Vec::new());
        let (mut waiting, mut given) = (feed.batch(), Vec::new());
        for number in 0..240 {
            if feed.add(AccessUnit { idr: number % 30 == 0, bytes: vec![0; bytes], ..picture(number) }, &mut waiting) {
                given.push(waiting.pictures.len());
                for picture in std::mem::replace(&mut waiting, feed.batch()).open().0 {
                    packager.push(&picture, 0);
                }
                intake.let_wait(packager.quiet());
            }
        }
        given
    }

    #[test]
    fn pictures_go_together_with_the_one_that_ends_something() {
        let given = given(Settings::default(), 1_000);
        // Until the camera's rhythm is known, one by one; then with each part's end and each key picture.
        assert!(given.starts_with(&[1; 30]), "{given:?}");
        assert!(given.ends_with(&[1, 9, 10, 10, 1, 9, 10, 10]), "{given:?}");
    }

    #[test]
    fn where_nothing_ends_no_more_than_so_many_wait() {
        let settings = Settings { low_latency: false, ..Settings::default() };
        let pictures = given(settings, 1_000);
        assert!(pictures.ends_with(&[PICTURES_AT_ONCE, 14, PICTURES_AT_ONCE]), "{pictures:?}");
        let large = given(settings, BYTES_AT_ONCE / 4);
        assert!(large.ends_with(&[4, 4, 4]), "{large:?}");
    }

    #[test]
    fn a_full_channel_refuses_pictures_and_the_intake_ends_with_the_last_feed() {
        let (feed, intake) = feed(64 << 20);
        let second = feed.clone();
        for number in 0..QUEUE as i64 {
            assert_eq!(feed.give(batch(&feed, picture(number))), Ok(()));
        }
        assert_eq!(feed.give(batch(&feed, picture(0))), Err(Full));
        drop(feed);
        drop(second);
        assert_eq!(std::iter::from_fn(|| intake.next()).count(), QUEUE);
    }

    /// A batch of one picture.
    fn batch(feed: &Feed, picture: AccessUnit) -> Batch {
        let mut batch = feed.batch();
        let _ = feed.add(picture, &mut batch);
        batch
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_and_given_back() {
        const BOUND: usize = 12 << 20;
        let (feed, intake) = feed(BOUND);
        let large = || AccessUnit { bytes: vec![0; 4_000_000], ..picture(0) };
        let mut taken = 0;
        while feed.give(batch(&feed, large())) == Ok(()) {
            taken += 1;
            assert!(feed.held_bytes() <= BOUND, "{} bytes wait", feed.held_bytes());
        }
        assert_eq!(taken, 1, "and one more is being collected");
        assert_eq!(feed.given(), 1, "what was refused is not given");
        let waiting = feed.held_bytes();
        assert!((4_000_000..4_010_000).contains(&waiting), "{waiting}");
        let Some(FromCamera::Pictures(given)) = intake.next() else { panic!("pictures") };
        let (pictures, load) = given.open();
        assert_eq!((pictures.len(), feed.held_bytes()), (1, waiting), "until it is packaged");
        drop(load);
        assert_eq!(feed.held_bytes(), 0);
        // Many tiny ones have their weight too.
        for _ in 0..QUEUE {
            assert_eq!(feed.give(batch(&feed, picture(0))), Ok(()));
        }
        assert!(feed.held_bytes() >= QUEUE * size_of::<AccessUnit>());
    }

    #[test]
    fn a_picture_that_was_given_before_is_not_shown_by_what_was_published_before_it() {
        let (feed, intake) = feed(64 << 20);
        assert!(!feed.has_shown_since(feed.given()));
        feed.give(batch(&feed, picture(0))).unwrap();
        intake.shows(1);
        let since = feed.given();
        assert!(feed.has_shown_since(0) && !feed.has_shown_since(since));
        feed.give(batch(&feed, picture(1))).unwrap();
        assert!(!feed.has_shown_since(since));
        intake.shows(2);
        assert!(feed.has_shown_since(since));
    }
}
