//! Many viewers of one address, for the bench: each follows the low-latency playlist by blocking reload and fetches every
//! part by byte range, as hls.js does; or, with `--flood`, fetches one address again and again as fast as it can.
//!
//! Not a player and not a checker. The standard library alone, a few threads for all viewers; built by `scripts/bench` with rustc.
//!
//!   viewers HOST:PORT /hls/1/stream_ll.m3u8 COUNT SECONDS DIR    prints `viewer msn part announced delivered bytes`, times
//!                                                                in unix seconds; the first one's parts go to DIR
//!   viewers --flood HOST:PORT /path COUNT SECONDS                prints `requests bytes seconds`
//!   viewers --burst HOST:PORT /playlist /part COUNT SECONDS      what `watch` asks for of any server that holds nothing: all
//!                                                                at once, three times a second, one and then the other;
//!                                                                prints the milliseconds to each for each viewer
//!   viewers --events HOST:PORT SECONDS /path...                  one listener for each path; prints for each event that
//!                                                                has them `listener event arrived id lastUpdate news`, where
//!                                                                news is 1 when more has changed than lastUpdate

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::iter::StepBy;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, process, thread};

const ANSWER_DEADLINE: Duration = Duration::from_secs(15);
const STACK_BYTES: usize = 256 * 1024;
/// Viewers share so many threads: they stand for other machines, and what it costs to be many is not to be measured.
const THREADS: u64 = 4;
/// As often as a part comes.
const BURST_EVERY: Duration = Duration::from_millis(333);
/// So much of an answer is read at once.
const READ_BYTES: usize = 16 * 1024;

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--flood", server, path, count, seconds] => flood(server, path, number(count), number(seconds)),
        ["--burst", server, playlist, part, count, seconds] => {
            burst(server, [playlist, part], number(count), number(seconds))
        }
        ["--events", server, seconds, paths @ ..] => listen(server, number(seconds), paths),
        [server, path, count, seconds, directory] => {
            watch(server, path, number(count), number(seconds), Path::new(directory))
        }
        _ => {
            eprintln!("usage: see the head of viewers.rs");
            process::exit(2);
        }
    };
    if let Err(error) = done {
        eprintln!("viewers: {error}");
        process::exit(1);
    }
}

fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| {
        eprintln!("{word} is no number");
        process::exit(2)
    })
}

fn watch(server: &str, path: &str, count: u64, seconds: u64, directory: &Path) -> io::Result<()> {
    let end = Instant::now() + Duration::from_secs(seconds);
    in_groups(count, |numbers| watch_group(server, path, numbers, end, directory))
}

/// Prints what the groups say.
fn in_groups(count: u64, group: impl Fn(StepBy<Range<u64>>) -> io::Result<String> + Sync) -> io::Result<()> {
    let report = thread::scope(|scope| {
        let groups: Vec<_> = (0..THREADS.min(count))
            .map(|first| {
                let (group, numbers) = (&group, (first..count).step_by(THREADS as usize));
                thread::Builder::new().spawn_scoped(scope, move || group(numbers))
            })
            .collect::<io::Result<_>>()?;
        groups
            .into_iter()
            .map(|group| group.join().map_err(|_| io::Error::other("viewers panicked"))?)
            .collect::<io::Result<String>>()
    })?;
    io::stdout().write_all(report.as_bytes())
}

fn burst(server: &str, paths: [&str; 2], count: u64, seconds: u64) -> io::Result<()> {
    let begin = Instant::now() + BURST_EVERY;
    let bursts = seconds * 1000 / BURST_EVERY.as_millis() as u64;
    in_groups(count, |numbers| {
        let connect = |_| connect(server).and_then(|stream| stream.set_nonblocking(true).map(|()| stream));
        let mut streams: Vec<TcpStream> = numbers.map(connect).collect::<io::Result<_>>()?;
        let (mut scratch, mut report) = (vec![0; READ_BYTES], String::new());
        for burst in 0..bursts {
            let at = begin + BURST_EVERY * burst as u32;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            burst_of_group(server, paths, &mut streams, at, &mut scratch, &mut report)?;
        }
        Ok(report)
    })
}

