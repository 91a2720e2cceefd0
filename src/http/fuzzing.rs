//! The readers of heads, bodies and addresses, for `fuzz/checks`, which stands outside of the crate.

use super::problem::Problem;
use super::{Request, api, server, table, view};
use crate::printer::Draft;

/// See [`api`]; the error is the status of the refusal.
///
/// # Errors
/// When it is no draft.
pub fn draft(body: &[u8]) -> Result<Draft, u16> {
    api::draft(body).map_err(|problem| problem.reply().status)
}

/// Whether it is a command of a form that is known.
pub fn is_command(body: &[u8]) -> bool {
    serde_json::from_slice::<view::CommandForm>(body).is_ok()
}

/// Whether there is such an address; each has a method.
pub fn is_address(path: &str) -> bool {
    table::find(path).is_some_and(|found| !found.methods().is_empty())
}

/// A request as its head has it, without its body, and how many bytes the two have. The head comes in pieces of `piece`
/// bytes; `None` when its end has not come.
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
