//! Reads what printers announce over UDP: a NOTIFY as in SSDP, or the 200 with which some answer a search.
//!
//! There are two dialects. The ESP32 models (P1, A1) write `HOST:` and no `NTS`, the Linux models (X1, P2S, H2) write
//! `Host:`, `NTS` and `DevInf`. Beyond that, header names differ in case and order between firmwares, and `Location` is
//! an address or a URL. So only what is read here has to be right, and everything else is passed over.
//!
//! Nothing in a packet is proof: anybody can send one. Whoever acts on it greets the address first (`net::link::greet`).

use super::address::Serial;
use crate::printer::model::Model;
use crate::printer::text;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

/// Real packets have some 600 bytes.
pub const PACKET_BYTES: usize = 2048;
/// Real packets have up to 16 lines.
const LINES: usize = 48;
/// The longest name that is kept, in characters; as long as a registered printer's may be.
const NAME_CHARS: usize = 100;
const FIRMWARE_BYTES: usize = 24;

/// The device type, without its version.
const PRINTER: &str = "urn:bambulab-com:device:3dprinter";

/// A search that hurries an announcement. A P1S (01.10.00.00) answers it on port 1990 alone; P1P and X1C never do.
pub const SEARCH: &[u8] = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1990\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n\
    ST: urn:bambulab-com:device:3dprinter:1\r\n\r\n";

/// What a printer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Its serial number.
    pub serial: Serial,
    /// The address from which the packet came, and that it names.
    pub host: Ipv4Addr,
    /// Its model, by the announced code or by the serial number.
    pub model: Option<Model>,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// The version of its firmware.
    pub firmware: Option<String>,
}

/// Why a packet is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// It is longer than any announcement, or has more lines.
    #[error("it is too long")]
    TooLong,
    /// It is neither a NOTIFY nor a successful answer.
    #[error("it is no announcement")]
    OtherMessage,
    /// It announces another kind of device, or that one leaves.
    #[error("it announces no printer")]
    OtherDevice,
    /// It has no valid serial number.
    #[error("it has no serial number")]
    NoSerial,
    /// It names another address than the one from which it came, or none.
    #[error("it does not name the address from which it came")]
    OtherAddress,
}

impl Announcement {
    /// Reads a packet that came from `source`.
    ///
    /// # Errors
    /// Returns why the packet does not count.
    pub fn parse(packet: &[u8], source: IpAddr) -> Result<Self, Ignored> {
        if packet.len() > PACKET_BYTES {
            return Err(Ignored::TooLong);
        }
        let text = String::from_utf8_lossy(packet);
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        if !lines.next().is_some_and(is_announcement) {
            return Err(Ignored::OtherMessage);
        }
        let headers = Headers::read(lines)?;
        let device = headers.nt.or(headers.st).unwrap_or_default();
        let is_leaving = headers.nts.is_some_and(|nts| !nts.eq_ignore_ascii_case("ssdp:alive"));
        if is_leaving || !starts_with(device, PRINTER) {
            return Err(Ignored::OtherDevice);
        }
        let serial = headers.usn.and_then(serial).ok_or(Ignored::NoSerial)?;
        let host = headers.location.and_then(location).filter(|host| IpAddr::V4(*host) == source.to_canonical());
        Ok(Self {
            host: host.ok_or(Ignored::OtherAddress)?,
            model: Model::of_announcement(headers.model.unwrap_or_default(), serial.as_str()),
            name: headers.name.and_then(name),
            firmware: headers.firmware.filter(|version| is_version(version)).map(str::to_owned),
            serial,
        })
    }
}

/// The values that count; of a header that comes twice, the first.
#[derive(Debug, Default)]
struct Headers<'a> {
    nt: Option<&'a str>,
    st: Option<&'a str>,
    nts: Option<&'a str>,
    usn: Option<&'a str>,
    location: Option<&'a str>,
    model: Option<&'a str>,
    name: Option<&'a str>,
    firmware: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn read(lines: impl Iterator<Item = &'a str>) -> Result<Self, Ignored> {
        let mut headers = Self::default();
        for (count, line) in lines.take_while(|line| !line.trim().is_empty()).enumerate() {
            if count == LINES {
                return Err(Ignored::TooLong);
            }
            let Some((header, value)) = line.split_once(':') else { continue };
            let place = match header.trim().to_ascii_lowercase().as_str() {
                "nt" => &mut headers.nt,
                "st" => &mut headers.st,
                "nts" => &mut headers.nts,
                "usn" => &mut headers.usn,
                "location" => &mut headers.location,
                "devmodel.bambu.com" => &mut headers.model,
                "devname.bambu.com" => &mut headers.name,
                "devversion.bambu.com" => &mut headers.firmware,
                _ => continue,
            };
            place.get_or_insert(value.trim());
        }
        Ok(headers)
    }
}