fn burst_of_group(
    server: &str,
    [playlist, part]: [&str; 2],
    streams: &mut [TcpStream],
    at: Instant,
    scratch: &mut [u8],
    report: &mut String,
) -> io::Result<()> {
    let since = || 1000.0 * at.elapsed().as_secs_f64();
    for stream in &mut *streams {
        stream.write_all(request(server, playlist, "").as_bytes())?;
    }
    let mut answers: Vec<_> = streams.iter().map(|_| (Answer::to_keep(), None)).collect();
    let mut done = 0;
    while done < streams.len() {
        let mut sockets: Vec<PollFd> = streams.iter().map(PollFd::readable).collect();
        if !wait(&mut sockets)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        for ((stream, (answer, announced)), socket) in streams.iter_mut().zip(&mut answers).zip(sockets) {
            if !socket.is_ready() || !answer.read(stream, scratch)? {
                continue;
            }
            match announced {
                None => {
                    stream.write_all(request(server, part, "").as_bytes())?;
                    (*answer, *announced) = (Answer { keep: false, ..Answer::to_keep() }, Some(since()));
                }
                Some(announced) => {
                    let _ = writeln!(report, "{announced:.3} {:.3}", since());
                    done += 1;
                }
            }
        }
    }
    Ok(())
}

/// Some of the viewers on one thread.
fn watch_group(
    server: &str,
    path: &str,
    numbers: StepBy<Range<u64>>,
    end: Instant,
    directory: &Path,
) -> io::Result<String> {
    let viewers = numbers.map(|number| Ok((number, Viewer::new(server, path, (number == 0).then_some(directory))?)));
    let mut viewers = viewers.collect::<io::Result<Vec<_>>>()?;
    let mut scratch = vec![0; READ_BYTES];
    while Instant::now() < end {
        let mut sockets: Vec<PollFd> = viewers.iter().map(|(_, viewer)| PollFd::readable(&viewer.stream)).collect();
        if !wait(&mut sockets)? {
            return Err(io::Error::other("no viewer got anything any more"));
        }
        for ((number, viewer), socket) in viewers.iter_mut().zip(sockets) {
            if socket.is_ready() {
                viewer.go_on(&mut scratch).map_err(|error| io::Error::other(format!("viewer {number}: {error}")))?;
            }
        }
    }
    let mut report = String::new();
    for (number, viewer) in viewers {
        for Had { msn, part, announced, delivered, length } in viewer.had {
            let _ = writeln!(report, "{number} {msn} {part} {announced:.6} {delivered:.6} {length}");
        }
    }
    Ok(report)
}

fn flood(server: &str, path: &str, count: u64, seconds: u64) -> io::Result<()> {
    let (server, path): (Arc<str>, Arc<str>) = (server.into(), path.into());
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (server, path) = (server.clone(), path.clone());
            thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
                let (mut stream, mut scratch) = (connect(&server)?, vec![0; READ_BYTES]);
                stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
                let (mut requests, mut bytes) = (0_u64, 0_u64);
                while Instant::now() < end {
                    stream.write_all(request(&server, &path, "").as_bytes())?;
                    let mut answer = Answer { keep: false, ..Answer::to_keep() };
                    if !answer.read(&mut stream, &mut scratch)? {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    bytes += answer.length;
                    requests += 1;
                }
                io::Result::Ok((requests, bytes))
            })
        })
        .collect::<io::Result<_>>()?;
    let (mut requests, mut bytes) = (0, 0);
    for thread in threads {
        let (some, more) = thread.join().map_err(|_| io::Error::other("a viewer panicked"))??;
        requests += some;
        bytes += more;
    }
    println!("{requests} {bytes} {:.3}", start.elapsed().as_secs_f64());
    Ok(())
}

