//! The crate's part: it parses the words of a head. Its input has passed `head`, one line at a time. It therefore reads
//! no socket, waits for nobody, and holds only the fields that are used here.

use super::head::{RawHead, Scanned};
use crate::http::problem::Problem;

const MALFORMED: Problem = Problem::BadRequest("The head of the request is malformed.");

/// Parses a head. Repeated fields become one, comma-separated (RFC 9110 §5.3).
///
/// # Errors
/// If the crate cannot parse it, or finds another name than `head` has.
pub fn parse<'a>(scanned: &Scanned<'a>) -> Result<RawHead<'a>, Problem> {
    let method: tiny_http::Method = scanned.method.parse().map_err(|()| MALFORMED)?;
    let mut fields: Vec<(&'static str, String)> = Vec::with_capacity(scanned.lines.len());
    for (name, line) in &scanned.lines {
        let field: tiny_http::Header = line.parse().map_err(|_| MALFORMED)?;
        if !field.field.equiv(name) {
            return Err(MALFORMED);
        }
        let value = field.value.as_str();
        match fields.iter_mut().find(|(have, _)| have == name) {
            Some((_, have)) => have.extend([", ", value]),
            None => fields.push((name, value.to_owned())),
        }
    }
    let (target, version) = (scanned.target, scanned.version);
    Ok(RawHead { method: method.as_str().to_owned(), target, version, fields })
}
