//! A camera's life at random, under the eyes of two viewers: whatever the pictures, the connections and the process
//! do, no playlist breaks a rule. `PROPTEST_CASES` says how many lives (`scripts/test` asks for 10,000).

use crate::playlist_checker::{Camera, Viewer};
use crate::playlist_parser::{Playlist, SECOND};
use platecast::hls::{self, Listed, Packager, RestoredSegment, Settings, Snapshot, StreamMemory};
use platecast::http::endpoints::hls as http_hls;
use platecast::http::{Body, Method, Reply, Request};
use platecast::media::AccessUnit;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Clone)]
struct Life {
    settings: Settings,
    start_90k: i64,
    phases: Vec<Phase>,
}

/// A stretch of pictures, and what happens after it.
#[derive(Debug, Clone)]
struct Phase {
    /// From one each five seconds to sixty a second.
    pictures_per_100_s: i64,
    gop_ms: i64,
    jitter_percent: i64,
    reordered: bool,
    seconds: i64,
    then: Then,
}

impl Phase {
    fn period_90k(&self) -> i64 {
        9_000_000 / self.pictures_per_100_s
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The next phase follows without a seam: the camera has changed its ways.
    GoOn,
    /// The connection is lost and comes back.
    Reconnect,
    /// The timeline breaks without the packager being told before.
    Break,
    /// The process ends, in order or not, and the mirror is there afterwards or was lost.
    Restart { crash: bool, mirror: bool },
    /// The packager panics over a picture: its thread begins anew, and nobody has noticed.
    Panic,
    /// Some pictures are missing on a timeline that goes on.
    Hole { pictures: i64 },
    /// Key pictures stay away.
    NoKey { seconds: i64 },
    /// Somebody sets the clock.
    ClockSet { ms: i64 },
    /// Nobody watches for some minutes; then others come.
    Alone,
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        8 => Just(Then::GoOn),
        8 => Just(Then::Reconnect),
        4 => Just(Then::Break),
        8 => (any::<bool>(), any::<bool>()).prop_map(|(crash, mirror)| Then::Restart { crash, mirror }),
        4 => Just(Then::Panic),
        4 => (1_i64..40).prop_map(|pictures| Then::Hole { pictures }),
        4 => (1_i64..40).prop_map(|seconds| Then::NoKey { seconds }),
        4 => (-100_000_000_i64..100_000_000).prop_map(|ms| Then::ClockSet { ms }),
        // Four minutes of pictures: as long as twenty of the others.
        1 => Just(Then::Alone),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    let jitter = prop_oneof![Just(0_i64), 1_i64..12];
    (pace(), 500_i64..=10_000, jitter, any::<bool>(), 1_i64..12, then()).prop_map(
        |(pictures_per_100_s, gop_ms, jitter_percent, reordered, seconds, then)| Phase {
            pictures_per_100_s,
            gop_ms,
            jitter_percent,
            reordered,
            seconds,
            then,
        },
    )
}

/// Most cameras send 8 to 60 pictures a second; some send one now and then.
fn pace() -> impl Strategy<Value = i64> {
    prop_oneof![4 => (8_i64..=60).prop_map(|pictures_per_s| pictures_per_s * 100), 1 => 20_i64..800]
}

fn settings() -> impl Strategy<Value = Settings> {
    (prop::bool::weighted(0.8), 6_usize..=10, prop_oneof![Just(333_u32), 150_u32..600]).prop_map(
        |(low_latency, window_segments, part_target_ms)| Settings {
            segment_target_ms: 2_000,
            part_target_ms,
            window_segments,
            low_latency,
            ..Settings::default()
        },
    )
}

fn life() -> impl Strategy<Value = Life> {
    (settings(), 0_i64..1_000_000_000, prop::collection::vec(phase(), 1..6))
        .prop_map(|(settings, start_90k, phases)| Life { settings, start_90k, phases })
}

/// One camera, one server, and those who watch.
struct World {
    life: Life,
    packager: Packager,
    disk: Disk,
    camera: Camera,
    standard: Viewer,
    low_latency: Viewer,
    alone: bool,
    held: Vec<Held>,
    snapshots: u64,
    /// The camera's clock, and the wall's.
    at_90k: i64,
    unix_ms: i64,
    since_key_90k: i64,
    broken: bool,
    seed: u64,
}

/// What outlives the process.
#[derive(Default)]
struct Disk {
    memory: Option<StreamMemory>,
    playlist: Option<String>,
    segments: BTreeMap<u64, Arc<[u8]>>,
}

/// A request that was not answered at once.
struct Held {
    request: Request,
    msn: u64,
    part: Option<u64>,
}

impl World {
    fn new(life: &Life) -> Self {
        let steady = life.phases.len() == 1 && life.phases.iter().all(|phase| phase.jitter_percent == 0);
        Self {
            packager: Packager::new(life.settings, None, Vec::new()),
            disk: Disk::default(),
            camera: Camera {
                steady,
                undisturbed: steady && life.phases.iter().all(|phase| phase.then == Then::GoOn),
                window: life.settings.window_segments,
            },
            standard: Viewer::default(),
            low_latency: Viewer::default(),
            alone: false,
            held: Vec::new(),
            snapshots: 0,
            at_90k: life.start_90k,
            unix_ms: 1_768_767_300_000,
            since_key_90k: i64::MAX / 2,
            broken: true,
            seed: life.start_90k.unsigned_abs() | 1,
            life: life.clone(),
        }
    }

