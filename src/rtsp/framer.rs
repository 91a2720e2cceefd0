//! Finds messages and interleaved frames (RFC 2326 §10.12) in the bytes of the connection, in any order, at any
//! moment, cut anywhere; the bytes are read into its own buffer and handed out where they lie.
//!
//! ```text
//! +------+---------+----------------+----------------------+
//! | 0x24 | channel | length, 16 bit | length bytes of RTP… |     an interleaved frame, `$` first
//! +------+---------+----------------+----------------------+
//! ```
//!
//! What is decided at a place depends on the bytes from there on only, never on how they were cut into reads.

use super::message::Message;
use super::setup::Channels;
use std::ops::Range;

/// A head, its empty line included.
const HEAD_BYTES: usize = 16 * 1024;
/// Lines of a head.
const HEAD_LINES: usize = 64;
/// A body.
const BODY_BYTES: usize = 64 * 1024;
/// Bytes in a row that are neither, until the connection is given up.
const STRAY_BYTES: usize = 64 * 1024;
/// The least that [`Framer::space`] gives: one TLS record.
const READ_BYTES: usize = 16 * 1024;
/// Holds the largest message that is not whole yet, and one more read.
const BUFFER_BYTES: usize = HEAD_BYTES + BODY_BYTES + READ_BYTES;
/// A request line of the camera.
const REQUEST_LINE_BYTES: usize = 2048;
/// `$`, channel, length.
const FRAME_HEAD_BYTES: usize = 4;

/// How a response begins.
const VERSION: &[u8] = b"RTSP/1.0";

/// Why the bytes cannot be followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// No empty line within the bound.
    #[error("a message head is longer than {HEAD_BYTES} bytes or {HEAD_LINES} lines")]
    EndlessHead,
    /// Content-Length beyond the bound.
    #[error("a message body is longer than {BODY_BYTES} bytes")]
    EndlessBody,
    /// Neither messages nor frames for too long.
    #[error("{STRAY_BYTES} bytes in a row were neither RTSP nor interleaved RTP")]
    Garbage,
}

/// The next whole thing in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// An interleaved frame; its content is [`Framer::bytes`] of this span until the next [`Framer::space`].
    Frame {
        /// As it is written in the frame.
        channel: u8,
        /// Where its content lies.
        span: Range<usize>,
    },
    /// A message with its body.
    Message(Message),
}

/// What is known of the frames to come: enough to tell one from garbage.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// As SETUP granted them.
    pub channels: Channels,
    /// As the SDP names it.
    pub payload_type: u8,
}

/// The read buffer and the place in it.
pub struct Framer {
    buffer: Box<[u8]>,
    /// What is not used up yet is `buffer[start..end]`.
    start: usize,
    end: usize,
    head: HeadScan,
    /// A message whose body is still on its way, and that body's length.
    half: Option<(Message, usize)>,
    expected: Option<Expected>,
    /// Garbage was met: only what is surely a frame or a response ends it.
    lost: bool,
    /// Bytes skipped since the last piece.
    stray: usize,
    /// Bytes skipped in all.
    skipped: u64,
}

/// How far the head at the front has been searched for its end.
#[derive(Debug, Default)]
struct HeadScan {
    searched: usize,
    line_start: usize,
    lines: usize,
}

/// What lies at the front.
#[derive(Debug, PartialEq, Eq)]
enum Sight {
    /// More bytes decide.
    Unclear,
    /// An interleaved frame with so many bytes of content.
    Frame { channel: u8, length: usize },
    /// The first line of a message.
    Text,
    /// Line ends and NULs between messages; harmless.
    Blank,
    /// So many bytes of neither.
    Garbage(usize),
}

impl Framer {
    pub fn new() -> Self {
        Self {
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            head: HeadScan::default(),
            half: None,
            expected: None,
            lost: false,
            stray: 0,
            skipped: 0,
        }
    }

