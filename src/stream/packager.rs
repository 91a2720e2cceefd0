//! The packager thread of a printer: access units in, snapshots out.
//!
//! It outlives the camera's connections and the camera thread itself. The playlist therefore continues over a reconnect
//! and over an edit of the printer.

use super::rhythm::{Beat, Rhythm};
use super::{Live, NumberingWriter};
use crate::base::backoff::Backoff;
use crate::base::clock;
use crate::base::failure_log::Allowance;
use crate::base::thread::panic_text;
use crate::hls::{Packager, Reason, Settings, Snapshot, StreamMemory};
use crate::media::AccessUnit;
use crate::printer::PrinterId;
use crate::stream::fanout::{Follower, Frame, Given, Terms, WhenFull};
use log::Level;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most frames that wait for the packager. A stalled network delivers many at once, and the packager is a thread
/// that must first be woken.
const WAITING: usize = 1_024;

/// How long frames are skipped after the packager has panicked; the first time they are not skipped. A camera that
/// causes panics again and again must not fill the log.
const RESTS: &[Duration] = &[Duration::ZERO, Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(60)];

/// After this long without a panic, the next panic counts as the first.
const CALM_AFTER: Duration = Duration::from_secs(60);

/// After this long without a shortage of memory, the stream has its usual length again.
const AMPLE_AFTER: Duration = Duration::from_secs(60);

/// Returns the packager's terms as a follower of the camera.
#[must_use]
pub fn terms(settings: &Settings) -> Terms {
    Terms {
        name: "packager",
        units_max: WAITING,
        bytes_max: settings.queue_bytes(),
        when_full: WhenFull::DropNew,
        complains: Level::Warn,
    }
}

/// Receives shortages of memory, to show people why a stream is short.
pub trait Shortages: std::fmt::Debug + Send + Sync {
    /// Records that the stream is shortened to fit into this memory, or that it has its usual length again (`None`).
    fn shorten(&self, to_mebibytes: Option<usize>);

    /// Counts a failure of this kind. If it should be logged now, returns how many like it were not logged since the
    /// last.
    fn complain(&self, what: &'static str, now: Instant) -> Option<u32>;
}

/// The destinations of the packager's output.
#[derive(Debug)]
pub struct PackagerOutputs {
    /// The printer that owns the stream.
    pub id: PrinterId,
    /// Receives snapshots for the viewers.
    pub live: Arc<Live>,
    /// Stores the numbering for the next start of the program.
    pub keeper: NumberingWriter,
    /// Collects figures for the metrics.
    pub rhythm: Arc<Rhythm>,
    /// Receives shortages of memory, which are shown to people.
    pub shortage: Arc<dyn Shortages>,
    /// The memory that the camera may fill.
    pub memory_bytes: usize,
}

/// Records whether the camera sends more than there is memory for.
#[derive(Debug, Default)]
struct Shortage {
    seen: u64,
    /// When the last shortage was noticed, while people are shown one.
    last: Option<Instant>,
}

impl Shortage {
    /// Takes the packager's count of shortages. Returns `Some(true)` if a shortage begins now and `Some(false)` if it
    /// is over.
    fn look(&mut self, shortages: u64, now: Instant) -> Option<bool> {
        if std::mem::replace(&mut self.seen, shortages) != shortages {
            return self.last.replace(now).is_none().then_some(true);
        }
        let over = self.last.is_some_and(|last| now.saturating_duration_since(last) > AMPLE_AFTER);
        if over {
            self.last = None;
        }
        over.then_some(false)
    }
}

impl Drop for PackagerOutputs {
    fn drop(&mut self) {
        self.live.finished().end();
    }
}

impl PackagerOutputs {
    /// Logs what the last frames have changed. The camera can cause these lines at will, so an allowance limits them.
    fn log_changes(&self, packager: &mut Packager, lines: &mut Allowance) {
        if let Some(decision) = packager.decision() {
            // Viewers see the frames later from now on, so this is for people too.
            let is_for_people = decision.why == Reason::LateKeyFrames;
            if is_for_people && self.shortage.complain("late key frames", clock::now()).is_some() {
                log::info!("p{}: stream: {decision}", self.id);
            } else if let Some(more) = lines.take(clock::now()) {
                log::debug!("p{}: stream: {decision}{more}", self.id);
            }
        }
        if let Some(left_out) = packager.left_out()
            && let Some(more) = lines.take(clock::now())
        {
            log::debug!("p{}: stream: {left_out}{more}", self.id);
        }
    }

