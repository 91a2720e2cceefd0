//! The codes of troubles: how they are written, and what is listed.

use super::Machine;
use super::ams::Source;
use crate::json::{Json, list};
use std::str::FromStr;

/// A trouble as the printer lists it in `hms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hms {
    /// Module and part.
    pub attr: u32,
    /// Severity and number.
    pub code: u32,
}

impl Hms {
    /// 0500-0500-0001-0007: a command was refused.
    pub const COMMAND_REFUSED: Self = Self::of(0x0500_0500_0001_0007);

    /// 0700-2000-0002-0001: the first slot of the first AMS is empty.
    pub const RUNOUT: Self = Self::of(0x0700_2000_0002_0001);

    /// The code of these 16 digits.
    #[must_use]
    pub const fn of(digits: u64) -> Self {
        Self { attr: (digits >> 32) as u32, code: digits as u32 }
    }

    /// Filament ran out there: the slot is in the second group.
    pub(super) fn runout(module: u32, source: Source) -> Self {
        let slot = match source {
            Source::Tray { slot, .. } => u32::from(slot),
            Source::None | Source::External => 0,
        };
        Self { attr: module << 16 | 0x2000 | slot << 8, ..Self::RUNOUT }
    }
}

/// As it is shown: `0500-0500-0001-0007`, with or without the dashes.
impl FromStr for Hms {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        digits(text, 16).map(Self::of).ok_or(())
    }
}

/// A `print_error` as it is shown: `0300-400C`, with or without the dash.
#[must_use]
pub fn error_code(text: &str) -> Option<u32> {
    digits(text, 8)?.try_into().ok()
}

fn digits(text: &str, count: usize) -> Option<u64> {
    let digits: String = text.chars().filter(|char| !matches!(char, '-' | '_')).collect();
    let is_whole = digits.len() == count && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(&digits, 16).ok().filter(|_| is_whole)
}

impl Machine {
    /// What it lists in `hms`, beside what its firmware lists always.
    pub fn set_hms(&mut self, hms: Vec<Hms>) {
        self.hms = hms;
    }

    pub(super) fn hms(&mut self) -> Json {
        let flaps = self.staged.flap();
        let all = self.firmware.standing.iter().chain(&self.hms).copied().chain(flaps);
        list(all.map(|hms| {
            let mut members = vec![("attr".into(), Json::from(hms.attr)), ("code".into(), hms.code.into())];
            if self.firmware.dates_hms {
                members.extend([("ts_boot".into(), 33_429.into()), ("ts_unix".into(), "20260708111841".into())]);
            }
            Json::Object(members)
        }))
    }
}
