//! A test of a printer: the request for one, and the contents of its events.

use super::{Advice, AdviceCode, AdviceParams};
use crate::diagnosis::{Finding, Outcome, Stage};
use serde::Serialize;
use utoipa::ToSchema;

/// The fields of a printer to be tested.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the form of a request, for the document; `api` reads it leniently")]
#[schema(rename_all = "camelCase")]
pub struct PrinterTest {
    /// The id of a registered printer. Its access code is used if none is given.
    id: Option<i64>,
    /// Has no effect on the test.
    name: Option<String>,
    /// A name or an IP address.
    host: String,
    /// 10 to 20 letters and digits. It may be absent, `null` or empty: it is read from the certificate that the printer
    /// shows, and the stage `certificate` has it as `foundSerial`.
    serial: Option<String>,
    /// May be absent if there is an `id`.
    access_code: Option<String>,
    /// As in an edit.
    rtsp_url: Option<String>,
    /// As in an edit.
    camera_user: Option<String>,
    /// As in an edit: with an `id`, the stored password is used if the URL names the same host.
    #[schema(write_only)]
    camera_password: Option<String>,
    /// The SHA-256 fingerprint of the certificate of a camera that is not a printer's. Without it the test of a camera
    /// at another host ends with `foundFingerprint`.
    camera_fingerprint: Option<String>,
    /// `true` tests as if the certificate that the printer showed first had been forgotten.
    accept_certificate: Option<bool>,
}

/// Event `stages`: the first event, with the stages in the order in which they run.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestStages {
    #[schema(value_type = Vec<TestStageName>)]
    stages: [TestStageName; 8],
}

impl TestStages {
    /// All stages.
    pub const ALL: Self = {
        use TestStageName::{AccessCode, Address, CameraPort, Certificate, Commands, FirstReport, KeyFrame, MqttPort};
        Self { stages: [Address, MqttPort, Certificate, AccessCode, FirstReport, Commands, CameraPort, KeyFrame] }
    };
}

/// The name of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum TestStageName {
    Address,
    MqttPort,
    Certificate,
    AccessCode,
    FirstReport,
    Commands,
    CameraPort,
    KeyFrame,
}

impl From<Stage> for TestStageName {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Address => Self::Address,
            Stage::MqttPort => Self::MqttPort,
            Stage::Certificate => Self::Certificate,
            Stage::AccessCode => Self::AccessCode,
            Stage::FirstReport => Self::FirstReport,
            Stage::Commands => Self::Commands,
            Stage::CameraPort => Self::CameraPort,
            Stage::KeyFrame => Self::KeyFrame,
        }
    }
}

/// Event `stage`: a stage begins or has ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestStage {
    stage: TestStageName,
    state: TestState,
    /// How long it took, in milliseconds; `null` if it did not run in this test.
    #[schema(required)]
    ms: Option<u64>,
    /// What was found and, if something is wrong, what to do.
    #[schema(required)]
    sentence: Option<String>,
    /// The code of `sentence`; `null` where that is.
    #[schema(required)]
    code: Option<AdviceCode>,
    params: AdviceParams,
    /// The serial number of the printer that answered, if it differs from the one in the request or there was none.
    #[schema(required)]
    found_serial: Option<String>,
    /// The fingerprint of the certificate that the camera shows, if the request has none or another one.
    #[schema(required)]
    found_fingerprint: Option<String>,
}

/// The state of a stage.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum TestState {
    Running,
    /// It could not run, or there is nothing to test.
    Skipped,
    Passed,
    /// It works with a limit that a person should know.
    Warned,
    Failed,
}

impl From<Outcome> for TestState {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Skipped => Self::Skipped,
            Outcome::Passed => Self::Passed,
            Outcome::Warned => Self::Warned,
            Outcome::Failed => Self::Failed,
        }
    }
}

impl From<Finding> for TestStage {
    fn from(finding: Finding) -> Self {
        let (sentence, code, params) = Advice::parts_of(finding.advice);
        Self {
            stage: finding.stage.into(),
            state: finding.outcome.map_or(TestState::Running, TestState::from),
            ms: finding.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            sentence,
            code,
            params,
            found_serial: finding.found_serial.map(|serial| serial.to_string()),
            found_fingerprint: finding.found_fingerprint.map(|fingerprint| fingerprint.to_string()),
        }
    }
}

/// Event `done`: the last event, with the worst result of all stages.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestDone {
    state: TestResult,
}

/// The result of a test.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum TestResult {
    Passed,
    Warned,
    Failed,
}

impl From<Outcome> for TestDone {
    fn from(outcome: Outcome) -> Self {
        let state = match outcome {
            Outcome::Skipped | Outcome::Passed => TestResult::Passed,
            Outcome::Warned => TestResult::Warned,
            Outcome::Failed => TestResult::Failed,
        };
        Self { state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announced_stages_are_those_that_run() {
        assert_eq!(TestStages::ALL.stages, Stage::ALL.map(TestStageName::from));
        let words = serde_json::to_value(TestStages::ALL).unwrap();
        assert_eq!(words["stages"], serde_json::json!(Stage::ALL.map(Stage::word)));
    }
}
