//! The print job.

use crate::printer::ams;
use crate::printer::fields::FieldReader;
use crate::printer::merged::{MergedReport, remaining_minutes};
use crate::printer::stage;

/// A P1S writes this for every id that does not fit 31 bits, so it does not distinguish two jobs.
const CLAMPED_ID: &str = "2147483647";

/// A larger layer number is a misread one.
const MOST_LAYERS: u32 = 1_000_000;

/// The current job, or what remains known of the last one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// `gcode_state` as the printer reports it: `RUNNING`, `PAUSE` …
    pub word: Option<String>,
    /// The meaning of `word`.
    pub phase: Phase,
    /// The progress in per cent.
    pub percent: Option<u8>,
    /// The remaining minutes.
    pub remaining_minutes: Option<u32>,
    /// The title, or else the file's name.
    pub name: Option<String>,
    /// The first of `job_id`, `subtask_id` and `task_id` that is set; jobs sent over the LAN have none.
    pub id: Option<String>,
    /// The layer being printed.
    pub layer: Option<u32>,
    /// The number of layers.
    pub total_layers: Option<u32>,
    /// How the print ended, if it was not completed.
    pub ending: Option<Ending>,
    /// Whether filament is being changed, loaded or unloaded.
    pub changes_filament: bool,
    /// The code `stg_cur`.
    pub stage_code: Option<i64>,
    /// The printer's current activity, in words.
    pub stage: Option<&'static str>,
    /// When the job began; only old X1 firmware reports it.
    pub start_unix_ms: Option<i64>,
    /// When the job should be done.
    pub finish_unix_ms: Option<i64>,
}

/// How a print ended without being completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A person stopped it, or nothing indicates another cause.
    Stopped,
    /// It failed without a person's action.
    Failed,
}

/// The phase of a printer in the life of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// The phase was not reported, or with an unknown word.
    #[default]
    Unknown,
    /// There is nothing to do.
    Idle,
    /// The printer starts up, slices, downloads or heats.
    Preparing,
    /// The printer prints.
    Running,
    /// The printer waits in the middle of a print.
    Paused,
    /// The last print is complete.
    Finished,
    /// The last print broke off, or was stopped.
    Failed,
}

impl Phase {
    /// Reads the phase from a report.
    #[must_use]
    pub fn read(report: &FieldReader<'_>) -> Self {
        Self::of(report.text(&["gcode_state"]).as_deref(), report.int(&["state"]))
    }

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

    /// Whether a print has begun and is not over.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }

    /// Whether the last print is over, and no other has begun.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Failed)
    }

    /// Whether there is a print that could be stopped.
    #[must_use]
    pub fn has_job(self) -> bool {
        matches!(self, Self::Preparing | Self::Running | Self::Paused)
    }
}

/// Reads the job from a report.
#[must_use]
pub fn read(known: &MergedReport, report: &FieldReader<'_>) -> Job {
    let phase = Phase::read(report);
    let name = name(report);
    let progress =
        if known.past().owns_figures(phase, name.as_deref()) { progress(report, phase) } else { Progress::default() };
    let stage_code = report.int(&["stg_cur"]);
    let start = report.int(&["gcode_start_time"]).filter(|seconds| *seconds > 0);
    Job {
        phase,
        ending: (phase == Phase::Failed)
            .then(|| if known.past().has_failed() { Ending::Failed } else { Ending::Stopped }),
        percent: progress.percent,
        remaining_minutes: progress.remaining_minutes,
        name,
        id: id(report),
        layer: progress.layer,
        total_layers: progress.total_layers,
        changes_filament: changes_filament(report),
        stage: stage(report, phase, stage_code),
        stage_code,
        start_unix_ms: start.filter(|_| phase.has_job()).and_then(|seconds| seconds.checked_mul(1000)),
        finish_unix_ms: known.finish_unix_ms().filter(|_| phase.is_under_way()),
        word: report.text(&["gcode_state"]),
    }
}

