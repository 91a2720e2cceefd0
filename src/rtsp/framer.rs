//! Finds messages and interleaved frames (RFC 2326 §10.12) in the bytes of the connection. They may come in any order,
//! at any time, cut at any byte. The bytes are read into the framer's own buffer and returned in place.
//!
//! ```text
//! +------+---------+----------------+----------------------+
//! | 0x24 | channel | length, 16 bit | length bytes of RTP… |     an interleaved frame, `$` first
//! +------+---------+----------------+----------------------+
//! ```
//!
//! A decision depends only on the bytes from that position on, never on how they were cut into reads.

use super::message::Message;
use super::setup::Channels;
use std::ops::Range;

/// The longest head, including its empty line.
const HEAD_BYTES: usize = 16 * 1024;
/// The most lines in a head.
const HEAD_LINES: usize = 64;
/// The longest body.
const BODY_BYTES: usize = 64 * 1024;
/// After this many bytes in a row that are neither message nor frame, the connection is given up.
const STRAY_BYTES: usize = 64 * 1024;
/// The smallest space that [`Framer::space`] returns: one TLS record.
const READ_BYTES: usize = 16 * 1024;
/// Room for the largest incomplete message and one more read.
const BUFFER_BYTES: usize = HEAD_BYTES + BODY_BYTES + READ_BYTES;
/// The longest request line of a camera.
const REQUEST_LINE_BYTES: usize = 2048;
/// The length of `$`, the channel and the length field.
const FRAME_HEAD_BYTES: usize = 4;

/// The beginning of a response.
const VERSION: &[u8] = b"RTSP/1.0";

/// Why the bytes cannot be parsed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// No empty line came within the bound.
    #[error("a message head is longer than {HEAD_BYTES} bytes or {HEAD_LINES} lines")]
    EndlessHead,
    /// Content-Length exceeds the bound.
    #[error("a message body is longer than {BODY_BYTES} bytes")]
    EndlessBody,
    /// Neither messages nor frames came for too long.
    #[error("{STRAY_BYTES} bytes in a row were neither RTSP nor interleaved RTP")]
    Garbage,
}

/// A complete item in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// An interleaved frame. Its content is [`Framer::bytes`] of this span until the next [`Framer::space`].
    Frame {
        /// The channel that is written in the frame.
        channel: u8,
        /// The position of its content.
        span: Range<usize>,
    },
    /// A message with its body.
    Message(Message),
}

/// The expected frames: enough is known to tell one from garbage.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The channels that SETUP granted.
    pub channels: Channels,
    /// The payload type in the SDP.
    pub payload_type: u8,
}

/// The read buffer and the position in it.
pub struct Framer {
    buffer: Box<[u8]>,
    /// The unused bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    head: HeadScan,
    /// A message whose body is incomplete, and that body's length.
    half: Option<(Message, usize)>,
    expected: Option<Expected>,
    /// Whether garbage was found: only a certain frame or response ends this state.
    lost: bool,
    /// The number of bytes skipped since the last piece.
    stray: usize,
    /// The number of bytes skipped in all.
    skipped: u64,
}

/// How far the head at the front has been searched for its end.
#[derive(Debug, Default)]
struct HeadScan {
    searched: usize,
    line_start: usize,
    lines: usize,
}

/// The kind of data at the front.
#[derive(Debug, PartialEq, Eq)]
enum Sight {
    /// More bytes are needed to decide.
    Unclear,
    /// An interleaved frame with `length` bytes of content.
    Frame { channel: u8, length: usize },
    /// The first line of a message.
    Text,
    /// Line ends and NULs between messages; they are harmless.
    Blank,
    /// This many bytes of neither.
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

    /// Returns the space for the next bytes: at least 16 KiB once [`Framer::piece`] has returned `None`.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < READ_BYTES {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// Records that `count` bytes of the space were filled.
    pub fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.buffer.len());
    }

    /// Returns the content of a frame.
    pub fn bytes(&self, span: Range<usize>) -> &[u8] {
        self.buffer.get(span).unwrap_or_default()
    }

    /// Sets which frames are expected from now on.
    pub fn expect(&mut self, expected: Expected) {
        self.expected = Some(expected);
    }

    /// Returns how many bytes in all were neither messages nor frames.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns the next complete piece, or `None` if more bytes are needed.
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

    /// Consumes a whole piece, once it is complete.
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

    /// Returns the length of the head at the front, including its empty line. It continues where it stopped the last
    /// time.
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

    /// Parses a head of this length and waits for its body.
    fn head(&mut self, length: usize) -> Result<(), FramingError> {
        let Some(message) = Message::parse(self.bytes(self.start..self.start + length)) else {
            self.lost = true;
            return self.skip(VERSION.len());
        };
        // A length that is not a number counts as none. The data after it is then found as after any garbage.
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

/// Classifies the front after garbage: only a plausible frame of a known channel, or a response, is accepted.
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
        // Six bytes decide, but only if frames are expected at all.
        return if expected.is_none() || front.len() > 5 { Sight::Garbage(1) } else { Sight::Unclear };
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let plausible = flags >> 6 == 2
        && match *channel {
            // An RTP header is 12 bytes; RFC 3550 §5.1.
            channel if channel == expected.channels.rtp => length >= 12 && kind & 0x7f == expected.payload_type,
            // The types from SR to APP, and at least a header with an SSRC; RFC 3550 §6.
            channel if Some(channel) == expected.channels.rtcp => length >= 8 && (200..=204).contains(kind),
            _ => false,
        };
    if plausible { Sight::Frame { channel: *channel, length } } else { Sight::Garbage(1) }
}

/// Whether the front is a response; `None` if more bytes are needed to decide.
fn is_response(front: &[u8]) -> Option<bool> {
    if front.len() < VERSION.len() && VERSION.starts_with(front) {
        return None;
    }
    Some(front.starts_with(VERSION))
}

/// Whether the front is a request line: a word in capitals, with RTSP at its end. `None` if more bytes are needed to
/// decide.
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
