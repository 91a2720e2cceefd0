//! The way of filament into the nozzle: out with the one, in with the other, and what is told meanwhile.

use super::Machine;
use super::ams::{Source, Tray, UnitKind};
use super::job::Phase;

/// Where filament is to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// From nowhere: it is unloaded.
    Nothing,
    /// From the spool beside the printer; on machines with two nozzles the right one's.
    External,
    /// From the left nozzle's spool beside the printer.
    LeftExternal,
    /// From a slot of a unit, both counted from 0, but for the units whose ids are others.
    Slot {
        /// The unit's id.
        unit: u8,
        /// The slot in it.
        slot: u8,
    },
}

/// What `tray_now`, `tray_pre` and `tray_tar` tell, and `snow`, `spre` and `star`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Feeding {
    pub(super) now: Source,
    pub(super) before: Source,
    pub(super) wanted: Source,
    /// For how long it has been under way from `before` to `wanted`.
    changing_s: Option<f64>,
}

/// A step of a change: main and sub code of `ams_status`, how long, and what is in the nozzle.
struct Move {
    status: u16,
    seconds: f64,
    inside: Inside,
}

#[derive(Clone, Copy)]
enum Inside {
    Old,
    Nothing,
    New,
}

const fn one(status: u16, seconds: f64, inside: Inside) -> Move {
    Move { status, seconds, inside }
}

/// An X1C of April 2026, from one slot to another, and an A1's last step.
const SWAP: &[Move] = &[
    one(258, 7.0, Inside::Old),
    one(259, 7.0, Inside::Old),
    one(260, 17.0, Inside::Old),
    one(261, 2.0, Inside::Nothing),
    one(261, 6.0, Inside::New),
    one(262, 7.0, Inside::New),
    one(263, 8.0, Inside::New),
];

/// An A1 of April 2026, at the beginning of its job; its nozzle was still cold for half a minute.
const LOAD: &[Move] = &[
    one(258, 10.0, Inside::Nothing),
    one(261, 8.0, Inside::Nothing),
    one(258, 6.0, Inside::Nothing),
    one(262, 12.0, Inside::Nothing),
    one(263, 18.0, Inside::New),
];

/// The same one, at the end of it.
const UNLOAD: &[Move] = &[one(258, 2.0, Inside::Old), one(259, 8.0, Inside::Old), one(260, 6.0, Inside::Old)];

/// Nothing is changed while it prints: the AMS helps along.
const ASSISTS: u16 = 768;

impl Feeding {
    pub(super) const NOTHING: Self = Self::settled(Source::None);

    pub(super) const fn settled(source: Source) -> Self {
        Self { now: source, before: source, wanted: source, changing_s: None }
    }

    /// Under way to another source. Beside the printer a person does it, and nothing is told of it.
    fn change_to(&mut self, wanted: Source) {
        if wanted == Source::External || self.now == Source::External {
            *self = Self::settled(wanted);
        } else if wanted != self.now {
            *self = Self { now: self.now, before: self.now, wanted, changing_s: Some(0.0) };
        }
    }

    fn moves(&self) -> &'static [Move] {
        match (self.before, self.wanted) {
            (Source::None, _) => LOAD,
            (_, Source::None) => UNLOAD,
            _ => SWAP,
        }
    }

    fn current_move(&self) -> Option<&'static Move> {
        let mut left_s = self.changing_s?;
        self.moves().iter().find(|step| {
            left_s -= step.seconds;
            left_s < 0.0
        })
    }

    pub(super) fn is_changing(&self) -> bool {
        self.changing_s.is_some()
    }

    pub(super) fn advance(&mut self, seconds: f64) {
        let Some(changing_s) = &mut self.changing_s else { return };
        *changing_s += seconds;
        match self.current_move().map(|step| step.inside) {
            Some(Inside::Old) => self.now = self.before,
            Some(Inside::Nothing) => self.now = Source::None,
            Some(Inside::New) => self.now = self.wanted,
            None => *self = Self::settled(self.wanted),
        }
    }

    pub(super) fn ams_status(&self, runs: bool) -> u16 {
        match self.current_move() {
            Some(step) => step.status,
            None if runs && self.now != Source::None => ASSISTS,
            None => 0,
        }
    }
}