/// The progress of a print.
#[derive(Default)]
struct Progress {
    percent: Option<u8>,
    remaining_minutes: Option<u32>,
    layer: Option<u32>,
    total_layers: Option<u32>,
}

fn progress(report: &FieldReader<'_>, phase: Phase) -> Progress {
    let percent = report.percent(&["mc_percent"]).or_else(|| report.percent(&["percent"]));
    // A P1S drops the total at the end of a print.
    let layers = |name| report.natural(&[name]).or_else(|| report.natural(&["3D", name]));
    let total_layers = layers("total_layer_num").filter(|total| (1..=MOST_LAYERS).contains(total));
    let most = total_layers.unwrap_or(MOST_LAYERS);
    let layer = layers("layer_num").filter(|layer| *layer > 0 || total_layers.is_some());
    // At the end of a print, printers count one layer too many. A larger excess means that the layer belongs to another
    // print.
    let layer = layer.filter(|layer| layer.saturating_sub(1) <= most).map(|layer| layer.min(most));
    // P2S and H2D begin with 0 minutes at 0 %; an aborted print has no time left.
    let told = |minutes: &u32| phase != Phase::Failed && (*minutes > 0 || percent.is_some_and(|done| done > 0));
    Progress { percent, remaining_minutes: remaining_minutes(report).filter(told), layer, total_layers }
}

/// Whether `ams_status` reports a filament change. An X1C (2026) meanwhile leaves `stg_cur` at the previous step.
fn changes_filament(report: &FieldReader<'_>) -> bool {
    report.natural(&["ams_status"]).is_some_and(|status| status >> 8 & 0xFF == 1)
}

