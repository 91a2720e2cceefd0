//! What a person is told of a camera or a link: its state with the words for it.

use platecast::advice;
use platecast::fleet::{CameraReport, Fleet, Status};
use platecast::printer::PrinterId;
use std::ops::Deref;

/// The report of a camera, with its words.
#[derive(Debug)]
pub struct Told {
    report: CameraReport,
    pub step: &'static str,
    pub sentence: String,
    pub last_error: Option<String>,
}

impl Told {
    pub fn of(fleet: &Fleet, id: PrinterId) -> Self {
        let report = fleet.camera(id).expect("a printer");
        Self {
            step: report.step.word(),
            sentence: advice::of_camera(&report.condition()).sentence,
            last_error: report.trouble.as_ref().map(|trouble| advice::of_camera_trouble(trouble).sentence),
            report,
        }
    }
}

impl Deref for Told {
    type Target = CameraReport;

    fn deref(&self) -> &CameraReport {
        &self.report
    }
}

/// The words of a printer's link.
pub fn of_link(status: &Status) -> String {
    advice::of_link(status.link.condition()).sentence
}
