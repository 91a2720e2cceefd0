//! Opens every outgoing connection of the program: resolves the name and tries each address until the deadline or the
//! stop.

use crate::base::clock::now;
use crate::base::stop::Stop;
use crate::base::thread;
use crate::printer::address::is_self_assigned_ip;
use crossbeam_channel::{bounded, select};
use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};
use std::io::{self, ErrorKind};
use std::mem::discriminant;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longest single connect. After it comes the next address, or the same one again. A printer in the same house answers
/// in milliseconds, and TCP itself would also send a fresh SYN after a second.
const CONNECT_SLICE: Duration = Duration::from_secs(1);

/// Data that most peers have not acknowledged for this long ends the connection (RFC 5482). A silent peer that answers no
/// keep-alive probes is ended likewise.
pub const USER_TIMEOUT: Duration = Duration::from_secs(5);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);

/// The most addresses of one name that are tried.
const ADDRESSES: usize = 8;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name has no address.
    #[error("the name {host} has no address")]
    Unresolvable {
        /// The host as configured.
        host: String,
        /// The resolver's error.
        source: io::Error,
    },
    /// The host only has addresses that devices assign to themselves, and these are not dialled.
    #[error("{host} stands for an address that a device gives itself (169.254.0.0/16)")]
    SelfAssigned {
        /// The host as configured.
        host: String,
    },
    /// Nothing answered before the deadline, or there is no route.
    #[error("nothing answers")]
    NoAnswer(#[source] io::Error),
    /// The host is up, but nothing listens on the port.
    #[error("connection refused")]
    Refused(#[source] io::Error),
    /// The system could not connect, for instance for lack of descriptors or permission.
    #[error("cannot connect")]
    System(#[source] io::Error),
    /// The program or the printer is being stopped.
    #[error("stopped while connecting")]
    Stopped,
}

/// Two failures are equal if a person is told the same of them.
impl PartialEq for DialError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unresolvable { host, .. }, Self::Unresolvable { host: other, .. })
            | (Self::SelfAssigned { host }, Self::SelfAssigned { host: other }) => host == other,
            (Self::System(error), Self::System(other)) => error.to_string() == other.to_string(),
            _ => discriminant(self) == discriminant(other),
        }
    }
}

/// Connects to `host`: a name, or an IP address without brackets. A link-local address includes its zone.
///
/// # Errors
/// Fails if it takes longer than `deadline`, if the peer refuses, or at the stop.
pub fn dial(host: &str, port: u16, deadline: Duration, stop: &Stop) -> Result<TcpStream, DialError> {
    dial_patiently(host, port, deadline, USER_TIMEOUT, stop)
}

/// Connects as [`dial`] does, to a peer whose acknowledgements may take `user_timeout`.
///
/// # Errors
/// Fails as [`dial`] does.
pub fn dial_patiently(
    host: &str,
    port: u16,
    deadline: Duration,
    user_timeout: Duration,
    stop: &Stop,
) -> Result<TcpStream, DialError> {
    let end = now() + deadline;
    thread::waits_for("the address of a host's name", Some(end));
    let mut silent = resolve(host, port, end, stop)?;
    thread::waits_for("a TCP connection", Some(end));
    // A self-assigned address may be stored from earlier, or a name may resolve to one.
    silent.retain(|address| !is_self_assigned_ip(&address.ip()));
    if silent.is_empty() {
        return Err(DialError::SelfAssigned { host: host.to_owned() });
    }
    let mut failure: Option<DialError> = None;
    // Only addresses that did not answer are tried again: a refusal is an answer.
    while !silent.is_empty() {
        let mut still_silent = Vec::new();
        for address in silent {
            if stop.is_stopped() {
                return Err(DialError::Stopped);
            }
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                return Err(failure.unwrap_or_else(|| DialError::NoAnswer(ErrorKind::TimedOut.into())));
            }
            match connect(&address, left.min(CONNECT_SLICE), user_timeout) {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    if error.kind() == ErrorKind::TimedOut {
                        still_silent.push(address);
                    }
                    failure = Some(more_telling(failure, error));
                }
            }
        }
        silent = still_silent;
    }
    Err(failure.unwrap_or_else(|| DialError::NoAnswer(ErrorKind::NotFound.into())))
}

