//! Layer 7: finds printers, and follows those whose address has changed.
//!
//! ```text
//! UDP 2021, 1990 ─► hear-2021, hear-1990 ─ announcements ─► Book ─► Watch<Found> ─► http
//! POST …/scan ─► scan-1 … scan-64 ─ TLS hellos ─ greetings ──┘ └─► following ─ a TLS hello ─► Fleet::follow
//! ```
//!
//! Nobody is sent more than a TLS hello, and a search for printers over UDP while somebody looks. An announcement is a
//! hint that anybody can forge; a certificate with its key is proof. Only proof changes the address of a printer.

mod book;
mod follow;
mod greeting;
mod hear;
mod scan;

pub use book::FoundPrinter;
pub use greeting::GreetError;
pub use scan::{Scan, ScanError, ScanState};

use crate::advice::{Advice, found as words};
use crate::base::clock;
use crate::base::failure_log::Allowance;
use crate::base::stop::{Stop, Stopper, stop};
use crate::base::thread::{Thread, spawn};
use crate::base::watch::{Subscription, Watch};
use crate::fleet::Fleet;
use crate::net::discovery::{self, Ear};
use crate::net::interfaces::{self, Network};
use crate::net::range::Range;
use book::{Book, Seen};
use greeting::Greetings;
use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the operator or a test decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The ports on which announcements are heard; empty if nobody listens.
    pub ports: Vec<u16>,
    /// Where a search is sent; `None` for the group and every network of this machine.
    pub search: Option<Vec<SocketAddrV4>>,
}

impl Settings {
    /// Returns the settings of a service that listens, or of one that does not.
    #[must_use]
    pub fn listening(listens: bool) -> Self {
        Self { ports: if listens { discovery::PORTS.to_vec() } else { Vec::new() }, search: None }
    }
}

/// Why announcements do not come here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deaf {
    /// The operator does not want it.
    Off,
    /// Other programs have the ports for themselves.
    PortsTaken,
    /// The program is in a container, it seems on a network of the container's own, and nothing has been heard.
    Container,
}

impl Deaf {
    /// Returns the words for a person who looks for printers.
    #[must_use]
    pub fn advice(self) -> Advice {
        let code = match self {
            Self::Off => words::OFF,
            Self::PortsTaken => words::PORTS_TAKEN,
            Self::Container => words::CONTAINER,
        };
        code.plain()
    }
}

/// What has been found by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whether announcements are listened for.
    pub listening: bool,
    /// Why none come, if that is known.
    pub deaf: Option<Deaf>,
    /// The scan that runs, or the last one.
    pub scan: Option<Scan>,
    /// The printers, by serial number.
    pub printers: Vec<FoundPrinter>,
}

/// A range that may be worth a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The range.
    pub range: Range,
    /// The interface that leads there; `None` for the network of a printer that is registered here.
    pub interface: Option<String>,
}

/// The prefix length of a home's network.
const HOME: u8 = 24;

/// Nothing but a later time is news that often.
const TIMES_APART: Duration = Duration::from_secs(5);

/// Finding and following. Dropping it stops its threads; [`Finding::close`] also waits for them.
#[derive(Debug)]
pub struct Finding {
    shared: Arc<Shared>,
    threads: Mutex<Threads>,
    stop: Stop,
}

#[derive(Debug, Default)]
struct Threads {
    stopper: Option<Stopper>,
    all: Vec<Thread>,
}

/// What its threads share.
#[derive(Debug)]
struct Shared {
    fleet: Arc<Fleet>,
    settings: Settings,
    /// The ports at which a socket is open.
    ports: Vec<u16>,
    /// Whether the network seems to be a container's own.
    in_container: bool,
    newest: Watch<Found>,
    state: Mutex<State>,
    greetings: Arc<Greetings>,
    /// Each of those who look holds one.
    looks: Arc<()>,
}

