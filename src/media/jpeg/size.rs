//! Reads the size of a picture from its frame header (ITU-T T.81 §B.2.2).

/// Returns width and height of a baseline, extended or progressive picture; `None` if no such header precedes its scan.
pub fn size(file: &[u8]) -> Option<(u32, u32)> {
    const SOI_BYTES: usize = 2;
    let mut rest = file.get(SOI_BYTES..)?;
    loop {
        // Any number of fill bytes may precede a marker (§B.1.1.2).
        let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
        let (marker, segment) = rest.get(fill..)?.split_first().filter(|_| fill > 0)?;
        rest = match marker {
            0x01 | 0xD0..=0xD7 => segment,
            0xC0..=0xC2 => return frame_size(segment),
            0xD8..=0xDA => return None,
            _ => segment.get(usize::from(number(segment, 0)?).max(2)..)?,
        };
    }
}

/// Reads length, precision, height and width.
fn frame_size(header: &[u8]) -> Option<(u32, u32)> {
    let (height, width) = (number(header, 3)?, number(header, 5)?);
    (height > 0 && width > 0).then_some((width.into(), height.into()))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(segments: &[&[u8]], expected: Option<(u32, u32)>) {
        let file = [&[0xFF, 0xD8], segments.concat().as_slice()].concat();
        assert_eq!(size(&file), expected, "{file:02x?}");
    }

    const JFIF: &[u8] = b"\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    const HEADER: &[u8] = &[0xFF, 0xC0, 0, 17, 8, 2, 208, 5, 0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];

    #[test]
    fn the_size_is_in_the_first_frame_header() {
        check(&[JFIF, HEADER, &[0xFF, 0xDA]], Some((1280, 720)));
        check(&[HEADER], Some((1280, 720)));
        check(&[JFIF, &[0xFF, 0xFF], HEADER], Some((1280, 720)));
        check(&[&[0xFF, 0xC2, 0, 17, 8, 4, 56, 7, 128]], Some((1920, 1080)));
    }

    #[test]
    fn a_picture_without_a_usable_frame_header_has_no_size() {
        check(&[], None);
        check(&[JFIF], None);
        check(&[JFIF, &[0xFF, 0xDA, 0, 8], HEADER], None);
        check(&[&[0xFF, 0xC0, 0, 17, 8, 0, 0, 5, 0]], None);
        check(&[&[0xFF, 0xC0, 0, 17, 8, 2]], None);
        check(&[&[0x12], HEADER], None);
        check(&[&[0xFF, 0xE0, 0xFF, 0xFF], HEADER], None);
        check(&[&[0xFF; 9]], None);
    }
}
