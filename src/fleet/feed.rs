//! From a camera thread to its packager: a bounded channel for which no picture ever waits.
//!
//! Most pictures do nothing but lengthen a part that nobody can ask for yet. They go together with the one that ends
//! it, so that the packager wakes for each part and not for each picture; it tells here up to when that is so.

use crate::hls::Quiet;
use crate::media::AccessUnit;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the packager may be behind. The camera never waits when the channel is full: it drops to the next key
/// frame. A packager that is late is given each picture by itself, and a second of 60 fps is more than it has ever been
/// late.
const QUEUE: usize = 64;
/// So many pictures go without one that ends anything: half a second of 30 fps.
const PICTURES_AT_ONCE: usize = 16;
/// Or so many bytes, so that the bound of the channel is one of memory too: this and one picture, [`QUEUE`] times.
const BYTES_AT_ONCE: usize = 1 << 20;
/// How long the word that the camera is away may wait for room.
const AWAY_WITHIN: Duration = Duration::from_secs(1);

/// What the camera thread hands over.
#[derive(Debug)]
pub enum FromCamera {
    /// The next whole pictures.
    Pictures(Vec<AccessUnit>),
    /// The camera is away: what has been begun is finished with what there is.
    Away,
}

/// The packager is too far behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The camera's side; one for each camera thread, and one that keeps the packager between them.
#[derive(Debug, Clone)]
pub struct Feed {
    sender: Sender<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
}

/// The packager's side.
#[derive(Debug)]
pub struct Intake {
    receiver: Receiver<FromCamera>,
    quiet: Arc<Mutex<Quiet>>,
}

/// The two sides of a new channel.
#[must_use]
pub fn feed() -> (Feed, Intake) {
    let (sender, receiver) = bounded(QUEUE);
    let quiet = Arc::new(Mutex::new(Quiet::NEVER));
    (Feed { sender, quiet: Arc::clone(&quiet) }, Intake { receiver, quiet })
}

impl Feed {
    /// Adds a picture to those that wait to be given; whether they are to be given now.
    #[must_use]
    pub fn add(&self, picture: AccessUnit, waiting: &mut Vec<AccessUnit>) -> bool {
        let is_quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).covers(&picture);
        if waiting.capacity() == 0 {
            waiting.reserve_exact(PICTURES_AT_ONCE);
        }
        waiting.push(picture);
        let bytes: usize = waiting.iter().map(|picture| picture.bytes.len()).sum();
        !is_quiet || waiting.len() >= PICTURES_AT_ONCE || bytes >= BYTES_AT_ONCE
    }

    /// Hands pictures over.
    ///
    /// # Errors
    /// When there is no room; the pictures are gone.
    pub fn give(&self, pictures: Vec<AccessUnit>) -> Result<(), Full> {
        match self.sender.try_send(FromCamera::Pictures(pictures)) {
            Err(TrySendError::Full(_)) => Err(Full),
            // Without a packager the printer is being removed.
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
        }
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
        self.receiver.recv().ok()
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
        let (feed, intake) = feed();
        let mut packager = Packager::new(settings, None, Vec::new());
        let (mut waiting, mut given) = (Vec::new(), Vec::new());
        for number in 0..240 {
            if feed.add(AccessUnit { idr: number % 30 == 0, bytes: vec![0; bytes], ..picture(number) }, &mut waiting) {
                given.push(waiting.len());
                for picture in waiting.drain(..) {
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
        let (feed, intake) = feed();
        let second = feed.clone();
        for number in 0..QUEUE as i64 {
            assert_eq!(feed.give(vec![picture(number)]), Ok(()));
        }
        assert_eq!(feed.give(vec![picture(0)]), Err(Full));
        drop(feed);
        drop(second);
        assert_eq!(std::iter::from_fn(|| intake.next()).count(), QUEUE);
    }
}
