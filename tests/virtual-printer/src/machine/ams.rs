//! AMS units, their trays, and the spool beside the printer.

use super::feed::Feeding;
use super::firmware::TrayNow;
use super::model::{External, Fields, Profile};
use crate::json::{Json, Object, list, object};

/// A kind of unit, and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnitKind {
    Ams,
    AmsLite,
    Ams2Pro,
    /// An AMS 2 Pro without a spool of the printers' maker: nothing says how much is left.
    Ams2ProOthers,
    AmsHt,
    AmsLiteA2L,
}

/// Where filament comes from: `tray_now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    None,
    External,
    Tray { unit: u8, slot: u8 },
}

#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) id: u8,
    pub(crate) kind: UnitKind,
    pub(crate) trays: Vec<Tray>,
}

#[derive(Debug, Clone)]
pub(crate) enum Tray {
    Empty,
    /// There is something, and nobody said what.
    Unknown,
    Spool(Spool),
}

#[derive(Debug, Clone)]
pub(crate) struct Spool {
    pub(crate) filament: &'static Filament,
    /// Per cent, known by its RFID tag only.
    pub(crate) remain: Option<u8>,
}

#[derive(Debug)]
pub(crate) struct Filament {
    kind: &'static str,
    name: &'static str,
    index: &'static str,
    variant: &'static str,
    /// RRGGBBAA
    colour: &'static str,
    nozzle_c: (u16, u16),
    drying: (u8, u8),
}

const WHITE: Filament = Filament {
    kind: "PLA",
    name: "PLA Basic",
    index: "GFA00",
    variant: "A00-W1",
    colour: "FFFFFFFF",
    nozzle_c: (190, 230),
    drying: (55, 8),
};
const BLUE: Filament = Filament { variant: "A00-B9", colour: "0A2989FF", ..WHITE };
const GREY: Filament = Filament { name: "PLA Matte", index: "GFA01", variant: "A01-D3", colour: "757575FF", ..WHITE };
const CLEAR: Filament = Filament {
    kind: "PETG",
    name: "PETG Translucent",
    index: "GFG01",
    variant: "G01-C0",
    colour: "FFFFFF00",
    nozzle_c: (230, 260),
    drying: (65, 8),
};
const NYLON: Filament = Filament {
    kind: "PA-CF",
    name: "PAHT-CF",
    index: "GFN04",
    variant: "N04-K0",
    colour: "000000FF",
    nozzle_c: (260, 290),
    drying: (80, 12),
};
const FLEXIBLE: Filament =
    Filament { kind: "TPU", name: "", index: "GFU99", variant: "", colour: "1E88E5FF", nozzle_c: (200, 250), ..WHITE };
const OTHERS: Filament = Filament { kind: "ABS", name: "", index: "GFB99", variant: "", nozzle_c: (240, 280), ..WHITE };

impl Unit {
    pub(crate) fn new(id: u8, kind: UnitKind) -> Self {
        let known = |filament, remain| Tray::Spool(Spool { filament, remain: Some(remain) });
        let other = |filament| Tray::Spool(Spool { filament, remain: None });
        let trays = match kind {
            UnitKind::AmsHt => vec![known(&NYLON, 100)],
            UnitKind::Ams2ProOthers => vec![other(&OTHERS), Tray::Empty, Tray::Unknown, Tray::Empty],
            _ if id == 1 => vec![known(&GREY, 21), Tray::Empty, Tray::Empty, Tray::Empty],
            _ => vec![known(&WHITE, 83), known(&BLUE, 12), other(&CLEAR), Tray::Empty],
        };
        Self { id, kind, trays }
    }

    /// The bit in `ams_exist_bits`, and the first one in `tray_exist_bits`.
    fn bits(&self) -> (u32, u32) {
        match self.id {
            128.. => (4 + u32::from(self.id - 128), 16 + u32::from(self.id - 128)),
            16 => (12, 24),
            id => (u32::from(id), 4 * u32::from(id)),
        }
    }

    fn tray_bits(&self, there: impl Fn(&Tray) -> bool) -> u32 {
        let first = self.bits().1;
        self.trays.iter().zip(first..).filter(|(tray, _)| there(tray)).fold(0, |bits, (_, bit)| bits | 1 << bit)
    }

