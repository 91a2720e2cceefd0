//! The address and login of a camera: the printer's own camera, or another one that a person has named. The access code
//! and the printer's certificate only go to the printer's host, whatever a URL says. A camera elsewhere has its own.

use crate::base::secret::Secret;
use crate::camera::state::{CameraState, Trouble};
use crate::camera::step::Step;
use crate::net::link::Target;
use crate::printer::address::{PRINTERS_PORT, UrlError, without_zone};
use crate::printer::ipcam::{LiveView, Said};
use crate::printer::label::Label;
use crate::printer::model::CameraKind;
use crate::printer::{CameraLogin, Fingerprint, Identity, Printer, RtspOverrides, RtspUrl, Rules, Serial, USER};
use crate::rtsp;

/// The source of a camera's video; see the module. Equal sources lead to the same connection, even if their printers
/// differ in other fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The URL set by a person, which takes precedence over the printer's. Its host may be the printer or another one.
    chosen: Option<RtspUrl>,
    /// The printer's host, if the camera is there.
    own_host: Option<String>,
    login: Option<CameraLogin>,
    /// Whether a person has given the login for this camera. Otherwise the printer's is used.
    login_is_given: bool,
    certificate: Certificate,
    rules: Rules,
    /// The port of a camera that sends pictures.
    pictures_port: u16,
}

/// Which certificate is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Certificate {
    /// The printer's certificate.
    Printer(Serial),
    /// The certificate with this fingerprint.
    Known(Fingerprint),
    /// No certificate has been configured.
    Unknown,
}

/// Why there is nothing to connect to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// The printer's live view is off.
    #[error("the printer's live view is off")]
    SwitchedOff,
    /// The camera at this URL is not the printer's, and its certificate has not been configured.
    #[error("the URL names another host ({}) than the printer's, and no fingerprint is known", .0.host())]
    Stranger(RtspUrl),
    /// The URL is no longer allowed.
    #[error("the URL is not allowed: {0}")]
    Forbidden(UrlError),
}

/// Where a camera is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The URL of its video, if it sends video.
    pub url: RtspUrl,
    /// What it sends; `None` if that is unknown.
    pub kind: Option<CameraKind>,
}

/// Where a camera is, as far as it matters for what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the printer's own, at the port of all printers' cameras.
    UsualPort,
    /// It is the printer's own, at another port.
    OtherPort,
    /// It is the printer's own, and sends pictures.
    Pictures,
    /// It is at another host or has a login of its own: the printer's screen does not help.
    Elsewhere,
}

impl Unready {
    /// Publishes the reason, and logs it once.
    pub fn tell(&self, owner: Label, board: &CameraState) {
        match self {
            Self::SwitchedOff => board.rest(Step::SwitchedOff),
            Self::Stranger(_) | Self::Forbidden(_) => {
                if board.refuse(Trouble::Unready(self.clone())) {
                    log::warn!("{owner}: camera: not connected: {self}");
                }
            }
        }
    }
}

impl Source {
    /// Combines a printer's settings with the operator's overrides.
    #[must_use]
    pub fn of(printer: &Printer, overrides: &RtspOverrides, rules: Rules, pictures_port: u16) -> Self {
        let chosen = overrides.of(printer.id).or(printer.rtsp_url.as_ref()).map(|url| match url.host() {
            "" => url.at(&printer.host),
            _ => url.clone(),
        });
        let is_own = chosen.as_ref().is_none_or(|url| url.host() == printer.host);
        // The login was given for the host of the printer's own URL; an override may lead to another host.
        let named = |url: &RtspUrl| printer.rtsp_url.as_ref().is_some_and(|given| given.host() == url.host());
        let given = printer.camera_login.as_ref().filter(|_| chosen.as_ref().is_some_and(named));
        let of_printer = || CameraLogin { user: USER.to_owned(), password: printer.access_code.clone() };
        Self {
            own_host: is_own.then(|| printer.host.clone()),
            login: given.cloned().or_else(|| is_own.then(of_printer)),
            login_is_given: given.is_some(),
            certificate: match printer.camera_fingerprint {
                Some(fingerprint) => Certificate::Known(fingerprint),
                None if is_own => Certificate::Printer(printer.serial.clone()),
                None => Certificate::Unknown,
            },
            chosen,
            rules,
            pictures_port,
        }
    }

