//! Whether two versions of a printer's details mean the same machine, at the same place, with the same code.

use crate::printer::Printer;

/// The differences between two versions of a printer that matter to its connections. What matters to its camera is
/// decided by `camera::Source`, because the operator may override the camera's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// It is another machine: another serial number. The pinned certificate belongs to the serial number.
    pub machine: bool,
    /// Connections lead to another machine or host.
    pub place: bool,
    /// The MQTT link is another one: another place or access code.
    pub link: bool,
}

impl Changes {
    /// Compares two versions of a printer.
    #[must_use]
    pub fn between(before: &Printer, after: &Printer) -> Self {
        let machine = before.serial != after.serial;
        let place = machine || before.host != after.host;
        Self { machine, place, link: place || before.access_code != after.access_code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;
    use crate::printer::{PrinterId, Serial};

    #[test]
    fn an_edit_changes_the_machine_its_place_or_its_link() {
        let before = Printer {
            id: PrinterId(1),
            name: "Garage".to_owned(),
            host: "192.168.1.10".to_owned(),
            serial: Serial::parse("00M09A000000001").unwrap(),
            access_code: Secret::new("12345678"),
            rtsp_url: None,
            camera_login: None,
            camera_fingerprint: None,
        };
        let check = |after: Printer, machine, place, link| {
            assert_eq!(Changes::between(&before, &after), Changes { machine, place, link }, "{after:?}");
        };
        check(Printer { id: PrinterId(2), name: "Cellar".to_owned(), ..before.clone() }, false, false, false);
        check(Printer { access_code: Secret::new("87654321"), ..before.clone() }, false, false, true);
        check(Printer { host: "192.168.1.11".to_owned(), ..before.clone() }, false, true, true);
        check(Printer { serial: Serial::parse("00M09A000000002").unwrap(), ..before.clone() }, true, true, true);
    }
}
