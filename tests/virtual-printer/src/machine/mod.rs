//! The machine behind the broker: a print that runs, temperatures that move, a light that obeys. It knows no clock and
//! no socket: time is given to it, reports are asked of it, and the same seed makes the same machine.

mod ams;
mod command;
mod device;
mod drift;
mod feed;
mod firmware;
mod hms;
mod job;
mod model;
mod pushes;
mod report;
mod run;
mod staged;
mod version;

pub use feed::Feed;
pub use hms::{Hms, error_code};
pub use job::{JobState, Pause, Print};
pub use model::{Model, Refusal};
pub use pushes::Oddity;

pub(crate) use pushes::Pushes;

use crate::json::Style;
use crate::noise::Noise;
use ams::Unit;
use drift::Drift;
use feed::Feeding;
use firmware::Firmware;
use job::{Heater, Left, Phase};
use model::Profile;
use staged::Staged;
use std::net::Ipv4Addr;
use std::time::Duration;

/// No step of the simulation is longer, so that what happens in between is not missed.
const STEP_S: f64 = 1.0;

/// A machine that nobody asked for longer has stood still meanwhile.
const LONGEST_S: f64 = 7.0 * 24.0 * 3600.0;

/// A printer's inside.
#[derive(Debug)]
pub struct Machine {
    model: Model,
    profile: Profile,
    firmware: Firmware,
    serial: String,
    host: Ipv4Addr,
    noise: Noise,
    drift: Drift,
    speed: f64,
    phase: Phase,
    paused: Option<Pause>,
    print: Print,
    left: Left,
    job: u32,
    /// In this phase, and in this step of it.
    phase_s: f64,
    printed_s: f64,
    nozzles: Vec<Heater>,
    bed: Heater,
    chamber: Heater,
    /// 1 to 4.
    speed_level: u8,
    lights: Vec<(&'static str, &'static str)>,
    units: Vec<Unit>,
    feeding: Feeding,
    active_extruder: usize,
    has_external_spool: bool,
    print_error: u32,
    has_camera: bool,
    /// How far the update of its firmware has come.
    update: Option<u8>,
    /// Beside those that always stand.
    hms: Vec<Hms>,
    staged: Staged,
    door_open: bool,
    has_card: bool,
    developer_mode: bool,
    refusal: Refusal,
    rtsp_url: Option<String>,
    records: bool,
    timelapse: bool,
    next_print_after_s: Option<f64>,
    omits_empty: bool,
}

impl Machine {
    /// A machine at rest, in Developer Mode.
    #[must_use]
    pub fn new(model: Model, serial: &str) -> Self {
        let profile = model.profile();
        let seed = serial.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        Self {
            model,
            firmware: model.firmware(),
            serial: serial.to_owned(),
            host: Ipv4Addr::LOCALHOST,
            noise: Noise::new(seed),
            drift: Drift::default(),
            speed: 1.0,
            phase: Phase::Idle,
            paused: None,
            print: Print::default(),
            left: Left::NOTHING,
            job: 0,
            phase_s: 0.0,
            printed_s: 0.0,
            nozzles: profile.nozzles.iter().map(|_| Heater::new(3.0, 60.0)).collect(),
            bed: Heater::new(1.0, 400.0),
            chamber: Heater::new(0.05, 900.0),
            speed_level: 2,
            lights: profile
                .lights
                .iter()
                .map(|&node| (node, if node == "work_light" { "flashing" } else { "on" }))
                .collect(),
            units: profile.units.iter().map(|&(id, kind)| Unit::new(id, kind)).collect(),
            feeding: Feeding::NOTHING,
            active_extruder: profile.main_extruder,
            has_external_spool: false,
            print_error: 0,
            has_camera: true,
            update: None,
            hms: Vec::new(),
            staged: Staged::default(),
            door_open: false,
            has_card: true,
            developer_mode: true,
            refusal: profile.refusal,
            rtsp_url: None,
            records: true,
            timelapse: false,
            next_print_after_s: None,
            omits_empty: false,
            profile,
        }
    }

    /// Its model.
    #[must_use]
    pub fn model(&self) -> Model {
        self.model
    }

    /// What it reports in `gcode_state`.
    #[must_use]
    pub fn state(&self) -> JobState {
        match (self.phase, self.paused) {
            (Phase::Idle, _) => JobState::Idle,
            (Phase::Named, _) if self.firmware.idles_before_a_job => JobState::Idle,
            (Phase::Named, _) => self.left.state,
            (Phase::Unpacking, _) => JobState::Prepare,
            (Phase::Warming(_) | Phase::Printing | Phase::Unloading, None) => JobState::Running,
            (Phase::Warming(_) | Phase::Printing | Phase::Unloading, Some(_)) => JobState::Pause,
            (Phase::Finished, _) => JobState::Finish,
            (Phase::Failed, _) => JobState::Failed,
        }
    }

    /// How much of the print is done, as it is reported: until RUNNING, that is the job before.
    #[must_use]
    pub fn percent(&self) -> u8 {
        match self.phase {
            Phase::Finished => 100,
            Phase::Named | Phase::Unpacking => self.left.percent,
            Phase::Unloading if !self.is_about_to_finish() => 99,
            _ => (self.done() * 100.0) as u8,
        }
    }

