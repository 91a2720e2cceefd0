//! The listening socket, and how many connections this process can afford.

use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// How long a read waits for a client's next request, or for the rest of one. This exceeds the 90 s for which
/// cloudflared keeps an idle connection, so that none dies under a POST.
pub const READ_WITHIN: Duration = Duration::from_secs(120);

/// How long a write waits for a viewer that reads nothing.
pub const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// If sent bytes are not acknowledged within this time, the viewer is gone.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(20);

/// How many connections the kernel queues until they are accepted.
const BACKLOG: i32 = 1024;

/// Files that are reserved for cameras, MQTT connections, the database and the log. A viewer's connection is one file.
const RESERVED_FILES: usize = 64;

/// The number of files that we request from the system.
const WANTED_FILES: u64 = 65_536;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It cannot listen on the address.
    #[error("cannot listen on {bind}; if another program has it, stop that one or set BIND_ADDR to another port")]
    Listen {
        /// The requested address.
        bind: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The built page exists and cannot be read.
    #[error("cannot read the page in {}", path.display())]
    Page {
        /// The file or directory.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The system cannot start another thread.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

/// Listens on `bind`. Accepted sockets inherit these options (Linux), which saves six system calls for each.
/// SO_RCVTIMEO applies to `accept` as well, which is then called again.
pub fn listen(bind: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(bind), Type::STREAM, Some(Protocol::TCP))?;
        if bind.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        socket.set_reuse_address(true)?;
        socket.set_tcp_nodelay(true)?;
        socket.set_read_timeout(Some(READ_WITHIN))?;
        socket.set_write_timeout(Some(WRITE_WITHIN))?;
        socket.set_tcp_keepalive(
            &TcpKeepalive::new()
                .with_time(Duration::from_secs(30))
                .with_interval(Duration::from_secs(10))
                .with_retries(3),
        )?;
        socket.set_tcp_user_timeout(Some(ACKNOWLEDGED_WITHIN))?;
        socket.bind(&bind.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    open().map_err(|source| StartError::Listen { bind, source })
}

/// Returns at most `wanted`, and no more than there are files for, after asking the system for its maximum.
pub fn affordable_connections(wanted: usize) -> usize {
    let files = rlimit::increase_nofile_limit(WANTED_FILES).unwrap_or_else(|error| {
        log::warn!("cannot tell how many files may be open ({error}); assuming 1024");
        1024
    });
    let connections = connections_for(usize::try_from(files).unwrap_or(usize::MAX), wanted);
    if connections < wanted {
        log::warn!("{files} open files are enough for {connections} connections; raise `ulimit -n` for {wanted}");
    }
    connections
}

fn connections_for(files: usize, wanted: usize) -> usize {
    files.saturating_sub(RESERVED_FILES).clamp(4, wanted.max(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_limit_leaves_a_reserve_of_file_descriptors() {
        assert_eq!(connections_for(65_536, 2048), 2048);
        assert_eq!(connections_for(1024, 2048), 960);
        assert_eq!(connections_for(128, 2048), 64);
        assert_eq!(connections_for(16, 2048), 4, "a few, even when nearly nothing is allowed");
    }
}
