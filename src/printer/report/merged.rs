//! Everything known about one printer: its full and partial reports, merged.
//!
//! Values of an earlier session remain until this session reports something, so that a page can show them with their
//! age. Then they are dropped: otherwise stale values would appear next to current ones, as if they were live.

use crate::printer::ams;
use crate::printer::fields::{FieldReader, UnreadFields};
use crate::printer::job::Phase;
use crate::printer::past::Past;
use crate::printer::report::{Fields, Message, Module, merge};
use serde_json::Value;

/// A rough limit in bytes for the fields of one printer; the reports of an H2D with six AMS units need a twentieth of
/// it. Larger data is dropped as a whole, and the next full report begins anew.
const MOST_WEIGHT: usize = 2 * 1024 * 1024;

/// The printer reports whole minutes. An estimate that differs by less than this is ignored, so the displayed time of
/// finish stays steady.
const FINISH_SLACK_MS: i64 = 60_000;

/// A longer remaining time is a misread number.
const LONGEST_PRINT_MINUTES: u32 = 90 * 24 * 60;

/// After a shorter silence, the values of the earlier session are kept until the full report arrives. Dropping them
/// would show a printer without a state for a second after each lost connection.
const SHORT_LOSS_MS: u64 = 60_000;

/// The progress fields of a print. A new print starts without them until the printer reports them.
const PROGRESS: [&str; 7] =
    ["mc_percent", "percent", "mc_remaining_time", "remain_time", "layer_num", "total_layer_num", "3D"];

/// Everything that a printer has reported.
#[derive(Debug, Default)]
pub struct MergedReport {
    fields: Fields,
    modules: Vec<Module>,
    /// Whether a full report has come in this session.
    whole: bool,
    /// Whether the fields are from a session that has ended.
    outdated: bool,
    reported_unix_ms: Option<i64>,
    finish_unix_ms: Option<i64>,
    /// The outcome of the last command that needs Developer Mode.
    took_command: Option<bool>,
    past: Past,
}

impl MergedReport {
    /// Begins a new session. Knowledge about refusals is dropped too, because switching Developer Mode cuts all
    /// connections.
    pub fn begin_session(&mut self) {
        self.outdated = true;
        self.whole = false;
        self.took_command = None;
    }

    /// Merges a message that came at `unix_ms`.
    pub fn hear(&mut self, message: Message, unix_ms: i64) {
        match message {
            Message::Status { full, fields } => self.report(full, fields, unix_ms),
            Message::Versions(modules) => self.modules = modules,
            Message::Reply(reply) => self.past.hear(&reply),
            Message::Other => {}
        }
    }

    /// Handles the passing of time without a message. Returns whether the known state changed.
    pub fn pass(&mut self, unix_ms: i64) -> bool {
        self.past.pass(unix_ms)
    }

    /// Records whether the printer accepted a command that needs Developer Mode.
    pub fn learn(&mut self, took_command: bool) {
        self.took_command = Some(took_command);
    }

    /// Returns when the last report came, full or partial.
    #[must_use]
    pub fn reported_unix_ms(&self) -> Option<i64> {
        self.reported_unix_ms
    }

    /// Whether a full report has come in this session.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether the printer has an AMS that no report has mentioned. A2L and X1C were seen to leave it out of full
    /// reports.
    #[must_use]
    pub fn lacks_ams(&self) -> bool {
        let odd = UnreadFields::default();
        ams::is_owed(&FieldReader::new(&self.fields, &odd), &self.modules)
    }

    /// Whether a print is under way according to the last report.
    #[must_use]
    pub fn has_job(&self) -> bool {
        let odd = UnreadFields::default();
        Phase::read(&FieldReader::new(&self.fields, &odd)).has_job()
    }

