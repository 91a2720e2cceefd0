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
    Fetching,
    /// The how-manieth of [`STEPS`].
    Warming(usize),
    Printing,
    Finished,
    Failed,
}

/// What lasts how long between the file's arrival and the first layer.
pub(super) struct Step {
    /// The number in `stg_cur`.
    pub(super) stage: u8,
    pub(super) until: Until,
}

#[derive(Clone, Copy)]
pub(super) enum Until {
    BedWarm,
    NozzleWarm,
    Seconds(f64),
}

pub(super) const STEPS: [Step; 5] = [
    Step { stage: 2, until: Until::BedWarm },
    Step { stage: 13, until: Until::Seconds(8.0) },
    Step { stage: 7, until: Until::NozzleWarm },
    Step { stage: 14, until: Until::Seconds(12.0) },
    Step { stage: 1, until: Until::Seconds(40.0) },
];

/// Until the file is there.
pub(super) const FETCH_S: f64 = 5.0;

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
    /// The number in `stg_cur`.
    pub(super) fn stage(self) -> u8 {
        match self {
            Self::User => 16,
            Self::Runout => 6,
            Self::FrontCover => 17,
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