fn connect(address: &SocketAddr, slice: Duration, user_timeout: Duration) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(user_timeout))?;
    #[cfg(not(target_os = "linux"))]
    let _ = user_timeout;
    socket.connect_timeout(&SockAddr::from(*address), slice)?;
    Ok(socket.into())
}

/// Picks the more informative of two failures at different addresses: "refused" beats "no answer".
fn more_telling(before: Option<DialError>, error: io::Error) -> DialError {
    let failure = match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => DialError::Refused(error),
        ErrorKind::TimedOut
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable => DialError::NoAnswer(error),
        _ => DialError::System(error),
    };
    match before {
        Some(refused @ DialError::Refused(_)) => refused,
        Some(silent @ DialError::NoAnswer(_)) if matches!(failure, DialError::System(_)) => silent,
        _ => failure,
    }
}

/// The number of name look-ups in progress. The system's resolver cannot be interrupted, so each look-up runs on its
/// own thread. The thread is left behind at the deadline or the stop. It owns nothing and ends when the resolver gives
/// up, within seconds. The limit keeps a dead name server from piling up threads.
static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
const LOOKUPS_AT_ONCE: usize = 64;

/// Resolves a name, or an address with a zone. A zone is resolved each time, because the interface's number may change.
fn resolve(host: &str, port: u16, end: Instant, stop: &Stop) -> Result<Vec<SocketAddr>, DialError> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let failed = |source| DialError::Unresolvable { host: host.to_owned(), source };
    if LOOKUPS.fetch_add(1, Ordering::Relaxed) >= LOOKUPS_AT_ONCE {
        LOOKUPS.fetch_sub(1, Ordering::Relaxed);
        return Err(failed(io::Error::other("too many name look-ups are waiting")));
    }
    let (found, answer) = bounded(1);
    let name = host.to_owned();
    let look_up = move || {
        thread::waits_for("the system's resolver", None);
        let addresses = (name.as_str(), port).to_socket_addrs().map(|all| all.take(ADDRESSES).collect::<Vec<_>>());
        LOOKUPS.fetch_sub(1, Ordering::Relaxed);
        // After a deadline or a stop, nobody receives this.
        let _ = found.send(addresses);
    };
    if let Err(error) = thread::spawn("lookup", look_up) {
        LOOKUPS.fetch_sub(1, Ordering::Relaxed);
        return Err(DialError::System(error));
    }
    let left = end.saturating_duration_since(now());
    let addresses = select! {
        recv(answer) -> addresses => addresses.unwrap_or_else(|gone| Err(io::Error::other(gone))),
        recv(stop.channel()) -> _ => return Err(DialError::Stopped),
        default(left) => Err(io::Error::new(ErrorKind::TimedOut, "no name server answers")),
    };
    match addresses {
        Ok(addresses) if addresses.is_empty() => Err(failed(ErrorKind::NotFound.into())),
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::stop::stop;
    use socket2::SockRef;
    use std::io::Write as _;
    use std::net::TcpListener;

    const DEADLINE: Duration = Duration::from_secs(5);

    #[test]
    fn self_assigned_addresses_are_not_dialled() {
        let (_stopper, stop) = stop();
        for host in ["169.254.169.254", "::ffff:169.254.7.7"] {
            let refused = dial(host, 80, DEADLINE, &stop);
            assert!(matches!(refused, Err(DialError::SelfAssigned { .. })), "{refused:?}");
        }
    }

    /// An address that answers no SYN: a listener with a full backlog, for which Linux drops further SYNs.
    fn silent_listener() -> (TcpListener, Vec<Socket>, u16) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        socket.listen(0).unwrap();
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().unwrap();
        let full = (0..4)
            .map(|_| {
                let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                filler.set_nonblocking(true).unwrap();
                let _ = filler.connect(&SockAddr::from(address));
                filler
            })
            .collect();
        (listener, full, address.port())
    }

    #[test]
    fn a_connection_has_nodelay_and_a_user_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (_stopper, stop) = stop();
        // Connects by name, to include the look-up. `localhost` may also be ::1, where nothing listens.
        let stream = dial("localhost", listener.local_addr().unwrap().port(), DEADLINE, &stop).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
        let port = listener.local_addr().unwrap().port();
        let patient = dial_patiently("127.0.0.1", port, DEADLINE, 3 * USER_TIMEOUT, &stop).unwrap();
        #[cfg(target_os = "linux")]
        assert_eq!(SockRef::from(&patient).tcp_user_timeout().unwrap(), Some(3 * USER_TIMEOUT));
    }

    #[test]
    fn a_closed_port_is_refused_at_once() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (_stopper, stop) = stop();
        assert!(matches!(dial("127.0.0.1", port, DEADLINE, &stop), Err(DialError::Refused(_))));
    }

    #[test]
    fn a_name_without_an_address_is_in_the_error() {
        let (_stopper, stop) = stop();
        let error = dial("no-such-printer.invalid", 322, DEADLINE, &stop).unwrap_err();
        assert!(
            matches!(&error, DialError::Unresolvable { host, .. } if host == "no-such-printer.invalid"),
            "{error:?}"
        );
    }

    /// Returns a link-local address of this machine, with its interface by name and by number.
    fn link_local() -> Option<(String, String)> {
        let table = std::fs::read_to_string("/proc/net/if_inet6").ok()?;
        let row = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| row[3] == "20")?;
        let groups: Vec<&str> = (0..8).filter_map(|group| row[0].get(group * 4..group * 4 + 4)).collect();
        let number = u32::from_str_radix(row[1], 16).ok()?;
        Some((format!("{}%{}", groups.join(":"), row[5]), format!("{}%{number}", groups.join(":"))))
    }

    #[test]
    fn a_link_local_address_is_reached_through_its_interface_and_no_other() {
        let (_stopper, stop) = stop();
        let error = dial("fe80::1%nosuchif", 322, DEADLINE, &stop).unwrap_err();
        assert!(matches!(error, DialError::Unresolvable { .. }), "{error:?}");
        let Some((by_name, by_number)) = link_local() else {
            let _ = writeln!(io::stderr(), "SKIPPED: no interface of this machine has a link-local address");
            return;
        };
        let listener = TcpListener::bind("[::]:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in [by_name, by_number] {
            let stream = dial(&host, port, DEADLINE, &stop).unwrap_or_else(|error| panic!("{host}: {error:?}"));
            let SocketAddr::V6(peer) = stream.peer_addr().unwrap() else { panic!("{host} is IPv6") };
            assert_ne!(peer.scope_id(), 0, "{host}");
        }
    }

    #[test]
    fn a_silent_host_is_given_up_at_the_deadline() {
        let (_listener, _full, port) = silent_listener();
        let (_stopper, stop) = stop();
        let began = now();
        let error = dial("127.0.0.1", port, Duration::from_millis(1200), &stop).unwrap_err();
        assert!(matches!(error, DialError::NoAnswer(_)), "{error:?}");
        assert!((Duration::from_millis(1200)..Duration::from_secs(3)).contains(&began.elapsed()));
    }

    #[test]
    fn a_stop_ends_the_wait_for_a_silent_host_within_a_slice() {
        let (_listener, _full, port) = silent_listener();
        let (stopper, stop) = stop();
        let began = now();
        let dialer = std::thread::scope(|scope| {
            let dialer = scope.spawn(|| dial("127.0.0.1", port, Duration::from_secs(60), &stop));
            drop(stopper);
            dialer.join().unwrap()
        });
        assert!(matches!(dialer, Err(DialError::Stopped)));
        assert!(began.elapsed() < CONNECT_SLICE + Duration::from_secs(1));
    }
}
