//! What one model has that another lacks, as far as its reports show it.

use super::ams::UnitKind;
use crate::json::Style;
use std::time::Duration;

/// A model of printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Model {
    /// With firmware of 2023: everything in every report, and no `msg`.
    X1,
    /// X1 Carbon with firmware 01.09.
    #[default]
    X1C,
    /// Without an AMS.
    P1P,
    /// With one AMS.
    P1S,
    /// With an AMS lite.
    A1,
    /// A1 mini with an AMS lite.
    A1Mini,
    /// With its built-in AMS lite; the board of an A1, the fields of an H2.
    A2L,
    /// With two AMS 2 Pro.
    P2S,
    /// With an AMS 2 Pro full of other makers' spools.
    H2S,
    /// Two nozzles, firmware of 2026.
    H2D,
    /// Two nozzles, on Ethernet, firmware of 2025: older fields beside the newer ones, and no `msg` in full reports.
    H2DPro,
    /// Two nozzles, one of them from a rack.
    H2C,
    /// Two nozzles, of which number 1 is the main one.
    X2D,
}

/// Which firmware's set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    /// X1 of 2023.
    OldX1,
    /// P1 and A1.
    Esp32,
    /// With `cfg`, `fun`, `aux`, `stat` and `device`.
    New,
}

/// What is known of the chamber's temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chamber {
    /// No sensor; `chamber_temper` is 5 all the same.
    Five,
    /// In `chamber_temper`.
    OldField,
    /// In `device.ctc`.
    Device,
    /// In both: H2 firmware of 2025.
    Both,
}

/// Where the spool beside the printer is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum External {
    /// `vt_tray`, with this id.
    Tray(&'static str),
    /// `vir_slot`.
    Slots(&'static [&'static str]),
    /// Both, as firmware of the change did.
    TrayAndSlots(&'static str, &'static [&'static str]),
}

/// How a printer without Developer Mode refuses a command in `print`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refusal {
    /// It answers `failed`, with a reason and an error code.
    #[default]
    Reply,
    /// It does not answer, and shows HMS 0500-0500-0001-0007.
    Hms,
    /// It answers without a `result`, and shows the HMS: P1S.
    BareEcho,
    /// Nothing happens at all: A1 mini.
    Silence,
}

#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) product: &'static str,
    pub(crate) fields: Fields,
    pub(crate) style: Style,
    pub(crate) cadence: Duration,
    pub(crate) rtsp: bool,
    pub(crate) chamber: Chamber,
    pub(crate) lights: &'static [&'static str],
    pub(crate) external: External,
    /// `nozzle_type`.
    pub(crate) nozzle: &'static str,
    /// The nozzles' types in `device`; two of them where there are two extruders.
    pub(crate) nozzles: &'static [&'static str],
    /// The index of the extruder that prints.
    pub(crate) main_extruder: usize,
    pub(crate) units: &'static [(u8, UnitKind)],
    /// `fun` in Developer Mode.
    pub(crate) fun: u64,
    pub(crate) wired: bool,
    /// Whether full reports say `msg` 0.
    pub(crate) says_full: bool,
    /// Not a bed slinger: has a door, and a fan for the chamber.
    pub(crate) enclosed: bool,
    pub(crate) refusal: Refusal,
}

const CHAMBER: &[&str] = &["chamber_light"];
const CHAMBER_WORK: &[&str] = &["chamber_light", "work_light"];
const CHAMBER_WORK_CHAMBER2: &[&str] = &["chamber_light", "work_light", "chamber_light2"];
const NO_AMS: &[(u8, UnitKind)] = &[];

/// A Linux model with one nozzle: the others are told by what differs.
const P2S: Profile = Profile {
    product: "Bambu Lab P2S",
    fields: Fields::New,
    style: Style::Pretty,
    cadence: Duration::from_secs(1),
    rtsp: true,
    chamber: Chamber::Device,
    lights: CHAMBER_WORK,
    external: External::Slots(&["255"]),
    nozzle: "HH01",
    nozzles: &["HH01"],
    main_extruder: 0,
    units: &[(0, UnitKind::Ams2Pro), (1, UnitKind::Ams2Pro)],
    fun: 0x6403_9FD1_93FF_9CB3,
    wired: false,
    says_full: true,
    enclosed: true,
    refusal: Refusal::Reply,
};

const P1S: Profile = Profile {
    product: "Bambu Lab P1S",
    fields: Fields::Esp32,
    style: Style::Compact,
    cadence: Duration::from_secs(2),
    rtsp: false,
    chamber: Chamber::Five,
    lights: CHAMBER,
    external: External::Tray("254"),
    nozzle: "stainless_steel",
    nozzles: &["HS00"],
    main_extruder: 0,
    units: &[(0, UnitKind::Ams)],
    fun: 0,
    wired: false,
    says_full: true,
    enclosed: true,
    refusal: Refusal::BareEcho,
};

const H2D: Profile = Profile {
    product: "Bambu Lab H2D",
    // A full report of 32 kB each, 34 of them in 58 s.
    cadence: Duration::from_millis(1700),
    lights: CHAMBER_WORK_CHAMBER2,
    external: External::Slots(&["254", "255"]),
    nozzle: "HH05",
    nozzles: &["HH05", "HH05"],
    units: &[(0, UnitKind::Ams2Pro), (1, UnitKind::Ams2Pro), (128, UnitKind::AmsHt)],
    fun: 0x2_7FF1_8FFF_9CB3,
    ..P2S
};

