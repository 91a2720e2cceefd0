//! Says why a request was refused, where the reason is the request and not a printer.

use super::Advice;
use super::code::words;

words! {
    BAD_REQUEST "http.bad-request" ""
    BAD_QUERY "http.bad-query" ""
    /// A browser sent it on behalf of another site.
    pub CROSS_SITE "http.cross-site" "Requests from other sites are refused; open Platecast's own page."
    /// The address does not exist.
    pub NO_ADDRESS "http.no-address" "There is nothing at this address."
    /// The address exists, but not with this method.
    pub METHOD "http.method" "This address does not take this method."
    /// The body did not come in time.
    pub BODY_TIMEOUT "http.body-timeout" "The body of the request did not arrive in time."
    /// The head did not come in time.
    pub HEAD_TIMEOUT "http.head-timeout" "The head of the request did not arrive in time."
    /// The body is too long.
    pub BODY_TOO_LARGE "http.body-too-large" "The body of the request is longer than 64 KiB."
    /// The target is too long.
    pub TARGET_TOO_LONG "http.target-too-long" "The address is longer than 2048 bytes."
    /// The body must be JSON.
    pub NOT_JSON "http.not-json" "Send the body as JSON, with `Content-Type: application/json`."
    /// The client expects something other than permission to send its body.
    pub EXPECTATION "http.expectation" "Platecast meets no expectation but `100-continue`."
    /// The host name is not one of ours.
    pub UNKNOWN_HOST "http.unknown-host" "Platecast does not know itself by this host name; add the name to ALLOWED_HOSTS \
        or use an IP address."
    /// There are too many header fields, or they are too long.
    pub HEAD_TOO_LARGE "http.head-too-large" "The request has too many header fields, or too long ones."
    /// Neither HTTP/1.0 nor HTTP/1.1.
    pub VERSION "http.version" "Platecast speaks HTTP/1.0 and HTTP/1.1."
    /// A bug of ours.
    pub INTERNAL "service.failed" "Platecast failed on this request; its log says where."
    /// The service is being stopped.
    pub STOPPING "service.stopping" "Platecast is stopping."
    /// All connections are taken.
    pub TOO_MANY_CONNECTIONS "service.too-many-connections" "Too many connections are open; try again."
    /// One client has taken all connections that it may have.
    pub TOO_MANY_OF_YOURS "service.too-many-of-yours" "Too many connections come from your address; close some of them."
    /// All places for streams of events are taken.
    pub TOO_MANY_PAGES "service.too-many-pages" "Too many pages listen for events; close some of them."
    /// One client has taken all streams of events that it may have.
    pub TOO_MANY_PAGES_OF_YOURS "service.too-many-pages-of-yours" "Too many pages at your address listen for events; close \
        some of them."
    /// All places for held requests are taken.
    pub TOO_MANY_VIEWERS "service.too-many-viewers" "Too many viewers wait for this camera; try again."
    /// One client has taken all held requests that it may have.
    pub TOO_MANY_VIEWERS_OF_YOURS "service.too-many-viewers-of-yours" "Too many viewers at your address wait for cameras; \
        close some of them."
    /// The window does not have this segment.
    pub NO_SEGMENT "stream.no-segment" "There is no such segment, or not any more."
    /// A stream has no file of this name.
    pub NO_FILE "stream.no-file" "A stream has stream.m3u8, stream_ll.m3u8 and segments, nothing else."
    /// The low-latency playlist is switched off.
    pub NO_LOW_LATENCY "stream.no-low-latency" "Low-latency streaming is switched off; the standard playlist is \
        stream.m3u8."
    /// The stream has not begun.
    pub NO_PICTURE_YET "stream.no-picture-yet" "There is no picture from this camera yet."
    /// Nothing came while the request was held.
    pub NOTHING_NEW "stream.nothing-new" "The camera has sent nothing new."
    /// The range is outside of the segment.
    pub NOT_IN_SEGMENT "stream.not-in-segment" "The range is not within the segment."
    /// The range is outside of the still.
    pub NOT_IN_PICTURE "stream.not-in-picture" "The range is not within the picture."
}

/// Returns the words for a request that violates HTTP or this interface; `rule` says which rule.
#[must_use]
pub fn bad_request(rule: &str) -> Advice {
    BAD_REQUEST.worded([], rule.to_owned())
}

/// Returns the words for an address whose query breaks `rule`.
#[must_use]
pub fn bad_query(rule: &str) -> Advice {
    BAD_QUERY.worded([], rule.to_owned())
}
