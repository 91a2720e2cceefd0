//! MQTT 3.1.1 control packets (OASIS, 2014), as far as printers and their clients use them: a server's half of the
//! codec, QoS 0 and 1. Written here, because the service's own client stands on another one's.

/// Larger packets end the connection: requests are small.
const LENGTH_MAX: usize = 256 * 1024;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Incoming {
    Connect(Connect),
    Publish(Publish),
    PubAck,
    Subscribe { id: u16, filters: Vec<(String, u8)> },
    Unsubscribe { id: u16, filters: Vec<String> },
    PingReq,
    Disconnect,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Connect {
    /// 4 is MQTT 3.1.1.
    pub(crate) level: u8,
    pub(crate) client_id: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) topic: String,
    /// With QoS 1 only.
    pub(crate) id: Option<u16>,
    pub(crate) payload: Vec<u8>,
}

/// No MQTT, or more of it than is spoken here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// CONNACK's return codes (3.2.2.3).
pub(crate) mod code {
    pub(crate) const ACCEPTED: u8 = 0;
    pub(crate) const UNACCEPTABLE_VERSION: u8 = 1;
    pub(crate) const NOT_AUTHORISED: u8 = 5;
}

/// Takes the first whole packet out of `inbox`, if one is there.
pub(crate) fn take(inbox: &mut Vec<u8>) -> Result<Option<Incoming>, Malformed> {
    let Some((&first, rest)) = inbox.split_first() else { return Ok(None) };
    if !is_a_clients(first) {
        return Err(Malformed);
    }
    let Some((length, length_bytes)) = remaining_length(rest)? else { return Ok(None) };
    let start = 1 + length_bytes;
    if length > LENGTH_MAX {
        return Err(Malformed);
    }
    let Some(body) = inbox.get(start..start + length) else { return Ok(None) };
    let packet = parse(first, &mut Reader(body))?;
    inbox.drain(..start + length);
    Ok(Some(packet))
}

pub(crate) fn connack(code: u8) -> Vec<u8> {
    vec![0x20, 2, 0, code]
}

pub(crate) fn puback(id: u16) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    vec![0x40, 2, high, low]
}

pub(crate) fn suback(id: u16, granted: &[u8]) -> Vec<u8> {
    packet(0x90, &[&id.to_be_bytes(), granted])
}

pub(crate) fn unsuback(id: u16) -> Vec<u8> {
    packet(0xB0, &[&id.to_be_bytes()])
}

pub(crate) fn pingresp() -> Vec<u8> {
    vec![0xD0, 0]
}

/// A message at QoS 0, as printers send all of theirs.
pub(crate) fn publish(topic: &str, payload: &[u8], retained: bool) -> Vec<u8> {
    let length = u16::try_from(topic.len()).unwrap_or(u16::MAX);
    packet(0x30 | u8::from(retained), &[&length.to_be_bytes(), topic.as_bytes(), payload])
}

