//! Turns RTP timestamps into a timeline that players tolerate.
//!
//! RTP timestamps wrap at 32 bits and start anywhere. On real cameras they freeze (a P2S of firmware 01.02), jump, run
//! backwards or carry the jitter of a Wi-Fi link. A TS part does not state how long its last frame lasts, so a player
//! infers it from the gap before. If the next gap is more than twice that long, Media Source Extensions drop everything
//! up to the next IDR picture. A timestamp is therefore treated in this order:
//!
//! 1. **Order.** With B frames, RTP carries presentation times in decoding order. The decoding times are the same times
//!    sorted, one reorder depth later.
//! 2. **Source.** The RTP clock is trusted as long as it advances like a clock. Where it does not, the local arrival
//!    clock replaces it for that frame. If that happens often, it stays until RTP has behaved for a while.
//! 3. **Smoothing.** A regular clock passes through. An irregular one goes through a first-order phase-locked loop. No
//!    step is longer than one and a half frame periods, unless there is a hole: then the timeline is broken.
//!
//! Handling a hole is not done here (`depacketizer` drops frames to the next IDR and marks a discontinuity).

use super::TICKS_PER_SECOND;
use std::time::Instant;

/// The frame period assumed until two frames have been seen: 30 frames a second.
const FIRST_GUESS_90K: i64 = TICKS_PER_SECOND / 30;

/// A longer step of the RTP clock is not a pause: the clock is another one.
const LONGEST_STEP_90K: i64 = 10 * TICKS_PER_SECOND;

/// A frame cannot arrive this much earlier than the fastest one before it; its timestamp has jumped ahead.
const EARLY_90K: i64 = TICKS_PER_SECOND / 2;

/// A pause of the source is a hole if it lasts at least this long and three frame periods.
const HOLE_90K: i64 = TICKS_PER_SECOND / 2;

/// By the arrival clock, a pause may be the network's, with nothing missing: only a long one counts as a hole then.
const ARRIVAL_HOLE_90K: i64 = 3 * TICKS_PER_SECOND;

/// After this many pauses in a row, without a frame at the usual distance in between, the next one is the new period.
/// Some cameras drop to a frame every two seconds at night.
const PAUSES: u32 = 2;

/// Shorter steps (120 frames a second) belong to the burst after a stall and say nothing about the period.
const SHORTEST_PERIOD_90K: i64 = TICKS_PER_SECOND / 120;

/// With this many odd steps among the last eight, RTP is no longer trusted …
const ODD_STEPS: u32 = 3;

/// … until this many in a row were those of a clock.
const GOOD_STEPS: u32 = 60;

/// This many steps in a row that do not fit the frame period form a new frame period.
const MISFITS: u32 = 8;

/// Below this mean deviation from the frame period, the clock is used unchanged.
const REGULAR: f64 = 0.05;

/// Gain of the phase-locked loop.
const GAIN: f64 = 0.15;

/// The latency floor is the minimum over the last one to two windows of this length.
const FLOOR_WINDOW_90K: i64 = 5 * TICKS_PER_SECOND;

/// The wall clock's anchor follows the arrivals by at most this much per frame …
const SLEW_MS: i64 = 1;

/// … unless the wall clock itself has been set.
const CLOCK_SET_MS: i64 = 1000;

/// The smoothed presentation and decoding time of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Presentation time; never before the decoding time.
    pub pts_90k: i64,
    /// Decoding time; it strictly rises.
    pub dts_90k: i64,
    /// The current estimate of the frame period.
    pub duration_90k: i64,
    /// The best estimate of the capture time: the arrival minus the delay that the network added.
    pub captured_unix_ms: i64,
    /// Whether there was a hole before this frame: the timeline continues after it at the next IDR picture.
    pub broken: bool,
}

/// The timeline of one camera, over all its connections.
#[derive(Debug, Default)]
pub struct Timeline {
    order: Order,
    source: Source,
    period: Period,
    latency: Latency,
    /// The last frame; `None` before the first one of a connection.
    last: Option<Last>,
    /// The end of the output; it survives a new connection.
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    arrived: Instant,
    source_90k: i64,
}

#[derive(Debug, Clone, Copy)]
struct End {
    dts_90k: i64,
    arrived: Instant,
    /// The output's time zero, in Unix milliseconds.
    anchor_ms: i64,
}

