//! Explains codes in our own words, with advice for the person, for codes that people encounter.
//!
//! The sentences are in `errors.txt` and `hms.txt`, with one family of codes per line. The meanings were looked up in
//! the maker's tables. A code without a certain meaning has no line; the page shows it with a link to the maker's page.

mod place;
mod runout;

pub use place::{Place, place_of_hms};

use crate::printer::codes::{Family, lines};
use place::Subject;
use runout::Runout;
use std::sync::LazyLock;

/// Facts from elsewhere in the report that a sentence may need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Context {
    /// The place from which the printer wants filament.
    pub waits_for: Option<Place>,
    /// The place where filament ran out, for errors that only name a unit.
    pub ran_out: Option<Place>,
    /// Whether the printer has two nozzles. The code for the only external spool of other printers then means the right
    /// one.
    pub two_nozzles: bool,
}

/// Words for a code: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One sentence: what happened.
    pub what: String,
    /// One sentence of advice, if there is any.
    pub todo: Option<String>,
}

/// Finds the words for a `print_error` or an `err_code`.
#[must_use]
pub fn of_error(code: u32, context: &Context) -> Option<Words> {
    let row = ERRORS.iter().find(|row| row.families.iter().any(|family| family.has_error(code)))?;
    Some(row.words(Subject::of_error(code), side(code, context.two_nozzles), context))
}

/// Finds the words for an HMS entry.
#[must_use]
pub fn of_hms(attr: u32, code: u32, context: &Context) -> Option<Words> {
    let row = HMS.iter().find(|row| row.families.iter().any(|family| family.has_hms(attr, code)))?;
    Some(row.words(Subject::of_hms(attr, code), side(attr, context.two_nozzles), context))
}

/// A line of a table.
struct Row {
    families: Vec<Family>,
    what: &'static str,
    todo: Option<&'static str>,
}

static ERRORS: LazyLock<Vec<Row>> =
    LazyLock::new(|| lines(include_str!("errors.txt")).filter_map(Row::parse).collect());
static HMS: LazyLock<Vec<Row>> = LazyLock::new(|| lines(include_str!("hms.txt")).filter_map(Row::parse).collect());

impl Row {
    fn parse(line: &'static str) -> Option<Self> {
        let mut cells = line.split('|').map(str::trim);
        let families = cells.next()?.split_whitespace().map(Family::parse).collect::<Option<Vec<_>>>()?;
        let (what, todo) = (cells.next()?, cells.next());
        cells.next().is_none().then_some(Self { families, what, todo })
    }

    fn words(&self, subject: Subject, side: &str, context: &Context) -> Words {
        if self.what == "{runout}." {
            return Runout::new(subject, context).words();
        }
        let place = subject.name(context.two_nozzles);
        let fill = |template: &str| {
            let target = || subject.with_slot_of(context.waits_for).name(context.two_nozzles);
            let mut sentence = template.replace("{side}", side).replace("{place}", &place);
            if sentence.contains('{') {
                let unit = subject.unit().name(context.two_nozzles);
                sentence = sentence.replace("{unit}", &unit).replace("{target}", &target());
            }
            capital(&sentence)
        };
        Words { what: fill(self.what), todo: self.todo.map(fill) }
    }
}

/// Returns which of two nozzles a code concerns, as a word before `nozzle`.
fn side(first: u32, two_nozzles: bool) -> &'static str {
    match (first >> 24, first >> 16 & 0xFF) {
        (_, 0xFE) => "left ",
        (0x05, 0xFF) => "right ",
        // On printers with two nozzles these codes concern the right one; the left one has separate codes.
        (0x03, _) | (_, 0xFF) if two_nozzles => "right ",
        _ => "",
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
