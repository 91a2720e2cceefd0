//! A Bambu Lab printer in software.
