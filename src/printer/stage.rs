//! `stg_cur` in words.

/// What the printer is busy with, in words; `None` for the codes that mean nothing in particular.
#[must_use]
pub fn words(stage: i64) -> Option<&'static str> {
    usize::try_from(stage).ok().and_then(|stage| WORDS.get(stage)).copied().filter(|words| !words.is_empty())
}

/// Whether the stage is a pause that no person asked for; 16 is the one that somebody did.
#[must_use]
pub fn is_pause_by_the_printer(stage: i64) -> bool {
    matches!(stage, 5 | 6 | 17 | 20 | 21 | 23 | 26 | 27 | 28 | 30 | 32 | 33 | 34 | 35)
}

/// By code. 0 is "printing" on some models and "nothing" on others, so it has no words of its own.
const WORDS: &[&str] = &[
    "",
    "Levelling the bed",
    "Preheating the bed",
    "Measuring vibration",
    "Changing filament",
    "Paused by M400",
    "Paused: the filament ran out",
    "Heating the nozzle",
    "Calibrating the extrusion",
    "Scanning the bed",
    "Inspecting the first layer",
    "Identifying the plate",
    "Calibrating the micro lidar",
    "Homing",
    "Wiping the nozzle",
    "Checking the extruder's temperature",
    "Paused by a person",
    "Paused: the front cover came off",
    "Calibrating the micro lidar",
    "Calibrating the flow ratio",
    "Paused: the nozzle's temperature is wrong",
    "Paused: the bed's temperature is wrong",
    "Unloading filament",
    "Paused: the motors lost steps",
    "Loading filament",
    "Calibrating motor noise",
    "Paused: the AMS is offline",
    "Paused: the heatbreak fan is slow",
    "Paused: the chamber's temperature is wrong",
    "Cooling the chamber",
    "Paused by the G-code",
    "Showing motor noise",
    "Paused: filament sticks to the nozzle",
    "Paused: the cutter failed",
    "Paused: the first layer is faulty",
    "Paused: the nozzle is clogged",
    "Measuring motion precision",
    "Improving motion precision",
    "Verifying motion precision",
    "Calibrating the nozzle offset",
    "Levelling the hot bed",
    "Checking the quick-release lever",
    "Checking door and top cover",
    "Calibrating the laser",
    "Checking the platform",
    "Confirming the bird's-eye camera",
    "Calibrating the bird's-eye camera",
    "Levelling the bed, phase 1",
    "Levelling the bed, phase 2",
    "Heating the chamber",
    "Cooling the bed",
    "Printing calibration lines",
    "Checking the material",
    "Calibrating the live-view camera",
    "Waiting for the bed's temperature",
    "Checking the material's position",
    "Calibrating the cutter offset",
    "Measuring the surface",
    "Preconditioning with heat",
    "Homing the blade holder",
    "Calibrating the camera offset",
    "Calibrating the blade holder",
    "Testing the hotend change",
    "Waiting for the chamber to settle",
    "Preparing the hotend",
    "Calibrating the clump detector",
    "Purifying the chamber's air",
    "Measuring the rotary attachment",
    "Moving above the purge chute",
    "Cooling the nozzle",
    "Moving to the middle of the bed",
    "Fitting arcs",
    "Detecting the hotend type",
    "Detecting the plate's alignment",
    "Foreign object on the bed",
    "Foreign object under the bed",
    "Extruding in advance",
    "Preparing the AMS",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_and_the_meaningless_ones_none() {
        assert_eq!(words(1), Some("Levelling the bed"));
        assert_eq!(words(16), Some("Paused by a person"));
        assert_eq!(words(49), Some("Heating the chamber"));
        assert_eq!(words(77), Some("Preparing the AMS"));
        for nothing in [-1, 0, 78, 255, i64::MIN, i64::MAX] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_pause_says_so_in_its_words() {
        for stage in 0..=77 {
            let says = words(stage).is_some_and(|words| words.starts_with("Paused"));
            assert_eq!(says, is_pause_by_the_printer(stage) || stage == 16, "{stage}");
        }
    }
}
