//! How time works on the machine: phases follow each other, heat comes and goes, the print grows.

use super::job::{Heater, LAST_S, Left, NAMED_S, Phase, ROOM_C, Step, Until};
use super::{Machine, Model};

impl Machine {
    pub(super) fn step(&mut self, seconds: f64) {
        if self.paused.is_none() {
            self.phase_s += seconds;
            self.feeding.advance(seconds);
        }
        match (self.phase, self.paused) {
            (_, Some(_)) => {}
            (Phase::Named, None) if self.phase_s >= NAMED_S => self.enter(Phase::Unpacking),
            (Phase::Unpacking, None) if self.phase_s >= self.firmware.unpacks_s => self.enter(Phase::Warming(0)),
            (Phase::Warming(index), None) => self.warm(index),
            (Phase::Printing, None) if !self.feeding.is_changing() => {
                self.printed_s += seconds * f64::from(self.speed_percent()) / 100.0;
                if self.printed_s >= self.total_s() {
                    self.end_the_print();
                }
            }
            (Phase::Unloading, None) if self.phase_s >= self.firmware.unloads_s => self.finish(),
            (Phase::Finished | Phase::Failed, None) if self.next_print_after_s.is_some_and(|s| self.phase_s >= s) => {
                self.start(self.print.clone());
            }
            _ => {}
        }
        self.tell_what_is_due();
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
        let steps = self.firmware.start;
        let Some(step) = steps.get(index) else { return };
        let done = match step.until {
            Until::BedWarm => self.bed.is_warm(),
            Until::NozzleWarm => self.nozzles.iter().all(Heater::is_warm),
            Until::Seconds(seconds) => self.phase_s >= seconds,
        };
        if done && !(step.loads && self.feeding.is_changing()) {
            self.enter(if index + 1 < steps.len() { Phase::Warming(index + 1) } else { Phase::Printing });
        }
    }

    fn end_the_print(&mut self) {
        if self.firmware.unloads_s > 0.0 { self.enter(Phase::Unloading) } else { self.finish() }
    }

    /// In the last moments before FINISH, where there are such.
    pub(super) fn is_about_to_finish(&self) -> bool {
        self.phase == Phase::Unloading && self.phase_s >= self.firmware.unloads_s - LAST_S
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.phase_s = 0.0;
        let runs = matches!(phase, Phase::Warming(_) | Phase::Printing);
        let is_hot = runs || phase == Phase::Unpacking;
        if !is_hot && phase != Phase::Unloading {
            self.paused = None;
        }
        if matches!(phase, Phase::Unpacking | Phase::Finished | Phase::Failed) {
            self.staged.error_to_come = None;
        }
        if phase != Phase::Named {
            for (index, nozzle) in self.nozzles.iter_mut().enumerate() {
                let is_wanted = runs && index == self.active_extruder;
                nozzle.target_c = if is_wanted { self.print.nozzle_c.into() } else { 0.0 };
            }
            self.bed.target_c = if is_hot { self.print.bed_c.into() } else { 0.0 };
        }
        match phase {
            Phase::Idle | Phase::Named => {}
            Phase::Unpacking => {
                self.print_error = 0;
                self.hms.clear();
            }
            Phase::Warming(index) if self.firmware.start.get(index).is_some_and(|step| step.loads) => self.load_first(),
            Phase::Warming(_) => {}
            Phase::Printing => self.have_loaded(),
            Phase::Unloading => self.unload(),
            Phase::Finished => {
                self.heat_on();
                self.leave_unloaded();
            }
            Phase::Failed => self.leave_unloaded(),
        }
    }

    /// What of this job is still shown when the next one has begun.
    pub(super) fn leave(&self) -> Left {
        match self.phase {
            Phase::Named | Phase::Unpacking => self.left,
            _ => Left { state: self.state(), percent: self.percent(), layer: self.layer(), layers: self.layers() },
        }
    }

    /// RUNNING has just begun, and not every number is the new job's yet.
    fn is_catching_up(&self) -> bool {
        self.phase == Phase::Warming(0) && self.phase_s < self.firmware.catches_up_s
    }

    /// 0 to 1.
    pub(super) fn done(&self) -> f64 {
        (self.printed_s / self.total_s()).clamp(0.0, 1.0)
    }

    pub(super) fn total_s(&self) -> f64 {
        f64::from(self.print.minutes.max(1)) * 60.0
    }

    /// Whole minutes: an A1 said 0 for the last 69 s of its print, and all the while it unloaded.
    pub(super) fn remaining_minutes(&self) -> u32 {
        match self.phase {
            Phase::Warming(_) | Phase::Printing if !self.is_catching_up() => {
                let left_s = (self.total_s() - self.printed_s) * 100.0 / f64::from(self.speed_percent());
                (left_s / 60.0) as u32
            }
            _ => 0,
        }
    }

    pub(super) fn layer(&self) -> u32 {
        match self.phase {
            Phase::Named | Phase::Unpacking => self.left.layer,
            Phase::Warming(_) if self.is_catching_up() => self.left.layer,
            Phase::Printing if self.printed_s > 0.0 => {
                let layer = 1 + (self.done() * f64::from(self.print.layers)) as u32;
                let is_last = self.firmware.counts_one_more && self.done() > 0.99;
                layer.min(self.print.layers) + u32::from(is_last)
            }
            Phase::Unloading | Phase::Finished => self.print.layers,
            Phase::Failed => (self.done() * f64::from(self.print.layers)) as u32,
            Phase::Idle | Phase::Warming(_) | Phase::Printing => 0,
        }
    }

    pub(super) fn layers(&self) -> u32 {
        match self.phase {
            Phase::Named | Phase::Unpacking => self.left.layers,
            _ if self.job > 0 => self.print.layers,
            _ => 0,
        }
    }

    /// How much of the file has arrived, in per cent.
    pub(super) fn unpacked(&self) -> u8 {
        match self.phase {
            Phase::Idle | Phase::Named => 0,
            Phase::Unpacking => (self.phase_s / self.firmware.unpacks_s * 100.0).min(100.0) as u8,
            _ => 100,
        }
    }

    /// It reports nothing and hears nothing but pings, once it has said PREPARE.
    pub(crate) fn is_unpacking_silently(&self) -> bool {
        self.firmware.unpacks_silently && self.phase == Phase::Unpacking && self.phase_s > NAMED_S
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

    /// `stg`: what is still to come, or was.
    pub(super) fn steps(&self) -> &'static [Step] {
        if self.job > 0 { self.firmware.start } else { &[] }
    }
}
