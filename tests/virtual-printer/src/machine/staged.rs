//! What a test or an order stages: reports as the field knows them, which no print brings about by itself.

use super::job::Phase;
use super::{Hms, Machine};

/// As hot as a P2S stayed after FINISH (firmware 01.02, BambuStudio#10203).
const STAYS_C: f64 = 255.0;

#[derive(Debug, Default)]
pub(super) struct Staged {
    stage: Option<i32>,
    layers: Option<(u32, u32)>,
    flapping: Option<Hms>,
    is_up: bool,
    stays_hot: bool,
    pub(super) has_old_nozzle: bool,
    /// After so long in this phase, the error.
    pub(super) error_to_come: Option<(f64, u32)>,
}

impl Staged {
    /// There in one report and gone in the next.
    pub(super) fn flap(&mut self) -> Option<Hms> {
        self.is_up = !self.is_up;
        self.flapping.filter(|_| self.is_up)
    }
}

impl Machine {
    /// What it says in `print_error`; 0 is nothing.
    pub fn set_print_error(&mut self, print_error: u32) {
        self.print_error = print_error;
        self.staged.error_to_come = None;
    }

    /// What it says in `stg_cur`, whatever it does; `None` lets it say what it does.
    pub fn set_stage(&mut self, stage: Option<i32>) {
        self.staged.stage = stage;
    }

    /// What it says in `layer_num` and `total_layer_num`, whatever it does.
    pub fn set_layers(&mut self, layers: Option<(u32, u32)>) {
        self.staged.layers = layers;
    }

    /// Lists this in every other report.
    pub fn set_flapping(&mut self, hms: Option<Hms>) {
        self.staged.flapping = hms;
    }

    /// The nozzle stays hot when the print is done, or was when it was done: a P2S with firmware 01.02.
    pub fn set_stays_hot(&mut self, stays: bool) {
        self.staged.stays_hot = stays;
        if self.phase == Phase::Finished {
            self.heat_on();
        }
    }

    /// `device.nozzle.info` is a number, and the nozzle itself is beside it, by its number as text.
    pub fn set_old_nozzle(&mut self, is_old: bool) {
        self.staged.has_old_nozzle = is_old;
    }

    pub(super) fn heat_on(&mut self) {
        let target_c = if self.staged.stays_hot { STAYS_C } else { 0.0 };
        if let Some(nozzle) = self.nozzles.get_mut(self.active_extruder) {
            nozzle.target_c = target_c;
            if self.staged.stays_hot {
                nozzle.settle();
            }
        }
    }

    pub(super) fn tell_what_is_due(&mut self) {
        if let Some((after_s, print_error)) = self.staged.error_to_come
            && self.phase_s >= after_s
        {
            self.set_print_error(print_error);
        }
    }

    pub(super) fn staged_stage(&self) -> Option<i32> {
        self.staged.stage
    }

    pub(super) fn staged_layers(&self) -> Option<(u32, u32)> {
        self.staged.layers
    }
}
