//! Reads fields of a report. A missing field is `None`. A field of an unexpected type is also `None`, and its name is
//! recorded. Firmware changes the types of fields, and a status with one field less is better than none.

use crate::printer::report::{Fields, integer};
use crate::printer::text;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The most odd fields recorded.
const MOST_ODD_FIELDS: usize = 32;

/// Limits for texts: nobody reads longer ones, and each text goes to every browser several times a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    chars: usize,
    /// Bytes in UTF-8.
    bytes: usize,
}

/// The limit for a word, a number, a filament or a light. The longest known filament name has 32 characters.
const SHORT: Longest = Longest { chars: 64, bytes: 128 };

/// The limit for texts written by a person or a printer: the title of a print, the reason of a refusal.
const LONG: Longest = Longest { chars: 256, bytes: 512 };

/// Names of the fields that were present but unreadable, each once.
#[derive(Debug, Default)]
pub struct UnreadFields(RefCell<BTreeSet<String>>);

impl UnreadFields {
    /// Returns the names, sorted.
    #[must_use]
    pub fn into_names(self) -> Vec<String> {
        self.0.into_inner().into_iter().collect()
    }

    fn note(&self, within: &str, path: &[&str]) {
        let mut names = self.0.borrow_mut();
        if names.len() < MOST_ODD_FIELDS {
            names.insert(if within.is_empty() { path.join(".") } else { format!("{within}.{}", path.join(".")) });
        }
    }
}

/// An object of a report.
#[derive(Debug, Clone, Copy)]
pub struct FieldReader<'a> {
    fields: &'a Fields,
    /// The name of the array that contains it, used to name its fields.
    within: &'a str,
    odd: &'a UnreadFields,
}

impl<'a> FieldReader<'a> {
    /// Returns a reader for a report.
    #[must_use]
    pub fn new(fields: &'a Fields, odd: &'a UnreadFields) -> Self {
        Self { fields, within: "", odd }
    }

    /// Returns the object.
    #[cfg(test)]
    pub fn fields(&self) -> &'a Fields {
        self.fields
    }

    /// Reads a whole number, also if it is written as a text.
    #[must_use]
    pub fn int(&self, path: &[&str]) -> Option<i64> {
        self.read(path, integer)
    }

    /// Reads a whole number from 0 up to 32 bits.
    #[must_use]
    pub fn natural(&self, path: &[&str]) -> Option<u32> {
        self.int(path).and_then(|number| u32::try_from(number).ok())
    }

    /// Reads a whole number from 0 to 100.
    #[must_use]
    pub fn percent(&self, path: &[&str]) -> Option<u8> {
        self.int(path).and_then(|number| u8::try_from(number).ok()).filter(|percent| *percent <= 100)
    }

    /// Reads a finite number, also if it is written as a text.
    #[must_use]
    pub fn float(&self, path: &[&str]) -> Option<f64> {
        self.read(path, |value| {
            let number = match value {
                Value::Number(number) => number.as_f64(),
                Value::String(text) => text.trim().parse().ok(),
                _ => None,
            };
            // Adding zero turns -0.0 into 0.0; JSON would show the sign.
            number.filter(|number| number.is_finite()).map(|number| number + 0.0)
        })
    }

    /// Reads a short, non-empty text; see [`clean`].
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<String> {
        self.text_of(path, SHORT)
    }

    /// Reads a text of up to 256 characters, for instance a title.
    #[must_use]
    pub fn long_text(&self, path: &[&str]) -> Option<String> {
        self.text_of(path, LONG)
    }

    fn text_of(&self, path: &[&str], longest: Longest) -> Option<String> {
        let text = self.read(path, |value| match value {
            Value::String(text) => Some(cut_clean(text, longest)),
            // Some ids come as numbers.
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        text.filter(|text| !text.is_empty())
    }

    /// Reads a boolean.
    #[must_use]
    pub fn flag(&self, path: &[&str]) -> Option<bool> {
        self.read(path, Value::as_bool)
    }

    /// Reads bits written as a hexadecimal text.
    #[must_use]
    pub fn bits(&self, path: &[&str]) -> Option<u64> {
        self.read(path, |value| value.as_str().and_then(|text| u64::from_str_radix(text.trim(), 16).ok()))
    }

    /// Whether the field is present, even if empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Returns the raw value; `null` counts as absent.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&'a Value> {
        let (first, rest) = path.split_first()?;
        let mut value = self.fields.get(*first)?;
        for name in rest {
            match value {
                Value::Object(inner) => value = inner.get(*name)?,
                Value::Null => return None,
                _ => {
                    self.odd.note(self.within, path);
                    return None;
                }
            }
        }
        Some(value).filter(|value| !value.is_null())
    }

    /// Returns an object within this one.
    #[must_use]
    pub fn object(&self, name: &'a str) -> Option<Self> {
        let fields = self.read(&[name], Value::as_object)?;
        Some(Self { fields, within: name, odd: self.odd })
    }

    /// Returns the objects of an array, at most `most`.
    pub fn objects(&self, path: &'a [&'a str], most: usize) -> impl Iterator<Item = Self> + use<'a> {
        let Self { odd, .. } = *self;
        let within = path.last().copied().unwrap_or_default();
        let entries = self.read(path, Value::as_array).map_or(&[][..], Vec::as_slice);
        entries
            .iter()
            .filter_map(move |entry| match entry {
                Value::Object(fields) => Some(Self { fields, within, odd }),
                _ => {
                    odd.note(within, &["[]"]);
                    None
                }
            })
            .take(most)
    }

    fn read<T>(&self, path: &[&str], read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.at(path)?;
        let found = read(value);
        // Reports use empty texts for "nothing".
        if found.is_none() && value.as_str() != Some("") {
            self.odd.note(self.within, path);
        }
        found
    }
}