#[derive(Debug)]
struct State {
    book: Book,
    scan: scan::Running,
    has_heard: bool,
    told: Instant,
    lines: Allowance,
}

/// Somebody looks at what is found; dropping it ends that.
#[derive(Debug)]
pub struct Look {
    changed: Subscription,
    _looks: Arc<()>,
}

impl Look {
    /// Returns the subscription to changes.
    #[must_use]
    pub fn changed(&self) -> &Subscription {
        &self.changed
    }
}

impl Finding {
    /// Opens the ports and starts the threads. A port that another program has for itself is no error.
    ///
    /// # Errors
    /// Fails if the system has no thread left.
    pub fn start(settings: Settings, fleet: Arc<Fleet>) -> io::Result<Self> {
        let mut ears = Vec::new();
        for port in &settings.ports {
            match Ear::open(*port).and_then(|ear| Ok((ear.port()?, ear))) {
                Ok(ear) => ears.push(ear),
                Err(error) => log::warn!("printers are not heard on UDP port {port}: {error}"),
            }
        }
        let ports = ears.iter().map(|(port, _)| *port).collect();
        let state = State {
            book: Book::default(),
            scan: scan::Running::default(),
            has_heard: false,
            told: clock::now(),
            lines: Allowance::default(),
        };
        let found = Found { listening: false, deaf: None, scan: None, printers: Vec::new() };
        let shared = Arc::new(Shared {
            fleet,
            settings,
            ports,
            in_container: interfaces::seem_a_containers(),
            newest: Watch::new(found),
            state: Mutex::new(state),
            greetings: Arc::default(),
            looks: Arc::default(),
        });
        shared.update(|_| {});
        let (stopper, stop) = stop();
        let mut threads = Vec::new();
        for (port, ear) in ears {
            let (shared, stop) = (Arc::clone(&shared), stop.clone());
            threads.push(spawn(format!("hear-{port}"), move || hear::run(ear, &shared, &stop))?);
        }
        let (following, its_stop) = (Arc::clone(&shared), stop.clone());
        threads.push(spawn("following", move || follow::run(&following, &its_stop))?);
        Ok(Self { shared, threads: Mutex::new(Threads { stopper: Some(stopper), all: threads }), stop })
    }

    /// Returns the ports at which announcements are heard.
    #[must_use]
    pub fn ports(&self) -> &[u16] {
        &self.shared.ports
    }

    /// Returns what has been found.
    #[must_use]
    pub fn found(&self) -> Found {
        self.shared.update(|_| {});
        self.shared.newest.get().value.clone()
    }

    /// Begins to look: until this is dropped, printers are asked to announce themselves every few seconds.
    #[must_use]
    pub fn look(&self) -> Look {
        Look { changed: self.shared.newest.listen(), _looks: Arc::clone(&self.shared.looks) }
    }

    /// Returns ranges that may be worth a scan: the networks of this machine, the largest first, and those of registered
    /// printers elsewhere.
    #[must_use]
    pub fn proposals(&self) -> Vec<Proposal> {
        proposals(interfaces::networks(), &registered_hosts(&self.shared.fleet), self.shared.in_container)
    }

    /// Stops the threads and a scan, without waiting.
    pub fn stop(&self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.stopper = None;
        threads.all.extend(self.shared.update(|state| state.scan.end()));
    }

    /// Stops the threads and waits for them; a second at most.
    pub fn close(&self) {
        self.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        threads.all.into_iter().for_each(Thread::join);
    }
}

