//! The readers of bodies and addresses, for `fuzz/checks`, which stands outside of the crate.

use super::{api, route, view};
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
    route::Route::parse(path).is_some_and(|route| !route.methods().is_empty())
}