/// Removes disruptive and invisible characters, and cuts the text to a readable length. The result is empty if nothing
/// is visible.
#[must_use]
pub fn clean(text: &str) -> String {
    cut_clean(text, LONG)
}

fn cut_clean(text: &str, longest: Longest) -> String {
    let mut printable = String::new();
    for c in text.trim_start().chars().filter(|c| text::is_printable(*c)).take(longest.chars) {
        if printable.len() + c.len_utf8() > longest.bytes {
            break;
        }
        printable.push(c);
    }
    if text::is_visible(&printable) { printable.trim().to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            other => panic!("no object: {other}"),
        }
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        let report = fields(json!({"n": 7, "text": " 7 ", "float": 7.9, "wrong": [7], "empty": "", "null": null,
            "huge": u64::MAX, "hex": "1F", "inner": {"n": "-3"}}));
        let odd = UnreadFields::default();
        let read = FieldReader::new(&report, &odd);
        let ints = ["n", "text", "float", "wrong", "empty", "null", "huge", "absent"].map(|name| read.int(&[name]));
        assert_eq!(ints, [Some(7), Some(7), Some(7), None, None, None, None, None]);
        assert_eq!((read.int(&["inner", "n"]), read.natural(&["inner", "n"])), (Some(-3), None));
        assert_eq!((read.bits(&["hex"]), read.float(&["text"]), read.percent(&["n"])), (Some(31), Some(7.0), Some(7)));
        assert_eq!(read.int(&["n", "deeper"]), None);
        assert_eq!(odd.into_names(), ["huge", "n.deeper", "wrong"]);
    }

    #[test]
    fn texts_are_bounded_and_cannot_move_a_cursor() {
        let report = fields(json!({"text": " a\u{1b}[2J\r\nb ", "long": "ä".repeat(1000), "id": 12, "blank": " \n ",
            "emoji": "🖨".repeat(1000), "minus": -0.0}));
        let odd = UnreadFields::default();
        let read = FieldReader::new(&report, &odd);
        assert_eq!(read.text(&["text"]).as_deref(), Some("a[2Jb"));
        let odd_names = [
            ("a\u{202e}b\nc", "abc"),
            ("\u{200b}\u{2060}", ""),
            ("a\u{200b}\u{feff}\u{ad}\u{e0041}b", "ab"),
            ("👩\u{200d}🔧\u{fe0f} می\u{200c}خواهم", "👩\u{200d}🔧\u{fe0f} می\u{200c}خواهم"),
        ];
        for (name, shown) in odd_names {
            assert_eq!(clean(name), shown, "{name:?}");
        }
        let length = |text: Option<String>| text.map(|text| (text.chars().count(), text.len()));
        assert_eq!(length(read.text(&["long"])), Some((64, 128)));
        assert_eq!(length(read.long_text(&["long"])), Some((256, 512)));
        assert_eq!(length(read.text(&["emoji"])), Some((32, 128)));
        assert_eq!(read.float(&["minus"]).map(f64::is_sign_negative), Some(false));
        assert_eq!((read.text(&["id"]).as_deref(), read.text(&["blank"])), (Some("12"), None));
        assert!(odd.into_names().is_empty());
    }

    #[test]
    fn unreadable_fields_are_named_once_and_their_number_is_bounded() {
        let mut report = fields(json!({"list": [{"id": []}, {"id": {}}, 5]}));
        report.extend((0..100).map(|n| (format!("field{n:02}"), json!([]))));
        let odd = UnreadFields::default();
        let read = FieldReader::new(&report, &odd);
        assert_eq!(read.objects(&["list"], 8).filter_map(|entry| entry.int(&["id"])).count(), 0);
        let names: Vec<String> = (0..100).map(|n| format!("field{n:02}")).collect();
        names.iter().for_each(|name| assert_eq!(read.int(&[name]), None));
        let found = odd.into_names();
        assert_eq!(found.len(), MOST_ODD_FIELDS);
        assert!(found.contains(&"list.id".to_owned()) && found.contains(&"list.[]".to_owned()), "{found:?}");
    }
}
