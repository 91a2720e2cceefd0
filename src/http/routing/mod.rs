//! From a request to the function that answers it: the rules for every request, the table of endpoints, and the document
//! that is made from the table.

pub(super) mod dispatch;
pub mod embed;
pub(super) mod endpoint;
pub(super) mod openapi;
mod policy;
pub(super) mod route;
pub(super) mod table;