    fn live(&mut self) -> Result<(), String> {
        for (index, phase) in self.life.phases.clone().iter().enumerate() {
            self.pictures(phase, phase.seconds, phase.gop_ms).map_err(|wrong| format!("phase {index}: {wrong}"))?;
            self.then(phase).map_err(|wrong| format!("after phase {index}: {wrong}"))?;
        }
        Ok(())
    }

    fn pictures(&mut self, phase: &Phase, seconds: i64, gop_ms: i64) -> Result<(), String> {
        let period_90k = phase.period_90k();
        // A slow one is watched for longer, so that something comes of it.
        let pictures = (seconds * phase.pictures_per_100_s / 100).max(seconds);
        for index in 0..pictures {
            let idr = self.broken || self.since_key_90k + period_90k / 2 >= gop_ms * 90;
            let jitter_90k = period_90k * phase.jitter_percent / 100;
            let step_90k = period_90k + self.random(2 * jitter_90k as u64 + 1) as i64 - jitter_90k;
            let delay_90k = if phase.reordered && index % 3 != 0 && !idr { period_90k * (index % 3) } else { 0 };
            let unit = self.picture(idr, delay_90k, period_90k);
            if let Some(snapshot) = self.packager.push(&unit, self.unix_ms) {
                self.published(&snapshot)?;
            }
            self.since_key_90k = if idr { step_90k } else { self.since_key_90k + step_90k };
            self.pass(step_90k);
        }
        Ok(())
    }

    fn picture(&mut self, idr: bool, delay_90k: i64, duration_90k: i64) -> AccessUnit {
        let len = 2 + self.random(if idr { 700 } else { 250 }) as usize;
        let mut slice = vec![self.random(256) as u8 | 4; len];
        slice[0] = if idr { 0x65 } else { 0x41 };
        let mut unit = AccessUnit {
            bytes: Vec::new(),
            nal_units: Vec::new(),
            pts_90k: self.at_90k + delay_90k,
            dts_90k: self.at_90k,
            duration_90k,
            idr,
            discontinuity: std::mem::take(&mut self.broken),
            captured_unix_ms: self.unix_ms,
        };
        let sets: &[&[u8]] = if idr { &[&[0x67, 0x42, 0xc0, 0x1f], &[0x68, 0xce]] } else { &[] };
        for nal in sets.iter().copied().chain([slice.as_slice()]) {
            let start = unit.bytes.len() as u32;
            unit.bytes.extend_from_slice(nal);
            unit.nal_units.push(start..unit.bytes.len() as u32);
        }
        unit
    }

