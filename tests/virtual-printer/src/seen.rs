//! What a virtual printer has seen and done, so that a test can wait for a state instead of sleeping.

use crate::jpeg::JpegSeen;
use crate::mqtt::MqttSeen;
use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// How many of the last requests, and of the last pictures, are kept.
const REQUESTS_KEPT: usize = 64;
const FRAMES_KEPT: usize = 4096;

/// Counted since the printer was started, unless it says "now".
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Whether the port is open, now.
    pub listening: bool,
    /// Where it is open, now.
    pub address: Option<SocketAddr>,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections open, now.
    pub connected: usize,
    /// Those of them whose handshake is not done and whose client is still there, now.
    pub outstanding: usize,
    /// The most of them at one time.
    pub most_outstanding: usize,
    /// Connections that wait for a slot, now.
    pub queued: usize,
    /// Those of them whose client has left; each is answered in its turn all the same.
    pub corpses: usize,
    /// Connections whose first byte was not TLS although TLS is spoken here.
    pub plain_greetings: u64,
    /// TLS handshakes done.
    pub handshakes: u64,
    /// TLS handshakes that failed, for instance because the client refused the certificate.
    pub handshakes_failed: u64,
    /// The name in the last ClientHello (SNI).
    pub server_name: Option<String>,
    /// RTSP requests.
    pub requests: u64,
    /// Method and URI of the last requests, oldest first.
    pub last_requests: VecDeque<String>,
    /// Requests that carried an Authorization header, right or wrong.
    pub credentials: u64,
    /// Those whose code was wrong.
    pub credentials_refused: u64,
    /// PLAY requests granted.
    pub plays: u64,
    /// Clients that play, or have a slot on port 6000 and the right code, now.
    pub playing: usize,
    /// Requests that name a session that plays (GET_PARAMETER, OPTIONS …).
    pub keep_alives: u64,
    /// Requests of that kind that were refused or left unanswered: [`KeepAlive`](crate::KeepAlive).
    pub keep_alives_refused: u64,
    /// Receiver reports that name a sender report of this camera's.
    pub sender_reports_answered: u64,
    /// TEARDOWN requests granted.
    pub teardowns: u64,
    /// Sessions dropped because nobody kept them alive.
    pub sessions_expired: u64,
    /// Clients ended because another one pressed play.
    pub kicked: u64,
    /// Clients ended because they had played for as long as they may.
    pub cut_short: u64,
    /// Pictures sent.
    pub frames: u64,
    /// IDR pictures among them.
    pub key_frames: u64,
    /// RTP packets made.
    pub packets: u64,
    /// RTP packets not sent.
    pub packets_lost: u64,
    /// RTP packets sent after their successor.
    pub packets_swapped: u64,
    /// RTP packets sent twice.
    pub packets_repeated: u64,
    /// Injections done.
    pub injections: u64,
    /// Bytes of endless SDP sent.
    pub sdp_bytes: u64,
    /// What the broker saw; nothing, where this is the camera.
    pub mqtt: MqttSeen,
    /// What the port for pictures saw; nothing, where this is another one.
    pub jpeg: JpegSeen,
    pub(crate) frames_sent: VecDeque<FrameSent>,
}

/// One picture that was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameSent {
    /// Its index in the clip: what its strip of cells says.
    pub index: usize,
    /// When its first byte was about to leave.
    pub unix_s: f64,
}

impl Seen {
    pub(crate) fn note_request(&mut self, line: String) {
        self.requests += 1;
        keep(&mut self.last_requests, line, REQUESTS_KEPT);
    }

    pub(crate) fn note_frame(&mut self, frame: FrameSent, key: bool) {
        self.frames += 1;
        self.key_frames += u64::from(key);
        keep(&mut self.frames_sent, frame, FRAMES_KEPT);
    }

    /// The last pictures sent, oldest first.
    pub fn frames_sent(&self) -> impl Iterator<Item = FrameSent> {
        self.frames_sent.iter().copied()
    }
}

pub(crate) fn keep<T>(queue: &mut VecDeque<T>, item: T, bound: usize) {
    if queue.len() == bound {
        queue.pop_front();
    }
    queue.push_back(item);
}

/// The state that a test waited for did not come.
pub struct WaitedInVain {
    /// How long it was waited for.
    pub waited: Duration,
    /// What there was instead.
    pub seen: Box<Seen>,
}

impl fmt::Debug for WaitedInVain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut seen = (*self.seen).clone();
        seen.frames_sent.clear();
        write!(f, "waited {:?} in vain; seen by then: {seen:#?}", self.waited)
    }
}
