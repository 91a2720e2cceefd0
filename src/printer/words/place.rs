//! Names the places that filament comes from, in the terms that people use.

/// The number of the first AMS lite. The A2L's built-in one has this number in its reports. That of an A1 is unit 0
/// there, but its codes belong to a separate module.
const LITE: u32 = 16;
/// The number of the first AMS HT.
const HT: u32 = 128;

/// A place for one spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A slot of an AMS: units 0–7 are AMS A–H, 16 is the AMS lite, 128–135 are AMS HT A–H. Slots count from 0.
    Slot {
        /// The unit.
        unit: u32,
        /// The slot in the unit.
        slot: u32,
    },
    /// An external holder: the left of two, the right of two, or the only one.
    External {
        /// Whether it is the left one.
        left: bool,
    },
}

/// The subject of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Nothing that holds filament.
    Printer,
    /// An AMS, without a specific slot.
    Unit(u32),
    /// One place.
    Place(Place),
}

impl Subject {
    /// Reads the subject of an error code, whose second byte is the unit.
    pub(super) fn of_error(code: u32) -> Self {
        match (code >> 24, code >> 16 & 0xFF) {
            (0x07 | 0x18, 0xFE) => Self::Place(Place::External { left: true }),
            (0x07 | 0x12 | 0x18, 0xFF) => Self::Place(Place::External { left: false }),
            (0x05 | 0x07, unit @ (0..=7 | LITE)) => Self::Unit(unit),
            (0x12, unit @ 0..=3) => Self::Unit(LITE + unit),
            (0x18, unit @ 0..=7) => Self::Unit(HT + unit),
            (0x05 | 0x18, unit @ 0x80..=0x87) => Self::Unit(unit),
            _ => Self::Printer,
        }
    }

    /// Reads the subject of an HMS code: the unit is where errors have it, the slot is in the second group.
    pub(super) fn of_hms(attr: u32, code: u32) -> Self {
        if attr == 0x0500_0400 && matches!(code, 0x0002_0010..=0x0002_001F) {
            let number = code & 0xF;
            return Self::Place(Place::Slot { unit: number / 4, slot: number % 4 });
        }
        match (Self::of_error(attr), slot_of_part(attr)) {
            (Self::Unit(unit), Some(slot)) if attr >> 24 != 0x05 => Self::Place(Place::Slot { unit, slot }),
            (subject, _) => subject,
        }
    }

    /// Adds the slot, if the printer names one of the same unit.
    pub(super) fn with_slot_of(self, place: Option<Place>) -> Self {
        match (self, place) {
            (Self::Unit(unit), Some(place)) if place.called_by(self).is_in(unit) => Self::Place(place.called_by(self)),
            (Self::Unit(unit @ HT..), _) => Self::Place(Place::Slot { unit, slot: 0 }),
            (Self::Printer, Some(place)) => Self::Place(place),
            (subject, _) => subject,
        }
    }

    /// Returns the name: `AMS B`, `AMS B, slot 3`, `the AMS lite`, `the left external spool`.
    pub(super) fn name(self, two_nozzles: bool) -> String {
        match self {
            Self::Printer => "an AMS".to_owned(),
            Self::Unit(LITE) => "the AMS lite".to_owned(),
            Self::Unit(unit) => unit_name(unit),
            Self::Place(place) => place.name(two_nozzles),
        }
    }

    /// Returns the unit without the slot.
    pub(super) fn unit(self) -> Self {
        match self {
            Self::Place(Place::Slot { unit, .. }) => Self::Unit(unit),
            other => other,
        }
    }
}

impl Place {
    fn is_in(self, of: u32) -> bool {
        matches!(self, Self::Slot { unit, .. } if unit == of)
    }

    /// Returns the place with the unit number used in the subject's codes: an A1 calls its AMS lite unit 0.
    pub(super) fn called_by(self, subject: Subject) -> Self {
        match (self, subject.unit()) {
            (Self::Slot { unit: unit @ 0..=3, slot }, Subject::Unit(16..=19)) => Self::Slot { unit: LITE + unit, slot },
            _ => self,
        }
    }

    pub(super) fn name(self, two_nozzles: bool) -> String {
        match self {
            // An AMS HT holds one spool.
            Self::Slot { unit: unit @ HT.., slot: 0 } => unit_name(unit),
            Self::Slot { unit, slot } => format!("{}, slot {}", unit_name(unit), slot.saturating_add(1)),
            Self::External { left: true } => "the left external spool".to_owned(),
            Self::External { left: false } if two_nozzles => "the right external spool".to_owned(),
            Self::External { left: false } => "the external spool".to_owned(),
        }
    }
}

