//! Layer 0: what every other layer uses.

pub mod backoff;
pub mod bucket;
pub mod clock;
pub mod failure_log;
pub mod log_lines;
pub mod process;
pub mod secret;
pub mod stop;
pub mod thread;
pub mod watch;

/// An error with all its causes on one line, for the log. A cause that its error has already quoted is left out.
#[must_use]
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
