//! Hears what printers announce over UDP, and asks them to.
//!
//! Printers send to port 2021 or 1990 of the broadcast address or of the group 239.255.255.250, each model its own
//! way. Programs beside this one may listen as well (`SO_REUSEADDR`, `SO_REUSEPORT`). Nothing passes a router.

use super::interfaces;
use crate::base::stop::Stop;
use crate::printer::announcement::{PACKET_BYTES, SEARCH};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;

/// The ports to which printers announce themselves.
pub const PORTS: [u16; 2] = [2021, 1990];

/// The port at which they answer a search.
const SEARCH_PORT: u16 = 1990;

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);

/// The longest single wait, so that the stop is seen.
const SLICE: Duration = Duration::from_millis(500);

/// A socket that hears announcements.
#[derive(Debug)]
pub struct Ear {
    socket: UdpSocket,
    /// The interfaces on which it has joined the group.
    joined: BTreeSet<u32>,
    buffer: Box<[u8]>,
}

impl Ear {
    /// Listens at a port on all interfaces; port 0 takes a free one.
    ///
    /// # Errors
    /// Fails if another program has the port for itself.
    pub fn open(port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
        socket.set_broadcast(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
        socket.set_read_timeout(Some(SLICE))?;
        // One byte more shows that a packet is too long.
        let buffer = vec![0; PACKET_BYTES + 1].into_boxed_slice();
        Ok(Self { socket: socket.into(), joined: BTreeSet::new(), buffer })
    }

    /// Returns the port.
    ///
    /// # Errors
    /// Fails if the system does not know.
    pub fn port(&self) -> io::Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Joins the group on each interface on which that has not been done. An interface may come later, or again.
    pub fn join(&mut self) {
        let present: BTreeSet<u32> = interfaces::indices().into_iter().collect();
        self.joined.retain(|index| present.contains(index));
        for index in present {
            let socket = socket2::SockRef::from(&self.socket);
            if !self.joined.contains(&index) {
                match socket.join_multicast_v4_n(&GROUP, &InterfaceIndexOrAddress::Index(index)) {
                    Ok(()) => log::debug!("finding: the group {GROUP} is joined on interface {index}"),
                    Err(error) => log::debug!("finding: no multicast on interface {index}: {error}"),
                }
                // What fails once is not tried for ever: some interfaces have no multicast.
                self.joined.insert(index);
            }
        }
    }

    /// Waits for a packet, at most 500 ms. Returns `None` if none came.
    ///
    /// # Errors
    /// Fails if the socket is of no more use.
    pub fn hear(&mut self) -> io::Result<Option<(&[u8], IpAddr)>> {
        match self.socket.recv_from(&mut self.buffer) {
            Ok((bytes, source)) => Ok(Some((self.buffer.get(..bytes).unwrap_or_default(), source.ip()))),
            Err(error) => match error.kind() {
                // An ICMP answer to a search shows up as "refused".
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::ConnectionRefused => {
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }

    /// Asks printers to announce themselves. Best effort: an interface may be away.
    pub fn search(&self, to: &[SocketAddrV4], stop: &Stop) {
        for address in to {
            if stop.is_stopped() {
                return;
            }
            if let Err(error) = self.socket.send_to(SEARCH, address) {
                log::debug!("finding: no search could be sent to {address}: {error}");
            }
        }
    }
}

/// Returns where a search is sent: the group, and the broadcast address of each network.
#[must_use]
pub fn search_addresses() -> Vec<SocketAddrV4> {
    let networks = interfaces::networks().into_iter().map(|network| network.range.broadcast());
    let mut all: Vec<Ipv4Addr> = [GROUP, Ipv4Addr::BROADCAST].into_iter().chain(networks).collect();
    all.dedup();
    all.into_iter().map(|address| SocketAddrV4::new(address, SEARCH_PORT)).collect()
}
