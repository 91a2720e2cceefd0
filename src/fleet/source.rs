//! Where a camera is and how to get in.

use super::board::{CameraBoard, Step};
use super::camera::CameraError;
use super::owner::Owner;
use crate::base::secret::Secret;
use crate::net::link::Target;
use crate::printer::address::without_zone;
use crate::printer::ipcam::LiveView;
use crate::printer::{Fingerprint, Identity, Printer, RtspUrl};
use crate::rtsp;

/// See the module.
#[derive(Debug, Clone)]
pub struct Source {
    /// Host, access code, and whom to expect.
    pub printer: Printer,
    /// The URL that a person has set, over what the printer says.
    pub chosen: Option<RtspUrl>,
    /// User of the RTSP login; its password is the access code.
    pub user: &'static str,
}

/// Why there is nothing to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// The printer's live view is off.
    SwitchedOff,
    /// The model has no RTSP.
    NotSupported,
}

impl Unready {
    /// The step at which the camera then is.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::SwitchedOff => Step::SwitchedOff,
            Self::NotSupported => Step::NotSupported,
        }
    }

    /// Tells people.
    pub fn tell(self, _owner: Owner, board: &CameraBoard) {
        board.enter(self.step());
        board.forget_error();
    }
}

impl Source {
    /// The camera's URL: a person's word, then the printer's, then what printers do by themselves; or why there is
    /// nothing to connect to.
    ///
    /// # Errors
    /// [`Unready`].
    pub fn url(&self, said: &LiveView) -> Result<RtspUrl, Unready> {
        match (&self.chosen, said) {
            (Some(url), _) | (None, LiveView::Url(url)) => Ok(url.clone()),
            (None, LiveView::Unsaid) => Ok(RtspUrl::of_printers(&self.printer.host)),
            (None, LiveView::Disabled) => Err(Unready::SwitchedOff),
            (None, LiveView::NotOnModel) => Err(Unready::NotSupported),
        }
    }

    /// Whom to connect to for `url`; `pin` is the certificate that the printer showed first.
    #[must_use]
    pub fn target(&self, url: &RtspUrl, pin: Option<Fingerprint>) -> Target {
        let identity = || Identity::of_camera(&self.printer, pin);
        Target { host: self.printer.host.clone(), port: url.port(), tls: url.tls().then(identity) }
    }

    /// What to ask for there.
    #[must_use]
    pub fn rtsp_target(&self, url: &RtspUrl) -> rtsp::Target {
        rtsp::Target::new(url.tls(), without_zone(&self.printer.host), url.port(), url.path())
    }

    /// User and password.
    #[must_use]
    pub fn login(&self) -> (&str, Secret) {
        (self.user, self.printer.access_code.clone())
    }

    /// What happened and what to do, for the person.
    #[must_use]
    pub fn sentence(&self, error: &CameraError) -> String {
        error.sentence()
    }
}
