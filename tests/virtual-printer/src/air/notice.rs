//! The text of an announcement, in the two dialects.

use super::manners::{Announcing, Wording};
use crate::machine::Model;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const TYPE: &str = "urn:bambulab-com:device:3dprinter:1";
const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250));
const EVERYBODY: IpAddr = IpAddr::V4(Ipv4Addr::BROADCAST);

/// Where announcements are sent.
const PORT: u16 = 2021;
/// Where searches are heard, and where an X1C announces itself as well.
pub(super) const SEARCH_PORT: u16 = 1990;

/// What an announcement says.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Decides the dialect.
    pub model: Model,
    /// The serial number, in `USN`.
    pub serial: String,
    /// The name.
    pub name: String,
    /// The address it says it has, in `Location`.
    pub location: IpAddr,
    /// How it is said.
    pub manners: Announcing,
}

impl Notice {
    /// The announcement.
    #[must_use]
    pub fn notify(&self) -> String {
        match self.manners.wording {
            Wording::Answer => self.answer(),
            _ => self.text(false),
        }
    }

    /// The answer to a search.
    #[must_use]
    pub fn answer(&self) -> String {
        self.text(true)
    }

    fn text(&self, is_answer: bool) -> String {
        let small = !self.model.has_rtsp();
        let wording = self.manners.wording;
        let location = match wording {
            Wording::Url => format!("http://{}:80", self.location),
            _ => self.location.to_string(),
        };
        let usn = if wording == Wording::Uuid { format!("uuid:{}", self.serial) } else { self.serial.clone() };
        let target = if is_answer || wording == Wording::SearchTarget { "ST" } else { "NT" };
        let model = if wording == Wording::NoModel { "" } else { self.model.code() };
        let server = if wording == Wording::Answer { "Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8" } else { "UPnP/1.0" };
        let mut headers: Vec<(&str, &str)> = vec![("Server", server), ("Location", &location), (target, TYPE)];
        match (is_answer, small) {
            (true, _) => {}
            (false, true) => headers.insert(0, ("HOST", "239.255.255.250:1900")),
            (false, false) => {
                headers.insert(0, ("Host", "239.255.255.250:1990"));
                headers.push(("NTS", "ssdp:alive"));
            }
        }
        headers.extend([("USN", &*usn), ("Cache-Control", "max-age=1800"), ("DevModel.bambu.com", model)]);
        headers.push(("DevName.bambu.com", &self.name));
        let is_x1 = matches!(self.model, Model::X1 | Model::X1C);
        if small || is_x1 {
            headers.push(("DevSignal.bambu.com", "-50"));
        }
        headers.push(("DevConnect.bambu.com", self.manners.connect));
        headers.push(("DevBind.bambu.com", self.manners.bind));
        headers.push(("Devseclink.bambu.com", "secure"));
        if !small {
            headers.push(("DevInf.bambu.com", if self.model == Model::H2DPro { "eth0" } else { "wlan0" }));
        }
        let version = self.model.firmware().version;
        headers.push(("DevVersion.bambu.com", version));
        if !is_x1 {
            headers.push(("DevCap.bambu.com", "1"));
        }
        let mut lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        if wording == Wording::Small {
            lines = headers.iter().rev().map(|(name, value)| format!("{}:{value}\r\n", name.to_lowercase())).collect();
        }
        let head = if is_answer { "HTTP/1.1 200 OK" } else { "NOTIFY * HTTP/1.1" };
        format!("{head}\r\n{}\r\n", lines.concat())
    }
}

