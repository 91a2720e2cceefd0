//! Converts the colours of a video to those of a JPEG file: full range and the matrix of BT.601 (JFIF 1.02). A decoder of
//! JPEG assumes these and has no way to be told otherwise.

use super::Planes;
use std::iter;

/// The levels that black and white have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// 16 to 235, and 16 to 240 for chroma.
    Limited,
    /// 0 to 255.
    Full,
}

/// How the samples of a picture mean colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    range: Range,
    /// The shares of red and blue in luma.
    red: f64,
    blue: f64,
}

/// The shares of red and blue in luma by BT.601.
const JFIF: [f64; 2] = [0.299, 0.114];

/// Fractional bits of the conversion's numbers.
const FRACTION: u32 = 16;
const ONE: f64 = (1 << FRACTION) as f64;

impl Colour {
    /// Reads `matrix_coefficients` (H.264 table E-5). Returns `None` for one that has no luma and chroma in our sense. A
    /// stream that says nothing (2) is taken as BT.601, as ffmpeg does.
    #[must_use]
    pub fn new(range: Range, matrix: u8) -> Option<Self> {
        let [red, blue] = match matrix {
            1 => [0.2126, 0.0722],
            2 | 5 | 6 => JFIF,
            4 => [0.30, 0.11],
            7 => [0.212, 0.087],
            9 => [0.2627, 0.0593],
            _ => return None,
        };
        Some(Self { range, red, blue })
    }

    /// Converts a picture.
    #[must_use]
    pub fn to_jfif(self, mut planes: Planes) -> Planes {
        if self.range == Range::Full && [self.red, self.blue] == JFIF {
            return planes;
        }
        let conversion = Conversion::new(self);
        let width = usize::from(planes.width);
        let chroma_width = planes.chroma_size().0;
        for (row, luma) in planes.y.chunks_mut(width).enumerate() {
            let start = row / 2 * chroma_width;
            let chroma =
                |plane: &'_ [u8]| plane.get(start..start + chroma_width).map(<[u8]>::to_vec).unwrap_or_default();
            let (cb, cr) = (chroma(&planes.cb), chroma(&planes.cr));
            for (pair, (cb, cr)) in luma.chunks_mut(2).zip(iter::zip(cb, cr)) {
                let shift = conversion.shift(cb, cr);
                pair.iter_mut().for_each(|y| *y = conversion.luma(*y, shift));
            }
        }
        for (cb, cr) in iter::zip(&mut planes.cb, &mut planes.cr) {
            (*cb, *cr) = conversion.chroma(*cb, *cr);
        }
        planes
    }
}

/// The conversion as whole numbers with [`FRACTION`] bits behind the point. Grey stays grey, so luma is the old luma and
/// some of the chroma, and chroma is made of chroma alone.
#[derive(Debug)]
struct Conversion {
    /// For each luma sample the new one, with a half added for rounding.
    luma: [i32; 256],
    /// What Cb and Cr add to luma, to Cb, and to Cr.
    to_luma: [i32; 2],
    to_cb: [i32; 2],
    to_cr: [i32; 2],
}

impl Conversion {
    fn new(colour: Colour) -> Self {
        let Colour { range, red, blue } = colour;
        let (black, luma_scale, chroma_scale) = match range {
            Range::Limited => (16, 255.0 / 219.0, 255.0 / 224.0),
            Range::Full => (0, 1.0, 1.0),
        };
        // Red, green and blue that one unit of Cb and of Cr add (H.264 E.2.1, solved for the colours).
        let green = 1.0 - red - blue;
        let of_cb = [0.0, -2.0 * blue * (1.0 - blue) / green, 2.0 * (1.0 - blue)];
        let of_cr = [2.0 * (1.0 - red), -2.0 * red * (1.0 - red) / green, 0.0];
        let [jfif_red, jfif_blue] = JFIF;
        let luma_of = |[r, g, b]: [f64; 3]| jfif_red * r + (1.0 - jfif_red - jfif_blue) * g + jfif_blue * b;
        let cb_of = |colour: [f64; 3]| (colour[2] - luma_of(colour)) / (2.0 * (1.0 - jfif_blue));
        let cr_of = |colour: [f64; 3]| (colour[0] - luma_of(colour)) / (2.0 * (1.0 - jfif_red));
        let fixed = |value: f64| (value * chroma_scale * ONE).round() as i32;
        let mut luma = [0; 256];
        for (level, new) in (0..).zip(&mut luma) {
            *new = (f64::from(level - black) * luma_scale * ONE).round() as i32 + (1 << (FRACTION - 1));
        }
        Self {
            luma,
            to_luma: [of_cb, of_cr].map(|colour| fixed(luma_of(colour))),
            to_cb: [of_cb, of_cr].map(|colour| fixed(cb_of(colour))),
            to_cr: [of_cb, of_cr].map(|colour| fixed(cr_of(colour))),
        }
    }

    /// Returns what the chroma of a place adds to its luma.
    fn shift(&self, cb: u8, cr: u8) -> i32 {
        weigh(self.to_luma, cb, cr)
    }

    fn luma(&self, y: u8, shift: i32) -> u8 {
        to_sample(self.luma.get(usize::from(y)).copied().unwrap_or_default() + shift)
    }

    fn chroma(&self, cb: u8, cr: u8) -> (u8, u8) {
        const MIDDLE: i32 = (128 << FRACTION) + (1 << (FRACTION - 1));
        (to_sample(MIDDLE + weigh(self.to_cb, cb, cr)), to_sample(MIDDLE + weigh(self.to_cr, cb, cr)))
    }
}

fn weigh([of_cb, of_cr]: [i32; 2], cb: u8, cr: u8) -> i32 {
    of_cb * (i32::from(cb) - 128) + of_cr * (i32::from(cr) - 128)
}

fn to_sample(fixed: i32) -> u8 {
    (fixed >> FRACTION).clamp(0, 255) as u8
}