/// Listens to event streams (HTML Living Standard §9.2). One that ends before the time is a failure.
fn listen(server: &str, seconds: u64, paths: &[&str]) -> io::Result<()> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let listeners: Vec<_> = paths
        .iter()
        .enumerate()
        .map(|(listener, path)| {
            let (server, path) = (server.to_owned(), (*path).to_owned());
            thread::Builder::new().stack_size(STACK_BYTES).spawn(move || hear(&server, &path, listener, end))
        })
        .collect::<io::Result<_>>()?;
    let mut report = String::new();
    for listener in listeners {
        report.push_str(&listener.join().map_err(|_| io::Error::other("a listener panicked"))??);
    }
    io::stdout().write_all(report.as_bytes())
}

fn hear(server: &str, path: &str, listener: usize, end: Instant) -> io::Result<String> {
    let mut stream = connect(server)?;
    // A heartbeat comes every 15 s.
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\n\r\n").as_bytes())?;
    let (mut lines, mut line, mut event) = (BufReader::with_capacity(256 * 1024, stream), Vec::new(), String::new());
    let (mut report, mut known) = (String::new(), HashMap::new());
    while Instant::now() < end {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(io::Error::other(format!("{path} ended early")));
        }
        let text = String::from_utf8_lossy(&line);
        if let Some(name) = text.strip_prefix("event:") {
            name.trim().clone_into(&mut event);
        } else if let Some(data) = text.strip_prefix("data:") {
            let arrived = unix_seconds();
            if let Some(update) = member(data, "lastUpdate") {
                let id = member(data, "id").filter(|_| event == "printer").unwrap_or("-");
                let mut rest = DefaultHasher::new();
                data.replace(update, "").hash(&mut rest);
                let news = known.insert(id.to_owned(), rest.finish()) != Some(rest.finish());
                let _ = writeln!(report, "{listener} {event} {arrived:.6} {id} {update} {}", u8::from(news));
            }
        }
    }
    Ok(report)
}

/// The first value of this name, if it is a number or a text.
fn member<'a>(data: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = data.split_once(&format!("\"{name}\":"))?;
    let value = rest.trim_start_matches([' ', '"']);
    value.split([',', '"', '}']).next().filter(|value| !value.is_empty() && *value != "null")
}

/// One that follows the playlist and fetches what is new in it, on one kept connection.
struct Viewer<'a> {
    server: &'a str,
    path: &'a str,
    folder: &'a str,
    /// Where its parts go, if anywhere.
    save: Option<&'a Path>,
    stream: TcpStream,
    answer: Answer,
    /// The part that has been asked for, and when it was announced; else the playlist has.
    fetching: Option<(Edge, f64)>,
    /// What was there before it came counts for nothing.
    waits: bool,
    had: Vec<Had>,
}

impl<'a> Viewer<'a> {
    fn new(server: &'a str, path: &'a str, save: Option<&'a Path>) -> io::Result<Self> {
        let stream = connect(server)?;
        stream.set_nodelay(true)?;
        let (folder, answer) = (path.rsplit_once('/').map_or("", |(folder, _)| folder), Answer::to_keep());
        let mut viewer =
            Self { server, path, folder, save, stream, answer, fetching: None, waits: false, had: Vec::new() };
        viewer.ask(path, "")?;
        viewer.stream.set_nonblocking(true)?;
        Ok(viewer)
    }

    /// Takes what has come, and asks for the next thing once all of it has.
    fn go_on(&mut self, scratch: &mut [u8]) -> io::Result<()> {
        if !self.answer.read(&mut self.stream, scratch)? {
            return Ok(());
        }
        let now = unix_seconds();
        let answer = std::mem::replace(&mut self.answer, Answer::to_keep());
        let Some((edge, announced)) = self.fetching.take() else {
            let playlist = std::str::from_utf8(&answer.body).unwrap_or_default();
            let edge = Edge::read(playlist).ok_or_else(|| io::Error::other("a playlist without parts"))?;
            if !std::mem::replace(&mut self.waits, true) {
                return self.ask_for_next(&edge);
            }
            let range = format!("Range: bytes={}-{}\r\n", edge.offset, edge.offset + edge.length - 1);
            self.answer.keep = self.save.is_some();
            self.ask(&format!("{}/{}", self.folder, edge.uri), &range)?;
            self.fetching = Some((edge, now));
            return Ok(());
        };
        self.ask_for_next(&edge)?;
        let (msn, part) = (edge.msn, edge.parts - 1);
        self.had.push(Had { msn, part, announced, delivered: now, length: answer.length });
        if let Some(directory) = self.save {
            fs::write(directory.join(format!("{msn}.{part}.ts")), answer.body)?;
        }
        Ok(())
    }

