//! JSON as printers write it (RFC 8259): members in the order they were put in, numbers in the firmware's two ways, on
//! one line or indented. `serde_json` reads requests; it cannot keep an order without changing it for the whole build.

use serde_json::Value;
use std::borrow::Cow;

/// A JSON value whose members have an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'static, str>),
    List(Vec<Json>),
    Object(Object),
}

pub(crate) type Object = Vec<(Cow<'static, str>, Json)>;

/// How a firmware writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// One line, members as declared, `12` for 12.0: the ESP32 models.
    Compact,
    /// Indented by four spaces, members sorted, `12.0` for 12.0: the Linux models.
    Pretty,
}

/// An object, in this order.
pub(crate) fn object<const N: usize>(members: [(&'static str, Json); N]) -> Json {
    Json::Object(members.map(|(name, value)| (name.into(), value)).to_vec())
}

/// A list of anything.
pub(crate) fn list(items: impl IntoIterator<Item = impl Into<Json>>) -> Json {
    Json::List(items.into_iter().map(Into::into).collect())
}

impl Json {
    /// As text.
    pub(crate) fn write(&self, style: Style) -> String {
        let mut out = String::new();
        self.write_to(&mut out, style, 0);
        out
    }

    fn write_to(&self, out: &mut String, style: Style, depth: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Float(value) => match style {
                Style::Compact => out.push_str(&value.to_string()),
                Style::Pretty => out.push_str(&format!("{value:?}")),
            },
            Self::Text(text) => write_text(out, text),
            Self::List(items) => bracketed(out, style, depth, ['[', ']'], items, |out, item| {
                item.write_to(out, style, depth + 1);
            }),
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if style == Style::Pretty {
                    members.sort_by_key(|(name, _)| name);
                }
                bracketed(out, style, depth, ['{', '}'], &members, |out, (name, value)| {
                    write_text(out, name);
                    out.push_str(if style == Style::Pretty { ": " } else { ":" });
                    value.write_to(out, style, depth + 1);
                });
            }
        }
    }

    /// What has to be merged into `before` to make it this: changed members of objects, and lists as a whole. `None`
    /// where nothing changed. Members that vanished are not in it: no firmware has a way to say so.
    pub(crate) fn since(&self, before: &Self) -> Option<Self> {
        match (before, self) {
            (Self::Object(old), Self::Object(new)) => {
                let changed: Object = new
                    .iter()
                    .filter_map(|(name, value)| match old.iter().find(|(other, _)| other == name) {
                        Some((_, old)) => Some((name.clone(), value.since(old)?)),
                        None => Some((name.clone(), value.clone())),
                    })
                    .collect();
                (!changed.is_empty()).then_some(Self::Object(changed))
            }
            _ => (before != self).then(|| self.clone()),
        }
    }

    /// Whether there is nothing in it: `[]`, `{}`, `""`.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }
}

fn bracketed<T>(
    out: &mut String,
    style: Style,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    let new_line = |out: &mut String, depth: usize| {
        if style == Style::Pretty {
            out.push('\n');
            out.extend(std::iter::repeat_n("    ", depth));
        }
    };
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(out, depth + 1);
        write(out, item);
    }
    if !items.is_empty() {
        new_line(out, depth);
    }
    out.push(close);
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u8> for Json {
    fn from(value: u8) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&'static str> for Json {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => Self::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Self::Text(text.clone().into()),
            Value::Array(items) => list(items),
            Value::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone().into(), value.into())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Json {
        object([
            ("z", 12.0.into()),
            ("a", object([("list", list([1, 2])), ("empty", Json::List(vec![]))])),
            ("text", "K\u{fc}che \"\\\n\u{1}".into()),
        ])
    }

    #[test]
    fn the_two_styles_differ_in_space_order_and_whole_numbers() {
        assert_eq!(
            example().write(Style::Compact),
            "{\"z\":12,\"a\":{\"list\":[1,2],\"empty\":[]},\"text\":\"K\u{fc}che \\\"\\\\\\n\\u0001\"}"
        );
        assert_eq!(
            example().write(Style::Pretty),
            "{\n    \"a\": {\n        \"empty\": [],\n        \"list\": [\n            1,\n            2\n        ]\n    },\n    \
             \"text\": \"K\u{fc}che \\\"\\\\\\n\\u0001\",\n    \"z\": 12.0\n}"
        );
    }

    #[test]
    fn serde_reads_back_what_is_written() {
        for style in [Style::Compact, Style::Pretty] {
            let text = example().write(style);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["z"], 12.0, "{text}");
            assert_eq!(read["a"]["list"], serde_json::json!([1, 2]));
            assert_eq!(read["text"], "K\u{fc}che \"\\\n\u{1}");
        }
    }

    #[test]
    fn a_difference_holds_changed_members_and_whole_lists() {
        let old = object([("same", 1.into()), ("in", object([("a", 1.into()), ("b", 2.into())])), ("l", list([1, 2]))]);
        let new = object([("same", 1.into()), ("in", object([("a", 1.into()), ("b", 3.into())])), ("l", list([1, 3]))]);
        assert_eq!(new.since(&old), Some(object([("in", object([("b", 3.into())])), ("l", list([1, 3]))])));
        assert_eq!(old.since(&old.clone()), None);
    }
}
