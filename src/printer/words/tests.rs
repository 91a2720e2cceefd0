use super::*;
use crate::printer::codes::{explains_error, explains_hms};
use std::collections::BTreeMap;

/// Errors that have words although the maker explains none of them. They are refusals because Developer Mode is off,
/// which people encounter daily. Their meaning is known from the commands that they answer.
const UNEXPLAINED: [u32; 6] = [0x0502_4007, 0x0502_4008, 0x0502_4009, 0x0502_400A, 0x0502_400B, 0x0502_400C];

const ALONE: Context = Context { waits_for: None, ran_out: None, two_nozzles: false };
const TWO_NOZZLES: Context = Context { two_nozzles: true, ..ALONE };

fn slot(unit: u32, slot: u32) -> Option<Place> {
    Some(Place::Slot { unit, slot: slot - 1 })
}

fn error(code: u32, context: &Context) -> Words {
    of_error(code, context).unwrap_or_else(|| panic!("no words for {code:08X}"))
}

fn hms(attr: u32, code: u32, context: &Context) -> Words {
    of_hms(attr, code, context).unwrap_or_else(|| panic!("no words for {attr:08X} {code:08X}"))
}

fn check(words: &Words, what: &str, todo: &str) {
    assert_eq!((words.what.as_str(), words.todo.as_deref().unwrap_or_default()), (what, todo));
}