fn unit_name(unit: u32) -> String {
    let letter = |first: u32| char::from_digit(10 + (unit - first), 18).map(|letter| letter.to_ascii_uppercase());
    let (kind, letter) = match unit {
        0..=7 => ("AMS", letter(0)),
        LITE => ("AMS lite", None),
        17..=19 => ("AMS lite", letter(LITE)),
        HT..=135 => ("AMS HT", letter(HT)),
        _ => ("AMS", None),
    };
    letter.map_or_else(|| kind.to_owned(), |letter| format!("{kind} {letter}"))
}

/// Reads the slot from the second group of an HMS code. 1Y00 is a slot's motor, 2Y00 its filament and 3Y00 its tag
/// reader. 6Y00 is the pull on the filament, and 7Y00 its way to the toolhead. The AMS lite has 8Y00 for the pull.
fn slot_of_part(attr: u32) -> Option<u32> {
    let (module, part) = (attr >> 24, attr & 0xFFFF);
    let of_a_slot = matches!(part >> 12, 1 | 2 | 3 | 6 | 7) || module == 0x12 && part >> 12 == 8;
    let slot = part >> 8 & 0xF;
    (matches!(module, 0x07 | 0x12 | 0x18) && of_a_slot && slot <= 3 && part & 0xFF == 0).then_some(slot)
}

/// Reads the slot or the holder that an HMS code of an AMS names.
#[must_use]
pub fn place_of_hms(attr: u32) -> Option<Place> {
    // 7000 is slot 1 in some codes, and the whole unit in others.
    match Subject::of_hms(attr, 0) {
        Subject::Place(place) if attr & 0xFFFF != 0x7000 || matches!(place, Place::External { .. }) => Some(place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_as_people_call_them() {
        let slot = |unit, slot| Place::Slot { unit, slot }.name(false);
        assert_eq!([slot(0, 0), slot(1, 2), slot(7, 3)], ["AMS A, slot 1", "AMS B, slot 3", "AMS H, slot 4"]);
        assert_eq!([slot(16, 1), slot(17, 0)], ["AMS lite, slot 2", "AMS lite B, slot 1"]);
        assert_eq!([slot(128, 0), slot(135, 0), slot(129, 1)], ["AMS HT A", "AMS HT H", "AMS HT B, slot 2"]);
        assert_eq!(slot(99, u32::MAX), "AMS, slot 4294967295");
        let external = |left, two| Place::External { left }.name(two);
        assert_eq!([external(false, false), external(true, true)], ["the external spool", "the left external spool"]);
        assert_eq!(external(false, true), "the right external spool");
        let unit = |unit| Subject::Unit(unit).name(false);
        assert_eq!([unit(3), unit(16), unit(130)], ["AMS D", "the AMS lite", "AMS HT C"]);
    }

    #[test]
    fn a_code_names_its_unit_and_its_slot() {
        let of = |attr| place_of_hms(attr).map(|place| place.name(false));
        let named = [
            (0x0701_2200, "AMS B, slot 3"),
            (0x0700_1000, "AMS A, slot 1"),
            (0x0707_6300, "AMS H, slot 4"),
            (0x0710_2100, "AMS lite, slot 2"),
            (0x1200_2100, "AMS lite, slot 2"),
            (0x1200_8300, "AMS lite, slot 4"),
            (0x1803_2000, "AMS HT D"),
            (0x1880_2000, "AMS HT A"),
            (0x07FE_2000, "the left external spool"),
            (0x07FF_7000, "the external spool"),
            (0x12FF_8000, "the external spool"),
        ];
        for (attr, name) in named {
            assert_eq!(of(attr).as_deref(), Some(name), "{attr:08X}");
        }
        for attr in
            [0x0700_0100, 0x0700_8000, 0x0700_7000, 0x0700_2500, 0x0500_2000, 0x0300_2000, 0x0720_2000, 0x1204_2000]
        {
            assert_eq!(of(attr), None, "{attr:08X}");
        }
        let tag = |code| Subject::of_hms(0x0500_0400, code).name(false);
        assert_eq!([tag(0x0002_0010), tag(0x0002_001F)], ["AMS A, slot 1", "AMS D, slot 4"]);
    }
}