    fn json(&self, profile: &Profile) -> Json {
        let mut members: Object = vec![("id".into(), self.id.to_string().into())];
        members.push(("humidity".into(), if self.kind == UnitKind::AmsHt { "0" } else { "4" }.into()));
        if profile.fields != Fields::OldX1 {
            // An AMS lite has no sensor worth the name.
            let (percent, kind) = match self.kind {
                UnitKind::Ams => ("24", 0x1001),
                UnitKind::AmsLite => ("0", 0x1002),
                UnitKind::Ams2Pro | UnitKind::Ams2ProOthers => ("31", 0x1003),
                UnitKind::AmsHt => ("9", 0x2004),
                UnitKind::AmsLiteA2L => ("0", 0x1005),
            };
            // Bits 8 to 11: which extruder it feeds.
            let info = kind | profile.main_extruder << 8;
            members.extend([
                ("humidity_raw".into(), percent.into()),
                ("dry_time".into(), 0.into()),
                ("info".into(), format!("{info:x}").into()),
            ]);
        }
        let temp = if matches!(self.kind, UnitKind::AmsLite | UnitKind::AmsLiteA2L) { "0.0" } else { "26.2" };
        members.push(("temp".into(), temp.into()));
        let trays = (0u8..).zip(&self.trays).map(|(slot, tray)| tray.json(self.id, slot, profile));
        members.push(("tray".into(), list(trays)));
        Json::Object(members)
    }
}

impl Tray {
    fn json(&self, unit: u8, slot: u8, profile: &Profile) -> Json {
        let new = profile.fields == Fields::New;
        match self {
            Self::Empty if new => object([("id", slot.to_string().into()), ("state", 10.into())]),
            Self::Empty => object([("id", slot.to_string().into())]),
            Self::Unknown => spool(slot.to_string(), None, 0, profile),
            Self::Spool(known) => {
                spool(slot.to_string(), Some(known), (u32::from(unit) << 8 | u32::from(slot)) + 1, profile)
            }
        }
    }
}

/// `tag` makes the RFID tag's number, where there is a tag.
fn spool(id: String, known: Option<&Spool>, tag: u32, profile: &Profile) -> Json {
    let filament = known.map(|spool| spool.filament);
    let remain = known.and_then(|spool| spool.remain);
    let text = |of: fn(&Filament) -> &'static str| Json::from(filament.map_or("", of));
    let number = |of: fn(&Filament) -> u16| Json::from(filament.map_or(0, of).to_string());
    // A tag's number and its spool's.
    let tag = remain.map_or(0, |_| u64::from(tag) << 32 | 0x00AB_CDEF);
    let colour = filament.map_or("00000000", |filament| filament.colour);
    let [drying_temp, drying_time] = match profile.fields {
        Fields::Esp32 => ["tray_temp", "tray_time"],
        Fields::OldX1 | Fields::New => ["drying_temp", "drying_time"],
    };
    let mut members: Object = vec![
        ("id".into(), id.into()),
        ("remain".into(), remain.map_or(-1, i64::from).into()),
        ("tag_uid".into(), format!("{tag:016X}").into()),
        ("tray_id_name".into(), if remain.is_some() { text(|filament| filament.variant) } else { "".into() }),
        ("tray_info_idx".into(), text(|filament| filament.index)),
        ("tray_type".into(), text(|filament| filament.kind)),
        ("tray_sub_brands".into(), if remain.is_some() { text(|filament| filament.name) } else { "".into() }),
        ("tray_color".into(), colour.into()),
        ("tray_weight".into(), if remain.is_some() { "1000" } else { "0" }.into()),
        ("tray_diameter".into(), "1.75".into()),
        (drying_temp.into(), number(|filament| filament.drying.0.into())),
        (drying_time.into(), number(|filament| filament.drying.1.into())),
        ("bed_temp_type".into(), "0".into()),
        ("bed_temp".into(), "0".into()),
        ("nozzle_temp_max".into(), number(|filament| filament.nozzle_c.1)),
        ("nozzle_temp_min".into(), number(|filament| filament.nozzle_c.0)),
        ("xcam_info".into(), "000000000000000000000000".into()),
        ("tray_uuid".into(), format!("{tag:032X}").into()),
    ];
    members.push(("cols".into(), list([colour])));
    if profile.fields != Fields::OldX1 {
        members.extend([("ctype".into(), 0.into()), ("cali_idx".into(), (-1).into())]);
    }
    if profile.fields == Fields::Esp32 {
        members.extend([("k".into(), 0.02.into()), ("n".into(), 1.into())]);
    }
    if profile.fields == Fields::New {
        let state = if known.is_some() { 11 } else { 9 };
        members.extend([("total_len".into(), 330_000.into()), ("state".into(), state.into())]);
    }
    Json::Object(members)
}

