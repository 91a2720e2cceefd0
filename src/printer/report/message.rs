//! Parses the printer's MQTT messages: one JSON object per message, with the category as top-level key.
//!
//! No field can make a message fail. Missing, new or oddly typed fields are kept as they are, and
//! [`crate::printer::state`] copes with them. Only a message that is not a JSON object is an error.

use crate::printer::fields::clean;
use serde_json::{Map, Value};

/// A larger message cannot be a report (an H2D with six AMS units sends 36 KB).
pub const LARGEST_MESSAGE: usize = 1024 * 1024;

/// A limit above any real printer: an H2C with its rack and six AMS units has about thirty modules.
const MOST_MODULES: usize = 64;

/// Reports of early H2D firmware lack `msg`. With more fields than this, they are treated as full reports.
const FULL_FIELDS: usize = 40;

/// A JSON object.
pub type Fields = Map<String, Value>;

/// One message of a printer.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// `print.command == "push_status"`: the state, full or partial.
    Status {
        /// Whether the fields replace all earlier ones; otherwise they are merged.
        full: bool,
        /// The fields of `print`.
        fields: Fields,
    },
    /// The answer to a command, ours or another client's.
    Reply(Reply),
    /// `info.command == "get_version"`: the modules and their firmware.
    Versions(Vec<Module>),
    /// Any other message, which at least shows that the printer is there.
    Other,
}

/// A printer's answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The category, for example `print`, `system` or `pushing`.
    pub category: String,
    /// The command that it answers; some firmware leaves it out.
    pub command: Option<String>,
    /// The echoed number of the request, which links an answer to its request.
    pub sequence_id: Option<String>,
    /// The printer's decision.
    pub outcome: Outcome,
    /// The printer's own words.
    pub reason: Option<String>,
    /// `err_code`, for instance 84033543 if the firmware requires signed commands.
    pub error_code: Option<u32>,
}

/// The printer's decision about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `result` says success: the command is accepted, not necessarily done.
    Accepted,
    /// `result` says failure, or an error code came without a `result`.
    Refused,
    /// The request was echoed without `result`: a P1S of 01.10.00.00 refuses this way.
    Echoed,
}

/// One of the printer's modules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// The name, for example `ota`, `esp32` or `ams/0`.
    pub name: String,
    /// The firmware version.
    pub software: String,
    /// The hardware version.
    pub hardware: String,
    /// `product_name`, or `project_name` of old firmware.
    pub product: String,
}

/// Why a payload is not a message.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The payload is larger than [`LARGEST_MESSAGE`].
    #[error("a message of {0} bytes is larger than a report can be")]
    TooLarge(usize),
    /// The payload is not JSON, or not an object. The parser's own words would quote it.
    #[error("a message is not a JSON object: {category:?} at line {line}, column {column}")]
    NotJson {
        /// What is wrong with it.
        category: serde_json::error::Category,
        /// Where, from 1.
        line: usize,
        /// Where in that line.
        column: usize,
    },
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        Self::NotJson { category: error.classify(), line: error.line(), column: error.column() }
    }
}

/// Parses one payload. Invalid UTF-8 is replaced (an A1 mini of 01.07.02.00 sends it), and trailing NULs are cut.
///
/// # Errors
/// Fails if the payload is too large or not a JSON object.
pub fn parse(payload: &[u8]) -> Result<Message, ReportError> {
    if payload.len() > LARGEST_MESSAGE {
        return Err(ReportError::TooLarge(payload.len()));
    }
    let text = String::from_utf8_lossy(payload);
    let object: Fields = serde_json::from_str(text.trim_end_matches('\0'))?;
    let categories = object.into_iter().filter_map(|(name, value)| match value {
        // In requests that some brokers reflect, `user_id` and `header` appear beside the category.
        Value::Object(fields) if name != "header" => Some((name, fields)),
        _ => None,
    });
    Ok(categories
        .map(|(category, fields)| classify(category, fields))
        .find(|found| *found != Message::Other)
        .unwrap_or(Message::Other))
}

fn classify(category: String, fields: Fields) -> Message {
    let command = text(&fields, "command");
    match (category.as_str(), command.as_deref()) {
        ("print", Some("push_status")) => Message::Status { full: is_full(&fields), fields },
        ("info", Some("get_version")) => match fields.get("module") {
            Some(Value::Array(modules)) => {
                Message::Versions(modules.iter().filter_map(module).take(MOST_MODULES).collect())
            }
            _ => Message::Other,
        },
        _ if fields.contains_key("result") || fields.contains_key("sequence_id") => {
            Message::Reply(reply(category, command, &fields))
        }
        _ => Message::Other,
    }
}

fn is_full(fields: &Fields) -> bool {
    match fields.get("msg").and_then(integer) {
        Some(kind) => kind == 0,
        None => fields.len() > FULL_FIELDS,
    }
}

fn reply(category: String, command: Option<String>, fields: &Fields) -> Reply {
    let error_code =
        fields.get("err_code").and_then(integer).and_then(|code| u32::try_from(code).ok()).filter(|code| *code != 0);
    let outcome = match text(fields, "result").map(|result| result.to_ascii_lowercase()).as_deref() {
        Some("success") => Outcome::Accepted,
        Some(_) => Outcome::Refused,
        None if error_code.is_some() => Outcome::Refused,
        None => Outcome::Echoed,
    };
    let sequence_id = fields.get("sequence_id").and_then(|id| match id {
        Value::String(id) => Some(clean(id)),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    Reply { category, command, sequence_id, outcome, reason: text(fields, "reason"), error_code }
}

fn module(value: &Value) -> Option<Module> {
    let fields = value.as_object()?;
    let or_empty = |name| text(fields, name).unwrap_or_default();
    let product = [or_empty("product_name"), or_empty("project_name")].into_iter().find(|name| !name.is_empty());
    Some(Module {
        name: text(fields, "name")?,
        software: or_empty("sw_ver"),
        hardware: or_empty("hw_ver"),
        product: product.unwrap_or_default(),
    })
}

fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(clean)
}

/// Reads a whole number, also if it is written as a text or a float: firmware changes the types of fields.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().filter(|f| f.abs() < 9e15).map(|f| f as i64))
        }
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(yes) => Some(i64::from(*yes)),
        _ => None,
    }
}

