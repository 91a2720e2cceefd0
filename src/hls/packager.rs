//! One camera's stream: takes frames and publishes snapshots. Bytes, times and numbers meet only here.

use super::container::{Container, Writer};
use super::geometry::{Decision, Measure};
use super::playlist::{self, View};
use super::restore::RestoredSegment;
use super::segmenter::{End, Ends, Goes, Quiet, Room, Segmenter};
use super::window::{Shed, Window};
use super::{Edge, Geometry, Segment, Settings, Snapshot, StreamMemory};
use crate::media::AccessUnit;
use std::fmt;
use std::sync::Arc;

/// The packager of one camera. It outlives the camera's connections and knows nothing of them.
#[derive(Debug)]
pub struct Packager {
    settings: Settings,
    stage: Stage,
    writer: Writer,
    window: Window,
    /// Whether the open part begins with an IDR picture.
    independent: bool,
    changed: Changed,
    newest: Option<Arc<Snapshot>>,
    /// Numbers of parts and segments made by this process.
    made: Made,
    /// The bytes of the last whole group of pictures, and of the current one.
    last_group: usize,
    group: usize,
    /// The size of the newest key frame, which is also kept as a still.
    still: usize,
    /// How often frames were left out, or segments left the list, because memory was short.
    shortages: u64,
    /// Why frames are being left out, and how many were since the last one that went into a segment.
    leaving_out: Option<(OutOfPlace, u64)>,
    /// A change in leaving frames out, kept until it is fetched.
    left_out: Option<LeftOut>,
}

/// How much a packager has made since the program began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    /// Parts, also those of the open segment.
    pub parts: u64,
    /// Finished segments.
    pub segments: u64,
}

/// Frames that go into no segment, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// Why the first of them was left out.
    pub why: OutOfPlace,
    /// How many were left out; `None` while more are still being left out.
    pub pictures: Option<u64>,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            OutOfPlace::LateKeyFrame => "no key frame came within TARGETDURATION",
            OutOfPlace::TooSoon => "segments began too soon one after the other",
            OutOfPlace::NoRoom => "the segment was as large as the camera's memory allows",
        };
        match self.pictures {
            None => write!(f, "{why}; frames are left out up to the next key frame"),
            Some(count) => write!(f, "a segment begins again; {count} frames were left out, since {why}"),
        }
    }
}

/// Why a frame goes into no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfPlace {
    /// The segment was as long as TARGETDURATION allows, and no key frame had come.
    LateKeyFrame,
    /// It is a key frame, and the last segments began too short a time ago.
    TooSoon,
    /// The segment was as large as the camera's memory allows.
    NoRoom,
}

#[derive(Debug)]
enum Stage {
    /// The camera is not known yet; nothing is published.
    Measuring(Measure),
    Running(Segmenter),
}

/// The changes since the newest snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Changed {
    Nothing,
    Parts,
    Segments,
}

impl Packager {
    /// Starts a stream that continues from `memory` and with the segments `restored`, if the two fit together.
    #[must_use]
    pub fn new(settings: Settings, memory: Option<StreamMemory>, restored: Vec<RestoredSegment>) -> Self {
        let settings = Settings { window_segments: settings.window_segments.clamp(6, 10), ..settings };
        let geometry = memory.as_ref().and_then(Geometry::remembered);
        let window = Window::new(settings.window_segments, memory.as_ref(), restored);
        let mut packager = Self {
            stage: geometry.map_or_else(
                || Stage::Measuring(Measure::default()),
                |geometry| Stage::Running(Segmenter::new(settings, geometry)),
            ),
            changed: if window.listed().is_empty() { Changed::Nothing } else { Changed::Segments },
            settings,
            writer: Container::OURS.writer(),
            window,
            independent: false,
            newest: None,
            made: Made::default(),
            last_group: 0,
            group: 0,
            still: 0,
            shortages: 0,
            leaving_out: None,
            left_out: None,
        };
        packager.make_room(0);
        let _ = packager.publish(0);
        packager
    }

