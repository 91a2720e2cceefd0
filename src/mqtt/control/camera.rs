//! What the control thread tells the connection to the printer's camera.

use super::ControlThread;
use crate::base::bucket::Bucket;
use crate::printer::ipcam::Said;
use crate::printer::state::State;
use std::time::Instant;

/// How often a printer may end the pause of its camera: this many times in a row, and then one each twenty seconds. A
/// hostile one would else have its camera dialled with each message, and a wrong code tried again and again.
const NUDGES_AT_ONCE: f64 = 6.0;
const NUDGES_PER_SECOND: f64 = 1.0 / 20.0;

/// Limits how often the camera is woken.
pub(super) fn nudges() -> Bucket {
    Bucket::new(NUDGES_AT_ONCE, NUDGES_PER_SECOND)
}

impl ControlThread {
    /// Publishes what a report says that the connection to the camera has to know.
    pub(super) fn tell_camera(&mut self) {
        let State { camera, updating, .. } = &*self.state;
        let said = Said {
            kind: camera.kind,
            present: camera.present,
            live_view: camera.live_view.clone(),
            updating: *updating,
            takes_code: self.online.is_some(),
        };
        let before = self.board.said().get();
        if before.value != said {
            // That the code is accepted is followed by a report, which is the sign of life.
            self.camera_waits |= before.value != Said { takes_code: before.value.takes_code, ..said.clone() };
            self.board.said().put(said, false);
        }
    }

    /// Publishes whether the access code is accepted. What a printer has said about its camera outlives a link: an edit
    /// may lead to one that fails, and the camera goes on meanwhile.
    pub(super) fn tell_camera_of_code(&self) {
        let before = self.board.said().get();
        let takes_code = self.online.is_some();
        if before.value.takes_code != takes_code {
            self.board.said().put(Said { takes_code, ..before.value.clone() }, false);
        }
    }

    /// Has the camera look at the newest word about it, as soon as its printer may.
    pub(super) fn nudge_camera(&mut self, now: Instant) {
        if self.camera_waits && self.nudges.try_take(now).is_ok() {
            self.camera_waits = false;
            self.board.said().wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock;
    use crate::mqtt::state::PrinterStatus;
    use crate::printer::PrinterId;
    use crate::printer::Serial;
    use crate::printer::ipcam::LiveView;
    use crate::printer::label::Label;
    use crate::printer::report;
    use std::sync::Arc;
    use std::time::Duration;

    /// A printer that names another place for its camera twenty times a second, for ten minutes.
    #[test]
    fn many_live_view_changes_nudge_the_camera_rarely_and_the_last_counts() {
        let (id, serial) = (PrinterId(3), Serial::parse("00M09A000000001").unwrap());
        let board = Arc::new(PrinterStatus::new(id, &serial, Arc::default()));
        let mut control = ControlThread::new(Label::Printer(id), serial, Arc::clone(&board));
        let (bell, start) = (board.said().listen(), clock::now());
        let mut heard = 0;
        for message in 0..12_000_u32 {
            let url = format!("rtsps://192.168.1.50:{}/streaming/live/1", 1_000 + message);
            let report = format!(r#"{{"print":{{"command":"push_status","ipcam":{{"rtsp_url":"{url}"}}}}}}"#);
            control.known.hear(report::parse(report.as_bytes()).unwrap(), 0);
            control.read_state();
            control.nudge_camera(start + Duration::from_millis(50) * message);
            heard += bell.changed().try_iter().count();
        }
        assert!((30..=37).contains(&heard), "{heard} times");
        control.nudge_camera(start + Duration::from_secs(700));
        assert_eq!((bell.changed().try_iter().count(), control.camera_waits), (1, false));
        let said = board.said().get();
        assert!(matches!(&said.value.live_view, LiveView::Url(url) if url.to_string().contains(":12999/")));
    }
}
