//! The parsers of heads, bodies and addresses, for `fuzz/checks`, which is outside of the crate.

use super::problem::Problem;
use crate::http::Request;
use crate::http::endpoints::api;
use crate::http::routing::table;
use crate::http::server;
use crate::http::view;
use crate::printer::Draft;

/// See [`api`]; the error is the status of the refusal.
///
/// # Errors
/// If it is not a draft.
pub fn draft(body: &[u8]) -> Result<Draft, u16> {
    api::draft(body).map_err(|problem| problem.reply().status)
}

/// Whether it is a command of a known form.
pub fn is_command(body: &[u8]) -> bool {
    serde_json::from_slice::<view::CommandForm>(body).is_ok()
}

/// Whether the address exists; each has a method.
pub fn is_address(path: &str) -> bool {
    table::find(path).is_some_and(|found| !found.methods().is_empty())
}

/// Parses a request's head in pieces of `piece` bytes. Returns the request without its body, and the lengths of head
/// and body. Returns `None` if the end of the head has not come.
///
/// # Errors
/// The status of the refusal.
pub fn head(bytes: &[u8], piece: usize) -> Result<Option<(Request, usize, usize)>, u16> {
    let status = |problem: Problem| problem.reply().status;
    let mut seen = 0;
    while seen < bytes.len() {
        let here = bytes.len().min(seen + piece.max(1));
        if let Some(end) = server::end_of_head(&bytes[..here], seen).map_err(status)? {
            let head = server::read_head(&bytes[..end], table::methods_at).map_err(status)?;
            let (method, path, query, headers) = (head.method, head.path, head.query, head.headers);
            return Ok(Some((Request { method, path, query, headers, body: Vec::new() }, end, head.body_length)));
        }
        seen = here;
    }
    Ok(None)
}
