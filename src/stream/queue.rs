//! The bounded channel from a camera thread to its packager; it never blocks the camera thread.
//!
//! Most frames only lengthen a part that nobody can request yet. They are batched until one completes the part, so that
//! the packager wakes once per part and not once per frame. The packager publishes how long batching is safe
//! ([`Quiet`]).

use crate::base::thread::waits_for;
use crate::hls::Quiet;
use crate::media::AccessUnit;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The length of the channel, in batches. When it is full, the camera drops frames up to the next key frame. A late
/// packager receives one frame per batch; it has never been late by a second of 60 fps.
const QUEUE: usize = 64;
/// The largest batch, in frames: half a second of 30 fps.
const PICTURES_AT_ONCE: usize = 16;
/// The largest batch, in bytes.
const BYTES_AT_ONCE: usize = 1 << 20;
/// Memory of the batch that is being collected, outside the channel: the largest batch and one more frame. A frame has
/// at most 4 MiB and an eighth to spare.
const COLLECTED: usize = BYTES_AT_ONCE + (9 << 19) + (64 << 10);
/// How long `Away` may block on a full channel.
const AWAY_WITHIN: Duration = Duration::from_secs(1);

/// A message of the camera thread.
#[derive(Debug)]
pub enum FromCamera {
    /// The next whole frames.
    Pictures(Batch),
    /// The camera is away: complete the open part and segment with the frames so far.
    Away,
}

/// Frames that are handed over together. Their memory is counted until this is dropped.
#[derive(Debug)]
pub struct Batch {
    /// The frames.
    pub pictures: Vec<AccessUnit>,
    /// How many frames the packager was given before these.
    pub number: u64,
    load: Load,
}

/// A counted amount of memory, released on drop.
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
    /// Returns the frames and their load; their memory is counted until the load is dropped.
    #[must_use]
    pub fn open(self) -> (Vec<AccessUnit>, Load) {
        (self.pictures, self.load)
    }
}

/// Counters that both sides share.
#[derive(Debug, Default)]
struct Counts {
    /// Bytes of the frames that are collected, queued or being packaged.
    held: AtomicUsize,
    /// Frames that were given to the packager.
    given: AtomicU64,
    /// How many frames had been packaged when the packager last published something.
    shown: AtomicU64,
}

/// The packager is too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The camera's side. Each camera thread has one; another keeps the packager alive between camera threads.
#[derive(Debug, Clone)]
pub struct Feed {
    sender: Sender<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
    counts: Arc<Counts>,
    /// The most bytes that may wait in the channel.
    bytes_max: usize,
}

/// The packager's side.
#[derive(Debug)]
pub struct Intake {
    receiver: Receiver<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
    counts: Arc<Counts>,
}

/// Creates a channel and returns its two sides. Frames that wait for the packager take at most `bytes`.
#[must_use]
pub fn feed(bytes: usize) -> (Feed, Intake) {
    let (sender, receiver) = bounded(QUEUE);
    let (quiet, counts) = (Arc::new(Mutex::new(Quiet::NEVER)), Arc::new(Counts::default()));
    let intake = Intake { receiver, quiet: Arc::clone(&quiet), counts: Arc::clone(&counts) };
    (Feed { sender, quiet, counts, bytes_max: bytes.saturating_sub(COLLECTED) }, intake)
}

impl Feed {
    /// Returns an empty batch to collect frames in.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch { pictures: Vec::new(), number: 0, load: Load { bytes: 0, counts: Arc::clone(&self.counts) } }
    }

    /// Adds a frame to the batch. Returns whether the batch should be given now.
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

    /// Returns the memory of all frames that have not been packaged yet.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.counts.held.load(Ordering::Relaxed)
    }

    /// Returns how many frames the packager has been given.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.counts.given.load(Ordering::Relaxed)
    }

    /// Returns whether something was published since the packager had been given `given` frames.
    #[must_use]
    pub fn has_shown_since(&self, given: u64) -> bool {
        self.counts.shown.load(Ordering::Relaxed) > given
    }

    /// Hands a batch over.
    ///
    /// # Errors
    /// If there is no room; the frames are dropped.
    pub fn give(&self, mut batch: Batch) -> Result<(), Full> {
        let before_it = self.held_bytes().saturating_sub(batch.load.bytes);
        if before_it > 0 && self.held_bytes() > self.bytes_max {
            return Err(Full);
        }
        // Only one camera thread gives at a time.
        batch.number = self.given();
        let given = batch.number + batch.pictures.len() as u64;
        match self.sender.try_send(FromCamera::Pictures(batch)) {
            Err(TrySendError::Full(_)) => return Err(Full),
            // If there is no packager, the printer is being removed.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
        }
        self.counts.given.store(given, Ordering::Relaxed);
        Ok(())
    }

    /// Reports that the camera is away. If there is no room for this, the packager completes its segment when frames
    /// come again.
    pub fn away(&self) {
        let _ = self.sender.send_timeout(FromCamera::Away, AWAY_WITHIN);
    }
}

impl Intake {
    /// Waits for the next message. Returns `None` once every [`Feed`] is dropped and the channel is empty.
    #[must_use]
    pub fn next(&self) -> Option<FromCamera> {
        waits_for("access units of the camera", None);
        self.receiver.recv().ok()
    }

    /// Records that something was published with frame number `picture`, counted from 1.
    pub fn shows(&self, picture: u64) {
        self.counts.shown.store(picture, Ordering::Relaxed);
    }

    /// Sets which frames may wait for one that completes a part or segment.
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

    /// Returns the batch sizes for a camera with 30 frames a second, of which every 30th is a key frame.
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
    fn frames_are_sent_together_with_the_one_that_completes_a_part() {
        let given = given(Settings::default(), 1_000);
        // Frames go one at a time until the camera's rhythm is known; then in batches up to each part's end and each
        // key frame.
        assert!(given.starts_with(&[1; 30]), "{given:?}");
        assert!(given.ends_with(&[1, 9, 10, 10, 1, 9, 10, 10]), "{given:?}");
    }

    #[test]
    fn the_number_of_collected_frames_is_bounded() {
        let settings = Settings { low_latency: false, ..Settings::default() };
        let pictures = given(settings, 1_000);
        assert!(pictures.ends_with(&[PICTURES_AT_ONCE, 14, PICTURES_AT_ONCE]), "{pictures:?}");
        let large = given(settings, BYTES_AT_ONCE / 4);
        assert!(large.ends_with(&[4, 4, 4]), "{large:?}");
    }

    #[test]
    fn a_full_channel_refuses_frames_and_closes_with_the_last_sender() {
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

    /// A batch of one frame.
    fn batch(feed: &Feed, picture: AccessUnit) -> Batch {
        let mut batch = feed.batch();
        let _ = feed.add(picture, &mut batch);
        batch
    }

    #[test]
    fn queued_bytes_are_bounded_and_released() {
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
        // Many tiny frames count as well.
        for _ in 0..QUEUE {
            assert_eq!(feed.give(batch(&feed, picture(0))), Ok(()));
        }
        assert!(feed.held_bytes() >= QUEUE * size_of::<AccessUnit>());
    }

    #[test]
    fn a_frame_is_published_only_by_a_later_snapshot() {
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
