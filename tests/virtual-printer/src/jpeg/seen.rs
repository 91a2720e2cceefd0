//! What port 6000 has seen.

/// Counted since the printer was started.
#[derive(Debug, Clone, Default)]
pub struct JpegSeen {
    /// Logins read to their end, right or wrong.
    pub logins: u64,
    /// In how many pieces the last one came.
    pub login_pieces: u64,
    /// Those that were wrong.
    pub logins_refused: u64,
    /// What clients sent after their login; a real client sends nothing.
    pub bytes_after_login: u64,
    /// The number of the last picture that was drawn. [`Seen::frames`](crate::Seen::frames) counts those that were sent.
    pub drawn: u64,
    /// Pictures that were sent with something wrong in them.
    pub soiled: u64,
}