    fn ask_for_next(&mut self, edge: &Edge) -> io::Result<()> {
        let (msn, part) = edge.next();
        self.ask(&format!("{}?_HLS_msn={msn}&_HLS_part={part}", self.path), "")
    }

    /// A request is small: it fits where nothing is on its way.
    fn ask(&mut self, path: &str, field: &str) -> io::Result<()> {
        self.stream.write_all(request(self.server, path, field).as_bytes())
    }
}

/// A part that a viewer had, and when.
struct Had {
    msn: u64,
    part: u64,
    announced: f64,
    delivered: f64,
    length: u64,
}

/// The newest part of a playlist.
struct Edge {
    msn: u64,
    parts: u64,
    closed: bool,
    uri: String,
    offset: u64,
    length: u64,
}

impl Edge {
    fn read(playlist: &str) -> Option<Self> {
        let (mut msn, mut parts, mut newest) = (0_u64, 0_u64, None);
        for line in playlist.lines() {
            if let Some(attributes) = line.strip_prefix("#EXT-X-PART:") {
                parts += 1;
                newest = Some((msn, parts, attributes));
            } else if let Some(first) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
                msn = first.parse().ok()?;
            } else if !line.is_empty() && !line.starts_with('#') {
                msn += 1;
                parts = 0;
            }
        }
        let (of, parts, attributes) = newest?;
        let (length, offset) = quoted(attributes, "BYTERANGE")?.split_once('@')?;
        Some(Self {
            msn: of,
            parts,
            closed: of < msn,
            uri: quoted(attributes, "URI")?.to_owned(),
            offset: offset.parse().ok()?,
            length: length.parse().ok()?,
        })
    }

    fn next(&self) -> (u64, u64) {
        if self.closed { (self.msn + 1, 0) } else { (self.msn, self.parts) }
    }
}

fn quoted<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = attributes.split_once(&format!("{name}=\""))?;
    value.split_once('"').map(|(value, _)| value)
}

fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn request(server: &str, path: &str, field: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n{field}\r\n")
}

/// An answer as far as it has come (RFC 9112 §6, with Content-Length alone). One request at a time, so nothing follows it.
struct Answer {
    head: Vec<u8>,
    length: u64,
    left: u64,
    /// Whether the body is kept, or let go as it comes.
    keep: bool,
    body: Vec<u8>,
}

impl Answer {
    fn to_keep() -> Self {
        Self { head: Vec::new(), length: 0, left: 0, keep: true, body: Vec::new() }
    }

    /// Whether all of it is there now. Reads until then, or until a socket that does not block has no more.
    fn read(&mut self, stream: &mut TcpStream, scratch: &mut [u8]) -> io::Result<bool> {
        loop {
            let piece = match (self.has_head(), self.left) {
                (true, 0) => return Ok(true),
                (true, left) if !self.keep => discard(stream, left),
                _ => stream.read(scratch),
            };
            let piece = match piece {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            };
            match (self.has_head(), self.keep) {
                (false, _) => self.begin(&scratch[..piece])?,
                (true, keep) => {
                    self.left -= piece as u64;
                    self.body.extend_from_slice(if keep { &scratch[..piece] } else { &[] });
                }
            }
        }
    }

    fn has_head(&self) -> bool {
        self.head.ends_with(b"\r\n\r\n")
    }