    fn end_shortage(&self) {
        self.shortage.shorten(None);
        log::debug!("p{}: the stream has its usual length again", self.id);
    }

    fn begin_shortage(&self, now: Instant) {
        let (id, mib) = (self.id, self.memory_bytes >> 20);
        self.shortage.shorten(Some(mib));
        match self.shortage.complain("memory", now) {
            Some(0) => log::warn!("p{id}: the camera sends more than fits into {mib} MiB; the stream is shortened"),
            Some(more) => log::warn!(
                "p{id}: the camera sends more than fits into {mib} MiB; the stream is shortened, {more} more times \
                 since the last warning"
            ),
            None => log::debug!("p{id}: the stream is shortened again"),
        }
    }
}

/// Runs until the camera is gone for good. Then it closes the open segment, so that an orderly end leaves a whole
/// window behind.
pub fn run(packager: Packager, units: &mut Follower, outlets: &PackagerOutputs) {
    let mut noted = packager.memory();
    survive(packager, outlets.id, |packager, rest| serve(packager, rest, &mut noted, units, outlets));
}

/// Runs `work` until it returns. A frame that makes it panic costs that frame and not the printer's stream. `work`
/// receives how long to rest.
fn survive(mut packager: Packager, id: PrinterId, mut work: impl FnMut(&mut Packager, Duration)) {
    let mut rests = Backoff::new(RESTS, id.0.unsigned_abs());
    let mut rest = Duration::ZERO;
    loop {
        let calm_from = clock::now() + rest + CALM_AFTER;
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(&mut packager, rest))) else { return };
        if clock::now() > calm_from {
            rests.reset();
        }
        rest = rests.next_delay();
        let (text, seconds) = (panic_text(&*panic), rest.as_secs_f64());
        log::error!("p{id}: the packager panicked, the stream begins anew in {seconds:.1} s: {text}");
        packager = packager.renewed();
    }
}

fn serve(
    packager: &mut Packager,
    rest: Duration,
    noted: &mut StreamMemory,
    units: &mut Follower,
    outlets: &PackagerOutputs,
) {
    let mut beat = Beat::default();
    let mut lines = Allowance::default();
    let mut shortage = Shortage { seen: packager.shortages(), last: None };
    outlets.shortage.shorten(None);
    outlets.live.weigh(packager.held_bytes());
    // Segments that were read back from disk can be watched before the camera has answered.
    if let Some(snapshot) = packager.snapshot() {
        outlets.live.publish(snapshot);
    }
    let from = clock::now() + rest;
    while clock::now() < from && units.next(|_| false).is_some() {}
    loop {
        // Nobody can request a frame before its part is complete, so the packager sleeps until then.
        let quiet = packager.quiet();
        let Some(given) = units.next(move |unit| quiet.covers(unit)) else { break };
        packager.set_watched(outlets.live.is_watched(clock::now()));
        for given in given {
            match given {
                Given::Frame(Frame { unit: shared, number, missed }) => {
                    let unit = if missed > 0 && !shared.discontinuity {
                        Cow::Owned(AccessUnit { discontinuity: true, ..(*shared).clone() })
                    } else {
                        Cow::Borrowed(&*shared)
                    };
                    let published = packager.push(&unit, clock::unix_ms());
                    if unit.discontinuity {
                        beat.rest();
                    }
                    if let Some(snapshot) = published {
                        beat.published(clock::now(), unit.dts_90k, &outlets.rhythm);
                        outlets.live.shows(number);
                        publish(snapshot, packager, noted, outlets);
                    }
                }
                Given::Away => {
                    beat.rest();
                    finish(packager, noted, outlets);
                }
            }
        }
        outlets.live.weigh(packager.held_bytes());
        match shortage.look(packager.shortages(), clock::now()) {
            Some(true) => outlets.begin_shortage(clock::now()),
            Some(false) => outlets.end_shortage(),
            None => {}
        }
        outlets.log_changes(packager, &mut lines);
    }
    finish(packager, noted, outlets);
}

/// Completes the open part and segment.
fn finish(packager: &mut Packager, noted: &mut StreamMemory, outlets: &PackagerOutputs) {
    if let Some(snapshot) = packager.interrupt() {
        publish(snapshot, packager, noted, outlets);
    }
}