impl Model {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::X1,
        Self::X1C,
        Self::P1P,
        Self::P1S,
        Self::A1,
        Self::A1Mini,
        Self::A2L,
        Self::P2S,
        Self::H2S,
        Self::H2D,
        Self::H2DPro,
        Self::H2C,
        Self::X2D,
    ];

    /// What its serial numbers begin with.
    #[must_use]
    pub fn serial_prefix(self) -> &'static str {
        match self {
            Self::X1 => "00W",
            Self::X1C => "00M",
            Self::P1P => "01S",
            Self::P1S => "01P",
            Self::A1 => "039",
            Self::A1Mini => "030",
            Self::A2L => "26A",
            Self::P2S => "22E",
            Self::H2S => "093",
            Self::H2D => "094",
            Self::H2DPro => "239",
            Self::H2C => "31B",
            Self::X2D => "20P",
        }
    }

    /// Its short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X1 => "X1",
            Self::X1C => "X1C",
            Self::P1P => "P1P",
            Self::P1S => "P1S",
            Self::A1 => "A1",
            Self::A1Mini => "A1 mini",
            Self::A2L => "A2L",
            Self::P2S => "P2S",
            Self::H2S => "H2S",
            Self::H2D => "H2D",
            Self::H2DPro => "H2D Pro",
            Self::H2C => "H2C",
            Self::X2D => "X2D",
        }
    }

    /// Whether its camera speaks RTSPS. The others send JPEG pictures on port 6000.
    #[must_use]
    pub fn has_rtsp(self) -> bool {
        self.profile().rtsp
    }

    /// Width and height of its JPEG pictures.
    pub(crate) fn picture_size(self) -> (u16, u16) {
        match self {
            Self::A2L => (1920, 1080),
            _ => (1280, 720),
        }
    }

    /// How often it reports.
    #[must_use]
    pub fn cadence(self) -> Duration {
        self.profile().cadence
    }

    /// The ESP32 models: few clients at a time, and none may listen to another's requests.
    pub(crate) fn is_small(self) -> bool {
        self.profile().fields == Fields::Esp32
    }

    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::X1 => Profile {
                product: "",
                fields: Fields::OldX1,
                chamber: Chamber::OldField,
                external: External::Tray("254"),
                nozzle: "hardened_steel",
                units: &[(0, UnitKind::Ams)],
                fun: 0,
                says_full: false,
                ..P2S
            },
            Self::X1C => Profile {
                product: "Bambu Lab X1-Carbon",
                external: External::TrayAndSlots("255", &["255"]),
                nozzle: "hardened_steel",
                nozzles: &["HX01"],
                units: &[(0, UnitKind::Ams), (1, UnitKind::Ams)],
                fun: 0x11_830F_9CFB,
                ..P2S
            },
            Self::P1P => {
                Profile { product: "Bambu Lab P1P", units: NO_AMS, enclosed: false, refusal: Refusal::Reply, ..P1S }
            }
            Self::P1S => P1S,
            Self::A1 => Profile {
                product: "Bambu Lab A1",
                units: &[(0, UnitKind::AmsLite)],
                enclosed: false,
                refusal: Refusal::Hms,
                ..P1S
            },
            Self::A1Mini => Profile {
                product: "Bambu Lab A1 mini",
                units: &[(0, UnitKind::AmsLite)],
                enclosed: false,
                refusal: Refusal::Silence,
                ..P1S
            },
            Self::A2L => Profile {
                product: "Bambu Lab A2L",
                fields: Fields::New,
                external: External::Slots(&["255"]),
                nozzle: "HA00",
                nozzles: &["HA00"],
                units: &[(16, UnitKind::AmsLiteA2L)],
                fun: 0x1_00D1_0200_2FBD,
                enclosed: false,
                refusal: Refusal::Reply,
                ..P1S
            },
            Self::P2S => P2S,
            Self::H2S => Profile {
                product: "Bambu Lab H2S",
                lights: CHAMBER_WORK_CHAMBER2,
                nozzle: "HS01",
                nozzles: &["HS01"],
                units: &[(0, UnitKind::Ams2ProOthers)],
                fun: 0x2_1FF1_8FFF_9CB7,
                ..P2S
            },
            Self::H2D => H2D,
            Self::H2DPro => Profile {
                product: "Bambu Lab H2D Pro",
                cadence: P2S.cadence,
                chamber: Chamber::Both,
                external: External::TrayAndSlots("255", &["254", "255"]),
                nozzle: "stainless_steel",
                nozzles: &["HS01", "HH01"],
                fun: 0x3EC1_8FFF_9CFF,
                units: &[(0, UnitKind::Ams2Pro), (1, UnitKind::Ams2Pro)],
                wired: true,
                says_full: false,
                ..H2D
            },
            Self::H2C => Profile {
                product: "Bambu Lab H2C",
                cadence: P2S.cadence,
                nozzle: "HS01-0.4",
                nozzles: &["HS01", "HS01"],
                units: &[(0, UnitKind::Ams2Pro), (128, UnitKind::AmsHt)],
                fun: 0x1000_3EC1_8FFF_9CFF,
                ..H2D
            },
            Self::X2D => Profile {
                product: "Bambu Lab X2D",
                cadence: P2S.cadence,
                lights: CHAMBER_WORK,
                nozzle: "HS01",
                nozzles: &["HS01", "HS01"],
                main_extruder: 1,
                units: &[(0, UnitKind::Ams2Pro), (128, UnitKind::AmsHt)],
                ..H2D
            },
        }
    }
}