    /// Takes the head, and what stands behind it.
    fn begin(&mut self, piece: &[u8]) -> io::Result<()> {
        self.head.extend_from_slice(piece);
        let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(()) };
        let body = self.head.split_off(end + 4);
        let head = String::from_utf8_lossy(&self.head);
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status != "200" && status != "206" {
            return Err(io::Error::other(format!("status {status}")));
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length = length.and_then(|value| value.trim().parse().ok());
        self.length = length.ok_or_else(|| io::Error::other("an answer without a length"))?;
        self.left = self.length - body.len() as u64;
        self.body = if self.keep { body } else { Vec::new() };
        Ok(())
    }
}

/// Lets bytes go as they come, up to `length`, without a copy: tcp(7), MSG_TRUNC.
fn discard(stream: &TcpStream, length: u64) -> io::Result<usize> {
    unsafe extern "C" {
        fn recv(socket: RawFd, buffer: *mut u8, length: usize, flags: i32) -> isize;
    }
    const MSG_TRUNC: i32 = 0x20;
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(1 << 30);
    // SAFETY: with MSG_TRUNC nothing is written to the buffer.
    let taken = unsafe { recv(stream.as_raw_fd(), std::ptr::null_mut(), length, MSG_TRUNC) };
    usize::try_from(taken).map_err(|_| io::Error::last_os_error())
}

/// Connects as from a machine of its own, since the service counts what each address takes: all of 127.0.0.0/8 is this
/// machine, and std cannot bind a socket before it connects.
fn connect(server: &str) -> io::Result<TcpStream> {
    static CONNECTIONS: AtomicU32 = AtomicU32::new(0);
    let Some(SocketAddr::V4(to)) = server.to_socket_addrs()?.find(|to| to.is_ipv4() && to.ip().is_loopback()) else {
        return TcpStream::connect(server);
    };
    let [_, _, high, low] = (CONNECTIONS.fetch_add(1, Ordering::Relaxed) % 65_000 + 1).to_be_bytes();
    let address = |port: u16, address| SockAddrIn { family: AF_INET as u16, port: port.to_be(), address, zero: [0; 8] };
    let (from, to) = (address(0, [127, 1, high, low]), address(to.port(), to.ip().octets()));
    unsafe extern "C" {
        fn socket(domain: i32, kind: i32, protocol: i32) -> RawFd;
        fn bind(socket: RawFd, address: *const SockAddrIn, length: u32) -> i32;
        #[link_name = "connect"]
        fn connect_to(socket: RawFd, address: *const SockAddrIn, length: u32) -> i32;
    }
    const AF_INET: i32 = 2;
    const SOCK_STREAM_CLOEXEC: i32 = 1 | 0o2_000_000;
    let length = size_of::<SockAddrIn>() as u32;
    // SAFETY: the addresses are as long as is said, and the new socket is nobody else's.
    unsafe {
        let number = socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
        if number < 0 {
            return Err(io::Error::last_os_error());
        }
        let stream = TcpStream::from_raw_fd(number);
        if bind(number, &from, length) != 0 || connect_to(number, &to, length) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(stream)
    }
}

/// sockaddr_in of ip(7).
#[repr(C)]
struct SockAddrIn {
    family: u16,
    port: u16,
    address: [u8; 4],
    zero: [u8; 8],
}

/// poll(2)'s.
#[repr(C)]
struct PollFd {
    socket: RawFd,
    wanted: i16,
    found: i16,
}

impl PollFd {
    fn readable(stream: &TcpStream) -> Self {
        Self { socket: stream.as_raw_fd(), wanted: 1, found: 0 }
    }

    fn is_ready(&self) -> bool {
        self.found != 0
    }
}

/// Whether one of them became ready before [`ANSWER_DEADLINE`].
fn wait(sockets: &mut [PollFd]) -> io::Result<bool> {
    unsafe extern "C" {
        fn poll(sockets: *mut PollFd, count: u64, milliseconds: i32) -> i32;
    }
    // SAFETY: as many as there are.
    match unsafe { poll(sockets.as_mut_ptr(), sockets.len() as u64, ANSWER_DEADLINE.as_millis() as i32) } {
        -1 => Err(io::Error::last_os_error()),
        ready => Ok(ready > 0),
    }
}