    /// Returns where the printer's reports and a person's URL lead. The person's URL comes first.
    ///
    /// # Errors
    /// Returns [`Unready`] if there is nothing to connect to.
    pub fn way(&self, said: &Said) -> Result<Way, Unready> {
        let is_unknown = self.chosen.is_none() && said.kind.is_none() && said.live_view == LiveView::Unsaid;
        let kind = match (&self.chosen, said.kind) {
            (None, Some(CameraKind::Jpeg)) => Some(CameraKind::Jpeg),
            _ => (!is_unknown).then_some(CameraKind::Rtsp),
        };
        Ok(Way { url: self.url(&said.live_view)?, kind })
    }

    /// Returns the camera's URL. A person's URL comes first, then the printer's, then the default of all printers. Only
    /// port and path are taken from the printer; the host is the configured one.
    ///
    /// # Errors
    /// Returns [`Unready`] if there is nothing to connect to.
    fn url(&self, said: &LiveView) -> Result<RtspUrl, Unready> {
        let host = self.own_host.as_deref().unwrap_or_default();
        let url = match (&self.chosen, said) {
            (Some(url), _) => url.clone(),
            (None, LiveView::Url(url)) => url.at(host),
            (None, LiveView::Unsaid) => RtspUrl::of_printers(host),
            (None, LiveView::Disabled) => return Err(Unready::SwitchedOff),
        };
        match url.tls() {
            false if !self.rules.allow_plain_rtsp => Err(Unready::Forbidden(UrlError::Plain)),
            true if self.certificate == Certificate::Unknown && !self.rules.allow_unknown_camera => {
                Err(Unready::Stranger(url))
            }
            _ => Ok(url),
        }
    }

    /// Whether both sources lead to the same connection, given these reports of the printers. A URL typed by a person
    /// may equal the reported one.
    #[must_use]
    pub fn meets(&self, said: &Said, other: &Self, other_said: &Said) -> bool {
        let same_place = match (self.way(said), other.way(other_said)) {
            (Ok(own), Ok(other)) => {
                let place = |url: &RtspUrl| (url.tls(), url.host().to_owned(), url.port(), url.path().to_owned());
                own.kind == other.kind && place(&own.url) == place(&other.url)
            }
            (own, other) => own == other,
        };
        same_place
            && self.pictures_port == other.pictures_port
            && self.login == other.login
            && self.certificate == other.certificate
    }

