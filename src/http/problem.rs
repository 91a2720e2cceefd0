//! Everything that can be wrong with a request, and the sentence that describes it. The body of each error is
//! `{"ok":false,"error":"<sentence>"}`; it never repeats a byte of the request.

use super::view;
use super::{Body, Method, Reply};
use crate::printer::FieldError;
use std::time::Duration;

/// The address does not exist.
pub const NO_ADDRESS: Problem = Problem::NotFound("There is nothing at this address.");
/// The printer is not registered, or no longer registered.
pub const NO_PRINTER: Problem = Problem::NotFound("There is no printer with this id.");

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// 400: the request violates HTTP or this interface.
    BadRequest(&'static str),
    /// 400: the query of the address is malformed.
    BadQuery(String),
    /// 400: some fields of the body are not valid.
    Fields(Vec<FieldError>),
    /// 403: a browser sent it on behalf of another site.
    CrossSite,
    /// 404: it does not exist.
    NotFound(&'static str),
    /// 405: it exists, but not with this method.
    Method(Vec<Method>),
    /// 408: the body did not come in time.
    BodyTimeout,
    /// 408: the head did not come in time.
    HeadTimeout,
    /// 409: another printer has this serial already; the sentence names it.
    DuplicateSerial(String),
    /// 409: the printer, or what it is doing, does not allow it.
    NotNow(String),
    /// 413: the body is too long.
    BodyTooLarge,
    /// 414: the target is too long.
    TargetTooLong,
    /// 415: the body must be JSON.
    NotJson,
    /// 416: a sentence, and how many bytes there are.
    Range(&'static str, usize),
    /// 417: the client expects something other than permission to send its body.
    Expectation,
    /// 421: the host name is not one of ours.
    UnknownHost,
    /// 431: too many header fields, or too long.
    HeadTooLarge,
    /// 500: a bug of ours.
    Internal,
    /// 503: currently not possible; try again.
    Unavailable(String),
    /// 503: it will exist soon; a player retries shortly.
    NotYet(String),
    /// 503: too many at once; try again after this time.
    Busy(&'static str, Duration),
    /// 504: the printer has not answered.
    NoAnswer(String),
    /// 505: neither HTTP/1.0 nor HTTP/1.1.
    Version,
}

impl Problem {
    /// Returns the 503 of a service that is being stopped.
    #[must_use]
    pub fn stopping() -> Self {
        Self::Unavailable("Platecast is stopping.".to_owned())
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::BadQuery(_) | Self::Fields(_) => 400,
            Self::CrossSite => 403,
            Self::NotFound(_) => 404,
            Self::Method(_) => 405,
            Self::BodyTimeout | Self::HeadTimeout => 408,
            Self::DuplicateSerial(_) | Self::NotNow(_) => 409,
            Self::BodyTooLarge => 413,
            Self::TargetTooLong => 414,
            Self::NotJson => 415,
            Self::Range(..) => 416,
            Self::Expectation => 417,
            Self::UnknownHost => 421,
            Self::HeadTooLarge => 431,
            Self::Internal => 500,
            Self::Unavailable(_) | Self::NotYet(_) | Self::Busy(..) => 503,
            Self::NoAnswer(_) => 504,
            Self::Version => 505,
        }
    }

    /// Returns the sentence: what happened, and what to do if anything can be done.
    pub fn sentence(&self) -> &str {
        match self {
            Self::BadRequest(sentence) | Self::NotFound(sentence) => sentence,
            Self::Busy(sentence, _) | Self::Range(sentence, _) => sentence,
            Self::BadQuery(sentence) | Self::DuplicateSerial(sentence) | Self::NotNow(sentence) => sentence,
            Self::Unavailable(sentence) | Self::NotYet(sentence) | Self::NoAnswer(sentence) => sentence,
            Self::Fields(_) => "Some fields are not valid.",
            Self::CrossSite => "Requests from other sites are refused; open Platecast's own page.",
            Self::Method(_) => "This address does not take this method.",
            Self::BodyTimeout => "The body of the request did not arrive in time.",
            Self::HeadTimeout => "The head of the request did not arrive in time.",
            Self::BodyTooLarge => "The body of the request is longer than 64 KiB.",
            Self::TargetTooLong => "The address is longer than 2048 bytes.",
            Self::NotJson => "Send the body as JSON, with `Content-Type: application/json`.",
            Self::Expectation => "Platecast meets no expectation but `100-continue`.",
            Self::UnknownHost => {
                "Platecast does not know itself by this host name; add the name to ALLOWED_HOSTS or use an IP address."
            }
            Self::HeadTooLarge => "The request has too many header fields, or too long ones.",
            Self::Internal => "Platecast failed on this request; its log says where.",
            Self::Version => "Platecast speaks HTTP/1.0 and HTTP/1.1.",
        }
    }

    /// Returns the answer with the sentence.
    pub fn reply(&self) -> Reply {
        let fields = match self {
            Self::Fields(fields) => fields.clone(),
            Self::DuplicateSerial(sentence) => vec![FieldError { field: "serial", sentence: sentence.clone() }],
            _ => Vec::new(),
        };
        let mut reply = Reply::json(self.status(), &view::Problem::new(self.sentence(), &fields));
        match self {
            Self::Method(allowed) => {
                let names: Vec<_> = allowed.iter().map(|method| method.name()).collect();
                reply.headers.push(("Allow", names.join(", ")));
            }
            Self::Range(_, length) => reply.headers.push(("Content-Range", format!("bytes */{length}"))),
            _ => {}
        }
        reply.headers.extend(self.retry_after_s().map(|seconds| ("Retry-After", seconds.to_string())));
        reply
    }

    /// Returns when to try again, in seconds.
    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::NotYet(_) => Some(1),
            Self::Unavailable(_) => Some(2),
            Self::Busy(_, after) => Some(after.as_secs() + 1),
            _ => None,
        }
    }
}

impl Reply {
    /// Makes a JSON answer.
    #[must_use]
    pub fn json(status: u16, body: &impl serde::Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self {
                status,
                headers: vec![("Content-Type", "application/json".to_owned())],
                body: Body::Bytes(bytes),
            },
            Err(error) => {
                log::error!("an answer could not be written as JSON: {error}");
                Self { status: 500, headers: Vec::new(), body: Body::Empty }
            }
        }
    }

    /// Makes an answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }
}
