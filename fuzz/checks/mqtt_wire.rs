//! Where MQTT packets end in a stream of bytes: the same however it is cut, and as MQTT 3.1.1 §2.2 has it.

use platecast::mqtt::fuzzing::ends_between_packets;

/// The first byte says how the rest is cut.
pub fn check(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = ends_between_packets([stream]);
    assert_eq!(ends_between_packets(stream.chunks(usize::from(*cut).max(1))), whole);
    assert_eq!(whole, reference(stream));
}

/// Read once more, packet by packet.
fn reference(mut stream: &[u8]) -> bool {
    while !stream.is_empty() {
        // A fifth byte of length is no MQTT: the fourth counts as the last one.
        let Some(last) = stream.iter().skip(1).take(4).position(|byte| byte & 0x80 == 0) else {
            if stream.len() < 5 {
                return false;
            }
            match behind(stream, 4) {
                Some(rest) => stream = rest,
                None => return false,
            }
            continue;
        };
        match behind(stream, last + 1) {
            Some(rest) => stream = rest,
            None => return false,
        }
    }
    true
}

/// What follows the packet whose length takes so many bytes.
fn behind(stream: &[u8], length_bytes: usize) -> Option<&[u8]> {
    let digits = &stream[1..=length_bytes];
    let length = digits.iter().rev().fold(0_usize, |sum, byte| sum << 7 | usize::from(byte & 0x7F));
    stream.get(1 + length_bytes + length..)
}