/// Merges a delta into the known fields. Objects are merged recursively; arrays and plain values are replaced.
pub fn merge(known: &mut Fields, delta: Fields) {
    for (name, value) in delta {
        match (known.get_mut(&name), value) {
            (Some(Value::Object(inner)), Value::Object(change)) => merge(inner, change),
            (_, value) => {
                known.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(payload: &str, expected: &Message) {
        assert_eq!(parse(payload.as_bytes()).expect("a message"), *expected, "{payload}");
    }

    fn answer(
        category: &str,
        command: Option<&str>,
        id: &str,
        outcome: Outcome,
        reason: Option<&str>,
        code: Option<u32>,
    ) -> Message {
        Message::Reply(Reply {
            category: category.into(),
            command: command.map(Into::into),
            sequence_id: Some(id.into()),
            outcome,
            reason: reason.map(Into::into),
            error_code: code,
        })
    }

    #[test]
    fn each_kind_of_message_is_recognized() {
        let delta = json!({"bed_temper": 11.5, "command": "push_status", "msg": 1, "sequence_id": "7"});
        check(
            &json!({ "print": delta }).to_string(),
            &Message::Status { full: false, fields: delta.as_object().expect("object").clone() },
        );
        check(
            r#"{"print":{"sequence_id":"1","param":"G28","result":"success","reason":"success"}}"#,
            &answer("print", None, "1", Outcome::Accepted, Some("success"), None),
        );
        check(
            r#"{"print":{"command":"pause","sequence_id":"9","result":"failed","reason":"mqtt message verify failed","err_code":84033543}}"#,
            &answer(
                "print",
                Some("pause"),
                "9",
                Outcome::Refused,
                Some("mqtt message verify failed"),
                Some(84_033_543),
            ),
        );
        check(
            r#"{"print":{"command":"stop","sequence_id":"9"}}"#,
            &answer("print", Some("stop"), "9", Outcome::Echoed, None, None),
        );
        check(
            r#"{"system":{"command":"ledctrl","result":"SUCCESS","led_node":"chamber_light","led_mode":"on","sequence_id":"2"}}"#,
            &answer("system", Some("ledctrl"), "2", Outcome::Accepted, None, None),
        );
        check(r#"{"user_id":"1","header":{"sequence_id":"1"},"mc_print":{"param":"x"}}"#, &Message::Other);
        check(
            r#"{"info":{"command":"get_version","sequence_id":"0","module":[{"name":"ota","sw_ver":"01.07","product_name":"Bambu Lab A1 mini"},7]}}"#,
            &Message::Versions(vec![Module {
                name: "ota".into(),
                software: "01.07".into(),
                hardware: String::new(),
                product: "Bambu Lab A1 mini".into(),
            }]),
        );
    }

    #[test]
    fn a_full_report_is_recognized_by_msg_or_size() {
        let fields = |count: usize, msg: Option<i64>| {
            let mut fields: Fields = (0..count).map(|n| (format!("field{n}"), json!(n))).collect();
            fields.insert("command".into(), json!("push_status"));
            msg.map(|msg| fields.insert("msg".into(), json!(msg)));
            json!({ "print": fields }).to_string()
        };
        for (count, msg, full) in [(3, Some(0), true), (60, Some(1), false), (60, None, true), (10, None, false)] {
            let parsed = parse(fields(count, msg).as_bytes()).expect("a message");
            assert!(matches!(parsed, Message::Status { full: got, .. } if got == full), "{count} fields, msg {msg:?}");
        }
    }

    #[test]
    fn odd_bytes_are_read_and_hopeless_ones_refused() {
        assert!(parse(b"{\"print\":{\"command\":\"push_status\",\"subtask_name\":\"\xff\xfe\"}}\0\0").is_ok());
        for hopeless in [&b""[..], b"[]", b"null", b"{", b"\xff"] {
            assert!(matches!(parse(hopeless), Err(ReportError::NotJson { .. })), "{hopeless:?}");
        }
        let quoted = parse(b"\"their own words\"").unwrap_err();
        assert!(!crate::base::error_chain(&quoted).contains("words"), "{quoted}");
        let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert!(parse(deep.as_bytes()).is_err());
        assert!(matches!(parse(&vec![b' '; LARGEST_MESSAGE + 1]), Err(ReportError::TooLarge(_))));
    }

    #[test]
    fn objects_merge_and_arrays_are_replaced() {
        let object = |value: Value| value.as_object().expect("object").clone();
        let mut known = object(json!({"a": {"x": 1, "y": 2}, "list": [1, 2, 3], "b": 1}));
        merge(&mut known, object(json!({"a": {"y": 3}, "list": [9], "c": {"new": true}, "b": {"now": "an object"}})));
        assert_eq!(
            known,
            object(json!({"a": {"x": 1, "y": 3}, "list": [9], "b": {"now": "an object"}, "c": {"new": true}}))
        );
    }
}