fn publish(snapshot: Arc<Snapshot>, packager: &Packager, noted: &mut StreamMemory, outlets: &PackagerOutputs) {
    outlets.live.publish(snapshot);
    outlets.live.set_made(packager.made());
    let memory = packager.memory();
    if memory != *noted {
        outlets.keeper.keep(outlets.id, memory);
        *noted = memory;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hls::Playlist;
    use crate::printer::label::Label;
    use crate::stream::fanout::Fanout;

    /// Ignores every shortage.
    #[derive(Debug)]
    struct Ample;

    impl Shortages for Ample {
        fn shorten(&self, _to_mebibytes: Option<usize>) {}

        fn complain(&self, _what: &'static str, _now: Instant) -> Option<u32> {
            None
        }
    }

    #[test]
    fn a_shortage_is_reported_once_and_ends_after_a_good_minute() {
        let (start, mut shortage) = (clock::now(), Shortage::default());
        let mut look = |seconds: u64, shortages| shortage.look(shortages, start + Duration::from_secs(seconds));
        assert_eq!([look(0, 0), look(1, 1), look(2, 1), look(3, 9), look(62, 9)], [None, Some(true), None, None, None]);
        assert_eq!([look(64, 9), look(200, 9), look(201, 10)], [Some(false), None, Some(true)]);
    }

    #[test]
    fn a_panic_costs_one_frame_and_not_the_stream() {
        let (mut pictures, mut rests) = (0.., Vec::new());
        let mut shown = Vec::new();
        survive(Packager::new(Settings::default(), None, Vec::new()), PrinterId(3), |packager, rest| {
            rests.push(rest.as_secs_f64().round());
            shown.extend(packager.snapshot());
            let sent = pictures.by_ref().take(100);
            shown.extend(sent.filter_map(|number| packager.push(&picture(number), number * 33)));
            assert!(rests.len() == 3, "a picture like no other");
        });

        assert_eq!(rests, [0.0, 0.0, 1.0], "the first time it goes on at once");
        let newest = shown.last().and_then(|snapshot| snapshot.playlist(Playlist::Standard)).unwrap();
        let text = String::from_utf8(newest.plain.to_vec()).unwrap();
        assert!(text.contains("\nseg000001.ts\n"), "what was shown before is still there\n{text}");
        assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{text}");
        assert_eq!(text.matches("#EXT-X-GAP\n").count(), 2, "a segment was open when it happened\n{text}");
    }

    /// TARGETDURATION after four minutes with a key frame each second, of a stream for which it was raised.
    fn target_after_four_minutes(watched: bool) -> u32 {
        let file = std::env::temp_dir().join(format!("platecast-packager-{}-{watched}.db", std::process::id()));
        let registry = Arc::new(crate::registry::Registry::open(&file).unwrap());
        let (keeper, writing) = NumberingWriter::start(registry).unwrap();
        let live = Arc::new(Live::default());
        let settings = Settings::default();
        let outlets = PackagerOutputs {
            id: PrinterId(3),
            live: Arc::clone(&live),
            keeper,
            rhythm: Arc::default(),
            shortage: Arc::new(Ample),
            memory_bytes: settings.memory_bytes,
        };
        let raised = StreamMemory {
            next_media_sequence: 9,
            discontinuity_sequence: 0,
            target_duration_s: 12,
            part_target_ms: 334,
        };
        if watched {
            live.note_request(clock::now());
        }
        let fanout = Fanout::new(Label::Printer(PrinterId(3)), 0);
        let mut units = fanout.follow(Terms { units_max: 240 * 30, ..terms(&settings) });
        (0..240 * 30).for_each(|number| fanout.push(&Arc::new(picture(number))));
        drop(fanout);
        run(Packager::new(settings, Some(raised), Vec::new()), &mut units, &outlets);
        drop(outlets);
        writing.join();
        std::fs::remove_file(&file).unwrap();
        live.snapshot().unwrap().geometry().target_duration_s
    }

    #[test]
    fn raised_durations_fall_while_nobody_watches() {
        assert_eq!(target_after_four_minutes(true), 12);
        assert_eq!(target_after_four_minutes(false), 2);
    }

    /// One of 30 frames a second; every 30th is a key frame.
    fn picture(number: i64) -> AccessUnit {
        let idr = number % 30 == 0;
        AccessUnit {
            bytes: vec![if idr { 0x65 } else { 0x41 }; 188],
            nal_units: std::iter::once(0..188).collect(),
            pts_90k: number * 3_000,
            dts_90k: number * 3_000,
            duration_90k: 3_000,
            idr,
            discontinuity: false,
            captured_unix_ms: 1_768_767_300_000 + number * 100 / 3,
        }
    }
}
