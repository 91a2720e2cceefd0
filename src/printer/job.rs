//! What is being printed.

use super::known::{Known, remaining_minutes};
use super::read::Reader;
use super::stage;

/// A P1S writes this for every id that does not fit 31 bits, so it tells no two jobs apart.
const CLAMPED_ID: &str = "2147483647";

/// A layer number beyond this is a misread one.
const MOST_LAYERS: u32 = 1_000_000;

/// The job, or what is left to see of the last one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// `gcode_state` as the printer says it: `RUNNING`, `PAUSE` …
    pub word: Option<String>,
    /// What that means.
    pub phase: Phase,
    /// How much is done.
    pub percent: Option<u8>,
    /// Minutes until it is done.
    pub remaining_minutes: Option<u32>,
    /// The title; else the file's name.
    pub name: Option<String>,
    /// The first of `job_id`, `subtask_id` and `task_id` that is set; jobs sent over the LAN have none.
    pub id: Option<String>,
    /// The layer being printed.
    pub layer: Option<u32>,
    /// How many there are.
    pub total_layers: Option<u32>,
    /// `stg_cur`
    pub stage_code: Option<i64>,
    /// What the printer is busy with, in words.
    pub stage: Option<&'static str>,
    /// When it began; only old X1 firmware says so.
    pub start_unix_ms: Option<i64>,
    /// When it should be done.
    pub finish_unix_ms: Option<i64>,
}

/// Where a printer is in the life of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not told, or in a word nobody knows.
    #[default]
    Unknown,
    /// Nothing to do.
    Idle,
    /// It starts up, slices, downloads, heats.
    Preparing,
    /// It prints.
    Running,
    /// It waits in the middle of a print.
    Paused,
    /// The last print is complete.
    Finished,
    /// The last print broke off, or was stopped.
    Failed,
}

