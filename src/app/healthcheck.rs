//! `platecast healthcheck` asks the service at `BIND_ADDR` whether it serves, for a container that has no shell. If the
//! service listens everywhere, it asks over the loopback interface.

use crate::base::clock::now;
use crate::base::stop::stop;
use crate::net::dial::{DialError, dial};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The time limits for the connection and for the answer; a sentence below names the latter.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The service answers `localhost` with any settings.
const QUESTION: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const RIGHT: &[u8] = b"HTTP/1.1 200 ";

/// Why the service is not well.
#[derive(Debug, thiserror::Error)]
pub enum Unwell {
    /// Nothing listens at the address.
    #[error("nothing serves at {0}")]
    NoConnection(SocketAddr, #[source] DialError),
    /// It accepts the connection and does not answer.
    #[error("what serves at {0} does not answer within 2 s")]
    NoAnswer(SocketAddr, #[source] io::Error),
    /// It gives an unexpected answer.
    #[error("what serves at {0} is not well, or no platecast")]
    OtherAnswer(SocketAddr),
}

/// Sends the request and checks the answer.
///
/// # Errors
/// If the answer is not that all is well.
pub fn ask(bind: SocketAddr) -> Result<(), Unwell> {
    let (_stopper, stop) = stop();
    let mut failure = None;
    for ip in places(bind.ip()) {
        let at = SocketAddr::new(ip, bind.port());
        match dial(&ip.to_string(), bind.port(), CONNECT_WITHIN, &stop) {
            Ok(socket) => return is_well(socket, at),
            Err(error) => failure = failure.or(Some(Unwell::NoConnection(at, error))),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Returns the addresses of a service that listens on `ip`. On `[::]` it accepts IPv4 as well, and a machine may have
/// no `::1`.
fn places(ip: IpAddr) -> Vec<IpAddr> {
    match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into()],
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()],
        other => vec![other],
    }
}

fn is_well(mut socket: TcpStream, at: SocketAddr) -> Result<(), Unwell> {
    let answer = status(&mut socket, now() + ANSWER_WITHIN).map_err(|error| Unwell::NoAnswer(at, error))?;
    if answer == RIGHT { Ok(()) } else { Err(Unwell::OtherAnswer(at)) }
}

/// Returns the answer's first bytes, as many as the expected answer has.
fn status(socket: &mut TcpStream, deadline: Instant) -> io::Result<Vec<u8>> {
    socket.set_write_timeout(Some(ANSWER_WITHIN))?;
    socket.write_all(QUESTION)?;
    let mut answer = vec![0; RIGHT.len()];
    let mut have = 0;
    while let Some(rest) = answer.get_mut(have..).filter(|rest| !rest.is_empty()) {
        let left = deadline.saturating_duration_since(now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        match socket.read(rest) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    answer.truncate(have);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_service_on_all_addresses_is_checked_on_loopback() {
        let check = |bind: &str, asked: &[&str]| {
            let asked: Vec<IpAddr> = asked.iter().map(|ip| ip.parse().unwrap()).collect();
            assert_eq!(places(bind.parse().unwrap()), asked);
        };
        check("0.0.0.0", &["127.0.0.1"]);
        check("::", &["::1", "127.0.0.1"]);
        check("192.168.1.5", &["192.168.1.5"]);
    }

    /// Runs the check against a server that gives this answer once.
    fn served(answer: &'static [u8]) -> Result<(), Unwell> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let bind = listener.local_addr().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let (mut socket, _) = listener.accept().unwrap();
                let mut question = vec![0; QUESTION.len()];
                socket.read_exact(&mut question).unwrap();
                socket.write_all(answer).unwrap();
                if answer.is_empty() {
                    // Waits until the other side gives up.
                    let _ = socket.read(&mut question);
                }
            });
            ask(bind)
        })
    }

    #[test]
    fn only_status_200_is_healthy() {
        assert!(served(b"HTTP/1.1 200 OK\r\n\r\n").is_ok());
        assert!(matches!(served(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), Err(Unwell::OtherAnswer(_))));
        assert!(matches!(served(b"SSH-2.0\r\n"), Err(Unwell::OtherAnswer(_))));
        assert!(matches!(served(b""), Err(Unwell::NoAnswer(..))));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(ask(free), Err(Unwell::NoConnection(..))));
    }
}