impl Machine {
    /// Takes filament from somewhere else: in the middle of a print by a change, else at once. Tells whether there is
    /// anything.
    pub fn feed(&mut self, feed: Feed) -> bool {
        let (wanted, extruder) = match feed {
            Feed::Nothing => (Source::None, self.profile.main_extruder),
            Feed::External => (Source::External, 0),
            Feed::LeftExternal if self.nozzles.len() > 1 => (Source::External, 1),
            Feed::LeftExternal => return false,
            Feed::Slot { unit, slot } => (Source::Tray { unit, slot }, self.profile.main_extruder),
        };
        if let Source::Tray { unit, slot } = wanted
            && !self.tray(unit, slot).is_some_and(|tray| matches!(tray, Tray::Spool(_)))
        {
            return false;
        }
        self.active_extruder = extruder;
        self.has_external_spool |= wanted == Source::External;
        match self.phase {
            Phase::Printing => self.feeding.change_to(wanted),
            _ => self.feeding = Feeding::settled(wanted),
        }
        true
    }

    /// Loads the first spool there is, unless something is loaded.
    pub(super) fn load_first(&mut self) {
        if self.feeding.now == Source::None && !self.feeding.is_changing() {
            self.feeding.change_to(self.first_spool());
        }
    }

    /// Has it loaded already.
    pub(super) fn have_loaded(&mut self) {
        self.load_first();
        self.feeding = Feeding::settled(self.feeding.wanted);
    }

    pub(super) fn unload(&mut self) {
        self.feeding.change_to(Source::None);
    }

    /// What stays when the job is over. Filament from beside the printer stays in it: P1P.
    pub(super) fn leave_unloaded(&mut self) {
        self.feeding = match self.feeding.now {
            Source::External => Feeding { wanted: Source::None, ..Feeding::settled(Source::External) },
            Source::None | Source::Tray { .. } => Feeding::NOTHING,
        };
    }

    fn first_spool(&self) -> Source {
        let spools =
            self.units.iter().flat_map(|unit| (0u8..).zip(&unit.trays).map(|(slot, tray)| (unit.id, slot, tray)));
        let mut full = spools.filter(|(_, _, tray)| matches!(tray, Tray::Spool(_)));
        full.next().map_or(Source::External, |(unit, slot, _)| Source::Tray { unit, slot })
    }

    fn tray(&self, unit: u8, slot: u8) -> Option<&Tray> {
        self.units.iter().find(|other| other.id == unit)?.trays.get(usize::from(slot))
    }

    /// The spool is empty: the printer waits for the next slot of the unit that has one, or for the same one.
    pub(super) fn run_out(&mut self) {
        let Source::Tray { unit, slot } = self.feeding.now else { return };
        let next = (slot + 1..4).find(|next| matches!(self.tray(unit, *next), Some(Tray::Spool(_)))).unwrap_or(slot);
        let trays = self.units.iter_mut().filter(|other| other.id == unit).flat_map(|unit| &mut unit.trays);
        if let Some(tray) = trays.into_iter().nth(usize::from(slot)) {
            *tray = Tray::Empty;
        }
        let wanted = Source::Tray { unit, slot: next };
        self.feeding = Feeding { now: Source::None, before: self.feeding.now, wanted, changing_s: None };
    }

    /// Goes on with what it waited for, if it did.
    pub(super) fn refill(&mut self) {
        if self.feeding.now == Source::None && !self.feeding.is_changing() {
            self.feeding = Feeding::settled(self.feeding.wanted);
        }
    }

    /// The high half of a code for where filament comes from: 07 and 18 for an AMS and an AMS HT, 12 for an AMS lite,
    /// then the unit; FF and FE for the spools beside the printer.
    pub(super) fn ams_module(&self) -> u32 {
        match self.feeding.now {
            Source::Tray { unit, .. } => match self.units.iter().find(|other| other.id == unit).map(|unit| unit.kind) {
                Some(UnitKind::AmsHt) => 0x1800 | u32::from(unit - 128),
                Some(UnitKind::AmsLite | UnitKind::AmsLiteA2L) => 0x1200 | u32::from(unit % 16),
                _ => 0x0700 | u32::from(unit),
            },
            Source::None | Source::External if self.active_extruder == 1 => 0x07FE,
            Source::None | Source::External => 0x07FF,
        }
    }
}
