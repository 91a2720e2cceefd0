//! Any bytes from a camera that sends pictures, cut in any way (the first byte says how): the same pictures and the same
//! end, each picture as JPEG files are, and no more memory than what has come of one.

use platecast::media::jpeg::{Arrived, Picture, PictureError, PictureFramer};

/// See the file's head.
pub fn check(input: &[u8]) {
    let Some((cut, bytes)) = input.split_first() else { return };
    assert_eq!(read(bytes, usize::from(*cut) + 1), read(bytes, usize::MAX));
}

fn read(bytes: &[u8], cut: usize) -> (Vec<Arrived>, Option<PictureError>) {
    let (mut framer, mut all, mut received) = (PictureFramer::default(), Vec::new(), 0);
    for mut piece in bytes.chunks(cut.min(bytes.len().max(1))) {
        loop {
            let before = piece.len();
            let arrived = framer.next(&mut piece);
            received += before - piece.len();
            assert!(framer.held_bytes() <= 2 * received);
            match arrived {
                Ok(None) => break,
                Ok(Some(Arrived::Header)) => received = 0,
                Ok(Some(arrived)) => {
                    if let Arrived::Picture(Picture { file, size: (width, height) }) = &arrived {
                        assert!(
                            file.starts_with(&[0xFF, 0xD8])
                                && file.ends_with(&[0xFF, 0xD9])
                                && file.len() < bytes.len()
                        );
                        assert!(*width > 0 && *height > 0);
                    }
                    all.push(arrived);
                }
                Err(error) => return (all, Some(error)),
            }
        }
    }
    (all, None)
}