impl Source {
    /// As `tray_now` says it.
    fn tray_now(self, counts: TrayNow) -> String {
        match (counts, self) {
            (TrayNow::WithinUnit, _) => (self.slot_now(0) & 0xFF).to_string(),
            (TrayNow::OverAllUnits, Self::None) => "255".to_owned(),
            (TrayNow::OverAllUnits, Self::External) => "254".to_owned(),
            (TrayNow::OverAllUnits, Self::Tray { unit: unit @ 128.., .. }) => unit.to_string(),
            (TrayNow::OverAllUnits, Self::Tray { unit, slot }) => (u16::from(unit) * 4 + u16::from(slot)).to_string(),
        }
    }

    /// As `device.extruder.info[].snow` says it: of nothing, and of the spool beside the printer, the right extruder says
    /// FFFF and FF00, the left one FEFF and FE00.
    pub(crate) fn slot_now(self, extruder: usize) -> i64 {
        let side = if extruder == 1 { 0xFE00 } else { 0xFF00 };
        match self {
            Self::None => side | 0xFF,
            Self::External => side,
            Self::Tray { unit, slot } => i64::from(unit) << 8 | i64::from(slot),
        }
    }
}

/// The report's `ams`.
pub(crate) fn json(units: &[Unit], feeding: &Feeding, counts: TrayNow, profile: &Profile) -> Json {
    let trays = |there: fn(&Tray) -> bool| {
        let bits = units.iter().fold(0, |bits, unit| bits | unit.tray_bits(there));
        Json::from(format!("{bits:x}"))
    };
    let unit_bits = units.iter().fold(0u32, |bits, unit| bits | 1 << unit.bits().0);
    let is_there = |tray: &Tray| !matches!(tray, Tray::Empty);
    let has_tag = |tray: &Tray| matches!(tray, Tray::Spool(Spool { remain: Some(_), .. }));
    let [now, before, wanted] =
        [feeding.now, feeding.before, feeding.wanted].map(|source| Json::from(source.tray_now(counts)));
    let mut members: Object = vec![
        ("ams".into(), list(units.iter().map(|unit| unit.json(profile)))),
        ("ams_exist_bits".into(), format!("{unit_bits:x}").into()),
        ("tray_exist_bits".into(), trays(is_there)),
        ("tray_is_bbl_bits".into(), trays(has_tag)),
        ("tray_tar".into(), wanted),
        ("tray_now".into(), now),
        ("tray_pre".into(), before),
        ("tray_read_done_bits".into(), trays(is_there)),
        ("tray_reading_bits".into(), "0".into()),
        ("version".into(), 103.into()),
        ("insert_flag".into(), true.into()),
        ("power_on_flag".into(), false.into()),
    ];
    if profile.fields == Fields::New {
        members.extend([
            ("ams_exist_bits_raw".into(), format!("{unit_bits:x}").into()),
            ("cali_id".into(), 255.into()),
            ("cali_stat".into(), 0.into()),
            ("unbind_ams_stat".into(), 0.into()),
        ]);
    }
    Json::Object(members)
}

/// The report's `vt_tray` and `vir_slot`: nothing is known of that spool, unless a person said what it is.
pub(crate) fn external(is_known: bool, profile: &Profile) -> Object {
    let known = is_known.then_some(Spool { filament: &FLEXIBLE, remain: None });
    let tray = |id: &str| {
        let Json::Object(mut members) = spool(id.to_owned(), known.as_ref(), 0, profile) else { return Json::Null };
        // Nothing looks at it: no state, and on the small boards no colours.
        let is_said = |name: &str| match name {
            "state" => false,
            "cols" | "ctype" => profile.fields != Fields::Esp32,
            _ => true,
        };
        members.retain(|(name, _)| is_said(name));
        members.iter_mut().filter(|(name, _)| name == "remain").for_each(|(_, remain)| *remain = 0.into());
        Json::Object(members)
    };
    let slots = |ids: &[&str]| ("vir_slot".into(), list(ids.iter().map(|id| tray(id))));
    match profile.external {
        External::Tray(id) => vec![("vt_tray".into(), tray(id))],
        External::Slots(ids) => vec![slots(ids)],
        External::TrayAndSlots(id, ids) => vec![("vt_tray".into(), tray(id)), slots(ids)],
    }
}
