//! What people are told: a code that stays the same, its parameters, and the English sentence.
//!
//! The layers below return what happened as data; only this module turns it into words. It is the only place with product
//! names and menu paths, apart from the maker's own codes (`printer::codes`, `printer::words`). A page in another language
//! chooses its words by code and parameters; the English sentence is what it shows for a code that it does not know.
//!
//! One file for each idea: the table with its words stands beside the function that chooses among them.

mod camera;
mod certificate;
mod code;
mod command;
mod display;
pub mod field;
pub mod found;
mod link;
mod mqtt;
pub mod picture;
mod pictures;
pub mod printers;
pub mod request;
mod step;
pub mod test;

pub use camera::{of_camera, of_camera_error, of_camera_trouble};
pub use certificate::of_refusal;
pub use code::Code;
pub use command::{of_command, of_commands_taken};
pub use display::{of_before, of_display, of_note};
pub use link::of_link_error;
pub use mqtt::{of_link, of_mqtt_error};
pub use step::{of_camera_step, of_link_step};

use serde_json::Value;
use std::collections::BTreeMap;

/// What a person is told of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Says which words these are, in any language.
    pub code: Code,
    /// What differs from one time to the next: numbers, names and truths, and no secret.
    pub params: Params,
    /// What happened and, where anything can be done, what to do.
    pub sentence: String,
}

/// The parameters of an advice. All values are scalars.
pub type Params = BTreeMap<&'static str, Value>;

/// Whether an attempt that failed is followed by another one, which the sentence then says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// A printer at work: attempts follow each other.
    Repeated,
    /// A test of a printer: there is one attempt.
    Single,
}

impl Tries {
    /// Returns the parameter `retry`.
    fn retry(self) -> Value {
        (self == Self::Repeated).into()
    }
}

#[cfg(test)]
mod tests;
