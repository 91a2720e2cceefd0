//! Says where filament ran out and what the printer waits for now.

use super::place::{Place, Subject};
use super::{Context, Words};

/// Where filament ran out, and where the printer wants more. The places may differ: a printer that has a second spool
/// of the same filament asks for that one.
pub(super) struct Runout {
    from: Subject,
    waits_for: Option<Place>,
    two_nozzles: bool,
}

impl Runout {
    pub(super) fn new(subject: Subject, context: &Context) -> Self {
        let from = subject.with_slot_of(context.ran_out);
        let waits_for = context.waits_for.map(|place| place.called_by(from));
        Self { from, waits_for, two_nozzles: context.two_nozzles }
    }

    pub(super) fn words(&self) -> Words {
        Words { what: format!("{}.", self.what()), todo: Some(format!("{}.", self.todo())) }
    }

    fn what(&self) -> String {
        let name = self.from.name(self.two_nozzles);
        let ran_out = match self.from {
            Subject::Printer => "Filament ran out".to_owned(),
            Subject::Place(Place::External { .. }) => format!("The filament of {name} ran out"),
            Subject::Unit(_) | Subject::Place(_) => format!("Filament ran out in {name}"),
        };
        match self.waits_for {
            Some(place) if self.from != Subject::Place(place) => {
                format!("{ran_out}; the printer waits for {}", self.short(place))
            }
            Some(Place::Slot { .. }) => format!("{ran_out}, and the printer waits for more there"),
            _ => ran_out,
        }
    }

    fn todo(&self) -> String {
        let target = match (self.waits_for, self.from) {
            (Some(place), from) if from != Subject::Place(place) => Some((place, self.short(place))),
            (_, Subject::Place(place)) => Some((place, place.name(self.two_nozzles))),
            _ => None,
        };
        match target {
            Some((Place::External { .. }, name)) => {
                let holder = name.replace("spool", "holder");
                format!("Put a new spool on {holder} and feed it in, then press Resume")
            }
            Some((Place::Slot { .. }, name)) => format!("Put a new spool into {name}, then press Resume"),
            None => match self.from {
                Subject::Unit(_) => {
                    format!("Put a new spool into {}, then press Resume", self.from.name(self.two_nozzles))
                }
                _ => "Put a new spool in, then press Resume".to_owned(),
            },
        }
    }

    /// Returns only the slot, if the unit has been named already.
    fn short(&self, place: Place) -> String {
        match place {
            Place::Slot { unit, slot } if self.from.unit() == Subject::Unit(unit) => {
                format!("slot {}", slot.saturating_add(1))
            }
            _ => place.name(self.two_nozzles),
        }
    }
}