fn is_announcement(line: &str) -> bool {
    starts_with(line, "NOTIFY ") || (starts_with(line, "HTTP/1.") && line.split(' ').nth(1) == Some("200"))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Reads `<serial>`, or `uuid:<serial>` with or without `::<type>` behind it.
fn serial(usn: &str) -> Option<Serial> {
    let bare = if starts_with(usn, "uuid:") { usn.get(5..)? } else { usn };
    Serial::parse(bare.split("::").next()?)
}

/// Reads an address, or the one in a URL.
fn location(value: &str) -> Option<Ipv4Addr> {
    let authority = value.split_once("://").map_or(value, |(_, rest)| rest).split('/').next()?;
    authority.parse().ok().or_else(|| authority.parse::<SocketAddrV4>().ok().map(|at| *at.ip()))
}

fn name(value: &str) -> Option<String> {
    let name: String = value.chars().filter(|c| !text::is_disruptive(*c)).take(NAME_CHARS).collect();
    text::is_visible(&name).then(|| name.trim().to_owned())
}

fn is_version(value: &str) -> bool {
    (1..=FIRMWARE_BYTES).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ESP32: &str = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nServer: UPnP/1.0\r\nLocation: 192.168.1.50\r\n\
        NT: urn:bambulab-com:device:3dprinter:1\r\nUSN: 01P00A000000000\r\nCache-Control: max-age=1800\r\n\
        DevModel.bambu.com: C12\r\nDevName.bambu.com: 3DP-01P-000\r\nDevSignal.bambu.com: -50\r\n\
        DevConnect.bambu.com: cloud\r\nDevBind.bambu.com: occupied\r\nDevseclink.bambu.com: secure\r\n\
        DevVersion.bambu.com: 01.10.00.00\r\nDevCap.bambu.com: 1\r\n\r\n";

    const LINUX: &str = "NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1990\r\nServer: UPnP/1.0\r\nLocation: 192.168.1.51\r\n\
        NT: urn:bambulab-com:device:3dprinter:1\r\nNTS: ssdp:alive\r\nUSN: 31B00A000000000\r\n\
        Cache-Control: max-age=1800\r\nDevModel.bambu.com: O1C\r\nDevName.bambu.com: my H2C\r\n\
        DevConnect.bambu.com: cloud\r\nDevBind.bambu.com: occupied\r\nDevseclink.bambu.com: secure\r\n\
        DevInf.bambu.com: wlan0\r\nDevVersion.bambu.com: 01.01.05.00\r\nDevCap.bambu.com: 1\r\n\r\n";

    const OLD_X1: &str = "HTTP/1.1 200 OK\r\nServer: Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8\r\nDate: Fri, 01 Jan 2021\r\n\
        Location: 192.168.1.50\r\nST: urn:bambulab-com:device:3dprinter:1\r\nEXT:\r\nUSN: 01P00A000000000\r\n\
        Cache-Control: max-age=1800\r\nDevModel.bambu.com: 3DPrinter-X1-Carbon\r\n\r\n";

    fn from(source: &str, packet: &str) -> Result<Announcement, Ignored> {
        Announcement::parse(packet.as_bytes(), source.parse().unwrap())
    }

    fn heard(packet: &str) -> Result<Announcement, Ignored> {
        from("192.168.1.50", packet)
    }

    #[test]
    fn both_dialects_and_the_answer_to_a_search_are_read() {
        let p1s = heard(ESP32).unwrap();
        assert_eq!((p1s.serial.as_str(), p1s.model), ("01P00A000000000", Some(Model::P1S)));
        assert_eq!((p1s.name.as_deref(), p1s.firmware.as_deref()), (Some("3DP-01P-000"), Some("01.10.00.00")));
        let h2c = from("192.168.1.51", LINUX).unwrap();
        assert_eq!((h2c.serial.as_str(), h2c.model), ("31B00A000000000", Some(Model::H2C)));
        assert_eq!((h2c.host.to_string().as_str(), h2c.name.as_deref()), ("192.168.1.51", Some("my H2C")));
        let old = heard(OLD_X1).unwrap();
        assert_eq!((old.model, old.name, old.firmware), (Some(Model::X1C), None, None));
    }

    #[test]
    fn headers_vary_in_case_order_and_form() {
        let mut lines: Vec<&str> = ESP32.trim_end().lines().collect();
        lines[1..].reverse();
        let variants = [
            ESP32.replace("\r\n", "\n"),
            format!("{}\r\n", lines.join("\r\n").to_ascii_uppercase()),
            ESP32.replace("Location: 192.168.1.50", "location:http://192.168.1.50:80/"),
            ESP32.replace("Location: 192.168.1.50", "LOCATION :  http://192.168.1.50"),
            ESP32.replace("USN: 01P", "usn: uuid:01P"),
            ESP32.replace("USN: 01P00A000000000", "USN: uuid:01P00A000000000::urn:bambulab-com:device:3dprinter:1"),
            ESP32.replace("NT: ", "ST: "),
            ESP32.replace("DevModel.bambu.com: C12", "DevModel.bambu.com: "),
            ESP32.replace("DevModel.bambu.com: C12\r\n", "DevModel.bambu.com: C12-V2\r\nJust a line\r\n"),
            ESP32.replace("\r\n\r\n", "\r\nLocation: 192.168.1.99\r\n"),
        ];
        for packet in variants {
            let read = heard(&packet).unwrap_or_else(|why| panic!("{why}: {packet}"));
            assert_eq!((read.serial.as_str(), read.model), ("01P00A000000000", Some(Model::P1S)), "{packet}");
        }
        assert!(Announcement::parse(ESP32.as_bytes(), "::ffff:192.168.1.50".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_packet_that_names_another_address_is_ignored() {
        assert_eq!(from("192.168.1.66", ESP32), Err(Ignored::OtherAddress));
        assert_eq!(from("fd00::50", ESP32), Err(Ignored::OtherAddress));
        for location in ["", "Location: printer.local\r\n", "Location: 192.168.1.50:x\r\n", "Location: 0xc0a80132\r\n"]
        {
            let packet = ESP32.replace("Location: 192.168.1.50\r\n", location);
            assert_eq!(heard(&packet), Err(Ignored::OtherAddress), "{location}");
        }
    }

    #[test]
    fn other_devices_and_other_messages_are_ignored() {
        let check = |packet: &str, why| assert_eq!(heard(packet), Err(why), "{packet}");
        check("", Ignored::OtherMessage);
        check(std::str::from_utf8(SEARCH).unwrap(), Ignored::OtherMessage);
        check(&OLD_X1.replace("200 OK", "404 Not Found"), Ignored::OtherMessage);
        check(&ESP32.replace("bambulab-com:device:3dprinter", "schemas-upnp-org:device:basic"), Ignored::OtherDevice);
        check(&ESP32.replace("NT: urn:bambulab-com:device:3dprinter:1\r\n", ""), Ignored::OtherDevice);
        check(&LINUX.replace("ssdp:alive", "ssdp:byebye"), Ignored::OtherDevice);
        check(&ESP32.replace("USN: 01P00A000000000", "USN: 01P/../etc"), Ignored::NoSerial);
        check(&ESP32.replace("USN: 01P00A000000000\r\n", ""), Ignored::NoSerial);
        check(&format!("{ESP32}{}", "x".repeat(PACKET_BYTES)), Ignored::TooLong);
        check(&ESP32.replace("\r\n\r\n", &"\r\na: b".repeat(LINES)), Ignored::TooLong);
    }

    #[test]
    fn a_name_loses_what_disturbs_and_a_strange_version_is_left_out() {
        let named = |name: &str| heard(&ESP32.replace("3DP-01P-000", name)).unwrap().name;
        assert_eq!(named("Ünten \u{202e}links").as_deref(), Some("Ünten links"));
        assert_eq!(named("\u{200b}"), None);
        assert_eq!(named(&"ä".repeat(300)).map(|name| name.chars().count()), Some(NAME_CHARS));
        let versioned = |version: &str| heard(&ESP32.replace("01.10.00.00", version)).unwrap().firmware;
        assert_eq!((versioned("<b>"), versioned(&"1".repeat(25))), (None, None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_ignored(packet in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let _ = Announcement::parse(&packet, Ipv4Addr::LOCALHOST.into());
        }

        #[test]
        fn a_changed_byte_leaves_short_texts_and_the_source(at in 0usize..500, with in any::<u8>()) {
            let mut packet = ESP32.as_bytes().to_vec();
            if let Some(byte) = packet.get_mut(at) {
                *byte = with;
            }
            let source = Ipv4Addr::new(192, 168, 1, 50);
            if let Ok(read) = Announcement::parse(&packet, source.into()) {
                prop_assert_eq!(read.host, source);
                prop_assert!(read.name.is_none_or(|name| !name.chars().any(text::is_disruptive)));
            }
        }
    }
}
