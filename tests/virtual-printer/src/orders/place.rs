//! Orders that concern the printer as a whole: its address, its announcements, its firmware.

use super::seconds;
use virtual_printer::{Announcing, Update, VirtualPrinter};

pub(super) fn give(printer: &VirtualPrinter, impostors: &mut Vec<VirtualPrinter>, order: &[&str]) -> Option<()> {
    match order {
        ["move", address] => printer.move_to(address.parse().ok()?, false),
        ["move", address, "silently"] => printer.move_to(address.parse().ok()?, true),
        ["forge", "none"] => impostors.retain(|impostor| impostor.serial() != printer.serial()),
        ["forge", address] => {
            let address = address.parse().ok()?;
            let said = |error: &_| log::error!("{address}: {error}");
            impostors.push(printer.forge(address).inspect_err(said).ok()?);
        }
        ["announce", "off"] => printer.announce(None),
        ["announce", "on"] => printer.announce(Some(Announcing::default())),
        ["announce", span] => {
            printer.announce(Some(Announcing { every: Some(seconds(span)?), ..Announcing::default() }));
        }
        ["update", "silent"] => printer.update(Update::Silent),
        ["update", "refused"] => printer.update(Update::Refused),
        ["update", "no"] => printer.update(Update::No),
        ["camera", is_in @ ("on" | "off")] => printer.set_camera(*is_in == "on"),
        _ => return None,
    }
    Some(())
}