    /// Whether the camera is not the printer's own.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.own_host.is_none()
    }

    /// Returns the peer for `url`; `pin` is the certificate pinned at first contact.
    #[must_use]
    pub fn target(&self, url: &RtspUrl, pin: Option<Fingerprint>) -> Target {
        let identity = || match &self.certificate {
            Certificate::Printer(serial) => Identity::Printer { serial: serial.clone(), pin },
            Certificate::Known(fingerprint) => Identity::Camera { fingerprint: *fingerprint },
            Certificate::Unknown => Identity::Stranger,
        };
        Target { host: url.host().to_owned(), port: url.port(), tls: url.tls().then(identity) }
    }

    /// Returns the peer of the printer's own camera that sends pictures.
    #[must_use]
    pub fn pictures_target(&self, pin: Option<Fingerprint>) -> Target {
        let host = self.own_host.clone().unwrap_or_default();
        Target { port: self.pictures_port, ..self.target(&RtspUrl::of_printers(&host), pin) }
    }

    /// Returns the RTSP target for `url`.
    #[must_use]
    pub fn rtsp_target(&self, url: &RtspUrl) -> rtsp::Target {
        rtsp::Target::new(url.tls(), without_zone(url.host()), url.port(), url.path())
    }

    /// Returns user and password; an empty user means that there is no login.
    #[must_use]
    pub fn login(&self) -> (&str, Secret) {
        match &self.login {
            Some(login) => (&login.user, login.password.clone()),
            None => ("", Secret::new("")),
        }
    }

    /// Returns where the camera at `url` is, as far as it matters for what a person can do about it.
    #[must_use]
    pub fn place(&self, url: &RtspUrl) -> Place {
        if self.is_elsewhere() || self.login_is_given {
            Place::Elsewhere
        } else if url.port() == PRINTERS_PORT {
            Place::UsualPort
        } else {
            Place::OtherPort
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::PrinterId;
    use std::collections::BTreeMap;

    const ID: PrinterId = PrinterId(3);
    const RULES: Rules = Rules { allow_plain_rtsp: true, allow_unknown_camera: false };

    fn printer(url: Option<&str>) -> Printer {
        Printer {
            id: ID,
            name: "Garage".to_owned(),
            host: "192.168.1.10".to_owned(),
            serial: Serial::parse("00M09A000000001").unwrap(),
            access_code: Secret::new("12345678"),
            rtsp_url: url.map(|url| RtspUrl::parse(url, true).unwrap()),
            camera_login: None,
            camera_fingerprint: None,
        }
    }

    fn with_login(printer: Printer) -> Printer {
        let login = CameraLogin { user: "admin".to_owned(), password: Secret::new("garage") };
        Printer { camera_login: Some(login), camera_fingerprint: Some(Fingerprint([7; 32])), ..printer }
    }

    fn of(printer: &Printer) -> Source {
        Source::of(printer, &RtspOverrides::default(), RULES, 6000)
    }

    fn overridden(printer: &Printer, url: &str) -> Source {
        let url = RtspUrl::parse_override(url, true).unwrap();
        Source::of(printer, &RtspOverrides { all: None, one: BTreeMap::from([(ID, url)]) }, RULES, 6000)
    }

    /// Checks URL, user, password and the expected certificate.
    #[track_caller]
    fn check(source: &Source, said: &LiveView, url: &str, login: (&str, &str), identity: Option<Identity>) {
        let found = source.url(said).expect("a URL");
        let (user, password) = source.login();
        assert_eq!((found.to_string().as_str(), user, password.expose()), (url, login.0, login.1));
        let target = source.target(&found, None);
        assert_eq!((target.host.as_str(), target.tls), (found.host(), identity));
    }

    fn of_printer() -> Option<Identity> {
        Some(Identity::Printer { serial: printer(None).serial, pin: None })
    }

    fn of_fingerprint() -> Option<Identity> {
        Some(Identity::Camera { fingerprint: Fingerprint([7; 32]) })
    }

    const PRINTERS: (&str, &str) = ("bblp", "12345678");
    const OWN: (&str, &str) = ("admin", "garage");
    const NONE: (&str, &str) = ("", "");

    #[test]
    fn the_printers_own_camera_is_at_its_host_whatever_it_reports() {
        let usual = "rtsps://192.168.1.10:322/streaming/live/1";
        let said = |url| LiveView::Url(RtspUrl::parse(url, true).unwrap());
        let own = of(&printer(None));
        check(&own, &LiveView::Unsaid, usual, PRINTERS, of_printer());
        check(&own, &said("rtsps://10.0.0.9:7441/x"), "rtsps://192.168.1.10:7441/x", PRINTERS, of_printer());
        assert_eq!(own.url(&LiveView::Disabled), Err(Unready::SwitchedOff));
        let chosen = "rtsps://192.168.1.10:7441/live";
        check(&of(&printer(Some(chosen))), &LiveView::Disabled, chosen, PRINTERS, of_printer());
        check(&of(&with_login(printer(Some(chosen)))), &LiveView::Unsaid, chosen, OWN, of_fingerprint());
        // A separate login counts only if a person has set the URL.
        check(&of(&with_login(printer(None))), &LiveView::Unsaid, usual, PRINTERS, of_fingerprint());
    }

    #[test]
    fn the_kind_of_camera_is_chosen_by_url_model_and_report() {
        use CameraKind::{Jpeg, Rtsp};
        let url = LiveView::Url(RtspUrl::of_printers("10.0.0.9"));
        let kind = |url: Option<&str>, kind, live_view: &LiveView| {
            let said = Said { kind, live_view: live_view.clone(), ..Said::default() };
            of(&printer(url)).way(&said).map(|way| way.kind)
        };
        let unsaid = LiveView::Unsaid;
        assert_eq!(kind(None, Some(Jpeg), &unsaid), Ok(Some(Jpeg)));
        assert_eq!(kind(None, Some(Rtsp), &unsaid), Ok(Some(Rtsp)));
        assert_eq!(kind(None, None, &url), Ok(Some(Rtsp)));
        assert_eq!(kind(None, None, &unsaid), Ok(None));
        assert_eq!(kind(None, None, &LiveView::Disabled), Err(Unready::SwitchedOff));
        for model in [None, Some(Jpeg), Some(Rtsp)] {
            assert_eq!(kind(Some("rtsps://192.168.1.10/live"), model, &unsaid), Ok(Some(Rtsp)), "a person's URL wins");
        }
        let target = of(&printer(None)).pictures_target(None);
        assert_eq!((target.at().as_str(), target.tls), ("192.168.1.10:6000", of_printer()));
    }

    #[test]
    fn a_camera_elsewhere_never_gets_the_printers_code() {
        let foreign = "rtsps://cam.local/live";
        check(&of(&with_login(printer(Some(foreign)))), &LiveView::Unsaid, foreign, OWN, of_fingerprint());
        let open = Printer { camera_login: None, ..with_login(printer(Some(foreign))) };
        check(&of(&open), &LiveView::Disabled, foreign, NONE, of_fingerprint());
        let plain = "rtsp://cam.local/live";
        check(&of(&printer(Some(plain))), &LiveView::Unsaid, plain, NONE, None);
        let unknown = of(&printer(Some(foreign))).url(&LiveView::Unsaid).unwrap_err();
        assert!(matches!(&unknown, Unready::Stranger(url) if url.host() == "cam.local"), "{unknown}");
    }

    #[test]
    fn an_override_goes_to_its_host_without_another_hosts_login() {
        let row = with_login(printer(Some("rtsps://cam.local/live")));
        check(
            &overridden(&row, "rtsps://cam.local/2"),
            &LiveView::Unsaid,
            "rtsps://cam.local/2",
            OWN,
            of_fingerprint(),
        );
        check(&overridden(&row, "rtsps://other/2"), &LiveView::Unsaid, "rtsps://other/2", NONE, of_fingerprint());
        let none = printer(None);
        let own = "rtsps://192.168.1.10:7441/live";
        check(&overridden(&none, own), &LiveView::Unsaid, own, PRINTERS, of_printer());
        check(&overridden(&none, "rtsps://:7441/live"), &LiveView::Unsaid, own, PRINTERS, of_printer());
        check(&overridden(&row, "rtsps://:7441/live"), &LiveView::Unsaid, own, PRINTERS, of_fingerprint());
        assert!(matches!(overridden(&none, "rtsps://x/all").url(&LiveView::Unsaid), Err(Unready::Stranger(_))));
    }

    #[test]
    fn a_plain_url_that_is_not_allowed_any_more_is_not_used() {
        let stored = printer(Some("rtsp://192.168.1.10/live"));
        let source = Source::of(&stored, &RtspOverrides::default(), Rules::default(), 6000);
        assert_eq!(source.url(&LiveView::Unsaid), Err(Unready::Forbidden(UrlError::Plain)));
    }

    #[test]
    fn settings_that_do_not_concern_the_camera_keep_its_source() {
        let renamed = |printer: &Printer| Printer { name: "Other".to_owned(), ..printer.clone() };
        let other_code = |printer: &Printer| Printer { access_code: Secret::new("87654321"), ..printer.clone() };
        let own = printer(None);
        assert_eq!(of(&own), of(&renamed(&own)));
        assert_ne!(of(&own), of(&other_code(&own)));
        let elsewhere = with_login(printer(Some("rtsps://cam.local/live")));
        assert_eq!(of(&elsewhere), of(&other_code(&elsewhere)));
        assert_eq!(of(&elsewhere), of(&Printer { host: "192.168.1.11".to_owned(), ..elsewhere.clone() }));
        assert_ne!(of(&elsewhere), of(&Printer { camera_login: None, ..elsewhere.clone() }));
    }
}