    fn then(&mut self, phase: &Phase) -> Result<(), String> {
        match phase.then {
            Then::GoOn => {}
            Then::Reconnect => {
                if let Some(snapshot) = self.packager.interrupt() {
                    self.published(&snapshot)?;
                }
                let away = self.random(20 * 90_000) as i64;
                self.pass(away);
                self.broken = true;
            }
            Then::Break => {
                self.at_90k += self.random(1 << 40) as i64 - (1 << 39);
                self.broken = true;
            }
            Then::Restart { crash, mirror } => self.restart(crash, mirror)?,
            Then::Panic => self.panic(phase)?,
            // A longer one is a break, which the depacketizer marks.
            Then::Hole { pictures } => self.pass((pictures * phase.period_90k()).min(9 * 90_000 - phase.period_90k())),
            Then::NoKey { seconds } => self.pictures(phase, seconds, i64::MAX / 180)?,
            Then::ClockSet { ms } => self.unix_ms += ms,
            Then::Alone => self.be_alone(phase)?,
        }
        Ok(())
    }

    /// What was raised may fall now. Whoever comes then has seen nothing, and must see nothing wrong.
    fn be_alone(&mut self, phase: &Phase) -> Result<(), String> {
        self.alone = true;
        self.packager.set_watched(false);
        self.pictures(phase, 240, phase.gop_ms)?;
        self.packager.set_watched(true);
        self.alone = false;
        (self.standard, self.low_latency) = (Viewer::default(), Viewer::default());
        self.held.clear();
        self.packager.snapshot().map_or(Ok(()), |snapshot| self.published(&snapshot))
    }

    fn panic(&mut self, phase: &Phase) -> Result<(), String> {
        let period_90k = phase.period_90k();
        let unit = self.picture(false, 0, period_90k);
        let _ = self.packager.push(&unit, self.unix_ms);
        self.pass(period_90k);
        self.packager = self.packager.renewed();
        self.standard.server_restarted();
        self.low_latency.server_restarted();
        match self.packager.snapshot() {
            Some(snapshot) => self.published(&snapshot),
            None if self.disk.playlist.is_some() => Err("the segments that were listed are gone".into()),
            None => Ok(()),
        }
    }

    fn restart(&mut self, crash: bool, mirror: bool) -> Result<(), String> {
        if !crash && let Some(snapshot) = self.packager.interrupt() {
            self.published(&snapshot)?;
        }
        if !mirror {
            (self.disk.playlist, self.disk.segments) = (None, BTreeMap::new());
        }
        let listed = self.disk.playlist.as_deref().map_or(Some(Vec::new()), Listed::read);
        let listed = listed.ok_or("our own playlist cannot be read back")?;
        let bytes = |listed: &Listed| self.disk.segments.get(&listed.msn).cloned().unwrap_or_else(|| Arc::from([]));
        let restored = listed.into_iter().map(|listed| RestoredSegment::whole(listed.clone(), bytes(&listed)));
        self.packager = Packager::new(self.life.settings, self.disk.memory, restored.collect());
        self.standard.server_restarted();
        self.low_latency.server_restarted();
        self.held.clear();
        self.broken = true;
        self.at_90k = self.random(1 << 30) as i64;
        self.pass(90_000);
        let had_playlist = self.disk.playlist.is_some();
        let snapshot = self.packager.snapshot();
        if had_playlist && snapshot.is_none() {
            return Err("the mirror was not taken".into());
        }
        snapshot.map_or(Ok(()), |snapshot| self.published(&snapshot))
    }

