//! Says how a connection failed, to a printer or to any other camera.

use super::code::words;
use super::{Advice, Tries, certificate};
use crate::net::dial::DialError;
use crate::net::link::{Failure, LinkError};

words! {
    NO_INTERFACE "link.no-interface" "This machine has no network interface for {host}; what stands behind the % is the \
        name of one of its interfaces."
    NAME_UNKNOWN "link.name-unknown" "The name {host} is not known in this network; check it, or use the printer's IP \
        address."
    SELF_ASSIGNED "link.self-assigned" "{host} stands for an address that begins with 169.254, which a device gives \
        itself when its network gives it none; connect the printer to the network, and use the address that it shows then."
    NOTHING_ANSWERS "link.nothing-answers" "Nothing answers at {peer}; check that the device is switched on, in this \
        network, and still has this address."
    PORT_CLOSED "link.port-closed" "The device at {peer} is there, but its port is closed; check the port and that the \
        service is on."
    SYSTEM "link.system" "This machine cannot open a connection to {peer}: {reason}."
    STOPPED "link.stopped" "The connection to {peer} was stopped."
    CLOSED_AT_ONCE "link.closed-at-once" "The device at {peer} closes the connection at once; check that this is the \
        right port."
    NOT_TLS "link.not-tls" "What answers at {peer} does not speak TLS, so nothing was sent to it; check the address and \
        the port."
    HANDSHAKE_OVERDUE "link.handshake-overdue" "The device at {peer} did not finish the TLS handshake within {seconds} \
        s; if this stays, restart it."
    TLS_FAILED "link.tls-failed" "The encrypted connection to {peer} failed{retry?; it is tried again}. If this stays, \
        restart the device or update its firmware."
    TAKES_NOTHING "link.takes-nothing" "The device at {peer} stopped listening{retry?; it is tried again}. If this stays, \
        restart it."
    CLOSED "link.closed" "The device at {peer} closed the connection{retry?; it is tried again}."
    BROKEN "link.broken" "The connection to {peer} broke{retry?; it is tried again}. If this stays, check its Wi-Fi."
}

/// Returns the advice for a failure that means the same wherever it happens.
#[must_use]
pub fn of_link_error(error: &LinkError, tries: Tries) -> Advice {
    let LinkError { at, failure } = error;
    let peer = || ("peer", at.as_str().into());
    let retried = || [peer(), ("retry", tries.retry())];
    match failure {
        Failure::Dial(dial) => of_dial_error(at, dial),
        Failure::Certificate(refusal) => certificate::of_refusal(refusal, at),
        Failure::ClosedInHandshake => CLOSED_AT_ONCE.with([peer()]),
        Failure::NotTls(_) | Failure::LongMessage => NOT_TLS.with([peer()]),
        Failure::HandshakeDeadline(waited) => HANDSHAKE_OVERDUE.with([peer(), ("seconds", waited.as_secs().into())]),
        Failure::Alert(_) | Failure::Tls(_) | Failure::NoServerName | Failure::Encode(_) | Failure::Encrypt(_) => {
            TLS_FAILED.with(retried())
        }
        Failure::WriteDeadline(_) => TAKES_NOTHING.with(retried()),
        Failure::Closed => CLOSED.with(retried()),
        Failure::Broken(_) => BROKEN.with(retried()),
        Failure::Stopped => STOPPED.with([peer()]),
    }
}

fn of_dial_error(at: &str, error: &DialError) -> Advice {
    let host = |host: &String| [("host", host.as_str().into())];
    let peer = || ("peer", at.into());
    match error {
        DialError::Unresolvable { host: name, .. } if name.contains('%') => NO_INTERFACE.with(host(name)),
        DialError::Unresolvable { host: name, .. } => NAME_UNKNOWN.with(host(name)),
        DialError::SelfAssigned { host: name } => SELF_ASSIGNED.with(host(name)),
        DialError::NoAnswer(_) => NOTHING_ANSWERS.with([peer()]),
        DialError::Refused(_) => PORT_CLOSED.with([peer()]),
        DialError::System(error) => SYSTEM.with([peer(), ("reason", error.to_string().into())]),
        DialError::Stopped => STOPPED.with([peer()]),
    }
}
