//! What moves although nothing happens: the Wi-Fi, and the last digit of the temperatures.

use super::Machine;
use super::model::Fields;
use crate::noise::Noise;

/// An A1 at rest, 2,768 turns of 2 s: the Wi-Fi was another in 27 of 100, the bed in 31, the nozzle in 9, and in 46
/// nothing, so that it reported nothing. The longest pause was of 12 turns.
const WIFI: f64 = 0.27;
const BED: f64 = 0.31;
const NOZZLE: f64 = 0.09;

/// Where the first number settles.
const WIFI_DBM: i32 = -53;

#[derive(Debug, Default)]
pub(super) struct Drift {
    wifi: i32,
    bed: bool,
    nozzle: bool,
}

impl Drift {
    /// One turn later.
    pub(super) fn go_on(&mut self, noise: &mut Noise) {
        if noise.unit() < WIFI {
            self.wifi = (self.wifi + if noise.unit() < 0.5 { 1 } else { 2 }) % 4;
        }
        self.bed ^= noise.unit() < BED;
        self.nozzle ^= noise.unit() < NOZZLE;
    }

    pub(super) fn wifi_dbm(&self) -> i32 {
        WIFI_DBM + self.wifi
    }
}

impl Machine {
    /// The small boards report steps of 1/32 degree, the others whole ones.
    pub(super) fn shown_c(&self, celsius: f64, is_up: bool) -> f64 {
        match self.profile.fields {
            Fields::Esp32 => ((celsius * 32.0).round() + f64::from(u8::from(is_up))) / 32.0,
            Fields::OldX1 | Fields::New => celsius.round(),
        }
    }

    pub(super) fn shown_nozzle_c(&self) -> (f64, f64) {
        let nozzle = self.nozzles.get(self.active_extruder);
        nozzle.map_or((0.0, 0.0), |nozzle| (self.shown_c(nozzle.now_c, self.drift.nozzle), nozzle.target_c))
    }

    pub(super) fn shown_bed_c(&self) -> f64 {
        self.shown_c(self.bed.now_c, self.drift.bed)
    }
}
