//! Decodes key frames to JPEGs, one at a time in the whole program and only when somebody asks. A dashboard asks twice a
//! second for each camera; so each key frame is decoded once for each width, and whoever asks for the same waits for it.

use super::Still;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::base::thread;
use crate::media::picture::Undecodable;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one decode may take, seen between NAL units. 1080p takes 0.07 s on a server's core; a slow board needs a
/// second where somebody sends many slices.
const DECODE_WITHIN: Duration = Duration::from_secs(3);

/// How long somebody waits for a turn. Obico gives up after 5 s, and Home Assistant after 10.
const TURN_WITHIN: Duration = Duration::from_secs(4);

/// How often those who wait look for the stop.
const STOP_TICK: Duration = Duration::from_millis(500);

/// Makes pictures, one at a time.
#[derive(Debug, Default)]
pub struct PictureMaker {
    busy: Mutex<bool>,
    freed: Condvar,
    decoded: AtomicU64,
    refused: AtomicU64,
    nanoseconds: AtomicU64,
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPicture {
    /// The key frame cannot be decoded, and this was known before.
    Undecodable(Undecodable),
    /// The key frame cannot be decoded, as was just found.
    FoundUndecodable(Undecodable),
    /// Other pictures were decoded for too long, or the program ends.
    Busy,
}

/// What was decoded so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decodes {
    /// Pictures that were made.
    pub made: u64,
    /// Key frames that could not be decoded.
    pub refused: u64,
    /// The time that both took.
    pub took: Duration,
}

/// The turn of one picture; dropping it gives it to the next.
#[derive(Debug)]
struct Turn<'a>(&'a PictureMaker);

impl PictureMaker {
    /// Returns the JPEG of this width, which may have to be made first.
    ///
    /// # Errors
    /// Why there is none.
    pub fn picture(&self, still: &Still, width: Option<u16>, stop: &Stop) -> Result<Arc<[u8]>, NoPicture> {
        let known = |file: Result<_, Undecodable>| file.map_err(NoPicture::Undecodable);
        if let Some(file) = still.picture(width) {
            return known(file);
        }
        let turn = self.turn(still, width, stop);
        // Somebody may have made it meanwhile.
        if let Some(file) = still.picture(width) {
            return known(file);
        }
        let _turn = turn.ok_or(NoPicture::Busy)?;
        thread::waits_for("a key frame to be decoded", None);
        let begun = clock::now();
        let made = still.make_jpeg(width, &|| clock::now() < begun + DECODE_WITHIN && !stop.is_stopped());
        self.count(begun, made.is_ok());
        made.map_err(NoPicture::FoundUndecodable)
    }

    /// Returns what was decoded so far.
    #[must_use]
    pub fn decodes(&self) -> Decodes {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let took = Duration::from_nanos(of(&self.nanoseconds));
        Decodes { made: of(&self.decoded), refused: of(&self.refused), took }
    }

    /// Waits for a turn, or until the picture is there.
    fn turn(&self, still: &Still, width: Option<u16>, stop: &Stop) -> Option<Turn<'_>> {
        let deadline = clock::now() + TURN_WITHIN;
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while *busy {
            let left = deadline.saturating_duration_since(clock::now());
            if left.is_zero() || stop.is_stopped() || still.picture(width).is_some() {
                return None;
            }
            thread::waits_for("the decode of another picture", None);
            let waited = self.freed.wait_timeout(busy, left.min(STOP_TICK));
            busy = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *busy = true;
        Some(Turn(self))
    }

    fn count(&self, begun: Instant, is_made: bool) {
        let took = clock::now().saturating_duration_since(begun);
        self.nanoseconds.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if is_made { &self.decoded } else { &self.refused }.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        // Those who wait for the picture that was just made need no turn.
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests;
