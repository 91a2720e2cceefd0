//! What can be wrong with a field that a person has typed.

use crate::printer::address::UrlError;

/// The error of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in JSON.
    pub field: &'static str,
    /// What is wrong with it.
    pub mistake: Mistake,
}

/// A mistake in one field. None holds what was typed, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// A printer has no name.
    NameMissing,
    /// The name is too long.
    NameTooLong {
        /// The number of characters that is allowed.
        limit: usize,
    },
    /// The name has characters that disturb the lines around it.
    NameDisruptive,
    /// No character of the name can be seen.
    NameInvisible,
    /// There is no address.
    HostMissing,
    /// The address is neither a name nor an IP address.
    HostMalformed,
    /// A link-local address comes without its interface.
    LacksZone,
    /// The address is one that a device gives itself.
    SelfAssigned,
    /// There is no serial number.
    SerialMissing,
    /// The serial number has a wrong length or wrong characters.
    SerialMalformed,
    /// There is no access code.
    CodeMissing,
    /// The stored access code belongs to the address or the serial number that the printer had.
    CodeOfAnother,
    /// The access code is too long or has wrong characters.
    CodeMalformed {
        /// The number of characters that is allowed.
        limit: usize,
    },
    /// The camera URL cannot be used.
    Url(UrlError),
    /// The camera URL names the address that the printer had.
    UrlOfFormerHost,
    /// The fingerprint is no SHA-256.
    FingerprintMalformed,
    /// A camera at another host has no fingerprint.
    FingerprintMissing,
    /// There is a password without a user.
    UserMissing,
    /// There is a user without a camera URL.
    UserWithoutUrl,
    /// The user is too long or has wrong characters.
    UserMalformed,
    /// The stored password belongs to another host.
    PasswordOfAnother,
    /// There is a user without a password.
    PasswordMissing,
    /// The password is too long or has control characters.
    PasswordMalformed,
    /// The JSON has something else where a text belongs.
    NotText,
    /// The JSON has something else where `true` or `false` belongs.
    NotTruth,
}
