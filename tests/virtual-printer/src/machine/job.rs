//! A print: what is made, and how it comes along. Time is given; nothing here asks for it.

/// What is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Print {
    /// Its title.
    pub name: String,
    /// Its layers.
    pub layers: u32,
    /// How long printing them takes at standard speed, without the preparation.
    pub minutes: u32,
    /// The nozzle's temperature.
    pub nozzle_c: u16,
    /// The bed's.
    pub bed_c: u16,
    /// The chamber's, where it is heated.
    pub chamber_c: u16,
}

impl Default for Print {
    fn default() -> Self {
        Self { name: "Gearbox cover".to_owned(), layers: 240, minutes: 95, nozzle_c: 220, bed_c: 60, chamber_c: 0 }
    }
}

/// Why a print pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Somebody wanted it.
    User,
    /// The spool is empty.
    Runout,
    /// The toolhead's front cover fell off.
    FrontCover,
    /// The printer itself wanted it, and says so by this error alone.
    Error(u32),
}

/// The report's `gcode_state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Nothing was printed since it was switched on.
    Idle,
    /// The file is on its way.
    Prepare,
    /// Warming up and printing.
    Running,
    /// Held.
    Pause,
    /// Done.
    Finish,
    /// Stopped, by a person or by a fault.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    /// The job has a name, and everything else is still that of the job before.
    Named,
    Unpacking,
    /// The how-manieth step of the firmware's start.
    Warming(usize),
    Printing,
    /// The filament is taken out again.
    Unloading,
    Finished,
    Failed,
}

/// What lasts how long between the file's arrival and the first layer.
#[derive(Debug)]
pub(crate) struct Step {
    /// The number in `stg_cur`.
    pub(crate) stage: u8,
    pub(crate) until: Until,
    /// Filament is loaded meanwhile, and waited for.
    pub(crate) loads: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    BedWarm,
    NozzleWarm,
    Seconds(f64),
}

/// From an A1's IDLE with the name of its next job to PREPARE.
pub(super) const NAMED_S: f64 = 3.0;

/// An A1 says 100 % and an unknown speed for this long before FINISH.
pub(super) const LAST_S: f64 = 2.0;

/// What a report still shows when the next job has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) state: JobState,
    pub(super) percent: u8,
    pub(super) layer: u32,
    pub(super) layers: u32,
}

impl Left {
    pub(super) const NOTHING: Self = Self { state: JobState::Idle, percent: 0, layer: 0, layers: 0 };
}

impl JobState {
    /// As it is reported.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Prepare => "PREPARE",
            Self::Running => "RUNNING",
            Self::Pause => "PAUSE",
            Self::Finish => "FINISH",
            Self::Failed => "FAILED",
        }
    }
}

impl Pause {
    /// The number in `stg_cur`; `None` where the stage stays what it was, as on an H2D with a wrong plate.
    pub(super) fn stage(self) -> Option<i32> {
        match self {
            Self::User => Some(16),
            Self::Runout => Some(6),
            Self::FrontCover => Some(17),
            Self::Error(_) => None,
        }
    }
}

/// Something that is warmed, and cools by itself.
#[derive(Debug, Clone)]
pub(super) struct Heater {
    pub(super) now_c: f64,
    pub(super) target_c: f64,
    warms_by_c_per_s: f64,
    cools_in_s: f64,
}

pub(super) const ROOM_C: f64 = 24.0;

impl Heater {
    pub(super) fn new(warms_by_c_per_s: f64, cools_in_s: f64) -> Self {
        Self { now_c: ROOM_C, target_c: 0.0, warms_by_c_per_s, cools_in_s }
    }

    pub(super) fn advance(&mut self, seconds: f64) {
        let rest = self.target_c.max(ROOM_C);
        if self.now_c < rest {
            self.now_c = (self.now_c + self.warms_by_c_per_s * seconds).min(rest);
        } else {
            self.now_c = rest + (self.now_c - rest) * (-seconds / self.cools_in_s).exp();
        }
    }

    pub(super) fn is_warm(&self) -> bool {
        self.now_c >= self.target_c - 2.0
    }

    /// At its target already.
    pub(super) fn settle(&mut self) {
        self.now_c = self.target_c.max(ROOM_C);
    }
}