    /// Where to read the next bytes into: at least 16 KiB once [`Framer::piece`] has said `None`.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < READ_BYTES {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// So many bytes of the space were filled.
    pub fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.buffer.len());
    }

    /// The content of a frame.
    pub fn bytes(&self, span: Range<usize>) -> &[u8] {
        self.buffer.get(span).unwrap_or_default()
    }

    /// From now on frames like these are to come.
    pub fn expect(&mut self, expected: Expected) {
        self.expected = Some(expected);
    }

    /// Bytes that were neither messages nor frames, in all.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next whole piece. `None`: it takes more bytes.
    pub fn piece(&mut self) -> Result<Option<Piece>, FramingError> {
        loop {
            if self.half.is_some() {
                return Ok(self.body());
            }
            match sight(self.front(), self.expected, self.lost) {
                Sight::Unclear => return Ok(None),
                Sight::Frame { channel, length } => {
                    let Some(content) = self.take(FRAME_HEAD_BYTES + length) else { return Ok(None) };
                    let span = content.start + FRAME_HEAD_BYTES..content.end;
                    return Ok(Some(Piece::Frame { channel, span }));
                }
                Sight::Text => {
                    let Some(length) = self.head_end()? else { return Ok(None) };
                    self.head(length)?;
                }
                Sight::Blank => self.skip(1)?,
                Sight::Garbage(count) => {
                    self.lost = true;
                    self.skip(count)?;
                }
            }
        }
    }

    fn front(&self) -> &[u8] {
        self.bytes(self.start..self.end)
    }

    /// Uses up a whole piece, once it is there.
    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let end = self.start.checked_add(length).filter(|end| *end <= self.end)?;
        let span = self.start..end;
        self.start = end;
        self.head = HeadScan::default();
        self.lost = false;
        self.stray = 0;
        Some(span)
    }

    fn skip(&mut self, count: usize) -> Result<(), FramingError> {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.head = HeadScan::default();
        self.skipped += count as u64;
        self.stray += count;
        if self.stray > STRAY_BYTES { Err(FramingError::Garbage) } else { Ok(()) }
    }

    /// The length of the head at the front, its empty line included; goes on where it stopped the last time.
    fn head_end(&mut self) -> Result<Option<usize>, FramingError> {
        let mut scan = std::mem::take(&mut self.head);
        let front = self.front();
        let mut end = None;
        while let Some(found) = front.get(scan.searched..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
        {
            let line_end = scan.searched + found;
            let line = front.get(scan.line_start..line_end).unwrap_or_default();
            scan = HeadScan { searched: line_end + 1, line_start: line_end + 1, lines: scan.lines + 1 };
            if matches!(line, b"" | b"\r") {
                end = Some(line_end + 1);
                break;
            }
            if scan.lines > HEAD_LINES {
                return Err(FramingError::EndlessHead);
            }
        }
        let length = end.unwrap_or(front.len());
        if length > HEAD_BYTES {
            return Err(FramingError::EndlessHead);
        }
        scan.searched = length;
        self.head = scan;
        Ok(end)
    }

    /// Reads the head of this length and waits for its body.
    fn head(&mut self, length: usize) -> Result<(), FramingError> {
        let Some(message) = Message::parse(self.bytes(self.start..self.start + length)) else {
            self.lost = true;
            return self.skip(VERSION.len());
        };
        // A length that is no number counts as none; what follows is then found again as after any garbage.
        let body = message.headers().number("Content-Length").map_or(0, |length| length as usize);
        if body > BODY_BYTES {
            return Err(FramingError::EndlessBody);
        }
        self.take(length);
        self.half = Some((message, body));
        Ok(())
    }

    fn body(&mut self) -> Option<Piece> {
        let length = self.half.as_ref().map(|(_, length)| *length)?;
        let span = self.take(length)?;
        let (mut message, _) = self.half.take()?;
        if let Message::Response(response) = &mut message {
            response.body = self.bytes(span).to_vec();
        }
        Some(Piece::Message(message))
    }
}

fn sight(front: &[u8], expected: Option<Expected>, lost: bool) -> Sight {
    match front {
        [] => Sight::Unclear,
        _ if lost => sight_after_garbage(front, expected),
        [b'$', channel, high, low, ..] => {
            Sight::Frame { channel: *channel, length: u16::from_be_bytes([*high, *low]).into() }
        }
        [b'$', ..] => Sight::Unclear,
        [b'\r' | b'\n' | b' ' | 0, ..] => Sight::Blank,
        _ => match is_response(front) {
            Some(true) => Sight::Text,
            None => Sight::Unclear,
            Some(false) => match is_request(front) {
                Some(true) => Sight::Text,
                None => Sight::Unclear,
                Some(false) => Sight::Garbage(1),
            },
        },
    }
}

/// Lost: only a plausible frame of a known channel, or a response, counts.
fn sight_after_garbage(front: &[u8], expected: Option<Expected>) -> Sight {
    let next = front.iter().position(|byte| matches!(byte, b'$' | b'R')).unwrap_or(front.len());
    if next > 0 {
        return Sight::Garbage(next);
    }
    if front.first() == Some(&b'R') {
        return match is_response(front) {
            Some(true) => Sight::Text,
            None => Sight::Unclear,
            Some(false) => Sight::Garbage(1),
        };
    }
    let (Some(expected), [_, channel, high, low, flags, kind, ..]) = (expected, front) else {
        // Six bytes decide, but only if frames are to come at all.
        return if expected.is_none() || front.len() > 5 { Sight::Garbage(1) } else { Sight::Unclear };
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let plausible = flags >> 6 == 2
        && match *channel {
            // An RTP header is 12 bytes; RFC 3550 §5.1.
            channel if channel == expected.channels.rtp => length >= 12 && kind & 0x7f == expected.payload_type,
            // SR to APP, and at least a header with an SSRC; RFC 3550 §6.
            channel if Some(channel) == expected.channels.rtcp => length >= 8 && (200..=204).contains(kind),
            _ => false,
        };
    if plausible { Sight::Frame { channel: *channel, length } } else { Sight::Garbage(1) }
}

/// `None`: more bytes decide.
fn is_response(front: &[u8]) -> Option<bool> {
    if front.len() < VERSION.len() && VERSION.starts_with(front) {
        return None;
    }
    Some(front.starts_with(VERSION))
}

/// Whether the front is a request line: a word in capitals, and RTSP at its end. `None`: more bytes decide.
fn is_request(front: &[u8]) -> Option<bool> {
    let method = front.iter().take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_').count();
    if method == 0 || method > 16 || front.get(method).is_some_and(|byte| *byte != b' ') {
        return Some(false);
    }
    let line = front.iter().take(REQUEST_LINE_BYTES).take_while(|byte| matches!(byte, b' '..=b'~')).count();
    let (line, after) = (front.get(..line)?, front.get(line));
    match after {
        None if line.len() < REQUEST_LINE_BYTES => None,
        Some(b'\r' | b'\n') => Some(line.trim_ascii_end().ends_with(VERSION)),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests;
