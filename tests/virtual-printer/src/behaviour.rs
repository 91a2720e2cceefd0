//! How a virtual printer behaves: as a healthy X1C or P2S by default, in any other way when told so.
//! Everything here lasts until it is changed again; what happens once is a method of [`Camera`](crate::Camera).

use crate::{Clip, JpegManners, MqttManners};
use std::sync::Arc;
use std::time::Duration;

/// All of it. Start with [`Behaviour::default`] and change what the test is about.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// How a connection is met.
    pub door: Door,
    /// TLS and the certificate.
    pub tls: TlsManners,
    /// RTSP.
    pub rtsp: RtspManners,
    /// RTP and the picture.
    pub video: VideoManners,
    /// MQTT.
    pub mqtt: MqttManners,
    /// Port 6000.
    pub jpeg: JpegManners,
    /// What is held back while the socket stays open.
    pub stall: Option<Stall>,
    /// Everything leaves at this rate at most.
    pub bytes_per_s: Option<u32>,
}

/// How a connection is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Door {
    /// It is served.
    #[default]
    Open,
    /// The port is closed: live view is off, or the printer is.
    Refused,
    /// It is accepted, and nothing is ever said.
    Silent,
    /// It is accepted and closed at once: another way in which live view is off.
    ClosesAtOnce,
}

/// TLS and the certificate.
#[derive(Debug, Clone, Default)]
pub struct TlsManners {
    /// The protocol.
    pub version: TlsVersion,
    /// The certificate's version.
    pub x509: X509,
    /// The certificate's CN, where it is not the serial: somebody else's printer at this address.
    pub common_name: Option<String>,
    /// The certificate's key: another one is a new mainboard, or somebody in between.
    pub key: Key,
    /// What is sent beside the leaf.
    pub chain: Chain,
    /// Time until the ClientHello is answered: 1.6 to 5.7 s on an X2D.
    pub handshake_delay: Duration,
}

/// The protocol spoken on the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsVersion {
    /// TLS 1.2 only, as most printers.
    #[default]
    Tls12,
    /// TLS 1.3 only.
    Tls13,
    /// TLS 1.2, but a ClientHello that offers 1.3 is never answered: a P2S with firmware 01.02.00.00.
    Tls12HangsOn13,
    /// No TLS: a plain camera on `rtsp://`.
    Plain,
}

/// The version of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum X509 {
    /// X1, P1, A1 and the early H2.
    #[default]
    V1,
    /// P2S, X2D, H2C, A2L.
    V3,
}

/// Which of two keys the certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Key {
    /// The printer's.
    #[default]
    First,
    /// Another one.
    Second,
}

/// What is sent beside the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chain {
    /// Leaf and CA: X1, P1, A1.
    #[default]
    LeafAndCa,
    /// The leaf alone: P2S.
    LeafOnly,
}

/// RTSP.
#[derive(Debug, Clone)]
pub struct RtspManners {
    /// The user; a camera that is no printer's has another one.
    pub user: String,
    /// The access code; changing it makes the client's a wrong one.
    pub code: String,
    /// How a client proves that it knows the code.
    pub auth: Auth,
    /// How long a nonce is good.
    pub nonce: Nonce,
    /// Every request is answered with 301, as if its scheme were wrong.
    pub moved: bool,
    /// The answer to DESCRIBE.
    pub sdp: Sdp,
    /// A session that nobody keeps alive is dropped after this time; its socket stays, as with live555.
    pub session_timeout: Duration,
    /// What a client's signs of life are answered.
    pub keep_alive: KeepAlive,
    /// A client that plays is hung up on after this time: another program takes its place, again and again.
    pub play_limit: Option<Duration>,
    /// How many clients may play; one more ends the oldest.
    pub clients: usize,
}

impl Default for RtspManners {
    fn default() -> Self {
        Self {
            user: "bblp".to_owned(),
            code: "12345678".to_owned(),
            auth: Auth::default(),
            nonce: Nonce::default(),
            moved: false,
            sdp: Sdp::default(),
            session_timeout: Duration::from_secs(10),
            keep_alive: KeepAlive::default(),
            play_limit: None,
            clients: 1,
        }
    }
}

/// How a client proves that it knows the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// Digest as in RFC 2069, without qop: live555.
    #[default]
    Digest,
    /// Digest with `qop="auth"` and `algorithm=MD5` (RFC 7616).
    DigestQop,
    /// Basic: plain cameras.
    Basic,
}

