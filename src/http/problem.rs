//! Everything that can be wrong with a request. The body of each error is
//! `{"ok":false,"error":"<sentence>","code":"<code>","params":{}}`; it never repeats a byte of the request.

use super::view;
use super::{Body, Method, Reply};
use crate::advice::{Advice, Code, field, printers, request};
use crate::printer::FieldError;
use std::time::Duration;

/// The address does not exist.
pub const NO_ADDRESS: Problem = Problem::NotFound(request::NO_ADDRESS);
/// The printer is not registered, or no longer registered.
pub const NO_PRINTER: Problem = Problem::NotFound(printers::UNKNOWN);

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// 400: the request violates HTTP or this interface.
    BadRequest(&'static str),
    /// 400: the query of the address is malformed.
    BadQuery(String),
    /// 400: some fields of the body are not valid.
    Fields(Vec<FieldError>),
    /// 400: what the body asks for is not done.
    Wrong(Advice),
    /// 403: a browser sent it on behalf of another site.
    CrossSite,
    /// 404: it does not exist.
    NotFound(Code),
    /// 404: the camera has it not; the advice says where its pictures are.
    Elsewhere(Advice),
    /// 405: it exists, but not with this method.
    Method(Vec<Method>),
    /// 408: the body did not come in time.
    BodyTimeout,
    /// 408: the head did not come in time.
    HeadTimeout,
    /// 409: another printer has this serial already; the advice names it.
    DuplicateSerial(Advice),
    /// 409: the printer, or what it is doing, does not allow it.
    NotNow(Advice),
    /// 413: the body is too long.
    BodyTooLarge,
    /// 414: the target is too long.
    TargetTooLong,
    /// 415: the body must be JSON.
    NotJson,
    /// 416: outside of what, and how many bytes there are.
    Range(Code, usize),
    /// 417: the client expects something other than permission to send its body.
    Expectation,
    /// 421: the host name is not one of ours.
    UnknownHost,
    /// 431: too many header fields, or too long.
    HeadTooLarge,
    /// 500: a bug of ours.
    Internal,
    /// 501: there is a key frame, and no JPEG can be made of it.
    NoPicture(Advice),
    /// 503: currently not possible; try again.
    Unavailable(Advice),
    /// 503: it will exist soon; a player retries shortly.
    NotYet(Advice),
    /// 503: too many at once; try again after this time.
    Busy(Code, Duration),
    /// 504: the printer has not answered.
    NoAnswer(Advice),
    /// 505: neither HTTP/1.0 nor HTTP/1.1.
    Version,
}

impl Problem {
    /// Returns the 503 of a service that is being stopped.
    #[must_use]
    pub fn stopping() -> Self {
        Self::Unavailable(request::STOPPING.plain())
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::BadQuery(_) | Self::Fields(_) | Self::Wrong(_) => 400,
            Self::CrossSite => 403,
            Self::NotFound(_) | Self::Elsewhere(_) => 404,
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
            Self::NoPicture(_) => 501,
            Self::Unavailable(_) | Self::NotYet(_) | Self::Busy(..) => 503,
            Self::NoAnswer(_) => 504,
            Self::Version => 505,
        }
    }

    /// Returns the words: what happened, and what to do if anything can be done.
    pub fn advice(&self) -> Advice {
        let code = match self {
            Self::BadRequest(rule) => return request::bad_request(rule),
            Self::BadQuery(rule) => return request::bad_query(rule),
            Self::DuplicateSerial(advice) | Self::NotNow(advice) | Self::Wrong(advice) => return advice.clone(),
            Self::Elsewhere(advice) | Self::NoPicture(advice) => return advice.clone(),
            Self::Unavailable(advice) | Self::NotYet(advice) | Self::NoAnswer(advice) => return advice.clone(),
            Self::NotFound(code) | Self::Busy(code, _) | Self::Range(code, _) => *code,
            Self::Fields(_) => printers::FIELDS,
            Self::CrossSite => request::CROSS_SITE,
            Self::Method(_) => request::METHOD,
            Self::BodyTimeout => request::BODY_TIMEOUT,
            Self::HeadTimeout => request::HEAD_TIMEOUT,
            Self::BodyTooLarge => request::BODY_TOO_LARGE,
            Self::TargetTooLong => request::TARGET_TOO_LONG,
            Self::NotJson => request::NOT_JSON,
            Self::Expectation => request::EXPECTATION,
            Self::UnknownHost => request::UNKNOWN_HOST,
            Self::HeadTooLarge => request::HEAD_TOO_LARGE,
            Self::Internal => request::INTERNAL,
            Self::Version => request::VERSION,
        };
        code.plain()
    }

    /// Returns the answer with its words.
    pub fn reply(&self) -> Reply {
        let fields = match self {
            Self::Fields(wrong) => wrong.iter().map(|wrong| (wrong.field, field::of_mistake(wrong.mistake))).collect(),
            Self::DuplicateSerial(advice) => vec![("serial", advice.clone())],
            _ => Vec::new(),
        };
        let mut reply = Reply::json(self.status(), &view::Problem::new(self.advice(), fields));
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