impl Timeline {
    /// Stamps the next frame in decoding order. `reorder_depth` is how many frames may precede another one in decoding
    /// order and follow it in output order. It is 0 without B frames.
    pub fn stamp(&mut self, rtp_timestamp: u32, arrived: Instant, arrived_unix_ms: i64, reorder_depth: u8) -> Stamp {
        let period = self.period.ticks();
        let ordered = self.order.push(rtp_timestamp, usize::from(reorder_depth), period);
        let Some(last) = self.last else { return self.begin(ordered, arrived, arrived_unix_ms) };
        let waited = ticks_between(last.arrived, arrived);
        let early_limit = self.latency.floor().map(|floor| floor - EARLY_90K);
        let lead = self.end.map_or(0, |end| ticks_between(end.arrived, arrived)) + self.latency.last - ordered.step_90k;
        let from_the_future = early_limit.is_some_and(|limit| lead < limit);
        let (step, hole_90k) = match self.source.judge(ordered.step_90k, from_the_future, period) {
            Believed::Rtp => (ordered.step_90k, HOLE_90K),
            Believed::Arrival => {
                self.order.rebase();
                (waited, ARRIVAL_HOLE_90K)
            }
        };
        let source_90k = last.source_90k + step;
        self.last = Some(Last { arrived, source_90k });
        let pause = self.period.is_known() && step > hole_90k.max(3 * period);
        let hole = pause && self.period.is_interrupted();
        if !hole {
            self.period.learn(step);
        }
        let previous = self.end.map_or(0, |end| end.dts_90k);
        let dts_90k = if hole {
            previous + step.max(source_90k - previous)
        } else {
            previous + self.smooth(source_90k, previous)
        };
        if hole {
            // The delay that the output still had to catch up is part of the hole.
            self.last = Some(Last { arrived, source_90k: dts_90k });
        }
        self.finish(dts_90k, ordered.offset_90k, arrived, arrived_unix_ms, hole)
    }

    /// Starts a new connection. Its first frame continues where the old one ended, later by the time in between.
    pub fn restart(&mut self) {
        self.order = Order::default();
        self.source = Source::default();
        self.latency = Latency::default();
        self.last = None;
    }

    /// Returns the estimated frame period, once two frames have been seen.
    #[must_use]
    pub fn frame_period_90k(&self) -> Option<i64> {
        self.period.is_known().then(|| self.period.ticks())
    }

    /// Stamps the first frame of a connection.
    fn begin(&mut self, ordered: Ordered, arrived: Instant, arrived_unix_ms: i64) -> Stamp {
        let dts_90k = match self.end {
            Some(end) => end.dts_90k + ticks_between(end.arrived, arrived).max(self.period.ticks()),
            None => TICKS_PER_SECOND,
        };
        self.last = Some(Last { arrived, source_90k: dts_90k });
        let first = self.end.is_none();
        self.finish(dts_90k, ordered.offset_90k, arrived, arrived_unix_ms, !first)
    }

    fn finish(&mut self, dts_90k: i64, offset_90k: i64, arrived: Instant, arrived_unix_ms: i64, broken: bool) -> Stamp {
        let duration_90k = self.period.ticks();
        let elapsed = self.end.map_or(0, |end| ticks_between(end.arrived, arrived));
        let advanced = self.end.map_or(0, |end| dts_90k - end.dts_90k);
        self.latency.observe(elapsed, advanced);
        let late_ms = self.latency.excess() / (TICKS_PER_SECOND / 1000);
        let measured_ms = arrived_unix_ms - late_ms - dts_90k / (TICKS_PER_SECOND / 1000);
        let anchor_ms = match self.end {
            Some(end) if !broken && (measured_ms - end.anchor_ms).abs() < CLOCK_SET_MS => {
                end.anchor_ms + (measured_ms - end.anchor_ms).clamp(-SLEW_MS, SLEW_MS)
            }
            _ => measured_ms,
        };
        self.end = Some(End { dts_90k, arrived, anchor_ms });
        Stamp {
            pts_90k: dts_90k + offset_90k.max(0),
            dts_90k,
            duration_90k,
            captured_unix_ms: anchor_ms + dts_90k / (TICKS_PER_SECOND / 1000),
            broken,
        }
    }

    /// Returns the length of the next output step towards `source_90k`.
    fn smooth(&self, source_90k: i64, previous_90k: i64) -> i64 {
        let period = self.period.ticks();
        let wanted = source_90k - previous_90k;
        let step = if self.period.is_regular() {
            wanted
        } else {
            let error = (wanted - period) as f64;
            let bound = period as f64;
            period + (error * GAIN).clamp(-0.3 * bound, 0.5 * bound) as i64
        };
        step.clamp((period * 3 / 10).max(1), (period * 3 / 2).max(2))
    }
}

fn ticks_between(from: Instant, to: Instant) -> i64 {
    let micros = i64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(i64::MAX / 90);
    micros.min(i64::MAX / 90) * 9 / 100
}

/// Turns presentation times in decoding order into decoding times.
#[derive(Debug, Default)]
struct Order {
    last: Option<(u32, i64)>,
    /// Presentation times that are not yet used as decoding times, sorted; at most one more than the reorder depth.
    waiting: Vec<i64>,
    last_dts: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Ordered {
    /// The step from the previous decoding time to this one, by the camera's clock.
    step_90k: i64,
    /// The step from the decoding time to the presentation time.
    offset_90k: i64,
}

impl Order {
    fn push(&mut self, timestamp: u32, depth: usize, period: i64) -> Ordered {
        let pts = match self.last {
            // Takes the shorter way round: a wrap is a small step.
            Some((before, pts)) => pts + i64::from(timestamp.wrapping_sub(before).cast_signed()),
            None => i64::from(timestamp),
        };
        self.last = Some((timestamp, pts));
        let dts = if depth == 0 {
            self.waiting.clear();
            pts
        } else {
            let at = self.waiting.partition_point(|waiting| *waiting <= pts);
            self.waiting.insert(at, pts);
            if self.waiting.len() > depth {
                self.waiting.remove(0)
            } else {
                let missing = i64::try_from(depth + 1 - self.waiting.len()).unwrap_or(1);
                self.waiting.first().copied().unwrap_or(pts) - missing * period
            }
        };
        let step_90k = self.last_dts.map_or(0, |last| dts - last);
        self.last_dts = Some(dts);
        // If the presentation time precedes the decoding time, the depth was understated; it cannot be shown earlier.
        Ordered { step_90k, offset_90k: (pts - dts).clamp(0, LONGEST_STEP_90K) }
    }