    /// Starts the stream again after a panic in this one. Only its numbers and the segments that viewers were shown are
    /// trusted; both continue.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let shown = self.newest.as_deref().map(Snapshot::restorable).unwrap_or_default();
        Self { made: self.made, ..Self::new(self.settings, Some(self.memory()), shown) }
    }

    /// Takes the next frame. Returns a snapshot if there is something new to see.
    pub fn push(&mut self, unit: &AccessUnit, now_unix_ms: i64) -> Option<Arc<Snapshot>> {
        if unit.idr {
            self.still = unit.held_bytes();
        }
        match &mut self.stage {
            Stage::Running(_) => self.place(unit),
            Stage::Measuring(measure) => {
                let (decision, held) = measure.push(unit, &self.settings)?;
                self.stage = Stage::Running(Segmenter::decided(self.settings, decision));
                for unit in held {
                    self.place(&unit);
                }
            }
        }
        self.publish(now_unix_ms)
    }

    /// Sets whether anybody watches. While nobody does for some minutes, segments and parts longer than the camera
    /// needs become shorter again.
    pub fn set_watched(&mut self, watched: bool) {
        if let Stage::Running(segmenter) = &mut self.stage {
            segmenter.set_watched(watched);
        }
    }

    /// Completes what the camera has sent, because it is away. The stream stays unchanged until the camera is back, and
    /// then continues with a discontinuity.
    pub fn interrupt(&mut self) -> Option<Arc<Snapshot>> {
        match &mut self.stage {
            Stage::Measuring(measure) => measure.forget(),
            Stage::Running(segmenter) => {
                if let Some(end) = segmenter.interrupt() {
                    self.end_segment(end);
                }
            }
        }
        let now_unix_ms = self.newest.as_ref().map_or(0, |newest| newest.published_unix_ms);
        self.publish(now_unix_ms)
    }

    /// Returns the newest snapshot. Before the first frame it shows what was restored.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.newest.clone()
    }

    /// Returns what must survive this process.
    #[must_use]
    pub fn memory(&self) -> StreamMemory {
        let geometry = self.geometry().unwrap_or(Geometry { target_duration_s: 0, part_target_ms: 0 });
        let (next_media_sequence, discontinuity_sequence) = self.window.numbers(self.settings.low_latency);
        StreamMemory {
            next_media_sequence,
            discontinuity_sequence,
            target_duration_s: geometry.target_duration_s,
            part_target_ms: geometry.part_target_ms,
        }
    }

    /// Returns which of the next frames may wait for one that ends a part or segment, without a visible difference.
    #[must_use]
    pub fn quiet(&self) -> Quiet {
        match &self.stage {
            Stage::Measuring(_) => Quiet::NEVER,
            Stage::Running(segmenter) => segmenter.quiet(),
        }
    }

    /// Returns the decision on the geometry since the last call, for the log.
    pub fn decision(&mut self) -> Option<Decision> {
        match &mut self.stage {
            Stage::Measuring(_) => None,
            Stage::Running(segmenter) => segmenter.take_decision(),
        }
    }

    /// Returns, once each, that frames begin to be left out and that this is over.
    pub fn left_out(&mut self) -> Option<LeftOut> {
        self.left_out.take()
    }

    /// Returns how many parts and whole segments it has made.
    #[must_use]
    pub fn made(&self) -> Made {
        self.made
    }

    /// Returns the memory of the stream: measured frames, and open, listed and retired segments. The still is not
    /// included.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let measured = match &self.stage {
            Stage::Measuring(measure) => measure.held_bytes(),
            Stage::Running(_) => 0,
        };
        measured + self.writer.held_bytes() + self.window.held_bytes()
    }

    /// Returns how often the stream has been shortened because memory was short.
    #[must_use]
    pub fn shortages(&self) -> u64 {
        self.shortages
    }

    /// Drops segments until `added` bytes fit.
    fn make_room(&mut self, added: usize) {
        let others = self.still.saturating_add(self.writer.held_bytes()).saturating_add(added);
        match self.window.make_room(self.settings.stream_bytes().saturating_sub(others)) {
            Shed::Nothing => return,
            Shed::Retired => {}
            Shed::Listed => self.shortages += 1,
        }
        // Dropped segments are freed only when the snapshot that holds them is replaced.
        self.changed = Changed::Segments;
    }

    /// Returns how much the open segment may still take, if this frame is the next.
    fn room(&mut self, unit: &AccessUnit) -> Room {
        let open = self.window.open().map_or(0, Segment::len) + self.writer.len();
        if unit.idr {
            self.last_group = std::mem::take(&mut self.group);
        }
        self.group = self.group.saturating_add(unit.bytes.len());
        let fits =
            |bytes: usize| open.saturating_add(Container::OURS.size_of_frame(bytes)) <= self.settings.segment_bytes();
        match (fits(self.last_group.max(unit.bytes.len())), fits(unit.bytes.len())) {
            (true, _) => Room::Group,
            (false, true) => Room::Picture,
            (false, false) => Room::None,
        }
    }

    fn geometry(&self) -> Option<Geometry> {
        match &self.stage {
            Stage::Measuring(_) => None,
            Stage::Running(segmenter) => Some(segmenter.geometry()),
        }
    }

    fn place(&mut self, unit: &AccessUnit) {
        // The open part is copied once when it ends, and may end with this frame.
        self.make_room(Container::OURS.size_of_frame(unit.bytes.len()).saturating_add(self.writer.len()));
        let room = self.room(unit);
        let Stage::Running(segmenter) = &mut self.stage else { return };
        let before = segmenter.geometry();
        let placement = segmenter.place(unit, room);
        if room == Room::None && placement.goes.is_none() && placement.ends.is_some() {
            self.shortages += 1;
        }

        match placement.ends {
            Some(Ends::Part { part_90k }) => self.end_part(part_90k),
            Some(Ends::Segment(end)) => self.end_segment(end),
            None => {}
        }
        match placement.goes {
            None => return self.leave_out(unit.idr, room),
            Some(Goes::IntoPart) => {}
            Some(Goes::NewPart) => {
                self.independent = unit.idr;
                self.writer.begin_part(unit.idr);
            }
            Some(Goes::NewSegment { discontinuity }) => {
                self.independent = unit.idr;
                let over = self.leaving_out.take();
                self.left_out = over.map(|(why, count)| LeftOut { why, pictures: Some(count) }).or(self.left_out);
                if let Some(geometry) = self.geometry().filter(|geometry| *geometry != before) {
                    if geometry.part_target_ms != before.part_target_ms {
                        self.window.drop_parts_so_far();
                    }
                    self.window.drop_longer(geometry);
                }
                self.window.begin(discontinuity, unit.captured_unix_ms);
                self.writer.begin_segment(discontinuity);
            }
        }
        self.writer.push(unit);
        if let Some(part_90k) = placement.fills_part_90k {
            self.end_part(part_90k);
        }
    }

    fn leave_out(&mut self, is_key_frame: bool, room: Room) {
        let why = match room {
            Room::None => OutOfPlace::NoRoom,
            _ if is_key_frame => OutOfPlace::TooSoon,
            _ => OutOfPlace::LateKeyFrame,
        };
        if self.leaving_out.is_none() {
            self.left_out = Some(LeftOut { why, pictures: None });
        }
        self.leaving_out.get_or_insert((why, 0)).1 += 1;
    }

    fn end_part(&mut self, part_90k: i64) {
        let (window, is_independent) = (&mut self.window, self.independent);
        self.writer.finish_part(|bytes| window.add_part(bytes, part_90k, is_independent));
        self.made.parts += 1;
        self.changed = self.changed.max(Changed::Parts);
    }

    fn end_segment(&mut self, end: End) {
        if let Some(part_90k) = end.part_90k {
            self.end_part(part_90k);
        }
        let Some(geometry) = self.geometry() else { return };
        if self.window.complete(end.segment_90k, geometry) {
            self.changed = Changed::Segments;
            self.made.segments += 1;
        }
    }

    /// Renders what has changed, if it is visible to anybody.
    fn publish(&mut self, now_unix_ms: i64) -> Option<Arc<Snapshot>> {
        let changed = std::mem::replace(&mut self.changed, Changed::Nothing);
        let visible = changed == Changed::Segments || (changed == Changed::Parts && self.settings.low_latency);
        let Stage::Running(segmenter) = &self.stage else { return None };
        if !visible {
            return None;
        }
        let geometry = segmenter.geometry();
        let cut_ahead = segmenter.expects_cut();
        self.window.drop_old_parts(geometry);

        let window = &self.window;
        let open = window.open().filter(|_| self.settings.low_latency);
        let hint = match open {
            Some(open) if cut_ahead => (open.msn.saturating_add(1), 0),
            Some(open) => (open.msn, open.len()),
            None => (window.open_msn(), 0),
        };
        let view = View { geometry, segments: window.listed(), open, parts_from: window.parts_from(), hint };
        let before = self.newest.as_ref().and_then(|newest| newest.standard.clone());
        let snapshot = Arc::new(Snapshot {
            published_unix_ms: now_unix_ms,
            geometry,
            edge: edge(&view),
            hint,
            offers_low_latency: self.settings.low_latency,
            standard: if changed == Changed::Segments { playlist::standard(&view).map(Arc::new) } else { before },
            low_latency: if self.settings.low_latency { playlist::low_latency(&view) } else { None },
            segments: window.retired().chain(window.listed()).cloned().chain(open.cloned().map(Arc::new)).collect(),
        });
        self.newest = Some(Arc::clone(&snapshot));
        Some(snapshot)
    }
}

fn edge(view: &View<'_>) -> Edge {
    let listed_parts = |segment: &Arc<Segment>| if segment.has_parts { segment.parts.len() as u64 } else { 0 };
    let first = view.segments.front().map(|first| first.msn).or(view.open.map(|open| open.msn));
    Edge {
        first_msn: first.unwrap_or(view.hint.0),
        complete_parts: view.segments.iter().map(listed_parts).collect(),
        open_parts: view.open.map_or(0, |open| open.parts.len() as u64),
        advance_part_limit: view.geometry.advance_part_limit(),
    }
}

#[cfg(test)]
mod tests;