impl Shared {
    /// Changes the state and publishes what has become of it.
    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let changed = change(&mut state);
        let now = clock::now();
        let found = Found {
            listening: !self.ports.is_empty(),
            deaf: self.deaf(state.has_heard),
            scan: state.scan.progress(),
            printers: state.book.printers(now),
        };
        let before = self.newest.get();
        for printer in &found.printers {
            let is_known =
                before.value.printers.iter().any(|known| known.serial == printer.serial && known.host == printer.host);
            if !is_known && let Some(more) = state.lines.take(now) {
                log::debug!("finding: {} is at {}, it seems{more}", printer.serial, printer.host);
            }
        }
        if found != before.value {
            let later = now.saturating_duration_since(state.told) >= TIMES_APART;
            let is_news = later || without_times(&found) != without_times(&before.value);
            if is_news {
                state.told = now;
            }
            self.newest.put(found, is_news);
        }
        changed
    }

    fn deaf(&self, has_heard: bool) -> Option<Deaf> {
        match (&self.settings.ports[..], &self.ports[..]) {
            ([], _) => Some(Deaf::Off),
            (_, []) => Some(Deaf::PortsTaken),
            _ if !has_heard && self.in_container => Some(Deaf::Container),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many look at what is found.
    fn lookers(&self) -> usize {
        Arc::strong_count(&self.looks) - 1
    }
}

fn without_times(found: &Found) -> Found {
    let mut found = found.clone();
    found.printers.iter_mut().for_each(|printer| printer.last_seen_unix_ms = 0);
    found
}

fn now_seen() -> Seen {
    Seen { at: clock::now(), unix_ms: clock::unix_ms() }
}

fn registered_hosts(fleet: &Fleet) -> Vec<Ipv4Addr> {
    fleet.printers().iter().filter_map(|printer| printer.host.parse().ok()).collect()
}

/// Cuts large networks to the part around a registered printer, or else to their first addresses. The network of a
/// container has no printers, so it is left out.
fn proposals(networks: Vec<Network>, registered: &[Ipv4Addr], in_container: bool) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    let networks = if in_container { Vec::new() } else { networks };
    let mut own = networks;
    own.sort_by_key(|network| std::cmp::Reverse(network.range.count()));
    for Network { interface, range } in own {
        let inside = registered.iter().copied().find(|host| range.contains(*host)).or_else(|| range.address(0));
        let range = inside.map_or(range, |inside| range.part_around(inside));
        proposals.push(Proposal { range, interface: Some(interface) });
    }
    let elsewhere = registered.iter().filter_map(|host| Range::around(*host, HOME)).filter(|range| range.is_private());
    let mut known = BTreeSet::new();
    for range in elsewhere {
        let is_known = proposals.iter().any(|proposal| proposal.range.covers(range));
        if !is_known && known.insert(range.to_string()) && proposals.len() < PROPOSALS {
            proposals.push(Proposal { range, interface: None });
        }
    }
    proposals
}

/// The most proposals.
const PROPOSALS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_networks_are_proposed_in_parts_and_those_of_printers_elsewhere() {
        let network = |interface: &str, address: [u8; 4], prefix| Network {
            interface: interface.into(),
            range: Range::around(Ipv4Addr::from(address), prefix).unwrap(),
        };
        let networks = || vec![network("eth0", [192, 168, 1, 0], 24), network("eth1", [10, 0, 0, 0], 8)];
        let registered =
            [[10, 7, 9, 3], [192, 168, 1, 5], [192, 168, 7, 5], [192, 168, 7, 6], [8, 8, 8, 8], [127, 0, 0, 1]];
        let registered: Vec<Ipv4Addr> = registered.into_iter().map(Ipv4Addr::from).collect();
        let told = |proposals: Vec<Proposal>| -> Vec<String> {
            let word = |proposal: Proposal| format!("{} {:?}", proposal.range, proposal.interface.as_deref());
            proposals.into_iter().map(word).collect()
        };
        assert_eq!(
            told(proposals(networks(), &registered, false)),
            ["10.7.8.0/22 Some(\"eth1\")", "192.168.1.0/24 Some(\"eth0\")", "192.168.7.0/24 None", "127.0.0.0/24 None"]
        );
        assert_eq!(told(proposals(networks(), &[], false))[0], "10.0.0.0/22 Some(\"eth1\")");
        assert_eq!(told(proposals(networks(), &registered[2..4], true)), ["192.168.7.0/24 None"]);
    }
}