impl Model {
    /// What it calls itself in `DevModel`.
    fn code(self) -> &'static str {
        match self {
            Self::X1 => "BL-P002",
            Self::X1C => "BL-P001",
            Self::P1P => "C11",
            Self::P1S => "C12",
            Self::A1 => "N2S",
            Self::A1Mini => "N1",
            Self::A2L => "N9",
            Self::P2S => "N7",
            Self::H2S => "O1S",
            Self::H2D => "O1D",
            Self::H2DPro => "O1E",
            Self::H2C => "O1C",
            Self::X2D => "N6",
        }
    }

    /// Everybody whom it tells. Captures have a P1S to the group and an A1 to all hosts, both on 2021; the models with
    /// RTSPS tell all hosts, and the X1 on a second port as well.
    pub(super) fn audience(self) -> Vec<SocketAddr> {
        let all = SocketAddr::new(EVERYBODY, PORT);
        match self {
            Self::P1P | Self::P1S => vec![SocketAddr::new(GROUP, PORT)],
            Self::X1 | Self::X1C => vec![all, SocketAddr::new(EVERYBODY, SEARCH_PORT)],
            _ => vec![all],
        }
    }

    /// From where: the source of the small boards is the port on which standard SSDP listens.
    pub(super) fn speaks_from(self) -> u16 {
        if self.has_rtsp() { PORT } else { 1900 }
    }

    /// 10.1 s was measured on a P1S, 5 s is what most are said to have, and an X1C was heard each second.
    pub(super) fn announces_every(self) -> Duration {
        Duration::from_millis(match self {
            Self::P1P | Self::P1S => 10_100,
            Self::X1 | Self::X1C => 1_000,
            _ => 5_000,
        })
    }

    /// P1P and X1C were asked in vain; a P1S with firmware 01.10 answers.
    pub(super) fn answers_searches(self) -> bool {
        !matches!(self, Self::P1P | Self::X1 | Self::X1C)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(model: Model, wording: Wording) -> Notice {
        let manners = Announcing { wording, ..Announcing::default() };
        let location = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 50));
        Notice { model, serial: "01P00A000000000".to_owned(), name: "3DP-01P-000".to_owned(), location, manners }
    }

    #[test]
    fn the_dialects_read_as_their_captures() {
        let small = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nServer: UPnP/1.0\r\nLocation: 192.168.1.50\r\n\
            NT: urn:bambulab-com:device:3dprinter:1\r\nUSN: 01P00A000000000\r\nCache-Control: max-age=1800\r\n\
            DevModel.bambu.com: C12\r\nDevName.bambu.com: 3DP-01P-000\r\nDevSignal.bambu.com: -50\r\n\
            DevConnect.bambu.com: lan\r\nDevBind.bambu.com: free\r\nDevseclink.bambu.com: secure\r\n\
            DevVersion.bambu.com: 01.08.02.00\r\nDevCap.bambu.com: 1\r\n\r\n";
        assert_eq!(notice(Model::P1S, Wording::Usual).notify(), small);
        let linux = "NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1990\r\nServer: UPnP/1.0\r\nLocation: 192.168.1.50\r\n\
            NT: urn:bambulab-com:device:3dprinter:1\r\nNTS: ssdp:alive\r\nUSN: 01P00A000000000\r\n\
            Cache-Control: max-age=1800\r\nDevModel.bambu.com: O1C\r\nDevName.bambu.com: 3DP-01P-000\r\n\
            DevConnect.bambu.com: lan\r\nDevBind.bambu.com: free\r\nDevseclink.bambu.com: secure\r\n\
            DevInf.bambu.com: wlan0\r\nDevVersion.bambu.com: 01.01.05.00\r\nDevCap.bambu.com: 1\r\n\r\n";
        assert_eq!(notice(Model::H2C, Wording::Usual).notify(), linux);
    }

    #[test]
    fn every_wording_says_the_same_in_its_way() {
        for (wording, has) in [
            (Wording::Url, "Location: http://192.168.1.50:80\r\n"),
            (Wording::Uuid, "USN: uuid:01P00A000000000\r\n"),
            (Wording::SearchTarget, "\r\nST: urn:bambulab-com:device:3dprinter:1\r\n"),
            (Wording::NoModel, "DevModel.bambu.com: \r\n"),
            (
                Wording::Small,
                "\r\nusn:01P00A000000000\r\nnt:urn:bambulab-com:device:3dprinter:1\r\nlocation:192.168.1.50\r\n",
            ),
            (Wording::Answer, "HTTP/1.1 200 OK\r\nServer: Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8\r\n"),
        ] {
            let text = notice(Model::A2L, wording).notify();
            assert!(text.contains(has) && text.ends_with("\r\n\r\n"), "{text}");
        }
        let answer = notice(Model::P1S, Wording::Usual).answer();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nST: ") && !answer.contains("\r\nNT"));
        assert!(notice(Model::X1C, Wording::Usual).notify().contains("DevSignal.bambu.com: -50\r\n"));
    }
}
