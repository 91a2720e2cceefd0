//! Lists the codes with their English words, and fills in the words.

use super::{Advice, Params};
use serde_json::Value;
use std::fmt;

/// What a person is told, without its parameters. A code never changes its meaning.
///
/// In the English words, `{peer}` stands for the parameter `peer`, and `{retry?; it is tried again}` for a text that is
/// there if the parameter `retry` is there and not `false`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code {
    word: &'static str,
    english: &'static str,
}

/// Declares codes, and the list `ALL` of them.
macro_rules! words {
    ($($(#[$doc:meta])* $see:vis $name:ident $word:literal $english:literal)*) => {
        $($(#[$doc])* $see const $name: $crate::advice::Code = $crate::advice::Code::new($word, $english);)*
        /// Every code of this file.
        pub(super) const ALL: &[$crate::advice::Code] = &[$($name),*];
    };
}
pub(super) use words;

impl Code {
    /// Makes a code for the table of a file.
    pub(super) const fn new(word: &'static str, english: &'static str) -> Self {
        Self { word, english }
    }

    /// Returns every code.
    pub fn all() -> impl Iterator<Item = Self> {
        use super::{
            camera, certificate, command, display, field, found, link, mqtt, picture, pictures, printers, request,
            step, test,
        };
        let files = [
            link::ALL,
            certificate::ALL,
            camera::ALL,
            pictures::ALL,
            mqtt::ALL,
            step::ALL,
            display::ALL,
            command::ALL,
            test::ALL,
            found::ALL,
            printers::ALL,
            field::ALL,
            request::ALL,
            picture::ALL,
        ];
        files.into_iter().flatten().copied()
    }

    /// Returns the code as it goes to the browser, for instance `camera.port-closed`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.word
    }

    /// Returns the English words, with names in braces for the parameters.
    #[must_use]
    pub fn english(self) -> &'static str {
        self.english
    }

    /// Returns the advice with these parameters.
    #[must_use]
    pub fn with<const N: usize>(self, params: [(&'static str, Value); N]) -> Advice {
        let params = Params::from(params);
        let mut sentence = String::with_capacity(self.english.len());
        fill(self.english, &params, &mut sentence);
        Advice { code: self, params, sentence }
    }

    /// Returns the advice of a code that has no parameters.
    #[must_use]
    pub fn plain(self) -> Advice {
        self.with([])
    }

    /// Returns the advice with a sentence that no table has: it is the printer's, or made of others.
    pub(super) fn worded<const N: usize>(self, params: [(&'static str, Value); N], sentence: String) -> Advice {
        Advice { code: self, params: Params::from(params), sentence }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// Writes `words` with its parameters. What the parameters hold is written as it is, braces included.
fn fill(words: &str, params: &Params, into: &mut String) {
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        let end = end_of_braces(after);
        let (inside, left) = after.split_at(end);
        into.push_str(before);
        match inside.split_once('?') {
            Some((name, text)) if params.get(name).is_some_and(|value| *value != Value::Bool(false)) => {
                fill(text, params, into);
            }
            Some(_) => {}
            None => match params.get(inside) {
                Some(Value::String(text)) => into.push_str(text),
                Some(value) => into.push_str(&value.to_string()),
                None => {}
            },
        }
        rest = left.get(1..).unwrap_or_default();
    }
    into.push_str(rest);
}

/// Returns where the braces end that have just been opened.
fn end_of_braces(text: &str) -> usize {
    let mut open = 1;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    text.len()
}
