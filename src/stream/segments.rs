//! Followers of a stream's finished segments.
//!
//! Nothing is queued for them. A snapshot holds the last segments anyway, so a follower is only woken, and looks at the
//! newest one. Its bound is therefore the playlist: a follower that is slower than that misses the segments that have
//! left the list, and is told how many. It holds up nobody, and where nobody follows nothing is done.

use super::Live;
use crate::base::thread::waits_for;
use crate::base::watch::Subscription;
use crate::hls::{Segment, Snapshot};
use std::sync::Arc;

/// A follower of one stream. To drop it is to leave.
#[derive(Debug)]
pub struct SegmentFollower {
    live: Arc<Live>,
    bell: Subscription,
    /// The version of the stream's count of segments that was last looked at.
    seen: u64,
    /// The first segment that has not been given.
    next_msn: u64,
}

/// The segments that were finished since the last look.
#[derive(Debug)]
pub struct Finished {
    /// What viewers see.
    pub snapshot: Arc<Snapshot>,
    /// How many segments before these the follower has missed.
    pub missed: u64,
    first_msn: u64,
}

impl Finished {
    /// Returns the segments, the oldest first. A gap has no bytes.
    pub fn segments(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.snapshot.listed().filter(|segment| segment.msn >= self.first_msn)
    }
}

impl SegmentFollower {
    /// Follows a stream from now on.
    #[must_use]
    pub fn new(live: Arc<Live>) -> Self {
        let (bell, seen) = (live.finished().listen(), live.finished().get().version);
        let next_msn = live.snapshot().and_then(|snapshot| snapshot.listed().last().map(|last| last.msn + 1));
        Self { live, bell, seen, next_msn: next_msn.unwrap_or(0) }
    }

    fn look(&mut self) -> Option<Finished> {
        let snapshot = self.live.snapshot()?;
        let (first, last) = (snapshot.listed().next()?.msn, snapshot.listed().last()?.msn);
        let first_msn = std::mem::replace(&mut self.next_msn, last + 1);
        // A stream that began with nothing to see begins with any number.
        let missed = if first_msn == 0 { 0 } else { first.saturating_sub(first_msn) };
        Some(Finished { snapshot, missed, first_msn })
    }
}

/// Waits for finished segments. It ends once the stream has ended and all was given.
impl Iterator for SegmentFollower {
    type Item = Finished;

    fn next(&mut self) -> Option<Finished> {
        loop {
            // Asked first, so that a segment that is finished just before the end is not missed.
            let has_ended = self.live.finished().has_ended();
            let version = self.live.finished().get().version;
            if std::mem::replace(&mut self.seen, version) != version
                && let Some(finished) = self.look()
            {
                return Some(finished);
            }
            if has_ended {
                return None;
            }
            waits_for("a finished segment", None);
            let _ = self.bell.changed().recv();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hls::{Packager, Settings};
    use crate::media::AccessUnit;

    /// A stream with a key frame each second and segments of two.
    struct Stream {
        live: Arc<Live>,
        packager: Packager,
        frames: i64,
    }

    impl Stream {
        fn new() -> Self {
            let packager = Packager::new(Settings::default(), None, Vec::new());
            Self { live: Arc::default(), packager, frames: 0 }
        }

        /// Lets some seconds pass. Returns how many segments have been made so far.
        fn pass(&mut self, seconds: i64) -> u64 {
            for number in self.frames..self.frames + 30 * seconds {
                let unit = AccessUnit {
                    bytes: vec![0x41; 100],
                    dts_90k: number * 3_000,
                    pts_90k: number * 3_000,
                    duration_90k: 3_000,
                    idr: number % 30 == 0,
                    captured_unix_ms: number * 100 / 3,
                    ..AccessUnit::default()
                };
                if let Some(snapshot) = self.packager.push(&unit, 0) {
                    self.live.publish(snapshot);
                    self.live.set_made(self.packager.made());
                }
            }
            self.frames += 30 * seconds;
            self.live.made().segments
        }
    }

    fn numbers(finished: &Finished) -> Vec<u64> {
        finished.segments().map(|segment| segment.msn).collect()
    }

    #[test]
    fn a_follower_is_given_each_segment_once() {
        let mut stream = Stream::new();
        let (mut given, mut made) = (Vec::new(), stream.pass(1));
        let mut follower = SegmentFollower::new(Arc::clone(&stream.live));
        for _ in 0..20 {
            let before = std::mem::replace(&mut made, stream.pass(1));
            if made > before {
                let finished = follower.next().unwrap();
                assert_eq!(finished.missed, 0);
                given.extend(numbers(&finished));
            }
        }
        assert_eq!(given, (1..=made).collect::<Vec<_>>());
        assert!(made >= 9, "{made}");
        stream.live.finished().end();
        assert!(follower.next().is_none());
    }

    #[test]
    fn a_follower_that_never_looks_holds_up_nobody_and_is_told_what_it_missed() {
        let mut stream = Stream::new();
        let mut slow = SegmentFollower::new(Arc::clone(&stream.live));
        stream.pass(5);
        let first = slow.next().unwrap();
        assert_eq!((numbers(&first), first.missed), (vec![1, 2], 0));
        let made = stream.pass(60);
        stream.live.finished().end();
        let rest = slow.next().unwrap();
        let given = numbers(&rest);
        assert_eq!((given.last(), rest.missed), (Some(&made), made - 2 - given.len() as u64));
        assert!(rest.missed > 10, "{}", rest.missed);
        assert!(slow.next().is_none());
    }
}
