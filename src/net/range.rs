//! A range of IPv4 addresses, as a person confirms it for a scan.

use std::fmt;
use std::net::Ipv4Addr;

/// The most addresses of a range.
pub const MOST_ADDRESSES: u32 = 1024;

/// A block of addresses in CIDR notation (RFC 4632), with [`MOST_ADDRESSES`] usable ones at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    first: u32,
    prefix: u8,
}

/// Why a text is no range to scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It is not an address with a prefix length.
    #[error("not an address and a prefix length")]
    Malformed,
    /// It is one of IPv6, whose networks have too many addresses.
    #[error("a range of IPv6")]
    V6,
    /// It has too many addresses.
    #[error("more than {MOST_ADDRESSES} addresses")]
    TooLarge,
}

impl Range {
    /// Returns the block of this size around an address; `None` if there is no such prefix length.
    #[must_use]
    pub fn around(address: Ipv4Addr, prefix: u8) -> Option<Self> {
        (prefix <= 32).then(|| Self { first: address.to_bits() & mask(prefix), prefix })
    }

    /// Parses `192.168.1.0/24`, or a single address. Any address of the block may stand for it.
    ///
    /// # Errors
    /// Returns what has to change.
    pub fn parse(typed: &str) -> Result<Self, RangeError> {
        let (address, prefix) = typed.trim().split_once('/').unwrap_or((typed.trim(), "32"));
        if address.contains(':') {
            return Err(RangeError::V6);
        }
        let plain = (1..=2).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|_| plain).ok_or(RangeError::Malformed)?;
        let address = address.parse().map_err(|_| RangeError::Malformed)?;
        let range = Self::around(address, prefix).ok_or(RangeError::Malformed)?;
        if range.count() > MOST_ADDRESSES { Err(RangeError::TooLarge) } else { Ok(range) }
    }

    /// Returns the number of usable addresses.
    #[must_use]
    pub fn count(self) -> u32 {
        let whole = u32::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0).saturating_add(1);
        // The first one is the network's own and the last one the broadcast address; RFC 3021 excepts two alone.
        if self.prefix < 31 { whole.saturating_sub(2) } else { whole }
    }

    /// Returns the usable address at a place, from 0.
    #[must_use]
    pub fn address(self, place: u32) -> Option<Ipv4Addr> {
        let skipped = u32::from(self.prefix < 31);
        (place < self.count()).then(|| Ipv4Addr::from_bits(self.first + skipped + place))
    }

    /// Returns the broadcast address.
    #[must_use]
    pub fn broadcast(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.first | !mask(self.prefix))
    }

    /// Whether an address is in the block.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & mask(self.prefix) == self.first
    }

    /// Whether the whole of the other block is in this one.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.contains(Ipv4Addr::from_bits(other.first))
    }

    /// Returns the block around an address of this block that is no larger than a range to scan: the block itself, or a
    /// part of 1,022 addresses.
    #[must_use]
    pub fn part_around(self, address: Ipv4Addr) -> Self {
        const LARGEST: u8 = 22;
        Self::around(address, self.prefix.max(LARGEST)).unwrap_or(self)
    }

    /// Whether no address of it is on the internet: RFC 1918, the shared space of RFC 6598, and this machine itself.
    #[must_use]
    pub fn is_private(self) -> bool {
        const PRIVATE: [([u8; 4], u8); 5] = [
            ([10, 0, 0, 0], 8),
            ([172, 16, 0, 0], 12),
            ([192, 168, 0, 0], 16),
            ([100, 64, 0, 0], 10),
            ([127, 0, 0, 0], 8),
        ];
        let covered = |(first, prefix)| Self::around(Ipv4Addr::from(first), prefix).is_some_and(|all| all.covers(self));
        PRIVATE.into_iter().any(covered)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.first), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(typed: &str) -> Range {
        Range::parse(typed).unwrap()
    }

    #[test]
    fn a_range_is_a_block_of_at_most_1024_addresses() {
        let check = |typed: &str, written: &str, count| {
            let range = range(typed);
            assert_eq!((range.to_string().as_str(), range.count()), (written, count), "{typed}");
        };
        check("192.168.1.0/24", "192.168.1.0/24", 254);
        check(" 192.168.1.77/24 ", "192.168.1.0/24", 254);
        check("10.0.4.0/22", "10.0.4.0/22", 1022);
        check("10.0.0.7", "10.0.0.7/32", 1);
        check("10.0.0.7/31", "10.0.0.6/31", 2);
        check("10.0.0.7/30", "10.0.0.4/30", 2);
        for large in ["10.0.0.0/21", "10.0.0.0/8", "0.0.0.0/0"] {
            assert_eq!(Range::parse(large), Err(RangeError::TooLarge), "{large}");
        }
        for six in ["fd00::/120", "::1"] {
            assert_eq!(Range::parse(six), Err(RangeError::V6), "{six}");
        }
        for wrong in ["", "/", "/24", "192.168.1.0/", "192.168.1.0/33", "192.168.1.0/+4", "192.168.1/24", "nas/24", "a"]
        {
            assert_eq!(Range::parse(wrong), Err(RangeError::Malformed), "{wrong}");
        }
    }

    #[test]
    fn network_and_broadcast_address_are_left_out() {
        let all = |typed: &str| -> Vec<String> {
            (0..).map_while(|place| range(typed).address(place)).map(|ip| ip.to_string()).collect()
        };
        assert_eq!(all("192.168.1.0/30"), ["192.168.1.1", "192.168.1.2"]);
        assert_eq!(all("255.255.255.255"), ["255.255.255.255"]);
        assert_eq!(all("192.168.1.0/24").last().map(String::as_str), Some("192.168.1.254"));
        assert_eq!(range("192.168.1.0/24").broadcast(), Ipv4Addr::new(192, 168, 1, 255));
    }

    #[test]
    fn a_large_network_is_cut_to_the_part_around_an_address() {
        let own = Ipv4Addr::new(10, 7, 9, 3);
        let part = |prefix| Range::around(own, prefix).unwrap().part_around(own).to_string();
        assert_eq!((part(24), part(8), part(0)), ("10.7.9.0/24".into(), "10.7.8.0/22".into(), "10.7.8.0/22".into()));
    }

    #[test]
    fn only_ranges_within_private_blocks_are_private() {
        for private in ["10.0.0.0/24", "172.31.255.0/24", "192.168.1.1", "100.127.0.0/24", "127.0.0.0/24"] {
            assert!(range(private).is_private(), "{private}");
        }
        for public in
            ["8.8.8.0/24", "172.32.0.0/24", "192.169.0.0/24", "100.128.0.0/24", "169.254.1.0/24", "0.0.0.0/24"]
        {
            assert!(!range(public).is_private(), "{public}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_range_or_refused(typed in "[0-9./: a-f]{0,24}|\\PC{0,24}") {
            if let Ok(range) = Range::parse(&typed) {
                prop_assert!((1..=MOST_ADDRESSES).contains(&range.count()));
                prop_assert!(range.address(range.count() - 1).is_some_and(|last| range.contains(last)));
                prop_assert!(range.address(range.count()).is_none());
                prop_assert_eq!(Range::parse(&range.to_string()), Ok(range));
            }
        }
    }
}