/// Whether a topic filter covers a topic (4.7): `+` is one level, `#` is the rest.
pub(crate) fn covers(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for pattern in filter.split('/') {
        match (pattern, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (name, Some(level)) if name == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

fn packet(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![first];
    loop {
        let more = length > 0x7F;
        out.push((length & 0x7F) as u8 | u8::from(more) << 7);
        length >>= 7;
        if !more {
            break;
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// The length and how many bytes say it, of at most four (2.2.3).
fn remaining_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let mut length = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((length, index + 1)));
        }
    }
    if bytes.len() < 4 { Ok(None) } else { Err(Malformed) }
}

/// Whether a client may begin a packet like this: its type, and the flags that belong to it. DUP is no matter.
fn is_a_clients(first: u8) -> bool {
    match first {
        0x30..=0x3F => first & 0x06 < 0x04,
        _ => matches!(first, 0x10 | 0x40 | 0x82 | 0xA2 | 0xC0 | 0xE0),
    }
}

fn parse(first: u8, body: &mut Reader<'_>) -> Result<Incoming, Malformed> {
    match first >> 4 {
        1 => connect(body),
        3 => {
            let topic = body.text()?;
            let id = (first & 0x02 != 0).then(|| body.u16()).transpose()?;
            Ok(Incoming::Publish(Publish { topic, id, payload: body.0.to_vec() }))
        }
        4 => body.u16().map(|_| Incoming::PubAck),
        8 => {
            let (id, mut filters) = (body.u16()?, Vec::new());
            while !body.0.is_empty() {
                filters.push((body.text()?, body.u8()?));
            }
            Ok(Incoming::Subscribe { id, filters })
        }
        10 => {
            let (id, mut filters) = (body.u16()?, Vec::new());
            while !body.0.is_empty() {
                filters.push(body.text()?);
            }
            Ok(Incoming::Unsubscribe { id, filters })
        }
        12 => Ok(Incoming::PingReq),
        14 => Ok(Incoming::Disconnect),
        _ => Err(Malformed),
    }
}

fn connect(body: &mut Reader<'_>) -> Result<Incoming, Malformed> {
    if !matches!(body.text()?.as_str(), "MQTT" | "MQIsdp") {
        return Err(Malformed);
    }
    let (level, flags) = (body.u8()?, body.u8()?);
    let _keep_alive_s = body.u16()?;
    if level != 4 {
        // What follows may be another version's; the answer is the same.
        return Ok(Incoming::Connect(Connect { level, ..Connect::default() }));
    }
    let client_id = body.text()?;
    if flags & 0x04 != 0 {
        let (_will_topic, _will) = (body.bytes()?, body.bytes()?);
    }
    let user = (flags & 0x80 != 0).then(|| body.text()).transpose()?;
    let password = (flags & 0x40 != 0).then(|| body.bytes().map(<[u8]>::to_vec)).transpose()?;
    Ok(Incoming::Connect(Connect { level, client_id, user, password }))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn u8(&mut self) -> Result<u8, Malformed> {
        let (&byte, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(byte)
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes([self.u8()?, self.u8()?]))
    }

    /// Bytes after their length.
    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::from(self.u16()?);
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read whole, in two pieces cut anywhere, and with another packet behind it.
    fn check(bytes: &[u8], expected: &Incoming) {
        for cut in 0..bytes.len() {
            let mut inbox = bytes[..cut].to_vec();
            assert_eq!(take(&mut inbox), Ok(None), "cut at {cut}");
            inbox.extend_from_slice(&bytes[cut..]);
            inbox.extend_from_slice(&[0xC0, 0]);
            assert_eq!(take(&mut inbox).as_ref(), Ok(&Some(expected.clone())));
            assert_eq!(take(&mut inbox), Ok(Some(Incoming::PingReq)));
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn every_packet_a_client_sends_is_read() {
        let connect = Connect {
            level: 4,
            client_id: "ab".to_owned(),
            user: Some("bblp".to_owned()),
            password: Some(b"12".to_vec()),
        };
        check(b"\x10\x18\0\x04MQTT\x04\xC2\0\x05\0\x02ab\0\x04bblp\0\x0212", &Incoming::Connect(connect));
        let will = Connect { level: 4, client_id: "a".to_owned(), ..Connect::default() };
        check(b"\x10\x13\0\x04MQTT\x04\x06\0\x05\0\x01a\0\x01t\0\x01w", &Incoming::Connect(will));
        let v5 = Connect { level: 5, ..Connect::default() };
        check(b"\x10\x0F\0\x04MQTT\x05\xC2\0\x05\0\0\x02ab", &Incoming::Connect(v5));
        let publish = |id| Incoming::Publish(Publish { topic: "a/b".to_owned(), id, payload: b"{}".to_vec() });
        check(b"\x30\x07\0\x03a/b{}", &publish(None));
        check(b"\x3A\x09\0\x03a/b\x01\x02{}", &publish(Some(0x0102)));
        check(b"\x40\x02\0\x07", &Incoming::PubAck);
        check(
            b"\x82\x0A\0\x01\0\x01#\0\0\x01+\x01",
            &Incoming::Subscribe { id: 1, filters: vec![("#".to_owned(), 0), ("+".to_owned(), 1)] },
        );
        check(b"\xA2\x05\0\x01\0\x01#", &Incoming::Unsubscribe { id: 1, filters: vec!["#".to_owned()] });
        check(b"\xE0\0", &Incoming::Disconnect);
    }

    #[test]
    fn bytes_that_are_no_mqtt_end_the_connection() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"\x10\x06\0\x04AMQP",
            b"\x34\x07\0\x03a/b\0\x01",
            b"\x30\x02\0\x09",
            b"\x30\x04\0\x02\xFF\xFF",
            b"\x30\xFF\xFF\xFF\xFF\x01",
            b"\x30\x81\x80\x10",
            b"\x20\x02\0\0",
        ] {
            assert_eq!(take(&mut bytes.to_vec()), Err(Malformed), "{bytes:?}");
        }
    }

    #[test]
    fn a_long_report_has_a_length_of_three_bytes() {
        let report = publish("t", &[b'x'; 32_000], false);
        assert_eq!(report[..5], [0x30, 0x83, 0xFA, 0x01, 0]);
        assert_eq!(report.len(), 4 + 3 + 32_000);
        assert_eq!(publish("t", b"", true)[0], 0x31);
    }

    #[test]
    fn filters_cover_topics_level_by_level() {
        for (filter, topic, expected) in [
            ("device/A/report", "device/A/report", true),
            ("device/+/report", "device/A/report", true),
            ("device/#", "device/A/report", true),
            ("device/A/report/#", "device/A/report", true),
            ("#", "device/A/report", true),
            ("device/a/report", "device/A/report", false),
            ("device/+", "device/A/report", false),
            ("device/A/request", "device/A/report", false),
            ("device/A/report/x", "device/A/report", false),
            ("", "device/A/report", false),
        ] {
            assert_eq!(covers(filter, topic), expected, "{filter}");
        }
    }
}
