//! Reading fields of a report: a missing or strange one is `None`, never an error.

use super::report::{Fields, integer};
use serde_json::Value;

/// The value at `path`, through objects.
#[must_use]
pub fn at<'a>(fields: &'a Fields, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(fields.get(*first)?, |value, name| value.get(*name))
}

/// A whole number.
#[must_use]
pub fn int(fields: &Fields, path: &[&str]) -> Option<i64> {
    at(fields, path).and_then(integer)
}

/// A finite number, also one written as a text.
#[must_use]
pub fn float(fields: &Fields, path: &[&str]) -> Option<f64> {
    match at(fields, path)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A text that is not empty.
#[must_use]
pub fn text<'a>(fields: &'a Fields, path: &[&str]) -> Option<&'a str> {
    at(fields, path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Bits written as a hexadecimal text.
#[must_use]
pub fn bits(fields: &Fields, path: &[&str]) -> Option<u64> {
    text(fields, path).and_then(|text| u64::from_str_radix(text, 16).ok())
}

/// The objects of an array.
pub fn objects<'a>(fields: &'a Fields, path: &[&str]) -> impl Iterator<Item = &'a Fields> {
    at(fields, path).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Current and target temperature packed into one number: the low half is the current one, in °C.
#[must_use]
pub fn packed_temperature(packed: i64) -> Option<(f64, f64)> {
    let packed = u32::try_from(packed).ok()?;
    Some((f64::from(packed & 0xFFFF), f64::from(packed >> 16)))
}
