//! Says why printers are not heard, and why a range is not scanned.

use super::code::words;
use super::{Advice, Tries, link};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};
use crate::net::range::{MOST_ADDRESSES, RangeError};

words! {
    /// The operator does not want it.
    pub OFF "found.off" "Printers are not listened for, because DISCOVERY is off; scan your network, or type the address."
    /// Other programs have the ports for themselves.
    pub PORTS_TAKEN "found.ports-taken" "Another program on this machine keeps the ports to which printers announce themselves \
        (UDP 2021 and 1990), so none is heard; scan your network, or type the address."
    /// No announcement has come into the container.
    pub CONTAINER "found.container" "Platecast runs in a container, and no printer has been heard yet. Announcements reach a \
        container only on the host's network (network_mode: host). Without it, scan your network, or type the address."
    RANGE_MALFORMED "found.range-malformed" "A range is written like 192.168.1.0/24."
    RANGE_V6 "found.range-v6" "Only ranges of IPv4 can be scanned, like 192.168.1.0/24; networks of IPv6 have too many \
        addresses."
    RANGE_TOO_LARGE "found.range-too-large" "This range has more than {most} addresses; scan a part of it, like \
        192.168.1.0/24."
    /// The range is on the internet.
    pub RANGE_NOT_PRIVATE "found.range-not-private" "Only private ranges are scanned, like 192.168.1.0/24, and the networks of \
        this machine."
    /// There is one scan at a time.
    pub SCAN_RUNNING "found.scan-running" "Another scan is running; wait for its end, or stop it."
    /// Too many scans were started in a row.
    pub TOO_MANY_SCANS "found.too-many-scans" "Too many scans were started in a row; try again in a moment."
    /// The system has no thread left for a scan.
    pub NO_THREADS "found.no-threads" "This machine has no threads left for a scan; restart the service."
    /// Too many addresses were asked in a row.
    pub TOO_MANY_GREETINGS "found.too-many-greetings" "Too many addresses were asked for a printer in a row; try again in a \
        moment."
    NO_PRINTER "found.no-printer" "The device at {peer} does not listen where printers do; check the address, or restart the \
        printer."
}

/// Returns the words for a text that is no range to scan.
#[must_use]
pub fn of_range_error(error: RangeError) -> Advice {
    match error {
        RangeError::Malformed => RANGE_MALFORMED.plain(),
        RangeError::V6 => RANGE_V6.plain(),
        RangeError::TooLarge => RANGE_TOO_LARGE.with([("most", MOST_ADDRESSES.into())]),
    }
}

/// Returns the words for a device that was asked who it is, once.
#[must_use]
pub fn of_greeting(error: &LinkError) -> Advice {
    match &error.failure {
        Failure::Dial(DialError::Refused(_)) => NO_PRINTER.with([("peer", error.at.as_str().into())]),
        _ => link::of_link_error(error, Tries::Single),
    }
}
