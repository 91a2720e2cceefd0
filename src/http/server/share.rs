//! Limits the share of each client in what all clients use. A client is an IPv4 address, or the /64 of an IPv6 address,
//! which is what one household gets. Behind a reverse proxy it is the address that the proxy names, if the proxy is
//! trusted.
//!
//! An address never grants a permission. It only decides for whose share a stream, a held request or a connection
//! counts.

use crate::base::clock;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A client's share, as a divisor: three others are still served when it has used all of its own.
const SHARE: usize = 4;

/// A browser opens six connections to one address; a share is never smaller than that and a player beside it.
const LEAST_CONNECTIONS: usize = 8;

/// The shortest time between two log lines about clients that have reached their share.
const WARN_EVERY: Duration = Duration::from_secs(3600);

/// The most entries of `TRUSTED_PROXIES`.
const PROXIES: usize = 64;

/// The owner of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client(IpAddr);

impl Client {
    /// Returns the client at this address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            address => Self(address),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, if self.0.is_ipv6() { "/64" } else { "" })
    }
}

/// The reverse proxies that are trusted to name their client (`TRUSTED_PROXIES`). Loopback is always trusted: who can
/// send from there is on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Proxies {
    /// Parses a comma-separated list of addresses and networks (CIDR). A network of all addresses is refused, since it
    /// would trust everybody.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let networks: Vec<_> = entries.map(Network::parse).collect::<Option<_>>()?;
        (networks.len() <= PROXIES).then_some(Self(networks))
    }

    /// Whether this address may name another one.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.0.iter().any(|network| network.contains(address))
    }

    /// Returns the client of a request that came from `peer`. Each proxy appends to `X-Forwarded-For` the address from
    /// which it received the request. The last entry that is not itself a proxy counts, and the entries before it
    /// cannot be trusted. `CF-Connecting-IP` is used only without that field: other proxies than Cloudflare's pass it
    /// on as the client wrote it.
    pub fn client<'a>(&self, peer: IpAddr, header: impl Fn(&str) -> Option<&'a str>) -> Client {
        let mut client = peer.to_canonical();
        let named = header("x-forwarded-for").or_else(|| header("cf-connecting-ip")).unwrap_or_default();
        let mut hops = named.rsplit(',').map(str::trim);
        while self.trusts(client) {
            let Some(hop) = hops.next().and_then(parse_hop) else { break };
            client = hop;
        }
        Client::of(client)
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let is_plain = |digits: &&str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = match prefix {
            None => bits,
            Some(digits) => Some(digits).filter(is_plain)?.parse().ok().filter(|prefix| (1..=bits).contains(prefix))?,
        };
        Some(Self { address, prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => {
                (own.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            (IpAddr::V6(own), IpAddr::V6(address)) => {
                (own.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

/// Parses an address, which some proxies write with the port (`192.0.2.7:50000`, `[2001:db8::7]:50000`).
fn parse_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// A limit for all, one for each group, and a share of both for each client. Whatever lasts takes a permit: a held
/// request (its group is the printer), an endless stream, a connection.
#[derive(Debug)]
pub struct Permits {
    /// The kind of permit in the plural, for the log.
    what: &'static str,
    in_total: usize,
    per_group: usize,
    per_client: usize,
    taken: Mutex<BTreeMap<Count, usize>>,
    warned: Mutex<Option<Instant>>,
    refused: AtomicU64,
}

/// A count that a permit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Count {
    All,
    Group(i64),
    Client(Client),
    ClientInGroup(Client, i64),
}

/// The limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The limit for all clients together.
    Everybody,
    /// The client's share.
    Client,
}

/// One permit; dropping it returns it.
#[derive(Debug)]
pub struct Permit {
    counts: [Count; 4],
    permits: Arc<Permits>,
}

impl Permits {
    /// Creates unused permits. A client has a quarter of the total, and in one group a quarter of the group's.
    pub fn new(what: &'static str, in_total: usize, per_group: usize) -> Arc<Self> {
        Self::with_share(what, in_total, per_group, in_total / SHARE)
    }

    /// Creates unused permits for `limit` connections.
    pub fn of_connections(limit: usize) -> Arc<Self> {
        Self::with_share("connections", limit, usize::MAX, (limit / SHARE).max(LEAST_CONNECTIONS))
    }

    fn with_share(what: &'static str, in_total: usize, per_group: usize, per_client: usize) -> Arc<Self> {
        let (taken, warned, refused) = Default::default();
        Arc::new(Self { what, in_total, per_group, per_client, taken, warned, refused })
    }

    /// Takes a permit.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn take(self: &Arc<Self>, group: i64, client: Client) -> Result<Permit, Full> {
        // The client's own limits come first, so that it learns of its share even if all permits are taken.
        let counts = [Count::ClientInGroup(client, group), Count::Client(client), Count::Group(group), Count::All];
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = counts.iter().find(|count| taken.get(count).copied().unwrap_or(0) >= self.limit(**count));
        match full {
            None => {
                counts.iter().for_each(|count| *taken.entry(*count).or_default() += 1);
                Ok(Permit { counts, permits: Arc::clone(self) })
            }
            Some(Count::All | Count::Group(_)) => Err(Full::Everybody),
            Some(count) => {
                drop(taken);
                self.warn(client, self.limit(*count));
                Err(Full::Client)
            }
        }
    }

    /// Returns how often a client was refused because it had its share.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Returns what the permits are for, in the plural.
    pub fn what(&self) -> &'static str {
        self.what
    }

    fn limit(&self, count: Count) -> usize {
        match count {
            Count::All => self.in_total,
            Count::Group(_) => self.per_group,
            Count::Client(_) => self.per_client,
            Count::ClientInGroup(..) => self.per_group / SHARE,
        }
    }

    fn warn(&self, client: Client, share: usize) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let (now, mut warned) = (clock::now(), self.warned.lock().unwrap_or_else(PoisonError::into_inner));
        if warned.is_none_or(|at| now.duration_since(at) >= WARN_EVERY) {
            *warned = Some(now);
            log::warn!(
                "{client} has {share} {} open, its whole share; it gets no more. If this is a reverse proxy with many \
                 visitors behind it, name it in TRUSTED_PROXIES.",
                self.what
            );
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.permits.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for count in &self.counts {
            if let Some(open) = taken.get_mut(count) {
                *open -= 1;
                if *open == 0 {
                    taken.remove(count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client::of(address.parse().unwrap())
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_64() {
        let check = |address, expected: &str| assert_eq!(client(address).to_string(), expected);
        check("192.0.2.7", "192.0.2.7");
        check("::ffff:192.0.2.7", "192.0.2.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64");
        check("::1", "::/64");
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        for good in ["", "172.30.86.3", " 10.0.0.0/8 , fd00::/8,2001:db8::1,", "192.168.1.9/24", "0.0.0.0/1"] {
            assert!(Proxies::parse(good).is_some(), "{good}");
        }
        for bad in
            ["nginx", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/0", "::/0", "fd00::/129", "1.2.3", "*"]
        {
            assert!(Proxies::parse(bad).is_none(), "{bad}");
        }
        let proxies = Proxies::parse("10.1.0.0/16,2001:db8::/32").unwrap();
        let check =
            |address: &str, expected| assert_eq!(proxies.trusts(address.parse().unwrap()), expected, "{address}");
        for believed in ["10.1.255.255", "::ffff:10.1.0.1", "2001:db8:ffff::1", "127.0.0.1", "127.9.9.9", "::1"] {
            check(believed, true);
        }
        for stranger in ["10.2.0.0", "192.0.2.7", "2001:db9::1", "::ffff:10.2.0.1"] {
            check(stranger, false);
        }
    }

    #[test]
    fn only_a_trusted_proxy_names_the_client() {
        let proxies = Proxies::parse("172.30.86.3,172.30.86.4").unwrap();
        let check = |peer: &str, forwarded: Option<&str>, cloudflare: Option<&str>, expected: &str| {
            let header = |name: &str| if name == "x-forwarded-for" { forwarded } else { cloudflare };
            let have = proxies.client(peer.parse().unwrap(), header);
            assert_eq!(have, client(expected), "{peer} {forwarded:?} {cloudflare:?}");
        };
        check("192.0.2.1", Some("198.51.100.7"), Some("198.51.100.8"), "192.0.2.1");
        check("172.30.86.3", Some("198.51.100.7"), None, "198.51.100.7");
        check("::ffff:172.30.86.3", Some("198.51.100.7"), None, "198.51.100.7");
        check("172.30.86.4", None, Some("198.51.100.7"), "198.51.100.7");
        check("127.0.0.1", None, Some("2001:db8::7"), "2001:db8::9");
        check("172.30.86.3", Some("198.51.100.7"), Some("203.0.113.1"), "198.51.100.7");
        check("172.30.86.3", Some("203.0.113.1, 198.51.100.7"), None, "198.51.100.7");
        check("172.30.86.3", Some("203.0.113.1,198.51.100.7 ,172.30.86.4, 127.0.0.1"), None, "198.51.100.7");
        check("172.30.86.3", Some("198.51.100.7:50000"), None, "198.51.100.7");
        check("172.30.86.3", Some("[2001:db8::7]:50000"), None, "2001:db8::7");
        check("172.30.86.3", Some("[2001:db8::7]"), None, "2001:db8::7");
        for unreadable in ["unknown", "", ",", "198.51.100.7, x", "198.51.100.7,"] {
            check("172.30.86.3", Some(unreadable), None, "172.30.86.3");
        }
        check("172.30.86.3", None, None, "172.30.86.3");
        check("172.30.86.3", Some("172.30.86.4"), None, "172.30.86.4");
    }

    #[test]
    fn permits_are_refused_past_each_limit_and_returned_when_dropped() {
        let (one, two, three) = (client("192.0.2.1"), client("192.0.2.2"), client("192.0.2.3"));
        let permits = Permits::new("streams", 8, 8);
        let first = permits.take(1, one).unwrap();
        let _second = permits.take(1, one).unwrap();
        assert_eq!(permits.take(1, one).unwrap_err(), Full::Client, "two of eight are a share");
        assert_eq!(permits.take(2, one).unwrap_err(), Full::Client, "of the total as well");
        let _third = permits.take(1, two).unwrap();
        drop(first);
        let _fourth = permits.take(1, one).unwrap();
        assert_eq!(permits.refused(), 2);

        let permits = Permits::new("streams", 100, 4);
        let in_group: Vec<_> = [one, two, three, client("192.0.2.4")].map(|one| permits.take(1, one).unwrap()).into();
        assert_eq!(permits.take(1, client("192.0.2.5")).unwrap_err(), Full::Everybody, "the group is full");
        assert!(permits.take(2, client("192.0.2.5")).is_ok());
        assert_eq!(permits.refused(), 0, "nobody had its share");
        drop(in_group);
        assert!(permits.taken.lock().unwrap().is_empty(), "nothing is kept for who has left");
    }

    #[test]
    fn with_few_connections_one_client_still_gets_a_browsers_number() {
        let one = client("192.0.2.1");
        let open = |permits: Arc<Permits>| (0..).map_while(|_| permits.take(0, one).ok()).collect::<Vec<_>>().len();
        assert_eq!(open(Permits::of_connections(2048)), 512);
        assert_eq!(open(Permits::of_connections(16)), 8);
        assert_eq!(open(Permits::of_connections(4)), 4);
    }
}