    /// Whether a light is on, by the name of its node.
    #[must_use]
    pub fn is_lit(&self, node: &str) -> bool {
        self.lights.iter().any(|(name, mode)| *name == node && *mode != "off")
    }

    /// Starts a print; the one that runs is forgotten.
    pub fn start(&mut self, print: Print) {
        self.left = self.leave();
        self.print = print;
        self.job += 1;
        self.paused = None;
        self.printed_s = 0.0;
        self.enter(Phase::Named);
    }

    /// Starts a print that has come so far already, with everything warm.
    pub fn start_at(&mut self, print: Print, percent: u8) {
        self.start(print);
        self.enter(Phase::Unpacking);
        self.enter(Phase::Printing);
        self.printed_s = self.total_s() * f64::from(percent.min(99)) / 100.0;
        self.settle();
    }

    /// Holds the print, if one runs; tells whether it did.
    pub fn pause(&mut self, why: Pause) -> bool {
        let runs = self.state() == JobState::Running;
        if runs {
            self.paused = Some(why);
            match why {
                Pause::User => {}
                Pause::Runout => {
                    let module = self.ams_module();
                    self.print_error = module << 16 | 0x8011;
                    self.hms.push(Hms::runout(module, self.feeding.now));
                    self.run_out();
                }
                Pause::FrontCover => self.print_error = 0x0300_8017,
                Pause::Error(print_error) => self.print_error = print_error,
            }
        }
        runs
    }

    /// Goes on with a print that was held; tells whether it did.
    pub fn resume(&mut self) -> bool {
        let resumed = self.state() == JobState::Pause;
        if let Some(why) = self.paused.take_if(|_| resumed) {
            self.print_error = 0;
            self.refill();
            if why != Pause::User {
                self.hms.clear();
            }
        }
        resumed
    }

    /// Ends the print as a person's stop does; tells whether there was one.
    pub fn stop(&mut self) -> bool {
        let runs = matches!(self.state(), JobState::Prepare | JobState::Running | JobState::Pause);
        if runs {
            // 0300-400C: cancelled. Some firmware says so later.
            self.fail(0, None);
            self.staged.error_to_come = Some((self.firmware.stop_is_told_after_s, 0x0300_400C));
            self.tell_what_is_due();
        }
        runs
    }

    /// Ends the print with an error.
    pub fn fail(&mut self, print_error: u32, hms: Option<Hms>) {
        self.print_error = print_error;
        self.hms.extend(hms);
        self.enter(Phase::Failed);
    }

    /// Ends the print as done.
    pub fn finish(&mut self) {
        self.printed_s = self.total_s();
        self.enter(Phase::Finished);
    }

    /// How many seconds pass inside in one outside.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = speed.clamp(0.0, 10_000.0);
    }

    /// Starts the same print again this long after it ended, inside.
    pub fn repeat_after(&mut self, rest: Option<Duration>) {
        self.next_print_after_s = rest.map(|rest| rest.as_secs_f64());
    }

    /// Switches a light, as its own button does; tells whether it has it.
    pub fn set_light(&mut self, node: &str, mode: &'static str) -> bool {
        let light = self.lights.iter_mut().find(|(name, _)| *name == node);
        light.map(|light| light.1 = mode).is_some()
    }

    /// Developer Mode: without it, what is in `print` is refused, and `fun` says so where there is one.
    pub fn set_developer_mode(&mut self, on: bool) {
        self.developer_mode = on;
        if on {
            self.hms.retain(|hms| *hms != Hms::COMMAND_REFUSED);
        }
    }

    /// How it refuses, where it is not as its model does.
    pub fn set_refusal(&mut self, refusal: Refusal) {
        self.refusal = refusal;
    }

    /// Where its camera is, or that live view is off (`None`). Models without RTSP say nothing of it.
    pub fn set_rtsp_url(&mut self, url: Option<String>) {
        self.rtsp_url = url;
    }

    /// Whether it says that a camera is there.
    pub fn set_has_camera(&mut self, is_in: bool) {
        self.has_camera = is_in;
    }

    /// How far the update of its firmware has come, in percent, or that none runs.
    pub fn set_update(&mut self, percent: Option<u8>) {
        self.update = percent;
    }

    /// The address it says it has.
    pub fn set_host(&mut self, host: Ipv4Addr) {
        self.host = host;
    }

    /// Opens and closes the door.
    pub fn set_door(&mut self, open: bool) {
        self.door_open = open;
    }

    /// Puts the SD card or USB stick in, or takes it out.
    pub fn set_card(&mut self, is_in: bool) {
        self.has_card = is_in;
    }

    /// Whether what became empty is left out of deltas, so that only the next full report tells.
    pub fn set_omits_empty(&mut self, omits: bool) {
        self.omits_empty = omits;
    }

    /// Lets time pass.
    pub fn advance(&mut self, outside: Duration) {
        let mut left = (outside.as_secs_f64() * self.speed).min(LONGEST_S);
        while left > 0.0 {
            let step = left.min(STEP_S);
            self.step(step);
            left -= step;
        }
    }

    pub(crate) fn style(&self) -> Style {
        self.profile.style
    }
}

#[cfg(test)]
mod tests;