    fn published(&mut self, snapshot: &Arc<Snapshot>) -> Result<(), String> {
        self.snapshots += 1;
        self.disk.memory = Some(self.packager.memory());
        for segment in snapshot.listed().filter(|segment| !segment.gap) {
            let bytes = || bytes_of(Body::Slices(segment.slice(0..segment.len()))).into();
            self.disk.segments.entry(segment.msn).or_insert_with(bytes);
        }
        let fetch = |uri: &str, range: Option<(usize, usize)>| {
            let reply = get(snapshot, uri, None, range.map(|(from, to)| format!("bytes={from}-{to}")))?;
            let expected = if range.is_some() { 206 } else { 200 };
            (reply.status == expected).then(|| bytes_of(reply.body))
        };
        let standard = get(snapshot, "stream.m3u8", None, None);
        let has_segment = standard.is_some();
        if let Some(reply) = standard {
            let text = String::from_utf8(bytes_of(reply.body)).map_err(|_| "not text")?;
            if self.disk.playlist.as_ref() != Some(&text) {
                let at = |wrong| format!("{wrong}, in the standard playlist\n{text}");
                if !self.alone {
                    self.standard.see(&text, self.camera, &fetch).map_err(at)?;
                }
                self.disk.playlist = Some(text);
            }
        }
        let reply = get(snapshot, "stream_ll.m3u8", None, None);
        if !self.life.settings.low_latency {
            return if reply.is_some_and(|reply| reply.status == 404) {
                Ok(())
            } else {
                Err("low latency is off".into())
            };
        }
        let reply = match (reply, has_segment) {
            (Some(reply), true) => reply,
            (None, false) => return Ok(()),
            (Some(_), false) => return Err("a low-latency playlist without a complete segment".into()),
            (None, true) => return Err("no low-latency playlist".into()),
        };
        let text = String::from_utf8(bytes_of(reply.body)).map_err(|_| "not text")?;
        if self.alone {
            return Ok(());
        }
        let at = |wrong| format!("{wrong}, in the low-latency playlist\n{text}");
        self.low_latency.see(&text, self.camera, &fetch).map_err(at)?;
        self.reload(snapshot)
    }

    /// Asks for something near the edge, and looks again at what has not been answered yet.
    fn reload(&mut self, snapshot: &Snapshot) -> Result<(), String> {
        let newest = self.low_latency.last().and_then(|last| last.entries.last()).map_or(0, |entry| entry.msn);
        let msn = (newest + self.random(8)).saturating_sub(4);
        let part = (self.random(4) > 0).then(|| self.random(14));
        let query = format!("_HLS_msn={msn}") + &part.map_or(String::new(), |part| format!("&_HLS_part={part}"));
        let request = request("stream_ll.m3u8", Some(query), None);
        self.held.push(Held { request, msn, part });

        let playlist = self.low_latency.last().ok_or("no playlist")?;
        // rfc8216bis §6.2.5.2: three parts ahead, or three seconds where parts are shorter than one.
        let part_target = playlist.low_latency.map_or(SECOND, |all| all.2);
        let ahead = (3 * SECOND.unsigned_abs()).div_ceil(part_target.min(SECOND).unsigned_abs());
        let mut wrong = None;
        self.held.retain(|held| {
            let status = answer(snapshot, &held.request, "stream_ll.m3u8").map(|reply| reply.status);
            let there = is_there(playlist, held.msn, held.part);
            // Its parts were dropped for another PART-TARGET, and are still known to the server.
            let dropped = playlist.progress(held.msn) == Some((0, true));
            let right = match status {
                Some(200) => there || dropped,
                Some(400) => !there && (held.msn > newest + 2 || held.part.is_some_and(|part| part >= ahead)),
                None => !there && held.msn <= newest + 2,
                Some(_) => false,
            };
            if !right {
                wrong = Some(format!("{status:?} to {} {:?}, there: {there}, newest {newest}", held.msn, held.part));
            }
            status.is_none()
        });
        wrong.map_or(Ok(()), Err)
    }

    fn pass(&mut self, ticks: i64) {
        self.at_90k += ticks;
        self.unix_ms += ticks / 90;
    }