/// Returns every code of a table with its line; fails if two lines have the same code.
fn codes(table: &'static str) -> BTreeMap<u64, &'static str> {
    let mut all = BTreeMap::new();
    for line in lines(table) {
        let row = Row::parse(line).unwrap_or_else(|| panic!("not a line of a table: {line}"));
        for code in row.families.iter().flat_map(Family::codes) {
            if let Some(other) = all.insert(code, line) {
                panic!("{code:X} is in two lines:\n{other}\n{line}");
            }
        }
    }
    all
}

fn error_codes() -> Vec<u32> {
    codes(include_str!("errors.txt")).into_keys().map(|code| u32::try_from(code).expect("an error")).collect()
}

fn hms_codes() -> Vec<(u32, u32)> {
    let low = |code: u64| u32::try_from(code & 0xFFFF_FFFF).expect("a half");
    codes(include_str!("hms.txt")).into_keys().map(|code| (low(code >> 32), low(code))).collect()
}

#[test]
fn no_line_of_the_tables_hides_another() {
    for (table, errors, rows) in [(include_str!("errors.txt"), true, &ERRORS), (include_str!("hms.txt"), false, &HMS)] {
        assert!(codes(table).keys().all(|code| u32::try_from(*code).is_ok() == errors));
        assert_eq!(rows.len(), lines(table).count());
    }
}

#[test]
fn only_codes_that_the_maker_explains_have_words() {
    let unknown: Vec<String> = error_codes()
        .into_iter()
        .filter(|code| explains_error(*code) == UNEXPLAINED.contains(code))
        .map(|code| format!("{code:08X}"))
        .chain(
            hms_codes()
                .into_iter()
                .filter(|(attr, code)| !explains_hms(*attr, *code))
                .map(|(attr, code)| format!("{attr:08X}{code:08X}")),
        )
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_sentence_is_well_formed() {
    let everywhere = |place| Context { waits_for: place, ran_out: place, two_nozzles: true };
    let contexts = [
        ALONE,
        TWO_NOZZLES,
        everywhere(slot(2, 1)),
        everywhere(slot(0, 4)),
        everywhere(slot(16, 4)),
        everywhere(slot(129, 1)),
        everywhere(Some(Place::External { left: true })),
    ];
    let mut all: Vec<Words> = Vec::new();
    for context in &contexts {
        all.extend(error_codes().into_iter().map(|code| error(code, context)));
        all.extend(hms_codes().into_iter().map(|(attr, code)| hms(attr, code, context)));
    }
    let sound = |sentence: &str| {
        let words: Vec<&str> = sentence.split(' ').collect();
        sentence.starts_with(|first: char| first.is_ascii_uppercase())
            && sentence.ends_with('.')
            && !sentence.ends_with("..")
            && !sentence.contains(['{', '}', '|', '\n', '\t', '!'])
            && words.iter().all(|word| !word.is_empty())
            && words.windows(2).all(|two| two[0] != two[1])
            && sentence.chars().count() <= 120
    };
    for words in all {
        assert!(sound(&words.what), "{:?}", words.what);
        assert!(words.todo.as_deref().is_none_or(sound), "{:?}", words.todo);
    }
}

#[test]
fn a_runout_says_where_and_what_the_printer_waits_for() {
    let both = |ran_out, waits_for| Context { waits_for, ran_out, two_nozzles: false };
    let run_out =
        |code, ran_out, waits_for, what: &str, todo: &str| check(&error(code, &both(ran_out, waits_for)), what, todo);
    run_out(
        0x0701_8011,
        slot(1, 3),
        slot(1, 4),
        "Filament ran out in AMS B, slot 3; the printer waits for slot 4.",
        "Put a new spool into slot 4, then press Resume.",
    );
    run_out(
        0x0701_8011,
        slot(1, 3),
        slot(2, 1),
        "Filament ran out in AMS B, slot 3; the printer waits for AMS C, slot 1.",
        "Put a new spool into AMS C, slot 1, then press Resume.",
    );
    run_out(
        0x0700_8011,
        slot(0, 3),
        slot(0, 3),
        "Filament ran out in AMS A, slot 3, and the printer waits for more there.",
        "Put a new spool into AMS A, slot 3, then press Resume.",
    );
    run_out(0x0700_8011, None, None, "Filament ran out in AMS A.", "Put a new spool into AMS A, then press Resume.");
    run_out(
        0x0703_8011,
        slot(3, 2),
        None,
        "Filament ran out in AMS D, slot 2.",
        "Put a new spool into AMS D, slot 2, then press Resume.",
    );
    run_out(
        0x0700_8011,
        None,
        slot(0, 3),
        "Filament ran out in AMS A; the printer waits for slot 3.",
        "Put a new spool into slot 3, then press Resume.",
    );
    // The code names the right unit.
    run_out(
        0x0702_8011,
        slot(0, 3),
        slot(2, 3),
        "Filament ran out in AMS C; the printer waits for slot 3.",
        "Put a new spool into slot 3, then press Resume.",
    );
    // An A1 calls its AMS lite unit 0; an A2L calls it 16.
    for (ran_out, waits_for) in [(slot(0, 2), slot(0, 4)), (slot(16, 2), slot(16, 4))] {
        run_out(
            0x1200_8011,
            ran_out,
            waits_for,
            "Filament ran out in AMS lite, slot 2; the printer waits for slot 4.",
            "Put a new spool into slot 4, then press Resume.",
        );
    }
    run_out(
        0x1800_8011,
        None,
        slot(128, 1),
        "Filament ran out in AMS HT A, and the printer waits for more there.",
        "Put a new spool into AMS HT A, then press Resume.",
    );
    run_out(
        0x1801_8011,
        None,
        slot(0, 1),
        "Filament ran out in AMS HT B; the printer waits for AMS A, slot 1.",
        "Put a new spool into AMS A, slot 1, then press Resume.",
    );
    run_out(
        0x0700_8011,
        slot(0, 1),
        Some(Place::External { left: false }),
        "Filament ran out in AMS A, slot 1; the printer waits for the external spool.",
        "Put a new spool on the external holder and feed it in, then press Resume.",
    );
    for waits_for in [None, Some(Place::External { left: false })] {
        run_out(
            0x07FF_8011,
            None,
            waits_for,
            "The filament of the external spool ran out.",
            "Put a new spool on the external holder and feed it in, then press Resume.",
        );
    }
    run_out(0x0300_8004, None, None, "Filament ran out.", "Put a new spool in, then press Resume.");
    run_out(
        0x0300_8004,
        slot(0, 2),
        None,
        "Filament ran out in AMS A, slot 2.",
        "Put a new spool into AMS A, slot 2, then press Resume.",
    );
    assert_eq!(error(0x07FE_8011, &TWO_NOZZLES).what, "The filament of the left external spool ran out.");
    assert_eq!(error(0x18FF_8011, &TWO_NOZZLES).what, "The filament of the right external spool ran out.");
}

#[test]
fn an_hms_runout_names_its_own_slot() {
    let waits = |waits_for| Context { waits_for, ran_out: slot(3, 3), two_nozzles: false };
    let what = |attr, waits_for| hms(attr, 0x0002_0001, &waits(waits_for)).what;
    assert_eq!(what(0x0700_2200, None), "Filament ran out in AMS A, slot 3.");
    assert_eq!(what(0x0701_2200, slot(1, 4)), "Filament ran out in AMS B, slot 3; the printer waits for slot 4.");
    assert_eq!(
        what(0x1200_2100, slot(0, 2)),
        "Filament ran out in AMS lite, slot 2, and the printer waits for more there."
    );
    assert_eq!(what(0x1807_2000, None), "Filament ran out in AMS HT H.");
    assert_eq!(what(0x12FF_2000, None), "The filament of the external spool ran out.");
    assert_eq!(
        hms(0x0702_2300, 0x0003_0002, &ALONE).what,
        "Filament ran out in AMS C, slot 4; the printer took another slot."
    );
}

#[test]
fn a_family_of_codes_covers_every_unit() {
    let units = [
        (0x0700_u32, "AMS A"),
        (0x0703, "AMS D"),
        (0x0707, "AMS H"),
        (0x1200, "the AMS lite"),
        (0x1800, "AMS HT A"),
        (0x1807, "AMS HT H"),
    ];
    for (unit, name) in units {
        let code = unit << 16 | 0x8003;
        assert_eq!(error(code, &ALONE).what, format!("Filament from {name} is stuck in the extruder."));
        let fed = error(unit << 16 | 0x8006, &ALONE);
        assert_eq!(fed.what, format!("Filament does not reach the extruder from {name}."));
    }
    let feeds = Context { waits_for: slot(1, 2), ..ALONE };
    assert_eq!(error(0x0701_8005, &feeds).what, "No filament comes out of AMS B, slot 2.");
    assert_eq!(error(0x0700_8005, &feeds).what, "No filament comes out of AMS A.");
    assert_eq!(error(0x0700_8012, &ALONE).what, "The filaments of the print do not match the AMS.");
    assert_eq!(error(0x1806_4025, &ALONE).what, "AMS HT G could not read the tag of a spool.");
    assert_eq!(error(0x0502_4098, &ALONE).what, "The printer does not find AMS C.");
    assert_eq!(error(0x0510_4098, &ALONE).what, "The printer does not find the AMS lite.");
    assert_eq!(error(0x0581_4096, &ALONE).what, "The printer does not find AMS HT B.");
    assert_eq!(hms(0x0703_1100, 0x0002_0002, &ALONE).what, "The motor is overloaded in AMS D, slot 2.");
    assert_eq!(hms(0x1201_8200, 0x0002_0001, &ALONE).what, "Filament may be tangled or stuck in AMS lite B, slot 3.");
    assert_eq!(hms(0x0705_5000, 0x0002_0001, &ALONE).what, "The printer has trouble talking to AMS F.");
    assert_eq!(hms(0x1200_5000, 0x0002_0001, &ALONE).what, "The printer has trouble talking to the AMS lite.");
    assert_eq!(hms(0x0580_0500, 0x0001_0017, &ALONE).what, "The printer does not accept AMS HT A.");
    assert_eq!(
        hms(0x0500_0400, 0x0002_0016, &ALONE).what,
        "The printer cannot read the tag of the spool in AMS B, slot 3."
    );
}

#[test]
fn of_two_nozzles_the_right_one_is_named() {
    let both = |code| (error(code, &ALONE).what, error(code, &TWO_NOZZLES).what);
    let (one, two) = both(0x07FF_8007);
    assert_eq!(one, "The printer asks whether filament comes out of the nozzle.");
    assert_eq!(two, "The printer asks whether filament comes out of the right nozzle.");
    assert_eq!(both(0x07FE_8007).0, "The printer asks whether filament comes out of the left nozzle.");
    assert_eq!(both(0x0500_8053).1, "The nozzle is not the one the print was sliced for.");
    assert_eq!(both(0x05FF_8053).0, "The right nozzle is not the one the print was sliced for.");
    assert_eq!(both(0x05FE_8081).1, "The left hotend is missing.");
    let heat = |attr, context| hms(attr, 0x0001_0008, context).what;
    assert_eq!(heat(0x0300_0200, &ALONE), "The nozzle does not reach its temperature.");
    assert_eq!(heat(0x0300_0200, &TWO_NOZZLES), "The right nozzle does not reach its temperature.");
    assert_eq!(heat(0x0300_1E00, &TWO_NOZZLES), "The left nozzle does not reach its temperature.");
}

#[test]
fn common_codes_have_words() {
    let errors = [
        (0x0300_8000, "The print is paused for an unknown reason."),
        (0x0300_8001, "Somebody paused the print."),
        (0x0300_8013, "The print is paused by its G-code."),
        (0x0300_400C, "The print was cancelled."),
        (0x0500_400E, "The print was cancelled."),
        (0x0300_8003, "The print looks like spaghetti."),
        (0x0C00_8042, "The print looks like spaghetti."),
        (0x0C00_C004, "The print may look like spaghetti."),
        (0x0300_8002, "The first layer has faults."),
        (0x0C00_8005, "Filament has piled up in the waste chute."),
        (0x0500_8051, "The build plate is not the one the print was sliced for."),
        (0x0300_8017, "Something lies on the bed that does not belong there."),
        (0x0300_800F, "The print is paused because the door is open."),
        (0x0300_8005, "The front cover of the toolhead came off."),
        (0x0300_8016, "The nozzle is clogged."),
        (0x0300_800B, "The filament cutter is stuck."),
        (0x0300_4000, "Homing of the Z axis failed, and the print ended."),
        (0x0300_8007, "The power failed during a print."),
        (0x0500_4003, "The printer could not read the print file."),
        (0x0500_4004, "The printer is busy."),
        (0x0500_C010, "The printer has trouble with its SD card or USB stick."),
        (0x0500_C011, "The SD card of the printer has become slow."),
        (0x1000_C001, "The hot bed may make the nozzle clog."),
        (0x0702_C008, "The printer lost AMS C during the print."),
        (0x0500_4038, "The nozzle is not the one the print was sliced for."),
    ];
    for (code, what) in errors {
        assert_eq!(error(code, &ALONE).what, what, "{code:08X}");
    }
    let entries = [
        (0x0C00_0100, 0x0002_0017, "The lens of the nozzle camera is dirty."),
        (0x0C00_0300, 0x0002_0004, "The first layer of this print cannot be inspected."),
        (0x0C00_0300, 0x0002_000C, "The printer cannot see the marker of the build plate."),
        (0x0500_0200, 0x0002_0001, "The printer has no internet."),
        (0x0500_0300, 0x0002_000E, "The firmware of some modules does not match the printer."),
        (0x0300_A700, 0x0003_0001, "The chamber is hot, so the fans run faster."),
        (0x0300_0100, 0x0001_0007, "The heating of the bed does not work as it should."),
        (0x0300_9600, 0x0003_0001, "The door is open."),
        (0x0501_0400, 0x0003_0001, "The carbon rods are due for cleaning."),
        (0x0501_0400, 0x0003_0002, "The lead screws are due for grease."),
        (0x0501_0400, 0x0003_0004, "The rails and rods are due for cleaning and grease."),
        (0x0300_0300, 0x0001_0001, "The fan of the hotend turns too slowly, or not at all."),
        (0x0300_1000, 0x0002_0002, "The vibrations of the X axis have changed."),
        (0x0300_0D00, 0x0001_0003, "The build plate does not lie where it should."),
    ];
    for (attr, code, what) in entries {
        assert_eq!(hms(attr, code, &ALONE).what, what, "{attr:08X} {code:08X}");
    }
    let refused = "The printer refused a command: Developer Mode is off.";
    assert!(UNEXPLAINED.iter().all(|code| error(*code, &ALONE).what == refused));
    assert_eq!(hms(0x0500_0500, 0x0001_0007, &ALONE).what, refused);
}

#[test]
fn uncertain_codes_have_no_words() {
    for code in [0, 0x0500_8030, 0x0C00_8002, 0x0708_8011, 0x0502_400F, u32::MAX] {
        assert_eq!(of_error(code, &ALONE), None, "{code:08X}");
    }
    for (attr, code) in [(0x0500_0600, 0x0002_00A0), (0x0500_0600, 0x0002_0070), (0x0500_0100, 0x0002_000B), (1, 9)] {
        assert_eq!(of_hms(attr, code, &ALONE), None, "{attr:08X} {code:08X}");
    }
}
