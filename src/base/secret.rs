//! A text that must not be seen: an access code.

use std::fmt;

/// Holds a secret text. It prints as `•••` wherever it is formatted and does not serialize; the only way to its
/// bytes is [`Secret::expose`], whose uses can be counted.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the peer it is meant for and for no log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_shows_a_secret() {
        let secret = Secret::new("12345678");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "••• Some(•••)");
    }
}
