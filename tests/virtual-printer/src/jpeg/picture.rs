//! The pictures: drawn when they are sent, each with its number.

use super::scene;
use super::writer::{self, Planes};
use std::sync::{Arc, Mutex, PoisonError};

/// The chambers of the sizes in use.
static CHAMBERS: Mutex<Vec<Arc<Planes>>> = Mutex::new(Vec::new());
const CHAMBERS_KEPT: usize = 8;

/// libjpeg's scale. The picture of an A1 is to have 60 KB; that of an A2L 61 KB at first and 170 KB later.
const QUALITY: u8 = 78;
const QUALITY_OF_LARGE: u8 = 83;
const QUALITY_OF_LARGE_AT_FIRST: u8 = 58;

/// What the comment in the file begins with; the number follows.
const COMMENT: &str = "picture ";

/// The picture of this size and number, as a printer would send it in the middle of a stream.
#[must_use]
pub fn draw_picture(width: u16, height: u16, number: u64) -> Vec<u8> {
    draw((width, height), number, false)
}

/// The number that [`draw_picture`] wrote into this file, in a comment. It says nothing of what the file shows.
#[must_use]
pub fn picture_number(jpeg: &[u8]) -> Option<u64> {
    let head = jpeg.get(..64)?;
    let at = head.windows(COMMENT.len()).position(|window| window == COMMENT.as_bytes())? + COMMENT.len();
    let digits: String =
        head[at..].iter().map_while(|byte| byte.is_ascii_digit().then_some(char::from(*byte))).collect();
    digits.parse().ok()
}

pub(super) fn draw((width, height): (u16, u16), number: u64, at_first: bool) -> Vec<u8> {
    let [width, height] = [width, height].map(usize::from);
    let mut planes = Planes::clone(&chamber(width, height));
    scene::draw(&mut planes, number);
    let quality = match (height > 720, at_first) {
        (false, _) => QUALITY,
        (true, false) => QUALITY_OF_LARGE,
        (true, true) => QUALITY_OF_LARGE_AT_FIRST,
    };
    writer::write(&planes, quality, &format!("{COMMENT}{number}"))
}

fn chamber(width: usize, height: usize) -> Arc<Planes> {
    let mut chambers = CHAMBERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = chambers.iter().find(|planes| (planes.width, planes.height) == (width, height)) {
        return Arc::clone(known);
    }
    let new = Arc::new(scene::chamber(width, height));
    chambers.truncate(CHAMBERS_KEPT - 1);
    chambers.insert(0, Arc::clone(&new));
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_the_size_that_printers_have() {
        for number in [1, 60, 119, 65_537] {
            let [small, first, large] =
                [draw((1280, 720), number, false), draw((1920, 1080), number, true), draw((1920, 1080), number, false)];
            let sizes = [&small, &first, &large].map(|picture| picture.len() / 1000);
            assert!((55..=65).contains(&sizes[0]), "{sizes:?}");
            assert!((56..=66).contains(&sizes[1]), "{sizes:?}");
            assert!((163..=177).contains(&sizes[2]), "{sizes:?}");
        }
    }

    #[test]
    fn a_picture_says_its_number() {
        assert_eq!(picture_number(&draw_picture(1280, 720, 4_711)), Some(4711));
        assert_eq!(picture_number(&[0; 100]), None);
        assert_eq!(picture_number(b"picture 1"), None);
    }

    #[test]
    fn a_picture_begins_and_ends_as_a_printers_and_has_no_other_end_in_it() {
        let picture = draw_picture(1280, 720, 255);
        assert!(picture.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0") && picture.ends_with(b"\xFF\xD9"));
        assert_eq!(picture.windows(2).filter(|pair| *pair == [0xFF, 0xD9]).count(), 1);
        assert_eq!(picture.windows(3).filter(|pair| *pair == [0xFF, 0xD8, 0xFF]).count(), 1);
    }
}