impl Phase {
    fn of(word: Option<&str>, number: Option<i64>) -> Self {
        match (word, number) {
            (Some("IDLE"), _) | (None, Some(0)) => Self::Idle,
            (Some("PREPARE" | "SLICING" | "INIT"), _) => Self::Preparing,
            (Some("RUNNING"), _) | (None, Some(4)) => Self::Running,
            (Some("PAUSE"), _) => Self::Paused,
            (Some("FINISH"), _) | (None, Some(6)) => Self::Finished,
            (Some("FAILED"), _) | (None, Some(7)) => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// Whether there is a print that could be stopped.
    #[must_use]
    pub fn has_job(self) -> bool {
        matches!(self, Self::Preparing | Self::Running | Self::Paused)
    }
}

/// Reads it.
#[must_use]
pub fn read(known: &Known, report: &Reader<'_>) -> Job {
    let word = report.text(&["gcode_state"]);
    let phase = Phase::of(word.as_deref(), report.int(&["state"]));
    let stage_code = report.int(&["stg_cur"]);
    // A P1S forgets the total at the end of a print.
    let layers = |name| report.natural(&[name]).or_else(|| report.natural(&["3D", name]));
    let total_layers = layers("total_layer_num").filter(|total| (1..=MOST_LAYERS).contains(total));
    let layer = layers("layer_num").filter(|layer| *layer <= total_layers.unwrap_or(MOST_LAYERS));
    let start = report.int(&["gcode_start_time"]).filter(|seconds| *seconds > 0);
    Job {
        phase,
        percent: report.percent(&["mc_percent"]).or_else(|| report.percent(&["percent"])),
        remaining_minutes: remaining_minutes(report),
        name: name(report),
        id: id(report),
        layer: layer.filter(|layer| *layer > 0 || total_layers.is_some()),
        total_layers,
        stage: stage_code.and_then(stage::words).or((phase == Phase::Running).then_some("Printing")),
        stage_code,
        start_unix_ms: start.filter(|_| phase.has_job()).and_then(|seconds| seconds.checked_mul(1000)),
        finish_unix_ms: known.finish_unix_ms().filter(|_| phase.has_job()),
        word,
    }
}

fn id(report: &Reader<'_>) -> Option<String> {
    let ids = ["job_id", "subtask_id", "task_id"].into_iter().filter_map(|name| report.text(&[name]));
    ids.into_iter().find(|id| id != "0" && id != CLAMPED_ID)
}

fn name(report: &Reader<'_>) -> Option<String> {
    let file = || {
        let path = report.text(&["gcode_file"]).or_else(|| report.text(&["file"]))?;
        let name = path.rsplit('/').next().unwrap_or_default();
        // Every project calls its G-code so.
        let generic = name.starts_with("plate_") && name.ends_with(".gcode");
        (!name.is_empty() && !generic).then(|| name.to_owned())
    };
    report.text(&["subtask_name"]).or_else(file)
}

#[cfg(test)]
mod tests {
    use super::super::read::OddFields;
    use super::*;
    use serde_json::{Value, json};

    fn job(report: &Value) -> Job {
        let report = report.as_object().expect("an object");
        read(&Known::default(), &Reader::new(report, &OddFields::default()))
    }

    #[test]
    fn a_word_tells_the_phase_and_stays_as_the_printer_says_it() {
        let check = |report: Value, word: Option<&str>, phase: Phase| {
            let job = job(&report);
            assert_eq!((job.word.as_deref(), job.phase), (word, phase), "{report}");
        };
        check(json!({"gcode_state": "PAUSE", "state": 4}), Some("PAUSE"), Phase::Paused);
        check(json!({"gcode_state": "SLICING"}), Some("SLICING"), Phase::Preparing);
        check(json!({"gcode_state": "DANCING", "state": 4}), Some("DANCING"), Phase::Unknown);
        check(json!({"gcode_state": "", "state": 4}), None, Phase::Running);
        check(json!({"state": 5}), None, Phase::Unknown);
        check(json!({}), None, Phase::Unknown);
    }

    #[test]
    fn a_job_is_named_by_its_title_or_its_file() {
        let check =
            |report: Value, expected: Option<&str>| assert_eq!(job(&report).name.as_deref(), expected, "{report}");
        check(json!({"subtask_name": "Bracket", "gcode_file": "x.3mf"}), Some("Bracket"));
        check(json!({"subtask_name": "", "gcode_file": "/sdcard/model/bracket.gcode.3mf"}), Some("bracket.gcode.3mf"));
        check(json!({"file": "cube.gcode"}), Some("cube.gcode"));
        check(json!({"gcode_file": "/data/Metadata/plate_1.gcode"}), None);
        check(json!({"gcode_file": "folder/"}), None);
    }

    #[test]
    fn a_job_has_the_first_id_that_tells_it_from_others() {
        let check =
            |report: Value, expected: Option<&str>| assert_eq!(job(&report).id.as_deref(), expected, "{report}");
        check(json!({"job_id": "3", "subtask_id": "2", "task_id": "1"}), Some("3"));
        check(json!({"job_id": "0", "subtask_id": "", "task_id": 1}), Some("1"));
        check(json!({"subtask_id": CLAMPED_ID, "task_id": "0"}), None);
    }

    #[test]
    fn layers_are_told_where_they_are_known() {
        let check = |report: Value, expected| {
            let job = job(&report);
            assert_eq!((job.layer, job.total_layers), expected, "{report}");
        };
        check(json!({"layer_num": 0, "total_layer_num": 0}), (None, None));
        check(json!({"layer_num": 0, "total_layer_num": 26}), (Some(0), Some(26)));
        check(json!({"layer_num": 260, "total_layer_num": 0}), (Some(260), None));
        check(json!({"3D": {"layer_num": 24, "total_layer_num": 75}}), (Some(24), Some(75)));
        check(json!({"layer_num": 30, "total_layer_num": 26}), (None, Some(26)));
    }

    #[test]
    fn times_are_of_a_job_that_is_there() {
        let check = |report: Value, expected| assert_eq!(job(&report).start_unix_ms, expected, "{report}");
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": "1700000000"}), Some(1_700_000_000_000));
        check(json!({"gcode_state": "IDLE", "gcode_start_time": "1700000000"}), None);
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": "0"}), None);
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": i64::MAX}), None);
    }
}