    /// Returns the fields of `print`.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Returns the modules of `info`.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    pub(super) fn finish_unix_ms(&self) -> Option<i64> {
        self.finish_unix_ms
    }

    pub(super) fn took_command(&self) -> Option<bool> {
        self.took_command
    }

    pub(super) fn past(&self) -> &Past {
        &self.past
    }

    fn report(&mut self, full: bool, mut fields: Fields, unix_ms: i64) {
        bring_home(&mut fields);
        let silence = self.reported_unix_ms.map_or(u64::MAX, |at| at.abs_diff(unix_ms));
        let goes_on = !self.outdated || silence <= SHORT_LOSS_MS;
        if goes_on && !full {
            self.change(fields);
        } else {
            let before = std::mem::replace(&mut self.fields, fields);
            if goes_on {
                fill_holes(&mut self.fields, before);
            }
        }
        // After a short loss, the old values stay in doubt until a full report comes.
        self.outdated &= goes_on && !full;
        self.whole |= full;
        if object_weight(&self.fields) > MOST_WEIGHT {
            self.fields = Fields::new();
            self.whole = false;
        }
        self.reported_unix_ms = Some(unix_ms);
        self.past.note(&self.fields, unix_ms);
        self.estimate_finish(unix_ms);
    }

    /// Merges a partial report. If it begins a print, the figures of the last one are removed.
    fn change(&mut self, delta: Fields) {
        let phase = |fields: &Fields| Phase::read(&FieldReader::new(fields, &UnreadFields::default()));
        let before = phase(&self.fields);
        let untold = PROGRESS.map(|name| (!delta.contains_key(name)).then_some(name));
        merge(&mut self.fields, delta);
        let begins = phase(&self.fields) == Phase::Running && !before.is_under_way() && before != Phase::Unknown;
        if begins {
            untold.iter().flatten().for_each(|name| _ = self.fields.remove(*name));
        }
    }

    fn estimate_finish(&mut self, unix_ms: i64) {
        let odd = UnreadFields::default();
        let minutes = remaining_minutes(&FieldReader::new(&self.fields, &odd)).filter(|minutes| *minutes > 0);
        let estimate = minutes.map(|minutes| unix_ms.saturating_add(i64::from(minutes) * 60_000));
        let moved = match (self.finish_unix_ms, estimate) {
            (Some(old), Some(new)) => old.abs_diff(new) > FINISH_SLACK_MS.unsigned_abs(),
            (old, new) => old != new,
        };
        if moved {
            self.finish_unix_ms = estimate;
        }
    }
}

/// Returns the minutes until the print ends.
pub(super) fn remaining_minutes(report: &FieldReader<'_>) -> Option<u32> {
    let minutes = report.natural(&["mc_remaining_time"]).or_else(|| report.natural(&["remain_time"]));
    minutes.filter(|minutes| *minutes <= LONGEST_PRINT_MINUTES)
}

/// Moves fields that a P1S occasionally sends beside `ams` instead of inside it.
fn bring_home(fields: &mut Fields) {
    for name in ["tray_now", "tray_tar", "tray_pre"] {
        let Some(value) = fields.remove(name) else { continue };
        if let Value::Object(ams) = fields.entry("ams").or_insert_with(|| Value::Object(Fields::new())) {
            ams.entry(name).or_insert(value);
        }
    }
}

/// Restores parts that a full report leaves out although an earlier one had them. A2L and X1C do so while they are
/// busy, and the part still exists. The HMS list is an exception: without it, there are no failure_log.
fn fill_holes(fields: &mut Fields, before: Fields) {
    let is_part = |value: &Value| matches!(value, Value::Object(_) | Value::Array(_));
    for (name, old) in before {
        match (fields.get_mut(&name), old) {
            (None, old) if is_part(&old) && name != "hms" => _ = fields.insert(name, old),
            (Some(Value::Object(inner)), Value::Object(old)) => {
                // The object in the report is then a partial one.
                let has_hole = old.iter().any(|(name, old)| is_part(old) && !inner.contains_key(name));
                if has_hole {
                    let change = std::mem::replace(inner, old);
                    merge(inner, change);
                }
            }
            _ => {}
        }
    }
}

fn object_weight(fields: &Fields) -> usize {
    fields.iter().map(|(name, value)| name.len() + weight(value)).sum()
}

fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(entries) => entries.iter().map(weight).sum(),
        Value::Object(fields) => object_weight(fields),
        _ => 0,
    };
    inner + size_of::<Value>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::report::parse;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    const MINUTE: i64 = 60_000;
    const DELTAS: usize = 6;

    fn hear(known: &mut MergedReport, print: &Value, unix_ms: i64) {
        let mut print = print.as_object().expect("an object").clone();
        print.insert("command".into(), json!("push_status"));
        known.hear(parse(json!({ "print": print }).to_string().as_bytes()).expect("a message"), unix_ms);
    }

    #[test]
    fn a_full_report_replaces_and_a_delta_changes() {
        let mut known = MergedReport::default();
        hear(&mut known, &json!({"msg": 1, "a": 1}), 1);
        assert!(!known.is_whole());
        hear(&mut known, &json!({"msg": 0, "b": {"x": 1, "y": 1}}), 2);
        hear(&mut known, &json!({"msg": 1, "b": {"y": 2}}), 3);
        assert!(known.is_whole() && !known.fields().contains_key("a"));
        assert_eq!((&known.fields()["b"], known.reported_unix_ms()), (&json!({"x": 1, "y": 2}), Some(3)));
    }

    #[test]
    fn data_of_an_earlier_session_stays_until_replaced_and_is_never_mixed() {
        let mut known = MergedReport::default();
        hear(&mut known, &json!({"msg": 0, "nozzle_temper": 220, "bed_temper": 60}), 1);
        known.begin_session();
        assert_eq!((known.fields()["nozzle_temper"].as_i64(), known.is_whole()), (Some(220), false));
        hear(&mut known, &json!({"msg": 1, "bed_temper": 25}), 2 * MINUTE);
        assert!(!known.fields().contains_key("nozzle_temper") && !known.is_whole());
    }

    #[test]
    fn after_a_short_loss_the_data_is_valid_until_the_full_report() {
        let mut known = MergedReport::default();
        hear(&mut known, &json!({"msg": 0, "gcode_state": "RUNNING", "bed_temper": 60}), 0);
        known.begin_session();
        for second in 1..20 {
            hear(&mut known, &json!({"msg": 1, "wifi_signal": "-53dBm"}), second * 1_000);
            assert_eq!(known.fields()["gcode_state"], json!("RUNNING"));
        }
        hear(&mut known, &json!({"msg": 0, "gcode_state": "FINISH"}), 20_000);
        assert!(known.is_whole() && !known.fields().contains_key("bed_temper"));
    }

    #[test]
    fn parts_that_a_full_report_leaves_out_are_kept() {
        let units = json!([{"id": "0", "tray": [{"id": "0", "tray_type": "PLA"}]}]);
        let whole = json!({"msg": 0, "print_error": 1, "hms": [{"attr": 1, "code": 2}], "lights_report": [], "ams": {"tray_now": "0", "tray_exist_bits": "1", "ams": units}});
        let after = |second: Value| {
            let mut known = MergedReport::default();
            hear(&mut known, &whole, 0);
            hear(&mut known, &second, 1);
            known.fields
        };
        let gone = after(json!({"msg": 0}));
        assert_eq!((&gone["ams"]["ams"], gone.contains_key("lights_report")), (&units, true));
        assert!(
            !gone.contains_key("print_error") && !gone.contains_key("hms"),
            "a complaint is over when it is not told"
        );
        let scalars = after(json!({"msg": 0, "ams": {"tray_now": "255"}}));
        assert_eq!(scalars["ams"], json!({"tray_now": "255", "tray_exist_bits": "1", "ams": units}));
        let taken_off = after(json!({"msg": 0, "ams": {"tray_now": "255", "ams": []}}));
        assert_eq!(taken_off["ams"], json!({"tray_now": "255", "ams": []}));
        let mut known = MergedReport::default();
        hear(&mut known, &whole, 0);
        known.begin_session();
        hear(&mut known, &json!({"msg": 0}), 2 * MINUTE);
        assert!(!known.fields().contains_key("ams"), "what was so long ago is not of now");
    }

    #[test]
    fn an_ams_that_only_the_modules_name_counts_as_missing() {
        let mut known = MergedReport::default();
        let modules = |name: &str| {
            let module = json!([{"name": "ota"}, {"name": name, "sw_ver": "1"}]);
            parse(json!({"info": {"command": "get_version", "module": module}}).to_string().as_bytes())
                .expect("a message")
        };
        hear(&mut known, &json!({"msg": 0}), 0);
        assert!(!known.lacks_ams());
        for name in ["ams/0", "ams_f1/0", "n3f/1", "n3s/128"] {
            known.hear(modules(name), 0);
            assert!(known.lacks_ams(), "{name}");
        }
        hear(&mut known, &json!({"msg": 1, "ams": {"tray_now": "0"}}), 1);
        assert!(known.lacks_ams());
        hear(&mut known, &json!({"msg": 0, "ams": {"ams": [{"id": "0"}]}}), 2);
        assert!(!known.lacks_ams());
    }

    #[test]
    fn a_print_begins_without_the_figures_of_the_one_before() {
        let mut known = MergedReport::default();
        hear(
            &mut known,
            &json!({"msg": 0, "gcode_state": "FINISH", "mc_percent": 100, "layer_num": 240, "3D": {"layer_num": 240}}),
            0,
        );
        hear(&mut known, &json!({"msg": 1, "gcode_state": "PREPARE"}), 1);
        hear(&mut known, &json!({"msg": 1, "gcode_state": "RUNNING", "layer_num": 0}), 2);
        assert!(!known.fields().contains_key("mc_percent") && !known.fields().contains_key("3D"));
        assert_eq!(known.fields()["layer_num"], json!(0));
        hear(&mut known, &json!({"msg": 1, "mc_percent": 7}), 3);
        hear(&mut known, &json!({"msg": 1, "gcode_state": "PAUSE"}), 4);
        hear(&mut known, &json!({"msg": 1, "gcode_state": "RUNNING"}), 5);
        assert_eq!(known.fields()["mc_percent"], json!(7), "a pause is no new print");
    }

    #[test]
    fn a_slot_number_beside_ams_goes_where_it_belongs() {
        let mut known = MergedReport::default();
        hear(&mut known, &json!({"msg": 0, "ams": {"tray_now": "255", "version": 1}}), 1);
        hear(&mut known, &json!({"msg": 1, "tray_now": "6"}), 2);
        assert_eq!(known.fields()["ams"], json!({"tray_now": "6", "version": 1}));
        hear(&mut known, &json!({"msg": 1, "tray_now": "7", "ams": 5}), 2);
        assert_eq!(known.fields()["ams"], json!(5));
    }

    #[test]
    fn the_finish_time_stays_constant_while_the_print_is_on_time() {
        let mut known = MergedReport::default();
        let mut finish = |minutes: Value, unix_ms| {
            hear(&mut known, &json!({"msg": 1, "mc_remaining_time": minutes}), unix_ms);
            known.finish_unix_ms()
        };
        assert_eq!(finish(json!(90), 0), Some(90 * MINUTE));
        assert_eq!(finish(json!("90"), 59_000), Some(90 * MINUTE));
        assert_eq!(finish(json!(89), MINUTE), Some(90 * MINUTE));
        assert_eq!(finish(json!(89), 3 * MINUTE), Some(92 * MINUTE), "it fell behind");
        assert_eq!(finish(json!(0), 3 * MINUTE), None);
        assert_eq!(finish(json!(i64::MAX), i64::MAX), None);
    }

    #[test]
    fn new_field_names_cannot_fill_the_memory() {
        let mut known = MergedReport::default();
        hear(&mut known, &json!({"msg": 0}), 0);
        let most = (0..64).map(|n| {
            hear(&mut known, &json!({"msg": 1, format!("field{n}"): "x".repeat(200_000)}), n);
            object_weight(known.fields())
        });
        let most = most.max();
        assert!(most.is_some_and(|most| (MOST_WEIGHT / 2..=MOST_WEIGHT).contains(&most)), "{most:?}");
        assert!(!known.is_whole());
    }

    /// Generates a plain value or array, of a few names and shapes.
    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<Option<i32>>().prop_map(|number| json!(number)),
            "[a-z0-9]{0,4}".prop_map(Value::String),
            proptest::collection::vec(any::<u8>(), 0..3).prop_map(|list| json!(list)),
            Just(json!([{"id": "0", "tray": []}])),
        ]
    }

    /// Generates a report as its leaves. Each has its path, its final value, its earlier value, and the number of the
    /// delta with the final value.
    fn leaves() -> impl Strategy<Value = BTreeMap<Vec<String>, (Value, Value, usize)>> {
        let place = (0..4usize, 0..3usize, 0..3usize, 1..4usize).prop_map(|(a, b, c, depth)| {
            // The name shows whether it is a leaf, so that no path is both a leaf and an object.
            [format!("{a}.{}", depth == 1), format!("{b}.{}", depth == 2), c.to_string()][..depth].to_vec()
        });
        proptest::collection::btree_map(place, (leaf(), leaf(), 0..DELTAS), 1..24)
    }

    fn put(fields: &mut Fields, place: &[String], value: Value) {
        let Some((first, rest)) = place.split_first() else { return };
        if rest.is_empty() {
            fields.insert(first.clone(), value);
        } else if let Value::Object(inner) = fields.entry(first.clone()).or_insert_with(|| json!({})) {
            put(inner, rest, value);
        }
    }

    proptest! {
        #[test]
        fn any_deltas_equal_the_full_report_they_add_up_to(leaves in leaves()) {
            let (mut full, mut deltas) = (Fields::new(), vec![Fields::new(); DELTAS]);
            for (place, (value, before, when)) in &leaves {
                put(&mut full, place, value.clone());
                put(&mut deltas[when / 2], place, before.clone());
                put(&mut deltas[*when], place, value.clone());
            }
            let mut known = MergedReport::default();
            for delta in deltas {
                hear(&mut known, &Value::Object(delta), 0);
            }
            known.fields.remove("command");
            prop_assert_eq!(known.fields(), &full);
        }
    }
}