/// Returns the words of `stg_cur` if they can apply to the present phase. After a pause, the code of the pause may
/// remain for a while. A pause may also keep the code of the step before it (an H2D paused while `Homing`).
fn stage(report: &FieldReader<'_>, phase: Phase, code: Option<i64>) -> Option<&'static str> {
    let is_pause = |code: &i64| stage::is_pause(*code);
    match phase {
        Phase::Paused => code.filter(is_pause).and_then(stage::words),
        Phase::Running if changes_filament(report) && !code.is_some_and(stage::moves_filament) => {
            let unloads = report.natural(&["ams", "tray_tar"]) == Some(ams::NO_TRAY);
            Some(if unloads { stage::UNLOADING_FILAMENT } else { stage::CHANGING_FILAMENT })
        }
        Phase::Running => code.filter(|code| !is_pause(code)).and_then(stage::words).or(Some(stage::PRINTING)),
        Phase::Preparing => code.filter(|code| !is_pause(code)).and_then(stage::words),
        Phase::Unknown | Phase::Idle | Phase::Finished | Phase::Failed => None,
    }
}

fn id(report: &FieldReader<'_>) -> Option<String> {
    let ids = ["job_id", "subtask_id", "task_id"].into_iter().filter_map(|name| report.text(&[name]));
    ids.into_iter().find(|id| id != "0" && id != CLAMPED_ID)
}

/// Returns the title of the print, or else the name of its file.
pub(super) fn name(report: &FieldReader<'_>) -> Option<String> {
    let file = || {
        let path = report.long_text(&["gcode_file"]).or_else(|| report.long_text(&["file"]))?;
        let name = path.rsplit('/').next().unwrap_or_default();
        // Every project uses this name for its G-code.
        let generic = name.starts_with("plate_") && name.ends_with(".gcode");
        (!name.is_empty() && !generic).then(|| name.to_owned())
    };
    report.long_text(&["subtask_name"]).or_else(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::fields::UnreadFields;
    use crate::printer::report::parse;
    use serde_json::{Value, json};

    fn job(report: &Value) -> Job {
        let report = report.as_object().expect("an object");
        read(&MergedReport::default(), &FieldReader::new(report, &UnreadFields::default()))
    }

    #[test]
    fn the_printers_word_gives_the_phase_and_is_kept() {
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
    fn a_job_has_the_first_id_that_identifies_it() {
        let check =
            |report: Value, expected: Option<&str>| assert_eq!(job(&report).id.as_deref(), expected, "{report}");
        check(json!({"job_id": "3", "subtask_id": "2", "task_id": "1"}), Some("3"));
        check(json!({"job_id": "0", "subtask_id": "", "task_id": 1}), Some("1"));
        check(json!({"subtask_id": CLAMPED_ID, "task_id": "0"}), None);
    }

    #[test]
    fn layers_are_shown_if_known() {
        let check = |mut report: Value, expected| {
            report["gcode_state"] = json!("RUNNING");
            let job = job(&report);
            assert_eq!((job.layer, job.total_layers), expected, "{report}");
        };
        check(json!({"layer_num": 0, "total_layer_num": 0}), (None, None));
        check(json!({"layer_num": 0, "total_layer_num": 26}), (Some(0), Some(26)));
        check(json!({"layer_num": 260, "total_layer_num": 0}), (Some(260), None));
        check(json!({"3D": {"layer_num": 24, "total_layer_num": 75}}), (Some(24), Some(75)));
        check(json!({"layer_num": 37, "total_layer_num": 36}), (Some(36), Some(36)));
        check(json!({"layer_num": 11, "total_layer_num": 10}), (Some(10), Some(10)));
        check(json!({"layer_num": 12, "total_layer_num": 10}), (None, Some(10)));
        check(json!({"layer_num": 750, "total_layer_num": 94}), (None, Some(94)));
    }

    #[test]
    fn figures_are_shown_only_for_their_own_print() {
        let figures = |reports: &[Value]| {
            let mut known = MergedReport::default();
            for report in reports {
                let mut print = report.clone();
                print["command"] = json!("push_status");
                known.hear(parse(json!({ "print": print }).to_string().as_bytes()).expect("a message"), 0);
            }
            let job = read(&known, &FieldReader::new(known.fields(), &UnreadFields::default()));
            (job.percent, job.layer, job.remaining_minutes)
        };
        let at = |state: &str, name: &str| {
            json!({"msg": 0, "gcode_state": state, "subtask_name": name, "mc_percent": 100, "layer_num": 240,
                "total_layer_num": 240, "mc_remaining_time": 0})
        };
        let (none, all) = ((None, None, None), (Some(100), Some(240), Some(0)));
        assert_eq!(figures(&[at("FINISH", "Part A")]), all);
        assert_eq!(figures(&[at("RUNNING", "Part A"), at("FINISH", "Part A")]), all);
        assert_eq!(figures(&[at("RUNNING", "Part A"), at("FINISH", "Part B")]), none);
        assert_eq!(figures(&[at("FINISH", "Part A"), at("FINISH", "Part B")]), none);
        assert_eq!(figures(&[at("FINISH", "Part A"), at("IDLE", "Part B")]), none);
        assert_eq!(figures(&[at("FINISH", "Part A"), at("PREPARE", "Part B")]), none);
        assert_eq!(figures(&[at("IDLE", "Part A")]), none);
        // A stopped print keeps its progress and has no time left.
        assert_eq!(figures(&[at("RUNNING", "Part A"), at("FAILED", "Part A")]), (Some(100), Some(240), None));
    }

    #[test]
    fn zero_minutes_are_unknown_at_the_start_and_zero_at_the_end() {
        let minutes = |percent: Value, minutes: u32| {
            job(&json!({"gcode_state": "RUNNING", "mc_percent": percent, "mc_remaining_time": minutes}))
                .remaining_minutes
        };
        assert_eq!([minutes(json!(0), 0), minutes(json!(null), 0), minutes(json!(99), 0)], [None, None, Some(0)]);
        assert_eq!(minutes(json!(0), 86), Some(86));
    }

    #[test]
    fn times_need_a_job() {
        let check = |report: Value, expected| assert_eq!(job(&report).start_unix_ms, expected, "{report}");
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": "1700000000"}), Some(1_700_000_000_000));
        check(json!({"gcode_state": "IDLE", "gcode_start_time": "1700000000"}), None);
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": "0"}), None);
        check(json!({"gcode_state": "RUNNING", "gcode_start_time": i64::MAX}), None);
    }
}
