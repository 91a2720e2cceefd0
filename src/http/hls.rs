//! `/hls/:id/…`: playlists, segments and parts. (Stub: owned by the HLS helper.)
use super::{Reply, Request};
use crate::hls::Snapshot;

/// What a viewer asks of one camera, parsed.
#[derive(Debug, Clone)]
pub struct HlsRequest {}

/// Understands the request for `file` (the last path element).
///
/// # Errors
/// The reply that refuses it.
pub fn parse(_request: &Request, _file: &str) -> Result<HlsRequest, Box<Reply>> {
    unimplemented!()
}

/// The answer, or `None` to hold on. `waited_out`: the deadline has passed, so there must be one.
#[must_use]
pub fn answer(_request: &HlsRequest, _snapshot: Option<&Snapshot>, _waited_out: bool) -> Option<Reply> {
    unimplemented!()
}
