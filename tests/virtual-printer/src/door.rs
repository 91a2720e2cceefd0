//! A port: opened, closed and opened again, a thread for each connection.

use crate::behaviour::Door;
use crate::camera::{Connection, Leash, Shared};
use crate::client;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Until a port that is still taken is asked for again.
const RETRY: Duration = Duration::from_millis(20);

/// Buffers are on the heap; 64 printers are to be small.
const STACK_BYTES: usize = 256 * 1024;

/// Opens the port. Sockets of earlier connections to it are no hindrance.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body)
}

/// Keeps the port as the behaviour says, until the printer stops; then ends every connection.
pub(crate) fn run(shared: &Arc<Shared>, mut listener: Option<TcpListener>) {
    let mut clients: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let mut state = shared.lock();
        let closed = state.behaviour.door == Door::Refused;
        if state.stopping {
            break;
        }
        let address = state.address;
        if closed || listener.as_ref().is_some_and(|open| open.local_addr().ok() != Some(address)) {
            listener = None;
        }
        state.seen.listening = listener.is_some();
        state.seen.address = listener.as_ref().map(|_| address);
        shared.notify();
        match &listener {
            None if closed => drop(shared.wait(state, Duration::from_secs(1))),
            None => match listen(address) {
                Ok(opened) => listener = Some(opened),
                Err(error) => {
                    log::debug!("{address}: {error}");
                    drop(shared.wait(state, RETRY));
                }
            },
            Some(open) => {
                drop(state);
                clients.retain(|client| !client.is_finished());
                match open.accept() {
                    Ok((tcp, _)) => clients.extend(welcome(tcp, shared)),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => {
                        log::warn!("{address}: {error}");
                        drop(shared.wait(shared.lock(), RETRY));
                    }
                }
            }
        }
    }
    drop(listener);
    for client in clients {
        // A panic in it was printed where it happened.
        let _ = client.join();
    }
}

/// A thread for the connection, unless it only came to wake this one.
fn welcome(tcp: TcpStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let mut state = shared.lock();
    if state.stopping || state.behaviour.door == Door::Refused || state.seen.address != Some(state.address) {
        return None;
    }
    state.seen.accepted += 1;
    let id = state.seen.accepted;
    state.connections.insert(id, Connection::default());
    state.recount();
    drop(state);
    shared.notify();
    let leash = Leash { shared: Arc::clone(shared), id };
    spawn("vp-client", move || client::serve(&leash, tcp)).inspect_err(|error| log::error!("{error}")).ok()
}