    /// Below `bound`, from the life's own seed (xorshift).
    fn random(&mut self, bound: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % bound.max(1)
    }
}

/// Whether the playlist has the part, or the whole segment, or something later.
fn is_there(playlist: &Playlist, msn: u64, part: Option<u64>) -> bool {
    let newest = playlist.entries.last().map_or(0, |entry| entry.msn);
    match (playlist.progress(msn), part) {
        (None, _) => msn < newest,
        (Some((_, complete)), None) => complete,
        (Some((parts, _)), Some(part)) => (part as usize) < parts || msn < newest,
    }
}

fn request(file: &str, query: Option<String>, range: Option<String>) -> Request {
    let headers = range.map(|range| ("range".to_owned(), range)).into_iter().collect();
    Request { method: Method::Get, path: format!("/hls/1/{file}"), query, headers, body: Vec::new() }
}

fn get(snapshot: &Snapshot, file: &str, query: Option<String>, range: Option<String>) -> Option<Reply> {
    answer(snapshot, &request(file, query, range), file)
}

/// The answer, or `None` while the request is held.
fn answer(snapshot: &Snapshot, request: &Request, file: &str) -> Option<Reply> {
    let answer = match http_hls::parse(request, file) {
        Ok(parsed) => http_hls::answer(&parsed, Some(snapshot)),
        Err(problem) => Some(Err(problem)),
    };
    answer.map(|answer| answer.unwrap_or_else(|problem| problem.reply()))
}

fn bytes_of(body: Body) -> Vec<u8> {
    match body {
        Body::Empty => Vec::new(),
        Body::Bytes(bytes) => bytes,
        Body::Shared(bytes) => bytes.to_vec(),
        Body::Slices(slices) => slices.iter().map(hls::Slice::as_bytes).collect::<Vec<_>>().concat(),
    }
}

fn check(life: &Life) -> Result<World, TestCaseError> {
    let mut world = World::new(life);
    world.live().map_err(TestCaseError::fail)?;
    Ok(world)
}

#[test]
fn a_clock_may_wrap_within_a_segment() {
    let phase = Phase {
        pictures_per_100_s: 800,
        gop_ms: 3_000,
        jitter_percent: 0,
        reordered: true,
        seconds: 20,
        then: Then::GoOn,
    };
    let settings =
        Settings { segment_target_ms: 2_000, part_target_ms: 333, window_segments: 6, ..Settings::default() };
    check(&Life { settings, start_90k: (1 << 33) - 8 * 90_000, phases: vec![phase] }).unwrap();
}

/// Eight segments of 1.8 s under a TARGETDURATION of 4 s are more than the window has: none of them is too many.
#[test]
fn a_restart_keeps_a_long_playlist() {
    let phase = |pictures_per_100_s, gop_ms, seconds, then| Phase {
        pictures_per_100_s,
        gop_ms,
        jitter_percent: 0,
        reordered: false,
        seconds,
        then,
    };
    let phases = vec![
        phase(253, 500, 1, Then::Alone),
        phase(164, 1_525, 11, Then::Restart { crash: true, mirror: true }),
        phase(800, 3_063, 4, Then::GoOn),
        phase(126, 500, 8, Then::GoOn),
        phase(800, 500, 8, Then::GoOn),
    ];
    check(&Life { settings: Settings::default(), start_90k: 874_530, phases }).unwrap();
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_life_of_a_camera_breaks_a_playlist(life in life()) {
        check(&life)?;
    }

    #[test]
    fn a_steady_camera_needs_no_exception(
        settings in settings(),
        pictures_per_100_s in pace(),
        gop_ms in 500_i64..=4_000,
        reordered in any::<bool>(),
    ) {
        let phase = Phase { pictures_per_100_s, gop_ms, jitter_percent: 0, reordered, seconds: 40, then: Then::GoOn };
        let world = check(&Life { settings, start_90k: 0, phases: vec![phase] })?;
        prop_assert!(world.snapshots > 0);
        prop_assert_eq!(world.low_latency.target_raises + world.standard.target_raises, 0);
        prop_assert_eq!(world.low_latency.part_target_raises, 0);
        prop_assert!(world.low_latency.hints_broken <= 1, "{} hints broken", world.low_latency.hints_broken);
    }
}
