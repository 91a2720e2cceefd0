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

/// Whether the stream has not begun for this request.
#[must_use]
pub fn waits_for_camera(_request: &HlsRequest, _snapshot: Option<&Snapshot>) -> bool {
    unimplemented!()
}

/// The answer to a playlist request before the first segment; `sentence` tells a person where the camera is.
#[must_use]
pub fn no_picture(_sentence: &str) -> Reply {
    unimplemented!()
}

/// How long a request is held.
#[must_use]
pub fn hold_limit(_request: &HlsRequest, _snapshot: Option<&Snapshot>) -> std::time::Duration {
    unimplemented!()
}
