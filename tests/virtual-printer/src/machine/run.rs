//! How time works on the machine: phases follow each other, heat comes and goes, the print grows.

use super::ams::{Source, Tray};
use super::job::{FETCH_S, Heater, Phase, ROOM_C, STEPS, Until};
use super::{Machine, Model};

impl Machine {
    pub(super) fn step(&mut self, seconds: f64) {
        if self.paused.is_none() {
            self.phase_s += seconds;
        }
        match (self.phase, self.paused) {
            (_, Some(_)) => {}
            (Phase::Fetching, None) if self.phase_s >= FETCH_S => self.enter(Phase::Warming(0)),
            (Phase::Warming(index), None) => self.warm(index),
            (Phase::Printing, None) => {
                self.printed_s += seconds * f64::from(self.speed_percent()) / 100.0;
                if self.printed_s >= self.total_s() {
                    self.finish();
                }
            }
            (Phase::Finished | Phase::Failed, None) if self.next_print_after_s.is_some_and(|s| self.phase_s >= s) => {
                self.start(self.print.clone());
            }
            _ => {}
        }
        self.chamber.target_c = self.chamber_settles_at();
        self.nozzles.iter_mut().chain([&mut self.bed, &mut self.chamber]).for_each(|heater| heater.advance(seconds));
    }

    /// Everything is as warm as it will be.
    pub(super) fn settle(&mut self) {
        self.nozzles.iter_mut().chain([&mut self.bed]).for_each(Heater::settle);
        self.chamber.target_c = self.chamber_settles_at();
        self.chamber.settle();
    }

    /// Where it has no heater of its own that is on, an enclosed chamber follows the bed a third of the way.
    fn chamber_settles_at(&self) -> f64 {
        let passive = if self.profile.enclosed { ROOM_C + (self.bed.now_c - ROOM_C) / 3.0 } else { 0.0 };
        f64::from(self.chamber_target()).max(passive)
    }

    fn warm(&mut self, index: usize) {
        let Some(step) = STEPS.get(index) else { return };
        let done = match step.until {
            Until::BedWarm => self.bed.is_warm(),
            Until::NozzleWarm => self.nozzles.iter().all(Heater::is_warm),
            Until::Seconds(seconds) => self.phase_s >= seconds,
        };
        if done {
            self.enter(if index + 1 < STEPS.len() { Phase::Warming(index + 1) } else { Phase::Printing });
        }
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.phase_s = 0.0;
        let (hot, feeds) = match phase {
            Phase::Warming(_) | Phase::Printing => (true, true),
            Phase::Fetching => (true, false),
            Phase::Idle | Phase::Finished | Phase::Failed => (false, false),
        };
        if !hot {
            self.paused = None;
        }
        for (index, nozzle) in self.nozzles.iter_mut().enumerate() {
            let is_wanted = hot && index == self.profile.main_extruder && phase != Phase::Fetching;
            nozzle.target_c = if is_wanted { self.print.nozzle_c.into() } else { 0.0 };
        }
        self.bed.target_c = if hot { self.print.bed_c.into() } else { 0.0 };
        self.feeding = match (feeds, self.feeding) {
            (false, _) => Source::None,
            (true, Source::None) => self.first_spool(),
            (true, source) => source,
        };
    }

    fn first_spool(&self) -> Source {
        let spools =
            self.units.iter().flat_map(|unit| (0u8..).zip(&unit.trays).map(|(slot, tray)| (unit.id, slot, tray)));
        let mut full = spools.filter(|(_, _, tray)| matches!(tray, Tray::Spool(_)));
        full.next().map_or(Source::External, |(unit, slot, _)| Source::Tray { unit, slot })
    }

    pub(super) fn empty_the_tray(&mut self) {
        let Source::Tray { unit, slot } = self.feeding else { return };
        let trays = self.units.iter_mut().filter(|other| other.id == unit).flat_map(|unit| &mut unit.trays);
        if let Some(tray) = trays.into_iter().nth(usize::from(slot)) {
            *tray = Tray::Empty;
        }
    }

    /// 0 to 1.
    pub(super) fn done(&self) -> f64 {
        (self.printed_s / self.total_s()).clamp(0.0, 1.0)
    }

    pub(super) fn total_s(&self) -> f64 {
        f64::from(self.print.minutes.max(1)) * 60.0
    }

    pub(super) fn remaining_minutes(&self) -> u32 {
        match self.phase {
            Phase::Fetching | Phase::Warming(_) | Phase::Printing => {
                let left_s = (self.total_s() - self.printed_s) * 100.0 / f64::from(self.speed_percent());
                (left_s / 60.0).ceil() as u32
            }
            Phase::Idle | Phase::Finished | Phase::Failed => 0,
        }
    }

    pub(super) fn layer(&self) -> u32 {
        match self.phase {
            Phase::Printing if self.printed_s > 0.0 => {
                (1 + (self.done() * f64::from(self.print.layers)) as u32).min(self.print.layers)
            }
            Phase::Finished => self.print.layers,
            Phase::Failed => (self.done() * f64::from(self.print.layers)) as u32,
            _ => 0,
        }
    }

    /// `spd_mag`.
    pub(super) fn speed_percent(&self) -> u32 {
        match self.speed_level {
            1 => 50,
            3 => 124,
            4 => 166,
            _ => 100,
        }
    }

    pub(super) fn chamber_target(&self) -> u16 {
        let runs = matches!(self.phase, Phase::Warming(_) | Phase::Printing);
        let heats = matches!(self.model, Model::H2S | Model::H2D | Model::H2DPro | Model::H2C | Model::X2D);
        if runs && heats { self.print.chamber_c } else { 0 }
    }
}
