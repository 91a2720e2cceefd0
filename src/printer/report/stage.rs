//! The words for `stg_cur`.

/// Returns the printer's activity in words; `None` for codes without a specific meaning.
#[must_use]
pub fn words(stage: i64) -> Option<&'static str> {
    usize::try_from(stage).ok().and_then(|stage| WORDS.get(stage)).copied().filter(|words| !words.is_empty())
}

/// Returns the first code with these words.
#[must_use]
pub fn number(words: &str) -> Option<usize> {
    WORDS.iter().position(|known| *known == words)
}

/// Whether the stage is a pause that no person requested.
#[must_use]
pub fn is_pause_by_the_printer(stage: i64) -> bool {
    matches!(stage, 5 | 6 | 17 | 20 | 21 | 23 | 26 | 27 | 28 | 30 | 32 | 33 | 34 | 35)
}

/// The stage of a pause that a person requested.
pub const PAUSED_BY_A_PERSON: i64 = 16;

/// Whether the stage is any kind of pause.
#[must_use]
pub fn is_pause(stage: i64) -> bool {
    is_pause_by_the_printer(stage) || stage == PAUSED_BY_A_PERSON
}

/// Whether the stage shows that filament is changed, loaded or unloaded.
#[must_use]
pub fn moves_filament(stage: i64) -> bool {
    matches!(stage, 4 | 22 | 24)
}

/// The words for a print without a specific stage.
pub const PRINTING: &str = "Printing";

/// The words for a filament change that no stage shows.
pub const CHANGING_FILAMENT: &str = "Changing filament";

/// The words for a change that leaves the printer without filament.
pub const UNLOADING_FILAMENT: &str = "Unloading filament";

/// The words by code. 0 is "printing" on some models and "nothing" on others, so it has no words. Each entry says what
/// the printer does. 74 and 75 are checks at the beginning of every print of an H2, P2S or X2D; they do not mean a
/// fault.
const WORDS: &[&str] = &[
    "",
    "Levelling the bed",
    "Preheating the bed",
    "Measuring vibration",
    CHANGING_FILAMENT,
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
    UNLOADING_FILAMENT,
    "Paused: the motors lost steps",
    "Loading filament",
    "Calibrating motor noise",
    "Paused: the AMS is offline",
    "Paused: the heatbreak fan is slow",
    "Paused: the chamber's temperature is wrong",
    "Cooling the chamber",
    "Paused by the G-code",
    "Demonstrating the motor noise",
    "Paused: filament sticks to the nozzle",
    "Paused: the cutter failed",
    "Paused: the first layer is faulty",
    "Paused: the nozzle is clogged",
    "Measuring motion precision",
    "Improving motion precision",
    "Verifying motion precision",
    "Calibrating the nozzle offset",
    "Levelling the heated bed",
    "Checking the quick-release lever",
    "Checking door and top cover",
    "Calibrating the laser",
    "Checking the platform",
    "Checking the position of the bird's-eye camera",
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
    "Preconditioning the machine with heat",
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
    "Identifying the hotend",
    "Checking the alignment of the plate",
    "Checking the bed surface",
    "Checking under the bed",
    "Extruding some filament beforehand",
    "Preparing the AMS",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meaningful_stages_have_words_and_others_have_none() {
        assert_eq!(words(1), Some("Levelling the bed"));
        assert_eq!(words(16), Some("Paused by a person"));
        assert_eq!(words(49), Some("Heating the chamber"));
        assert_eq!(words(77), Some("Preparing the AMS"));
        for nothing in [-1, 0, 78, 255, i64::MIN, i64::MAX] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn exactly_the_pause_stages_begin_with_paused() {
        for stage in 0..=77 {
            let says = words(stage).is_some_and(|words| words.starts_with("Paused"));
            assert_eq!(says, is_pause(stage), "{stage}");
        }
    }

    #[test]
    fn a_stage_says_what_the_printer_does() {
        assert_eq!((words(74), words(75)), (Some("Checking the bed surface"), Some("Checking under the bed")));
        for stage in (1..=77).filter(|stage| !is_pause(*stage)) {
            let first = words(stage).and_then(|words| words.split(' ').next()).unwrap_or_default();
            assert!(first.ends_with("ing"), "{stage}: {first}");
        }
    }
}