/// How long a nonce is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nonce {
    /// For the connection, until a request fails with it: live555.
    #[default]
    Connection,
    /// For one request; the next one gets 401 with `stale=true`.
    OneRequest,
}

/// What a client's signs of life are answered while it plays. The picture goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepAlive {
    /// 200.
    #[default]
    Granted,
    /// GET_PARAMETER with this status, OPTIONS with 200: 454 by the thingino firmware, 405 or 501 by others.
    OptionsOnly(u16),
    /// Every request with this status.
    Refused(u16),
    /// Nothing.
    Unanswered,
}

/// The answer to DESCRIBE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sdp {
    /// As live555's, with its two blank lines.
    #[default]
    Normal,
    /// The same, but H.264 is called by this name (`a=rtpmap:96 H265/90000`): an Ezviz C6N.
    Named(&'static str),
    /// The same without `a=rtpmap`.
    Unnamed,
    /// Of H.265, with its parameter sets.
    H265,
    /// Of four gigabytes by its Content-Length; lines come until the client leaves.
    Endless,
}

/// RTP and the picture.
#[derive(Debug, Clone)]
pub struct VideoManners {
    /// What is seen. Another clip takes over at once, with its own SPS.
    pub clip: Arc<Clip>,
    /// Pictures a second, where it is not the clip's own pace.
    pub fps: Option<f64>,
    /// Where a client that presses play comes in.
    pub entry: Entry,
    /// Where the marker bit is set.
    pub marker: Marker,
    /// The RTP timestamps.
    pub timestamps: Timestamps,
    /// Where SPS and PPS are sent.
    pub parameter_sets: ParameterSets,
    /// SPS and PPS travel together in one STAP-A packet (RFC 6184, 5.7.1): MediaMTX, not live555.
    pub aggregated: bool,
    /// Sequence number and timestamp of the next session's first packet; at random if `None`.
    pub first_packet: Option<(u16, u32)>,
    /// Every picture leaves late by a random part of this.
    pub jitter: Duration,
    /// No IDR picture is sent.
    pub idr_withheld: bool,
    /// The first IDR picture of a session comes this long after PLAY; others come before it.
    pub first_key_frame: Duration,
    /// The distance of IDR pictures, where it is not the clip's own; at no pace are they closer than pictures.
    pub key_frame_interval: Option<Duration>,
    /// Share of RTP packets, in percent, that are not sent.
    pub lost_percent: f64,
    /// Share of RTP packets, in percent, that are sent after their successor.
    pub swapped_percent: f64,
    /// Share of RTP packets, in percent, that are sent twice.
    pub repeated_percent: f64,
}

impl Default for VideoManners {
    fn default() -> Self {
        Self {
            clip: Clip::chamber_1080p30(),
            fps: None,
            entry: Entry::default(),
            marker: Marker::default(),
            timestamps: Timestamps::default(),
            parameter_sets: ParameterSets::default(),
            aggregated: false,
            first_packet: None,
            jitter: Duration::ZERO,
            idr_withheld: false,
            first_key_frame: Duration::ZERO,
            key_frame_interval: None,
            lost_percent: 0.0,
            swapped_percent: 0.0,
            repeated_percent: 0.0,
        }
    }
}

/// Where a client that presses play comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entry {
    /// At an IDR picture, as was seen on an X1C.
    #[default]
    KeyFrame,
    /// At the picture that is due.
    Anywhere,
}

/// Where the marker bit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marker {
    /// On a picture's last packet.
    #[default]
    AccessUnit,
    /// On every slice's last packet: live555 with pictures of several slices.
    EverySlice,
}

/// The RTP timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestamps {
    /// They run with the pictures.
    #[default]
    Running,
    /// All the same: a P2S with firmware 01.02.00.00.
    Frozen,
    /// So many ticks from one picture to the next, whatever their distance is.
    Apart(u32),
}

/// Where SPS and PPS are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParameterSets {
    /// In the SDP and before every IDR picture.
    #[default]
    Both,
    /// Before every IDR picture only.
    InBand,
    /// In the SDP only.
    Sdp,
}

/// What is held back while the socket stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stall {
    /// The picture; requests are answered: what live555 does after a late client.
    Picture,
    /// Everything, as by a host that froze or a cable that was pulled.
    Everything,
}