    /// Drops waiting times of the old clock after a jump.
    fn rebase(&mut self) {
        if let Some((_, pts)) = self.last {
            self.waiting.retain(|waiting| (pts - waiting).abs() < TICKS_PER_SECOND);
        }
    }
}

/// Whether the RTP clock is trusted.
#[derive(Debug, Default)]
struct Source {
    /// One bit for each of the last eight steps, set if it was odd.
    odd: u8,
    distrusted: bool,
    good: u32,
}

enum Believed {
    Rtp,
    Arrival,
}

impl Source {
    fn judge(&mut self, step_90k: i64, from_the_future: bool, period: i64) -> Believed {
        let odd = step_90k <= 0 || step_90k > LONGEST_STEP_90K || from_the_future;
        if self.distrusted {
            let like_a_clock = !odd && step_90k > period / 3 && step_90k < period * 3;
            self.good = if like_a_clock { self.good + 1 } else { 0 };
            if self.good >= GOOD_STEPS {
                *self = Self::default();
            }
            return Believed::Arrival;
        }
        self.odd = self.odd << 1 | u8::from(odd);
        if self.odd.count_ones() >= ODD_STEPS {
            self.distrusted = true;
            self.good = 0;
        }
        if odd { Believed::Arrival } else { Believed::Rtp }
    }
}

/// The estimated frame period.
#[derive(Debug, Default)]
struct Period {
    ticks: Option<f64>,
    learnt: u32,
    misfits: u32,
    /// How many pauses have come in a row.
    pauses: u32,
    /// The mean deviation of a step from the period, as a fraction of the period.
    roughness: f64,
}

impl Period {
    fn ticks(&self) -> i64 {
        self.ticks.map_or(FIRST_GUESS_90K, |ticks| ticks.round() as i64).max(2)
    }

    fn is_known(&self) -> bool {
        self.ticks.is_some()
    }

    fn is_regular(&self) -> bool {
        self.learnt >= 8 && self.roughness < REGULAR
    }

    /// Handles a pause. Returns whether it interrupts the frames; otherwise it is their new pace, which is then learnt.
    fn is_interrupted(&mut self) -> bool {
        self.pauses += 1;
        let interrupted = self.pauses <= PAUSES;
        if !interrupted {
            *self = Self::default();
        }
        interrupted
    }

    fn learn(&mut self, step_90k: i64) {
        self.pauses = 0;
        if step_90k < SHORTEST_PERIOD_90K {
            return;
        }
        let step = step_90k as f64;
        let Some(ticks) = self.ticks.filter(|_| self.misfits < MISFITS) else {
            *self = Self { ticks: Some(step), learnt: 1, ..Self::default() };
            return;
        };
        let deviation = (step - ticks).abs() / ticks;
        // A skipped frame says nothing about the period.
        if self.learnt >= 3 && !(0.34..=1.7).contains(&(step / ticks)) {
            self.misfits += 1;
            return;
        }
        self.misfits = 0;
        self.learnt = self.learnt.saturating_add(1);
        let weight = (1.0 / f64::from(self.learnt)).max(0.02);
        self.ticks = Some((ticks + weight * (step - ticks)).max(2.0));
        self.roughness += weight.min(0.2) * (deviation - self.roughness);
    }
}

/// How late frames are against the output clock, and the minimum. The network added what exceeds that minimum.
#[derive(Debug, Default)]
struct Latency {
    last: i64,
    floors: Option<[i64; 2]>,
    window_90k: i64,
}

impl Latency {
    fn observe(&mut self, elapsed_90k: i64, advanced_90k: i64) {
        self.last = if self.floors.is_some() { self.last + elapsed_90k - advanced_90k } else { 0 };
        self.window_90k += elapsed_90k;
        let [older, newer] = self.floors.unwrap_or([self.last; 2]);
        self.floors = Some(if self.window_90k > FLOOR_WINDOW_90K {
            self.window_90k = 0;
            [newer.min(self.last), self.last]
        } else {
            [older, newer.min(self.last)]
        });
    }

    fn floor(&self) -> Option<i64> {
        self.floors.map(|[older, newer]| older.min(newer))
    }

    fn excess(&self) -> i64 {
        self.floor().map_or(0, |floor| self.last - floor).max(0)
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
