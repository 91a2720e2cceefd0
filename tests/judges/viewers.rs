//! Many viewers of one address, for the bench: each follows the low-latency playlist by blocking reload and fetches every
//! part by byte range, as hls.js does; or, with `--flood`, fetches one address again and again as fast as it can.
//!
//! Not a player and not a checker. The standard library alone, one thread per viewer; built by `scripts/bench` with rustc.
//!
//!   viewers HOST:PORT /hls/1/stream_ll.m3u8 COUNT SECONDS DIR    prints `viewer msn part announced delivered bytes`, times
//!                                                                in unix seconds; the first one's parts go to DIR
//!   viewers --flood HOST:PORT /path COUNT SECONDS                prints `requests bytes seconds`
//!   viewers --events HOST:PORT SECONDS /path...                  one listener for each path; prints for each event that
//!                                                                has them `listener event arrived id lastUpdate news`, where
//!                                                                news is 1 when more has changed than lastUpdate

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{env, fs, process, thread};

const ANSWER_DEADLINE: Duration = Duration::from_secs(15);
const STACK_BYTES: usize = 256 * 1024;
/// So much of an answer is read at once.
const READ_BYTES: usize = 16 * 1024;

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["--flood", server, path, count, seconds] => flood(server, path, number(count), number(seconds)),
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
    let (server, path, directory): (Arc<str>, Arc<str>, Arc<Path>) = (server.into(), path.into(), directory.into());
    let end = Instant::now() + Duration::from_secs(seconds);
    let viewers: Vec<_> = (0..count)
        .map(|viewer| {
            let (server, path, directory) = (server.clone(), path.clone(), directory.clone());
            thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
                let save = (viewer == 0).then_some(&*directory);
                Viewer::new(&server, &path).follow(end, save)
            })
        })
        .collect::<io::Result<_>>()?;
    let mut failed = 0;
    let mut report = String::new();
    for (viewer, thread) in viewers.into_iter().enumerate() {
        match thread.join() {
            Ok(Ok(parts)) => {
                for Had { msn, part, announced, delivered, length } in parts {
                    let _ = writeln!(report, "{viewer} {msn} {part} {announced:.6} {delivered:.6} {length}");
                }
            }
            Ok(Err(error)) => {
                failed += 1;
                eprintln!("a viewer left: {error}");
            }
            Err(_) => failed += 1,
        }
    }
    io::stdout().write_all(report.as_bytes())?;
    if failed > 0 { Err(io::Error::other(format!("{failed} of {count} viewers failed"))) } else { Ok(()) }
}

fn flood(server: &str, path: &str, count: u64, seconds: u64) -> io::Result<()> {
    let (server, path): (Arc<str>, Arc<str>) = (server.into(), path.into());
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let threads: Vec<_> = (0..count)
        .map(|_| {
            let (server, path) = (server.clone(), path.clone());
            thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
                let mut connection = Connection::new(&server);
                let (mut requests, mut bytes) = (0_u64, 0_u64);
                while Instant::now() < end {
                    bytes += connection.get(&path, None, |_| {})?;
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
    let mut stream = TcpStream::connect(server)?;
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

struct Viewer {
    connection: Connection,
    path: String,
    folder: String,
}

impl Viewer {
    fn new(server: &str, path: &str) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self { connection: Connection::new(server), path: path.to_owned(), folder: folder.to_owned() }
    }

    /// What it had, in order.
    fn follow(mut self, end: Instant, save: Option<&Path>) -> io::Result<Vec<Had>> {
        let mut had = Vec::new();
        let mut edge = self.edge("")?;
        while Instant::now() < end {
            let (msn, part) = edge.next();
            edge = self.edge(&format!("?_HLS_msn={msn}&_HLS_part={part}"))?;
            let announced = unix_seconds();
            let path = format!("{}/{}", self.folder, edge.uri);
            let (range, mut bytes) = ((edge.offset, edge.offset + edge.length - 1), Vec::new());
            let keep = |piece: &[u8]| bytes.extend_from_slice(if save.is_some() { piece } else { &[] });
            let length = self.connection.get(&path, Some(range), keep)?;
            let delivered = unix_seconds();
            let (msn, part) = (edge.msn, edge.parts - 1);
            had.push(Had { msn, part, announced, delivered, length });
            if let Some(directory) = save {
                fs::write(directory.join(format!("{msn}.{part}.ts")), bytes)?;
            }
        }
        Ok(had)
    }

    fn edge(&mut self, query: &str) -> io::Result<Edge> {
        let path = format!("{}{query}", self.path);
        let mut body = Vec::with_capacity(READ_BYTES);
        self.connection.get(&path, None, |piece| body.extend_from_slice(piece))?;
        let playlist = std::str::from_utf8(&body).unwrap_or_default();
        Edge::read(playlist).ok_or_else(|| io::Error::other("a playlist without parts"))
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

/// A kept HTTP/1.1 connection. Bytes are read into a small buffer and let go: viewers stand for other machines, and what
/// it costs them to take so much is not to be measured on this one.
struct Connection {
    server: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(server: &str) -> Self {
        Self { server: server.to_owned(), stream: None, buffer: vec![0; READ_BYTES] }
    }

    /// Gives each piece of the body to `take`, and how long it was.
    fn get(&mut self, path: &str, range: Option<(u64, u64)>, mut take: impl FnMut(&[u8])) -> io::Result<u64> {
        let range = range.map_or(String::new(), |(first, last)| format!("Range: bytes={first}-{last}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{range}\r\n", self.server);
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(&self.server)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
                none.insert(stream)
            }
        };
        stream.write_all(request.as_bytes())?;
        let mut filled = 0;
        let head_end = loop {
            filled += read(stream, &mut self.buffer[filled..])?;
            if let Some(at) = self.buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status != "200" && status != "206" {
            return Err(io::Error::other(format!("{path}: {status}")));
        }
        let length: u64 = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|value| value.trim().parse().ok())
            .ok_or_else(|| io::Error::other(format!("{path}: no length")))?;
        // One request at a time, so nothing follows the answer.
        take(&self.buffer[head_end..filled]);
        let mut have = (filled - head_end) as u64;
        while have < length {
            let piece = read(stream, &mut self.buffer)?;
            take(&self.buffer[..piece]);
            have += piece as u64;
        }
        if head.contains("connection: close") {
            self.stream = None;
        }
        Ok(length)
    }
}

/// At least one byte. A buffer without room is a head without an end.
fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    match stream.read(buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        some => Ok(some),
    }
}
